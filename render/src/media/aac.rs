//! A recording becomes AAC, by an ffmpeg child that decodes, mixes and encodes it. It runs ahead: what it makes waits in a file without a name,
//! so that the child and its memory are gone long before the last picture is drawn.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::process::{Child, Stopper};
use super::samples::MAX_ERROR_RATE;
use super::sound::{self, MAX_ALLOC, SoundFacts};
use super::tools::{SMALL_MEMORY, Tools};
use super::write_error;
use crate::error::{Error, Kind, Result};
use crate::scene::Fps;

/// Samples per second of the sound track.
pub(super) const RATE: u32 = 48_000;

/// Samples that the encoder puts before the first.
pub(super) const PRIMING: u64 = 1024;

/// Bytes that are read at once: about a second.
const CHUNK: usize = 16 << 10;

/// Samples of silence that follow those that are wanted: the encoder looks so far ahead, or less, so that what it makes of these does not depend
/// on where it ends.
const LOOKAHEAD: u64 = 4096;

/// How long ffmpeg may take to end when it has given all.
const LAST_PATIENCE: Duration = Duration::from_secs(60);

/// How long nobody is asked whether to go on.
const BEAT: Duration = Duration::from_millis(100);

/// What to encode.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub recording: &'a Path,
    pub facts: &'a SoundFacts,
    pub length: Length,
    pub tools: &'a Tools,
}

/// How much of it. What is made is the same as far as both reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// The recording is cut, or filled with silence, to so many samples, or some more.
    Samples(u64),
    /// All of it, filled with silence until a frame that began in it has ended, or longer.
    All(Fps),
}

/// Sound being encoded. Dropping it ends the child.
pub(crate) struct Encoding {
    stream: File,
    /// Bytes that are in it, as far as we heard.
    there: u64,
    /// Bytes of it that were read.
    at: u64,
    news: Receiver<Result<u64>>,
    over: bool,
    buffer: Vec<u8>,
    used: usize,
    channels: u8,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Length {
    /// As long as so many frames.
    pub fn frames(fps: Fps, frames: usize) -> Self {
        Self::Samples(fps.samples(frames, RATE))
    }
}

impl Wanted<'_> {
    fn channels(&self) -> u8 {
        if self.facts.channels >= 2 { 2 } else { 1 }
    }

    /// Starts to encode; what is made lies in `folder`.
    pub fn start(&self, folder: &Path) -> Result<Encoding> {
        let unwritable = |e| write_error(e, "its folder takes no temporary file");
        let file = tempfile::tempfile_in(folder).map_err(unwritable)?;
        let stream = file.try_clone().map_err(unwritable)?;
        // Decoding and encoding an hour take a minute.
        let told = match self.length {
            Length::Samples(samples) => samples as f64 / f64::from(RATE),
            Length::All(_) => 0.0,
        };
        let seconds = told + self.facts.seconds.unwrap_or(0.0);
        let cpu = Duration::from_secs_f64(300.0 + seconds.min(100_000.0));
        let mut child = Child::start(self.tools.ffmpeg_job(self.arguments()?, SMALL_MEMORY, cpu)?)?;
        drop(child.take_input());
        let stopper = child.stopper();
        let (tell, news) = channel();
        let thread = std::thread::Builder::new()
            .name("sound".into())
            .spawn(move || {
                if let Err(e) = collect(child, file, &tell) {
                    // Nobody listens if the render is over.
                    let _ = tell.send(Err(e));
                }
            })
            .map_err(|e| Error::new(Kind::Internal, "a thread could not be started").because(e))?;
        Ok(Encoding {
            stream,
            there: 0,
            at: 0,
            news,
            over: false,
            buffer: Vec::with_capacity(CHUNK),
            used: 0,
            channels: self.channels(),
            stopper,
            thread: Some(thread),
        })
    }

    fn arguments(&self) -> Result<Vec<OsString>> {
        let (filter, rate) = (self.filter(), RATE.to_string());
        let bitrate = if self.channels() == 2 { "160k" } else { "96k" };
        let mut args: Vec<OsString> = ["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", MAX_ALLOC]
            .map(Into::into)
            .into();
        args.extend(["-max_error_rate", MAX_ERROR_RATE, "-threads", "1"].map(Into::into));
        args.extend(sound::input_arguments(self.recording, self.facts.container)?);
        args.extend(["-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn"].map(Into::into));
        args.extend(["-af", &filter, "-c:a", "aac", "-ar", &rate, "-b:a", bitrate].map(Into::into));
        args.extend(["-f", "adts", "pipe:1"].map(Into::into));
        Ok(args)
    }

    /// Sound from the first sample on, whatever times the file gives it.
    fn filter(&self) -> String {
        let mix = self.facts.mix_filter(RATE, self.channels() == 2);
        let length = match self.length {
            Length::Samples(samples) => {
                let end = samples + LOOKAHEAD;
                format!("apad=whole_len={end},atrim=end_sample={end}")
            }
            Length::All(fps) => {
                // Two: samples are counted at another rate where frames are counted.
                let more = fps.samples(2, RATE) + LOOKAHEAD;
                format!("apad=pad_len={more}")
            }
        };
        format!("{mix},asetpts=N/SR/TB,{length}")
    }
}

