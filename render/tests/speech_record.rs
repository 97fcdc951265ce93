//! Text becomes a file of speech that is evenly loud.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "media/common.rs"]
mod common;

use std::path::Path;
use std::sync::LazyLock;

use common::Folder;
use ebur128::{EbuR128, Mode};
use mouthpiece_render::error::Kind;
use mouthpiece_render::media::Tools;
use mouthpiece_render::media::sound::{Limits, decode_mono_16k, probe};
use mouthpiece_render::model::Runtime;
use mouthpiece_render::speech::{AudioFormat, Dictionary, Manner, Recording, Script, Speaker, Spoken};

static SPEAKER: LazyLock<Speaker> = LazyLock::new(|| Speaker::open(Path::new("nowhere"), &Runtime::rten()).unwrap());

const TEXT: &str = "Five friends found a ferry, and paid $9.99 each. \"Was it worth it?\" They thought so!";

fn to(path: &Path, format: AudioFormat) -> Recording {
    Recording {
        path: path.to_owned(),
        format,
        rate: None,
        bitrate: None,
        channels: 1,
    }
}

fn record(text: &str, manner: &Manner, to: &Recording) -> Spoken {
    let voice = SPEAKER.voice("hibari_ada").unwrap();
    let script = Script::parse(text).unwrap();
    SPEAKER
        .record(&script, &*voice, manner, &Dictionary::default(), to, &Tools::default())
        .unwrap()
}

/// Samples of a 16-bit WAV file, and its rate and channels.
fn wav(path: &Path) -> (Vec<i16>, u32, u32) {
    let bytes = std::fs::read(path).unwrap();
    let number = |at: usize, n: usize| bytes[at..at + n].iter().rev().fold(0u32, |v, b| (v << 8) | u32::from(*b));
    assert_eq!(&bytes[..4], b"RIFF");
    assert_eq!((number(20, 2), number(34, 2)), (1, 16), "16-bit PCM");
    let data = bytes.windows(4).position(|w| w == b"data").unwrap();
    let samples = bytes[data + 8..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]]));
    (samples.collect(), number(24, 4), number(22, 2))
}

/// LUFS, and true peak in dB.
fn loudness((samples, rate, channels): &(Vec<i16>, u32, u32)) -> (f64, f64) {
    let mut meter = EbuR128::new(*channels, *rate, Mode::I | Mode::TRUE_PEAK).unwrap();
    meter.add_frames_i16(samples).unwrap();
    (meter.loudness_global().unwrap(), 20.0 * meter.true_peak(0).unwrap().log10())
}

#[test]
fn recordings_are_evenly_loud_whatever_they_are() {
    let folder = Folder::new();
    for (rate, channels, volume) in [(None, 1, 0.0), (Some(44_100), 2, 0.0), (Some(8_000), 1, -6.0), (None, 1, 4.0)] {
        let path = folder.join("a.wav");
        let manner = Manner {
            volume,
            ..Manner::default()
        };
        let recording = Recording {
            rate,
            channels,
            ..to(&path, AudioFormat::Wav)
        };
        let spoken = record(TEXT, &manner, &recording);
        let wav = wav(&path);
        assert_eq!((wav.1, wav.2), (rate.unwrap_or(24_000), u32::from(channels)));
        let seconds = wav.0.len() as f64 / f64::from(wav.1 * wav.2);
        assert!((seconds - spoken.seconds).abs() < 0.002, "{seconds} {}", spoken.seconds);
        let (lufs, peak) = loudness(&wav);
        // A telephone's band loses some of it.
        let near = if rate == Some(8_000) { 1.5 } else { 0.7 };
        assert!(
            (lufs - (-16.0 + f64::from(volume))).abs() < near,
            "{rate:?} {channels} {volume}: {lufs} LUFS"
        );
        assert!(peak < -1.0, "{rate:?} {channels} {volume}: {peak} dB");
    }
}

