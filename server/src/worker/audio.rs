//! A spoken text: from its spec to its file, its charge and its callback.

use std::path::Path;

use mouthpiece_render::speech::{AudioFormat, Recording, Spoken};

use super::Studio;
use super::desk::Desk;
use super::parcels::{Label, Life, Parcels};
use super::speech::{self, Actor, Captions};
use super::trouble::Trouble;
use super::voice::{self, Enrolled};
use crate::gauge::Gauge;
use crate::job::{self, Ending, Job};
use crate::problem::{Code, Problem};
use crate::service::Service;
use crate::spec::speech::{AudioSpec, StoredAudio};
use crate::store::Key;

/// The steps, in their order.
pub async fn make(studio: &Studio, job: Job, gauge: &Gauge) -> Result<(), Trouble> {
    let service = &studio.service;
    let StoredAudio::V1(spec) = job.spec()?;
    let desk = Desk::new(service, &job)?;
    let enrolled = match &spec.voice {
        Some(voice) => Some(voice::enrol(service, voice, &desk, gauge).await?),
        None => None,
    };
    let field = &spec.speech.field;
    let actor = match &enrolled {
        Some(enrolled) => Actor::matched(service, enrolled.recipe.clone(), field).await?,
        None => Actor::of(service, &spec.speech.voice, field).await?,
    };
    let file = desk.file("audio");
    let to = Recording {
        path: file.clone(),
        format: spec.format,
        rate: spec.rate,
        bitrate: spec.bitrate,
        channels: spec.channels,
    };
    let spoken = actor.speak(&spec.speech, to, gauge).await?;
    let captions = if spec.captions {
        Some(Captions::write(&spoken.words, spoken.seconds, &desk)?)
    } else {
        None
    };
    let made = Made {
        spec: &spec,
        file: &file,
        spoken: &spoken,
        captions,
        enrolled,
    };
    publish(service, &job, &made).await
}

/// What is to become true.
struct Made<'a> {
    spec: &'a AudioSpec,
    file: &'a Path,
    spoken: &'a Spoken,
    captions: Option<Captions>,
    enrolled: Option<Enrolled>,
}

/// Ends the job: files, links, charge, callback and message become true together, or not at all.
async fn publish(service: &Service, job: &Job, made: &Made<'_>) -> Result<(), Trouble> {
    let extension = made.spec.format.extension();
    let mut parcels = Parcels::new(service, job);
    let label = Label {
        what: "audio",
        extension,
        content_type: content_type(made.spec.format),
        life: Life::Result,
    };
    let name = parcels.add(made.file, Key::Audio { job: &job.id, extension }, label).await?;
    let captions = match &made.captions {
        Some(captions) => Some(captions.add(&mut parcels, job).await?),
        None => None,
    };
    let preview = match (&made.enrolled, &made.spec.voice) {
        (Some(enrolled), Some(voice)) => Some((enrolled, voice, enrolled.add(&mut parcels, &voice.id).await?)),
        _ => None,
    };
    let url = service.public(&format!("files/{name}"));
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
        return Err(Trouble::for_good(Problem::new(Code::CreateAudio, "somebody else has this job")));
    }
    let mut warnings = made.spec.warnings.clone();
    warnings.extend(made.enrolled.iter().flat_map(|e| e.warnings.clone()));
    job::note_warnings(&mut tx, &job.id, &warnings).await?;
    parcels.insert(&mut tx).await?;
    sqlx::query("UPDATE audios SET seconds = $2, file = $3 WHERE id = $1")
        .bind(&job.id)
        .bind(made.spoken.seconds)
        .bind(&name)
        .execute(&mut *tx)
        .await
        .map_err(Problem::from)?;
    if let Some(links) = &captions {
        speech::insert_captions(&mut tx, job, links).await?;
    }
    if let Some((enrolled, voice, preview)) = &preview {
        enrolled.keep(&mut tx, &voice.id, preview).await?;
    }
    parcels.publish().await?;
    tx.commit().await.map_err(Problem::from)?;
    Ok(())
}

fn content_type(format: AudioFormat) -> &'static str {
    match format {
        AudioFormat::Mp3 => "audio/mpeg",
        AudioFormat::Wav => "audio/wav",
    }
}
