//! Slice headers (clause 7.3.3) of P, B and I slices, and slices under another header.

use super::bits::{self, BitReader, BitWriter};
use super::nal::{self, Header, UnitType};
use super::pps::Pps;
use super::sps::{PicOrder, Sps};
use super::{Result, SyntaxError};

/// Most entries of a list of reference modifications: one for each reference, and the end.
const MODIFICATIONS: usize = 66;

/// What a slice says before its macroblocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SliceHeader {
    pub nal: Header,
    pub first_mb: u32,
    pub kind: Kind,
    /// slice_type from 5 on: all slices of the picture are of this kind.
    pub alone: bool,
    pub frame_num: u32,
    /// IDR pictures only.
    pub idr_pic_id: u32,
    /// pic_order_cnt_lsb, where pictures have one.
    pub order_lsb: u32,
    /// direct_spatial_mv_pred_flag of B slices.
    pub direct_spatial: bool,
    /// num_ref_idx_l0_active and _l1_, where they are not the picture's; the second counts in B slices.
    pub references: Option<[u32; 2]>,
    /// modification_of_pic_nums_idc and its number, of both lists.
    pub modifications: [Vec<(u32, u32)>; 2],
    /// Of pictures that others refer to.
    pub marking: Marking,
    /// P and B slices with CABAC only.
    pub cabac_init_idc: u32,
    pub qp_delta: i32,
    pub deblocking: Deblocking,
}

/// The kinds of slices that a splice has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    P,
    B,
    I,
}

impl Kind {
    /// Lists of references.
    fn lists(self) -> usize {
        match self {
            Self::P => 1,
            Self::B => 2,
            Self::I => 0,
        }
    }
}

/// dec_ref_pic_marking: of IDR pictures its two flags; of others nothing but "sliding window".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marking {
    pub no_output_of_prior_pics: bool,
    pub long_term_reference: bool,
}

/// How the edges of the slice's macroblocks are filtered; its left and top ones are its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deblocking {
    pub filter: Filter,
    /// slice_alpha_c0_offset_div2 and slice_beta_offset_div2, −6 to 6.
    pub alpha: i32,
    pub beta: i32,
}

/// disable_deblocking_filter_idc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    None,
    /// All but the edges to other slices.
    Inside,
}

impl SliceHeader {
    /// Reads the header of a slice from its unit without emulation prevention, and tells its length in bits.
    pub fn parse(rbsp: &[u8], sps: &Sps, pps: &Pps) -> Result<(Self, usize)> {
        check(sps, pps)?;
        let mut r = BitReader::new(rbsp);
        let nal = Header::parse(r.bits(8)? as u8)?;
        let idr = match nal.unit_type {
            UnitType::Slice => false,
            UnitType::Idr => true,
            _ => return Err(SyntaxError::Invalid("kind of unit")),
        };
        let first_mb = r.ue_within(sps.width * sps.height - 1, "first_mb_in_slice")?;
        let slice_type = r.ue_within(9, "slice_type")?;
        let kind = match slice_type % 5 {
            0 => Kind::P,
            1 => Kind::B,
            2 => Kind::I,
            _ => return Err(SyntaxError::Unsupported("slices other than P, B and I")),
        };
        if r.ue()? != pps.id {
            return Err(SyntaxError::Unsupported("several picture parameter sets"));
        }
        let frame_num = r.bits(sps.log2_max_frame_num)?;
        let idr_pic_id = if idr { r.ue_within(65_535, "idr_pic_id")? } else { 0 };
        let order_lsb = match sps.order {
            PicOrder::Lsb { log2_max } => r.bits(log2_max)?,
            PicOrder::Decoding => 0,
        };
        let direct_spatial = kind == Kind::B && r.flag()?;
        let mut references = None;
        if kind.lists() > 0 && r.flag()? {
            let numbers = references.insert([1; 2]);
            for number in &mut numbers[..kind.lists()] {
                *number = 1 + r.ue_within(31, "num_ref_idx_active")?;
            }
        }
        let mut modifications = [Vec::new(), Vec::new()];
        for list in &mut modifications[..kind.lists()] {
            *list = read_modifications(&mut r)?;
        }
        let marking = match (nal.ref_idc, idr) {
            (0, false) => Marking::default(),
            (0, true) => return Err(SyntaxError::Invalid("nal_ref_idc")),
            (_, true) => Marking {
                no_output_of_prior_pics: r.flag()?,
                long_term_reference: r.flag()?,
            },
            (_, false) if r.flag()? => return Err(SyntaxError::Unsupported("adaptive marking of references")),
            (_, false) => Marking::default(),
        };
        let cabac_init_idc = if pps.cabac && kind != Kind::I {
            r.ue_within(2, "cabac_init_idc")?
        } else {
            0
        };
        let qp_delta = r.se_within(-pps.init_qp, 51 - pps.init_qp, "slice_qp_delta")?;
        let deblocking = if pps.deblocking_control_present {
            Deblocking::read(&mut r)?
        } else {
            Deblocking::default()
        };
        let header = Self {
            nal,
            first_mb,
            kind,
            alone: slice_type >= 5,
            frame_num,
            idr_pic_id,
            order_lsb,
            direct_spatial,
            references,
            modifications,
            marking,
            cabac_init_idc,
            qp_delta,
            deblocking,
        };
        Ok((header, r.position()))
    }

