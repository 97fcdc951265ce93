//! A private folder for one attempt; it goes with it, but for what the next one can take over.

use std::path::{Path, PathBuf};

use mouthpiece_render::Shelf;

use crate::id::RecordId;
use crate::job::Job;
use crate::problem::Result;
use crate::service::Service;

/// Finished ranges of a long video lie in the attempt's folder under this name, and those of each former attempt with its number behind.
const RANGES: &str = "ranges";

/// `scratch/<job>-<attempt>`; what a killed worker leaves is taken over by the next attempt, or swept away later.
pub struct Desk {
    folder: PathBuf,
    former: Vec<PathBuf>,
}

impl Desk {
    /// A folder, with what former attempts left in it.
    pub fn new(service: &Service, job: &Job) -> Result<Self> {
        let scratch = service.store.scratch();
        let folder = folder(scratch, &job.id, job.attempt);
        std::fs::create_dir_all(&folder)?;
        let mut former = Vec::new();
        for attempt in 1..job.attempt {
            former.extend(take_over(&self::folder(scratch, &job.id, attempt), &folder, attempt));
        }
        Ok(Self { folder, former })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where finished ranges are kept, and where they are already.
    pub fn shelf(&self) -> Shelf {
        Shelf {
            folder: self.folder.join(RANGES),
            former: self.former.clone(),
        }
    }
}

fn folder(scratch: &Path, job: &RecordId, attempt: i64) -> PathBuf {
    scratch.join(format!("{job}-{attempt}"))
}

/// Moves the ranges of an attempt that is over into another's folder: at once, before they can be swept away. It may be alive and only have
/// lost its lease: it then writes on into files that it has open, of which what is finished does not change.
fn take_over(from: &Path, to: &Path, attempt: i64) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(from) else { return Vec::new() };
    let mut taken = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = match name.strip_prefix(RANGES) {
            Some("") => format!("{RANGES}-{attempt}"),
            Some(_) => name,
            None => continue,
        };
        let place = to.join(name);
        // Without them it is only slower.
        if std::fs::rename(entry.path(), &place).is_ok() {
            taken.push(place);
        }
    }
    taken
}

/// Removes the folder of an attempt whose job has no other to come.
pub fn clear(service: &Service, job: &Job) {
    // There mostly is none any more.
    let _ = std::fs::remove_dir_all(folder(service.store.scratch(), &job.id, job.attempt));
}

impl Drop for Desk {
    /// What is finished stays, for the next attempt; whoever knows that there is none calls [`clear`].
    fn drop(&mut self) {
        let ranges = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(RANGES);
        let emptied = std::fs::read_dir(&self.folder).and_then(|entries| {
            let mut left = false;
            for entry in entries {
                let entry = entry?;
                let path = entry.path();
                match (ranges(&entry), entry.file_type()?.is_dir()) {
                    (true, _) => left = true,
                    (false, true) => std::fs::remove_dir_all(path)?,
                    (false, false) => std::fs::remove_file(path)?,
                }
            }
            if left { Ok(()) } else { std::fs::remove_dir(&self.folder) }
        });
        if let Err(e) = emptied
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(cause = %e, "a work folder was not removed; it is swept away later");
        }
    }
}
