//! A process that is killed leaves its files as they are at that instant, which is what a copy of them at each step
//! is too. Whatever the step: the installation opens, nothing that was acknowledged is missing, nothing that was erased
//! is back, and the work can be done again.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use zeef_collector::backup::{self, BackupError, Progress, Step, Wanted};
use zeef_collector::installation::{key_encryption_key, rotate};
use zeef_collector::store::InventoryStore;
use zeef_collector::store::sql::SqlStore;
use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId};

use crate::backup::{
    Elsewhere, LIFE, Nobody, Watcher, files, files_in, key, names, save, save_keys, write_key,
};
use crate::fixture::{Installation, START, full};

/// Copies the files of a directory at each step, and in the midst of them.
struct Killed<'a> {
    directory: PathBuf,
    into: &'a Elsewhere,
    copies: RefCell<Vec<(String, PathBuf)>>,
}

impl<'a> Killed<'a> {
    fn at_every_step_in(directory: PathBuf, into: &'a Elsewhere) -> Self {
        Self {
            directory,
            into,
            copies: RefCell::default(),
        }
    }

    fn copy(&self, at: String) {
        let mut copies = self.copies.borrow_mut();
        let copy = self.into.file(&format!("killed-{}", copies.len()));
        std::fs::create_dir(&copy).unwrap();
        for entry in std::fs::read_dir(&self.directory).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
        }
        copies.push((at, copy));
    }

    /// The steps and the copies, of which there must be one for each of `steps`.
    fn copies(self, steps: &[Step]) -> Vec<(String, PathBuf)> {
        let copies = self.copies.into_inner();
        for step in steps {
            let name = format!("after {step:?}");
            assert!(copies.iter().any(|(at, _)| *at == name), "{name}");
        }
        copies
    }
}

impl Progress for Killed<'_> {
    fn reached(&mut self, step: Step) {
        self.copy(format!("after {step:?}"));
    }
    fn part(&mut self, done: u64, total: u64) {
        self.copy(format!("with {done} of {total} done"));
    }
}

async fn usernames(store: &SqlStore, organisation: OrganisationId, device: DeviceId) -> Option<Vec<String>> {
    let device = store.device(organisation, device, START).await.unwrap()?;
    Some(device.values(Field::Username).map(str::to_owned).collect())
}

fn open_again(directory: &Path, at: &str) -> SqlStore {
    let files = files_in(directory);
    let store = SqlStore::open(&files.database, &files.key_store, key())
        .unwrap_or_else(|error| panic!("{at}: {error}"));
    backup::remove_leftovers(&files);
    let left = names(directory)
        .into_iter()
        .find(|name| name.contains(".copy") || name.contains(".restored"));
    assert_eq!(left, None, "{at}");
    store
}

#[tokio::test]
async fn a_backup_that_is_cut_off_leaves_the_installation_as_it_was() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let elsewhere = Elsewhere::new();
    let mut killed = Killed::at_every_step_in(zeef.file(""), &elsewhere);
    // Among the files, so that it is copied with them.
    let out = zeef.file("backup");
    let until = START.plus(LIFE);
    backup::save_database(&files(&zeef), &zeef.store, &out, until, START, &mut killed)
        .await
        .unwrap();
    let steps = [
        Step::KeyMade,
        Step::Copied,
        Step::Written,
        Step::Verified,
        Step::InPlace,
    ];
    for (at, directory) in killed.copies(&steps) {
        let store = open_again(&directory, &at);
        assert_eq!(
            usernames(&store, zeef.organisation, device).await.unwrap(),
            ["j.jansen"],
            "{at}"
        );
        let files = files_in(&directory);
        let whole = directory.join("backup").exists();
        assert_eq!(whole, at == "after InPlace");
        let again = directory.join("again");
        backup::save_database(&files, &store, &again, until, START, &mut Nobody)
            .await
            .unwrap();
        drop(store);
        backup::restore(&files, key(), Wanted::Database(&again), START, &mut Nobody).unwrap();
    }
}

