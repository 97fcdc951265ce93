//! The older form: scenes.

use super::*;
use crate::spec::{AnchorRule, CanvasSpec, LayerSource, Sound};

/// Two scenes: one that speaks, one in silence.
fn two() -> Value {
    json!({
        "webhookUrl": "https://example.com/hook",
        "data": [
            {"width": 1920, "height": 1080, "avatarFrom": 3, "ratio": "16:9", "background": "#e8f0ff",
             "voice": {"voice_url": "https://example.com/s.mp3"},
             "elements": [
                {"type": "avatar", "url": "https://example.com/a.jpg", "scale_x": 1, "scale_y": 1, "offset_x": 100, "offset_y": 50,
                 "layer_number": 1},
                {"type": "video", "url": "https://example.com/v.mp4", "width": 960, "height": 540, "scale_x": 1, "scale_y": 1,
                 "offset_x": 960, "offset_y": 0, "layer_number": 0},
             ]},
            {"width": "1280", "height": "720", "duration": "2.5", "background": "https://example.com/b.webm",
             "elements": [
                {"type": "avatar", "avatar_id": "anna", "scale_x": 1, "scale_y": 1, "offset_x": 100, "offset_y": 50},
                {"type": "image", "url": "fff", "width": 64, "height": 32, "scale_x": 1, "scale_y": 1, "offset_x": 640, "offset_y": 360},
             ]},
        ],
    })
}

#[tokio::test]
async fn scenes_arrive_in_the_spec() {
    let world = World::open().await;
    let spec = world.scenes(&two()).await.unwrap();
    assert_eq!(
        (spec.canvas, spec.anchor),
        (CanvasSpec::Given { width: 1920, height: 1080 }, AnchorRule::Documented)
    );
    let [first, second] = &spec.scenes[..] else { panic!("{spec:?}") };
    let sound = Sound::Url {
        field: "data[0].voice.voice_url".into(),
        url: "https://example.com/s.mp3".into(),
        text: None,
        language: None,
    };
    assert_eq!((&first.sound, first.seconds), (&Some(sound), None));
    assert_eq!((&second.sound, second.seconds), (&None, Some(2.5)));
    let layers = |scene: &crate::spec::SceneSpec| {
        let layers = scene.layers.iter().map(|l| (l.order, l.field.clone(), l.source.clone()));
        layers.collect::<Vec<_>>()
    };
    assert_eq!(
        layers(first),
        [
            (-1, "data[0].background".into(), LayerSource::Colour("e8f0ff".into())),
            (
                0,
                "data[0].elements[1]".into(),
                LayerSource::Video("https://example.com/v.mp4".into())
            ),
        ]
    );
    assert_eq!((first.avatar.order, first.avatar.field.as_str()), (1, "data[0].elements[0]"));
    assert_eq!(
        layers(second),
        [
            (
                -1,
                "data[1].background".into(),
                LayerSource::Media("https://example.com/b.webm".into())
            ),
            (1, "data[1].elements[1]".into(), LayerSource::Colour("fff".into())),
        ]
    );
    assert!(first.layers[0].place.is_none() && second.layers[0].place.is_none());
    // A smaller scene of the same shape is brought to the first's size, with everything in it.
    let avatar = second.avatar.place.as_ref().unwrap();
    assert_eq!(
        (avatar.offset_x, avatar.offset_y, avatar.scale_x, avatar.scale_y),
        (150.0, 75.0, 1.5, 1.5)
    );
    let image = second.layers[1].place.as_ref().unwrap();
    assert_eq!(
        (image.width, image.height, image.scale_x, image.offset_x),
        (Some(96.0), Some(48.0), 1.0, 960.0)
    );
    let stored = serde_json::to_value(StoredVideo::V2(spec.clone())).unwrap();
    assert_eq!(VideoSpec::from(serde_json::from_value::<StoredVideo>(stored).unwrap()), spec);
}

#[tokio::test]
async fn a_scene_is_spoken_by_its_voice_or_its_audio_element() {
    let world = World::open().await;
    let audio = json!({"type": "audio", "input_text": "Hello!", "voice_id": "v1"});
    let by_element = with(with(two(), "/data/0/voice", Value::Null), "/data/0/elements/2", audio.clone());
    let spec = world.scenes(&by_element).await.unwrap();
    assert_eq!(spec.scenes[0].sound.as_ref().unwrap().field(), "data[0].elements[2].input_text");
    let by_voice = with(
        two(),
        "/data/0/voice",
        json!({"input_text": "Hello!", "voice_id": "v1", "voice_url": ""}),
    );
    let spec = world.scenes(&by_voice).await.unwrap();
    assert_eq!(spec.scenes[0].sound.as_ref().unwrap().field(), "data[0].voice.input_text");
    let both = with(two(), "/data/0/elements/2", audio);
    let e = world.scenes(&both).await.unwrap_err();
    assert!(
        e.message.contains("data[0] has 2 voices and audio elements, but may have one"),
        "{e}"
    );
}

