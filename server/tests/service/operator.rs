//! What an operator does: settings, accounts, a worker of its own.

use std::process::{Child, Stdio};

use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;
use crate::media::World;
use crate::site::{Site, persistent};
use crate::walk::simple;

const QUOTA: &str = "/api/open/v3/faceswap/quota/info";
const LIST: &str = "/api/open/v3/avatar/list";

#[test]
fn settings_come_from_the_file_then_the_environment_then_flags() {
    let mut site = Site::new();
    site.settings.clear();
    std::fs::create_dir(site.data()).unwrap();
    std::fs::write(
        site.data().join("mouthpiece.toml"),
        "workers = 3\ncompat = \"live\"\nlog = \"json\"\n[limits]\nimages = 5\n",
    )
    .unwrap();
    let shown = site.told(&["config", "--json"]);
    assert_eq!(
        (&shown["workers"], &shown["compat"], &shown["log"]),
        (&json!(3), &json!("live"), &json!("json"))
    );
    assert_eq!(
        (&shown["limits"]["images"], &shown["limits"]["avatars"]),
        (&json!(5), &json!(10_000))
    );
    site.settings.push(("MOUTHPIECE_WORKERS", "4".into()));
    site.settings.push(("MOUTHPIECE_LIMITS__IMAGES", "6".into()));
    site.settings.push(("MOUTHPIECE_RETENTION__FILES", "2days".into()));
    let shown = site.told(&["config", "--json", "--workers", "7"]);
    assert_eq!(
        (&shown["workers"], &shown["compat"], &shown["limits"]["images"]),
        (&json!(7), &json!("live"), &json!(6))
    );
    assert_eq!(shown["retention"]["files"], "2days");
    // For people it is a settings file that says where each came from.
    let text = String::from_utf8(site.command(&["config", "--workers", "7"]).output().unwrap().stdout).unwrap();
    let line = |name: &str| text.lines().find(|l| l.starts_with(name)).unwrap_or_default().to_owned();
    assert_eq!(line("workers"), "workers = 7  # command line");
    assert!(
        line("images").ends_with("# environment") && line("compat").contains("mouthpiece.toml"),
        "{text}"
    );
    std::fs::write(site.data().join("mouthpiece.toml"), "wrokers = 3").unwrap();
    let refused = site.command(&["config"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("wrokers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_change_while_the_server_runs() {
    let mut site = Site::new();
    site.start_with(&["--workers", "0", "--public-url", "https://videos.example/base"]);
    let first = site.account();
    persistent(&Client::with_key(&site.base(), &first.secret), Method::GET, QUOTA, None, &[]).await;
    let made = site.told(&["account", "create", "--json", "--compat", "live", "--credit", "7"]);
    let keys: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["clientId", "clientSecret", "uid"]);
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    assert_eq!((text("clientId").len(), text("clientSecret").len()), (16, 32));
    let uid = made["uid"].to_string();
    let client = Client::signed_in(&site.base(), &text("clientId"), &text("clientSecret")).await;
    let live = client.get(LIST).await;
    assert!(live["count"].is_u64(), "{live}");
    let photo = live["result"][0]["url"].as_str().unwrap();
    assert!(photo.starts_with("https://videos.example/base/stock/"), "{photo}");
    site.told(&["account", "set", &uid, "--compat", "documented", "--json"]);
    assert!(client.get(LIST).await.is_array());

    assert_eq!(site.told(&["account", "credit", &uid, "-5", "--json"])["credit"], 2);
    assert_eq!(client.get(QUOTA).await["credit"], 2);
    let code = async |client: &Client| client.call(Method::GET, QUOTA, None, &[]).await.unwrap()["code"].clone();
    site.told(&["account", "ban", &uid, "--json"]);
    assert_eq!(code(&client).await, 1200);
    site.told(&["account", "ban", &uid, "--lift", "--json"]);
    assert_eq!(code(&client).await, 1000);
    let new = site.told(&["account", "rotate", &uid, "--json"]);
    assert_eq!(code(&client).await, 1101, "an old token is still taken");
    assert_eq!(code(&Client::with_key(&site.base(), &text("clientSecret"))).await, 1101);
    assert_eq!(
        code(&Client::with_key(&site.base(), new["clientSecret"].as_str().unwrap())).await,
        1000
    );

    let list = site.told(&["account", "list", "--json"]);
    assert!(list.as_array().unwrap().iter().any(|a| a["uid"] == made["uid"]), "{list}");
    assert!(
        !list.to_string().contains(new["clientSecret"].as_str().unwrap()),
        "a list tells secrets"
    );
    let unknown = site.command(&["account", "ban", "999"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    site.signal(Signal::SIGTERM);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_is_printed_once() {
    let mut site = Site::new();
    site.start_with(&["--workers", "0"]);
    let secret = loop {
        let said = std::fs::read_to_string(site.said()).unwrap();
        if said.contains("Mouthpiece listens on") {
            let line = said.lines().find(|l| l.contains("clientSecret")).unwrap();
            break line.split_whitespace().last().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let client = Client::with_key(&site.base(), &secret);
    assert_eq!(persistent(&client, Method::GET, QUOTA, None, &[]).await["credit"], 1_000_000);
    site.signal(Signal::SIGTERM);
    site.start_with(&["--workers", "0"]);
    persistent(&client, Method::GET, QUOTA, None, &[]).await;
    let said = std::fs::read_to_string(site.said()).unwrap();
    assert!(!said.contains("clientSecret") && !said.contains(&secret), "{said}");
    site.signal(Signal::SIGTERM);
}

/// A worker, which ends with the test.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_its_own_renders_and_links_as_the_server_does() {
    let (world, mut site) = (World::open().await, Site::new());
    site.start_with(&["--workers", "0"]);
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let body = simple(&world.url("face.png"), &world.url("voice.wav"));
    let made: Value = persistent(&client, Method::POST, "/api/open/v3/talkingavatar/create", Some(&body), &[]).await;
    let mut command = site.command(&["work", "--allow-net", "127.0.0.0/8"]);
    let _worker = Worker(command.stdin(Stdio::null()).spawn().unwrap());
    let info = client.ended(made["_id"].as_str().unwrap()).await;
    let url = info["video"].as_str().unwrap();
    assert!(url.starts_with(&site.base()), "{info}");
    assert_eq!(client.download(url, &[]).await.status, 200);
    site.signal(Signal::SIGTERM);
}
