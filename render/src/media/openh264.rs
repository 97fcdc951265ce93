//! The encoder of the OpenH264 library (Cisco, BSD-2-Clause), for where ffmpeg has no x264: one picture in, its slices out.
//!
//! Everything that would make a picture depend on more than the pictures before it, or leave one out, is off: rate control, scene changes,
//! backgrounds, skipped frames, denoising. Its threads each have a slice of their own, so that their number changes no byte.

#![expect(unsafe_code, reason = "the library has a C interface; each call says why it is sound")]

mod inlet;

use std::ffi::{c_int, c_uint, c_void};
use std::ptr::NonNull;

use openh264_sys2 as sys;

use super::Planes;
use crate::error::{Error, Kind, Result};

pub(crate) use inlet::{Inlet, Outlet, fill, inlet};

/// Pixels of a macroblock's side.
pub(crate) const BLOCK: usize = 16;

/// Macroblocks of a picture, 4096 × 2304 pixels: all that level 5.2 has.
pub(crate) const MOST_BLOCKS: usize = 36_864;

/// Slices of a picture.
const MOST_SLICES: usize = 35;

/// A picture of no more macroblocks is always one slice.
const ONE_SLICE: usize = 48;

/// Whether it cuts a picture of so many macroblocks into so many slices.
pub(crate) fn can_cut(blocks: usize, slices: usize) -> bool {
    slices == 1 || (slices <= MOST_SLICES && blocks > ONE_SLICE)
}

/// Pixels by which its vectors may go either way: 64 where a search begins, one that the search goes on, and the fraction.
pub(crate) const REACH: u32 = 66;

/// How a sequence of pictures is encoded.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Pixels of a picture; whole macroblocks.
    pub size: (usize, usize),
    /// Macroblocks of each slice; the last has what is left.
    pub slice: usize,
    /// Pictures from one key frame to the next; none: only the first is one.
    pub group: Option<u32>,
    /// Of the first picture, until another is set; 0 to 51.
    pub quantiser: u8,
    /// CABAC, in profile High; else CAVLC.
    pub cabac: bool,
    /// Whether edges between blocks are filtered.
    pub filter: bool,
    pub threads: u16,
}

/// An encoder that has been started.
pub(crate) struct Encoder {
    /// Made by the library and not yet handed back to it.
    raw: NonNull<sys::ISVCEncoder>,
    params: Box<sys::SEncParamExt>,
    output: Box<sys::SFrameBSInfo>,
}

impl Encoder {
    pub fn new(settings: &Settings) -> Result<Self> {
        let (width, height) = settings.size;
        let blocks = (width / BLOCK) * (height / BLOCK);
        let whole = width.is_multiple_of(BLOCK) && height.is_multiple_of(BLOCK);
        let slices = blocks.div_ceil(settings.slice.max(1));
        if !whole || !(1..=MOST_BLOCKS).contains(&blocks) || !can_cut(blocks, slices) {
            return Err(Error::new(
                Kind::ToolMissing,
                format!("OpenH264 cannot encode pictures of {width}×{height} pixels; use an ffmpeg that has libx264"),
            ));
        }
        let mut raw = std::ptr::null_mut();
        // SAFETY: it writes a pointer to the place that it is given, which lives as long as the call.
        let status = unsafe { sys::source::APILoader::WelsCreateSVCEncoder(&mut raw) };
        let raw = NonNull::new(raw).filter(|_| status == 0).ok_or_else(|| failed("begin", status))?;
        let mut encoder = Self {
            raw,
            params: Box::default(),
            output: Box::default(),
        };
        encoder.start(settings, slices)?;
        Ok(encoder)
    }

    fn start(&mut self, settings: &Settings, slices: usize) -> Result<()> {
        let mut silence: c_int = 0;
        self.set(sys::ENCODER_OPTION_TRACE_LEVEL, (&raw mut silence).cast())?;
        let defaults = self.table().GetDefaultParams.ok_or_else(|| failed("begin", 0))?;
        // SAFETY: the encoder is ours, and the structure is a whole one for it to fill.
        let status = unsafe { defaults(self.raw.as_ptr(), &mut *self.params) };
        check("begin", status)?;
        let (width, height) = (settings.size.0 as c_int, settings.size.1 as c_int);
        let blocks = (settings.size.0 / BLOCK) * (settings.size.1 / BLOCK);
        let params = &mut *self.params;
        params.iUsageType = sys::CAMERA_VIDEO_REAL_TIME;
        (params.iPicWidth, params.iPicHeight) = (width, height);
        // All that it does with rates is to find levels.
        params.fMaxFrameRate = 30.0;
        params.iRCMode = sys::RC_OFF_MODE;
        params.uiIntraPeriod = settings.group.unwrap_or(0);
        params.iNumRefFrame = 1;
        params.eSpsPpsIdStrategy = sys::CONSTANT_ID;
        params.iEntropyCodingModeFlag = c_int::from(settings.cabac);
        params.iComplexityMode = sys::MEDIUM_COMPLEXITY;
        params.iMultipleThreadIdc = settings.threads;
        params.iLoopFilterDisableIdc = c_int::from(!settings.filter);
        params.bUseLoadBalancing = false;
        params.bEnableFrameSkip = false;
        params.bEnableLongTermReference = false;
        params.bEnableDenoise = false;
        params.bEnableBackgroundDetection = false;
        params.bEnableAdaptiveQuant = false;
        params.bEnableSceneChangeDetect = false;
        let layer = &mut params.sSpatialLayers[0];
        (layer.iVideoWidth, layer.iVideoHeight) = (width, height);
        layer.fFrameRate = 30.0;
        layer.iDLayerQp = c_int::from(settings.quantiser);
        // The highest, whatever the size: a flag of the parameter set (direct_8x8_inference) depends on it, and all parts must have the same.
        layer.uiLevelIdc = sys::LEVEL_5_2;
        layer.uiProfileIdc = if settings.cabac { sys::PRO_HIGH } else { sys::PRO_BASELINE };
        if slices > 1 {
            let argument = &mut layer.sSliceArgument;
            argument.uiSliceMode = sys::SM_RASTER_SLICE;
            argument.uiSliceNum = slices as c_uint;
            for (index, count) in argument.uiSliceMbNum.iter_mut().take(slices).enumerate() {
                *count = settings.slice.min(blocks - index * settings.slice) as c_uint;
            }
        }
        let begin = self.table().InitializeExt.ok_or_else(|| failed("begin", 0))?;
        // SAFETY: the encoder is ours; it copies the parameters, which it filled itself before we changed some.
        let status = unsafe { begin(self.raw.as_ptr(), &*self.params) };
        check("begin", status)
    }

