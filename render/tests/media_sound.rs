//! Recordings of every kind come out as mono 16 kHz; bad ones as an error that says why.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "media/common.rs"]
mod common;

use std::path::Path;

use common::{Folder, ffmpeg, noise, pretend, wav, wav_of};
use mouthpiece_render::error::{Error, Kind};
use mouthpiece_render::media::Tools;
use mouthpiece_render::media::sniff::{self, Audio};
use mouthpiece_render::media::sound::{Limits, SoundFacts, decode_mono_16k, probe};

fn facts(path: &Path) -> Result<SoundFacts, Error> {
    probe(path, &Limits::default(), &Tools::default())
}

struct Heard {
    samples: Vec<f32>,
    peak_dbfs: f64,
    longest_block: usize,
    silent: bool,
}

fn hear_within(path: &Path, limits: &Limits, tools: &Tools) -> Result<Heard, Error> {
    let facts = probe(path, limits, &Tools::default())?;
    let mut samples = decode_mono_16k(path, &facts, limits, tools)?;
    let mut heard = Heard {
        samples: Vec::new(),
        peak_dbfs: 0.0,
        longest_block: 0,
        silent: false,
    };
    for block in &mut samples {
        let block = block?;
        heard.longest_block = heard.longest_block.max(block.len());
        heard.samples.extend(block);
    }
    assert!(samples.next().is_none(), "it stays ended");
    assert_eq!(samples.delivered() as usize, heard.samples.len());
    heard.peak_dbfs = samples.peak_dbfs();
    heard.silent = samples.audible().is_err_and(|e| e.kind == Kind::AudioSilent);
    Ok(heard)
}

fn hear(path: &Path) -> Result<Heard, Error> {
    hear_within(path, &Limits::default(), &Tools::default())
}

fn failure(path: &Path) -> Error {
    hear(path).err().unwrap_or_else(|| panic!("{} is heard", path.display()))
}

/// Hertz by zero crossings over the middle half.
fn pitch(samples: &[f32]) -> f64 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let crossings = middle.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
    crossings as f64 * 16_000.0 / middle.len() as f64
}

#[test]
fn every_container_rate_and_width_is_heard() {
    let folder = Folder::new();
    let both = "-f lavfi -i sine=440:d=2.5 -f lavfi -i color=red:s=64x64:d=2.5 -shortest";
    let sine = "-f lavfi -i sine=440:d=2.5";
    let cases = [
        ("a.mp3", sine.to_owned(), 44_100, 1),
        ("a.aac", sine.to_owned(), 44_100, 1),
        ("a.m4a", sine.to_owned(), 44_100, 1),
        ("a.flac", sine.to_owned(), 44_100, 1),
        ("vorbis.ogg", format!("{sine} -c:a libvorbis"), 44_100, 1),
        ("opus.ogg", format!("{sine} -c:a libopus"), 48_000, 1),
        ("u8.wav", format!("{sine} -c:a pcm_u8"), 44_100, 1),
        ("s16.wav", format!("{sine} -c:a pcm_s16le"), 44_100, 1),
        ("s24.wav", format!("{sine} -c:a pcm_s24le"), 44_100, 1),
        ("s32.wav", format!("{sine} -c:a pcm_s32le"), 44_100, 1),
        ("f32.wav", format!("{sine} -c:a pcm_f32le -ar 96000"), 96_000, 1),
        ("fast.flac", format!("{sine} -ar 192000"), 192_000, 1),
        ("slow.wav", format!("{sine} -ar 8000 -ac 2"), 8_000, 2),
        ("six.wav", format!("{sine} -ac 6"), 44_100, 6),
        ("six.flac", format!("{sine} -ac 6"), 44_100, 6),
        ("six.m4a", format!("{sine} -ac 6"), 44_100, 6),
        ("video.mp4", both.to_owned(), 44_100, 1),
        ("video.mkv", both.to_owned(), 44_100, 1),
        ("video.webm", both.to_owned(), 48_000, 1),
        ("video.avi", both.to_owned(), 44_100, 1),
        ("video.mpg", both.to_owned(), 44_100, 1),
        ("video.mov", both.to_owned(), 44_100, 1),
    ];
    for (name, args, rate, channels) in cases {
        let path = folder.join(name);
        ffmpeg(&args, &path);
        let facts = facts(&path).unwrap();
        assert_eq!((facts.rate, facts.channels), (rate, channels), "{name}");
        let said = facts.seconds.unwrap();
        let heard = hear(&path).unwrap();
        let seconds = heard.samples.len() as f64 / 16_000.0;
        assert!((said - 2.5).abs() < 0.2, "{name}: says {said}");
        assert!((seconds - 2.5).abs() < 0.1, "{name}: lasts {seconds}");
        assert!((pitch(&heard.samples) - 440.0).abs() < 2.0, "{name}: {} Hz", pitch(&heard.samples));
        assert!(heard.longest_block <= 16_000, "{name}: {}", heard.longest_block);
        // ffmpeg's sine has a peak of 1/8: −18 dB; a mix of six may be lower, never higher.
        assert!(heard.peak_dbfs > -36.0 && heard.peak_dbfs < -16.0, "{name}: {}", heard.peak_dbfs);
        assert!(!heard.silent);
    }
}

