//! Speaking: a text by an agreed voice into a file of the attempt's folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mouthpiece_render::aside;
use mouthpiece_render::error::{Error as RenderError, Fault};
use mouthpiece_render::media::Tools;
use mouthpiece_render::speech::matching::Recipe;
use mouthpiece_render::speech::{
    AudioFormat, Dictionary, Language, Manner, Recording, Script, Speaker, Spoken, TimedWord, Voice, captions,
};

use super::desk::Desk;
use super::parcels::{Label, Life, Parcels};
use super::trouble::Trouble;
use crate::gauge::Gauge;
use crate::job::Job;
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::speech::{SpeechSpec, VoiceSource};
use crate::store::Key;

/// A voice, and everything that it needs to speak.
#[derive(Clone)]
pub struct Actor {
    speaker: Arc<Speaker>,
    voice: Arc<dyn Voice>,
}

impl Actor {
    /// The voice that was agreed to; `field` names the text in sentences.
    pub async fn of(service: &Service, source: &VoiceSource, field: &str) -> Result<Self, Trouble> {
        match source {
            VoiceSource::Official(id) => {
                let speaker = service.voices.now().await?.speaker;
                let id = id.clone();
                Self::open(field, speaker, move |speaker| speaker.voice(&id)).await
            }
            VoiceSource::Own(id) => {
                let recipe: Option<Option<String>> = sqlx::query_scalar("SELECT recipe FROM voices WHERE id = $1")
                    .bind(id)
                    .fetch_optional(service.db.read())
                    .await
                    .map_err(Problem::from)?;
                let Some(recipe) = recipe.flatten() else {
                    let message = format!("{field}: the voice was deleted before it could speak");
                    return Err(Trouble::for_good(Problem::new(Code::UnknownResource, message)));
                };
                let recipe = serde_json::from_str(&recipe).map_err(Problem::from)?;
                Self::matched(service, recipe, field).await
            }
        }
    }

    /// A voice that was matched.
    pub async fn matched(service: &Service, recipe: Recipe, field: &str) -> Result<Self, Trouble> {
        let speaker = service.voices.now().await?.speaker;
        Self::open(field, speaker, move |speaker| speaker.matched(&recipe)).await
    }

    async fn open(
        field: &str,
        speaker: Arc<Speaker>,
        open: impl FnOnce(&Speaker) -> Result<Arc<dyn Voice>, RenderError> + Send + 'static,
    ) -> Result<Self, Trouble> {
        // Nets may be loaded for it.
        let opening = tokio::task::spawn_blocking(move || open(&speaker).map(|voice| Self { speaker, voice }));
        let opened = opening.await.map_err(Trouble::panicked)?;
        opened.map_err(|e| unspoken(field, e))
    }

    pub fn language(&self) -> Language {
        self.voice.language()
    }

    /// Speaks into a file.
    pub async fn speak(&self, spec: &SpeechSpec, to: Recording, gauge: &Gauge) -> Result<Spoken, Trouble> {
        let script = Script::parse(&spec.text).map_err(|e| unspoken(&spec.field, e))?;
        let dictionary = dictionary(spec)?;
        self.record(&spec.field, script, spec.manner, dictionary, to, gauge).await
    }

    /// Speaks a plain text into a file.
    pub async fn say(&self, field: &str, text: &str, to: Recording, gauge: &Gauge) -> Result<Spoken, Trouble> {
        let script = Script::parse(text).map_err(|e| unspoken(field, e))?;
        self.record(field, script, Manner::default(), Dictionary::default(), to, gauge)
            .await
    }

    async fn record(
        &self,
        field: &str,
        script: Script,
        manner: Manner,
        dictionary: Dictionary,
        to: Recording,
        gauge: &Gauge,
    ) -> Result<Spoken, Trouble> {
        let (Self { speaker, voice }, gauge) = (self.clone(), gauge.clone());
        let speaking = tokio::task::spawn_blocking(move || {
            let work = || speaker.record(&script, &*voice, &manner, &dictionary, &to, &Tools::from_env());
            aside(work, &mut || gauge.go_on())
        });
        let spoken = speaking.await.map_err(Trouble::panicked)?;
        spoken.map_err(|e| unspoken(field, e))
    }
}

fn dictionary(spec: &SpeechSpec) -> Result<Dictionary, Trouble> {
    let json = serde_json::to_value(&spec.dictionary).map_err(Problem::from)?;
    Ok(serde_json::from_value(json).map_err(Problem::from)?)
}

/// What the speech could not be made for; faults of ours have a code of their own.
pub fn unspoken(field: &str, e: RenderError) -> Trouble {
    match e.fault() {
        Fault::Input => e.about(field).into(),
        Fault::Nobody => e.into(),
        Fault::Machine | Fault::Ours => {
            let message = "the speech could not be made because of a fault on our side; please try again";
            Trouble {
                problem: Problem::new(Code::CreateAudio, message).because(e),
                retry: true,
            }
        }
    }
}

/// Captions of an attempt: their files, until they are stored.
pub struct Captions {
    srt: PathBuf,
    vtt: PathBuf,
}

impl Captions {
    /// `seconds`: how long the sound lasts.
    pub fn write(words: &[TimedWord], seconds: f64, desk: &Desk) -> Result<Self, Problem> {
        let cues = captions::cues(words, seconds);
        let files = Self {
            srt: desk.file("captions.srt"),
            vtt: desk.file("captions.vtt"),
        };
        std::fs::write(&files.srt, captions::srt(&cues))?;
        std::fs::write(&files.vtt, captions::vtt(&cues))?;
        Ok(files)
    }

    /// Those that a render wrote, if it did.
    pub fn of(files: &[PathBuf]) -> Option<Self> {
        let ending = |extension: &str| files.iter().find(|f| f.extension().is_some_and(|e| e == extension)).cloned();
        Some(Self {
            srt: ending("srt")?,
            vtt: ending("vtt")?,
        })
    }

    /// Stages both; gives the names of their links.
    pub async fn add<'a>(&self, parcels: &mut Parcels<'a>, job: &'a Job) -> Result<(String, String), Problem> {
        let srt = label("srt", "application/x-subrip; charset=utf-8");
        let vtt = label("vtt", "text/vtt; charset=utf-8");
        let key = |extension| Key::Captions { job: &job.id, extension };
        Ok((
            parcels.add(&self.srt, key("srt"), srt).await?,
            parcels.add(&self.vtt, key("vtt"), vtt).await?,
        ))
    }
}

fn label(extension: &'static str, content_type: &'static str) -> Label {
    Label {
        what: extension,
        extension,
        content_type,
        life: Life::Result,
    }
}

/// Records the links of captions.
pub async fn insert_captions(tx: &mut crate::db::Tx, job: &Job, links: &(String, String)) -> Result<(), Problem> {
    sqlx::query("INSERT INTO captions (job, srt, vtt) VALUES ($1, $2, $3)")
        .bind(&job.id)
        .bind(&links.0)
        .bind(&links.1)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A small mp3, as previews are.
pub fn preview(path: &Path) -> Recording {
    Recording {
        path: path.to_owned(),
        format: AudioFormat::Mp3,
        rate: None,
        bitrate: None,
        channels: 1,
    }
}
