//! Repeatable randomness: a number for a seed and a place, so that any frame can be drawn alone.

/// SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number in 0..1 that belongs to `(seed, stream, index)`.
pub fn unit(seed: u64, stream: u64, index: u64) -> f32 {
    (mix(mix(seed ^ mix(stream)) ^ index) >> 40) as f32 / (1u64 << 24) as f32
}

/// A number in -1..1.
pub fn signed(seed: u64, stream: u64, index: u64) -> f32 {
    2.0 * unit(seed, stream, index) - 1.0
}

/// Smooth noise in -1..1 with about one swing per unit of `x` (cubic value noise).
pub fn smooth(seed: u64, stream: u64, x: f64) -> f32 {
    let cell = x.floor();
    let t = (x - cell) as f32;
    let at = |k: i64| signed(seed, stream, (cell as i64 + k) as u64);
    let (a, b, c, d) = (at(-1), at(0), at(1), at(2));
    let p = (d - c) - (a - b);
    (((p * t + (a - b) - p) * t + (c - a)) * t + b).clamp(-1.5, 1.5) / 1.5
}
