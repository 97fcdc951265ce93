//! `mouthpiece doctor`.

use crate::studio::{Studio, ran};

#[test]
fn a_machine_that_renders_is_well() {
    let told = Studio::new().run("doctor --json").report();
    let checks = told["checks"].as_array().unwrap();
    for name in ["ffmpeg", "h264", "aac", "nets", "cores", "roots"] {
        let check = checks
            .iter()
            .find(|c| c["name"] == name)
            .unwrap_or_else(|| panic!("{name} was not looked at"));
        assert_eq!((&check["ok"], &check["mend"]), (&true.into(), &serde_json::Value::Null), "{check}");
    }
    for name in ["disk", "memory"] {
        assert!(checks.iter().any(|c| c["name"] == name), "{name} was not looked at");
    }
}

#[test]
fn a_missing_ffmpeg_is_found_with_its_remedy() {
    let studio = Studio::new();
    for (flag, words) in [
        ("--json", ["\"ok\":false", "apt-get install ffmpeg"]),
        ("--runtime=rten", ["missing", "mend it: apt-get install ffmpeg"]),
    ] {
        let mut command = studio.command(&format!("doctor {flag}"));
        command.env("PATH", studio.path("out"));
        let ran = ran(command);
        assert_eq!(ran.code, Some(3), "{} {}", ran.out, ran.err);
        assert!(words.iter().all(|w| ran.out.contains(w)), "{}", ran.out);
        assert!(ran.out.contains("nets"), "the rest is looked at all the same");
    }
}

#[test]
fn a_runtime_that_is_not_there_is_found() {
    let ran = Studio::new().run("doctor --json --runtime onnxruntime=gone.so");
    let told = ran.report();
    let nets = told["checks"].as_array().unwrap().iter().find(|c| c["name"] == "nets").unwrap();
    assert_eq!((ran.code, &nets["ok"]), (Some(3), &false.into()), "{told}");
    assert!(nets["mend"].as_str().unwrap().contains("--runtime rten"), "{nets}");
}
