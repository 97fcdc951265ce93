//! What a Pocket TTS bundle looks like: which files, what its nets take and give.
//!
//! Two layouts are read; both hold the same five graphs. That of the exporter that most bundles come from: `bundle.json`,
//! `tokenizer.model`, `bos_before_voice.npy`, `flow_lm_main`, `flow_lm_flow`, `mimi_encoder`, `mimi_decoder` and `text_conditioner`, each
//! `.onnx` or `_int8.onnx`. That of sherpa-onnx: `lm_main`, `lm_flow`, `encoder`, `decoder` and `text_conditioner`, `.onnx` or
//! `.int8.onnx`, with `vocab.json` and `token_scores.json`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::graph::{BOOL, FLOAT, INT64, Port, Ports};
use super::tokens::Tokenizer;
use crate::error::{Error, Kind, Result};
use crate::speech::Language;

/// Limits on what is read, in bytes.
const MOST_NET: u64 = 1 << 30;
const MOST_TEXT: u64 = 16 << 20;
pub const MOST_RECORDING: u64 = 64 << 20;
/// Numbers in all states of one net together.
const MOST_STATE: usize = 64 << 20;

/// The five nets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Text,
    Main,
    Flow,
    Encoder,
    Decoder,
}

impl Part {
    pub const ALL: [Self; 5] = [Self::Text, Self::Main, Self::Flow, Self::Encoder, Self::Decoder];

    /// Names without ending, in either layout.
    fn stems(self) -> [&'static str; 2] {
        match self {
            Self::Text => ["text_conditioner", "text_conditioner"],
            Self::Main => ["flow_lm_main", "lm_main"],
            Self::Flow => ["flow_lm_flow", "lm_flow"],
            Self::Encoder => ["mimi_encoder", "encoder"],
            Self::Decoder => ["mimi_decoder", "decoder"],
        }
    }

    /// The small form is preferred, but the encoder hears better in full.
    fn endings(self) -> [&'static str; 3] {
        match self {
            Self::Encoder => [".onnx", "_int8.onnx", ".int8.onnx"],
            _ => ["_int8.onnx", ".int8.onnx", ".onnx"],
        }
    }

    /// Inputs and outputs besides the states.
    fn ports(self) -> (&'static [&'static str], usize) {
        match self {
            Self::Text => (&["token_ids"], 1),
            Self::Main => (&["sequence", "text_embeddings"], 2),
            Self::Flow => (&["c", "s", "t", "x"], 1),
            Self::Encoder => (&["audio"], 1),
            Self::Decoder => (&["latent"], 1),
        }
    }
}

/// `bundle.json`; what older bundles do not say has the values that they were made with.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub bundle_name: String,
    pub language: String,
    pub sample_rate: u32,
    pub frame_rate: f64,
    pub latent_dim: usize,
    pub conditioning_dim: usize,
    pub pad_with_spaces_for_short_inputs: bool,
    pub remove_semicolons: bool,
    pub model_recommended_frames_after_eos: Option<usize>,
    pub max_token_per_chunk: usize,
    pub insert_bos_before_voice: bool,
    pub tokenizer_file: Option<String>,
    pub bos_before_voice_file: Option<String>,
    pub flow_lm_state_manifest: Vec<Filled>,
    pub mimi_state_manifest: Vec<Filled>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            bundle_name: String::new(),
            language: "english".into(),
            sample_rate: 24_000,
            frame_rate: 12.5,
            latent_dim: 32,
            conditioning_dim: 1024,
            pad_with_spaces_for_short_inputs: false,
            remove_semicolons: false,
            model_recommended_frames_after_eos: None,
            max_token_per_chunk: 50,
            insert_bos_before_voice: false,
            tokenizer_file: None,
            bos_before_voice_file: None,
            flow_lm_state_manifest: Vec::new(),
            mimi_state_manifest: Vec::new(),
        }
    }
}

