//! The recording heard: when its words are said, where they are known, and what the mouth does.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Models;
use crate::error::{Error, Kind, Result};
use crate::media::Tools;
use crate::media::sound::{self, SoundFacts};
use crate::mouth::{Heard, MouthTrack, TimedPhoneme};
use crate::progress;
use crate::scene::{Captions, Scene, Words};
use crate::speech::{TimedWord, alignment};

/// What was heard.
pub struct Listened {
    pub track: MouthTrack,
    pub words: Vec<TimedWord>,
    pub warning: Option<String>,
}

/// Turns the recording into a mouth track; its length decides the scene's, unless that was told to last so long.
pub fn listen(
    scene: &Scene,
    recording: Option<(&Path, &SoundFacts)>,
    limits: &sound::Limits,
    models: &Models,
    tools: &Tools,
    alive: &mut dyn FnMut(u64, u64) -> Result<()>,
) -> Result<Listened> {
    let fps = scene.canvas().fps();
    let told = scene.seconds().map(|seconds| fps.frames(seconds).max(1));
    let Some((path, facts)) = recording else {
        return Ok(Listened {
            track: MouthTrack::silent(told.unwrap_or(1), fps),
            words: Vec::new(),
            warning: None,
        });
    };
    let mut samples = sound::decode_mono_16k(path, facts, limits, tools).map_err(about_sound)?;
    let expected = facts.seconds.unwrap_or(0.0).ceil() as u64;
    let taken = AtomicU64::new(0);
    let hear = || {
        let mut blocks = samples.by_ref().map(|block| {
            taken.fetch_add(1, Ordering::Relaxed);
            block.map_err(about_sound)
        });
        let nets = models.mouth.get()?;
        let heard = Heard::listen(&mut blocks, &nets)?;
        samples.audible().map_err(about_sound)?;
        let Known { phonemes, words, warning } = known(scene, &heard, models)?;
        let frames = fps.frames(heard.seconds()).max(1);
        let phonemes = Some(phonemes.as_slice()).filter(|p| !p.is_empty());
        let mut track = heard.track(frames, fps, phonemes, &nets)?;
        track.resize(told.unwrap_or(frames));
        let words = shown(words, track.shapes.len() as f64 / fps.as_f64());
        Ok(Listened { track, words, warning })
    };
    progress::aside(hear, &mut || {
        let done = taken.load(Ordering::Relaxed);
        alive(done, expected.max(done).max(1))
    })
}

/// The words that are heard before the scene ends.
fn shown(mut words: Vec<TimedWord>, seconds: f64) -> Vec<TimedWord> {
    words.retain(|w| w.start < seconds);
    for word in &mut words {
        word.end = word.end.min(seconds);
    }
    words
}

/// What is known of the recording's speech.
#[derive(Default)]
struct Known {
    phonemes: Vec<TimedPhoneme>,
    words: Vec<TimedWord>,
    warning: Option<String>,
}

fn known(scene: &Scene, heard: &Heard, models: &Models) -> Result<Known> {
    let mut known = Known {
        phonemes: scene.phonemes().to_vec(),
        ..Known::default()
    };
    let captions = scene.captions() != Captions::None;
    match scene.words() {
        Words::Timed(words) => known.words.clone_from(words),
        Words::Unknown if captions => {
            known.warning = Some("captions need the words of the recording: give its text too. The video has none".into());
        }
        Words::Unknown => {}
        Words::Text(script) => {
            let words = match alignment::words(script, scene.language(), &models.readers) {
                Err(e) if e.kind == Kind::LanguageUnsupported => {
                    known.warning = Some(format!("the text is not used: {e}{}", without(captions)));
                    return Ok(known);
                }
                words => words?,
            };
            match alignment::align(&words, heard)? {
                Some(spoken) => {
                    known.words = spoken.words;
                    if known.phonemes.is_empty() {
                        known.phonemes = spoken.phonemes;
                    }
                }
                None => {
                    known.warning = Some(format!(
                        "the text does not seem to be what is said in the recording, so the mouth follows the sound alone; check that it has \
                         all the words, in {}{}",
                        scene.language().name(),
                        without(captions)
                    ));
                }
            }
        }
    }
    Ok(known)
}

fn without(captions: bool) -> &'static str {
    if captions { ". The video has no captions" } else { "" }
}

/// Names the recording in a sentence about it.
pub fn about_sound(e: Error) -> Error {
    // Most sentences about sound begin with it.
    if e.message.starts_with("the recording") {
        e
    } else {
        e.about("the recording")
    }
}
