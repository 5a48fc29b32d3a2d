//! The commands on the binary itself.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use zeef_agent::policy::HeldPolicy;
use zeef_agent::state::{Der, Identity, Place, Records, SecretKey, StateDirectory};
use zeef_proto::policy::PolicySigningKey;
use zeef_proto::wire::{EnrolmentToken, RenewalReply};
use zeef_proto::{DeviceId, OrganisationId};

use crate::builders::{NOW, SOURCE, policy_text};

const RECORD: &str = r#"{"host": "lap-17", "mac": "00-1A-2B-3C-4D-5E", "id": "42"}"#;

/// A folder with the source's definition, and the state of a device that obeys a policy.
struct Bench(tempfile::TempDir);

struct Ended {
    code: i32,
    out: String,
    said: String,
}

impl Bench {
    fn new(treatments: &str) -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        std::fs::write(bench.path("source.toml"), SOURCE).unwrap();
        let state = StateDirectory::to_write(&bench.path("state")).unwrap();
        enrolled(&policy_text(treatments))
            .write(&Records::default(), &state)
            .unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program in the folder, with a record on its standard input.
    fn run(&self, line: &str) -> Ended {
        let mut child = Command::new(env!("CARGO_BIN_EXE_zeef-agent"))
            .args(line.split(' '))
            .current_dir(self.0.path())
            .env_clear()
            .env("ZEEF_STATE_DIR", "state")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that stops before it reads closes the pipe.
        drop(child.stdin.take().unwrap().write_all(RECORD.as_bytes()));
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn new_key(&self) -> Value {
        let made = self.run("key new --scope organisation --out org.key --json");
        assert_eq!(made.code, 0, "{}", made.said);
        serde_json::from_str(&made.out).unwrap()
    }

    fn minimise(&self) -> Ended {
        self.run("minimise --source-file source.toml --key org.key")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path("org.key")).unwrap()
    }

    fn secrets(&self) -> Vec<String> {
        let text = self.text();
        let epochs = text.lines().filter(|line| line.starts_with("epoch "));
        epochs
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect()
    }

    fn mode(&self) -> u32 {
        let metadata = std::fs::metadata(self.path("org.key")).unwrap();
        metadata.permissions().mode() & 0o777
    }
}

fn enrolled(policy: &str) -> Records {
    let der = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let signing = PolicySigningKey::from_pkcs8(der.as_ref()).unwrap();
    Records {
        identity: Some(Identity {
            place: Place {
                url: "https://zeef.example:8443".parse().unwrap(),
                proxy: None,
                token: EnrolmentToken {
                    secret: [1; 32],
                    root_fingerprint: [2; 32],
                    policy_key: signing.public(),
                },
            },
            root: Der(vec![1]),
            organisation: OrganisationId::from_random([1; 16]),
            device: DeviceId::from_random([2; 16]),
            key: SecretKey::new(vec![1]),
            certificate: RenewalReply {
                chain: vec!["AA".into()],
                renew_after: NOW,
                not_after: NOW.plus(1),
            },
            enrolled_at: NOW,
            copies: 0,
            machine: None,
        }),
        policy: HeldPolicy {
            signed: Some(signing.sign(policy).unwrap()),
            products: vec!["rmm".parse().unwrap()],
        },
        ..Records::default()
    }
}

#[test]
fn a_new_key_is_its_owners_alone_and_no_command_prints_its_secret() {
    let bench = Bench::new("");
    let made = bench.new_key();
    assert_eq!(bench.mode(), 0o600);
    assert_eq!(made["scope"], "organisation");
    assert_eq!(made["epochs"].as_array().unwrap().len(), 1);
    let mut printed = made.to_string();
    for line in [
        "key show org.key",
        "key show org.key --json",
        "key rotate org.key",
        "key rotate org.key --json",
        "key show org.key",
    ] {
        let secrets = bench.secrets();
        let ended = bench.run(line);
        assert_eq!((ended.code, ended.said.as_str()), (0, ""), "{line}");
        printed.push_str(&ended.out);
        for secret in secrets.iter().chain(&bench.secrets()) {
            assert_eq!(secret.len(), 43);
            assert!(!printed.contains(secret), "{line} prints a secret");
        }
    }
    assert!(printed.contains(made["id"].as_str().unwrap()));
}

#[test]
fn a_rotation_keeps_exactly_the_epoch_before_and_leaves_nothing_beside_the_file() {
    let bench = Bench::new("");
    drop(bench.new_key());
    let first = bench.secrets();
    // What a rotation that was cut short has left does not stop the next.
    std::fs::write(bench.path("org.key.rotating"), "zeef-key").unwrap();
    assert_eq!(bench.run("key rotate org.key").code, 0);
    let second = bench.secrets();
    assert_eq!(second[1..], first);
    assert_eq!(bench.run("key rotate org.key").code, 0);
    let third = bench.secrets();
    assert_eq!(third.len(), 2);
    assert_eq!(third[1], second[0]);
    assert!(!bench.text().contains(&first[0]));
    assert_eq!(bench.mode(), 0o600);
    assert!(!bench.path("org.key.rotating").exists());
}

