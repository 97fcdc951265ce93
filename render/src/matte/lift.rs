//! A person's own colours at its soft edges, where a frame shows a mixture with what was behind.

use super::plane::Plane;
use super::refine::{cleaned, surroundings};
use crate::media::Planes;

/// Squares of the frame in which colours are gathered, of its shorter side, and how far they reach, in squares.
const SQUARES: usize = 64;
const REACH: f32 = 1.5;
/// Alpha from which a pixel is the person alone, and up to which it is nothing of it.
const PERSON: u8 = 242;
const NOTHING: u8 = 12;

/// How near a soft edge the person's colours may be gathered.
const CLEAN: f32 = 0.1;
/// How much of what was behind a pixel that counts as the person alone may hold one and two pairs of pixels beside a soft edge: cameras and their
/// codecs smear colours further than shapes.
const SMEARED: [f32; 2] = [1.0, 0.6];

/// Takes what was behind out of the colours of every pixel that holds both.
pub(crate) fn lift(frame: &mut Planes, alpha: &[u8]) {
    let side = (frame.width.min(frame.height) / SQUARES).max(2) & !1;
    let (columns, rows) = (frame.width.div_ceil(side), frame.height.div_ceil(side));
    let (width, half) = (frame.width, frame.width / 2);
    let smeared = smeared(alpha, width);
    let Some((front, back)) = colours(frame, alpha, &smeared, side, (columns, rows)) else {
        return;
    };
    for (row, pair) in alpha.chunks_exact(width * 2).enumerate() {
        let (top, low) = pair.split_at(width);
        for x in 0..half {
            let four = [top[2 * x], top[2 * x + 1], low[2 * x], low[2 * x + 1]];
            let smear = smeared[row * half + x];
            if smear == 0.0 || four == [0; 4] {
                continue;
            }
            let at = |plane: &[Plane; 3]| near(plane, (2 * x + 1) as f32 / side as f32, (2 * row + 1) as f32 / side as f32);
            let (front, back) = (at(&front), at(&back));
            let chroma = row * half + x;
            let own = [frame.u[chroma], frame.v[chroma]].map(unit);
            let mut mean = [0.0, 0.0];
            for (k, a) in four.into_iter().enumerate() {
                let luma = (2 * row + k / 2) * width + 2 * x + k % 2;
                let (a, y) = (unit(a), unit(frame.y[luma]));
                mean = [mean[0] + a / 4.0, mean[1] + y / 4.0];
                frame.y[luma] = code(person(front, back, [y, own[0], own[1]], a, smear)[0]);
            }
            let [a, y] = mean;
            let [_, u, v] = person(front, back, [y, own[0], own[1]], a, smear);
            (frame.u[chroma], frame.v[chroma]) = (code(u), code(v));
        }
    }
}

/// The person's own colour, without what lies towards the colour behind.
fn person(front: [f32; 3], back: [f32; 3], colour: [f32; 3], alpha: f32, smear: f32) -> [f32; 3] {
    let colour = if alpha < 1.0 { cleaned(front, back, colour, alpha) } else { colour };
    let axis: [f32; 3] = std::array::from_fn(|c| back[c] - front[c]);
    let length = axis.iter().map(|v| v * v).sum::<f32>().max(1e-4);
    let along = (0..3).map(|c| (colour[c] - front[c]) * axis[c]).sum::<f32>() / length;
    // What lies further off than a smear reaches is the person's.
    let spill = along.clamp(0.0, 1.0) * (1.0 - ((along - 0.25) / 0.25).clamp(0.0, 1.0)) * smear;
    std::array::from_fn(|c| colour[c] - spill * axis[c])
}

/// How near each 2×2 is to a soft edge: 0 is far.
fn smeared(alpha: &[u8], width: usize) -> Vec<f32> {
    let half = width / 2;
    let soft: Vec<u8> = alpha
        .chunks_exact(width * 2)
        .flat_map(|pair| {
            let (top, low) = pair.split_at(width);
            let twos = top.as_chunks::<2>().0.iter().zip(low.as_chunks::<2>().0);
            twos.map(|(a, b)| 255 - a[0].min(a[1]).min(b[0]).min(b[1]))
        })
        .collect();
    let mut near = soft;
    let mut out = vec![0.0f32; near.len()];
    for most in SMEARED {
        near = widened(&near, half);
        for (out, n) in out.iter_mut().zip(&near) {
            *out = out.max(most * unit(*n));
        }
    }
    out
}

/// The most of each value and its eight neighbours.
fn widened(values: &[u8], width: usize) -> Vec<u8> {
    let height = values.len() / width;
    let mut across = values.to_vec();
    for (row, out) in values.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for (out, pair) in out.iter_mut().zip(&row[1..]) {
            *out = (*out).max(*pair);
        }
        for (out, pair) in out[1..].iter_mut().zip(row) {
            *out = (*out).max(*pair);
        }
    }
    let mut out = across.clone();
    for y in 0..height {
        for other in [y.checked_sub(1), Some(y + 1).filter(|r| *r < height)].into_iter().flatten() {
            let from = &across[other * width..][..width];
            for (to, v) in out[y * width..][..width].iter_mut().zip(from) {
                *to = (*to).max(*v);
            }
        }
    }
    out
}

