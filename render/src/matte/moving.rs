//! The person of a whole video, frame by frame.
//!
//! What the net says of each frame is evened out over its neighbours; then each frame's edges are found in its own full picture, and what is
//! left of flicker where nothing moves is evened out once more. Memory is that of a few frames, however long the video is.

use std::collections::VecDeque;

use super::coarse::{self, Subject};
use super::plane::Plane;
use super::refine::Edges;
use super::steady::{self, Frame, Near, Weights};
use super::{MatteNet, progress};
use crate::error::{Error, Kind, Result};
use crate::media::{Planes, to_rgb_unit};

/// Longer side of the frames that edges are reasoned on.
const WORKING_SIDE: usize = 512;
/// Deviations of the means over time, seconds: of the net's answers, and of alpha.
const ANSWERS: f64 = 0.08;
const ALPHA: f64 = 0.05;
/// Frames that each thread is given at once.
const BATCH: usize = 3;

/// A video whose person is to be cut out.
pub(crate) struct Moving<'a> {
    pub net: &'a MatteNet,
    /// Sides of the frames; both are even.
    pub size: (usize, usize),
    pub frames: usize,
    pub fps: f64,
    pub threads: usize,
    /// The head in a frame (pixels shrunk by the second number), and whether the video was cut before it.
    pub subject: &'a (dyn Fn(usize, f32) -> (Subject, bool) + Sync),
}

/// A frame in small, and what the net said of it.
struct Seen {
    rgb: [Plane; 3],
    quiet: [Plane; 3],
    person: Plane,
    subject: Subject,
    cut: bool,
    /// Until its edges are found.
    frame: Option<Planes>,
}

impl Moving<'_> {
    /// `read` gives the frames and `write` takes their alpha, a byte a pixel, both in order; `alive` hears how many were written.
    pub fn run(
        &self,
        read: &mut dyn FnMut(&mut Planes) -> Result<()>,
        write: &mut dyn FnMut(&[u8]) -> Result<()>,
        alive: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let (answers, alphas) = (Weights::new(ANSWERS * self.fps), Weights::new(ALPHA * self.fps));
        let batch = BATCH * self.threads.max(1);
        let (mut seen, mut drawn) = (VecDeque::<Seen>::new(), VecDeque::<(Frame, bool)>::new());
        // Frames that were let go of at the front of both.
        let (mut left, mut gone) = (0, 0);
        let (mut looked, mut refined, mut written) = (0, 0, 0);
        let mut spare: Vec<Planes> = Vec::new();
        while written < self.frames {
            let ahead = (refined + batch + answers.reach()).min(self.frames);
            let mut fresh = Vec::new();
            for index in looked..ahead {
                let mut frame = spare.pop().unwrap_or_else(|| Planes::blank(self.size.0, self.size.1));
                read(&mut frame)?;
                fresh.push((index, frame));
            }
            looked = ahead;
            let found = self.each(fresh, |(index, frame)| self.look(index, frame), &mut || alive(written))?;
            seen.extend(found);

            let until = (refined + batch).min(looked);
            let window = |index: usize| around(index, answers.reach(), left, looked, |i| seen[i - left].cut);
            let jobs: Vec<(usize, std::ops::Range<usize>)> = (refined..until).map(|i| (i, window(i))).collect();
            let edges = |(index, window): (usize, std::ops::Range<usize>)| {
                let near: Vec<Near> = window
                    .map(|k| Near {
                        distance: k.abs_diff(index),
                        person: &seen[k - left].person,
                        colours: &seen[k - left].quiet,
                    })
                    .collect();
                self.edges(&seen[index - left], &near, &answers)
            };
            let found = self.each(jobs, edges, &mut || alive(written))?;
            drawn.extend(found.into_iter().zip(refined..until).map(|(frame, i)| (frame, seen[i - left].cut)));
            spare.extend((refined..until).filter_map(|i| seen[i - left].frame.take()));
            refined = until;
            while left + answers.reach() < refined {
                seen.pop_front();
                left += 1;
            }

            while written < refined && (written + alphas.reach() < refined || refined == self.frames) {
                let window = around(written, alphas.reach(), gone, refined, |i| drawn[i - gone].1);
                let frames: Vec<&Frame> = window.clone().map(|i| &drawn[i - gone].0).collect();
                write(&steady::alpha(&frames, written - window.start, &alphas))?;
                written += 1;
                alive(written)?;
                while gone + alphas.reach() < written {
                    drawn.pop_front();
                    gone += 1;
                }
            }
        }
        Ok(())
    }

    fn look(&self, index: usize, frame: Planes) -> Result<Seen> {
        let shrink = self.shrink();
        let (subject, cut) = (self.subject)(index, shrink as f32);
        let rgb = shrunk(&frame, shrink);
        Ok(Seen {
            person: coarse::likelihood(&rgb, &subject, &self.net.0)?,
            quiet: [0, 1, 2].map(|c: usize| rgb[c].mean(1)),
            rgb,
            subject,
            cut,
            frame: Some(frame),
        })
    }

    fn edges(&self, seen: &Seen, near: &[Near], weights: &Weights) -> Result<Frame> {
        let lost = || Error::new(Kind::Internal, "a frame was let go of too early");
        let frame = seen.frame.as_ref().ok_or_else(lost)?;
        let person = steady::likelihood(near, weights).ok_or_else(lost)?;
        let edges = Edges::new(&seen.rgb, &coarse::settle(person, &seen.subject));
        Ok(Frame {
            alpha: edges.alphas(frame, self.shrink()),
            luma: steady::quiet(&frame.y, frame.width),
        })
    }

    fn shrink(&self) -> usize {
        self.size.0.max(self.size.1).div_ceil(WORKING_SIDE).max(1)
    }

    /// Does something to each of a few things, in threads; the results are in order.
    fn each<T: Send, R: Send>(
        &self,
        things: Vec<T>,
        work: impl Fn(T) -> Result<R> + Sync,
        alive: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Vec<R>> {
        let share = things.len().div_ceil(self.threads.max(1)).max(1);
        let mut parts: Vec<Vec<T>> = Vec::new();
        for thing in things {
            match parts.last_mut() {
                Some(part) if part.len() < share => part.push(thing),
                _ => parts.push(vec![thing]),
            }
        }
        let work = &work;
        let all = || {
            std::thread::scope(|scope| {
                let threads: Vec<_> = parts
                    .into_iter()
                    .map(|part| scope.spawn(move || part.into_iter().map(work).collect::<Result<Vec<R>>>()))
                    .collect();
                let mut results = Vec::new();
                for thread in threads {
                    let part = thread
                        .join()
                        .map_err(|_| Error::new(Kind::Internal, "a thread that cuts out ended early"))?;
                    results.extend(part?);
                }
                Ok(results)
            })
        };
        progress::aside(all, alive)
    }
}

