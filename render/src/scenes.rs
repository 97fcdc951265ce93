//! Several scenes on their way to one video: each is heard and looked at before any is drawn, and their sounds become one.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::footage::Need;
use crate::listen::{self, Listened, about_sound};
use crate::media::aac::{Encoding, Length, Wanted};
use crate::media::joined::{self, Joined, Part};
use crate::media::sound::{self, SoundFacts};
use crate::media::{Tools, encode};
use crate::mouth::MouthTrack;
use crate::progress::{self, Watch};
use crate::scene::{Scene, Words};
use crate::show::file_name;
use crate::speech::{Language, TimedWord};
use crate::{Models, Output, Speaker};

/// The first of scenes that go together.
pub fn first(scenes: &[Scene]) -> Result<&Scene> {
    let invalid = |message: &str| Error::new(Kind::SceneInvalid, message);
    let first = scenes.first().ok_or_else(|| invalid("a video needs a scene"))?;
    if scenes.iter().any(|scene| scene.canvas() != first.canvas()) {
        return Err(invalid("all scenes of a video must have the same canvas"));
    }
    Ok(first)
}

/// What the recordings are.
pub fn probe(scenes: &[Scene], output: &Output, tools: &Tools, watch: &mut Watch) -> Result<Vec<Option<SoundFacts>>> {
    let mut facts = Vec::new();
    for (index, scene) in scenes.iter().enumerate() {
        let one = |path: &Path| {
            let probe = || sound::probe(path, &output.sound, tools);
            progress::aside(probe, &mut || watch.check(index as u64, scenes.len() as u64))
        };
        facts.push(scene.sound().map(one).transpose().map_err(|e| about(e, scenes, index))?);
    }
    Ok(facts)
}

/// Names the recording in a sentence about it; which one, where there are several.
fn about(e: Error, scenes: &[Scene], index: usize) -> Error {
    match scenes[index].sound() {
        Some(path) if scenes.len() > 1 && e.kind != Kind::Cancelled => e.about(&file_name(path)),
        _ => about_sound(e),
    }
}

/// How much footage a video wants, from what is known of its recordings.
pub fn need(scenes: &[Scene], facts: &[Option<SoundFacts>]) -> Need {
    let lengths = scenes.iter().zip(facts).map(|(scene, facts)| {
        // A video that keeps its order is needed to its last second.
        let known = facts.as_ref().filter(|f| !f.estimated || !scene.filmed_order());
        let told = known.and_then(|f| f.seconds);
        scene.seconds().or(told)
    });
    lengths.sum::<Option<f64>>().map_or(Need::Whole, Need::Sound)
}

/// Looks at every avatar, so that nothing is drawn in vain; one alone is kept, and several, which may be large, are looked at again in their
/// turn.
pub fn look(
    scenes: &[Scene],
    need: Need,
    output: &Output,
    models: &Models,
    tools: &Tools,
    watch: &mut Watch,
) -> Result<(Option<Speaker>, Vec<String>)> {
    let (mut seen, mut kept, mut all) = (Vec::<(PathBuf, bool)>::new(), None, Vec::new());
    for scene in scenes {
        let known = (scene.avatar().0.to_owned(), scene.matte());
        if seen.contains(&known) {
            continue;
        }
        seen.push(known);
        let (speaker, warnings) = crate::look(scene, need, output, models, tools, watch)?;
        if scenes.len() == 1 {
            kept = Some(speaker);
        }
        all.extend(warnings);
    }
    Ok((kept, all))
}

/// What was heard in all scenes.
pub struct Heard {
    /// Of each scene.
    pub tracks: Vec<MouthTrack>,
    /// Seconds from the beginning of the first.
    pub words: Vec<TimedWord>,
    /// That of the first words.
    pub language: Language,
    pub warnings: Vec<String>,
}

