use axum::body::Body as Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::json;

use super::avatar::{Asked, Origin, Upload, Wish, choose};
use super::*;
use crate::clock::Clock;
use crate::config::{Compat, Config};
use crate::problem::Code;
use crate::spec::{AnchorRule, AvatarSource, Fit, ImageSource, Place, Sound};
use crate::stock::StockAvatar;

struct World {
    service: Service,
    _data: tempfile::TempDir,
}

impl World {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().to_owned(),
            ..Config::default()
        };
        config.limits.images = 4;
        let service = Service::open(config, Clock::movable()).await.unwrap();
        Self { service, _data: data }
    }

    async fn draft(&self, compat: Compat, body: &Value) -> Result<Draft> {
        let request = Request::post("/api/open/v3/talkingavatar/create")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let read = Body::<CreateBody>::from_request(request, &self.service).await;
        let body = match read {
            Ok(body) => body.value,
            Err(refusal) => {
                let bytes = axum::body::to_bytes(refusal.into_body(), usize::MAX).await.unwrap();
                let answer: Value = serde_json::from_slice(&bytes).unwrap();
                assert_eq!(answer["code"], 1003);
                return Err(Problem::new(Code::Parameter, answer["msg"].as_str().unwrap()));
            }
        };
        Draft::new(&self.service, compat, body)
    }

    /// As a caller of the documented reading, with a url for an avatar.
    async fn spec(&self, body: &Value) -> Result<VideoSpec> {
        self.draft(Compat::Documented, body).await?.agreed(AvatarSource::Url("face".into()))
    }
}

/// A background, an avatar, a recording.
fn sample() -> Value {
    json!({
        "width": 1920, "height": 1080, "avatar_from": 3, "webhookUrl": "",
        "elements": [
            {"type": "image", "url": "#e8f0ff", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0},
            {"type": "avatar", "url": "https://example.com/a.jpg", "width": 900, "height": 1080.5, "scale_x": 0.5, "scale_y": 2,
             "offset_x": -20, "offset_y": 13.5, "object_fit": "contain"},
            {"type": "audio", "url": "https://example.com/s.mp3"},
        ],
    })
}

fn flat() -> Value {
    json!({"width": 720, "height": 1280, "avatar_from": "2", "avatar_id": "anna", "voice_id": "v1", "input_text": "Hello!"})
}

/// The body with another value at a pointer; null takes the field out.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
        Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
        Value::Array(items) if value.is_null() => drop(items.remove(name.parse().unwrap())),
        Value::Array(items) => items.insert(name.parse().unwrap(), value),
        other => panic!("{other}"),
    }
    body
}

/// Asserts that the changed body is refused with a sentence that begins so.
async fn refused(cases: &[(Value, &str, Value, &str)]) {
    let world = World::open().await;
    for (body, pointer, value, sentence) in cases {
        let problem = world.spec(&with(body.clone(), pointer, value.clone())).await.expect_err(pointer);
        assert_eq!(problem.code, Code::Parameter, "{pointer} {value}: {problem}");
        let expected = format!("parameter validate error: {sentence}");
        assert!(
            problem.message.starts_with(&expected),
            "{pointer} {value}: {problem}, not {expected}"
        );
    }
}

