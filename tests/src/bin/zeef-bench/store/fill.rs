//! A store with a fleet in it, filled through its own interface.

use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use zeef_collector::ledger::Actor;
use zeef_collector::store::records::{NewToken, Subscription};
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, AgentStore};
use zeef_proto::UnixTime;
use zeef_proto::id::{SubscriptionId, TokenId};
use zeef_proto::policy::PolicySigningKey;
use zeef_proto::time::DAY;

use super::fleet::{self, IN_ORGANISATION};
use super::home::Home;
use super::load;
use crate::table::progress;

const REFERENCE_POLICY: &str = include_str!("../../../../../proto/policies/vokus-1.1.toml");

/// Fills a home with its devices, where no earlier run has.
pub(super) async fn fill(home: &Home<'_>) {
    if home.is_filled() {
        return;
    }
    progress(&format!(
        "{}: filling a store with {} devices",
        home.engine.title(),
        home.devices
    ));
    let store = Arc::new(home.open());
    let now = zeef_tests::clock::now().to_the_hour();
    begin(&store, home.devices, REFERENCE_POLICY, now).await;
    enrol(&store, 0, home.devices, now).await;
    home.note_filled();
}

/// The reference policy with a term of six months for what the fleet's product documents.
pub(super) fn six_months() -> String {
    let (before, after) = REFERENCE_POLICY
        .split_once("id = \"antivirus-device\"")
        .expect("the reference policy has the product");
    let after = after.replacen("term = \"service\"", "term = { months = 6 }", 1);
    format!("{before}id = \"antivirus-device\"{after}")
}

/// Publishes the policy and makes the organisations of so many devices, each with a product and a token.
pub(super) async fn begin(store: &Arc<SqlStore>, devices: u32, policy: &str, now: UnixTime) {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    let key = PolicySigningKey::from_pkcs8(der.as_ref()).expect("a key");
    let signed = key.sign(policy).expect("a policy");
    store.publish_policy(signed, now).await.expect("it is published");
    let store = Arc::clone(store);
    load::each(fleet::organisations(devices), move |number| {
        let store = Arc::clone(&store);
        async move { add_organisation(&store, number, now).await }
    })
    .await;
}

async fn add_organisation(store: &SqlStore, number: u32, now: UnixTime) {
    let organisation = fleet::organisation(number);
    let added = store
        .add_organisation(organisation, format!("Customer {number}"), now)
        .await;
    added.expect("it is added");
    let subscription = Subscription {
        id: SubscriptionId::from_bytes(*organisation.as_bytes()),
        organisation,
        device: None,
        product: "antivirus".to_owned().try_into().expect("a product"),
        starts: now,
        ends: None,
    };
    let added = store
        .add_subscription(subscription, Actor::Administrator, now)
        .await;
    added.expect("it is added");
    let token = NewToken {
        id: TokenId::from_bytes(*organisation.as_bytes()),
        organisation,
        secret_hash: fleet::secret_hash(number),
        uses: IN_ORGANISATION,
        expires_at: now.plus(400 * DAY),
        created_at: now,
    };
    store
        .add_token(token, Actor::Administrator)
        .await
        .expect("it is added");
}

/// Enrols the devices from `first` on, up to `end`, each of which then says all that it has.
pub(super) async fn enrol(store: &Arc<SqlStore>, first: u32, end: u32, now: UnixTime) {
    let count = end - first;
    let (each, told) = (Arc::clone(store), count.div_ceil(10));
    load::each(count, move |number| {
        let store = Arc::clone(&each);
        async move {
            if number > 0 && number.is_multiple_of(told) {
                progress(&format!("{number} of {count} devices are in"));
            }
            let device = first + number;
            let enrolled = store.enrol(fleet::enrolment(device, now)).await;
            assert!(
                enrolled.expect("the store answers").is_some(),
                "the token is good"
            );
            load::record(&store, fleet::first(device, now)).await;
        }
    })
    .await;
}
