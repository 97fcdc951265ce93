//! A video kept aside so that its frames can be had in any order: each is a key frame of its own.
//!
//! Played to and fro, a video is needed backwards too. Decoders only go forwards, and all frames at once do not fit into memory, so
//! they are written once, at the size at which they are needed, to a file that has no name and ends with the process.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::frames::{Feeder, Frames, Take};
use super::partial::write_error;
use super::process::Child;
use super::tools::Tools;
use super::video;
use crate::error::{Error, Kind, Result};

/// What is read of the encoder at once, in bytes.
const BLOCK: usize = 1 << 20;

/// H.264 in which every frame stands alone, and where each begins.
pub(crate) struct Reel {
    file: Arc<File>,
    /// Where each frame begins, and the end of the last.
    marks: Arc<Vec<u64>>,
    size: (usize, usize),
    memory: u64,
    cpu: Duration,
}

impl Reel {
    /// Decodes a video into a file in `folder`.
    pub fn record(take: &Take, folder: &Path, tools: &Tools, alive: &mut dyn FnMut(usize) -> Result<()>) -> Result<Self> {
        let unwritable = |e| write_error(e, "its folder takes no temporary file");
        let mut file = tempfile::tempfile_in(folder).map_err(unwritable)?;
        let mut args = take.input_arguments()?;
        // The loss cannot be seen: some 47 dB.
        args.extend(["-c:v", "libx264", "-preset", "ultrafast", "-qp", "12", "-g", "1", "-bf", "0"].map(Into::into));
        args.extend(["-threads", "2", "-f", "h264", "pipe:1"].map(Into::into));
        let mut child = Child::start(tools.ffmpeg_job(args, 2 * take.memory(), 2 * take.cpu())?)?;
        let mut scan = Scan::default();
        let mut block = vec![0; BLOCK];
        loop {
            let read = child.read_while(&mut block, &mut || alive(scan.marks.len()))?;
            if read == 0 {
                break;
            }
            scan.look(&block[..read]);
            file.write_all(&block[..read]).map_err(unwritable)?;
            alive(scan.marks.len())?;
        }
        let exit = child.finish(Duration::from_secs(60))?;
        if !exit.success() || scan.marks.is_empty() {
            return Err(exit.error(video::unreadable("is damaged and cannot be decoded to its end")));
        }
        scan.marks.push(scan.length);
        Ok(Self {
            file: Arc::new(file),
            marks: Arc::new(scan.marks),
            size: (take.crop.width, take.crop.height),
            memory: take.memory(),
            cpu: take.cpu(),
        })
    }

    pub fn frames(&self) -> usize {
        self.marks.len() - 1
    }

    /// Plays frames in any order; `order` ends or goes on for ever.
    pub fn play(&self, order: impl Iterator<Item = usize> + Send + 'static, seconds: f64, tools: &Tools) -> Result<Frames> {
        let mut args: Vec<OsString> = ["-hide_banner", "-v", "error", "-threads", "2", "-f", "h264", "-i", "pipe:0"]
            .map(Into::into)
            .into();
        args.extend(["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1"].map(Into::into));
        let cpu = self.cpu + Duration::from_secs_f64(seconds * 20.0);
        let mut child = Child::start(tools.ffmpeg_job(args, self.memory, cpu)?)?;
        let mut input = child
            .take_input()
            .ok_or_else(|| Error::new(Kind::Internal, "a program was started without an input"))?;
        let (file, marks) = (Arc::clone(&self.file), Arc::clone(&self.marks));
        let feeder = Feeder::start(move || {
            let mut frame = Vec::new();
            for index in order {
                frame.resize((marks[index + 1] - marks[index]) as usize, 0);
                // Whoever reads the frames will miss what could not be read or written.
                if file.read_exact_at(&mut frame, marks[index]).is_err() || input.write_all(&frame).is_err() {
                    return;
                }
            }
        });
        Ok(Frames::fed(child, feeder, self.size))
    }
}

/// Finds where frames begin: at the parameters that stand before each.
#[derive(Default)]
struct Scan {
    marks: Vec<u64>,
    length: u64,
    /// Zeros before the next byte, and whether a start code is complete.
    zeros: u32,
    begun: bool,
}

impl Scan {
    fn look(&mut self, bytes: &[u8]) {
        /// A sequence parameter set.
        const PARAMETERS: u8 = 7;
        for &byte in bytes {
            if self.begun && byte & 0x1f == PARAMETERS {
                // A start code is three bytes, and a fourth zero before it belongs to it.
                self.marks.push((self.length - 3).saturating_sub(u64::from(self.zeros > 2)));
            }
            self.begun = byte == 1 && self.zeros >= 2;
            if !self.begun {
                self.zeros = if byte == 0 { self.zeros + 1 } else { 0 };
            }
            self.length += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_begin_at_their_parameters_wherever_blocks_end() {
        let stream = [
            0, 0, 0, 1, 0x67, 9, 9, 0, 0, 0, 1, 0x68, 9, 0, 0, 1, 0x65, 7, 0, 0, 3, 1, 0, 0, 1, 0x67, 5, 0, 0, 1, 0x65, 0, 0,
        ];
        for cut in 0..stream.len() {
            let mut scan = Scan::default();
            scan.look(&stream[..cut]);
            scan.look(&stream[cut..]);
            assert_eq!((scan.marks.as_slice(), scan.length), (&[0, 22][..], stream.len() as u64));
        }
    }
}
