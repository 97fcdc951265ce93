//! The queue in the service's own file.

use std::sync::Arc;
use std::time::Duration;

use mouthpiece_server::clock::Clock;
use mouthpiece_server::db::{Db, Tx};
use mouthpiece_server::queue::sqlite::SqliteQueue;

use crate::bench::Bench;

pub struct Sqlite {
    pub db: Db,
    clock: Clock,
    queue: SqliteQueue,
    folder: Arc<tempfile::TempDir>,
}

impl Sqlite {
    async fn open(folder: Arc<tempfile::TempDir>, clock: Clock) -> Self {
        let db = Db::open(&folder.path().join("queue.sqlite")).await.unwrap();
        Self {
            queue: SqliteQueue::new(db.clone(), clock.clone()),
            db,
            clock,
            folder,
        }
    }
}

impl Bench for Sqlite {
    type Queue = SqliteQueue;

    async fn new() -> Self {
        Self::open(Arc::new(tempfile::tempdir().unwrap()), Clock::movable()).await
    }

    fn queue(&self) -> &SqliteQueue {
        &self.queue
    }

    async fn elsewhere(&self) -> Self {
        Self::open(Arc::clone(&self.folder), self.clock.clone()).await
    }

    async fn begin(&self) -> Tx {
        self.db.write().await.unwrap()
    }

    async fn commit(&self, tx: Tx) {
        tx.commit().await.unwrap();
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn buried(&self) -> Vec<(i64, String)> {
        sqlx::query_as("SELECT msg_id, reason FROM buried ORDER BY archived_at, msg_id")
            .fetch_all(self.db.read())
            .await
            .unwrap()
    }
}
