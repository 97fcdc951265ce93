//! What an operator may write.

use std::collections::HashMap;

use mouthpiece_render::error::Kind;
use mouthpiece_render::speech::{Engine, Gender, Language, Manner};
use mouthpiece_server::config::Config;
use mouthpiece_server::fetch::{NetPolicy, Resolver};
use mouthpiece_server::voices::http::HttpEngine;

use crate::fake::Trap;
use crate::{KEY, is_failed, one_voice, say, settings, speaking};

#[test]
fn voices_are_told_as_described() {
    let settings = settings(
        "url = 'https://speech.example/v1/audio/speech'\nmodel = 'm'\nlanguage = 'es'\n\
         voices = ['em_alex', {voice = 'mix(a+b)', name = 'Both', language = 'en_gb', gender = 'male', accent = 'British'}]",
    );
    let engine = HttpEngine::new(settings, &[], Resolver::System).unwrap();
    let [alex, both] = &engine.voices()[..] else {
        panic!("two are offered")
    };
    assert_eq!(
        (alex.id.as_str(), alex.name.as_str(), alex.language),
        ("http-em_alex", "em_alex", Language::Spanish)
    );
    assert_eq!((both.id.as_str(), both.name.as_str()), ("http-mix_a_b_", "Both"));
    assert_eq!(
        (both.language, both.gender, both.accent.as_str()),
        (Language::BritishEnglish, Gender::Male, "British")
    );
    assert_eq!(engine.voice(&both.id).unwrap().unwrap().language(), Language::BritishEnglish);
    assert!(engine.voice("hibari").is_none());
}

#[test]
fn what_makes_no_sense_is_refused_by_its_name() {
    let good = one_voice("https://speech.example/");
    assert_eq!(good.check(), Ok(()));
    type Change = fn(&mut mouthpiece_server::voices::http::Settings);
    let changes: [(&str, Change); 6] = [
        ("name", |s| s.name = "a b".into()),
        ("url", |s| s.url = "speech.example".into()),
        ("url", |s| s.url = "ftp://speech.example/".into()),
        ("key", |s| s.key_env = Some("X".into())),
        ("voices", |s| s.voices.clear()),
        ("voices", |s| s.voices.extend(s.voices.clone())),
    ];
    for (field, change) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(bad.check().unwrap_err().0, field);
        let error = HttpEngine::new(bad, &[], Resolver::System).err().unwrap();
        assert_eq!(error.kind, Kind::SceneInvalid);
    }
}

#[test]
fn a_mistake_in_the_file_is_told_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mouthpiece.toml");
    for (lines, words) in [
        ("url = 'https://a.example/'\nmodel = 'm'\nvoices = []", "voices.http[0].voices"),
        ("url = 'https://a.example/'\nmodel = 'm'\nvoices = ['x']\nmodle = 'm'", "modle"),
        ("url = 'https://a.example/'\nmodel = 'm'\nvoices = ['x']\nlanguage = 'tlh'", "tlh"),
        ("url = 'nowhere'\nmodel = 'm'\nvoices = ['x']", "voices.http[0].url"),
    ] {
        std::fs::write(&file, format!("[[voices.http]]\n{lines}\n")).unwrap();
        let error = Config::read(Some(&file), &serde_json::json!({})).unwrap_err();
        assert!(error.message.contains(words), "{error}");
    }
}

/// The key reaches a worker of ours, and nothing that is printed.
#[test]
fn keys_are_not_shown() {
    let mut config = Config::default();
    config.voices.http.push(one_voice("https://speech.example/"));
    let handed = serde_json::to_string(&config).unwrap();
    assert!(handed.contains(KEY));
    assert_eq!(serde_json::from_str::<Config>(&handed).unwrap(), config);
    assert!(!format!("{config:?}").contains(KEY));
    assert!(!serde_json::to_string(&config.shown()).unwrap().contains(KEY));
}

#[test]
fn private_addresses_are_for_those_who_list_them() {
    let settings = one_voice("http://127.0.0.1:8880/v1/audio/speech");
    let error = HttpEngine::new(settings.clone(), &[], Resolver::System).err().unwrap();
    assert!(error.message.contains("allow_net") && !error.message.contains("127.0"), "{error}");
    let mut listed = settings.clone();
    listed.allow_net.push(NetPolicy::parse_net("127.0.0.1").unwrap());
    assert!(HttpEngine::new(listed, &[], Resolver::System).is_ok());
    assert!(HttpEngine::new(settings, &[NetPolicy::parse_net("127.0.0.0/8").unwrap()], Resolver::System).is_ok());
}

/// A public name that leads inside is not called.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_held_to_the_guard_too() {
    let trap = Trap::set().await;
    let names = Resolver::fixed(HashMap::from([("speech.example".to_owned(), vec!["127.0.0.1".parse().unwrap()])]));
    let settings = one_voice(&format!("http://speech.example:{}/", trap.port()));
    let engine = HttpEngine::new(settings, &[], names).unwrap();
    let error = say(engine.voice("studio-alloy").unwrap().unwrap(), Manner::default())
        .await
        .unwrap_err();
    is_failed(&error, "private or reserved address");
    trap.untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_set_is_told_when_it_is_needed() {
    let mut server = speaking().await;
    let mut settings = one_voice(&server.url("/"));
    settings.key = None;
    settings.key_env = Some("MOUTHPIECE_TEST_NO_SUCH_KEY".into());
    let voice = crate::engine(settings).voice("studio-alloy").unwrap().unwrap();
    let error = say(voice, Manner::default()).await.unwrap_err();
    is_failed(&error, "MOUTHPIECE_TEST_NO_SUCH_KEY");
    assert_eq!(server.asked().len(), 0);
}
