use super::*;
use crate::spec::{CanvasSpec, CaptionSize, Captions, LayerSource, Sound};

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
        assert_eq!(spec.canvas, CanvasSpec::Given { width, height });
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
            "elements[0] must be an object whose type is avatar, image, video or audio",
        ),
        (
            sample(),
            "/elements/0",
            json!({}),
            "elements[0].type is missing, but may be avatar, image, video or audio",
        ),
        (
            sample(),
            "/elements/0/type",
            json!("film"),
            "elements[0].type is \"film\", but may be avatar",
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
    let spec = world.spec(&edge).await.unwrap();
    assert_eq!(spec.scenes[0].avatar.place.as_ref().unwrap().scale_x, 16.0);
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
    assert_eq!(
        spec.scenes[0].layers[0].source,
        LayerSource::Image("data:image/png;base64,AAAA".into())
    );
}

fn spoken() -> Value {
    let element = json!({"type": "audio", "input_text": "Hello!", "voice_id": "v1"});
    with(with(sample(), "/elements/2", element), "/elements/3", Value::Null)
}

#[tokio::test]
async fn text_and_voice_come_together() {
    refused(&[
        (spoken(), "/elements/2/voice_id", Value::Null, "elements[2].voice_id is missing"),
        (spoken(), "/elements/2/voice_id", json!(""), "elements[2].voice_id is missing"),
        (spoken(), "/elements/2/input_text", Value::Null, "elements[2].input_text is missing"),
        (
            spoken(),
            "/elements/2/input_text",
            json!("word ".repeat(12_000)),
            "elements[2].input_text: ",
        ),
        (
            spoken(),
            "/elements/2/input_text",
            json!("\u{1f600} \u{1f44d}"),
            "elements[2].input_text: ",
        ),
        (spoken(), "/elements/2/input_text", json!("a\u{0}b"), "elements[2].input_text: "),
        (
            spoken(),
            "/elements/2/input_text",
            json!("<audio src=\"x\">Hello</audio>"),
            "elements[2].input_text: ",
        ),
        (
            spoken(),
            "/elements/2/voice_id",
            json!("v".repeat(256)),
            "elements[2].voice_id has 256 characters, but may have 255",
        ),
        (
            spoken(),
            "/elements/2/pronunciation_dictionary",
            json!({"two words": "x"}),
            "elements[2].pronunciation_dictionary: ",
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
    let both = with(spoken(), "/elements/2/url", json!("https://example.com/s.mp3"));
    let spec = world.spec(&both).await.unwrap();
    let Some(Sound::Url { text, .. }) = &spec.scenes[0].sound else {
        panic!("url wins")
    };
    assert_eq!(*text, None);
}

#[tokio::test]
async fn captions_need_what_is_said() {
    refused(&[
        (
            spoken(),
            "/captions",
            json!("srt"),
            "captions is \"srt\", but may be none, file or burn",
        ),
        (
            spoken(),
            "/caption_size",
            json!("huge"),
            "caption_size is \"huge\", but may be small, medium or large",
        ),
        (
            sample(),
            "/captions",
            json!("file"),
            "captions needs what is said: send it as elements[2].text",
        ),
        (
            with(sample(), "/captions", json!("file")),
            "/elements/2/text",
            json!("\u{1f600}"),
            "elements[2].text: ",
        ),
    ])
    .await;
    let world = World::open().await;
    let captions = |body: Value| {
        let world = &world;
        async move { world.spec(&body).await.unwrap().captions }
    };
    assert_eq!(captions(spoken()).await, Captions::None);
    assert_eq!(captions(with(sample(), "/captions", json!("none"))).await, Captions::None);
    assert_eq!(captions(with(spoken(), "/captions", json!("file"))).await, Captions::File);
    let burnt = with(with(spoken(), "/captions", json!("burn")), "/caption_size", json!("large"));
    assert_eq!(captions(burnt).await, Captions::Burn(CaptionSize::Large));
    let aligned = with(
        with(sample(), "/captions", json!("burn")),
        "/elements/2/text",
        json!("Hello there."),
    );
    assert_eq!(captions(aligned).await, Captions::Burn(CaptionSize::Medium));
}

/// What is stored must stay readable: a change here needs a new version.
#[tokio::test]
async fn the_stored_form_of_speech_is_this_one() {
    let world = World::open().await;
    let body = with(spoken(), "/elements/2/pronunciation_dictionary", json!({"Ann": "/æn/"}));
    let spec = world.spec(&body).await.unwrap();
    let sound = spec.scenes[0].sound.clone().unwrap();
    let stored = serde_json::to_value(&sound).unwrap();
    assert_eq!(
        stored,
        json!({"speech": {"field": "elements[2].input_text", "text": "Hello!", "voice": {"official": "v1"},
            "manner": {"speed": 1.0, "pitch": 0.0, "volume": 0.0}, "dictionary": {"Ann": "/æn/"}}})
    );
    assert_eq!(serde_json::from_value::<Sound>(stored).unwrap(), sound);
}
