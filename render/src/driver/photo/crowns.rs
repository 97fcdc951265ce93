//! One person's upper teeth, read from a frame that shows them: as reflectance on the plane of the drawn ones, so that they stay with the skull
//! and take each frame's light as those do.

use super::aperture::Aperture;
use super::light::{Light, luma, redness};
use super::oral::{self, TeethPlane, UPPER_EDGE, smooth};
use super::shape;
use super::teeth::Arch;
use super::topology::{INNER_LOWER, INNER_UPPER, UPPER_MIDDLE};
use crate::face::Fit;

/// Cells a cm: those of the frame's own pixels, but so many at least and at most.
const CELLS: (f32, f32) = (16.0, 120.0);
/// Where upper teeth are looked for, cm: either side of the middle, below and above the usual biting edge.
const HALF: f32 = 2.4;
const BELOW: f32 = 0.25;
const ABOVE: f32 = 0.95;
/// So far from the lips' rims what is between them begins to count, and counts wholly: cm, and at least so many pixels.
const RIM: (f32, f32) = (0.03, 0.09);
const RIM_PIXELS: (f32, f32) = (0.6, 1.6);
/// The least share of light that what stands in the shade of lips is taken to get.
const DIMMEST: f32 = 0.5;
/// Less is no sight of teeth: cm², and pixels.
const LEAST: (f32, f32) = (0.15, 24.0);
/// How far what is seen is continued towards the gum and towards the biting edge, and in which it passes into drawn teeth at its sides, cm.
const TO_GUM: f32 = 0.45;
const TO_EDGE: f32 = 0.15;
const SIDES: f32 = 0.25;
/// Between teeth it may be dark over so much, cm.
const PARTED: f32 = 0.12;
/// How much darker it is below the biting edge than above, part; and how far from it either is looked at, cm.
const STEP: f32 = 0.12;
const NEAR: f32 = 0.06;
/// Where the biting edge may be, cm above the usual place, and what each cm off it must gain.
const EDGES: (f32, f32) = (-0.12, 0.24);
const UNUSUAL: f32 = 0.8;
/// How the biting edge may curve up to the sides, cm at a distance of 1 cm.
const CURVES: [f32; 5] = [0.0, 0.02, 0.04, 0.06, 0.08];
/// How far the colour of drawn teeth may go to that of seen ones.
const TINT: (f32, f32) = (0.55, 1.3);

/// What lies between the lips in one frame.
pub struct Shown<'a> {
    pub fit: &'a Fit,
    /// The face's points in pixels.
    pub points: &'a [[f32; 2]],
    /// The same on the canonical head, cm.
    pub own: &'a [[f32; 3]],
    /// The closed lips' line, canonical y.
    pub lip_line: f32,
    /// This frame's.
    pub light: Light,
    pub haze: [f32; 3],
    /// The colour (0..255, sRGB) at a place in pixels.
    pub colour: &'a dyn Fn(f32, f32) -> [f32; 3],
}

/// The biting edge: how far above the usual place it lies in the middle, cm, and how much higher at a distance of 1 cm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Edge {
    pub middle: f32,
    pub curve: f32,
}

impl Edge {
    /// cm above the usual place.
    pub fn at(self, x: f32) -> f32 {
        self.middle + self.curve * x * x
    }
}

/// Teeth that were seen.
pub struct Crowns {
    per_cm: f32,
    columns: usize,
    rows: usize,
    /// Reflectance, row by row from the lowest, leftmost cell on.
    own: Vec<[f32; 3]>,
    /// How far each cell is seen, and how far what is seen is tooth.
    seen: Vec<[f32; 2]>,
    /// How much each cell counts against a drawn one.
    cover: Vec<f32>,
    edge: Edge,
    /// The more is seen of them, the brighter and the sharper, the better.
    pub merit: f32,
}

