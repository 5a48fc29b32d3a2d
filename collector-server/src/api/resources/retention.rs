//! Whether what has expired is gone.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::summary::text;
use crate::api::answer::Json;
use crate::api::problem::Problem;
use crate::api::state::Api;
use crate::retention;

/// How deletion stands, of all organisations together.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct RetentionStatus {
    /// How the clock stands to the latest time that was seen: steady, set-back or ahead.
    #[schema(example = "steady")]
    clock: &'static str,
    /// Values that have expired and are still stored.
    expired: u64,
    /// Since when the oldest of them has been due.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest_due_since: Option<String>,
    /// Values that a legal hold keeps.
    on_legal_hold: u64,
    /// Silent devices that are asked about.
    asked_about: u64,
    /// When the next value expires.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_expiry: Option<String>,
    /// When the last purge ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_purge: Option<String>,
    /// Whether it did all that was due.
    last_purge_completed: Option<bool>,
}

/// Show how deletion stands
#[utoipa::path(get, path = "/retention", operation_id = "showRetention", tag = "retention",
    responses((status = 200, description = "How it stands", body = RetentionStatus)))]
pub(in crate::api) async fn show(State(api): State<Arc<Api>>) -> Result<Json<RetentionStatus>, Problem> {
    let found = retention::look(api.store(), api.now()).await?;
    Ok(Json(RetentionStatus {
        clock: found.time.state().name(),
        expired: found.backlog.expired,
        oldest_due_since: text(found.backlog.oldest),
        on_legal_hold: found.backlog.on_hold,
        asked_about: found.backlog.asked_about,
        next_expiry: text(found.backlog.next),
        last_purge: text(found.last.map(|run| run.ended_at)),
        last_purge_completed: found.last.map(|run| run.completed),
    }))
}
