//! Forced alignment: hibari's speech, whose times are known, finds its phonemes again, and no other text does.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::sync::LazyLock;

use mouthpiece_render::model::Runtime;
use mouthpiece_render::mouth::{Heard, MouthNets};
use mouthpiece_render::speech::alignment::{align, find_times, words};
use mouthpiece_render::speech::matching::resample;
use mouthpiece_render::speech::{Dictionary, Language, Manner, Piece, Readers, Script, Speaker, Spoken, Utterance, Word};

const SENTENCES: [&str; 6] = [
    "Bob bought purple plums, ripe pears and a bag of beans at the market.",
    "Thick fog covered the valley, so the pilots had to wait for hours.",
    "How many people were invited to the wedding last Saturday?",
    "The museum shop sells posters, maps and wooden model ships.",
    "This machine makes a strange buzzing noise whenever it rains.",
    "My brother plays the piano, but he prefers the violin.",
];

static NETS: LazyLock<MouthNets> = LazyLock::new(|| MouthNets::load(&Runtime::rten()).expect("embedded nets load"));
static READERS: LazyLock<Readers> = LazyLock::new(|| Readers::new(&Runtime::rten()));

/// A sentence spoken by hibari: 16 kHz samples, and its true times.
fn say(text: &str, speed: f32) -> (Vec<f32>, Spoken) {
    let nowhere = tempfile::tempdir().expect("a temporary folder");
    let speaker = Speaker::open(nowhere.path(), &Runtime::rten()).expect("opens");
    let voice = speaker.voice(&speaker.voices()[0].id).expect("the first voice");
    let manner = Manner {
        speed,
        ..Manner::default()
    };
    let mut sound = Vec::new();
    let spoken = speaker
        .speak(&script(text), &*voice, &manner, &Dictionary::default(), &mut |samples| {
            sound.extend_from_slice(samples);
            Ok(())
        })
        .expect("speaks");
    (resample(&sound, voice.rate(), 16_000), spoken)
}

fn script(text: &str) -> Script {
    Script::plain(text).expect("a text")
}

fn read(text: &str) -> Vec<Word> {
    words(&script(text), Language::AmericanEnglish, &READERS).expect("English is read")
}

fn hear(sound: &[f32]) -> Heard {
    Heard::listen(&mut std::iter::once(Ok(sound.to_vec())), &NETS).expect("heard")
}

fn percentile(off: &mut [f64], part: f64) -> f64 {
    off.sort_by(f64::total_cmp);
    off[(part * off.len() as f64) as usize]
}

#[test]
fn phonemes_are_found_where_they_were_said() {
    let mut off = Vec::new();
    for (i, text) in SENTENCES.into_iter().enumerate() {
        let (sound, known) = say(text, [1.0, 0.8, 1.25][i % 3]);
        let found = align(&read(text), &hear(&sound)).expect("aligned").expect("it is what was said");
        assert_eq!(found.words.len(), known.words.len());
        assert_eq!(found.phonemes.len(), known.phonemes.len(), "{text}");
        assert!(found.phonemes.windows(2).all(|p| p[0].end <= p[1].start + 1e-9));
        for (a, b) in known.phonemes.iter().zip(&found.phonemes) {
            assert_eq!(a.symbol, b.symbol, "{text}");
            off.extend([(a.start - b.start).abs(), (a.end - b.end).abs()]);
        }
    }
    let (median, most) = (percentile(&mut off, 0.5), percentile(&mut off, 0.9));
    println!("{} times: median {median:.3} s, 90 % {most:.3} s", off.len());
    assert!(median <= 0.025 && most <= 0.060, "median {median} s, 90 % {most} s");
}

#[test]
fn other_words_do_not_fit() {
    for (i, text) in SENTENCES.into_iter().enumerate() {
        let (sound, _) = say(text, 1.0);
        let heard = hear(&sound);
        let other = SENTENCES[(i + 1) % SENTENCES.len()];
        let twice = format!("{text} {other}");
        let half: String = text.split(' ').take(text.split(' ').count() / 2).collect::<Vec<_>>().join(" ");
        for wrong in [other, &twice, &half] {
            assert!(align(&read(wrong), &heard).expect("aligned").is_none(), "{wrong} is not {text}");
        }
    }
}

#[test]
fn nothing_said_and_nothing_to_say_do_not_fit() {
    let text = SENTENCES[0];
    for sound in [vec![0.0; 48_000], vec![0.0; 10], Vec::new()] {
        assert!(align(&read(text), &hear(&sound)).expect("aligned").is_none());
    }
    let (sound, _) = say(text, 1.0);
    assert!(align(&[], &hear(&sound)).expect("aligned").is_none());
    assert!(align(&[Word::default()], &hear(&sound)).expect("aligned").is_none());
}

#[test]
fn an_engine_without_times_gets_them() {
    let text = SENTENCES[3];
    let nowhere = tempfile::tempdir().expect("a temporary folder");
    let speaker = Speaker::open(nowhere.path(), &Runtime::rten()).expect("opens");
    let voice = speaker.voice(&speaker.voices()[0].id).expect("the first voice");
    let dictionary = Dictionary::default();
    let text = script(text);
    let pieces = READERS.read(&text, Language::AmericanEnglish, &dictionary);
    for piece in pieces {
        let Piece::Phrase { phrase, manner } = piece.expect("read") else {
            continue;
        };
        let known = voice.say(&phrase, &manner).expect("said");
        let mut said = Utterance {
            samples: known.samples.clone(),
            ..Utterance::default()
        };
        find_times(&phrase, &mut said, voice.rate(), &NETS).expect("found");
        assert_eq!((said.phonemes.len(), said.words.len()), (known.phonemes.len(), phrase.words.len()));
        let mut off: Vec<f64> = known.words.iter().zip(&said.words).map(|(a, b)| (a.0 - b.0).abs()).collect();
        assert!(percentile(&mut off, 0.5) < 0.04, "{off:?}");
    }
}
