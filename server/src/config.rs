//! Settings: built-in, then a file, then the environment, then flags; the later win.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use ipnet::IpNet;
use mouthpiece_render::error::{Error, Kind};
use serde::{Deserialize, Serialize};

use crate::voices;

/// Environment variables begin so; `__` separates a section from its setting.
pub const PREFIX: &str = "MOUTHPIECE_";
/// The name of the file that is read in the data folder, if it is there.
pub const FILE: &str = "mouthpiece.toml";
/// Variables of ours that are no settings of the service.
const OTHERS: [&str; 4] = ["ffmpeg", "ffprobe", "config", "cache"];

/// Which of the contract's two readings an account gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(rename_all = "lowercase")]
pub enum Compat {
    /// What the published document says, to the letter.
    #[default]
    Documented,
    /// What the running service does.
    Live,
}

/// Everything that an operator can set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder that holds everything: database and files.
    pub data: PathBuf,
    pub listen: SocketAddr,
    /// What links begin with; by default `http://` and the address that is listened on.
    pub public_url: Option<url::Url>,
    /// Renders side by side; 0 leaves them to `mouthpiece work`.
    pub workers: usize,
    /// Private networks that urls of clients may lead to.
    pub allow_net: Vec<IpNet>,
    /// For accounts that have no reading of their own.
    pub compat: Compat,
    pub log: LogFormat,
    pub retention: Retention,
    pub jobs: Jobs,
    pub limits: Limits,
    pub credit: Credit,
    pub voices: Voices,
}

/// Voices beside those that are embedded and installed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Voices {
    /// Whether workers that have nothing else to do speak previews of the official voices that have none yet.
    pub previews: bool,
    /// Servers that speak text.
    pub http: Vec<voices::http::Settings>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// How long things are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Results, links to uploads.
    #[serde(with = "humantime_serde")]
    pub files: Duration,
    /// Prepared videos that are not used and of which no avatar is made.
    #[serde(with = "humantime_serde")]
    pub packs: Duration,
    /// Answers to idempotency keys.
    #[serde(with = "humantime_serde")]
    pub idempotency: Duration,
    /// The record of callbacks, from when they were delivered or given up.
    #[serde(with = "humantime_serde")]
    pub callbacks: Duration,
    /// Messages that could not be dealt with, for the operator to look at.
    #[serde(with = "humantime_serde")]
    pub buried: Duration,
}

/// How jobs are run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// A job whose worker is not heard of for so long is given to another.
    #[serde(with = "humantime_serde")]
    pub lease: Duration,
    /// How often a worker says that it lives, and hears of cancels.
    #[serde(with = "humantime_serde")]
    pub heartbeat: Duration,
    /// Attempts that may end badly before a job has failed for good.
    pub tries: u32,
    /// Before a failed attempt is repeated, times the attempts so far.
    #[serde(with = "humantime_serde")]
    pub pause: Duration,
    /// A render that takes longer is failed.
    #[serde(with = "humantime_serde")]
    pub time_limit: Duration,
}

/// What a client may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body; pictures may be in it as data urls.
    pub body_bytes: usize,
    pub image_bytes: u64,
    pub video_bytes: u64,
    pub sound_bytes: u64,
    /// Of a recording that a voice is matched to.
    pub voice_bytes: u64,
    /// Of all files of one video together.
    pub request_bytes: u64,
    /// Of all prepared videos together; those that were not used for the longest time go first, and are prepared again when they are needed.
    pub pack_bytes: u64,
    /// For one url, from its name to its last byte.
    #[serde(with = "humantime_serde")]
    pub fetch_time: Duration,
    /// For the answer to a callback.
    #[serde(with = "humantime_serde")]
    pub callback_time: Duration,
    /// Seconds of speech in one video.
    pub speech_seconds: u32,
    /// Image elements of one video.
    pub images: usize,
    /// Video elements of one video.
    pub videos: usize,
    /// Scenes of one video.
    pub scenes: usize,
    /// Jobs of one account that wait or run.
    pub open_jobs: u32,
    /// Jobs of all accounts that wait or run.
    pub open_jobs_total: u32,
    /// Avatars that an account may have.
    pub avatars: u32,
    /// Matched voices that an account may have.
    pub voices: u32,
    /// Calls of one account in a second.
    pub calls_per_second: u32,
    /// Calls without a valid account from one address in a minute.
    pub strangers_per_minute: u32,
}

/// What videos, speech and voices cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Credit {
    /// What a new account is given.
    pub initial: u32,
    /// For each second of video that was begun.
    pub per_second: u32,
    /// For each 1000 characters of spoken text that were begun.
    pub per_1000_characters: u32,
    /// For a voice that is matched to a recording.
    pub per_voice: u32,
}

impl Credit {
    /// For a spoken text of so many characters.
    pub fn speech(&self, characters: usize) -> i64 {
        let thousands = i64::try_from(characters.div_ceil(1000)).unwrap_or(i64::MAX);
        thousands.saturating_mul(self.per_1000_characters.into())
    }
}

