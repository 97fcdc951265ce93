//! Whatever is killed, and whenever: every accepted job ends once, with one file, one charge and one final callback.
//!
//! The long form: `KILLS=100 JOBS=50 cargo test -p mouthpiece --test service kill -- --nocapture`

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::media::{World, unseal};
use crate::walk::simple;

/// The program, its data and its port; what still runs is killed with it.
struct Site {
    folder: TempDir,
    port: u16,
    settings: Vec<(&'static str, String)>,
    server: Option<Child>,
}

struct Credentials {
    uid: u64,
    id: String,
    secret: String,
}

impl Site {
    fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            folder: tempfile::Builder::new().prefix("site-").tempdir().unwrap(),
            port: free.local_addr().unwrap().port(),
            settings: vec![
                ("MOUTHPIECE_JOBS__LEASE", "3s".into()),
                ("MOUTHPIECE_JOBS__HEARTBEAT", "500ms".into()),
                ("MOUTHPIECE_JOBS__PAUSE", "100ms".into()),
                ("RUST_LOG", "warn".into()),
            ],
            server: None,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mouthpiece"));
        command.args(args).arg("--data").arg(self.data());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Of all jobs together; nobody may be at work.
    async fn attempts(&self) -> i64 {
        let file = self.data().join("mouthpiece.sqlite");
        let db = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        sqlx::query_scalar("SELECT sum(attempt) FROM jobs").fetch_one(&db).await.unwrap()
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn account(&self) -> Credentials {
        let made = self.command(&["account", "create", "--json"]).output().unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|e| panic!("{e}: {made:?}"));
        Credentials {
            uid: made["uid"].as_u64().unwrap(),
            id: made["clientId"].as_str().unwrap().to_owned(),
            secret: made["clientSecret"].as_str().unwrap().to_owned(),
        }
    }

    fn start(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command(&["serve", "--workers", "2", "--allow-net", "127.0.0.0/8", "--listen", &listen]);
        self.server = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    }

    fn signal(&mut self, signal: Signal) {
        let mut server = self.server.take().unwrap();
        kill(Pid::from_raw(server.id().cast_signed()), signal).unwrap();
        server.wait().unwrap();
    }

