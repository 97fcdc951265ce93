//! Where the face is, how it is turned, and whether it can speak.

/// 478 points (FaceMesh v2 order) in pixels of the picture; z in the same unit, towards the viewer negative.
pub type Landmarks = [[f32; 3]; 478];
