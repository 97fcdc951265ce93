//! A mouth of one frame written into another: both lower faces are warped to the same form, their colours brought together, and the one
//! laid over the other under a soft mask (Bregler 1997, Suwajanakorn 2017).

use super::facing::{facing, shares};
use super::outline::{Grid, depths};
use super::tone::Tone;
use crate::driver::Region;
use crate::driver::photo::field::Field;
use crate::driver::photo::mesh::{Inset, Mesh, touching};
use crate::driver::photo::sitter::{bounds, pitch, planes, warp_alpha, warp_planes};
use crate::driver::photo::topology::{OUTER_LOWER, OUTER_UPPER};
use crate::driver::photo::warp::Kernel;
use crate::face::Fit;
use crate::face::head::Head;
use crate::media::Planes;

/// From the nose's wings along the folds beside the mouth to the chin's front, clockwise in the picture from the person's right.
const LOWER_FACE: [usize; 19] = [
    98, 203, 206, 216, 212, 202, 204, 194, 201, 200, 421, 418, 424, 422, 432, 436, 426, 423, 327,
];
/// Canonical heights between which the new form comes in, cm: the nose stays the bed's.
const COMES_IN: (f32, f32) = (0.2, -1.9);
/// Half the width of the mask's soft edge, cm.
const FEATHER: f32 = 0.45;
/// Skin that is compared: so far outside the mask, and so far from the lips, cm.
const AROUND: f32 = 0.7;
const LIPS: f32 = 0.3;
/// Deviation of the blur under which colours are compared, cm.
const LOW: f32 = 0.9;
/// Skin that moves less than this is left alone, pixels.
const STILL: f32 = 0.02;

/// The face that is given another mouth.
pub struct Wearer<'a> {
    /// 468 points, pixels of the frame, whole numbers in their middles.
    pub points: &'a [[f32; 2]],
    pub fit: &'a Fit,
}

/// A picture that lends its mouth.
pub struct Lender<'a> {
    pub planes: &'a Planes,
    /// 468 points, pixels of `planes`.
    pub points: &'a [[f32; 2]],
    /// The direction to the camera, on the canonical head.
    pub view: [f64; 3],
    /// The weights of all lenders sum to 1.
    pub weight: f32,
}

/// How a mouth is put in.
pub struct Wear<'a> {
    /// The whole face as it shall be, canonical cm; only its lower part is taken.
    pub form: &'a [[f32; 3]],
    /// 0 to 1: from the mouth as filmed to the new one.
    pub drive: f32,
    pub kernel: Kernel,
}

/// Writes the lenders' mouth into a frame; what lies outside the lower face keeps its pixels. Where the person is cut out, its alpha (a byte a
/// pixel) goes with the jaw.
pub fn rewrite(frame: &mut Planes, alpha: Option<&mut [u8]>, wearer: &Wearer, lenders: &[Lender], wear: &Wear) {
    let scale = wearer.fit.scale as f32;
    let moved = displaced(wearer, wear);
    let mesh = Mesh::new(wearer.points, Inset { rim: 0.0, corner: 0.0 }, Head::get());
    let target = mesh.target(&moved);
    let outline = LOWER_FACE.map(|i| target[i]);
    let pitch = pitch(scale);
    let Some(region) = touched(&mesh, &target, &outline, scale, frame) else {
        return;
    };
    let skin = skin_field(&mesh, &target, region, pitch);
    let mut base = Planes::blank(region.width, region.height);
    warp_planes(&planes(frame), &skin, region, wear.kernel, &mut base);
    let Some(inner) = within(bounds(&outline, (FEATHER + AROUND) * scale), region, pitch) else {
        return;
    };
    let grid = Grid::covering(inner.x as f32, inner.y as f32, inner.width as f32, inner.height as f32, pitch);
    let (mut depth, mut lips) = (Vec::new(), Vec::new());
    depths(&outline, &grid, &mut depth);
    let ring: Vec<[f32; 2]> = OUTER_UPPER.iter().chain(OUTER_LOWER.iter().rev()).map(|&i| target[i]).collect();
    depths(&ring, &grid, &mut lips);
    let Some(mouth) = mixed(lenders, &target, inner, &grid, wear.kernel) else {
        return;
    };
    let weights: Vec<f32> = depth
        .iter()
        .zip(&lips)
        .map(|(d, l)| {
            let near = ((d / scale + AROUND) / 0.2).clamp(0.0, 1.0);
            near * ((-l / scale - LIPS) / 0.2).clamp(0.0, 1.0)
        })
        .collect();
    let inset = Region {
        x: inner.x - region.x,
        y: inner.y - region.y,
        ..inner
    };
    let under = crate::composite::overlay::cut(&base, inset);
    let tone = Tone::between(&mouth, &under, &Grid { x0: 0.0, y0: 0.0, ..grid }, &weights, LOW * scale);
    let strength = (2.0 * wear.drive).min(1.0);
    let views = lenders.iter().map(|l| l.view);
    let seen = facing(views.chain(std::iter::once(wearer.fit.rotation[2])));
    let mask: Vec<f32> = depth
        .iter()
        .zip(shares(&mesh, &target, &seen, &grid))
        .map(|(d, share)| {
            let t = ((d / scale + FEATHER) / (2.0 * FEATHER)).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t) * share
        })
        .collect();
    lay(&mouth, &tone, &mask, &grid, inset, &mut base);
    put(&base, strength, region, frame);
    if let Some(alpha) = alpha {
        warp_alpha(alpha, frame.width, &skin, region, strength);
    }
}

