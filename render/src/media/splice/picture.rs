//! Slices of small pictures become one large picture.

use super::layout::{Layout, Part, Piece, Slot, Source};
use crate::h264::{Filter, Header, Kind, Pps, Result, SkipSlices, SliceHeader, Sps, SyntaxError, UnitType, nal, transplant};

/// The slices of one picture of a part, without emulation prevention.
#[derive(Clone, Debug, Default)]
pub struct Slices(Vec<Slice>);

#[derive(Clone, Debug)]
struct Slice {
    rbsp: Vec<u8>,
    header: SliceHeader,
    /// Bits of its header.
    length: usize,
}

/// What a part's own stream says of itself.
#[derive(Clone, Debug)]
pub struct Parameters {
    pub sps: Sps,
    pub pps: Pps,
}

/// Reads the stream of one part, unit by unit.
#[derive(Debug)]
pub struct PartReader {
    part: Part,
    sps: Option<Sps>,
    pps: Option<Pps>,
    slices: Slices,
    /// Whether slices of CABAC end as x264 makes them.
    settles: bool,
}

impl PartReader {
    /// `settles` says that the stream is x264's.
    pub fn new(part: Part, settles: bool) -> Self {
        Self {
            part,
            settles,
            sps: None,
            pps: None,
            slices: Slices::default(),
        }
    }

    /// Takes a unit; gives a picture when that was its last slice.
    pub fn take(&mut self, unit: &[u8]) -> Result<Option<Slices>> {
        let header = Header::parse(*unit.first().ok_or(SyntaxError::Truncated)?)?;
        match header.unit_type {
            UnitType::Sps => keep(&mut self.sps, Sps::parse(unit)?)?,
            UnitType::Pps => keep(&mut self.pps, Pps::parse(unit)?)?,
            UnitType::Slice | UnitType::Idr => self.take_slice(unit)?,
            // What encoders say about themselves.
            UnitType::Other(_) => {}
        }
        let complete = self.slices.0.len() as u32 == self.part.slices();
        Ok(complete.then(|| std::mem::take(&mut self.slices)))
    }

    fn take_slice(&mut self, unit: &[u8]) -> Result<()> {
        let (Some(sps), Some(pps)) = (&self.sps, &self.pps) else {
            return Err(SyntaxError::Invalid("slice before its parameters"));
        };
        if (sps.width, sps.height) != (self.part.blocks.width(), self.part.blocks.height()) {
            return Err(SyntaxError::Invalid("size of a part"));
        }
        let mut rbsp = Vec::new();
        nal::unescape(unit, &mut rbsp);
        let (header, length) = SliceHeader::parse(&rbsp, sps, pps)?;
        if header.first_mb != self.slices.0.len() as u32 * self.part.slice {
            return Err(SyntaxError::Invalid("division into slices"));
        }
        if pps.cabac && self.settles {
            settle(&mut rbsp);
        }
        self.slices.0.push(Slice { rbsp, header, length });
        Ok(())
    }

    pub fn parameters(&self) -> Option<Parameters> {
        let (sps, pps) = (self.sps.clone()?, self.pps?);
        Some(Parameters { sps, pps })
    }
}

/// Makes the last bit one, as x264 does in every other slice, by how many pictures it has encoded so far (and no decoder looks at it: the
/// arithmetic code ends before). So a slice has the same bytes wherever its encoder began.
fn settle(rbsp: &mut [u8]) {
    if let Some(last) = rbsp.last_mut() {
        *last |= 1;
    }
}

/// Parameters are repeated, but may not change.
fn keep<T: PartialEq>(known: &mut Option<T>, new: T) -> Result<()> {
    match known {
        Some(known) if *known != new => Err(SyntaxError::Unsupported("parameters that change")),
        _ => {
            *known = Some(new);
            Ok(())
        }
    }
}

impl Slices {
    /// Whether it can be a picture that begins a sequence.
    pub fn is_key(&self) -> bool {
        self.0.iter().all(|s| s.header.nal.unit_type == UnitType::Idr)
    }

    /// What its pictures have in common with those of other parts: their kind, and their place in what is seen.
    fn place(&self) -> Option<(Kind, u32)> {
        self.0.first().map(|s| (s.header.kind, s.header.order_lsb))
    }
}

