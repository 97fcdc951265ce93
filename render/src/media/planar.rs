//! Pictures to planes and back.

use super::{Picture, Planes, colour};
use crate::error::{Error, Kind, Result};

impl Picture {
    /// Converts to 4:2:0, chroma the mean of each 2×2; alpha is dropped. Both sides must be even and not zero.
    pub fn to_planes(&self) -> Result<Planes> {
        let mut planes = Planes::filled(self.width, self.height, [0; 3])?;
        let (width, half) = (self.width, self.width / 2);
        for (row, pair) in self.rgba.chunks_exact(width * 8).enumerate() {
            let (top, bottom) = pair.split_at(width * 4);
            let (y0, y1) = planes.y[row * 2 * width..][..width * 2].split_at_mut(width);
            luma_row(top, y0);
            luma_row(bottom, y1);
            let (u, v) = (&mut planes.u[row * half..][..half], &mut planes.v[row * half..][..half]);
            for (x, (a, b)) in top.chunks_exact(8).zip(bottom.chunks_exact(8)).enumerate() {
                let sum = |i: usize| i32::from(a[i]) + i32::from(a[i + 4]) + i32::from(b[i]) + i32::from(b[i + 4]);
                (u[x], v[x]) = colour::chroma(sum(0), sum(1), sum(2));
            }
        }
        Ok(planes)
    }
}

fn luma_row(rgba: &[u8], y: &mut [u8]) {
    for (code, pixel) in y.iter_mut().zip(rgba.chunks_exact(4)) {
        *code = colour::luma(pixel[0].into(), pixel[1].into(), pixel[2].into());
    }
}

impl Planes {
    /// One sRGB colour all over. Both sides must be even and not zero.
    pub fn filled(width: usize, height: usize, rgb: [u8; 3]) -> Result<Self> {
        if width == 0 || height == 0 || !width.is_multiple_of(2) || !height.is_multiple_of(2) {
            return Err(Error::new(
                Kind::SceneInvalid,
                format!("a video of {width}×{height} pixels cannot be made: both sides must be even and not zero"),
            ));
        }
        Ok(Self::uniform(width, height, colour::to_yuv(rgb)))
    }

    /// Room for a picture that is still to be drawn or decoded; both sides are even.
    pub fn blank(width: usize, height: usize) -> Self {
        Self::uniform(width, height, [0; 3])
    }

    fn uniform(width: usize, height: usize, [y, u, v]: [u8; 3]) -> Self {
        let quarter = width / 2 * (height / 2);
        Self {
            width,
            height,
            y: vec![y; width * height],
            u: vec![u; quarter],
            v: vec![v; quarter],
        }
    }

    /// Converts to an opaque picture; chroma is interpolated between the centres of its 2×2 squares.
    pub fn to_picture(&self) -> Picture {
        let mut rgba = Vec::with_capacity(self.width * self.height * 4);
        let (mut us, mut vs) = (vec![0; self.width / 2], vec![0; self.width / 2]);
        for (row, ys) in self.y.chunks_exact(self.width).enumerate() {
            self.chroma_row(&self.u, row, &mut us);
            self.chroma_row(&self.v, row, &mut vs);
            for (x, &y) in ys.iter().enumerate() {
                let [r, g, b] = colour::to_rgb([y, across(&us, x), across(&vs, x)]);
                rgba.extend_from_slice(&[r, g, b, 255]);
            }
        }
        Picture {
            width: self.width,
            height: self.height,
            rgba,
        }
    }

    /// Chroma for one row of luma, in quarters of a code: three parts of the near row and one of the far.
    fn chroma_row(&self, plane: &[u8], row: usize, out: &mut [u16]) {
        let half = self.width / 2;
        let near = row / 2;
        let far = neighbour(row, self.height / 2);
        let (near, far) = (&plane[near * half..][..half], &plane[far * half..][..half]);
        for ((out, &n), &f) in out.iter_mut().zip(near).zip(far) {
            *out = 3 * u16::from(n) + u16::from(f);
        }
    }
}

/// The chroma code at column `x` of luma, from a row in quarters.
fn across(row: &[u16], x: usize) -> u8 {
    let (near, far) = (row[x / 2], row[neighbour(x, row.len())]);
    ((3 * near + far + 8) / 16) as u8
}

/// The second nearest chroma sample to luma sample `i`, of `count`; at the edge, the nearest.
fn neighbour(i: usize, count: usize) -> usize {
    if i.is_multiple_of(2) {
        (i / 2).saturating_sub(1)
    } else {
        (i / 2 + 1).min(count - 1)
    }
}
