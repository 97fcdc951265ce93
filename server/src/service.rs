//! Everything that handlers and workers share, built in one place.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
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
        make_private(&config.data)?;
        let db = Db::open(&config.data.join(DATABASE)).await?;
        Ok(Self(Arc::new(Parts {
            queue: SqliteQueue::new(db.clone(), clock.clone()),
            store: Store::local(&config.data)?,
            tokens: Tokens::open(&db).await?,
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

fn make_private(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(Problem::internal)
}
