use super::*;
use crate::spec::{AvatarSource, Captions, Fit, SceneSpec};

const CANVAS: (u32, u32) = (1000, 500);

fn place(offset: (f64, f64), width: Option<f64>, height: Option<f64>, scale: f64) -> Place {
    Place {
        offset_x: offset.0,
        offset_y: offset.1,
        width,
        height,
        scale_x: scale,
        scale_y: scale,
        fit: Fit::Cover,
    }
}

fn spec(anchor: AnchorRule, avatar: Place, images: Vec<(LayerSource, Place)>) -> VideoSpec {
    let element = |(i, (source, place)): (usize, (LayerSource, Place))| Element {
        field: format!("elements[{i}]"),
        source,
        place: Some(place),
        order: i as i64,
    };
    let scene = SceneSpec {
        avatar: Element {
            field: "avatar".into(),
            source: AvatarSource::Stock("x".into()),
            place: Some(avatar),
            order: 99,
        },
        layers: images.into_iter().enumerate().map(element).collect(),
        sound: None,
        seconds: Some(1.0),
    };
    VideoSpec {
        canvas: CanvasSpec::Given {
            width: CANVAS.0,
            height: CANVAS.1,
        },
        scenes: vec![scene],
        anchor,
        captions: Captions::None,
        warnings: Vec::new(),
    }
}

/// A small avatar in the corner, and one image.
fn with_image(source: LayerSource, place: Place) -> VideoSpec {
    spec(AnchorRule::Documented, corner(), vec![(source, place)])
}

fn corner() -> Place {
    place((0.0, 0.0), Some(100.0), Some(100.0), 1.0)
}

fn url() -> LayerSource {
    LayerSource::Image("http://x.y/z.png".into())
}

fn colour() -> LayerSource {
    LayerSource::Colour("fff".into())
}

const UNKNOWN: &dyn Fn(&str) -> Option<Size> = &|_| None;

#[test]
fn a_full_background_at_the_centre_means_centres() {
    let sized = |w, h, scale, offset| reading(&with_image(url(), place(offset, Some(w), Some(h), scale)), UNKNOWN);
    let centre = (500.0, 250.0);
    let cases = [
        ((1000.0, 500.0, 1.0, centre), Anchor::Center),
        // Scales count.
        ((500.0, 250.0, 2.0, centre), Anchor::Center),
        ((1000.0, 500.0, 0.5, centre), Anchor::TopLeft),
        // 90 % both ways, to the pixel.
        ((900.0, 450.0, 1.0, centre), Anchor::Center),
        ((899.9, 500.0, 1.0, centre), Anchor::TopLeft),
        ((1000.0, 449.9, 1.0, centre), Anchor::TopLeft),
        ((5000.0, 5000.0, 1.0, centre), Anchor::Center),
        // 2 % of the canvas each way.
        ((1000.0, 500.0, 1.0, (520.0, 240.0)), Anchor::Center),
        ((1000.0, 500.0, 1.0, (480.0, 260.0)), Anchor::Center),
        ((1000.0, 500.0, 1.0, (520.1, 250.0)), Anchor::TopLeft),
        ((1000.0, 500.0, 1.0, (500.0, 239.9)), Anchor::TopLeft),
        ((1000.0, 500.0, 1.0, (0.0, 0.0)), Anchor::TopLeft),
    ];
    for ((w, h, scale, offset), expected) in cases {
        assert_eq!(sized(w, h, scale, offset), Some(expected), "{w} x {h} times {scale} at {offset:?}");
    }
}

#[test]
fn told_and_live_readings_look_at_no_element() {
    let full = place((500.0, 250.0), Some(1000.0), Some(500.0), 1.0);
    let natural = place((500.0, 250.0), None, None, 1.0);
    for (rule, expected) in [(AnchorRule::TopLeft, Anchor::TopLeft), (AnchorRule::Center, Anchor::Center)] {
        for place in [full.clone(), natural.clone(), corner()] {
            assert_eq!(reading(&spec(rule, corner(), vec![(url(), place)]), UNKNOWN), Some(expected));
        }
    }
}