/// What a state begins with.
#[derive(Clone, Debug, Deserialize)]
pub struct Filled {
    pub input_name: String,
    /// `nan`, `ones`, `zeros` or `empty`.
    pub fill: String,
    pub shape: Vec<usize>,
}

/// What can be told of a bundle without its nets.
pub struct Outline {
    pub facts: Facts,
    pub language: Language,
    pub recordings: Vec<PathBuf>,
}

impl Outline {
    /// Only looks whether the nets' files are there: they are large. Errors as [`Layout::read`].
    pub fn read(folder: &Path) -> Result<Self> {
        let facts = facts(folder, &mut Vec::new())?;
        Part::ALL.into_iter().try_for_each(|part| file_of(folder, part).map(|_| ()))?;
        Ok(Self {
            language: language(&facts.language)?,
            facts,
            recordings: recordings(folder),
        })
    }
}

/// A bundle's files, checked.
pub struct Layout {
    pub facts: Facts,
    pub language: Language,
    pub nets: Vec<(Part, PathBuf, Ports)>,
    pub tokenizer: Tokenizer,
    /// One row of the conditioning, before the prompt.
    pub bos: Vec<f32>,
    /// What else belongs to it: tokenizer, facts, rows, licences, recordings of voices.
    pub others: Vec<PathBuf>,
    pub licence: Option<PathBuf>,
    pub recordings: Vec<PathBuf>,
}

impl Layout {
    /// Errors name the folder's file, what is wrong with it and what is read instead.
    pub fn read(folder: &Path) -> Result<Self> {
        if !folder.is_dir() {
            return Err(Error::new(
                Kind::FileUnreadable,
                format!(
                    "{} is no folder; name the folder that holds the bundle's ONNX files",
                    folder.display()
                ),
            ));
        }
        let mut others = Vec::new();
        let facts = facts(folder, &mut others)?;
        let language = language(&facts.language)?;
        let nets = Part::ALL
            .into_iter()
            .map(|part| net(folder, part, &facts))
            .collect::<Result<Vec<_>>>()?;
        let tokenizer = tokenizer(folder, &facts, &mut others)?;
        let bos = match &facts.bos_before_voice_file {
            Some(name) if facts.insert_bos_before_voice => {
                let path = inside(folder, name)?;
                let row = npy(&bytes(&path, MOST_TEXT)?).filter(|r| r.len() == facts.conditioning_dim);
                others.push(path);
                row.ok_or_else(|| wrong(name, "is no row of the model's conditioning"))?
            }
            _ => Vec::new(),
        };
        let licence = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "README.md"]
            .iter()
            .map(|n| folder.join(n))
            .find(|p| p.is_file());
        others.extend(licence.clone());
        let recordings = recordings(folder);
        Ok(Self {
            facts,
            language,
            nets,
            tokenizer,
            bos,
            others,
            licence,
            recordings,
        })
    }

    pub fn net(&self, part: Part) -> Result<(&Path, &Ports)> {
        let found = self.nets.iter().find(|(p, ..)| *p == part).map(|(_, path, ports)| (&**path, ports));
        found.ok_or_else(|| Error::new(Kind::Internal, "a bundle without one of its nets"))
    }
}

fn facts(folder: &Path, others: &mut Vec<PathBuf>) -> Result<Facts> {
    let path = folder.join("bundle.json");
    if !path.is_file() {
        return Ok(Facts::default());
    }
    let facts: Facts = serde_json::from_slice(&bytes(&path, MOST_TEXT)?)
        .map_err(|e| wrong("bundle.json", "is not what a bundle says of itself").because(e))?;
    let sizes = [
        ("sample_rate", (8_000..=48_000).contains(&facts.sample_rate)),
        ("frame_rate", (1.0..=200.0).contains(&facts.frame_rate)),
        ("latent_dim", (1..=4096).contains(&facts.latent_dim)),
        ("conditioning_dim", (1..=16_384).contains(&facts.conditioning_dim)),
        ("max_token_per_chunk", (1..=4096).contains(&facts.max_token_per_chunk)),
        (
            "model_recommended_frames_after_eos",
            facts.model_recommended_frames_after_eos.unwrap_or(0) <= 100,
        ),
    ];
    if let Some((name, _)) = sizes.iter().find(|(_, fine)| !fine) {
        return Err(wrong("bundle.json", &format!("has a {name} out of range")));
    }
    others.push(path);
    Ok(facts)
}

