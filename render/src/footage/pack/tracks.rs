//! Bytes of the face in each frame, and of the best one.

use super::container::damaged;
use crate::driver::Region;
use crate::driver::photo::Tones;
use crate::error::Result;
use crate::face::head::POINTS;
use crate::face::{Face, Landmarks};
use crate::footage::survey::Best;
use crate::footage::trail::{SMALL, Sight, State};
use crate::media::image;

/// The most bytes of one frame: place, state, pose, skin, tones, points, picture in small.
pub const FRAME: usize = 4 + 1 + 13 * 8 + 4 + 1 + 16 + POINTS * 6 + SMALL.0 * SMALL.1;

/// No face, no place.
const NOWHERE: u16 = u16::MAX;
/// What a head may measure, pixels per cm, and where it may be, pixels: more than any video has.
const SCALE: std::ops::Range<f64> = 0.1..2000.0;
const FAR: f64 = 100_000.0;

/// Writes sightings and the corners of mouth pictures.
pub fn write(sights: &[Option<Sight>], places: &[Option<Region>]) -> Vec<u8> {
    let mut to = Vec::with_capacity(sights.len() * FRAME);
    for (sight, place) in sights.iter().zip(places) {
        let (x, y) = place.map_or((NOWHERE, NOWHERE), |p| (p.x as u16, p.y as u16));
        to.extend(x.to_le_bytes());
        to.extend(y.to_le_bytes());
        let Some(sight) = sight else {
            to.push(0);
            continue;
        };
        to.push(match sight.state {
            State::Free => 1,
            State::Turned => 2,
            State::Outside => 3,
            State::Covered => 4,
        });
        to.extend(sight.pose.iter().flat_map(|v| v.to_le_bytes()));
        to.extend(sight.skin.to_le_bytes());
        to.push(sight.tones.is_some().into());
        let tones = sight.tones.map_or([0.0; 4], |t| [t.dark, t.bright[0], t.bright[1], t.bright[2]]);
        to.extend(tones.iter().flat_map(|v| v.to_le_bytes()));
        to.extend(sight.points.iter().flatten().flat_map(|v| v.to_le_bytes()));
        to.extend(sight.small.iter());
    }
    to
}

/// Reads so many frames of a video of these sides; mouth pictures have the size `mouth`.
pub fn read(
    bytes: &[u8],
    frames: usize,
    (width, height): (usize, usize),
    mouth: (usize, usize),
) -> Result<(Vec<Option<Sight>>, Vec<Option<Region>>)> {
    let mut from = Bytes(bytes);
    let (mut sights, mut places) = (Vec::with_capacity(frames), Vec::with_capacity(frames));
    for _ in 0..frames {
        let (x, y) = (u16::from_le_bytes(from.array()?), u16::from_le_bytes(from.array()?));
        places.push(if (x, y) == (NOWHERE, NOWHERE) {
            None
        } else {
            let (x, y) = (usize::from(x), usize::from(y));
            if x % 2 != 0 || y % 2 != 0 || x + mouth.0 > width || y + mouth.1 > height {
                return Err(damaged("a mouth lies outside its picture"));
            }
            Some(Region {
                x,
                y,
                width: mouth.0,
                height: mouth.1,
            })
        });
        sights.push(sight(&mut from)?);
    }
    if from.0.is_empty() {
        Ok((sights, places))
    } else {
        Err(damaged("there are more faces than frames"))
    }
}

fn sight(from: &mut Bytes) -> Result<Option<Sight>> {
    let [state] = from.array()?;
    let state = match state {
        0 => return Ok(None),
        1 => State::Free,
        2 => State::Turned,
        3 => State::Outside,
        4 => State::Covered,
        _ => return Err(nonsense()),
    };
    let mut pose = [0.0; 13];
    for v in &mut pose {
        *v = f64::from_le_bytes(from.array()?);
    }
    let skin = from.float()?;
    let [toned] = from.array()?;
    let [dark, bright @ ..] = [from.float()?, from.float()?, from.float()?, from.float()?];
    let mut points = Box::new([[0; 3]; POINTS]);
    for v in points.iter_mut().flatten() {
        *v = i16::from_le_bytes(from.array()?);
    }
    let small = Box::new(from.array()?);
    let sane = SCALE.contains(&pose[0])
        && pose[1..10].iter().all(|v| v.abs() < 1.001)
        && pose[10..].iter().all(|v| v.abs() < FAR)
        && [skin, dark].iter().chain(&bright).all(|v| (0.0..256.0).contains(v));
    let tones = (toned == 1).then_some(Tones { dark, bright });
    if !sane || toned > 1 {
        return Err(nonsense());
    }
    Ok(Some(Sight {
        pose,
        points,
        skin,
        tones,
        state,
        small,
    }))
}

fn nonsense() -> crate::Error {
    damaged("a face in it makes no sense")
}

/// Scale, the mesh's score, blendshapes, landmarks, and the picture as a PNG.
pub fn write_looks(best: &Best) -> Result<Vec<u8>> {
    let face = &best.face;
    let numbers = [best.scale, face.score];
    let numbers = numbers.iter().chain(&face.blendshapes).chain(face.landmarks.as_flattened());
    let mut to: Vec<u8> = numbers.flat_map(|v| v.to_le_bytes()).collect();
    to.extend(best.picture.to_png()?);
    Ok(to)
}

pub fn read_looks(bytes: &[u8]) -> Result<Best> {
    let mut from = Bytes(bytes);
    let (scale, score) = (from.float()?, from.float()?);
    let mut blendshapes = [0.0; 52];
    for v in &mut blendshapes {
        *v = from.float()?;
    }
    let mut landmarks: Box<Landmarks> = Box::new([[0.0; 3]; 478]);
    for v in landmarks.as_flattened_mut() {
        *v = from.float()?;
    }
    let far = landmarks.as_flattened().iter().any(|v| f64::from(v.abs()) > FAR);
    let face = Face {
        blendshapes,
        ..Face::plain(landmarks, score)
    };
    if far || !(0.1..64.0).contains(&scale) || !SCALE.contains(&face.fit.scale) {
        return Err(nonsense());
    }
    let picture = image::from_png(from.0, &image::Limits::default()).map_err(|e| damaged("its picture cannot be read").because(e))?;
    Ok(Best { picture, face, scale })
}

/// Bytes that may end early.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(|| damaged("a part of it breaks off"))?;
        self.0 = rest;
        Ok(*taken)
    }

    /// A finite one.
    fn float(&mut self) -> Result<f32> {
        let value = f32::from_le_bytes(self.array()?);
        if value.is_finite() { Ok(value) } else { Err(nonsense()) }
    }
}
