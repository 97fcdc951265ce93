//! P and B slices that leave the picture as it was: every macroblock is skipped.
//!
//! Where no macroblock of a P slice has moved, the vector of a skipped one is zero (clause 8.4.1.1), so that it is a copy of the same
//! place in the picture before. In a B slice it is the mean of the same place in the pictures before and after, for none of its neighbours
//! refers to other pictures or moves (clause 8.4.1.2.2): a copy too, where these are the same.

use std::collections::HashMap;

use super::bits::BitWriter;
use super::cabac::{Context, Encoder};
use super::nal;
use super::pps::Pps;
use super::slice::{Kind, SliceHeader};
use super::sps::Sps;

/// m and n of mb_skip_flag's first context for cabac_init_idc 0: both neighbours are skipped or missing. In P slices (ctxIdx 11, table 9-13)
/// and in B slices (ctxIdx 24, table 9-14).
const SKIP_P: (i32, i32) = (23, 33);
const SKIP_B: (i32, i32) = (18, 64);

/// Writes slices in which nothing moves; those that were written before are remembered.
#[derive(Debug, Default)]
pub struct SkipSlices {
    /// Macroblocks of CABAC by number, quantiser and whether they are a B slice's.
    known: HashMap<(u32, i32, bool), Vec<u8>>,
}

impl SkipSlices {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a slice of `count` macroblocks to a byte stream: where `header` says, in its picture, with its quantiser, which counts where
    /// its edges are filtered.
    pub fn append(&mut self, header: &SliceHeader, count: u32, sps: &Sps, pps: &Pps, stream: &mut Vec<u8>) {
        if count == 0 {
            return;
        }
        let between = header.kind == Kind::B;
        let header = SliceHeader {
            kind: if between { Kind::B } else { Kind::P },
            alone: false,
            references: None,
            modifications: Default::default(),
            cabac_init_idc: 0,
            ..header.clone()
        };
        let mut w = BitWriter::new();
        header.write(&mut w, sps, pps);
        if pps.cabac {
            let qp = pps.init_qp + header.qp_delta;
            let payload = self.known.entry((count, qp, between)).or_insert_with(|| {
                let start = if between { SKIP_B } else { SKIP_P };
                skipped(start, count, qp)
            });
            w.align(true);
            w.append(payload);
        } else {
            // mb_skip_run, clause 7.3.4.
            w.ue(count);
            w.trailing();
        }
        nal::append(&w.into_bytes(), stream);
    }
}

/// slice_data() of CABAC (clause 7.3.4): mb_skip_flag and end_of_slice_flag of each macroblock.
fn skipped((m, n): (i32, i32), count: u32, qp: i32) -> Vec<u8> {
    let mut context = Context::new(m, n, qp);
    let mut encoder = Encoder::new();
    for left in (0..count).rev() {
        encoder.decision(&mut context, true);
        if left > 0 {
            encoder.goes_on();
        }
    }
    encoder.finish()
}