impl Crowns {
    /// `None` where a frame does not show enough of them.
    pub fn seen(shown: &Shown) -> Option<Self> {
        let mut crowns = Self::look(shown);
        let (mut teeth, mut bright) = (0.0, 0.0);
        for ([seen, tooth], own) in crowns.seen.iter().zip(&crowns.own) {
            teeth += seen * tooth;
            bright += seen * tooth * luma(*own);
        }
        let area = teeth / crowns.per_cm.powi(2);
        if area < LEAST.0 || area * (shown.fit.scale as f32).powi(2) < LEAST.1 {
            return None;
        }
        let frontal = (shown.fit.rotation[2][2] as f32).max(0.0);
        crowns.merit = area * (bright / teeth) * frontal.powi(4) * (0.3 + crowns.sharpness());
        crowns.edge = crowns.biting_edge();
        crowns.fill();
        Some(crowns)
    }

    fn look(shown: &Shown) -> Self {
        let scale = shown.fit.scale as f32;
        let ring = |ids: &[usize]| ids.iter().map(|&i| shown.points[i]).collect::<Vec<_>>();
        let aperture = Aperture::new(&ring(&INNER_UPPER), &ring(&INNER_LOWER), 1.0, shape::CONTACT * scale);
        let project = |p: [f32; 3]| {
            let [x, y, _] = shown.fit.project(p.map(f64::from));
            [x as f32, y as f32]
        };
        let plane = TeethPlane::new(project, shown.own[UPPER_MIDDLE][2]);
        let middle = oral::middle(shown.own);
        let (white, limit) = (luma(shown.light.white), shown.light.redness_of_teeth());
        let (near, far) = (RIM.0.max(RIM_PIXELS.0 / scale), RIM.1.max(RIM_PIXELS.1 / scale));
        let per_cm = scale.clamp(CELLS.0, CELLS.1);
        let (columns, rows) = ((2.0 * HALF * per_cm) as usize, ((BELOW + ABOVE) * per_cm) as usize);
        let mut crowns = Self {
            per_cm,
            columns,
            rows,
            own: vec![[0.0; 3]; columns * rows],
            seen: vec![[0.0; 2]; columns * rows],
            cover: vec![0.0; columns * rows],
            edge: Edge::default(),
            merit: 0.0,
        };
        for n in 0..columns * rows {
            let [side, v] = crowns.place(n);
            let [x, y] = plane.to(side + middle, shown.lip_line - UPPER_EDGE + v);
            let at = aperture.place(x, y);
            let within = at.below_upper.min(at.above_lower) / scale;
            if within <= near || !(0.0..1.0).contains(&at.along) {
                continue;
            }
            let shade = oral::shade(&at, scale).max(DIMMEST);
            let colour = (shown.colour)(x, y);
            crowns.own[n] = std::array::from_fn(|k| {
                let lit = (colour[k] - shown.haze[k]) / (1.0 - shown.haze[k] / 255.0);
                (lit / (shade * shown.light.white[k])).clamp(0.0, 1.3)
            });
            let bright = smooth((luma(colour) / (white * shade) - 0.28) / 0.16);
            let pale = smooth((limit + 0.03 - redness(colour)) / 0.08);
            crowns.seen[n] = [smooth((within - near) / (far - near)), bright * pale];
        }
        crowns
    }

    /// cm from the middle and above the usual biting edge.
    fn place(&self, n: usize) -> [f32; 2] {
        [
            ((n % self.columns) as f32 + 0.5) / self.per_cm - HALF,
            ((n / self.columns) as f32 + 0.5) / self.per_cm - BELOW,
        ]
    }

    fn cell(&self, x: f32, v: f32) -> Option<usize> {
        let (i, j) = ((x + HALF) * self.per_cm, (v + BELOW) * self.per_cm);
        let inside = i >= 0.0 && j >= 0.0 && i < self.columns as f32 && j < self.rows as f32;
        inside.then(|| j as usize * self.columns + i as usize)
    }

    fn is_tooth(&self, n: usize) -> bool {
        self.seen[n][0] > 0.9 && self.seen[n][1] > 0.5
    }

