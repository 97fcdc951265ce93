//! Where the person is, roughly: the segmentation net on the whole picture and again on head and shoulders.

use crate::error::{Error, Kind, Result};
use crate::face::Landmarks;
use crate::matte::plane::Plane;
use crate::model::{Net, Tensor};

/// Side of the net's input and output.
const SIDE: usize = 256;

/// The person's likelihood, and what the net could resolve.
pub(super) struct Coarse {
    /// 0 to 1.
    pub person: Plane,
    /// 1 within the tracked face: there is no doubt about that, and nothing of it may become transparent.
    pub face: Plane,
    /// Pixels of the plane that one pixel of the net covers, at the head.
    pub cell: f32,
}

/// Where the head is, in pixels of the plane.
pub(crate) struct Subject {
    /// Left, top, right, bottom of the face.
    bbox: [f32; 4],
    /// Its outline and the nose's tip, where it is seen.
    face: Option<([[f32; 2]; OVAL.len()], [f32; 2])>,
}

impl Subject {
    /// `landmarks` and `bbox` in pixels of a picture that was shrunk by `shrink`.
    pub fn new(landmarks: &Landmarks, bbox: [f32; 4], shrink: f32) -> Self {
        let at = |i: usize| [landmarks[i][0] / shrink, landmarks[i][1] / shrink];
        Self {
            bbox: bbox.map(|v| v / shrink),
            face: Some((OVAL.map(at), at(NOSE))),
        }
    }

    /// The same head where its face is not seen.
    #[must_use]
    pub fn unseen(self) -> Self {
        Self { face: None, ..self }
    }

    fn size(&self) -> f32 {
        let [left, top, right, bottom] = self.bbox;
        (right - left).max(bottom - top)
    }

    /// Head and shoulders as in the pictures that the net was taught on.
    fn bust(&self) -> Window {
        let [left, top, right, bottom] = self.bbox;
        let size = self.size();
        Window {
            left: (left + right) / 2.0 - 1.7 * size,
            top: (top + bottom) / 2.0 - 1.4 * size,
            width: 3.4 * size,
            height: 3.4 * size,
        }
    }

    /// A face that fills the picture leaves nothing to look closer at.
    fn is_small(&self, (width, height): (f32, f32)) -> bool {
        self.bust().width < 1.3 * width.max(height)
    }
}

/// A rectangle of the plane, in its pixels; it may reach beyond.
#[derive(Clone, Copy)]
struct Window {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

/// How likely each pixel is the person, 0 to 1, as far as the net can tell; `rgb` is 0 to 1.
pub(super) fn likelihood(rgb: &[Plane; 3], subject: &Subject, net: &Net) -> Result<Plane> {
    let (width, height) = (rgb[0].width as f32, rgb[0].height as f32);
    let whole = Window {
        left: 0.0,
        top: 0.0,
        width,
        height,
    };
    let (bust, size) = (subject.bust(), subject.size());
    let far = segment(rgb, whole, net)?;
    let near = match subject.is_small((width, height)) {
        true => Some(segment(rgb, bust, net)?),
        false => None,
    };
    Ok(Plane::new(rgb[0].width, rgb[0].height, |i| {
        let (x, y) = ((i % rgb[0].width) as f32 + 0.5, (i / rgb[0].width) as f32 + 0.5);
        let first = logit(far.at(x, y));
        let sum = match &near {
            None => 2.0 * first,
            Some(near) => {
                // Near the window's own edges, but not where it meets the picture's, the net lacks surroundings.
                let inside = |v: f32, low: f32, span: f32, end: f32| {
                    let before = if low < 0.0 { f32::INFINITY } else { v - low };
                    let after = if low + span > end { f32::INFINITY } else { low + span - v };
                    before.min(after)
                };
                let room = inside(x, bust.left, bust.width, width).min(inside(y, bust.top, bust.height, height));
                let trust = (room / (0.35 * size) - 0.15).clamp(0.0, 1.0);
                let second = if trust > 0.0 { logit(near.at(x, y)) } else { 0.0 };
                (2.0 - trust) * first + trust * second
            }
        };
        1.0 / (1.0 + (-sum).exp())
    }))
}

/// One person without holes.
pub(super) fn settle(mut person: Plane, subject: &Subject) -> Coarse {
    let sides = (person.width as f32, person.height as f32);
    let size = subject.size();
    let inside = match &subject.face {
        Some((outline, [x, y])) => {
            let inside = face_mask(&person, outline);
            person = person.zip(&inside, f32::max);
            let nose = (y.max(0.0) as usize).min(person.height - 1) * person.width + (x.max(0.0) as usize).min(person.width - 1);
            keep_one(&mut person, nose);
            inside
        }
        None => {
            keep_largest(&mut person);
            person.map(|_| 0.0)
        }
    };
    fill_holes(&mut person, (0.6 * size).powi(2));
    let cell = match subject.is_small(sides) {
        true => subject.bust().width,
        false => sides.0.max(sides.1),
    };
    Coarse {
        person,
        face: inside,
        cell: (cell / SIDE as f32).max(1.0),
    }
}

/// The outline of the face, from the forehead clockwise, and the nose's tip.
const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132,
    93, 234, 127, 162, 21, 54, 103, 67, 109,
];
const NOSE: usize = 4;

