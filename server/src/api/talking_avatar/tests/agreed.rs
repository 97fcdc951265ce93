use super::*;
use crate::api::talking_avatar::avatar::{Asked, Origin, Upload, Wish, choose};
use crate::id::RecordId;
use crate::job::Status;
use crate::spec::{AnchorRule, Fit, LayerSource, Place, Sound};
use crate::stock::StockAvatar;

#[tokio::test]
async fn an_image_is_a_link_or_a_colour() {
    let world = World::open().await;
    let colour = |digits: &str| LayerSource::Colour(digits.into());
    let link = |url: &str| LayerSource::Image(url.into());
    for (text, expected) in [
        ("fff", colour("fff")),
        ("#fff", colour("fff")),
        ("#12AB", colour("12AB")),
        (" #e8f0ff ", colour("e8f0ff")),
        ("00000000", colour("00000000")),
        ("https://example.com/fff", link("https://example.com/fff")),
    ] {
        let spec = world.spec(&with(sample(), "/elements/0/url", json!(text))).await.unwrap();
        assert_eq!(spec.scenes[0].layers[0].source, expected, "{text}");
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
    assert_eq!(
        (spec.scenes[0].avatar.field.as_str(), &spec.scenes[0].avatar.place),
        ("elements[1]", &Some(place))
    );
    let place = Place {
        offset_x: 0.0,
        offset_y: 0.0,
        width: None,
        height: None,
        scale_x: 1.0,
        scale_y: 1.0,
        fit: Fit::Cover,
    };
    assert_eq!(
        (spec.scenes[0].layers[0].field.as_str(), &spec.scenes[0].layers[0].place),
        ("elements[0]", &Some(place))
    );
    let sound = Sound::Url {
        field: "elements[2]".into(),
        url: "https://example.com/s.mp3".into(),
        text: None,
        language: None,
    };
    assert_eq!(spec.scenes[0].sound, Some(sound));
    assert_eq!(spec.anchor, AnchorRule::Documented);
}

/// What is stored must stay readable: a change here needs a new version.
#[tokio::test]
async fn the_stored_form_is_this_one() {
    let spec = World::open().await.spec(&sample()).await.unwrap();
    let stored = json!({
        "version": "2", "canvas": {"given": {"width": 1920, "height": 1080}}, "anchor": "documented",
        "scenes": [{
            "avatar": {"field": "elements[1]", "source": {"url": "face"}, "order": 1,
                "place": {"offset_x": -20.0, "offset_y": 13.5, "width": 900.0, "height": 1080.5, "scale_x": 0.5, "scale_y": 2.0, "fit": "contain"}},
            "layers": [{"field": "elements[0]", "source": {"colour": "e8f0ff"}, "order": 0,
                "place": {"offset_x": 0.0, "offset_y": 0.0, "width": null, "height": null, "scale_x": 1.0, "scale_y": 1.0, "fit": "cover"}}],
            "sound": {"url": {"field": "elements[2]", "url": "https://example.com/s.mp3"}},
        }],
    });
    assert_eq!(serde_json::to_value(StoredVideo::V2(spec.clone())).unwrap(), stored);
    let read: StoredVideo = serde_json::from_value(stored).unwrap();
    assert_eq!(VideoSpec::from(read), spec);
}

/// Jobs of an older server may still wait.
#[tokio::test]
async fn the_first_stored_form_is_still_read() {
    let link = json!({"field": "elements[2]", "source": {"url": "https://example.com/p.png"}, "order": 2,
        "place": {"offset_x": 1.0, "offset_y": 2.0, "width": null, "height": null, "scale_x": 1.0, "scale_y": 1.0, "fit": "fill"}});
    let stored = json!({
        "version": "1", "width": 1920, "height": 1080,
        "avatar": {"field": "elements[1]", "source": {"url": "face"}, "order": 1,
            "place": {"offset_x": -20.0, "offset_y": 13.5, "width": 900.0, "height": 1080.5, "scale_x": 0.5, "scale_y": 2.0, "fit": "contain"}},
        "images": [{"field": "elements[0]", "source": {"colour": "e8f0ff"}, "order": 0,
            "place": {"offset_x": 0.0, "offset_y": 0.0, "width": null, "height": null, "scale_x": 1.0, "scale_y": 1.0, "fit": "cover"}}, link],
        "sound": {"url": {"field": "elements[3]", "url": "https://example.com/s.mp3"}},
        "anchor": "documented",
    });
    let read: StoredVideo = serde_json::from_value(stored).unwrap();
    let mut body = sample();
    let image = json!({"type": "image", "url": "https://example.com/p.png", "scale_x": 1, "scale_y": 1, "offset_x": 1, "offset_y": 2, "object_fit": "fill"});
    body["elements"].as_array_mut().unwrap().insert(2, image);
    assert_eq!(VideoSpec::from(read), World::open().await.spec(&body).await.unwrap());
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
        let avatar = (spec.scenes[0].avatar.order, spec.scenes[0].avatar.field.clone());
        let mut all: Vec<_> = spec.scenes[0]
            .layers
            .iter()
            .map(|i| (i.order, i.field.clone()))
            .chain([avatar])
            .collect();
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
        let spec = draft.with(vec![(AvatarSource::Url("face".into()), None)]).unwrap();
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
    assert_eq!(draft.scenes[0].avatar.source, wish);
    assert_eq!(draft.anchor, AnchorRule::Center);
    let place = draft.scenes[0].avatar.place.as_ref().unwrap();
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
        (flat(), "/input_text", json!("\u{1f600}"), "input_text: the text"),
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
