//! Picture parameter sets (clause 7.3.2.2) without slice groups.

use super::bits::{BitReader, BitWriter};
use super::nal::{self, Header, UnitType};
use super::{Result, SyntaxError};

/// What holds for all slices of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pps {
    pub id: u32,
    pub sps_id: u32,
    /// entropy_coding_mode_flag: CABAC, else CAVLC.
    pub cabac: bool,
    pub bottom_field_order_present: bool,
    /// num_ref_idx_l0_default_active and _l1_, 1 to 32.
    pub references: [u32; 2],
    pub weighted_pred: bool,
    pub weighted_bipred_idc: u8,
    /// pic_init_qp, 0 to 51.
    pub init_qp: i32,
    pub init_qs: i32,
    pub chroma_qp_offset: i32,
    pub deblocking_control_present: bool,
    pub constrained_intra_pred: bool,
    pub redundant_pic_cnt_present: bool,
    pub extension: Option<Extension>,
}

/// The fields that High has more than Main.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    pub transform_8x8: bool,
    pub second_chroma_qp_offset: i32,
}

impl Pps {
    /// Reads a unit, header byte first.
    pub fn parse(unit: &[u8]) -> Result<Self> {
        let mut rbsp = Vec::new();
        nal::unescape(unit, &mut rbsp);
        let mut r = BitReader::new(&rbsp);
        if Header::parse(r.bits(8)? as u8)?.unit_type != UnitType::Pps {
            return Err(SyntaxError::Invalid("kind of unit"));
        }
        let id = r.ue_within(255, "pic_parameter_set_id")?;
        let sps_id = r.ue_within(31, "seq_parameter_set_id")?;
        let cabac = r.flag()?;
        let bottom_field_order_present = r.flag()?;
        if r.ue()? != 0 {
            return Err(SyntaxError::Unsupported("slice groups"));
        }
        let mut references = || Ok(1 + r.ue_within(31, "num_ref_idx_default_active")?);
        let references = [references()?, references()?];
        let weighted_pred = r.flag()?;
        let weighted_bipred_idc = r.bits(2)? as u8;
        let init_qp = 26 + r.se_within(-26, 25, "pic_init_qp")?;
        let init_qs = 26 + r.se_within(-26, 25, "pic_init_qs")?;
        let chroma_qp_offset = r.se_within(-12, 12, "chroma_qp_index_offset")?;
        let deblocking_control_present = r.flag()?;
        let constrained_intra_pred = r.flag()?;
        let redundant_pic_cnt_present = r.flag()?;
        let extension = if r.more_data() { Some(Extension::read(&mut r)?) } else { None };
        r.trailing()?;
        Ok(Self {
            id,
            sps_id,
            cabac,
            bottom_field_order_present,
            references,
            weighted_pred,
            weighted_bipred_idc,
            init_qp,
            init_qs,
            chroma_qp_offset,
            deblocking_control_present,
            constrained_intra_pred,
            redundant_pic_cnt_present,
            extension,
        })
    }

    /// The unit's raw bytes, header byte first, without emulation prevention.
    pub fn to_rbsp(self) -> Vec<u8> {
        let mut w = BitWriter::new();
        let header = Header {
            ref_idc: 3,
            unit_type: UnitType::Pps,
        };
        w.bits(8, header.byte().into());
        w.ue(self.id);
        w.ue(self.sps_id);
        w.flag(self.cabac);
        w.flag(self.bottom_field_order_present);
        w.ue(0);
        self.references.iter().for_each(|&n| w.ue(n - 1));
        w.flag(self.weighted_pred);
        w.bits(2, self.weighted_bipred_idc.into());
        w.se(self.init_qp - 26);
        w.se(self.init_qs - 26);
        w.se(self.chroma_qp_offset);
        w.flag(self.deblocking_control_present);
        w.flag(self.constrained_intra_pred);
        w.flag(self.redundant_pic_cnt_present);
        if let Some(extension) = self.extension {
            w.flag(extension.transform_8x8);
            w.flag(false);
            w.se(extension.second_chroma_qp_offset);
        }
        w.trailing();
        w.into_bytes()
    }
}

impl Extension {
    fn read(r: &mut BitReader) -> Result<Self> {
        let transform_8x8 = r.flag()?;
        if r.flag()? {
            return Err(SyntaxError::Unsupported("scaling lists"));
        }
        Ok(Self {
            transform_8x8,
            second_chroma_qp_offset: r.se_within(-12, 12, "second_chroma_qp_index_offset")?,
        })
    }
}