/// Writes pictures.
#[derive(Debug)]
pub struct Assembly {
    layout: Layout,
    sps: Sps,
    pps: Pps,
    still: Vec<Slices>,
    skips: SkipSlices,
    /// Frames from one key frame to the next.
    gop: usize,
    /// Pictures since the last key frame, and itself, that others refer to.
    references: u32,
}

impl Assembly {
    /// `sps` are the whole picture's, `still` the still parts in the layout's order.
    pub fn new(layout: Layout, sps: Sps, pps: Pps, still: Vec<Slices>, gop: usize) -> Result<Self> {
        let parts = layout.still.iter().zip(&still);
        let fits = parts
            .clone()
            .all(|(part, slices)| slices.0.len() as u32 == part.slices() && slices.is_key());
        if layout.still.len() != still.len() || !fits {
            return Err(SyntaxError::Invalid("still part"));
        }
        Ok(Self {
            layout,
            sps,
            pps,
            still,
            skips: SkipSlices::new(),
            gop: gop.max(1),
            references: 0,
        })
    }

    /// Whether picture `index` stands for itself. All that is seen before it is also decoded before it.
    pub fn is_key(&self, index: usize) -> bool {
        index.is_multiple_of(self.gop)
    }

    /// Appends picture `index`, in the order of decoding, to a byte stream, from one picture of each live part.
    pub fn append(&mut self, index: usize, live: &[Slices], stream: &mut Vec<u8>) -> Result<()> {
        let key = self.is_key(index);
        if live.len() != self.layout.live.len() || live.iter().any(|l| l.is_key() != key) {
            return Err(SyntaxError::Invalid("place of a key frame"));
        }
        let place = live.first().and_then(Slices::place);
        if live.iter().any(|l| l.place() != place) {
            return Err(SyntaxError::Invalid("order of pictures"));
        }
        if key {
            self.references = 0;
            self.append_key(index, live, stream)?;
        } else {
            self.append_between(index, live, stream)?;
        }
        self.references += u32::from(place.is_some_and(|(kind, _)| kind != Kind::B));
        Ok(())
    }

    fn append_key(&mut self, index: usize, live: &[Slices], stream: &mut Vec<u8>) -> Result<()> {
        nal::append(&self.sps.to_rbsp(), stream);
        nal::append(&self.pps.to_rbsp(), stream);
        for &Slot {
            first,
            source,
            slice,
            filter,
        } in &self.layout.key
        {
            let slices = match source {
                Source::Still(i) => &self.still[i],
                Source::Live(i) => &live[i],
            };
            let Slice { rbsp, header, length } = slices.0.get(slice as usize).ok_or(SyntaxError::Truncated)?;
            let header = self.placed(header, index, first, filter);
            transplant(rbsp, *length, &header, &self.sps, &self.pps, stream)?;
        }
        Ok(())
    }

    fn append_between(&mut self, index: usize, live: &[Slices], stream: &mut Vec<u8>) -> Result<()> {
        for piece in &self.layout.between {
            match *piece {
                Piece::Moved {
                    first,
                    live: from,
                    slice,
                    filter,
                } => {
                    let Slice { rbsp, header, length } = live[from].0.get(slice as usize).ok_or(SyntaxError::Truncated)?;
                    let header = self.placed(header, index, first, filter);
                    transplant(rbsp, *length, &header, &self.sps, &self.pps, stream)?;
                }
                Piece::Same { first, count } => {
                    let like = live.first().and_then(|l| l.0.first()).ok_or(SyntaxError::Truncated)?;
                    let header = self.placed(&like.header, index, first, Filter::Inside);
                    self.skips.append(&header, count, &self.sps, &self.pps, stream);
                }
            }
        }
        Ok(())
    }

    /// A part's slice header in the whole picture.
    fn placed(&self, header: &SliceHeader, index: usize, first: u32, filter: Filter) -> SliceHeader {
        let mut placed = header.clone();
        placed.nal.ref_idc = match header.kind {
            Kind::B => 0,
            _ if self.is_key(index) => 3,
            _ => 2,
        };
        placed.first_mb = first;
        placed.alone = false;
        placed.frame_num = self.references & ((1 << self.sps.log2_max_frame_num) - 1);
        // Two IDR pictures in a row must not have the same.
        placed.idr_pic_id = (index / self.gop % 2) as u32;
        if header.deblocking.filter == Filter::All {
            placed.deblocking.filter = filter;
        }
        placed
    }
}
