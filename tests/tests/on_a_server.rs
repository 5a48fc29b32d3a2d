//! A collector and the server of PostgreSQL that holds its databases: TLS between them, what is refused before anything
//! is served, and a server that is away for a while.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tokio::task::spawn_blocking;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::ProblemCode;
use zeef_tests::clock::now;
use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::installation::{Host, PASSWORD_FILE};
use zeef_tests::postgres::{DATABASE, Databases, Server, psql};
use zeef_tests::{Authority, Installation, Settings, wait};

const NAME_OF_SERVER: &str = "db.example.org";
const AWAY: &str = "the database server cannot be reached";

fn installed() -> Installation {
    Installation::new(Settings::default(), Host::default())
}

/// What the collector says instead of starting.
#[track_caller]
fn refusal(installation: &Installation) -> String {
    installation.run(&["serve"]).refused(1)
}

/// The databases of a server by another name than its address, known by an authority.
fn by_name(server: &Server, name: &str, authority: Option<PathBuf>) -> Databases {
    let address = server.address().ip();
    let named = |text: &str| {
        text.replace(
            &format!("host={address}"),
            &format!("host={name} hostaddr={address}"),
        )
    };
    let Databases {
        database, key_store, ..
    } = server.databases();
    Databases {
        database: named(&database),
        key_store: named(&key_store),
        authority,
    }
}