/// 1 within the outline of the face, drawn in by a twentieth: the mesh may stand over the cheek by a little.
fn face_mask(like: &Plane, outline: &[[f32; 2]; OVAL.len()]) -> Plane {
    let middle: [f32; 2] = std::array::from_fn(|c| outline.iter().map(|p| p[c]).sum::<f32>() / OVAL.len() as f32);
    let outline = outline.map(|p| [0, 1].map(|c| middle[c] + (p[c] - middle[c]) * 0.95));
    let bounds = [0, 1].map(|c| {
        let all = outline.iter().map(|p| p[c]);
        (all.clone().fold(f32::MAX, f32::min), all.fold(f32::MIN, f32::max))
    });
    Plane::new(like.width, like.height, |i| {
        let (x, y) = ((i % like.width) as f32 + 0.5, (i / like.width) as f32 + 0.5);
        if x < bounds[0].0 || x > bounds[0].1 || y < bounds[1].0 || y > bounds[1].1 {
            return 0.0;
        }
        let crossings = (0..OVAL.len()).filter(|&k| {
            let (a, b) = (outline[k], outline[(k + 1) % OVAL.len()]);
            (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        });
        (crossings.count() % 2) as f32
    })
}

/// The net's answer on a window, to be read at places of the plane.
struct Answer {
    window: Window,
    data: Vec<f32>,
}

impl Answer {
    /// Bilinear.
    fn at(&self, x: f32, y: f32) -> f32 {
        let u = ((x - self.window.left) / self.window.width * SIDE as f32 - 0.5).clamp(0.0, SIDE as f32 - 1.0);
        let v = ((y - self.window.top) / self.window.height * SIDE as f32 - 0.5).clamp(0.0, SIDE as f32 - 1.0);
        let (x0, y0) = ((u as usize).min(SIDE - 2), (v as usize).min(SIDE - 2));
        let (ax, ay) = (u - x0 as f32, v - y0 as f32);
        let row = |y: usize| self.data[y * SIDE + x0] * (1.0 - ax) + self.data[y * SIDE + x0 + 1] * ax;
        row(y0) * (1.0 - ay) + row(y0 + 1) * ay
    }
}

fn segment(rgb: &[Plane; 3], window: Window, net: &Net) -> Result<Answer> {
    let (sx, sy) = (window.width / SIDE as f32, window.height / SIDE as f32);
    let (nx, ny) = (sx.ceil().max(1.0) as usize, sy.ceil().max(1.0) as usize);
    let mut input = Vec::with_capacity(SIDE * SIDE * 3);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let mut sum = [0.0; 3];
            for j in 0..ny {
                for i in 0..nx {
                    let px = window.left + (x as f32 + (i as f32 + 0.5) / nx as f32) * sx;
                    let py = window.top + (y as f32 + (j as f32 + 0.5) / ny as f32) * sy;
                    let column = (px.max(0.0) as usize).min(rgb[0].width - 1);
                    let row = (py.max(0.0) as usize).min(rgb[0].height - 1);
                    for c in 0..3 {
                        sum[c] += rgb[c].data[row * rgb[0].width + column];
                    }
                }
            }
            input.extend(sum.map(|v| v / (nx * ny) as f32));
        }
    }
    let mut outputs = net.run(&[Tensor::new(&[1, SIDE, SIDE, 3], input)])?;
    match outputs.pop() {
        Some(tensor) if tensor.data.len() == SIDE * SIDE => Ok(Answer { window, data: tensor.data }),
        _ => Err(Error::new(Kind::Internal, "the segmentation net gave no mask")),
    }
}

