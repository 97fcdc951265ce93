//! Frames become H.264 that a [`Reel`](super::reel::Reel) can play.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use super::openh264::{BLOCK, Encoder, Inlet, Outlet, Settings, inlet};
use super::process::Child;
use super::tools::{H264Encoder, Tools, file_argument};
use super::{Planes, write_error};
use crate::driver::Region;
use crate::error::{Error, Kind, Result};
use crate::h264::{self, Crop, Sps, UnitType, VideoSignal, Vui};
use crate::progress;

/// What begins a unit in a stream of bytes.
const START: [u8; 4] = [0, 0, 0, 1];

/// How long ffmpeg may take for its last frames.
const LAST_PATIENCE: Duration = Duration::from_secs(120);

/// A stream to be written: groups of `group` frames that stand alone, each frame after a delimiter, in the order of time.
pub(crate) struct Recording<'a> {
    /// Replaced if it is there.
    pub path: &'a Path,
    pub group: usize,
    /// The encoder's constant quantiser.
    pub quantiser: u8,
    pub most: usize,
}

impl Recording<'_> {
    /// What an ffmpeg that has x264 is told of the output. CAVLC without deblocking: twice as fast to decode as what is a sixth smaller.
    pub fn arguments(&self) -> Result<Vec<OsString>> {
        let (group, quantiser, most) = (self.group.to_string(), self.quantiser.to_string(), self.most.to_string());
        let mut args: Vec<OsString> = [
            "-fps_mode",
            "passthrough",
            "-frames:v",
            &most,
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-qp",
            &quantiser,
            "-g",
            &group,
            "-keyint_min",
            &group,
            "-sc_threshold",
            "0",
            "-bf",
            "0",
            "-aud",
            "1",
            "-pix_fmt",
            "yuv420p",
            "-threads",
            "2",
        ]
        .map(Into::into)
        .into();
        let tags = ["-colorspace", "-color_primaries", "-color_trc"];
        args.extend(tags.into_iter().flat_map(|tag| [tag, "bt709"]).map(OsString::from));
        args.extend(["-color_range", "tv", "-f", "h264"].map(Into::into));
        args.push(file_argument(self.path)?);
        Ok(args)
    }
}

/// A stream that is written frame by frame.
pub(crate) enum Recorder {
    Child(Child),
    /// OpenH264, on a thread of its own, where ffmpeg has no x264.
    Beside(Beside),
}

/// The side of the thread's frames.
pub(crate) struct Beside {
    inlet: Inlet,
    outcome: Receiver<Result<()>>,
}

impl Recorder {
    pub fn start(recording: &Recording, size: (usize, usize), tools: &Tools) -> Result<Self> {
        match tools.h264()? {
            H264Encoder::X264 => recording.child(size, tools).map(Self::Child),
            H264Encoder::OpenH264 => recording.beside(size).map(Self::Beside),
        }
    }

    /// Appends one frame of the stream's size.
    pub fn write(&mut self, frame: &Planes) -> Result<()> {
        match self {
            Self::Child(child) => {
                if let Err(e) = child.write_all(&[&frame.y, &frame.u, &frame.v]) {
                    // Its own last words say why better than our broken pipe does.
                    let exit = child.finish(LAST_PATIENCE)?;
                    return Err(exit.error(failed().because(e)));
                }
                Ok(())
            }
            Self::Beside(Beside { inlet, outcome }) => {
                let whole = Region {
                    x: 0,
                    y: 0,
                    width: frame.width,
                    height: frame.height,
                };
                if inlet.write(frame, whole) {
                    return Ok(());
                }
                Err(match outcome.recv() {
                    Ok(Err(e)) => e,
                    _ => failed(),
                })
            }
        }
    }

    /// Ends the stream.
    pub fn finish(self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        match self {
            Self::Child(mut child) => {
                let exit = child.finish_while(LAST_PATIENCE, alive)?;
                if exit.success() { Ok(()) } else { Err(exit.error(failed())) }
            }
            Self::Beside(Beside { mut inlet, outcome }) => {
                inlet.end();
                progress::wait(&outcome, alive)?
            }
        }
    }
}

