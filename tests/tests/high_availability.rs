//! What a larger installation stands on and behind: PostgreSQL, its failover, and a load balancer in front.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::net::TcpStream;
use std::ops::RangeInclusive;
use std::sync::Arc;

use zeef_tests::device::{Fields, RawDevice, proxy_header};
use zeef_tests::installation::Host;
use zeef_tests::postgres::{Cluster, Server, psql, try_psql, versions};
use zeef_tests::{FakeClock, HaProxy, Installation, Settings, wait};

#[test]
fn each_installed_postgresql_starts_for_a_test_and_is_gone_with_it() {
    let versions = versions();
    assert!(!versions.is_empty());
    for version in versions {
        let server = Server::start_with(version, &["fsync=off", "max_connections=7"]);
        let connection = server.connection();
        drop(psql(
            &connection,
            "create table kept (value text); insert into kept values ('a row')",
        ));
        assert_eq!(psql(&connection, "select value from kept"), "a row");
        assert_eq!(psql(&connection, "show max_connections"), "7");
        let number: u32 = psql(&connection, "show server_version_num").parse().unwrap();
        assert_eq!(number / 10_000, version);
        let host = format!("host={}", server.address().ip());
        let socket = format!("host={}", server.socket_directory().display());
        assert_eq!(
            psql(&connection.replace(&host, &socket), "select count(*) from kept"),
            "1"
        );
        drop(psql(&server.superuser_connection(), "checkpoint"));
        assert!(server.data().join("PG_VERSION").is_file());

        let (data, address) = (server.data(), server.address());
        drop(server);
        assert!(!data.exists());
        TcpStream::connect(address).expect_err("nobody listens");
    }
}

#[test]
fn a_new_server_knows_nothing_of_another_one() {
    let (one, other) = (Server::start(), Server::start());
    drop(psql(&one.connection(), "create table kept ()"));
    assert_ne!(try_psql(&other.connection(), "select from kept").code, Some(0));
}

#[test]
fn a_committed_row_is_on_the_new_primary_when_the_old_one_was_killed() {
    let mut cluster = Cluster::start(3);
    let connection = cluster.connection();
    drop(psql(
        &connection,
        "create table kept (value text); insert into kept values ('a row')",
    ));
    let killed = cluster.wait_for_primary().address();
    cluster.kill_primary();
    assert_ne!(cluster.wait_for_primary().address(), killed);
    assert_eq!(psql(&connection, "select value from kept"), "a row");

    cluster.wait_for_standby();
    drop(psql(&connection, "insert into kept values ('another')"));
}

fn behind_haproxy() -> Settings {
    Settings {
        proxies: vec![HaProxy::CONNECTS_FROM.to_owned()],
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_passes_mutual_tls_through_and_says_from_where_a_device_comes() {
    let collector = Installation::started_with(behind_haproxy(), Host::default());
    let token = collector.customer("Bakkerij Jansen", 1);
    let proxy = HaProxy::start(&[collector.address()]);

    let mut device = RawDevice::enrol(&proxy.contact(collector.contact()), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    let stored = collector.only_device();
    assert_eq!(stored.values("device_name"), ["name-1"]);
    assert!(
        stored.values("public_ip").is_empty(),
        "a loopback address is nobody's public one"
    );

    device.hang_up();
    device.dial = device
        .dial
        .from(proxy.before())
        .after(proxy_header("198.51.100.7:5000"));
    device.report(2, &Fields::default()).await;
    assert_eq!(collector.only_device().values("public_ip"), ["198.51.100.7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_on_through_the_collector_that_is_left_and_come_back_to_the_one_that_returns() {
    let mut collector = Installation::started_with(behind_haproxy(), Host::default());
    let (address, other) = collector.start_another();
    let token = collector.customer("Bakkerij Jansen", 1);
    let proxy = HaProxy::start(&[collector.address(), address]);
    wait::until("both collectors to be ready", || {
        (proxy.ready() == 2).then_some(())
    });
    let mut device = RawDevice::enrol(&proxy.contact(collector.contact()), &token).await;
    let mut report = async |numbers: RangeInclusive<u64>| {
        for number in numbers {
            device.hang_up();
            device.report(number, &Fields::numbered(number)).await;
        }
    };
    report(1..=4).await;

    drop(collector.kill());
    report(5..=8).await;
    wait::until("the dead one to be noticed", || {
        (proxy.ready() == 1).then_some(())
    });
    report(9..=10).await;

    collector.start();
    wait::until("the one that returns to be noticed", || {
        (proxy.ready() == 2).then_some(())
    });
    drop(other.kill());
    report(11..=14).await;
    assert_eq!(collector.only_device().values("device_name"), ["name-14"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_collector_is_ready_devices_reach_one_all_the_same() {
    let clock = Arc::new(FakeClock::new());
    let settings = Settings {
        purge_interval: "1s",
        ..behind_haproxy()
    };
    let collector = Installation::started_with(settings, Host::with_clock(&clock));
    let token = collector.customer("Bakkerij Jansen", 1);
    let proxy = HaProxy::start(&[collector.address()]);
    let mut device = RawDevice::enrol(&proxy.contact(collector.contact()), &token).await;

    // It does not believe its clock, and is not ready.
    collector.process().allow_error("clock");
    clock.set_days_ahead(8);
    wait::until("the collector not to be ready", || {
        (proxy.ready() == 0).then_some(())
    });
    device.hang_up();
    device.report(1, &Fields::numbered(1)).await;
}
