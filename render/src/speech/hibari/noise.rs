//! Noise that is the same each time.

use realfft::num_complex::Complex32;

/// Normally distributed numbers from a seed: `SplitMix64` (Steele et al., 2014), then Box and Muller.
pub struct Noise(u64);

impl Noise {
    /// From what is said, so that the same phrase sounds the same (FNV-1a).
    pub fn of(signs: &[f32]) -> Self {
        let hash = signs.iter().fold(0xcbf2_9ce4_8422_2325, |h: u64, s| {
            (h ^ u64::from(s.to_bits())).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Above 0, to 1.
    fn uniform(&mut self) -> f32 {
        ((self.next() >> 40) + 1) as f32 / (1u32 << 24) as f32
    }

    /// Real and imaginary part of deviation 1 each.
    pub fn complex(&mut self) -> Complex32 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        Complex32::from_polar(radius, std::f32::consts::TAU * self.uniform())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_normal_and_the_same_again() {
        let mut noise = Noise::of(&[1.0, 2.0]);
        let drawn: Vec<Complex32> = (0..20_000).map(|_| noise.complex()).collect();
        let power = drawn.iter().map(Complex32::norm_sqr).sum::<f32>() / drawn.len() as f32;
        let mean = drawn.iter().sum::<Complex32>() / drawn.len() as f32;
        assert!((power - 2.0).abs() < 0.06 && mean.norm() < 0.03, "{power} {mean}");
        assert_eq!(Noise::of(&[1.0, 2.0]).complex(), drawn[0]);
        assert_ne!(Noise::of(&[2.0, 1.0]).complex(), drawn[0]);
    }
}
