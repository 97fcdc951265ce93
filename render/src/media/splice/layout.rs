//! Which macroblocks of the picture come from where, and how they are cut into slices.
//!
//! Around what moves lies a ring of macroblocks that stand still but are encoded with it, as wide as the encoder's motion vectors reach and
//! somewhat more: they find there what the encoder of the small picture found. Vectors of the ring itself must not leave it.
//! Skipped macroblocks inherit vectors from above and from the left (clause 8.4.1.1), but not from another slice: so the ring below what
//! moves is a slice of its own, and in a tile, where each row is one, none is ever inherited.
//!
//! Between key frames what stands still is skipped in slices whose edges are not filtered, and a band's first slice does not filter its upper
//! edge, which its encoder does not know of either. So outside the band nothing can change, whatever the encoder does.

use crate::driver::Region;
use crate::h264::Filter;

/// Pixels of a macroblock's side.
pub const BLOCK: usize = 16;

/// How much of the picture is encoded around what moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Whole rows of macroblocks: a few slices a picture, as every player knows them.
    Band,
    /// Only what moves: a slice for each of its rows.
    Tile,
}

/// A rectangle of macroblocks, right and bottom excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

impl Blocks {
    /// All that a rectangle of pixels touches.
    pub fn touched(region: Region) -> Self {
        let (first, last) = (|v: usize| (v / BLOCK) as u32, |v: usize| v.div_ceil(BLOCK) as u32);
        Self {
            left: first(region.x),
            top: first(region.y),
            right: last(region.x + region.width),
            bottom: last(region.y + region.height),
        }
    }

    pub fn width(&self) -> u32 {
        self.right.saturating_sub(self.left)
    }

    pub fn height(&self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }

    pub fn area(&self) -> u32 {
        self.width() * self.height()
    }

    fn within(&self, width: u32, height: u32) -> Self {
        Self {
            left: self.left.min(width),
            top: self.top.min(height),
            right: self.right.min(width),
            bottom: self.bottom.min(height),
        }
    }

    fn grown(&self, by: u32) -> Self {
        Self {
            left: self.left.saturating_sub(by),
            top: self.top.saturating_sub(by),
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    fn joined(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// A small picture of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub blocks: Blocks,
    /// Macroblocks of each slice; the last has what is left.
    pub slice: u32,
}

impl Part {
    pub fn slices(&self) -> u32 {
        self.blocks.area().div_ceil(self.slice)
    }

    /// Macroblocks of slice `index`.
    pub fn count(&self, index: u32) -> u32 {
        self.slice.min(self.blocks.area() - index * self.slice)
    }

    /// Where slice `index` begins in a picture that is `width` macroblocks wide.
    pub fn first(&self, index: u32, width: u32) -> u32 {
        let own = index * self.slice;
        (self.blocks.top + own / self.blocks.width()) * width + self.blocks.left + own % self.blocks.width()
    }

    /// Its pixels in a canvas; the last macroblocks may reach beyond it.
    pub fn region(&self, canvas: (usize, usize)) -> Region {
        let (x, y) = (self.blocks.left as usize * BLOCK, self.blocks.top as usize * BLOCK);
        Region {
            x,
            y,
            width: (self.blocks.right as usize * BLOCK).min(canvas.0) - x,
            height: (self.blocks.bottom as usize * BLOCK).min(canvas.1) - y,
        }
    }
}

/// Where a slice of a key frame comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub first: u32,
    pub source: Source,
    /// Its slice, counted in the part.
    pub slice: u32,
    /// How its edges are filtered.
    pub filter: Filter,
}

/// A part by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Still(usize),
    Live(usize),
}

/// A slice of a picture between key frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    Moved {
        first: u32,
        live: usize,
        slice: u32,
        filter: Filter,
    },
    /// Skipped; its edges are not filtered.
    Same { first: u32, count: u32 },
}

/// How a picture is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Macroblocks.
    pub width: u32,
    pub height: u32,
    pub still: Vec<Part>,
    pub live: Vec<Part>,
    /// The slices of key frames, in order; together they are the picture.
    pub key: Vec<Slot>,
    /// The slices of all others.
    pub between: Vec<Piece>,
}

impl Layout {
    /// For a canvas of some pixels in which nothing moves but inside `moving`, with a ring of so many macroblocks; none if nothing moves at all.
    pub fn new(canvas: (usize, usize), moving: &[Region], shape: Shape, ring: u32) -> Option<Self> {
        let (width, height) = (canvas.0.div_ceil(BLOCK) as u32, canvas.1.div_ceil(BLOCK) as u32);
        let live = lives(moving, (width, height), shape, ring);
        let mut layout = Self {
            width,
            height,
            still: Vec::new(),
            live,
            key: Vec::new(),
            between: Vec::new(),
        };
        if layout.live.is_empty() {
            return None;
        }
        layout.still = layout.stills();
        if layout.still.is_empty() {
            return Some(Self::plain(canvas));
        }
        layout.key = layout.key_slots();
        layout.between = layout.pieces();
        Some(layout)
    }

    /// All of the picture moves: one part, of which two threads encode a half each.
    pub fn plain(canvas: (usize, usize)) -> Self {
        let (width, height) = (canvas.0.div_ceil(BLOCK) as u32, canvas.1.div_ceil(BLOCK) as u32);
        let blocks = Blocks {
            left: 0,
            top: 0,
            right: width,
            bottom: height,
        };
        let slice = height.div_ceil(2) * width;
        let mut layout = Self {
            width,
            height,
            still: Vec::new(),
            live: vec![Part { blocks, slice }],
            key: Vec::new(),
            between: Vec::new(),
        };
        layout.key = layout.key_slots();
        layout.between = layout.pieces();
        layout
    }