#[tokio::test]
async fn sizes_and_origin_are_checked() {
    let side = |name: &'static str, value: Value, is: &'static str| (sample(), name, value, is);
    refused(&[
        side(
            "/width",
            Value::Null,
            "width is missing, but must be an even number from 128 to 4096",
        ),
        side("/width", json!(1081), "width is 1081, but must be an even"),
        side("/width", json!(126), "width is 126, but must"),
        side("/width", json!(4098), "width is 4098, but must"),
        side("/width", json!(-1920), "width is -1920, but must"),
        side("/width", json!(0), "width is 0, but must"),
        side("/height", json!(1080.5), "height is 1080.5, but must"),
        side("/height", json!("1081"), "height is 1081, but must"),
        side("/height", json!("tall"), "height is \"tall\", but must be a number"),
        side("/height", json!(""), "height is missing"),
        side("/height", json!(true), "height is true, but must be a number"),
        side("/avatar_from", Value::Null, "avatar_from is missing, but must be 2 (official) or 3"),
        side("/avatar_from", json!(4), "avatar_from is 4, but must be 2 (official) or 3"),
        side("/avatar_from", json!("1"), "avatar_from is 1, but must"),
    ])
    .await;
    let world = World::open().await;
    for (width, height) in [(128, 4096), (3840, 2160), (1080, 1920), (1280, 720)] {
        let body = with(with(sample(), "/width", json!(width)), "/height", json!(height.to_string()));
        let spec = world.spec(&body).await.unwrap();
        assert_eq!((spec.width, spec.height), (width, height));
    }
}

#[tokio::test]
async fn there_is_one_avatar_one_audio_and_not_too_many_images() {
    let element = |i: usize| sample()["elements"][i].clone();
    let many = with(with(sample(), "/elements/0", element(0)), "/elements/0", element(0));
    let many = with(many, "/elements/0", element(0));
    refused(&[
        (sample(), "/elements", Value::Null, "elements is missing or empty"),
        (sample(), "/elements", json!([]), "elements is missing or empty"),
        (sample(), "/elements", json!("all"), "elements must be a list"),
        (
            sample(),
            "/elements/1",
            Value::Null,
            "elements must have exactly one avatar, but has 0",
        ),
        (
            sample(),
            "/elements/2",
            Value::Null,
            "elements must have exactly one audio, but has 0",
        ),
        (
            sample(),
            "/elements/1",
            element(1),
            "elements must have exactly one avatar, but has 2",
        ),
        (
            sample(),
            "/elements/1",
            element(2),
            "elements must have exactly one audio, but has 2",
        ),
        (many.clone(), "/elements/0", element(0), "elements has 5 images, but may have 4"),
        (
            sample(),
            "/elements/0",
            json!(7),
            "elements[0] must be an object whose type is avatar, image or audio",
        ),
        (
            sample(),
            "/elements/0",
            json!({}),
            "elements[0].type is missing, but may be avatar, image or audio",
        ),
        (
            sample(),
            "/elements/0/type",
            json!("video"),
            "elements[0].type is \"video\", but may be avatar",
        ),
        (sample(), "/elements/0/type", json!(1), "elements[0].type must be a string"),
    ])
    .await;
    assert!(World::open().await.spec(&many).await.is_ok());
    assert!(World::open().await.spec(&with(sample(), "/elements/0", Value::Null)).await.is_ok());
}

#[tokio::test]
async fn places_are_checked_on_images_and_avatars() {
    let mut cases = Vec::new();
    for (i, at) in [(0, "elements[0]"), (1, "elements[1]")] {
        for (field, value, rest) in [
            ("scale_x", Value::Null, "is missing, but must be a number above 0 and at most 16"),
            ("scale_y", Value::Null, "is missing"),
            ("offset_x", Value::Null, "is missing, but must be a number of pixels"),
            ("offset_y", Value::Null, "is missing"),
            ("scale_x", json!(""), "is missing"),
            ("scale_x", json!(0), "is 0, but must be a number above 0"),
            ("scale_y", json!(-1), "is -1, but"),
            ("scale_y", json!("16.1"), "is 16.1, but"),
            ("scale_y", json!({"a": 1}), "is {\"a\":1}, but must be a number"),
            ("scale_y", json!("NaN"), "is \"NaN\", but must be a number"),
            (
                "offset_x",
                json!(1_000_001),
                "is 1000001, but must be a number of pixels, at most 1000000 either way",
            ),
            ("offset_y", json!(-1e300), "is -1"),
            ("offset_y", json!("12px"), "is \"12px\", but must be a number"),
            ("width", json!(0), "is 0, but must be a number of pixels, above 0"),
            ("height", json!(-5), "is -5, but"),
            ("height", json!(1e7), "is 10000000, but"),
            ("layer_number", json!(1.5), "is 1.5, but must be a whole number"),
            ("layer_number", json!("top"), "is \"top\", but must be a number"),
            ("object_fit", json!("stretch"), "is \"stretch\", but may be cover, contain or fill"),
            ("object_fit", json!(1), "must be text"),
        ] {
            let sentence: &str = Box::leak(format!("{at}.{field} {rest}").into_boxed_str());
            let pointer: &str = Box::leak(format!("/elements/{i}/{field}").into_boxed_str());
            cases.push((sample(), pointer, value, sentence));
        }
    }
    refused(&cases).await;
    let world = World::open().await;
    let edge = with(
        with(sample(), "/elements/1/scale_x", json!(16)),
        "/elements/1/offset_x",
        json!(-1e6),
    );
    assert_eq!(world.spec(&edge).await.unwrap().avatar.place.scale_x, 16.0);
}

