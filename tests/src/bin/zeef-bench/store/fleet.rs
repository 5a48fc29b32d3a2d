//! The devices of a measured store: made up by their numbers, so that a store that was kept is known again.

use zeef_collector::store::records::{Enrolment, IncomingReport};
use zeef_proto::field::{DeviceName, MacAddress, Parse, PrivateIp, Username};
use zeef_proto::wire::{self, Platform, Report};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

/// Devices of one organisation.
pub(super) const IN_ORGANISATION: u32 = 250;

/// Of so many reports one says that a field changed; the others are signs of life.
const ONE_CHANGES_IN: u64 = 10;

/// Numbers that look random and are the same each time (splitmix64, by Sebastiano Vigna).
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound)).expect("it is below a number of 32 bits")
    }
}

fn id(kind: u64, number: u32) -> [u8; 16] {
    let mut numbers = Numbers(kind << 32 | u64::from(number));
    let (high, low) = (numbers.next(), numbers.next());
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

/// The organisation of that number.
pub(super) fn organisation(number: u32) -> OrganisationId {
    OrganisationId::from_random(id(1, number))
}

/// How many organisations so many devices have.
pub(super) const fn organisations(devices: u32) -> u32 {
    devices.div_ceil(IN_ORGANISATION)
}

/// What is known of the secret of an organisation's token.
pub(super) fn secret_hash(organisation: u32) -> [u8; 32] {
    let half = id(2, organisation);
    [half, half].concat().try_into().expect("two halves")
}

/// A device's organisation and id.
fn ids(device: u32) -> (OrganisationId, DeviceId) {
    (
        organisation(device / IN_ORGANISATION),
        DeviceId::from_random(id(3, device)),
    )
}

/// A device asks to be enrolled.
pub(super) fn enrolment(device: u32, now: UnixTime) -> Enrolment {
    let half = id(4, device);
    Enrolment {
        secret_hash: secret_hash(device / IN_ORGANISATION),
        key_hash: [half, half].concat().try_into().expect("two halves"),
        device: ids(device).1,
        platform: Platform::Windows,
        agent: "0.1.0".parse().expect("a version"),
        now,
    }
}

/// A device's first report: all its fields.
pub(super) fn first(device: u32, now: UnixTime) -> IncomingReport {
    let [a, b, c, d] = device.to_be_bytes();
    let report = Report {
        device_name: Some(DeviceName::parse(&format!("lap-{device}")).expect("a name")),
        usernames: Some(vec![Username::parse(&format!("user{device}")).expect("a name")]),
        private_ips: Some(vec![address(device, 0)]),
        mac_addresses: Some(vec![
            MacAddress::from_bytes([0, 0x1a, a, b, c, d]).expect("an address"),
        ]),
        ..sign_of_life(1)
    };
    incoming(device, report, now)
}

/// A later report, the `at`-th of its run, with a number above all before.
pub(super) fn later(device: u32, at: u64, sequence: u64, now: UnixTime) -> IncomingReport {
    let mut report = sign_of_life(sequence);
    if at.is_multiple_of(ONE_CHANGES_IN) {
        report.private_ips = Some(vec![address(device, sequence)]);
    }
    incoming(device, report, now)
}

fn incoming(device: u32, report: Report, now: UnixTime) -> IncomingReport {
    let (organisation, id) = ids(device);
    let [.., high, low] = (device / IN_ORGANISATION).to_be_bytes();
    let public_ip = Parse::parse(&format!("81.{high}.{low}.9")).expect("a public address");
    IncomingReport {
        organisation,
        device: id,
        body: report.to_bytes().into(),
        report,
        public_ip: Some(public_ip),
        now,
    }
}

fn sign_of_life(sequence: u64) -> Report {
    Report {
        wire: wire::VERSION,
        sequence,
        policy: 1,
        agent: "0.1.0".parse().expect("a version"),
        device_name: None,
        usernames: None,
        private_ips: None,
        mac_addresses: None,
    }
}

fn address(device: u32, variation: u64) -> PrivateIp {
    let [.., high, low] = device.to_be_bytes();
    PrivateIp::parse(&format!("10.{high}.{low}.{}", variation % 250 + 1)).expect("an address")
}
