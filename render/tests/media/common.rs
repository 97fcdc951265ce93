//! What the media tests share: a folder of their own, ffmpeg, and programs that pretend to be it.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::disallowed_methods, reason = "tests start ffmpeg and programs that pretend to be it")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use mouthpiece_render::media::Tools;

/// A folder that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("media-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A shell script that can be run.
    pub fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.write(name, format!("#!/bin/sh\n{body}\n").as_bytes());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// The names of all files in it.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the real ffmpeg with arguments separated by spaces, then one path.
pub fn ffmpeg(args: &str, output: &Path) {
    let result = Command::new("ffmpeg")
        .args("-nostdin -hide_banner -v error -y".split(' '))
        .args(args.split_whitespace())
        .arg(output)
        .output()
        .unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
}

/// What the real ffmpeg writes to its standard output, decoding one file.
pub fn ffmpeg_output(input: &Path, args: &str) -> Vec<u8> {
    let result = Command::new("ffmpeg")
        .args("-nostdin -hide_banner -v error -i".split(' '))
        .arg(input)
        .args(args.split_whitespace())
        .arg("pipe:1")
        .output()
        .unwrap();
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    result.stdout
}

/// What the real ffprobe says, as JSON.
pub fn ffprobe(input: &Path, args: &str) -> serde_json::Value {
    let result = Command::new("ffprobe")
        .args("-v error -of json".split(' '))
        .args(args.split_whitespace())
        .arg(input)
        .output()
        .unwrap();
    serde_json::from_slice(&result.stdout).unwrap()
}

/// The real ffprobe with a pretended ffmpeg.
pub fn pretend(ffmpeg: PathBuf) -> Tools {
    Tools {
        ffmpeg,
        ..Tools::default()
    }
}

/// A 16-bit WAV file.
pub fn wav(rate: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    wav_of(1, 16, rate, channels, &data)
}

/// A WAV file of any sample format: 1 is whole numbers, 3 is floats.
pub fn wav_of(format: u16, bits: u16, rate: u32, channels: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(format.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// Noise that is the same every time, within ±8000.
pub fn noise(count: usize) -> Vec<i16> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % 16_001) as i16 - 8_000
    };
    (0..count).map(|_| next()).collect()
}