#[tokio::test]
async fn urls_are_checked_where_they_stand() {
    let link = "must begin with http:// or https://";
    let said = |field: &str, rest: &str| -> &'static str { Box::leak(format!("{field} {rest}").into_boxed_str()) };
    let mut cases = vec![
        (sample(), "/webhookUrl", json!(1), "webhookUrl must be text"),
        (
            sample(),
            "/elements/0/url",
            Value::Null,
            "elements[0].url is missing, but must be a link to a picture, or a colour",
        ),
        (sample(), "/elements/0/url", json!(" "), "elements[0].url is missing"),
        (
            sample(),
            "/elements/0/url",
            json!("#12345"),
            "elements[0].url is \"#12345\", but must be a link to a picture, or a colour",
        ),
        (
            sample(),
            "/elements/0/url",
            json!("white"),
            "elements[0].url is \"white\", but must be",
        ),
        (
            sample(),
            "/elements/1/url",
            Value::Null,
            "elements[1].avatar_id is missing, and url too",
        ),
        (
            sample(),
            "/elements/2/url",
            Value::Null,
            "elements[2].url is missing: send the url of a recording, or input_text",
        ),
        (sample(), "/elements/2/url", json!(["x"]), "elements[2].url must be text"),
    ];
    for (pointer, field) in [
        ("/webhookUrl", "webhookUrl"),
        ("/elements/0/url", "elements[0].url"),
        ("/elements/2/url", "elements[2].url"),
    ] {
        cases.push((sample(), pointer, json!("ftp://example.com/x"), said(field, link)));
        cases.push((sample(), pointer, json!("file:///etc/passwd"), said(field, link)));
        cases.push((
            sample(),
            pointer,
            json!("https://me:secret@example.com/x"),
            said(field, "must not contain a user name or password"),
        ));
        cases.push((
            sample(),
            pointer,
            json!("http://127.0.0.1/x"),
            said(field, "points to a private or reserved address"),
        ));
        let long = format!("https://example.com/{}", "x".repeat(8192));
        cases.push((sample(), pointer, json!(long), said(field, "is longer than 8192 characters")));
    }
    // Only pictures may be within a url.
    for (pointer, field) in [("/webhookUrl", "webhookUrl"), ("/elements/2/url", "elements[2].url")] {
        cases.push((sample(), pointer, json!("data:image/png;base64,AAAA"), said(field, link)));
    }
    cases.push((
        sample(),
        "/elements/0/url",
        json!("data:text/html,x"),
        "elements[0].url holds no image",
    ));
    refused(&cases).await;

    let world = World::open().await;
    for none in [Value::Null, json!(""), json!("  ")] {
        let draft = world.draft(Compat::Documented, &with(sample(), "/webhookUrl", none)).await.unwrap();
        assert_eq!(draft.webhook_url, None);
    }
    let mut body = sample();
    body["webhookUrl"] = Value::Null;
    assert_eq!(world.draft(Compat::Documented, &body).await.unwrap().webhook_url, None);
    let some = with(sample(), "/webhookUrl", json!("https://example.com/hook?a=b"));
    let draft = world.draft(Compat::Documented, &some).await.unwrap();
    assert_eq!(draft.webhook_url.as_deref(), Some("https://example.com/hook?a=b"));
    let data = with(sample(), "/elements/0/url", json!("data:image/png;base64,AAAA"));
    let spec = world.spec(&data).await.unwrap();
    assert_eq!(spec.images[0].source, ImageSource::Url("data:image/png;base64,AAAA".into()));
}

