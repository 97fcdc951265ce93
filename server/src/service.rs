//! Everything that handlers and workers share, built in one place.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::fetch::{Fetcher, Limits, NetPolicy, Resolver};
use crate::gate::Gates;
use crate::problem::{Problem, Result};
use crate::queue::sqlite::SqliteQueue;
use crate::store::Store;
use crate::token::Tokens;
use crate::wake::Wake;

/// The name of the database in the data folder.
const DATABASE: &str = "mouthpiece.sqlite";

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
}

impl std::ops::Deref for Service {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Service {
    /// Opens the data folder, which is made if it is not there; nobody else on the machine can look into it.
    pub async fn open(config: Config, clock: Clock) -> Result<Self> {
        Self::open_with(config, clock, Resolver::System).await
    }

    /// As `open`, with names looked up elsewhere.
    pub async fn open_with(config: Config, clock: Clock, resolver: Resolver) -> Result<Self> {
        make_private(&config.data)?;
        let db = Db::open(&config.data.join(DATABASE)).await?;
        Ok(Self(Arc::new(Parts {
            queue: SqliteQueue::new(db.clone(), clock.clone()),
            store: Store::local(&config.data)?,
            tokens: Tokens::open(&db).await?,
            fetcher: fetcher(&config, resolver)?,
            wake: Wake::default(),
            gates: Gates::new(&config.limits),
            db,
            clock,
            config,
        })))
    }

    /// A link that a client can follow.
    pub fn public(&self, path: &str) -> String {
        let base = match &self.config.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.config.listen),
        };
        format!("{base}/{path}")
    }
}

fn fetcher(config: &Config, resolver: Resolver) -> Result<Fetcher> {
    let limits = Limits {
        image_bytes: config.limits.image_bytes,
        video_bytes: config.limits.video_bytes,
        sound_bytes: config.limits.sound_bytes,
        total_time: config.limits.fetch_time,
        post_time: config.limits.callback_time,
        ..Limits::default()
    };
    Fetcher::new(NetPolicy::new(config.allow_net.clone()), limits, resolver).map_err(Problem::internal)
}

fn make_private(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(Problem::internal)
}