/// The colours of the person and of what is behind around each square; `None` where there is only one of them.
fn colours(
    frame: &Planes,
    alpha: &[u8],
    smeared: &[f32],
    side: usize,
    (columns, rows): (usize, usize),
) -> Option<([Plane; 3], [Plane; 3])> {
    let blank = || Plane::new(columns, rows, |_| 0.0);
    let mut sums: [([Plane; 3], Plane); 2] = std::array::from_fn(|_| (std::array::from_fn(|_| blank()), blank()));
    let (width, half) = (frame.width, frame.width / 2);
    for (row, pair) in alpha.chunks_exact(width * 2).enumerate() {
        let (top, low) = pair.split_at(width);
        let squares = 2 * row / side * columns;
        for x in 0..half {
            let four = [top[2 * x], top[2 * x + 1], low[2 * x], low[2 * x + 1]];
            let (most, least) = (four.into_iter().max().unwrap_or(0), four.into_iter().min().unwrap_or(0));
            let which = if least >= PERSON && smeared[row * half + x] < CLEAN {
                0
            } else if most <= NOTHING {
                1
            } else {
                continue;
            };
            let (sum, count) = &mut sums[which];
            let (at, luma) = (squares + 2 * x / side, 2 * row * width + 2 * x);
            let y = [luma, luma + 1, luma + width, luma + width + 1]
                .iter()
                .map(|&i| unit(frame.y[i]))
                .sum::<f32>()
                / 4.0;
            sum[0].data[at] += y;
            sum[1].data[at] += unit(frame.u[row * half + x]);
            sum[2].data[at] += unit(frame.v[row * half + x]);
            count.data[at] += 1.0;
        }
    }
    let most = (side / 2 * (side / 2)) as f32;
    let mut found = sums.into_iter().map(|(sum, count)| {
        count.data.iter().any(|n| *n > 0.0).then(|| {
            let mean = sum.map(|plane| plane.zip(&count, |s, n| s / n.max(1.0)));
            surroundings(&mean, &count.map(|n| n / most), REACH)
        })
    });
    Some((found.next()??, found.next()??))
}

/// Bilinear; squares lie around their middles.
fn near(planes: &[Plane; 3], x: f32, y: f32) -> [f32; 3] {
    let (width, height) = (planes[0].width, planes[0].height);
    let (u, v) = ((x - 0.5).clamp(0.0, (width - 1) as f32), (y - 0.5).clamp(0.0, (height - 1) as f32));
    let (x0, y0) = (u as usize, v as usize);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let (ax, ay) = (u - x0 as f32, v - y0 as f32);
    std::array::from_fn(|c| {
        let row = |y: usize| planes[c].data[y * width + x0] * (1.0 - ax) + planes[c].data[y * width + x1] * ax;
        row(y0) * (1.0 - ay) + row(y1) * ay
    })
}

fn unit(code: u8) -> f32 {
    f32::from(code) / 255.0
}

fn code(unit: f32) -> u8 {
    (unit * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::to_yuv;

    #[test]
    fn the_old_background_is_taken_out_of_a_soft_edge() {
        let (front, back) = (to_yuv([220, 170, 140]), to_yuv([20, 60, 200]));
        let mut frame = Planes::blank(96, 64);
        let cover = |x: usize| (((x as f32 - 40.0) / 16.0).clamp(0.0, 1.0) * 255.0) as u8;
        let mix = |x: usize, c: usize| {
            let a = f32::from(cover(x)) / 255.0;
            (f32::from(front[c]) * a + f32::from(back[c]) * (1.0 - a)).round() as u8
        };
        for (i, y) in frame.y.iter_mut().enumerate() {
            *y = mix(i % 96, 0);
        }
        for i in 0..frame.u.len() {
            (frame.u[i], frame.v[i]) = (mix(i % 48 * 2, 1), mix(i % 48 * 2, 2));
        }
        let alpha: Vec<u8> = (0..96 * 64).map(|i| cover(i % 96)).collect();
        lift(&mut frame, &alpha);
        for x in 42..96 {
            assert!(frame.y[32 * 96 + x].abs_diff(front[0]) < 6, "{x}: {}", frame.y[32 * 96 + x]);
            assert!(frame.u[16 * 48 + x / 2].abs_diff(front[1]) < 8 && frame.v[16 * 48 + x / 2].abs_diff(front[2]) < 8);
        }
        assert_eq!((frame.y[10], frame.y[95]), (back[0], front[0]));
    }

    #[test]
    fn a_rim_that_counts_as_the_person_is_cleaned_and_what_is_further_in_is_not() {
        let (front, back) = (to_yuv([220, 170, 140]), to_yuv([20, 60, 200]));
        let mut frame = Planes::filled(96, 64, [220, 170, 140]).unwrap();
        // A tenth of what was behind, by its edge and far from it.
        let tinted = |c: usize| (f32::from(front[c]) * 0.9 + f32::from(back[c]) * 0.1).round() as u8;
        for i in 0..96 * 64 {
            match i % 96 {
                0..40 => frame.y[i] = back[0],
                40..44 | 60..64 => frame.y[i] = tinted(0),
                _ => {}
            }
        }
        for i in 0..frame.u.len() {
            match i % 48 {
                0..20 => (frame.u[i], frame.v[i]) = (back[1], back[2]),
                20..22 | 30..32 => (frame.u[i], frame.v[i]) = (tinted(1), tinted(2)),
                _ => {}
            }
        }
        let before = frame.clone();
        let alpha: Vec<u8> = (0..96 * 64).map(|i| if i % 96 < 40 { 0 } else { 255 }).collect();
        lift(&mut frame, &alpha);
        let row = 32 * 96;
        assert!(frame.y[row + 40].abs_diff(front[0]) <= 2 && frame.u[16 * 48 + 20].abs_diff(front[1]) <= 2);
        assert_eq!(frame.y[row + 48..row + 96], before.y[row + 48..row + 96]);
    }
}
