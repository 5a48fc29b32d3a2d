//! The receipt of an erasure: what it tells, and the signed file.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use zeef_proto::id::ReceiptId;
use zeef_proto::{Logged, UnixTime};

use super::device::counted;
use super::failure::Failure;
use super::locale::Phrase;
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::App;
use super::visit::SignedIn;
use crate::erasure::{Kind, Receipt};
use crate::ledger::read::{self, ProofError};
use crate::store::erasure::Erased;

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    page: Page,
    done: &'static Phrase,
    id: ReceiptId,
    at: Moment,
    counts: Vec<(String, u64)>,
    file: String,
    entry: u64,
    list: String,
    zone: Phrase,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Path(path): Path<(String, String)>,
) -> Result<Response, Failure> {
    let erased = found(&app, &path).await?;
    let facts = &erased.facts;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let texts = person.visit.language.texts();
    let moments = Moments::new(texts, policy, app.now());
    let template = ReceiptPage {
        page: Page::of(&person, Place::Inventory, texts.erasure.receipt.to_string()),
        done: match facts.kind {
            Kind::Device => &texts.erasure.done_device,
            Kind::Person => &texts.erasure.done_person,
            Kind::Organisation => &texts.erasure.done_organisation,
        },
        id: facts.receipt,
        at: moments.time(UnixTime(facts.erased_at)),
        counts: counted(&facts.counts, texts),
        file: format!("/receipts/{}/{}/file", facts.organisation, facts.receipt),
        entry: erased.entry,
        list: format!("/inventory?organisation={}", facts.organisation),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// The file that proves it, for whoever asked: it can be checked without this installation.
pub(super) async fn file(
    State(app): State<Arc<App>>,
    _: SignedIn,
    Path(path): Path<(String, String)>,
) -> Result<Response, Failure> {
    let erased = found(&app, &path).await?;
    let id = erased.facts.receipt;
    let proven = match read::inclusion(&*app.store, erased.entry).await {
        Err(ProofError::Store(error)) => return Err(error.into()),
        Err(ProofError::NotThere(_) | ProofError::Broken) => {
            tracing::error!(receipt = %Logged(&id), "a receipt cannot be proven; run `zeef-collector ledger verify`");
            return Err(Failure::Store);
        }
        Ok(proven) => proven,
    };
    let name = format!("attachment; filename=\"zeef-receipt-{id}.json\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(name).map_err(|_| Failure::Store)?,
        ),
    ];
    Ok((headers, Receipt::new(erased.facts, proven).to_bytes()).into_response())
}

async fn found(app: &App, (organisation, receipt): &(String, String)) -> Result<Erased, Failure> {
    let receipt = receipt.parse().map_err(|_| Failure::NotFound)?;
    let erased = app.store.erased(receipt).await?;
    // The account reaches the organisation of the address: the receipt must be one of its own.
    erased
        .filter(|erased| erased.facts.organisation.to_string() == *organisation)
        .ok_or(Failure::NotFound)
}
