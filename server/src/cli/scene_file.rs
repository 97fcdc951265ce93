//! `scene.json`: what a user wrote about a scene, and its way to a `Scene` that is sound.
//!
//! Paths are relative to the scene file. A mistake is told by the place in the file, such as `layers[2].scale_x`.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::mouth::TimedPhoneme;
use mouthpiece_render::scene::{Anchor, Canvas, CaptionSize, Captions, Content, Fit, Fps, Invalid, Layer, Placement, Scene};
use mouthpiece_render::speech::{Language, Script};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Larger files are not scenes.
const MAX_BYTES: u64 = 16 << 20;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneFile {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub fps: Option<Rate>,
    pub audio: Option<PathBuf>,
    #[serde(default)]
    pub layers: Vec<LayerFile>,
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub matte: bool,
    /// A file of its own: aligners write it.
    pub phonemes: Option<PathBuf>,
    /// What is said: a file, if there is one of that name, else the text itself.
    pub text: Option<String>,
    pub language: Option<String>,
    #[serde(default)]
    pub captions: CaptionsName,
    #[serde(default)]
    pub caption_size: SizeName,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum CaptionsName {
    #[default]
    None,
    File,
    Burn,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum SizeName {
    Small,
    #[default]
    Medium,
    Large,
}

/// `25` or `"30000/1001"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    Number(f64),
    Name(String),
}

/// One of `colour`, `image`, `video` and `avatar`, and where it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerFile {
    #[serde(alias = "color")]
    pub colour: Option<String>,
    pub image: Option<PathBuf>,
    /// Played without its sound, again and again.
    pub video: Option<PathBuf>,
    pub avatar: Option<PathBuf>,
    pub anchor: Option<AnchorName>,
    pub x: Option<f64>,
    pub y: Option<f64>,
    pub width: Option<f64>,
    pub height: Option<f64>,
    pub scale_x: Option<f64>,
    pub scale_y: Option<f64>,
    pub fit: Option<FitName>,
    /// The place in the list where it is missing.
    pub order: Option<i64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorName {
    TopLeft,
    #[serde(alias = "center")]
    Centre,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitName {
    Cover,
    Contain,
    Fill,
}

impl SceneFile {
    /// Reads a scene; its paths become relative to the current folder.
    pub fn read(path: &Path) -> Result<Self> {
        let mut scene: Self = read_json("scene", path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let layers = scene.layers.iter_mut().flat_map(|l| [&mut l.image, &mut l.video, &mut l.avatar]);
        for file in layers.chain([&mut scene.audio, &mut scene.phonemes]).flatten() {
            *file = folder.join(&*file);
        }
        scene.text = scene.text.map(|text| read_text("text", &text, folder)).transpose()?;
        Ok(scene)
    }

    /// Names the avatar, in the place of another or as a portrait in the middle of the canvas.
    pub fn set_avatar(&mut self, file: PathBuf) {
        if let Some(layer) = self.layers.iter_mut().find(|l| l.avatar.is_some()) {
            layer.avatar = Some(file);
        } else {
            self.layers.push(LayerFile {
                avatar: Some(file),
                ..LayerFile::default()
            });
        }
    }

    /// Puts a layer under all others.
    pub fn set_background(&mut self, layer: LayerFile) {
        let order = Some(i64::MIN);
        for (i, other) in self.layers.iter_mut().enumerate() {
            // The insertion must not shift what counts by its place.
            other.order.get_or_insert(i as i64);
        }
        self.layers.push(LayerFile { order, ..layer });
    }
}

impl TryFrom<SceneFile> for Scene {
    type Error = Error;

    fn try_from(file: SceneFile) -> Result<Self> {
        let SceneFile {
            width,
            height,
            fps,
            audio,
            layers,
            seed,
            matte,
            phonemes,
            text,
            language,
            captions,
            caption_size,
        } = file;
        let fps = fps.map_or(Ok(Fps::DEFAULT), Fps::try_from)?;
        let canvas = Canvas::new(width.unwrap_or(1920), height.unwrap_or(1080), fps)?;
        let audio = audio.ok_or_else(|| wrong("audio", "is missing: which recording is to be spoken?"))?;
        must_exist("audio", &audio)?;
        let made = layers.into_iter().enumerate().map(|(i, layer)| layer.into_layer(i, canvas));
        let scene = Self::new(canvas, made.collect::<Result<_>>()?, audio)?;
        let phonemes: Vec<TimedPhoneme> = phonemes.map_or(Ok(Vec::new()), |path| read_json("phonemes", &path))?;
        let scene = scene.with_seed(seed).with_matte(matte).with_phonemes(phonemes)?;
        let scene = scene.with_captions(captions.of(caption_size));
        let language = self::language(language.as_deref())?;
        let Some(text) = text else { return Ok(scene) };
        let script = Script::parse(&text).map_err(|e| e.about("text"))?;
        Ok(scene.with_text(script, language))
    }
}

impl CaptionsName {
    fn of(self, size: SizeName) -> Captions {
        match self {
            Self::None => Captions::None,
            Self::File => Captions::File,
            Self::Burn => Captions::Burn(match size {
                SizeName::Small => CaptionSize::Small,
                SizeName::Medium => CaptionSize::Medium,
                SizeName::Large => CaptionSize::Large,
            }),
        }
    }
}

/// A language by its code, American English if none is named.
pub fn language(code: Option<&str>) -> Result<Language> {
    let Some(code) = code else {
        return Ok(Language::AmericanEnglish);
    };
    Language::from_code(code).ok_or_else(|| {
        let all: Vec<&str> = Language::ALL.into_iter().map(Language::code).collect();
        let message = format!("language {code} is not known; it may be {}", all.join(", "));
        Error::new(Kind::LanguageUnsupported, message)
    })
}

/// What a text says: that of a file, if there is one of that name, else its own.
pub fn read_text(field: &str, text: &str, folder: &Path) -> Result<String> {
    // No name of a file is longer, and asking for one that is may be an error.
    const LONGEST_NAME: usize = 4096;
    let path = folder.join(text);
    if text.is_empty() || text.len() > LONGEST_NAME || text.contains('\n') || !path.is_file() {
        return Ok(text.to_owned());
    }
    let name = path.display();
    if std::fs::metadata(&path).is_ok_and(|m| m.len() > MAX_BYTES) {
        return Err(wrong(field, format!("{name} is larger than 16 MB")));
    }
    std::fs::read_to_string(&path).map_err(|e| unreadable(format!("{field}: {name} is not a text file in UTF-8")).because(e))
}

impl TryFrom<Rate> for Fps {
    type Error = Invalid;

    fn try_from(rate: Rate) -> Result<Self, Invalid> {
        match rate {
            Rate::Number(number) => number.to_string().parse(),
            Rate::Name(name) => name.parse(),
        }
    }
}

impl LayerFile {
    fn into_layer(self, index: usize, canvas: Canvas) -> Result<Layer> {
        let at = |field: &str| format!("layers[{index}].{field}");
        let placement = self.placement(canvas);
        let order = self.order.unwrap_or(index as i64);
        let content = match (self.colour, self.image, self.video, self.avatar) {
            (Some(colour), None, None, None) => {
                let colour = colour.parse().map_err(|e: Invalid| wrong(&at("colour"), &e.message))?;
                Content::Colour(colour)
            }
            (None, Some(image), None, None) => {
                must_exist(&at("image"), &image)?;
                Content::Image(image)
            }
            (None, None, Some(video), None) => {
                must_exist(&at("video"), &video)?;
                Content::Video(video)
            }
            (None, None, None, Some(avatar)) => {
                must_exist(&at("avatar"), &avatar)?;
                Content::Avatar(avatar)
            }
            _ => {
                return Err(wrong(
                    &format!("layers[{index}]"),
                    "must have exactly one of colour, image, video and avatar",
                ));
            }
        };
        Layer::new(content, placement, order).map_err(|e| wrong(&at(e.field), &e.message))
    }

    /// Without a word about its place a layer gets the whole canvas: an avatar is shown whole, an image or a video covers.
    fn placement(&self, canvas: Canvas) -> Placement {
        let Self {
            colour: _,
            image: _,
            video: _,
            avatar,
            anchor,
            x,
            y,
            width,
            height,
            scale_x,
            scale_y,
            fit,
            order: _,
        } = self;
        let fit = fit.map(Fit::from);
        let numbers = [x, y, width, height, scale_x, scale_y];
        if anchor.is_none() && numbers.iter().all(|n| n.is_none()) {
            let usual = if avatar.is_some() { Fit::Contain } else { Fit::Cover };
            return Placement::filling(canvas, fit.unwrap_or(usual));
        }
        Placement {
            anchor: anchor.map(Anchor::from).unwrap_or_default(),
            x: x.unwrap_or(0.0),
            y: y.unwrap_or(0.0),
            width: *width,
            height: *height,
            scale_x: scale_x.unwrap_or(1.0),
            scale_y: scale_y.unwrap_or(1.0),
            fit: fit.unwrap_or_default(),
        }
    }
}

impl From<AnchorName> for Anchor {
    fn from(name: AnchorName) -> Self {
        match name {
            AnchorName::TopLeft => Self::TopLeft,
            AnchorName::Centre => Self::Centre,
        }
    }
}

impl From<FitName> for Fit {
    fn from(name: FitName) -> Self {
        match name {
            FitName::Cover => Self::Cover,
            FitName::Contain => Self::Contain,
            FitName::Fill => Self::Fill,
        }
    }
}

fn wrong(field: &str, message: impl Display) -> Error {
    Error::new(Kind::SceneInvalid, format!("{field} {message}"))
}

/// A missing file is told by its field, before any work is done.
pub fn must_exist(field: &str, path: &Path) -> Result<()> {
    match std::fs::File::open(path).and_then(|f| f.metadata()) {
        Ok(meta) if meta.is_file() => Ok(()),
        Ok(_) => Err(unreadable(format!("{field}: {} is not a file", path.display()))),
        Err(e) => Err(unreadable(format!("{field}: {} cannot be read ({})", path.display(), cause(&e)))),
    }
}

fn unreadable(message: String) -> Error {
    Error::new(Kind::FileUnreadable, message)
}

fn cause(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file",
        std::io::ErrorKind::PermissionDenied => "permission denied",
        _ => "input error",
    }
}

/// Reads JSON and tells mistakes by file and place.
fn read_json<T: DeserializeOwned>(field: &str, path: &Path) -> Result<T> {
    let name = path.display();
    must_exist(field, path)?;
    if std::fs::metadata(path).is_ok_and(|m| m.len() > MAX_BYTES) {
        return Err(wrong(&name.to_string(), "is larger than 16 MB"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(format!("{name} is not a text file")).because(e))?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let place = e.path().to_string();
        let place = if place == "." { String::new() } else { format!("{place}: ") };
        wrong(&format!("{name}:"), format!("{place}{}", e.inner()))
    })?;
    json.end().map_err(|e| wrong(&format!("{name}:"), e))?;
    Ok(value)
}

#[cfg(test)]
mod tests;