/// Frames around one, from `first` on and before `end`, that no cut parts from it.
fn around(index: usize, reach: usize, first: usize, end: usize, cut: impl Fn(usize) -> bool) -> std::ops::Range<usize> {
    let low = index.saturating_sub(reach).max(first);
    let high = (index + reach + 1).min(end);
    let start = (low + 1..=index).rev().find(|i| cut(*i)).unwrap_or(low);
    let stop = (index + 1..high).find(|i| cut(*i)).unwrap_or(high);
    start..stop
}

/// Red, green and blue, each the mean of a square of `shrink` pixels; the last ones may be cut off.
fn shrunk(frame: &Planes, shrink: usize) -> [Plane; 3] {
    let (width, height) = (frame.width.div_ceil(shrink), frame.height.div_ceil(shrink));
    let luma = means(&frame.y, (frame.width, frame.height), shrink as f32, (width, height));
    let half = (frame.width / 2, frame.height / 2);
    let [u, v] = [&frame.u, &frame.v].map(|plane| means(plane, half, shrink as f32 / 2.0, (width, height)));
    let mut rgb: [Plane; 3] = std::array::from_fn(|_| Plane::new(width, height, |_| 0.0));
    for i in 0..width * height {
        let colour = to_rgb_unit([luma[i], u[i], v[i]]);
        for c in 0..3 {
            rgb[c].data[i] = colour[c].clamp(0.0, 1.0);
        }
    }
    rgb
}

/// Means over squares of `step` pixels, of what of them lies inside; a step below one reads between pixels.
fn means(plane: &[u8], (columns, rows): (usize, usize), step: f32, (width, height): (usize, usize)) -> Vec<f32> {
    if step < 1.0 {
        // Chroma of a frame that is not shrunk: three parts of the near sample and one of the far.
        let place = |i: usize, most: usize| {
            let at = ((i as f32 + 0.5) * step - 0.5).clamp(0.0, (most - 1) as f32);
            (at as usize, (at as usize + 1).min(most - 1), at - at.floor())
        };
        let mut out = Vec::with_capacity(width * height);
        for y in 0..height {
            let (y0, y1, fy) = place(y, rows);
            for x in 0..width {
                let (x0, x1, fx) = place(x, columns);
                let row = |y: usize| f32::from(plane[y * columns + x0]) * (1.0 - fx) + f32::from(plane[y * columns + x1]) * fx;
                out.push(row(y0) * (1.0 - fy) + row(y1) * fy);
            }
        }
        return out;
    }
    let ends = |i: usize, most: usize| {
        let first = ((i as f32 * step) as usize).min(most - 1);
        (first, (((i + 1) as f32 * step).ceil() as usize).clamp(first + 1, most))
    };
    let across: Vec<(usize, usize)> = (0..width).map(|x| ends(x, columns)).collect();
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, bottom) = ends(y, rows);
        for &(left, right) in &across {
            let mut sum = 0u32;
            for row in top..bottom {
                sum += plane[row * columns + left..row * columns + right]
                    .iter()
                    .map(|v| u32::from(*v))
                    .sum::<u32>();
            }
            out.push(sum as f32 / ((right - left) * (bottom - top)) as f32);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_parts_frames() {
        assert_eq!(around(5, 3, 0, 20, |_| false), 2..9);
        assert_eq!(around(5, 3, 3, 7, |_| false), 3..7);
        assert_eq!(around(5, 3, 0, 20, |i| i == 5), 5..9);
        assert_eq!(around(5, 3, 0, 20, |i| i == 4 || i == 7), 4..7);
        assert_eq!(around(0, 3, 0, 1, |i| i == 0), 0..1);
    }

    #[test]
    fn a_shrunk_frame_has_the_colours_of_the_frame() {
        let red = [200, 30, 40];
        for shrink in 1..5 {
            let small = shrunk(&Planes::filled(22, 14, red).unwrap(), shrink);
            assert_eq!(
                (small[0].width, small[0].height),
                (22usize.div_ceil(shrink), 14usize.div_ceil(shrink))
            );
            for (plane, code) in small.iter().zip(red) {
                assert!(plane.data.iter().all(|v| (v * 255.0 - f32::from(code)).abs() < 2.0));
            }
        }
    }
}
