//! Second factors and what is theirs.

use zeef_collector::access::{Reach, Role};
use zeef_collector::ledger::Actor;
use zeef_collector::otp::{RecoveryHash, Secret, Step};
use zeef_collector::store::StoreError;
use zeef_collector::store::people::{NewSession, NewUser, PeopleStore};
use zeef_collector::store::sign_in::{ProviderMark, SignInStore};
use zeef_proto::id::UserId;
use zeef_proto::time::{DAY, HOUR};

use crate::fixture::{Installation, START};

const ANNE: UserId = UserId::from_bytes([1; 16]);
const BERT: UserId = UserId::from_bytes([2; 16]);

fn person(id: UserId, name: &str) -> NewUser {
    NewUser {
        id,
        name: name.to_owned(),
        role: Role::Technician,
        reach: Reach::All,
    }
}

fn codes(from: u8) -> Vec<RecoveryHash> {
    (from..from + 3)
        .map(|number| RecoveryHash([number; 32]))
        .collect()
}

async fn with_anne() -> Installation {
    let zeef = Installation::new().await;
    for (id, name) in [(ANNE, "anne"), (BERT, "bert")] {
        zeef.store
            .add_user(person(id, name), Actor::Administrator, START)
            .await
            .unwrap();
    }
    zeef
}

async fn set(zeef: &Installation, secret: u8) {
    zeef.store
        .set_second_factor(ANNE, Secret::from_bytes([secret; 20]), Step(100), codes(1), START)
        .await
        .unwrap();
}

async fn begin_session(zeef: &Installation, token: u8) {
    let session = NewSession {
        token_hash: [token; 32],
        user: ANNE,
        form_secret: [9; 32],
        created_at: START,
        idle_until: START.plus(HOUR),
        absolute_until: START.plus(DAY),
        by_provider: token == 7,
    };
    zeef.store.add_session(session).await.unwrap();
}

#[tokio::test]
async fn a_second_factor_is_kept_and_ends_what_began_without_it() {
    let zeef = with_anne().await;
    begin_session(&zeef, 1).await;
    zeef.store
        .add_link([1; 32], ANNE, START.plus(60), START)
        .await
        .unwrap();
    assert!(!zeef.store.user(ANNE).await.unwrap().unwrap().second_factor);
    set(&zeef, 5).await;
    assert!(zeef.store.session([1; 32], START).await.unwrap().is_none());
    assert_eq!(zeef.store.spend_link([1; 32], START).await.unwrap(), None);
    let held = zeef.store.second_factor(ANNE).await.unwrap().unwrap();
    assert_eq!(held.secret.as_bytes(), &[5; 20]);
    assert_eq!((held.set_at, held.recovery_codes), (START, 3));
    assert!(zeef.store.user(ANNE).await.unwrap().unwrap().second_factor);
    assert!(zeef.store.second_factor(BERT).await.unwrap().is_none());
    begin_session(&zeef, 7).await;
    let session = zeef.store.session([7; 32], START).await.unwrap().unwrap();
    assert!(session.second_factor && session.by_provider);
}

#[tokio::test]
async fn a_code_and_those_before_it_are_taken_once() {
    let zeef = with_anne().await;
    set(&zeef, 5).await;
    for (step, taken) in [
        (100, false),
        (101, true),
        (101, false),
        (100, false),
        (103, true),
        (102, false),
    ] {
        assert_eq!(
            zeef.store.spend_step(ANNE, Step(step)).await.unwrap(),
            taken,
            "{step}"
        );
    }
    assert!(!zeef.store.spend_step(BERT, Step(200)).await.unwrap());
}

#[tokio::test]
async fn of_two_who_show_the_same_code_at_once_one_gets_in() {
    let zeef = with_anne().await;
    set(&zeef, 5).await;
    let (first, second) = tokio::join!(
        zeef.store.spend_step(ANNE, Step(101)),
        zeef.store.spend_step(ANNE, Step(101))
    );
    assert_ne!(first.unwrap(), second.unwrap());
}

#[tokio::test]
async fn a_recovery_code_works_once_for_its_account_until_it_is_replaced() {
    let zeef = with_anne().await;
    set(&zeef, 5).await;
    let spend = async |user, number| {
        let code = RecoveryHash([number; 32]);
        zeef.store.spend_recovery_code(user, code, START).await.unwrap()
    };
    assert!(!spend(BERT, 1).await);
    assert!(spend(ANNE, 1).await);
    assert!(!spend(ANNE, 1).await);
    zeef.store
        .replace_recovery_codes(ANNE, codes(11), START)
        .await
        .unwrap();
    assert!(!spend(ANNE, 2).await);
    assert!(spend(ANNE, 12).await);
    let held = zeef.store.second_factor(ANNE).await.unwrap().unwrap();
    assert_eq!(held.recovery_codes, 2);
    let without = zeef.store.replace_recovery_codes(BERT, codes(1), START).await;
    assert_eq!(without, Err(StoreError::NotFound("second factor")));
}

#[tokio::test]
async fn a_removed_second_factor_takes_its_codes_and_the_other_sessions_along() {
    let zeef = with_anne().await;
    set(&zeef, 5).await;
    begin_session(&zeef, 1).await;
    begin_session(&zeef, 2).await;
    let remove = || {
        zeef.store
            .remove_second_factor(ANNE, Some([1; 32]), Actor::User(ANNE), START)
    };
    assert!(remove().await.unwrap());
    assert!(!remove().await.unwrap());
    assert!(zeef.store.second_factor(ANNE).await.unwrap().is_none());
    assert!(
        !zeef
            .store
            .spend_recovery_code(ANNE, RecoveryHash([1; 32]), START)
            .await
            .unwrap()
    );
    assert!(zeef.store.session([1; 32], START).await.unwrap().is_some());
    assert!(zeef.store.session([2; 32], START).await.unwrap().is_none());
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_one_account() {
    let zeef = with_anne().await;
    begin_session(&zeef, 1).await;
    begin_session(&zeef, 2).await;
    zeef.store.sign_out_everywhere(BERT, START).await.unwrap();
    assert!(zeef.store.session([1; 32], START).await.unwrap().is_some());
    zeef.store.sign_out_everywhere(ANNE, START).await.unwrap();
    for token in [1, 2] {
        assert!(zeef.store.session([token; 32], START).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_providers_account_is_made_with_its_tie_or_not_at_all() {
    let zeef = with_anne().await;
    let (mark, id) = (ProviderMark([3; 32]), UserId::from_bytes([3; 16]));
    let taken = zeef
        .store
        .add_provider_account(mark, person(id, "Anne"), START)
        .await;
    assert_eq!(taken, Err(StoreError::NameTaken("a user")));
    assert_eq!(zeef.store.provider_account(mark).await.unwrap(), None);
    zeef.store
        .add_provider_account(mark, person(id, "anne@example.org"), START)
        .await
        .unwrap();
    assert_eq!(zeef.store.provider_account(mark).await.unwrap(), Some(id));
    zeef.store.remove_user(id, START).await.unwrap();
    assert_eq!(zeef.store.provider_account(mark).await.unwrap(), None);
}
