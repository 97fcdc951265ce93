//! A private folder for one attempt; it goes with it.

use std::path::PathBuf;

use crate::job::Job;
use crate::problem::Result;
use crate::service::Service;

/// `scratch/<job>-<attempt>`; what a killed worker leaves is swept away later.
pub struct Desk(PathBuf);

impl Desk {
    pub fn new(service: &Service, job: &Job) -> Result<Self> {
        let folder = service.store.scratch().join(format!("{}-{}", job.id, job.attempt));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(cause = %e, "a work folder was not removed; it is swept away later");
        }
    }
}
