//! What keeps the service from working.

use std::sync::OnceLock;

use mouthpiece_render::media::tools;

use crate::problem::{Problem, Result};
use crate::service::Service;

/// The parts that fail, each as half a sentence that tells no path.
pub async fn failed(service: &Service) -> Vec<&'static str> {
    let mut failed = Vec::new();
    let mut note = |ok: Result<()>, part| {
        if let Err(e) = ok {
            tracing::error!(cause = e.source.as_deref().map(tracing::field::display), "{part}");
            failed.push(part);
        }
    };
    note(database(service).await, "the database does not answer");
    note(disk(service).await, "the data folder cannot be written");
    if service.config.workers > 0 {
        note(ffmpeg().await, "ffmpeg does not run; `mouthpiece doctor` says more");
    }
    failed
}

async fn database(service: &Service) -> Result<()> {
    sqlx::query("SELECT 1 FROM settings LIMIT 1").execute(service.db.read()).await?;
    Ok(())
}

async fn disk(service: &Service) -> Result<()> {
    use std::io::Write;
    let folder = service.store.scratch().to_owned();
    let written = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)?.write_all(b"ready"));
    Ok(written.await.map_err(Problem::internal)??)
}

/// It is asked until it was found once: programs do not go away.
async fn ffmpeg() -> Result<()> {
    static FOUND: OnceLock<()> = OnceLock::new();
    if FOUND.get().is_none() {
        let checked = tokio::task::spawn_blocking(tools::check).await.map_err(Problem::internal)?;
        checked.map_err(Problem::internal)?;
        FOUND.get_or_init(|| ());
    }
    Ok(())
}
