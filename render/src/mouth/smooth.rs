//! Small filters over 100 Hz series.

use crate::mouth::mel::FRAMES_PER_SECOND;

/// A Gaussian of the given deviation (in frames) with no delay; the ends go on as they are.
pub fn gaussian(series: &[f32], deviation: f32) -> Vec<f32> {
    if series.is_empty() || deviation <= 0.0 {
        return series.to_vec();
    }
    let reach = (3.0 * deviation).ceil() as usize;
    let weight: Vec<f32> = (0..=2 * reach)
        .map(|i| (-0.5 * ((i as f32 - reach as f32) / deviation).powi(2)).exp())
        .collect();
    let sum: f32 = weight.iter().sum();
    let last = series.len() - 1;
    (0..series.len())
        .map(|t| {
            let near = |i: usize| series[(t + i).saturating_sub(reach).min(last)];
            weight.iter().enumerate().map(|(i, w)| w * near(i)).sum::<f32>() / sum
        })
        .collect()
}

/// The value at a time in seconds, linear between frames; beyond the ends: 0, for nothing is said there.
pub fn at(series: &[f32], seconds: f64) -> f32 {
    let position = seconds * FRAMES_PER_SECOND;
    if position < 0.0 || series.is_empty() || position > series.len() as f64 {
        return 0.0;
    }
    let low = (position.floor() as usize).min(series.len() - 1);
    let high = (low + 1).min(series.len() - 1);
    series[low] + (series[high] - series[low]) * (position - position.floor()) as f32
}

/// 0 below `low`, 1 above `high`, smooth in between.
pub fn step(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The stretches in which `is` holds, as (first, one past the last).
pub fn runs(is: impl Iterator<Item = bool>) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (i, _) in is.enumerate().filter(|(_, held)| *held) {
        match out.last_mut() {
            Some((_, end)) if *end == i => *end = i + 1,
            _ => out.push((i, i + 1)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_and_a_peak_does_not_move() {
        assert!(gaussian(&[2.0; 9], 2.0).iter().all(|v| (v - 2.0).abs() < 1e-5));
        let mut peak = vec![0.0; 21];
        peak[10] = 1.0;
        let soft = gaussian(&peak, 2.0);
        assert!((0..21).all(|i| soft[i] <= soft[10]) && (soft[8] - soft[12]).abs() < 1e-6);
    }

    #[test]
    fn runs_and_steps() {
        assert_eq!(runs([true, false, true, true].into_iter()), [(0, 1), (2, 4)]);
        assert_eq!((step(0.0, 1.0, -1.0), step(0.0, 1.0, 0.5), step(0.0, 1.0, 2.0)), (0.0, 0.5, 1.0));
        assert_eq!(at(&[0.0, 1.0], 0.005), 0.5);
        assert_eq!(at(&[1.0], 5.0), 0.0);
    }
}
