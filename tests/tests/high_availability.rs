//! What a larger installation stands on and behind: PostgreSQL, its failover, and a load balancer in front.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::net::TcpStream;

use zeef_tests::postgres::{Cluster, Server, psql, try_psql, versions};

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
    drop(psql(&connection, "create table kept (value int)"));
    for survived in 1..3 {
        let killed = cluster.wait_for_primary().address();
        drop(psql(
            &connection,
            &format!("insert into kept values ({survived})"),
        ));
        cluster.kill_primary();
        assert_ne!(cluster.wait_for_primary().address(), killed);
        assert_eq!(
            psql(&connection, "select count(*) from kept"),
            survived.to_string()
        );
        if survived == 1 {
            cluster.wait_for_standby();
        }
    }
    drop(psql(&connection, "insert into kept values (3)"));
}
