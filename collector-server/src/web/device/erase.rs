//! Erasing a device: what would be deleted, the button, and the receipt afterwards.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use zeef_proto::id::ReceiptId;

use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::locale::Texts;
use super::super::state::App;
use super::super::visit::SignedIn;
use super::action::Press;
use super::target::{Plan, Target, confirm};
use crate::erasure::{Counts, Subject};
use crate::ledger::Actor;
use crate::random;
use crate::store::StoreError;

pub(in crate::web) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path((organisation, device)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let target = Target::parse(&organisation, &device)?;
    page(&app, &person, target, None).await
}

pub(in crate::web) async fn perform(
    State(app): State<Arc<App>>,
    Path((organisation, device)): Path<(String, String)>,
    SignedForm {
        person,
        form: Press {},
    }: SignedForm<Press>,
) -> Result<Response, Failure> {
    let target = Target::parse(&organisation, &device)?;
    let (subject, receipt) = (
        Subject::Device(target.device),
        ReceiptId::from_random(random::bytes()),
    );
    let by = Actor::User(person.session.user);
    let erased = app
        .store
        .erase(target.organisation, subject, receipt, by, app.now())
        .await;
    match erased {
        Ok(_) => {
            // What was deleted must not linger in the write-ahead log; the purge tries again where a reader is in the way.
            let store = Arc::clone(&app.store);
            tokio::spawn(async move { drop(store.checkpoint().await) });
            let address = format!("/receipts/{}/{receipt}", target.organisation);
            Ok(Redirect::to(&address).into_response())
        }
        Err(StoreError::OnHold) => {
            let mistake = person.visit.language.texts().erasure.on_hold.to_string();
            page(&app, &person, target, Some(mistake)).await
        }
        Err(StoreError::NotFound(_)) => Err(Failure::DeviceGone),
        Err(other) => Err(other.into()),
    }
}

async fn page(
    app: &App,
    person: &SignedIn,
    target: Target,
    mistake: Option<String>,
) -> Result<Response, Failure> {
    let device = target.read(app, person).await?;
    let subject = Subject::Device(target.device);
    let counts = match app.store.plan_erasure(target.organisation, subject).await {
        Err(StoreError::NotFound(_)) => return Err(Failure::DeviceGone),
        counts => counts?,
    };
    let texts = person.visit.language.texts();
    let words = &texts.erasure;
    let mut effects = vec![words.deleted.to_string()];
    if device.agent.is_some() {
        effects.push(words.agent_wipes.to_string());
    }
    effects.extend([&words.refused, &words.receipt_follows].map(ToString::to_string));
    let plan = Plan {
        title: words.title.to_string(),
        effects,
        counts: counted(&counts, texts),
        button: words.button.to_string(),
        for_good: true,
    };
    confirm(app, person, (target, &device), plan, mistake).await
}

/// What an erasure deletes or destroys, without what it has none of.
pub(in crate::web) fn counted(counts: &Counts, texts: &Texts) -> Vec<(String, u64)> {
    let words = &texts.erasure;
    let values = counts.observations.iter().map(|(field, count)| {
        let field = zeef_proto::field::Field::ALL
            .into_iter()
            .find(|known| known.to_string() == *field)
            .map_or(field.as_str(), |known| texts.of_field(known).as_str());
        (words.values_of.with("field", field).to_string(), *count)
    });
    let rest = [
        (&words.devices, counts.devices),
        (&words.device_keys, counts.device_keys),
        (&words.organisation_keys, counts.organisation_keys),
        (&words.links, counts.links),
        (&words.index_entries, counts.index_entries),
        (&words.questions, counts.questions),
        (&words.subscriptions, counts.subscriptions),
        (&words.tokens, counts.tokens),
        (&words.holds, counts.holds),
    ];
    let rest = rest.into_iter().map(|(what, count)| (what.to_string(), count));
    values.chain(rest).filter(|(_, count)| *count > 0).collect()
}