/// How far each point moves, pixels: nothing above the lower face.
fn displaced(wearer: &Wearer, wear: &Wear) -> Vec<[f32; 2]> {
    let own = &wearer.fit.points;
    wear.form
        .iter()
        .zip(own)
        .map(|(to, from)| {
            let share = f64::from(wear.drive * share(from[1] as f32));
            let d = wearer
                .fit
                .project_displacement(std::array::from_fn(|c| (f64::from(to[c]) - from[c]) * share));
            [d[0] as f32, d[1] as f32]
        })
        .collect()
}

/// How much of the new form a point at this canonical height takes.
fn share(y: f32) -> f32 {
    let t = ((COMES_IN.0 - y) / (COMES_IN.0 - COMES_IN.1)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The even part of the frame in which something changes; its corner lies on a node of the pitch.
fn touched(mesh: &Mesh, target: &[[f32; 2]], outline: &[[f32; 2]], scale: f32, frame: &Planes) -> Option<Region> {
    let moves = |i: u16| {
        let (a, b) = (mesh.home[usize::from(i)], target[usize::from(i)]);
        (a[0] - b[0]).abs().max((a[1] - b[1]).abs()) > STILL
    };
    let corners = mesh.triangles.iter().filter(|t| t.iter().any(|i| moves(*i))).flatten();
    let mut points: Vec<[f32; 2]> = corners.flat_map(|&i| [mesh.home[usize::from(i)], target[usize::from(i)]]).collect();
    let [left, top, right, low] = bounds(outline, (FEATHER + AROUND) * scale);
    points.extend([[left, top], [right, low]]);
    let [left, top, right, low] = bounds(&points, 4.0);
    let even = |v: f32, most: usize| (v.max(0.0) as usize & !1).min(most);
    let (x0, x1) = (even(left, frame.width), even(right + 2.0, frame.width));
    let (y0, y1) = (even(top, frame.height), even(low + 2.0, frame.height));
    (x1 > x0 && y1 > y0).then(|| Region {
        x: x0,
        y: y0,
        width: x1 - x0,
        height: y1 - y0,
    })
}

/// The part of a region that a box covers, its corner on even pixels.
fn within([left, top, right, low]: [f32; 4], region: Region, pitch: f32) -> Option<Region> {
    let step = (pitch as usize).max(2);
    let snap = |v: f32, origin: usize, size: usize| {
        let off = (v - origin as f32).clamp(0.0, size as f32) as usize;
        origin + off / step * step
    };
    let far = |v: f32, origin: usize, size: usize| ((v.max(0.0) as usize + 2) & !1).clamp(origin, origin + size);
    let (x, y) = (snap(left, region.x, region.width), snap(top, region.y, region.height));
    let (x1, y1) = (far(right, region.x, region.width), far(low, region.y, region.height));
    (x1 > x && y1 > y).then(|| Region {
        x,
        y,
        width: x1 - x,
        height: y1 - y,
    })
}

fn skin_field(mesh: &Mesh, target: &[[f32; 2]], region: Region, pitch: f32) -> Field {
    let (x0, y0) = (region.x as f32, region.y as f32);
    let mut skin = Field::covering(x0, y0, x0 + region.width as f32, y0 + region.height as f32, pitch);
    skin.rasterise(&mesh.triangles, target, &mesh.source);
    skin.smooth(&mut Vec::new());
    skin
}

/// The lenders' pixels, brought to the target.
fn mixed(lenders: &[Lender], target: &[[f32; 2]], inner: Region, grid: &Grid, kernel: Kernel) -> Option<Planes> {
    let triangles: Vec<[u16; 3]> = Head::get().triangles.iter().map(|t| t.map(|i| i as u16)).collect();
    let (x0, y0) = (inner.x as f32, inner.y as f32);
    let near = touching(&triangles, target, x0, y0, x0 + inner.width as f32, y0 + inner.height as f32);
    let mut pictures = lenders.iter().filter(|l| l.weight > 0.0).map(|lender| {
        let mut field = Field::covering(x0, y0, x0 + inner.width as f32, y0 + inner.height as f32, grid.pitch);
        // Where no triangle lies the picture goes on as at the mouth.
        let (a, b) = (lender.points[0], target[0]);
        field.dx.fill(a[0] - b[0]);
        field.dy.fill(a[1] - b[1]);
        field.rasterise(&near, target, lender.points);
        field.smooth(&mut Vec::new());
        let mut out = Planes::blank(inner.width, inner.height);
        warp_planes(&planes(lender.planes), &field, inner, kernel, &mut out);
        (out, lender.weight)
    });
    let (mut sum, mut weight) = pictures.next()?;
    for (picture, more) in pictures {
        weight += more;
        let part = (more / weight * 256.0).round() as i32;
        for (a, b) in [(&mut sum.y, &picture.y), (&mut sum.u, &picture.u), (&mut sum.v, &picture.v)] {
            for (a, b) in a.iter_mut().zip(b) {
                *a = (i32::from(*a) + (((i32::from(*b) - i32::from(*a)) * part + 128) >> 8)) as u8;
            }
        }
    }
    Some(sum)
}

/// Lays the mouth over the skin under the mask, its colours changed by the tone.
fn lay(mouth: &Planes, tone: &Tone, mask: &[f32], grid: &Grid, inset: Region, base: &mut Planes) {
    let ones = vec![1.0; tone.gain.len()];
    let zeros = vec![0.0; tone.gain.len()];
    let width = base.width;
    let planes = [
        (&mouth.y, &mut base.y, 1usize, &tone.gain, &zeros, 16.0f32),
        (&mouth.u, &mut base.u, 2, &ones, &tone.shift[0], 128.0),
        (&mouth.v, &mut base.v, 2, &ones, &tone.shift[1], 128.0),
    ];
    for (from, to, part, gain, shift, zero) in planes {
        let columns = inset.width / part;
        let (mut cover, mut times, mut plus) = (vec![0.0; columns], vec![0.0; columns], vec![0.0; columns]);
        for (row, from) in from.chunks_exact(columns).enumerate() {
            let y = (row * part) as f32 + (part as f32 - 1.0) / 2.0;
            across(mask, grid.columns, grid.pitch, y, part, &mut cover);
            if cover.iter().all(|c| *c == 0.0) {
                continue;
            }
            across(gain, tone.grid.columns, tone.grid.pitch, y, part, &mut times);
            across(shift, tone.grid.columns, tone.grid.pitch, y, part, &mut plus);
            let start = (inset.y / part + row) * (width / part) + inset.x / part;
            let to = &mut to[start..start + columns];
            for ((((to, from), m), g), s) in to.iter_mut().zip(from).zip(&cover).zip(&times).zip(&plus) {
                let under = f32::from(*to);
                let over = zero + (f32::from(*from) - zero) * g + s;
                *to = (under + (over - under) * m + 0.5).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// One row of pixels of values at the nodes of a grid, bilinear; `y` in luma pixels from the grid's corner.
fn across(values: &[f32], columns: usize, pitch: f32, y: f32, part: usize, out: &mut [f32]) {
    let rows = values.len() / columns;
    let gy = (y / pitch).clamp(0.0, (rows - 1) as f32 - 1e-3);
    let (j, fy) = (gy as usize, gy - gy.floor());
    let (top, low) = (
        &values[j * columns..][..columns],
        &values[(j + 1).min(rows - 1) * columns..][..columns],
    );
    let at = |i: usize| top[i] + (low[i] - top[i]) * fy;
    let cell = pitch as usize / part;
    let centre = (part as f32 - 1.0) / 2.0;
    let mut a = at(0);
    for (i, pixels) in out.chunks_mut(cell).enumerate() {
        let b = at((i + 1).min(columns - 1));
        for (k, p) in pixels.iter_mut().enumerate() {
            *p = a + (b - a) * ((k * part) as f32 + centre) / pitch;
        }
        a = b;
    }
}

/// Puts the finished region into the frame; while the drive comes or goes, mixed with what is there.
fn put(patch: &Planes, strength: f32, region: Region, frame: &mut Planes) {
    let part = (strength * 256.0).round() as i32;
    let stride = frame.width;
    for (from, to, k) in [
        (&patch.y, &mut frame.y, 1),
        (&patch.u, &mut frame.u, 2),
        (&patch.v, &mut frame.v, 2),
    ] {
        for (row, from) in from.chunks_exact(region.width / k).enumerate() {
            let start = (region.y / k + row) * (stride / k) + region.x / k;
            let to = &mut to[start..start + from.len()];
            if part >= 256 {
                to.copy_from_slice(from);
            } else {
                for (t, f) in to.iter_mut().zip(from) {
                    *t = (i32::from(*t) + (((i32::from(*f) - i32::from(*t)) * part + 128) >> 8)) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Landmarks, fit};

    const SIDE: usize = 360;
    const SCALE: f32 = 18.0;

    /// The canonical head seen from the front, its mouth opened by `open` parts of the first direction.
    fn face(open: f64, at: (f32, f32)) -> Box<Landmarks> {
        let head = Head::get();
        let mut landmarks = Box::new([[0.0; 3]; 478]);
        for ((to, v), d) in landmarks.iter_mut().zip(&head.vertices).zip(&head.directions[0]) {
            let p: [f32; 3] = std::array::from_fn(|c| (v[c] + open * d[c]) as f32);
            *to = [SCALE * p[0] + at.0, -SCALE * p[1] + at.1, -SCALE * p[2]];
        }
        landmarks
    }

    fn flat(landmarks: &Landmarks) -> Vec<[f32; 2]> {
        landmarks[..468].iter().map(|p| [p[0], p[1]]).collect()
    }

    fn form(landmarks: &Landmarks) -> Vec<[f32; 3]> {
        fit(landmarks).points.iter().map(|p| p.map(|v| v as f32)).collect()
    }

    /// Skin with spots, `level` bright.
    fn skin(level: f32) -> Planes {
        let mut planes = Planes::blank(SIDE, SIDE);
        for (i, y) in planes.y.iter_mut().enumerate() {
            let (x, row) = ((i % SIDE) as f32, (i / SIDE) as f32);
            *y = (level + 12.0 * (x / 9.0).sin() * (row / 7.0).cos()) as u8;
        }
        planes.u.fill(112);
        planes.v.fill(150);
        planes
    }

    fn worn(frame: &Planes, own: &Landmarks, lender: &Planes, lent: &Landmarks, drive: f32) -> Planes {
        let mut made = frame.clone();
        let wearer = Wearer {
            points: &flat(own),
            fit: &fit(own),
        };
        let list = [Lender {
            planes: lender,
            points: &flat(lent),
            view: [0.0, 0.0, 1.0],
            weight: 1.0,
        }];
        let wear = Wear {
            form: &form(lent),
            drive,
            kernel: Kernel::Cubic,
        };
        rewrite(&mut made, None, &wearer, &list, &wear);
        made
    }

    #[test]
    fn above_the_lower_face_and_beyond_the_jaw_every_byte_stays() {
        let (frame, own) = (skin(130.0), face(0.0, (180.0, 150.0)));
        let (lender, lent) = (skin(90.0), face(2.5, (180.0, 150.0)));
        let made = worn(&frame, &own, &lender, &lent, 1.0);
        assert!(made != frame);
        // The highest triangle of which a part moves, and the outer ring.
        let head = Head::get();
        let moves = head
            .triangles
            .iter()
            .filter(|t| t.iter().any(|&i| share(head.vertices[i][1] as f32) > 0.0));
        let top = moves.flatten().map(|&i| own[i][1]).fold(f32::MAX, f32::min) as usize - 6;
        assert!(top as f32 > own[168][1], "the eyes are left alone");
        let side = (own[234][0] - 0.7 * 7.0 * SCALE).max(0.0) as usize;
        for (row, (a, b)) in frame.y.chunks_exact(SIDE).zip(made.y.chunks_exact(SIDE)).enumerate() {
            if row < top {
                assert_eq!(a, b, "row {row}");
            }
            assert_eq!(a[..side], b[..side]);
        }
        for (row, (a, b)) in frame.u.chunks_exact(SIDE / 2).zip(made.u.chunks_exact(SIDE / 2)).enumerate() {
            assert!(row * 2 >= top || a == b, "row {row}");
        }
    }

    #[test]
    fn its_own_mouth_changes_nothing_that_is_seen() {
        let (frame, own) = (skin(130.0), face(1.0, (180.0, 150.0)));
        let made = worn(&frame, &own, &frame, &own, 1.0);
        let most = frame.y.iter().zip(&made.y).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most <= Some(1), "{most:?}");
    }

    #[test]
    fn a_darker_lender_is_brought_to_the_wearers_light_from_any_place() {
        let (frame, own) = (skin(150.0), face(0.0, (180.0, 150.0)));
        let (lender, lent) = (skin(100.0), face(0.0, (153.0, 171.0)));
        let made = worn(&frame, &own, &lender, &lent, 1.0);
        let mean = |p: &Planes| {
            let [x, y] = [own[18][0] as usize, own[18][1] as usize];
            let near = (y - 20..y + 20).flat_map(|y| (x - 30..x + 30).map(move |x| y * SIDE + x));
            near.map(|i| f32::from(p.y[i])).sum::<f32>() / 2400.0
        };
        assert!((mean(&made) - mean(&frame)).abs() < 3.0, "{} {}", mean(&made), mean(&frame));
    }

    #[test]
    fn without_drive_the_frame_is_as_filmed() {
        let (frame, own) = (skin(130.0), face(0.0, (180.0, 150.0)));
        let made = worn(&frame, &own, &skin(90.0), &face(2.5, (180.0, 150.0)), 0.0);
        assert!(made == frame);
    }

    #[test]
    fn the_edge_of_a_cut_out_chin_goes_with_the_jaw() {
        let (frame, own) = (skin(130.0), face(0.0, (180.0, 150.0)));
        let lent = face(3.0, (180.0, 150.0));
        let (from, to) = (own[152][1], lent[152][1]);
        assert!(to > from + 6.0, "{from} {to}");
        // The person ends where the chin does.
        let mut alpha: Vec<u8> = (0..SIDE * SIDE).map(|i| if ((i / SIDE) as f32) < from { 255 } else { 0 }).collect();
        let mut made = frame.clone();
        let wearer = Wearer {
            points: &flat(&own),
            fit: &fit(&own),
        };
        let list = [Lender {
            planes: &frame,
            points: &flat(&lent),
            view: [0.0, 0.0, 1.0],
            weight: 1.0,
        }];
        let wear = Wear {
            form: &form(&lent),
            drive: 1.0,
            kernel: Kernel::Cubic,
        };
        rewrite(&mut made, Some(&mut alpha), &wearer, &list, &wear);
        let column = |x: usize| (0..SIDE).filter(|y| alpha[y * SIDE + x] > 127).count() as f32;
        assert!((column(180) - to).abs() < 2.5, "{} of {to}", column(180));
        assert_eq!(column(20), from.ceil());
    }

    #[test]
    fn a_face_at_the_edge_or_outside_is_drawn_as_far_as_it_is_seen() {
        let frame = skin(130.0);
        for at in [(20.0, 150.0), (350.0, 300.0), (180.0, -20.0), (-500.0, 100.0), (180.0, 900.0)] {
            let made = worn(&frame, &face(0.0, at), &frame, &face(2.0, (180.0, 150.0)), 1.0);
            assert_eq!(made.y.len(), frame.y.len());
        }
    }
}