    /// Writes the header byte and the header; what its picture does not have is left out.
    pub fn write(&self, w: &mut BitWriter, sps: &Sps, pps: &Pps) {
        let idr = self.nal.unit_type == UnitType::Idr;
        w.bits(8, self.nal.byte().into());
        w.ue(self.first_mb);
        let kind = match self.kind {
            Kind::P => 0,
            Kind::B => 1,
            Kind::I => 2,
        };
        w.ue(kind + if self.alone { 5 } else { 0 });
        w.ue(pps.id);
        w.bits(sps.log2_max_frame_num, self.frame_num);
        if idr {
            w.ue(self.idr_pic_id);
        }
        if let PicOrder::Lsb { log2_max } = sps.order {
            w.bits(log2_max, self.order_lsb);
        }
        if self.kind == Kind::B {
            w.flag(self.direct_spatial);
        }
        let lists = self.kind.lists();
        if lists > 0 {
            w.flag(self.references.is_some());
        }
        if let Some(numbers) = self.references {
            numbers[..lists].iter().for_each(|n| w.ue(n - 1));
        }
        for list in &self.modifications[..lists] {
            write_modifications(list, w);
        }
        if idr {
            w.flag(self.marking.no_output_of_prior_pics);
            w.flag(self.marking.long_term_reference);
        } else if self.nal.ref_idc > 0 {
            w.flag(false);
        }
        if pps.cabac && self.kind != Kind::I {
            w.ue(self.cabac_init_idc);
        }
        w.se(self.qp_delta);
        if pps.deblocking_control_present {
            self.deblocking.write(w);
        }
    }
}

/// What neither the slices' headers nor their macroblocks are read with.
fn check(sps: &Sps, pps: &Pps) -> Result<()> {
    if pps.sps_id != sps.id {
        return Err(SyntaxError::Unsupported("several sequence parameter sets"));
    }
    // Weights that follow from the pictures' order are not in the header.
    let weighted = pps.weighted_pred || pps.weighted_bipred_idc == 1;
    if pps.bottom_field_order_present || pps.redundant_pic_cnt_present || weighted {
        return Err(SyntaxError::Unsupported("fields, redundant pictures or weighted prediction"));
    }
    Ok(())
}

/// ref_pic_list_modification (clause 7.3.3.1).
fn read_modifications(r: &mut BitReader) -> Result<Vec<(u32, u32)>> {
    let mut modifications = Vec::new();
    if !r.flag()? {
        return Ok(modifications);
    }
    loop {
        match r.ue_within(3, "modification_of_pic_nums_idc")? {
            3 => return Ok(modifications),
            idc if modifications.len() < MODIFICATIONS => modifications.push((idc, r.ue()?)),
            _ => return Err(SyntaxError::Invalid("number of reference modifications")),
        }
    }
}

fn write_modifications(modifications: &[(u32, u32)], w: &mut BitWriter) {
    w.flag(!modifications.is_empty());
    for &(idc, number) in modifications {
        w.ue(idc);
        w.ue(number);
    }
    if !modifications.is_empty() {
        w.ue(3);
    }
}

impl Deblocking {
    fn read(r: &mut BitReader) -> Result<Self> {
        let filter = match r.ue_within(2, "disable_deblocking_filter_idc")? {
            0 => Filter::All,
            1 => Filter::None,
            _ => Filter::Inside,
        };
        let (mut alpha, mut beta) = (0, 0);
        if filter != Filter::None {
            alpha = r.se_within(-6, 6, "slice_alpha_c0_offset")?;
            beta = r.se_within(-6, 6, "slice_beta_offset")?;
        }
        Ok(Self { filter, alpha, beta })
    }

    fn write(self, w: &mut BitWriter) {
        w.ue(match self.filter {
            Filter::All => 0,
            Filter::None => 1,
            Filter::Inside => 2,
        });
        if self.filter != Filter::None {
            w.se(self.alpha);
            w.se(self.beta);
        }
    }
}

/// Appends a slice to a byte stream under another header.
///
/// `rbsp` is the slice without emulation prevention, `length` that of its own header in bits. With CABAC its macroblocks begin at a whole
/// byte (clause 7.3.4) and are copied as they are, with CAVLC they are shifted.
pub fn transplant(rbsp: &[u8], length: usize, header: &SliceHeader, sps: &Sps, pps: &Pps, stream: &mut Vec<u8>) -> Result<()> {
    let mut w = BitWriter::new();
    header.write(&mut w, sps, pps);
    if pps.cabac {
        w.align(true);
        w.append(rbsp.get(length.div_ceil(8)..).ok_or(SyntaxError::Truncated)?);
    } else {
        let last = bits::last_one(rbsp).filter(|&last| last >= length).ok_or(SyntaxError::Truncated)?;
        w.append_bits(rbsp, length, last)?;
        w.trailing();
    }
    nal::append(&w.into_bytes(), stream);
    Ok(())
}
