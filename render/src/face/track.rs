//! The same face through successive frames.

use crate::error::Result;
use crate::face::mesh::region_of;
use crate::face::region::Region;
use crate::face::{FaceNets, LEAST_MESH_SCORE, Landmarks};
use crate::media::Picture;

/// Follows one face: each frame is read where the last one had it, and searched anew only when it was lost.
pub struct Tracker<'a> {
    nets: &'a FaceNets,
    region: Option<Region>,
}

impl<'a> Tracker<'a> {
    pub fn new(nets: &'a FaceNets) -> Self {
        Self { nets, region: None }
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
        let Some(detection) = self.nets.detector.find(picture)?.into_iter().next() else {
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
}