/// `english_2026-04` and the like.
fn language(name: &str) -> Result<Language> {
    let main = name.split(['_', '-']).next().unwrap_or_default().to_ascii_lowercase();
    Language::ALL
        .into_iter()
        .find(|l| l.name().eq_ignore_ascii_case(&main))
        .or_else(|| Language::from_code(&main))
        .ok_or_else(|| {
            Error::new(
                Kind::LanguageUnsupported,
                format!("the bundle speaks {name:?}, which is no language that voices have here"),
            )
        })
}

fn file_of(folder: &Path, part: Part) -> Result<PathBuf> {
    let [first, second] = part.stems();
    let names = || {
        part.endings()
            .into_iter()
            .flat_map(|e| [format!("{first}{e}"), format!("{second}{e}")])
    };
    names().map(|n| folder.join(n)).find(|p| p.is_file()).ok_or_else(|| {
        Error::new(
            Kind::FileUnreadable,
            format!(
                "{} has neither {first}.onnx nor {second}.onnx (nor a form of it in int8), so it is no Pocket TTS bundle",
                folder.display()
            ),
        )
    })
}

fn net(folder: &Path, part: Part, facts: &Facts) -> Result<(Part, PathBuf, Ports)> {
    let path = file_of(folder, part)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ports = Ports::read(&bytes(&path, MOST_NET)?).ok_or_else(|| wrong(&name, "is no ONNX file, or a damaged one"))?;
    if ports.external {
        return Err(wrong(&name, "keeps its weights in another file; save it as one file"));
    }
    check_ports(&name, part, &ports, facts)?;
    Ok((part, path, ports))
}

fn check_ports(name: &str, part: Part, ports: &Ports, facts: &Facts) -> Result<()> {
    let (inputs, outputs) = part.ports();
    if let Some(missing) = inputs.iter().find(|i| ports.input(i).is_none()) {
        return Err(wrong(
            name,
            &format!("has no input {missing:?}, so it is not that part of a Pocket TTS bundle"),
        ));
    }
    let states: Vec<&Port> = ports.inputs.iter().filter(|p| !inputs.contains(&p.name.as_str())).collect();
    if ports.outputs.len() != outputs + states.len() {
        return Err(wrong(
            name,
            &format!(
                "has {} states and {} outputs, which do not go together",
                states.len(),
                ports.outputs.len()
            ),
        ));
    }
    let side = |port: &str, at: usize, size: usize| {
        ports
            .input(port)
            .and_then(|p| p.shape.get(at).copied().flatten())
            .is_none_or(|n| n == size)
    };
    let fits = match part {
        Part::Main => side("sequence", 2, facts.latent_dim) && side("text_embeddings", 2, facts.conditioning_dim),
        Part::Flow => side("c", 1, facts.conditioning_dim) && side("x", 1, facts.latent_dim),
        Part::Decoder => side("latent", 2, facts.latent_dim),
        Part::Text | Part::Encoder => true,
    };
    if !fits {
        return Err(wrong(name, "has other sizes than bundle.json, or the usual ones, say"));
    }
    if let Some(odd) = states.iter().find(|p| ![FLOAT, INT64, BOOL].contains(&p.kind)) {
        return Err(wrong(
            name,
            &format!(
                "has a state {:?} of a type that is not read here (float, int64 and bool are)",
                odd.name
            ),
        ));
    }
    let mut sizes = states
        .iter()
        .map(|p| p.shape.iter().map(|n| n.unwrap_or(1)).try_fold(1usize, usize::checked_mul));
    let total = sizes.try_fold(0usize, |sum, n| n.and_then(|n| sum.checked_add(n)));
    if total.is_none_or(|n| n > MOST_STATE) {
        return Err(wrong(name, "has states that are too large"));
    }
    Ok(())
}

