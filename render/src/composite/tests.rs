use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::scene::Fps;

fn canvas(width: u32, height: u32) -> Canvas {
    Canvas::new(width, height, Fps::DEFAULT).expect("an allowed canvas")
}

fn plain(width: usize, height: usize, colour: [u8; 4]) -> Picture {
    Picture {
        width,
        height,
        rgba: colour.repeat(width * height),
    }
}

/// A picture whose every pixel differs from its neighbours, smoothly.
fn ramp(width: usize, height: usize) -> Picture {
    let pixel = |i: usize| {
        let (x, y) = (i % width, i / width);
        [
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
            ((x + y) * 255 / (width + height)) as u8,
            255,
        ]
    };
    Picture {
        width,
        height,
        rgba: (0..width * height).flat_map(pixel).collect(),
    }
}

fn pixel(picture: &Picture, x: usize, y: usize) -> [u8; 4] {
    let at = (y * picture.width + x) * 4;
    picture.rgba[at..at + 4].try_into().expect("four bytes")
}

fn sized(x: f64, y: f64, width: f64, height: f64, fit: Fit) -> Placement {
    Placement {
        x,
        y,
        width: Some(width),
        height: Some(height),
        fit,
        ..Placement::default()
    }
}

fn rect(left: i32, top: i32, right: i32, bottom: i32) -> Rect {
    Rect { left, top, right, bottom }
}

#[test]
fn natural_size_and_scale() {
    let drawn = place(&Placement::default(), (200, 100), canvas(640, 360));
    assert_eq!(drawn.clip, rect(0, 0, 200, 100));
    let scaled = Placement {
        scale_x: 2.0,
        scale_y: 2.0,
        x: 10.0,
        ..Placement::default()
    };
    assert_eq!(place(&scaled, (200, 100), canvas(640, 360)).clip, rect(10, 0, 410, 200));
}

#[test]
fn one_given_side_keeps_the_shape() {
    let by_width = Placement {
        width: Some(100.0),
        ..Placement::default()
    };
    assert_eq!(place(&by_width, (200, 100), canvas(640, 360)).clip, rect(0, 0, 100, 50));
    let by_height = Placement {
        height: Some(200.0),
        ..Placement::default()
    };
    assert_eq!(place(&by_height, (200, 100), canvas(640, 360)).clip, rect(0, 0, 400, 200));
}

#[test]
fn a_portrait_stands_in_the_middle_of_a_wide_canvas() {
    let c = canvas(3840, 2160);
    let drawn = place(&Placement::filling(c, Fit::Contain), (512, 512), c);
    assert_eq!(drawn.clip, rect(840, 0, 3000, 2160));
    assert_eq!((drawn.x, drawn.y, drawn.width, drawn.height), (840.0, 0.0, 2160.0, 2160.0));
}

#[test]
fn a_layer_outside_the_canvas_is_not_seen() {
    for (x, y) in [(-300.0, 0.0), (640.0, 0.0), (0.0, -300.0), (0.0, 5000.0)] {
        let drawn = place(&sized(x, y, 300.0, 300.0, Fit::Cover), (10, 10), canvas(640, 360));
        assert!(drawn.clip.is_empty());
        let raster = resize_crop(&plain(10, 10, [1; 4]), &drawn, 16).expect("nothing to do");
        assert!(raster.picture.rgba.is_empty());
    }
}

#[test]
fn a_colour_without_a_size_fills_the_canvas() {
    let c = canvas(640, 360);
    let stray = Placement {
        x: 320.0,
        y: 180.0,
        scale_x: 0.5,
        ..Placement::default()
    };
    assert_eq!(place_colour(&stray, c), Rect::of(c));
    assert_eq!(place_colour(&sized(10.0, 20.0, 30.0, 40.0, Fit::Contain), c), rect(10, 20, 40, 60));
}

#[test]
fn sixteen_times_up_touches_only_what_is_seen() {
    let c = canvas(128, 128);
    let huge = Placement {
        x: -60_000.0,
        y: -60_000.0,
        scale_x: 16.0,
        scale_y: 16.0,
        ..Placement::default()
    };
    let drawn = place(&huge, (8000, 8000), c);
    assert_eq!(drawn.width, 128_000.0);
    let raster = resize_crop(&plain(8000, 8000, [9, 8, 7, 255]), &drawn, 8).expect("scaled");
    assert_eq!((raster.picture.width, raster.picture.height), (144, 144));
    assert_eq!(pixel(&raster.picture, 70, 70), [9, 8, 7, 255]);
}

