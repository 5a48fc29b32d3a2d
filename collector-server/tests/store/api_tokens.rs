//! Tokens for the API, and requests that are sent again.

use zeef_collector::access::{Permission, Reach, Role, Scopes};
use zeef_collector::ledger::{Actor, Entry, Event, InstallationEvent};
use zeef_collector::store::api_tokens::{ApiTokenStore, Holder, NewApiToken, Once, Repeatable};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::{InventoryStore, StoreError};
use zeef_proto::OrganisationId;
use zeef_proto::id::{ApiTokenId, UserId};
use zeef_proto::time::{DAY, HOUR};

use crate::fixture::{Installation, START, administrator};

const ANNE: UserId = UserId::from_bytes([1; 16]);

const fn id(number: u8) -> ApiTokenId {
    ApiTokenId::from_bytes([number; 16])
}

fn token(number: u8, holder: Holder) -> NewApiToken {
    NewApiToken {
        id: id(number),
        secret_hash: [number; 32],
        name: "backup script".to_owned(),
        holder,
        scopes: "inventory:read policy:read".parse().unwrap(),
        created_at: START.plus(number.into()),
        expires_at: START.plus(DAY),
    }
}

async fn with_tokens() -> Installation {
    let zeef = Installation::new().await;
    let by = Actor::Administrator;
    zeef.store
        .add_user(administrator(ANNE, "anne"), by, START)
        .await
        .unwrap();
    let own = Holder::Account(ANNE);
    zeef.store.add_api_token(token(1, own), by).await.unwrap();
    let service = Holder::Service(Role::Technician, Reach::of([zeef.organisation]));
    zeef.store.add_api_token(token(2, service), by).await.unwrap();
    zeef
}

#[tokio::test]
async fn a_persons_token_has_the_role_that_its_account_has_now() {
    let zeef = with_tokens().await;
    let admitted = zeef.store.admitted([1; 32], START).await.unwrap().unwrap();
    assert_eq!((admitted.id, admitted.user), (id(1), Some(ANNE)));
    assert_eq!((admitted.role, admitted.reach), (Role::Administrator, Reach::All));
    assert!(admitted.scopes.allow(Permission::SeeInventory));
    let reach = Reach::of([zeef.organisation]);
    zeef.store
        .set_role(ANNE, Role::Technician, reach.clone(), Actor::Administrator, START)
        .await
        .unwrap();
    let admitted = zeef.store.admitted([1; 32], START).await.unwrap().unwrap();
    assert_eq!((admitted.role, admitted.reach), (Role::Technician, reach));
    zeef.store
        .remove_user(ANNE, Actor::Administrator, START)
        .await
        .unwrap();
    assert!(zeef.store.admitted([1; 32], START).await.unwrap().is_none());
}

#[tokio::test]
async fn a_services_token_has_its_own_role_and_reach_until_it_expires() {
    let zeef = with_tokens().await;
    let admitted = zeef.store.admitted([2; 32], START).await.unwrap().unwrap();
    assert_eq!((admitted.user, admitted.role), (None, Role::Technician));
    assert_eq!(admitted.reach, Reach::of([zeef.organisation]));
    assert!(zeef.store.admitted([3; 32], START).await.unwrap().is_none());
    let end = START.plus(DAY);
    assert!(
        zeef.store
            .admitted([2; 32], end.plus(-1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(zeef.store.admitted([2; 32], end).await.unwrap().is_none());
    zeef.store.purge(end, 100).await.unwrap();
    assert!(zeef.store.api_tokens(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn tokens_are_listed_and_revoked_by_their_owner_or_for_all() {
    let zeef = with_tokens().await;
    let of_all = zeef.store.api_tokens(None).await.unwrap();
    assert_eq!(
        of_all.iter().map(|one| one.id).collect::<Vec<_>>(),
        [id(2), id(1)]
    );
    let own = zeef.store.api_tokens(Some(ANNE)).await.unwrap();
    assert_eq!(own.iter().map(|one| one.id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(own[0].last_used, None);
    zeef.store
        .touch_api_token(id(1), START.plus(HOUR + 7))
        .await
        .unwrap();
    let own = zeef.store.api_tokens(Some(ANNE)).await.unwrap();
    assert_eq!(own[0].last_used, Some(START.plus(HOUR + 7).to_the_hour()));
    assert_eq!(
        own[0].scopes,
        "policy:read inventory:read".parse::<Scopes>().unwrap()
    );

    let revoke = |number, of| {
        zeef.store
            .revoke_api_token(id(number), of, Actor::User(ANNE), START)
    };
    assert!(!revoke(2, Some(ANNE)).await.unwrap());
    assert!(revoke(1, Some(ANNE)).await.unwrap());
    assert!(!revoke(1, None).await.unwrap());
    assert!(revoke(2, None).await.unwrap());
    for secret in [[1; 32], [2; 32]] {
        assert!(zeef.store.admitted(secret, START).await.unwrap().is_none());
    }
    let entries = zeef.store.ledger_before(None, i64::MAX as u64, 10).await.unwrap();
    let events: Vec<_> = entries
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap().event)
        .collect();
    for event in [
        InstallationEvent::ApiTokenMade(id(2)),
        InstallationEvent::ApiTokenRevoked(id(1)),
    ] {
        assert!(events.contains(&Event::Installation(event)));
    }
}

#[tokio::test]
async fn a_token_of_nobody_or_for_nowhere_is_refused() {
    let zeef = Installation::new().await;
    let add = |holder| zeef.store.add_api_token(token(1, holder), Actor::Administrator);
    assert_eq!(
        add(Holder::Account(ANNE)).await,
        Err(StoreError::NotFound("account"))
    );
    let nowhere = Reach::of([OrganisationId::from_bytes([9; 16])]);
    let holder = Holder::Service(Role::Technician, nowhere);
    assert_eq!(add(holder).await, Err(StoreError::NotFound("organisation")));
    assert!(zeef.store.api_tokens(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_first_answer_for_a_day() {
    let zeef = with_tokens().await;
    let first = Repeatable {
        token: id(1),
        key_hash: [7; 32],
        body_hash: [8; 32],
    };
    let begin = |request, now| zeef.store.begin_once(request, now);
    assert_eq!(begin(first, START).await.unwrap(), Once::First);
    assert_eq!(begin(first, START).await.unwrap(), Once::Unfinished);
    let other = Repeatable {
        body_hash: [9; 32],
        ..first
    };
    assert_eq!(begin(other, START).await.unwrap(), Once::Other);
    let anothers = Repeatable {
        token: id(2),
        ..first
    };
    assert_eq!(begin(anothers, START).await.unwrap(), Once::First);
    zeef.store.end_once(first, Some(vec![1, 2])).await.unwrap();
    let late = START.plus(DAY - 1);
    assert_eq!(begin(first, late).await.unwrap(), Once::Answered(vec![1, 2]));
    assert_eq!(begin(first, START.plus(DAY)).await.unwrap(), Once::First);
    zeef.store.end_once(first, None).await.unwrap();
    assert_eq!(begin(first, START.plus(DAY)).await.unwrap(), Once::First);
}
