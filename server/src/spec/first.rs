//! The first version of what is stored for a video: one scene, on a canvas of a given size.

use serde::{Deserialize, Serialize};

use super::{AnchorRule, AvatarSource, CanvasSpec, Captions, Element, LayerSource, SceneSpec, Sound};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoSpec {
    width: u32,
    height: u32,
    avatar: Element<AvatarSource>,
    images: Vec<Element<LayerSource>>,
    sound: Sound,
    anchor: AnchorRule,
    #[serde(default)]
    captions: Captions,
}

impl From<VideoSpec> for super::VideoSpec {
    fn from(first: VideoSpec) -> Self {
        let VideoSpec {
            width,
            height,
            avatar,
            images,
            sound,
            anchor,
            captions,
        } = first;
        let scene = SceneSpec {
            avatar,
            layers: images,
            sound: Some(sound),
            seconds: None,
        };
        Self {
            canvas: CanvasSpec::Given { width, height },
            scenes: vec![scene],
            anchor,
            captions,
            warnings: Vec::new(),
        }
    }
}
