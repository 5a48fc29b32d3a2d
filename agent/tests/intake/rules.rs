//! Whose records pass, and what of them.

use std::sync::Arc;

use zeef_agent::intake::shown::Doing;
use zeef_agent::intake::{Intake, IntakeError};
use zeef_agent::pseudonym::{Key, KeyId, Scope, Secret, create};
use zeef_proto::field::Field;
use zeef_proto::policy::Treatment;
use zeef_proto::source::SourceName;
use zeef_proto::wire::{About, RecordBatch, SourceRecord};
use zeef_proto::{Clock, DeviceId};

use crate::bench::*;

const CLIENT: &str = "{\"mac\":\"00:1a:2b:3c:4d:5e\",\"is_wired\":false,\"hostname\":\"lap-1\",\"ip\":\"10.0.0.7\",\
                      \"user_id\":\"5f3a\",\"essid\":\"somewhere\"}\n";

fn of_site(bench: &Bench) {
    let folder = bench.folder().display().to_string();
    bench.configure(&format!(
        "[[folder]]\npath = '{folder}'\nsource = 'unifi'\nabout = 'site'\n"
    ));
}

async fn record(intake: &Intake) -> SourceRecord {
    let batch = front(intake).await;
    RecordBatch::read(&batch.body).unwrap().records.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_record_holds_what_its_product_documents_and_nothing_else() {
    let bench = Bench::new();
    of_site(&bench);
    bench.write("a.json", CLIENT);
    let intake = bench.start().await;
    let record = record(&intake).await;
    assert_eq!(
        (record.source, record.about),
        (SourceName::Unifi, About::SiteDevice)
    );
    assert_eq!(record.product.as_str(), "wifi");
    assert_eq!(
        record.fields().collect::<Vec<_>>(),
        [Field::DeviceName, Field::PrivateIp]
    );
    assert!(record.links.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_input_whose_product_this_device_does_not_have_is_not_read_until_it_has() {
    let bench = Bench::new();
    of_site(&bench);
    bench.write("a.json", CLIENT);
    let mut intake = bench.open();
    assert_eq!(once(&intake, |_| true).await.doing, Doing::NotDocumented);
    obey(&mut intake, 1, &["rmm"]).await;
    nothing_comes(&intake).await;
    assert_eq!(once(&intake, |_| true).await.doing, Doing::NotDocumented);
    obey(&mut intake, 1, &["rmm", "wifi"]).await;
    front(&intake).await;
    assert_eq!(once(&intake, |_| true).await.doing, Doing::Reading);
}

#[tokio::test(start_paused = true)]
async fn an_input_of_which_the_policy_documents_nothing_is_not_read() {
    let bench = Bench::new();
    of_site(&bench);
    bench.write("a.json", CLIENT);
    let mut intake = bench.open();
    let mut policy = policy();
    policy
        .products
        .iter_mut()
        .find(|product| product.id.as_str() == "wifi")
        .unwrap()
        .data
        .clear();
    let device = DeviceId::from_random([1; 16]);
    intake.obey(device, &policy, &products(&["wifi"])).await.unwrap();
    nothing_comes(&intake).await;
    assert_eq!(once(&intake, |_| true).await.doing, Doing::NotDocumented);
}

#[tokio::test(start_paused = true)]
async fn values_that_the_policy_wants_shortened_or_hashed_are_dropped_and_counted() {
    for treatment in [Treatment::Truncate, Treatment::Pseudonymise] {
        let bench = Bench::new();
        of_site(&bench);
        put_key(&bench, Scope::Organisation);
        bench.write("a.json", CLIENT);
        let mut intake = bench.open();
        let mut policy = policy();
        let wifi = policy
            .products
            .iter_mut()
            .find(|product| product.id.as_str() == "wifi")
            .unwrap();
        wifi.data[0].treatment.insert(Field::PrivateIp, treatment);
        let device = DeviceId::from_random([1; 16]);
        intake.obey(device, &policy, &products(&["wifi"])).await.unwrap();
        let record = record(&intake).await;
        assert_eq!(record.fields().collect::<Vec<_>>(), [Field::DeviceName]);
        assert_eq!(once(&intake, |_| true).await.untransportable, 1);
    }
}

fn put_key(bench: &Bench, scope: Scope) {
    let key = Key::new(KeyId::from([7; 6]), scope, Secret::random(), NOW);
    create(&bench.state().join("organisation.key"), &key).unwrap();
}

#[tokio::test(start_paused = true)]
async fn link_tokens_need_the_organisations_key_and_no_other_will_do() {
    for (scope, links) in [(Scope::Organisation, 1), (Scope::Device, 0)] {
        let bench = Bench::new();
        of_site(&bench);
        put_key(&bench, scope);
        bench.write("a.json", CLIENT);
        let intake = bench.start().await;
        let record = record(&intake).await;
        assert_eq!(record.links.len(), links);
        assert_eq!(intake.shown().links.is_some(), links == 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_was_added_is_read_and_its_name_stays_here() {
    let bench = Bench::new();
    let folder = bench.folder().display().to_string();
    bench.configure(&format!(
        "[[folder]]\npath = '{folder}'\nsource = 'house-list'\nabout = 'site'\n"
    ));
    std::fs::create_dir(bench.state().join("sources")).unwrap();
    let definition = "name = 'house-list'\nabout = ''\nproduct = 'rmm'\n[[shape]]\nname = 'row'\nformat = 'json'\n\
                      has = ['id']\n[shape.fields]\ndevice_name = ['host']\n";
    std::fs::write(bench.state().join("sources/house.toml"), definition).unwrap();
    bench.write("a.json", "{\"id\":1,\"host\":\"lap-1\"}\n");
    let intake = bench.start().await;
    let batch = front(&intake).await;
    assert!(!String::from_utf8_lossy(&batch.body).contains("house"));
    assert_eq!(record(&intake).await.source, SourceName::Added);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_became_another_reads_again_what_waited_and_uses_no_number_twice() {
    let bench = Bench::watching("");
    bench.write("a.json", line("lap-1"));
    let mut intake = bench.start().await;
    let before = front(&intake).await;
    obey(&mut intake, 2, &["rmm", "wifi"]).await;
    let after = front(&intake).await;
    assert_eq!(hosts_in(&after), ["lap-1"]);
    assert!(after.number > before.number);
    drop(intake);
    // Over a restart as well.
    let mut intake = bench.open();
    obey(&mut intake, 3, &["rmm", "wifi"]).await;
    let last = front(&intake).await;
    assert_eq!(hosts_in(&last), ["lap-1"]);
    assert!(last.number > after.number);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_became_another_while_its_spool_was_full_reads_all_of_its_inputs_again() {
    let bench = Bench::new();
    let mut text = "[spool]\nmost_mib = 1\n".to_owned();
    let mut expected = Vec::new();
    for folder in ["a", "b", "c"] {
        let path = bench.path(folder);
        std::fs::create_dir(&path).unwrap();
        text.push_str(&format!(
            "[[folder]]\npath = '{}'\nsource = 'osquery'\nabout = 'this-device'\n",
            path.display()
        ));
        // A small file first, of which nothing is in the way, and one that fills the spool.
        let names: Vec<String> = (0..8_000).map(|number| format!("{folder}-{number}")).collect();
        bench.write(&format!("{folder}/0"), line(&format!("{folder}-small")));
        bench.write(
            &format!("{folder}/1"),
            names.iter().map(|name| line(name)).collect::<String>(),
        );
        expected.extend(names);
        expected.push(format!("{folder}-small"));
    }
    bench.configure(&text);
    let mut intake = bench.start().await;
    any(&intake, |input| matches!(input.doing, Doing::WaitingForRoom(_))).await;
    obey(&mut intake, 2, &["rmm", "wifi"]).await;
    let mut seen = hosts(&intake, expected.len()).await;
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
    nothing_comes(&intake).await;
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_configured_any_more_what_waits_goes_and_is_read_again_when_it_is() {
    let bench = Bench::watching("");
    bench.write("a.json", line("lap-1"));
    let intake = bench.start().await;
    let before = front(&intake).await;
    drop(intake);
    let configuration = std::fs::read_to_string(bench.state().join("intake.toml")).unwrap();
    std::fs::remove_file(bench.state().join("intake.toml")).unwrap();
    let clock: Arc<dyn Clock> = bench.clock.clone();
    assert!(Intake::open(&bench.directory, &clock).unwrap().is_none());
    assert_eq!(zeef_agent::intake::spool::waiting(&bench.directory).unwrap(), 0);
    bench.configure(&configuration);
    let intake = bench.start().await;
    let after = front(&intake).await;
    assert_eq!(hosts_in(&after), ["lap-1"]);
    assert!(after.number > before.number);
}

#[tokio::test]
async fn a_mistake_stops_before_anything_is_made() {
    let bench = Bench::new();
    bench.configure("[[folder]]\npath = '/in'\n");
    let clock: Arc<dyn Clock> = bench.clock.clone();
    let error = Intake::open(&bench.directory, &clock).err().unwrap();
    assert!(matches!(error, IntakeError::Config(_)), "{error}");
    assert!(!bench.state().join("spool").exists());
}
