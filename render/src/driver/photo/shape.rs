//! The face that a mouth shape asks for: target points on the canonical head, in centimetres.

use super::topology::{
    BROWS, CHIN, CORNER_LEFT, CORNER_RIGHT, EYES, INNER_LOWER, INNER_UPPER, LOWER_MIDDLE, OUTER_LOWER, OUTER_UPPER, RED_LOWER, UPPER_MIDDLE,
};
use crate::face::head::Head;
use crate::mouth::MouthShape;

pub type Points = Vec<[f32; 3]>;

/// How many principal components of mouth motion the fit may use.
const COMPONENTS: usize = 4;
/// Keeps the components small where the measures do not need them.
const DAMPING: [f32; COMPONENTS] = [0.01, 0.01, 0.08, 0.2];
/// How much each measure (gap, width, upper lip, chin) counts.
const WEIGHTS: [f32; 4] = [1.0, 1.0, 0.35, 0.25];
/// Spread of the correction around a lip point, cm.
const SPREAD: f32 = 0.35;
/// Spread of the correction around a mouth corner, cm.
const CORNER_SPREAD: f32 = 0.95;
/// From this opening on the photo shows what is between the lips, cm.
pub const OPEN_PHOTO: f32 = 0.25;

/// Lips nearer than this touch when they are drawn, cm; an open mouth is asked to open so much more.
pub const CONTACT: f32 = 0.04;

/// One photo's mouth: its own shape, its shape at rest, and how to reach any other.
pub struct MouthRig {
    /// The photo's points.
    pub own: Points,
    /// The photo's points with the mouth shut and relaxed.
    pub rest: Points,
    pub own_gap: f32,
    /// A relaxed mouth's width for this person.
    rest_width: f32,
    /// What the picture's expression adds to that, and to the height of the upper lip; it goes as far as speech lets it.
    smile: f32,
    raised: f32,
    components: Vec<Points>,
    jacobian: [[f32; COMPONENTS]; 4],
    /// For each inner lip pair: the points that follow its upper and its lower point, with weights.
    spread: Vec<[Vec<(usize, f32)>; 2]>,
    /// How much each point goes sideways with the mouth's corners.
    corners: Vec<f32>,
    brows: Vec<(usize, f32)>,
}

/// Gap, width, height of the upper lip and of the chin.
pub fn measure(p: &[[f32; 3]]) -> [f32; 4] {
    [
        p[UPPER_MIDDLE][1] - p[LOWER_MIDDLE][1],
        p[CORNER_LEFT][0] - p[CORNER_RIGHT][0],
        p[UPPER_MIDDLE][1],
        p[CHIN][1],
    ]
}

/// A mouth shut and relaxed: its width and the heights of its upper lip and of the chin, canonical cm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest {
    pub width: f32,
    pub upper: f32,
    pub chin: f32,
}

impl MouthRig {
    /// For a photo: what the mouth is at rest is guessed from it.
    pub fn new(own: Points, head: &Head) -> Self {
        let [gap, width, upper, chin] = measure(&own);
        let lift = 0.3 * (gap - OPEN_PHOTO).max(0.0);
        let rest = Rest {
            width: width.clamp(4.2, 4.8),
            upper: upper - lift,
            chin: chin + 0.5 * gap.max(0.0),
        };
        let mut rig = Self::resting(own, rest, head);
        rig.smile = width - rest.width;
        rig.raised = upper - measure(&rig.rest)[2];
        rig.brows = brow_weights(&rig.own);
        rig
    }

    /// For a frame of a video, whose mouth may be doing anything.
    pub fn resting(own: Points, rest: Rest, head: &Head) -> Self {
        let components: Vec<Points> = head.directions[..COMPONENTS]
            .iter()
            .map(|d| d.iter().map(|p| p.map(|v| v as f32)).collect())
            .collect();
        let mut jacobian = [[0.0; COMPONENTS]; 4];
        for (k, c) in components.iter().enumerate() {
            for (row, value) in jacobian.iter_mut().zip(measure(c)) {
                row[k] = value;
            }
        }
        let spread = spread(&own, head);
        let corners = corner_weights(&own);
        let mut rig = Self {
            rest: own.clone(),
            own_gap: measure(&own)[0],
            own,
            rest_width: rest.width,
            smile: 0.0,
            raised: 0.0,
            components,
            jacobian,
            spread,
            corners,
            brows: Vec::new(),
        };
        rig.rest = rig.reach([0.0, rest.width, rest.upper, rest.chin]);
        rig
    }

    /// The height of the closed lips, canonical y.
    pub fn lip_line(&self) -> f32 {
        (self.rest[UPPER_MIDDLE][1] + self.rest[LOWER_MIDDLE][1]) / 2.0
    }

