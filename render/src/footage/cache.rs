//! Packs that were made before, by what was in their clips.

use std::fs::{File, FileTimes};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::pack::VERSION;
use crate::error::{Error, Kind, Result};
use crate::media::sniff;
use crate::media::write_error;
use crate::progress::go_on;

/// A folder of packs; those that were not used for the longest time go when there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackCache {
    pub folder: PathBuf,
    /// Most bytes in it, one pack at least.
    pub bytes: u64,
}

/// The endings of a pack's name and of a file on its way to one.
const ENDING: &str = ".avatar";
const PART: &str = ".part";
/// Nobody writes at a pack for so long.
const STALE: Duration = Duration::from_hours(24);

impl PackCache {
    /// Where the pack of a clip with this hash lies, once it is made.
    pub(super) fn place(&self, source: &str) -> PathBuf {
        self.folder.join(format!("{source}.{VERSION}{ENDING}"))
    }

    pub(super) fn make(&self) -> Result<()> {
        std::fs::create_dir_all(&self.folder).map_err(|e| write_error(e, "the folder for prepared avatars cannot be made"))
    }

    /// Notes that a pack was used, and makes room.
    pub(super) fn used(&self, pack: &Path) {
        let now = FileTimes::new().set_modified(SystemTime::now());
        // A cache that cannot be kept in order is still a cache.
        let _ = File::options().append(true).open(pack).and_then(|f| f.set_times(now));
        let _ = self.trim(pack);
    }

    fn trim(&self, keep: &Path) -> std::io::Result<()> {
        let mut packs = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let meta = entry.metadata()?;
            let stale = meta.modified()?.elapsed().is_ok_and(|age| age > STALE);
            if meta.is_file() && stale && entry.file_name().to_string_lossy().ends_with(PART) {
                // Whoever wrote it was killed.
                std::fs::remove_file(entry.path())?;
            } else if meta.is_file() && entry.file_name().to_string_lossy().ends_with(ENDING) {
                packs.push((meta.modified()?, meta.len(), entry.path()));
            }
        }
        packs.sort();
        let mut bytes: u64 = packs.iter().map(|p| p.1).sum();
        for (_, length, path) in packs {
            if bytes <= self.bytes {
                break;
            }
            if path != keep {
                std::fs::remove_file(path)?;
                bytes -= length;
            }
        }
        Ok(())
    }
}

/// SHA-256 of a file, in hexadecimal digits.
pub(super) fn hash(path: &Path) -> Result<String> {
    let io = |e| Error::new(Kind::FileUnreadable, "the file cannot be read").because(e);
    let mut file = sniff::open_file(path)?;
    let mut sha = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        go_on()?;
        let read = file.read(&mut block).map_err(io)?;
        if read == 0 {
            return Ok(sha.finalize().iter().map(|b| format!("{b:02x}")).collect());
        }
        sha.update(&block[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_long_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = PackCache {
            folder: folder.path().to_owned(),
            bytes: 250,
        };
        let paths: Vec<PathBuf> = ["a", "b", "c"].iter().map(|n| cache.place(n)).collect();
        for (age, path) in paths.iter().enumerate() {
            std::fs::write(path, [0; 100]).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age as u64);
            let file = File::options().append(true).open(path).unwrap();
            file.set_times(FileTimes::new().set_modified(time)).unwrap();
        }
        let other = folder.path().join("note.txt");
        std::fs::write(&other, [0; 1000]).unwrap();
        let (old, new) = (folder.path().join(".old.part"), folder.path().join(".new.part"));
        for part in [&old, &new] {
            std::fs::write(part, [0; 1000]).unwrap();
        }
        let file = File::options().append(true).open(&old).unwrap();
        file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH)).unwrap();
        cache.used(&paths[0]);
        assert!(!old.exists() && new.exists());
        assert_eq!(paths.map_exists(), [true, false, true]);
        assert!(other.exists());
        // One pack stays, however large it is.
        PackCache { bytes: 10, ..cache }.used(&paths[0]);
        assert_eq!(paths.map_exists(), [true, false, false]);
    }

    trait Exist {
        fn map_exists(&self) -> Vec<bool>;
    }

    impl Exist for Vec<PathBuf> {
        fn map_exists(&self) -> Vec<bool> {
            self.iter().map(|p| p.exists()).collect()
        }
    }
}
