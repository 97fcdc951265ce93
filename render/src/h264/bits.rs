//! Bits, and Exp-Golomb codes (clause 9.1).

use super::{Result, SyntaxError};

/// Reads the bits of a raw byte sequence payload.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bits read so far.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn flag(&mut self) -> Result<bool> {
        let byte = self.bytes.get(self.at / 8).ok_or(SyntaxError::Truncated)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Ok(bit == 1)
    }

    /// u(n), at most 32 bits.
    pub fn bits(&mut self, count: u32) -> Result<u32> {
        debug_assert!(count <= 32, "u(n) of more than 32 bits");
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Ok(value)
    }

    /// ue(v), clause 9.1.
    pub fn ue(&mut self) -> Result<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return Err(SyntaxError::Invalid("Exp-Golomb code"));
            }
        }
        Ok(((1 << zeros) - 1) + self.bits(zeros)?)
    }

    /// ue(v) that may be at most `most`.
    pub fn ue_within(&mut self, most: u32, what: &'static str) -> Result<u32> {
        let value = self.ue()?;
        if value <= most {
            Ok(value)
        } else {
            Err(SyntaxError::Invalid(what))
        }
    }

    /// se(v), clause 9.1.1.
    pub fn se(&mut self) -> Result<i32> {
        let code = i64::from(self.ue()?);
        let value = if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) };
        // The largest code is 2³² − 2, so that both ends fit.
        i32::try_from(value).map_err(|_| SyntaxError::Invalid("Exp-Golomb code"))
    }

    /// se(v) within bounds.
    pub fn se_within(&mut self, least: i32, most: i32, what: &'static str) -> Result<i32> {
        let value = self.se()?;
        if (least..=most).contains(&value) {
            Ok(value)
        } else {
            Err(SyntaxError::Invalid(what))
        }
    }

    /// more_rbsp_data(), clause 7.2: whether anything but the trailing bits is left.
    pub fn more_data(&self) -> bool {
        last_one(self.bytes).is_some_and(|last| self.at < last)
    }

    /// rbsp_trailing_bits(), clause 7.3.2.11.
    pub fn trailing(&mut self) -> Result<()> {
        if last_one(self.bytes) == Some(self.at) {
            Ok(())
        } else {
            Err(SyntaxError::Invalid("end of a parameter set"))
        }
    }
}

/// The place of the last bit that is one: rbsp_stop_one_bit, cabac_zero_words aside.
pub fn last_one(bytes: &[u8]) -> Option<usize> {
    let (byte, value) = bytes.iter().enumerate().rev().find(|(_, b)| **b != 0)?;
    Some(byte * 8 + 7 - value.trailing_zeros() as usize)
}

/// Writes bits.
#[derive(Clone, Debug, Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// The bits of an unfinished byte, right-justified.
    partial: u32,
    filled: u32,
}

impl BitWriter {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn flag(&mut self, bit: bool) {
        self.bits(1, u32::from(bit));
    }

    /// u(n), at most 32 bits.
    pub fn bits(&mut self, count: u32, value: u32) {
        debug_assert!(count <= 32, "u(n) of more than 32 bits");
        for i in (0..count).rev() {
            self.partial = self.partial << 1 | (value >> i & 1);
            self.filled += 1;
            if self.filled == 8 {
                self.bytes.push(self.partial as u8);
                (self.partial, self.filled) = (0, 0);
            }
        }
    }

    /// ue(v); `u32::MAX` has no code and is written as the largest that has.
    pub fn ue(&mut self, value: u32) {
        let code = value.saturating_add(1);
        let length = 32 - code.leading_zeros();
        self.bits(length - 1, 0);
        self.bits(length, code);
    }

    /// se(v); `i32::MIN` has no code and is written as its neighbour.
    pub fn se(&mut self, value: i32) {
        let size = value.unsigned_abs().min(i32::MAX.unsigned_abs());
        self.ue(if value > 0 { 2 * size - 1 } else { 2 * size });
    }

    pub fn is_aligned(&self) -> bool {
        self.filled == 0
    }

    /// Fills the last byte.
    pub fn align(&mut self, with: bool) {
        while !self.is_aligned() {
            self.flag(with);
        }
    }

    /// rbsp_trailing_bits(), clause 7.3.2.11.
    pub fn trailing(&mut self) {
        self.flag(true);
        self.align(false);
    }

    /// Appends whole bytes to whole bytes.
    pub fn append(&mut self, bytes: &[u8]) {
        if self.is_aligned() {
            self.bytes.extend_from_slice(bytes);
        } else {
            bytes.iter().for_each(|&b| self.bits(8, b.into()));
        }
    }

    /// Appends bits `from..to` of some bytes.
    pub fn append_bits(&mut self, bytes: &[u8], from: usize, to: usize) -> Result<()> {
        let mut reader = BitReader { bytes, at: from };
        let mut left = to.saturating_sub(from);
        while left > 0 {
            let count = left.min(8);
            let value = reader.bits(count as u32)?;
            self.bits(count as u32, value);
            left -= count;
        }
        Ok(())
    }

    /// What was written; an unfinished byte is left out.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
