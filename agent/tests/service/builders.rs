//! A device, its policy, and what a collector answers.

use ring::signature::Ed25519KeyPair;
use zeef_agent::enrol::Enrolled;
use zeef_agent::minimise::Fields;
use zeef_agent::policy::{HeldPolicy, REFERENCE};
use zeef_agent::run::{Action, Machine};
use zeef_agent::state::{Der, Identity, MachineMark, Place, Records, SecretKey};
use zeef_agent::transport::ExchangeError;
use zeef_proto::field::{DeviceName, Parse};
use zeef_proto::policy::{PolicySigningKey, ProductId, SignedPolicy};
use zeef_proto::time::DAY;
use zeef_proto::wire::{EnrolmentReply, EnrolmentToken, ProblemCode, RenewalReply, Report, ReportReply};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime(1_800_000_000);
pub(crate) const INTERVAL: u32 = 60;
pub(crate) const HERE: &[u8] = b"0123456789abcdef0123456789abcdef";

pub(crate) fn signing_key() -> PolicySigningKey {
    // The same key for the whole of a test: from a fixed seed.
    let seed = [9; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let public = ring::signature::KeyPair::public_key(&pair).as_ref().to_vec();
    let head = [
        0x30, 0x51, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    let der = [&head[..], &seed, &[0x81, 0x21, 0x00], &public].concat();
    PolicySigningKey::from_pkcs8(&der).unwrap()
}

pub(crate) fn policy(version: u64) -> SignedPolicy {
    let text = REFERENCE.replacen("version = 1\n", &format!("version = {version}\n"), 1);
    signing_key().sign(&text).unwrap()
}

pub(crate) fn products(names: &[&str]) -> Vec<ProductId> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

pub(crate) fn place() -> Place {
    Place {
        url: "https://zeef.example:8443".parse().unwrap(),
        proxy: None,
        token: EnrolmentToken {
            secret: [1; 32],
            root_fingerprint: [2; 32],
            policy_key: signing_key().public(),
        },
    }
}

pub(crate) fn certificate(not_after: UnixTime) -> RenewalReply {
    RenewalReply {
        chain: vec!["AA".into()],
        renew_after: not_after.plus(-45 * DAY),
        not_after,
    }
}

pub(crate) fn enrolled_device() -> Records {
    Records {
        identity: Some(Identity {
            place: place(),
            root: Der(vec![1]),
            organisation: OrganisationId::from_random([1; 16]),
            device: DeviceId::from_random([2; 16]),
            key: SecretKey::new(vec![1]),
            certificate: certificate(NOW.plus(90 * DAY)),
            enrolled_at: NOW,
            copies: 0,
            machine: Some(MachineMark::new(HERE, [3; 32])),
        }),
        policy: HeldPolicy {
            signed: Some(policy(1)),
            products: products(&["rmm"]),
        },
        ..Records::default()
    }
}

pub(crate) fn machine(records: Records) -> Machine {
    Machine::new(records, INTERVAL, Some(HERE))
}

pub(crate) fn fields(name: &str) -> Fields {
    Fields {
        device_name: DeviceName::parse(name).ok(),
        usernames: Some(Vec::new()),
        ..Fields::default()
    }
}

/// A service that has looked at its machine and wants to send its first report.
pub(crate) fn about_to_report() -> (Machine, Action) {
    let mut machine = machine(enrolled_device());
    assert_eq!(machine.next(NOW), Action::Collect);
    machine.collected(fields("lap-17"), NOW);
    let report = machine.next(NOW);
    assert!(matches!(report, Action::Report(_)));
    (machine, report)
}

/// The next thing that is done over the network, or a wait; the machine is looked at on the way.
pub(crate) fn next_exchange(machine: &mut Machine, now: UnixTime) -> Action {
    match machine.next(now) {
        Action::Collect => {
            machine.collected(fields("lap-17"), now);
            machine.next(now)
        }
        action => action,
    }
}

pub(crate) fn sent(action: &Action) -> Report {
    match action {
        Action::Report(body) => Report::read(body.as_bytes()).unwrap(),
        other => panic!("not a report: {other:?}"),
    }
}

pub(crate) fn reply(sequence: u64) -> ReportReply {
    ReportReply {
        acknowledged: sequence,
        send_all: false,
        policy: 1,
        products: products(&["rmm"]),
        time: NOW,
    }
}

pub(crate) fn refused(code: ProblemCode) -> ExchangeError {
    ExchangeError::Refused {
        code,
        retry_after: None,
    }
}

pub(crate) fn enrolment_reply() -> Enrolled {
    Enrolled {
        root: Der(vec![1]),
        reply: EnrolmentReply {
            organisation: OrganisationId::from_random([1; 16]),
            device: DeviceId::from_random([7; 16]),
            certificate: certificate(NOW.plus(90 * DAY)),
            products: products(&["rmm"]),
            policy: policy(1),
        },
    }
}
