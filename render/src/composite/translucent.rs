//! Frames of a video with alpha, scaled so that what is under transparent pixels never shows: each colour counts by its alpha.

use fast_image_resize::Resizer;
use fast_image_resize::pixels::U16;

use crate::driver::Patch;
use crate::error::Result;
use crate::footage::Framing;

/// What a code of alpha is while it is scaled: where that overshoots, colour and alpha shall do so together.
const WHOLE: u16 = 192;

/// A frame as it was decoded: luma, two planes of chroma as large, and alpha; straight.
pub struct Translucent {
    pub planes: [Vec<u8>; 4],
    sides: (usize, usize),
    weighted: Vec<U16>,
    scaled: Scaled,
}

/// Alpha at the sizes of the canvas's luma and chroma, and a plane of either size.
struct Scaled {
    alpha: [Vec<U16>; 2],
    plane: Vec<U16>,
}

impl Translucent {
    pub fn new(framing: &Framing) -> Self {
        let sides = (framing.crop.width, framing.crop.height);
        let pixels = sides.0 * sides.1;
        let shown = framing.rect.width() * framing.rect.height();
        Self {
            planes: std::array::from_fn(|_| vec![0; pixels]),
            sides,
            weighted: vec![U16::new(0); pixels],
            scaled: Scaled {
                alpha: [vec![U16::new(0); shown], vec![U16::new(0); shown / 4]],
                plane: vec![U16::new(0); shown],
            },
        }
    }

    /// Draws it as the canvas shows it.
    pub fn show(&mut self, framing: &Framing, resizer: &mut Resizer, patch: &mut Patch) -> Result<()> {
        let size = (framing.rect.width(), framing.rect.height());
        let half = (size.0 / 2, size.1 / 2);
        let [luma, u, v, alpha] = &self.planes;
        for (to, a) in self.weighted.iter_mut().zip(alpha) {
            *to = U16::new(u16::from(*a) * WHOLE);
        }
        let Scaled { alpha: alphas, plane } = &mut self.scaled;
        for (to, size) in alphas.iter_mut().zip([size, half]) {
            framing.weighted(&self.weighted, self.sides, resizer, to, size)?;
        }
        let planes = [
            (luma, &mut patch.planes.y, size, &alphas[0]),
            (u, &mut patch.planes.u, half, &alphas[1]),
            (v, &mut patch.planes.v, half, &alphas[1]),
        ];
        for (from, to, size, cover) in planes {
            for ((to, v), a) in self.weighted.iter_mut().zip(from).zip(alpha) {
                *to = U16::new((u32::from(*v) * u32::from(*a) * u32::from(WHOLE) / 255) as u16);
            }
            let plane = &mut plane[..to.len()];
            framing.weighted(&self.weighted, self.sides, resizer, plane, size)?;
            for ((to, sum), a) in to.iter_mut().zip(plane.iter()).zip(cover) {
                let a = u32::from(a.0);
                *to = ((u32::from(sum.0) * 255 + a / 2).checked_div(a).unwrap_or(128)).min(255) as u8;
            }
        }
        if let Some(out) = &mut patch.alpha {
            for (to, a) in out.iter_mut().zip(&alphas[0]) {
                *to = ((a.0 + WHOLE / 2) / WHOLE).min(255) as u8;
            }
        }
        Ok(())
    }
}
