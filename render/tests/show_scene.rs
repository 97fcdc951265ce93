//! Scenes around a moving face: layers under and over it, a cut-out person, and avatars in odd places.

mod show_common;

use mouthpiece_render::driver::Region;
use mouthpiece_render::matte::{self, MatteNet};
use mouthpiece_render::media::{Planes, to_yuv};
use mouthpiece_render::model::Runtime;
use mouthpiece_render::scene::{Content, Fit, Layer, Placement};
use mouthpiece_render::{Avatar, Kind, Show, face};
use show_common::{
    NETS, at, at_rest, avatar, canvas, chatter, colour, contained, cut_out, pixel, regions, repository, same, same_outside, scene, whole,
};

const WALL: [u8; 4] = [32, 96, 160, 255];

/// A rectangle of canvas pixels.
fn block(x: f64, y: f64, width: f64, height: f64) -> Placement {
    Placement {
        x,
        y,
        width: Some(width),
        height: Some(height),
        fit: Fit::Fill,
        ..Placement::default()
    }
}

fn frames(show: &Show) -> Vec<Planes> {
    regions(show).into_iter().map(|region| whole(show, region)).collect()
}

fn near(a: [u8; 3], b: [u8; 3], codes: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= codes)
}

/// An opaque bar and a veil over the face, a picture and a colour under it.
#[test]
fn layers_stay_where_they_are() {
    let over = [0, 0, 200, 255];
    let picture = Layer::new(
        Content::Image(repository("render/tests/media/grace_hopper.jpg")),
        block(0.0, 0.0, 200.0, 480.0),
        -1,
    );
    let layers = vec![
        colour(WALL, Placement::default(), -2),
        picture.expect("a good layer"),
        colour(over, block(300.0, 200.0, 340.0, 20.0), 1),
        colour([255, 255, 255, 128], block(300.0, 100.0, 60.0, 380.0), 2),
    ];
    let scene = scene(canvas(640, 480), at(120.0, 0.0, 480.0), layers);
    let bare = { scene.clone() };
    let show = Show::new(&scene, avatar("astronaut.png"), chatter(30)).expect("a good scene");
    let r = show.region();
    assert!(
        r.x < 300 && r.x + r.width > 300 && r.y < 200 && r.y + r.height > 220,
        "the bar crosses {r:?}"
    );
    let mut moved = false;
    for (i, frame) in frames(&show).iter().enumerate() {
        assert!(same_outside(frame, show.still(), r), "frame {i}");
        for x in (364..636).step_by(8) {
            assert_eq!(pixel(frame, x, 210), to_yuv([over[0], over[1], over[2]]), "frame {i}, {x}: the bar");
        }
        // Half of what is under the veil is white, so that nothing there is dark.
        assert!((102..198).all(|y| pixel(frame, 330, y)[0] >= 120), "frame {i}: the veil");
        moved |= !same(frame, show.still());
    }
    assert!(moved);
    // Half of the background under the veil below the avatar's side, and the picture at the far left.
    assert_eq!(
        pixel(show.still(), 4, 470),
        pixel(
            &Show::new(&bare, avatar("astronaut.png"), at_rest(1))
                .expect("a good scene")
                .still()
                .clone(),
            4,
            470
        )
    );
    assert!(
        near(pixel(show.still(), 638, 470), to_yuv([32, 96, 160]), 0),
        "the colour beside the avatar"
    );
}

/// A matte: what is behind the person is the canvas, and stays it.
#[test]
fn a_cut_out_person_moves_before_the_background() {
    let picture = contained("astronaut.png");
    let face = face::analyse(&picture, &NETS).expect("the portrait is fit").face;
    let net = MatteNet::load(&Runtime::rten()).expect("embedded nets load");
    let cut = matte::cut_out(&picture, &face, &net).expect("a matte");
    assert!(cut.rgba.chunks_exact(4).any(|p| p[3] == 0) && cut.rgba.chunks_exact(4).any(|p| p[3] == 255));
    let scene = scene(canvas(400, 400), at(0.0, 0.0, 400.0), vec![colour(WALL, Placement::default(), -1)]);
    let show = Show::new(
        &scene,
        Avatar {
            picture: cut,
            landmarks: face.landmarks,
        },
        chatter(30),
    )
    .expect("a good scene");
    let wall = to_yuv([WALL[0], WALL[1], WALL[2]]);
    let drawn = frames(&show);
    for (i, frame) in drawn.iter().enumerate() {
        assert!(same_outside(frame, show.still(), show.region()), "frame {i}");
        assert!(
            near(pixel(frame, 12, 12), wall, 1),
            "frame {i}: the corner is {:?}",
            pixel(frame, 12, 12)
        );
        // The forehead is opaque.
        assert!(!near(pixel(frame, 175, 68), wall, 20), "frame {i}: the head is not there");
    }
    assert!(drawn.iter().any(|f| !same(f, show.still())));
}

