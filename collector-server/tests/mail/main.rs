//! Mail to a server that is one: aiosmtpd, run for real.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use zeef_collector::config::{Mail, MailAccount, MailTls};
use zeef_collector::mail::{MailError, Message, Notice, Sender};
use zeef_collector::web::Language;
use zeef_proto::UnixTime;
use zeef_tests::process::Process;
use zeef_tests::secrets::Secrets;
use zeef_tests::wait;

const NOW: UnixTime = UnixTime(1_785_924_000);
const PASSWORD: &str = "brievenbus op de hoek";

/// A server with a certificate of an authority of its own.
struct Server {
    process: Option<Process>,
    directory: tempfile::TempDir,
    mode: &'static str,
    port: u16,
}

impl Server {
    fn start(mode: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| directory.path().join(name);
        write_certificates(directory.path());
        std::fs::write(file("password"), format!("{PASSWORD}\n")).unwrap();
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut command = Command::new(tests.join("target/tools/python/tests/mail/bin/python"));
        command
            .arg(tests.join("tests/mail/server.py"))
            .arg(mode)
            .args([file("server.pem"), file("server.key"), file("taken")])
            .env("MAIL_PASSWORD", PASSWORD)
            .stdin(Stdio::piped());
        let process = Process::start(command, "aiosmtpd", Secrets::default());
        // What it says of a client that does not believe its certificate.
        process.allow_error("ssl.SSLError");
        let port = wait::until("the mail server's port", || {
            process.stdout().strip_suffix('\n')?.parse().ok()
        });
        Self {
            process: Some(process),
            directory,
            mode,
            port,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn config(&self) -> Mail {
        Mail {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: match self.mode {
                "implicit" => MailTls::Implicit,
                _ => MailTls::StartTls,
            },
            account: Some(MailAccount {
                user: "zeef".to_owned(),
                password_file: self.file("password"),
            }),
            from: "Zeef <zeef@example.org>".parse().unwrap(),
            certificate_authority: Some(self.file("ca.pem")),
            attempts: 1,
            retry_after: Duration::from_millis(50),
        }
    }

    /// The messages that it took.
    fn taken(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("taken")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn write_certificates(directory: &Path) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = ca.self_signed(&ca_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    for (name, text) in [
        ("ca.pem", authority.pem()),
        ("server.pem", server.pem()),
        ("server.key", key.serialize_pem()),
    ] {
        std::fs::write(directory.join(name), text).unwrap();
    }
}

fn message(to: &str) -> Message {
    let notice = Notice::Delivered {
        reference: "2026-0042",
        link: "https://zeef.example.org/deliveries/abc",
        until: "12 aug 2026",
    };
    notice.write(Language::Dutch, to.parse().unwrap(), "Voorbeeld BV")
}

async fn send(config: &Mail, to: &str) -> Result<(), MailError> {
    Sender::new(Some(config)).unwrap().send(message(to), NOW).await
}

#[tokio::test]
async fn a_message_goes_over_tls_with_the_account_however_tls_begins() {
    for mode in ["starttls", "implicit"] {
        let server = Server::start(mode);
        assert_eq!(send(&server.config(), "anna@example.com").await, Ok(()), "{mode}");
        let taken = server.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0]["tls"], true);
        assert_eq!(taken[0]["from"], "zeef@example.org");
        assert_eq!(taken[0]["to"][0], "anna@example.com");
        let content = taken[0]["content"].as_str().unwrap();
        assert!(
            content.contains("Subject: Verzoek 2026-0042: uw gegevens staan klaar"),
            "{content}"
        );
        assert!(content.contains("https://zeef.example.org/deliveries/abc"));
    }
}

#[tokio::test]
async fn a_server_without_tls_or_with_another_certificate_is_told_nothing() {
    let plain = Server::start("plain");
    assert_eq!(
        send(&plain.config(), "anna@example.com").await,
        Err(MailError::Tls)
    );
    assert!(plain.taken().is_empty());
    for mode in ["starttls", "implicit"] {
        let (server, other) = (Server::start(mode), tempfile::tempdir().unwrap());
        write_certificates(other.path());
        let stranger = Mail {
            certificate_authority: Some(other.path().join("ca.pem")),
            ..server.config()
        };
        let unknown = Mail {
            certificate_authority: None,
            ..server.config()
        };
        let misnamed = Mail {
            host: "localhost".to_owned(),
            ..server.config()
        };
        for config in [stranger, unknown, misnamed] {
            assert_eq!(
                send(&config, "anna@example.com").await,
                Err(MailError::Tls),
                "{mode}"
            );
        }
        assert!(server.taken().is_empty());
    }
}

#[tokio::test]
async fn what_the_server_refuses_is_told_apart() {
    let server = Server::start("starttls");
    let wrong = server.file("wrong");
    std::fs::write(&wrong, "wrong").unwrap();
    let account = Some(MailAccount {
        user: "zeef".to_owned(),
        password_file: wrong,
    });
    let config = Mail {
        account,
        ..server.config()
    };
    assert_eq!(send(&config, "anna@example.com").await, Err(MailError::Account));
    let without = Mail {
        account: None,
        ..server.config()
    };
    assert_eq!(send(&without, "anna@example.com").await, Err(MailError::Account));
    assert_eq!(
        send(&server.config(), "nobody@example.com").await,
        Err(MailError::Refused)
    );
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_server_that_says_later_gets_the_message_later() {
    let server = Server::start("busy");
    assert_eq!(
        send(&server.config(), "anna@example.com").await,
        Err(MailError::Later)
    );
    let server = Server::start("busy");
    let patient = Mail {
        attempts: 2,
        ..server.config()
    };
    assert_eq!(send(&patient, "anna@example.com").await, Ok(()));
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_and_none_at_all_are_told_apart() {
    let mut server = Server::start("starttls");
    let config = Mail {
        attempts: 2,
        ..server.config()
    };
    server.stop();
    assert_eq!(
        send(&config, "anna@example.com").await,
        Err(MailError::Unreachable)
    );
    let none = Sender::new(None).unwrap();
    assert!(!none.is_set());
    assert_eq!(
        none.send(message("anna@example.com"), NOW).await,
        Err(MailError::Unset)
    );
    let missing = Mail {
        certificate_authority: Some(PathBuf::from("/nonexistent/ca.pem")),
        ..config
    };
    assert_eq!(Sender::new(Some(&missing)).err(), Some(MailError::Files));
}