    /// The points for a mouth shape; `talk` (0 to 1) is how far a smile has relaxed for talking.
    pub fn target(&self, shape: &MouthShape, talk: f32) -> Points {
        let width = (self.rest_width + self.smile * (0.75 - 0.35 * talk) + shape.width).clamp(3.2, 6.4);
        let rest = measure(&self.rest);
        let raised = self.raised * (0.7 - 0.4 * talk);
        let gap = (shape.gap * (1.0 - shape.closure)).max(0.0);
        let gap = gap + (0.19 - gap) * shape.tuck;
        let gap = gap + gap.min(CONTACT);
        let upper = rest[2] + raised * (gap / 0.6).min(1.0) + (shape.upper * (1.0 - shape.closure)).clamp(-0.12, 0.3) + 0.11 * shape.tuck;
        let chin = rest[3] - shape.chin;
        let mut points = self.reach([gap, width, upper, chin]);
        self.roll_lips(&mut points, shape);
        points
    }

    /// Least squares over the components, then each inner lip pair exactly.
    fn reach(&self, want: [f32; 4]) -> Points {
        let have = measure(&self.own);
        let mut normal = [[0.0f32; COMPONENTS + 1]; COMPONENTS];
        for (i, row) in normal.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate().take(COMPONENTS) {
                *cell = (0..4).map(|m| WEIGHTS[m] * self.jacobian[m][i] * self.jacobian[m][j]).sum();
            }
            row[i] += DAMPING[i];
            row[COMPONENTS] = (0..4).map(|m| WEIGHTS[m] * self.jacobian[m][i] * (want[m] - have[m])).sum();
        }
        let solution = solve(normal);
        let mut points = self.own.clone();
        for (component, amount) in self.components.iter().zip(solution) {
            for (p, d) in points.iter_mut().zip(component) {
                for axis in 0..3 {
                    p[axis] += amount * d[axis];
                }
            }
        }
        self.correct_width(&mut points, want[1]);
        self.correct_pairs(&mut points, want[0], want[1], want[2]);
        points
    }

    /// Brings the corners to their distance, and the cheeks along.
    fn correct_width(&self, points: &mut Points, width: f32) {
        let excess = measure(points)[1] - width;
        let middle = (points[CORNER_LEFT][0] + points[CORNER_RIGHT][0]) / 2.0;
        let half = (points[CORNER_LEFT][0] - middle).max(0.5);
        for (p, &w) in points.iter_mut().zip(&self.corners) {
            // Inside the corners in proportion, outside as much as the corner itself.
            let share = ((p[0] - middle) / half).clamp(-1.0, 1.0);
            p[0] -= 0.5 * excess * share * w;
        }
    }

    /// Moves every inner lip pair to the opening that the profile asks for, and its surroundings with it.
    fn correct_pairs(&self, points: &mut Points, gap: f32, width: f32, upper: f32) {
        // A rounded mouth is open over more of its width than a wide one.
        let power = 0.55 + ((width - 3.3) / 1.3).clamp(0.0, 1.0) * 0.22;
        let upper_share = if gap < 0.05 { 0.3 } else { 0.2 };
        for pass in 0..3 {
            let lift = if pass == 0 { 0.6 * (upper - points[UPPER_MIDDLE][1]) } else { 0.0 };
            let mut moved = vec![0.0f32; points.len()];
            let mut weight = vec![1e-6f32; points.len()];
            for k in 1..10 {
                let profile = (std::f32::consts::PI * k as f32 / 10.0).sin().powf(power);
                let (u, l) = (INNER_UPPER[k], INNER_LOWER[k]);
                let excess = points[u][1] - points[l][1] - gap * profile;
                for (near, shift) in self.spread[k]
                    .iter()
                    .zip([lift - upper_share * excess, lift + (1.0 - upper_share) * excess])
                {
                    for &(i, w) in near {
                        moved[i] += w * shift;
                        weight[i] += w;
                    }
                }
            }
            for ((p, m), w) in points.iter_mut().zip(&moved).zip(&weight) {
                p[1] += m / w.max(1.0);
            }
        }
        for k in 1..10 {
            let profile = (std::f32::consts::PI * k as f32 / 10.0).sin().powf(power);
            let (u, l) = (INNER_UPPER[k], INNER_LOWER[k]);
            let excess = points[u][1] - points[l][1] - gap * profile;
            points[u][1] -= upper_share * excess;
            points[l][1] += (1.0 - upper_share) * excess;
        }
    }

    /// Lips pressed for p, b, m; the lower lip rolled in for f, v; both pushed forward for oo.
    fn roll_lips(&self, points: &mut Points, shape: &MouthShape) {
        let press = 0.06 * shape.closure;
        let roll = 0.13 * shape.tuck;
        for k in 1..10 {
            let bump = (std::f32::consts::PI * k as f32 / 10.0).sin();
            points[OUTER_UPPER[k]][1] -= press * 0.5 * bump;
            points[OUTER_LOWER[k]][1] += (press * 0.7 + roll) * bump;
            for i in [OUTER_UPPER[k], OUTER_LOWER[k], INNER_UPPER[k], INNER_LOWER[k]] {
                points[i][2] += 0.35 * shape.pucker * bump;
            }
        }
        for i in RED_LOWER {
            points[i][1] += roll * 0.6;
        }
    }

    /// Raises both brows by `lift` cm, and the skin around them with less.
    pub fn raise_brows(&self, points: &mut Points, lift: f32) {
        for &(i, w) in &self.brows {
            points[i][1] += lift * w;
        }
    }
}

