//! Pocket TTS: a bundle of ONNX files that the user brings, and the one engine here that truly clones.
//!
//! `layout` (which files, checked) -> `graph`, `protobuf`, `tokens` (what they hold) -> `speak` (the five nets at work). No bundle comes
//! with Mouthpiece: its weights have licences of their own, which [`install`] shows.

mod graph;
mod layout;
mod protobuf;
mod speak;
mod stretch;
#[cfg(test)]
mod tests;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::matching::{self, Encoder, Heard, Recipe, Timbre};
use super::{Engine, Gender, Language, Manner, Phrase, Utterance, Voice, VoiceInfo};
use crate::error::{Error, Kind, Result};
use crate::media::{Tools, sound};
use crate::model::Runtime;
use layout::{Facts, Layout, MOST_RECORDING, Outline};
use speak::{Nets, Primed, Prompt};

/// Folders of installed bundles begin with this; so do the ids of their voices.
const PREFIX: &str = "pocket-";
/// Seconds of a recording that become a prompt: more fills the model's memory without making the voice better.
const PROMPT_SECONDS: usize = 15;
/// Bytes of a bundle's licence that are shown.
const SHOWN: usize = 4000;

/// What [`install`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The bundle's name, as options and voice ids have it.
    pub name: String,
    pub folder: PathBuf,
    pub language: Language,
    /// The start of the licence that came with it, to be shown; none came if it is `None`.
    pub licence: Option<String>,
    /// Ids of voices that came with it as recordings.
    pub voices: Vec<String>,
}

/// Checks a bundle and copies it to `packs/pocket-NAME`.
///
/// Errors: `FileUnreadable` with what is missing or wrong, `LanguageUnsupported`, `OutputUnwritable` and `DiskFull`, and a bundle that
/// is installed already.
pub fn install(from: &Path, packs: &Path) -> Result<Installed> {
    let layout = Layout::read(from)?;
    let name = name_of(&layout.facts, from);
    let folder = packs.join(format!("{PREFIX}{name}"));
    if folder.exists() {
        return Err(Error::new(
            Kind::OutputUnwritable,
            format!("{} is there already; remove it to install the bundle anew", folder.display()),
        ));
    }
    let unwritable = |e: std::io::Error| {
        let kind = if e.kind() == std::io::ErrorKind::StorageFull {
            Kind::DiskFull
        } else {
            Kind::OutputUnwritable
        };
        Error::new(kind, format!("the bundle cannot be copied to {}", packs.display())).because(e)
    };
    std::fs::create_dir_all(packs).map_err(unwritable)?;
    let staged = tempfile::Builder::new().prefix(".pocket-").tempdir_in(packs).map_err(unwritable)?;
    let files = layout.nets.iter().map(|(_, path, _)| path).chain(&layout.others);
    for path in files {
        copy(path, staged.path()).map_err(unwritable)?;
    }
    if !layout.recordings.is_empty() {
        let voices = staged.path().join("voices");
        std::fs::create_dir(&voices).map_err(unwritable)?;
        for path in &layout.recordings {
            copy(path, &voices).map_err(unwritable)?;
        }
    }
    let licence = layout.licence.as_deref().map(shown);
    // What was copied is what will be loaded.
    let copied = Layout::read(staged.path())?;
    let voices = copied.recordings.iter().filter_map(|p| id_of(&name, p)).collect();
    std::fs::rename(staged.keep(), &folder).map_err(unwritable)?;
    Ok(Installed {
        name,
        folder,
        language: copied.language,
        licence,
        voices,
    })
}

fn copy(path: &Path, to: &Path) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    std::fs::copy(path, to.join(name)).map(|_| ())
}

fn shown(path: &Path) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[..text.len().min(SHOWN)]).into_owned();
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

/// From what the bundle says, else from its folder: small letters, digits and hyphens.
fn name_of(facts: &Facts, from: &Path) -> String {
    let folder = from.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let tidy = |text: &str| -> String {
        let plain = text.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let parts: Vec<&str> = plain.split('-').filter(|p| !p.is_empty()).collect();
        parts.join("-").chars().take(32).collect()
    };
    let names = [tidy(&facts.bundle_name), tidy(&folder), "bundle".to_owned()];
    let name = names.into_iter().find(|n| !n.is_empty()).unwrap_or_default();
    name.strip_prefix(PREFIX).map(str::to_owned).unwrap_or(name)
}

