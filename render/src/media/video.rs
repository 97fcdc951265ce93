//! What a video is, before any of it is decoded.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::process::run;
use super::sniff::{self, Kind as Content};
use super::tools::{Tools, file_argument};
use crate::error::{Error, Kind, Result};

/// What a video may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub bytes: u64,
    pub seconds: f64,
    /// Longest side in pixels.
    pub side: u32,
    pub pixels: u64,
    pub fps: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 2 << 30,
            seconds: 300.0,
            side: 4096,
            pixels: 4096 * 2304,
            fps: 120.0,
        }
    }
}

/// What a video's header says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VideoFacts {
    /// Pixels as they are shown: upright and square.
    pub width: u32,
    pub height: u32,
    pub seconds: f64,
    /// Frames a second, their mean where it varies.
    pub fps: f64,
    /// The rate of the grid on which the times of all frames lie, where there is one: more than the mean if frames are left out.
    pub grid: Option<f64>,
    /// As ffmpeg calls it: "h264", "vp9".
    pub codec: String,
    /// Its frames are pairs of fields.
    pub interlaced: bool,
    /// The conversion to red, green and blue, as ffmpeg calls it, where the file or its size tell.
    pub matrix: &'static str,
    /// Brighter and wider colours than a usual screen's.
    pub hdr: bool,
    /// Parts of it may be transparent.
    pub alpha: bool,
    pub container: Content,
}

impl VideoFacts {
    /// ffmpeg's decoder that gives its alpha, where the usual one leaves it out.
    pub(super) fn alpha_decoder(&self) -> Option<&'static str> {
        match self.codec.as_str() {
            "vp8" => Some("libvpx"),
            "vp9" => Some("libvpx-vp9"),
            _ => None,
        }
    }
}

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
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    sample_aspect_ratio: Option<String>,
    avg_frame_rate: Option<String>,
    r_frame_rate: Option<String>,
    duration: Option<String>,
    field_order: Option<String>,
    color_space: Option<String>,
    color_transfer: Option<String>,
    pix_fmt: Option<String>,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

#[derive(Default, Deserialize)]
struct Tags {
    /// Of VP8 and VP9, whose alpha is a stream beside the picture.
    #[serde(alias = "ALPHA_MODE")]
    alpha_mode: Option<String>,
}

#[derive(Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

/// What ffmpeg's scaler is told of frames that are BT.709, limited range, and stay so.
pub(super) const COLOURS: &str = "in_color_matrix=bt709:out_color_matrix=bt709:in_range=tv:out_range=tv";

/// The largest block that ffmpeg may ask for while it reads pictures, in bytes.
pub(super) const MAX_ALLOC: &str = "1073741824";

/// The width and height at which a video is shown, from its header alone.
pub fn natural_size(path: &Path, tools: &Tools) -> Result<(u32, u32)> {
    let container = container(path)?;
    let (stream, _) = ask(path, container, tools)?;
    stream.shown()
}

/// Frames a second, their mean where it varies, from the header alone.
pub fn natural_rate(path: &Path, tools: &Tools) -> Result<Option<f64>> {
    let (stream, _) = ask(path, container(path)?, tools)?;
    Ok(stream.avg_frame_rate.as_deref().and_then(ratio))
}

