//! `mouthpiece render`: a scene becomes a video.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::media::sniff;
use mouthpiece_render::media::sound::Limits;
use mouthpiece_render::scene::{Content, Rgba, Scene};
use mouthpiece_render::{EncodePath, EncodeShape, Frames, Models, Output, Report, RuntimeChoice, Stage};
use serde_json::json;

use crate::cli::avatar;
use crate::cli::outcome::{self, say, tell};
use crate::cli::progress::{Meter, Show};
use crate::cli::scene_file::{CaptionsName, LayerFile, Rate, SceneFile, SizeName, must_exist, read_text};
use crate::cli::settings::Data;
use crate::cli::speak::within;
use crate::cli::stop::Stop;
use crate::cli::usage::{Peak, readable};

mod sheet;
mod spoken;

use spoken::Speech;

/// Make a video in which a portrait speaks a recording.
#[derive(clap::Args)]
#[command(after_help = outcome::EXIT_STATUSES)]
pub struct Args {
    /// Photo (png, jpg, webp), video (mp4, mov, avi, webm, mkv, mpg) or prepared avatar of the person who speaks
    #[arg(long, value_name = "FILE", required_unless_present = "scene")]
    avatar: Option<PathBuf>,
    /// What is said (mp3, wav, m4a, aac, ogg, flac, or a video's sound)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["scene", "text"], conflicts_with_all = ["voice", "speed", "pitch"])]
    audio: Option<PathBuf>,
    /// Picture, or colour as rrggbb or rrggbbaa, behind everything [default: white]
    #[arg(long, value_name = "FILE|COLOUR")]
    background: Option<String>,
    /// Pixels of the video, two even numbers from 128 to 4096 [default: 1920x1080]
    #[arg(long, value_name = "WxH")]
    size: Option<Size>,
    /// Frames a second: 24, 25, 30, 50, 60, 23.976, 29.97 or 59.94 [default: 25]
    #[arg(long, value_name = "N")]
    fps: Option<String>,
    /// Layers and their places, as in the README; the other options override it
    #[arg(long, value_name = "FILE")]
    scene: Option<PathBuf>,
    /// Cut the person out of the background
    #[arg(long)]
    matte: bool,
    /// Write the first frame as a picture too
    #[arg(long, value_name = "FILE")]
    poster: Option<PathBuf>,
    /// Write twelve evenly spaced frames of the video in one picture (png or jpg)
    #[arg(long, value_name = "FILE", conflicts_with = "frames")]
    contact_sheet: Option<PathBuf>,
    /// What is said when: [{"symbol":"p","start":0.1,"end":0.18}, …] in seconds
    #[arg(long, value_name = "FILE")]
    phonemes: Option<PathBuf>,
    /// What is said, or a file with it: the mouth then closes where it must, and there can be captions. Without a recording it is spoken
    #[arg(long, value_name = "TEXT|FILE")]
    text: Option<String>,
    /// Who speaks the text if there is no recording, as `mouthpiece voice list` shows it [default: the first there]
    #[arg(long, value_name = "ID")]
    voice: Option<String>,
    /// Times the voice's own pace, 0.5 to 2
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = within(0.5, 2.0))]
    speed: f32,
    /// Semitones above the voice's own pitch, -12 to 12
    #[arg(long, value_name = "N", default_value_t = 0.0, value_parser = within(-12.0, 12.0), allow_negative_numbers = true)]
    pitch: f32,
    #[command(flatten)]
    data: Data,
    /// Language of the text, such as en-US, en-GB, es or fr [default: en-US]
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Captions: none, file (srt and vtt beside the video), or burn (in the picture too) [default: none]
    #[arg(long, value_enum, value_name = "HOW", hide_possible_values = true)]
    captions: Option<CaptionsName>,
    /// Size of burned captions [default: medium]
    #[arg(long, value_enum, value_name = "SIZE")]
    caption_size: Option<SizeName>,
    /// Chooses blinks and sway; the same number gives the same video [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How much time and space to spend on the picture
    #[arg(long, value_enum, default_value_t)]
    quality: Quality,
    /// What is encoded of each frame: band (the rows in which something moves), tile (only what moves), plain (all of it), or auto
    #[arg(long, value_enum, value_name = "HOW", default_value_t, hide_possible_values = true)]
    encode: Encode,
    /// Only these frames, 100..250 or 2/7 (the second of seven pieces), as a piece for `mouthpiece join`. Borders move back to a key frame
    #[arg(long, value_name = "RANGE")]
    frames: Option<Frames>,
    /// Threads that draw [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// What runs the nets: rten (built in), onnxruntime, or onnxruntime=LIBRARY
    #[arg(long, value_name = "RUNTIME", default_value = "rten", value_parser = runtime)]
    runtime: RuntimeChoice,
    /// Progress and result as JSON, one object a line
    #[arg(long)]
    json: bool,
    /// No progress and no last line
    #[arg(long, short)]
    quiet: bool,
    /// The video to write (mp4), or the piece; replaced if it is there
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Quality {
    Draft,
    #[default]
    Standard,
    High,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Encode {
    #[default]
    Auto,
    Band,
    Tile,
    Plain,
}

impl From<Encode> for EncodePath {
    fn from(encode: Encode) -> Self {
        match encode {
            Encode::Auto => Self::Auto,
            Encode::Band => Self::Spliced(EncodeShape::Band),
            Encode::Tile => Self::Spliced(EncodeShape::Tile),
            Encode::Plain => Self::Plain,
        }
    }
}

impl From<Quality> for mouthpiece_render::Quality {
    fn from(quality: Quality) -> Self {
        match quality {
            Quality::Draft => Self::Draft,
            Quality::Standard => Self::Standard,
            Quality::High => Self::High,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    width: u32,
    height: u32,
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sides = text
            .split_once(['x', 'X', '×'])
            .and_then(|(w, h)| w.parse().ok().zip(h.parse().ok()));
        let (width, height) = sides.ok_or("write it like 1920x1080")?;
        Ok(Self { width, height })
    }
}

/// Reads the name of a runtime.
pub fn runtime(text: &str) -> Result<RuntimeChoice, &'static str> {
    match text.split_once('=') {
        None if text == "rten" => Ok(RuntimeChoice::Rten),
        None if text == "onnxruntime" => Ok(RuntimeChoice::OnnxRuntime { library: None }),
        Some(("onnxruntime", library)) if !library.is_empty() => Ok(RuntimeChoice::OnnxRuntime {
            library: Some(library.into()),
        }),
        _ => Err("may be rten, onnxruntime, or onnxruntime=LIBRARY"),
    }
}

pub fn run(args: Args) -> Result<ExitCode> {
    let stop = Stop::on_signals()?;
    let begun = Instant::now();
    let mut file = described(&args)?;
    let speech = Speech::of(&mut file, &args, &stop)?;
    let scene = Scene::try_from(file)?;
    // The speech's folder lives to the end.
    let (scene, _folder) = match speech {
        Some(speech) => speech.told(scene).map(|(scene, folder)| (scene, Some(folder)))?,
        None => (scene, None),
    };
    let output = Output {
        path: args.output.clone(),
        poster: args.poster.clone(),
        quality: args.quality.into(),
        encode: args.encode.into(),
        threads: args.threads.map_or_else(cores, usize::from),
        sound: Limits::default(),
        packs: avatar::cache(),
    };
    spare_inputs(&scene, [Some(&output.path), args.poster.as_ref(), args.contact_sheet.as_ref()])?;
    let models = Models::new(&args.runtime)?;
    let mut meter = Meter::new(Show::of(args.quiet, args.json), stop.clone());
    let report = match &args.frames {
        Some(frames) => mouthpiece_render::render_piece(&[scene], &output, frames, &models, &mut meter)?,
        None => mouthpiece_render::render(&scene, &output, &models, &mut meter)?,
    };
    let cpu = meter.cpu();
    if let Some(path) = &args.contact_sheet {
        sheet::write(&output.path, report.frames, path, &stop)?;
    }
    conclude(&args, &report, &cpu, begun.elapsed());
    Ok(ExitCode::SUCCESS)
}

/// One thread for each core.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The scene of the file, if one is given, under what the command line says.
fn described(args: &Args) -> Result<SceneFile> {
    let mut file = args.scene.as_deref().map_or_else(|| Ok(SceneFile::default()), SceneFile::read)?;
    // What was named here is told by its option, and not by a place in a file that may not even be there.
    for (option, path) in [("--avatar", &args.avatar), ("--audio", &args.audio), ("--phonemes", &args.phonemes)] {
        path.as_deref().map_or(Ok(()), |path| must_exist(option, path))?;
    }
    if let Some(avatar) = &args.avatar {
        file.set_avatar(avatar.clone());
    }
    if let Some(background) = &args.background {
        file.set_background(layer(background)?);
    }
    if let Some(Size { width, height }) = args.size {
        (file.width, file.height) = (Some(width), Some(height));
    }
    file.fps = args.fps.clone().map(Rate::Name).or(file.fps);
    file.audio = args.audio.clone().or(file.audio);
    file.phonemes = args.phonemes.clone().or(file.phonemes);
    if let Some(text) = &args.text {
        file.text = Some(read_text("--text", text, Path::new(""))?);
    }
    file.language = args.language.clone().or(file.language);
    file.captions = args.captions.unwrap_or(file.captions);
    file.caption_size = args.caption_size.unwrap_or(file.caption_size);
    file.seed = args.seed.unwrap_or(file.seed);
    file.matte |= args.matte;
    Ok(file)
}

/// A background is a file, if there is one of that name, else a colour.
fn layer(text: &str) -> Result<LayerFile> {
    let path = Path::new(text);
    let mut layer = LayerFile::default();
    if path.is_file() && matches!(sniff::avatar(path), Ok(sniff::Kind::Video(_))) {
        layer.video = Some(path.to_owned());
    } else if path.exists() {
        layer.image = Some(path.to_owned());
    } else if text.parse::<Rgba>().is_ok() {
        layer.colour = Some(text.to_owned());
    } else {
        let message = format!("--background {text}: there is no such file, and a colour is 3, 4, 6 or 8 hex digits");
        return Err(Error::new(Kind::FileUnreadable, message));
    }
    Ok(layer)
}

/// Refuses to write over what is to be read.
fn spare_inputs<'a>(scene: &Scene, outputs: impl IntoIterator<Item = Option<&'a PathBuf>>) -> Result<()> {
    let file = |content: &Content| match content {
        Content::Image(path) | Content::Video(path) | Content::Avatar(path) => path.canonicalize().ok(),
        Content::Colour(_) => None,
    };
    let layers = scene.layers().iter().filter_map(|l| file(l.content()));
    let inputs: Vec<PathBuf> = layers.chain(scene.sound().and_then(|path| path.canonicalize().ok())).collect();
    for output in outputs.into_iter().flatten() {
        if output.canonicalize().is_ok_and(|o| inputs.contains(&o)) {
            let message = format!(
                "{} is read by this scene and would be overwritten; choose another output",
                output.display()
            );
            return Err(Error::new(Kind::SceneInvalid, message));
        }
    }
    Ok(())
}

