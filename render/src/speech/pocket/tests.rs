//! A made-up bundle of some kilobytes (training/tiny_pocket.py) goes all the way.

use super::*;
use crate::speech::Word;

fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/pocket")
}

/// The bundle in a folder of its own, to be changed.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(tiny()).expect("the bundle") {
        let path = entry.expect("an entry").path();
        copy(&path, folder.path()).expect("copied");
    }
    folder
}

fn phrase(text: &str) -> Phrase {
    let word = |text: &str| {
        let plain = text.trim_end_matches([',', '.']);
        Word {
            text: text.into(),
            spoken: plain.into(),
            phonemes: String::new(),
            pause: text[plain.len()..].into(),
        }
    };
    Phrase {
        language: Language::AmericanEnglish,
        words: text.split(' ').map(word).collect(),
    }
}

fn prompt(nets: &Nets, hz: f32) -> Prompt {
    let sound = (0..24_000).map(|i| (i as f32 * hz * 2.6e-4).sin() * 0.3).collect();
    nets.hear(sound).expect("hears")
}

#[test]
fn a_bundle_is_installed_and_speaks() {
    let packs = tempfile::tempdir().expect("a folder");
    let installed = install(&tiny(), packs.path()).expect("installs");
    assert_eq!((installed.name.as_str(), installed.language), ("tiny", Language::AmericanEnglish));
    assert!(installed.licence.as_deref().is_some_and(|l| l.contains("made-up bundle")));
    assert_eq!(installed.folder, packs.path().join("pocket-tiny"));
    let again = install(&tiny(), packs.path()).expect_err("is there already");
    assert!(again.message.contains("remove it"), "{again}");
    assert_eq!(
        std::fs::read_dir(packs.path()).expect("a folder").count(),
        1,
        "nothing is left behind"
    );

    let pocket = Pocket::open(packs.path(), &Runtime::rten());
    let [bundle] = pocket.bundles() else { panic!("one bundle") };
    assert!(pocket.voices().is_empty() && pocket.voice("pocket-tiny_x").is_none());
    let nets = bundle.nets().expect("loads");
    let kept = packed(&prompt(&nets, 120.0));
    let voice = bundle.voice_of(&kept).expect("a voice");
    let said = voice
        .say(&phrase("the rain is here, it is not so cold."), &Manner::default())
        .expect("says");
    assert!(said.phonemes.is_empty() && said.words.is_empty());
    assert!(said.samples.len() % 240 == 0 && said.samples.len() >= 240, "{}", said.samples.len());
    assert!(said.samples.iter().any(|v| v.abs() > 0.01) && said.samples.iter().all(|v| v.abs() <= 1.0));
    let same = voice
        .say(&phrase("the rain is here, it is not so cold."), &Manner::default())
        .expect("says");
    assert_eq!(same, said, "it is the same each time");
    let other = bundle.voice_of(&packed(&prompt(&nets, 310.0))).expect("a voice");
    assert_ne!(
        other
            .say(&phrase("the rain is here, it is not so cold."), &Manner::default())
            .expect("says"),
        said
    );
    let slow = Manner {
        speed: 0.5,
        ..Manner::default()
    };
    let slow = voice.say(&phrase("the rain is here, it is not so cold."), &slow).expect("says");
    assert!(slow.samples.len() > said.samples.len() * 3 / 2);
    assert!(bundle.voice_of("AAAA").is_err() && bundle.voice_of("no base64!").is_err());
}

