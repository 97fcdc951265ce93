//! A client, written from the contract alone.

use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

/// One account of one server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub base: String,
    /// The header that says who calls, and its value.
    auth: Option<(String, String)>,
}

/// A download.
pub struct Download {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// How long anything may take before a test gives up; machines are slow and shared.
const PATIENCE: Duration = Duration::from_secs(240);

impl Client {
    pub fn new(base: &str) -> Self {
        // An error says that the process has one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self {
            http,
            base: base.to_owned(),
            auth: None,
        }
    }

    /// With a token, as the contract's first step.
    pub async fn signed_in(base: &str, client_id: &str, client_secret: &str) -> Self {
        let mut client = Self::new(base);
        let pair = json!({"clientId": client_id, "clientSecret": client_secret});
        let answer = client.call(Method::POST, "/api/open/v3/getToken", Some(&pair), &[]).await.unwrap();
        assert_eq!(answer["code"], 1000, "{answer}");
        client.auth = Some(("authorization".into(), format!("Bearer {}", answer["token"].as_str().unwrap())));
        client
    }

    pub fn with_key(base: &str, secret: &str) -> Self {
        let mut client = Self::new(base);
        client.auth = Some(("x-api-key".into(), secret.into()));
        client
    }

    /// One call, to its JSON; an error where no answer came.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> reqwest::Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some((name, value)) = &self.auth {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = request.send().await?;
        let text = answer.text().await?;
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
        assert!(
            json["code"].is_u64() && json["msg"].is_string() && json.get("data").is_some(),
            "{path}: {json}"
        );
        Ok(json)
    }

    /// A call that must succeed, to its data.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, None, &[]).await.unwrap();
        assert_eq!(answer["code"], 1000, "{path}: {answer}");
        answer["data"].clone()
    }

    /// A call that must succeed, to its data.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.call(Method::POST, path, Some(body), &[]).await.unwrap();
        assert_eq!(answer["code"], 1000, "{path}: {answer}");
        answer["data"].clone()
    }

    /// A call that must be refused, to its code and sentence.
    pub async fn refused(&self, path: &str, body: &Value) -> (u64, String) {
        let answer = self.call(Method::POST, path, Some(body), &[]).await.unwrap();
        assert_ne!(answer["code"], 1000, "{path}: {answer}");
        (answer["code"].as_u64().unwrap(), answer["msg"].as_str().unwrap().to_owned())
    }

    pub async fn create(&self, body: &Value) -> Value {
        self.post("/api/open/v3/talkingavatar/create", body).await
    }

    pub async fn info(&self, id: &str) -> Value {
        self.get(&format!("/api/open/v3/content/video/infobymodelid?video_model_id={id}"))
            .await
    }

    /// Polls a video until frames of it are drawn.
    pub async fn drawing(&self, id: &str) {
        loop {
            let info = self.info(id).await;
            assert!(info["video_status"].as_u64().unwrap() < 3, "it ended early: {info}");
            if info["progress"].as_u64().unwrap() >= 20 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Polls a video to its end; its status may only grow.
    pub async fn ended(&self, id: &str) -> Value {
        let (begun, mut before) = (Instant::now(), 0);
        loop {
            let info = self.info(id).await;
            let status = info["video_status"].as_u64().unwrap();
            assert!((1..=4).contains(&status) && status >= before, "after {before}: {info}");
            if status >= 3 {
                return info;
            }
            before = status;
            assert!(begun.elapsed() < PATIENCE, "stuck: {info}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Polls an uploaded avatar to its end.
    pub async fn avatar_ended(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let data = self.get(&format!("/api/open/v3/avatar/detail?id={id}")).await;
            let avatar = data.get(0).unwrap_or(&data).clone();
            if avatar["status"].as_u64().unwrap() >= 3 {
                return avatar;
            }
            assert!(begun.elapsed() < PATIENCE, "stuck: {avatar}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Polls an audio to its end; gives its record.
    pub async fn audio_ended(&self, id: &str) -> Value {
        self.polled(&format!("/api/open/v3/audio/infobymodelid?audio_model_id={id}")).await
    }

    /// Polls a voice to its end; gives its record.
    pub async fn voice_ended(&self, id: &str) -> Value {
        self.polled(&format!("/api/open/v4/voice/detail/{id}")).await
    }

    async fn polled(&self, path: &str) -> Value {
        let begun = Instant::now();
        loop {
            let record = self.get(path).await;
            if record["status"].as_u64().unwrap() >= 3 {
                return record;
            }
            assert!(begun.elapsed() < PATIENCE, "stuck: {record}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn download(&self, url: &str, headers: &[(&str, &str)]) -> Download {
        let mut request = self.http.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        Download {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}
