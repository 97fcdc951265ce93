//! Where files lie, and the unguessable links that lead to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{Stream, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetResult, ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::clock::{Millis, millis};
use crate::db::{Db, Tx};
use crate::id::{RecordId, secret};
use crate::problem::{Problem, Result};

/// Letters and digits of a link's name: 190 bits.
const NAME: usize = 32;
/// What is moved at once between a file and the store.
const BLOCK: usize = 1 << 20;

/// Every place in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// What an attempt has made and nobody may see yet.
    Staged {
        job: &'a RecordId,
        attempt: i64,
        what: &'static str,
    },
    Video {
        job: &'a RecordId,
    },
    AvatarMedia {
        avatar: &'a RecordId,
    },
    AvatarThumbnail {
        avatar: &'a RecordId,
    },
    /// What was spoken; `extension` is `mp3` or `wav`.
    Audio {
        job: &'a RecordId,
        extension: &'static str,
    },
    /// Of an audio or a video; `extension` is `srt` or `vtt`.
    Captions {
        job: &'a RecordId,
        extension: &'static str,
    },
    /// Of an official voice or a matched one.
    VoicePreview {
        voice: &'a RecordId,
    },
}

impl Key<'_> {
    pub fn path(&self) -> String {
        match self {
            Self::Staged { job, attempt, what } => format!("staged/{job}-{attempt}-{what}"),
            Self::Video { job } => format!("videos/{job}.mp4"),
            Self::AvatarMedia { avatar } => format!("avatars/{avatar}/media"),
            Self::AvatarThumbnail { avatar } => format!("avatars/{avatar}/thumbnail.jpg"),
            Self::Audio { job, extension } => format!("audios/{job}.{extension}"),
            Self::Captions { job, extension } => format!("captions/{job}.{extension}"),
            Self::VoicePreview { voice } => format!("voices/{voice}.mp3"),
        }
    }
}

/// A file that can be downloaded.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Link {
    pub name: String,
    pub key: String,
    pub content_type: String,
    pub bytes: i64,
    pub created_at: Millis,
    /// `None`: as long as the record that shows it.
    pub expires_at: Option<Millis>,
}

impl Link {
    /// A new name for what lies at `key`.
    pub fn new(key: &Key, extension: &str, content_type: &str, bytes: u64, now: Millis, expires_at: Option<Millis>) -> Self {
        Self {
            name: format!("{}.{extension}", secret(NAME)),
            key: key.path(),
            content_type: content_type.to_owned(),
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            created_at: now,
            expires_at,
        }
    }

    /// The link with this name, unless it has run out.
    pub async fn find(db: &Db, name: &str, now: Millis) -> Result<Option<Self>> {
        Ok(
            sqlx::query_as("SELECT * FROM files WHERE name = $1 AND coalesce(expires_at > $2, TRUE)")
                .bind(name)
                .bind(now)
                .fetch_optional(db.read())
                .await?,
        )
    }

    pub async fn insert(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query("INSERT INTO files (name, key, content_type, bytes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&self.name)
            .bind(&self.key)
            .bind(&self.content_type)
            .bind(self.bytes)
            .bind(self.created_at)
            .bind(self.expires_at)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

/// Makes a folder into which nobody else on the machine can look; one that is there already stays as it is.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The service's files; clones share it.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    files: PathBuf,
    scratch: PathBuf,
}

impl Store {
    /// In folders of `data`, which are made.
    pub fn local(data: &Path) -> Result<Self> {
        let (files, scratch) = (data.join("files"), data.join("scratch"));
        for folder in [&files, &scratch] {
            private_folder(folder)?;
        }
        // As durable as the database, whose rows name the files.
        let objects = LocalFileSystem::new_with_prefix(&files)?
            .with_automatic_cleanup(true)
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
            files,
            scratch,
        })
    }

    /// The folder for work in progress; each attempt makes one of its own inside.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Copies a local file into the store; gives its size.
    pub async fn put(&self, from: &Path, key: &Key<'_>) -> Result<u64> {
        let at = ObjectPath::from(key.path());
        let mut file = tokio::fs::File::open(from).await?;
        let mut writer = WriteMultipart::new(self.objects.put_multipart(&at).await?);
        let mut total = 0;
        loop {
            let mut block = bytes::BytesMut::with_capacity(BLOCK);
            while block.len() < BLOCK && file.read_buf(&mut block).await? > 0 {}
            if block.is_empty() {
                break;
            }
            total += block.len() as u64;
            writer.wait_for_capacity(2).await?;
            writer.put(block.freeze());
        }
        writer.finish().await?;
        Ok(total)
    }

    /// Stores bytes that are at hand.
    pub async fn put_bytes(&self, bytes: bytes::Bytes, key: &Key<'_>) -> Result<()> {
        self.objects
            .put(&ObjectPath::from(key.path()), PutPayload::from_bytes(bytes))
            .await?;
        Ok(())
    }

    /// Makes a staged object the final one; what was there before is replaced.
    pub async fn publish(&self, staged: &Key<'_>, to: &Key<'_>) -> Result<()> {
        let (from, to) = (ObjectPath::from(staged.path()), ObjectPath::from(to.path()));
        Ok(self.objects.rename(&from, &to).await?)
    }

    /// Copies an object to a local file.
    pub async fn fetch(&self, key: &Key<'_>, to: &Path) -> Result<()> {
        let mut stream = self.objects.get(&ObjectPath::from(key.path())).await?.into_stream();
        let mut file = tokio::fs::File::create(to).await?;
        while let Some(block) = stream.try_next().await? {
            file.write_all(&block).await?;
        }
        Ok(file.flush().await?)
    }

    /// Opens what a link leads to.
    pub async fn open(&self, key: &str, options: GetOptions) -> object_store::Result<GetResult> {
        self.objects.get_opts(&ObjectPath::from(key), options).await
    }

    /// Removes an object; one that is gone already is no error.
    pub async fn remove(&self, key: &str) -> Result<()> {
        match self.objects.delete(&ObjectPath::from(key)).await {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// What lies under a folder of the store: keys, and when they were written.
    pub fn list(&self, folder: &str) -> impl Stream<Item = Result<(String, Millis)>> + Send + use<> {
        self.objects
            .list(Some(&ObjectPath::from(folder)))
            .map_ok(|o| (o.location.to_string(), o.last_modified.timestamp_millis()))
            .map_err(Problem::from)
    }

    /// Removes what cut-off uploads left and nobody has written to since; gives how many there were.
    ///
    /// A file that is being stored is called `name#1` until it is whole, and is not listed.
    pub async fn remove_unfinished(&self, before: Millis) -> Result<u64> {
        let files = self.files.clone();
        let removed = tokio::task::spawn_blocking(move || remove_unfinished(&files, before)).await;
        removed.map_err(Problem::internal)?
    }
}

fn remove_unfinished(folder: &Path, before: Millis) -> Result<u64> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // Whatever is gone by now was finished, or removed by somebody else.
        let Ok(about) = entry.metadata() else { continue };
        if about.is_dir() {
            removed += remove_unfinished(&entry.path(), before).unwrap_or_default();
        } else if is_unfinished(&entry.file_name()) && written(&about)? < before && std::fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_unfinished(name: &std::ffi::OsStr) -> bool {
    let upload = name.to_str().and_then(|n| n.rsplit_once('#'));
    upload.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// When a file, or a folder's list of files, last changed.
pub fn written(about: &std::fs::Metadata) -> Result<Millis> {
    Ok(about
        .modified()?
        .duration_since(std::time::UNIX_EPOCH)
        .map(millis)
        .unwrap_or_default())
}
