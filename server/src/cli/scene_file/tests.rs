use super::*;

/// A folder with a scene and empty files for it to name.
fn folder(scene: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("scene.json"), scene).expect("written");
    for name in ["a.png", "b.png", "s.wav"] {
        std::fs::write(folder.path().join(name), "x").expect("written");
    }
    folder
}

fn scene(json: &str) -> Result<Scene> {
    let folder = folder(json);
    SceneFile::read(&folder.path().join("scene.json")).and_then(Scene::try_from)
}

fn complaint(json: &str) -> String {
    scene(json).map(|_| ()).expect_err("a bad scene").message
}

#[test]
fn a_short_scene_fills_the_canvas() {
    let made =
        scene(r##"{"audio": "s.wav", "layers": [{"image": "b.png"}, {"avatar": "a.png"}, {"colour": "#0008"}]}"##).expect("a good scene");
    assert_eq!((made.canvas().width(), made.canvas().height()), (1920, 1080));
    assert_eq!(made.below()[0].placement(), &Placement::filling(made.canvas(), Fit::Cover));
    assert_eq!(made.avatar().1, &Placement::filling(made.canvas(), Fit::Contain));
    assert_eq!(made.above().len(), 1);
    assert!(made.sound().is_some_and(|s| s.is_file() || s.ends_with("s.wav")));
}

#[test]
fn a_full_scene_says_everything() {
    let made = scene(
        r#"{"width": 1080, "height": 1920, "fps": "29.97", "audio": "s.wav", "seed": 7, "matte": true, "layers": [
            {"avatar": "a.png", "anchor": "center", "x": 540, "y": 960.5, "width": 800, "height": 900,
             "scale_x": 1.5, "scale_y": 2, "fit": "fill", "order": 3},
            {"image": "b.png", "x": 10, "order": 4}]}"#,
    )
    .expect("a good scene");
    assert_eq!(made.canvas().fps(), Fps { num: 30_000, den: 1001 });
    assert!(made.matte() && made.seed() == 7);
    let expected = Placement {
        anchor: Anchor::Centre,
        x: 540.0,
        y: 960.5,
        width: Some(800.0),
        height: Some(900.0),
        scale_x: 1.5,
        scale_y: 2.0,
        fit: Fit::Fill,
    };
    assert_eq!(made.avatar().1, &expected);
    assert_eq!(made.above()[0].placement().width, None);
}

#[test]
fn mistakes_are_told_by_their_place() {
    let with = |layer: &str| format!(r#"{{"audio": "s.wav", "layers": [{{"avatar": "a.png"}}, {layer}]}}"#);
    for (json, place) in [
        (with(r#"{"image": "b.png", "scale_x": 0}"#), "layers[1].scale_x is 0"),
        (with(r#"{"image": "b.png", "scale_x": "big"}"#), "layers[1].scale_x: invalid type"),
        (with(r#"{"image": "b.png", "sclae_x": 1}"#), "layers[1].sclae_x: unknown field"),
        (with(r#"{"image": "gone.png"}"#), "layers[1].image: "),
        (with(r#"{"colour": "mauve"}"#), "layers[1].colour is \"mauve\""),
        (with(r#"{"colour": "fff", "image": "b.png"}"#), "layers[1] must have exactly one"),
        (with(r#"{"avatar": "a.png"}"#), "layers must have exactly one avatar, but have 2"),
        (with(r#"{"image": "b.png", "fit": "stretch"}"#), "layers[1].fit: unknown variant"),
        (r#"{"layers": [{"avatar": "a.png"}]}"#.to_owned(), "audio is missing"),
        (r#"{"audio": "s.wav", "width": 1281, "layers": []}"#.to_owned(), "width is 1281"),
        (r#"{"audio": "s.wav", "fps": 26}"#.to_owned(), "fps is 26"),
        (r#"{"audio": "s.wav"} trailing"#.to_owned(), "trailing characters"),
        ("{".to_owned(), "line 1"),
        (
            r#"{"audio": "s.wav", "phonemes": "scene.json", "layers": [{"avatar": "a.png"}]}"#.to_owned(),
            "scene.json: ",
        ),
    ] {
        let told = complaint(&json);
        assert!(told.contains(place), "{json}\n  told: {told}\n  expected: {place}");
    }
}

#[test]
fn the_command_line_overrides_and_fills_in() {
    let mut file = SceneFile {
        audio: Some("/dev/null".into()),
        ..SceneFile::default()
    };
    file.set_avatar("one.png".into());
    file.set_avatar("two.png".into());
    assert_eq!(file.layers.len(), 1);
    file.set_background(LayerFile {
        colour: Some("#123".into()),
        ..LayerFile::default()
    });
    file.layers[0].avatar = None;
    file.layers[0].colour = Some("#fff".into());
    assert_eq!(file.layers[0].order, Some(0));
    assert_eq!(file.layers[1].order, Some(i64::MIN));
}
