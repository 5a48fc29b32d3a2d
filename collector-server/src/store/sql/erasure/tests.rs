//! An erasure that is cut off at any step, and one beside another process.

use std::path::Path;
use std::sync::Arc;
use zeef_proto::field::{Field, Parse, Username};
use zeef_proto::id::ReceiptId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::{administration, device};
use super::*;
use crate::seal::{KeyEncryptionKey, Place};
use crate::store::records::Standing;
use crate::store::sql::driver::{Connection, params};

const ORGANISATION: OrganisationId = OrganisationId::from_bytes([1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);
const NOW: UnixTime = UnixTime(1_767_603_600);

/// The writer of one of the processes that share an installation.
fn process(directory: &Path) -> Writing {
    let wrapping = Arc::new(KeyEncryptionKey::from_bytes(&[7; 32]));
    let file = |name: &str| super::super::place::Place::File(directory.join(name));
    Writing::open(&file("zeef.db"), &file("keys.db"), wrapping).unwrap()
}

fn person(name: &str) -> Subject {
    Subject::Person(Username::parse(name).unwrap())
}

/// A device with a name and two users.
fn filled(directory: &Path) -> Writing {
    let mut writing = process(directory);
    writing.begin().unwrap();
    administration::add_organisation(&mut writing, ORGANISATION, "Bakkerij Jansen", NOW).unwrap();
    writing.keys.create_data_key(ORGANISATION, DEVICE).unwrap();
    writing
        .db
        .execute(
            "INSERT INTO device (organisation, device, platform, agent, enrolled_at, token, key_hash)
             VALUES (?1, ?2, 0, '0.1.0', 0, ?2, ?2)",
            params![ORGANISATION.as_bytes(), DEVICE.as_bytes()],
        )
        .unwrap();
    for (field, value) in [
        (Field::DeviceName, "lap-17"),
        (Field::Username, "j.jansen"),
        (Field::Username, "p.bakker"),
    ] {
        insert(&mut writing, field, value);
    }
    writing.commit().unwrap();
    writing
}

fn insert(writing: &mut Writing, field: Field, value: &str) {
    let key = writing.data_key(ORGANISATION, DEVICE).unwrap();
    let blind = writing
        .organisation(ORGANISATION)
        .unwrap()
        .blind
        .value(field, value);
    writing
        .db
        .execute(
            "INSERT INTO observation VALUES (?1, ?2, ?3, ?4, 'native', '', ?5, 0, 9223372036854775807)",
            params![
                ORGANISATION.as_bytes(),
                DEVICE.as_bytes(),
                field.name(),
                blind,
                key.seal(&place(field), value)
            ],
        )
        .unwrap();
}

const fn place(field: Field) -> Place {
    Place {
        organisation: ORGANISATION,
        device: DEVICE,
        field,
    }
}

/// All that is held, opened.
fn held(writing: &Writing) -> Vec<String> {
    let key = data_key(&writing.db, &writing.keys, ORGANISATION, DEVICE).unwrap();
    let mut statement = writing
        .db
        .prepare_cached("SELECT field, sealed FROM observation")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((columns::field(row)?, row.get::<_, Vec<u8>>(1)?)))
        .unwrap();
    let mut values: Vec<String> = rows
        .map(|row| {
            let (field, sealed) = row.unwrap();
            key.as_ref().unwrap().open(&place(field), &sealed).unwrap()
        })
        .collect();
    values.sort();
    values
}

fn erase_now(writing: &mut Writing, subject: &Subject) -> Erased {
    let receipt = ReceiptId::from_random(crate::random::bytes());
    erase(
        writing,
        ORGANISATION,
        subject,
        receipt,
        (Actor::Administrator, NOW),
    )
    .unwrap()
}

