//! What is counted, for Prometheus: one recorder for the whole process.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// The counter of answers; `code` is the envelope's, and 1000 for what has none.
const REQUESTS: &str = "mouthpiece_http_requests_total";
const LATENCY: &str = "mouthpiece_http_request_seconds";
/// Of the latency, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Answers between two summaries of the histograms: they would grow while nobody reads them.
const TIDY: usize = 4096;

/// The process's recorder, which is installed at the first call; whoever installed another one before gets nothing of ours.
pub fn recorder() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = match PrometheusBuilder::new().set_buckets(&BUCKETS) {
            Ok(builder) => builder,
            Err(e) => {
                tracing::error!(error = %e, "latencies are counted without buckets");
                PrometheusBuilder::new()
            }
        };
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is installed: /metrics will lack what requests and jobs count");
        }
        describe_counter!(REQUESTS, "Answers by method, route, HTTP status and the envelope's code.");
        describe_histogram!(LATENCY, "Seconds until an answer begins, by method and route.");
        handle
    })
}

/// Counts an answer.
pub fn answered(method: &'static str, route: &str, status: u16, code: u16, took: Duration) {
    static ANSWERS: AtomicUsize = AtomicUsize::new(0);
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
        ("code", code.to_string()),
    ];
    counter!(REQUESTS, &labels).increment(1);
    histogram!(LATENCY, &labels[..2]).record(took.as_secs_f64());
    if ANSWERS.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
        recorder().run_upkeep();
    }
}

/// What `fill` sets, as Prometheus reads it: values of one service at one moment, apart from the process's counters.
pub fn snapshot(fill: impl FnOnce()) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, fill);
    recorder.handle().render()
}
