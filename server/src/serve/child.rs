//! The renders of `serve`, in a process of its own: one that dies takes no answer with it, and is started again.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio_util::sync::CancellationToken;

use super::PATIENCE;
use crate::problem::{Problem, Result};
use crate::service::Service;

/// How long a worker may take to hear a call.
const CALL: Duration = Duration::from_secs(1);
/// Between two starts, at least and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Keeps a worker running until told to stop; then waits until it has handed back its jobs.
pub async fn supervise(service: Service, stop: CancellationToken) {
    if service.config.workers == 0 {
        return;
    }
    let mut pause = PAUSES.0;
    while !stop.is_cancelled() {
        let begun = tokio::time::Instant::now();
        match start(&service).await {
            Ok((child, input)) => attend(&service, child, input, &stop).await,
            Err(e) => tracing::error!(cause = crate::worker::chain(&e), "the worker cannot be started"),
        }
        // One that ran for a while did not fail at once.
        pause = if begun.elapsed() > PAUSES.1 {
            PAUSES.0
        } else {
            (pause * 2).min(PAUSES.1)
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn start(service: &Service) -> Result<(Child, ChildStdin)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["work", "--child"])
        .stdin(Stdio::piped())
        // Ctrl-C in a terminal is for the parent, which lets its child finish.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().ok_or_else(|| Problem::internal("a child without an input"))?;
    let mut settings = serde_json::to_vec(&service.config)?;
    settings.push(b'\n');
    input.write_all(&settings).await?;
    input.flush().await?;
    Ok((child, input))
}

/// Passes calls on until the worker ends, or is told to.
async fn attend(service: &Service, mut child: Child, mut input: ChildStdin, stop: &CancellationToken) {
    loop {
        tokio::select! {
            ended = child.wait() => {
                tracing::error!(status = ?ended.ok(), "the worker ended unasked; it is started again");
                return;
            }
            () = service.wake.called() => {
                // A worker that is gone is noticed by its end, and one that does not hear looks by itself.
                let _ = tokio::time::timeout(CALL, input.write_all(b"\n")).await;
            }
            () = stop.cancelled() => break,
        }
    }
    drop(input);
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        tracing::warn!("the worker did not stop in time and is ended; its jobs are taken up after their leases");
    }
}
