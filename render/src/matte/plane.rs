//! Arithmetic on planes of `f32`, row by row, for the matte.

/// One value a pixel.
#[derive(Clone)]
pub(super) struct Plane {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Plane {
    pub fn new(width: usize, height: usize, value: impl FnMut(usize) -> f32) -> Self {
        Self {
            width,
            height,
            data: (0..width * height).map(value).collect(),
        }
    }

    pub fn zip(&self, other: &Self, mut f: impl FnMut(f32, f32) -> f32) -> Self {
        Self::new(self.width, self.height, |i| f(self.data[i], other.data[i]))
    }

    pub fn map(&self, mut f: impl FnMut(f32) -> f32) -> Self {
        Self::new(self.width, self.height, |i| f(self.data[i]))
    }

    /// The mean of `of`, asked by pixel, over each square of `side` pixels; what the last ones lack counts as 0.
    pub fn squares(&self, side: usize, of: impl Fn(usize) -> f32) -> Self {
        let mut sums = Self::new(self.width.div_ceil(side), self.height.div_ceil(side), |_| 0.0);
        let part = 1.0 / (side * side) as f32;
        for y in 0..self.height {
            let row = &mut sums.data[y / side * sums.width..][..sums.width];
            for (x, sum) in row.iter_mut().enumerate() {
                let last = ((x + 1) * side).min(self.width);
                *sum += part * (x * side..last).map(|x| of(y * self.width + x)).sum::<f32>();
            }
        }
        sums
    }

    /// The other way: values of squares of `side` pixels as a plane of these sides, bilinear.
    pub fn between(&self, side: usize, (width, height): (usize, usize)) -> Self {
        if side == 1 {
            return self.clone();
        }
        let place = |i: usize, most: usize| {
            let at = ((i as f32 + 0.5) / side as f32 - 0.5).clamp(0.0, (most - 1) as f32);
            (at as usize, (at as usize + 1).min(most - 1), at - at.floor())
        };
        let columns: Vec<(usize, usize, f32)> = (0..width).map(|x| place(x, self.width)).collect();
        let mut data = Vec::with_capacity(width * height);
        let mut row = vec![0.0; self.width];
        for y in 0..height {
            let (top, low, part) = place(y, self.height);
            let rows = [top, low].map(|r| &self.data[r * self.width..][..self.width]);
            for ((to, a), b) in row.iter_mut().zip(rows[0]).zip(rows[1]) {
                *to = a + (b - a) * part;
            }
            data.extend(columns.iter().map(|&(a, b, part)| row[a] + (row[b] - row[a]) * part));
        }
        Self { width, height, data }
    }

    /// The mean over a square of `2 * radius + 1`, or what of it lies inside the plane.
    pub fn mean(&self, radius: usize) -> Self {
        let mut across = vec![0.0; self.data.len()];
        for (from, to) in self.data.chunks_exact(self.width).zip(across.chunks_exact_mut(self.width)) {
            running_mean(from, to, radius);
        }
        // Down the columns, a strip of rows at a time would thrash; sums of whole rows do not.
        let mut sums = vec![0.0f64; self.width];
        let mut count = 0usize;
        let mut data = vec![0.0; self.data.len()];
        let row = |y: usize| &across[y * self.width..(y + 1) * self.width];
        for y in 0..radius.min(self.height) {
            add(&mut sums, row(y), 1.0);
            count += 1;
        }
        for y in 0..self.height {
            if y + radius < self.height {
                add(&mut sums, row(y + radius), 1.0);
                count += 1;
            }
            if y > radius {
                add(&mut sums, row(y - radius - 1), -1.0);
                count -= 1;
            }
            for (to, sum) in data[y * self.width..].iter_mut().zip(&sums) {
                *to = (sum / count as f64) as f32;
            }
        }
        Self {
            width: self.width,
            height: self.height,
            data,
        }
    }

    /// Three means in a row, which is nearly a Gaussian of this standard deviation.
    pub fn blur(&self, deviation: f32) -> Self {
        let radius = (((4.0 * deviation * deviation + 1.0).sqrt() - 1.0) / 2.0).round().max(1.0) as usize;
        self.mean(radius).mean(radius).mean(radius)
    }

