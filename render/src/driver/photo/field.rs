//! Backward displacement on a coarse grid: for each node of the target, how far away its source pixel lies.

use multiversion::multiversion;

/// Displacements in pixels at nodes `origin + (column, row) * pitch`, bilinear between them.
#[derive(Clone)]
pub struct Field {
    pub x0: f32,
    pub y0: f32,
    /// A power of two, so that dividing by it is exact.
    pub pitch: f32,
    pub columns: usize,
    pub rows: usize,
    pub dx: Vec<f32>,
    pub dy: Vec<f32>,
}

impl Field {
    /// Covers `x0..x1` by `y0..y1` with one node more than needed on the far sides.
    pub fn covering(x0: f32, y0: f32, x1: f32, y1: f32, pitch: f32) -> Self {
        let columns = ((x1 - x0) / pitch).ceil().max(1.0) as usize + 1;
        let rows = ((y1 - y0) / pitch).ceil().max(1.0) as usize + 1;
        Self {
            x0,
            y0,
            pitch,
            columns,
            rows,
            dx: vec![0.0; columns * rows],
            dy: vec![0.0; columns * rows],
        }
    }

    pub fn clear(&mut self) {
        self.dx.fill(0.0);
        self.dy.fill(0.0);
    }

    /// Bilinear value at a point in pixels; the border value continues outside.
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> [f32; 2] {
        let per = 1.0 / self.pitch;
        let gx = ((x - self.x0) * per).clamp(0.0, (self.columns - 1) as f32 - 1e-3);
        let gy = ((y - self.y0) * per).clamp(0.0, (self.rows - 1) as f32 - 1e-3);
        let (cx, cy) = (gx as u32, gy as u32);
        let (fx, fy) = (gx - cx as f32, gy - cy as f32);
        let i = cy as usize * self.columns + cx as usize;
        let low = self.columns;
        let mix = |v: &[f32]| {
            let v = &v[i..i + low + 2];
            let (a, b) = (v[0] + (v[1] - v[0]) * fx, v[low] + (v[low + 1] - v[low]) * fx);
            a + (b - a) * fy
        };
        [mix(&self.dx), mix(&self.dy)]
    }

    /// Writes `source - target`, linear over each triangle, at the nodes that the target triangle covers.
    pub fn rasterise(&mut self, triangles: &[[u16; 3]], target: &[[f32; 2]], source: &[[f32; 2]]) {
        rasterise(self, triangles, target, source);
    }

    /// Becomes one displacement after another: first `outer`, whose nodes are ours, then `inner`, which is nothing outside its own nodes.
    pub fn after(&mut self, outer: &Self, inner: &Self) {
        after(self, outer, inner);
    }

