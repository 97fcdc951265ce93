//! The sounds of several scenes as one recording: each cut or filled to its scene's frames, faded where one meets the next.

use std::ffi::OsString;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::partial::write_error;
use super::process::Child;
use super::samples::MAX_ERROR_RATE;
use super::sniff::{Audio, Kind as Content};
use super::sound::{self, MAX_ALLOC, SoundFacts, unreadable};
use super::tools::{SMALL_MEMORY, Tools};
use crate::error::{Error, Result};
use crate::scene::Fps;

/// Samples a second, as the encoder's: nothing is resampled twice.
const RATE: u32 = 48_000;
/// Samples over which a sound comes and goes at a join: 5 ms, short of anything that is heard as a fade.
const FADE: usize = 240;
/// Samples of each channel that are read at once.
const BLOCK: usize = RATE as usize / 2;
/// Bytes before the samples of a WAV file.
const HEADER: u64 = 44;

/// What is heard in one scene, and how many frames it has.
pub(crate) struct Part<'a> {
    pub sound: Option<(&'a Path, &'a SoundFacts)>,
    pub frames: usize,
}

/// 16-bit samples in a file of their own, which goes with this.
pub(crate) struct Joined {
    pub file: NamedTempFile,
    pub facts: SoundFacts,
}

/// Writes one recording into `folder`; `alive` is asked while it goes on.
pub(crate) fn join(parts: &[Part], fps: Fps, folder: &Path, tools: &Tools, alive: &mut dyn FnMut() -> Result<()>) -> Result<Joined> {
    let stereo = parts.iter().any(|p| p.sound.is_some_and(|(_, facts)| facts.channels >= 2));
    let channels = if stereo { 2 } else { 1 };
    let unwritable = |e| write_error(e, "its folder takes no temporary file");
    let named = tempfile::Builder::new().prefix(".sound-").suffix(".wav").tempfile_in(folder);
    let mut file = named.map_err(unwritable)?;
    // The nearest sample to the end of each scene, so that nothing adds up.
    let at = |frames: usize| fps.samples(frames, RATE);
    let whole = at(parts.iter().map(|p| p.frames).sum());
    let mut wave = Wave {
        out: BufWriter::with_capacity(1 << 16, file.as_file_mut()),
        channels,
    };
    wave.header(whole).map_err(unwritable)?;
    let (mut frames, mut begun) = (0, 0);
    for (index, part) in parts.iter().enumerate() {
        frames += part.frames;
        let samples = at(frames) - begun;
        let written = match part.sound {
            Some((path, facts)) => {
                let ends = (index > 0, index + 1 < parts.len());
                wave.sound(&Source::start(path, facts, stereo, tools)?, samples, ends, alive)?
            }
            None => 0,
        };
        wave.silence(samples - written).map_err(unwritable)?;
        begun += samples;
        alive()?;
    }
    wave.out.flush().map_err(unwritable)?;
    drop(wave);
    let facts = SoundFacts {
        seconds: Some(whole as f64 / f64::from(RATE)),
        estimated: false,
        rate: RATE,
        channels: channels as u32,
        codec: "pcm_s16le".to_owned(),
        container: Content::Audio(Audio::Wav),
    };
    Ok(Joined { file, facts })
}

/// A recording as ffmpeg will decode it.
struct Source {
    args: Vec<OsString>,
    cpu: Duration,
    tools: Tools,
}

impl Source {
    fn start(path: &Path, facts: &SoundFacts, stereo: bool, tools: &Tools) -> Result<Self> {
        let mut args: Vec<OsString> = ["-nostdin", "-hide_banner", "-v", "error", "-max_alloc", MAX_ALLOC]
            .map(Into::into)
            .into();
        args.extend(["-max_error_rate", MAX_ERROR_RATE, "-threads", "1"].map(Into::into));
        args.extend(sound::input_arguments(path, facts.container)?);
        args.extend(["-map", "0:a:0", "-vn", "-sn", "-dn", "-af"].map(Into::into));
        // Sound from the first sample on, whatever times the file gives it.
        args.push(format!("{},asetpts=N/SR/TB", facts.mix_filter(RATE, stereo)).into());
        args.extend(["-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"].map(Into::into));
        // Decoding is a hundred times faster than hearing.
        let cpu = Duration::from_secs_f64(facts.seconds.unwrap_or(3600.0).clamp(60.0, 36_000.0));
        Ok(Self {
            args,
            cpu,
            tools: tools.clone(),
        })
    }
}

