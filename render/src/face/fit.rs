//! From pixels to centimetres: the weighted Procrustes fit of a tracked face to the canonical head.

use crate::face::Landmarks;
use crate::face::head::{Head, POINTS};

/// How the canonical head lies in the picture.
///
/// With y up and z towards the viewer, a place `p` of the head, in cm, is seen at `scale * rotation * p + translation`;
/// [`Fit::project`] turns that into pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Pixels per centimetre.
    pub scale: f64,
    /// From the head to the viewer, row by row.
    pub rotation: [[f64; 3]; 3],
    /// Pixels; y is up, thus the negative of the picture's y.
    pub translation: [f64; 3],
    /// The face's own 468 points, in cm of the canonical head.
    pub points: Vec<[f64; 3]>,
}

/// How the head is turned, in degrees.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Pose {
    /// The nose points to the picture's right.
    pub yaw: f64,
    /// The nose points up.
    pub pitch: f64,
    /// The head is tilted clockwise as seen.
    pub roll: f64,
}

impl Fit {
    /// A place of the head, in cm, in pixels of the picture; z in pixels, away from the viewer positive, as in
    /// [`Landmarks`].
    pub fn project(&self, place: [f64; 3]) -> [f64; 3] {
        let [x, y, z] = self.turn(place);
        [x + self.translation[0], -(y + self.translation[1]), -(z + self.translation[2])]
    }

    /// A displacement of the head, in cm, in pixels of the picture.
    pub fn project_displacement(&self, displacement: [f64; 3]) -> [f64; 2] {
        let [x, y, _] = self.turn(displacement);
        [x, -y]
    }

    /// A place of the picture (with its depth, as in [`Landmarks`]) in cm of the head: the inverse of `project`.
    pub fn unproject(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let [tx, ty, tz] = self.translation;
        let d = [x - tx, -y - ty, -z - tz];
        let r = &self.rotation;
        std::array::from_fn(|j| (r[0][j] * d[0] + r[1][j] * d[1] + r[2][j] * d[2]) / self.scale)
    }

    /// Tilt first: turn and nod are those of the face held level.
    pub fn pose(&self) -> Pose {
        let r = &self.rotation;
        let tilt = r[1][0].atan2(r[0][0]);
        let (sin, cos) = tilt.sin_cos();
        let forward = [cos * r[0][2] + sin * r[1][2], cos * r[1][2] - sin * r[0][2], r[2][2]];
        Pose {
            yaw: forward[0].atan2(forward[2]).to_degrees(),
            pitch: forward[1].clamp(-1.0, 1.0).asin().to_degrees(),
            roll: -tilt.to_degrees(),
        }
    }

    fn turn(&self, p: [f64; 3]) -> [f64; 3] {
        self.rotation.map(|row| self.scale * dot(row, p))
    }
}

/// Fits the canonical head to tracked landmarks: the similarity with the least weighted squared error (Horn 1987).
pub fn fit(landmarks: &Landmarks) -> Fit {
    let head = Head::get();
    let seen: Vec<[f64; 3]> = landmarks[..POINTS]
        .iter()
        .map(|&[x, y, z]| [f64::from(x), -f64::from(y), -f64::from(z)])
        .collect();

    let weighted =
        |points: &[[f64; 3]]| -> [f64; 3] { std::array::from_fn(|c| points.iter().zip(&head.weights).map(|(p, w)| w * p[c]).sum()) };
    let (centre_head, centre_seen) = (weighted(&head.vertices), weighted(&seen));

    let mut cross = [[0.0; 3]; 3];
    let mut spread = 0.0;
    for ((a, b), &w) in head.vertices.iter().zip(&seen).zip(&head.weights) {
        let a = sub(*a, centre_head);
        let b = sub(*b, centre_seen);
        for (i, row) in cross.iter_mut().enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                *value += w * a[i] * b[j];
            }
        }
        spread += w * dot(a, a);
    }
    let (rotation, correlation) = best_rotation(&cross);
    // A degenerate face (all points in one place) keeps a positive scale so that nobody divides by zero.
    let scale = (correlation / spread).max(1e-9);

    let mut fit = Fit {
        scale,
        rotation,
        translation: [0.0; 3],
        points: Vec::new(),
    };
    fit.translation = sub(centre_seen, fit.turn(centre_head));
    fit.points = landmarks[..POINTS].iter().map(|p| fit.unproject(p.map(f64::from))).collect();
    fit
}

