//! Days pass on a clock that can be moved, and what has had its time goes: rows, files and folders.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::time::Duration;

use mouthpiece_server::account::{Account, NewAccount};
use mouthpiece_server::clock::Clock;
use mouthpiece_server::config::Config;
use mouthpiece_server::id::RecordId;
use mouthpiece_server::job::{self, Ending, Job, Kind, NewJob};
use mouthpiece_server::queue::Queue;
use mouthpiece_server::retention::{self, Swept, sweep};
use mouthpiece_server::service::Service;
use mouthpiece_server::store::{Key, Link};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

struct World {
    service: Service,
    account: Account,
    data: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = Config {
            data: data.path().to_owned(),
            ..Config::default()
        };
        let service = Service::open(config, Clock::movable()).await.unwrap();
        let new = NewAccount {
            name: "somebody",
            compat: None,
            credit: 100,
        };
        let mut tx = service.db.write().await.unwrap();
        let account = Account::create(&mut tx, &new, service.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        Self { service, account, data }
    }

    fn pass(&self, time: Duration) {
        self.service.clock.advance(time);
    }

    async fn sweep(&self) -> Swept {
        sweep(&self.service).await.unwrap()
    }

    /// A job that is being worked on.
    async fn job(&self, kind: Kind, webhook_url: Option<&str>) -> Job {
        let id = RecordId::new(self.service.clock.now());
        let new = NewJob {
            id: &id,
            uid: self.account.uid,
            kind,
            spec: &json!({}),
            webhook_url,
            reserve: 0,
        };
        let mut tx = self.service.db.write().await.unwrap();
        job::enqueue(&self.service, &mut tx, &new).await.unwrap();
        let row = match kind {
            Kind::Video => "INSERT INTO videos (id, uid, video_id, task_id, type) VALUES ($1, $2, $1, $1, 4)",
            Kind::Avatar => "INSERT INTO avatars (id, uid, avatar_id, type, name) VALUES ($1, $2, $1, 1, 'me')",
            Kind::Audio => {
                "INSERT INTO audios (id, uid, input_text, rate, voice, voice_id, voice_name, gender, options, format)
                 VALUES ($1, $2, 'Hello!', '100%', 'v', 'v', 'Vera', 'Female', '{}', 'mp3')"
            }
            Kind::Voice => {
                "INSERT INTO voices (id, uid, job, voice_id, name, text, language, source, created_at)
                 VALUES ($1, $2, $1, $1, 'Vera', '', 'en-US', '', 0)"
            }
        };
        sqlx::query(row).bind(&id).bind(new.uid).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        self.begin(kind).await
    }

    /// Takes the oldest message of a kind in hand for a long time.
    async fn begin(&self, kind: Kind) -> Job {
        let messages = self.service.queue.read(kind.queue(), 100 * DAY, 1).await.unwrap();
        job::begin(&self.service, &messages[0]).await.unwrap().unwrap()
    }