/// A WAV file being written.
struct Wave<W: Write> {
    out: W,
    channels: usize,
}

impl<W: Write> Wave<W> {
    fn header(&mut self, samples: u64) -> std::io::Result<()> {
        let frame = 2 * self.channels as u32;
        // Beyond four gigabytes the format says that the size is not known.
        let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
        let bytes = samples * u64::from(frame);
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend(b"RIFF");
        header.extend(size(bytes + HEADER - 8));
        header.extend(b"WAVEfmt ");
        header.extend(16_u32.to_le_bytes());
        header.extend(1_u16.to_le_bytes());
        header.extend((self.channels as u16).to_le_bytes());
        header.extend(RATE.to_le_bytes());
        header.extend((RATE * frame).to_le_bytes());
        header.extend((frame as u16).to_le_bytes());
        header.extend(16_u16.to_le_bytes());
        header.extend(b"data");
        header.extend(size(bytes));
        self.out.write_all(&header)
    }

    /// Writes a sound, at most so many samples of it, faded in and out as `ends` says; gives how many there were.
    fn sound(&mut self, source: &Source, most: u64, ends: (bool, bool), alive: &mut dyn FnMut() -> Result<()>) -> Result<u64> {
        let unwritable = |e| write_error(e, "its folder takes no temporary file");
        let job = source.tools.ffmpeg_job(source.args.clone(), SMALL_MEMORY, source.cpu)?;
        let mut child = Child::start(job)?;
        let frame = 2 * self.channels;
        let mut bytes = vec![0; BLOCK * frame];
        // The end is only known when it is there: what may have to be faded waits.
        let (mut waiting, mut written, mut read) = (Vec::<u8>::new(), 0, 0);
        loop {
            let got = child.read_while(&mut bytes, alive)? / frame;
            let wanted = (got as u64).min(most - read);
            let first = waiting.len();
            waiting.extend(&bytes[..wanted as usize * frame]);
            if ends.0 && read < FADE as u64 {
                fade(&mut waiting[first..], self.channels, |n| (read as f32 + n as f32) / FADE as f32);
            }
            read += wanted;
            let over = got == 0 || read == most;
            let rest = if over { 0 } else { FADE.min(waiting.len() / frame) };
            let ready = waiting.len() - rest * frame;
            if over {
                if ends.1 || read == most {
                    let last = FADE.min(waiting.len() / frame);
                    let from = waiting.len() - last * frame;
                    fade(&mut waiting[from..], self.channels, |n| (last - n) as f32 / FADE as f32);
                }
                self.out.write_all(&waiting).map_err(unwritable)?;
                written += (waiting.len() / frame) as u64;
                if got == 0 {
                    ended(&mut child)?;
                }
                return Ok(written);
            }
            self.out.write_all(&waiting[..ready]).map_err(unwritable)?;
            written += (ready / frame) as u64;
            waiting.drain(..ready);
            alive()?;
        }
    }

    fn silence(&mut self, samples: u64) -> std::io::Result<()> {
        std::io::copy(
            &mut std::io::Read::take(std::io::repeat(0), samples * 2 * self.channels as u64),
            &mut self.out,
        )
        .map(drop)
    }
}

/// Asks the child how it went.
fn ended(child: &mut Child) -> Result<(), Error> {
    let exit = child.finish(Duration::from_secs(60))?;
    if exit.success() {
        return Ok(());
    }
    Err(exit.error(unreadable("is damaged and cannot be decoded")))
}

/// Multiplies 16-bit samples by what `gain` says for each, to a whole at most.
fn fade(bytes: &mut [u8], channels: usize, gain: impl Fn(usize) -> f32) {
    for (n, frame) in bytes.chunks_exact_mut(2 * channels).enumerate() {
        let gain = gain(n).clamp(0.0, 1.0);
        for sample in frame.chunks_exact_mut(2) {
            let value = f32::from(i16::from_le_bytes([sample[0], sample[1]]));
            sample.copy_from_slice(&((value * gain).round() as i16).to_le_bytes());
        }
    }
}