#[tokio::test]
async fn an_image_is_a_link_or_a_colour() {
    let world = World::open().await;
    let colour = |digits: &str| ImageSource::Colour(digits.into());
    let link = |url: &str| ImageSource::Url(url.into());
    for (text, expected) in [
        ("fff", colour("fff")),
        ("#fff", colour("fff")),
        ("#12AB", colour("12AB")),
        (" #e8f0ff ", colour("e8f0ff")),
        ("00000000", colour("00000000")),
        ("https://example.com/fff", link("https://example.com/fff")),
    ] {
        let spec = world.spec(&with(sample(), "/elements/0/url", json!(text))).await.unwrap();
        assert_eq!(spec.images[0].source, expected, "{text}");
    }
}

#[tokio::test]
async fn everything_arrives_in_the_spec() {
    let spec = World::open().await.spec(&sample()).await.unwrap();
    let place = Place {
        offset_x: -20.0,
        offset_y: 13.5,
        width: Some(900.0),
        height: Some(1080.5),
        scale_x: 0.5,
        scale_y: 2.0,
        fit: Fit::Contain,
    };
    assert_eq!((spec.avatar.field.as_str(), &spec.avatar.place), ("elements[1]", &place));
    let place = Place {
        offset_x: 0.0,
        offset_y: 0.0,
        width: None,
        height: None,
        scale_x: 1.0,
        scale_y: 1.0,
        fit: Fit::Cover,
    };
    assert_eq!((spec.images[0].field.as_str(), &spec.images[0].place), ("elements[0]", &place));
    let sound = Sound::Url {
        field: "elements[2]".into(),
        url: "https://example.com/s.mp3".into(),
    };
    assert_eq!(spec.sound, sound);
    assert_eq!(spec.anchor, AnchorRule::Documented);
}

/// What is stored must stay readable: a change here needs a new version.
#[tokio::test]
async fn the_stored_form_is_this_one() {
    let spec = World::open().await.spec(&sample()).await.unwrap();
    let stored = json!({
        "version": "1", "width": 1920, "height": 1080,
        "avatar": {"field": "elements[1]", "source": {"url": "face"}, "order": 1,
            "place": {"offset_x": -20.0, "offset_y": 13.5, "width": 900.0, "height": 1080.5, "scale_x": 0.5, "scale_y": 2.0, "fit": "contain"}},
        "images": [{"field": "elements[0]", "source": {"colour": "e8f0ff"}, "order": 0,
            "place": {"offset_x": 0.0, "offset_y": 0.0, "width": null, "height": null, "scale_x": 1.0, "scale_y": 1.0, "fit": "cover"}}],
        "sound": {"url": {"field": "elements[2]", "url": "https://example.com/s.mp3"}},
        "anchor": "documented",
    });
    assert_eq!(serde_json::to_value(StoredVideo::V1(spec.clone())).unwrap(), stored);
    let StoredVideo::V1(read) = serde_json::from_value(stored).unwrap();
    assert_eq!(read, spec);
}

/// Numbers become their text, wherever they stand.
fn as_strings(value: &Value) -> Value {
    match value {
        Value::Number(n) => json!(format!(" {n} ")),
        Value::Array(items) => items.iter().map(as_strings).collect(),
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), as_strings(v))).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn numbers_may_be_strings() {
    let world = World::open().await;
    let body = with(sample(), "/elements/1/layer_number", json!(-3));
    let (numbers, strings) = (world.spec(&body).await.unwrap(), world.spec(&as_strings(&body)).await.unwrap());
    assert_eq!(numbers, strings);
}

