use super::*;

fn canvas() -> Canvas {
    Canvas::new(1280, 720, Fps::DEFAULT).expect("a plain canvas")
}

fn image(name: &str, order: i64) -> Layer {
    Layer::new(Content::Image(name.into()), Placement::default(), order).expect("a plain layer")
}

fn avatar(order: i64) -> Layer {
    Layer::new(Content::Avatar("a.png".into()), Placement::default(), order).expect("a plain layer")
}

#[test]
fn a_canvas_is_even_and_within_limits() {
    assert!(Canvas::new(3840, 2160, Fps::DEFAULT).is_ok());
    assert!(Canvas::new(1080, 1920, Fps::DEFAULT).is_ok());
    for (w, h, field) in [(126, 720, "width"), (1281, 720, "width"), (1280, 4098, "height"), (0, 720, "width")] {
        assert_eq!(Canvas::new(w, h, Fps::DEFAULT).map_err(|e| e.field), Err(field), "{w}x{h}");
    }
    assert_eq!(Canvas::new(128, 128, Fps { num: 26, den: 1 }).map_err(|e| e.field), Err("fps"));
}

#[test]
fn rates_are_read_by_all_their_names() {
    for (text, num, den) in [
        ("25", 25, 1),
        ("29.97", 30_000, 1001),
        ("24000/1001", 24_000, 1001),
        ("60.0", 60, 1),
    ] {
        assert_eq!(text.parse(), Ok(Fps { num, den }), "{text}");
    }
    for text in ["", "26", "25/0", "nan", "-25", "0x19"] {
        assert!(text.parse::<Fps>().is_err(), "{text}");
    }
}

#[test]
fn colours_are_read_in_all_four_lengths() {
    for (text, rgba) in [
        ("#fff", [255, 255, 255, 255]),
        ("08fc", [0, 136, 255, 204]),
        ("#1A2b3C", [26, 43, 60, 255]),
        ("1a2b3c00", [26, 43, 60, 0]),
    ] {
        assert_eq!(text.parse(), Ok(Rgba(rgba)), "{text}");
    }
    for text in ["", "#", "#12", "#12345", "#1234567", "#ggg", "red", "##fff", "#ääää"] {
        assert!(text.parse::<Rgba>().is_err(), "{text}");
    }
}

#[test]
fn a_placement_out_of_range_names_its_field() {
    let base = Placement::default();
    for (placement, field) in [
        (Placement { scale_x: 0.0, ..base }, "scale_x"),
        (Placement { scale_y: 16.1, ..base }, "scale_y"),
        (Placement { scale_y: f64::NAN, ..base }, "scale_y"),
        (Placement { x: f64::INFINITY, ..base }, "x"),
        (Placement { width: Some(0.0), ..base }, "width"),
        (
            Placement {
                height: Some(-5.0),
                ..base
            },
            "height",
        ),
    ] {
        let made = Layer::new(Content::Image("i.png".into()), placement, 0);
        assert_eq!(made.map_err(|e| e.field), Err(field), "{placement:?}");
    }
    assert!(Layer::new(Content::Colour(Rgba::WHITE), Placement { scale_x: 16.0, ..base }, 0).is_ok());
}

#[test]
fn layers_sort_stably_around_one_avatar() {
    let layers = vec![
        image("c", 5),
        image("a", 1),
        avatar(1),
        image("b", 1),
        image("d", 5),
        image("e", -3),
    ];
    let scene = Scene::new(canvas(), layers, "s.wav").expect("one avatar");
    let names = |layers: &[Layer]| -> Vec<String> {
        let name = |l: &Layer| match l.content() {
            Content::Image(p) | Content::Video(p) | Content::Avatar(p) => p.display().to_string(),
            Content::Colour(_) => "colour".into(),
        };
        layers.iter().map(name).collect()
    };
    assert_eq!(names(scene.below()), ["e", "a"]);
    assert_eq!(names(scene.above()), ["b", "c", "d"]);
    assert_eq!(scene.avatar().0, Path::new("a.png"));
}

#[test]
fn a_scene_has_exactly_one_avatar_and_a_limit() {
    assert!(Scene::new(canvas(), vec![image("a", 0)], "s.wav").is_err());
    assert!(Scene::new(canvas(), vec![avatar(0), avatar(1)], "s.wav").is_err());
    let many = |n| std::iter::repeat_n(image("a", 0), n).chain([avatar(0)]).collect::<Vec<_>>();
    assert!(Scene::new(canvas(), many(64), "s.wav").is_ok());
    assert!(Scene::new(canvas(), many(65), "s.wav").is_err());
}

#[test]
fn videos_have_a_limit_and_make_a_scene_move() {
    let video = || Layer::new(Content::Video("v.mp4".into()), Placement::default(), 0).expect("a plain layer");
    let with = |n| {
        Scene::new(
            canvas(),
            std::iter::repeat_with(video).take(n).chain([avatar(0)]).collect(),
            "s.wav",
        )
    };
    assert!(with(9).is_err());
    let scene = with(8).expect("as many as there may be");
    assert!(scene.moves() && !scene.alone().moves());
    assert_eq!(scene.alone().layers().len(), 1);
    assert!(!with(0).expect("a plain scene").moves());
}

#[test]
fn a_scene_may_be_told_how_long_it_lasts() {
    let silent = |seconds| Scene::silent(canvas(), vec![avatar(0)], seconds);
    let scene = silent(2.5).expect("a length");
    assert_eq!((scene.sound(), scene.seconds()), (None, Some(2.5)));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 36_001.0] {
        assert_eq!(silent(bad).map_err(|e| e.field), Err("seconds"), "{bad}");
    }
}

#[test]
fn phonemes_run_forwards() {
    let scene = Scene::portrait(canvas(), "a.png", "s.wav").expect("a plain scene");
    let p = |start, end| TimedPhoneme {
        symbol: "p".into(),
        start,
        end,
    };
    assert!(scene.clone().with_phonemes(vec![p(0.1, 0.18)]).is_ok());
    for bad in [p(0.2, 0.1), p(-0.1, 0.1), p(0.0, f64::INFINITY), p(f64::NAN, 1.0)] {
        assert!(scene.clone().with_phonemes(vec![bad]).is_err());
    }
}
