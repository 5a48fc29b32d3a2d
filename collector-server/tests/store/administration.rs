//! Organisations, subscriptions and the policy.

use zeef_collector::ledger::Actor;
use zeef_collector::store::records::Subscription;
use zeef_collector::store::{AdministrationStore, InventoryStore, StoreError};
use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId};

use crate::fixture::{Installation, REFERENCE_POLICY, START, signed, unique};

#[tokio::test]
async fn two_organisations_of_one_name_are_refused() {
    let zeef = Installation::new().await;
    let again = zeef.store.add_organisation(
        OrganisationId::from_bytes([200; 16]),
        "BAKKERIJ jansen".into(),
        START,
    );
    assert_eq!(again.await, Err(StoreError::NameTaken("an organisation")));
    let listed = zeef.store.organisations().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].name.as_str(), listed[0].devices),
        ("Bakkerij Jansen", 0)
    );
}

#[tokio::test]
async fn a_subscription_needs_its_organisation_and_its_device() {
    let zeef = Installation::new().await;
    let subscription = |organisation, device| Subscription {
        id: SubscriptionId::from_bytes([unique(); 16]),
        organisation,
        device,
        product: "rmm".parse().unwrap(),
        starts: START,
        ends: None,
    };
    let stranger = OrganisationId::from_bytes([201; 16]);
    let added = zeef
        .store
        .add_subscription(subscription(stranger, None), Actor::Administrator, START)
        .await;
    assert_eq!(added, Err(StoreError::NotFound("organisation")));
    let device = Some(DeviceId::from_bytes([202; 16]));
    let added = zeef
        .store
        .add_subscription(
            subscription(zeef.organisation, device),
            Actor::Administrator,
            START,
        )
        .await;
    assert_eq!(added, Err(StoreError::NotFound("device")));
}

#[tokio::test]
async fn what_is_not_there_cannot_be_ended_or_revoked() {
    let zeef = Installation::new().await;
    let ended = zeef
        .store
        .end_subscription(
            zeef.organisation,
            SubscriptionId::from_bytes([203; 16]),
            START,
            Actor::Administrator,
            START,
        )
        .await;
    assert_eq!(ended, Err(StoreError::NotFound("subscription")));
    assert!(
        !zeef
            .store
            .revoke_token(
                zeef.organisation,
                TokenId::from_bytes([203; 16]),
                Actor::Administrator,
                START
            )
            .await
            .unwrap()
    );
    assert!(
        !zeef
            .store
            .revoke_device(
                zeef.organisation,
                DeviceId::from_bytes([203; 16]),
                Actor::Administrator,
                START
            )
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn products_follow_the_subscriptions_periods() {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("rmm", None).await;
    zeef.subscribe("antivirus", Some(START.plus(DAY))).await;
    zeef.subscribe_from("voip", START.plus(DAY), None).await;
    let device = zeef.device().await;
    let products = |now| zeef.store.products(zeef.organisation, device, now);
    let names = |products: Vec<zeef_proto::policy::ProductId>| {
        products.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let before = START.plus(DAY - 1);
    assert_eq!(names(products(before).await.unwrap()), ["antivirus", "rmm"]);
    assert_eq!(names(products(START.plus(DAY)).await.unwrap()), ["rmm", "voip"]);
}

#[tokio::test]
async fn every_published_policy_is_kept_with_when_it_took_effect_the_newest_first() {
    let zeef = Installation::new().await;
    let second = signed(&REFERENCE_POLICY.replacen("version = 1\n", "version = 2\n", 1));
    zeef.store
        .publish_policy(second.clone(), START.plus(DAY))
        .await
        .unwrap();
    let published = zeef.store.policies().await.unwrap();
    let [newest, first] = published.as_slice() else {
        panic!("{} policies", published.len())
    };
    assert_eq!((&newest.signed, newest.published_at), (&second, START.plus(DAY)));
    assert_eq!(first.published_at, START);
    assert_eq!(first.signed.document, REFERENCE_POLICY);
    assert_eq!(zeef.store.policy().await.unwrap(), Some(second));
}
