//! `my-data`: what the collector holds of this device.

use zeef_agent::policy::REFERENCE;
use zeef_proto::field::Field;
use zeef_proto::policy::Policy;
use zeef_proto::wire::{HeldByProtocol, HeldReason, HeldUnder, HeldValue, LooksCounted, MyData, ProblemCode};
use zeef_proto::{DeviceId, UnixTime};

use crate::commands::Site;

/// What is held of the device.
pub(crate) fn held(now: UnixTime) -> MyData {
    let policy = Policy::parse(REFERENCE).unwrap();
    let (product, row) = policy.row("rmm-device").unwrap();
    MyData {
        at: now,
        device: DeviceId::from_random([2; 16]),
        organisation: "Bakkerij Jansen".to_owned(),
        known_since: now,
        policy: Some(HeldUnder {
            title: policy.title.clone(),
            version: policy.version,
            controller: policy.controller.name.clone(),
            email: policy.controller.email.clone(),
            phone: policy.controller.phone.clone(),
            complaints: policy.controller.complaints.clone(),
        }),
        values: vec![HeldValue {
            field: Field::Username,
            value: "j.jansen".to_owned(),
            source: None,
            since: now,
            until: None,
            reasons: vec![HeldReason {
                product: product.id.clone(),
                product_name: product.name.clone(),
                purpose: row.purpose.clone(),
                grounds: row.grounds.iter().copied().collect(),
                responsible: row.responsible.iter().copied().collect(),
                term: row.term,
                recipients: vec!["Datto".to_owned()],
            }],
        }],
        protocol: HeldByProtocol::default(),
        protocol_reasons: Vec::new(),
        looks: LooksCounted {
            since: now,
            of_device: 3,
            last_of_device: Some(now),
            of_lists: 12,
            by_device: 0,
        },
    }
}

#[test]
fn my_data_shows_what_is_held_of_this_device_why_until_when_and_how_often_people_looked() {
    let site = Site::new();
    let output = site.run(&["my-data"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(site.enroll().status.success());
    let output = site.run(&["my-data"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    for said in [
        "Bakkerij Jansen",
        "j.jansen",
        "this agent",
        "the service ends",
        "contract",
        "customer, provider",
        "Datto",
        "opened 3 times",
        "12 times",
        "info@vokus-ict.nl",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let output = site.run(&["my-data", "--json"]);
    let read: MyData = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read.values[0].value, "j.jansen");
    site.refuse(ProblemCode::Revoked);
    assert_eq!(site.run(&["my-data"]).status.code(), Some(4));
}