fn count(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Erases, and gives the files as a process leaves them that is killed after each step.
fn killed_at_each_step(subject: &Subject) -> Vec<(&'static str, tempfile::TempDir)> {
    let directory = tempfile::tempdir().unwrap();
    let mut copies = Vec::new();
    let mut killed = |step| {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        copies.push((step, copy));
    };
    let mut service = filled(directory.path());
    service.begin().unwrap();
    erase_now(&mut service, subject);
    let generation = service.keys.commit().unwrap();
    killed("new keys are durable");
    service.keep_step(generation).unwrap();
    service.db.execute_batch("COMMIT").unwrap();
    killed("deleted and marked");
    let due = service.due().unwrap();
    let generation = service.tell_key_store(&due).unwrap();
    killed("former keys destroyed and logged");
    service.forget(&due, generation).unwrap();
    killed("marks forgotten");
    copies
}

fn restarted(copy: &Path) -> Writing {
    let mut again = process(copy);
    again.catch_up().unwrap();
    again.finish_begun().unwrap();
    assert_eq!(count(&again.db, "SELECT count(*) FROM key_to_rotate"), 0);
    assert_eq!(count(&again.db, "SELECT count(*) FROM key_store_note"), 0);
    again
}

#[test]
fn a_username_is_erased_whole_or_not_at_all_at_whatever_step_the_process_is_killed() {
    let copies = killed_at_each_step(&person("j.jansen"));
    assert_eq!(copies.len(), 4);
    for (at, (step, copy)) in copies.iter().enumerate() {
        let mut again = restarted(copy.path());
        if at == 0 {
            assert_eq!(held(&again), ["j.jansen", "lap-17", "p.bakker"], "{step}");
            again.begin().unwrap();
            erase_now(&mut again, &person("j.jansen"));
            again.commit().unwrap();
            again.finish_begun().unwrap();
        } else {
            let keys = again.keys.connection();
            assert_eq!(count(keys, "SELECT count(*) FROM next_device_key"), 0, "{step}");
        }
        assert_eq!(held(&again), ["lap-17", "p.bakker"], "{step}");
        assert_eq!(
            count(again.keys.connection(), "SELECT count(*) FROM erased"),
            1,
            "{step}"
        );
        assert_eq!(count(&again.db, "SELECT count(*) FROM erased"), 1, "{step}");
    }
}

#[test]
fn an_organisation_is_erased_whole_or_not_at_all_at_whatever_step_the_process_is_killed() {
    for (at, (step, copy)) in killed_at_each_step(&Subject::Organisation).iter().enumerate() {
        let mut again = restarted(copy.path());
        let keys = ["device_key", "organisation_key"]
            .map(|table| count(again.keys.connection(), &format!("SELECT count(*) FROM {table}")));
        if at == 0 {
            assert_eq!((held(&again).len(), keys), (3, [1, 1]), "{step}");
        } else {
            assert_eq!(
                (count(&again.db, "SELECT count(*) FROM observation"), keys),
                (0, [0, 0]),
                "{step}"
            );
            let standing = device::absent(&mut again, ORGANISATION, DEVICE).unwrap();
            assert_eq!(standing, Standing::Gone, "{step}");
        }
    }
}

#[test]
fn what_another_process_seals_before_the_former_key_is_destroyed_opens_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let mut service = filled(directory.path());
    let mut command = process(directory.path());
    assert_eq!(held(&service).len(), 3);
    command.begin().unwrap();
    erase_now(&mut command, &person("j.jansen"));
    command.commit().unwrap();
    // The command has not destroyed the former key yet.
    service.begin().unwrap();
    insert(&mut service, Field::PrivateIp, "10.0.3.17");
    service.commit().unwrap();
    command.finish_begun().unwrap();
    assert_eq!(held(&service), ["10.0.3.17", "lap-17", "p.bakker"]);
}

#[test]
fn a_second_erasure_before_the_first_has_destroyed_its_key_destroys_both() {
    let directory = tempfile::tempdir().unwrap();
    let mut service = filled(directory.path());
    let mut command = process(directory.path());
    command.begin().unwrap();
    let first = erase_now(&mut command, &person("j.jansen"));
    command.commit().unwrap();
    let seen = command.due().unwrap();
    service.begin().unwrap();
    let second = erase_now(&mut service, &person("p.bakker"));
    service.commit().unwrap();
    // The command goes by what it saw before the second one.
    let generation = command.tell_key_store(&seen).unwrap();
    assert_eq!(held(&service), ["lap-17"]);
    command.forget(&seen, generation).unwrap();
    service.finish_begun().unwrap();
    assert_eq!(held(&service), ["lap-17"]);
    assert_eq!(
        count(service.keys.connection(), "SELECT count(*) FROM next_device_key"),
        0
    );
    assert_ne!(first.facts.keys, second.facts.keys);
    let now = service.keys.key_id(ORGANISATION, DEVICE, None).unwrap().unwrap();
    assert!(!first.facts.keys.contains(&now) && !second.facts.keys.contains(&now));
}

#[test]
fn a_key_that_waits_is_wrapped_anew_with_all_others() {
    let directory = tempfile::tempdir().unwrap();
    let mut service = filled(directory.path());
    service.begin().unwrap();
    erase_now(&mut service, &person("j.jansen"));
    service.commit().unwrap();
    let new = KeyEncryptionKey::from_bytes(&[8; 32]);
    service.keys.rewrap(new, &mut |_, _| {}).unwrap();
    assert_eq!(held(&service), ["lap-17", "p.bakker"]);
    service.finish_begun().unwrap();
    assert_eq!(held(&service), ["lap-17", "p.bakker"]);
}

#[test]
fn a_key_store_that_is_an_earlier_copy_does_not_bring_a_destroyed_key_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let service = filled(path);
    drop(service);
    let former = path.join("former");
    std::fs::copy(path.join("keys.db"), &former).unwrap();
    let mut service = process(path);
    service.begin().unwrap();
    let erased = erase_now(&mut service, &person("j.jansen")).facts;
    service.commit().unwrap();
    service.finish_begun().unwrap();
    drop(service);
    std::fs::copy(&former, path.join("keys.db")).unwrap();
    let mut again = process(path);
    assert_eq!(again.catch_up().unwrap_err(), StoreError::OlderKeyStore);
    assert_eq!(again.accept_older_keys().unwrap().devices, 1);
    let key = again.keys.key_id(ORGANISATION, DEVICE, None).unwrap().unwrap();
    assert!(!erased.keys.contains(&key));
    assert!(held(&again).is_empty());
    assert_eq!(count(again.keys.connection(), "SELECT count(*) FROM erased"), 1);
}
