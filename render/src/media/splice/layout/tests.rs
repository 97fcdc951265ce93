use super::*;
use crate::media::splice::x264::RING;

fn region(x: usize, y: usize, width: usize, height: usize) -> Region {
    Region { x, y, width, height }
}

const UHD: (usize, usize) = (3840, 2160);

/// What every layout must be: each macroblock once, in order, in both kinds of picture.
fn check(layout: &Layout) {
    let part = |source: Source| match source {
        Source::Still(i) => layout.still[i],
        Source::Live(i) => layout.live[i],
    };
    let mut next = 0;
    for slot in &layout.key {
        assert_eq!(slot.first, next, "{slot:?}");
        let (part, count) = (part(slot.source), part(slot.source).count(slot.slice));
        assert!(
            part.blocks.width() == layout.width || count == part.blocks.width(),
            "a slice that is cut off: {slot:?}"
        );
        next += count;
    }
    assert_eq!(next, layout.area());
    next = 0;
    for piece in &layout.between {
        let (first, count) = match *piece {
            Piece::Moved { first, live, slice, .. } => (first, layout.live[live].count(slice)),
            Piece::Same { first, count } => (first, count),
        };
        assert_eq!(first, next, "{piece:?}");
        assert!(count > 0);
        next += count;
    }
    assert_eq!(next, layout.area());
}

/// Whether a macroblock is written anew between key frames.
fn moves(layout: &Layout, x: u32, y: u32) -> bool {
    let at = y * layout.width + x;
    layout.between.iter().any(|piece| match *piece {
        Piece::Moved { first, live, slice, .. } => (first..first + layout.live[live].count(slice)).contains(&at),
        Piece::Same { .. } => false,
    })
}

#[test]
fn a_band_has_four_slices_between_key_frames() {
    let layout = Layout::new(UHD, &[region(1648, 1138, 404, 404)], Shape::Band, RING).unwrap();
    check(&layout);
    assert_eq!(
        layout.live[0].blocks,
        Blocks {
            left: 0,
            top: 68,
            right: 240,
            bottom: 100
        }
    );
    assert_eq!((layout.still.len(), layout.key.len(), layout.between.len()), (2, 4, 4));
    assert!(!moves(&layout, 100, 67) && moves(&layout, 0, 68) && moves(&layout, 239, 99) && !moves(&layout, 0, 100));
    // The ring below is a slice of its own.
    assert_eq!((layout.live[0].count(0), layout.live[0].count(1)), (29 * 240, 3 * 240));
}

#[test]
fn a_tile_has_a_slice_for_each_row() {
    let layout = Layout::new(UHD, &[region(1648, 1138, 404, 404)], Shape::Tile, RING).unwrap();
    check(&layout);
    assert_eq!(
        layout.live[0].blocks,
        Blocks {
            left: 100,
            top: 68,
            right: 132,
            bottom: 100
        }
    );
    assert_eq!(layout.still.len(), 4);
    assert_eq!(layout.key.len(), 1 + 3 * 32 + 1);
    // Its rows, and the gaps before, between and after them.
    assert_eq!(layout.between.len(), 32 + 33);
    let filters = |filter| layout.key.iter().filter(|s| s.filter == filter).count();
    assert_eq!((filters(Filter::All), filters(Filter::Inside)), (1 + 2 * 32 + 1, 32));
}

#[test]
fn the_ring_ends_with_the_picture() {
    for shape in [Shape::Band, Shape::Tile] {
        for at in [(0, 0), (600, 0), (0, 320), (600, 320), (300, 160)] {
            let layout = Layout::new((640, 360), &[region(at.0, at.1, 40, 40)], shape, RING).unwrap();
            check(&layout);
            let part = layout.live[0];
            let region = part.region((640, 360));
            assert!(region.x + region.width <= 640 && region.y + region.height <= 360);
        }
        let all = Layout::new((640, 360), &[region(0, 0, 640, 360)], shape, RING).unwrap();
        check(&all);
        assert!(
            all.still.is_empty() && all.is_plain() && all.between.len() == 2 && all.key.len() == 2,
            "{all:?}"
        );
    }
}

#[test]
fn what_comes_into_a_ring_is_one() {
    let two = [region(0, 0, 64, 64), region(1000, 700, 64, 64)];
    for (shape, apart) in [(Shape::Band, 5), (Shape::Tile, 20)] {
        let layout = Layout::new((1920, 1080), &two, shape, RING).unwrap();
        check(&layout);
        assert_eq!(layout.live.len(), 2);
        assert!(layout.between.len() >= apart);
    }
    let beside = [region(0, 96, 64, 64), region(1000, 100, 64, 64)];
    let layout = |shape| Layout::new((1920, 1080), &beside, shape, RING).unwrap();
    check(&layout(Shape::Tile));
    assert_eq!((layout(Shape::Band).live.len(), layout(Shape::Tile).live.len()), (1, 2));
    let near = [region(100, 100, 64, 64), region(260, 100, 64, 64), region(420, 100, 64, 64)];
    let layout = Layout::new((1920, 1080), &near, Shape::Tile, RING).unwrap();
    check(&layout);
    assert_eq!(layout.live.len(), 1);
}

#[test]
fn nothing_moves_in_nothing() {
    assert_eq!(Layout::new(UHD, &[], Shape::Band, RING), None);
    assert_eq!(Layout::new(UHD, &[region(0, 0, 0, 0)], Shape::Tile, RING), None);
    assert_eq!(Layout::new(UHD, &[region(4000, 0, 10, 10)], Shape::Tile, RING), None);
}

proptest::proptest! {
    #[test]
    fn every_macroblock_is_written_once(
        size in (64usize..700, 64usize..700),
        places in proptest::collection::vec((0usize..700, 0usize..700, 2usize..300, 2usize..300), 1..6),
        tile in proptest::bool::ANY,
    ) {
        let moving: Vec<Region> = places.iter().map(|&(x, y, w, h)| region(x, y, w, h)).collect();
        let canvas = (size.0 & !1, size.1 & !1);
        if let Some(layout) = Layout::new(canvas, &moving, if tile { Shape::Tile } else { Shape::Band }, RING) {
            check(&layout);
            for r in moving {
                let core = Blocks::touched(r).within(layout.width, layout.height);
                for y in core.top..core.bottom {
                    for x in core.left..core.right {
                        assert!(moves(&layout, x, y), "{x}, {y} moves, but is not written");
                    }
                }
            }
        }
    }
}
