//! Accounts, one-time links and sessions.

use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::Actor;
use zeef_collector::store::people::{NewSession, PeopleStore};
use zeef_collector::store::{InventoryStore, StoreError};
use zeef_proto::id::UserId;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::{OrganisationId, UnixTime};

use crate::fixture::{Installation, START, administrator};

const ANNE: UserId = UserId::from_bytes([1; 16]);

async fn with_anne() -> Installation {
    let zeef = Installation::new().await;
    zeef.store
        .add_user(administrator(ANNE, "anne"), Actor::Administrator, START)
        .await
        .unwrap();
    zeef
}

fn session(token: u8, idle_until: UnixTime) -> NewSession {
    NewSession {
        token_hash: [token; 32],
        user: ANNE,
        form_secret: [9; 32],
        created_at: START,
        idle_until,
        absolute_until: START.plus(DAY),
        by_provider: false,
    }
}

#[tokio::test]
async fn a_name_is_unique_whatever_its_case() {
    let zeef = with_anne().await;
    let again = zeef
        .store
        .add_user(
            administrator(UserId::from_bytes([2; 16]), "Anne"),
            Actor::Administrator,
            START,
        )
        .await;
    assert_eq!(again, Err(StoreError::NameTaken("a user")));
    assert_eq!(
        zeef.store.user_by_name("ANNE".into()).await.unwrap().unwrap().id,
        ANNE
    );
    assert_eq!(zeef.store.users().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_link_is_spent_once_and_in_time() {
    let zeef = with_anne().await;
    zeef.store
        .add_link([1; 32], ANNE, START.plus(60), START)
        .await
        .unwrap();
    assert_eq!(
        zeef.store.spend_link([1; 32], START.plus(59)).await.unwrap(),
        Some(ANNE)
    );
    assert_eq!(
        zeef.store.spend_link([1; 32], START.plus(59)).await.unwrap(),
        None
    );
    zeef.store
        .add_link([2; 32], ANNE, START.plus(60), START)
        .await
        .unwrap();
    assert_eq!(
        zeef.store.spend_link([2; 32], START.plus(60)).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_session_ends_idle_at_its_limit_and_by_hand() {
    let zeef = with_anne().await;
    let live = |token, now| {
        let session = zeef.store.session([token; 32], now);
        async { session.await.unwrap().is_some() }
    };
    zeef.store
        .add_session(session(1, START.plus(HOUR)))
        .await
        .unwrap();
    assert!(live(1, START.plus(HOUR - 1)).await);
    assert!(!live(1, START.plus(HOUR)).await);
    zeef.store
        .touch_session([1; 32], START.plus(2 * DAY))
        .await
        .unwrap();
    assert!(live(1, START.plus(DAY - 1)).await);
    assert!(!live(1, START.plus(DAY)).await);
    zeef.store.end_session([1; 32]).await.unwrap();
    assert!(!live(1, START).await);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_links() {
    let zeef = with_anne().await;
    for token in [1, 2] {
        zeef.store
            .add_session(session(token, START.plus(HOUR)))
            .await
            .unwrap();
    }
    zeef.store
        .add_link([1; 32], ANNE, START.plus(60), START)
        .await
        .unwrap();
    zeef.store
        .set_password(
            ANNE,
            "$argon2id$…".into(),
            Some([1; 32]),
            Actor::User(ANNE),
            START,
        )
        .await
        .unwrap();
    assert!(zeef.store.session([1; 32], START).await.unwrap().is_some());
    assert!(zeef.store.session([2; 32], START).await.unwrap().is_none());
    assert_eq!(zeef.store.spend_link([1; 32], START).await.unwrap(), None);
}

#[tokio::test]
async fn a_removed_user_leaves_no_session() {
    let zeef = with_anne().await;
    zeef.store
        .add_session(session(1, START.plus(HOUR)))
        .await
        .unwrap();
    assert!(zeef.store.remove_user(ANNE, START).await.unwrap());
    assert!(!zeef.store.remove_user(ANNE, START).await.unwrap());
    assert!(zeef.store.session([1; 32], START).await.unwrap().is_none());
}

#[tokio::test]
async fn the_purge_takes_what_is_over() {
    let zeef = with_anne().await;
    zeef.store
        .add_session(session(1, START.plus(HOUR)))
        .await
        .unwrap();
    zeef.store
        .add_link([1; 32], ANNE, START.plus(HOUR), START)
        .await
        .unwrap();
    assert_eq!(zeef.store.purge(START.plus(HOUR - 1), 10).await.unwrap().other, 0);
    assert_eq!(zeef.store.purge(START.plus(HOUR), 10).await.unwrap().other, 2);
}

#[tokio::test]
async fn an_account_has_the_role_and_reach_that_it_was_given_last_and_its_sessions_too() {
    let zeef = with_anne().await;
    zeef.store
        .add_session(session(1, START.plus(HOUR)))
        .await
        .unwrap();
    let seen = async || {
        let session = zeef.store.session([1; 32], START).await.unwrap().unwrap();
        (session.role, session.reach)
    };
    assert_eq!(seen().await, (Role::Administrator, Reach::All));
    let limited = Reach::of([zeef.organisation]);
    let give = async |reach: Reach| {
        let by = Actor::Administrator;
        zeef.store
            .set_role(ANNE, Role::Technician, reach, by, START)
            .await
    };
    give(limited.clone()).await.unwrap();
    assert_eq!(seen().await, (Role::Technician, limited.clone()));
    let unknown = Reach::of([OrganisationId::from_bytes([9; 16])]);
    assert_eq!(give(unknown).await, Err(StoreError::NotFound("organisation")));
    assert_eq!(seen().await, (Role::Technician, limited));
    give(Reach::of([])).await.unwrap();
    assert_eq!(seen().await.1, Reach::of([]));
    assert_eq!(zeef.store.users().await.unwrap()[0].role, Role::Technician);
}
