//! Smoothing without lag: local polynomials fitted to what lies on both sides of a moment.

/// Weights of samples at `offsets` (frames from now) whose sum is the value now of the polynomial of `order` (0 to 2) that fits
/// them best, under a Gaussian of `deviation` frames.
///
/// A mean would flatten what moves; a parabola passes it on and still takes the noise out.
pub fn weights(offsets: &[f64], deviation: f64, order: usize) -> Vec<f64> {
    let order = order.min(offsets.len().saturating_sub(1)).min(2);
    let gauss: Vec<f64> = offsets.iter().map(|d| (-0.5 * (d / deviation).powi(2)).exp()).collect();
    let moment = |power: usize| -> f64 { offsets.iter().zip(&gauss).map(|(d, w)| w * d.powi(power as i32)).sum() };
    // Normal equations for the polynomial's value at 0.
    let n = order + 1;
    let mut m = [[0.0f64; 4]; 3];
    for (i, row) in m.iter_mut().enumerate().take(n) {
        for (j, cell) in row.iter_mut().enumerate().take(n) {
            *cell = moment(i + j) + if i == j { 1e-9 } else { 0.0 };
        }
        row[3] = if i == 0 { 1.0 } else { 0.0 };
    }
    for i in 0..n {
        let pivot = m[i];
        for row in m.iter_mut().take(n).skip(i + 1) {
            let f = row[i] / pivot[i];
            for (cell, p) in row.iter_mut().zip(pivot) {
                *cell -= f * p;
            }
        }
    }
    let mut c = [0.0; 3];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| m[i][j] * c[j]).sum();
        c[i] = (m[i][3] - known) / m[i][i];
    }
    offsets
        .iter()
        .zip(&gauss)
        .map(|(d, w)| w * (c[0] + c[1] * d + c[2] * d * d))
        .collect()
}

/// The index that a walk past either end of `count` comes to when it turns back there: 2 1 0 1 2.
pub fn reflected(index: isize, count: usize) -> usize {
    if count < 2 {
        return 0;
    }
    let period = 2 * (count as isize - 1);
    let at = index.rem_euclid(period);
    at.min(period - at) as usize
}

/// A Gaussian mean of those values that are there, over both sides, with turns at the ends; `None` where there are none.
pub fn slow(values: &[Option<f32>], deviation: f64) -> Vec<Option<f32>> {
    let reach = (3.0 * deviation).ceil() as isize;
    let kernel: Vec<f32> = (-reach..=reach)
        .map(|d| (-0.5 * (d as f64 / deviation).powi(2)).exp() as f32)
        .collect();
    (0..values.len() as isize)
        .map(|i| {
            let near = (-reach..=reach).zip(&kernel);
            let (sum, weight) = near
                .filter_map(|(d, w)| values[reflected(i + d, values.len())].map(|v| (v * w, *w)))
                .fold((0.0, 0.0), |(s, t), (v, w)| (s + v, t + w));
            (weight > 1e-6).then(|| sum / weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(offsets: &[f64], order: usize, signal: impl Fn(f64) -> f64) -> f64 {
        weights(offsets, 1.5, order).iter().zip(offsets).map(|(w, d)| w * signal(*d)).sum()
    }

    #[test]
    fn parabolas_pass_and_noise_does_not() {
        let both = [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0];
        assert!((value(&both, 2, |d| 5.0 + 2.0 * d - 3.0 * d * d) - 5.0).abs() < 1e-6);
        assert!(value(&both, 2, |d| if d as i64 % 2 == 0 { 1.0 } else { -1.0 }).abs() < 0.3);
        // At an end a line still passes.
        assert!((value(&both[4..], 1, |d| 5.0 + 2.0 * d) - 5.0).abs() < 1e-6);
        assert!((value(&[0.0], 2, |_| 7.0) - 7.0).abs() < 1e-6);
    }

    #[test]
    fn walks_turn_at_both_ends() {
        let walk: Vec<usize> = (-2..8).map(|i| reflected(i, 4)).collect();
        assert_eq!(walk, [2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!((reflected(5, 1), reflected(-3, 2)), (0, 1));
    }

    #[test]
    fn holes_are_passed_over() {
        let mut values = vec![Some(2.0); 9];
        values[4] = None;
        assert!(slow(&values, 2.0).iter().all(|v| v.is_some_and(|v| (v - 2.0).abs() < 1e-5)));
        assert_eq!(slow(&[None, None], 2.0), [None, None]);
    }
}