    /// Stores a file with a link to it that a record shows, in the column `file`.
    async fn file(&self, key: &Key<'_>, job: &Job, expires_after: Option<Duration>) -> Link {
        let now = self.service.clock.now();
        let expires = expires_after.map(|d| now + i64::try_from(d.as_millis()).unwrap());
        let link = Link::new(key, "mp4", "video/mp4", 5, now, expires);
        let mut tx = self.service.db.write().await.unwrap();
        link.insert(&mut tx).await.unwrap();
        for show in [
            "UPDATE videos SET file = $2 WHERE id = $1",
            "UPDATE avatars SET file = $2, media = $3 WHERE id = $1",
        ] {
            let query = sqlx::query(show).bind(&job.id).bind(&link.name).bind(&link.key);
            query.execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        // Last: by the moved clock it looks days old, and a sweep under way would take it for a stray.
        self.service.store.put_bytes("bytes".into(), key).await.unwrap();
        link
    }

    async fn end(&self, job: &Job, ending: Ending<'_>) {
        let mut tx = self.service.db.write().await.unwrap();
        assert!(job::end(&self.service, &mut tx, job, ending).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn finished_video(&self) -> (Job, Link) {
        let job = self.job(Kind::Video, None).await;
        let week = self.service.config.retention.files;
        let link = self.file(&Key::Video { job: &job.id }, &job, Some(week)).await;
        self.end(&job, Ending::Completed { cost: 0, url: "" }).await;
        (job, link)
    }

    async fn count(&self, from: &'static str) -> i64 {
        let db = self.service.db.read();
        sqlx::query_scalar(from).fetch_one(db).await.unwrap()
    }

    /// Files of the store, as they lie on the disk.
    fn stored(&self) -> Vec<String> {
        let root = self.data.path().join("files");
        let mut found = files_under(root.clone());
        found.sort();
        found.iter().map(|f| f.strip_prefix(&root).unwrap().display().to_string()).collect()
    }
}

fn files_under(folder: PathBuf) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { files_under(p) } else { vec![p] }).collect()
}

#[tokio::test]
async fn a_result_lives_seven_days_and_its_record_stays() {
    let world = World::new().await;
    let (job, link) = world.finished_video().await;
    world.pass(6 * DAY);
    assert_eq!(world.sweep().await, Swept::default());
    assert_eq!(world.stored(), [link.key]);
    world.pass(DAY);
    let expected = Swept {
        links: 1,
        files: 1,
        ..Swept::default()
    };
    assert_eq!(world.sweep().await, expected);
    assert_eq!(world.stored(), [""; 0]);
    assert_eq!(world.count("SELECT count(*) FROM files").await, 0);
    assert_eq!(world.count("SELECT count(*) FROM videos WHERE file IS NULL").await, 1);
    assert!(Job::find(world.service.db.read(), &job.id).await.unwrap().is_some());
    assert_eq!(world.sweep().await, Swept::default());
}

#[tokio::test]
async fn more_than_a_batch_goes_in_one_sweep() {
    let world = World::new().await;
    let now = world.service.clock.now();
    let mut tx = world.service.db.write().await.unwrap();
    for _ in 0..450 {
        let job = RecordId::new(now);
        let link = Link::new(&Key::Video { job: &job }, "mp4", "video/mp4", 5, now, Some(now));
        link.insert(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(world.sweep().await.links, 450);
}

#[tokio::test]
async fn an_avatar_keeps_what_it_is_made_of() {
    let world = World::new().await;
    let job = world.job(Kind::Avatar, None).await;
    let link = world.file(&Key::AvatarMedia { avatar: &job.id }, &job, Some(7 * DAY)).await;
    world.end(&job, Ending::Completed { cost: 0, url: "" }).await;
    world.pass(8 * DAY);
    let swept = world.sweep().await;
    assert_eq!((swept.links, swept.files), (1, 0));
    assert_eq!(world.stored(), [link.key]);
    // The avatar is deleted, and whoever did it was cut off before its file went.
    let mut tx = world.service.db.write().await.unwrap();
    sqlx::query("DELETE FROM jobs").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.sweep().await.strays, 1);
    assert_eq!(world.stored(), [""; 0]);
}

#[tokio::test]
async fn a_file_stays_while_another_link_leads_to_it() {
    let world = World::new().await;
    let (job, old) = world.finished_video().await;
    world.pass(DAY);
    let key = Key::Video { job: &job.id };
    let newer = world.file(&key, &job, Some(7 * DAY)).await;
    world.pass(6 * DAY);
    assert_eq!(world.sweep().await.links, 1);
    assert_eq!(world.stored(), [old.key]);
    let left: Vec<String> = sqlx::query_scalar("SELECT name FROM files")
        .fetch_all(world.service.db.read())
        .await
        .unwrap();
    assert_eq!(left, [newer.name]);
    let kept = world.file(&key, &job, None).await;
    world.pass(1000 * DAY);
    world.sweep().await;
    assert_eq!(world.stored(), [kept.key]);
}

#[tokio::test]
async fn dead_attempts_leave_nothing_and_current_ones_keep_everything() {
    let world = World::new().await;
    let first = world.job(Kind::Video, None).await;
    job::hand_back(&world.service, &first).await.unwrap();
    let current = world.begin(Kind::Video).await;
    assert_eq!((current.attempt, &current.id), (2, &first.id));
    let (finished, video) = world.finished_video().await;
    let scratch = world.service.store.scratch();
    for job in [&first, &current, &finished] {
        let key = Key::Staged {
            job: &job.id,
            attempt: job.attempt,
            what: "video.mp4",
        };
        world.service.store.put_bytes("staged".into(), &key).await.unwrap();
        let folder = scratch.join(format!("{}-{}", job.id, job.attempt));
        std::fs::create_dir_all(folder.join("frames")).unwrap();
        std::fs::write(folder.join("frames/1"), "frame").unwrap();
    }
    std::fs::create_dir(scratch.join("somebody else's")).unwrap();
    // It may just be on its way to its place.
    assert_eq!(world.sweep().await.leftovers, 0);
    world.pass(6 * MINUTE);
    assert_eq!(world.sweep().await.leftovers, 4);
    let name = format!("{}-2", current.id);
    assert_eq!(world.stored(), [format!("staged/{name}-video.mp4"), video.key]);
    let mut folders: Vec<_> = scratch.read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
    folders.sort();
    assert_eq!(folders, [name.as_str(), "somebody else's"]);
    assert!(scratch.join(name).join("frames/1").is_file());
}

#[tokio::test]
async fn files_that_no_row_knows_go_after_an_hour() {
    let world = World::new().await;
    let (_, known) = world.finished_video().await;
    let nobody = RecordId::new(world.service.clock.now());
    for key in [Key::Video { job: &nobody }, Key::AvatarThumbnail { avatar: &nobody }] {
        world.service.store.put_bytes("stray".into(), &key).await.unwrap();
    }
    // What an upload leaves that was killed.
    std::fs::write(world.data.path().join("files/videos/half.mp4#1"), "half").unwrap();
    world.pass(59 * MINUTE);
    assert_eq!(world.sweep().await.strays, 0);
    world.pass(2 * MINUTE);
    assert_eq!(world.sweep().await.strays, 3);
    assert_eq!(world.stored(), [known.key]);
}

#[tokio::test]
async fn old_records_of_what_is_over_go() {
    let world = World::new().await;
    let job = world.job(Kind::Video, Some("http://example.com")).await;
    world.end(&job, Ending::Completed { cost: 0, url: "" }).await;
    let mut tx = world.service.db.write().await.unwrap();
    let now = world.service.clock.now();
    sqlx::query("INSERT INTO idempotency (uid, key, request, answer, created_at) VALUES (1, 'k', '', '', $1)")
        .bind(now)
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query("UPDATE webhooks SET state = 'delivered' WHERE status = 2")
        .execute(&mut *tx)
        .await
        .unwrap();
    let queue = &world.service.queue;
    let message = queue.send(&mut tx, "q", "", &json!(1), Duration::ZERO).await.unwrap();
    assert!(queue.bury(&mut tx, message, "no reason").await.unwrap());
    tx.commit().await.unwrap();

    world.pass(DAY - MINUTE);
    assert_eq!(world.sweep().await, Swept::default());
    world.pass(MINUTE);
    assert_eq!(world.sweep().await.answers, 1);
    world.pass(28 * DAY);
    assert_eq!(world.sweep().await, Swept::default());
    world.pass(DAY);
    let swept = world.sweep().await;
    assert_eq!((swept.callbacks, swept.buried), (1, 1));
    assert_eq!(world.count("SELECT count(*) FROM webhooks WHERE state = 'waiting'").await, 1);
}

#[tokio::test]
async fn several_processes_may_sweep_at_once() {
    let world = World::new().await;
    for _ in 0..20 {
        world.finished_video().await;
    }
    world.pass(8 * DAY);
    let again = Service::open(world.service.config.clone(), world.service.clock.clone())
        .await
        .unwrap();
    let (a, b) = tokio::join!(sweep(&world.service), sweep(&again));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a.links + b.links, 20);
    assert_eq!(world.stored(), [""; 0]);
}

#[tokio::test]
async fn the_loop_sweeps_at_once_and_each_minute() {
    let world = World::new().await;
    world.finished_video().await;
    world.pass(7 * DAY);
    let stop = CancellationToken::new();
    let running = tokio::spawn(retention::run(world.service.clone(), stop.clone()));
    nothing_stored(&world).await;
    let (_, link) = world.finished_video().await;
    assert_eq!(world.stored(), [link.key]);
    world.pass(7 * DAY);
    nothing_stored(&world).await;
    stop.cancel();
    running.await.unwrap();
}

async fn nothing_stored(world: &World) {
    let gone = async {
        while !world.stored().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
}