#[tokio::test]
async fn a_restore_that_is_cut_off_leaves_the_former_or_the_restored_state_and_can_be_done_again() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.reporting().await, zeef.reporting().await);
    let elsewhere = Elsewhere::new();
    let (data, keys) = (elsewhere.file("data"), elsewhere.file("keys"));
    save(&zeef, &data).await;
    zeef.send(other, full(2, "lap-17", "p.bakker", "10.0.3.17"), START)
        .await;
    zeef.end(erased).await;
    save_keys(&zeef, &keys).unwrap();
    let organisation = zeef.organisation;
    let directory = zeef.close();
    let steps = [
        Step::KeysDecrypted,
        Step::Decrypted,
        Step::Replayed,
        Step::KeysInPlace,
        Step::Settled,
        Step::InPlace,
    ];
    let mut killed = Killed::at_every_step_in(directory.path().to_owned(), &elsewhere);
    backup::restore(
        &files_in(directory.path()),
        key(),
        Wanted::Both(&data, &keys),
        START,
        &mut killed,
    )
    .unwrap();
    for (at, directory) in killed.copies(&steps) {
        let store = open_again(&directory, &at);
        let expected = if at == "after InPlace" {
            "j.jansen"
        } else {
            "p.bakker"
        };
        assert_eq!(
            usernames(&store, organisation, other).await.unwrap(),
            [expected],
            "{at}"
        );
        assert!(usernames(&store, organisation, erased).await.is_none(), "{at}");
        drop(store);
        backup::restore(
            &files_in(&directory),
            key(),
            Wanted::Database(&data),
            START,
            &mut Nobody,
        )
        .unwrap();
        let store = open_again(&directory, &at);
        assert_eq!(
            usernames(&store, organisation, other).await.unwrap(),
            ["j.jansen"],
            "{at}"
        );
        assert!(usernames(&store, organisation, erased).await.is_none(), "{at}");
    }
}

#[tokio::test]
async fn a_rotation_that_is_cut_off_leaves_a_key_that_opens_and_can_be_done_again() {
    let zeef = Installation::new().await;
    let mut devices = Vec::new();
    for _ in 0..3 {
        devices.push(zeef.reporting().await);
    }
    write_key(&zeef.file("kek"), 7);
    let organisation = zeef.organisation;
    let directory = zeef.close();
    let elsewhere = Elsewhere::new();
    let mut killed = Killed::at_every_step_in(directory.path().to_owned(), &elsewhere);
    rotate(&files_in(directory.path()), None, &mut killed).unwrap();
    let copies = killed.copies(&[Step::KeyWritten, Step::Rewrapped, Step::InPlace]);
    assert!(copies.len() > 4, "in the midst of it, too");
    for (at, directory) in copies {
        let files = files_in(&directory);
        for _ in 0..2 {
            let key = key_encryption_key(&files).unwrap();
            let store = SqlStore::open(&files.database, &files.key_store, key)
                .unwrap_or_else(|error| panic!("{at}: {error}"));
            for device in &devices {
                assert_eq!(
                    usernames(&store, organisation, *device).await.unwrap(),
                    ["j.jansen"],
                    "{at}"
                );
            }
            drop(store);
            rotate(&files, None, &mut Nobody).unwrap();
            assert!(!directory.join("kek.next").exists(), "{at}");
        }
    }
}

#[tokio::test]
async fn two_backups_at_a_time_do_not_write_to_the_same_copy() {
    let zeef = Installation::new().await;
    let elsewhere = Elsewhere::new();
    let second = elsewhere.file("second");
    let (files, inner) = (files(&zeef), files(&zeef));
    let mut refused = None;
    let mut watcher = Watcher(|step| {
        if step == Step::Copied {
            backup::remove_leftovers(&inner);
            refused = backup::save_keys(&inner, &key(), &second, START, &mut Nobody).err();
        }
    });
    backup::save_keys(&files, &key(), &elsewhere.file("first"), START, &mut watcher).unwrap();
    assert!(matches!(refused, Some(BackupError::Underway)));
    assert!(!second.exists());
}
