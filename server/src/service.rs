//! Everything that handlers and workers share, built in one place.

use std::io;
use std::path::Path;
use std::sync::Arc;

use mouthpiece_render::PackCache;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::fetch::{Fetcher, Limits, NetPolicy, Resolver};
use crate::gate::Gates;
use crate::problem::{Code, Problem, Result};
use crate::queue::sqlite::SqliteQueue;
use crate::store::{Store, private_folder};
use crate::token::Tokens;
use crate::voices::Voices;
use crate::wake::Wake;

/// The name of the database in the data folder.
const DATABASE: &str = "mouthpiece.sqlite";

/// The folder of prepared videos there.
const PACKS: &str = "packs";

/// The one context; clones share it.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub clock: Clock,
    pub db: Db,
    pub queue: SqliteQueue,
    pub store: Store,
    pub fetcher: Fetcher,
    pub tokens: Tokens,
    pub wake: Wake,
    pub gates: Gates,
    pub voices: Voices,
    /// What links begin with.
    base: String,
}

impl std::ops::Deref for Service {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Service {
    /// Opens the data folder, which is made, for its owner only, if it is not there.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        Self::open_with(config, clock, Resolver::System).await
    }

    /// As `open`, with names looked up elsewhere.
    pub async fn open_with(config: Config, clock: Clock, resolver: Resolver) -> Result<Self> {
        private_folder(&config.data).map_err(|e| no_folder(&config.data, e))?;
        let db = Db::open(&config.data.join(DATABASE)).await?;
        let base = match &config.public_url {
            Some(url) => url.as_str().to_owned(),
            None => announced(&db).await?.unwrap_or_else(|| format!("http://{}", config.listen)),
        };
        Ok(Self(Arc::new(Parts {
            base: base.trim_end_matches('/').to_owned(),
            queue: SqliteQueue::new(db.clone(), clock.clone()),
            store: Store::local(&config.data)?,
            tokens: Tokens::open(&db).await?,
            fetcher: fetcher(&config, resolver.clone())?,
            wake: Wake::default(),
            gates: Gates::new(&config.limits),
            voices: Voices::new(&config, resolver),
            db,
            clock,
            config,
        })))
    }

    /// Where prepared videos are kept, for all jobs that use the same bytes.
    pub fn packs(&self) -> PackCache {
        PackCache {
            folder: self.config.data.join(PACKS),
            bytes: self.config.limits.pack_bytes,
        }
    }

    /// A link that a client can follow.
    pub fn public(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// Tells workers that are processes of their own what links begin with.
    pub async fn announce(&self) -> Result<()> {
        let mut tx = self.db.write().await?;
        sqlx::query("REPLACE INTO settings (name, value) VALUES ('public_url', $1)")
            .bind(&self.base)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// What the service of this database said last.
async fn announced(db: &Db) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT value FROM settings WHERE name = 'public_url'")
        .fetch_optional(db.read())
        .await?)
}

fn fetcher(config: &Config, resolver: Resolver) -> Result<Fetcher> {
    let limits = Limits {
        image_bytes: config.limits.image_bytes,
        video_bytes: config.limits.video_bytes,
        sound_bytes: config.limits.sound_bytes,
        voice_bytes: config.limits.voice_bytes,
        total_time: config.limits.fetch_time,
        post_time: config.limits.callback_time,
        ..Limits::default()
    };
    Fetcher::new(NetPolicy::new(config.allow_net.clone()), limits, resolver).map_err(Problem::internal)
}

fn no_folder(folder: &Path, e: io::Error) -> Problem {
    let message = format!(
        "the data folder {} cannot be made: {e}; choose another with --data",
        folder.display()
    );
    Problem::new(Code::Parameter, message).because(e)
}
