//! Frames become H.264 that a [`Reel`](super::reel::Reel) can play.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::Planes;
use super::process::Child;
use super::tools::{Tools, file_argument};
use crate::error::{Error, Kind, Result};

/// How long ffmpeg may take for its last frames.
const LAST_PATIENCE: Duration = Duration::from_secs(120);

/// A stream to be written: groups of `group` frames that stand alone, each frame after a delimiter, in the order of time.
pub(crate) struct Recording<'a> {
    /// Replaced if it is there.
    pub path: &'a Path,
    pub group: usize,
    /// x264's constant quantiser.
    pub quantiser: u8,
    pub most: usize,
}

impl Recording<'_> {
    /// What ffmpeg is told of the output. CAVLC without deblocking: twice as fast to decode as what is a sixth smaller.
    pub fn arguments(&self) -> Result<Vec<OsString>> {
        let (group, quantiser, most) = (self.group.to_string(), self.quantiser.to_string(), self.most.to_string());
        let mut args: Vec<OsString> = [
            "-fps_mode", "passthrough", "-frames:v", &most, "-c:v", "libx264", "-preset", "ultrafast", "-qp", &quantiser, "-g", &group,
            "-keyint_min", &group, "-sc_threshold", "0", "-bf", "0", "-aud", "1", "-pix_fmt", "yuv420p", "-threads", "2",
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
pub(crate) struct Recorder {
    child: Child,
}

impl Recorder {
    pub fn start(recording: &Recording, (width, height): (usize, usize), tools: &Tools) -> Result<Self> {
        let mut args: Vec<OsString> = ["-hide_banner", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s"]
            .map(Into::into)
            .into();
        args.extend([format!("{width}x{height}").into(), "-i".into(), "pipe:0".into()]);
        args.extend(recording.arguments()?);
        let megapixels = (width * height) as f64 / 1e6;
        let cpu = Duration::from_secs_f64(120.0 + recording.most as f64 * (0.02 + 0.2 * megapixels));
        let memory = (2 << 30) + (width * height) as u64 * 100;
        Ok(Self {
            child: Child::start(tools.ffmpeg_job(args, memory, cpu)?)?,
        })
    }

    /// Appends one frame of the stream's size.
    pub fn write(&mut self, frame: &Planes) -> Result<()> {
        for plane in [&frame.y, &frame.u, &frame.v] {
            if let Err(e) = self.child.write(plane) {
                // Its own last words say why better than our broken pipe does.
                let exit = self.child.finish(LAST_PATIENCE)?;
                return Err(exit.error(failed().because(e)));
            }
        }
        Ok(())
    }

    /// Ends the stream.
    pub fn finish(mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let exit = self.child.finish_while(LAST_PATIENCE, alive)?;
        if exit.success() { Ok(()) } else { Err(exit.error(failed())) }
    }
}

fn failed() -> Error {
    Error::new(Kind::ToolFailed, "ffmpeg stopped before all frames were stored")
}
