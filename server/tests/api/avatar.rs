//! Contract, section 3: avatars.

use axum::http::Method;
use mouthpiece_server::job::Kind;
use mouthpiece_server::problem::Code;
use mouthpiece_server::stock;
use serde_json::{Value, json};

use crate::harness::{Api, WEEK, local};

const LIST: &str = "/api/open/v3/avatar/list";
const CREATE: &str = "/api/open/v3/avatar/create";
const URL: &str = "https://photos.test/face.png";

fn detail(id: &str) -> String {
    format!("/api/open/v3/avatar/detail?id={id}")
}

fn names(list: &Value) -> Vec<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|a| a["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_upload_begins_with_the_whole_record() {
    let api = Api::new().await;
    let client = api.client().await;
    let body = json!({"url": URL, "avatar_id": "Anna1", "type": "2", "name": "Anna", "url_from": 1, "more": {}});
    let reply = client.post(CREATE, &body).await;
    assert_eq!(reply.json()["msg"], "ok");
    let data = reply.data();
    let record = &data[0];
    let id = record["_id"].as_str().unwrap();
    assert!(
        id.len() == 24 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
        "{id}"
    );
    let since = record["create_time"].as_i64().unwrap();
    assert!((api.service.clock.now() - since).abs() < 60_000);
    let wanted = json!([{
        "_id": id, "uid": client.account.uid, "type": 2, "from": 3, "status": 1, "disabled": false, "sort": 0,
        "create_time": since, "name": "Anna", "avatar_id": "Anna1", "url": "", "modify_url": "", "gender": "",
        "thumbnailUrl": "", "crop_arr": [], "voice_id": "", "available": false, "error_code": 0, "error_reason": "",
        "warnings": [], "progress": 0, "footage": null, "live_speed": null,
    }]);
    assert_eq!(data, wanted);
    assert_eq!(client.get(&detail(id)).await.data(), wanted);
    assert_eq!(
        api.begin(Kind::Avatar).await.spec::<Value>().unwrap(),
        json!({"version": "1", "url": URL, "live": true})
    );
}

