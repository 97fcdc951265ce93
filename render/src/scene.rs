//! What to render: valid by construction, local paths only.
//!
//! Lengths are pixels of the canvas, x to the right and y down from its upper-left corner; times are seconds.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};
use crate::mouth::TimedPhoneme;
use crate::speech::{Language, Script, TimedWord};

mod canvas;
mod placement;

pub use canvas::{Canvas, Fps, Rgba};
pub use placement::{Anchor, Fit, Placement};

/// A field of a scene that is out of range or contradicts another.
///
/// Callers put their own path in front of `field`, such as `layers[2].`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub field: &'static str,
    /// The rest of a sentence that begins with the field.
    pub message: String,
}

impl Invalid {
    fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.field, self.message)
    }
}

impl std::error::Error for Invalid {}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::new(Kind::SceneInvalid, invalid.to_string())
    }
}

/// What a layer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Colour(Rgba),
    Image(PathBuf),
    /// Without its sound; from its beginning again where it is shorter than the scene, and cut where it is longer.
    Video(PathBuf),
    Avatar(PathBuf),
}

/// One thing on the canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    content: Content,
    placement: Placement,
    order: i64,
}

impl Layer {
    /// `order`: higher is on top; equal ones keep their sequence.
    pub fn new(content: Content, placement: Placement, order: i64) -> Result<Self, Invalid> {
        placement.check()?;
        Ok(Self { content, placement, order })
    }

    pub fn content(&self) -> &Content {
        &self.content
    }

    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    pub fn order(&self) -> i64 {
        self.order
    }

    fn avatar(&self) -> Option<&Path> {
        match &self.content {
            Content::Avatar(path) => Some(path),
            Content::Colour(_) | Content::Image(_) | Content::Video(_) => None,
        }
    }
}

/// How large burned captions are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaptionSize {
    Small,
    #[default]
    Medium,
    Large,
}

/// Whether what is said can also be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Captions {
    #[default]
    None,
    /// In files beside the video: SubRip and WebVTT.
    File,
    /// In the picture, and in files.
    Burn(CaptionSize),
}

/// What is known of the words.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Words {
    #[default]
    Unknown,
    /// What is said, but not when: found by alignment.
    Text(Script),
    Timed(Vec<TimedWord>),
}

/// Everything that decides the pixels and the sound of one video.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    canvas: Canvas,
    /// Bottom to top.
    layers: Vec<Layer>,
    avatar: usize,
    sound: Option<PathBuf>,
    /// How long it lasts, where that is not the sound's length.
    seconds: Option<f64>,
    seed: u64,
    matte: bool,
    filmed_order: bool,
    phonemes: Vec<TimedPhoneme>,
    words: Words,
    language: Language,
    captions: Captions,
}

impl Scene {
    pub const MAX_IMAGES: usize = 64;
    /// Each is decoded by a process of its own.
    pub const MAX_VIDEOS: usize = 8;
    /// The longest that a scene can be told to last, in seconds.
    pub const MAX_SECONDS: f64 = 36_000.0;

    /// Layers in any sequence: they are sorted by order, stably. Exactly one of them is the avatar.
    pub fn new(canvas: Canvas, layers: Vec<Layer>, sound: impl Into<PathBuf>) -> Result<Self, Invalid> {
        Self::with(canvas, layers, Some(sound.into()))
    }

    /// A scene in which nothing is said.
    pub fn silent(canvas: Canvas, layers: Vec<Layer>, seconds: f64) -> Result<Self, Invalid> {
        Self::with(canvas, layers, None)?.lasting(seconds)
    }

    fn with(canvas: Canvas, mut layers: Vec<Layer>, sound: Option<PathBuf>) -> Result<Self, Invalid> {
        let avatars = layers.iter().filter(|l| l.avatar().is_some()).count();
        if avatars != 1 {
            return Err(Invalid::new("layers", format!("must have exactly one avatar, but have {avatars}")));
        }
        let others = layers.len() - avatars;
        if others > Self::MAX_IMAGES {
            return Err(Invalid::new(
                "layers",
                format!("may have 64 images, videos and colours, but have {others}"),
            ));
        }
        let videos = layers.iter().filter(|l| matches!(l.content, Content::Video(_))).count();
        if videos > Self::MAX_VIDEOS {
            let most = Self::MAX_VIDEOS;
            return Err(Invalid::new("layers", format!("may have {most} videos, but have {videos}")));
        }
        layers.sort_by_key(|l| l.order);
        let avatar = layers.iter().position(|l| l.avatar().is_some()).unwrap_or_default();
        Ok(Self {
            canvas,
            layers,
            avatar,
            sound,
            seconds: None,
            seed: 0,
            matte: false,
            filmed_order: false,
            phonemes: Vec::new(),
            words: Words::Unknown,
            language: Language::AmericanEnglish,
            captions: Captions::None,
        })
    }

    /// One avatar, shown whole in the middle of a white canvas.
    pub fn portrait(canvas: Canvas, avatar: impl Into<PathBuf>, sound: impl Into<PathBuf>) -> Result<Self, Invalid> {
        let layer = Layer::new(Content::Avatar(avatar.into()), Placement::filling(canvas, Fit::Contain), 0)?;
        Self::new(canvas, vec![layer], sound)
    }