#[test]
fn an_mp3_file_plays_as_long_as_was_spoken() {
    let folder = Folder::new();
    let path = folder.join("a.mp3");
    let recording = Recording {
        rate: Some(16_000),
        bitrate: Some(256_000),
        channels: 2,
        ..to(&path, AudioFormat::Mp3)
    };
    let spoken = record("One, two.", &Manner::default(), &recording);
    let (tools, limits) = (Tools::default(), Limits::default());
    let facts = probe(&path, &limits, &tools).unwrap();
    assert_eq!((facts.codec.as_str(), facts.rate, facts.channels), ("mp3", 16_000, 2));
    let samples: usize = decode_mono_16k(&path, &facts, &limits, &tools)
        .unwrap()
        .map(|b| b.unwrap().len())
        .sum();
    assert!(
        (samples as f64 / 16_000.0 - spoken.seconds).abs() < 0.01,
        "{samples} {}",
        spoken.seconds
    );
}

#[test]
fn words_come_in_order_and_within_the_sound() {
    let mut heard = Vec::new();
    let voice = SPEAKER.voice("hibari_ada").unwrap();
    let script = Script::parse(TEXT).unwrap();
    let mut sink = |samples: &[f32]| {
        heard.extend_from_slice(samples);
        Ok(())
    };
    let spoken = SPEAKER
        .speak(&script, &*voice, &Manner::default(), &Dictionary::default(), &mut sink)
        .unwrap();
    assert_eq!(spoken.seconds, heard.len() as f64 / 24_000.0);
    let text: Vec<&str> = spoken.words.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(text.join(" "), TEXT);
    assert!(
        spoken
            .words
            .windows(2)
            .all(|w| w[0].start <= w[0].end && w[0].end <= w[1].start + 0.001),
        "{:?}",
        spoken.words
    );
    assert!(spoken.phonemes.windows(2).all(|p| p[0].end <= p[1].start + 0.001));
    assert!(spoken.words.last().unwrap().end < spoken.seconds);
    // Where words are there is sound, and at both ends there is none.
    let level = |from: f64, to: f64| {
        let part = &heard[(from * 24_000.0) as usize..(to * 24_000.0) as usize];
        (part.iter().map(|s| s * s).sum::<f32>() / part.len() as f32).sqrt()
    };
    assert!(spoken.words.iter().all(|w| level(w.start, w.end) > 0.005), "{:?}", spoken.words);
    assert!(level(0.0, 0.01) < 0.002 && level(spoken.seconds - 0.05, spoken.seconds) < 0.0005);
}

#[test]
fn a_damaged_pack_silences_its_own_voices_only() {
    let packs = Folder::new();
    let folder = packs.join("kokoro");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("manifest.json"), "{").unwrap();
    let speaker = Speaker::open(packs.path(), &Runtime::rten()).unwrap();
    assert!(speaker.voice("hibari_ada").is_ok() && speaker.voices().iter().all(|v| v.engine == "hibari"));
    let said = speaker.voice("af_heart").err().unwrap();
    assert_eq!(said.kind, Kind::PackDamaged);
    assert!(said.message.contains("voice pull kokoro"), "{said}");
    assert_eq!(speaker.voice("nobody").err().unwrap().kind, Kind::VoiceUnknown);
}

#[test]
fn what_cannot_be_recorded_is_refused_and_leaves_nothing() {
    let folder = Folder::new();
    let path = folder.join("a.wav");
    let voice = SPEAKER.voice("hibari_ada").unwrap();
    let script = Script::parse("Hello.").unwrap();
    let good = to(&path, AudioFormat::Wav);
    for (recording, word) in [
        (
            Recording {
                channels: 3,
                ..good.clone()
            },
            "channels",
        ),
        (
            Recording {
                rate: Some(96_000),
                ..good.clone()
            },
            "sample rate",
        ),
        (
            Recording {
                bitrate: Some(1),
                ..good.clone()
            },
            "bitrate",
        ),
        (
            Recording {
                path: folder.join("no/a.wav"),
                ..good
            },
            "folder",
        ),
    ] {
        let refused = SPEAKER
            .record(
                &script,
                &*voice,
                &Manner::default(),
                &Dictionary::default(),
                &recording,
                &Tools::default(),
            )
            .unwrap_err();
        assert!(refused.message.contains(word), "{}", refused.message);
    }
    assert!(!path.exists());
    let unknown = SPEAKER.voice("no\nbody").err().unwrap();
    assert_eq!(unknown.kind, Kind::VoiceUnknown);
    assert!(unknown.message.contains("no\\nbody"), "{}", unknown.message);
}