/// The rotation R that makes `trace(R * cross)` greatest, and that greatest value; `cross[i][j]` sums `a_i * b_j` for
/// `b = R a`.
fn best_rotation(cross: &[[f64; 3]; 3]) -> ([[f64; 3]; 3], f64) {
    let [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = *cross;
    let horn = [
        [xx + yy + zz, yz - zy, zx - xz, xy - yx],
        [yz - zy, xx - yy - zz, xy + yx, zx + xz],
        [zx - xz, xy + yx, yy - xx - zz, yz + zy],
        [xy - yx, zx + xz, yz + zy, zz - xx - yy],
    ];
    let ([w, x, y, z], greatest) = greatest_eigenvector(horn);
    let rotation = [
        [w * w + x * x - y * y - z * z, 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), w * w - x * x + y * y - z * z, 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), w * w - x * x - y * y + z * z],
    ];
    (rotation, greatest)
}

/// The unit eigenvector of the greatest eigenvalue of a symmetric matrix, by cyclic Jacobi rotations.
fn greatest_eigenvector(mut m: [[f64; 4]; 4]) -> ([f64; 4], f64) {
    let mut vectors: [[f64; 4]; 4] = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    // Convergence is quadratic: a 4 x 4 is exact to the last bit within about six sweeps.
    for _ in 0..12 {
        for p in 0..3 {
            for q in p + 1..4 {
                if m[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for row in &mut m {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (mp, mq) = (m[p], m[q]);
                m[p] = std::array::from_fn(|k| c * mp[k] - s * mq[k]);
                m[q] = std::array::from_fn(|k| s * mp[k] + c * mq[k]);
                for row in &mut vectors {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
            }
        }
    }
    let best = (0..4).max_by(|&a, &b| m[a][a].total_cmp(&m[b][b])).unwrap_or(0);
    (vectors.map(|row| row[best]), m[best][best])
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn sub(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The canonical head itself, turned and placed, as landmarks.
    fn placed(yaw: f64, pitch: f64, roll: f64) -> Landmarks {
        let (sy, cy) = yaw.to_radians().sin_cos();
        let (sp, cp) = (-pitch.to_radians()).sin_cos();
        let (sr, cr) = (-roll.to_radians()).sin_cos();
        let mut landmarks = [[0.0; 3]; 478];
        for (to, &[x, y, z]) in landmarks.iter_mut().zip(&Head::get().vertices) {
            let (y, z) = (cp * y - sp * z, sp * y + cp * z);
            let (x, z) = (cy * x + sy * z, -sy * x + cy * z);
            let (x, y) = (cr * x - sr * y, sr * x + cr * y);
            *to = [(20.0 * x + 300.0) as f32, (-20.0 * y + 200.0) as f32, (-20.0 * z) as f32];
        }
        landmarks
    }

    #[test]
    fn a_placed_head_is_found_again() {
        for (yaw, pitch, roll) in [(0.0, 0.0, 0.0), (25.0, -10.0, 15.0), (-30.0, 20.0, -40.0)] {
            let fit = fit(&placed(yaw, pitch, roll));
            let pose = fit.pose();
            assert!((fit.scale - 20.0).abs() < 1e-4, "{}", fit.scale);
            assert!((pose.yaw - yaw).abs() < 0.01 && (pose.pitch - pitch).abs() < 0.01, "{pose:?}");
            assert!((pose.roll - roll).abs() < 0.01, "{pose:?}");
            for (own, canonical) in fit.points.iter().zip(&Head::get().vertices) {
                assert!(sub(*own, *canonical).iter().all(|d| d.abs() < 1e-4));
            }
        }
    }

    #[test]
    fn project_and_unproject_are_inverse() {
        let fit = fit(&placed(20.0, 5.0, 10.0));
        let back = fit.unproject(fit.project([1.0, -2.0, 3.0]));
        assert!(sub(back, [1.0, -2.0, 3.0]).iter().all(|d| d.abs() < 1e-9));
    }
}
