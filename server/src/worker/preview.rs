//! Previews of the official voices: spoken once, when there is nothing else to do.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Studio;
use super::speech::{Actor, preview};
use super::trouble::{Trouble, chain};
use crate::gauge::Gauge;
use crate::problem::Problem;
use crate::service::Service;
use crate::spec::speech::VoiceSource;
use crate::store::{Key, Link};
use crate::voices::{Official, sample};

/// So often it is looked whether voices were installed, or whether the others are done.
const LOOK: Duration = Duration::from_secs(2);

/// Folders of previews begin so in the scratch folder.
pub const FOLDER: &str = "preview-";

/// Speaks until told to stop. A voice that fails is left alone until the next start.
pub async fn run(studio: Studio, stop: CancellationToken) {
    let service = &studio.service;
    if !service.config.voices.previews {
        return;
    }
    let gauge = Gauge::default();
    let work = async {
        let mut failed = Vec::new();
        loop {
            match next(service, &failed).await {
                Ok(Some(voice)) => {
                    if let Err(trouble) = make(service, &voice, &gauge).await {
                        tracing::warn!(voice = voice.info.id, cause = chain(&trouble.problem), "no preview could be made");
                        failed.push(voice.info.id);
                    }
                }
                Ok(None) => tokio::time::sleep(LOOK).await,
                Err(e) => {
                    tracing::warn!(cause = chain(&e), "it cannot be looked for voices without a preview");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    };
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => gauge.halt(),
    }
}

/// An official voice without a preview, if nobody waits for anything else.
async fn next(service: &Service, failed: &[String]) -> Result<Option<Official>, Problem> {
    let busy: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM jobs WHERE status IN (1, 2))")
        .fetch_one(service.db.read())
        .await?;
    if busy {
        return Ok(None);
    }
    let made: Vec<String> = sqlx::query_scalar("SELECT voice FROM previews")
        .fetch_all(service.db.read())
        .await?;
    let cast = service.voices.now().await?;
    let lacking = |voice: &&Official| !made.contains(&voice.info.id) && !failed.contains(&voice.info.id);
    Ok(cast.official.iter().find(lacking).cloned())
}

async fn make(service: &Service, voice: &Official, gauge: &Gauge) -> Result<(), Trouble> {
    let folder = tempfile::Builder::new()
        .prefix(FOLDER)
        .tempdir_in(service.store.scratch())
        .map_err(Problem::from)?;
    let file = folder.path().join("preview");
    let actor = Actor::of(service, &VoiceSource::Official(voice.info.id.clone()), "preview").await?;
    actor.say("preview", sample(actor.language()), preview(&file), gauge).await?;
    let key = Key::VoicePreview { voice: &voice.id };
    // Whoever else makes it at the same time writes as good a file.
    let bytes = service.store.put(&file, &key).await?;
    let link = Link::new(&key, "mp3", "audio/mpeg", bytes, service.clock.now(), None);
    let mut tx = service.db.write().await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM previews WHERE voice = $1)")
        .bind(&voice.info.id)
        .fetch_one(&mut *tx)
        .await
        .map_err(Problem::from)?;
    if !known {
        link.insert(&mut tx).await?;
        sqlx::query("INSERT INTO previews (voice, file) VALUES ($1, $2)")
            .bind(&voice.info.id)
            .bind(&link.name)
            .execute(&mut *tx)
            .await
            .map_err(Problem::from)?;
    }
    tx.commit().await.map_err(Problem::from)?;
    Ok(())
}
