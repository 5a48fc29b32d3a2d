//! Backups: what they hold, what comes back, and what stays gone.

mod damage;
mod g7_restored_backups;

use std::path::{Path, PathBuf};

use zeef_collector::backup::{self, BackupError, Progress, Restored, Step, Wanted};
use zeef_collector::config::{Files, KeySource};
use zeef_collector::seal::KeyEncryptionKey;
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use crate::fixture::{Installation, START};

/// How long backups of these tests can be read.
pub(crate) const LIFE: i64 = 30 * DAY;

/// Who does not look on.
pub(crate) struct Nobody;

impl Progress for Nobody {
    fn reached(&mut self, _step: Step) {}
    fn part(&mut self, _done: u64, _total: u64) {}
}

/// Calls a function after each step.
pub(crate) struct Watcher<F>(pub(crate) F);

impl<F: FnMut(Step) + Send> Progress for Watcher<F> {
    fn reached(&mut self, step: Step) {
        (self.0)(step);
    }
    fn part(&mut self, _done: u64, _total: u64) {}
}

pub(crate) fn files_in(directory: &Path) -> Files {
    Files {
        postgres: None,
        database: directory.join("zeef.db"),
        key_store: directory.join("keys.db"),
        key_encryption_key: KeySource::File(directory.join("kek")),
        authority: directory.join("authority"),
    }
}

pub(crate) fn files(zeef: &Installation) -> Files {
    Files {
        postgres: zeef.engine().postgres(),
        ..files_in(&zeef.file(""))
    }
}

/// The key under which the fixture opens.
pub(crate) fn key() -> KeyEncryptionKey {
    KeyEncryptionKey::from_bytes(&[7; 32])
}

/// A key file, of which every byte is `byte`.
pub(crate) fn write_key(path: &Path, byte: u8) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, data_encoding::BASE64.encode(&[byte; 32])).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A name for a backup that is not below the installation.
pub(crate) struct Elsewhere(tempfile::TempDir);

impl Elsewhere {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

pub(crate) async fn save(zeef: &Installation, out: &Path) {
    let until = START.plus(LIFE);
    backup::save_database(&files(zeef), &zeef.store, out, until, START, &mut Nobody)
        .await
        .unwrap();
}

/// A backup of the database alone.
pub(crate) async fn saved(zeef: &Installation) -> (Elsewhere, PathBuf) {
    let elsewhere = Elsewhere::new();
    let data = elsewhere.file("data");
    save(zeef, &data).await;
    (elsewhere, data)
}

pub(crate) fn save_keys(zeef: &Installation, out: &Path) -> Result<backup::Saved, BackupError> {
    backup::save_keys(&files(zeef), &key(), out, START, &mut Nobody)
}

/// A backup of the database, and then one of the key store.
pub(crate) async fn saved_with_keys(zeef: &Installation) -> (Elsewhere, PathBuf, PathBuf) {
    let (elsewhere, data) = saved(zeef).await;
    let keys = elsewhere.file("keys");
    save_keys(zeef, &keys).unwrap();
    (elsewhere, data, keys)
}

/// Closes the installation, restores into it, and opens it again.
pub(crate) fn restored(zeef: Installation, from: &Path, now: UnixTime) -> (Installation, Restored) {
    let files = files(&zeef);
    let mut came_to = None;
    let zeef = zeef.reopened_after(|_| {
        came_to = Some(backup::restore(&files, key(), Wanted::Database(from), now, &mut Nobody).unwrap());
    });
    (zeef, came_to.flatten().unwrap())
}

pub(crate) fn refused(files: &Files, wanted: Wanted<'_>) -> BackupError {
    backup::restore(files, key(), wanted, START, &mut Nobody).unwrap_err()
}

/// All bytes of an installation's files.
pub(crate) fn bytes_on_disk(directory: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(directory).unwrap();
    files
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

/// How many rows a table of a file has.
pub(crate) fn rows(file: &Path, table: &str) -> i64 {
    rusqlite::Connection::open(file)
        .unwrap()
        .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
        .unwrap()
}

pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Names of an installation's files, without those that stand for locks.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("lock"))
        .collect();
    names.sort();
    names
}
