//! NAL units: their header, emulation prevention, and the byte stream that they come in.

use super::{Result, SyntaxError};

/// nal_unit_type (table 7-1), as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitType {
    /// A slice of a picture that is no IDR picture.
    Slice,
    /// A slice of an IDR picture.
    Idr,
    Sps,
    Pps,
    /// Any other of the 32.
    Other(u8),
}

impl UnitType {
    pub fn code(self) -> u8 {
        match self {
            Self::Slice => 1,
            Self::Idr => 5,
            Self::Sps => 7,
            Self::Pps => 8,
            Self::Other(code) => code & 31,
        }
    }
}

impl From<u8> for UnitType {
    fn from(code: u8) -> Self {
        match code & 31 {
            1 => Self::Slice,
            5 => Self::Idr,
            7 => Self::Sps,
            8 => Self::Pps,
            other => Self::Other(other),
        }
    }
}

/// The first byte of a NAL unit (clause 7.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// nal_ref_idc, 0 to 3: zero where no picture refers to this one.
    pub ref_idc: u8,
    pub unit_type: UnitType,
}

impl Header {
    pub fn parse(byte: u8) -> Result<Self> {
        if byte & 0x80 != 0 {
            return Err(SyntaxError::Invalid("forbidden_zero_bit"));
        }
        Ok(Self {
            ref_idc: byte >> 5,
            unit_type: byte.into(),
        })
    }

    pub fn byte(self) -> u8 {
        (self.ref_idc & 3) << 5 | self.unit_type.code()
    }
}

/// Removes emulation prevention (clause 7.4.1.1): `rbsp` gets the unit's header and its raw byte sequence payload.
pub fn unescape(unit: &[u8], rbsp: &mut Vec<u8>) {
    rbsp.clear();
    let mut from = 0;
    for (at, three) in unit.windows(3).enumerate() {
        // The three itself may not begin another triple, which it cannot: it is not zero.
        if three == [0, 0, 3] {
            rbsp.extend_from_slice(&unit[from..at + 2]);
            from = at + 3;
        }
    }
    rbsp.extend_from_slice(&unit[from..]);
}

/// Appends a unit to a byte stream, with its start code and emulation prevention (clauses 7.4.1.1 and B.1.1).
pub fn append(rbsp: &[u8], stream: &mut Vec<u8>) {
    stream.extend_from_slice(&[0, 0, 0, 1]);
    let mut zeros = 0;
    for &byte in rbsp {
        if zeros == 2 && byte <= 3 {
            stream.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        stream.push(byte);
    }
    // cabac_zero_words end a unit in zeros, which a byte stream must not.
    if rbsp.last() == Some(&0) {
        stream.push(3);
    }
}

/// Longest unit that is taken, in bytes: ten times the size of an uncompressed 4K picture's largest slice that any encoder made.
const LONGEST: usize = 64 << 20;

/// Cuts a byte stream (annex B) into NAL units while it comes in.
#[derive(Debug, Default)]
pub struct AnnexB {
    /// What follows the last start code, or what precedes the first.
    kept: Vec<u8>,
    begun: bool,
    /// Bytes of `kept` in which no start code begins.
    searched: usize,
}

impl AnnexB {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes some bytes and gives each unit that they end, header byte first.
    pub fn push(&mut self, bytes: &[u8], unit: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.kept.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(at) = start_code(&self.kept, self.searched) {
            if self.begun {
                give(&self.kept[from..at], unit);
            } else if self.kept[from..at].iter().any(|&b| b != 0) {
                return Err(SyntaxError::Invalid("byte before the first start code"));
            }
            self.begun = true;
            from = at + 3;
            self.searched = from;
        }
        self.kept.drain(..from);
        self.searched = self.kept.len().saturating_sub(2);
        if self.kept.len() > LONGEST {
            return Err(SyntaxError::Unsupported("units of more than 64 MiB"));
        }
        Ok(())
    }

    /// Gives the last unit.
    pub fn finish(self, unit: &mut dyn FnMut(&[u8])) {
        if self.begun {
            give(&self.kept, unit);
        }
    }
}

/// Trailing zeros belong to the byte stream (trailing_zero_8bits, or the next zero_byte), and no unit ends in one.
fn give(bytes: &[u8], unit: &mut dyn FnMut(&[u8])) {
    let end = bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    if end > 0 {
        unit(&bytes[..end]);
    }
}

/// Where the next 00 00 01 begins.
fn start_code(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at + 3 <= bytes.len() {
        match bytes[at + 2] {
            0 => at += 1,
            1 if bytes[at] == 0 && bytes[at + 1] == 0 => return Some(at),
            _ => at += 3,
        }
    }
    None
}
