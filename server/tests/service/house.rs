//! A service with workers in this process, on loopback, with a clock that can be moved.

use std::time::Duration;

use mouthpiece_server::account::{Account, NewAccount};
use mouthpiece_server::clock::Clock;
use mouthpiece_server::config::{Compat, Config};
use mouthpiece_server::fetch::Resolver;
use mouthpiece_server::service::Service;
use mouthpiece_server::{serve, worker};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::client::Client;

/// It stops, and its folder goes, with the test.
pub struct House {
    pub service: Service,
    pub base: String,
    pub data: TempDir,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl House {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::resolving(change, Resolver::System).await
    }

    pub async fn resolving(change: impl FnOnce(&mut Config), resolver: Resolver) -> Self {
        let data = tempfile::Builder::new().prefix("house-").tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = Config {
            data: data.path().join("data"),
            listen: listener.local_addr().unwrap(),
            allow_net: vec!["127.0.0.1/32".parse().unwrap()],
            workers: 1,
            ..Config::default()
        };
        // They would take the processor from the tests.
        config.voices.previews = false;
        change(&mut config);
        let renders = config.workers;
        let base = format!("http://{}", config.listen);
        let service = Service::open_with(config, Clock::movable(), resolver).await.unwrap();
        let stop = CancellationToken::new();
        let (serving, working) = (service.clone(), service.clone());
        let (first, second) = (stop.clone(), stop.clone());
        let mut tasks = vec![tokio::spawn(async move { serve::serve(serving, listener, first).await.unwrap() })];
        if renders > 0 {
            tasks.push(tokio::spawn(worker::run(working, renders, second)));
        }
        Self {
            service,
            base,
            data,
            stop,
            tasks,
        }
    }

    pub async fn account(&self, compat: Option<Compat>, credit: i64) -> Account {
        let mut tx = self.service.db.write().await.unwrap();
        let new = NewAccount {
            name: "test",
            compat,
            credit,
        };
        let account = Account::create(&mut tx, &new, self.service.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        account
    }

    /// A client with an account of its own.
    pub async fn client(&self) -> Client {
        let account = self.account(None, 1_000_000).await;
        Client::with_key(&self.base, &account.client_secret)
    }

    /// Stops as a signal would, and waits for the end.
    pub async fn close(mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            tokio::time::timeout(Duration::from_secs(60), task).await.unwrap().unwrap();
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
