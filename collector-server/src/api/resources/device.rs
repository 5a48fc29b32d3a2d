//! One device: every value with its end, and what allows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use data_encoding::HEXLOWER;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use zeef_proto::field::matching_form;
use zeef_proto::policy::{Permits, Policy, ProductId, Source};
use zeef_proto::{DeviceId, OrganisationId};

use super::summary::{DeviceSummary, text};
use crate::api::answer::tagged;
use crate::api::body::At;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::retention::ANSWER_WITHIN;
use crate::store::Origin;
use crate::store::ledger::LookedAt;
use crate::store::records::{Agent, Device, Observation};
use crate::store::requests::Correction;

/// All that is held of a device.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct DeviceDetail {
    #[serde(flatten)]
    summary: DeviceSummary,
    /// Its products now.
    #[schema(value_type = Vec<String>)]
    products: Vec<ProductId>,
    /// When it counts as ended, where it was asked about for its silence and nobody answers.
    #[schema(value_type = Option<String>, format = DateTime)]
    counts_as_ended_at: Option<String>,
    /// Keyed hashes by which records of other products about it are known.
    links: u64,
    /// What the protocol holds of its agent.
    agent: Option<AgentDetail>,
    /// The values that are held.
    observations: Vec<Value>,
}

/// What the protocol holds of an agent.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AgentDetail {
    /// Its version.
    version: String,
    /// Version of the policy that it obeys.
    policy: u64,
    /// Number of the last report that was stored.
    sequence: u64,
    /// Whether it may tell of other devices of its site.
    may_tell_of_others: bool,
    /// Serial number of its newest certificate, in hexadecimal.
    certificate_serial: Option<String>,
    /// Until when that is valid.
    #[schema(value_type = Option<String>, format = DateTime)]
    certificate_until: Option<String>,
}

/// A value as one source said it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Value {
    /// The documented field.
    #[schema(example = "private_ip")]
    field: &'static str,
    /// The value, as its source said it.
    value: String,
    /// What it should be, where somebody had it corrected.
    corrected: Option<String>,
    /// Who said it.
    #[schema(example = "native")]
    source: String,
    /// The product whose record said it; none where the agent itself did.
    product: Option<String>,
    /// Since when it is held, to the hour.
    #[schema(value_type = String, format = DateTime)]
    first_seen: String,
    /// When it expires; none while a subscription without an end documents it.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
    /// The policy's rows that allow it.
    reasons: Vec<Reason>,
}

/// A row of the policy that allows a value.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Reason {
    /// The row's id.
    row: String,
    /// The product that it belongs to.
    #[schema(value_type = String)]
    product: ProductId,
    /// What for.
    purpose: Both,
    /// Grounds of the GDPR, article 6.
    #[schema(value_type = Vec<String>, example = json!(["contract"]))]
    grounds: serde_json::Value,
    /// How long.
    #[schema(example = "service")]
    term: serde_json::Value,
}

/// A text in both languages.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Both {
    /// Dutch.
    nl: String,
    /// English.
    en: String,
}

/// Show a device
#[utoipa::path(get, path = "/organisations/{organisation}/devices/{device}", operation_id = "showDevice",
    tag = "devices",
    params(("organisation" = String, Path, format = "uuid"), ("device" = String, Path, format = "uuid"),
           ("If-None-Match" = Option<String>, Header, description = "The ETag of an earlier answer")),
    responses((status = 200, description = "The device", body = DeviceDetail,
               headers(("ETag" = String, description = "Changes with the answer"))),
              (status = 304, description = "As it was")))]
pub(in crate::api) async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At((organisation, device)): At<(OrganisationId, DeviceId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let now = api.now();
    let found = visible(&api, organisation, device).await?;
    let corrections = api.store().corrections(organisation, device).await?;
    api.note_look(&caller, LookedAt::Device(organisation, device))
        .await?;
    let products = match found.agent {
        Some(_) => api.store().products(organisation, device, now).await?,
        None => found.products_of_sources(),
    };
    let published = api.app.policy().await.map_err(|_| Problem::Unavailable)?;
    let policy = published.as_ref().map(|published| &published.policy);
    let values = found.observations.iter();
    let detail = DeviceDetail {
        summary: DeviceSummary::of(&found, now),
        counts_as_ended_at: text(found.asked_at.map(|asked| asked.plus(ANSWER_WITHIN))),
        links: found.links,
        agent: found.agent.as_ref().map(AgentDetail::of),
        observations: values
            .map(|one| Value::of(one, &corrections, &products, policy))
            .collect(),
        products,
    };
    Ok(tagged(&caller, &headers, &detail))
}

/// A device that is not restricted: such a one is seen only where its request is worked off, on the pages.
pub(super) async fn visible(
    api: &Api,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Device, Problem> {
    let found = api.store().device(organisation, device, api.now()).await?;
    found.filter(|found| !found.restricted).ok_or(Problem::NotFound)
}

impl AgentDetail {
    fn of(agent: &Agent) -> Self {
        let certificate = agent.certificate.as_ref();
        Self {
            version: agent.version.clone(),
            policy: agent.policy,
            sequence: agent.sequence,
            may_tell_of_others: agent.speaks_for_site,
            certificate_serial: certificate.map(|one| HEXLOWER.encode(&one.serial)),
            certificate_until: text(certificate.map(|one| one.not_after)),
        }
    }
}

impl Value {
    fn of(
        one: &Observation,
        corrections: &[Correction],
        products: &[ProductId],
        policy: Option<&Policy>,
    ) -> Self {
        let product = one.origin.product();
        Self {
            field: one.field.name(),
            value: one.value.clone(),
            corrected: corrected(corrections, one),
            source: one.origin.source().to_owned(),
            product: (!product.is_empty()).then(|| product.to_owned()),
            first_seen: one.first_seen.to_string(),
            expires_at: text(one.expires_at),
            reasons: policy.map_or_else(Vec::new, |policy| reasons(one, products, policy)),
        }
    }
}

fn corrected(corrections: &[Correction], one: &Observation) -> Option<String> {
    let is_of = |correction: &&Correction| {
        correction.field == one.field && matching_form(correction.said.expose()) == matching_form(&one.value)
    };
    let found = corrections.iter().find(is_of);
    found.map(|correction| correction.corrected.expose().to_owned())
}

fn reasons(one: &Observation, products: &[ProductId], policy: &Policy) -> Vec<Reason> {
    let permits = match &one.origin {
        Origin::Native => Permits::new(policy, products, Source::Agent),
        Origin::Source { product, .. } => Permits::of_records(policy, product),
    };
    let rows: BTreeSet<_> = permits.of(one.field).map(|permit| permit.row.clone()).collect();
    let written = rows
        .iter()
        .filter_map(|row| policy.row(row))
        .map(|(product, row)| Reason {
            row: row.id.to_string(),
            product: product.id.clone(),
            purpose: Both {
                nl: row.purpose.nl.clone(),
                en: row.purpose.en.clone(),
            },
            grounds: serde_json::json!(row.grounds),
            term: serde_json::json!(row.term),
        });
    written.collect()
}