#[test]
fn a_key_is_never_written_over_by_a_new_one() {
    let bench = Bench::new("");
    drop(bench.new_key());
    let before = bench.text();
    let again = bench.run("key new --scope device --out org.key");
    assert_eq!((again.code, again.out.as_str()), (2, ""));
    assert!(again.said.contains("already"), "{}", again.said);
    assert_eq!(bench.text(), before);
}

#[test]
fn a_rotation_that_cannot_be_written_leaves_the_key_as_it_was() {
    let bench = Bench::new("");
    drop(bench.new_key());
    let before = bench.text();
    std::fs::create_dir(bench.path("org.key.rotating")).unwrap();
    let ended = bench.run("key rotate org.key");
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert_eq!(bench.text(), before);
}

#[test]
fn a_key_that_cannot_be_used_stops_before_the_first_byte_is_read() {
    let bench = Bench::new("");
    let stopped = |why: &str, wanted: &str| {
        for ended in [
            bench.minimise(),
            bench.run("key show org.key"),
            bench.run("key rotate org.key"),
        ] {
            assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{why}");
            assert_eq!(ended.said.lines().count(), 1, "{why}: {}", ended.said);
            assert!(ended.said.contains(wanted), "{why}: {}", ended.said);
        }
    };
    stopped("missing", "cannot be read");
    std::fs::create_dir(bench.path("org.key")).unwrap();
    std::fs::set_permissions(bench.path("org.key"), Permissions::from_mode(0o700)).unwrap();
    stopped("a folder", "cannot be read");
    std::fs::remove_dir(bench.path("org.key")).unwrap();

    drop(bench.new_key());
    let text = bench.text();
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(bench.path("org.key"), Permissions::from_mode(mode)).unwrap();
        stopped("too open", "open to other accounts");
    }
    std::fs::set_permissions(bench.path("org.key"), Permissions::from_mode(0o600)).unwrap();
    for damaged in [
        String::new(),
        text[..text.len() / 2].to_owned(),
        text.replace("organisation", "device"),
        text.replace("zeef-key 1", "zeef-key 2"),
        "\u{0}".repeat(5000),
    ] {
        std::fs::write(bench.path("org.key"), damaged).unwrap();
        stopped("damaged", "damaged");
    }
    std::fs::write(bench.path("org.key"), text).unwrap();
    assert_eq!(bench.minimise().code, 0);
}

#[test]
fn a_policy_that_wants_pseudonyms_is_followed_with_a_key_and_stops_without_one() {
    let bench = Bench::new(r#"mac_address = "pseudonymise""#);
    let without = bench.run("minimise --source-file source.toml");
    assert_eq!((without.code, without.out.as_str()), (2, ""));
    assert_eq!(without.said.lines().count(), 1, "{}", without.said);
    assert!(without.said.contains("mac_address of rmm"), "{}", without.said);

    let made = bench.new_key();
    let kid = made["epochs"][0]["kid"].as_str().unwrap();
    let with = bench.minimise();
    assert_eq!(with.code, 0, "{}", with.said);
    let record: Value = serde_json::from_str(&with.out).unwrap();
    let mac = record["mac_addresses"][0].as_str().unwrap();
    assert!(mac.starts_with(&format!("{kid}:")), "{mac}");
    assert_eq!(mac.len(), kid.len() + 1 + 22);
    // Shorter parts of it stand in many a token by chance.
    for part in ["1a:2b", "1a2b", "1a-2b"] {
        assert!(!with.out.to_lowercase().contains(part), "{}", with.out);
    }

    assert_eq!(bench.run("key rotate org.key").code, 0);
    let rotated: Value = serde_json::from_str(&bench.minimise().out).unwrap();
    assert_ne!(rotated["mac_addresses"], record["mac_addresses"]);
    let links = rotated["links"].as_array().unwrap();
    assert!(links.contains(&record["links"][0]) && links.len() == 2);
}

#[test]
fn an_administrator_may_use_another_accounts_key_and_not_take_it_over() {
    let bench = Bench::new("");
    drop(bench.new_key());
    let before = bench.text();
    // Only an administrator can give a file away.
    if std::os::unix::fs::chown(bench.path("org.key"), Some(54_321), None).is_ok() {
        assert_eq!(bench.minimise().code, 0);
        let ended = bench.run("key rotate org.key");
        assert_eq!((ended.code, ended.out.as_str()), (2, ""));
        assert!(ended.said.contains("another account"), "{}", ended.said);
    }
    assert_eq!(bench.text(), before);
}
