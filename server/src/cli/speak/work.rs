//! Speaking into a file, with progress and an ear for Ctrl-C.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::media::Tools;
use mouthpiece_render::speech::dictionary::Dictionary;
use mouthpiece_render::speech::script::Script;
use mouthpiece_render::speech::speaker::{Recording, Speaker};
use mouthpiece_render::speech::{Language, Manner, Phrase, Spoken, Utterance, Voice};
use mouthpiece_render::{Flow, Progress, Stage, aside};

use crate::cli::progress::{Meter, Show};
use crate::cli::stop::Stop;

/// What is to be said how, and where to.
pub struct Work {
    pub script: Script,
    pub manner: Manner,
    pub dictionary: Dictionary,
    pub to: Recording,
}

pub struct Done {
    pub spoken: Spoken,
    pub wall: Duration,
}

pub fn perform(speaker: &Speaker, voice: &dyn Voice, work: &Work, show: Show, stop: &Stop) -> Result<Done> {
    let begun = Instant::now();
    let total = work.script.characters() as u64;
    let counted = Counted {
        voice,
        done: AtomicU64::new(0),
    };
    let mut meter = Meter::new(show, stop.clone());
    let tools = Tools::from_env();
    let spoken = aside(
        || speaker.record(&work.script, &counted, &work.manner, &work.dictionary, &work.to, &tools),
        &mut || match meter.at(Stage::Speaking, counted.done.load(Ordering::Relaxed).min(total), total) {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(Error::new(Kind::Cancelled, "stopped")),
        },
    )?;
    Ok(Done {
        spoken,
        wall: begun.elapsed(),
    })
}

/// A voice that counts the characters that it has said.
struct Counted<'a> {
    voice: &'a dyn Voice,
    done: AtomicU64,
}

impl Voice for Counted<'_> {
    fn language(&self) -> Language {
        self.voice.language()
    }

    fn rate(&self) -> u32 {
        self.voice.rate()
    }

    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let said = self.voice.say(phrase, manner)?;
        // A space behind each word.
        let characters: usize = phrase.words.iter().map(|w| w.text.chars().count() + 1).sum();
        self.done.fetch_add(characters as u64, Ordering::Relaxed);
        Ok(said)
    }
}
