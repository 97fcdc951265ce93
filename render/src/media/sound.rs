//! What a recording is, before any of it is decoded.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::process::run;
use super::sniff::{self, Kind as Content};
use super::tools::{Tools, file_argument};
use crate::error::{Error, Kind, Result};

pub use super::samples::{RATE, SILENCE_DBFS, Samples, decode_mono, decode_mono_16k};

/// What a recording may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub bytes: u64,
    pub seconds: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 2 << 30,
            seconds: 3600.0,
        }
    }
}

/// What a recording's header says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoundFacts {
    /// Length; `None` where the header does not tell.
    pub seconds: Option<f64>,
    /// The length is a guess from the file's size.
    pub estimated: bool,
    /// Samples per second.
    pub rate: u32,
    pub channels: u32,
    /// As ffmpeg calls it: "aac", "`pcm_s16le`".
    pub codec: String,
    pub container: Content,
}

/// The most channels that the resampler takes.
const MOST_CHANNELS: u32 = 64;
/// Beyond this many, layouts are too rare for a mixing rule: all channels count the same.
const MOST_LAID_OUT: u32 = 8;

#[derive(Deserialize)]
struct Probe {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize)]
struct Stream {
    codec_name: Option<String>,
    sample_rate: Option<String>,
    channels: Option<u32>,
    duration: Option<String>,
}

#[derive(Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

/// Reads the header of a recording, or of a video's first sound track, and holds it against the limits.
pub fn probe(path: &Path, limits: &Limits, tools: &Tools) -> Result<SoundFacts> {
    let container = sniff::sound(path)?;
    check_bytes(path, container, limits)?;
    let (stream, format, warnings) = ask(path, container, tools)?;
    let seconds = length(stream.duration.as_deref()).or_else(|| length(format.duration.as_deref()));
    let facts = SoundFacts {
        seconds,
        estimated: warnings.contains("Estimating duration"),
        rate: stream.sample_rate.and_then(|r| r.parse().ok()).unwrap_or(0),
        channels: stream.channels.unwrap_or(0),
        codec: stream.codec_name.unwrap_or_else(|| "unknown".to_owned()),
        container,
    };
    check_length(&facts, limits)?;
    check_form(&facts)?;
    Ok(facts)
}

fn ask(path: &Path, container: Content, tools: &Tools) -> Result<(Stream, Format, String)> {
    let entries = "stream=codec_name,sample_rate,channels,duration:format=duration";
    let mut args: Vec<OsString> = ["-hide_banner", "-v", "warning", "-max_alloc", MAX_ALLOC].map(Into::into).into();
    args.extend(["-select_streams", "a:0", "-show_entries", entries, "-of", "json"].map(Into::into));
    args.extend(input_arguments(path, container)?);
    let (output, exit) = run(tools.ffprobe_job(args, Duration::from_secs(60))?, 1 << 20)?;
    if !exit.success() {
        return Err(exit.error(unreadable("is damaged: its header cannot be read")));
    }
    let probe: Probe = serde_json::from_slice(&output).map_err(|e| unreadable("is damaged: its header makes no sense").because(e))?;
    let stream = probe.streams.into_iter().next().ok_or_else(|| {
        Error::new(
            Kind::AudioUnreadable,
            format!("the recording is {} without a sound track", container.phrase()),
        )
    })?;
    Ok((stream, probe.format, exit.tail))
}

/// The largest block that ffmpeg may ask for while it reads sound, in bytes.
pub(super) const MAX_ALLOC: &str = "268435456";

/// The input as ffmpeg's arguments: one demuxer, local files only, sound only.
pub(super) fn input_arguments(path: &Path, container: Content) -> Result<Vec<OsString>> {
    let demuxer = container
        .demuxer()
        .ok_or_else(|| Error::new(Kind::AudioUnreadable, "the recording is a picture"))?;
    let mut args: Vec<OsString> = ["-protocol_whitelist", "file,pipe", "-f", demuxer, "-i"].map(Into::into).into();
    args.push(file_argument(path)?);
    Ok(args)
}

