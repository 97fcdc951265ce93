//! How each part is encoded: by x264 in an ffmpeg child, or by OpenH264 beside us, in such a way that slices of different parts fit together.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::feed::{Encoder, Feed};
use super::layout::{Layout, Part};
use super::picture::{Parameters, PartReader, Slices};
use super::{openh264, x264};
use crate::error::{Error, Kind, Result};
use crate::h264::{self, AnnexB};
use crate::media::tools::{H264Encoder, Tools};
use crate::media::{Planes, Quality, process};
use crate::scene::Fps;

/// Pictures that may wait to be put together, per part.
pub const AHEAD: usize = 4;

/// How long an encoder may take for its last frames.
pub const LAST_PATIENCE: Duration = Duration::from_secs(60);

/// A picture of a part, with what its stream says of itself.
pub type Picture = Result<(Slices, Arc<Parameters>)>;

/// What every part of a video is encoded with.
pub struct Coding<'a> {
    pub layout: &'a Layout,
    pub encoder: H264Encoder,
    /// Pixels of the whole picture.
    pub size: (usize, usize),
    pub fps: Fps,
    pub gop: usize,
    pub frames: usize,
    pub quality: Quality,
    pub tools: &'a Tools,
    /// Of this machine. How many there are changes no byte: threads each have a frame, and what they wait for lies further away than vectors
    /// reach.
    pub cores: usize,
    /// CABAC, else CAVLC.
    pub cabac: bool,
}

impl Coding<'_> {
    /// Starts encoding part `index`, in which something moves: where its frames go, and where its pictures come from.
    pub fn live(&self, index: usize, part: Part) -> Result<(Feed, Receiver<Picture>)> {
        let region = part.region(self.size);
        let (encoder, pictures) = match self.encoder {
            H264Encoder::X264 => {
                let (child, pictures) = x264::live(self, index, part)?;
                (Encoder::child(child, region, self.size.0), pictures)
            }
            H264Encoder::OpenH264 => {
                let (inlet, pictures) = openh264::live(self, index, part)?;
                (Encoder::Beside(inlet), pictures)
            }
        };
        Ok((Feed { encoder, region }, pictures))
    }

    /// What encodes a part that stands still: a single picture.
    pub fn still(&self, part: Part) -> Result<Still> {
        let how = match self.encoder {
            H264Encoder::X264 => How::Child(self.still_job(part)?),
            H264Encoder::OpenH264 => How::Beside(openh264::still(self, part)),
        };
        Ok(Still { part, how })
    }

    /// The quantiser of what changes, a constant one: a rate factor spends five times the bits on a still scene for 5 dB that nobody sees, and
    /// what it does depends on all that came before.
    pub fn quantiser(&self) -> u8 {
        match self.quality {
            Quality::Draft => 24,
            Quality::Standard => 21,
            Quality::High => 18,
        }
    }
}

/// What will encode a part that stands still.
pub struct Still {
    part: Part,
    how: How,
}

enum How {
    Child(process::Job),
    Beside(openh264::Settings),
}

impl Still {
    /// Its picture, from its pixels; `alive` is asked again and again whether to go on.
    pub fn encode(self, pixels: &Planes, alive: &mut dyn FnMut() -> Result<()>) -> Picture {
        match self.how {
            How::Child(job) => x264::still(self.part, job, pixels, alive),
            How::Beside(settings) => openh264::picture(self.part, &settings, pixels),
        }
    }
}

/// The pictures in the stream of a part.
pub struct Pictures {
    cutter: AnnexB,
    reader: PartReader,
    parameters: Option<Arc<Parameters>>,
}

impl Pictures {
    /// Of a stream that x264 makes.
    pub fn new(part: Part) -> Self {
        Self {
            cutter: AnnexB::new(),
            reader: PartReader::new(part, true),
            parameters: None,
        }
    }

    /// Of a stream that comes as whole units from OpenH264.
    pub fn whole(part: Part) -> Self {
        Self {
            reader: PartReader::new(part, false),
            ..Self::new(part)
        }
    }

    pub fn take(&mut self, bytes: &[u8]) -> h264::Result<Vec<(Slices, Arc<Parameters>)>> {
        let mut units = Vec::new();
        self.cutter.push(bytes, &mut |unit| units.push(unit.to_vec()))?;
        self.read(&units)
    }

    pub fn finish(mut self) -> h264::Result<Vec<(Slices, Arc<Parameters>)>> {
        let mut units = Vec::new();
        std::mem::take(&mut self.cutter).finish(&mut |unit| units.push(unit.to_vec()));
        self.read(&units)
    }

    fn read(&mut self, units: &[Vec<u8>]) -> h264::Result<Vec<(Slices, Arc<Parameters>)>> {
        let pictures = units.iter().filter_map(|unit| self.unit(unit).transpose());
        pictures.collect()
    }

    /// Takes one unit; gives a picture when that was its last slice.
    pub fn unit(&mut self, unit: &[u8]) -> h264::Result<Option<(Slices, Arc<Parameters>)>> {
        let Some(slices) = self.reader.take(unit)? else { return Ok(None) };
        let parameters = match &self.parameters {
            Some(known) => Arc::clone(known),
            None => Arc::new(self.reader.parameters().ok_or(h264::SyntaxError::Truncated)?),
        };
        self.parameters = Some(Arc::clone(&parameters));
        Ok(Some((slices, parameters)))
    }
}

pub fn unusable(e: h264::SyntaxError) -> Error {
    Error::new(Kind::ToolFailed, format!("the encoder makes a stream that cannot be used: {e}")).because(e)
}

pub fn internal(what: &str) -> Error {
    Error::new(Kind::Internal, what)
}
