//! `mouthpiece bench`.

use crate::studio::Studio;

#[test]
fn a_short_bench_compares_all_ways() {
    let studio = Studio::new();
    let told = studio.report("bench --seconds 1 --sizes 720p --rounds 1");
    assert_eq!((told["seconds"].as_f64(), told["rounds"].as_u64()), (Some(1.0), Some(1)));
    let text = told["sizes"].to_string();
    for way in [
        "mouthpiece_band",
        "mouthpiece_tile",
        "mouthpiece_plain",
        "ffmpeg_veryfast",
        "ffmpeg_ultrafast",
    ] {
        assert!(text.contains(way), "{way} is missing: {text}");
    }
    assert_eq!(studio.files().len(), 2, "it leaves its folder as it was: {:?}", studio.files());
}

#[test]
fn no_seconds_are_refused() {
    Studio::new().refuses("bench --seconds 0", 2, "scene_invalid", &["--seconds", "from 1 to 600"]);
}