/// Brings what the child makes into the file, tells how much is there, and last how the child ended.
fn collect(mut child: Child, mut file: File, tell: &Sender<Result<u64>>) -> Result<()> {
    let (mut chunk, mut there) = (vec![0; CHUNK], 0);
    loop {
        // It ends where the child is stopped.
        let read = child.read_while(&mut chunk, &mut || Ok(()))?;
        if read == 0 {
            break;
        }
        file.write_all(&chunk[..read])
            .map_err(|e| write_error(e, "its folder takes no temporary file"))?;
        there += read as u64;
        if tell.send(Ok(there)).is_err() {
            return Ok(());
        }
    }
    let exit = child.finish(LAST_PATIENCE)?;
    if exit.success() && there > 0 {
        return Ok(());
    }
    Err(exit.error(Error::new(Kind::ToolFailed, "ffmpeg could not encode the sound")))
}

impl Encoding {
    /// Hands on the next frame, without its header. Waits for it, and asks `alive` several times a second whether to go on.
    pub fn packet(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<()>, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        // What went wrong is told at once, not when its place is reached.
        while !self.over && self.hear(Duration::ZERO)? {}
        loop {
            let rest = &self.buffer[self.used..];
            if let Some((header, length)) = frame(rest, self.channels)?
                && rest.len() >= length
            {
                take(&rest[header..length])?;
                self.used += length;
                return Ok(());
            }
            self.more(alive)?;
        }
    }

    /// Waits for the child's good end. What it made can still be taken.
    pub fn finish(&mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        while !self.over {
            self.hear(BEAT)?;
            alive()?;
        }
        Ok(())
    }

    /// Reads on.
    fn more(&mut self, alive: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        while self.at == self.there {
            if self.over {
                return Err(Error::new(Kind::ToolFailed, "ffmpeg's sound is shorter than the picture"));
            }
            if !self.hear(BEAT)? {
                alive()?;
            }
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        let from = self.buffer.len();
        let next = (self.there - self.at).min(CHUNK as u64);
        self.buffer.resize(from + next as usize, 0);
        self.stream
            .read_exact_at(&mut self.buffer[from..], self.at)
            .map_err(|e| Error::new(Kind::Internal, "the sound that was encoded is lost").because(e))?;
        self.at += next;
        Ok(())
    }

    /// Whether there was news within that time.
    fn hear(&mut self, patience: Duration) -> Result<bool> {
        let news = if patience.is_zero() {
            self.news.try_recv().map_err(|e| e == TryRecvError::Disconnected)
        } else {
            self.news.recv_timeout(patience).map_err(|e| e == RecvTimeoutError::Disconnected)
        };
        match news {
            Ok(there) => self.there = there?,
            Err(true) => self.over = true,
            Err(false) => return Ok(false),
        }
        Ok(true)
    }

    pub fn channels(&self) -> u8 {
        self.channels
    }

    /// What ends it from another thread.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// AudioSpecificConfig: AAC-LC at 48 kHz, frames of 1024 samples, and no spectral band replication, which decoders would else look for.
    pub fn config(&self) -> [u8; 5] {
        [0x11, 0x80 | self.channels << 3, 0x56, 0xe5, 0]
    }
}

impl Drop for Encoding {
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            // It holds nothing that its panic could harm.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoding").field("there", &self.there).finish_non_exhaustive()
    }
}

/// Bytes of the header and of the whole frame that begins here (ISO/IEC 13818-7, 6.2), if its header is there.
fn frame(bytes: &[u8], channels: u8) -> Result<Option<(usize, usize)>> {
    let &[0xff, second, third, fourth, fifth, sixth, seventh, ..] = bytes else {
        return match bytes {
            [] | [0xff, ..] => Ok(None),
            _ => Err(unusable("is not in frames")),
        };
    };
    let header = if second & 1 == 1 { 7 } else { 9 };
    let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth) >> 5;
    if second & 0xf6 != 0xf0 || length < header {
        return Err(unusable("is not in frames"));
    }
    // Low complexity, 48 kHz, the channels that were asked for, one block a frame.
    let found = (third >> 6, third >> 2 & 15, (third & 1) << 2 | fourth >> 6, seventh & 3);
    if found != (1, 3, channels, 0) {
        return Err(unusable("is not as it was ordered"));
    }
    Ok(Some((header, length)))
}

fn unusable(what: &str) -> Error {
    Error::new(Kind::ToolFailed, format!("the sound that ffmpeg encoded {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEREO: [u8; 7] = [0xff, 0xf1, 0x4c, 0x80, 0x32, 0x1f, 0xfc];

    #[test]
    fn a_frame_says_how_long_it_is() {
        assert_eq!(frame(&STEREO, 2).unwrap(), Some((7, 400)));
        // With a checksum the header is longer.
        assert_eq!(frame(&[0xff, 0xf0, 0x4c, 0x80, 0x32, 0x1f, 0xfc, 0, 0], 2).unwrap(), Some((9, 400)));
        for cut in 0..7 {
            assert_eq!(frame(&STEREO[..cut], 2).unwrap(), None);
        }
    }

    #[test]
    fn what_is_no_frame_or_another_is_refused() {
        assert!(frame(b"RIFF", 2).is_err());
        assert!(frame(&STEREO, 1).is_err(), "channels");
        // Layer, rate, length less than the header, two blocks.
        for (at, value) in [(1, 0xf3), (2, 0x50), (4, 0), (6, 0xfd)] {
            let mut bad = STEREO;
            bad[at] = value;
            if at == 4 {
                bad[3] = 0x80;
                bad[5] = 0x1f;
            }
            assert!(frame(&bad, 2).is_err(), "{at}");
        }
    }
}
