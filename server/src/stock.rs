//! The avatars that come with the service; `media/*/CREDITS.md` say whom to thank for them.

use crate::clock::Millis;

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
}

/// In the sequence of the list.
pub const ALL: &[StockAvatar] = &[
    StockAvatar {
        id: "670000000000000000000001",
        avatar_id: "Eileen_Collins",
        name: "Eileen",
        gender: "female",
        photo: include_bytes!("../../media/demo/astronaut.png"),
        extension: "png",
        content_type: "image/png",
    },
    StockAvatar {
        id: "670000000000000000000002",
        avatar_id: "Grace_Hopper",
        name: "Grace",
        gender: "female",
        photo: include_bytes!("../../media/stock/grace_hopper.jpg"),
        extension: "jpg",
        content_type: "image/jpeg",
    },
];

/// `create_time` of all of them.
pub const CREATED_AT: Millis = 1_763_856_000_000;

/// One of them, by either of its names.
pub fn find(name: &str) -> Option<&'static StockAvatar> {
    ALL.iter().find(|a| a.avatar_id == name || a.id == name)
}