impl SoundFacts {
    /// The filter that brings any channels to one or two at a rate, without ever raising the level.
    pub(super) fn mix_filter(&self, rate: u32, stereo: bool) -> String {
        let layout = if stereo { "stereo" } else { "mono" };
        let resample = format!("aresample={rate}:rematrix_maxval=1.0,aformat=sample_fmts=flt|fltp:channel_layouts={layout}");
        if self.channels <= MOST_LAID_OUT {
            return resample;
        }
        let share = 1.0 / f64::from(self.channels);
        let sum: Vec<String> = (0..self.channels).map(|c| format!("{share:.6}*c{c}")).collect();
        let sum = sum.join("+");
        let right = if stereo { format!("|c1={sum}") } else { String::new() };
        format!("pan={layout}|c0={sum}{right},{resample}")
    }
}

fn check_bytes(path: &Path, container: Content, limits: &Limits) -> Result<()> {
    let io = |e| Error::new(Kind::FileUnreadable, "the file cannot be read").because(e);
    let file = sniff::open_file(path)?;
    let bytes = file.metadata().map_err(io)?.len();
    if bytes > limits.bytes {
        let (size, most) = (bytes >> 20, limits.bytes >> 20);
        return Err(Error::new(
            Kind::AudioTooLong,
            format!("the recording is too large: {size} MiB, and {most} MiB are allowed"),
        ));
    }
    if container == Content::Audio(sniff::Audio::Wav) {
        let mut head = Vec::new();
        file.take(8).read_to_end(&mut head).map_err(io)?;
        check_riff(&head, bytes)?;
    }
    Ok(())
}

/// A WAV file that lost its end plays without complaint; only its own size tells.
fn check_riff(head: &[u8], bytes: u64) -> Result<()> {
    /// Programs that write to a pipe do not know the size, and give one from here on.
    const UNKNOWN: u32 = 0x7fff_0000;
    let &[b'R', b'I', b'F', b'F', a, b, c, d] = head else {
        return Ok(());
    };
    let size = u32::from_le_bytes([a, b, c, d]);
    if size < UNKNOWN && bytes < u64::from(size) / 20 * 19 {
        return Err(unreadable(&format!(
            "breaks off: its header promises {size} bytes, and {bytes} are there"
        )));
    }
    Ok(())
}

fn check_length(facts: &SoundFacts, limits: &Limits) -> Result<()> {
    match facts.seconds {
        Some(seconds) if seconds <= 0.0 => Err(empty()),
        // A guess is not enough to refuse a file: decoding will tell.
        Some(seconds) if seconds > limits.seconds && !facts.estimated => Err(too_long(Some(seconds), limits)),
        _ => Ok(()),
    }
}

fn check_form(facts: &SoundFacts) -> Result<()> {
    if !(1_000..=768_000).contains(&facts.rate) {
        return Err(unreadable(&format!("has an impossible sample rate of {} Hz", facts.rate)));
    }
    if !(1..=MOST_CHANNELS).contains(&facts.channels) {
        return Err(unreadable(&format!(
            "has {} channels; at most {MOST_CHANNELS} are read",
            facts.channels
        )));
    }
    Ok(())
}

fn length(text: Option<&str>) -> Option<f64> {
    text?.parse().ok().filter(|seconds: &f64| seconds.is_finite())
}

pub(super) fn empty() -> Error {
    Error::new(Kind::AudioEmpty, "the recording is empty: it holds no sound at all (0 s)")
}

pub(super) fn too_long(seconds: Option<f64>, limits: &Limits) -> Error {
    let most = limits.seconds;
    let found = seconds.map_or_else(|| format!("more than {most:.0} s"), |s| format!("{s:.0} s"));
    Error::new(
        Kind::AudioTooLong,
        format!("the recording is too long: {found}, and {most:.0} s are allowed; cut it into parts"),
    )
}

pub(super) fn unreadable(what: &str) -> Error {
    Error::new(Kind::AudioUnreadable, format!("the recording {what}"))
}