fn id_of(bundle: &str, recording: &Path) -> Option<String> {
    let stem = recording.file_stem()?.to_string_lossy();
    let plain: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    Some(format!("{PREFIX}{bundle}_{plain}"))
}

/// An installed bundle; its nets are loaded when first needed.
pub struct Bundle {
    name: String,
    language: Language,
    folder: PathBuf,
    recordings: Vec<(String, PathBuf)>,
    runtime: Runtime,
    nets: OnceLock<Arc<Nets>>,
    loading: Mutex<()>,
}

impl Bundle {
    /// A folder that [`install`] made; its files are checked again when they are loaded.
    pub fn open(folder: &Path, runtime: &Runtime) -> Result<Self> {
        let outline = Outline::read(folder)?;
        let name = name_of(&outline.facts, folder);
        let folder_name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let name = folder_name.strip_prefix(PREFIX).map(str::to_owned).unwrap_or(name);
        Ok(Self {
            language: outline.language,
            folder: folder.to_owned(),
            recordings: outline
                .recordings
                .iter()
                .filter_map(|p| Some((id_of(&name, p)?, p.clone())))
                .collect(),
            name,
            runtime: runtime.clone(),
            nets: OnceLock::new(),
            loading: Mutex::new(()),
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn language(&self) -> Language {
        self.language
    }

    fn nets(&self) -> Result<Arc<Nets>> {
        let _turn = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nets) = self.nets.get() {
            return Ok(Arc::clone(nets));
        }
        let nets = Arc::new(Nets::load(Layout::read(&self.folder)?, &self.runtime)?);
        Ok(Arc::clone(self.nets.get_or_init(|| nets)))
    }

    /// Clones: the reference's first seconds of speech become a prompt; says a sentence to hear how near it came.
    pub fn imitate(&self, heard: &Heard, encoder: &Encoder) -> Result<Recipe> {
        let nets = self.nets()?;
        let most = PROMPT_SECONDS * heard.rate() as usize;
        let sound = matching::resample(&heard.speech[..heard.speech.len().min(most)], heard.rate(), nets.rate());
        let prompt = nets.hear(sound)?;
        let said = nets.say("She had your dark suit in greasy wash water all year.", &nets.prime(&prompt)?)?;
        let speaker = encoder.embed(&matching::resample(&said, nets.rate(), matching::RATE))?;
        Ok(heard.recipe(
            self.language,
            speaker.similarity(&heard.speaker),
            Timbre::Pocket {
                bundle: self.name.clone(),
                prompt: packed(&prompt),
            },
        ))
    }

    /// A voice from a prompt that a recipe kept; `Internal` for one that does not fit.
    pub fn voice_of(&self, prompt: &str) -> Result<PocketVoice> {
        let nets = self.nets()?;
        let prompt = unpacked(prompt)
            .filter(|p| !p.0.is_empty() && p.0.len() % nets.conditioning() == 0)
            .ok_or_else(|| {
                Error::new(
                    Kind::Internal,
                    "a matched voice's recipe is damaged: its prompt does not fit the bundle",
                )
            })?;
        self.speaking(nets, &prompt)
    }

    fn voice_from(&self, recording: &Path) -> Result<PocketVoice> {
        let nets = self.nets()?;
        let tools = Tools::from_env();
        let limits = sound::Limits {
            bytes: MOST_RECORDING,
            seconds: 120.0,
        };
        let facts = sound::probe(recording, &limits, &tools)?;
        let mut all = Vec::new();
        for block in sound::decode_mono(recording, &facts, nets.rate(), &limits, &tools)? {
            all.extend(block?);
        }
        all.truncate(PROMPT_SECONDS * nets.rate() as usize);
        let prompt = nets.hear(all)?;
        self.speaking(nets, &prompt)
    }

    fn speaking(&self, nets: Arc<Nets>, prompt: &Prompt) -> Result<PocketVoice> {
        let primed = nets.prime(prompt)?;
        Ok(PocketVoice {
            language: self.language,
            nets,
            primed,
        })
    }
}

/// The upper half of each number (bfloat16), base64.
fn packed(prompt: &Prompt) -> String {
    let upper = |v: &f32| ((v.to_bits().saturating_add(0x8000)) >> 16) as u16;
    let bytes: Vec<u8> = prompt.0.iter().flat_map(|v| upper(v).to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

fn unpacked(text: &str) -> Option<Prompt> {
    let bytes = STANDARD.decode(text).ok()?;
    let numbers: Vec<f32> = bytes
        .chunks_exact(2)
        .map(|b| f32::from_bits(u32::from_le_bytes([0, 0, b[0], b[1]])))
        .collect();
    numbers.iter().all(|v| v.is_finite()).then_some(Prompt(numbers))
}

/// A voice of a bundle: text becomes sound, without times.
pub struct PocketVoice {
    language: Language,
    nets: Arc<Nets>,
    primed: Primed,
}

impl Voice for PocketVoice {
    fn language(&self) -> Language {
        self.language
    }

    fn rate(&self) -> u32 {
        self.nets.rate()
    }

    fn say(&self, phrase: &Phrase, manner: &Manner) -> Result<Utterance> {
        let mut samples = Vec::new();
        for text in parts(phrase, |text| self.nets.tokens(text) <= self.nets.longest()) {
            samples.extend(self.nets.say(&text, &self.primed)?);
        }
        let level = 10f32.powf(manner.volume / 20.0);
        let mut samples = stretch::bent(samples, manner.speed, manner.pitch);
        samples.iter_mut().for_each(|v| *v = (*v * level).clamp(-1.0, 1.0));
        Ok(Utterance {
            samples,
            ..Utterance::default()
        })
    }
}

/// The phrase as text, in parts that fit: cut behind the last pause if there is one, else between words.
fn parts(phrase: &Phrase, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let words: Vec<String> = phrase
        .words
        .iter()
        .map(|w| format!("{}{}", w.spoken, w.pause))
        .filter(|w| !w.is_empty())
        .collect();
    let mut out = Vec::new();
    let mut rest = &words[..];
    while !rest.is_empty() {
        let most = (1..=rest.len()).rev().find(|n| fits(&rest[..*n].join(" "))).unwrap_or(1);
        let paused = |n: &usize| rest[*n - 1].ends_with([',', '.', ';', ':', '!', '?', '—', '…']);
        let count = if most == rest.len() {
            most
        } else {
            (most / 2 + 1..=most).rev().find(paused).unwrap_or(most)
        };
        out.push(rest[..count].join(" "));
        rest = &rest[count..];
    }
    out
}

/// The engine of all installed bundles; cheap to clone.
#[derive(Clone)]
pub struct Pocket {
    bundles: Vec<Arc<Bundle>>,
}

impl Pocket {
    /// Opens every `pocket-*` folder under `packs`; one that is damaged is left out.
    pub fn open(packs: &Path, runtime: &Runtime) -> Self {
        let folders = std::fs::read_dir(packs)
            .into_iter()
            .flatten()
            .filter_map(|e| e.ok().map(|e| e.path()));
        let ours = |p: &PathBuf| p.is_dir() && p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(PREFIX));
        let mut folders: Vec<PathBuf> = folders.filter(ours).collect();
        folders.sort();
        Self {
            bundles: folders.iter().filter_map(|f| Bundle::open(f, runtime).ok()).map(Arc::new).collect(),
        }
    }

    pub fn bundles(&self) -> &[Arc<Bundle>] {
        &self.bundles
    }
}

impl Engine for Pocket {
    fn voices(&self) -> Vec<VoiceInfo> {
        let of = |bundle: &Arc<Bundle>| {
            let info = |(id, path): &(String, PathBuf)| VoiceInfo {
                id: id.clone(),
                name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                language: bundle.language,
                // Nothing in a bundle says.
                gender: Gender::Female,
                accent: String::new(),
                description: format!("A voice of the Pocket TTS bundle {}.", bundle.name),
                use_case: "narration".into(),
                age: "middle_aged".into(),
                engine: "pocket".into(),
            };
            bundle.recordings.iter().map(info).collect::<Vec<_>>()
        };
        self.bundles.iter().flat_map(of).collect()
    }

    fn voice(&self, id: &str) -> Option<Result<Arc<dyn Voice>>> {
        self.bundles.iter().find_map(|bundle| {
            let (_, path) = bundle.recordings.iter().find(|(own, _)| own == id)?;
            Some(bundle.voice_from(path).map(|v| Arc::new(v) as Arc<dyn Voice>))
        })
    }
}
