//! The database: one writer, several readers, and the migrations.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::problem::{Problem, Result};

/// A transaction that may write.
pub type Tx = sqlx::Transaction<'static, sqlx::Sqlite>;

/// The SQLite file of a data folder; clones share its connections.
#[derive(Clone)]
pub struct Db {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Db {
    /// Opens the file, makes it if it is not there, and brings it to the newest schema.
    pub async fn open(file: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An accepted job must survive a power cut, not only a killed process.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // After a burst of writing the log's file is cut to this again: 64 MB.
            .pragma("journal_size_limit", "67108864")
            .busy_timeout(Duration::from_secs(20));
        // SQLite migrates in no lock of its own, and several processes may begin at once. The lock goes with the value.
        let _alone = lock(file.with_extension("lock")).await?;
        make_private(file)?;
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { writer, readers })
    }

    /// Begins to write; whoever else writes, in whatever process, is waited for.
    pub async fn write(&self) -> Result<Tx> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// For reading.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Makes the file, which will hold secrets, if it is not there; what SQLite lays beside it gets the same rights.
fn make_private(file: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().create(true).truncate(false).write(true).mode(0o600).open(file)?;
    Ok(())
}

/// Waits until no other process has the lock file.
async fn lock(path: PathBuf) -> Result<Flock<File>> {
    let waiting = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, e)| std::io::Error::from(e))
    });
    Ok(waiting.await.map_err(Problem::internal)??)
}
