//! What is asked, and what may come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mouthpiece_render::speech::{Engine, Manner};
use serde_json::{Value, json};

use crate::fake::{Reply, Server, Trap};
use crate::{KEY, OPEN, engine, failure, is_failed, one_voice, say, speaking, voice, wav};

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_is_asked_for_and_its_sound_comes_back() {
    let mut server = speaking().await;
    let voice = voice(&server);
    assert_eq!(voice.rate(), 24_000);
    let said = say(voice, Manner::default()).await.unwrap();
    assert!((11_900..=12_100).contains(&said.samples.len()), "{}", said.samples.len());
    assert!(said.samples.iter().any(|s| *s > 0.2) && said.phonemes.is_empty() && said.words.is_empty());

    let request = server.asked().remove(0);
    assert!(request.starts_with("POST /v1/audio/speech HTTP/1.1\r\n"), "{request}");
    let head = request.to_ascii_lowercase();
    assert!(head.contains(&format!("authorization: bearer {KEY}\r\n")), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    assert_eq!(
        body(&request),
        json!({"model": "tts-1", "input": "Hello, world.", "voice": "alloy", "response_format": "wav", "speed": 1.0})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_key_gets_none() {
    let mut server = speaking().await;
    let mut settings = one_voice(&server.url("/"));
    settings.key = None;
    let voice = engine(settings).voice("studio-alloy").unwrap().unwrap();
    say(voice, Manner::default()).await.unwrap();
    assert!(!server.asked().remove(0).to_ascii_lowercase().contains("authorization"));
}

/// Half an octave up is the same sound in fewer samples, from speech that was asked for so much slower.
#[tokio::test(flavor = "multi_thread")]
async fn manners_are_kept() {
    let mut server = speaking().await;
    let said = |manner| say(voice(&server), manner);
    let plain = said(Manner::default()).await.unwrap();
    let manner = Manner {
        speed: 1.5,
        pitch: 12.0,
        volume: -20.0,
    };
    let bent = said(manner).await.unwrap();
    let asked = body(&server.asked()[1]);
    assert_eq!(asked["speed"], 0.75);
    let ratio = bent.samples.len() as f64 / plain.samples.len() as f64;
    assert!((ratio - 0.5).abs() < 0.01, "{ratio}");
    let peak = |samples: &[f32]| samples.iter().fold(0.0f32, |p, s| p.max(s.abs()));
    assert!((peak(&bent.samples) / peak(&plain.samples) - 0.1).abs() < 0.01);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_with_what_mends_them() {
    for (status, words) in [
        ("401 Unauthorized", "refuses the key"),
        ("403 Forbidden", "refuses the key"),
        ("400 Bad Request", "does not accept the request"),
        ("404 Not Found", "has nothing at this address"),
    ] {
        let mut server = Server::start(OPEN, |_| Reply::whole(status, "", format!("no, {KEY}").as_bytes())).await;
        is_failed(&failure(&server).await, words);
        assert_eq!(server.asked().len(), 1, "what stays wrong is not asked for again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again() {
    for status in ["429 Too Many Requests", "500 Internal Server Error", "503 Service Unavailable"] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let server = Server::start(OPEN, move |_| match counted.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Reply::whole(status, "", b""),
            _ => Reply::whole("200 OK", "", &wav(24_000)),
        })
        .await;
        say(voice(&server), Manner::default()).await.unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 3, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_given_up() {
    for (status, words) in [("429 Too Many Requests", "asked too often"), ("500 Oh", "answers 500")] {
        let mut server = Server::start(OPEN, |_| Reply::whole(status, "", b"")).await;
        let error = failure(&server).await;
        is_failed(&error, words);
        assert!(error.retry(), "a later job may find it well");
        assert_eq!(server.asked().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_speech_is_refused() {
    let silence = wav(8000)
        .iter()
        .enumerate()
        .map(|(i, b)| if i < 44 { *b } else { 0 })
        .collect::<Vec<u8>>();
    for (headers, body, words) in [
        ("Content-Type: text/html\r\n", b"<html>hello</html>".to_vec(), "a web page"),
        ("", b"<html><body>hello</body></html>".to_vec(), "sent no speech"),
        ("Content-Type: application/json\r\n", br#"{"error":"x"}"#.to_vec(), "JSON"),
        ("Content-Type: audio/wav\r\n", Vec::new(), "sent no speech"),
        ("Content-Type: audio/wav\r\n", wav(24_000)[..2000].to_vec(), "sent no speech"),
        ("Content-Type: audio/wav\r\n", silence, "silent"),
        ("Content-Encoding: gzip\r\n", wav(8000), "compressed"),
    ] {
        let server = Server::start(OPEN, move |_| Reply::whole("200 OK", headers, &body)).await;
        is_failed(&failure(&server).await, words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_before_it_came() {
    let server = Server::start(OPEN, |_| Reply::stall("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")).await;
    is_failed(&failure(&server).await, "more than 64 MB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_ends_is_not_waited_for() {
    let mut server = Server::start(OPEN, |_| {
        let mut begun = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\n".to_vec();
        begun.extend(&wav(24_000)[..4000]);
        Reply::stall(begun)
    })
    .await;
    is_failed(&failure(&server).await, "did not speak in time");
    assert_eq!(server.asked().len(), 1, "the time is for all attempts");
}

/// A redirect would carry the key to a stranger.
#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_not_followed() {
    let trap = Trap::set().await;
    let to = format!("http://127.0.0.2:{}/", trap.port());
    let server = Server::start(OPEN, move |_| Reply::redirect(&to)).await;
    is_failed(&failure(&server).await, "redirect");
    trap.untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_told() {
    let server = speaking().await;
    let mut settings = one_voice(&server.url("/"));
    settings.url = format!("http://{OPEN}:1/");
    let voice = engine(settings).voice("studio-alloy").unwrap().unwrap();
    let error = say(voice, Manner::default()).await.unwrap_err();
    is_failed(&error, "cannot be reached");
}