    pub fn is_plain(&self) -> bool {
        self.still.is_empty()
    }

    pub fn area(&self) -> u32 {
        self.width * self.height
    }

    /// Macroblocks that are encoded in every frame.
    pub fn live_area(&self) -> u32 {
        self.live.iter().map(|l| l.blocks.area()).sum()
    }

    /// Slices of the picture that has most.
    pub fn slices(&self) -> u32 {
        self.key.len().max(self.between.len()) as u32
    }

    /// What stands still, as rectangles: whole rows where nothing moves, and what is left and right of what moves elsewhere.
    fn stills(&self) -> Vec<Part> {
        let mut cuts: Vec<u32> = self.live.iter().flat_map(|l| [l.blocks.top, l.blocks.bottom]).collect();
        cuts.extend([0, self.height]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut parts = Vec::new();
        for rows in cuts.windows(2) {
            let (top, bottom) = (rows[0], rows[1]);
            let inside = |b: &Blocks| b.top <= top && bottom <= b.bottom;
            let mut spans: Vec<(u32, u32)> = self
                .live
                .iter()
                .map(|l| l.blocks)
                .filter(inside)
                .map(|b| (b.left, b.right))
                .collect();
            spans.sort_unstable();
            let whole = spans.is_empty();
            spans.push((self.width, self.width));
            let mut left = 0;
            for (from, to) in spans {
                let blocks = Blocks {
                    left,
                    top,
                    right: from,
                    bottom,
                };
                if blocks.area() > 0 {
                    let slice = if whole { blocks.area() } else { blocks.width() };
                    parts.push(Part { blocks, slice });
                }
                left = to;
            }
        }
        parts
    }

    fn key_slots(&self) -> Vec<Slot> {
        let stills = self.still.iter().enumerate().map(|(i, part)| (Source::Still(i), *part));
        let lives = self.live.iter().enumerate().map(|(i, live)| (Source::Live(i), *live));
        let mut slots: Vec<Slot> = stills
            .chain(lives)
            .flat_map(|(source, part)| {
                (0..part.slices()).map(move |slice| Slot {
                    first: part.first(slice, self.width),
                    source,
                    slice,
                    filter: self.key_filter(source, &part),
                })
            })
            .collect();
        slots.sort_unstable_by_key(|s| s.first);
        slots
    }

    /// Edges of still parts are filtered like those of any picture, where what lies on the other side is the same in every key frame. It
    /// is not at the right of what moves: there the ring is predicted from it.
    fn key_filter(&self, source: Source, part: &Part) -> Filter {
        let beside =
            |l: &Part| l.blocks.right == part.blocks.left && l.blocks.top < part.blocks.bottom && part.blocks.top < l.blocks.bottom;
        match source {
            Source::Still(_) if self.live.iter().any(beside) => Filter::Inside,
            _ => Filter::All,
        }
    }

    /// The slices of what moves, and what fills the gaps.
    fn pieces(&self) -> Vec<Piece> {
        let mut moved: Vec<(u32, u32, Piece)> = Vec::new();
        for (live, part) in self.live.iter().enumerate() {
            for slice in 0..part.slices() {
                let first = part.first(slice, self.width);
                // All other slices have edges inside the part, which their encoder has filtered.
                let filter = if slice == 0 { Filter::Inside } else { Filter::All };
                moved.push((
                    first,
                    part.count(slice),
                    Piece::Moved {
                        first,
                        live,
                        slice,
                        filter,
                    },
                ));
            }
        }
        moved.sort_unstable_by_key(|m| m.0);
        let mut pieces = Vec::new();
        let mut next = 0;
        for (first, count, piece) in moved {
            pieces.extend(same(next, first - next));
            pieces.push(piece);
            next = first + count;
        }
        pieces.extend(same(next, self.area() - next));
        pieces
    }
}

/// A gap.
fn same(first: u32, count: u32) -> Option<Piece> {
    (count > 0).then_some(Piece::Same { first, count })
}

/// The parts that move; such as come into each other's rings are one.
fn lives(moving: &[Region], (width, height): (u32, u32), shape: Shape, ring: u32) -> Vec<Part> {
    let mut cores: Vec<Blocks> = Vec::new();
    for region in moving {
        let mut core = Blocks::touched(*region).within(width, height);
        if core.area() == 0 {
            continue;
        }
        if shape == Shape::Band {
            (core.left, core.right) = (0, width);
        }
        while let Some(other) = cores.iter().position(|c| c.grown(ring).meets(&core.grown(ring))) {
            core = core.joined(&cores.swap_remove(other));
        }
        cores.push(core);
    }
    cores.sort_unstable_by_key(|c| (c.top, c.left));
    cores.iter().map(|core| live(core, (width, height), ring)).collect()
}

fn live(core: &Blocks, (width, height): (u32, u32), ring: u32) -> Part {
    let blocks = core.grown(ring).within(width, height);
    let rows = if blocks.width() == width { core.bottom - blocks.top } else { 1 };
    Part {
        blocks,
        slice: rows * blocks.width(),
    }
}

#[cfg(test)]
mod tests;
