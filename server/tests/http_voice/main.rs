//! Voices of a speech server, against fake ones on loopback: what they are asked, what they may answer, and what is never told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
#[path = "../fetch/fake.rs"]
#[expect(dead_code, reason = "a part of it is for the fetcher's tests")]
mod fake;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use fake::{Reply, Server};
use mouthpiece_render::error::{Error, Kind};
use mouthpiece_render::speech::{Engine, Language, Manner, Phrase, Utterance, Voice, Word};
use mouthpiece_server::fetch::{NetPolicy, Resolver};
use mouthpiece_server::voices::http::{HttpEngine, Settings};

/// Where the fake servers live.
const OPEN: &str = "127.0.0.2";
const KEY: &str = "sk-very-secret-4711";

/// Settings as an operator writes them.
fn settings(toml: &str) -> Settings {
    toml::from_str(toml).unwrap()
}

/// A server of one voice, with a key.
fn one_voice(url: &str) -> Settings {
    settings(&format!(
        "name = 'studio'\nurl = '{url}'\nmodel = 'tts-1'\nvoices = ['alloy']\nkey = '{KEY}'\ntime_limit = '2s'"
    ))
}

fn engine(settings: Settings) -> HttpEngine {
    let allow = [NetPolicy::parse_net(OPEN).unwrap()];
    HttpEngine::new(settings, &allow, Resolver::System)
        .unwrap()
        .with_pauses([Duration::ZERO; 2])
}

fn voice(server: &Server) -> Arc<dyn Voice> {
    engine(one_voice(&server.url("/v1/audio/speech")))
        .voice("studio-alloy")
        .unwrap()
        .unwrap()
}

fn phrase(words: &[(&str, &str)]) -> Phrase {
    let word = |(spoken, pause): &(&str, &str)| Word {
        text: format!("{spoken}{pause}"),
        spoken: (*spoken).to_owned(),
        pause: (*pause).to_owned(),
        ..Word::default()
    };
    Phrase {
        language: Language::AmericanEnglish,
        words: words.iter().map(word).collect(),
    }
}

/// Speaks on a thread that may wait, as workers do.
async fn say(voice: Arc<dyn Voice>, manner: Manner) -> Result<Utterance, Error> {
    let said = tokio::task::spawn_blocking(move || voice.say(&phrase(&[("Hello", ","), ("world", ".")]), &manner));
    said.await.unwrap()
}

/// What went wrong; no error may tell the key or where the server is.
async fn failure(server: &Server) -> Error {
    let error = match say(voice(server), Manner::default()).await {
        Ok(said) => panic!("it spoke {} samples", said.samples.len()),
        Err(error) => error,
    };
    let mut told = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(e) = cause {
        told.push_str(&format!(" {e} {e:?}"));
        cause = e.source();
    }
    for secret in [KEY, "127.0", &server.address.port().to_string()] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(error.message.contains("\"studio\""), "{error}");
    error
}

/// Half a second of a tone, as a WAV file.
fn wav(rate: u32) -> Vec<u8> {
    let samples = (0..rate / 2).map(|i| (f64::from(i) * 2764.6 / f64::from(rate)).sin() * 8000.0);
    let data: Vec<u8> = samples.flat_map(|s| (s as i16).to_le_bytes()).collect();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// A server that speaks a tone.
async fn speaking() -> Server {
    Server::start(OPEN, |_| Reply::whole("200 OK", "Content-Type: audio/wav\r\n", &wav(22_050))).await
}

fn is_failed(error: &Error, words: &str) {
    assert_eq!(error.kind, Kind::EngineFailed, "{error}");
    assert!(error.message.contains(words), "{error}");
}
