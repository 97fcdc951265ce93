//! The OpenAPI document.

use std::collections::HashSet;

use serde_json::Value;

use crate::harness::Api;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");

#[test]
fn the_file_says_what_the_code_does() {
    let made = mouthpiece_server::api::document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(FILE, &made).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        kept == made,
        "openapi.json is old: UPDATE_OPENAPI=1 cargo test -p mouthpiece --test api document"
    );
}

#[tokio::test]
async fn it_is_served_with_pages_that_show_it() {
    let api = Api::new().await;
    let served = api.get("/openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.json(), serde_json::to_value(mouthpiece_server::api::document()).unwrap());
    assert!(api.get("/").await.bytes.starts_with(b"<!doctype html>"));
    assert!(api.get("/docs").await.status.is_redirection());
    let page = String::from_utf8(api.get("/docs/").await.bytes).unwrap();
    assert!(page.contains("swagger-ui-bundle.js") && !page.contains("https://"), "{page}");
    let script = api.get("/docs/swagger-initializer.js").await;
    assert!(String::from_utf8_lossy(&script.bytes).contains("/openapi.json"));
    assert!(api.get("/docs/swagger-ui-bundle.js").await.bytes.len() > 100_000);
}

#[test]
fn it_holds_together() {
    let document = serde_json::to_value(mouthpiece_server::api::document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = HashSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} twice");
            let open = !path.starts_with("/api/") || path.ends_with("/getToken");
            assert_eq!(operation.get("security").is_none(), open, "{method} {path}");
            let answers = operation["responses"].as_object().unwrap();
            assert!(
                path.starts_with("/files") || answers["200"]["content"].is_object(),
                "{method} {path}"
            );
            assert_eq!(path.starts_with("/api/"), answers.contains_key("429"), "{method} {path}");
            assert_eq!(
                operation.get("requestBody").is_some(),
                answers.contains_key("413"),
                "{method} {path}"
            );
            for (status, answer) in answers {
                assert!(
                    !answer["description"].as_str().unwrap_or_default().is_empty(),
                    "{method} {path} {status}"
                );
            }
            let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|t| &t["name"]).collect();
            assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
        }
    }
    references(&document, &document);
}

/// Two types of one name would hide each other.
#[test]
fn every_envelope_has_its_own_data_or_none() {
    let document = serde_json::to_value(mouthpiece_server::api::document()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let envelopes: Vec<_> = schemas.iter().filter(|(name, _)| name.starts_with("Envelope_")).collect();
    assert!(envelopes.len() >= 8, "{}", envelopes.len());
    for (name, envelope) in envelopes {
        assert!(envelope["required"].as_array().unwrap().contains(&"data".into()), "{name}");
        assert_eq!(envelope["properties"]["data"]["oneOf"][0]["type"], "null", "{name}");
    }
    let body = |path: &str| {
        document.pointer(&format!(
            "/paths/{}/post/requestBody/content/application~1json/schema/$ref",
            path.replace('/', "~1")
        ))
    };
    assert_ne!(
        body("/api/open/v3/avatar/create").unwrap(),
        body("/api/open/v3/talkingavatar/create").unwrap()
    );
}

/// Every `$ref` leads somewhere.
fn references(document: &Value, at: &Value) {
    match at {
        Value::Object(map) => {
            if let Some(Value::String(to)) = map.get("$ref") {
                assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
            }
            map.values().for_each(|v| references(document, v));
        }
        Value::Array(list) => list.iter().for_each(|v| references(document, v)),
        _ => {}
    }
}
