//! `mouthpiece bench`.

use std::os::unix::fs::PermissionsExt;

use crate::studio::Studio;

/// Has MoviePy, or says so.
const PYTHON: &str = r#"#!/bin/sh
if [ "$1" = -c ]; then echo 2.1.2; exit; fi
for last; do :; done
echo video > "$last"
"#;

#[test]
fn a_short_bench_compares_what_is_asked_for() {
    let studio = Studio::new();
    studio.write("python", PYTHON.as_bytes());
    std::fs::set_permissions(studio.path("python"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let told = studio
        .report("bench --seconds 1 --sizes 720p --rounds 1 --ways band,tile,ultrafast,moviepy --moviepy ./python --lengths 1.5 --jobs 2");
    assert_eq!((told["seconds"].as_f64(), told["rounds"].as_u64()), (Some(1.0), Some(1)));
    let rows = told["sizes"][0]["rows"].as_array().unwrap();
    let ways: Vec<&str> = rows.iter().map(|row| row["way"].as_str().unwrap()).collect();
    assert_eq!(ways, ["mouthpiece_band", "mouthpiece_tile", "ffmpeg_ultrafast", "moviepy_medium"]);
    // Ours and what it calls, at one time: the nets alone are more than this.
    assert!(rows[0]["peak_bytes"].as_u64().unwrap() > 50_000_000, "{rows:?}");
    let stages = rows[0]["stages"].as_array().unwrap();
    let drawing = stages.iter().find(|stage| stage["name"] == "drawing").unwrap();
    assert!(drawing["cpu_seconds"].as_f64().unwrap() > 0.0, "{drawing}");
    assert_eq!(told["lengths"]["rows"][0]["seconds"], 1.5);
    assert_eq!(told["jobs"]["rows"][0]["jobs"], 2);
    assert_eq!(studio.files().len(), 3, "it leaves its folder as it was: {:?}", studio.files());
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let studio = Studio::new();
    studio.refuses("bench --seconds 0", 2, "scene_invalid", &["--seconds", "from 1 to 600"]);
    studio.refuses("bench --lengths 10,4000", 2, "scene_invalid", &["--lengths", "from 1 to 3600"]);
    studio.refuses(
        "bench --moviepy /bin/false",
        3,
        "tool_missing",
        &["MoviePy 2", "pip install moviepy"],
    );
}