#[tokio::test]
async fn scenes_are_refused_by_their_place() {
    let world = World::open().await;
    let avatar = two()["data"][0]["elements"][0].clone();
    let video = two()["data"][0]["elements"][1].clone();
    let third = two()["data"][1].clone();
    let four = with(with(two(), "/data/0", third.clone()), "/data/0", third);
    let many = with(with(two(), "/data/1/elements/0", video.clone()), "/data/1/elements/0", video);
    for (body, pointer, value, sentence) in [
        (two(), "/data", Value::Null, "data is missing or empty"),
        (two(), "/data", json!([]), "data is missing or empty"),
        (two(), "/data", json!({}), "data must be a list"),
        (two(), "/data/0", json!(5), "data[0] must be"),
        (four, "/webhookUrl", json!(""), "data has 4 scenes, but may have 3"),
        (two(), "/data/0/width", Value::Null, "data[0].width is missing"),
        (
            two(),
            "/data/1/width",
            json!(721),
            "data[1].width is 721, but must be an even number",
        ),
        (
            two(),
            "/data/1/width",
            json!(720),
            "data[1] is 720×720, but must have the shape of the first scene, 1920×1080",
        ),
        (
            two(),
            "/data/0/duration",
            json!(-1),
            "data[0].duration is -1, but must be a number of seconds",
        ),
        (
            two(),
            "/data/1/duration",
            json!("soon"),
            "data[1].duration is \"soon\", but must be a number",
        ),
        (two(), "/data/1/duration", json!(0), "data[1].voice is missing"),
        (two(), "/data/0/voice", json!({}), "data[0].voice is missing"),
        (
            two(),
            "/data/0/voice",
            json!({"voice_url": "ftp://x.y/z"}),
            "data[0].voice.voice_url ",
        ),
        (
            two(),
            "/data/0/voice",
            json!({"input_text": "Hello"}),
            "data[0].voice.voice_id is missing",
        ),
        (
            two(),
            "/data/0/background",
            json!("blue"),
            "data[0].background is \"blue\", but must be a link to a picture or a video",
        ),
        (two(), "/data/0/background", json!("http://127.0.0.1/x.png"), "data[0].background "),
        (two(), "/data/0/avatarFrom", json!(1), "data[0].avatarFrom is 1, but must be"),
        (
            two(),
            "/data/1/elements/0",
            avatar,
            "data[1].elements must have exactly one avatar, but has 2",
        ),
        (
            two(),
            "/data/1/elements",
            json!([]),
            "data[1].elements must have exactly one avatar, but has 0",
        ),
        (
            two(),
            "/data/0/elements/1/url",
            json!(""),
            "data[0].elements[1].url is missing, but must be a link to a video",
        ),
        (two(), "/data/0/elements/1/url", json!("#fff"), "data[0].elements[1].url "),
        (
            two(),
            "/data/0/elements/1/scale_x",
            Value::Null,
            "data[0].elements[1].scale_x is missing",
        ),
        (many, "/webhookUrl", json!(""), "data[1].elements has 3 videos, but may have 2"),
        (
            two(),
            "/captions",
            json!("file"),
            "captions needs what is said: send it as data[0].voice.text",
        ),
    ] {
        let e = world.scenes(&with(body, pointer, value.clone())).await.expect_err(pointer);
        let expected = format!("parameter validate error: {sentence}");
        assert!(e.message.starts_with(&expected), "{pointer} {value}: {e}, not {expected}");
    }
    let long = with(two(), "/data/1/duration", json!(3601));
    assert_eq!(world.scenes(&long).await.unwrap_err().code, Code::Duration);
}

#[tokio::test]
async fn videos_are_elements_of_a_single_scene_too() {
    let world = World::open().await;
    let video = json!({"type": "video", "url": "https://example.com/v.mp4", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0});
    let spec = world.spec(&with(sample(), "/elements/0", video.clone())).await.unwrap();
    assert_eq!(
        spec.scenes[0].layers[0].source,
        LayerSource::Video("https://example.com/v.mp4".into())
    );
    let three = (0..3).fold(sample(), |body, _| with(body, "/elements/0", video.clone()));
    let e = world.spec(&three).await.unwrap_err();
    assert!(e.message.contains("elements has 3 videos, but may have 2"), "{e}");
}