/// Reads the header of a video and holds it against the limits. Where the header does not tell the length, the file is read
/// through, but nothing of it is decoded.
pub fn probe(path: &Path, limits: &Limits, tools: &Tools) -> Result<VideoFacts> {
    let container = container(path)?;
    check_bytes(path, limits)?;
    let (stream, format) = ask(path, container, tools)?;
    let (width, height) = stream.shown()?;
    check_size(stream.width, stream.height, limits)?;
    check_size(width, height, limits)?;
    let number = |text: &Option<String>| text.as_deref()?.parse().ok().filter(|v: &f64| v.is_finite() && *v > 0.0);
    let told = number(&stream.duration).or_else(|| number(&format.duration));
    let rate = stream.avg_frame_rate.as_deref().and_then(ratio).filter(|r| *r <= limits.fps);
    let (seconds, fps) = match (told, rate) {
        (Some(seconds), Some(rate)) => (seconds, rate),
        _ => count(path, container, limits, tools)?,
    };
    if seconds > limits.seconds {
        return Err(too_long(seconds, limits));
    }
    if fps > limits.fps {
        let most = limits.fps;
        return Err(Error::new(
            Kind::FrameRateTooHigh,
            format!("the video has {fps:.0} frames a second, and {most:.0} are allowed; save it with fewer"),
        ));
    }
    let transfer = stream.color_transfer.as_deref().unwrap_or_default();
    Ok(VideoFacts {
        width,
        height,
        seconds,
        fps,
        grid: stream.r_frame_rate.as_deref().and_then(ratio),
        interlaced: matches!(stream.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
        matrix: stream.matrix(),
        alpha: stream.has_alpha(),
        hdr: matches!(transfer, "smpte2084" | "arib-std-b67"),
        codec: stream.codec_name.unwrap_or_else(|| "unknown".to_owned()),
        container,
    })
}

fn container(path: &Path) -> Result<Content> {
    match sniff::avatar(path)? {
        video @ Content::Video(_) => Ok(video),
        other => Err(unreadable(&format!("is no video: it is {}", other.phrase()))),
    }
}

fn ask(path: &Path, container: Content, tools: &Tools) -> Result<(Stream, Format)> {
    let (output, exit) = probed(
        path,
        container,
        &["-show_streams", "-show_entries", "format=duration", "-of", "json"],
        1 << 20,
        tools,
    )?;
    if !exit.success() {
        return Err(exit.error(unreadable("is damaged: its header cannot be read")));
    }
    let probe: Probe = serde_json::from_slice(&output).map_err(|e| unreadable("is damaged: its header makes no sense").because(e))?;
    let stream = probe
        .streams
        .into_iter()
        .next()
        .ok_or_else(|| unreadable(&format!("is {} without a moving picture", container.phrase())))?;
    if stream.codec_name.as_deref().is_none_or(|name| name == "unknown" || name == "none") {
        return Err(unsupported("of an unknown codec"));
    }
    Ok((stream, probe.format))
}

fn probed(path: &Path, container: Content, what: &[&str], most: usize, tools: &Tools) -> Result<(Vec<u8>, super::process::Exit)> {
    let mut args: Vec<OsString> = ["-hide_banner", "-v", "error", "-max_alloc", MAX_ALLOC, "-select_streams", "V:0"]
        .map(Into::into)
        .into();
    args.extend(what.iter().map(Into::into));
    args.extend(input_arguments(path, container)?);
    run(tools.ffprobe_job(args, Duration::from_secs(60))?, most)
}

/// Length and frames a second, by the times of all frames.
fn count(path: &Path, container: Content, limits: &Limits, tools: &Tools) -> Result<(f64, f64)> {
    /// Enough for a line of 24 bytes a frame and more of them than any limit allows.
    const MOST: usize = 8 << 20;
    let (output, exit) = probed(
        path,
        container,
        &["-show_entries", "packet=pts_time", "-of", "csv=print_section=0"],
        MOST,
        tools,
    )?;
    if output.len() == MOST {
        return Err(too_long(f64::INFINITY, limits));
    }
    let times = String::from_utf8_lossy(&output);
    let times: Vec<f64> = times
        .lines()
        .filter_map(|line| line.split(',').next()?.trim().parse().ok())
        .collect();
    let (first, last) = times.iter().fold((f64::MAX, f64::MIN), |(a, b), t| (a.min(*t), b.max(*t)));
    if times.is_empty() || !exit.success() {
        return Err(exit.error(unreadable("is damaged: nothing in it can be read")));
    }
    let frames = times.len() as f64;
    // The last frame is shown for as long as the others are.
    let seconds = if times.len() > 1 {
        (last - first) * frames / (frames - 1.0)
    } else {
        0.04
    };
    Ok((seconds, frames / seconds.max(1e-3)))
}

/// The input as ffmpeg's arguments: one demuxer, local files only.
pub(super) fn input_arguments(path: &Path, container: Content) -> Result<Vec<OsString>> {
    let demuxer = container.demuxer().ok_or_else(|| unreadable("is no video"))?;
    let mut args: Vec<OsString> = ["-protocol_whitelist", "file,pipe", "-f", demuxer, "-i"].map(Into::into).into();
    args.push(file_argument(path)?);
    Ok(args)
}

impl Stream {
    /// Upright, with square pixels.
    fn shown(&self) -> Result<(u32, u32)> {
        if self.width == 0 || self.height == 0 {
            return Err(unreadable("is damaged: its header gives no size"));
        }
        let aspect = self
            .sample_aspect_ratio
            .as_deref()
            .and_then(ratio)
            .filter(|a| (0.1..=10.0).contains(a));
        let width = (f64::from(self.width) * aspect.unwrap_or(1.0)).round().max(1.0) as u32;
        let turned = self.side_data_list.iter().find_map(|s| s.rotation).unwrap_or(0.0);
        let upright = (turned / 90.0).round() as i64 % 2 == 0;
        Ok(if upright { (width, self.height) } else { (self.height, width) })
    }

    fn has_alpha(&self) -> bool {
        /// How the names of pixel formats with alpha begin.
        const WITH: [&str; 8] = ["yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16"];
        let format = self.pix_fmt.as_deref().unwrap_or_default();
        WITH.iter().any(|name| format.starts_with(name)) || self.tags.alpha_mode.as_deref() == Some("1")
    }

    /// What is not told follows custom: high definition is BT.709, and what is smaller is BT.601.
    fn matrix(&self) -> &'static str {
        match self.color_space.as_deref() {
            Some("bt709") => "bt709",
            Some("smpte170m" | "bt470bg") => "bt601",
            Some("fcc") => "fcc",
            Some("smpte240m") => "smpte240m",
            Some("bt2020nc" | "bt2020c") => "bt2020",
            _ if self.width.min(self.height) >= 720 => "bt709",
            _ => "bt601",
        }
    }
}