    /// How quickly brightness changes along the teeth, a part of it a cm: 0 to about 1.
    fn sharpness(&self) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0f32);
        for n in (1..self.own.len()).filter(|&n| self.is_tooth(n) && self.is_tooth(n - 1)) {
            let (a, b) = (luma(self.own[n - 1]), luma(self.own[n]));
            sum += (a - b).abs() / (a + b).max(0.1) * 2.0 * self.per_cm;
            count += 1.0;
        }
        (sum / count.max(1.0)).min(1.0)
    }

    /// Where it gets dark below the teeth; where that is hidden, the usual place, or as low as teeth are seen.
    fn biting_edge(&self) -> Edge {
        let columns: Vec<f32> = (-12..=12).map(|k| k as f32 * 0.1).collect();
        let level = |x: f32, v: f32| {
            let n = self.cell(x, v).filter(|&n| self.seen[n][0] > 0.5)?;
            Some((luma(self.own[n]), self.seen[n][1]))
        };
        let step = |edge: Edge| {
            // Far apart so that soft edges are found, and near so that they are found where they are.
            let steps = columns.iter().filter_map(|&x| {
                let v = edge.at(x);
                let fall = |near: f32| {
                    let ((above, tooth), (below, _)) = (level(x, v + near)?, level(x, v - near)?);
                    (tooth > 0.5).then(|| (above - below) / above.max(0.05))
                };
                Some((fall(NEAR)? + fall(NEAR / 3.0).unwrap_or(0.0)) / 2.0)
            });
            let (sum, count) = steps.fold((0.0, 0), |(s, n), v| (s + v, n + 1));
            (count * 3 >= columns.len()).then(|| sum / count as f32 - UNUSUAL * edge.middle.abs())
        };
        let steps = ((EDGES.1 - EDGES.0) / 0.01) as usize;
        let best = (0..=steps)
            .flat_map(|k| {
                CURVES.map(|curve| Edge {
                    middle: EDGES.0 + k as f32 * 0.01,
                    curve,
                })
            })
            .filter_map(|edge| Some((step(edge)?, edge)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, edge)) = best.filter(|(step, _)| *step > STEP) {
            return edge;
        }
        let mut lowest: Vec<f32> = (0..self.columns).filter_map(|i| Some(self.place(self.teeth_of(i)?.0)[1])).collect();
        lowest.sort_by(f32::total_cmp);
        Edge {
            middle: lowest.get(lowest.len() / 2).copied().unwrap_or(0.0).clamp(EDGES.0, 0.0),
            curve: 0.0,
        }
    }

    /// The lowest and the highest cell of a column that are tooth.
    fn teeth_of(&self, column: usize) -> Option<(usize, usize)> {
        let mut cells = (0..self.rows).map(|j| j * self.columns + column).filter(|&n| self.is_tooth(n));
        let low = cells.next()?;
        Some((low, cells.next_back().unwrap_or(low)))
    }

    /// Continues what was seen, and says how much each cell counts.
    fn fill(&mut self) {
        let seen: Vec<Option<(usize, usize)>> = (0..self.columns).map(|i| self.teeth_of(i)).collect();
        let gap = (PARTED * self.per_cm).ceil() as usize;
        // Dark places between teeth take part as those beside them do.
        let near = |i: usize| -> Option<(usize, usize)> {
            let beside = |k: usize| seen.get(i.wrapping_sub(k)).copied().flatten();
            let (a, b) = ((0..=gap).find_map(beside), (0..=gap).find_map(|k| *seen.get(i + k)?));
            a.zip(b).map(|(a, b)| {
                if seen[i].is_some() {
                    seen[i].unwrap_or(a)
                } else {
                    (a.0.max(b.0), a.1.min(b.1))
                }
            })
        };
        let spans: Vec<Option<(usize, usize)>> = (0..self.columns)
            .map(|i| near(i).map(|(l, h)| (l / self.columns, h / self.columns)))
            .collect();
        let source = self.own.clone();
        for i in 0..self.columns {
            let Some((low, high)) = spans[i].filter(|(l, h)| l <= h) else {
                continue;
            };
            let reach = (SIDES * self.per_cm).ceil() as usize;
            let end = (0..reach).find(|&d| {
                let missing = |k: Option<usize>| k.is_none_or(|k| spans.get(k).is_none_or(Option::is_none));
                missing(i.checked_sub(d)) || missing(Some(i + d))
            });
            let side = smooth(end.unwrap_or(reach) as f32 / reach as f32);
            for j in 0..self.rows {
                let n = j * self.columns + i;
                let (from, away, most) = match j {
                    _ if j > high => (high, j - high, TO_GUM),
                    _ if j < low => (low, low - j, TO_EDGE),
                    _ => (j, 0, 1.0),
                };
                let (whole, part) = (source[from * self.columns + i], self.seen[n][0]);
                self.own[n] = std::array::from_fn(|k| whole[k] + (source[n][k] - whole[k]) * part);
                let continued = smooth(1.0 - away as f32 / self.per_cm / most);
                self.cover[n] = side * continued.max(part);
            }
        }
    }

    /// What drawn teeth are multiplied with to look like these, red, green and blue.
    pub fn tint(&self, drawn: &Arch) -> [f32; 3] {
        let (mut own, mut other) = ([0.0f32; 3], [1e-3f32; 3]);
        for n in (0..self.own.len()).filter(|&n| self.is_tooth(n)) {
            let [x, v] = self.place(n);
            let cell = drawn.at(x, v - self.edge.at(x));
            for k in 0..3 {
                own[k] += self.own[n][k] * cell[3];
                other[k] += cell[k] * cell[3];
            }
        }
        std::array::from_fn(|k| (own[k] / other[k]).clamp(TINT.0, TINT.1))
    }

    pub fn edge(&self) -> Edge {
        self.edge
    }

    /// Reflectance and how much it counts, `v` cm above the teeth's own edge; and, near that edge, how far it is tooth, if that is known.
    pub fn at(&self, x: f32, v: f32) -> ([f32; 4], [f32; 2]) {
        let (gx, gy) = ((x + HALF) * self.per_cm - 0.5, (v + self.edge.at(x) + BELOW) * self.per_cm - 0.5);
        if gx < 0.0 || gy < 0.0 || gx >= self.columns as f32 - 1.0 || gy >= self.rows as f32 - 1.0 {
            return ([0.0; 4], [0.0; 2]);
        }
        let (i, j) = (gx as usize, gy as usize);
        let (fx, fy) = (gx - i as f32, gy - j as f32);
        let n = j * self.columns + i;
        let cells = [
            (n, (1.0 - fx) * (1.0 - fy)),
            (n + 1, fx * (1.0 - fy)),
            (n + self.columns, (1.0 - fx) * fy),
            (n + self.columns + 1, fx * fy),
        ];
        let (mut cell, mut seen) = ([0.0; 4], [0.0; 2]);
        for (n, weight) in cells {
            // Cells of which nothing is known have no colour to give.
            let cover = weight * self.cover[n];
            for (value, own) in cell.iter_mut().zip(self.own[n]) {
                *value += cover * own;
            }
            cell[3] += cover;
            seen[0] += weight * self.seen[n][0];
            seen[1] += weight * self.seen[n][1];
        }
        let cover = cell[3].max(1e-6);
        ([cell[0] / cover, cell[1] / cover, cell[2] / cover, cell[3]], seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::photo::shape::{MouthRig, Rest};
    use crate::face::head::Head;
    use crate::mouth::MouthShape;

    const SCALE: f64 = 30.0;
    const LIGHT: Light = Light {
        white: [230.0; 3],
        upper_lip: [150.0, 90.0, 90.0],
        lower_lip: [160.0, 95.0, 95.0],
    };
    const GREEN: [f32; 3] = [110.0, 190.0, 120.0];

    /// The canonical head, its lips apart; `inside`: the colour at cm from the middle and above the usual biting edge.
    fn seen(gap: f32, inside: &dyn Fn(f32, f32) -> [f32; 3]) -> Option<Crowns> {
        let head = Head::get();
        let vertices: Vec<[f32; 3]> = head.vertices.iter().map(|p| p.map(|v| v as f32)).collect();
        let [_, width, upper, chin] = shape::measure(&vertices);
        let rest = Rest { width, upper, chin };
        let rig = MouthRig::resting(vertices, rest, head);
        let own = rig.target(
            &MouthShape {
                gap,
                ..MouthShape::default()
            },
            0.0,
        );
        let fit = Fit {
            scale: SCALE,
            rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            translation: [400.0, -300.0, 0.0],
            points: own.iter().map(|p| p.map(f64::from)).collect(),
        };
        let project = |p: [f32; 3]| {
            let [x, y, _] = fit.project(p.map(f64::from));
            [x as f32, y as f32]
        };
        let points: Vec<[f32; 2]> = own.iter().map(|p| project(*p)).collect();
        let plane = TeethPlane::new(project, own[UPPER_MIDDLE][2]);
        let (middle, lip_line) = (oral::middle(&own), rig.lip_line());
        let colour = |x: f32, y: f32| {
            let [x, y] = plane.at(x, y);
            inside(x - middle, y - lip_line + UPPER_EDGE)
        };
        Crowns::seen(&Shown {
            fit: &fit,
            points: &points,
            own: &own,
            lip_line,
            light: LIGHT,
            haze: [0.0; 3],
            colour: &colour,
        })
    }

    fn hue(c: [f32; 4]) -> f32 {
        c[1] / c[0]
    }

    #[test]
    fn teeth_are_worn_where_they_were_seen_and_end_where_they_ended() {
        // One tooth is green; below their edge, lower than usual, it is dark.
        let teeth = |x: f32, v: f32| match (x, v) {
            _ if v < -0.08 => [40.0, 20.0, 20.0],
            _ if (0.05..0.75).contains(&x) => GREEN,
            _ => [190.0, 185.0, 165.0],
        };
        let crowns = seen(0.6, &teeth).expect("teeth are seen");
        assert!((crowns.edge().middle + 0.08).abs() < 0.035, "{:?}", crowns.edge());
        let drawn = Arch::upper(40.0, 7);
        let worn = Arch::upper(40.0, 7).tinted(crowns.tint(&drawn)).wearing(&crowns);
        // Also above, where the lip hid it, a tooth is what it is below.
        for v in [0.0, 0.15, 0.25] {
            assert!(hue(worn.at(0.4, v)) > 1.4, "{v}: {:?}", worn.at(0.4, v));
            assert!(hue(worn.at(-0.4, v)) < 1.1, "{v}: {:?}", worn.at(-0.4, v));
        }
        assert!(hue(drawn.at(0.4, 0.2)) < 1.1);
        assert!(
            worn.at(0.4, 0.0)[3] > 0.9 && worn.at(0.4, -0.14)[3] < 0.2,
            "they end where they ended"
        );
        assert!(
            drawn.at(0.4, -0.04)[3] < 0.2 && worn.at(0.4, -0.04)[3] > 0.6,
            "that is lower than usual"
        );
    }

    #[test]
    fn where_no_teeth_are_seen_none_are_taken() {
        assert!(seen(0.6, &|_, _| [60.0, 25.0, 25.0]).is_none(), "a dark mouth");
        assert!(seen(0.6, &|_, _| [190.0, 110.0, 110.0]).is_none(), "a tongue");
        assert!(seen(0.05, &|_, _| [190.0, 185.0, 165.0]).is_none(), "lips that are shut");
    }

    #[test]
    fn more_teeth_and_brighter_ones_are_better() {
        let white = |_: f32, v: f32| if v < 0.0 { [40.0, 20.0, 20.0] } else { [190.0, 185.0, 165.0] };
        let merit = |gap: f32, inside: &dyn Fn(f32, f32) -> [f32; 3]| seen(gap, inside).map_or(0.0, |c| c.merit);
        assert!(merit(0.6, &white) > merit(0.35, &white));
        assert!(merit(0.6, &white) > merit(0.6, &|x, v| white(x, v).map(|c| c * 0.7)));
    }
}
