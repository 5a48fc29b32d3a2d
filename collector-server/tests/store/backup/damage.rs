//! What is no good backup is refused, and changes nothing.

use zeef_collector::backup::{self, BackupError, Wanted};
use zeef_collector::ledger::Actor;
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::StoreError;
use zeef_collector::store::{AdministrationStore, InventoryStore};
use zeef_proto::OrganisationId;

use super::{Elsewhere, LIFE, Nobody, files, key, refused, save, save_keys, saved, saved_with_keys};
use crate::engine::Part;
use crate::fixture::{Installation, START, unique};

#[tokio::test]
async fn a_backup_that_was_changed_or_cut_off_anywhere_is_refused_and_nothing_is_changed() {
    let zeef = Installation::new().await;
    zeef.reporting().await;
    let (elsewhere, backup) = saved(&zeef).await;
    let files = files(&zeef);
    let zeef = zeef.reopened_after(|engine| {
        let before = engine.contents();
        let bytes = std::fs::read(&backup).unwrap();
        let bad = elsewhere.file("bad");
        // All of the header, and places in every chunk.
        let places = (0..60)
            .chain((60..bytes.len()).step_by(2_003))
            .chain([bytes.len() - 1]);
        for at in places {
            let mut changed = bytes.clone();
            changed[at] ^= 0x40;
            for content in [&changed[..], &bytes[..at]] {
                std::fs::write(&bad, content).unwrap();
                let error = refused(&files, Wanted::Database(&bad));
                assert!(!matches!(error, BackupError::Store(_)), "{at}: {error}");
            }
        }
        std::fs::write(&bad, [&bytes[..], b"more"].concat()).unwrap();
        assert!(matches!(
            refused(&files, Wanted::Database(&bad)),
            BackupError::Damaged(_)
        ));
        std::fs::write(&bad, b"a letter to the administrator").unwrap();
        assert!(matches!(
            refused(&files, Wanted::Database(&bad)),
            BackupError::NotABackup(_)
        ));
        assert!(matches!(
            refused(&files, Wanted::Database(&elsewhere.file("nowhere"))),
            BackupError::File { .. }
        ));
        assert!(engine.contents() == before, "nothing was changed");
    });
    drop(zeef);
}

#[tokio::test]
async fn backups_of_another_kind_or_installation_and_other_keys_are_refused() {
    let (zeef, other) = (Installation::new().await, Installation::new().await);
    let elsewhere = Elsewhere::new();
    let (data, keys, others, others_keys) = (
        elsewhere.file("data"),
        elsewhere.file("keys"),
        elsewhere.file("other"),
        elsewhere.file("other-keys"),
    );
    save(&zeef, &data).await;
    save(&other, &others).await;
    save_keys(&zeef, &keys).unwrap();
    save_keys(&other, &others_keys).unwrap();
    let files = files(&zeef);

    assert!(
        matches!(
            refused(&files, Wanted::Database(&data)),
            BackupError::Store(StoreError::InUse)
        ),
        "not while it runs"
    );
    let zeef = zeef.reopened_after(|engine| {
        let before = engine.contents();
        assert!(matches!(
            refused(&files, Wanted::Database(&others)),
            BackupError::Foreign(_)
        ));
        assert!(matches!(
            refused(&files, Wanted::Database(&keys)),
            BackupError::OtherKind { .. }
        ));
        assert!(matches!(
            refused(&files, Wanted::Both(&data, &data)),
            BackupError::OtherKind { .. }
        ));
        assert!(matches!(
            refused(&files, Wanted::Both(&data, &others_keys)),
            BackupError::Foreign(_)
        ));
        let wrong = KeyEncryptionKey::from_bytes(&[8; 32]);
        let error = backup::restore(&files, wrong, Wanted::Database(&data), START, &mut Nobody).unwrap_err();
        assert!(
            matches!(error, BackupError::Store(StoreError::WrongKey)),
            "{error}"
        );
        let wrong = KeyEncryptionKey::from_bytes(&[8; 32]);
        let error =
            backup::restore(&files, wrong, Wanted::Both(&data, &keys), START, &mut Nobody).unwrap_err();
        assert!(matches!(error, BackupError::OtherKey(_)), "{error}");
        assert!(engine.contents() == before, "nothing was changed");
    });
    let name = OrganisationId::from_bytes([unique(); 16]);
    zeef.store
        .add_organisation(name, "Slagerij".into(), Actor::Administrator, START)
        .await
        .unwrap();
    let zeef = zeef.reopened_after(|_| {
        let error = refused(&files, Wanted::Both(&data, &keys));
        assert!(matches!(error, BackupError::KeysAreNewer(_)), "{error}");
    });
    drop(zeef);
}

#[tokio::test]
async fn a_newer_versions_database_is_not_put_back() {
    let zeef = Installation::new().await;
    let elsewhere = Elsewhere::new();
    let data = elsewhere.file("data");
    let version = |version| zeef.engine().set_version(version);
    // As the newer version would back up its own.
    let now = version(99);
    let until = START.plus(LIFE);
    let error = backup::save_database(&files(&zeef), &zeef.store, &data, until, START, &mut Nobody)
        .await
        .unwrap_err();
    let newer = |error: &BackupError| {
        matches!(
            error,
            BackupError::Store(StoreError::NewerSchema { found: 99, .. })
        )
    };
    assert!(newer(&error), "{error}");
    version(now);
    save(&zeef, &data).await;
    drop(zeef);
}

#[tokio::test]
async fn a_lost_key_store_is_put_back_with_the_database() {
    let zeef = Installation::new().await;
    let device = zeef.reporting().await;
    let (_elsewhere, data, keys) = saved_with_keys(&zeef).await;
    let error = save_keys(&zeef, &keys).unwrap_err();
    assert!(
        matches!(error, BackupError::Exists(_)),
        "a backup is never written over"
    );
    let files = files(&zeef);
    let zeef = zeef.reopened_after(|engine| {
        for part in [Part::Database, Part::KeyStore] {
            engine.lose(part);
        }
        assert!(matches!(
            refused(&files, Wanted::Database(&data)),
            BackupError::NoKeyStore(_) | BackupError::NoKeysOnServer
        ));
        for part in [Part::Database, Part::KeyStore] {
            assert_eq!(engine.place(part).installation(), Ok(None), "nothing is made");
        }
        backup::restore(&files, key(), Wanted::Both(&data, &keys), START, &mut Nobody).unwrap();
    });
    let shown = zeef.look(device, START).await.unwrap();
    assert_eq!(shown.observations.len(), 4);
}

#[tokio::test]
async fn what_only_the_replaced_database_knows_to_be_erased_is_erased_in_the_restored_one() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.device().await, zeef.device().await);
    let (_elsewhere, data, keys) = saved_with_keys(&zeef).await;
    zeef.end(erased).await;
    let files = files(&zeef);
    let zeef = zeef.reopened_after(|engine| {
        engine.lose(Part::KeyStore);
        let both = Wanted::Both(&data, &keys);
        backup::restore(&files, key(), both, START, &mut Nobody).unwrap();
    });
    let ids = zeef.store.device_ids(None, None, 10).await.unwrap();
    assert_eq!(ids, [(zeef.organisation, other)]);
    let keys = zeef
        .engine()
        .raw(Part::KeyStore)
        .number("SELECT count(*) FROM device_key");
    assert_eq!(
        keys, 1,
        "its key came back with the key store and is destroyed again"
    );
}