fn logit(p: f32) -> f32 {
    ((p + 0.004) / (1.004 - p)).ln()
}

/// Forgets whatever does not hang together with the face: other people, and things that look like clothes.
fn keep_one(person: &mut Plane, nose: usize) {
    let own = person.reached(std::iter::once(nose), |p| p > 0.5);
    for (value, own) in person.data.iter_mut().zip(&own.data) {
        if *own == 0.0 && *value > 0.5 {
            *value = 0.0;
        }
    }
}

/// The same where no face is seen: the largest part is the person.
fn keep_largest(person: &mut Plane) {
    let parts = parts(person, |p| p > 0.5);
    let mut sizes = vec![0usize; parts.iter().max().map_or(1, |&m| m as usize + 1)];
    for &part in parts.iter().filter(|p| **p != 0) {
        sizes[part as usize] += 1;
    }
    let largest = (0..sizes.len()).max_by_key(|i| sizes[*i]).unwrap_or(0) as u32;
    for (value, &part) in person.data.iter_mut().zip(&parts) {
        if part != 0 && part != largest {
            *value = 0.0;
        }
    }
}

/// Closes holes that do not touch the picture's border and are smaller than `most` pixels.
fn fill_holes(person: &mut Plane, most: f32) {
    let parts = parts(person, |p| p <= 0.5);
    let count = parts.iter().max().map_or(0, |&m| m as usize + 1);
    let mut sizes = vec![0usize; count];
    let mut open = vec![false; count];
    let (w, h) = (person.width, person.height);
    for (i, &part) in parts.iter().enumerate() {
        sizes[part as usize] += 1;
        let (x, y) = (i % w, i / w);
        open[part as usize] |= x == 0 || y == 0 || x == w - 1 || y == h - 1;
    }
    for (value, &part) in person.data.iter_mut().zip(&parts) {
        let part = part as usize;
        if *value <= 0.5 && !open[part] && (sizes[part] as f32) < most {
            *value = 1.0;
        }
    }
}

/// Numbers the connected parts of the pixels that `is` holds for, from 1 on; all others are 0.
fn parts(plane: &Plane, is: impl Fn(f32) -> bool) -> Vec<u32> {
    let mut numbers = vec![0u32; plane.data.len()];
    let mut next = 0;
    let mut open = Vec::new();
    for start in 0..numbers.len() {
        if numbers[start] != 0 || !is(plane.data[start]) {
            continue;
        }
        next += 1;
        numbers[start] = next;
        open.push(start);
        while let Some(here) = open.pop() {
            for neighbour in plane.neighbours(here) {
                if numbers[neighbour] == 0 && is(plane.data[neighbour]) {
                    numbers[neighbour] = next;
                    open.push(neighbour);
                }
            }
        }
    }
    numbers
}
