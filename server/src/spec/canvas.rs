//! How large a video is, now that its media are known.

use mouthpiece_render::scene::{Canvas, Fps};

use super::CanvasSpec;
use crate::problem::Result;

/// What a photo or a video is: pixels, upright, and frames a second of a video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Natural {
    pub width: u32,
    pub height: u32,
    pub fps: Option<f64>,
}

/// The longest and the shortest side of a lip-sync, which larger videos are brought to.
const FILMED: (f64, f64) = (3840.0, 2160.0);

/// The canvas of a video whose first avatar is this.
pub fn canvas(spec: CanvasSpec, avatar: Natural) -> Result<Canvas> {
    let (width, height) = (f64::from(avatar.width.max(1)), f64::from(avatar.height.max(1)));
    let (longer, shorter) = (width.max(height), width.min(height));
    match spec {
        CanvasSpec::Given { width, height } => Ok(Canvas::new(width, height, Fps::DEFAULT)?),
        CanvasSpec::AsFilmed => {
            let scale = (FILMED.0 / longer).min(FILMED.1 / shorter).min(1.0);
            let fps = avatar.fps.map_or(Fps::DEFAULT, Fps::near);
            // Nothing but an odd line is cut: no pixel is scaled where it need not be.
            let even = |side: f64| if scale < 1.0 { side } else { (side / 2.0).floor() * 2.0 };
            scaled(even(width), even(height), scale, fps)
        }
        CanvasSpec::AsTaken { shorter: wanted } => {
            let most = f64::from(*Canvas::SIDE.end());
            scaled(width, height, (f64::from(wanted) / shorter).min(most / longer), Fps::DEFAULT)
        }
    }
}

fn scaled(width: f64, height: f64, scale: f64, fps: Fps) -> Result<Canvas> {
    let side = |length: f64| {
        let even = (length * scale / 2.0).round() * 2.0;
        even.clamp(f64::from(*Canvas::SIDE.start()), f64::from(*Canvas::SIDE.end())) as u32
    };
    Ok(Canvas::new(side(width), side(height), fps)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(spec: CanvasSpec, width: u32, height: u32) -> (u32, u32) {
        let natural = Natural { width, height, fps: None };
        let canvas = canvas(spec, natural).unwrap();
        (canvas.width(), canvas.height())
    }

    #[test]
    fn a_lip_sync_is_as_large_as_its_video_to_a_limit() {
        for (natural, expected) in [
            ((1920, 1080), (1920, 1080)),
            ((361, 289), (360, 288)),
            ((1080, 1920), (1080, 1920)),
            ((3840, 2160), (3840, 2160)),
            ((4096, 2304), (3840, 2160)),
            ((2304, 4096), (2160, 3840)),
            ((3000, 3000), (2160, 2160)),
            ((100, 400), (128, 400)),
        ] {
            assert_eq!(size(CanvasSpec::AsFilmed, natural.0, natural.1), expected, "{natural:?}");
        }
    }

    #[test]
    fn a_talking_photo_has_its_shape_and_a_shorter_side() {
        let taken = |shorter, natural: (u32, u32)| size(CanvasSpec::AsTaken { shorter }, natural.0, natural.1);
        assert_eq!(taken(720, (1000, 1000)), (720, 720));
        assert_eq!(taken(1080, (3000, 4000)), (1080, 1440));
        assert_eq!(taken(720, (4000, 2000)), (1440, 720));
        // No side is longer than a canvas may be, and the photo is still shown whole.
        assert_eq!(taken(1080, (8000, 1000)), (4096, 512));
    }

    #[test]
    fn a_lip_sync_keeps_the_rate_of_its_video() {
        let rate = |fps| {
            let natural = Natural {
                width: 640,
                height: 480,
                fps,
            };
            let fps = canvas(CanvasSpec::AsFilmed, natural).unwrap().fps();
            (fps.num, fps.den)
        };
        assert_eq!(rate(None), (25, 1));
        assert_eq!(rate(Some(29.97)), (30_000, 1001));
        assert_eq!(rate(Some(30.0)), (30, 1));
        assert_eq!(rate(Some(15.0)), (30, 1));
        assert_eq!(rate(Some(119.9)), (60, 1));
    }
}
