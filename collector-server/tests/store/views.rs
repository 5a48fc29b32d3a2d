//! Saved views of the inventory.

use zeef_collector::ledger::Actor;
use zeef_collector::store::people::PeopleStore;
use zeef_collector::store::views::{MOST_VIEWS, SavedView, ViewStore};
use zeef_proto::id::UserId;

use crate::fixture::{Installation, START, administrator};

const ANNE: UserId = UserId::from_bytes([1; 16]);
const BART: UserId = UserId::from_bytes([2; 16]);

async fn with_two() -> Installation {
    let zeef = Installation::new().await;
    for (id, name) in [(ANNE, "anne"), (BART, "bart")] {
        zeef.store
            .add_user(administrator(id, name), Actor::Administrator, START)
            .await
            .unwrap();
    }
    zeef
}

fn view(name: &str, asked: &str) -> SavedView {
    SavedView {
        name: name.to_owned(),
        asked: asked.to_owned(),
    }
}

async fn of(zeef: &Installation, user: UserId) -> Vec<(String, String)> {
    let views = zeef.store.views(user).await.unwrap();
    views.into_iter().map(|view| (view.name, view.asked)).collect()
}

fn pairs(views: &[(&str, &str)]) -> Vec<(String, String)> {
    views
        .iter()
        .map(|(name, asked)| ((*name).to_owned(), (*asked).to_owned()))
        .collect()
}

#[tokio::test]
async fn each_account_has_views_of_its_own_by_name() {
    let zeef = with_two().await;
    for (user, name, asked) in [
        (ANNE, "stil", "state=silent"),
        (ANNE, "Bakkerij", "sort=user"),
        (BART, "stil", "state=revoked"),
        (ANNE, "stil", "state=silent&sort=contact"),
    ] {
        assert!(zeef.store.save_view(user, view(name, asked)).await.unwrap());
    }
    let of_anne = [("Bakkerij", "sort=user"), ("stil", "state=silent&sort=contact")];
    assert_eq!(of(&zeef, ANNE).await, pairs(&of_anne));
    assert_eq!(of(&zeef, BART).await, pairs(&[("stil", "state=revoked")]));
    assert!(zeef.store.forget_view(ANNE, "stil".to_owned()).await.unwrap());
    assert!(!zeef.store.forget_view(ANNE, "stil".to_owned()).await.unwrap());
    assert_eq!(of(&zeef, ANNE).await, pairs(&of_anne[..1]));
    assert_eq!(of(&zeef, BART).await.len(), 1);
}

#[tokio::test]
async fn an_account_has_no_more_views_than_it_may() {
    let zeef = with_two().await;
    for number in 0..MOST_VIEWS {
        let one = view(&format!("view {number}"), "");
        assert!(zeef.store.save_view(ANNE, one).await.unwrap());
    }
    assert!(!zeef.store.save_view(ANNE, view("one more", "")).await.unwrap());
    assert!(
        zeef.store
            .save_view(ANNE, view("view 7", "sort=mac"))
            .await
            .unwrap()
    );
    assert!(zeef.store.save_view(BART, view("one more", "")).await.unwrap());
    assert_eq!(of(&zeef, ANNE).await.len(), MOST_VIEWS);
}

#[tokio::test]
async fn views_go_with_their_account() {
    let zeef = with_two().await;
    zeef.store.save_view(ANNE, view("stil", "")).await.unwrap();
    zeef.store.remove_user(ANNE, START).await.unwrap();
    assert!(of(&zeef, ANNE).await.is_empty());
    zeef.store
        .add_user(administrator(ANNE, "anne"), Actor::Administrator, START)
        .await
        .unwrap();
    assert!(of(&zeef, ANNE).await.is_empty());
}
