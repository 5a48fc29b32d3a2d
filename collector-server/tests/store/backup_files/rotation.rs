//! Another key-encryption key: the former one opens nothing any more, and no data is touched.

use zeef_collector::backup::Wanted;
use zeef_collector::config::KeySource;
use zeef_collector::installation::{RotateError, rotate};
use zeef_collector::ledger::Actor;
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::sql::{SqlStore, opens};
use zeef_collector::store::{AgentStore, InventoryStore, StoreError};
use zeef_proto::field::Field;

use crate::backup::{Nobody, bytes_on_disk, files, holds, key, saved, write_key};
use crate::fixture::{Installation, START};

#[tokio::test]
async fn another_key_opens_everything_and_the_former_one_and_its_wrappings_nothing() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let (_elsewhere, backup) = saved(&zeef).await;
    let files = files(&zeef);
    write_key(&zeef.file("kek"), 7);
    assert!(matches!(
        rotate(&files, None, &mut Nobody),
        Err(RotateError::Store(StoreError::InUse))
    ));
    let organisation = zeef.organisation;
    let directory = zeef.close();
    let data = std::fs::read(&files.database).unwrap();
    let wrapped: Vec<Vec<u8>> = {
        let db = rusqlite::Connection::open(&files.key_store).unwrap();
        let mut statement = db
            .prepare(
                "SELECT wrapped FROM device_key UNION ALL SELECT wrapped FROM organisation_key
                 UNION ALL SELECT wrapped FROM installation_key UNION ALL SELECT wrapped FROM backup_key",
            )
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert!(wrapped.len() >= 4);

    let rotated = rotate(&files, None, &mut Nobody).unwrap();
    assert_eq!((rotated.keys, rotated.in_place), (wrapped.len() as u64, true));
    assert_eq!(opens(&files.key_store, &key()), Ok(false));
    let bytes = bytes_on_disk(directory.path());
    assert!(wrapped.iter().all(|wrapped| !holds(&bytes, wrapped)));
    assert!(
        std::fs::read(&files.database).unwrap() == data,
        "no data was touched"
    );
    assert_eq!(
        SqlStore::open(&files.database, &files.key_store, key()).err(),
        Some(StoreError::WrongKey)
    );
    let new = || KeyEncryptionKey::read(&directory.path().join("kek")).unwrap();
    let look = |store: SqlStore| async move {
        let shown = store.device(organisation, device, START).await.unwrap().unwrap();
        shown
            .values(Field::Username)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let store = SqlStore::open(&files.database, &files.key_store, new()).unwrap();
    assert_eq!(look(store).await, ["j.jansen"]);
    // Backups of before it are read as well: their keys were wrapped anew.
    zeef_collector::backup::restore(&files, new(), Wanted::Database(&backup), START, &mut Nobody).unwrap();
    let store = SqlStore::open(&files.database, &files.key_store, new()).unwrap();
    store
        .end_device(organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_key_may_be_given_and_must_be_another() {
    let zeef = Installation::new().await;
    let mut files = files(&zeef);
    let (same, other) = (zeef.file("same"), zeef.file("other"));
    write_key(&zeef.file("kek"), 7);
    write_key(&same, 7);
    write_key(&other, 9);
    let _directory = zeef.close();
    assert!(matches!(
        rotate(&files, Some(&same), &mut Nobody),
        Err(RotateError::Same(_))
    ));
    std::fs::write(&same, "short").unwrap();
    assert!(matches!(
        rotate(&files, Some(&same), &mut Nobody),
        Err(RotateError::Open(_))
    ));
    assert_eq!(opens(&files.key_store, &key()), Ok(true));
    assert!(rotate(&files, Some(&other), &mut Nobody).unwrap().in_place);
    assert_eq!(
        opens(&files.key_store, &KeyEncryptionKey::from_bytes(&[9; 32])),
        Ok(true)
    );
    // A key from elsewhere cannot be replaced there; without one of its own this is said at once.
    files.key_encryption_key = KeySource::Descriptor;
    assert!(matches!(
        rotate(&files, None, &mut Nobody),
        Err(RotateError::Open(_))
    ));
}