#[test]
fn a_part_is_the_same_part_of_the_whole() {
    let source = ramp(301, 203);
    let whole = place(&sized(0.0, 0.0, 640.0, 360.0, Fit::Fill), (301, 203), canvas(640, 360));
    let part = Drawn {
        clip: rect(100, 50, 300, 250),
        ..whole
    };
    let all = resize_crop(&source, &whole, 0).expect("scaled").picture;
    let cut = resize_crop(&source, &part, 20).expect("scaled");
    assert_eq!(cut.rect, rect(80, 30, 320, 270));
    for (x, y) in [(0, 0), (5, 200), (120, 7), (239, 239)] {
        for (a, b) in pixel(&cut.picture, x, y).into_iter().zip(pixel(&all, x + 80, y + 30)) {
            assert!(a.abs_diff(b) <= 1, "{x},{y}: {a} and {b}");
        }
    }
}

#[test]
fn the_margin_ends_where_the_picture_ends() {
    let c = canvas(640, 360);
    let inside = place(&sized(100.0, 100.0, 50.0, 50.0, Fit::Fill), (10, 10), c);
    assert_eq!(seen(&inside, 16), rect(100, 100, 150, 150));
    let outside = place(&sized(-100.0, 0.0, 800.0, 360.0, Fit::Fill), (10, 10), c);
    assert_eq!(seen(&outside, 16), rect(-16, 0, 656, 360));
}

#[test]
fn transparent_edges_do_not_bleed() {
    let mut source = plain(64, 64, [255, 0, 0, 255]);
    for p in source.rgba.chunks_exact_mut(4).take(64 * 32) {
        p.copy_from_slice(&[0, 255, 0, 0]);
    }
    let drawn = place(&sized(0.0, 0.0, 100.0, 100.0, Fit::Fill), (64, 64), canvas(128, 128));
    let raster = resize_crop(&source, &drawn, 0).expect("scaled");
    for p in raster.picture.rgba.chunks_exact(4).filter(|p| p[3] > 16) {
        assert!(p[0] > 230 && p[1] < 25, "green bled into {p:?}");
    }
}

/// Colours stand for images here: `open` paints the colour that the file is named after.
fn composed(below: &[&str], above: &[&str], avatar: Placement) -> Composition {
    let c = canvas(128, 128);
    let image = |name: &&str, order| Layer::new(Content::Image(PathBuf::from(*name)), Placement::filling(c, Fit::Fill), order);
    let mut layers: Vec<Layer> = below.iter().map(|n| image(n, 0).expect("a plain layer")).collect();
    layers.push(Layer::new(Content::Avatar("avatar".into()), avatar, 1).expect("a plain layer"));
    layers.extend(above.iter().map(|n| image(n, 2).expect("a plain layer")));
    let scene = Scene::new(c, layers, "sound").expect("one avatar");
    let mut open = |path: &Path| {
        let colour: Rgba = path.to_string_lossy().parse().expect("a colour");
        Ok(plain(4, 4, colour.0))
    };
    compose(&scene, (64, 64), &mut open).expect("composed")
}

#[test]
fn the_canvas_is_white_and_layers_blend_in_order() {
    let white = composed(&[], &[], Placement::default());
    assert_eq!(pixel(&white.base, 100, 100), [255; 4]);
    assert!(white.above.is_none());
    let half = composed(&["#f00", "#0000ff80"], &[], Placement::default());
    assert_eq!(pixel(&half.base, 3, 3), [127, 0, 128, 255]);
    assert_eq!(pixel(&half.base, 100, 100), [127, 0, 128, 255]);
}

#[test]
fn what_is_above_leaves_room_for_the_avatar() {
    let at = sized(20.0, 20.0, 40.0, 40.0, Fit::Fill);
    let c = composed(&["#fff"], &["#00000080"], at);
    assert_eq!(pixel(&c.base, 19, 19), [127, 127, 127, 255]);
    assert_eq!(pixel(&c.base, 20, 20), [255; 4]);
    assert_eq!(pixel(&c.base, 59, 59), [255; 4]);
    assert_eq!(pixel(&c.base, 60, 59), [127, 127, 127, 255]);
    let above = c.above.expect("a layer is above");
    assert_eq!(above.rect, rect(20, 20, 60, 60));
    assert_eq!(pixel(&above.picture, 0, 0), [0, 0, 0, 128]);
}

#[test]
fn flattening_first_is_the_same_as_one_after_another() {
    let at = sized(0.0, 0.0, 128.0, 128.0, Fit::Fill);
    let flat = composed(&[], &["#ff000080", "#00ff0040"], at).above.expect("layers are above");
    let over = pixel(&flat.picture, 64, 64);
    let mut direct = [10, 20, 30, 255];
    blend_pixel(&mut direct, &[255, 0, 0, 128]);
    blend_pixel(&mut direct, &[0, 255, 0, 64]);
    for (c, under) in [10u32, 20, 30].into_iter().enumerate() {
        let mixed = u32::from(over[c]) + (under * (255 - u32::from(over[3])) + 127) / 255;
        assert!(mixed.abs_diff(u32::from(direct[c])) <= 1, "channel {c}: {mixed} and {}", direct[c]);
    }
}

