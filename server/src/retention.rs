//! Removes what has had its time: links that ran out and their files, what dead attempts left, old records of what is over.
//!
//! Rows go before files: a link never leads to nothing, and a file whose removal was cut off is found later as one that no row knows.
//! Several processes may sweep at once: each row is deleted by one of them, and a file that is gone already is no error.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;
use tokio_util::sync::CancellationToken;

use crate::clock::{Millis, millis};
use crate::id::RecordId;
use crate::problem::{Problem, Result};
use crate::queue::Queue;
use crate::service::Service;
use crate::store::written;

/// So often the clock is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Rows and leftovers are swept so often.
const ROWS: Duration = Duration::from_mins(1);
/// The whole store is looked through so often.
const STRAYS: Duration = Duration::from_hours(1);
/// Rows in one transaction, so that nobody waits long for it.
const BATCH: u32 = 200;
/// What an attempt left may just be on its way to its place.
const LEFTOVER_AGE: Duration = Duration::from_mins(5);
/// A file without a row may be about to get one.
const STRAY_AGE: Duration = Duration::from_hours(1);

/// How much was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub links: u64,
    /// Files of those links.
    pub files: u64,
    /// What dead attempts left in the store and in the scratch folder.
    pub leftovers: u64,
    /// Files that no row knows.
    pub strays: u64,
    /// Prepared videos.
    pub packs: u64,
    /// Answers to idempotency keys.
    pub answers: u64,
    pub callbacks: u64,
    pub buried: u64,
}

/// Sweeps until told to stop: at once, and then by the clock.
pub async fn run(service: Service, stop: CancellationToken) {
    let (mut rows, mut strays) = (Every::new(ROWS), Every::new(STRAYS));
    // A sweep can be dropped at any point: what is left of it is found by the next.
    let sweeping = async {
        loop {
            let mut swept = Swept::default();
            let mut done = Ok(());
            if rows.is_due(service.clock.now()) {
                done = sweep_rows(&service, &mut swept).await;
            }
            if done.is_ok() && strays.is_due(service.clock.now()) {
                done = sweep_strays(&service, &mut swept).await;
            }
            if let Err(problem) = done {
                tracing::error!(error = ?problem.source, "what has had its time cannot be removed now");
            }
            if swept != Swept::default() {
                tracing::info!(?swept, "removed what has had its time");
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = sweeping => {}
    }
}

/// Sweeps everything once.
pub async fn sweep(service: &Service) -> Result<Swept> {
    let mut swept = Swept::default();
    sweep_rows(service, &mut swept).await?;
    sweep_strays(service, &mut swept).await?;
    Ok(swept)
}

/// Something that is done again when so much time has passed.
struct Every {
    pause: Millis,
    last: Option<Millis>,
}

impl Every {
    fn new(pause: Duration) -> Self {
        Self {
            pause: millis(pause),
            last: None,
        }
    }

    /// A clock that was set back does not hold it up.
    fn is_due(&mut self, now: Millis) -> bool {
        let due = self.last.is_none_or(|last| !(last..last + self.pause).contains(&now));
        if due {
            self.last = Some(now);
        }
        due
    }
}

async fn sweep_rows(service: &Service, swept: &mut Swept) -> Result<()> {
    let (now, keep) = (service.clock.now(), &service.config.retention);
    expired_links(service, now, swept).await?;
    swept.leftovers += staged(service, now - millis(LEFTOVER_AGE)).await?;
    swept.leftovers += scratch(service, now - millis(LEFTOVER_AGE)).await?;
    swept.answers += purge(service, OLD_ANSWERS, now - millis(keep.idempotency)).await?;
    swept.callbacks += purge(service, OLD_CALLBACKS, now - millis(keep.callbacks)).await?;
    swept.buried += buried(service, keep.buried).await?;
    Ok(())
}

async fn sweep_strays(service: &Service, swept: &mut Swept) -> Result<()> {
    let before = service.clock.now() - millis(STRAY_AGE);
    for folder in ["videos", "avatars", "audios", "captions", "voices"] {
        swept.strays += strays(service, folder, before).await?;
    }
    swept.strays += service.store.remove_unfinished(before).await?;
    swept.packs += packs(service, before).await?;
    Ok(())
}

/// Prepared videos that nobody used for long and of which no avatar is made, and what died while it prepared.
async fn packs(service: &Service, dead: Millis) -> Result<u64> {
    let time = |at: Millis| SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at).unwrap_or(0));
    let unused = time(service.clock.now() - millis(service.config.retention.packs));
    let kept: Vec<String> = sqlx::query_scalar("SELECT DISTINCT source FROM avatars WHERE source IS NOT NULL")
        .fetch_all(service.db.read())
        .await?;
    let kept = BTreeSet::from_iter(kept);
    let cache = service.packs();
    let sweeping = tokio::task::spawn_blocking(move || cache.sweep(unused, time(dead), &|source| kept.contains(source)));
    Ok(sweeping.await.map_err(Problem::internal)??)
}

const OLD_ANSWERS: &str = "DELETE FROM idempotency WHERE (uid, key) IN (SELECT uid, key FROM idempotency WHERE created_at <= $1 LIMIT $2)";

const OLD_CALLBACKS: &str =
    "DELETE FROM webhooks WHERE id IN (SELECT id FROM webhooks WHERE state <> 'waiting' AND updated_at <= $1 LIMIT $2)";

