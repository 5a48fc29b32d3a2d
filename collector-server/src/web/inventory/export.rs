//! The list as a file: exactly the devices that the filters and the search name.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::super::failure::Failure;
use super::super::sealed_term::TermKey;
use super::super::state::App;
use super::super::view::{Asked, View};
use super::super::visit::SignedIn;
use crate::export::{Export, Form};
use crate::store::ledger::LookedAt;

pub(in crate::web) async fn csv(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let header = ("text/csv; charset=utf-8; header=present", "zeef-inventory.csv");
    export(&app, &person, &asked, Form::Csv, header).await
}

pub(in crate::web) async fn json(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let header = ("application/json", "zeef-inventory.json");
    export(&app, &person, &asked, Form::Json, header).await
}

async fn export(
    app: &App,
    person: &SignedIn,
    asked: &Asked,
    form: Form,
    (kind, name): (&str, &str),
) -> Result<Response, Failure> {
    let view = View::from_address(asked, &TermKey::new(&person.secret));
    if view.lost_search {
        // The list says so; a file of everything would not be what was asked for.
        return Ok(Redirect::to("/inventory?q=lost").into_response());
    }
    let now = app.now();
    let found = app.index.find(&view.query(person.reach()), now).await?;
    let owners = found.ids.iter().map(|(organisation, _)| *organisation);
    app.note_look(person, LookedAt::export(owners, view.term().is_some()))
        .await?;
    let export = Export {
        form,
        ids: found.ids,
        names: found.names,
        now,
    };
    let body = Body::new(export.start(Arc::clone(&app.store)));
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, &disposition)], body).into_response())
}
