//! Records of other products, from the one who sends them to the commands that show them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use http::Method;
use zeef_proto::wire::{ProblemCode, RecordsReply, path};
use zeef_tests::Installation;
use zeef_tests::device::{Answer, Fields, RawDevice};

const PHONE: &str = "phone-of-the-baker";
const ADDRESS: &str = "10.87.65.43";
const TOKEN: &str = "1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg";

fn sight(sequence: u64) -> Vec<u8> {
    let record = format!(
        r#"{{"source":"unifi","product":"wifi","about":"site-device","device_name":"{PHONE}","private_ips":["{ADDRESS}"],"links":["{TOKEN}"]}}"#
    );
    format!(r#"{{"wire":1,"sequence":{sequence},"policy":1,"agent":"0.1.0","records":[{record}]}}"#)
        .into_bytes()
}

async fn tell(device: &mut RawDevice, body: Vec<u8>) -> Answer {
    device.ask(Method::POST, path::RECORDS, body).await.unwrap()
}

/// A collector whose log must hold nothing of the phone, and a device that tells of it.
async fn site() -> (Installation, RawDevice) {
    let collector = Installation::started();
    for secret in [PHONE, ADDRESS, TOKEN] {
        collector.secrets().add(secret);
    }
    collector.organisation_with("Bakkerij Jansen", &["antivirus", "wifi"]);
    let token = collector.token("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    (collector, device)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_tells_of_its_site_from_the_moment_that_an_administrator_allows_it() {
    let (collector, mut device) = site().await;
    let id = device.id.to_string();
    let refused = tell(&mut device, sight(1)).await;
    assert_eq!(refused.problem().code, ProblemCode::SiteNotAllowed);
    assert_eq!(collector.only_device().0["may_tell_of_others"], false);
    collector.site(&id, "--allow");
    let reply: RecordsReply = tell(&mut device, sight(1)).await.json();
    assert_eq!((reply.acknowledged, reply.stored), (1, 1));

    let devices = collector.devices();
    let phone = devices
        .iter()
        .find(|one| one.0["has_agent"] == false)
        .expect("a device without an agent");
    assert_eq!(phone.values("device_name"), [PHONE]);
    assert_eq!(phone.0["observations"][0]["source"], "unifi");
    assert_eq!(phone.0["observations"][0]["product"], "wifi");
    assert!(phone.0.get("certificate_until").is_none());
    let shown = collector.run(&["device", "show", phone.id()]).done();
    assert!(
        shown.contains(PHONE) && shown.contains("unifi") && shown.contains("last record"),
        "{shown}"
    );
    let list = collector.run(&["device", "list"]).done();
    assert!(
        list.contains("reporting, no agent") && list.contains("reporting, tells of others"),
        "{list}"
    );

    // Nothing of an agent can be asked of it; it ends like another.
    for command in [
        &["device", "revoke", phone.id()][..],
        &["device", "site", phone.id(), "--allow"],
    ] {
        let said = collector.run(command).refused(2);
        assert!(said.contains("no agent"), "{said}");
    }
    collector.end(phone.id());
    assert_eq!(collector.only_device().id(), id);
    collector.site(&id, "--deny");
    let refused = tell(&mut device, sight(2)).await;
    assert_eq!(refused.problem().code, ProblemCode::SiteNotAllowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_records_survive_a_kill_and_are_stored_once() {
    let (mut collector, mut device) = site().await;
    collector.site(&device.id.to_string(), "--allow");
    for number in 1..=20 {
        let reply: RecordsReply = tell(&mut device, sight(number)).await.json();
        assert_eq!(reply.acknowledged, number);
        if number % 5 == 0 {
            drop(collector.kill());
            collector.start();
            device.hang_up();
            let again: RecordsReply = tell(&mut device, sight(number)).await.json();
            assert_eq!((again.acknowledged, again.stored), (number, 0));
        }
        let phones = collector.devices().len() - 1;
        assert_eq!(phones, 1);
    }
}
