//! sRGB to BT.709 limited range and back, one colour at a time.

/// Fraction bits of the integer arithmetic.
const BITS: u32 = 16;
const HALF: i32 = 1 << (BITS - 1);

const KR: f64 = 0.2126;
const KB: f64 = 0.0722;
const KG: f64 = 1.0 - KR - KB;
/// Codes per code: limited range spreads 219 steps of luma and 224 of chroma over the 255 of RGB.
const LUMA: f64 = 219.0 / 255.0;
const CHROMA: f64 = 224.0 / 255.0;

const fn fixed(value: f64) -> i32 {
    let scaled = value * (1u32 << BITS) as f64;
    (if scaled < 0.0 { scaled - 0.5 } else { scaled + 0.5 }) as i32
}

const Y_R: i32 = fixed(LUMA * KR);
const Y_B: i32 = fixed(LUMA * KB);
/// The middle weight is what is left, so that white is exactly 235.
const Y_G: i32 = fixed(LUMA) - Y_R - Y_B;
const U_R: i32 = fixed(-CHROMA * KR / (2.0 * (1.0 - KB)));
const U_B: i32 = fixed(CHROMA / 2.0);
const U_G: i32 = -U_R - U_B;
const V_R: i32 = fixed(CHROMA / 2.0);
const V_B: i32 = fixed(-CHROMA * KB / (2.0 * (1.0 - KR)));
const V_G: i32 = -V_R - V_B;

const RGB_Y: i32 = fixed(1.0 / LUMA);
const R_V: i32 = fixed(2.0 * (1.0 - KR) / CHROMA);
const B_U: i32 = fixed(2.0 * (1.0 - KB) / CHROMA);
const G_U: i32 = fixed(2.0 * (1.0 - KB) * KB / KG / CHROMA);
const G_V: i32 = fixed(2.0 * (1.0 - KR) * KR / KG / CHROMA);

/// Luma code (16 to 235) of an sRGB colour.
#[inline]
pub(crate) fn luma(r: i32, g: i32, b: i32) -> u8 {
    (16 + ((Y_R * r + Y_G * g + Y_B * b + HALF) >> BITS)) as u8
}

/// Chroma codes (16 to 240) of the mean of four sRGB colours, given their sum.
#[inline]
pub(crate) fn chroma(r: i32, g: i32, b: i32) -> (u8, u8) {
    let code = |sum: i32| (128 + ((sum + 4 * HALF) >> (BITS + 2))) as u8;
    (code(U_R * r + U_G * g + U_B * b), code(V_R * r + V_G * g + V_B * b))
}

/// BT.709 limited codes of an sRGB colour.
pub fn to_yuv([r, g, b]: [u8; 3]) -> [u8; 3] {
    let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
    let (u, v) = chroma(4 * r, 4 * g, 4 * b);
    [luma(r, g, b), u, v]
}

/// The sRGB colour of BT.709 limited codes; codes outside the range are clipped.
#[inline]
pub fn to_rgb([y, u, v]: [u8; 3]) -> [u8; 3] {
    let y = RGB_Y * (i32::from(y) - 16) + HALF;
    let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
    let code = |sum: i32| (sum >> BITS).clamp(0, 255) as u8;
    [code(y + R_V * v), code(y - G_U * u - G_V * v), code(y + B_U * u)]
}

/// The same in numbers between codes, 0 to 1; codes outside the range go beyond that.
#[inline]
pub(crate) fn to_rgb_unit([y, u, v]: [f32; 3]) -> [f32; 3] {
    const CODE: f32 = 1.0 / (255 * (1 << BITS)) as f32;
    let y = RGB_Y as f32 * (y - 16.0);
    let (u, v) = (u - 128.0, v - 128.0);
    let unit = |sum: f32| sum * CODE;
    [
        unit(y + R_V as f32 * v),
        unit(y - G_U as f32 * u - G_V as f32 * v),
        unit(y + B_U as f32 * u),
    ]
}
