//! The video that comes out: exact in length, colour and time, or nothing at all.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts programs itself"
)]

#[path = "media/common.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::{Folder, ffmpeg, ffmpeg_output, ffprobe, noise, pretend, wav};
use mouthpiece_render::driver::Region;
use mouthpiece_render::error::{Error, Kind};
use mouthpiece_render::media::encode::{EncodePath, EncodeSettings, Encoder, KEY_SECONDS, Quality, check_output};
use mouthpiece_render::media::sound::{Limits, SoundFacts, probe};
use mouthpiece_render::media::{Planes, Tools, to_yuv};
use mouthpiece_render::scene::Fps;
use serde_json::Value;

struct Take {
    sound: PathBuf,
    facts: SoundFacts,
    output: PathBuf,
    tools: Tools,
}

/// All of the picture.
const WHOLE: [Region; 1] = [Region {
    x: 0,
    y: 0,
    width: 64,
    height: 48,
}];

impl Take {
    fn new(folder: &Folder, rate: u32, channels: u16, samples: &[i16]) -> Self {
        let sound = folder.write("sound.wav", &wav(rate, channels, samples));
        Self {
            facts: probe(&sound, &Limits::default(), &Tools::default()).unwrap(),
            sound,
            output: folder.join("out.mp4"),
            tools: Tools::default(),
        }
    }

    fn settings(&self, fps: Fps, frames: usize) -> EncodeSettings<'_> {
        EncodeSettings {
            width: 64,
            height: 48,
            fps,
            frames,
            sound: &self.sound,
            facts: &self.facts,
            output: &self.output,
            quality: Quality::Standard,
            path: EncodePath::Auto,
            moving: &WHOLE,
            key_seconds: KEY_SECONDS,
            tools: &self.tools,
        }
    }

    fn encode(&self, fps: Fps, frames: usize) -> Result<(), Error> {
        let mut encoder = Encoder::start(&self.settings(fps, frames))?;
        for i in 0..frames {
            encoder.write(&Planes::filled(64, 48, [(i % 256) as u8, 90, 160]).unwrap())?;
        }
        encoder.finish()
    }
}

