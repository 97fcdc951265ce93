//! Whether splicing pays.

use super::layout::{Layout, Part, Shape};
use super::{openh264, x264};
use crate::driver::Region;
use crate::media::tools::H264Encoder;

/// How a video is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// Whichever is cheaper: in a band, or plain.
    #[default]
    Auto,
    Spliced(Shape),
    /// The whole picture in each frame.
    Plain,
}

/// Most parts that have an encoder of their own; where more things move, the whole picture does.
const MOST_LIVE: usize = 8;

/// The part of the picture that must stand still, one of so many.
const LEAST_STILL: u64 = 8;

/// Processor time of encoding a macroblock that stands still, in nanoseconds (x264 `veryfast` and ffmpeg's copies of it; one that moves
/// costs 2000, on either path). Only ratios count.
const MACROBLOCK: u64 = 600;
/// Of starting ffmpeg, in nanoseconds.
const START: u64 = 60_000_000;

/// The parts of the picture. Where nothing moves at all, one macroblock is said to. Where the encoder cannot make
/// the slices of a tile, it is a band.
pub fn choose(path: Path, size: (usize, usize), moving: &[Region], frames: usize, encoder: H264Encoder) -> Layout {
    let dot = [Region {
        x: 0,
        y: 0,
        width: 2,
        height: 2,
    }];
    let ring = match encoder {
        H264Encoder::X264 => x264::RING,
        H264Encoder::OpenH264 => openh264::RING,
    };
    let in_shape = |shape| Layout::new(size, moving, shape, ring).or_else(|| Layout::new(size, &dot, shape, ring));
    let cut = |part: &Part| encoder == H264Encoder::X264 || openh264::can_cut(part.blocks.area() as usize, part.slices() as usize);
    let can = |layout: &Layout| layout.still.iter().chain(&layout.live).all(cut);
    let of = |shape| in_shape(shape).filter(can).or_else(|| in_shape(Shape::Band).filter(can));
    let shape = match path {
        Path::Plain => None,
        Path::Auto => Some(Shape::Band),
        Path::Spliced(shape) => Some(shape),
    };
    shape
        .and_then(of)
        .filter(|layout| layout.live.len() <= MOST_LIVE)
        .filter(|layout| path != Path::Auto || pays(layout, frames))
        .unwrap_or_else(|| Layout::plain(size))
}

/// Splicing saves, in each frame, looking at what stands still, and costs starting an encoder for each part but the first. What else it saves,
/// still parts in all key frames but the first, is left out of this account. Where little stands still, little can be gained: it is left alone.
fn pays(layout: &Layout, frames: usize) -> bool {
    let still = u64::from(layout.area() - layout.live_area().min(layout.area()));
    let parts = (layout.still.len() + layout.live.len()) as u64;
    let saved = still * MACROBLOCK * frames as u64;
    let spent = (parts - 1) * START;
    saved > spent && still * LEAST_STILL >= u64::from(layout.area())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::tools::H264Encoder::{OpenH264, X264};

    const HD: (usize, usize) = (1920, 1080);
    const UHD: (usize, usize) = (3840, 2160);

    fn rows(y: usize, height: usize) -> Region {
        Region {
            x: 0,
            y,
            width: 400,
            height,
        }
    }

    fn spliced(size: (usize, usize), moving: &[Region], frames: usize) -> bool {
        !choose(Path::Auto, size, moving, frames, X264).is_plain()
    }

    /// The number of frames from which on splicing is chosen.
    fn border(size: (usize, usize), moving: &[Region]) -> usize {
        (1..100_000).find(|&frames| spliced(size, moving, frames)).unwrap_or(usize::MAX)
    }

    #[test]
    fn short_clips_are_not_worth_the_start() {
        let face = [rows(288, 384)];
        // 38 of 68 rows stand still, in two parts: 38 · 120 · 0.6 µs · n > 2 · 60 ms.
        assert_eq!(border(HD, &face), 44);
        // Twice the canvas, four times the gain.
        assert!(border(UHD, &[rows(576, 768)]) < 15);
    }

    #[test]
    fn what_moves_everywhere_is_plain() {
        assert!(!spliced(UHD, &[rows(0, 2160)], 90_000));
        // The ring reaches both edges: nothing is left that stands still.
        assert!(!spliced(UHD, &[rows(48, 2064)], 90_000));
        // 16 of 135 rows are too little, 17 are an eighth.
        assert!(!spliced(UHD, &[rows(19 * 16, 2160)], 90_000));
        assert!(spliced(UHD, &[rows(20 * 16, 2160)], 90_000));
    }

    #[test]
    fn wishes_count() {
        let face = [rows(288, 384)];
        assert!(choose(Path::Plain, HD, &face, 90_000, X264).is_plain());
        for shape in [Shape::Band, Shape::Tile] {
            assert!(!choose(Path::Spliced(shape), HD, &face, 1, X264).is_plain());
            assert!(!choose(Path::Spliced(shape), HD, &[], 1, X264).is_plain());
        }
        assert!(spliced(HD, &[], 1000), "a picture that stands still");
    }

    #[test]
    fn a_tile_of_too_many_rows_is_a_band() {
        let chosen = |height: usize, encoder| choose(Path::Spliced(Shape::Tile), UHD, &[rows(800, height)], 100, encoder);
        let shape = |layout: Layout| (layout.live[0].blocks.width(), layout.live[0].slices(), layout.still.len());
        assert_eq!(shape(chosen(400, OpenH264)), (30, 35, 3));
        assert_eq!(shape(chosen(416, OpenH264)), (240, 2, 2));
        assert_eq!(shape(chosen(416, X264)), (28, 32, 3));
    }

    #[test]
    fn many_things_are_everything() {
        let dots: Vec<Region> = (0..9)
            .map(|i| Region {
                x: 400 * i,
                y: 228 * i,
                width: 8,
                height: 8,
            })
            .collect();
        assert!(spliced(UHD, &dots[..8], 10_000) && !spliced(UHD, &dots, 10_000));
        assert!(choose(Path::Spliced(Shape::Tile), UHD, &dots, 10, X264).is_plain());
    }
}
