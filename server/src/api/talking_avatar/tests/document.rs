use super::*;

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
    assert_eq!(required("VideoBody"), ["url"]);
    assert_eq!(required("CreateVideoBody"), ["data"]);
    assert_eq!(required("SceneBody"), ["elements"]);
    assert_eq!(schemas["ElementBody"]["oneOf"].as_array().unwrap().len(), 4, "{schemas:#}");
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
    world.spec(&schema::short_example()).await.unwrap();
    world.scenes(&scenes::example()).await.unwrap();
}
