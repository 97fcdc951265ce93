//! Contract, sections 1 and 2: tokens, keys, and who is let in.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mouthpiece_server::account::Account;
use serde_json::{Value, json};

use crate::harness::Api;

const TOKEN: &str = "/api/open/v3/getToken";
const QUOTA: &str = "/api/open/v3/faceswap/quota/info";

#[tokio::test]
async fn a_pair_becomes_a_token_that_lets_in() {
    let api = Api::new().await;
    let client = api.client().await;
    let pair = json!({"clientId": client.account.client_id, "clientSecret": client.account.client_secret, "more": 1});
    let reply = api.call(Method::POST, TOKEN, &[], &pair.to_string()).await;
    assert_eq!(reply.status, StatusCode::OK);
    let json = reply.json();
    assert_eq!((&json["code"], &json["msg"]), (&json!(1000), &json!("OK")));
    assert_eq!(json["token"], json["data"]["token"], "both readings of clients");

    let token = json["token"].as_str().unwrap();
    let part = |n| URL_SAFE_NO_PAD.decode(token.split('.').nth(n).unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&part(0)).unwrap();
    let claims: Value = serde_json::from_slice(&part(1)).unwrap();
    assert_eq!(header["alg"], "HS256");
    assert_eq!(
        (&claims["uid"], &claims["id"]),
        (&json!(client.account.uid), &json!(client.account.id))
    );
    let days = (claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()) / 86_400;
    assert_eq!(days, 3600);

    let bearer = format!("Bearer {token}");
    let quota = api.call(Method::GET, QUOTA, &[("authorization", &bearer)], "").await;
    assert_eq!(quota.json(), json!({"code": 1000, "msg": "OK", "data": {"credit": 1000}}));
}

#[tokio::test]
async fn a_bad_pair_gets_no_token() {
    let api = Api::new().await;
    let client = api.client().await;
    let (id, secret) = (&client.account.client_id, &client.account.client_secret);
    let known = [
        (json!({}), 1003),
        (json!({"clientId": id}), 1003),
        (json!({"clientSecret": secret}), 1003),
        (json!({"clientId": id, "clientSecret": ""}), 1003),
        (json!({"clientId": id, "clientSecret": null}), 1003),
        (json!({"clientId": id, "clientSecret": 5}), 1003),
        (json!({"clientId": id, "clientSecret": "wrong"}), 1101),
        (json!({"clientId": "nobody", "clientSecret": secret}), 1101),
        (json!({"clientId": id, "clientSecret": "\u{0}"}), 1101),
    ];
    for (body, code) in known {
        let reply = api.call(Method::POST, TOKEN, &[], &body.to_string()).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::OK, code), "{body}");
        let json = reply.json();
        assert!(
            json["data"].is_null() && json.get("data").is_some() && json.get("token").is_none(),
            "{json}"
        );
    }
}

#[tokio::test]
async fn a_key_lets_in_and_authorization_goes_before_it() {
    let api = Api::new().await;
    let client = api.client().await;
    let secret = client.account.client_secret.as_str();
    let token = api.service.tokens.issue(&client.account, api.service.clock.now()).unwrap();
    let (good, odd) = (format!("Bearer {token}"), format!("bearer  {token}"));
    let basic = format!("Basic {token}");
    let known: &[(&[(&str, &str)], u64)] = &[
        (&[("x-api-key", secret)], 1000),
        (&[("authorization", &good)], 1000),
        (&[("authorization", &odd)], 1000),
        (&[("authorization", &good), ("x-api-key", "bad")], 1000),
        (&[("authorization", "Bearer bad"), ("x-api-key", secret)], 1101),
        (&[("authorization", &token)], 1101),
        (&[("authorization", &basic)], 1101),
        (&[("authorization", "Bearer")], 1101),
        (&[("x-api-key", "bad")], 1101),
        (&[("x-api-key", &client.account.client_id)], 1101),
        (&[], 1102),
        (&[("authorization", "")], 1102),
        (&[("x-api-key", " ")], 1102),
    ];
    for (headers, code) in known {
        let reply = api.call(Method::GET, QUOTA, headers, "").await;
        assert_eq!((reply.status, reply.code()), (StatusCode::OK, *code), "{headers:?}");
    }
}

#[tokio::test]
async fn a_header_that_is_no_text_is_a_bad_one() {
    let api = Api::new().await;
    let request = axum::http::Request::get(QUOTA).header("authorization", &b"Bearer \xff\xfe"[..]);
    let reply = api.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::OK, 1101));
}

#[tokio::test]
async fn tokens_end() {
    let api = Api::new().await;
    let (first, second) = (api.client().await, api.client().await);
    api.service.clock.advance(Duration::from_hours(24 * 3599));
    assert_eq!(first.get(QUOTA).await.code(), 1000);
    api.write(async |tx| {
        Account::rotate(tx, second.account.uid).await.unwrap();
    })
    .await;
    assert_eq!(second.get(QUOTA).await.code(), 1101, "rotated credentials");
    api.service.clock.advance(Duration::from_hours(48));
    let reply = first.get(QUOTA).await;
    assert_eq!(
        (reply.code(), &reply.json()["msg"]),
        (1101, &json!("invalid authorization")),
        "run out"
    );
}

#[tokio::test]
async fn another_servers_token_is_foreign() {
    let (here, there) = (Api::new().await, Api::new().await);
    let account = there.client().await.account;
    here.client().await;
    let token = there.service.tokens.issue(&account, there.service.clock.now()).unwrap();
    let bearer = format!("Bearer {token}");
    let reply = here.call(Method::GET, QUOTA, &[("authorization", &bearer)], "").await;
    assert_eq!(reply.code(), 1101);
}

#[tokio::test]
async fn who_is_banned_gets_nothing() {
    let api = Api::new().await;
    let client = api.client().await;
    api.write(async |tx| {
        Account::set_banned(tx, client.account.uid, true).await.unwrap();
    })
    .await;
    let (id, secret) = (&client.account.client_id, &client.account.client_secret);
    let pair = json!({"clientId": id, "clientSecret": secret}).to_string();
    assert_eq!(api.call(Method::POST, TOKEN, &[], &pair).await.code(), 1200);
    assert_eq!(client.get(QUOTA).await.code(), 1200);
    assert_eq!(api.call(Method::GET, QUOTA, &[("x-api-key", secret)], "").await.code(), 1200);
}

#[tokio::test]
async fn every_call_asks_who_calls() {
    let api = Api::new().await;
    let paths: Value = serde_json::to_value(mouthpiece_server::api::document()).unwrap()["paths"].clone();
    let mut asked = 0;
    for (path, item) in paths.as_object().unwrap() {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|_| path.starts_with("/api/") && path != TOKEN)
        {
            let method: Method = method.to_uppercase().parse().unwrap();
            let reply = api.call(method, path, &[], "{}").await;
            assert_eq!((reply.status, reply.code()), (StatusCode::OK, 1102), "{path}");
            asked += 1;
        }
    }
    assert!(asked >= 12, "{asked}");
}
