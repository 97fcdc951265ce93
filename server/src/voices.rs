//! The official voices: what is embedded, and what was installed below `voices` in the data folder, also while the service runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ipnet::IpNet;
use mouthpiece_render::model::Runtime;
use mouthpiece_render::speech::{Gender, Language, Speaker, VoiceInfo};
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::config::Config;
use crate::fetch::Resolver;
use crate::id::RecordId;
use crate::problem::{Problem, Result};

pub mod http;

use http::HttpEngine;

/// The folder of installed voices, in the data folder.
const FOLDER: &str = "voices";
/// So often the folder is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// `create_time` of all of them.
pub const CREATED_AT: Millis = 1_763_856_000_000;

/// A voice that comes with the service, or that its operator installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    /// The record's `_id`: the same on every server and every day.
    pub id: RecordId,
    pub info: VoiceInfo,
}

impl Official {
    fn new(info: VoiceInfo) -> Self {
        let digest = hex::encode(Sha256::digest(format!("voice {}", info.id)));
        let id = RecordId::parse(&digest[..24]).expect("24 lower-case hex digits are an id");
        Self { id, info }
    }

    /// Whether a request means it: by its `_id` or its `voice_id`.
    pub fn is_called(&self, name: &str) -> bool {
        self.id.as_str() == name || self.info.id == name
    }
}

/// Opens the voices when they are first asked for, and again when the folder has changed; clones share them.
#[derive(Clone)]
pub struct Voices(Arc<Parts>);

struct Parts {
    folder: PathBuf,
    servers: Vec<http::Settings>,
    /// Networks that are open to them as to everybody's urls.
    allow: Vec<IpNet>,
    resolver: Resolver,
    opened: Mutex<Option<Opened>>,
}

struct Opened {
    cast: Cast,
    /// What the folder looked like, and when that was seen.
    seen: Vec<Entry>,
    at: Instant,
}

/// A name in the folder, and when it was written.
type Entry = (PathBuf, Option<SystemTime>);

/// Everybody who can speak at one moment.
#[derive(Clone)]
pub struct Cast {
    pub speaker: Arc<Speaker>,
    pub official: Arc<[Official]>,
}

impl Cast {
    fn open(parts: &Parts) -> Result<Self> {
        let speaker = assemble(&parts.folder, &parts.servers, &parts.allow, &parts.resolver)?;
        let official = speaker.voices().into_iter().map(Official::new).collect();
        Ok(Self {
            speaker: Arc::new(speaker),
            official,
        })
    }

    pub fn find(&self, name: &str) -> Option<&Official> {
        self.official.iter().find(|v| v.is_called(name))
    }

    /// A voice that suits a face: the first English one of its gender.
    pub fn suited(&self, gender: &str) -> Option<&Official> {
        let gender = match gender {
            "female" => Gender::Female,
            "male" => Gender::Male,
            _ => return None,
        };
        self.official
            .iter()
            .find(|v| v.info.gender == gender && v.info.language.is_english())
    }
}

impl Voices {
    /// Opens nothing yet.
    pub fn new(config: &Config, resolver: Resolver) -> Self {
        Self(Arc::new(Parts {
            folder: folder(config),
            servers: config.voices.http.clone(),
            allow: config.allow_net.clone(),
            resolver,
            opened: Mutex::new(None),
        }))
    }

    /// The voices as they are now.
    pub async fn now(&self) -> Result<Cast> {
        if let Some(opened) = &*self.lock()
            && opened.at.elapsed() < LOOK
        {
            return Ok(opened.cast.clone());
        }
        let voices = self.clone();
        tokio::task::spawn_blocking(move || voices.look())
            .await
            .map_err(Problem::internal)?
    }

