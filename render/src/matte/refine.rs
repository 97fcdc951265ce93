//! From a rough person to clean edges.
//!
//! Two opinions are formed on a picture of about a megapixel and asked again at every pixel of the full one. A guided
//! filter (He 2010, 2015) follows the picture's edges, whatever their colour. And where the person and what is behind
//! have colours of their own, a pixel's place on the line between those two says how much of each it holds; that finds
//! single hairs. The second is believed as far as the colours differ and the pixel lies on the line.

use crate::matte::coarse::Coarse;
use crate::matte::plane::Plane;
use crate::media::{Planes, to_rgb_unit};

/// What is known at one pixel of the small picture.
#[derive(Clone, Copy, Default)]
struct Known {
    /// 1 where the person surely is, 1 where surely not.
    inside: f32,
    outside: f32,
    /// Guided filter: alpha is `slope . colour + offset`.
    slope: [f32; 3],
    offset: f32,
    /// The person's colour around here, and that of what is behind.
    front: [f32; 3],
    back: [f32; 3],
    /// 0 where what looks like the person does not hang together with it.
    attached: f32,
}

/// Knows alpha and the person's own colour everywhere.
pub(super) struct Edges {
    width: usize,
    height: usize,
    known: Vec<Known>,
}

/// Smoothness of the guided filter: a contrast of the root of this, 1.4 %, is an edge.
const EPSILON: f32 = 2e-4;
/// Colours that differ by this much (of 1) are believed by half.
const COLOURS_DIFFER: f32 = 0.15;
/// A pixel this far off the line between the two colours is believed by a third.
const OFF_THE_LINE: f32 = 0.10;

impl Edges {
    pub fn new(rgb: &[Plane; 3], coarse: &Coarse) -> Self {
        let person = &coarse.person;
        let inner = (2.0 * coarse.cell).max(2.0);
        // Hair reaches out further than clothes are eaten into.
        let outer = (3.5 * coarse.cell).max(2.0);
        let inside = person
            .depth(|p| p > 0.9)
            .map(|d| f32::from(u8::from(d > inner)))
            .zip(&coarse.face, f32::max);
        let outside = person.depth(|p| p < 0.1).map(|d| f32::from(u8::from(d > outer)));

        let (slope, offset) = guided(rgb, person, (3.0 * coarse.cell).round().max(2.0) as usize);
        let front = surroundings(rgb, &inside, inner + outer);
        let back = surroundings(rgb, &outside, inner + outer);
        let known = (0..person.data.len())
            .map(|i| Known {
                inside: inside.data[i],
                outside: outside.data[i],
                slope: std::array::from_fn(|c| slope[c].data[i]),
                offset: offset.data[i],
                front: std::array::from_fn(|c| front[c].data[i]),
                back: std::array::from_fn(|c| back[c].data[i]),
                attached: 1.0,
            })
            .collect();
        let mut edges = Self {
            width: person.width,
            height: person.height,
            known,
        };
        edges.detach(rgb);
        edges
    }

    /// Finds crumbs: things behind the person, in the person's colours, within the band where edges are looked for.
    fn detach(&mut self, rgb: &[Plane; 3]) {
        let alpha = Plane::new(self.width, self.height, |i| {
            let colour = std::array::from_fn(|c| rgb[c].data[i]);
            self.at((i % self.width) as f32 + 0.5, (i / self.width) as f32 + 0.5, colour).0
        });
        let inside = |i: usize| self.known[i].inside > 0.5;
        let reached = alpha.reached((0..self.known.len()).filter(|&i| inside(i)), |a| a > 0.3);
        // One pixel around, so that soft rims stay.
        let attached = reached.mean(1).map(|m| f32::from(u8::from(m > 0.0)));
        for (known, &attached) in self.known.iter_mut().zip(&attached.data) {
            known.attached = attached;
        }
    }

    /// Alpha, and the person's colour without what shone through, for a pixel of this colour (0 to 1) at a place of
    /// the small picture.
    pub fn at(&self, x: f32, y: f32, colour: [f32; 3]) -> (f32, [f32; 3]) {
        let here = self.sample(x, y);
        if here.inside > 0.999 {
            return (1.0, colour);
        }
        if here.outside > 0.999 {
            return (0.0, here.front);
        }
        let alpha = here.alpha(colour) * (1.0 - here.inside) * (1.0 - here.outside) * here.attached + here.inside;
        // The last per cent either way is noise.
        let alpha = ((alpha - 0.03) / 0.94).clamp(0.0, 1.0);
        if alpha == 1.0 {
            return (1.0, colour);
        }
        (alpha, here.cleaned(colour, alpha))
    }

