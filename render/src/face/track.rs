//! The same face through successive frames.

use crate::error::Result;
use crate::face::mesh::region_of;
use crate::face::region::Region;
use crate::face::{Detection, FaceNets, LEAST_MESH_SCORE, Landmarks};
use crate::media::Picture;

/// Follows one face: each frame is read where the last one had it, and searched anew only when it was lost.
pub struct Tracker<'a> {
    nets: &'a FaceNets,
    region: Option<Region>,
    /// Where the face was seen: width, middle.
    seats: &'a [[f32; 3]],
}

/// A face farther than this from all places where the person was seen, in widths of the face, is somebody else's.
const ELSEWHERE: f32 = 1.2;

impl<'a> Tracker<'a> {
    pub fn new(nets: &'a FaceNets) -> Self {
        Self {
            nets,
            region: None,
            seats: &[],
        }
    }

    /// Of several faces, the one that is near one of these places (width, middle, in pixels) and alike in size.
    pub(crate) fn near(nets: &'a FaceNets, seats: &'a [[f32; 3]]) -> Self {
        Self { nets, region: None, seats }
    }

    /// The landmarks in the next frame and the mesh's score; `None` where no face is seen.
    pub fn next(&mut self, picture: &Picture) -> Result<Option<(Box<Landmarks>, f32)>> {
        if let Some(region) = self.region.take() {
            let seen = self.nets.mesh.run(picture, &region)?;
            if seen.1 >= LEAST_MESH_SCORE {
                self.region = Some(region_of(&seen.0));
                return Ok(Some(seen));
            }
        }
        let found = self.nets.detector.find(picture)?;
        let wanted = if self.seats.is_empty() {
            found.into_iter().next()
        } else {
            let near = found.into_iter().map(|d| (self.distance(&d), d));
            near.filter(|(distance, _)| *distance < ELSEWHERE)
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, d)| d)
        };
        let Some(detection) = wanted else {
            return Ok(None);
        };
        let (first, _) = self.nets.mesh.run(picture, &detection.region())?;
        let seen = self.nets.mesh.run(picture, &region_of(&first))?;
        if seen.1 < LEAST_MESH_SCORE {
            return Ok(None);
        }
        self.region = Some(region_of(&seen.0));
        Ok(Some(seen))
    }

    /// From the nearest seat, in widths of the face; another size counts as well.
    fn distance(&self, found: &Detection) -> f32 {
        let middle = [(found.bbox[0] + found.bbox[2]) / 2.0, (found.bbox[1] + found.bbox[3]) / 2.0];
        let from = |[width, x, y]: &[f32; 3]| {
            let size = (found.width() / width.max(1.0)).max(1e-3).ln().abs();
            (middle[0] - x).hypot(middle[1] - y) / width.max(1.0) + 0.5 * size
        };
        self.seats.iter().map(from).fold(f32::MAX, f32::min)
    }
}
