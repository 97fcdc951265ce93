//! Whatever is killed, and whenever: every accepted job ends once, with one file, one charge and one final callback.
//!
//! The long form: `KILLS=100 JOBS=50 cargo test -p mouthpiece --test service kill -- --nocapture`

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use reqwest::Method;
use serde_json::json;

use crate::client::Client;
use crate::media::{World, unseal};
use crate::site::{Credentials, Site, persistent};
use crate::walk::simple;

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
    // As many tries as kills are allowed, so that none may fail.
    assert_eq!(completed.len() as u64, jobs);
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
    world.speech("long.wav", 40.0);
    site.start();
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let mut body = simple(&world.url("face.png"), &world.url("long.wav"));
    (body["width"], body["height"]) = (json!(1920), json!(1080));
    let made = persistent(&client, Method::POST, CREATE, Some(&body), &[]).await;
    let id = made["_id"].as_str().unwrap();
    client.drawing(id).await;
    site.signal(Signal::SIGTERM);
    site.start();
    persistent(&client, Method::GET, QUOTA, None, &[]).await;
    // With one try allowed it only ends well if the first did not count.
    let info = client.ended(id).await;
    assert_eq!(info["video_status"], 3, "{info}");
    site.signal(Signal::SIGTERM);
    assert!(site.attempts().await >= 2, "nothing was handed back");
}

/// How many frames of how many each finished render has drawn, as the log has it.
fn drawn(site: &Site) -> Vec<(u64, u64)> {
    let log = std::fs::read_to_string(site.log.as_ref().unwrap()).unwrap();
    let number = |line: &str, name: &str| {
        let (_, rest) = line.split_once(name)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let rendered = log.lines().filter(|line| line.contains("rendered"));
    rendered
        .filter_map(|line| number(line, "drawn=").zip(number(line, "frames=")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stopped_or_killed_worker_has_finished_is_not_drawn_again() {
    let (world, mut site) = (World::open().await, Site::new());
    let speech = world.path("voice.wav");
    world.ffmpeg(&format!("-stream_loop -1 -i {} -t 33 long.wav", speech.display()));
    site.log = Some(site.folder.path().join("log"));
    site.settings.push(("RUST_LOG", "info".into()));
    site.settings.push(("MOUTHPIECE_JOBS__HEARTBEAT", "100ms".into()));
    // Nobody works: both sites begin with the same job, for blinks and sway hang on its id.
    site.start_with(&["--workers", "0"]);
    let account = site.account();
    let client = Client::with_key(&site.base(), &account.secret);
    let mut body = simple(&world.url("face.png"), &world.url("long.wav"));
    (body["width"], body["height"]) = (json!(640), json!(360));
    let made = persistent(&client, Method::POST, CREATE, Some(&body), &[]).await;
    let id = made["_id"].as_str().unwrap();
    site.signal(Signal::SIGTERM);
    let mut undisturbed = Site::new();
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(site.data())
        .arg(undisturbed.data())
        .status();
    assert!(copied.unwrap().success());
    undisturbed.log = Some(undisturbed.folder.path().join("log"));
    undisturbed.settings.push(("RUST_LOG", "info".into()));

    let folder = site.data().join("scratch");
    let scratch = || -> Vec<PathBuf> { std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect() };
    let reached = async |percent: u64| {
        persistent(&client, Method::GET, QUOTA, None, &[]).await;
        while client.info(id).await["progress"].as_u64().unwrap() < percent {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    site.start();
    reached(54).await;
    site.signal(Signal::SIGTERM);
    // Of what the attempt had, only what is finished stays.
    let left: Vec<_> = std::fs::read_dir(&scratch()[0]).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["ranges"]);
    site.start();
    reached(75).await;
    // The worker first: it would hear of its parent's death, and hand the job back.
    kill(site.worker().unwrap(), Signal::SIGKILL).unwrap();
    site.signal(Signal::SIGKILL);
    assert_eq!(drawn(&site), Vec::new());
    assert!(scratch().iter().any(|folder| folder.join("ranges-1").is_dir()), "{:?}", scratch());
    site.start();
    persistent(&client, Method::GET, QUOTA, None, &[]).await;
    let ended = client.ended(id).await;
    assert_eq!(ended["video_status"], 3, "{ended}");
    let resumed = client.download(ended["video"].as_str().unwrap(), &[]).await.body;
    site.signal(Signal::SIGTERM);
    assert!(site.attempts().await >= 3);
    // What the killed one left is swept away later.
    assert!(
        scratch().iter().all(|folder| !folder.ends_with(format!("{id}-3"))),
        "{:?}",
        scratch()
    );

    undisturbed.start();
    let client = Client::with_key(&undisturbed.base(), &account.secret);
    persistent(&client, Method::GET, QUOTA, None, &[]).await;
    let ended = client.ended(id).await;
    let whole = client.download(ended["video"].as_str().unwrap(), &[]).await.body;
    undisturbed.signal(Signal::SIGTERM);
    assert_eq!(drawn(&undisturbed), [(825, 825)]);
    // How much was finished hangs on when it was hit.
    let left = drawn(&site);
    assert!(
        left == [(825 - 500, 825)] || left == [(825 - 750, 825)],
        "ranges have ten seconds: {left:?}"
    );
    assert!(resumed == whole, "{} bytes, {} of the undisturbed run", resumed.len(), whole.len());
}
