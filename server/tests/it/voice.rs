//! `mouthpiece voice`.

use serde_json::Value;

use crate::studio::Studio;

fn list(studio: &Studio, args: &str) -> Vec<Value> {
    let ran = studio.run(&format!("voice list --json {args}"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.report().as_array().unwrap().clone()
}

fn ids(voices: &[Value]) -> Vec<&str> {
    voices.iter().map(|v| v["id"].as_str().unwrap()).collect()
}

#[test]
fn voices_are_there_without_any_pack() {
    let studio = Studio::new();
    let voices = list(&studio, "");
    assert!(voices.len() >= 2, "{voices:?}");
    for voice in &voices {
        assert!(voice["language"].as_str().unwrap().starts_with("en"), "{voice}");
        for field in ["id", "name", "gender", "description", "engine"] {
            assert!(!voice[field].as_str().unwrap().is_empty(), "{field}: {voice}");
        }
    }
    let first = ids(&voices)[0].to_owned();
    let told = studio.run("voice list");
    assert!(told.out.lines().nth(1).unwrap().starts_with(&first), "{}", told.out);
    assert!(told.err.contains("voice pull kokoro"), "{}", told.err);
    assert_eq!(list(&studio, "--language en").len(), voices.len());
    assert_eq!(list(&studio, "--language fr"), Vec::<Value>::new());
    studio.refuses("voice list --language tlh", 2, "scene_invalid", &["--language tlh", "en-US"]);
    assert!(!studio.path("data").exists(), "looking makes nothing");
}

#[test]
fn a_voice_is_previewed() {
    let studio = Studio::new();
    let voices = list(&studio, "");
    let told = studio.report(&format!("voice preview {} -o out/preview.mp3", ids(&voices)[1]));
    assert!(told["seconds"].as_f64() > Some(2.0), "{told}");
    assert_eq!(studio.outputs(), ["preview.mp3"]);
    studio.refuses("voice preview nobody -o out/x.wav", 2, "voice_unknown", &["nobody", "voice list"]);
}

#[test]
fn voices_of_a_server_are_listed() {
    let studio = Studio::new();
    studio.write(
        "mouthpiece.toml",
        b"[[voices.http]]\nname = 'studio'\nurl = 'http://127.0.0.1:9/v1/audio/speech'\nmodel = 'm'\nvoices = ['anna']\n\
          language = 'it'\nkey = 'sk-secret'\nallow_net = ['127.0.0.1/32']\n",
    );
    let voices = list(&studio, "--config mouthpiece.toml --language it");
    assert_eq!(ids(&voices), ["studio-anna"]);
    studio.write("text.txt", b"Ciao.");
    let told = studio.run("speak --config mouthpiece.toml --file text.txt --voice studio-anna -o out/x.wav --json");
    let error = &told.report()["error"];
    assert_eq!((told.code, error["kind"].as_str()), (Some(3), Some("engine_failed")), "{error}");
    let shown = studio.run("config --config mouthpiece.toml");
    for text in [&told.out, &told.err, &shown.out] {
        assert!(!text.contains("sk-secret"), "{text}");
    }
    assert!(shown.out.contains("(hidden)"), "{}", shown.out);
    assert_eq!(studio.outputs(), Vec::<String>::new());
}

#[test]
fn no_voice_is_made_of_what_is_none() {
    let studio = Studio::furnished();
    studio.speech("short.wav", 0.3);
    studio.ffmpeg("-f lavfi -i anullsrc=r=16000 -t 8 silence.wav");
    studio.refuses("voice match short.wav --name me", 2, "reference_unfit", &["0.3 s"]);
    studio.refuses("voice match silence.wav --name me", 2, "reference_unfit", &["silent"]);
    studio.refuses("voice match gone.wav --name me", 2, "file_unreadable", &["gone.wav"]);
    studio.refuses(
        "voice match voice.wav --name ../me",
        2,
        "scene_invalid",
        &["--name ../me", "letters"],
    );
    let taken = list(&studio, "")[0]["id"].as_str().unwrap().to_owned();
    studio.refuses(
        &format!("voice match voice.wav --name {taken}"),
        2,
        "scene_invalid",
        &["another voice"],
    );
}

#[test]
fn a_folder_that_is_no_bundle_is_told() {
    let studio = Studio::new();
    std::fs::create_dir(studio.path("bundle")).unwrap();
    studio.refuses("voice add gone", 2, "file_unreadable", &["gone"]);
    studio.refuses("voice add bundle", 2, "file_unreadable", &[]);
}