    /// Lasts so many seconds, to the nearest frame: its sound is cut, or silence follows it.
    pub fn lasting(mut self, seconds: f64) -> Result<Self, Invalid> {
        if !(seconds > 0.0 && seconds <= Self::MAX_SECONDS) {
            let most = Self::MAX_SECONDS;
            return Err(Invalid::new(
                "seconds",
                format!("is {seconds}, but must be above 0 and at most {most}"),
            ));
        }
        self.seconds = Some(seconds);
        Ok(self)
    }

    /// Chooses the blinks and the sway: the same seed gives the same video.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Cuts the person out of the background.
    #[must_use]
    pub fn with_matte(mut self, matte: bool) -> Self {
        self.matte = matte;
        self
    }

    /// What is said when, where it is known; none leaves it to the recording.
    pub fn with_phonemes(mut self, phonemes: Vec<TimedPhoneme>) -> Result<Self, Invalid> {
        for (i, p) in phonemes.iter().enumerate() {
            if !(p.start >= 0.0 && p.start <= p.end && p.end.is_finite()) {
                let message = format!("[{i}] runs from {} to {} s, but must not end before it starts", p.start, p.end);
                return Err(Invalid::new("phonemes", message));
            }
        }
        self.phonemes = phonemes;
        Ok(self)
    }

    /// What is said, of which the times are to be found in the recording. A text that is not what is said there is warned of and not used.
    #[must_use]
    pub fn with_text(mut self, text: Script, language: Language) -> Self {
        (self.words, self.language) = (Words::Text(text), language);
        self
    }

    /// What is said when, word by word, where it is known: for captions.
    pub fn with_words(mut self, words: Vec<TimedWord>, language: Language) -> Result<Self, Invalid> {
        for (i, w) in words.iter().enumerate() {
            if !(w.start >= 0.0 && w.start <= w.end && w.end.is_finite()) {
                let message = format!("[{i}] runs from {} to {} s, but must not end before it starts", w.start, w.end);
                return Err(Invalid::new("words", message));
            }
        }
        (self.words, self.language) = (Words::Timed(words), language);
        Ok(self)
    }

    /// Captions of the words, which must be known or found for it.
    #[must_use]
    pub fn with_captions(mut self, captions: Captions) -> Self {
        self.captions = captions;
        self
    }

    pub fn canvas(&self) -> Canvas {
        self.canvas
    }

    /// Bottom to top, the avatar among them.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The same without any other layer.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self {
            layers: vec![self.layers[self.avatar].clone()],
            avatar: 0,
            ..self.clone()
        }
    }

    /// The same with other paths.
    pub(crate) fn with_paths(&self, change: &mut dyn FnMut(&Path) -> Result<PathBuf, Error>) -> Result<Self, Error> {
        let mut scene = self.clone();
        for layer in &mut scene.layers {
            if let Content::Image(path) | Content::Video(path) | Content::Avatar(path) = &mut layer.content {
                *path = change(path)?;
            }
        }
        scene.sound = scene.sound.as_deref().map(change).transpose()?;
        Ok(scene)
    }

    /// The layers under the avatar, bottom to top.
    pub fn below(&self) -> &[Layer] {
        &self.layers[..self.avatar]
    }

    /// The layers over the avatar, bottom to top.
    pub fn above(&self) -> &[Layer] {
        &self.layers[self.avatar + 1..]
    }

    /// The avatar's file and where it is drawn.
    pub fn avatar(&self) -> (&Path, &Placement) {
        let layer = &self.layers[self.avatar];
        (
            layer.avatar().expect("new() counted one avatar and noted its place"),
            &layer.placement,
        )
    }

    /// What is heard, if something is.
    pub fn sound(&self) -> Option<&Path> {
        self.sound.as_deref()
    }

    /// How long it was told to last; else it lasts as long as its sound.
    pub fn seconds(&self) -> Option<f64> {
        self.seconds
    }

    /// Whether more moves than the avatar: one of the layers is a video.
    pub fn moves(&self) -> bool {
        self.layers.iter().any(|l| matches!(l.content, Content::Video(_)))
    }

    /// A video's frames are shown in their own order, to and fro, also those in which nobody can speak: somebody has a video dubbed. Else
    /// they are chosen and looped so that the person speaks all the time and no jump shows.
    #[must_use]
    pub fn with_filmed_order(mut self, filmed_order: bool) -> Self {
        self.filmed_order = filmed_order;
        self
    }

    pub fn filmed_order(&self) -> bool {
        self.filmed_order
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub fn matte(&self) -> bool {
        self.matte
    }

    pub fn phonemes(&self) -> &[TimedPhoneme] {
        &self.phonemes
    }

    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The language of the words.
    pub fn language(&self) -> Language {
        self.language
    }

    pub fn captions(&self) -> Captions {
        self.captions
    }
}

#[cfg(test)]
mod tests;