#[tokio::test]
async fn what_is_missing_is_made() {
    let api = Api::new().await;
    let client = api.client().await;
    let record = client.avatar(&json!({"url": URL})).await;
    let id = record["_id"].as_str().unwrap();
    assert_eq!(record["type"], 1);
    assert_eq!(record["name"], id[..8]);
    let avatar_id = record["avatar_id"].as_str().unwrap();
    assert!(!avatar_id.is_empty() && avatar_id.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_ne!(client.avatar(&json!({"url": URL, "name": ""})).await["avatar_id"], avatar_id);
}

#[tokio::test]
async fn get_with_a_body_creates_too() {
    let api = Api::new().await;
    let client = api.client().await;
    let reply = client
        .call(Method::GET, CREATE, &[], &json!({"url": URL, "avatar_id": "a"}).to_string())
        .await;
    assert_eq!(reply.data()[0]["avatar_id"], "a");
}

#[tokio::test]
async fn wishes_are_checked() {
    let api = Api::new().await;
    let client = api.client().await;
    let long = "a".repeat(9000);
    let known = [
        (json!({}), "url is required"),
        (json!({"url": ""}), "url is required"),
        (json!({"url": 5}), "url must be text"),
        (json!({"url": "face.png"}), "url "),
        (json!({"url": "ftp://photos.test/face.png"}), "url "),
        (json!({"url": "file:///etc/passwd"}), "url "),
        (json!({"url": "http://me:secret@photos.test/"}), "url "),
        (json!({"url": "data:text/html,hi"}), "url "),
        (json!({"url": "data:é"}), "url "),
        (json!({"url": format!("http://photos.test/{long}")}), "url "),
        (json!({"url": URL, "type": 3}), "type may be 1 (talking) or 2 (streaming)"),
        (json!({"url": URL, "type": 1.5}), "type may be 1 (talking) or 2 (streaming)"),
        (json!({"url": URL, "type": "one"}), "type must be a number"),
        (json!({"url": URL, "type": [1]}), "type must be a number"),
        (
            json!({"url": URL, "url_from": 2}),
            "url_from may be 1 (a direct link): pages of third parties",
        ),
        (json!({"url": URL, "url_from": 3}), "url_from may be 1"),
        (
            json!({"url": URL, "avatar_id": ""}),
            "avatar_id may have 1 to 100 letters and digits",
        ),
        (
            json!({"url": URL, "avatar_id": "an_na"}),
            "avatar_id may have 1 to 100 letters and digits",
        ),
        (
            json!({"url": URL, "avatar_id": "änna"}),
            "avatar_id may have 1 to 100 letters and digits",
        ),
        (
            json!({"url": URL, "avatar_id": "a\u{0}"}),
            "avatar_id may have 1 to 100 letters and digits",
        ),
        (
            json!({"url": URL, "avatar_id": "a".repeat(101)}),
            "avatar_id may have 1 to 100 letters and digits",
        ),
        (json!({"url": URL, "name": "a\u{0}b"}), "name may have up to 200 characters"),
        (json!({"url": URL, "name": "a".repeat(201)}), "name may have up to 200 characters"),
    ];
    for (body, rest) in known {
        let reply = client.post(CREATE, &body).await;
        let msg = reply.json()["msg"].as_str().unwrap().to_owned();
        assert_eq!(reply.code(), 1003, "{body}");
        assert!(msg.starts_with(&format!("parameter validate error: {rest}")), "{body}: {msg}");
    }
    assert_eq!(api.count("SELECT count(*) FROM avatars").await, 0);
}

#[tokio::test]
async fn a_photo_may_be_in_the_request() {
    let api = Api::with(|c| c.limits.image_bytes = 100).await;
    let client = api.client().await;
    client.avatar(&json!({"url": "DATA:image/png;base64,AAAA"})).await;
    let large = format!("data:image/png;base64,{}", "A".repeat(140));
    assert_eq!(client.post(CREATE, &json!({"url": large})).await.code(), 1003);
}

#[tokio::test]
async fn an_avatar_id_is_taken_once_in_an_account() {
    let api = Api::new().await;
    let (one, other) = (api.client().await, api.client().await);
    let body = json!({"url": URL, "avatar_id": "anna"});
    one.avatar(&body).await;
    let again = one.post(CREATE, &body).await;
    assert_eq!((again.code(), &again.json()["data"]), (1222, &Value::Null));
    assert_eq!(other.post(CREATE, &body).await.code(), 1000);
    assert_eq!(api.count("SELECT count(*) FROM jobs").await, 2, "the refused one left nothing");
}

#[tokio::test]
async fn an_account_has_so_many_avatars() {
    let api = Api::with(|c| c.limits.avatars = 1).await;
    let client = api.client().await;
    client.avatar(&json!({"url": URL})).await;
    assert_eq!(client.post(CREATE, &json!({"url": URL})).await.code(), 1006);
    assert_eq!(api.client().await.post(CREATE, &json!({"url": URL})).await.code(), 1000);
}

#[tokio::test]
async fn a_repeated_request_creates_once() {
    let api = Api::new().await;
    let client = api.client().await;
    let key = [("idempotency-key", "k1")];
    let create = async |body: Value| client.call(Method::POST, CREATE, &key, &body.to_string()).await;
    let first = create(json!({"url": URL, "avatar_id": "anna"})).await.json();
    assert_eq!(first["code"], 1000);
    assert_eq!(create(json!({"avatar_id": "anna", "url": URL})).await.json(), first);
    assert_eq!(create(json!({"url": URL})).await.code(), 1003);
    assert_eq!(api.count("SELECT count(*) FROM avatars").await, 1);
    let bad = "k".repeat(256);
    let reply = client.call(Method::POST, CREATE, &[("idempotency-key", &bad)], "{}").await;
    assert_eq!(reply.code(), 1003);
}

#[tokio::test]
async fn its_statuses() {
    let api = Api::new().await;
    let client = api.client().await;
    let good = client.avatar(&json!({"url": URL, "name": "good"})).await;
    let bad = client.avatar(&json!({"url": URL, "name": "bad"})).await;
    let show = async |record: &Value| client.get(&detail(record["_id"].as_str().unwrap())).await.data()[0].clone();

    let job = api.begin(Kind::Avatar).await;
    assert_eq!(
        (&show(&good).await["status"], &show(&good).await["available"]),
        (&json!(2), &json!(false))
    );
    api.complete_avatar(&job, b"a photo").await;
    let done = show(&good).await;
    assert_eq!((&done["status"], &done["available"]), (&json!(3), &json!(true)));
    let url = done["url"].as_str().unwrap();
    assert!(url.starts_with("https://mouthpiece.test/files/"), "{url}");
    assert_eq!(done["modify_url"], url);
    assert_eq!(api.get(local(url)).await.bytes, b"a photo");
    let small = done["thumbnailUrl"].as_str().unwrap();
    assert_eq!(api.get(local(small)).await.bytes, b"small");

    let job = api.begin(Kind::Avatar).await;
    api.fail(&job, Code::AvatarProcessing, "no face was found").await;
    let failed = show(&bad).await;
    assert_eq!((&failed["status"], &failed["available"]), (&json!(4), &json!(false)));
    assert_eq!(
        (&failed["error_code"], &failed["error_reason"]),
        (&json!(1105), &json!("no face was found"))
    );

    api.service.clock.advance(WEEK);
    let old = show(&good).await;
    assert_eq!(
        (&old["url"], &old["thumbnailUrl"], &old["available"]),
        (&json!(""), &json!(small), &json!(true))
    );
    assert_eq!(api.get(local(small)).await.bytes, b"small");
    assert_eq!(api.get(local(url)).await.code(), 1008);
}

#[tokio::test]
async fn detail_finds_by_both_names() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    let record = client.avatar(&json!({"url": URL, "avatar_id": "anna"})).await;
    let id = record["_id"].as_str().unwrap();
    assert_eq!(client.get(&detail("anna")).await.json()["msg"], "ok");
    assert_eq!(client.get(&detail("anna")).await.data(), json!([record]));
    assert_eq!(other.get(&detail(id)).await.code(), 1009);
    assert_eq!(other.get(&detail("anna")).await.code(), 1008);
    let known = [("0123456789abcdef01234567", 1008), ("%00", 1008), ("%ff%zz", 1008), ("", 1003)];
    for (id, code) in known {
        assert_eq!(client.get(&detail(id)).await.code(), code, "{id}");
    }
    assert_eq!(client.get("/api/open/v3/avatar/detail").await.code(), 1003);
}

