//! Sequence parameter sets (clauses 7.3.2.1.1 and E.1.1) of progressive 8-bit 4:2:0 video.

use super::bits::{BitReader, BitWriter};
use super::nal::{self, Header, UnitType};
use super::{Result, SyntaxError};

/// Profiles whose parameter sets have the fields of High.
const HIGH: [u8; 4] = [100, 110, 122, 244];

/// What holds for a sequence of pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sps {
    pub profile_idc: u8,
    /// constraint_set0_flag is the highest bit.
    pub constraints: u8,
    /// Ten times the level's number.
    pub level_idc: u8,
    pub id: u32,
    /// 4 to 16.
    pub log2_max_frame_num: u32,
    pub order: PicOrder,
    pub max_num_ref_frames: u32,
    pub gaps_in_frame_num_allowed: bool,
    /// Macroblocks.
    pub width: u32,
    pub height: u32,
    pub direct_8x8_inference: bool,
    pub crop: Option<Crop>,
    pub vui: Option<Vui>,
}

/// pic_order_cnt_type: how pictures tell their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicOrder {
    /// Each slice has the low bits of its picture's place; 4 to 16 of them.
    Lsb { log2_max: u32 },
    /// As they are decoded.
    Decoding,
}

/// What is cut off at each side, in pairs of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crop {
    pub left: u32,
    pub right: u32,
    pub top: u32,
    pub bottom: u32,
}

/// Video usability information (annex E), without hypothetical decoders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vui {
    /// aspect_ratio_idc, and the two numbers that 255 has.
    pub aspect_ratio: Option<(u8, u16, u16)>,
    /// overscan_appropriate_flag.
    pub overscan: Option<bool>,
    pub signal: Option<VideoSignal>,
    /// chroma_sample_loc_type of both fields.
    pub chroma_location: Option<(u32, u32)>,
    pub timing: Option<Timing>,
    pub pic_struct_present: bool,
    pub restriction: Option<Restriction>,
}

/// Range and colours of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoSignal {
    /// video_format; 5 is unspecified.
    pub format: u8,
    pub full_range: bool,
    pub colour: Option<Colour>,
}

impl VideoSignal {
    /// BT.709, limited range.
    pub const BT709: Self = Self {
        format: 5,
        full_range: false,
        colour: Some(Colour {
            primaries: 1,
            transfer: 1,
            matrix: 1,
        }),
    };
}

/// Code points of Rec. ITU-T H.273; 1 is BT.709 in all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    pub primaries: u8,
    pub transfer: u8,
    pub matrix: u8,
}

/// A frame lasts two ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub units_in_tick: u32,
    pub time_scale: u32,
    pub fixed_rate: bool,
}

/// bitstream_restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restriction {
    pub vectors_over_boundaries: bool,
    pub max_bytes_per_pic_denom: u32,
    pub max_bits_per_mb_denom: u32,
    pub log2_max_vector_horizontal: u32,
    pub log2_max_vector_vertical: u32,
    pub max_num_reorder_frames: u32,
    pub max_dec_frame_buffering: u32,
}