#[tokio::test]
async fn unknown_fields_and_nulls_change_nothing() {
    let world = World::open().await;
    let (plain, short) = (sample(), with(flat(), "/webhookUrl", json!("https://example.com/")));
    let odd = [json!(null), json!(1), json!("x"), json!([1]), json!({"url": {"deep": [null]}})];
    for body in [plain, short] {
        let before = world.draft(Compat::Documented, &body).await.unwrap();
        let elements = body["elements"].as_array().map_or(0, Vec::len);
        let places = std::iter::once(String::new()).chain((0..elements).map(|i| format!("/elements/{i}")));
        for place in places {
            for value in &odd {
                let mut changed = body.clone();
                changed.pointer_mut(&place).unwrap()["unheard_of"] = value.clone();
                assert_eq!(world.draft(Compat::Documented, &changed).await.unwrap(), before, "{place} {value}");
            }
        }
    }
    // Fields that another type has are unknown too.
    let before = world.draft(Compat::Documented, &sample()).await.unwrap();
    for (pointer, value) in [
        ("/elements/0/avatar_id", json!(7)),
        ("/elements/0/voice_id", json!({})),
        ("/elements/1/input_text", json!(["x"])),
        ("/elements/2/scale_x", json!("large")),
        ("/elements/2/voice_clone", json!({"speed": 1})),
        ("/elements/2/input_text", json!("url wins")),
        ("/elements/2/voice_id", json!("alone")),
        ("/avatar_id", json!("beside elements")),
        ("/input_text", json!("beside elements")),
    ] {
        let changed = with(sample(), pointer, value);
        assert_eq!(world.draft(Compat::Documented, &changed).await.unwrap(), before, "{pointer}");
    }
    let mut nulls = sample();
    for field in ["width", "height", "layer_number", "object_fit"] {
        nulls["elements"][0][field] = Value::Null;
    }
    assert_eq!(world.draft(Compat::Documented, &nulls).await.unwrap(), before);
}

