pub async fn run(_: crate::service::Service, _: tokio_util::sync::CancellationToken) {}
