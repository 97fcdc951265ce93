//! What is compared: our ways of encoding, an avatar that is a video, and what others would type for the same still scene.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use mouthpiece_render::error::{Error, Kind, Result};
use serde::Serialize;
use serde_json::json;

use super::keep;
use crate::cli::outcome::tell;
use crate::cli::stop::Stop;
use crate::cli::tool;

const PORTRAIT: &[u8] = include_bytes!("../../../../media/demo/astronaut.png");
const SPEECH: &[u8] = include_bytes!("../../../../media/demo/speech.flac");
/// Seconds of the clip that is made of the portrait.
const CLIP: f64 = 8.0;
/// Pixels of the clip's side, and the most of a filmed avatar on the canvas.
const SIDE: u32 = 1080;

/// The same scene in MoviePy 2: background, portrait, width, height, sound, x264's preset, output.
const MOVIEPY: &str = r#"import sys
from moviepy import AudioFileClip, CompositeVideoClip, ImageClip

background, portrait, width, height, sound, preset, output = sys.argv[1:]
audio = AudioFileClip(sound)
face = ImageClip(portrait).resized(height=int(height)).with_position("center")
scene = CompositeVideoClip([ImageClip(background), face], size=(int(width), int(height)))
scene = scene.with_duration(audio.duration).with_audio(audio)
scene.write_videofile(output, fps=25, codec="libx264", preset=preset, audio_codec="aac", logger=None)
"#;

/// A row of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    #[value(name = "band")]
    MouthpieceBand,
    #[value(name = "tile")]
    MouthpieceTile,
    #[value(name = "plain")]
    MouthpiecePlain,
    #[value(name = "footage")]
    MouthpieceFootage,
    #[value(name = "veryfast")]
    FfmpegVeryfast,
    #[value(name = "ultrafast")]
    FfmpegUltrafast,
    #[value(name = "moviepy")]
    MoviepyMedium,
    #[value(name = "moviepy-ultrafast")]
    MoviepyUltrafast,
}

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::MouthpieceBand => "mouthpiece, band",
            Self::MouthpieceTile => "mouthpiece, tile",
            Self::MouthpiecePlain => "mouthpiece, plain",
            Self::MouthpieceFootage => "mouthpiece, filmed avatar",
            Self::FfmpegVeryfast => "ffmpeg overlay, veryfast",
            Self::FfmpegUltrafast => "ffmpeg overlay, ultrafast",
            Self::MoviepyMedium => "MoviePy 2, as it comes",
            Self::MoviepyUltrafast => "MoviePy 2, ultrafast",
        }
    }

    pub fn is_moviepy(self) -> bool {
        matches!(self, Self::MoviepyMedium | Self::MoviepyUltrafast)
    }
}

/// The files that all ways read.
pub struct Stage<'a> {
    folder: &'a Path,
    stop: &'a Stop,
    recording: PathBuf,
    portrait: PathBuf,
    /// The prepared avatar, where it is needed.
    footage: Option<PathBuf>,
    /// A Python that has MoviePy.
    python: PathBuf,
}

/// What is made: its canvas and its length.
#[derive(Clone, Copy)]
pub struct Take {
    pub size: (u32, u32),
    pub seconds: f64,
}

impl<'a> Stage<'a> {
    pub fn new(avatar: Option<&Path>, audio: Option<&Path>, python: &Path, folder: &'a Path, stop: &'a Stop) -> Result<Self> {
        let place = |given: Option<&Path>, name: &str, bytes: &[u8]| match given {
            // Programs run in the folder.
            Some(path) => std::path::absolute(path).map_err(|e| Error::new(Kind::FileUnreadable, "a file cannot be found").because(e)),
            None => keep(&folder.join(name), bytes),
        };
        // A name is looked for on the `PATH`.
        let python = match python.components().count() {
            1 => python.to_owned(),
            _ => place(Some(python), "", &[])?,
        };
        Ok(Self {
            folder,
            stop,
            recording: place(audio, "speech.flac", SPEECH)?,
            portrait: place(avatar, "portrait.png", PORTRAIT)?,
            footage: None,
            python,
        })
    }

    /// The version of MoviePy that Python has, if it is one that we can use.
    pub fn moviepy(&self) -> Option<String> {
        let mut command = tool::program(&self.python.to_string_lossy());
        command.args(["-c", "import moviepy; print(moviepy.__version__)"]);
        command.stderr(std::process::Stdio::null());
        let (_, version) = tool::run(&mut command, self.stop).ok()?;
        Some(version.trim().to_owned()).filter(|version| version.starts_with("2."))
    }

    /// Prepares the avatar that is a video: a clip, or one in which the portrait speaks.
    pub fn film(&mut self, clip: Option<&Path>) -> Result<()> {
        let clip = match clip {
            Some(path) => path.to_owned(),
            None => {
                tell(&"a clip in which the portrait speaks is made and prepared");
                let made = self.folder.join("clip.mp4");
                let speech = self.speech(CLIP)?;
                let mut command = self.ours(&made)?;
                command.args(["--size", &format!("{SIDE}x{SIDE}"), "--quality", "high"]);
                command.arg("--avatar").arg(&self.portrait).arg("--audio").arg(speech);
                tool::run(&mut command, self.stop)?;
                made
            }
        };
        let pack = self.folder.join("clip.avatar");
        let mut command = tool::ourselves()?;
        command.args(["avatar", "build", "--quiet"]).arg(clip).arg("--output").arg(&pack);
        command.env("MOUTHPIECE_CACHE", "");
        tool::run(&mut command, self.stop)?;
        self.footage = Some(pack);
        Ok(())
    }