impl Sps {
    /// Reads a unit, header byte first.
    pub fn parse(unit: &[u8]) -> Result<Self> {
        let mut rbsp = Vec::new();
        nal::unescape(unit, &mut rbsp);
        let mut r = BitReader::new(&rbsp);
        if Header::parse(r.bits(8)? as u8)?.unit_type != UnitType::Sps {
            return Err(SyntaxError::Invalid("kind of unit"));
        }
        let profile_idc = r.bits(8)? as u8;
        let constraints = r.bits(8)? as u8;
        let level_idc = r.bits(8)? as u8;
        let id = r.ue_within(31, "seq_parameter_set_id")?;
        if HIGH.contains(&profile_idc) {
            read_high(&mut r)?;
        } else if !matches!(profile_idc, 66 | 77 | 88) {
            return Err(SyntaxError::Unsupported("a profile other than Baseline, Main and High"));
        }
        let log2_max_frame_num = 4 + r.ue_within(12, "log2_max_frame_num")?;
        let order = match r.ue()? {
            0 => PicOrder::Lsb {
                log2_max: 4 + r.ue_within(12, "log2_max_pic_order_cnt_lsb")?,
            },
            2 => PicOrder::Decoding,
            1 => return Err(SyntaxError::Unsupported("an order of pictures by expected differences")),
            _ => return Err(SyntaxError::Invalid("pic_order_cnt_type")),
        };
        let max_num_ref_frames = r.ue_within(16, "max_num_ref_frames")?;
        let gaps_in_frame_num_allowed = r.flag()?;
        let width = 1 + r.ue_within(1023, "width")?;
        let height = 1 + r.ue_within(1023, "height")?;
        if !r.flag()? {
            return Err(SyntaxError::Unsupported("interlaced pictures"));
        }
        let direct_8x8_inference = r.flag()?;
        let crop = if r.flag()? { Some(Crop::read(&mut r)?) } else { None };
        let vui = if r.flag()? { Some(Vui::read(&mut r)?) } else { None };
        r.trailing()?;
        Ok(Self {
            profile_idc,
            constraints,
            level_idc,
            id,
            log2_max_frame_num,
            order,
            max_num_ref_frames,
            gaps_in_frame_num_allowed,
            width,
            height,
            direct_8x8_inference,
            crop,
            vui,
        })
    }

    /// The unit's raw bytes, header byte first, without emulation prevention.
    pub fn to_rbsp(&self) -> Vec<u8> {
        let mut w = BitWriter::new();
        let header = Header {
            ref_idc: 3,
            unit_type: UnitType::Sps,
        };
        for byte in [header.byte(), self.profile_idc, self.constraints, self.level_idc] {
            w.bits(8, byte.into());
        }
        w.ue(self.id);
        if HIGH.contains(&self.profile_idc) {
            // 4:2:0, 8 bits, 8 bits, no bypass, no scaling lists.
            w.ue(1);
            w.ue(0);
            w.ue(0);
            w.bits(2, 0);
        }
        w.ue(self.log2_max_frame_num - 4);
        match self.order {
            PicOrder::Lsb { log2_max } => {
                w.ue(0);
                w.ue(log2_max - 4);
            }
            PicOrder::Decoding => w.ue(2),
        }
        w.ue(self.max_num_ref_frames);
        w.flag(self.gaps_in_frame_num_allowed);
        w.ue(self.width - 1);
        w.ue(self.height - 1);
        w.flag(true);
        w.flag(self.direct_8x8_inference);
        w.flag(self.crop.is_some());
        if let Some(Crop { left, right, top, bottom }) = self.crop {
            [left, right, top, bottom].iter().for_each(|&side| w.ue(side));
        }
        w.flag(self.vui.is_some());
        if let Some(vui) = &self.vui {
            vui.write(&mut w);
        }
        w.trailing();
        w.into_bytes()
    }

    /// Whether slices of a sequence with `other` can be part of one with these parameters: all that slices depend on is the same.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let of = |s: &Self| {
            (
                s.profile_idc,
                s.id,
                s.log2_max_frame_num,
                s.order,
                s.max_num_ref_frames,
                s.direct_8x8_inference,
            )
        };
        of(self) == of(other)
    }
}

/// The fields that High has more than Main.
fn read_high(r: &mut BitReader) -> Result<()> {
    if r.ue()? != 1 {
        return Err(SyntaxError::Unsupported("another chroma format than 4:2:0"));
    }
    if (r.ue()?, r.ue()?) != (0, 0) {
        return Err(SyntaxError::Unsupported("more than 8 bits a sample"));
    }
    if r.flag()? {
        return Err(SyntaxError::Unsupported("a lossless mode"));
    }
    if r.flag()? {
        return Err(SyntaxError::Unsupported("scaling lists"));
    }
    Ok(())
}

impl Crop {
    fn read(r: &mut BitReader) -> Result<Self> {
        let mut side = || r.ue_within(1 << 14, "cropping");
        Ok(Self {
            left: side()?,
            right: side()?,
            top: side()?,
            bottom: side()?,
        })
    }
}