prop_compose! {
    fn placements()(
        centre in any::<bool>(),
        // Quarters are exact in binary, so that both anchors can name the same box.
        x in -8000i32..8000, y in -8000i32..8000,
        width in proptest::option::of(1u32..20_000), height in proptest::option::of(1u32..20_000),
        scale_x in 1u32..64, scale_y in 1u32..64,
        fit in prop::sample::select(vec![Fit::Cover, Fit::Contain, Fit::Fill]),
    ) -> Placement {
        Placement {
            anchor: if centre { Anchor::Centre } else { Anchor::TopLeft },
            x: f64::from(x) / 4.0,
            y: f64::from(y) / 4.0,
            width: width.map(|w| f64::from(w) / 4.0),
            height: height.map(|h| f64::from(h) / 4.0),
            scale_x: f64::from(scale_x) / 4.0,
            scale_y: f64::from(scale_y) / 4.0,
            fit,
        }
    }
}

proptest! {
    #[test]
    fn the_clip_is_even_inside_the_canvas_and_inside_the_picture(
        p in placements(), w in 1usize..3000, h in 1usize..3000, cw in 64u32..=2048, ch in 64u32..=2048,
    ) {
        let c = canvas(cw * 2, ch * 2);
        let d = place(&p, (w, h), c);
        let r = d.clip;
        prop_assert_eq!([r.left % 2, r.top % 2, r.right % 2, r.bottom % 2], [0; 4]);
        prop_assert_eq!(r.intersect(&Rect::of(c)), r);
        if !r.is_empty() {
            prop_assert!(d.x <= f64::from(r.left) + 1e-6 && d.y <= f64::from(r.top) + 1e-6);
            prop_assert!(d.x + d.width >= f64::from(r.right) - 1e-6 && d.y + d.height >= f64::from(r.bottom) - 1e-6);
            prop_assert_eq!(seen(&d, 0), r);
        }
    }

    #[test]
    fn fits_do_what_they_are_called(p in placements(), w in 1usize..3000, h in 1usize..3000) {
        let c = canvas(4096, 4096);
        let (bw, bh) = box_size(&p, (w as f64, h as f64));
        let d = place(&p, (w, h), c);
        match p.fit {
            // Edges move by a pixel at most, and a box has at least two.
            Fit::Cover => prop_assert!(d.width >= bw - 2.0 && d.height >= bh - 2.0),
            Fit::Contain => prop_assert!(d.width <= (bw + 2.0).max(2.0) && d.height <= (bh + 2.0).max(2.0)),
            Fit::Fill => prop_assert!((d.width - bw).abs() <= 2.0 && (d.height - bh).abs() <= 2.0),
        }
        if p.fit == Fit::Cover {
            let distortion = (d.width / d.height) / (w as f64 / h as f64);
            prop_assert!((distortion - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn both_anchors_agree(p in placements(), w in 1usize..3000, h in 1usize..3000) {
        let c = canvas(1920, 1080);
        let (bw, bh) = box_size(&p, (w as f64, h as f64));
        let centred = Placement { anchor: Anchor::Centre, ..p };
        let cornered = Placement { anchor: Anchor::TopLeft, x: p.x - bw / 2.0, y: p.y - bh / 2.0, ..p };
        prop_assert_eq!(place(&centred, (w, h), c), place(&cornered, (w, h), c));
    }

    #[test]
    fn what_sticks_out_is_cut_and_the_rest_stays(dx in -400i32..800, dy in -400i32..400) {
        let c = canvas(640, 360);
        let source = ramp(40, 40);
        let p = sized(f64::from(dx) * 2.0, f64::from(dy) * 2.0, 200.0, 200.0, Fit::Fill);
        let d = place(&p, (40, 40), c);
        let all = resize_crop(&source, &Drawn { clip: rect(0, 0, 200, 200), x: 0.0, y: 0.0, ..d }, 0).expect("scaled");
        let cut = resize_crop(&source, &d, 0).expect("scaled");
        if !d.clip.is_empty() {
            let (ox, oy) = ((d.clip.left - dx * 2) as usize, (d.clip.top - dy * 2) as usize);
            for (a, b) in pixel(&cut.picture, 0, 0).into_iter().zip(pixel(&all.picture, ox, oy)) {
                prop_assert!(a.abs_diff(b) <= 1);
            }
        }
    }

    #[test]
    fn blending_stays_between_its_two_colours(under in any::<[u8; 3]>(), over in any::<[u8; 4]>()) {
        let mut mixed = [under[0], under[1], under[2], 255];
        blend_pixel(&mut mixed, &over);
        prop_assert_eq!(mixed[3], 255);
        for c in 0..3 {
            prop_assert!(mixed[c] >= under[c].min(over[c]) && mixed[c] <= under[c].max(over[c]));
        }
    }
}