    /// Sets the quantiser of the pictures to come, 0 to 51.
    pub fn quantise(&mut self, quantiser: u8) -> Result<()> {
        self.params.sSpatialLayers[0].iDLayerQp = c_int::from(quantiser);
        let params: *mut sys::SEncParamExt = &mut *self.params;
        self.set(sys::ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, params.cast())
    }

    /// Encodes a picture; `take` gets each of its units without start codes, parameter sets before the slices of key frames.
    pub fn encode(&mut self, picture: &Planes, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Planes { width, height, y, u, v } = picture;
        let (sides, chroma) = ((*width as c_int, *height as c_int), width / 2 * (height / 2));
        if sides != (self.params.iPicWidth, self.params.iPicHeight) || y.len() < width * height || u.len().min(v.len()) < chroma {
            return Err(Error::new(Kind::Internal, "OpenH264 was given a picture of another size"));
        }
        let plane = |plane: &Vec<u8>| plane.as_ptr().cast_mut();
        let source = sys::SSourcePicture {
            iColorFormat: sys::videoFormatI420,
            iStride: [sides.0, sides.0 / 2, sides.0 / 2, 0],
            pData: [plane(y), plane(u), plane(v), std::ptr::null_mut()],
            iPicWidth: sides.0,
            iPicHeight: sides.1,
            ..sys::SSourcePicture::default()
        };
        let encode = self.table().EncodeFrame.ok_or_else(|| failed("encode", 0))?;
        // SAFETY: the encoder is ours and has been started; it reads planes of the size that it was started with, which was checked above,
        // writes none of them, and keeps no pointer to them.
        let status = unsafe { encode(self.raw.as_ptr(), &source, &mut *self.output) };
        check("encode", status)?;
        if self.output.eFrameType == sys::videoFrameTypeSkip {
            return Err(Error::new(Kind::ToolFailed, "OpenH264 left a picture out"));
        }
        let layers = usize::try_from(self.output.iLayerNum).unwrap_or_default();
        for layer in self.output.sLayerInfo.iter().take(layers) {
            let count = usize::try_from(layer.iNalCount).unwrap_or_default();
            let mut at = 0;
            for index in 0..count {
                // SAFETY: of each layer it tells as many lengths as units, and their bytes lie behind each other; both stay as they are until the
                // next call, for which `self` has to be borrowed again.
                let unit = unsafe {
                    let length = usize::try_from(*layer.pNalLengthInByte.add(index)).unwrap_or_default();
                    let unit = std::slice::from_raw_parts(layer.pBsBuf.add(at), length);
                    at += length;
                    unit
                };
                take(bare(unit))?;
            }
        }
        Ok(())
    }

    fn set(&mut self, option: sys::ENCODER_OPTION, value: *mut c_void) -> Result<()> {
        let set = self.table().SetOption.ok_or_else(|| failed("begin", 0))?;
        // SAFETY: the encoder is ours, and both callers give a value of the type that the option has, which it copies.
        let status = unsafe { set(self.raw.as_ptr(), option, value) };
        check("begin", status)
    }

    fn table(&self) -> &sys::ISVCEncoderVtbl {
        // SAFETY: an object of the library begins with a pointer to its table, which lives as long as the program.
        unsafe { &**self.raw.as_ref() }
    }
}

// SAFETY: it has no thread of its own between calls and keeps nothing that belongs to one; only one thread at a time has it.
unsafe impl Send for Encoder {}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: it came from the library and is handed back once; nothing uses it after this. That ends it too.
        unsafe { sys::source::APILoader::WelsDestroySVCEncoder(self.raw.as_ptr()) }
    }
}

/// A unit without its start code.
fn bare(unit: &[u8]) -> &[u8] {
    let code = unit.iter().position(|b| *b == 1).map_or(0, |one| one + 1);
    &unit[code..]
}

fn check(what: &str, status: c_int) -> Result<()> {
    if status == 0 { Ok(()) } else { Err(failed(what, status)) }
}

fn failed(what: &str, status: c_int) -> Error {
    Error::new(Kind::ToolFailed, format!("OpenH264 could not {what}")).because(format!("status {status}"))
}