#[test]
fn a_stereo_pair_of_one_voice_keeps_its_level() {
    let folder = Folder::new();
    let voice: Vec<i16> = (0..32_000).map(|i| if i / 2 % 40 < 20 { 26_000 } else { -26_000 }).collect();
    let heard = hear(&folder.write("a.wav", &wav(16_000, 2, &voice))).unwrap();
    assert!(
        (heard.peak_dbfs - 20.0 * (26_000f64 / 32_768.0).log10()).abs() < 0.1,
        "{}",
        heard.peak_dbfs
    );
}

#[test]
fn many_channels_count_the_same() {
    let folder = Folder::new();
    let samples: Vec<i16> = noise(1600).iter().flat_map(|&s| [s; 11]).collect();
    let heard = hear(&folder.write("a.wav", &wav(16_000, 11, &samples))).unwrap();
    assert_eq!(heard.samples.len(), 1600);
    for (out, expected) in heard.samples.iter().zip(noise(1600)) {
        assert!((out - f32::from(expected) / 32_768.0).abs() < 1e-3);
    }
}

#[test]
fn floats_that_are_no_sound_do_no_harm() {
    let folder = Folder::new();
    let mut samples = vec![0.25f32; 16_000];
    (samples[100], samples[200], samples[300], samples[400]) = (f32::NAN, f32::INFINITY, -1e30, 7.0);
    let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    for rate in [16_000, 96_000] {
        let heard = hear(&folder.write("a.wav", &wav_of(3, 32, rate, 1, &data))).unwrap();
        assert!(heard.samples.iter().all(|s| (-1.0..=1.0).contains(s)));
        assert!((heard.samples.last().unwrap() - 0.25).abs() < 0.2);
    }
}

