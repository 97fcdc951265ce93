//! A text spoken by a voice, to be rendered as a recording would be.

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::scene::Scene;
use mouthpiece_render::speech::speaker::{AudioFormat, Recording};
use mouthpiece_render::speech::{Dictionary, Language, Manner, Script, Spoken};
use tempfile::TempDir;

use super::Args;
use crate::cli::progress::Show;
use crate::cli::scene_file::{SceneFile, language};
use crate::cli::speak::work::{Work, perform};
use crate::cli::stop::Stop;
use crate::cli::voice::Cast;

/// Speech in a folder that goes with it.
pub struct Speech {
    folder: TempDir,
    spoken: Spoken,
    language: Language,
}

impl Speech {
    /// Speaks the text of a scene without a recording; none if it has one, or no text.
    pub fn of(file: &mut SceneFile, args: &Args, stop: &Stop) -> Result<Option<Self>> {
        if file.audio.is_some() {
            return Ok(None);
        }
        let Some(text) = file.text.take() else {
            return Ok(None);
        };
        let script = Script::parse(&text).map_err(|e| e.about("text"))?;
        let cast = Cast::open(&args.data)?;
        let id = match (&args.voice, &file.language) {
            (None, Some(code)) => Some(first_of(&cast, language(Some(code))?)?),
            (id, _) => id.clone(),
        };
        let (info, voice) = cast.find(id.as_deref())?;
        let folder = tempfile::tempdir().map_err(|e| Error::new(Kind::OutputUnwritable, "there is no room for the speech").because(e))?;
        let work = Work {
            script,
            manner: Manner {
                speed: args.speed,
                pitch: args.pitch,
                ..Manner::default()
            },
            dictionary: Dictionary::default(),
            to: Recording {
                path: folder.path().join("speech.wav"),
                format: AudioFormat::Wav,
                rate: None,
                bitrate: None,
                channels: 1,
            },
        };
        let spoken = perform(&cast.speaker, &*voice, &work, Show::of(args.quiet, args.json), stop)?.spoken;
        file.audio = Some(work.to.path);
        Ok(Some(Self {
            folder,
            spoken,
            language: info.language,
        }))
    }

    /// Tells a scene what is said when; the recording stays as long as the folder that is given back.
    pub fn told(self, scene: Scene) -> Result<(Scene, TempDir)> {
        let scene = scene.with_phonemes(self.spoken.phonemes)?;
        Ok((scene.with_words(self.spoken.words, self.language)?, self.folder))
    }
}

fn first_of(cast: &Cast, language: Language) -> Result<String> {
    let voices = cast.speaker.voices();
    voices.into_iter().find(|v| v.language == language).map(|v| v.id).ok_or_else(|| {
        let message = format!("no voice here speaks {language}; `mouthpiece voice list` shows who does");
        Error::new(Kind::VoiceUnknown, message)
    })
}
