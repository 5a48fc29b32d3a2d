//! What is no database of the collector is refused.

use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::sql::SqlStore;

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("note.txt");
    std::fs::write(
        &note,
        "a text of an administrator, long enough to be taken for a header, and not a database\n",
    )
    .unwrap();
    let key = KeyEncryptionKey::from_bytes(&[7; 32]);
    assert!(SqlStore::open(&note, &directory.path().join("note-keys.db"), key).is_err());
    assert!(std::fs::read_to_string(&note).unwrap().starts_with("a text"));
}
