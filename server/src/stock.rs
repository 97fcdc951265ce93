//! The avatars that come with the service.


/// A portrait in the public domain, contained in the program.
#[derive(Debug)]
pub struct StockAvatar {
    /// The record's `_id`.
    pub id: &'static str,
    pub avatar_id: &'static str,
    pub name: &'static str,
    /// `female`, `male` or nothing.
    pub gender: &'static str,
    /// The photo's bytes, and what they are.
    pub photo: &'static [u8],
    pub extension: &'static str,
    pub content_type: &'static str,
    /// Whom to thank for it.
    pub credit: &'static str,
}

/// In the sequence of the list.
pub const ALL: &[StockAvatar] = &[];

/// One of them, by either of its names.
pub fn find(name: &str) -> Option<&'static StockAvatar> {
    ALL.iter().find(|a| a.avatar_id == name || a.id == name)
}