    /// One pass of a 3×3 binomial blur: takes the creases out of the triangles.
    pub fn smooth(&mut self, spare: &mut Vec<f32>) {
        for plane in [&mut self.dx, &mut self.dy] {
            spare.clear();
            spare.extend_from_slice(plane);
            let w = self.columns;
            for j in 1..self.rows - 1 {
                for i in 1..w - 1 {
                    let n = j * w + i;
                    let row = |r: usize| spare[r - 1] + 2.0 * spare[r] + spare[r + 1];
                    plane[n] = (row(n - w) + 2.0 * row(n) + row(n + w)) / 16.0;
                }
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn after(field: &mut Field, outer: &Field, inner: &Field) {
    let (left, top) = (inner.x0, inner.y0);
    let (right, low) = (
        left + (inner.columns - 1) as f32 * inner.pitch,
        top + (inner.rows - 1) as f32 * inner.pitch,
    );
    let columns = outer.columns;
    let rows = outer.dx.chunks_exact(columns).zip(outer.dy.chunks_exact(columns));
    let own = field.dx.chunks_exact_mut(columns).zip(field.dy.chunks_exact_mut(columns));
    for (j, ((dx, dy), (own_x, own_y))) in rows.zip(own).enumerate() {
        own_x.copy_from_slice(dx);
        own_y.copy_from_slice(dy);
        let row = outer.y0 + j as f32 * outer.pitch;
        for i in 0..columns {
            let (x, y) = (outer.x0 + i as f32 * outer.pitch + dx[i], row + dy[i]);
            if x > left && y > top && x < right && y < low {
                let more = inner.at(x, y);
                own_x[i] += more[0];
                own_y[i] += more[1];
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn rasterise(field: &mut Field, triangles: &[[u16; 3]], target: &[[f32; 2]], source: &[[f32; 2]]) {
    for t in triangles {
        let [a, b, c] = t.map(usize::from);
        let (pa, pb, pc) = (target[a], target[b], target[c]);
        let area = (pb[1] - pc[1]) * (pa[0] - pc[0]) + (pc[0] - pb[0]) * (pa[1] - pc[1]);
        if area.abs() < 1e-9 {
            continue;
        }
        let rows = |v: f32| ((v - field.y0) / field.pitch).clamp(-1.0, field.rows as f32);
        let ys = [pa[1], pb[1], pc[1]];
        let low = rows(ys[0].min(ys[1]).min(ys[2])).ceil() as usize;
        let high = rows(ys[0].max(ys[1]).max(ys[2])).floor().min(field.rows as f32 - 1.0);
        let d = |p: usize| [source[p][0] - target[p][0], source[p][1] - target[p][1]];
        let (da, db, dc) = (d(a), d(b), d(c));
        // What each corner's share grows by to the right and downwards, per node.
        let grow = |v: f32| v / area * field.pitch;
        let (r0, r1) = (grow(pb[1] - pc[1]), grow(pc[1] - pa[1]));
        let right = [r0, r1, -r0 - r1];
        let (d0, d1) = (grow(pc[0] - pb[0]), grow(pa[0] - pc[0]));
        let per = right.map(|r| 1.0 / r);
        let (cx, cy) = ((field.x0 - pc[0]) / field.pitch, (field.y0 - pc[1]) / field.pitch);
        let mix = |s: [f32; 3], axis: usize| s[0] * da[axis] + s[1] * db[axis] + s[2] * dc[axis];
        let slope = [mix(right, 0), mix(right, 1)];
        for j in low..(high + 1.0) as usize {
            let y = cy + j as f32;
            let (l0, l1) = (r0 * cx + d0 * y, r1 * cx + d1 * y);
            let first = [l0, l1, 1.0 - l0 - l1];
            let Some((from, to)) = covered(first, per, field.columns) else {
                continue;
            };
            let (x, y) = (mix(first, 0), mix(first, 1));
            let row = j * field.columns;
            for (k, v) in field.dx[row + from..row + to].iter_mut().enumerate() {
                *v = x + slope[0] * (from + k) as f32;
            }
            for (k, v) in field.dy[row + from..row + to].iter_mut().enumerate() {
                *v = y + slope[1] * (from + k) as f32;
            }
        }
    }
}

/// The nodes of a row at which no corner's share is below nothing: a triangle's. `first`: shares at the row's first node; `per`: nodes per share.
#[inline(always)]
fn covered(first: [f32; 3], per: [f32; 3], columns: usize) -> Option<(usize, usize)> {
    // What lies on an edge belongs to both sides.
    const EDGE: f32 = -1e-3;
    // An edge along the row is crossed nowhere on it.
    const FAR: f32 = 1e9;
    let (mut from, mut to) = (0.0f32, columns as f32 - 1.0);
    for (share, per) in first.into_iter().zip(per) {
        if per.abs() > FAR {
            if share < EDGE {
                return None;
            }
            continue;
        }
        let at = (EDGE - share) * per;
        if per > 0.0 {
            from = from.max(at);
        } else {
            to = to.min(at);
        }
    }
    let (from, to) = (from.ceil(), to.floor());
    (from <= to).then(|| (from as usize, to as usize + 1))
}