    /// Alpha of every pixel of a frame that was shrunk by `shrink`, a byte each.
    pub fn alphas(&self, frame: &Planes, shrink: usize) -> Vec<u8> {
        let place = |i: usize| (i as f32 + 0.5) / shrink as f32;
        let left = |i: usize, most: usize| (place(i) - 0.5).clamp(0.0, most as f32 - 1.0) as usize;
        let certain = self.certain();
        let columns: Vec<usize> = (0..frame.width).map(|x| left(x, self.width)).collect();
        let mut out = Vec::with_capacity(frame.width * frame.height);
        for y in 0..frame.height {
            let row = &certain[left(y, self.height) * self.width..][..self.width];
            for (x, &column) in columns.iter().enumerate() {
                out.push(row[column].unwrap_or_else(|| {
                    let colour = to_rgb_unit(colour_at(frame, x, y)).map(|v| v.clamp(0.0, 1.0));
                    (self.at(place(x), place(y), colour).0 * 255.0).round() as u8
                }));
            }
        }
        out
    }

    /// Alpha between a pixel of the small picture and its neighbours right and below, where there is no doubt of it.
    fn certain(&self) -> Vec<Option<u8>> {
        (0..self.known.len())
            .map(|i| {
                let (right, below) = (
                    usize::from(i % self.width + 1 < self.width),
                    if i + self.width < self.known.len() { self.width } else { 0 },
                );
                let four = [i, i + right, i + below, i + below + right].map(|k| &self.known[k]);
                if four.iter().all(|k| k.inside == 1.0) {
                    Some(255)
                } else if four.iter().all(|k| k.outside == 1.0 && k.inside == 0.0) {
                    Some(0)
                } else {
                    None
                }
            })
            .collect()
    }

