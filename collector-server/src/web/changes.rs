//! What differs between two published versions of the policy.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::failure::Failure;
use super::locale::Phrase;
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::{App, Version};
use super::visit::SignedIn;
use crate::notice::{Words, changes, words};

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    page: Page,
    compared: Option<Compared>,
    versions: Vec<Row>,
}

/// Two versions, and what differs.
struct Compared {
    between: Phrase,
    from: u64,
    to: u64,
    differences: Vec<Words>,
}

/// A published version.
struct Row {
    number: u64,
    title: String,
    published: Moment,
    fingerprint: String,
}

/// Which two, by number; the newest and the one before it where nothing is asked, or nothing that is there.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    from: String,
    to: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let language = person.visit.language;
    let texts = language.texts();
    let versions = app.versions().await?;
    let newest = versions.first().map(|version| &version.policy);
    let moments = Moments::new(texts, newest, app.now());
    let compared = chosen(&versions, &asked).map(|(from, to)| {
        let found = changes(&from.policy, &to.policy);
        Compared {
            between: texts
                .change
                .between
                .with("from", from.policy.version)
                .with("to", to.policy.version),
            from: from.policy.version,
            to: to.policy.version,
            differences: found.iter().map(|change| words(change, language)).collect(),
        }
    });
    let rows = versions.iter().map(|version| Row {
        number: version.policy.version,
        title: version.policy.title.clone(),
        published: moments.time(version.published_at),
        fingerprint: version.hash.clone(),
    });
    let template = ChangesPage {
        page: Page::of(&person, Place::Policy, texts.change.title.to_string()),
        versions: rows.collect(),
        compared,
    };
    Ok(html(StatusCode::OK, &template))
}

/// The versions to be compared, of those that there are, newest first; `None` where there are not two.
fn chosen<'a>(versions: &'a [Version], asked: &Asked) -> Option<(&'a Version, &'a Version)> {
    let of = |number: &str| {
        let number: u64 = number.parse().ok()?;
        versions.iter().find(|version| version.policy.version == number)
    };
    let to = of(&asked.to).or(versions.first())?;
    let older = versions.iter().find(|one| one.policy.version < to.policy.version);
    Some((of(&asked.from).or(older)?, to))
}
