use std::path::Path;

use mouthpiece_render::scene::{self as drawn, Rgba};

use super::*;
use crate::spec::{AnchorRule, AvatarSource, Captions, Sound};

const ID: &str = "67491cdb4d9d1664a9782292";

fn element<S>(field: &str, source: S, order: i64) -> Element<S> {
    Element {
        field: field.into(),
        source,
        place: Place {
            offset_x: -3.5,
            offset_y: 7.0,
            width: Some(300.0),
            height: None,
            scale_x: 0.5,
            scale_y: 2.0,
            fit: Fit::Contain,
        },
        order,
    }
}

fn spec() -> VideoSpec {
    VideoSpec {
        width: 640,
        height: 360,
        avatar: element("elements[1]", AvatarSource::Url("http://x.y/face".into()), 1),
        images: vec![
            element("elements[0]", ImageSource::Colour("0f08".into()), 2),
            element("elements[3]", ImageSource::Url("http://x.y/picture".into()), 0),
        ],
        sound: Sound::Url {
            field: "elements[2]".into(),
            url: "http://x.y/sound".into(),
            text: None,
            language: None,
        },
        anchor: AnchorRule::Documented,
        captions: Captions::None,
    }
}

fn files() -> Files {
    let media = [("elements[1]", "face.png"), ("elements[3]", "picture.png")];
    Files {
        media: media.map(|(field, file)| (field.to_owned(), PathBuf::from(file))).into(),
        sound: "speech.mp3".into(),
    }
}

fn made(spec: &VideoSpec, anchor: Anchor) -> Result<Scene> {
    scene(spec, &RecordId::parse(ID).unwrap(), anchor, &files())
}

#[test]
fn everything_arrives_in_the_scene() {
    let scene = made(&spec(), Anchor::Center).unwrap();
    assert_eq!(scene.canvas(), Canvas::new(640, 360, Fps { num: 25, den: 1 }).unwrap());
    assert_eq!(scene.sound(), Path::new("speech.mp3"));
    let contents: Vec<_> = scene.layers().iter().map(|l| l.content().clone()).collect();
    assert_eq!(
        contents,
        [
            Content::Image("picture.png".into()),
            Content::Avatar("face.png".into()),
            Content::Colour(Rgba([0, 255, 0, 0x88])),
        ]
    );
    let expected = Placement {
        anchor: drawn::Anchor::Centre,
        x: -3.5,
        y: 7.0,
        width: Some(300.0),
        height: None,
        scale_x: 0.5,
        scale_y: 2.0,
        fit: drawn::Fit::Contain,
    };
    assert!(scene.layers().iter().all(|l| *l.placement() == expected));
    let scene = made(&spec(), Anchor::TopLeft).unwrap();
    assert_eq!(scene.avatar().1.anchor, drawn::Anchor::TopLeft);
}

#[test]
fn fits_keep_their_names() {
    for (fit, expected) in [
        (Fit::Cover, drawn::Fit::Cover),
        (Fit::Contain, drawn::Fit::Contain),
        (Fit::Fill, drawn::Fit::Fill),
    ] {
        assert_eq!(drawn::Fit::from(fit), expected);
    }
}

#[test]
fn a_colour_without_a_size_keeps_none_and_so_fills_the_canvas() {
    let mut spec = spec();
    spec.images[0].place.width = None;
    let scene = made(&spec, Anchor::TopLeft).unwrap();
    let colour = scene.layers().iter().find(|l| matches!(l.content(), Content::Colour(_))).unwrap();
    assert_eq!((colour.placement().width, colour.placement().height), (None, None));
}

#[test]
fn the_job_chooses_the_seed_and_an_attempt_does_not() {
    let of = |id: &str| {
        scene(&spec(), &RecordId::parse(id).unwrap(), Anchor::TopLeft, &files())
            .unwrap()
            .seed()
    };
    assert_eq!(of(ID), 0x4d9d_1664_a978_2292);
    assert_eq!(of(ID), of(ID));
    assert_ne!(of(ID), of("67491cdb4d9d1664a9782293"));
}

#[test]
fn a_missing_file_is_a_fault_of_ours_and_an_impossible_place_is_named() {
    let id = RecordId::parse(ID).unwrap();
    let e = scene(&spec(), &id, Anchor::TopLeft, &Files::default()).unwrap_err();
    assert_eq!(e.code, crate::problem::Code::Internal);
    let mut spec = spec();
    spec.images[1].place.scale_x = 17.0;
    let e = made(&spec, Anchor::TopLeft).unwrap_err();
    assert!(e.message.starts_with("parameter validate error: elements[3].scale_x "), "{e}");
}
