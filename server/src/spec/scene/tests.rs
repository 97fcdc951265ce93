use std::path::Path;

use mouthpiece_render::scene::{self as drawn, Fps, Rgba};

use super::*;
use crate::spec::{AnchorRule, AvatarSource, CanvasSpec, Captions, Sound};

const ID: &str = "67491cdb4d9d1664a9782292";

fn element<S>(field: &str, source: S, order: i64) -> Element<S> {
    Element {
        field: field.into(),
        source,
        place: Some(Place {
            offset_x: -3.5,
            offset_y: 7.0,
            width: Some(300.0),
            height: None,
            scale_x: 0.5,
            scale_y: 2.0,
            fit: Fit::Contain,
        }),
        order,
    }
}

fn spec() -> VideoSpec {
    let scene = SceneSpec {
        avatar: element("elements[1]", AvatarSource::Url("http://x.y/face".into()), 1),
        layers: vec![
            element("elements[0]", LayerSource::Colour("0f08".into()), 2),
            element("elements[3]", LayerSource::Image("http://x.y/picture".into()), 0),
            element("elements[4]", LayerSource::Video("http://x.y/video".into()), 3),
        ],
        sound: Some(Sound::Url {
            field: "elements[2]".into(),
            url: "http://x.y/sound".into(),
            text: None,
            language: None,
        }),
        seconds: None,
    };
    VideoSpec {
        canvas: CanvasSpec::Given { width: 640, height: 360 },
        scenes: vec![scene],
        anchor: AnchorRule::Documented,
        captions: Captions::None,
        warnings: Vec::new(),
    }
}

fn files() -> Files {
    let media = [
        ("elements[1]", "face.png"),
        ("elements[3]", "picture.png"),
        ("elements[4]", "street.mp4"),
    ];
    Files {
        media: media.map(|(field, file)| (field.to_owned(), PathBuf::from(file))).into(),
        sounds: vec![Some("speech.mp3".into())],
    }
}

const FIRST: Natural = Natural {
    width: 300,
    height: 200,
    fps: Some(30.0),
};

fn all(spec: &VideoSpec, id: &str, anchor: Anchor, files: &Files) -> Result<Vec<Scene>> {
    scenes(spec, &RecordId::parse(id).unwrap(), anchor, FIRST, files)
}

fn made(spec: &VideoSpec, anchor: Anchor) -> Result<Scene> {
    Ok(all(spec, ID, anchor, &files())?.remove(0))
}

#[test]
fn everything_arrives_in_the_scene() {
    let scene = made(&spec(), Anchor::Center).unwrap();
    assert_eq!(scene.canvas(), Canvas::new(640, 360, Fps { num: 25, den: 1 }).unwrap());
    assert_eq!((scene.sound(), scene.seconds()), (Some(Path::new("speech.mp3")), None));
    let contents: Vec<_> = scene.layers().iter().map(|l| l.content().clone()).collect();
    assert_eq!(
        contents,
        [
            Content::Image("picture.png".into()),
            Content::Avatar("face.png".into()),
            Content::Colour(Rgba([0, 255, 0, 0x88])),
            Content::Video("street.mp4".into()),
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
    spec.scenes[0].layers[0].place.as_mut().unwrap().width = None;
    let scene = made(&spec, Anchor::TopLeft).unwrap();
    let colour = scene.layers().iter().find(|l| matches!(l.content(), Content::Colour(_))).unwrap();
    assert_eq!((colour.placement().width, colour.placement().height), (None, None));
}

#[test]
fn the_job_chooses_the_seed_and_an_attempt_does_not() {
    let of = |id: &str| all(&spec(), id, Anchor::TopLeft, &files()).unwrap()[0].seed();
    assert_eq!(of(ID), 0x4d9d_1664_a978_2292);
    assert_eq!(of(ID), of(ID));
    assert_ne!(of(ID), of("67491cdb4d9d1664a9782293"));
}

#[test]
fn a_missing_file_is_a_fault_of_ours_and_an_impossible_place_is_named() {
    let e = all(&spec(), ID, Anchor::TopLeft, &Files::default()).unwrap_err();
    assert_eq!(e.code, crate::problem::Code::Internal);
    let mut spec = spec();
    spec.scenes[0].layers[1].place.as_mut().unwrap().scale_x = 17.0;
    let e = made(&spec, Anchor::TopLeft).unwrap_err();
    assert!(e.message.starts_with("parameter validate error: elements[3].scale_x "), "{e}");
}

#[test]
fn what_has_no_place_fills_the_canvas_which_may_be_that_of_the_avatar() {
    let mut spec = spec();
    spec.canvas = CanvasSpec::AsFilmed;
    spec.scenes[0].avatar.place = None;
    spec.scenes[0].layers.clear();
    let scene = made(&spec, Anchor::Center).unwrap();
    let canvas = Canvas::new(300, 200, Fps { num: 30, den: 1 }).unwrap();
    assert_eq!(scene.canvas(), canvas);
    assert_eq!(*scene.avatar().1, Placement::filling(canvas, drawn::Fit::Cover));
}

#[test]
fn scenes_have_their_own_sounds_lengths_and_seeds() {
    let mut spec = spec();
    let mut second = spec.scenes[0].clone();
    second.seconds = Some(2.5);
    let third = SceneSpec {
        sound: None,
        ..second.clone()
    };
    spec.scenes.extend([second, third]);
    let mut files = files();
    files.sounds.extend([Some("second.mp3".into()), None]);
    let all = all(&spec, ID, Anchor::TopLeft, &files).unwrap();
    let told: Vec<_> = all.iter().map(|s| (s.sound(), s.seconds())).collect();
    let path = |name: &'static str| Some(Path::new(name));
    assert_eq!(
        told,
        [(path("speech.mp3"), None), (path("second.mp3"), Some(2.5)), (None, Some(2.5))]
    );
    assert_eq!(all[1].seed(), all[0].seed() + 1);
    assert!(all.iter().all(|s| s.moves()));
}
