//! A scene ready to be drawn: the still canvas, and a driver for the part that moves.

use crate::composite::{self, Composition, Rect, overlay};
use crate::driver::photo::{PhotoDriver, Portrait, Scratch};
use crate::driver::{MouthDriver, Patch, Region};
use crate::error::{Error, Kind, Result};
use crate::face::Landmarks;
use crate::media::{Picture, Planes, image};
use crate::mouth::MouthTrack;
use crate::scene::Scene;

/// The most by which what is outside the visible part may be looked at, as a part of its height.
const MARGIN: i32 = 10;

/// The avatar of a scene as it was sent.
pub struct Avatar {
    pub picture: Picture,
    /// Pixels of `picture`.
    pub landmarks: Box<Landmarks>,
}

/// Everything that frames are made from; a frame is a pure function of it and an index.
pub struct Show {
    /// The whole canvas with the avatar at rest.
    still: Planes,
    driver: PhotoDriver,
    /// Where the driver's region lies on the canvas.
    region: Region,
    /// What is under the avatar in the region, where the avatar is not opaque.
    under: Option<Planes>,
    /// What is over the avatar in the region.
    above: Option<Patch>,
    /// The avatar's visible part at rest, and where it lies: on a canvas that moves.
    alone: Option<(Patch, Region)>,
}

/// Memory for one drawing thread.
pub struct Desk {
    scratch: Scratch,
    drawn: Patch,
}

impl Show {
    pub fn new(scene: &Scene, avatar: Avatar, track: MouthTrack) -> Result<Self> {
        Self::with(scene, avatar, track, false)
    }

    /// The avatar alone: what is drawn keeps its alpha, and lies on nothing.
    pub fn alone(scene: &Scene, avatar: Avatar, track: MouthTrack) -> Result<Self> {
        Self::with(&scene.alone(), avatar, track, true)
    }

    fn with(scene: &Scene, avatar: Avatar, track: MouthTrack, alone: bool) -> Result<Self> {
        let natural = (avatar.picture.width, avatar.picture.height);
        let mut open = |path: &std::path::Path| {
            image::open(path, &image::Limits::default()).map_err(|e| e.about(&format!("the layer {}", file_name(path))))
        };
        let Composition {
            base,
            avatar: drawn,
            above,
        } = composite::compose(scene, natural, &mut open)?;
        let mut still = base.to_planes()?;
        drop(base);
        if drawn.clip.is_empty() {
            return Err(outside());
        }
        let margin = (drawn.clip.height() as i32 / MARGIN + 16) & !1;
        let raster = composite::resize_crop(&avatar.picture, &drawn, margin)?;
        let (sx, sy) = (drawn.width / natural.0 as f64, drawn.height / natural.1 as f64);
        let landmarks = scaled(
            &avatar.landmarks,
            (sx, sy),
            (drawn.x - f64::from(raster.rect.left), drawn.y - f64::from(raster.rect.top)),
        );
        drop(avatar);
        let visible = overlay::within(&drawn.clip, &raster.rect);
        let portrait = Portrait {
            still: Patch::from_straight(&raster.picture)?,
            picture: &raster.picture,
            landmarks: &landmarks,
            visible,
            enlargement: sx.min(sy) as f32,
        };
        let opaque = portrait.still.alpha.is_none();
        let rest = overlay::crop(&portrait.still, visible);
        let driver = PhotoDriver::new(portrait, track, scene.seed());
        let moving = driver.region();
        let region = Region {
            x: (moving.x as i32 + raster.rect.left) as usize,
            y: (moving.y as i32 + raster.rect.top) as usize,
            ..moving
        };
        let under = (!opaque && !alone).then(|| {
            overlay::crop(
                &Patch {
                    planes: still.clone(),
                    alpha: None,
                },
                region,
            )
            .planes
        });
        let (left, top) = (drawn.clip.left as usize, drawn.clip.top as usize);
        overlay::draw(&rest, &mut still, left, top);
        let alone = alone.then(|| {
            let (width, height) = (rest.planes.width, rest.planes.height);
            let lies = Region {
                x: left,
                y: top,
                width,
                height,
            };
            (rest, lies)
        });
        let above = above
            .map(|a| Ok::<_, Error>((a.rect, Patch::from_straight(&overlay::straight(&a.picture))?)))
            .transpose()?;
        if let Some((rect, patch)) = &above {
            overlay::draw(patch, &mut still, rect.left as usize, rect.top as usize);
        }
        let above = above.map(|(rect, patch)| overlay::crop(&patch, overlay::within(&on_canvas(region), &rect)));
        Ok(Self {
            still,
            driver,
            region,
            under,
            above,
            alone,
        })
    }

