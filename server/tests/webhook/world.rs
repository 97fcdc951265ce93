//! A service with accounts and jobs, and the loop under test.

use std::time::Duration;

use mouthpiece_server::account::{Account, NewAccount};
use mouthpiece_server::clock::Clock;
use mouthpiece_server::config::Config;
use mouthpiece_server::id::RecordId;
use mouthpiece_server::job::{self, Ending, Job, Kind, NewJob};
use mouthpiece_server::queue::Queue;
use mouthpiece_server::service::Service;
use mouthpiece_server::webhook::delivery;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub struct World {
    pub service: Service,
    pub account: Account,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    _data: tempfile::TempDir,
}

/// A row of `webhooks`.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    pub message: Option<i64>,
    pub tries: i64,
    pub state: String,
    pub last_answer: String,
    pub updated_at: i64,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: data.path().join("data"),
            allow_net: vec!["127.0.0.0/8".parse().unwrap()],
            ..Config::default()
        };
        change(&mut config);
        let service = Service::open(config, Clock::movable()).await.unwrap();
        let account = account(&service, "first").await;
        Self {
            service,
            account,
            stop: CancellationToken::new(),
            running: None,
            _data: data,
        }
    }

    /// Starts the loop.
    pub fn run(&mut self) {
        self.stop = CancellationToken::new();
        self.running = Some(tokio::spawn(delivery::run(self.service.clone(), self.stop.clone())));
    }

    /// Stops it as a service does.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap();
    }

    /// Ends it as a power cut does.
    pub async fn kill(&mut self) {
        let running = self.running.take().unwrap();
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
    }

    /// A job that is being worked on; its start is announced.
    pub async fn job(&self, url: &str) -> Job {
        self.job_of(&self.account, url).await
    }

    pub async fn job_of(&self, account: &Account, url: &str) -> Job {
        let service = &self.service;
        let id = RecordId::new(service.clock.now());
        let new = NewJob {
            id: &id,
            uid: account.uid,
            kind: Kind::Video,
            spec: &json!({}),
            webhook_url: Some(url),
            reserve: 0,
        };
        let mut tx = service.db.write().await.unwrap();
        job::enqueue(service, &mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let messages = service.queue.read("videos", Duration::from_hours(1000), 1).await.unwrap();
        let job = job::begin(service, &messages[0]).await.unwrap().unwrap();
        service.wake.call();
        job
    }

    pub async fn end(&self, job: &Job, ending: Ending<'_>) {
        let mut tx = self.service.db.write().await.unwrap();
        assert!(job::end(&self.service, &mut tx, job, ending).await.unwrap());
        tx.commit().await.unwrap();
        self.service.wake.call();
    }

    pub async fn complete(&self, job: &Job) {
        let url = "https://example.com/result.mp4";
        self.end(job, Ending::Completed { cost: 0, url }).await;
    }

    pub async fn row(&self, job: &Job, status: i64) -> Row {
        sqlx::query_as("SELECT * FROM webhooks WHERE job = $1 AND status = $2")
            .bind(&job.id)
            .bind(status)
            .fetch_one(self.service.db.read())
            .await
            .unwrap()
    }

    /// Waits until an attempt is noted: only then may the clock be moved.
    pub async fn noted(&self, job: &Job, status: i64, tries: i64) -> Row {
        let noted = async {
            loop {
                let row = self.row(job, status).await;
                if row.tries >= tries {
                    assert_eq!(row.tries, tries);
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), noted)
            .await
            .expect("no attempt was noted")
    }

    /// When the message can be read again.
    pub async fn due(&self, row: &Row) -> i64 {
        sqlx::query_scalar("SELECT vt FROM messages WHERE msg_id = $1")
            .bind(row.message)
            .fetch_one(self.service.db.read())
            .await
            .unwrap()
    }

    /// Lets the longest pause pass that may follow on so many attempts.
    pub fn pass(&self, pause: Duration) {
        self.service.clock.advance(pause.mul_f64(1.2) + Duration::from_secs(1));
    }
}

pub async fn account(service: &Service, name: &str) -> Account {
    let new = NewAccount {
        name,
        compat: None,
        credit: 100,
    };
    let mut tx = service.db.write().await.unwrap();
    let account = Account::create(&mut tx, &new, service.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    account
}