    /// The worker's process, if it runs at the moment.
    fn worker(&self) -> Option<Pid> {
        let server = self.server.as_ref()?.id();
        std::fs::read_dir("/proc").unwrap().find_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{name}/stat")).ok()?;
            let parent: u32 = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            (parent == server).then(|| name.parse().ok().map(Pid::from_raw))?
        })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// A call that is repeated until a server answers it.
async fn persistent(client: &Client, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Value {
    for _ in 0..600 {
        if let Ok(answer) = client.call(method.clone(), path, body, headers).await {
            assert_eq!(answer["code"], 1000, "{path}: {answer}");
            return answer["data"].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path}: nobody answers");
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

/// A sequence of numbers that looks random and can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_workers_and_servers_lose_nothing() {
    let (kills, jobs) = (setting("KILLS", 6), setting("JOBS", 8));
    let seed = setting("SEED", 0x9E37_79B9_7F4A_7C15);
    println!("{kills} kills over {jobs} jobs, SEED={seed}");
    let (world, mut site, mut dice) = (World::open().await, Site::new(), Dice(seed));
    // A job is to survive all the kills that may hit it.
    site.settings.push(("MOUTHPIECE_JOBS__TRIES", (kills + 2).to_string()));
    for (name, seconds) in [("a.wav", 0.4), ("b.wav", 1.2), ("c.wav", 4.0)] {
        world.speech(name, seconds);
    }
    site.start();
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let before = persistent(&client, Method::GET, QUOTA, None, &[]).await["credit"].as_i64().unwrap();

    let creator = {
        let (client, base) = (client.clone(), world.base.clone());
        tokio::spawn(async move {
            let mut ids = BTreeSet::new();
            for n in 0..jobs {
                let voice = ["a.wav", "b.wav", "c.wav"][usize::try_from(n % 3).unwrap()];
                let mut body = simple(&format!("{base}/face.png"), &format!("{base}/{voice}"));
                if n % 3 == 2 {
                    // Long enough to be hit.
                    (body["width"], body["height"]) = (json!(1280), json!(720));
                }
                body["webhookUrl"] = json!(format!("{base}/hook"));
                let key = format!("job-{n}");
                let made = persistent(&client, Method::POST, CREATE, Some(&body), &[("idempotency-key", &key)]).await;
                ids.insert(made["_id"].as_str().unwrap().to_owned());
            }
            ids
        })
    };
    let mut killed = [0, 0];
    while killed[0] + killed[1] < kills {
        tokio::time::sleep(Duration::from_millis(200 + dice.roll(2500))).await;
        if dice.roll(2) == 0 {
            killed[0] += 1;
            site.signal(Signal::SIGKILL);
            site.start();
        } else if site.worker().is_some_and(|worker| kill(worker, Signal::SIGKILL).is_ok()) {
            killed[1] += 1;
        }
    }
    println!("killed the server {} times, the worker {} times", killed[0], killed[1]);
    let ids = creator.await.unwrap();
    assert_eq!(ids.len() as u64, jobs, "a create was lost or doubled");

    // The last kill may have been the server's.
    persistent(&client, Method::GET, QUOTA, None, &[]).await;
    let (mut cost, mut completed) = (0, BTreeSet::new());
    for id in &ids {
        let info = client.ended(id).await;
        cost += info["deduction_duration"].as_i64().unwrap();
        match info["video_status"].as_u64().unwrap() {
            3 => {
                let file = client.download(info["video"].as_str().unwrap(), &[]).await;
                assert!(file.status == 200 && file.body.len() > 1000, "{info}");
                completed.insert(format!("{id}.mp4"));
            }
            _ => println!("{id}: {}", info["error_reason"]),
        }
    }
    println!("{} of {} completed", completed.len(), ids.len());
    let list = client.get("/api/open/v3/content/video/list?size=1000").await;
    assert_eq!(list["count"].as_u64(), Some(jobs));
    let after = client.get(QUOTA).await["credit"].as_i64().unwrap();
    assert_eq!(before - after, cost, "charged otherwise than once for each result");
    check_callbacks(&world, &account, &ids).await;
    site.signal(Signal::SIGTERM);
    let files: BTreeSet<_> = std::fs::read_dir(site.data().join("files/videos"))
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, completed, "one file for each result");
    println!("account {}: {cost} credits, {} attempts", account.uid, site.attempts().await);
}

const QUOTA: &str = "/api/open/v3/faceswap/quota/info";
const CREATE: &str = "/api/open/v3/talkingavatar/create";

/// Each job's end is told, after its start, and whatever is repeated is repeated as it was.
async fn check_callbacks(world: &World, account: &Credentials, ids: &BTreeSet<String>) {
    let told = || {
        let mut told: BTreeMap<String, Vec<(u64, Vec<u8>)>> = BTreeMap::new();
        for body in world.posted() {
            let plain = unseal(&body, &account.id, &account.secret);
            let status = plain["status"].as_u64().unwrap();
            told.entry(plain["_id"].as_str().unwrap().to_owned())
                .or_default()
                .push((status, body.to_vec()));
        }
        told
    };
    let complete = |told: &BTreeMap<String, Vec<(u64, Vec<u8>)>>| {
        ids.iter()
            .all(|id| told.get(id).is_some_and(|calls| calls.iter().any(|(status, _)| *status >= 3)))
    };
    let mut seen = world.posted().len();
    while !complete(&told()) {
        world.callback(seen).await;
        seen += 1;
    }
    for (id, calls) in told() {
        let statuses: Vec<_> = calls.iter().map(|(status, _)| *status).collect();
        assert!(statuses.is_sorted() && statuses[0] == 2, "{id}: {statuses:?}");
        let bodies: BTreeSet<_> = calls.iter().collect();
        assert_eq!(bodies.len(), 2, "{id}: repeated with another body: {statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_worker_fails_for_good_and_harms_nobody() {
    let (world, mut site) = (World::open().await, Site::new());
    let poison = site.folder.path().join("ffmpeg");
    std::fs::write(&poison, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
    std::fs::set_permissions(&poison, std::fs::Permissions::from_mode(0o755)).unwrap();
    site.settings.push(("MOUTHPIECE_FFMPEG", poison.display().to_string()));
    site.settings.push(("MOUTHPIECE_JOBS__TRIES", "2".into()));
    site.start();
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let body = simple(&world.url("face.png"), &world.url("voice.wav"));
    let made = persistent(&client, Method::POST, CREATE, Some(&body), &[]).await;
    let info = client.ended(made["_id"].as_str().unwrap()).await;
    assert_eq!((&info["video_status"], &info["error_code"]), (&json!(4), &json!(1015)), "{info}");
    assert!(info["error_reason"].as_str().unwrap().contains("2 times"), "{info}");
    assert_eq!(info["deduction_duration"], 0);
    site.signal(Signal::SIGTERM);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_hands_running_jobs_back() {
    let (world, mut site) = (World::open().await, Site::new());
    site.settings.push(("MOUTHPIECE_JOBS__TRIES", "1".into()));
    world.speech("long.wav", 8.0);
    site.start();
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let mut body = simple(&world.url("face.png"), &world.url("long.wav"));
    (body["width"], body["height"]) = (json!(1280), json!(720));
    let made = persistent(&client, Method::POST, CREATE, Some(&body), &[]).await;
    let id = made["_id"].as_str().unwrap();
    while client.info(id).await["progress"].as_u64().unwrap() < 20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    site.signal(Signal::SIGTERM);
    site.start();
    persistent(&client, Method::GET, QUOTA, None, &[]).await;
    // With one try allowed it only ends well if the first did not count.
    let info = client.ended(id).await;
    assert_eq!(info["video_status"], 3, "{info}");
    site.signal(Signal::SIGTERM);
}