#[test]
fn a_stream_without_a_length_is_read_to_its_end() {
    let folder = Folder::new();
    let mut file = wav(16_000, 1, &noise(40_000));
    file[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    file[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(hear(&folder.write("a.wav", &file)).unwrap().samples.len(), 40_000);
    let live = folder.join("live.webm");
    ffmpeg("-f lavfi -i sine=440:d=2 -c:a libopus -f webm -live 1", &live);
    assert_eq!(facts(&live).unwrap().seconds, None);
    assert!((hear(&live).unwrap().samples.len() as f64 / 16_000.0 - 2.0).abs() < 0.05);
}

#[test]
fn three_hours_are_refused_from_the_header() {
    let folder = Folder::new();
    // Three hours at 8 kHz and 8 bits, a file with a hole where the samples would be.
    let path = folder.write("a.wav", &wav_of(1, 8, 8_000, 1, &[]));
    let data = 3 * 3600 * 8_000u32;
    let mut file = std::fs::read(&path).unwrap();
    file[40..44].copy_from_slice(&data.to_le_bytes());
    std::fs::write(&path, &file).unwrap();
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(44 + u64::from(data))
        .unwrap();
    let error = facts(&path).unwrap_err();
    assert_eq!(error.kind, Kind::AudioTooLong);
    assert!(error.to_string().contains("10800 s"), "{error}");
}

#[test]
fn a_length_that_no_header_tells_is_limited_while_decoding() {
    let folder = Folder::new();
    let path = folder.join("a.aac");
    ffmpeg("-f lavfi -i sine=440:d=8", &path);
    let limits = Limits {
        seconds: 5.0,
        ..Limits::default()
    };
    assert!(facts(&path).unwrap().estimated);
    let error = hear_within(&path, &limits, &Tools::default()).err().unwrap();
    assert_eq!(error.kind, Kind::AudioTooLong);
    let bytes = probe(
        &path,
        &Limits {
            bytes: 100,
            ..Limits::default()
        },
        &Tools::default(),
    )
    .unwrap_err();
    assert_eq!(bytes.kind, Kind::AudioTooLong);
}

#[test]
fn silence_is_told() {
    let folder = Folder::new();
    let quiet = |level: i16| hear(&folder.write("a.wav", &wav(16_000, 1, &vec![level; 16_000]))).unwrap();
    assert!(quiet(0).silent && quiet(0).peak_dbfs == f64::NEG_INFINITY);
    assert!(quiet(30).silent);
    assert!(!quiet(40).silent);
}

#[test]
fn no_samples_are_an_empty_recording() {
    let folder = Folder::new();
    assert_eq!(failure(&folder.write("a.wav", &wav(16_000, 1, &[]))).kind, Kind::AudioEmpty);
    for name in ["a.flac", "a.m4a", "a.ogg"] {
        let path = folder.join(name);
        ffmpeg("-f lavfi -i sine=440:d=1 -af atrim=end_sample=0", &path);
        let error = failure(&path);
        assert!(matches!(error.kind, Kind::AudioEmpty | Kind::AudioUnreadable), "{name}: {error}");
    }
}

#[test]
fn damaged_recordings_are_refused() {
    let folder = Folder::new();
    for name in ["a.m4a", "a.flac", "a.wav", "fast.m4a"] {
        let path = folder.join(name);
        let start = if name == "fast.m4a" { "-movflags +faststart" } else { "" };
        ffmpeg(&format!("-f lavfi -i anoisesrc=d=10 {start}"), &path);
        let whole = std::fs::read(&path).unwrap();
        let cut = folder.write(&format!("cut {name}"), &whole[..whole.len() / 2]);
        let error = failure(&cut);
        assert_eq!(error.kind, Kind::AudioUnreadable, "{name}: {error}");
        assert!(!error.to_string().contains('/'), "{error}");
        let mut dirty = whole.clone();
        let count = dirty.len();
        for (i, byte) in dirty.iter_mut().enumerate().skip(count / 4) {
            *byte = ((i * 7919) >> 3) as u8;
        }
        // Samples of a WAV are samples, whatever they are.
        if name != "a.wav" {
            assert_eq!(
                failure(&folder.write(&format!("dirty {name}"), &dirty)).kind,
                Kind::AudioUnreadable,
                "{name}"
            );
        }
    }
    let error = failure(&folder.write("a.wav", b"RIFF\x04\0\0\0WAVE"));
    assert_eq!(error.kind, Kind::AudioUnreadable);
    assert!(std::error::Error::source(&error).is_some(), "the tool's own words are kept");
}

#[test]
fn a_video_without_sound_says_so() {
    let folder = Folder::new();
    let path = folder.join("a.mp4");
    ffmpeg("-f lavfi -i color=red:s=64x64:d=1", &path);
    assert_eq!(
        failure(&path).to_string(),
        "the recording is an MP4 or QuickTime file without a sound track"
    );
}

#[test]
fn a_playlist_never_reaches_ffmpeg() {
    let folder = Folder::new();
    folder.write("secret.wav", &wav(16_000, 1, &noise(16_000)));
    let list = folder.write("a.mp4", b"#EXTM3U\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n");
    assert_eq!(failure(&list).kind, Kind::AudioUnreadable);
    let list = folder.write("b.mp4", b"ffconcat version 1.0\nfile secret.wav\n");
    assert_eq!(failure(&list).kind, Kind::AudioUnreadable);
}

#[test]
fn names_are_only_names() {
    let folder = Folder::new();
    for name in ["-i", "concat:a|b.mp3", "pipe:0", "a'b \"c\" $(x) %03d.wav", "http:x", "zoë\n.wav"] {
        let path = folder.write(name, &wav(16_000, 1, &noise(16_000)));
        assert_eq!(hear(&path).unwrap().samples.len(), 16_000, "{name}");
    }
    let container = facts(&folder.join("-i")).unwrap().container;
    assert_eq!(container, sniff::Kind::Audio(Audio::Wav));
}

#[test]
fn failures_of_the_program_are_not_blamed_on_the_file() {
    let folder = Folder::new();
    let path = folder.write("a.wav", &wav(16_000, 1, &noise(16_000)));
    let failing = |body: &str| {
        let tools = pretend(folder.script("fake", body));
        hear_within(&path, &Limits::default(), &tools).err().unwrap()
    };
    let refused = failing("echo 'Invalid data found' >&2; exit 1");
    assert_eq!(refused.kind, Kind::AudioUnreadable);
    assert_eq!(refused.to_string(), "the recording is damaged and cannot be decoded");
    assert!(
        std::error::Error::source(&refused)
            .unwrap()
            .to_string()
            .contains("Invalid data found")
    );
    assert_eq!(failing("kill -9 $$").kind, Kind::ToolFailed);
    assert_eq!(failing("echo 'Cannot allocate memory' >&2; exit 1").kind, Kind::ToolFailed);
}
