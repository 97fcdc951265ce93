//! The head's slight motion in two and a half dimensions, fading out around it.

use multiversion::multiversion;

use super::field::Field;
use super::life::Life;
use super::mesh::centre;
use super::topology::OVAL;

/// How far in front of its outline the middle of the face stands, cm.
const BULGE: f32 = 6.0;
/// How far beyond the head, in its own radii, the motion reaches.
const FADE: f32 = 1.25;

/// A node of the output grid: how far it moves with the head, pixels, where that moves by one cm, and its place relative to the neck, cm.
#[derive(Clone, Copy)]
struct Node {
    weight: f32,
    x: f32,
    y: f32,
    z: f32,
}

pub struct Sway {
    nodes: Vec<Node>,
}

/// The head's outline as an ellipse, pixels.
#[derive(Clone, Copy)]
pub struct HeadEllipse {
    pub centre: [f32; 2],
    pub face_centre: [f32; 2],
    pub radius: [f32; 2],
}

impl HeadEllipse {
    pub fn of(points: &[[f32; 2]]) -> Self {
        let range = |axis: usize| {
            let v = OVAL.iter().map(|&i| points[i][axis]);
            v.clone().fold(f32::MIN, f32::max) - v.fold(f32::MAX, f32::min)
        };
        let radius = [range(0) / 2.0 * 1.30, range(1) / 2.0 * 1.38];
        let face_centre = centre(points);
        Self {
            centre: [face_centre[0], face_centre[1] - 0.10 * radius[1]],
            face_centre,
            radius,
        }
    }

    /// The rectangle outside of which nothing moves: left, top, right, bottom.
    pub fn reach(&self) -> [f32; 4] {
        let r = 1.0 + FADE;
        [
            self.centre[0] - r * self.radius[0],
            self.centre[1] - r * self.radius[1],
            self.centre[0] + r * self.radius[0],
            self.centre[1] + r * self.radius[1],
        ]
    }
}

impl Sway {
    /// For the nodes of `grid`; `bounds` (left, top, right, bottom) is the raster: its border never moves.
    pub fn new(grid: &Field, head: HeadEllipse, bounds: [f32; 4], px_per_cm: f32) -> Self {
        let pivot = [head.face_centre[0], head.face_centre[1] + head.radius[1] * 0.85];
        let nodes = (0..grid.rows * grid.columns)
            .map(|n| {
                let x = grid.x0 + (n % grid.columns) as f32 * grid.pitch;
                let y = grid.y0 + (n / grid.columns) as f32 * grid.pitch;
                let (ex, ey) = ((x - head.centre[0]) / head.radius[0], (y - head.centre[1]) / head.radius[1]);
                let fade = (1.0 - (ex.hypot(ey) - 1.0) / FADE).clamp(0.0, 1.0);
                let border = [x - bounds[0], bounds[2] - x, y - bounds[1], bounds[3] - y]
                    .into_iter()
                    .fold(f32::MAX, f32::min);
                let border = (border / (1.5 * px_per_cm)).clamp(0.0, 1.0);
                let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
                let (fx, fy) = (
                    (x - head.face_centre[0]) / head.radius[0],
                    (y - head.face_centre[1]) / head.radius[1],
                );
                Node {
                    weight: smooth(fade) * smooth(border) * px_per_cm,
                    x: (x - pivot[0]) / px_per_cm,
                    y: (y - pivot[1]) / px_per_cm,
                    z: BULGE * (1.0 - fx * fx - fy * fy).max(0.0),
                }
            })
            .collect();
        Self { nodes }
    }

    /// Writes, for each node, how far away its source lies, pixels: against the way that the head has gone.
    pub fn displace(&self, life: &Life, field: &mut Field) {
        displace(&self.nodes, life, &mut field.dx, &mut field.dy);
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn displace(nodes: &[Node], life: &Life, dx: &mut [f32], dy: &mut [f32]) {
    // Angles are small: sin a = a and cos a = 1 - a²/2 to a thousandth of a pixel.
    let less = life.roll * life.roll / 2.0;
    for ((node, dx), dy) in nodes.iter().zip(dx).zip(dy) {
        *dx = -node.weight * (-less * node.x - life.roll * node.y + node.z * life.yaw + life.shift[0]);
        *dy = -node.weight * (life.roll * node.x - less * node.y + node.z * life.pitch + life.shift[1]);
    }
}
