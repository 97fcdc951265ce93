//! The canonical head: MediaPipe's face mesh in centimetres, and the directions in which talking mouths move it.
//!
//! `models/head.bin` is made by `training/pack_head.py`, which documents its layout.

use std::sync::LazyLock;

/// Points of the canonical mesh; the first 468 landmarks are the same points.
pub const POINTS: usize = 468;
/// Triangles of the canonical mesh.
pub const TRIANGLES: usize = 898;
/// Principal directions of mouth motion.
pub const DIRECTIONS: usize = 8;

/// The canonical head; centimetres, x to the picture's right, y up, z towards the viewer.
pub struct Head {
    /// `[468][3]`
    pub vertices: Vec<[f64; 3]>,
    /// `[898][3]` indices of vertices.
    pub triangles: Vec<[usize; 3]>,
    /// `[468]` weights of the Procrustes fit, summing to one: rigid parts of the face only, most are zero.
    pub weights: Vec<f64>,
    /// `[468][3]` mean displacement of talking mouths from rest.
    pub mean: Vec<[f64; 3]>,
    /// `[8][468][3]` principal directions of that displacement, one standard deviation each; the first opens the jaw.
    pub directions: Vec<Vec<[f64; 3]>>,
}

impl Head {
    /// The one head, read from the binary on first use.
    pub fn get() -> &'static Self {
        static HEAD: LazyLock<Head> = LazyLock::new(|| Head::read(include_bytes!("../../models/head.bin")));
        &HEAD
    }

    fn read(bytes: &'static [u8]) -> Self {
        let mut reader = Reader(bytes);
        assert!(
            reader.take(8) == b"MPHEAD01",
            "models/head.bin is built into the binary and has this magic"
        );
        let vertices = reader.points();
        let triangles = (0..TRIANGLES).map(|_| std::array::from_fn(|_| reader.index())).collect();
        let weights = (0..POINTS).map(|_| reader.float()).collect();
        let mean = reader.points();
        let directions = (0..DIRECTIONS).map(|_| reader.points()).collect();
        Self {
            vertices,
            triangles,
            weights,
            mean,
            directions,
        }
    }
}

/// Reads little-endian numbers from bytes that are known to be long enough: they are part of the binary.
struct Reader(&'static [u8]);

impl Reader {
    fn take(&mut self, count: usize) -> &'static [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn float(&mut self) -> f64 {
        f64::from(f32::from_le_bytes(self.take(4).try_into().expect("four bytes were taken")))
    }

    fn index(&mut self) -> usize {
        usize::from(u16::from_le_bytes(self.take(2).try_into().expect("two bytes were taken")))
    }

    fn points(&mut self) -> Vec<[f64; 3]> {
        (0..POINTS).map(|_| std::array::from_fn(|_| self.float())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_holds_exactly_one_head() {
        let head = Head::get();
        let floats = POINTS * 3 + POINTS + POINTS * 3 + DIRECTIONS * POINTS * 3;
        assert_eq!(include_bytes!("../../models/head.bin").len(), 8 + floats * 4 + TRIANGLES * 3 * 2);
        assert!((head.weights.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        assert!(head.triangles.iter().flatten().all(|&i| i < POINTS));
        assert!(head.vertices[10][1] > head.vertices[152][1], "the forehead is above the chin");
    }
}