impl Default for Voices {
    fn default() -> Self {
        Self {
            previews: true,
            http: Vec::new(),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            workers: 1,
            allow_net: Vec::new(),
            compat: Compat::default(),
            log: LogFormat::default(),
            retention: Retention::default(),
            jobs: Jobs::default(),
            limits: Limits::default(),
            credit: Credit::default(),
            voices: Voices::default(),
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            files: Duration::from_hours(7 * 24),
            packs: Duration::from_hours(7 * 24),
            idempotency: Duration::from_hours(24),
            callbacks: Duration::from_hours(30 * 24),
            buried: Duration::from_hours(30 * 24),
        }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            heartbeat: Duration::from_secs(1),
            tries: 5,
            pause: Duration::from_secs(2),
            time_limit: Duration::from_hours(6),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 32 << 20,
            image_bytes: 20 << 20,
            video_bytes: 500 << 20,
            sound_bytes: 100 << 20,
            voice_bytes: 30 << 20,
            request_bytes: 2 << 30,
            pack_bytes: 20 << 30,
            fetch_time: Duration::from_mins(5),
            callback_time: Duration::from_secs(10),
            speech_seconds: 3600,
            images: 64,
            videos: 8,
            scenes: 50,
            open_jobs: 1000,
            open_jobs_total: 10_000,
            avatars: 10_000,
            voices: 1000,
            calls_per_second: 500,
            strangers_per_minute: 600,
        }
    }
}

impl Default for Credit {
    fn default() -> Self {
        Self {
            initial: 1_000_000,
            per_second: 1,
            per_1000_characters: 5,
            per_voice: 10,
        }
    }
}

impl Config {
    /// Reads every layer; `flags` holds only what was given on the command line.
    ///
    /// `file` must be there if it is named; without a name `mouthpiece.toml` in the data folder is read if it is there.
    pub fn read(file: Option<&Path>, flags: &impl Serialize) -> Result<Self, Error> {
        let config: Self = figment(file, flags)?.extract().map_err(|e| invalid(&e))?;
        config.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let wrong = |what: &str| Err(Error::new(Kind::SceneInvalid, format!("setting {what}")));
        if self.jobs.heartbeat.is_zero() || self.jobs.lease < self.jobs.heartbeat * 3 {
            return wrong("jobs.lease: must be at least three times jobs.heartbeat, or healthy workers lose their jobs");
        }
        if self.jobs.tries == 0 {
            return wrong("jobs.tries: must be at least 1");
        }
        if self.limits.calls_per_second == 0 || self.limits.strangers_per_minute == 0 {
            return wrong("limits.calls_per_second, limits.strangers_per_minute: must be at least 1");
        }
        if self.public_url.as_ref().is_some_and(|u| !matches!(u.scheme(), "http" | "https")) {
            return wrong("public_url: must begin with http:// or https://");
        }
        for (n, server) in self.voices.http.iter().enumerate() {
            if let Err((field, rest)) = server.check() {
                return wrong(&format!("voices.http[{n}].{field}: {rest}"));
            }
            if self.voices.http[..n].iter().any(|other| other.name == server.name) {
                return wrong(&format!(
                    "voices.http[{n}].name: \"{}\" is another server's; give each its own",
                    server.name
                ));
            }
        }
        Ok(self)
    }

    /// Fit to be shown: without keys.
    #[must_use]
    pub fn shown(mut self) -> Self {
        for server in &mut self.voices.http {
            server.key = server.key.take().map(|_| voices::http::Secret::new("(hidden)"));
        }
        self
    }
}

/// The layers, the weakest first.
pub fn figment(file: Option<&Path>, flags: &impl Serialize) -> Result<Figment, Error> {
    let env = || Env::prefixed(PREFIX).ignore(&OTHERS).split("__");
    let weakest = Figment::from(Serialized::defaults(Config::default()));
    let file = match file {
        Some(file) if !file.is_file() => {
            let message = format!("{}: this settings file is not there or is no file", file.display());
            return Err(Error::new(Kind::FileUnreadable, message));
        }
        Some(file) => file.to_owned(),
        None => {
            let data: PathBuf = weakest
                .clone()
                .merge(env())
                .merge(Serialized::defaults(flags))
                .extract_inner("data")
                .map_err(|e| invalid(&e))?;
            data.join(FILE)
        }
    };
    let said = if file.is_file() {
        weakest.merge(Toml::file_exact(file))
    } else {
        weakest
    };
    Ok(said.merge(env()).merge(Serialized::defaults(flags)))
}

/// What is wrong with the settings, and where it was said.
fn invalid(e: &figment::Error) -> Error {
    // figment calls the part of a file without a section so.
    Error::new(Kind::SceneInvalid, format!("settings: {e}").replace("\"default.", "\""))
}