async fn purge(service: &Service, sql: &'static str, before: Millis) -> Result<u64> {
    let mut total = 0;
    loop {
        let mut tx = service.db.write().await?;
        let gone = sqlx::query(sql).bind(before).bind(BATCH).execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        total += gone;
        if gone < u64::from(BATCH) {
            return Ok(total);
        }
    }
}

async fn buried(service: &Service, age: Duration) -> Result<u64> {
    let mut total = 0;
    loop {
        let mut tx = service.db.write().await?;
        let gone = service.queue.forget(&mut tx, age, BATCH).await?;
        tx.commit().await?;
        total += gone;
        if gone < u64::from(BATCH) {
            return Ok(total);
        }
    }
}

const EXPIRED: &str = "DELETE FROM files WHERE name IN (SELECT name FROM files WHERE expires_at <= $1 LIMIT $2) RETURNING key";

/// Records stay and lose their link: the reference becomes NULL.
async fn expired_links(service: &Service, now: Millis, swept: &mut Swept) -> Result<()> {
    loop {
        let mut tx = service.db.write().await?;
        let keys: Vec<String> = sqlx::query_scalar(EXPIRED).bind(now).bind(BATCH).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        swept.links += keys.len() as u64;
        let whole_batch = keys.len() == BATCH as usize;
        for key in BTreeSet::from_iter(keys) {
            if !is_needed(service, &key).await? {
                swept.files += remove(service, &key).await;
            }
        }
        if !whole_batch {
            return Ok(());
        }
    }
}

/// Whether another link leads to a file, or an avatar is made of it.
async fn is_needed(service: &Service, key: &str) -> Result<bool> {
    let needed = "SELECT EXISTS (SELECT 1 FROM files WHERE key = $1) OR EXISTS (SELECT 1 FROM avatars WHERE media = $1)";
    Ok(sqlx::query_scalar(needed).bind(key).fetch_one(service.db.read()).await?)
}

/// Gives how many were removed; one that cannot be is met again as a stray.
async fn remove(service: &Service, key: &str) -> u64 {
    let removed = service.store.remove(key).await;
    if let Err(problem) = &removed {
        tracing::warn!(key, error = ?problem.source, "a file that has had its time stays behind");
    }
    u64::from(removed.is_ok())
}

async fn strays(service: &Service, folder: &str, before: Millis) -> Result<u64> {
    let mut found = std::pin::pin!(service.store.list(folder));
    let mut total = 0;
    while let Some((key, written)) = found.try_next().await? {
        if written < before && !is_needed(service, &key).await? {
            total += remove(service, &key).await;
        }
    }
    Ok(total)
}

async fn staged(service: &Service, before: Millis) -> Result<u64> {
    let mut found = std::pin::pin!(service.store.list("staged"));
    let mut total = 0;
    while let Some((key, written)) = found.try_next().await? {
        let name = key.trim_start_matches("staged/");
        if written < before && is_over(service, name).await? {
            total += remove(service, &key).await;
        }
    }
    Ok(total)
}

async fn scratch(service: &Service, before: Millis) -> Result<u64> {
    let mut folders = tokio::fs::read_dir(service.store.scratch()).await?;
    let mut total = 0;
    while let Some(folder) = folders.next_entry().await? {
        let (name, path) = (folder.file_name(), folder.path());
        // Whatever is gone by now was removed by its worker, or by another sweep.
        let Ok(about) = folder.metadata().await else { continue };
        if !about.is_dir() || written(&about)? >= before || !is_over(service, &name.to_string_lossy()).await? {
            continue;
        }
        match tokio::fs::remove_dir_all(&path).await {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(folder = %path.display(), error = %e, "the folder of a dead attempt stays behind");
            }
            _ => total += 1,
        }
    }
    Ok(total)
}

/// Whether a name is that of an attempt which is not its job's current one; other names are not ours to judge.
async fn is_over(service: &Service, name: &str) -> Result<bool> {
    let Some((job, attempt)) = attempt_of(name) else {
        // A preview takes seconds.
        return Ok(name.starts_with(crate::worker::PREVIEWS));
    };
    let over = "SELECT NOT EXISTS (SELECT 1 FROM jobs WHERE id = $1 AND attempt = $2 AND status = 2)";
    Ok(sqlx::query_scalar(over)
        .bind(job)
        .bind(attempt)
        .fetch_one(service.db.read())
        .await?)
}

/// The head of `<job>-<attempt>` and `<job>-<attempt>-<what>`.
fn attempt_of(name: &str) -> Option<(RecordId, i64)> {
    let mut parts = name.splitn(3, '-');
    Some((RecordId::parse(parts.next()?)?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_attempts() {
        let job = "67491cdb4d9d1664a9782292";
        for (name, attempt) in [(format!("{job}-12"), 12), (format!("{job}-3-video.mp4"), 3)] {
            let (id, number) = attempt_of(&name).unwrap();
            assert_eq!((id.as_str(), number), (job, attempt));
        }
        for other in ["", job, "lost+found", "67491cdb-1", &format!("{job}-x")] {
            assert_eq!(attempt_of(other), None);
        }
    }

    #[test]
    fn something_is_due_at_once_and_then_after_its_pause() {
        let mut minute = Every::new(Duration::from_mins(1));
        let due = [5, 6, 60_004, 60_005, 60_006, 10].map(|now| minute.is_due(now));
        assert_eq!(due, [true, false, false, true, false, true]);
    }
}