fn conclude(args: &Args, report: &Report, cpu: &[(Stage, f64)], wall: Duration) {
    let bytes = std::fs::metadata(&args.output).map_or(0, |m| m.len());
    let wall = wall.as_secs_f64();
    let drawn = report.drawn.end - report.drawn.start;
    let seconds = report.seconds * drawn as f64 / report.frames.max(1) as f64;
    let speed = seconds / wall.max(f64::EPSILON);
    let peak = Peak::read();
    if args.json {
        let by_stage =
            |times: &[(Stage, f64)]| -> serde_json::Map<_, _> { times.iter().map(|(stage, s)| (stage_name(*stage), json!(s))).collect() };
        say(&json!({
            "ok": true, "path": args.output, "bytes": bytes, "frames": report.frames, "seconds": report.seconds, "drawn": report.drawn,
            "wall_seconds": wall, "speed": speed, "peak_memory": peak, "stages": by_stage(&report.stages),
            "stages_cpu": by_stage(cpu), "warnings": report.warnings,
            "captions": report.captions,
        }));
        return;
    }
    for warning in &report.warnings {
        tell(&format_args!("warning: {warning}"));
    }
    if !args.quiet {
        let of = match &args.frames {
            Some(_) => format!(" (frames {} to {} of {})", report.drawn.start, report.drawn.end, report.frames),
            None => String::new(),
        };
        say(&format_args!(
            "{}: {seconds:.1} s of video{of}, {}; made in {wall:.1} s, {speed:.2} times real time; peak memory {} ({} own and {} in the largest helper program)",
            args.output.display(),
            readable(bytes),
            readable(peak.total()),
            readable(peak.own_bytes),
            readable(peak.largest_child_bytes),
        ));
    }
}