    /// 1 for the pixels that can be walked to from some, over side by side neighbours that `is` holds for; else 0.
    pub fn reached(&self, from: impl Iterator<Item = usize>, is: impl Fn(f32) -> bool) -> Self {
        let mut reached = Self::new(self.width, self.height, |_| 0.0);
        let mut open: Vec<usize> = from.collect();
        for &i in &open {
            reached.data[i] = 1.0;
        }
        while let Some(here) = open.pop() {
            for next in self.neighbours(here) {
                if reached.data[next] == 0.0 && is(self.data[next]) {
                    reached.data[next] = 1.0;
                    open.push(next);
                }
            }
        }
        reached
    }

    /// The pixels left, right, above and below.
    pub fn neighbours(&self, here: usize) -> impl Iterator<Item = usize> {
        let x = here % self.width;
        [
            (x > 0).then(|| here - 1),
            (x + 1 < self.width).then_some(here + 1),
            here.checked_sub(self.width),
            (here + self.width < self.data.len()).then_some(here + self.width),
        ]
        .into_iter()
        .flatten()
    }

    /// For each pixel how far away the next pixel is that `is` does not hold for, in pixels (chamfer 3-4: within 8 %).
    /// The plane's border is no such pixel.
    pub fn depth(&self, is: impl Fn(f32) -> bool) -> Self {
        let far = 3 * (self.width + self.height) as i32;
        let mut depth: Vec<i32> = self.data.iter().map(|&v| if is(v) { far } else { 0 }).collect();
        let (w, h) = (self.width as isize, self.height as isize);
        let steps: [(isize, isize, i32); 4] = [(-1, 0, 3), (-1, -1, 4), (0, -1, 3), (1, -1, 4)];
        let mut relax = |x: isize, y: isize, sign: isize| {
            let here = (y * w + x) as usize;
            for (dx, dy, cost) in steps {
                let (nx, ny) = (x + sign * dx, y + sign * dy);
                if nx >= 0 && ny >= 0 && nx < w && ny < h {
                    depth[here] = depth[here].min(depth[(ny * w + nx) as usize] + cost);
                }
            }
        };
        for y in 0..h {
            for x in 0..w {
                relax(x, y, 1);
            }
        }
        for y in (0..h).rev() {
            for x in (0..w).rev() {
                relax(x, y, -1);
            }
        }
        Self::new(self.width, self.height, |i| depth[i] as f32 / 3.0)
    }
}

fn running_mean(from: &[f32], to: &mut [f32], radius: usize) {
    let mut sum: f64 = from.iter().take(radius).map(|&v| f64::from(v)).sum();
    let mut count = radius.min(from.len());
    for x in 0..from.len() {
        if x + radius < from.len() {
            sum += f64::from(from[x + radius]);
            count += 1;
        }
        if x > radius {
            sum -= f64::from(from[x - radius - 1]);
            count -= 1;
        }
        to[x] = (sum / count as f64) as f32;
    }
}

fn add(sums: &mut [f64], row: &[f32], sign: f64) {
    for (sum, &value) in sums.iter_mut().zip(row) {
        *sum += sign * f64::from(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_stays_one_through_squares() {
        let plane = Plane::new(24, 12, |i| (i % 24) as f32);
        let again = plane.squares(3, |i| plane.data[i]).between(3, (24, 12));
        for (i, v) in again.data.iter().enumerate().filter(|(i, _)| (2..22).contains(&(i % 24))) {
            assert!((v - (i % 24) as f32).abs() < 1e-3, "{i}: {v}");
        }
    }

    #[test]
    fn means_and_depths_are_right_at_the_border_too() {
        let plane = Plane::new(7, 5, |i| i as f32);
        let mean = plane.mean(1);
        assert_eq!(mean.data[0], (0.0 + 1.0 + 7.0 + 8.0) / 4.0);
        assert_eq!(mean.data[2 * 7 + 3], 17.0);
        let depth = plane.depth(|v| v != 17.0);
        assert_eq!(depth.data[2 * 7 + 3], 0.0);
        assert_eq!(depth.data[2 * 7], 3.0);
        assert!(plane.depth(|_| true).data.iter().all(|&d| d >= 12.0));
    }
}
