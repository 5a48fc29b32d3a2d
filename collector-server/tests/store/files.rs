//! Files that are put where they do not belong.

use zeef_collector::ledger::Actor;
use zeef_collector::ledger::Fault;
use zeef_collector::ledger::read::{CheckError, check, consistency};
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, InventoryStore};
use zeef_proto::id::TokenId;

use crate::fixture::{Installation, START};

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

#[tokio::test]
async fn a_ledger_that_was_put_back_is_found_by_a_head_that_was_kept() {
    let zeef = Installation::new().await;
    zeef.store.checkpoint().await.unwrap();
    let old = std::fs::read(zeef.file("zeef.db")).unwrap();
    zeef.token(1).await;
    let kept = zeef.store.ledger_head().await.unwrap().unwrap().head;
    let zeef = zeef.reopened_after(|engine| {
        std::fs::write(engine.directory().join("zeef.db"), &old).unwrap();
    });
    check(&zeef.store, Vec::new()).await.unwrap();
    assert!(matches!(
        check(&zeef.store, vec![kept]).await,
        Err(CheckError::Fault(Fault::CutOff { first: 3, last: 3 }))
    ));
    // Going on from there is a fork, and shows as well.
    let other = TokenId::from_bytes([201; 16]);
    zeef.token(1).await;
    assert!(
        !zeef
            .store
            .revoke_token(zeef.organisation, other, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(matches!(
        check(&zeef.store, vec![kept]).await,
        Err(CheckError::Fault(Fault::Rewritten { first: 0, last: 3 }))
    ));
    let newest = zeef.store.ledger_head().await.unwrap().unwrap().head;
    assert!(consistency(&zeef.store, &kept, &newest).await.is_err());
}
