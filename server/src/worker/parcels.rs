//! Files of an attempt on their way into the store: staged, then published with the rows that name them.

use std::path::Path;

use crate::clock::millis;
use crate::db::Tx;
use crate::job::Job;
use crate::problem::Result;
use crate::service::Service;
use crate::store::{Key, Link};

/// How long a link lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// As results do.
    Result,
    /// As long as the record that shows it.
    Record,
}

/// What is said of a file.
pub struct Label {
    /// Its name while it is staged.
    pub what: &'static str,
    pub extension: &'static str,
    pub content_type: &'static str,
    pub life: Life,
}

pub struct Parcels<'a> {
    service: &'a Service,
    job: &'a Job,
    all: Vec<Parcel<'a>>,
}

struct Parcel<'a> {
    what: &'static str,
    key: Key<'a>,
    link: Link,
}

impl<'a> Parcels<'a> {
    pub fn new(service: &'a Service, job: &'a Job) -> Self {
        let all = Vec::new();
        Self { service, job, all }
    }

    /// Stages a file; gives the name of its link.
    pub async fn add(&mut self, file: &Path, key: Key<'a>, label: Label) -> Result<String> {
        let Label {
            what,
            extension,
            content_type,
            life,
        } = label;
        let bytes = self.service.store.put(file, &self.staged(what)).await?;
        let now = self.service.clock.now();
        let expires = now + millis(self.service.config.retention.files);
        let expires = (life == Life::Result).then_some(expires);
        let link = Link::new(&key, extension, content_type, bytes, now, expires);
        let name = link.name.clone();
        self.all.push(Parcel { what, key, link });
        Ok(name)
    }

    fn staged(&self, what: &'static str) -> Key<'a> {
        Key::Staged {
            job: &self.job.id,
            attempt: self.job.attempt,
            what,
        }
    }

    /// Records the links.
    pub async fn insert(&self, tx: &mut Tx) -> Result<()> {
        for parcel in &self.all {
            parcel.link.insert(tx).await?;
        }
        Ok(())
    }

    /// Puts the files in their places, right before the commit: a crash in between leaves files that the next attempt replaces.
    pub async fn publish(&self) -> Result<()> {
        for parcel in &self.all {
            self.service.store.publish(&self.staged(parcel.what), &parcel.key).await?;
        }
        Ok(())
    }

    /// Removes what was staged, where the job is somebody else's by now.
    pub async fn discard(&self) -> Result<()> {
        for parcel in &self.all {
            self.service.store.remove(&self.staged(parcel.what).path()).await?;
        }
        Ok(())
    }
}