    /// The recording, so long: it repeats or ends there.
    fn speech(&self, seconds: f64) -> Result<PathBuf> {
        let path = self.folder.join(format!("speech-{seconds}.wav"));
        if !path.exists() {
            let mut command = tool::ffmpeg();
            command.args(["-stream_loop", "-1", "-i"]).arg(&self.recording);
            command.args(["-t", &seconds.to_string(), "-ac", "1", "-ar", "48000"]).arg(&path);
            tool::run(&mut command, self.stop)?;
        }
        Ok(path)
    }

    /// A soft picture of the canvas's size, as a user's background would be.
    fn background(&self, (width, height): (u32, u32)) -> Result<PathBuf> {
        let path = self.folder.join(format!("background-{width}x{height}.png"));
        if !path.exists() {
            let source = format!("gradients=size={width}x{height}:c0=0x24364a:c1=0xc8b89a:x0=0:y0=0:x1={width}:y1={height}:seed=1");
            let mut command = tool::ffmpeg();
            command.args(["-f", "lavfi", "-i", &source, "-frames:v", "1"]).arg(&path);
            tool::run(&mut command, self.stop)?;
        }
        Ok(path)
    }

    /// What makes a take, ready to be run; the files that it reads are there.
    pub fn command(&self, way: Way, take: Take, output: &Path) -> Result<Command> {
        let (background, speech) = (self.background(take.size)?, self.speech(take.seconds)?);
        let mut command = match way {
            Way::MouthpieceBand => self.render("band", take, &background, output)?,
            Way::MouthpieceTile => self.render("tile", take, &background, output)?,
            Way::MouthpiecePlain => self.render("plain", take, &background, output)?,
            Way::MouthpieceFootage => self.filmed(take, &background, output)?,
            Way::FfmpegVeryfast => return Ok(self.overlay(take, &background, &speech, "veryfast", output)),
            Way::FfmpegUltrafast => return Ok(self.overlay(take, &background, &speech, "ultrafast", output)),
            Way::MoviepyMedium => return self.moved(take, &background, &speech, "medium", output),
            Way::MoviepyUltrafast => return self.moved(take, &background, &speech, "ultrafast", output),
        };
        command.arg("--audio").arg(speech);
        Ok(command)
    }

    fn ours(&self, output: &Path) -> Result<Command> {
        let mut command = tool::ourselves()?;
        command.args(["render", "--quiet", "--json", "--output"]).arg(output);
        Ok(command)
    }

    fn render(&self, encode: &str, take: Take, background: &Path, output: &Path) -> Result<Command> {
        let (width, height) = take.size;
        let mut command = self.ours(output)?;
        command.args(["--size", &format!("{width}x{height}"), "--encode", encode]);
        command.arg("--avatar").arg(&self.portrait).arg("--background").arg(background);
        Ok(command)
    }

    /// A filmed avatar in the middle, no larger than it was filmed.
    fn filmed(&self, take: Take, background: &Path, output: &Path) -> Result<Command> {
        let (width, height) = take.size;
        let side = SIDE.min(width).min(height);
        let avatar = json!({
            "avatar": self.footage, "anchor": "centre", "x": width / 2, "y": height / 2, "width": side, "height": side, "fit": "contain",
        });
        let scene = json!({"width": width, "height": height, "layers": [{"image": background}, avatar]});
        let file = keep(
            &self.folder.join(format!("scene-{width}x{height}.json")),
            scene.to_string().as_bytes(),
        )?;
        let mut command = self.ours(output)?;
        command.arg("--scene").arg(file);
        Ok(command)
    }

    /// What somebody would type who wants the picture over the background with the sound, and no lips.
    fn overlay(&self, take: Take, background: &Path, speech: &Path, preset: &str, output: &Path) -> Command {
        let height = take.size.1;
        let mut command = tool::ffmpeg();
        for picture in [background, &self.portrait] {
            command.args(["-loop", "1", "-framerate", "25", "-i"]).arg(picture);
        }
        let filter = format!("[1:v]scale=-2:{height}[face];[0:v][face]overlay=(W-w)/2:(H-h)/2:shortest=1,format=yuv420p[v]");
        command
            .arg("-i")
            .arg(speech)
            .args(["-filter_complex", &filter, "-map", "[v]", "-map", "2:a"]);
        command
            .args(["-c:v", "libx264", "-preset", preset, "-c:a", "aac", "-shortest"])
            .arg(output);
        command
    }

    /// The same in a script for MoviePy, with the ffmpeg that everybody uses here.
    fn moved(&self, take: Take, background: &Path, speech: &Path, preset: &str, output: &Path) -> Result<Command> {
        let script = keep(&self.folder.join("scene.py"), MOVIEPY.as_bytes())?;
        let (width, height) = take.size;
        let mut command = tool::program(&self.python.to_string_lossy());
        command.arg(script).arg(background).arg(&self.portrait);
        command
            .args([width, height].map(|side| side.to_string()))
            .arg(speech)
            .arg(preset)
            .arg(output);
        // It leaves the sound beside it for a while.
        command.current_dir(self.folder);
        let ffmpeg = tool::ffmpeg();
        command
            .env("FFMPEG_BINARY", ffmpeg.get_program())
            .env("IMAGEIO_FFMPEG_EXE", ffmpeg.get_program());
        Ok(command)
    }
}
