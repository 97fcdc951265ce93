//! The form of a lower face: as a unit has it, pulled towards what is asked.

use std::sync::LazyLock;

use super::features::{DROP, Features, GAP, UPPER, WIDTH, features};
use crate::driver::photo::topology::{CORNER_LEFT, CORNER_RIGHT, INNER_LOWER, INNER_UPPER};
use crate::face::Fit;
use crate::face::head::{Head, POINTS};

/// Points of the face, cm on the canonical head.
pub type Form = Vec<[f32; 3]>;

/// Directions of mouth motion that a pull may use, and what keeps each small.
const COMPONENTS: usize = 4;
const DAMPING: [f32; COMPONENTS] = [0.01, 0.01, 0.08, 0.2];
/// Values that are pulled, and how much each counts.
const VALUES: [usize; 4] = [GAP, WIDTH, UPPER, DROP];
const WEIGHTS: [f32; 4] = [1.0, 1.0, 0.35, 0.25];
/// Spread of a lip's last correction, cm.
const SPREAD: f32 = 0.35;
/// Spread of a correction of the corners, cm.
const CORNER: f32 = 0.95;
/// How much of a lip's correction the upper lip takes.
const UPPER_SHARE: f32 = 0.25;

/// What is the same for every face.
struct Ways {
    /// Change of each value by each direction.
    jacobian: [[f32; COMPONENTS]; 4],
    /// For each inner lip pair, the points that follow its upper and its lower point, with weights.
    spread: Vec<[Vec<(usize, f32)>; 2]>,
}

static WAYS: LazyLock<Ways> = LazyLock::new(|| {
    let head = Head::get();
    let mut jacobian = [[0.0; COMPONENTS]; 4];
    for (k, direction) in head.directions[..COMPONENTS].iter().enumerate() {
        let change = features(|i| direction[i].map(|v| v as f32));
        for (row, value) in jacobian.iter_mut().zip(VALUES) {
            row[k] = change[value];
        }
    }
    let around = |centre: usize, upper: bool| {
        let at = head.vertices[centre];
        (0..POINTS)
            .filter_map(|i| {
                let p = head.vertices[i];
                let rims = [&INNER_UPPER, &INNER_LOWER].map(|r| r[1..10].contains(&i));
                // Each lip's correction stays on its own side.
                let own = if rims[0] || rims[1] { rims[usize::from(!upper)] } else { (p[1] > at[1] - 0.05) == upper || (p[1] < at[1] + 0.05) != upper };
                let beyond = if upper { p[1] < at[1] - 0.1 } else { p[1] > at[1] + 0.1 };
                let w = (-((p[0] - at[0]).powi(2) + (p[1] - at[1]).powi(2)) / (2.0 * f64::from(SPREAD * SPREAD))).exp() as f32;
                (own && !beyond && w > 1e-3).then_some((i, w))
            })
            .collect()
    };
    Ways {
        jacobian,
        spread: (0..11).map(|k| [around(INNER_UPPER[k], true), around(INNER_LOWER[k], false)]).collect(),
    }
});

/// Brings a form so far (0 to 1 for each of gap, width, upper lip, chin) towards what is asked; the opening's own profile stays.
pub fn pull(form: &mut Form, asked: &Features, shares: [f32; 4]) {
    let have = features(|i| form[i]);
    let want: [f32; 4] = std::array::from_fn(|k| (asked[VALUES[k]] - have[VALUES[k]]) * shares[k]);
    let ways = &*WAYS;
    let mut normal = [[0.0f32; COMPONENTS + 1]; COMPONENTS];
    for (i, row) in normal.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate().take(COMPONENTS) {
            *cell = (0..4).map(|m| WEIGHTS[m] * ways.jacobian[m][i] * ways.jacobian[m][j]).sum();
        }
        row[i] += DAMPING[i];
        row[COMPONENTS] = (0..4).map(|m| WEIGHTS[m] * ways.jacobian[m][i] * want[m]).sum();
    }
    let amounts = solve(normal);
    for (amount, direction) in amounts.into_iter().zip(&Head::get().directions) {
        for (p, d) in form.iter_mut().zip(direction) {
            for c in 0..3 {
                p[c] += amount * d[c] as f32;
            }
        }
    }
    widen(form, have[WIDTH] + want[1]);
    open(form, have[GAP] + want[0]);
}