const FPS: [Fps; 6] = [
    Fps { num: 24, den: 1 },
    Fps { num: 25, den: 1 },
    Fps { num: 30, den: 1 },
    Fps { num: 50, den: 1 },
    Fps { num: 60, den: 1 },
    Fps { num: 30_000, den: 1001 },
];

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn decoded_sound(path: &Path, channels: u16) -> Vec<f32> {
    let bytes = ffmpeg_output(path, &format!("-map 0:a:0 -ac {channels} -f f32le"));
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

/// The shift of `heard` against `given` at which they agree best, in samples.
fn lag(given: &[i16], heard: &[f32]) -> i64 {
    let agreement = |lag: i64| -> f64 {
        (4_000..20_000)
            .map(|i: i64| f64::from(given[i as usize]) * f64::from(heard[(i + lag) as usize]))
            .sum()
    };
    (-3_000..3_000).max_by(|&a, &b| agreement(a).total_cmp(&agreement(b))).unwrap()
}

#[test]
fn picture_and_sound_are_exactly_as_long_at_every_rate() {
    let folder = Folder::new();
    let sound = noise(48_000 * 3);
    let take = Take::new(&folder, 48_000, 1, &sound);
    for fps in FPS {
        // The sound is cut in one case and filled with silence in the other.
        for frames in [fps.frames(2.0) + 1, fps.frames(4.0)] {
            take.encode(fps, frames).unwrap();
            let said = ffprobe(&take.output, "-show_streams -show_format -count_frames");
            let (video, audio) = (&said["streams"][0], &said["streams"][1]);
            assert_eq!(video["nb_read_frames"], frames.to_string());
            assert_eq!(video["r_frame_rate"], format!("{}/{}", fps.num, fps.den));
            assert_eq!(video["avg_frame_rate"], video["r_frame_rate"]);
            assert_eq!((number(&video["start_time"]), number(&audio["start_time"])), (0.0, 0.0));
            let exact = frames as f64 * f64::from(fps.den) / f64::from(fps.num);
            assert!((number(&video["duration"]) - exact).abs() < 2e-6, "{video}");
            assert!((number(&audio["duration"]) - exact).abs() < 2.5e-5, "{audio} for {exact}");
            let heard = decoded_sound(&take.output, 1);
            let (samples, wanted) = (heard.len(), (exact * 48_000.0).round() as usize);
            // Players may give the rest of the last AAC frame too.
            assert!((wanted..wanted + 1024).contains(&samples), "{samples} samples for {wanted}");
            assert_eq!(lag(&sound, &heard), 0, "{fps:?}");
            check_edits(&take.output, exact);
        }
    }
}

/// The edit lists say what players obey: both tracks begin at once, the sound after its priming, and end together.
fn check_edits(path: &Path, exact: f64) {
    let file = std::fs::read(path).unwrap();
    let timescale = 240_000.0;
    let edits: Vec<(u32, u32)> = find(&file, b"elst")
        .map(|at| (word(&file, at + 12), word(&file, at + 16)))
        .collect();
    // The picture begins a frame late, for some are shown before others that are decoded earlier.
    let frame = find(&file, b"stts").map(|at| word(&file, at + 16)).next().unwrap();
    assert_eq!(edits.iter().map(|e| e.1).collect::<Vec<_>>(), [frame, 1024]);
    for (duration, _) in edits {
        assert!((f64::from(duration) / timescale - exact).abs() < 2.5e-5, "{duration}");
    }
}

fn find<'a>(file: &'a [u8], name: &'a [u8; 4]) -> impl Iterator<Item = usize> + 'a {
    file.windows(4).enumerate().filter(move |(_, w)| w == name).map(|(at, _)| at)
}

fn word(file: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(file[at..at + 4].try_into().unwrap())
}

#[test]
fn the_container_says_what_is_in_it() {
    let folder = Folder::new();
    let take = Take::new(&folder, 44_100, 2, &noise(88_200 * 4));
    take.encode(Fps::DEFAULT, 110).unwrap();
    let said = ffprobe(&take.output, "-show_streams -show_packets");
    let (video, audio) = (&said["streams"][0], &said["streams"][1]);
    let expected = [
        ("codec_name", "h264"),
        ("profile", "High"),
        ("pix_fmt", "yuv420p"),
        ("color_range", "tv"),
        ("color_space", "bt709"),
        ("color_primaries", "bt709"),
        ("color_transfer", "bt709"),
        ("chroma_location", "center"),
    ];
    for (field, value) in expected {
        assert_eq!(video[field], value, "{field}");
    }
    assert_eq!(
        (&audio["codec_name"], &audio["sample_rate"], &audio["channels"]),
        (&"aac".into(), &"48000".into(), &2.into())
    );
    let keys: Vec<f64> = said["packets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["codec_type"] == "video" && p["flags"].as_str().unwrap().starts_with('K'))
        .map(|p| number(&p["pts_time"]))
        .collect();
    assert_eq!(keys, [0.0, 2.0, 4.0]);
    let file = std::fs::read(&take.output).unwrap();
    let colr = find(&file, b"colr").next().unwrap();
    assert_eq!(
        &file[colr..colr + 15],
        b"colrnclx\0\x01\0\x01\0\x01\0",
        "BT.709 three times, limited range"
    );
    let (moov, mdat) = (find(&file, b"moov").next().unwrap(), find(&file, b"mdat").next().unwrap());
    assert!(moov < mdat, "the index comes first");
    // The stream itself says it too, for those who look only there.
    let stream = folder.write("out.h264", &ffmpeg_output(&take.output, "-map 0:v:0 -c copy -f h264"));
    let inner = ffprobe(&stream, "-show_streams");
    assert_eq!(
        (&inner["streams"][0]["color_space"], &inner["streams"][0]["color_range"]),
        (&"bt709".into(), &"tv".into())
    );
    assert_eq!(folder.names(), ["out.h264", "out.mp4", "sound.wav"], "no parts are left");
}

#[test]
fn one_frame_is_a_video() {
    let folder = Folder::new();
    let take = Take::new(&folder, 8_000, 2, &noise(400));
    take.encode(Fps::DEFAULT, 1).unwrap();
    let said = ffprobe(&take.output, "-show_streams -count_frames");
    let (video, audio) = (&said["streams"][0], &said["streams"][1]);
    assert_eq!(video["nb_read_frames"], "1");
    assert_eq!((number(&video["duration"]), number(&audio["duration"])), (0.04, 0.04));
}

#[test]
fn picture_and_sound_take_turns() {
    let folder = Folder::new();
    let take = Take::new(&folder, 48_000, 1, &noise(48_000));
    // Far more sound than picture has bytes, and the other way round: it is time that counts.
    take.encode(Fps { num: 60, den: 1 }, 331).unwrap();
    let said = ffprobe(&take.output, "-show_packets -show_entries packet=codec_type,pts_time,pos");
    let mut packets: Vec<(u64, bool, f64)> = said["packets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (number(&p["pos"]) as u64, p["codec_type"] == "video", number(&p["pts_time"])))
        .collect();
    packets.sort_by_key(|p| p.0);
    let mut reached = [0.0f64; 2];
    for (_, video, time) in packets {
        reached[usize::from(video)] = time;
        assert!(
            (reached[0] - reached[1]).abs() < 1.1,
            "{reached:?}: who plays it has to read far ahead"
        );
    }
    let file = std::fs::read(&take.output).unwrap();
    let chunks: Vec<u32> = find(&file, b"stco").map(|at| word(&file, at + 8)).collect();
    assert_eq!(chunks, [12, 11], "of half a second");
    assert_eq!(
        find(&file, b"mdat").next().unwrap() as u32 + 4,
        find(&file, b"stco").map(|at| word(&file, at + 12)).min().unwrap()
    );
}

#[test]
fn any_recording_becomes_the_same_kind_of_sound() {
    let folder = Folder::new();
    let sound = noise(48_000);
    for (rate, channels, becomes) in [(8_000, 1, 1), (22_050, 2, 2), (44_100, 6, 2), (96_000, 1, 1)] {
        let take = Take::new(&folder, rate, channels, &sound);
        take.encode(Fps::DEFAULT, 10).unwrap();
        let audio = &ffprobe(&take.output, "-show_streams")["streams"][1];
        assert_eq!((&audio["sample_rate"], &audio["channels"]), (&"48000".into(), &becomes.into()));
        assert_eq!((number(&audio["start_time"]), number(&audio["duration"])), (0.0, 0.4));
    }
    // Whatever times a file gives its sound: it begins with the picture.
    let wave = folder.write("early.wav", &wav(48_000, 1, &sound));
    let late = folder.join("late.mkv");
    ffmpeg(&format!("-itsoffset 1.5 -i {} -c:a flac", wave.display()), &late);
    let take = Take {
        facts: probe(&late, &Limits::default(), &Tools::default()).unwrap(),
        sound: late,
        ..Take::new(&folder, 48_000, 1, &sound)
    };
    take.encode(Fps::DEFAULT, 25).unwrap();
    assert_eq!(lag(&sound, &decoded_sound(&take.output, 1)), 0);
}

#[test]
fn colours_survive_the_whole_chain() {
    let folder = Folder::new();
    let take = Take::new(&folder, 48_000, 1, &noise(48_000));
    let colours = [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255; 3],
        [0; 3],
        [128; 3],
        [224, 172, 105],
        [30, 60, 90],
    ];
    let mut encoder = Encoder::start(&take.settings(Fps::DEFAULT, colours.len())).unwrap();
    for colour in colours {
        encoder.write(&Planes::filled(64, 48, colour).unwrap()).unwrap();
    }
    encoder.finish().unwrap();
    let planes = ffmpeg_output(&take.output, "-map 0:v:0 -f rawvideo -pix_fmt yuv420p");
    for (frame, colour) in planes.chunks_exact(64 * 48 * 3 / 2).zip(colours) {
        assert!(
            frame[64 * 20 + 30].abs_diff(to_yuv(colour)[0]) <= 1,
            "the planes are not converted: {colour:?}"
        );
    }
    // The matrix and the range come from the file's own tags.
    let rgb = ffmpeg_output(
        &take.output,
        "-map 0:v:0 -vf scale=flags=accurate_rnd+full_chroma_int -f rawvideo -pix_fmt rgb24",
    );
    for (frame, colour) in rgb.chunks_exact(64 * 48 * 3).zip(colours) {
        let middle = &frame[(64 * 24 + 32) * 3..][..3];
        assert!(
            middle.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 3),
            "{middle:?} for {colour:?}"
        );
    }
}

#[test]
fn sound_keeps_its_channels_and_its_start() {
    let folder = Folder::new();
    let left = noise(48_000);
    let both: Vec<i16> = left.iter().flat_map(|&s| [s, 0]).collect();
    let take = Take::new(&folder, 48_000, 2, &both);
    take.encode(Fps::DEFAULT, 25).unwrap();
    let heard = decoded_sound(&take.output, 2);
    let (l, r): (Vec<f32>, Vec<f32>) = heard.chunks_exact(2).map(|c| (c[0], c[1])).unzip();
    assert_eq!(lag(&left, &l), 0);
    assert!(r.iter().all(|s| s.abs() < 0.02), "the silent channel stays silent");
}

#[test]
fn a_render_that_is_given_up_leaves_nothing() {
    let folder = Folder::new();
    let take = Take::new(&folder, 48_000, 1, &noise(48_000));
    let mut encoder = Encoder::start(&take.settings(Fps::DEFAULT, 25)).unwrap();
    encoder.write(&Planes::filled(64, 48, [0; 3]).unwrap()).unwrap();
    assert_eq!(folder.names().len(), 2, "a part is being written");
    drop(encoder);
    assert_eq!(folder.names(), ["sound.wav"]);

    let mut short = Encoder::start(&take.settings(Fps::DEFAULT, 25)).unwrap();
    short.write(&Planes::filled(64, 48, [0; 3]).unwrap()).unwrap();
    assert_eq!(short.finish().unwrap_err().kind, Kind::Internal);
    assert_eq!(folder.names(), ["sound.wav"]);
}

#[test]
fn what_was_there_stays_until_the_end() {
    let folder = Folder::new();
    let take = Take::new(&folder, 48_000, 1, &noise(48_000));
    std::fs::write(&take.output, "old").unwrap();
    drop(Encoder::start(&take.settings(Fps::DEFAULT, 25)).unwrap());
    assert_eq!(std::fs::read(&take.output).unwrap(), b"old");
    take.encode(Fps::DEFAULT, 5).unwrap();
    assert_ne!(std::fs::read(&take.output).unwrap(), b"old");
}

/// The real ffmpeg, but for the one that encodes the sound.
fn sound_by(folder: &Folder, name: &str, body: &str) -> Tools {
    pretend(folder.script(name, &format!("case \"$*\" in *adts*) {body};; *) exec ffmpeg \"$@\";; esac")))
}

#[test]
fn sound_that_does_not_become_what_it_should_is_told() {
    let folder = Folder::new();
    let mut take = Take::new(&folder, 48_000, 1, &noise(48_000));
    let bad = [
        ("fails", "echo 'Conversion failed!' >&2; exit 69"),
        ("gives-nothing", "exit 0"),
        ("stops-early", "ffmpeg \"$@\" | head -c 3000"),
        ("is-other", "ffmpeg \"$@\" | tr '\\377' x"),
        (
            "has-two-channels",
            "ffmpeg -v error -f lavfi -i sine=r=48000:d=2 -ac 2 -f adts pipe:1",
        ),
    ];
    for (name, body) in bad {
        take.tools = sound_by(&folder, name, body);
        let error = take.encode(Fps::DEFAULT, 25).unwrap_err();
        assert_eq!(error.kind, Kind::ToolFailed, "{name}: {error}");
        assert!(error.to_string().contains("sound"), "{name}: {error}");
    }
    take.tools = sound_by(&folder, "disk", "echo 'No space left on device' >&2; exit 1");
    assert_eq!(take.encode(Fps::DEFAULT, 25).unwrap_err().kind, Kind::DiskFull);
    assert!(!folder.join("out.mp4").exists());
}

#[test]
fn who_gives_up_does_not_wait_for_the_sound() {
    let folder = Folder::new();
    let mut take = Take::new(&folder, 48_000, 1, &noise(48_000));
    take.tools = sound_by(&folder, "hangs", "exec sleep 600");
    let begun = std::time::Instant::now();
    let mut encoder = Encoder::start(&take.settings(Fps::DEFAULT, 50)).unwrap();
    // Half a second of pictures waits for its sound.
    for _ in 0..20 {
        encoder.write(&Planes::filled(64, 48, [0; 3]).unwrap()).unwrap();
    }
    drop(encoder);
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    assert_eq!(folder.names(), ["hangs", "sound.wav"]);
}

#[test]
fn who_waits_for_sound_that_keeps_coming_is_asked_too() {
    let folder = Folder::new();
    let mut take = Take::new(&folder, 48_000, 1, &noise(48_000));
    // Two seconds and more in which something comes all the time.
    let drips = "ffmpeg \"$@\"; for i in $(seq 250); do head -c 20000 /dev/zero; sleep 0.01; done";
    take.tools = sound_by(&folder, "drips", drips);
    let mut encoder = Encoder::start(&take.settings(Fps::DEFAULT, 2)).unwrap();
    for _ in 0..2 {
        encoder.write(&Planes::filled(64, 48, [0; 3]).unwrap()).unwrap();
    }
    let (mut asked, mut longest) = (std::time::Instant::now(), std::time::Duration::ZERO);
    let mut alive = || {
        longest = longest.max(asked.elapsed());
        asked = std::time::Instant::now();
        Ok(())
    };
    encoder.finish_while(&mut alive).unwrap();
    longest = longest.max(asked.elapsed());
    assert!(longest.as_secs_f64() < 1.0, "nobody was asked for {longest:?}");
}

#[test]
fn a_disk_that_is_really_full_is_told() {
    let folder = Folder::new();
    let disk = folder.join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = |args: &[&str]| {
        std::process::Command::new(args[0])
            .args(&args[1..])
            .arg(&disk)
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs"]) {
        eprintln!("skipped: only root may make a small disk");
        return;
    }
    let mut take = Take::new(&folder, 48_000, 1, &noise(48_000 * 60));
    take.output = disk.join("out.mp4");
    let error = take.encode(Fps::DEFAULT, 25 * 60).err().map(|e| e.kind);
    // One that has room for a part of it, or just for all.
    let tight = (25..200)
        .step_by(25)
        .map(|frames| take.encode(Fps::DEFAULT, frames).err().map(|e| e.kind))
        .collect::<Vec<_>>();
    let left = std::fs::read_dir(&disk).unwrap().count();
    assert!(mount(&["umount"]));
    assert_eq!(error, Some(Kind::DiskFull));
    assert!(tight.iter().all(|kind| matches!(kind, None | Some(Kind::DiskFull))), "{tight:?}");
    assert!(left <= 1, "{left} files: nothing but the last that succeeded");
}

#[test]
fn an_output_that_cannot_be_written_is_found_before_the_work() {
    let folder = Folder::new();
    let file = folder.write("file", b"");
    for output in [
        folder.path(),
        &folder.join("no/out.mp4"),
        &file.join("out.mp4"),
        "/proc/out.mp4".as_ref(),
        "/dev/null".as_ref(),
    ] {
        let error = check_output(output).unwrap_err();
        assert_eq!(error.kind, Kind::OutputUnwritable, "{}", output.display());
    }
    check_output(&folder.join("out.mp4")).unwrap();
    check_output(&folder.join(&"long".repeat(60))).unwrap();
    assert_eq!(folder.names(), ["file"]);
}

#[test]
fn impossible_settings_are_refused() {
    let folder = Folder::new();
    let take = Take::new(&folder, 48_000, 1, &noise(4_800));
    let good = take.settings(Fps::DEFAULT, 2);
    for bad in [
        EncodeSettings { width: 63, ..good },
        EncodeSettings { height: 0, ..good },
        EncodeSettings { frames: 0, ..good },
        EncodeSettings {
            fps: Fps { num: 25, den: 0 },
            ..good
        },
    ] {
        assert_eq!(Encoder::start(&bad).unwrap_err().kind, Kind::SceneInvalid);
    }
    let mut encoder = Encoder::start(&good).unwrap();
    assert_eq!(
        encoder.write(&Planes::filled(32, 48, [0; 3]).unwrap()).unwrap_err().kind,
        Kind::Internal
    );
}
