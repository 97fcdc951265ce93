//! Where Kokoro's stock voices lie among voices: measured once, by training/stock_speakers.py.

use super::embedding::{Embedding, SIZE};

/// Of each voice: its id, 16 bytes filled up with zeros; its middle pitch in Hz and its embedding, little-endian `f32`.
static TABLE: &[u8] = include_bytes!("../../../models/kokoro_speakers.bin");
const ID: usize = 16;
const ROW: usize = ID + 4 * (1 + SIZE);

/// A stock voice.
pub struct Stock {
    pub id: &'static str,
    /// Hz.
    pub pitch: f32,
    pub speaker: Embedding,
}

impl Stock {
    /// Kokoro's ids say it: `af_heart`, `bm_george`.
    pub fn is_female(&self) -> bool {
        self.id.as_bytes().get(1) == Some(&b'f')
    }
}

/// All that were measured, by their ids.
pub fn voices() -> Vec<Stock> {
    TABLE.chunks_exact(ROW).filter_map(read).collect()
}

fn read(row: &'static [u8]) -> Option<Stock> {
    let (id, numbers) = row.split_at(ID);
    let id = std::str::from_utf8(id).ok()?.trim_end_matches('\0');
    let mut numbers = numbers.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let pitch = numbers.next()?;
    let mut speaker = [0.0; SIZE];
    speaker.iter_mut().zip(numbers).for_each(|(to, from)| *to = from);
    Some(Stock {
        id,
        pitch,
        speaker: Embedding::of(speaker),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_all_of_kokoros_voices() {
        let all = voices();
        assert_eq!(TABLE.len() % ROW, 0);
        assert_eq!(all.len(), 54);
        assert!(
            all.iter()
                .all(|v| (60.0..400.0).contains(&v.pitch) && v.speaker.similarity(&v.speaker) > 0.999)
        );
        let mean = |female: bool| {
            let of: Vec<f32> = all.iter().filter(|v| v.is_female() == female).map(|v| v.pitch).collect();
            of.iter().sum::<f32>() / of.len() as f32
        };
        assert!(mean(true) > mean(false) + 40.0);
    }
}
