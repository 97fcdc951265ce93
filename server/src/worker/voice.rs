//! A voice like that of a recording: fetched, matched, and kept with a preview.

use std::path::{Path, PathBuf};

use mouthpiece_render::media::{Tools, sound};
use mouthpiece_render::speech::matching::{self, Options, Recipe};

use super::Studio;
use super::desk::Desk;
use super::gather::fetch;
use super::parcels::{Label, Life, Parcels};
use super::speech::{Actor, preview};
use super::trouble::Trouble;
use crate::db::Tx;
use crate::fetch::Wanted;
use crate::gauge::Gauge;
use crate::id::RecordId;
use crate::job::{self, Ending, Job};
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::speech::{StoredVoice, VoiceSpec};
use crate::store::Key;
use crate::voices::{gender, sample};

/// Below this nobody would take the voice for the recording's: strangers have 0.55.
const FAR: f32 = 0.65;

/// The steps, in their order.
pub async fn make(studio: &Studio, job: Job, gauge: &Gauge) -> Result<(), Trouble> {
    let service = &studio.service;
    let StoredVoice::V1(spec) = job.spec()?;
    let desk = Desk::new(service, &job)?;
    let enrolled = enrol(service, &spec, &desk, gauge).await?;
    publish(service, &job, &spec, &enrolled).await
}

/// A voice that was matched, and is not kept yet.
pub struct Enrolled {
    pub recipe: Recipe,
    /// Of the recording.
    seconds: f64,
    pub warnings: Vec<String>,
    preview: PathBuf,
}

/// Fetches the recording, matches a voice to it and lets that speak its preview.
pub async fn enrol(service: &Service, spec: &VoiceSpec, desk: &Desk, gauge: &Gauge) -> Result<Enrolled, Trouble> {
    let reference = desk.file("reference");
    tokio::select! {
        done = fetch(service, &spec.field, &spec.url, Wanted::Voice, reference.clone()) => done?,
        () = gauge.halted() => return Err(Trouble::halted()),
    }
    let (recipe, seconds) = listen(service, spec, &reference, gauge).await?;
    let actor = Actor::matched(service, recipe.clone(), &spec.field).await?;
    let text = spec.text.as_deref().unwrap_or_else(|| sample(actor.language()));
    let file = desk.file("preview");
    actor.say("text", text, preview(&file), gauge).await?;
    let mut warnings = spec.warnings.clone();
    if recipe.similarity < FAR {
        warnings.push(format!(
            "the voice came only as near to the recording as {:.2}, where strangers have about 0.55 and the same person 0.85",
            recipe.similarity
        ));
    }
    Ok(Enrolled {
        recipe,
        seconds,
        warnings,
        preview: file,
    })
}

async fn listen(service: &Service, spec: &VoiceSpec, reference: &Path, gauge: &Gauge) -> Result<(Recipe, f64), Trouble> {
    let speaker = service.voices.now().await?.speaker;
    let options = Options {
        denoise: spec.denoise,
        language: Some(spec.language),
        ..Options::default()
    };
    let (reference, mut gauge) = (reference.to_owned(), gauge.clone());
    let listening = tokio::task::spawn_blocking(move || {
        let tools = Tools::from_env();
        let facts = sound::probe(&reference, &sound::Limits::default(), &tools)?;
        let recipe = matching::enrol(&reference, &options, &*speaker, &tools, &mut gauge)?;
        Ok::<_, mouthpiece_render::Error>((recipe, facts.seconds.unwrap_or_default()))
    });
    let heard = listening.await.map_err(Trouble::panicked)?;
    Ok(heard.map_err(|e| e.about(&spec.field))?)
}

impl Enrolled {
    /// Stages the preview; gives the name of its link.
    pub async fn add<'a>(&self, parcels: &mut Parcels<'a>, voice: &'a RecordId) -> Result<String, Problem> {
        let label = Label {
            what: "preview",
            extension: "mp3",
            content_type: "audio/mpeg",
            life: Life::Record,
        };
        parcels.add(&self.preview, Key::VoicePreview { voice }, label).await
    }

    /// Records what the voice is; `preview` is the name of the link.
    pub async fn keep(&self, tx: &mut Tx, voice: &RecordId, preview: &str) -> Result<(), Problem> {
        sqlx::query(
            "UPDATE voices SET recipe = $2, similarity = $3, seconds = $4, preview = $5, language = $6,
                 gender = CASE WHEN gender = '' THEN $7 ELSE gender END WHERE id = $1",
        )
        .bind(voice)
        .bind(serde_json::to_string(&self.recipe)?)
        .bind((f64::from(self.recipe.similarity) * 1000.0).round() / 1000.0)
        .bind(self.seconds)
        .bind(preview)
        .bind(self.recipe.language.code())
        .bind(gender(self.recipe.gender))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// Ends the job: the voice, its preview, its charge, callback and message become true together, or not at all.
async fn publish(service: &Service, job: &Job, spec: &VoiceSpec, enrolled: &Enrolled) -> Result<(), Trouble> {
    let mut parcels = Parcels::new(service, job);
    let preview = enrolled.add(&mut parcels, &spec.id).await?;
    let url = service.public(&format!("files/{preview}"));
    let mut tx = service.db.write().await?;
    // The price was known, and set aside, when it was agreed to.
    if !job::end(
        service,
        &mut tx,
        job,
        Ending::Completed {
            cost: job.reserved,
            url: &url,
        },
    )
    .await?
    {
        parcels.discard().await?;
        return Err(Trouble::for_good(Problem::new(Code::VoiceProcessing, "somebody else has this job")));
    }
    job::note_warnings(&mut tx, &job.id, &enrolled.warnings).await?;
    parcels.insert(&mut tx).await?;
    enrolled.keep(&mut tx, &spec.id, &preview).await?;
    parcels.publish().await?;
    tx.commit().await.map_err(Problem::from)?;
    Ok(())
}
