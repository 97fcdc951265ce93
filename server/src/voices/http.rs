//! Voices of a server that speaks text: `/v1/audio/speech`, as many servers have it.
//!
//! A sentence is posted and its sound comes back; where its phonemes are is found by alignment, since these servers do not tell. The
//! operator names the server, but its address is held to the fetch guard all the same, and what it answers is a stranger's file: limited
//! in size and time, known by its content, decoded outside this process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::go_on;
use mouthpiece_render::media::{Tools, sound};
use mouthpiece_render::speech::{Engine, Language, Manner, Phrase, Utterance, Voice, VoiceInfo, Word};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;

use crate::fetch::{ClientUrl, FetchError, Fetcher, Limits, NetPolicy, Resolver, Wanted};

mod settings;

pub use settings::{Described, Format, Offered, Secret, Settings};

/// Samples a second of what it says.
const RATE: u32 = 24_000;
/// What these servers take as `speed`.
const SPEEDS: std::ops::RangeInclusive<f32> = 0.25..=4.0;
/// The longest that a phrase may sound, in seconds: 400 signs at half the pace are a minute.
const LONGEST: f64 = 180.0;
/// 180 s of sound with more bits, channels and samples than any voice has.
const MOST_BYTES: u64 = 64 << 20;
/// Before a sentence is asked for again that failed for what may pass.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// How often a wish to stop is heard.
const BEAT: Duration = Duration::from_millis(100);

/// One server.
pub struct HttpEngine {
    settings: Settings,
    server: Arc<Server>,
}

impl HttpEngine {
    /// Connects to nothing yet. `allow` are the networks that are open to everybody's urls; a key whose variable is missing is told when
    /// it is needed. `SceneInvalid` if the settings make no sense.
    pub fn new(settings: Settings, allow: &[IpNet], resolver: Resolver) -> Result<Self> {
        let name = settings.name.clone();
        let wrong = |field: &str, rest: &str| Error::new(Kind::SceneInvalid, format!("setting voices.http \"{name}\": {field} {rest}"));
        settings.check().map_err(|(field, rest)| wrong(field, &rest))?;
        let limits = Limits {
            sound_bytes: MOST_BYTES,
            total_time: settings.time_limit,
            // Such a server thinks before it speaks.
            idle: settings.time_limit,
            ..Limits::default()
        };
        let open = allow.iter().chain(&settings.allow_net).copied().collect();
        let fetcher = Fetcher::new(NetPolicy::new(open), limits, resolver).map_err(|e| failed(&name, "cannot be called").because(e))?;
        let url = fetcher.check_webhook(&settings.url).map_err(|e| {
            let rest = match e {
                crate::fetch::Refused::Address => {
                    "points to a private or reserved address; list its network in allow_net of this voices.http".to_owned()
                }
                other => other.to_string(),
            };
            wrong("url", &rest)
        })?;
        let server = Server {
            name,
            url,
            model: settings.model.clone(),
            format: settings.format,
            key: key(&settings),
            fetcher,
            tools: Tools::from_env(),
            pauses: PAUSES,
        };
        Ok(Self {
            settings,
            server: Arc::new(server),
        })
    }

    /// How long to wait before each further attempt; for tests.
    #[must_use]
    pub fn with_pauses(mut self, pauses: [Duration; 2]) -> Self {
        if let Some(server) = Arc::get_mut(&mut self.server) {
            server.pauses = pauses;
        }
        self
    }
}

impl Engine for HttpEngine {
    fn voices(&self) -> Vec<VoiceInfo> {
        self.settings.infos().collect()
    }

    fn voice(&self, id: &str) -> Option<Result<Arc<dyn Voice>>> {
        let (called, language) = self.settings.called(id)?;
        Some(Ok(Arc::new(HttpVoice {
            server: Arc::clone(&self.server),
            called: called.to_owned(),
            language,
        })))
    }
}

struct HttpVoice {
    server: Arc<Server>,
    called: String,
    language: Language,
}

impl Voice for HttpVoice {
    fn language(&self) -> Language {
        self.language
    }

    fn rate(&self) -> u32 {
        RATE
    }

    /// Pitch is changed by playing faster or slower, for which the server is asked to speak slower or faster.
    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let input = text(phrase);
        if input.is_empty() {
            return Ok(Utterance::default());
        }
        let bend = (manner.pitch / 12.0).exp2();
        let speed = (manner.speed / bend).clamp(*SPEEDS.start(), *SPEEDS.end());
        let rate = (RATE as f32 / bend).round() as u32;
        let mut samples = self.server.speak(&self.called, &input, speed, rate)?;
        let gain = 10f32.powf(manner.volume / 20.0);
        for sample in &mut samples {
            *sample = (*sample * gain).clamp(-1.0, 1.0);
        }
        Ok(Utterance {
            samples,
            ..Utterance::default()
        })
    }
}

