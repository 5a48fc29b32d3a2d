//! The binary itself, against a collector that keeps to the contract.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ring::signature::Ed25519KeyPair;
use zeef_agent::clock::SystemClock;
use zeef_agent::policy::REFERENCE;
use zeef_proto::policy::{PolicySigningKey, SignedPolicy};
use zeef_proto::wire::{
    EnrolmentReply, EnrolmentRequest, EnrolmentToken, ProblemCode, RecordBatch, RecordsReply, Report,
    ReportReply, path,
};
use zeef_proto::{Clock, DeviceId, OrganisationId};

use crate::authority::{Authority, Validity};
use crate::my_data;
use crate::server::{Answer, Request, Server};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A collector, a state directory, and a token that joins them.
pub(crate) struct Site {
    pub(crate) server: Server,
    token: String,
    refusing: Arc<Mutex<Option<ProblemCode>>>,
    refusing_records: Arc<Mutex<Option<ProblemCode>>>,
    pub(crate) directory: tempfile::TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let authority = Arc::new(Authority::new());
        let der = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
        let policy_key = PolicySigningKey::from_pkcs8(der.as_ref()).unwrap();
        let policy = policy_key.sign(REFERENCE).unwrap();
        let token = EnrolmentToken {
            secret: [7; 32],
            root_fingerprint: authority.fingerprint(),
            policy_key: policy_key.public(),
        };
        let identity = authority.server("localhost", Validity::Now);
        let refusing: Arc<Mutex<Option<ProblemCode>>> = Arc::default();
        let refusing_records: Arc<Mutex<Option<ProblemCode>>> = Arc::default();
        let (refused, refused_records) = (refusing.clone(), refusing_records.clone());
        let trusted = authority.clone();
        let server = Server::start(&authority, identity, move |request| {
            let of_records = refused_records
                .lock()
                .unwrap()
                .filter(|_| request.line.ends_with(path::RECORDS));
            match refused.lock().unwrap().or(of_records) {
                Some(code) => Answer::problem(code),
                None => answer(request, &trusted, &policy),
            }
        });
        Self {
            server,
            token: token.expose(),
            refusing,
            refusing_records,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    pub(crate) fn refuse(&self, code: ProblemCode) {
        *self.refusing.lock().unwrap() = Some(code);
    }

    pub(crate) fn refuse_records(&self, code: ProblemCode) {
        *self.refusing_records.lock().unwrap() = Some(code);
    }

    pub(crate) fn accept(&self) {
        *self.refusing.lock().unwrap() = None;
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zeef-agent"));
        command
            .args(arguments)
            .env_clear()
            .env("ZEEF_STATE_DIR", self.state())
            .env("ZEEF_ENROLL_TOKEN", &self.token)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn enroll(&self) -> Output {
        self.run(&["enroll", "--url", &self.server.url(), "--json"])
    }

    pub(crate) fn start(&self) -> Service {
        let child = self
            .command(&["run", "--interval", "5"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Service(child)
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.state())
            .map(|entries| {
                entries
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }
}

/// A collector that takes whatever keeps to the contract.
fn answer(request: &Request, authority: &Authority, policy: &SignedPolicy) -> Answer {
    let products = vec!["rmm".parse().unwrap()];
    let now = SystemClock.now();
    match request.line.as_str() {
        "POST /v1/enrolment" => {
            let message = EnrolmentRequest::read(&request.body).unwrap();
            Answer::json(&EnrolmentReply {
                organisation: OrganisationId::from_random([1; 16]),
                device: DeviceId::from_random([2; 16]),
                certificate: authority.device(&message.request, now),
                products,
                policy: policy.clone(),
            })
        }
        _ if !request.certified => Answer::problem(ProblemCode::CertificateRequired),
        "POST /v1/report" => Answer::json(&ReportReply {
            acknowledged: Report::read(&request.body).unwrap().sequence,
            send_all: false,
            policy: 1,
            products,
            time: now,
        }),
        "POST /v1/records" => {
            let batch = RecordBatch::read(&request.body).unwrap();
            Answer::json(&RecordsReply {
                acknowledged: batch.sequence,
                stored: u32::try_from(batch.records.len()).unwrap(),
                not_documented: 0,
                ambiguous: 0,
                policy: 1,
                products,
            })
        }
        "GET /v1/policy" => Answer::json(policy),
        "GET /v1/my-data" => Answer::json(&my_data::held(now)),
        "DELETE /v1/device" => Answer {
            status: 204,
            head: String::new(),
            body: Vec::new(),
        },
        _ => Answer::problem(ProblemCode::NotFound),
    }
}

/// A running agent; killed if a test ends before it does.
pub(crate) struct Service(Child);

impl Service {
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Its exit code and what it logged.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        use std::io::Read;
        let deadline = Instant::now() + PATIENCE;
        let status = poll(deadline, || self.0.try_wait().unwrap());
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (status.code(), log)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Asks again and again until there is an answer, for a process cannot be waited for in another way.
pub(crate) fn poll<T>(deadline: Instant, mut question: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = question() {
            return answer;
        }
        assert!(Instant::now() < deadline, "nothing came within the time");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

fn wait_for_request(site: &Site, line: &str) -> Request {
    poll(Instant::now() + PATIENCE, || {
        site.server
            .requests()
            .into_iter()
            .find(|request| request.line == line)
    })
}

/// Waits until the agent remembers, durably, that a report was acknowledged.
fn wait_for_acknowledgement(site: &Site) {
    poll(Instant::now() + PATIENCE, || {
        let sent: serde_json::Value = serde_json::from_slice(&site.run(&["sent", "--json"]).stdout).unwrap();
        (!sent["last"].is_null()).then_some(())
    });
}

pub(crate) fn error_of(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    text
}

fn report_line() -> String {
    format!("POST {}", path::REPORT)
}

#[test]
fn a_machine_enrols_reports_and_leaves() {
    let site = Site::new();
    let enrolled = site.enroll();
    assert_eq!(enrolled.status.code(), Some(0), "{enrolled:?}");
    let said: serde_json::Value = serde_json::from_slice(&enrolled.stdout).unwrap();
    assert_eq!(said["device"], DeviceId::from_random([2; 16]).to_string());

    let service = site.start();
    let request = wait_for_request(&site, &report_line());
    wait_for_acknowledgement(&site);
    let report = Report::read(&request.body).unwrap();
    assert_eq!(report.sequence, 1);
    assert!(report.device_name.is_some());

    let sent: serde_json::Value = serde_json::from_slice(&site.run(&["sent", "--json"]).stdout).unwrap();
    assert_eq!(sent["last"]["body"].as_str().unwrap().as_bytes(), request.body);
    let status: serde_json::Value = serde_json::from_slice(&site.run(&["status", "--json"]).stdout).unwrap();
    assert_eq!(status["enrolled"], true);
    assert_eq!(status["problem"], serde_json::Value::Null);

    let asked = Instant::now();
    service.signal("-TERM");
    assert_eq!(service.end().0, Some(0));
    assert!(asked.elapsed() < Duration::from_secs(1));

    assert_eq!(site.run(&["unenroll"]).status.code(), Some(0));
    assert_eq!(site.files(), ["lock"]);
    assert_eq!(site.server.requests().last().unwrap().line, "DELETE /v1/device");
    assert_eq!(site.run(&["status"]).status.code(), Some(3));
}

#[test]
fn preview_shows_before_enrolment_the_very_bytes_that_are_sent_afterwards() {
    let site = Site::new();
    let preview = site.run(&["preview", "--json"]);
    let preview: serde_json::Value = serde_json::from_slice(&preview.stdout).unwrap();
    assert_eq!(preview["enrolled"], false);
    assert!(site.files().is_empty(), "preview makes nothing");
    site.enroll();
    let _service = site.start();
    let request = wait_for_request(&site, &report_line());
    assert_eq!(preview["body"].as_str().unwrap().as_bytes(), request.body);
}

#[test]
fn enrolling_twice_changes_nothing_and_elsewhere_is_a_mistake() {
    let site = Site::new();
    site.enroll();
    let identity = std::fs::read(site.state().join("identity.json")).unwrap();
    assert_eq!(site.enroll().status.code(), Some(0));
    let elsewhere = site.run(&["enroll", "--url", "https://elsewhere.example"]);
    assert_eq!(elsewhere.status.code(), Some(2));
    assert!(error_of(&elsewhere).contains("unenroll"));
    assert_eq!(
        std::fs::read(site.state().join("identity.json")).unwrap(),
        identity
    );
}

#[test]
fn a_refused_token_leaves_nothing_behind() {
    let site = Site::new();
    site.refuse(ProblemCode::TokenRefused);
    let output = site.enroll();
    assert_eq!(output.status.code(), Some(4));
    assert!(error_of(&output).contains("token"));
    assert_eq!(site.files(), ["lock"]);
}

#[test]
fn a_server_that_the_token_does_not_name_leaves_nothing_behind() {
    let (site, other) = (Site::new(), Site::new());
    let output = site.run(&["enroll", "--url", &other.server.url()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error_of(&output).contains("not the collector that the token names"));
    assert!(other.server.requests().is_empty());
    assert_eq!(site.files(), ["lock"]);
}

#[test]
fn an_unreachable_collector_is_tried_again_with_the_same_key() {
    let site = Site::new();
    site.refuse(ProblemCode::Unavailable);
    let output = site.enroll();
    assert_eq!(output.status.code(), Some(5));
    assert!(error_of(&output).contains("keeps trying"));
    let key = |site: &Site| {
        let file = std::fs::read(site.state().join("enrolment.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&file).unwrap()["key"].clone()
    };
    let first = key(&site);
    site.enroll();
    assert_eq!(key(&site), first);
    site.accept();
    let _service = site.start();
    wait_for_request(&site, &report_line());
    let file = std::fs::read(site.state().join("identity.json")).unwrap();
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&file).unwrap()["key"],
        first
    );
}

#[test]
fn a_removed_device_wipes_its_state_and_stops() {
    let site = Site::new();
    site.enroll();
    site.refuse(ProblemCode::Gone);
    let (code, log) = site.start().end();
    assert_eq!(code, Some(4), "{log}");
    assert!(log.contains("removed"), "{log}");
    assert_eq!(site.files(), ["lock"]);
    assert_eq!(site.start().end().0, Some(3));
}

#[test]
fn a_revoked_device_keeps_its_state_and_says_so() {
    let site = Site::new();
    site.enroll();
    site.refuse(ProblemCode::Revoked);
    let service = site.start();
    poll(Instant::now() + PATIENCE, || {
        let status = site.run(&["status", "--json"]);
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        (status["refused"] == "revoked").then_some(())
    });
    service.signal("-INT");
    let (code, log) = service.end();
    assert_eq!(code, Some(0));
    assert!(log.contains("revoked"), "{log}");
    assert!(site.files().contains(&"identity.json".to_owned()));
}

#[test]
fn a_device_that_cannot_leave_stays_and_can_be_made_to_forget() {
    let site = Site::new();
    site.enroll();
    let before = site.files();
    site.refuse(ProblemCode::Unavailable);
    let output = site.run(&["unenroll"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(error_of(&output).contains("nothing was changed"));
    assert_eq!(site.files(), before);
    assert_eq!(site.run(&["unenroll", "--local-only"]).status.code(), Some(0));
    assert_eq!(site.files(), ["lock"]);
}

#[test]
fn a_second_agent_does_not_start_on_the_same_state() {
    let site = Site::new();
    site.enroll();
    let _service = site.start();
    wait_for_request(&site, &report_line());
    let second = site.run(&["run"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(error_of(&second).contains("another zeef-agent"));
}

#[test]
fn nothing_is_sent_while_the_state_cannot_be_written() {
    use std::io::{BufRead, BufReader};
    let site = Site::new();
    site.enroll();
    // Where the next state would be written stands something that cannot be written over, whoever asks.
    std::fs::create_dir(site.state().join("report.new")).unwrap();
    let mut service = site.start();
    let log = BufReader::new(service.0.stderr.take().unwrap());
    let told = log
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("nothing is sent until the state can be written"));
    assert!(told.is_some_and(|line| line.contains("report.json")));
    assert!(
        site.server
            .requests()
            .iter()
            .all(|request| request.line != report_line())
    );
}

#[test]
fn a_service_logs_json_lines_where_it_is_asked_to() {
    let site = Site::new();
    site.enroll();
    site.refuse(ProblemCode::Gone);
    let output = site.run(&["run", "--json"]);
    let log = String::from_utf8(output.stderr).unwrap();
    let first: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(first["fields"]["message"], "the agent runs");
}

#[test]
fn mistakes_on_the_command_line_are_one_line_and_change_nothing() {
    let site = Site::new();
    let url = site.server.url();
    for arguments in [
        &["prevew"][..],
        &["enroll", "--url", "http://zeef.example"],
        &["enroll", "--url", "zeef.example:8443"],
        &["enroll", "--url", &url, "--token", "zeef1.short"],
        &["enroll", "--url", &url, "--token-file", "/nonexistent/token"],
        &["enroll", "--url", &url, "--proxy", "socks5://proxy.example"],
        &["run", "--interval", "1"],
    ] {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        error_of(&output);
        assert!(output.stdout.is_empty());
    }
    assert!(site.files().is_empty());
    assert!(site.server.requests().is_empty());
}

#[test]
fn what_is_not_enrolled_says_so_with_its_own_exit_code() {
    let site = Site::new();
    for command in ["run", "sent", "status", "unenroll"] {
        let output = site.run(&[command]);
        assert_eq!(output.status.code(), Some(3), "{command}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("not enrolled"), "{error}");
    }
    assert_eq!(site.run(&["policy"]).status.code(), Some(0));
}

#[test]
fn the_log_holds_neither_the_token_nor_a_value() {
    let site = Site::new();
    site.enroll();
    let service = site.start();
    let request = wait_for_request(&site, &report_line());
    wait_for_acknowledgement(&site);
    service.signal("-TERM");
    let (_, log) = service.end();
    assert!(!log.contains("zeef1."));
    let report: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    for key in ["private_ips", "mac_addresses", "usernames"] {
        for value in report[key].as_array().unwrap() {
            assert!(!log.contains(value.as_str().unwrap()), "{log}");
        }
    }
}
