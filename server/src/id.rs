//! Names that nobody can guess.

use std::fmt;

use rand::Rng;
use rand::distr::Alphanumeric;

use crate::clock::Millis;

/// The `_id` of a record: 24 lower-case hex digits, the first eight of them the second in which it was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct RecordId(String);

impl RecordId {
    pub fn new(now: Millis) -> Self {
        let seconds = u32::try_from(now / 1000).unwrap_or_default();
        let random: u64 = rand::rng().random();
        Self(format!("{seconds:08x}{random:016x}"))
    }

    /// What a client sent, if it has the form of an id.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 24 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// So many random letters and digits, from the system's secure generator.
pub fn secret(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}
