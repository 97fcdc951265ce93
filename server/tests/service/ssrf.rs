//! Urls of clients never lead inside: refused at once where the url itself says so, and a failed job that says why where a name does.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use mouthpiece_server::fetch::Resolver;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::house::House;
use crate::media::World;
use crate::walk::simple;

/// A listener that nobody may connect to; counts who does.
struct Trap {
    port: u16,
    caught: Arc<AtomicUsize>,
}

impl Trap {
    async fn set() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let (port, caught) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&caught);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { port, caught }
    }

    fn is_empty(&self) -> bool {
        self.caught.load(Ordering::SeqCst) == 0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_inside_are_refused_in_every_spelling_and_field() {
    let trap = Trap::set().await;
    let house = House::with(|c| c.allow_net.clear()).await;
    let client = house.client().await;
    let port = trap.port;
    let hosts = [
        "127.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fc00::1]",
        "[fd12::1]",
        "[fe80::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::127.0.0.1]",
        "224.0.0.1",
        "255.255.255.255",
    ];
    let public = "http://93.184.215.14/x";
    for host in hosts {
        let inside = format!("http://{host}:{port}/x");
        let webhook = |mut body: Value| {
            body["webhookUrl"] = json!(inside);
            body
        };
        let image = |mut body: Value| {
            let image = json!({"type": "image", "url": inside, "scale_x": 1, "scale_y": 1, "offset_x": 0, "offset_y": 0});
            body["elements"].as_array_mut().unwrap().push(image);
            body
        };
        let create = "/api/open/v3/talkingavatar/create";
        let asked = [
            ("elements[0].url", create, simple(&inside, public)),
            ("elements[1].url", create, simple(public, &inside)),
            ("elements[2].url", create, image(simple(public, public))),
            ("webhookUrl", create, webhook(simple(public, public))),
            ("url", "/api/open/v3/avatar/create", json!({"url": inside, "type": 1})),
        ];
        for (field, path, body) in asked {
            let (code, said) = client.refused(path, &body).await;
            assert_eq!(code, 1003, "{host} in {field}: {said}");
            assert!(said.starts_with(&format!("parameter validate error: {field} ")), "{host}: {said}");
            assert!(said.contains("private or reserved address"), "{host}: {said}");
        }
    }
    // A name is looked up when it is fetched.
    let inside = format!("http://localhost:{port}/x");
    let info = client
        .ended(client.create(&simple(&inside, &inside)).await["_id"].as_str().unwrap())
        .await;
    assert_eq!((&info["video_status"], &info["error_code"]), (&json!(4), &json!(1003)), "{info}");
    assert!(trap.is_empty(), "somebody connected");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_redirects_that_lead_inside_fail_the_job_and_say_why() {
    let trap = Trap::set().await;
    let world = World::open().await;
    let outside = IpAddr::from(Ipv4Addr::new(93, 184, 215, 14));
    let inside = IpAddr::from(Ipv4Addr::new(127, 0, 0, 2));
    let names = HashMap::from([
        ("inside.example".to_owned(), vec![inside]),
        ("second.example".to_owned(), vec![outside, inside]),
    ]);
    // Only the test's own server may be fetched from; the trap listens on every other address of this machine too.
    let house = House::resolving(|_| {}, Resolver::fixed(names)).await;
    let client = house.client().await;
    let redirect = redirecting_to(format!("http://127.0.0.2:{}/x", trap.port)).await;
    for url in [
        format!("http://inside.example:{}/x", trap.port),
        format!("http://second.example:{}/x", trap.port),
        redirect,
    ] {
        let info = client
            .ended(client.create(&simple(&url, &world.url("voice.wav"))).await["_id"].as_str().unwrap())
            .await;
        let reason = info["error_reason"].as_str().unwrap();
        println!("{url}: {reason}");
        assert_eq!(
            (&info["video_status"], &info["error_code"]),
            (&json!(4), &json!(1003)),
            "{url}: {info}"
        );
        assert!(
            reason.contains("elements[0].url") && reason.contains("private or reserved address"),
            "{reason}"
        );
        assert!(!reason.contains("127.0.0.2"), "{reason}");
    }
    assert!(trap.is_empty(), "somebody connected");
    house.close().await;
}

/// The url of a server that sends everybody elsewhere.
async fn redirecting_to(target: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/photo.png", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(async move || (StatusCode::FOUND, [(LOCATION, target)]));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}
