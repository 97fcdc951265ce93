//! Everybody who can speak from the command line: the engines' voices, and those that were matched here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::speech::matching::Recipe;
use mouthpiece_render::speech::speaker::Speaker;
use mouthpiece_render::speech::{Gender, Language, Voice, VoiceInfo};
use serde::{Deserialize, Serialize};

use crate::cli::settings::Data;
use crate::voices;

/// Where matched voices are kept, below the folder of the voices.
const MATCHED: &str = "matched";
/// The longest name of a matched voice, in bytes.
const LONGEST_NAME: usize = 64;

pub struct Cast {
    pub speaker: Speaker,
    folder: PathBuf,
}

/// A voice that was matched to a recording, as it is kept.
#[derive(Serialize, Deserialize)]
pub struct Matched {
    /// Whether the person said yes, as far as whoever matched it says.
    pub consent: bool,
    pub denoised: bool,
    pub recipe: Recipe,
}

impl Cast {
    pub fn open(data: &Data) -> Result<Self> {
        let config = data.read()?;
        Ok(Self {
            speaker: voices::speaker(&config)?,
            folder: voices::folder(&config),
        })
    }

    /// The engines' voices in their order, then the matched ones by their names.
    pub fn infos(&self) -> Result<Vec<VoiceInfo>> {
        let mut infos = self.speaker.voices();
        for name in self.matched_names()? {
            infos.push(info(&name, &self.matched(&name)?.recipe));
        }
        Ok(infos)
    }

    /// Who is meant, or whoever comes first if nobody is named.
    pub fn find(&self, id: Option<&str>) -> Result<(VoiceInfo, Arc<dyn Voice>)> {
        let engines = self.speaker.voices();
        let found = match id {
            None => engines.into_iter().next(),
            Some(id) => engines.into_iter().find(|v| v.id == id),
        };
        match (found, id) {
            (Some(info), _) => {
                let voice = self.speaker.voice(&info.id)?;
                Ok((info, voice))
            }
            (None, Some(id)) if is_name(id) && self.file(id).is_file() => {
                let recipe = self.matched(id)?.recipe;
                Ok((info(id, &recipe), self.speaker.matched(&recipe)?))
            }
            (None, id) => {
                let message = format!("there is no voice {:?} here", id.unwrap_or_default());
                Err(Error::new(Kind::VoiceUnknown, message))
            }
        }
    }

    /// Whether a matched voice may be called so: a plain word that no other voice has.
    pub fn check_name(&self, name: &str, replace: bool) -> Result<()> {
        let wrong = |rest: &str| Err(Error::new(Kind::SceneInvalid, format!("--name {name}: {rest}")));
        if !is_name(name) {
            return wrong("must be 1 to 64 ASCII letters, digits, _ or -");
        }
        if self.speaker.voices().iter().any(|v| v.id == name) {
            return wrong("is the id of another voice; choose another name");
        }
        if !replace && self.file(name).exists() {
            return wrong("is there already; choose another name, or say --replace");
        }
        Ok(())
    }

    /// Keeps a matched voice; nothing is seen of it before it is whole.
    pub fn keep(&self, name: &str, matched: &Matched) -> Result<()> {
        let unwritable = |e: std::io::Error| {
            let message = format!("the voice cannot be kept in {}", self.folder.display());
            Error::new(Kind::OutputUnwritable, message).because(e)
        };
        let folder = self.folder.join(MATCHED);
        std::fs::create_dir_all(&folder).map_err(unwritable)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(unwritable)?;
        serde_json::to_writer_pretty(&mut file, matched).map_err(|e| unwritable(e.into()))?;
        file.persist(self.file(name)).map_err(|e| unwritable(e.error))?;
        Ok(())
    }

    fn matched(&self, name: &str) -> Result<Matched> {
        let file = self.file(name);
        let damaged = |e: Box<dyn std::error::Error + Send + Sync>| {
            let message = format!("{}: the voice cannot be read; match it anew", file.display());
            Error::new(Kind::FileUnreadable, message).because(e)
        };
        let text = std::fs::read(&file).map_err(|e| damaged(e.into()))?;
        serde_json::from_slice(&text).map_err(|e| damaged(e.into()))
    }

    fn matched_names(&self) -> Result<Vec<String>> {
        let folder = self.folder.join(MATCHED);
        let unreadable = |e| Error::new(Kind::FileUnreadable, format!("{}: cannot be read", folder.display())).because(e);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            names.extend(name_of(&path));
        }
        names.sort();
        Ok(names)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(MATCHED).join(format!("{name}.json"))
    }
}

/// What is told of a matched voice.
fn info(name: &str, recipe: &Recipe) -> VoiceInfo {
    VoiceInfo {
        id: name.to_owned(),
        name: name.to_owned(),
        language: recipe.language,
        gender: recipe.gender,
        accent: String::new(),
        description: format!(
            "Matched to a recording with {}, similarity {:.2}.",
            recipe.engine(),
            recipe.similarity
        ),
        use_case: "narration".to_owned(),
        age: String::new(),
        engine: recipe.engine().to_owned(),
    }
}

/// Whether it is a plain word, and so no path to elsewhere either.
fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

fn name_of(path: &Path) -> Option<String> {
    let name = path.file_stem()?.to_str()?;
    (path.extension()? == "json" && is_name(name)).then(|| name.to_owned())
}

/// A language by its code; `field` is the option that named it.
pub fn language(field: &str, code: &str) -> Result<Language> {
    Language::from_code(code).ok_or_else(|| {
        let known: Vec<_> = Language::ALL.iter().map(|l| l.code()).collect();
        Error::new(
            Kind::SceneInvalid,
            format!("{field} {code}: is no language here; there are {}", known.join(", ")),
        )
    })
}

/// As it is said in a sentence.
pub fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "female",
        Gender::Male => "male",
    }
}