/// Listens to every scene.
pub fn listen(
    scenes: &[Scene],
    facts: &[Option<SoundFacts>],
    output: &Output,
    models: &Models,
    tools: &Tools,
    watch: &mut Watch,
) -> Result<Heard> {
    let speaks = scenes.iter().find(|scene| *scene.words() != Words::Unknown);
    let mut heard = Heard {
        tracks: Vec::new(),
        words: Vec::new(),
        language: speaks.map_or(Language::AmericanEnglish, Scene::language),
        warnings: Vec::new(),
    };
    let mut frames = 0;
    for (index, (scene, facts)) in scenes.iter().zip(facts).enumerate() {
        let fps = scene.canvas().fps();
        let mut alive = |done: u64, total: u64| {
            let count = scenes.len() as u64;
            watch.check(index as u64 * total + done, count * total.max(1))
        };
        let recording = scene.sound().zip(facts.as_ref());
        let listened = listen::listen(scene, recording, &output.sound, models, tools, &mut alive);
        let Listened { track, words, warning } = listened.map_err(|e| about(e, scenes, index))?;
        let start = frames as f64 / fps.as_f64();
        heard.words.extend(words.into_iter().map(|w| TimedWord {
            start: w.start + start,
            end: w.end + start,
            ..w
        }));
        heard.warnings.extend(warning);
        frames += track.shapes.len();
        heard.tracks.push(track);
        let seconds = frames as f64 / fps.as_f64();
        if seconds > output.sound.seconds + 1.0 {
            let most = output.sound.seconds;
            let message =
                format!("the scenes are too long: more than {seconds:.0} s together, and {most:.0} s are allowed; make several videos");
            return Err(Error::new(Kind::AudioTooLong, message));
        }
    }
    Ok(heard)
}

/// Whether more is said than a quarter of an hour, or perhaps.
pub fn are_long(facts: &[Option<SoundFacts>]) -> bool {
    let seconds = facts.iter().flatten().map(|f| f.seconds);
    seconds.sum::<Option<f64>>().is_none_or(|seconds| seconds > 900.0)
}

/// Begins to encode the recording of the only scene.
pub fn encode_sound(scenes: &[Scene], facts: &[Option<SoundFacts>], output: &Path, tools: &Tools) -> Result<Option<Encoding>> {
    let ([scene], [Some(facts)]) = (scenes, facts) else {
        return Ok(None);
    };
    let Some(recording) = scene.sound() else { return Ok(None) };
    let fps = scene.canvas().fps();
    let length = match scene.seconds() {
        Some(seconds) => Length::frames(fps, fps.frames(seconds).max(1)),
        None => Length::All(fps),
    };
    let wanted = Wanted {
        recording,
        facts,
        length,
        tools,
    };
    wanted.start(encode::folder(output)).map(Some)
}

/// What is heard in the video.
pub enum SoundTrack<'a> {
    /// The recording of the only scene.
    Own(&'a Path, &'a SoundFacts),
    Joined(Joined),
}

impl<'a> SoundTrack<'a> {
    pub fn new(
        scenes: &'a [Scene],
        facts: &'a [Option<SoundFacts>],
        tracks: &[MouthTrack],
        output: &Path,
        tools: &Tools,
        watch: &mut Watch,
    ) -> Result<Self> {
        if let ([scene], [Some(facts)]) = (scenes, facts)
            && let Some(path) = scene.sound()
        {
            return Ok(Self::Own(path, facts));
        }
        let parts = scenes.iter().zip(facts).zip(tracks).map(|((scene, facts), track)| Part {
            sound: scene.sound().zip(facts.as_ref()),
            frames: track.shapes.len(),
        });
        let parts: Vec<Part> = parts.collect();
        let fps = first(scenes)?.canvas().fps();
        let joined = joined::join(&parts, fps, encode::folder(output), tools, &mut || watch.check(0, 1))?;
        Ok(Self::Joined(joined))
    }

    pub fn recording(&self) -> (&Path, &SoundFacts) {
        match self {
            Self::Own(path, facts) => (path, facts),
            Self::Joined(joined) => (joined.file.path(), &joined.facts),
        }
    }
}