    /// Bilinear.
    fn sample(&self, x: f32, y: f32) -> Known {
        let u = (x - 0.5).clamp(0.0, self.width as f32 - 1.0);
        let v = (y - 0.5).clamp(0.0, self.height as f32 - 1.0);
        let (x0, y0) = (u as usize, v as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (ax, ay) = (u - x0 as f32, v - y0 as f32);
        let corners = [
            (y0 * self.width + x0, (1.0 - ax) * (1.0 - ay)),
            (y0 * self.width + x1, ax * (1.0 - ay)),
            (y1 * self.width + x0, (1.0 - ax) * ay),
            (y1 * self.width + x1, ax * ay),
        ];
        let first = self.known[corners[0].0];
        // Most pixels are surely one or the other: spare them the sums.
        if corners.iter().all(|&(i, _)| self.known[i].inside == 1.0) {
            return first;
        }
        let mut sum = Known::default();
        for (i, weight) in corners {
            let known = &self.known[i];
            sum.inside += weight * known.inside;
            sum.outside += weight * known.outside;
            sum.offset += weight * known.offset;
            sum.attached += weight * known.attached;
            for c in 0..3 {
                sum.slope[c] += weight * known.slope[c];
                sum.front[c] += weight * known.front[c];
                sum.back[c] += weight * known.back[c];
            }
        }
        sum
    }
}

impl Known {
    fn alpha(&self, colour: [f32; 3]) -> f32 {
        let guided = self.offset + (0..3).map(|c| self.slope[c] * colour[c]).sum::<f32>();
        let guided = ((guided - 0.15) / 0.7).clamp(0.0, 1.0);

        let axis: [f32; 3] = std::array::from_fn(|c| self.front[c] - self.back[c]);
        let length = axis.iter().map(|v| v * v).sum::<f32>();
        let along = (0..3).map(|c| (colour[c] - self.back[c]) * axis[c]).sum::<f32>() / length.max(1e-4);
        let placed = along.clamp(0.0, 1.0);
        let off = (0..3).map(|c| (colour[c] - self.back[c] - placed * axis[c]).powi(2)).sum::<f32>();
        let belief = length / (length + COLOURS_DIFFER * COLOURS_DIFFER) * (-off / (OFF_THE_LINE * OFF_THE_LINE)).exp();
        // Noise of the picture would leave a veil over the background and pinholes in the person.
        let line = ((along - 0.12) / 0.76).clamp(0.0, 1.0);
        belief * line + (1.0 - belief) * guided
    }
}

impl Known {
    fn cleaned(&self, colour: [f32; 3], alpha: f32) -> [f32; 3] {
        cleaned(self.front, self.back, colour, alpha).map(|v| v.clamp(0.0, 1.0))
    }
}

/// The person's own colour in a pixel of this colour and alpha; all between 0 and 1, `front` and `back` are the colours around it.
pub(super) fn cleaned(front: [f32; 3], back: [f32; 3], colour: [f32; 3], alpha: f32) -> [f32; 3] {
    // Forte 2021: the local colour, corrected by what the mixture of the two leaves unexplained.
    let correction: [f32; 3] = std::array::from_fn(|c| {
        let mixed = alpha * front[c] + (1.0 - alpha) * back[c];
        alpha * (colour[c] - mixed)
    });
    // Where alpha is too high, some background is among it: no correction goes towards that.
    let axis: [f32; 3] = std::array::from_fn(|c| back[c] - front[c]);
    let length = axis.iter().map(|v| v * v).sum::<f32>().max(1e-4);
    let spill = ((0..3).map(|c| correction[c] * axis[c]).sum::<f32>() / length).max(0.0) * (1.0 - alpha * alpha);
    std::array::from_fn(|c| front[c] + correction[c] - spill * axis[c])
}

/// The codes of a pixel, chroma read between its samples.
fn colour_at(frame: &Planes, x: usize, y: usize) -> [f32; 3] {
    let (width, height) = (frame.width / 2, frame.height / 2);
    let pair = |i: usize, most: usize| {
        let other = if i.is_multiple_of(2) {
            (i / 2).saturating_sub(1)
        } else {
            (i / 2 + 1).min(most - 1)
        };
        [(i / 2, 0.75), (other, 0.25)]
    };
    let chroma = |plane: &[u8]| {
        let mut sum = 0.0;
        for (row, wy) in pair(y, height) {
            for (column, wx) in pair(x, width) {
                sum += wx * wy * f32::from(plane[row * width + column]);
            }
        }
        sum
    };
    [f32::from(frame.y[y * frame.width + x]), chroma(&frame.u), chroma(&frame.v)]
}

/// The guided filter's coefficients: `person` as a local linear function of the colour.
fn guided(rgb: &[Plane; 3], person: &Plane, radius: usize) -> ([Plane; 3], Plane) {
    let means: [Plane; 3] = std::array::from_fn(|c| rgb[c].mean(radius));
    let mean = person.mean(radius);
    let products = |a: &Plane, b: &Plane| a.zip(b, |x, y| x * y).mean(radius);
    let with: [Plane; 3] = std::array::from_fn(|c| products(&rgb[c], person));
    let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
    let squares = pairs.map(|(a, b)| products(&rgb[a], &rgb[b]));

    let mut slope: [Plane; 3] = std::array::from_fn(|_| mean.map(|_| 0.0));
    let mut offset = mean.clone();
    for i in 0..mean.data.len() {
        let m: [f32; 3] = std::array::from_fn(|c| means[c].data[i]);
        let mut covariance = [0.0; 6];
        for (k, (a, b)) in pairs.into_iter().enumerate() {
            covariance[k] = squares[k].data[i] - m[a] * m[b] + if a == b { EPSILON } else { 0.0 };
        }
        let target = std::array::from_fn(|c| with[c].data[i] - m[c] * mean.data[i]);
        let solved = solve(covariance, target);
        for c in 0..3 {
            slope[c].data[i] = solved[c];
            offset.data[i] -= solved[c] * m[c];
        }
    }
    (slope.map(|plane| plane.mean(radius)), offset.mean(radius))
}

/// Solves a symmetric 3 x 3 system, given as xx, xy, xz, yy, yz, zz.
fn solve([xx, xy, xz, yy, yz, zz]: [f32; 6], [x, y, z]: [f32; 3]) -> [f32; 3] {
    let (a, b, c) = (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy);
    let (d, e, f) = (xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy);
    // Positive, for the diagonal holds EPSILON; rounding may still eat it.
    let determinant = (xx * a + xy * b + xz * c).max(1e-13);
    [
        (a * x + b * y + c * z) / determinant,
        (b * x + d * y + e * z) / determinant,
        (c * x + e * y + f * z) / determinant,
    ]
}

/// The mean colour of the marked pixels around each pixel: of near ones where there are any, else of far ones.
///
/// What reaches far is smooth: it is reckoned on squares of pixels, and read between them.
pub(super) fn surroundings(rgb: &[Plane; 3], marked: &Plane, reach: f32) -> [Plane; 3] {
    let side = (reach / 2.0).round().max(1.0) as usize;
    let reach = reach / side as f32;
    let sum = |of: &dyn Fn(usize) -> f32| marked.squares(side, of);
    let weight = sum(&|i| marked.data[i]);
    let colours: [Plane; 3] = std::array::from_fn(|c| sum(&|i| marked.data[i] * rgb[c].data[i]));
    let mut sums: [Plane; 3] = std::array::from_fn(|_| weight.map(|_| 0.0));
    let mut total = weight.map(|_| 1e-9);
    for (spread, much) in [(1.0, 1.0), (3.0, 0.02), (10.0, 0.0005)] {
        total = total.zip(&weight.blur(reach * spread), |t, b| t + much * b);
        for c in 0..3 {
            sums[c] = sums[c].zip(&colours[c].blur(reach * spread), |s, v| s + much * v);
        }
    }
    sums.map(|sum| sum.zip(&total, |s, t| s / t).between(side, (marked.width, marked.height)))
}
