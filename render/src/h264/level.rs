//! Levels (table A-1), and how many slices a picture may have at each (table A-4).

/// The bounds of a level, as far as a splice can meet them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// level_idc: ten times its number.
    pub idc: u8,
    /// Macroblocks a second.
    max_rate: u64,
    /// Macroblocks a picture.
    max_size: u64,
    /// Macroblocks that all stored pictures have together.
    max_stored: u64,
    /// Bits a second of video, in thousands, in profile High (table A-2: 1250 times MaxBR).
    pub max_kilobits: u64,
    /// SliceRate, of profiles Main and High.
    slice_rate: u64,
}

const fn level(idc: u8, max_rate: u64, max_size: u64, max_stored: u64, max_br: u64, slice_rate: u64) -> Level {
    Level {
        idc,
        max_rate,
        max_size,
        max_stored,
        max_kilobits: max_br * 5 / 4,
        slice_rate,
    }
}

/// From 3 on: smaller pictures may say more than they need, and SliceRate has no lower rows.
const LEVELS: [Level; 12] = [
    level(30, 40_500, 1_620, 8_100, 10_000, 22),
    level(31, 108_000, 3_600, 18_000, 14_000, 60),
    level(32, 216_000, 5_120, 20_480, 20_000, 60),
    level(40, 245_760, 8_192, 32_768, 20_000, 60),
    level(41, 245_760, 8_192, 32_768, 50_000, 24),
    level(42, 522_240, 8_704, 34_816, 50_000, 24),
    level(50, 589_824, 22_080, 110_400, 135_000, 24),
    level(51, 983_040, 36_864, 184_320, 240_000, 24),
    level(52, 2_073_600, 36_864, 184_320, 240_000, 24),
    level(60, 4_177_920, 139_264, 696_320, 240_000, 24),
    level(61, 8_355_840, 139_264, 696_320, 480_000, 24),
    level(62, 16_711_680, 139_264, 696_320, 800_000, 24),
];

/// A sequence of pictures that refer to one other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Macroblocks.
    pub width: u32,
    pub height: u32,
    /// Frames a second as a fraction.
    pub rate: (u32, u32),
    /// Slices of the picture that has most.
    pub slices: u32,
}

impl Demand {
    /// The lowest level that allows it; none if there is no such level.
    pub fn level(&self) -> Option<Level> {
        LEVELS.into_iter().find(|level| self.fits(level))
    }

    fn fits(&self, level: &Level) -> bool {
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let size = width * height;
        let (num, den) = (u64::from(self.rate.0), u64::from(self.rate.1));
        // Clause A.3.1: no side is longer than √(8 · MaxFS).
        let sides = width * width <= 8 * level.max_size && height * height <= 8 * level.max_size;
        // Clause A.3.3 k and l: of the first picture, with fR = 1/172, and of those that follow it.
        let slices = u64::from(self.slices) * level.slice_rate;
        let slices = slices <= size.max(level.max_rate / 172) && slices * num <= level.max_rate * den;
        sides && size <= level.max_size && size * num <= level.max_rate * den && size <= level.max_stored && slices
    }
}
