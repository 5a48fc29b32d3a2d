//! Starting and stopping.

use std::sync::Arc;

use zeef_collector::clock::SystemClock;
use zeef_collector::config::KeySource;
use zeef_collector::serve::Collector;
use zeef_proto::wire::path;

use crate::device::full;
use crate::harness::{Harness, install};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_progress_is_answered_and_an_idle_connection_closed() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut idle = device.connect(&harness).await.unwrap();
    assert_eq!(idle.get(path::POLICY).await.unwrap().status, 200);
    let mut busy = device.connect(&harness).await.unwrap();
    let body = full(1).to_bytes();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        path::REPORT,
        body.len()
    );
    busy.send(head.as_bytes()).await.unwrap();
    // The collector has begun with the request.
    assert_eq!(busy.response().await.unwrap().status, 100);
    let agents = harness.collector.agents;
    let stopping = tokio::spawn(harness.collector.stop());
    idle.closed().await;
    busy.send(&body).await.unwrap();
    assert_eq!(busy.response().await.unwrap().status, 200);
    busy.closed().await;
    stopping.await.unwrap();
    assert!(tokio::net::TcpStream::connect(agents).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_told_in_one_line_and_nothing_is_started() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = install(&directory.path().join("zeef"), |config| {
        config.agents.listen = address;
    })
    .await;
    let error = Collector::start(&config, Arc::new(SystemClock))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("in use") && error.contains(&address.to_string()),
        "{error}"
    );
    assert!(!error.contains('\n'), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_others_can_read_and_keys_of_others_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let config = install(&directory.path().join("zeef"), |_| {}).await;
    let KeySource::File(key) = &config.files.key_encryption_key else {
        panic!("init makes a key file");
    };
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Collector::start(&config, Arc::new(SystemClock))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("chmod 600"), "{error}");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(key, data_encoding::BASE64.encode(&[9; 32])).unwrap();
    let error = Collector::start(&config, Arc::new(SystemClock))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("key-encryption key"), "{error}");
}
