//! Which parts of a turned head can still be seen: behind the far cheek there is nothing to lend a mouth to, and nothing to lend.

use std::sync::LazyLock;

use super::outline::Grid;
use crate::driver::photo::field::Field;
use crate::driver::photo::mesh::Mesh;
use crate::driver::photo::topology::OVAL;
use crate::face::head::Head;

/// Parts that are seen less than this, against a look from the front, are not touched, and those above the other wholly.
const TURNED: (f32, f32) = (0.0, 0.3);
/// Skin that shows so little of itself from the front is taken to show this.
const LEAST: f64 = 0.25;

/// Directions that the canonical head's skin looks in.
fn normals() -> &'static [[f64; 3]] {
    static NORMALS: LazyLock<Vec<[f64; 3]>> = LazyLock::new(|| {
        let head = Head::get();
        let mut normals = vec![[0.0f64; 3]; head.vertices.len()];
        for t in &head.triangles {
            let [a, b, c] = t.map(|i| head.vertices[i]);
            let (u, v): ([f64; 3], [f64; 3]) = (std::array::from_fn(|k| b[k] - a[k]), std::array::from_fn(|k| c[k] - a[k]));
            let across = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
            for i in t {
                for k in 0..3 {
                    normals[*i][k] += across[k];
                }
            }
        }
        // A face looks at us.
        let towards = normals.iter().map(|n| n[2]).sum::<f64>().signum();
        for n in &mut normals {
            let length = n.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-9) * towards;
            *n = n.map(|v| v / length);
        }
        normals
    });
    &NORMALS
}

/// How much each of the face's points shows of itself in the least favourable of `views` (each the direction to the camera, on the canonical
/// head), against a look from the front: 1 there, 0 or less where the head hides it.
pub fn facing(views: impl Iterator<Item = [f64; 3]> + Clone) -> Vec<f32> {
    let shown = |n: &[f64; 3], view: [f64; 3]| (0..3).map(|k| n[k] * view[k]).sum::<f64>() / n[2].max(LEAST);
    let seen = |n: &[f64; 3]| {
        // What looks away from the front too is no better seen from there.
        let front = (n[2] / LEAST).clamp(0.0, 1.0);
        let least = views.clone().map(|view| shown(n, view)).fold(1.0, f64::min);
        (least + 1.0 - front).min(1.0) as f32
    };
    normals().iter().map(seen).collect()
}

/// 0 to 1 at each node of a grid: how much may be changed there. `target`: where the mesh's points lie, pixels.
pub fn shares(mesh: &Mesh, target: &[[f32; 2]], facing: &[f32], grid: &Grid) -> Vec<f32> {
    let around = OVAL.iter().cycle().take(target.len() - facing.len()).map(|&i| facing[i]);
    let facing: Vec<f32> = facing.iter().copied().chain(around).collect();
    if facing.iter().all(|f| *f >= TURNED.1) {
        return vec![1.0; grid.nodes()];
    }
    let near: Vec<[u16; 3]> = mesh
        .triangles
        .iter()
        .copied()
        .filter(|t| t.iter().any(|i| facing[usize::from(*i)] > 0.0 || usize::from(*i) >= 468))
        .collect();
    let (width, height) = ((grid.columns - 1) as f32 * grid.pitch, (grid.rows - 1) as f32 * grid.pitch);
    let mut field = Field::covering(grid.x0, grid.y0, grid.x0 + width, grid.y0 + height, grid.pitch);
    field.dx.fill(1.0);
    // A field is what lies between two places.
    let source: Vec<[f32; 2]> = target.iter().zip(&facing).map(|(p, f)| [p[0] + f, p[1]]).collect();
    field.rasterise(&near, target, &source);
    (0..grid.nodes())
        .map(|n| {
            let (i, j) = (n % grid.columns, n / grid.columns);
            let [f, _] = field.at(grid.x0 + i as f32 * grid.pitch, grid.y0 + j as f32 * grid.pitch);
            let t = ((f - TURNED.0) / (TURNED.1 - TURNED.0)).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The direction to the camera of a head that is turned by so many degrees.
    fn turned(yaw: f64) -> [f64; 3] {
        let (sin, cos) = yaw.to_radians().sin_cos();
        [sin, 0.0, cos]
    }

    #[test]
    fn the_far_cheek_of_a_turned_head_is_hidden() {
        // Points of both cheeks, of the lips' middle and their corners.
        let (right, left, lip, corners) = (50, 280, 13, [61, 291]);
        let front = facing(std::iter::once(turned(0.0)));
        assert!(front.iter().all(|f| *f > 0.999), "from the front all may be changed");
        let seen = facing(std::iter::once(turned(35.0)));
        let (far, near) = if seen[right] < seen[left] { (right, left) } else { (left, right) };
        assert!(seen[far] < 0.5 && seen[near] > 0.99, "{} {}", seen[far], seen[near]);
        assert!(
            seen[lip] > 0.6 && corners.iter().all(|&c| seen[c] > TURNED.1),
            "the mouth can be seen"
        );
        let either = facing([turned(35.0), turned(-35.0)].into_iter());
        assert!(either[far] < 0.5 && either[near] < 0.5);
    }
}