#[tokio::test]
async fn the_live_reading_has_other_shapes() {
    let api = Api::new().await;
    let client = api.live_client().await;
    let made = client.post(CREATE, &json!({"url": URL, "avatar_id": "anna"})).await.data();
    assert_eq!(made["avatar_id"], "anna");
    assert_eq!(client.get(&detail("anna")).await.data(), made);
    let list = client.get(&format!("{LIST}?from=3&size=7")).await;
    assert_eq!(list.data(), json!({"count": 1, "result": [made], "page": 1, "size": 7}));
    assert_eq!(list.json()["msg"], "ok");
    assert!(!list.headers.contains_key("x-total-count"));
}

#[tokio::test]
async fn the_server_has_a_reading_of_its_own() {
    let api = Api::with(|c| c.compat = mouthpiece_server::config::Compat::Live).await;
    assert!(api.client().await.get(LIST).await.data().is_object());
}

#[tokio::test]
async fn a_list_shows_official_ones_and_the_callers_own() {
    let api = Api::new().await;
    let (client, other) = (api.client().await, api.client().await);
    for (name, kind) in [("old", 1), ("middle", 2), ("new", 1)] {
        client.avatar(&json!({"url": URL, "name": name, "type": kind})).await;
        api.service.clock.advance(std::time::Duration::from_secs(1));
    }
    other.avatar(&json!({"url": URL, "name": "foreign"})).await;
    let official: Vec<_> = stock::ALL.iter().map(|a| a.name).collect();
    let list = async |query: &str| client.get(&format!("{LIST}{query}")).await;
    let all = [official.clone(), vec!["new", "middle", "old"]].concat();

    let reply = list("").await;
    assert_eq!(reply.json()["msg"], "ok");
    assert_eq!(names(&reply.data()), all);
    assert_eq!(reply.header("x-total-count"), all.len().to_string());
    assert_eq!((reply.header("x-page"), reply.header("x-size")), ("1", "100"));

    assert_eq!(names(&list("?from=2").await.data()), official);
    assert_eq!(names(&list("?from=3").await.data()), ["new", "middle", "old"]);
    assert_eq!(names(&list("?from=3&type=1").await.data()), ["new", "old"]);
    assert_eq!(names(&list("?from=&type=2&other=x").await.data()), ["middle"]);
    assert_eq!(names(&list("?from=3&size=1000").await.data()).len(), 3);
    assert_eq!(names(&list("?from=3&size=2&page=2").await.data()), ["old"]);
    assert_eq!(list("?from=3&size=2&page=2").await.header("x-total-count"), "3");
    assert_eq!(names(&list("?page=1000000&size=1000").await.data()), [""; 0]);
    // One at a time comes to the same as all at once.
    let mut single = Vec::new();
    for page in 1..=all.len() {
        single.extend(names(&list(&format!("?size=1&page={page}")).await.data()));
    }
    assert_eq!(single, all);
}