/// For each inner lip pair the points around it on its own side of the lips.
fn spread(own: &[[f32; 3]], head: &Head) -> Vec<[Vec<(usize, f32)>; 2]> {
    let line = head.vertices[UPPER_MIDDLE][1];
    let near_mouth = |v: &[f64; 3]| v[0].abs() < 3.2 && (v[1] - line).abs() < 3.5;
    let corners = [78, 308, 61, 291, 62, 292, 76, 306];
    let side = |i: usize, upper: bool| {
        let (own_ring, other_ring) = if upper {
            (&INNER_UPPER, &INNER_LOWER)
        } else {
            (&INNER_LOWER, &INNER_UPPER)
        };
        if own_ring[1..10].contains(&i) {
            return true;
        }
        if other_ring[1..10].contains(&i) {
            return false;
        }
        let v = &head.vertices[i];
        let beyond = if upper { v[1] < line - 1e-3 } else { v[1] > line + 1e-3 };
        !(near_mouth(v) && beyond) || corners.contains(&i)
    };
    let around = |centre: usize, upper: bool| {
        (0..own.len())
            .filter(|&i| side(i, upper))
            .filter_map(|i| {
                let d2 = (own[i][0] - own[centre][0]).powi(2) + (own[i][1] - own[centre][1]).powi(2);
                let w = (-d2 / (2.0 * SPREAD * SPREAD)).exp();
                (w > 1e-3).then_some((i, w))
            })
            .collect()
    };
    (0..11)
        .map(|k| [around(INNER_UPPER[k], true), around(INNER_LOWER[k], false)])
        .collect()
}

/// 1 along the mouth, falling off above, below and beside it.
fn corner_weights(own: &[[f32; 3]]) -> Vec<f32> {
    let (a, b) = (own[CORNER_RIGHT], own[CORNER_LEFT]);
    own.iter()
        .map(|p| {
            let t = ((p[0] - a[0]) / (b[0] - a[0]).max(0.1)).clamp(0.0, 1.0);
            let line = a[1] + (b[1] - a[1]) * t;
            let d2 = (p[0] - (a[0] + (b[0] - a[0]) * t)).powi(2) + (p[1] - line).powi(2);
            (-d2 / (2.0 * CORNER_SPREAD * CORNER_SPREAD)).exp()
        })
        .collect()
}

/// How much each point follows the brows.
fn brow_weights(own: &[[f32; 3]]) -> Vec<(usize, f32)> {
    let lids: Vec<usize> = EYES.iter().flat_map(|e| e.upper.into_iter().chain(e.lower)).collect();
    (0..own.len())
        .filter(|i| !lids.contains(i))
        .filter_map(|i| {
            let d2 = BROWS
                .iter()
                .flatten()
                .map(|&b| (own[i][0] - own[b][0]).powi(2) + (own[i][1] - own[b][1]).powi(2))
                .fold(f32::MAX, f32::min);
            let w = (-d2 / (2.0 * 0.8 * 0.8)).exp();
            (w > 0.02).then_some((i, w))
        })
        .collect()
}

/// Gaussian elimination with pivoting; the matrix is positive definite by its damping.
fn solve(mut a: [[f32; COMPONENTS + 1]; COMPONENTS]) -> [f32; COMPONENTS] {
    for i in 0..COMPONENTS {
        let pivot = (i..COMPONENTS)
            .max_by(|&p, &q| a[p][i].abs().total_cmp(&a[q][i].abs()))
            .unwrap_or(i);
        a.swap(i, pivot);
        for r in i + 1..COMPONENTS {
            let f = a[r][i] / a[i][i];
            let above = a[i];
            for (value, above) in a[r].iter_mut().zip(above).skip(i) {
                *value -= f * above;
            }
        }
    }
    let mut x = [0.0; COMPONENTS];
    for i in (0..COMPONENTS).rev() {
        let rest: f32 = (i + 1..COMPONENTS).map(|c| a[i][c] * x[c]).sum();
        x[i] = (a[i][COMPONENTS] - rest) / a[i][i];
    }
    x
}