/// What shines through a transparent avatar is exactly what is under it, in the moving region as well.
#[test]
fn where_the_avatar_is_transparent_the_background_is_untouched() {
    let wall = to_yuv([WALL[0], WALL[1], WALL[2]]);
    let scene = scene(canvas(512, 512), at(0.0, 0.0, 512.0), vec![colour(WALL, Placement::default(), -1)]);
    let show = Show::new(&scene, cut_out(), chatter(30)).expect("a good scene");
    let r = show.region();
    for (i, frame) in frames(&show).iter().enumerate() {
        // Far from the oval, yet in the region's corners.
        for (x, y) in [(r.x + 2, r.y + 2), (r.x + r.width - 3, r.y + r.height - 3), (4, 4), (500, 500)] {
            let far = ((x as f32 - 222.0) / 75.0).hypot((y as f32 - 140.0) / 105.0) > 1.6;
            assert!(!far || pixel(frame, x, y) == wall, "frame {i} at {x},{y}: {:?}", pixel(frame, x, y));
        }
    }
}

/// Drawn at the canvas's edges, tiny, huge, and squeezed: regions stay inside, even, and frames are drawn.
#[test]
fn odd_places_are_drawn() {
    let side = 512.0;
    let scaled = |x: f64, y: f64, sx: f64, sy: f64| Placement {
        x,
        y,
        width: Some(side),
        height: Some(side),
        scale_x: sx,
        scale_y: sy,
        fit: Fit::Fill,
        ..Placement::default()
    };
    for (what, placement) in [
        ("the face half outside, left", at(-220.0, 0.0, 512.0)),
        ("the face half outside, right", at(420.0, 0.0, 512.0)),
        ("the face half outside, top", at(0.0, -130.0, 512.0)),
        ("the face half outside, bottom", at(0.0, 230.0, 512.0)),
        ("the face wholly outside, only shoulders seen", at(0.0, -300.0, 512.0)),
        ("a corner of two pixels", at(638.0, 358.0, 512.0)),
        ("60 pixels high", at(300.0, 100.0, 60.0)),
        ("8 pixels high", at(300.0, 100.0, 8.0)),
        ("odd numbers", at(33.3, 17.7, 301.9)),
        ("16 times, the mouth in view", scaled(-3300.0, -2100.0, 16.0, 16.0)),
        ("16 times, an eye in view", scaled(-3000.0, -1450.0, 16.0, 16.0)),
        ("16 times, a corner in view", scaled(0.0, 0.0, 16.0, 16.0)),
        ("squeezed flat", scaled(0.0, 100.0, 1.2, 0.1)),
        ("squeezed thin", scaled(200.0, 0.0, 0.05, 0.7)),
    ] {
        let scene = scene(canvas(640, 360), placement, vec![colour(WALL, Placement::default(), -1)]);
        for transparent in [false, true] {
            let avatar = if transparent { cut_out() } else { avatar("astronaut.png") };
            let show = Show::new(&scene, avatar, chatter(13)).unwrap_or_else(|e| panic!("{what}: {e}"));
            let Region { x, y, width, height } = show.region();
            assert!(x + width <= 640 && y + height <= 360, "{what}: {:?}", show.region());
            assert!([x, y, width, height].iter().all(|v| v % 2 == 0), "{what}: {:?}", show.region());
            for (i, frame) in frames(&show).iter().enumerate().step_by(4) {
                assert!(same_outside(frame, show.still(), show.region()), "{what}: frame {i}");
            }
        }
    }
}

#[test]
fn an_avatar_that_is_not_seen_is_refused() {
    let scene = scene(canvas(640, 360), at(700.0, 0.0, 300.0), Vec::new());
    let error = Show::new(&scene, avatar("astronaut.png"), chatter(2))
        .err()
        .expect("nothing can be seen");
    assert_eq!(error.kind, Kind::SceneInvalid);
}

#[test]
fn no_frames_are_no_trouble() {
    let scene = scene(canvas(256, 256), at(0.0, 0.0, 256.0), Vec::new());
    let show = Show::new(&scene, avatar("astronaut.png"), at_rest(0)).expect("a good scene");
    assert_eq!(show.frames(), 0);
}