#[test]
fn the_avatar_may_be_the_background_too() {
    let full = place((500.0, 250.0), Some(1000.0), Some(500.0), 1.0);
    assert_eq!(reading(&spec(AnchorRule::Documented, full, vec![]), UNKNOWN), Some(Anchor::Center));
    assert_eq!(
        reading(&spec(AnchorRule::Documented, corner(), vec![]), UNKNOWN),
        Some(Anchor::TopLeft)
    );
}

#[test]
fn colours_count_by_the_size_they_were_given() {
    let at = |w, h| reading(&with_image(colour(), place((500.0, 250.0), w, h, 1.0)), UNKNOWN);
    assert_eq!(at(None, None), Some(Anchor::TopLeft));
    assert_eq!(at(Some(1000.0), Some(500.0)), Some(Anchor::Center));
    // The missing side is the canvas's.
    assert_eq!(at(Some(900.0), None), Some(Anchor::Center));
    assert_eq!(at(None, Some(449.0)), Some(Anchor::TopLeft));
}

#[test]
fn unknown_sizes_are_waited_for_only_where_they_matter() {
    let centre = (500.0, 250.0);
    let at = |offset, w, h| with_image(url(), place(offset, w, h, 1.0));
    assert_eq!(reading(&at(centre, None, None), UNKNOWN), None);
    assert_eq!(reading(&at((0.0, 0.0), None, None), UNKNOWN), Some(Anchor::TopLeft));
    // One side is enough to say no, but not to say yes.
    assert_eq!(reading(&at(centre, Some(800.0), None), UNKNOWN), Some(Anchor::TopLeft));
    assert_eq!(reading(&at(centre, Some(1000.0), None), UNKNOWN), None);
    // Another element decides.
    let mut spec = at(centre, None, None);
    spec.scenes[0].avatar.place = Some(place(centre, Some(1000.0), Some(500.0), 1.0));
    assert_eq!(reading(&spec, UNKNOWN), Some(Anchor::Center));
}

#[test]
fn natural_sizes_decide_once_they_are_known() {
    let centre = (500.0, 250.0);
    let read = |w, h, scale, natural: Size| {
        let spec = with_image(url(), place(centre, w, h, scale));
        reading(&spec, &|field| (field == "elements[0]").then_some(natural))
    };
    let cases = [
        (None, None, 1.0, (1000.0, 500.0), Anchor::Center),
        (None, None, 0.5, (1000.0, 500.0), Anchor::TopLeft),
        (None, None, 0.5, (2000.0, 1000.0), Anchor::Center),
        // The other side keeps the shape: 2:1 and 4:1.
        (Some(1000.0), None, 1.0, (20.0, 10.0), Anchor::Center),
        (Some(1000.0), None, 1.0, (40.0, 10.0), Anchor::TopLeft),
        (None, Some(500.0), 1.0, (20.0, 10.0), Anchor::Center),
        (None, Some(500.0), 1.0, (10.0, 10.0), Anchor::TopLeft),
        // Given sides win over natural ones.
        (Some(100.0), Some(100.0), 1.0, (1000.0, 500.0), Anchor::TopLeft),
    ];
    for (w, h, scale, natural, expected) in cases {
        assert_eq!(read(w, h, scale, natural), Some(expected), "{w:?} {h:?} {scale} {natural:?}");
    }
}

#[test]
fn one_scene_shows_how_all_are_meant() {
    let centre = (500.0, 250.0);
    let mut spec = with_image(url(), place((0.0, 0.0), Some(10.0), Some(10.0), 1.0));
    let second = with_image(url(), place(centre, Some(1000.0), Some(500.0), 1.0));
    spec.scenes.extend(second.scenes);
    assert_eq!(reading(&spec, UNKNOWN), Some(Anchor::Center));
}
