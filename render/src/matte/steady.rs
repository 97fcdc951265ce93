//! Evening out over the frames before and after, as far as the picture stays: all of a video is known, so that nothing lags.

use super::plane::Plane;

/// Colours (the sum of three differences, 0 to 3) that differ by this much count by half.
const DIFFERS: f32 = 0.06;
/// Luma codes up to which a pixel is the same, and from which it is another.
const SAME: i32 = 3;
const OTHER: i32 = 12;

/// One frame of a window around another.
pub(super) struct Near<'a> {
    /// Frames between the two, at most [`Weights::reach`].
    pub distance: usize,
    pub person: &'a Plane,
    /// Red, green and blue without noise.
    pub colours: &'a [Plane; 3],
}

/// How much a frame counts by its distance.
pub(super) struct Weights(Vec<f32>);

impl Weights {
    /// A bell of this deviation, in frames.
    pub fn new(deviation: f64) -> Self {
        let reach = (2.0 * deviation).round().max(1.0) as usize;
        Self((0..=reach).map(|d| (-0.5 * (d as f64 / deviation).powi(2)).exp() as f32).collect())
    }

    pub fn reach(&self) -> usize {
        self.0.len() - 1
    }
}

/// The person's likelihood in a frame (the one at distance 0) and around it.
pub(super) fn likelihood(window: &[Near], weights: &Weights) -> Option<Plane> {
    let centre = window.iter().find(|n| n.distance == 0)?;
    let mut sum = centre.person.clone();
    let mut total = vec![1.0f32; sum.data.len()];
    for near in window.iter().filter(|n| n.distance > 0) {
        let most = weights.0[near.distance];
        let [r, g, b] = [0, 1, 2].map(|c| (&near.colours[c].data[..], &centre.colours[c].data[..]));
        for (i, (sum, total)) in sum.data.iter_mut().zip(&mut total).enumerate() {
            let off = (r.0[i] - r.1[i]).abs() + (g.0[i] - g.1[i]).abs() + (b.0[i] - b.1[i]).abs();
            let off = off / DIFFERS;
            let weight = most / (1.0 + off * off);
            *sum += weight * near.person.data[i];
            *total += weight;
        }
    }
    for (sum, total) in sum.data.iter_mut().zip(&total) {
        *sum /= total;
    }
    Some(sum)
}

/// One frame at its full size.
pub(super) struct Frame {
    pub alpha: Vec<u8>,
    /// Without noise.
    pub luma: Vec<u8>,
}

/// Alpha of the frame `centre` of a window: the mean over those in which a pixel looks the same.
pub(super) fn alpha(window: &[&Frame], centre: usize, weights: &Weights) -> Vec<u8> {
    let here = window[centre];
    let mut out = here.alpha.clone();
    let others: Vec<(&Frame, i32)> = (0..window.len())
        .filter(|k| *k != centre)
        .map(|k| (window[k], (weights.0[k.abs_diff(centre)] * 256.0) as i32))
        .collect();
    for (i, out) in out.iter_mut().enumerate() {
        let own = here.alpha[i];
        if others.iter().all(|(f, _)| f.alpha[i] == own) {
            continue;
        }
        let (mut sum, mut total) = (i32::from(own) * 256, 256);
        for (frame, most) in &others {
            let off = (i32::from(frame.luma[i]) - i32::from(here.luma[i])).abs();
            let weight = most * (OTHER - off.max(SAME)).max(0) / (OTHER - SAME);
            sum += weight * i32::from(frame.alpha[i]);
            total += weight;
        }
        *out = ((sum + total / 2) / total) as u8;
    }
    out
}

/// The mean of each 3×3.
pub(super) fn quiet(luma: &[u8], width: usize) -> Vec<u8> {
    let height = luma.len() / width;
    let mut sums = vec![0u16; width];
    let mut out = Vec::with_capacity(luma.len());
    for y in 0..height {
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)].map(|r| &luma[r * width..][..width]);
        for (x, sum) in sums.iter_mut().enumerate() {
            *sum = rows.iter().map(|row| u16::from(row[x])).sum();
        }
        for x in 0..width {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            out.push(((sums[left] + sums[x] + sums[right] + 4) / 9) as u8);
        }
    }
    out
}
