//! Packs that were made before, by what was in their clips.

use std::fs::{File, FileTimes};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::matte;
use super::pack::VERSION;
use crate::error::{Error, Kind, Result};
use crate::media::sniff;
use crate::media::write_error;
use crate::progress::{self, go_on};

/// A folder of packs; those that were not used for the longest time go when there are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackCache {
    pub folder: PathBuf,
    /// Most bytes in it, one pack at least.
    pub bytes: u64,
}

/// The endings of the names of a pack, of its matte, and of a file on its way to one.
const ENDING: &str = ".avatar";
const MATTE: &str = ".matte";
const PART: &str = ".part";
/// Nobody writes at a pack for so long.
const STALE: Duration = Duration::from_hours(24);

impl PackCache {
    /// Where the pack of a clip with this hash lies, once it is made, or that of so many seconds of it.
    pub(super) fn place(&self, source: &str, part: Option<f64>) -> PathBuf {
        self.folder.join(format!("{source}.{VERSION}{}{ENDING}", ending(part)))
    }

    /// Where the matte of that clip, or of a pack with this hash, lies, or that of so many seconds of it.
    pub(super) fn matte_place(&self, source: &str, part: Option<f64>) -> PathBuf {
        let name = format!("{source}.{VERSION}-{}{}{MATTE}", matte::VERSION, ending(part));
        self.folder.join(name)
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

    /// Waits until nobody else prepares a clip with this hash, in whatever process; holds others back until it is dropped.
    pub(super) fn alone(&self, source: &str, alive: &mut dyn FnMut() -> Result<()>) -> Result<File> {
        let path = self.folder.join(format!(".{source}.lock"));
        let unwritable = |e| write_error(e, "the folder for prepared avatars cannot be written to");
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(unwritable)?;
        // Whoever is called off while it waits lets go as soon as it is its turn.
        progress::apart(move || file.lock().map(|()| file).map_err(unwritable), alive)
    }

    /// Removes the packs of the clip with this hash, and their mattes.
    pub fn remove(&self, source: &str) -> std::io::Result<()> {
        for (name, path, _) in self.files()? {
            if source_of(&name) == Some(source) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes packs that were not used since `unused`, but for those that `keep` says of their clips' hashes, and what those left that
    /// died before `dead` while they prepared; gives how many there were.
    pub fn sweep(&self, unused: SystemTime, dead: SystemTime, keep: &dyn Fn(&str) -> bool) -> std::io::Result<u64> {
        let mut removed = 0;
        for (name, path, written) in self.files()? {
            let over = match source_of(&name) {
                Some(source) => written < unused && !keep(source),
                None => name.starts_with('.') && written < dead,
            };
            if over {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Names, paths, and when they were written to.
    fn files(&self) -> std::io::Result<Vec<(String, PathBuf, SystemTime)>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            // Whatever is gone by now was removed by somebody else.
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_file() {
                files.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), meta.modified()?));
            }
        }
        Ok(files)
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
            } else if meta.is_file() && source_of(&entry.file_name().to_string_lossy()).is_some() {
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

fn ending(part: Option<f64>) -> String {
    part.map(|seconds| format!(".{seconds:.0}s")).unwrap_or_default()
}

/// The hash in the name of a pack or a matte.
fn source_of(name: &str) -> Option<&str> {
    name.strip_suffix(ENDING)
        .or_else(|| name.strip_suffix(MATTE))?
        .split_once('.')
        .map(|(source, _)| source)
        .filter(|s| !s.is_empty())
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// SHA-256 of a file, in hexadecimal digits.
pub(crate) fn hash(path: &Path) -> Result<String> {
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
        let paths: Vec<PathBuf> = ["a", "b", "c"].iter().map(|n| cache.place(n, None)).collect();
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

    #[test]
    fn packs_go_when_they_are_old_and_temporary_files_when_they_are_left() {
        let folder = tempfile::tempdir().unwrap();
        let cache = PackCache {
            folder: folder.path().join("packs"),
            bytes: 1000,
        };
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(cache.sweep(at(9), at(9), &|_| false).unwrap(), 0);
        cache.make().unwrap();
        let put = |path: &Path, seconds| {
            std::fs::write(path, [0; 10]).unwrap();
            let file = File::options().append(true).open(path).unwrap();
            file.set_times(FileTimes::new().set_modified(at(seconds))).unwrap();
        };
        let packs = [("a", None), ("b", Some(60.0)), ("c", None)].map(|(n, part)| cache.place(n, part));
        put(&packs[0], 1);
        put(&packs[1], 1);
        put(&packs[2], 5);
        let parts = [".x.part", ".y.part"].map(|n| cache.folder.join(n));
        put(&parts[0], 1);
        put(&parts[1], 5);
        assert_eq!(cache.sweep(at(3), at(3), &|source| source == "b").unwrap(), 2);
        assert_eq!(packs.map_exists(), [false, true, true]);
        assert_eq!(parts.map(|p| p.exists()), [false, true]);
        cache.remove("b").unwrap();
        cache.remove("b").unwrap();
        assert_eq!(packs.map_exists(), [false, false, true]);
    }

    #[test]
    fn one_prepares_and_others_wait() {
        let folder = tempfile::tempdir().unwrap();
        let cache = PackCache {
            folder: folder.path().to_owned(),
            bytes: 1000,
        };
        let first = cache.alone("a", &mut || Ok(())).unwrap();
        let _other = cache.alone("b", &mut || Ok(())).unwrap();
        let stopped = cache.alone("a", &mut || Err(Error::new(Kind::Cancelled, "enough")));
        assert_eq!(stopped.unwrap_err().kind, Kind::Cancelled);
        let mut waited = Some(first);
        let mut ends = || {
            waited = None;
            Ok(())
        };
        cache.alone("a", &mut ends).unwrap();
    }

    trait Exist {
        fn map_exists(&self) -> Vec<bool>;
    }

    impl Exist for [PathBuf] {
        fn map_exists(&self) -> Vec<bool> {
            self.iter().map(|p| p.exists()).collect()
        }
    }
}
