//! What an organisation or one of its devices is subscribed to.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeef_proto::id::SubscriptionId;
use zeef_proto::policy::ProductId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::summary::text;
use crate::api::answer::{Json, Made};
use crate::api::body::{At, Body};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::random;
use crate::store::records;

/// A period of a product.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Subscription {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: SubscriptionId,
    /// The product.
    #[schema(value_type = String)]
    product: ProductId,
    /// One device only; none where all of the organisation have it.
    #[schema(value_type = Option<String>, format = "uuid")]
    device: Option<DeviceId>,
    /// When it starts.
    #[schema(value_type = String, format = DateTime)]
    starts: String,
    /// When it ends, if that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends: Option<String>,
}

/// A period to be started.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewSubscription {
    /// A product of the policy.
    #[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9-]{0,31}$", example = "antivirus")]
    product: ProductId,
    /// One device only.
    #[schema(value_type = Option<String>, format = "uuid")]
    device: Option<DeviceId>,
    /// When it starts; now, if left out.
    #[schema(format = DateTime)]
    starts: Option<String>,
    /// When it ends, if that is known.
    #[schema(format = DateTime)]
    ends: Option<String>,
}

/// When a period is to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct End {
    /// When; now, if left out.
    #[schema(format = DateTime)]
    ends: Option<String>,
}

impl From<records::Subscription> for Subscription {
    fn from(one: records::Subscription) -> Self {
        Self {
            id: one.id,
            product: one.product,
            device: one.device,
            starts: one.starts.to_string(),
            ends: text(one.ends),
        }
    }
}

/// List an organisation's subscriptions, ended ones too
#[utoipa::path(get, path = "/organisations/{organisation}/subscriptions", operation_id = "listSubscriptions",
    tag = "subscriptions", params(("organisation" = String, Path, format = "uuid")),
    responses((status = 200, description = "The subscriptions", body = Vec<Subscription>)))]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    At(organisation): At<OrganisationId>,
) -> Result<Json<Vec<Subscription>>, Problem> {
    let all = api.store().subscriptions(organisation).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Start a subscription
#[utoipa::path(post, path = "/organisations/{organisation}/subscriptions", operation_id = "startSubscription",
    tag = "subscriptions", params(("organisation" = String, Path, format = "uuid")), request_body = NewSubscription,
    responses((status = 201, description = "It is started", body = Subscription)))]
pub(in crate::api) async fn start(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At(organisation): At<OrganisationId>,
    Body(wanted): Body<NewSubscription>,
) -> Result<Made<Subscription>, Problem> {
    let published = api.policy().await?;
    if published.policy.product(&wanted.product).is_none() {
        let detail = "the policy has no such product; see /policy for those that it has";
        return Err(Problem::Field("product", detail.to_owned()));
    }
    let starts = time("starts", wanted.starts)?.unwrap_or_else(|| api.now());
    let ends = time("ends", wanted.ends)?;
    if ends.is_some_and(|ends| ends <= starts) {
        return Err(Problem::Field(
            "ends",
            "a subscription ends after it starts".to_owned(),
        ));
    }
    let subscription = records::Subscription {
        id: SubscriptionId::from_random(random::bytes()),
        organisation,
        device: wanted.device,
        product: wanted.product,
        starts,
        ends,
    };
    api.store()
        .add_subscription(subscription.clone(), caller.actor, api.now())
        .await?;
    Ok(Made(subscription.into()))
}

/// End a subscription
///
/// What it alone documents is gone then.
#[utoipa::path(post, path = "/organisations/{organisation}/subscriptions/{subscription}/end",
    operation_id = "endSubscription", tag = "subscriptions",
    params(("organisation" = String, Path, format = "uuid"), ("subscription" = String, Path, format = "uuid")),
    request_body = End, responses((status = 204, description = "It has that end")))]
pub(in crate::api) async fn end(
    State(api): State<Arc<Api>>,
    caller: Caller,
    At((organisation, subscription)): At<(OrganisationId, SubscriptionId)>,
    Body(end): Body<End>,
) -> Result<StatusCode, Problem> {
    let ends = time("ends", end.ends)?.unwrap_or_else(|| api.now());
    api.store()
        .end_subscription(organisation, subscription, ends, caller.actor, api.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn time(field: &'static str, text: Option<String>) -> Result<Option<UnixTime>, Problem> {
    let read = text.map(|text| text.parse::<UnixTime>()).transpose();
    read.map_err(|_| Problem::Field(field, "it is not a time such as 2026-03-01T09:30:00Z".to_owned()))
}
