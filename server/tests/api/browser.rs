//! Browsers call from pages of other origins.

use axum::http::{Method, StatusCode};

use crate::harness::Api;

const PATHS: [&str; 3] = ["/api/open/v3/avatar/create", "/api/open/v3/content/video/delete", "/files/x.mp4"];

#[tokio::test]
async fn preflights_are_answered() {
    let api = Api::new().await;
    for path in PATHS {
        let headers = [
            ("origin", "https://page.test"),
            ("access-control-request-method", "POST"),
            (
                "access-control-request-headers",
                "authorization,content-type,x-api-key,idempotency-key",
            ),
        ];
        let reply = api.call(Method::OPTIONS, path, &headers, "").await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        let allowed = reply.header("access-control-allow-headers").to_lowercase();
        for name in ["authorization", "content-type", "x-api-key", "idempotency-key"] {
            assert!(allowed.contains(name), "{allowed}");
        }
        for method in ["GET", "POST", "DELETE"] {
            assert!(reply.header("access-control-allow-methods").contains(method));
        }
    }
}

#[tokio::test]
async fn every_answer_may_be_read_failures_too() {
    let api = Api::with(|c| c.limits.body_bytes = 10).await;
    let large = "x".repeat(100);
    let known = [
        (Method::GET, "/api/open/v3/avatar/list", "", 200),
        (Method::GET, "/nowhere", "", 404),
        (Method::PUT, "/api/open/v3/avatar/list", "", 405),
        (Method::POST, "/api/open/v3/getToken", large.as_str(), 413),
        (Method::GET, "/files/x.mp4", "", 404),
    ];
    for (method, path, body, status) in known {
        let reply = api.call(method, path, &[("origin", "https://page.test")], body).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{path}");
        assert!(reply.header("access-control-expose-headers").contains("x-total-count"));
    }
}
