//! Sorted lines of text, searched as they lie: a dictionary without a map to build.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::error::{Error, Kind, Result};

/// Most bytes that embedded data may unpack to.
const MOST: u64 = 64 << 20;

/// Unpacks embedded data.
pub fn inflate(packed: &[u8]) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    ZlibDecoder::new(packed).take(MOST).read_to_end(&mut data).map_err(damaged)?;
    Ok(data)
}

pub fn damaged(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Kind::Internal, "embedded reading data are damaged").because(e)
}

/// Lines `key` or `key TAB value`, sorted by the bytes of their keys.
pub struct Table {
    text: String,
    starts: Vec<u32>,
}

impl Table {
    pub fn new(text: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(text).map_err(damaged)?;
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        if text.is_empty() || text.ends_with('\n') {
            starts.pop();
        }
        Ok(Self { text, starts })
    }

    fn line(&self, i: usize) -> (&str, &str) {
        let rest = &self.text[self.starts[i] as usize..];
        let line = rest.split('\n').next().unwrap_or_default();
        line.split_once('\t').unwrap_or((line, ""))
    }

    /// The number of the line with this key.
    pub fn find(&self, key: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.starts.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.line(middle).0.as_bytes().cmp(key.as_bytes()) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.find(key).map(|i| self.line(i).1)
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_keys() {
        let table = Table::new(b"B\t1\na\t2\nb\xc3\xa9\t3\n".to_vec()).unwrap();
        assert_eq!(table.len(), 3);
        assert_eq!(
            [table.get("B"), table.get("a"), table.get("b\u{e9}"), table.get("b")],
            [Some("1"), Some("2"), Some("3"), None]
        );
        assert_eq!(Table::new(Vec::new()).unwrap().get(""), None);
    }
}
