//! The recording: what is refused, and what is odd but good.

use crate::pictures::{wav, wav_header};
use crate::studio::Studio;

const ARGS: &str = "render --avatar face.png --audio sound --size 256x256 -o out/video.mp4";

fn refused(bytes: &[u8], kind: &str, words: &[&str]) {
    let studio = Studio::furnished();
    studio.write("sound", bytes);
    studio.refuses(ARGS, 2, kind, &[&["the recording"], words].concat());
}

#[test]
fn an_empty_file_is_refused() {
    refused(b"", "audio_unreadable", &["empty file (0 bytes)", "give an MP3, WAV"]);
}

#[test]
fn text_is_refused() {
    refused(b"La la la.\n", "audio_unreadable", &["a text file", "give an MP3, WAV"]);
}

#[test]
fn a_picture_is_no_recording() {
    let studio = Studio::furnished();
    studio.refuses(
        &ARGS.replace("sound", "face.png"),
        2,
        "audio_unreadable",
        &["a PNG picture", "give an MP3, WAV"],
    );
}

#[test]
fn a_playlist_is_not_followed() {
    let studio = Studio::furnished();
    studio.write(
        "sound",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nvoice.wav\n#EXT-X-ENDLIST\n",
    );
    studio.refuses(ARGS, 2, "audio_unreadable", &["give an MP3, WAV"]);
}

#[test]
fn no_samples_are_refused() {
    refused(&wav(1, 16, 16_000, 1, &[]), "audio_empty", &["is empty", "0 s"]);
}

#[test]
fn silence_is_refused() {
    refused(&wav(1, 16, 16_000, 1, &[0; 64_000]), "audio_silent", &["is silent", "louder than"]);
}

/// Three hours, of which only the header is there; the rest of the file is a hole.
#[test]
fn three_hours_are_refused() {
    let studio = Studio::furnished();
    let bytes = 3 * 3600 * 8000;
    studio.write("sound", &wav_header(1, 8, 8000, 1, bytes));
    let file = std::fs::OpenOptions::new().write(true).open(studio.path("sound")).unwrap();
    file.set_len(44 + u64::from(bytes)).unwrap();
    let ran = studio.refuses(ARGS, 2, "audio_too_long", &["10800 s", "3600 s are allowed", "cut it into parts"]);
    assert!(ran.wall.as_secs_f64() < 10.0, "{:?}", ran.wall);
}

#[test]
fn a_recording_that_lost_its_end_is_refused() {
    let studio = Studio::furnished();
    let whole = std::fs::read(studio.path("voice.wav")).unwrap();
    studio.write("sound", &whole[..whole.len() / 2]);
    studio.refuses(ARGS, 2, "audio_unreadable", &["the recording", "breaks off"]);
}

#[test]
fn a_video_without_sound_is_refused() {
    let studio = Studio::furnished();
    studio.ffmpeg("-f lavfi -i color=size=64x64:duration=1 -f mp4 sound");
    studio.refuses(ARGS, 2, "audio_unreadable", &["the recording", "without a sound track"]);
}

/// Renders a second of speech that ffmpeg encodes so.
fn speaks(encode: &str) {
    let studio = Studio::furnished();
    studio.ffmpeg(&format!("-i voice.wav {encode} sound"));
    let report = studio.report(ARGS);
    // Encoders pad; two frames are the most that any of these adds.
    let frames = report["frames"].as_u64().unwrap();
    assert!((25..=27).contains(&frames), "{frames} frames");
    let facts = studio.ffprobe("-show_entries stream=codec_name,sample_rate,channels out/video.mp4");
    assert_eq!(
        (&facts["streams"][1]["codec_name"], &facts["streams"][1]["sample_rate"]),
        (&"aac".into(), &"48000".into())
    );
    assert_eq!(studio.outputs(), ["video.mp4"]);
}

#[test]
fn stereo_at_8_khz_speaks() {
    speaks("-ac 2 -ar 8000 -f wav");
}

#[test]
fn floats_at_96_khz_speak() {
    speaks("-ar 96000 -c:a pcm_f32le -f wav");
}

#[test]
fn mp3_speaks() {
    speaks("-c:a libmp3lame -f mp3");
}

#[test]
fn m4a_speaks() {
    speaks("-c:a aac -f ipod");
}

#[test]
fn bare_aac_speaks() {
    speaks("-c:a aac -f adts");
}

#[test]
fn ogg_vorbis_speaks() {
    speaks("-c:a libvorbis -f ogg");
}

#[test]
fn ogg_opus_speaks() {
    speaks("-c:a libopus -f ogg");
}

#[test]
fn flac_speaks() {
    speaks("-c:a flac -f flac");
}

#[test]
fn the_sound_track_of_a_video_speaks() {
    speaks("-f lavfi -i testsrc=size=160x120:duration=1 -map 0:a -map 1:v -shortest -c:a aac -f mp4");
}

#[test]
fn the_sound_track_of_a_matroska_file_speaks() {
    speaks("-f lavfi -i testsrc=size=160x120:duration=1 -map 0:a -map 1:v -shortest -c:a libopus -f matroska");
}
