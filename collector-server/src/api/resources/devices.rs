//! Lists of devices: filtered, searched, sorted, page by page.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zeef_proto::OrganisationId;
use zeef_proto::policy::ProductId;

use super::summary::DeviceSummary;
use crate::api::answer::Json;
use crate::api::body::{Body, Parameters};
use crate::api::caller::Caller;
use crate::api::cursor;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::index::term::MOST_CHARACTERS;
use crate::index::{self, Column, Kind, Query, Sort, Term};
use crate::store::ledger::LookedAt;

/// Which devices, in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Filter {
    /// Of one organisation only.
    #[param(value_type = Option<String>, format = "uuid")]
    organisation: Option<OrganisationId>,
    /// With this product now.
    #[param(value_type = Option<String>, pattern = "^[a-z0-9][a-z0-9-]{0,31}$")]
    product: Option<ProductId>,
    /// Of this kind only.
    #[param(inline)]
    state: Option<DeviceKind>,
    /// By what the list is sorted.
    #[param(inline)]
    sort: Option<SortBy>,
    /// The other way round.
    reversed: Option<bool>,
    /// Devices on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// Where the page before this one ended.
    cursor: Option<String>,
}

/// What to look for, and in which devices.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Search {
    /// A part of a name, user or MAC address, an IP address, or a network such as 10.0.3.0/24.
    #[schema(min_length = 1, max_length = 100)]
    term: String,
    /// Of one organisation only.
    #[schema(value_type = Option<String>, format = "uuid")]
    organisation: Option<OrganisationId>,
    /// With this product now.
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9][a-z0-9-]{0,31}$")]
    product: Option<ProductId>,
    /// Of this kind only.
    state: Option<DeviceKind>,
    /// By what the list is sorted.
    sort: Option<SortBy>,
    /// The other way round.
    reversed: Option<bool>,
    /// Devices on a page.
    #[schema(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
    /// Where the page before this one ended.
    cursor: Option<String>,
}

/// Kinds of devices: how they stand, or that they have no agent.
#[derive(Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api) enum DeviceKind {
    /// Heard of lately.
    Reporting,
    /// Not heard of for a week.
    Silent,
    /// Refused by somebody.
    Revoked,
    /// Two devices seem to use its identity.
    SuspectedClone,
    /// Known from records of other products alone.
    NoAgent,
}

/// By what a list is sorted. Devices without a value come last.
#[derive(Deserialize, ToSchema, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api) enum SortBy {
    /// Device name.
    #[default]
    Name,
    /// Name of the organisation.
    Organisation,
    /// First user.
    User,
    /// Lowest private address.
    Address,
    /// Lowest MAC address.
    Mac,
    /// Last contact, latest first.
    Contact,
}

/// A page of devices.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DevicePage {
    /// The devices, in order.
    items: Vec<DeviceSummary>,
    /// Devices on all pages.
    total: u64,
    /// The cursor of the next page; none on the last.
    next: Option<String>,
}

impl From<DeviceKind> for Kind {
    fn from(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Reporting => Self::In(index::State::Reporting),
            DeviceKind::Silent => Self::In(index::State::Silent),
            DeviceKind::Revoked => Self::In(index::State::Revoked),
            DeviceKind::SuspectedClone => Self::In(index::State::SuspectedClone),
            DeviceKind::NoAgent => Self::WithoutAgent,
        }
    }
}

impl From<SortBy> for Column {
    fn from(sort: SortBy) -> Self {
        match sort {
            SortBy::Name => Self::Name,
            SortBy::Organisation => Self::Organisation,
            SortBy::User => Self::User,
            SortBy::Address => Self::Address,
            SortBy::Mac => Self::Mac,
            SortBy::Contact => Self::LastContact,
        }
    }
}

/// List devices
#[utoipa::path(get, path = "/devices", operation_id = "listDevices", tag = "devices", params(Filter),
    responses((status = 200, description = "A page of devices", body = DevicePage)))]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<DevicePage>, Problem> {
    page(&api, &caller, filter, None).await
}

/// Search devices
///
/// What is searched for stands in the body: addresses are written into logs.
#[utoipa::path(post, path = "/devices/search", operation_id = "searchDevices", tag = "devices",
    request_body = Search, responses((status = 200, description = "A page of what was found", body = DevicePage)))]
pub(in crate::api) async fn search(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Body(search): Body<Search>,
) -> Result<Json<DevicePage>, Problem> {
    let fits = search.term.chars().count() <= MOST_CHARACTERS;
    let term = Term::parse(&search.term).filter(|_| fits).ok_or_else(|| {
        Problem::Field(
            "term",
            "there is nothing to search for; give 1 to 100 characters".to_owned(),
        )
    })?;
    let filter = Filter {
        organisation: search.organisation,
        product: search.product,
        state: search.state,
        sort: search.sort,
        reversed: search.reversed,
        limit: search.limit,
        cursor: search.cursor,
    };
    page(&api, &caller, filter, Some(term)).await
}

async fn page(
    api: &Api,
    caller: &Caller,
    filter: Filter,
    term: Option<Term>,
) -> Result<Json<DevicePage>, Problem> {
    let searched = term.is_some();
    let limit = cursor::limit(filter.limit)?;
    let mut query = Query {
        organisation: filter.organisation,
        product: filter.product,
        kind: filter.state.map(Into::into),
        sort: Sort {
            column: filter.sort.unwrap_or_default().into(),
            reversed: filter.reversed.unwrap_or(false),
        },
        per_page: limit,
        ..Query::of(caller.reach.clone())
    };
    // Without the term, which is a personal value: a cursor of another search goes on at the same place in this one.
    let list = format!("devices {searched} {query:?}");
    query.term = term;
    if let Some(cursor) = &filter.cursor {
        query.page = usize::try_from(cursor::read(&list, cursor)?).unwrap_or(usize::MAX);
    }
    let (asked, now) = (query.page, api.now());
    let shown = api.app.index.list(&query, now).await?;
    // The index answers with its last page where the one that is asked for is past the end.
    let devices = if shown.page == asked {
        shown.devices
    } else {
        Vec::new()
    };
    let owners = devices.iter().map(|device| device.organisation);
    api.note_look(caller, LookedAt::devices(owners, searched)).await?;
    let has_more = (asked + 1).saturating_mul(limit) < shown.total;
    Ok(Json(DevicePage {
        items: devices
            .iter()
            .map(|device| DeviceSummary::of(device, now))
            .collect(),
        total: shown.total as u64,
        next: has_more.then(|| cursor::write(&list, asked as u64 + 1)),
    }))
}