#[tokio::test]
async fn layers_decide_then_the_sequence() {
    let world = World::open().await;
    let image = |n: usize, layer: Value| json!({"type": "image", "url": format!("00{n}"), "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0, "layer_number": layer});
    // By layer: 0 at place 0, the avatar at place 1, an image without at place 3, then 3 again by number, then -2 and 1.
    let elements = json!([
        image(0, json!(null)),
        {"type": "avatar", "url": "https://example.com/a.jpg", "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0},
        {"type": "audio", "url": "https://example.com/s.mp3"},
        image(3, json!("")),
        image(4, json!(3)),
        image(5, json!("-2")),
    ]);
    let spec = world.spec(&with(sample(), "/elements", elements.clone())).await.unwrap();
    let sequence = |spec: &VideoSpec| {
        let avatar = (spec.avatar.order, spec.avatar.field.clone());
        let mut all: Vec<_> = spec.images.iter().map(|i| (i.order, i.field.clone())).chain([avatar]).collect();
        all.sort_unstable();
        let orders: Vec<_> = all.iter().map(|(order, _)| *order).collect();
        assert_eq!(orders, [0, 1, 2, 3, 4], "no two are equal");
        all.into_iter().map(|(_, field)| field[9..10].to_owned()).collect::<String>()
    };
    assert_eq!(sequence(&spec), "50134");
    // Equal layers keep the sequence, the avatar among images.
    let mut equal = elements;
    for i in [0, 1, 3, 4, 5] {
        equal[i]["layer_number"] = json!(7);
    }
    let spec = world.spec(&with(sample(), "/elements", equal)).await.unwrap();
    assert_eq!(sequence(&spec), "01345");
}

#[tokio::test]
async fn the_account_chooses_the_anchor_and_the_body_overrides_it() {
    let world = World::open().await;
    for (compat, told, expected) in [
        (Compat::Documented, Value::Null, AnchorRule::Documented),
        (Compat::Documented, json!(""), AnchorRule::Documented),
        (Compat::Live, Value::Null, AnchorRule::Center),
        (Compat::Documented, json!("center"), AnchorRule::Center),
        (Compat::Live, json!("top_left"), AnchorRule::TopLeft),
        (Compat::Documented, json!("top_left"), AnchorRule::TopLeft),
        (Compat::Live, json!("center"), AnchorRule::Center),
    ] {
        let body = with(sample(), "/offset_anchor", told.clone());
        let draft = world.draft(compat, &body).await.unwrap();
        let spec = draft.agreed(AvatarSource::Url("face".into())).unwrap();
        assert_eq!(spec.anchor, expected, "{compat:?} {told}");
    }
    refused(&[(
        sample(),
        "/offset_anchor",
        json!("middle"),
        "offset_anchor is \"middle\", but may be top_left or center",
    )])
    .await;
}

#[tokio::test]
async fn text_and_voice_come_together_and_are_not_spoken_yet() {
    let spoken = || {
        with(
            sample(),
            "/elements/2",
            json!({"type": "audio", "input_text": "Hello!", "voice_id": "v1"}),
        )
    };
    let spoken = || with(spoken(), "/elements/3", Value::Null);
    refused(&[
        (spoken(), "/elements/2/voice_id", Value::Null, "elements[2].voice_id is missing"),
        (spoken(), "/elements/2/voice_id", json!(""), "elements[2].voice_id is missing"),
        (spoken(), "/elements/2/input_text", Value::Null, "elements[2].input_text is missing"),
        (
            spoken(),
            "/elements/2/input_text",
            json!("é".repeat(5001)),
            "elements[2].input_text has 5001 characters, but may have 5000",
        ),
        (
            spoken(),
            "/elements/2/voice_id",
            json!("v".repeat(256)),
            "elements[2].voice_id has 256 characters, but may have 255",
        ),
        (spoken(), "/elements/1/scale_x", Value::Null, "elements[1].scale_x is missing"),
        (
            sample(),
            "/elements/1/avatar_id",
            json!("a".repeat(256)),
            "elements[1].avatar_id has 256 characters",
        ),
    ])
    .await;
    let world = World::open().await;
    for body in [spoken(), with(spoken(), "/elements/2/input_text", json!("é".repeat(5000))), flat()] {
        let problem = world.spec(&body).await.unwrap_err();
        assert_eq!(problem.code, Code::CreateAudio);
        assert!(problem.message.contains("url of a recording"), "{problem}");
    }
    let both = with(spoken(), "/elements/2/url", json!("https://example.com/s.mp3"));
    assert!(world.spec(&both).await.is_ok());
}

#[tokio::test]
async fn the_short_form_is_one_centred_avatar_and_a_text() {
    let world = World::open().await;
    let draft = world.draft(Compat::Documented, &flat()).await.unwrap();
    let wish = Wish {
        path: String::new(),
        from: Origin::Official,
        asked: Asked::Named {
            name: "anna".into(),
            otherwise: None,
        },
    };
    assert_eq!(draft.wish(), &wish);
    assert_eq!(draft.anchor, AnchorRule::Center);
    let place = &draft.avatar.place;
    assert_eq!((place.offset_x, place.offset_y), (360.0, 640.0));
    assert_eq!(
        (place.width, place.height, place.scale_x, place.scale_y),
        (None, Some(1280.0), 1.0, 1.0)
    );
    // An empty list is as good as none.
    let empty = with(flat(), "/elements", json!([]));
    assert_eq!(world.draft(Compat::Documented, &empty).await.unwrap(), draft);
    refused(&[
        (flat(), "/avatar_id", Value::Null, "avatar_id is missing"),
        (flat(), "/voice_id", Value::Null, "voice_id is missing"),
        (flat(), "/input_text", Value::Null, "input_text is missing"),
        (flat(), "/input_text", json!("x".repeat(5001)), "input_text has 5001 characters"),
        (flat(), "/width", json!(721), "width is 721"),
        (
            with(flat(), "/voice_id", Value::Null),
            "/input_text",
            Value::Null,
            "input_text is missing, and voice_id too",
        ),
    ])
    .await;
}

const ANNA: StockAvatar = StockAvatar {
    id: "670000000000000000000009",
    avatar_id: "anna",
    name: "Anna",
    gender: "female",
    photo: &[],
    extension: "png",
    content_type: "image/png",
    credit: "",
};

#[test]
fn the_origin_chooses_between_two_of_the_same_name() {
    let upload = |uid, status| {
        Some(Upload {
            id: RecordId::parse("670000000000000000000001").unwrap(),
            uid,
            status,
            error_reason: "no face was found".into(),
        })
    };
    let (own, foreign) = (|status| upload(1, status), upload(2, Status::Completed));
    let official = AvatarSource::Stock("anna".into());
    let uploaded = AvatarSource::Upload(RecordId::parse("670000000000000000000001").unwrap());
    let find = |from, official, upload| {
        let asked = Asked::Url(String::new());
        let path = "elements[1].".into();
        choose(&Wish { path, from, asked }, "anna", 1, official, upload)
    };
    use Origin::{Official, Own};
    let done = || own(Status::Completed);
    assert_eq!(find(Official, Some(&ANNA), done()).unwrap(), Some(official.clone()));
    assert_eq!(find(Own, Some(&ANNA), done()).unwrap(), Some(uploaded.clone()));
    // The other place is looked into as well.
    assert_eq!(find(Own, Some(&ANNA), None).unwrap(), Some(official.clone()));
    assert_eq!(find(Official, None, done()).unwrap(), Some(uploaded));
    assert_eq!(find(Own, Some(&ANNA), foreign.clone()).unwrap(), Some(official));
    assert_eq!(find(Own, None, None).unwrap(), None);
    for (upload, code, says) in [
        (foreign, Code::Forbidden, "another account"),
        (own(Status::Queueing), Code::AvatarProcessing, "not ready yet (status 1)"),
        (own(Status::Processing), Code::AvatarProcessing, "not ready yet (status 2)"),
        (own(Status::Failed), Code::AvatarProcessing, "no face was found"),
    ] {
        let problem = find(Own, None, upload).unwrap_err();
        assert_eq!(problem.code, code);
        assert!(
            problem.message.starts_with("elements[1].avatar_id: ") && problem.message.contains(says),
            "{problem}"
        );
    }
}

#[test]
fn the_document_tells_of_strings_of_elements_and_of_its_own_parts() {
    let document = serde_json::to_value(routes().to_openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    for (body, field) in [("CreateBody", "width"), ("PlaceBody", "scale_x"), ("PlaceBody", "layer_number")] {
        let any = &schemas[body]["properties"][field]["anyOf"];
        assert_eq!(
            (&any[0]["type"], &any[1]["type"]),
            (&json!("number"), &json!("string")),
            "{body}.{field}"
        );
    }
    let required = |body: &str| schemas[body]["required"].as_array().cloned().unwrap_or_default();
    assert_eq!(required("CreateBody"), ["width", "height", "avatar_from"]);
    assert_eq!(required("PlaceBody"), ["scale_x", "scale_y", "offset_x", "offset_y"]);
    assert_eq!(required("ImageBody"), ["url"]);
    assert_eq!(schemas["ElementBody"]["oneOf"].as_array().unwrap().len(), 3, "{schemas:#}");
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} in {document:#}");
    }
    // Examples are what they say.
    let examples =
        &document["paths"]["/api/open/v3/talkingavatar/create"]["post"]["requestBody"]["content"]["application/json"]["examples"];
    assert_eq!(examples["elements"]["value"]["width"], 1920);
    assert_eq!(examples["short"]["value"]["avatar_from"], 2);
}

#[tokio::test]
async fn the_examples_are_good_requests() {
    let world = World::open().await;
    world.spec(&schema::elements_example()).await.unwrap();
    assert_eq!(world.spec(&schema::short_example()).await.unwrap_err().code, Code::CreateAudio);
}
