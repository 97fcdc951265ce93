//! The long-running commands: what `serve` and `work` start, and how they stop.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::account::{Account, NewAccount};
use crate::clock::Clock;
use crate::config::Config;
use crate::problem::{Code, Problem, Result};
use crate::service::Service;
use crate::{api, log, retention, webhook, worker};

mod child;

/// How long open connections and running jobs have to end when the service stops.
const PATIENCE: Duration = Duration::from_secs(10);
/// Workers leave the processor to the API and to everybody else.
const NICE: i32 = 10;

/// What is told when the service has started.
pub struct Started {
    pub address: SocketAddr,
    /// The account that was made because there was none.
    pub first_account: Option<Account>,
}

pub fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Serves until Ctrl-C or SIGTERM.
pub fn run(mut config: Config, started: impl FnOnce(&Started)) -> Result<()> {
    log::init(config.log);
    until_stopped(async |stop| {
        let listener = listen(config.listen).await?;
        config.listen = listener.local_addr()?;
        if config.public_url.is_none() {
            config.public_url = Some(address(config.listen)?);
        }
        let service = Service::open(config, Clock::System).await?;
        service.announce().await?;
        let first_account = first_account(&service).await?;
        started(&Started {
            address: service.config.listen,
            first_account,
        });
        let workers = tokio::spawn(child::supervise(service.clone(), stop.clone()));
        let ended = serve(service, listener, stop.clone()).await;
        stop.cancel();
        // It has stopped too, and has handed back what it was doing.
        let _ = workers.await;
        ended
    })
}

/// Answers, calls webhooks and cleans up until told to stop; renders are somebody else's.
pub async fn serve(service: Service, listener: TcpListener, stop: CancellationToken) -> Result<()> {
    let loops = [
        tokio::spawn(webhook::delivery::run(service.clone(), stop.clone())),
        tokio::spawn(retention::run(service.clone(), stop.clone())),
    ];
    let app = api::router(service).into_make_service_with_connect_info::<SocketAddr>();
    let told = stop.clone();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move { told.cancelled().await });
    tokio::select! {
        ended = serving.into_future() => ended?,
        () = async { stop.cancelled().await; tokio::time::sleep(PATIENCE).await } => tracing::warn!("connections were cut"),
    }
    for each in loops {
        let _ = tokio::time::timeout(PATIENCE, each).await;
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        let message = format!("cannot listen on {address}: {e}; choose another address with --listen");
        Problem::new(Code::Parameter, message).because(e)
    })
}

/// What links begin with where no setting says it.
fn address(listen: SocketAddr) -> Result<url::Url> {
    if listen.ip().is_unspecified() {
        tracing::warn!("links will begin with http://{listen}, which nobody can follow: set --public-url");
    }
    url::Url::parse(&format!("http://{listen}")).map_err(Problem::internal)
}

/// Makes an account if there is none.
async fn first_account(service: &Service) -> Result<Option<Account>> {
    let mut tx = service.db.write().await?;
    if Account::any(&mut tx).await? {
        return Ok(None);
    }
    let new = NewAccount {
        name: "first",
        compat: None,
        credit: i64::from(service.config.credit.initial),
    };
    let account = Account::create(&mut tx, &new, service.clock.now()).await?;
    tx.commit().await?;
    Ok(Some(account))
}

/// Renders until Ctrl-C or SIGTERM.
pub fn work(config: Config) -> Result<()> {
    log::init(config.log);
    be_modest();
    until_stopped(async |stop| {
        let renders = config.workers.max(1);
        let service = Service::open(config, Clock::System).await?;
        render_until(service, renders, stop).await;
        Ok(())
    })
}

/// Renders until told to stop, and then as long as it takes to hand back what was begun, but no longer.
async fn render_until(service: Service, renders: usize, stop: CancellationToken) {
    tokio::select! {
        () = worker::run(service, renders, stop.clone()) => {}
        () = async { stop.cancelled().await; tokio::time::sleep(PATIENCE).await } => {
            tracing::warn!("what was begun could not be handed back in time; it is taken up after its lease");
        }
    }
}

/// Renders for the service that started this: its first line are the settings, each further byte says that there is work, and the end of
/// its input, also by its death, that it is time to stop.
pub fn work_as_child() -> Result<()> {
    be_modest();
    until_stopped(async |stop| {
        let mut parent = BufReader::new(tokio::io::stdin());
        let mut line = String::new();
        parent.read_line(&mut line).await?;
        let config: Config = serde_json::from_str(&line)?;
        log::init(config.log);
        let renders = config.workers;
        let service = Service::open(config, Clock::System).await?;
        let (wake, told) = (service.wake.clone(), stop.clone());
        tokio::spawn(async move {
            let mut bytes = [0; 64];
            while parent.read(&mut bytes).await.is_ok_and(|n| n > 0) {
                wake.call();
            }
            told.cancel();
        });
        render_until(service, renders, stop).await;
        Ok(())
    })
}

/// The API stays quick while renders take every core; and where memory runs out, a render dies and not the service.
fn be_modest() {
    if let Err(e) = rustix::process::nice(NICE) {
        tracing::warn!(cause = %e, "the priority was not lowered");
    }
    // Only Linux has it, and a sandbox may forbid it.
    let _ = std::fs::write("/proc/self/oom_score_adj", "500");
}

/// Runs until the work is over; the first signal asks it to stop, the second ends it at once.
fn until_stopped<F: Future<Output = Result<()>>>(work: impl FnOnce(CancellationToken) -> F) -> Result<()> {
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let stop = CancellationToken::new();
        let mut signals = Signals::listen()?;
        let work = work(stop.clone());
        tokio::pin!(work);
        tokio::select! {
            ended = &mut work => return ended,
            () = signals.next() => stop.cancel(),
        }
        tokio::select! {
            ended = &mut work => ended,
            () = signals.next() => Ok(()),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(2));
    ended
}

/// Ctrl-C and SIGTERM.
struct Signals([tokio::signal::unix::Signal; 2]);

impl Signals {
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}