impl Recording<'_> {
    fn child(&self, (width, height): (usize, usize), tools: &Tools) -> Result<Child> {
        let mut args: Vec<OsString> = ["-hide_banner", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s"]
            .map(Into::into)
            .into();
        args.extend([format!("{width}x{height}").into(), "-i".into(), "pipe:0".into()]);
        args.extend(self.arguments()?);
        let megapixels = (width * height) as f64 / 1e6;
        let cpu = Duration::from_secs_f64(120.0 + self.most as f64 * (0.02 + 0.2 * megapixels));
        let memory = (2 << 30) + (width * height) as u64 * 100;
        Child::start(tools.ffmpeg_job(args, memory, cpu)?)
    }

    fn beside(&self, size: (usize, usize)) -> Result<Beside> {
        let whole = |side: usize| side.next_multiple_of(BLOCK);
        let (width, height) = (whole(size.0), whole(size.1));
        let settings = Settings {
            size: (width, height),
            slice: width / BLOCK * (height / BLOCK),
            group: u32::try_from(self.group).ok(),
            quantiser: self.quantiser,
            cabac: false,
            filter: false,
            threads: 1,
        };
        let encoder = Encoder::new(&settings)?;
        let file = File::create(self.path).map_err(|e| write_error(e, "its frames cannot be stored"))?;
        let (inlet, frames) = inlet((width, height));
        let (tell, outcome) = sync_channel(1);
        std::thread::Builder::new()
            .name("record".into())
            // Nobody listens if the work is over.
            .spawn(move || drop(tell.send(record(encoder, size, &frames, file))))
            .map_err(|e| Error::new(Kind::Internal, "a thread could not be started").because(e))?;
        Ok(Beside { inlet, outcome })
    }
}

/// Encodes pictures of which the first `size` pixels count, until no more come.
fn record(mut encoder: Encoder, size: (usize, usize), frames: &Outlet, file: File) -> Result<()> {
    let unwritten = |e| write_error(e, "its frames cannot be stored");
    let mut file = BufWriter::new(file);
    let mut units: Vec<u8> = Vec::new();
    while let Some(frame) = frames.next() {
        units.clear();
        let mut key = false;
        encoder.encode(&frame, &mut |unit| {
            match UnitType::from(unit.first().copied().unwrap_or_default()) {
                UnitType::Sps => h264::nal::append(&shown(unit, size)?.to_rbsp(), &mut units),
                kind => {
                    key |= kind == UnitType::Idr;
                    units.extend_from_slice(&START);
                    units.extend_from_slice(unit);
                }
            }
            Ok(())
        })?;
        // primary_pic_type (clause 7.4.2.4): slices of I alone, or of P too.
        let delimiter = [9, if key { 0x10 } else { 0x30 }];
        for bytes in [&START[..], &delimiter, &units] {
            file.write_all(bytes).map_err(unwritten)?;
        }
        frames.give_back(frame);
    }
    file.flush().map_err(unwritten)
}

/// A parameter set of pictures of which only so many pixels are shown, in BT.709.
fn shown(unit: &[u8], (width, height): (usize, usize)) -> Result<Sps> {
    let sps = Sps::parse(unit).map_err(|e| failed().because(e))?;
    let beyond = |blocks: u32, pixels: usize| (blocks as usize * BLOCK - pixels) as u32 / 2;
    let (right, bottom) = (beyond(sps.width, width), beyond(sps.height, height));
    let crop = Crop {
        right,
        bottom,
        ..Crop::default()
    };
    let vui = Vui {
        signal: Some(VideoSignal::BT709),
        ..sps.vui.clone().unwrap_or_default()
    };
    Ok(Sps {
        crop: (right + bottom > 0).then_some(crop),
        vui: Some(vui),
        ..sps
    })
}

fn failed() -> Error {
    Error::new(Kind::ToolFailed, "the encoder stopped before all frames were stored")
}