/// Brings the corners of the mouth to a distance, and what is beside them along.
fn widen(form: &mut Form, width: f32) {
    let (a, b) = (form[CORNER_RIGHT], form[CORNER_LEFT]);
    let more = width - (b[0] - a[0]);
    let (middle, half) = ((a[0] + b[0]) / 2.0, ((b[0] - a[0]) / 2.0).max(0.5));
    for p in form.iter_mut() {
        let t = ((p[0] - a[0]) / (b[0] - a[0]).max(0.1)).clamp(0.0, 1.0);
        let d2 = (p[0] - (a[0] + (b[0] - a[0]) * t)).powi(2) + (p[1] - (a[1] + (b[1] - a[1]) * t)).powi(2);
        // Inside the corners in proportion, outside as much as the corner itself.
        p[0] += 0.5 * more * ((p[0] - middle) / half).clamp(-1.0, 1.0) * (-d2 / (2.0 * CORNER * CORNER)).exp();
    }
}

/// Opens or shuts the inner lips to a gap in their middle, every pair in proportion.
fn open(form: &mut Form, gap: f32) {
    for _ in 0..2 {
        let middle = form[INNER_UPPER[5]][1] - form[INNER_LOWER[5]][1];
        let mut moved = vec![0.0f32; form.len()];
        let mut weight = vec![1e-6f32; form.len()];
        for (k, near) in WAYS.spread.iter().enumerate().take(10).skip(1) {
            let own = form[INNER_UPPER[k]][1] - form[INNER_LOWER[k]][1];
            let bump = (std::f32::consts::PI * k as f32 / 10.0).sin();
            // Of an open mouth the profile is kept; shut lips are opened along a bow.
            let to = if middle > 0.15 { own * gap / middle } else { own + (gap - middle) * bump };
            let excess = own - to;
            for (list, shift) in near.iter().zip([-UPPER_SHARE * excess, (1.0 - UPPER_SHARE) * excess]) {
                for &(i, w) in list {
                    moved[i] += w * shift;
                    weight[i] += w;
                }
            }
        }
        for ((p, m), w) in form.iter_mut().zip(&moved).zip(&weight) {
            p[1] += m / w.max(1.0);
        }
    }
}

/// Gaussian elimination; the matrix is positive definite by its damping.
fn solve(mut a: [[f32; COMPONENTS + 1]; COMPONENTS]) -> [f32; COMPONENTS] {
    for i in 0..COMPONENTS {
        for r in i + 1..COMPONENTS {
            let f = a[r][i] / a[i][i];
            let above = a[i];
            for (value, above) in a[r].iter_mut().zip(above).skip(i) {
                *value -= f * above;
            }
        }
    }
    let mut x = [0.0; COMPONENTS];
    for i in (0..COMPONENTS).rev() {
        let rest: f32 = (i + 1..COMPONENTS).map(|c| a[i][c] * x[c]).sum();
        x[i] = (a[i][COMPONENTS] - rest) / a[i][i];
    }
    x
}

/// The form that a tracked face has.
pub fn of(fit: &Fit) -> Form {
    fit.points.iter().map(|p| p.map(|v| v as f32)).collect()
}

/// A weighted sum of forms.
pub fn blend<'a>(forms: impl IntoIterator<Item = (&'a [[f32; 3]], f32)>) -> Form {
    let mut sum = vec![[0.0; 3]; POINTS];
    for (form, weight) in forms {
        for (to, from) in sum.iter_mut().zip(form) {
            for c in 0..3 {
                to[c] += weight * from[c];
            }
        }
    }
    sum
}