/// A stage as the JSON output names it.
fn stage_name(stage: Stage) -> String {
    match json!(stage) {
        serde_json::Value::String(name) => name,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers() {
        let size = |width, height| Ok(Size { width, height });
        assert_eq!("3840x2160".parse(), size(3840, 2160));
        assert_eq!("1080×1920".parse(), size(1080, 1920));
        for text in ["", "1920", "1920x", "x1080", "a1920x1080", "1920x1080x2", "-2x4"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn runtimes_have_names() {
        assert_eq!(runtime("rten"), Ok(RuntimeChoice::Rten));
        assert_eq!(runtime("onnxruntime"), Ok(RuntimeChoice::OnnxRuntime { library: None }));
        assert_eq!(
            runtime("onnxruntime=a=b.so"),
            Ok(RuntimeChoice::OnnxRuntime {
                library: Some("a=b.so".into())
            })
        );
        assert!(runtime("onnxruntime=").is_err() && runtime("tensorrt").is_err());
    }

    #[test]
    fn a_background_is_a_file_or_a_colour() {
        assert!(layer("#fff").is_ok_and(|l| l.colour.is_some()));
        assert!(layer("20304080").is_ok_and(|l| l.colour.is_some()));
        assert!(layer("/").is_ok_and(|l| l.image.is_some()));
        assert!(layer("gone.png").is_err());
    }
}
