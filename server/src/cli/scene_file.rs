//! `scene.json`: what a user wrote about a scene, and its way to a `Scene` that is sound.
//!
//! Paths are relative to the scene file. A mistake is told by the place in the file, such as `layers[2].scale_x`.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use mouthpiece_render::error::{Error, Kind, Result};
use mouthpiece_render::mouth::TimedPhoneme;
use mouthpiece_render::scene::{Anchor, Canvas, Content, Fit, Fps, Invalid, Layer, Placement, Scene};
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
}

/// `25` or `"30000/1001"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Rate {
    Number(f64),
    Name(String),
}

/// One of `colour`, `image` and `avatar`, and where it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerFile {
    #[serde(alias = "color")]
    pub colour: Option<String>,
    pub image: Option<PathBuf>,
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
        let layers = scene.layers.iter_mut().flat_map(|l| [&mut l.image, &mut l.avatar]);
        for file in layers.chain([&mut scene.audio, &mut scene.phonemes]).flatten() {
            *file = folder.join(&*file);
        }
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
        } = file;
        let fps = fps.map_or(Ok(Fps::DEFAULT), Fps::try_from)?;
        let canvas = Canvas::new(width.unwrap_or(1920), height.unwrap_or(1080), fps)?;
        let audio = audio.ok_or_else(|| wrong("audio", "is missing: which recording is to be spoken?"))?;
        must_exist("audio", &audio)?;
        let made = layers.into_iter().enumerate().map(|(i, layer)| layer.into_layer(i, canvas));
        let scene = Self::new(canvas, made.collect::<Result<_>>()?, audio)?;
        let phonemes: Vec<TimedPhoneme> = phonemes.map_or(Ok(Vec::new()), |path| read_json("phonemes", &path))?;
        Ok(scene.with_seed(seed).with_matte(matte).with_phonemes(phonemes)?)
    }
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
        let content = match (self.colour, self.image, self.avatar) {
            (Some(colour), None, None) => {
                let colour = colour.parse().map_err(|e: Invalid| wrong(&at("colour"), &e.message))?;
                Content::Colour(colour)
            }
            (None, Some(image), None) => {
                must_exist(&at("image"), &image)?;
                Content::Image(image)
            }
            (None, None, Some(avatar)) => {
                must_exist(&at("avatar"), &avatar)?;
                Content::Avatar(avatar)
            }
            _ => {
                return Err(wrong(
                    &format!("layers[{index}]"),
                    "must have exactly one of colour, image and avatar",
                ));
            }
        };
        Layer::new(content, placement, order).map_err(|e| wrong(&at(e.field), &e.message))
    }

    /// Without a word about its place a layer gets the whole canvas: an avatar is shown whole, an image covers.
    fn placement(&self, canvas: Canvas) -> Placement {
        let Self {
            colour: _,
            image: _,
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
