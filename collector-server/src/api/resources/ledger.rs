//! The ledger: its head, its entries, and the proof of one.

use std::sync::Arc;

use axum::extract::State;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use zeef_proto::OrganisationId;
use zeef_proto::id::{ApiTokenId, UserId};

use crate::api::answer::Json;
use crate::api::body::{At, Parameters};
use crate::api::caller::Caller;
use crate::api::cursor;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::ledger::read::{self, ProofError};
use crate::ledger::{Actor, Entry, Hash, SignedHead};

/// Of which entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Of {
    /// Of one organisation only. A token that reaches only some must name one.
    #[param(value_type = Option<String>, format = "uuid")]
    organisation: Option<OrganisationId>,
    /// Entries on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// Where the page before this one ended.
    cursor: Option<String>,
}

/// What was done, or who looked.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct LedgerEntry {
    /// Its place, from 0.
    index: u64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    time: String,
    /// The organisation that it concerns; none where it is the installation.
    #[schema(value_type = Option<String>, format = "uuid")]
    organisation: Option<OrganisationId>,
    /// What kind of actor did it.
    #[schema(example = "user")]
    actor: &'static str,
    /// The account, where one did.
    #[schema(value_type = Option<String>, format = "uuid")]
    user: Option<UserId>,
    /// The service's token, where one did.
    #[schema(value_type = Option<String>, format = "uuid")]
    api_token: Option<ApiTokenId>,
    /// What was done.
    #[schema(example = "device_read")]
    event: &'static str,
    /// What else there is to it.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
}

/// A page of entries.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct LedgerPage {
    /// The entries, newest first.
    items: Vec<LedgerEntry>,
    /// The cursor of the next page; none on the last.
    next: Option<String>,
}

/// The proof that an entry is in the ledger of a head.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Proof {
    /// The entry's place.
    index: u64,
    /// The entry's bytes, in hexadecimal.
    entry: String,
    /// The hashes that lead from it to the head's root.
    #[schema(value_type = Vec<String>)]
    path: Vec<Hash>,
    /// The signed head.
    #[schema(value_type = Object)]
    head: SignedHead,
}

/// Show the newest signed head
#[utoipa::path(get, path = "/ledger/head", operation_id = "showLedgerHead", tag = "ledger",
    responses((status = 200, description = "The head, as docs/ledger.md tells it", body = serde_json::Value),
              (status = 404, description = "Nothing was done yet", body = crate::api::problem::Written,
               content_type = "application/problem+json")))]
pub(in crate::api) async fn head(State(api): State<Arc<Api>>) -> Result<Json<SignedHead>, Problem> {
    let head = api.store().ledger_head().await?;
    head.map(Json).ok_or(Problem::NotFound)
}

/// List entries, newest first
#[utoipa::path(get, path = "/ledger/entries", operation_id = "listLedgerEntries", tag = "ledger", params(Of),
    responses((status = 200, description = "A page of entries", body = LedgerPage),
              (status = 404, description = "The organisation is not within reach",
               body = crate::api::problem::Written, content_type = "application/problem+json")))]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Parameters(of): Parameters<Of>,
) -> Result<Json<LedgerPage>, Problem> {
    match of.organisation {
        Some(organisation) if !caller.reach.reaches(organisation) => return Err(Problem::NotFound),
        None if caller.reach.limits().is_some() => {
            let detail = "the token reaches some organisations only; name one of them as organisation";
            return Err(Problem::Input(detail.to_owned()));
        }
        _ => {}
    }
    let limit = cursor::limit(of.limit)?;
    let list = format!("ledger {:?}", of.organisation);
    let before = match &of.cursor {
        Some(cursor) => cursor::read(&list, cursor)?.min(i64::MAX as u64),
        None => i64::MAX as u64,
    };
    // One more, to know whether there is a next page.
    let mut stored = api
        .store()
        .ledger_before(of.organisation, before, limit + 1)
        .await?;
    let has_more = stored.len() > limit;
    stored.truncate(limit);
    let next = stored
        .last()
        .filter(|_| has_more)
        .map(|last| cursor::write(&list, last.index));
    let read = stored
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).map(|entry| LedgerEntry::of(&entry)));
    let items = read.collect::<Result<_, _>>().map_err(|_| Problem::Unavailable)?;
    Ok(Json(LedgerPage { items, next }))
}

/// Prove that an entry is in the ledger
#[utoipa::path(get, path = "/ledger/entries/{index}/proof", operation_id = "proveLedgerEntry", tag = "ledger",
    params(("index" = u64, Path, description = "The entry's place")),
    responses((status = 200, description = "The proof, as docs/ledger.md tells it", body = Proof)))]
pub(in crate::api) async fn prove(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At(index): At<u64>,
) -> Result<Json<Proof>, Problem> {
    let stored = api.store().ledger_from(index.min(i64::MAX as u64), 1).await?;
    let stored = stored
        .first()
        .filter(|stored| stored.index == index)
        .ok_or(Problem::NotFound)?;
    let entry = Entry::from_bytes(&stored.bytes).map_err(|_| Problem::Unavailable)?;
    let is_reached = match entry.event.organisation() {
        Some(organisation) => caller.reach.reaches(organisation),
        None => caller.reach.limits().is_none(),
    };
    if !is_reached {
        return Err(Problem::NotFound);
    }
    let proven = read::inclusion(api.store(), index)
        .await
        .map_err(|error| match error {
            ProofError::NotThere(_) => Problem::NotFound,
            ProofError::Store(error) => error.into(),
            ProofError::Broken => Problem::Unavailable,
        })?;
    Ok(Json(Proof {
        index,
        entry: HEXLOWER.encode(&proven.entry.bytes),
        path: proven.path,
        head: proven.head,
    }))
}

impl LedgerEntry {
    fn of(entry: &Entry) -> Self {
        let details = entry.event.details().into_iter();
        Self {
            index: entry.index,
            time: entry.at.to_string(),
            organisation: entry.event.organisation(),
            actor: entry.actor.name(),
            user: match entry.actor {
                Actor::User(user) => Some(user),
                _ => None,
            },
            api_token: match entry.actor {
                Actor::Service(token) => Some(token),
                _ => None,
            },
            event: entry.event.name(),
            details: details.map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}