impl Vui {
    fn read(r: &mut BitReader) -> Result<Self> {
        const EXTENDED_SAR: u8 = 255;
        let mut vui = Self::default();
        if r.flag()? {
            let idc = r.bits(8)? as u8;
            let sides = if idc == EXTENDED_SAR {
                (r.bits(16)? as u16, r.bits(16)? as u16)
            } else {
                (0, 0)
            };
            vui.aspect_ratio = Some((idc, sides.0, sides.1));
        }
        if r.flag()? {
            vui.overscan = Some(r.flag()?);
        }
        if r.flag()? {
            vui.signal = Some(VideoSignal::read(r)?);
        }
        if r.flag()? {
            let mut field = || r.ue_within(5, "chroma_sample_loc_type");
            vui.chroma_location = Some((field()?, field()?));
        }
        if r.flag()? {
            vui.timing = Some(Timing {
                units_in_tick: r.bits(32)?,
                time_scale: r.bits(32)?,
                fixed_rate: r.flag()?,
            });
        }
        if r.flag()? || r.flag()? {
            return Err(SyntaxError::Unsupported("parameters of hypothetical decoders"));
        }
        vui.pic_struct_present = r.flag()?;
        if r.flag()? {
            vui.restriction = Some(Restriction {
                vectors_over_boundaries: r.flag()?,
                max_bytes_per_pic_denom: r.ue_within(16, "max_bytes_per_pic_denom")?,
                max_bits_per_mb_denom: r.ue_within(16, "max_bits_per_mb_denom")?,
                log2_max_vector_horizontal: r.ue_within(16, "log2_max_mv_length_horizontal")?,
                log2_max_vector_vertical: r.ue_within(16, "log2_max_mv_length_vertical")?,
                max_num_reorder_frames: r.ue_within(16, "max_num_reorder_frames")?,
                max_dec_frame_buffering: r.ue_within(16, "max_dec_frame_buffering")?,
            });
        }
        Ok(vui)
    }

    fn write(&self, w: &mut BitWriter) {
        w.flag(self.aspect_ratio.is_some());
        if let Some((idc, width, height)) = self.aspect_ratio {
            w.bits(8, idc.into());
            if idc == 255 {
                w.bits(16, width.into());
                w.bits(16, height.into());
            }
        }
        w.flag(self.overscan.is_some());
        self.overscan.into_iter().for_each(|appropriate| w.flag(appropriate));
        w.flag(self.signal.is_some());
        if let Some(signal) = self.signal {
            signal.write(w);
        }
        w.flag(self.chroma_location.is_some());
        if let Some((top, bottom)) = self.chroma_location {
            w.ue(top);
            w.ue(bottom);
        }
        w.flag(self.timing.is_some());
        if let Some(timing) = self.timing {
            w.bits(32, timing.units_in_tick);
            w.bits(32, timing.time_scale);
            w.flag(timing.fixed_rate);
        }
        // No hypothetical decoders.
        w.bits(2, 0);
        w.flag(self.pic_struct_present);
        w.flag(self.restriction.is_some());
        if let Some(r) = self.restriction {
            w.flag(r.vectors_over_boundaries);
            let numbers = [
                r.max_bytes_per_pic_denom,
                r.max_bits_per_mb_denom,
                r.log2_max_vector_horizontal,
                r.log2_max_vector_vertical,
                r.max_num_reorder_frames,
                r.max_dec_frame_buffering,
            ];
            numbers.iter().for_each(|&n| w.ue(n));
        }
    }
}

impl VideoSignal {
    fn read(r: &mut BitReader) -> Result<Self> {
        let format = r.bits(3)? as u8;
        let full_range = r.flag()?;
        let colour = if r.flag()? {
            Some(Colour {
                primaries: r.bits(8)? as u8,
                transfer: r.bits(8)? as u8,
                matrix: r.bits(8)? as u8,
            })
        } else {
            None
        };
        Ok(Self {
            format,
            full_range,
            colour,
        })
    }

    fn write(self, w: &mut BitWriter) {
        w.bits(3, self.format.into());
        w.flag(self.full_range);
        w.flag(self.colour.is_some());
        if let Some(colour) = self.colour {
            for code in [colour.primaries, colour.transfer, colour.matrix] {
                w.bits(8, code.into());
            }
        }
    }
}
