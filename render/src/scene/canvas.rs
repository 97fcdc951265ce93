//! The canvas of a scene: its size, its rate, and the colours on it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// Frames per second as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fps {
    pub num: u32,
    pub den: u32,
}

impl Fps {
    pub const DEFAULT: Self = Self { num: 25, den: 1 };

    /// The rates that a canvas may have: film, PAL and NTSC families.
    pub const ALLOWED: [Self; 8] = [
        Self { num: 24, den: 1 },
        Self { num: 25, den: 1 },
        Self { num: 30, den: 1 },
        Self { num: 50, den: 1 },
        Self { num: 60, den: 1 },
        Self { num: 24_000, den: 1001 },
        Self { num: 30_000, den: 1001 },
        Self { num: 60_000, den: 1001 },
    ];

    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The nearest whole number of samples, of so many a second, to the length of so many frames.
    pub fn samples(self, frames: usize, rate: u32) -> u64 {
        let exact = frames as f64 * f64::from(self.den) * f64::from(rate) / f64::from(self.num);
        exact.round() as u64
    }

    /// The allowed rate at which a video of so many frames a second is shown with the least unevenness.
    pub fn near(fps: f64) -> Self {
        /// Slower than film: each frame is shown twice, or more often, and best as often as its neighbours.
        const SLOW: f64 = 20.0;
        let off = |allowed: &Self| {
            let times = allowed.as_f64() / fps.max(1.0);
            if fps < SLOW {
                (times - times.round()).abs()
            } else {
                (times - 1.0).abs()
            }
        };
        let best = |a: &Self, b: &Self| off(a).total_cmp(&off(b));
        Self::ALLOWED.into_iter().min_by(best).unwrap_or(Self::DEFAULT)
    }

    /// The nearest whole number of frames to a length in seconds.
    pub fn frames(self, seconds: f64) -> usize {
        (seconds * self.as_f64()).round().max(0.0) as usize
    }

    /// The time in seconds at which frame `index` is in the middle of being shown.
    pub fn middle(self, index: usize) -> f64 {
        (index as f64 + 0.5) / self.as_f64()
    }
}

/// `25`, `30000/1001`, or the usual decimal names `23.976`, `29.97` and `59.94`.
impl FromStr for Fps {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let value = match text.split_once('/') {
            Some((num, den)) => num
                .trim()
                .parse::<f64>()
                .ok()
                .zip(den.trim().parse::<f64>().ok())
                .map(|(n, d)| n / d),
            None => text.trim().parse::<f64>().ok(),
        };
        // 29.97 stands for 30000/1001, which is 0.00003 away; the nearest two allowed rates are 0.024 apart.
        value
            .and_then(|v| Self::ALLOWED.into_iter().find(|fps| (fps.as_f64() - v).abs() < 0.005))
            .ok_or_else(|| Invalid::new("fps", format!("is {text}, but may be 24, 25, 30, 50, 60, 23.976, 29.97 or 59.94")))
    }
}

/// The picture that the video shows: white until layers cover it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    width: u32,
    height: u32,
    fps: Fps,
}

impl Canvas {
    pub const SIDE: std::ops::RangeInclusive<u32> = 128..=4096;

    pub fn new(width: u32, height: u32, fps: Fps) -> Result<Self, Invalid> {
        for (field, side) in [("width", width), ("height", height)] {
            if !Self::SIDE.contains(&side) || side % 2 != 0 {
                return Err(Invalid::new(
                    field,
                    format!("is {side}, but must be an even number from 128 to 4096"),
                ));
            }
        }
        if !Fps::ALLOWED.contains(&fps) {
            return Err(Invalid::new(
                "fps",
                "must be 24, 25, 30, 50, 60, 24000/1001, 30000/1001 or 60000/1001",
            ));
        }
        Ok(Self { width, height, fps })
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    pub fn fps(&self) -> Fps {
        self.fps
    }
}

/// Straight 8-bit sRGB; alpha 0 is transparent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgba(pub [u8; 4]);

impl Rgba {
    pub const WHITE: Self = Self([255; 4]);
}

/// `#` optional, then 3, 4, 6 or 8 hex digits, alpha last.
impl FromStr for Rgba {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        let values: Option<Vec<u8>> = digits.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
        let bytes: Vec<u8> = match values {
            Some(v) if matches!(v.len(), 3 | 4) => v.iter().map(|d| d * 17).collect(),
            Some(v) if matches!(v.len(), 6 | 8) => v.chunks_exact(2).map(|d| d[0] * 16 + d[1]).collect(),
            _ => {
                return Err(Invalid::new(
                    "colour",
                    format!("is {text:?}, but must be # and 3, 4, 6 or 8 hex digits"),
                ));
            }
        };
        Ok(Self([bytes[0], bytes[1], bytes[2], bytes.get(3).copied().unwrap_or(255)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_are_shown_at_the_nearest_rate_that_there_is() {
        let near = |fps| {
            let Fps { num, den } = Fps::near(fps);
            (num, den)
        };
        for (fps, expected) in [
            (24.0, (24, 1)),
            (23.976, (24_000, 1001)),
            (25.0, (25, 1)),
            (29.97, (30_000, 1001)),
            (27.1, (25, 1)),
            (30.0, (30, 1)),
            (59.94, (60_000, 1001)),
            (240.0, (60, 1)),
            (15.0, (30, 1)),
            (12.5, (25, 1)),
            (10.0, (30, 1)),
            (8.0, (24, 1)),
            (1.0, (24, 1)),
            (0.0, (24, 1)),
        ] {
            assert_eq!(near(fps), expected, "{fps}");
        }
    }
}