#[test]
fn sherpas_layout_is_read_too() {
    let folder = copied();
    let rename = |from: &str, to: &str| std::fs::rename(folder.path().join(from), folder.path().join(to)).expect("renamed");
    rename("flow_lm_main_int8.onnx", "lm_main.int8.onnx");
    rename("flow_lm_flow.onnx", "lm_flow.onnx");
    rename("mimi_encoder.onnx", "encoder.onnx");
    rename("mimi_decoder.onnx", "decoder.onnx");
    std::fs::remove_file(folder.path().join("tokenizer.model")).expect("removed");
    std::fs::write(folder.path().join("vocab.json"), r#"{"<unk>":0,"▁":1,"t":2,"h":3,"e":4}"#).expect("written");
    std::fs::write(folder.path().join("token_scores.json"), r#"{"▁":-1,"t":-2,"h":-2,"e":-2}"#).expect("written");
    assert!(Layout::read(folder.path()).is_ok());
    // Without bundle.json the usual sizes hold, which this bundle does not have.
    std::fs::remove_file(folder.path().join("bundle.json")).expect("removed");
    let odd = Layout::read(folder.path()).err().expect("other sizes");
    assert!(odd.message.contains("other sizes"), "{odd}");
}

#[test]
fn what_is_wrong_with_a_bundle_is_said() {
    let with = |change: &dyn Fn(&Path)| {
        let folder = copied();
        change(folder.path());
        let packs = tempfile::tempdir().expect("a folder");
        let refused = install(folder.path(), packs.path()).expect_err("refused");
        assert_eq!(std::fs::read_dir(packs.path()).expect("a folder").count(), 0);
        refused
    };
    let put = |name: &'static str, bytes: &'static [u8]| move |f: &Path| std::fs::write(f.join(name), bytes).expect("written");
    let drop = |name: &'static str| move |f: &Path| std::fs::remove_file(f.join(name)).expect("removed");
    let edit = |from: &'static str, to: &'static str| {
        move |f: &Path| {
            let path = f.join("bundle.json");
            let text = std::fs::read_to_string(&path).expect("facts").replace(from, to);
            std::fs::write(path, text).expect("written");
        }
    };
    assert!(
        with(&drop("mimi_decoder.onnx"))
            .message
            .contains("neither mimi_decoder.onnx nor decoder.onnx")
    );
    assert!(with(&put("mimi_decoder.onnx", b"no net")).message.contains("no ONNX file"));
    assert!(with(&put("bundle.json", b"{")).message.contains("bundle.json"));
    assert!(with(&drop("tokenizer.model")).message.contains("tokenizer.model"));
    assert!(with(&put("tokenizer.model", b"\xff\xff")).message.contains("tokenizer"));
    assert!(
        with(&put("bos_before_voice.npy", b"short"))
            .message
            .contains("bos_before_voice.npy")
    );
    assert!(
        with(&edit("\"tokenizer.model\"", "\"../tokenizer.model\""))
            .message
            .contains("outside its folder")
    );
    assert!(
        with(&edit("\"latent_dim\": 4", "\"latent_dim\": 5"))
            .message
            .contains("other sizes")
    );
    assert!(
        with(&edit("\"sample_rate\": 24000", "\"sample_rate\": 1"))
            .message
            .contains("sample_rate")
    );
    assert_eq!(with(&edit("english_made_up", "klingon")).kind, Kind::LanguageUnsupported);
    // A part in another's place.
    let swapped = with(&|f: &Path| {
        std::fs::copy(f.join("mimi_encoder.onnx"), f.join("text_conditioner.onnx")).expect("copied");
    });
    assert!(swapped.message.contains("token_ids"), "{swapped}");
    let missing = install(Path::new("/nowhere/at/all"), Path::new("/nowhere")).expect_err("no folder");
    assert!(missing.message.contains("is no folder"));
}

#[test]
fn long_phrases_are_cut_at_pauses() {
    let words = phrase("one two three, four five six seven.");
    let fits = |text: &str| text.split(' ').count() <= 4;
    assert_eq!(parts(&words, fits), ["one two three,", "four five six seven."]);
    assert_eq!(parts(&phrase("one two three four five"), fits), ["one two three four", "five"]);
    assert_eq!(parts(&phrase("enormous"), |_| false), ["enormous"]);
}
