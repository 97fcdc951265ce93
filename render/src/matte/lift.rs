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

/// Takes what was behind out of the colours of every pixel that holds both.
pub(crate) fn lift(frame: &mut Planes, alpha: &[u8]) {
    let side = (frame.width.min(frame.height) / SQUARES).max(2) & !1;
    let (columns, rows) = (frame.width.div_ceil(side), frame.height.div_ceil(side));
    let Some((front, back)) = colours(frame, alpha, side, (columns, rows)) else {
        return;
    };
    let (width, half) = (frame.width, frame.width / 2);
    for (row, pair) in alpha.chunks_exact(width * 2).enumerate() {
        let (top, low) = pair.split_at(width);
        for x in 0..half {
            let four = [top[2 * x], top[2 * x + 1], low[2 * x], low[2 * x + 1]];
            if four == [255; 4] || four == [0; 4] {
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
                if a < 1.0 {
                    frame.y[luma] = code(cleaned(front, back, [y, own[0], own[1]], a)[0]);
                }
            }
            let [a, y] = mean;
            let [_, u, v] = cleaned(front, back, [y, own[0], own[1]], a);
            (frame.u[chroma], frame.v[chroma]) = (code(u), code(v));
        }
    }
}

/// The colours of the person and of what is behind around each square; `None` where there is only one of them.
fn colours(frame: &Planes, alpha: &[u8], side: usize, (columns, rows): (usize, usize)) -> Option<([Plane; 3], [Plane; 3])> {
    let blank = || Plane::new(columns, rows, |_| 0.0);
    let mut sums: [([Plane; 3], Plane); 2] = std::array::from_fn(|_| (std::array::from_fn(|_| blank()), blank()));
    let (width, half) = (frame.width, frame.width / 2);
    for (row, pair) in alpha.chunks_exact(width * 2).enumerate() {
        let (top, low) = pair.split_at(width);
        let squares = 2 * row / side * columns;
        for x in 0..half {
            let four = [top[2 * x], top[2 * x + 1], low[2 * x], low[2 * x + 1]];
            let (most, least) = (four.into_iter().max().unwrap_or(0), four.into_iter().min().unwrap_or(0));
            let which = if least >= PERSON {
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
}