/// A phrase as text to be read: numbers are words by now, so that the server reads what the captions' times are made for.
fn text(phrase: &Phrase) -> String {
    let written = |w: &Word| match w.spoken.is_empty() {
        true => w.text.clone(),
        false => format!("{}{}", w.spoken, w.pause),
    };
    let words: Vec<String> = phrase.words.iter().map(written).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

/// Where it is, and how it is called.
struct Server {
    name: String,
    url: ClientUrl,
    model: String,
    format: Format,
    /// `None` where it wants none, the variable's name where that is not set.
    key: Result<Option<Secret>, String>,
    fetcher: Fetcher,
    tools: Tools,
    pauses: [Duration; 2],
}

impl Server {
    /// Mono samples at a rate.
    fn speak(&self, voice: &str, input: &str, speed: f32, rate: u32) -> Result<Vec<f32>> {
        let folder = tempfile::tempdir().map_err(|e| Error::new(Kind::DiskFull, "no temporary folder can be made").because(e))?;
        let file = folder.path().join("spoken");
        let request = json!({
            "model": self.model, "input": input, "voice": voice, "response_format": self.format, "speed": speed,
        });
        let body = request.to_string();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| self.failed("cannot be called").because(e))?;
        let fetched = runtime.block_on(heeding(self.ask(&body, &file)));
        // A name that is still being looked up is left to itself.
        runtime.shutdown_background();
        fetched?;
        self.decode(&file, rate)
    }

    /// Asks until it answers, or for good fails.
    async fn ask(&self, body: &str, to: &Path) -> Result<()> {
        let headers = self.headers()?;
        let mut pauses = self.pauses.iter();
        loop {
            let answer = self
                .fetcher
                .call(&self.url, headers.clone(), body.to_owned(), Wanted::Sound, to)
                .await;
            let error = match answer {
                Ok(_) => return Ok(()),
                Err(e) => e,
            };
            match pauses.next() {
                Some(pause) if error.retry() && !matches!(error, FetchError::TooSlow { .. }) => tokio::time::sleep(*pause).await,
                _ => return Err(self.failed(&sentence(&error)).because(error)),
            }
        }
    }

    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let key = self.key.as_ref().map_err(|variable| {
            self.failed(&format!(
                "wants a key, but the environment has no {variable}; set it and start again"
            ))
        })?;
        if let Some(key) = key {
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.reveal()))
                .map_err(|_| self.failed("has a key with characters that no key has; check it for line ends"))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        Ok(headers)
    }

    fn decode(&self, file: &Path, rate: u32) -> Result<Vec<f32>> {
        let limits = sound::Limits {
            bytes: MOST_BYTES,
            seconds: LONGEST,
        };
        let strange = |e: Error| match e.kind {
            Kind::AudioUnreadable | Kind::AudioEmpty | Kind::AudioTooLong | Kind::AudioSilent => {
                self.failed(&format!("sent no speech: {}", e.message)).because(e)
            }
            _ => e,
        };
        let facts = sound::probe(file, &limits, &self.tools).map_err(strange)?;
        let mut blocks = sound::decode_mono(file, &facts, rate, &limits, &self.tools).map_err(strange)?;
        let mut samples = Vec::new();
        for block in &mut blocks {
            samples.extend(block.map_err(strange)?);
        }
        blocks.audible().map_err(strange)?;
        Ok(samples)
    }

    fn failed(&self, what: &str) -> Error {
        failed(&self.name, what)
    }
}

/// An error that names the server as the settings do, and neither its address nor its key.
fn failed(name: &str, what: &str) -> Error {
    Error::new(Kind::EngineFailed, format!("the speech server \"{name}\" {what}"))
}

/// What an operator can do about it; goes on after the server's name.
fn sentence(e: &FetchError) -> String {
    match e {
        FetchError::Http { status: 401 | 403 } => "refuses the key; check key_env or key in [[voices.http]]".to_owned(),
        FetchError::Http { status: 400 | 422 } => {
            "does not accept the request; check model, voices and format in [[voices.http]]".to_owned()
        }
        FetchError::Http { status: 404 | 405 } => "has nothing at this address; check url in [[voices.http]]".to_owned(),
        FetchError::Http { status: 429 } => "is asked too often; try again later".to_owned(),
        FetchError::Http { status: 300..=399 } => {
            "answers with a redirect, which is not followed, since a key is sent; give the final url in [[voices.http]]".to_owned()
        }
        FetchError::Http { status } => format!("answers {status}; look at its log, or try again later"),
        FetchError::WrongType { .. } => format!("{}; check url in [[voices.http]]", head(&e.to_string())),
        FetchError::TooLarge { limit } => format!("sent more than {} MB for one sentence", limit >> 20),
        FetchError::Refused(_) => "has a private or reserved address; list its network in allow_net of its [[voices.http]]".to_owned(),
        FetchError::TooSlow { .. } => "did not speak in time; it may need a longer time_limit in [[voices.http]]".to_owned(),
        FetchError::DiskFull(_) | FetchError::Disk(_) => "spoke, but its sound cannot be stored here: is the disk full?".to_owned(),
        other => other.to_string(),
    }
}

/// The part before the advice, which is meant for others.
fn head(sentence: &str) -> &str {
    sentence.split(';').next().unwrap_or_default()
}

/// A future that is dropped when the work around it is called off.
async fn heeding<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut beat = tokio::time::interval(BEAT);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = beat.tick() => go_on()?,
        }
    }
}

fn key(settings: &Settings) -> Result<Option<Secret>, String> {
    match &settings.key_env {
        Some(variable) => match std::env::var(variable) {
            Ok(key) if !key.trim().is_empty() => Ok(Some(Secret::new(key.trim()))),
            _ => Err(variable.clone()),
        },
        None => Ok(settings.key.clone()),
    }
}