/// "25/1" or "4:3" as a number.
fn ratio(text: &str) -> Option<f64> {
    let (num, den) = text.split_once(['/', ':'])?;
    let value = num.parse::<f64>().ok()? / den.parse::<f64>().ok()?;
    (value.is_finite() && value > 0.0).then_some(value)
}

fn check_bytes(path: &Path, limits: &Limits) -> Result<()> {
    let io = |e| Error::new(Kind::FileUnreadable, "the file cannot be read").because(e);
    let bytes = sniff::open_file(path)?.metadata().map_err(io)?.len();
    if bytes > limits.bytes {
        let (size, most) = (bytes >> 20, limits.bytes >> 20);
        return Err(too_large(&format!("{size} MiB, and {most} MiB are allowed")));
    }
    Ok(())
}

fn check_size(width: u32, height: u32, limits: &Limits) -> Result<()> {
    if width.max(height) > limits.side || u64::from(width) * u64::from(height) > limits.pixels {
        let Limits { side, pixels, .. } = limits;
        let most = *pixels as f64 / 1e6;
        return Err(too_large(&format!(
            "{width}×{height} pixels; a side may have {side}, and {most:.1} million are allowed"
        )));
    }
    Ok(())
}

fn too_large(what: &str) -> Error {
    Error::new(Kind::VideoTooLarge, format!("the video is too large: {what}; make it smaller"))
}

fn too_long(seconds: f64, limits: &Limits) -> Error {
    let most = limits.seconds;
    let found = if seconds.is_finite() {
        format!("{seconds:.0} s")
    } else {
        format!("more than {most:.0} s")
    };
    Error::new(
        Kind::VideoTooLong,
        format!("the video is too long: {found}, and {most:.0} s are allowed; cut it"),
    )
}

pub(super) fn unreadable(what: &str) -> Error {
    Error::new(Kind::VideoUnreadable, format!("the video {what}"))
}

pub(super) fn unsupported(what: &str) -> Error {
    Error::new(
        Kind::CodecUnsupported,
        format!("the video is {what}, which ffmpeg here cannot decode; save it as an H.264 mp4"),
    )
}
