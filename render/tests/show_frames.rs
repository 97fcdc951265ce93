//! Frames: still where nothing moves, the same however they are drawn, and without a seam.

#![expect(clippy::print_stdout, reason = "a test tells what it measured")]

mod show_common;

use mouthpiece_render::Show;
use mouthpiece_render::media::to_yuv;
use mouthpiece_render::scene::Placement;
use show_common::{at, avatar, canvas, chatter, colour, contained, cut_out, pixel, region, regions, same, same_outside, scene, whole};

const WALL: [u8; 4] = [32, 96, 160, 255];

/// The astronaut in its own size on a coloured canvas.
fn show(frames: usize, seed: u64) -> Show {
    let scene = scene(
        canvas(640, 560),
        at(60.0, 24.0, 512.0),
        vec![colour(WALL, Placement::default(), -1)],
    )
    .with_seed(seed);
    Show::new(&scene, avatar("astronaut.png"), chatter(frames)).expect("a good scene")
}

#[test]
fn nothing_moves_outside_the_region() {
    let show = show(50, 0);
    let (still, moving) = (show.still(), show.region());
    assert_eq!(show.frames(), 50);
    assert!(moving.width * moving.height < 512 * 512 / 2, "{moving:?} is most of the photo");
    // Around the avatar, the colour; in it, the photo's own pixels.
    let photo = contained("astronaut.png").to_planes().expect("even sides");
    let (wall, mut seen) = (to_yuv([WALL[0], WALL[1], WALL[2]]), 0);
    for (x, y) in (0..560).flat_map(|y| (0..640).map(move |x| (x, y))) {
        let inside = (60..572).contains(&x) && (24..536).contains(&y);
        let moves = (moving.x..moving.x + moving.width).contains(&x) && (moving.y..moving.y + moving.height).contains(&y);
        let expected = if inside { pixel(&photo, x - 60, y - 24) } else { wall };
        assert!(
            moves || pixel(still, x, y) == expected,
            "{x},{y}: {:?}, not {expected:?}",
            pixel(still, x, y)
        );
        seen += usize::from(!moves);
    }
    assert_eq!(seen, 640 * 560 - moving.width * moving.height);
    // One canvas for all frames, as the program has it.
    let mut canvas = still.clone();
    let (mut desk, mut patch, mut moved) = (show.desk(), show.patch(), 0);
    for i in 0..show.frames() {
        show.draw(i, &mut desk, &mut patch);
        show.place(&patch, &mut canvas);
        assert!(
            same_outside(&canvas, still, moving),
            "frame {i} changes pixels outside of its region"
        );
        moved += usize::from(!same(&canvas, still));
    }
    assert!(moved > 45, "only {moved} frames of 50 show a motion");
}

#[test]
fn a_frame_is_a_function_of_its_index() {
    let opaque = show(24, 3);
    let scene = scene(
        canvas(320, 240),
        at(-40.0, -10.0, 360.0),
        vec![colour(WALL, Placement::default(), -1)],
    );
    let transparent = Show::new(&scene, cut_out(), chatter(24)).expect("a good scene");
    for show in [opaque, transparent] {
        let forwards = regions(&show);
        // Another order, a desk that has drawn something else, and a patch with something else in it.
        let (mut desk, mut patch) = (show.desk(), show.patch());
        for i in (0..24).rev().chain([7, 7, 0, 23, 7]) {
            show.draw(i, &mut desk, &mut patch);
            assert!(same(&patch.planes, &forwards[i]), "frame {i} depends on what was drawn before it");
        }
        for i in [0, 13, 23] {
            assert!(
                same(&region(&show, i, &mut show.desk()), &forwards[i]),
                "frame {i} depends on its desk"
            );
        }
        let beside: Vec<_> = std::thread::scope(|scope| {
            let show = &show;
            let lanes: Vec<_> = (0..3)
                .map(|k| {
                    scope.spawn(move || {
                        let mut desk = show.desk();
                        (k..24).step_by(3).map(|i| (i, region(show, i, &mut desk))).collect::<Vec<_>>()
                    })
                })
                .collect();
            lanes.into_iter().flat_map(|lane| lane.join().expect("a lane ends")).collect()
        });
        for (i, drawn) in beside {
            assert!(same(&drawn, &forwards[i]), "frame {i} depends on its thread");
        }
    }
}

#[test]
fn a_seed_chooses_the_motion() {
    let [one, again, other] = [5, 5, 6].map(|seed| regions(&show(60, seed)));
    assert!(
        one.iter().zip(&again).all(|(a, b)| same(a, b)),
        "the same seed moves in another way"
    );
    assert!(
        one.iter().zip(&other).any(|(a, b)| !same(a, b)),
        "another seed moves in the same way"
    );
}

/// Where the region ends the motion has ended: a step there would be seen as a frame around the head.
#[test]
fn the_region_has_no_seam() {
    for name in ["astronaut.png", "grace_hopper.jpg"] {
        let scene = scene(canvas(768, 640), at(60.0, 20.0, 600.0), Vec::new());
        let show = Show::new(&scene, avatar(name), chatter(100)).expect("a good scene");
        let (still, r) = (show.still(), show.region());
        let mut worst = 0;
        for drawn in regions(&show).into_iter().step_by(7) {
            let frame = whole(&show, drawn);
            let (right, low) = (r.x + r.width - 1, r.y + r.height - 1);
            let sides = (r.y..=low).flat_map(|y| [(r.x, y), (right, y)]);
            for (x, y) in (r.x..=right).flat_map(|x| [(x, r.y), (x, low)]).chain(sides) {
                // The photo's own upper edge is an edge whatever moves.
                if y > 22 {
                    worst = worst.max(pixel(&frame, x, y)[0].abs_diff(pixel(still, x, y)[0]));
                }
            }
        }
        println!("{name}: {r:?}, at its border at most {worst} codes from the still picture");
        assert!(worst <= 1, "{name}: {worst} codes at the border of {r:?}");
    }
}