fn tokenizer(folder: &Path, facts: &Facts, others: &mut Vec<PathBuf>) -> Result<Tokenizer> {
    let model = inside(folder, facts.tokenizer_file.as_deref().unwrap_or("tokenizer.model"))?;
    if model.is_file() {
        let made = Tokenizer::from_model(&bytes(&model, MOST_TEXT)?)?;
        others.push(model);
        return Ok(made);
    }
    let (numbers, scores) = (folder.join("vocab.json"), folder.join("token_scores.json"));
    if numbers.is_file() && scores.is_file() {
        let made = Tokenizer::from_json(&bytes(&numbers, MOST_TEXT)?, &bytes(&scores, MOST_TEXT)?)?;
        others.extend([numbers, scores]);
        return Ok(made);
    }
    Err(Error::new(
        Kind::FileUnreadable,
        format!(
            "{} has neither tokenizer.model nor vocab.json with token_scores.json, so its text cannot be read",
            folder.display()
        ),
    ))
}

/// Recordings of voices that come with a bundle, by their names; at most 50.
fn recordings(folder: &Path) -> Vec<PathBuf> {
    const MOST: usize = 50;
    let mut all: Vec<PathBuf> = ["", "voices", "test_wavs"]
        .iter()
        .filter_map(|sub| std::fs::read_dir(folder.join(sub)).ok())
        .flat_map(|entries| entries.filter_map(|e| e.ok().map(|e| e.path())))
        .filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav")))
        .filter(|p| std::fs::metadata(p).is_ok_and(|m| m.is_file() && m.len() <= MOST_RECORDING))
        .collect();
    all.sort();
    all.truncate(MOST);
    all
}

/// A file that `bundle.json` names: in the folder itself and nowhere else.
fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    if name.is_empty() || name.contains(['/', '\\', '\0']) || name.starts_with('.') {
        return Err(wrong("bundle.json", &format!("names a file {name:?} outside its folder")));
    }
    Ok(folder.join(name))
}

/// A file, if it is not larger than it may be.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let size = std::fs::metadata(path)
        .map_err(|e| wrong(&name, "cannot be read").because(e))?
        .len();
    if size > most {
        return Err(wrong(&name, &format!("has {} MiB, and {} MiB are read", size >> 20, most >> 20)));
    }
    std::fs::read(path).map_err(|e| wrong(&name, "cannot be read").because(e))
}

/// A net's bytes.
pub fn net_bytes(path: &Path) -> Result<Vec<u8>> {
    bytes(path, MOST_NET)
}

/// The numbers of a little-endian float32 NumPy file, whatever its shape.
fn npy(file: &[u8]) -> Option<Vec<f32>> {
    let rest = file.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = if version[0] == 1 {
        let (n, rest) = rest.split_first_chunk::<2>()?;
        (usize::from(u16::from_le_bytes(*n)), rest)
    } else {
        let (n, rest) = rest.split_first_chunk::<4>()?;
        (u32::from_le_bytes(*n) as usize, rest)
    };
    let (header, data) = rest.split_at_checked(length)?;
    let header = std::str::from_utf8(header).ok()?;
    let plain = header.contains("'<f4'") && header.contains("'fortran_order': False");
    plain.then(|| data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

fn wrong(file: &str, what: &str) -> Error {
    Error::new(Kind::FileUnreadable, format!("the Pocket TTS bundle's {file} {what}"))
}