#[tokio::test]
async fn what_a_list_may_be_asked() {
    let api = Api::new().await;
    let client = api.client().await;
    let known = [
        ("from=1", "from may be 2 (official) or 3 (your uploads)"),
        ("from=x", "from must be a number"),
        ("type=3", "type may be 1 (talking) or 2 (streaming)"),
        ("page=0", "page must be a whole number from 1 to 1000000"),
        ("page=-1", "page must be a whole number from 1 to 1000000"),
        ("page=1.5", "page must be a whole number from 1 to 1000000"),
        ("page=99999999999999999999", "page must be a whole number from 1 to 1000000"),
        ("page=inf", "page must be a number"),
        ("size=0", "size must be a whole number from 1 to 1000"),
        ("size=1001", "size must be a whole number from 1 to 1000"),
        ("size=NaN", "size must be a number"),
    ];
    for (query, rest) in known {
        let reply = client.get(&format!("{LIST}?{query}")).await;
        assert_eq!(
            (reply.code(), reply.json()["msg"].as_str().unwrap()),
            (1003, format!("parameter validate error: {rest}").as_str())
        );
    }
}

#[tokio::test]
async fn official_ones_are_complete() {
    let api = Api::new().await;
    let client = api.client().await;
    for avatar in stock::ALL {
        let data = client.get(&detail(avatar.avatar_id)).await.data();
        assert_eq!(client.get(&detail(avatar.id)).await.data(), data);
        let record = &data[0];
        assert_eq!(
            (&record["from"], &record["status"], &record["available"]),
            (&json!(2), &json!(3), &json!(true))
        );
        assert_eq!((&record["url"], &record["url"]), (&record["thumbnailUrl"], &record["modify_url"]));
        let photo = api.get(local(record["url"].as_str().unwrap())).await;
        assert_eq!(
            (photo.header("content-type"), photo.bytes.as_slice()),
            (avatar.content_type, avatar.photo)
        );
        let etag = photo.header("etag").to_owned();
        let again = api.follow(record["url"].as_str().unwrap(), &[("if-none-match", &etag)]).await;
        assert_eq!(again.status, 304);
        let part = api.follow(record["url"].as_str().unwrap(), &[("range", "bytes=1-2")]).await;
        assert_eq!((part.status.as_u16(), part.bytes.as_slice()), (206, &avatar.photo[1..3]));
        let body = json!({"url": URL, "avatar_id": avatar.avatar_id});
        assert!(matches!(client.post(CREATE, &body).await.code(), 1003 | 1222));
    }
    assert_eq!(api.get("/stock/nobody.jpg").await.code(), 1008);
}
