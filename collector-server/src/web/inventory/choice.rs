//! What a person keeps of the list's form: its columns, in a cookie, and views with a name, in the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::super::columns::Columns;
use super::super::cookie::Cookie;
use super::super::failure::Failure;
use super::super::form::SignedForm;
use super::super::sealed_term::TermKey;
use super::super::state::App;
use super::super::view::{Asked, View};
use super::super::visit::SignedIn;
use crate::store::views::SavedView;

/// Longest name of a view, in characters.
const MOST_CHARACTERS: usize = 60;

/// The columns that a person chose last.
pub(super) fn remembered(headers: &HeaderMap, app: &App) -> Columns {
    let chosen = Cookie::Columns.read(headers, app.secure());
    chosen.and_then(Columns::parse).unwrap_or_default()
}

/// The view at an address of the list, which a form brings along.
fn view_at(address: &str, person: &SignedIn) -> Result<View, Failure> {
    let address: Uri = address.parse().map_err(|_| Failure::Input)?;
    let asked = Query::<Asked>::try_from_uri(&address).map_err(|_| Failure::Input)?;
    Ok(View::from_address(&asked, &TermKey::new(&person.secret)))
}

/// Takes the choice of columns: a field `column-NAME` for each, and `to`, the address of the list.
pub(in crate::web) async fn set_columns(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let columns = Columns::chosen(|column| form.contains_key(&format!("column-{}", column.name())));
    let to = form.get("to").map_or("/inventory", String::as_str);
    let cookie = Cookie::Columns.set(&columns.text(), app.secure());
    let view = view_at(to, &person)?.with_columns(columns);
    Ok(([cookie], Redirect::to(&view.address())).into_response())
}

#[derive(Deserialize)]
pub(in crate::web) struct Named {
    name: String,
    /// The address of the list.
    to: String,
}

/// Saves the view under a name, without what was searched for.
pub(in crate::web) async fn save_view(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    SignedForm { person, form }: SignedForm<Named>,
) -> Result<Redirect, Failure> {
    let name = form.name.trim();
    let fits = (1..=MOST_CHARACTERS).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        return Err(Failure::Input);
    }
    let view = view_at(&form.to, &person)?.without_search();
    let view = match view.columns {
        Some(_) => view,
        None => view.with_columns(remembered(&headers, &app)),
    };
    let saved = SavedView {
        name: name.to_owned(),
        asked: view.asked(),
    };
    let is_saved = app.store.save_view(person.session.user, saved).await?;
    let hint = if is_saved { "saved" } else { "full" };
    Ok(Redirect::to(&format!("{}&hint={hint}", view.address())))
}

pub(in crate::web) async fn forget_view(
    State(app): State<Arc<App>>,
    SignedForm { person, form }: SignedForm<Named>,
) -> Result<Redirect, Failure> {
    let view = view_at(&form.to, &person)?;
    // One that is gone already, in another window, is what was asked for.
    app.store.forget_view(person.session.user, form.name).await?;
    Ok(Redirect::to(&view.address()))
}
