//! The program itself: `serve` on a folder and a port of its own, and the commands beside it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;

/// The program, its data and its port; what still runs is killed with it.
pub struct Site {
    pub folder: TempDir,
    pub port: u16,
    pub settings: Vec<(&'static str, String)>,
    /// Where its log goes, if not to ours.
    pub log: Option<PathBuf>,
    server: Option<Child>,
}

/// What `account create` printed.
pub struct Credentials {
    pub uid: u64,
    pub id: String,
    pub secret: String,
}

impl Site {
    pub fn new() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            folder: tempfile::Builder::new().prefix("site-").tempdir().unwrap(),
            port: free.local_addr().unwrap().port(),
            settings: vec![
                ("MOUTHPIECE_JOBS__LEASE", "3s".into()),
                ("MOUTHPIECE_JOBS__HEARTBEAT", "500ms".into()),
                ("MOUTHPIECE_JOBS__PAUSE", "100ms".into()),
                ("MOUTHPIECE_VOICES__PREVIEWS", "false".into()),
                ("RUST_LOG", "warn".into()),
            ],
            log: None,
            server: None,
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mouthpiece"));
        command.args(args).arg("--data").arg(self.data());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Of all jobs together; nobody may be at work.
    pub async fn attempts(&self) -> i64 {
        let file = self.data().join("mouthpiece.sqlite");
        let db = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        sqlx::query_scalar("SELECT sum(attempt) FROM jobs").fetch_one(&db).await.unwrap()
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The last line of a command for machines.
    pub fn told(&self, args: &[&str]) -> Value {
        let done = self.command(args).output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text} {}", String::from_utf8_lossy(&done.stderr)))
    }

    pub fn account(&self) -> Credentials {
        let made = self.told(&["account", "create", "--json"]);
        Credentials {
            uid: made["uid"].as_u64().unwrap(),
            id: made["clientId"].as_str().unwrap().to_owned(),
            secret: made["clientSecret"].as_str().unwrap().to_owned(),
        }
    }

    pub fn start(&mut self) {
        self.start_with(&["--workers", "2"]);
    }

    pub fn start_with(&mut self, flags: &[&str]) {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command(&["serve", "--allow-net", "127.0.0.0/8", "--listen", &listen]);
        let said = std::fs::File::create(self.said()).unwrap();
        if let Some(log) = &self.log {
            command.stderr(std::fs::File::options().create(true).append(true).open(log).unwrap());
        }
        self.server = Some(command.args(flags).stdin(Stdio::null()).stdout(said).spawn().unwrap());
    }

    /// What the server printed.
    pub fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    pub fn signal(&mut self, signal: Signal) {
        let mut server = self.server.take().unwrap();
        kill(Pid::from_raw(server.id().cast_signed()), signal).unwrap();
        server.wait().unwrap();
    }

    /// The worker's process, if it runs at the moment.
    pub fn worker(&self) -> Option<Pid> {
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
pub async fn persistent(client: &Client, method: Method, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Value {
    for _ in 0..600 {
        if let Ok(answer) = client.call(method.clone(), path, body, headers).await {
            assert_eq!(answer["code"], 1000, "{path}: {answer}");
            return answer["data"].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{path}: nobody answers");
}
