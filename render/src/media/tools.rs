//! The programs that we need: where they are and what they can do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::process::{Bounds, Job, run};
use crate::error::{Error, Kind, Result};

/// What mends a missing program, said in messages.
const REMEDY: &str = "install it with: sudo apt-get install ffmpeg";

/// Enough for ffmpeg's many libraries and a few buffers of sound, in bytes.
pub(crate) const SMALL_MEMORY: u64 = 2 << 30;

/// The programs to use: a bare name is looked up on the `PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    pub ffmpeg: PathBuf,
    pub ffprobe: PathBuf,
    /// How long a program may neither take nor give a byte before it is stopped.
    pub patience: Duration,
    /// What is to encode H.264.
    pub wish: Wish,
}

/// What encodes H.264.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum H264Encoder {
    /// x264, out of ffmpeg.
    X264,
    /// OpenH264, which is built in.
    OpenH264,
}

/// Which encoder the user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// x264 where ffmpeg has it, for it is better and faster; else OpenH264.
    #[default]
    Best,
    Only(H264Encoder),
    /// Words that name none; told where an encoder is needed.
    Unknown,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            ffmpeg: "ffmpeg".into(),
            ffprobe: "ffprobe".into(),
            patience: Duration::from_secs(60),
            wish: Wish::Best,
        }
    }
}

/// What was found, for `mouthpiece doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// As ffmpeg tells it: "5.1.9-0+deb12u1".
    pub version: String,
    /// What will encode H.264.
    pub h264: H264Encoder,
    /// Whether ffmpeg has x264.
    pub libx264: bool,
    /// Whether it can encode AAC.
    pub aac: bool,
}

impl Tools {
    /// From `MOUTHPIECE_FFMPEG` and `MOUTHPIECE_FFPROBE`, else from the `PATH`; ffprobe is sought beside ffmpeg first. `MOUTHPIECE_H264` may say
    /// x264 or openh264.
    pub fn from_env() -> Self {
        let mut tools = Self::default();
        if let Some(ffmpeg) = std::env::var_os("MOUTHPIECE_FFMPEG").filter(|v| !v.is_empty()) {
            tools.ffmpeg = ffmpeg.into();
            let beside = tools.ffmpeg.with_file_name("ffprobe");
            if beside.is_file() {
                tools.ffprobe = beside;
            }
        }
        if let Some(ffprobe) = std::env::var_os("MOUTHPIECE_FFPROBE").filter(|v| !v.is_empty()) {
            tools.ffprobe = ffprobe.into();
        }
        if let Some(wish) = std::env::var_os("MOUTHPIECE_H264").filter(|v| !v.is_empty()) {
            tools.wish = match wish.to_str() {
                Some("x264") => Wish::Only(H264Encoder::X264),
                Some("openh264") => Wish::Only(H264Encoder::OpenH264),
                _ => Wish::Unknown,
            };
        }
        tools
    }

    /// What encodes H.264 here. ffmpeg is asked once, as long as its file is the same.
    pub fn h264(&self) -> Result<H264Encoder> {
        static KNOWN: Mutex<Vec<(PathBuf, SystemTime, H264Encoder)>> = Mutex::new(Vec::new());
        match self.wish {
            Wish::Best => {}
            Wish::Only(encoder) => return Ok(encoder),
            Wish::Unknown => {
                return Err(Error::new(
                    Kind::ToolMissing,
                    "there is no encoder of the name in MOUTHPIECE_H264; it may be x264 or openh264, or not be set",
                ));
            }
        }
        let Some(program) = find(&self.ffmpeg) else {
            return Err(missing("ffmpeg"));
        };
        let changed = std::fs::metadata(&program).and_then(|meta| meta.modified()).ok();
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(path, time, _): &&(PathBuf, SystemTime, H264Encoder)| *path == program && Some(*time) == changed;
        if let Some((_, _, encoder)) = known().iter().find(same) {
            return Ok(*encoder);
        }
        // Where it does not even answer, what it is asked to do later says why.
        let Ok(encoders) = self.encoders() else {
            return Ok(H264Encoder::X264);
        };
        let encoder = if has(&encoders, "libx264") {
            H264Encoder::X264
        } else {
            H264Encoder::OpenH264
        };
        if let Some(changed) = changed {
            known().push((program, changed, encoder));
        }
        Ok(encoder)
    }

    /// Asks ffmpeg for its version and encoders; `ToolMissing` if ffmpeg or ffprobe is not there.
    pub fn check(&self) -> Result<Report> {
        self.ffprobe_job(Vec::new(), Duration::from_secs(10))?;
        let version = self.ask(&["-version"])?;
        let encoders = self.encoders()?;
        Ok(Report {
            version: version.split_whitespace().nth(2).unwrap_or("unknown").to_owned(),
            h264: self.h264()?,
            libx264: has(&encoders, "libx264"),
            aac: has(&encoders, "aac"),
        })
    }

    fn encoders(&self) -> Result<String> {
        self.ask(&["-hide_banner", "-encoders"])
    }

    fn ask(&self, args: &[&str]) -> Result<String> {
        let job = self.ffmpeg_job(args.iter().map(Into::into).collect(), SMALL_MEMORY, Duration::from_secs(10))?;
        let (output, exit) = run(job, 1 << 20)?;
        if !exit.success() {
            return Err(exit.error(Error::new(
                Kind::ToolFailed,
                "ffmpeg does not answer as it should; is it really ffmpeg?",
            )));
        }
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    pub(crate) fn ffmpeg_job(&self, args: Vec<OsString>, address_space: u64, cpu: Duration) -> Result<Job> {
        self.job("ffmpeg", &self.ffmpeg, args, address_space, cpu)
    }

    pub(crate) fn ffprobe_job(&self, args: Vec<OsString>, cpu: Duration) -> Result<Job> {
        self.job("ffprobe", &self.ffprobe, args, SMALL_MEMORY, cpu)
    }

    fn job(&self, name: &'static str, program: &Path, args: Vec<OsString>, address_space: u64, cpu: Duration) -> Result<Job> {
        Ok(Job {
            name,
            program: find(program).ok_or_else(|| missing(name))?,
            args,
            bounds: Bounds {
                address_space,
                cpu,
                patience: self.patience,
            },
        })
    }
}

/// Whether an encoder is in ffmpeg's list of them.
fn has(encoders: &str, name: &str) -> bool {
    encoders.lines().any(|line| line.split_whitespace().nth(1) == Some(name))
}

fn missing(name: &str) -> Error {
    Error::new(Kind::ToolMissing, format!("{name} is not installed; {REMEDY}"))
}

/// Asks after the programs that `Tools::from_env` names.
pub fn check() -> Result<Report> {
    Tools::from_env().check()
}

/// A path as an argument that ffmpeg reads as a local file and nothing else, whatever its name is.
pub(crate) fn file_argument(path: &Path) -> Result<OsString> {
    let absolute = std::path::absolute(path).map_err(|e| Error::new(Kind::FileUnreadable, "the file cannot be found").because(e))?;
    let mut argument = OsString::from("file:");
    argument.push(absolute);
    Ok(argument)
}

/// Where a program is: a path as it stands, a name on the PATH.
pub(crate) fn find(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return runnable(program).then(|| program.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| runnable(candidate))
}

fn runnable(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(program).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