    fn look(&self) -> Result<Cast> {
        let mut opened = self.lock();
        let seen = listing(&self.0.folder);
        let at = Instant::now();
        if let Some(known) = &mut *opened
            && known.seen == seen
        {
            known.at = at;
            return Ok(known.cast.clone());
        }
        let cast = Cast::open(&self.0)?;
        *opened = Some(Opened {
            cast: cast.clone(),
            seen,
            at,
        });
        Ok(cast)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Opened>> {
        // Whoever panicked with it left a whole value.
        self.0.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where voices are installed.
pub fn folder(config: &Config) -> PathBuf {
    config.data.join(FOLDER)
}

/// Everybody who speaks with these settings, for a command.
pub fn speaker(config: &Config) -> Result<Speaker, mouthpiece_render::Error> {
    assemble(&folder(config), &config.voices.http, &config.allow_net, &Resolver::System)
}

fn assemble(folder: &Path, servers: &[http::Settings], allow: &[IpNet], resolver: &Resolver) -> Result<Speaker, mouthpiece_render::Error> {
    let mut speaker = Speaker::open(folder, &Runtime::rten())?;
    for server in servers {
        let engine = HttpEngine::new(server.clone(), allow, resolver.clone())?;
        speaker = speaker.with_engine(Box::new(engine));
    }
    Ok(speaker)
}

/// What lies in the folder and in its folders; nothing where it is not there.
fn listing(folder: &Path) -> Vec<Entry> {
    let read = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let entry = |e: std::fs::DirEntry| (e.path(), e.metadata().and_then(|m| m.modified()).ok());
        entries.map(entry).collect::<Vec<_>>()
    };
    let mut all = read(folder);
    let inner: Vec<_> = all.iter().flat_map(|(path, _)| read(path)).collect();
    all.extend(inner);
    all.sort_unstable();
    all
}

/// As clients write it.
pub fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "Female",
        Gender::Male => "Male",
    }
}

/// What a voice says in its preview where nothing else was asked for.
pub fn sample(language: Language) -> &'static str {
    match language {
        Language::AmericanEnglish | Language::BritishEnglish => {
            "Hello! This is how I sound. I can read your words aloud, and give a face something to say."
        }
        Language::Spanish => "¡Hola! Así sueno yo. Puedo leer tus palabras en voz alta y dar a un rostro algo que decir.",
        Language::French => "Bonjour ! Voici ma voix. Je peux lire vos textes à voix haute et prêter mes mots à un visage.",
        Language::Italian => "Ciao! Questa è la mia voce. Posso leggere le tue parole e dare a un volto qualcosa da dire.",
        Language::Portuguese => "Olá! Esta é a minha voz. Posso ler as suas palavras em voz alta e dar fala a um rosto.",
        Language::Hindi => "नमस्ते! मेरी आवाज़ ऐसी है। आपके शब्द पढ़कर सुनाना मेरा काम है।",
        Language::Japanese => "こんにちは。これが私の声です。あなたの言葉を読み上げます。",
        Language::Chinese => "你好！这就是我的声音。我可以朗读你的文字。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_voice_has_the_same_id_on_every_day() {
        let data = tempfile::tempdir().unwrap();
        let config = Config {
            data: data.path().to_owned(),
            ..Config::default()
        };
        let cast = Voices::new(&config, Resolver::System).now().await.unwrap();
        let again = Voices::new(&config, Resolver::System).now().await.unwrap();
        assert_eq!(cast.official, again.official);
        let mut ids: Vec<_> = cast.official.iter().map(|v| v.id.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), cast.official.len());
        for voice in cast.official.iter() {
            assert_eq!(cast.find(voice.id.as_str()), Some(voice));
            assert_eq!(cast.find(&voice.info.id), Some(voice));
        }
        assert!(cast.suited("female").is_some() && cast.suited("male").is_some() && cast.suited("").is_none());
    }

    #[test]
    fn what_is_installed_is_seen() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("voices");
        let nothing = listing(&folder);
        assert_eq!(nothing, []);
        std::fs::create_dir_all(folder.join("kokoro")).unwrap();
        let empty = listing(&folder);
        assert_ne!(empty, nothing);
        std::fs::write(folder.join("kokoro/af_heart.bin"), [0]).unwrap();
        assert_ne!(listing(&folder), empty);
    }
}
