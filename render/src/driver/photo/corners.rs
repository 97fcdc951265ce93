//! The black corners of a photo's smile, lightened where they count as skin: a mouth that shuts would squeeze them into specks.

use crate::media::Planes;

/// How far around a corner it is looked at, cm: in full, and at all.
const REACH: (f32, f32) = (0.35, 0.55);
/// What of the brightness around it is black beyond doubt, and what is skin.
const DARK: (f32, f32) = (0.45, 0.7);
/// Radius of what its colour is taken from, cm.
const AROUND: f32 = 0.45;
/// Of its brightness: a corner is a shadow after all.
const SHADE: f32 = 0.4;
/// BT.709's black.
const BLACK: f32 = 16.0;

/// `planes` with both `corners` (pixels) lightened.
pub fn lightened(planes: &Planes, corners: [[f32; 2]; 2], px_per_cm: f32) -> Planes {
    let mut out = planes.clone();
    for corner in corners {
        lighten(planes, corner, px_per_cm, &mut out);
    }
    out
}

fn lighten(planes: &Planes, [cx, cy]: [f32; 2], px_per_cm: f32, out: &mut Planes) {
    let (width, height) = (planes.width / 2, planes.height / 2);
    let reach = REACH.1 * px_per_cm;
    let range = |c: f32, size: usize| {
        let low = ((c - reach) / 2.0).max(0.0) as usize;
        low..(((c + reach) / 2.0).max(0.0) as usize + 1).min(size)
    };
    let luma = |i: usize, j: usize| {
        let n = 2 * j * planes.width + 2 * i;
        let y = |n: usize| f32::from(planes.y[n]);
        (y(n) + y(n + 1) + y(n + planes.width) + y(n + planes.width + 1)) / 4.0 - BLACK
    };
    let (columns, rows) = (range(cx, width), range(cy, height));
    let mut seen: Vec<f32> = rows
        .clone()
        .flat_map(|j| columns.clone().map(move |i| (i, j)))
        .map(|(i, j)| luma(i, j))
        .collect();
    if seen.is_empty() {
        return;
    }
    let middle = seen.len() * 2 / 3;
    let bright = *seen.select_nth_unstable_by(middle, f32::total_cmp).1;
    let dark = |y: f32| ((DARK.1 * bright - y) / ((DARK.1 - DARK.0) * bright).max(1.0)).clamp(0.0, 1.0);
    let radius = AROUND * px_per_cm / 2.0;
    let step = (radius / 8.0).max(1.0);
    let steps = (radius / step) as i32;
    for (j, i) in rows.flat_map(|j| columns.clone().map(move |i| (j, i))) {
        let away = (2.0 * i as f32 + 0.5 - cx).hypot(2.0 * j as f32 + 0.5 - cy) / px_per_cm;
        let near = ((REACH.1 - away) / (REACH.1 - REACH.0)).clamp(0.0, 1.0);
        if near == 0.0 || dark(luma(i, j)) == 0.0 {
            continue;
        }
        // What is around it, the darker the less.
        let (mut sum, mut total) = ([0.0f32; 3], 1e-6);
        for (b, a) in (-steps..=steps).flat_map(|b| (-steps..=steps).map(move |a| (b, a))) {
            let d2 = (a * a + b * b) as f32 / (steps * steps).max(1) as f32;
            let place = |at: usize, by: i32, size: usize| ((at as f32 + by as f32 * step) as isize).clamp(0, size as isize - 1) as usize;
            let (x, y) = (place(i, a, width), place(j, b, height));
            let light = luma(x, y);
            let weight = (-3.0 * d2).exp() * (1.0 - dark(light)).powi(2);
            let n = y * width + x;
            for (s, v) in sum.iter_mut().zip([light, f32::from(planes.u[n]), f32::from(planes.v[n])]) {
                *s += weight * v;
            }
            total += weight;
        }
        let [y, u, v] = sum.map(|s| s / total);
        let mut covered = 0.0;
        for (ox, oy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let n = (2 * j + oy) * planes.width + 2 * i + ox;
            let own = f32::from(planes.y[n]);
            let share = near * dark(own - BLACK);
            covered += share / 4.0;
            out.y[n] = (own + (BLACK + SHADE * y - own).max(0.0) * share + 0.5) as u8;
        }
        let n = j * width + i;
        for (plane, around) in [(&mut out.u, u), (&mut out.v, v)] {
            let own = f32::from(plane[n]);
            plane[n] = (own + (around - own) * covered + 0.5) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Light, with a dark spot around a corner.
    fn cheek() -> Planes {
        let mut planes = Planes::blank(200, 120);
        planes.y.fill(160);
        planes.u.fill(110);
        planes.v.fill(150);
        for (n, y) in planes.y.iter_mut().enumerate() {
            let (x, row) = ((n % 200) as f32, (n / 200) as f32);
            if (x - 100.0).abs() < 8.0 && (row - 60.0).abs() < 4.0 {
                *y = 25;
            }
        }
        planes
    }

    #[test]
    fn dark_corners_become_shade() {
        let planes = cheek();
        let out = lightened(&planes, [[100.0, 60.0], [20.0, 20.0]], 28.0);
        let at = |x: usize, y: usize| out.y[y * 200 + x];
        assert!((65..85).contains(&at(100, 60)), "{}", at(100, 60));
        assert_eq!((at(20, 20), at(160, 60)), (160, 160));
        assert_eq!((out.u[30 * 100 + 50], out.v[30 * 100 + 50]), (110, 150));
    }

    #[test]
    fn corners_may_lie_outside() {
        let planes = cheek();
        let out = lightened(&planes, [[-90.0, 60.0], [500.0, 400.0]], 28.0);
        assert_eq!(out.y, planes.y);
    }
}
