//! Metrics, liveness and readiness.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeef_proto::wire::path;

use crate::device::full;
use crate::harness::Harness;

pub(crate) async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_at_work_is_alive_and_ready_and_its_metrics_hold_no_value() {
    let harness = Harness::new().await;
    let operations = harness.collector.operations;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    assert_eq!(
        client
            .post(path::REPORT, &full(1).to_bytes())
            .await
            .unwrap()
            .status,
        200
    );
    assert_eq!(client.get("/v1/lap-17").await.unwrap().status, 404);
    assert!(get(operations, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(get(operations, "/readyz").await.starts_with("HTTP/1.1 200"));
    assert!(get(operations, "/nothing").await.starts_with("HTTP/1.1 404"));
    let metrics = get(operations, "/metrics").await;
    for line in [
        "zeef_reports_total{result=\"stored\"} 1",
        "zeef_enrolments_total 1",
        "zeef_certificates_total{kind=\"enrolment\"} 1",
        "zeef_refusals_total{code=\"not-found\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    for value in ["lap-17", "jansen", "10.0.3.17", "1a:2b", &device.id.to_string()] {
        assert!(!metrics.contains(value), "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_purge_is_no_readiness() {
    let harness = Harness::with(|config| config.purge_interval = Duration::from_secs(3_600)).await;
    let operations = harness.collector.operations;
    assert!(get(operations, "/readyz").await.starts_with("HTTP/1.1 200"));
    harness.clock.forward(4 * 3_600);
    let answer = get(operations, "/readyz").await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("purge"),
        "{answer}"
    );
    assert!(get(operations, "/healthz").await.starts_with("HTTP/1.1 200"));
}