#[test]
fn a_server_is_used_by_tls_and_only_with_a_certificate_of_its_authority_for_its_name() {
    let mut collector = installed();
    let authority = Authority::of(&collector);
    let certificate = |from, until| authority.server(&[NAME_OF_SERVER], now().plus(from), now().plus(until));
    let root = Some(collector.file("authority/root.pem"));
    let server = Server::start_with_tls(&certificate(-HOUR, DAY));
    collector.move_to(by_name(&server, NAME_OF_SERVER, root.clone()));
    collector.start();
    let connections = "select count(*) > 0, bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) \
                       where application_name = 'zeef-collector'";
    assert_eq!(psql(&server.superuser_connection(), connections), "t|t");
    collector.stop();

    let stranger = installed();
    let strangers = Some(stranger.file("authority/root.pem"));
    let lapsed = Server::start_with_tls(&certificate(-DAY, -HOUR));
    let plain = Server::start();
    for (server, name, authority, said) in [
        (
            &server,
            NAME_OF_SERVER,
            strangers,
            "not by the named certificate authority",
        ),
        (&server, "other.example.org", root.clone(), "not for the name"),
        (&lapsed, NAME_OF_SERVER, root.clone(), "not valid now"),
        (&plain, NAME_OF_SERVER, root, "does not speak TLS"),
        (
            &server,
            NAME_OF_SERVER,
            Some(collector.file(PASSWORD_FILE)),
            "certificate authority holds none",
        ),
    ] {
        collector.configure_server(by_name(server, name, authority));
        let refused = refusal(&collector);
        assert!(refused.contains(said), "{said}: {refused}");
    }
    collector.configure_server(by_name(&server, NAME_OF_SERVER, None));
    let refused = collector.run(&["serve"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("another machine without TLS"),
        "{refused:?}"
    );
}

#[test]
fn a_collector_says_what_is_wrong_with_its_server_and_starts_once_it_is_mended() {
    let mut server = Server::start();
    let mut collector = installed();
    collector.configure_server(server.databases());
    let says = |collector: &Installation, said: &[&str]| {
        let refused = refusal(collector);
        assert!(said.iter().all(|said| refused.contains(said)), "{refused}");
    };
    says(&collector, &["holds no installation", "migrate --to postgres"]);
    collector.move_to(server.databases());

    let password = collector.file(PASSWORD_FILE);
    std::fs::write(&password, "not-the-password").unwrap();
    says(&collector, &["does not know this user or password"]);
    collector.configure_server(server.databases());
    let mode = |mode| std::fs::set_permissions(&password, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o644);
    says(&collector, &[PASSWORD_FILE, "others can read it", "chmod 600"]);
    mode(0o600);
    std::fs::remove_file(&password).unwrap();
    says(&collector, &[PASSWORD_FILE, "check that it is there"]);
    collector.configure_server(server.databases());

    let version = |change| {
        let statement = format!("update zeef_schema set version = version {change}");
        drop(psql(&server.connection(), &statement));
    };
    version("+ 1");
    says(&collector, &["install the newer collector again"]);
    version("- 1");

    let mut elsewhere = server.databases();
    let named = |name| format!("dbname={name}");
    elsewhere.database = elsewhere.database.replace(&named(DATABASE), &named("nowhere"));
    collector.configure_server(elsewhere);
    says(&collector, &["no database of this name"]);
    collector.configure_server(server.databases());

    server.kill();
    says(&collector, &[AWAY]);
    server.start_again();
    collector.start();
}

#[test]
fn a_key_store_of_another_installation_is_refused() {
    let (server, other) = (Server::start(), Server::start());
    let (mut collector, mut stranger) = (installed(), installed());
    collector.move_to(server.databases());
    stranger.move_to(other.databases());
    collector.configure_server(Databases {
        key_store: other.databases().key_store,
        ..server.databases()
    });
    // Its keys are not even wrapped by the key that this one has.
    let refused = refusal(&collector);
    assert!(refused.contains("key-encryption key is not the one"), "{refused}");

    let key = "keys/key-encryption.key";
    std::fs::copy(stranger.file(key), collector.file(key)).unwrap();
    let refused = refusal(&collector);
    assert!(
        refused.contains("key store does not belong to this database"),
        "{refused}"
    );
}

/// A collector that was moved to a server, and a device that has reported once.
async fn on(server: &Server) -> (Installation, RawDevice) {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    collector.stop();
    collector.move_to(server.databases());
    collector.start();
    device.report(1, &Fields::numbered(1)).await;
    (collector, device)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_its_server_is_away_agents_are_told_when_to_come_again_and_it_goes_on_by_itself() {
    let mut server = Server::start();
    let (mut collector, mut device) = on(&server).await;
    let browser = collector.signed_in("ada").await;

    collector.process().allow_error(AWAY);
    server.kill();
    for _ in 0..3 {
        let answer = device.send(Fields::numbered(2).report(2)).await.unwrap();
        assert_eq!((answer.status, answer.code()), (503, ProblemCode::Unavailable));
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    let ready = collector.operations("/readyz").await.unwrap();
    assert_eq!(
        (ready.status, ready.text().as_str()),
        (503, "not ready: the store fails; see the log\n")
    );
    assert_eq!(collector.operations("/healthz").await.unwrap().status, 200);
    assert_eq!(browser.open("/inventory").await.unwrap().status, 503);

    server.start_again();
    let is_ready = async { while collector.operations("/readyz").await.unwrap().status != 200 {} };
    tokio::time::timeout(wait::SOON, is_ready).await.unwrap();
    device.report(2, &Fields::numbered(2)).await;
    assert_eq!(collector.only_device().values("device_name"), ["name-2"]);
    assert!(browser.page("/inventory").await.contains("name-2"));

    server.kill();
    collector.stop();
}

/// Resolves once a commit waits for a standby.
async fn a_commit_waits(server: &Server) {
    let waits = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
    let superuser = server.superuser_connection();
    loop {
        let superuser = superuser.clone();
        let found = spawn_blocking(move || psql(&superuser, waits)).await.unwrap();
        if found != "0" {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_waits_for_a_standby_that_is_gone_does_not_keep_a_collector_from_stopping() {
    let server = Server::start();
    let (mut collector, mut device) = on(&server).await;
    let standby = |setting: &str| {
        let superuser = server.superuser_connection();
        drop(psql(&superuser, &format!("alter system {setting}")));
        drop(psql(&superuser, "select pg_reload_conf()"));
    };
    standby("set synchronous_standby_names = 'gone'");
    let mut number = 1;
    loop {
        number += 1;
        let report = Fields::numbered(number).report(number);
        tokio::select! {
            // The server takes a moment to heed its setting.
            answer = device.send(report) => assert_eq!(answer.unwrap().status, 200),
            () = a_commit_waits(&server) => break,
        }
    }
    collector.stop();

    standby("reset synchronous_standby_names");
    collector.start();
    device.report(number, &Fields::numbered(number)).await;
    assert_eq!(collector.only_device().state(), "reporting");
}
