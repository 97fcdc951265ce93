//! Colours brought together: where two pictures of the same skin differ in light, the difference at low frequency is taken out.

use super::outline::Grid;
use crate::media::Planes;

/// Fine nodes in a coarse one, each way.
const COARSE: usize = 4;
/// The most by which brightness is changed, and chroma, in levels.
const GAIN: (f32, f32) = (0.6, 1.6);
const SHIFT: f32 = 16.0;
/// Black of limited range.
const BLACK: f32 = 16.0;

/// What a picture's brightness above black is multiplied by, and what is added to its chroma, at the nodes of a grid.
pub struct Tone {
    pub grid: Grid,
    pub gain: Vec<f32>,
    pub shift: [Vec<f32>; 2],
}

/// Sums of one coarse node: weight, then Y, U, V of the one picture and of the other.
type Sums = [f32; 7];

impl Tone {
    /// What makes `from` look like `to`, both pictures of the same place whose corner is the grid's. `weights`: how much each node of `fine`
    /// counts. `reach`: deviation of the blur, pixels.
    pub fn between(from: &Planes, to: &Planes, fine: &Grid, weights: &[f32], reach: f32) -> Self {
        let pitch = fine.pitch * COARSE as f32;
        let grid = Grid {
            pitch,
            columns: (fine.columns - 1).div_ceil(COARSE) + 1,
            rows: (fine.rows - 1).div_ceil(COARSE) + 1,
            ..*fine
        };
        let mut sums: Vec<Sums> = vec![[0.0; 7]; grid.nodes()];
        for (n, &w) in weights.iter().enumerate().filter(|(_, w)| **w > 0.0) {
            let (i, j) = (n % fine.columns, n / fine.columns);
            let (x, y) = (i * fine.pitch as usize, j * fine.pitch as usize);
            if x + 2 > from.width || y + 2 > from.height {
                continue;
            }
            let (a, b) = (sample(from, x, y), sample(to, x, y));
            let coarse = (j + COARSE / 2) / COARSE * grid.columns + (i + COARSE / 2) / COARSE;
            let s = &mut sums[coarse];
            s[0] += w;
            for k in 0..3 {
                s[1 + k] += w * a[k];
                s[4 + k] += w * b[k];
            }
        }
        blur(&mut sums, &grid, reach / pitch);
        let mut tone = Self {
            grid,
            gain: vec![1.0; sums.len()],
            shift: [vec![0.0; sums.len()], vec![0.0; sums.len()]],
        };
        // Far from all that counts: as little as the whole.
        let whole = sums.iter().fold([0.0; 7], |t: Sums, s| std::array::from_fn(|k| t[k] + s[k]));
        let little = 1e-3 * whole[0] / sums.len() as f32 + 1e-9;
        for (n, s) in sums.iter().enumerate() {
            let s: Sums = std::array::from_fn(|k| s[k] + whole[k] / whole[0].max(1e-9) * little);
            let mean = |k: usize| s[k] / s[0];
            tone.gain[n] = ((mean(4) - BLACK).max(1.0) / (mean(1) - BLACK).max(1.0)).clamp(GAIN.0, GAIN.1);
            for c in 0..2 {
                tone.shift[c][n] = (mean(5 + c) - mean(2 + c)).clamp(-SHIFT, SHIFT);
            }
        }
        tone
    }
}

/// Mean of a 2×2 at an even place.
fn sample(p: &Planes, x: usize, y: usize) -> [f32; 3] {
    let (x, y) = (x & !1, y & !1);
    let n = y * p.width + x;
    let sum: u16 = [n, n + 1, n + p.width, n + p.width + 1].into_iter().map(|i| u16::from(p.y[i])).sum();
    let c = y / 2 * (p.width / 2) + x / 2;
    [f32::from(sum) / 4.0, f32::from(p.u[c]), f32::from(p.v[c])]
}

/// A Gaussian both ways; beyond the border there is nothing.
fn blur(sums: &mut [Sums], grid: &Grid, deviation: f32) {
    let reach = (2.5 * deviation).ceil() as isize;
    let kernel: Vec<f32> = (-reach..=reach).map(|d| (-0.5 * (d as f32 / deviation).powi(2)).exp()).collect();
    let mut before = Vec::new();
    for (count, stride, lines, step) in [
        (grid.columns, 1, grid.rows, grid.columns),
        (grid.rows, grid.columns, grid.columns, 1),
    ] {
        before.clear();
        before.extend_from_slice(sums);
        for line in 0..lines {
            for i in 0..count {
                let mut total = [0.0; 7];
                for (d, w) in (-reach..=reach).zip(&kernel) {
                    let at = i as isize + d;
                    if at >= 0 && (at as usize) < count {
                        let s = &before[line * step + at as usize * stride];
                        for k in 0..7 {
                            total[k] += w * s[k];
                        }
                    }
                }
                sums[line * step + i * stride] = total;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_darker_picture_is_brought_back() {
        let (mut dark, light) = (Planes::blank(64, 48), Planes::blank(64, 48));
        let mut light = light;
        dark.y.fill(76);
        light.y.fill(136);
        dark.v.fill(140);
        light.v.fill(150);
        let fine = Grid::covering(0.0, 0.0, 64.0, 48.0, 4.0);
        let mut weights = vec![1.0; fine.nodes()];
        weights[0] = 0.0;
        let tone = Tone::between(&dark, &light, &fine, &weights, 20.0);
        assert!(tone.gain.iter().all(|g| (g - 1.6).abs() < 1e-2), "{:?}", tone.gain);
        assert!(tone.shift[1].iter().all(|s| (s - 10.0).abs() < 1e-2));
        // Nothing to compare: nothing is changed.
        let tone = Tone::between(&dark, &light, &fine, &vec![0.0; fine.nodes()], 20.0);
        assert!(tone.gain.iter().all(|g| g.is_finite()));
    }
}
