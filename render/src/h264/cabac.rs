//! The arithmetic encoder of CABAC (clause 9.3.4), as far as slices need it in which every macroblock is skipped.

use super::bits::BitWriter;

/// rangeTabLPS (table 9-44): the width of the less probable part, by state and by quarter of the range.
const RANGE_LPS: [[u8; 4]; 64] = [
    [128, 176, 208, 240],
    [128, 167, 197, 227],
    [128, 158, 187, 216],
    [123, 150, 178, 205],
    [116, 142, 169, 195],
    [111, 135, 160, 185],
    [105, 128, 152, 175],
    [100, 122, 144, 166],
    [95, 116, 137, 158],
    [90, 110, 130, 150],
    [85, 104, 123, 142],
    [81, 99, 117, 135],
    [77, 94, 111, 128],
    [73, 89, 105, 122],
    [69, 85, 100, 116],
    [66, 80, 95, 110],
    [62, 76, 90, 104],
    [59, 72, 86, 99],
    [56, 69, 81, 94],
    [53, 65, 77, 89],
    [51, 62, 73, 85],
    [48, 59, 69, 80],
    [46, 56, 66, 76],
    [43, 53, 63, 72],
    [41, 50, 59, 69],
    [39, 48, 56, 65],
    [37, 45, 54, 62],
    [35, 43, 51, 59],
    [33, 41, 48, 56],
    [32, 39, 46, 53],
    [30, 37, 43, 50],
    [29, 35, 41, 48],
    [27, 33, 39, 45],
    [26, 31, 37, 43],
    [24, 30, 35, 41],
    [23, 28, 33, 39],
    [22, 27, 32, 37],
    [21, 26, 30, 35],
    [20, 24, 29, 33],
    [19, 23, 27, 31],
    [18, 22, 26, 30],
    [17, 21, 25, 28],
    [16, 20, 23, 27],
    [15, 19, 22, 25],
    [14, 18, 21, 24],
    [14, 17, 20, 23],
    [13, 16, 19, 22],
    [12, 15, 18, 21],
    [12, 14, 17, 20],
    [11, 14, 16, 19],
    [11, 13, 15, 18],
    [10, 12, 15, 17],
    [10, 12, 14, 16],
    [9, 11, 13, 15],
    [9, 11, 12, 14],
    [8, 10, 12, 14],
    [8, 9, 11, 13],
    [7, 9, 11, 12],
    [7, 9, 10, 12],
    [7, 8, 10, 11],
    [6, 8, 9, 11],
    [6, 7, 9, 10],
    [6, 7, 8, 9],
    [2, 2, 2, 2],
];

/// transIdxLPS (table 9-45).
const NEXT_LPS: [u8; 64] = [
    0, 0, 1, 2, 2, 4, 4, 5, 6, 7, 8, 9, 9, 11, 11, 12, 13, 13, 15, 15, 16, 16, 18, 18, 19, 19, 21, 21, 22, 22, 23, 24, 24, 25, 26, 26, 27,
    27, 28, 29, 29, 30, 30, 30, 31, 32, 32, 33, 33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37, 38, 38, 63,
];

/// What is known of a binary decision: pStateIdx and valMPS.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    state: u8,
    likely: bool,
}

impl Context {
    /// Clause 9.3.1.1, from the context's m and n and the slice's quantiser.
    pub fn new(m: i32, n: i32, qp: i32) -> Self {
        let pre = (((m * qp.clamp(0, 51)) >> 4) + n).clamp(1, 126);
        if pre <= 63 {
            Self {
                state: (63 - pre) as u8,
                likely: false,
            }
        } else {
            Self {
                state: (pre - 64) as u8,
                likely: true,
            }
        }
    }
}

/// Clause 9.3.4.2 to 9.3.4.5.
#[derive(Debug)]
pub struct Encoder {
    low: u32,
    range: u32,
    outstanding: u32,
    first: bool,
    out: BitWriter,
}

impl Encoder {
    pub fn new() -> Self {
        Self {
            low: 0,
            range: 510,
            outstanding: 0,
            first: true,
            out: BitWriter::new(),
        }
    }

    /// EncodeDecision (figure 9-8).
    pub fn decision(&mut self, context: &mut Context, bin: bool) {
        let quarter = (self.range >> 6) & 3;
        let lps = u32::from(RANGE_LPS[usize::from(context.state)][quarter as usize]);
        self.range -= lps;
        if bin == context.likely {
            context.state = (context.state + 1).min(62);
        } else {
            self.low += self.range;
            self.range = lps;
            if context.state == 0 {
                context.likely = !context.likely;
            }
            context.state = NEXT_LPS[usize::from(context.state)];
        }
        self.renormalise();
    }

    /// EncodeDecision with the context of end_of_slice_flag and bin 0 (figure 9-12).
    pub fn goes_on(&mut self) {
        self.range -= 2;
        self.renormalise();
    }

    /// The same with bin 1, and EncodeFlush (figure 9-13): the last bit written is rbsp_stop_one_bit.
    pub fn finish(mut self) -> Vec<u8> {
        self.range -= 2;
        self.low += self.range;
        self.range = 2;
        self.renormalise();
        self.put(self.low >> 9 & 1 == 1);
        self.out.bits(2, (self.low >> 7 & 3) | 1);
        self.out.align(false);
        self.out.into_bytes()
    }

    /// RenormE (figure 9-9).
    fn renormalise(&mut self) {
        while self.range < 256 {
            if self.low < 256 {
                self.put(false);
            } else if self.low >= 512 {
                self.low -= 512;
                self.put(true);
            } else {
                self.low -= 256;
                self.outstanding += 1;
            }
            self.range <<= 1;
            self.low <<= 1;
        }
    }

    /// PutBit (figure 9-10).
    fn put(&mut self, bit: bool) {
        if self.first {
            self.first = false;
        } else {
            self.out.flag(bit);
        }
        for _ in 0..std::mem::take(&mut self.outstanding) {
            self.out.flag(!bit);
        }
    }
}