    /// The avatar of a show that was made alone, to be drawn on canvases.
    pub fn figure(&self) -> Figure {
        let (patch, at) = match &self.alone {
            Some((rest, lies)) => (rest.clone(), *lies),
            None => (self.patch(), self.region),
        };
        Figure {
            region: (self.region.x - at.x, self.region.y - at.y),
            patch,
            at: (at.x, at.y),
        }
    }

    /// The whole canvas with the avatar at rest: outside [`Show::region`] every frame is this.
    pub fn still(&self) -> &Planes {
        &self.still
    }

    /// The same, given away: a canvas to draw frames on.
    pub fn take_still(&mut self) -> Planes {
        std::mem::replace(&mut self.still, Planes::blank(0, 0))
    }

    pub fn region(&self) -> Region {
        self.region
    }

    pub fn frames(&self) -> usize {
        self.driver.frames()
    }

    /// The driver, for those who want to know what it was asked for.
    pub fn driver(&self) -> &PhotoDriver {
        &self.driver
    }

    pub fn desk(&self) -> Desk {
        Desk {
            scratch: self.driver.scratch(),
            drawn: self.blank(self.under.is_some()),
        }
    }

    /// A buffer for one frame's region.
    pub fn patch(&self) -> Patch {
        self.blank(self.alone.as_ref().is_some_and(|(rest, _)| rest.alpha.is_some()))
    }

    fn blank(&self, alpha: bool) -> Patch {
        let n = self.region.width * self.region.height;
        Patch {
            planes: Planes::blank(self.region.width, self.region.height),
            alpha: alpha.then(|| vec![0; n]),
        }
    }

    /// Draws the region of frame `index`, complete, into `patch`.
    pub fn draw(&self, index: usize, desk: &mut Desk, patch: &mut Patch) {
        match &self.under {
            None => self.driver.draw(index, &mut desk.scratch, patch),
            Some(under) => {
                self.driver.draw(index, &mut desk.scratch, &mut desk.drawn);
                patch.planes.clone_from(under);
                overlay::draw(&desk.drawn, &mut patch.planes, 0, 0);
            }
        }
        if let Some(above) = &self.above {
            overlay::draw(above, &mut patch.planes, 0, 0);
        }
    }

    /// Puts a drawn region into a canvas.
    pub fn place(&self, patch: &Patch, canvas: &mut Planes) {
        overlay::draw(patch, canvas, self.region.x, self.region.y);
    }
}

/// An avatar's visible part, of which a region is drawn anew for each frame.
pub struct Figure {
    patch: Patch,
    /// Where the region lies in it.
    region: (usize, usize),
    /// Where it lies on the canvas.
    at: (usize, usize),
}

impl Figure {
    /// Puts a drawn region into the avatar, and the avatar on a canvas.
    pub fn draw(&mut self, drawn: &Patch, canvas: &mut Planes) {
        overlay::replace(drawn, &mut self.patch, self.region.0, self.region.1);
        overlay::draw(&self.patch, canvas, self.at.0, self.at.1);
    }
}

fn on_canvas(region: Region) -> Rect {
    let (x, y) = (region.x as i32, region.y as i32);
    Rect {
        left: x,
        top: y,
        right: x + region.width as i32,
        bottom: y + region.height as i32,
    }
}

fn scaled(landmarks: &Landmarks, scale: (f64, f64), offset: (f64, f64)) -> Box<Landmarks> {
    let depth = ((scale.0 + scale.1) / 2.0) as f32;
    // Half a pixel of the photo further right and down than the nets' answer: so the rims of open mouths lie on the lips and not on
    // the teeth (tracked again, shut lips then are shut; see tests/show_track.rs).
    let at = |v: f32, s: f64, o: f64| ((f64::from(v) + 0.5) * s + o - 0.5) as f32;
    Box::new(landmarks.map(|[x, y, z]| [at(x, scale.0, offset.0), at(y, scale.1, offset.1), z * depth]))
}

pub(crate) fn outside() -> Error {
    Error::new(
        Kind::SceneInvalid,
        "the avatar lies outside the canvas: place it so that at least a part of it is seen",
    )
}

pub(crate) fn file_name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(|| "file".into(), |n| n.to_string_lossy().into_owned())
}
