//! The ledger: what was done and who looked, with a check of all of it and its signed head to take away.

mod check;
mod filter;
mod row;
mod theme;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use zeef_proto::UnixTime;

pub(super) use self::check::{check, verdict};
pub(super) use self::filter::Asked;
use self::filter::{By, Filter, KINDS, Sieve};
use self::row::{Names, Row};
use self::theme::Theme;
use super::failure::Failure;
use super::form::SignedForm;
use super::locale::{Phrase, Texts};
use super::moment::Moments;
use super::page::{Choice, Page, Place, html, json};
use super::state::App;
use super::visit::SignedIn;
use crate::access::Reach;
use crate::ledger::read::{self, CheckError};
use crate::ledger::{Checked, Entry, SignedHead};
use crate::store::StoreError;

/// Entries on a page.
const PER_PAGE: usize = 50;
/// Read in one go.
const READ: usize = 500;
/// Looked at for one page; a filter that takes few of them goes on from there.
const MOST_READ: usize = 20_000;

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    page: Page,
    head: Option<HeadShown>,
    checked: Option<Result<Phrase, Phrase>>,
    filtered: bool,
    organisations: Vec<Choice>,
    themes: Vec<Choice>,
    actors: Vec<Choice>,
    device: String,
    from: String,
    until: String,
    rows: Vec<Row>,
    /// How far was looked, where it was not as far as there is.
    looked_until: Option<Phrase>,
    newest: Option<String>,
    older: Option<String>,
    zone: Phrase,
}

struct HeadShown {
    count: Phrase,
    root: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    page(&app, &person, &Filter::of(&asked), None).await
}

/// Nothing but the proof that a page of ours was used.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Goes through every entry and says what was found.
pub(super) async fn verify(
    State(app): State<Arc<App>>,
    SignedForm {
        person,
        form: Nothing {},
    }: SignedForm<Nothing>,
) -> Result<Response, Failure> {
    let checked = check(&app).await?;
    page(&app, &person, &Filter::default(), Some(checked)).await
}

/// The newest signed head, to be kept where the collector cannot reach it.
pub(super) async fn head(State(app): State<Arc<App>>, _: SignedIn) -> Result<Response, Failure> {
    let head = app.store.ledger_head().await?.ok_or(Failure::NotFound)?;
    let name = format!("attachment; filename=\"ledger-head-{}.json\"", head.head.size);
    let name = HeaderValue::from_str(&name).map_err(|_| Failure::Input)?;
    Ok(([(header::CONTENT_DISPOSITION, name)], json(&head)).into_response())
}

async fn page(
    app: &App,
    person: &SignedIn,
    filter: &Filter,
    checked: Option<Result<Checked, CheckError>>,
) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let published = app.policy().await?;
    let moments = Moments::new(texts, published.as_ref().map(|one| &one.policy), app.now());
    let organisations = app.store.organisations().await?;
    let accounts = app.store.users().await?;
    let names = Names {
        organisations: organisations.into_iter().map(|one| (one.id, one.name)).collect(),
        accounts: accounts.into_iter().map(|one| (one.id, one.name)).collect(),
    };
    let found = find(app, person, filter, &moments).await?;
    let rows = found
        .entries
        .iter()
        .map(|entry| Row::new(entry, &names, texts, &moments));
    let template = LedgerPage {
        page: Page::of(person, Place::Ledger, texts.ledger.title.to_string()),
        head: app.store.ledger_head().await?.map(|head| shown(&head, texts)),
        checked: checked.map(|checked| verdict(&checked, texts)),
        filtered: filter.is_narrow(),
        organisations: organisation_choices(person, filter, &names),
        themes: theme_choices(filter, texts),
        actors: actor_choices(person, filter, &names, texts),
        device: filter.device.map_or_else(String::new, |id| id.to_string()),
        from: filter.from.map_or_else(String::new, |day| day.to_string()),
        until: filter.until.map_or_else(String::new, |day| day.to_string()),
        rows: rows.collect(),
        looked_until: found
            .stopped_at
            .filter(|_| found.entries.len() < PER_PAGE)
            .map(|index| texts.ledger.looked_until.with("index", index)),
        newest: filter.before.map(|_| filter.address(None)),
        older: found.stopped_at.map(|index| filter.address(Some(index))),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}

fn shown(signed: &SignedHead, texts: &Texts) -> HeadShown {
    HeadShown {
        count: texts.ledger.entries.with("count", signed.head.size),
        root: signed.head.root.to_string(),
    }
}

/// Entries of one page.
struct Found {
    entries: Vec<Entry>,
    /// Where looking stopped: those before it were not looked at.
    stopped_at: Option<u64>,
}

async fn find(app: &App, person: &SignedIn, filter: &Filter, moments: &Moments) -> Result<Found, Failure> {
    let nothing = Found {
        entries: Vec::new(),
        stopped_at: None,
    };
    let (since, until) = filter.period(moments.time_zone());
    let mut sieve = Sieve {
        filter,
        since,
        before: until,
        mark: None,
        reach: person.reach(),
    };
    let mut organisation = filter.organisation;
    if let Some(device) = filter.device {
        let owner = match organisation {
            Some(owner) => Some(owner),
            None => app.store.find_device(device).await?,
        };
        let Some(owner) = owner.filter(|owner| person.reach().reaches(*owner)) else {
            return Ok(nothing);
        };
        sieve.mark = app.store.device_mark(owner, device).await?;
        if sieve.mark.is_none() {
            return Ok(nothing);
        }
        organisation = Some(owner);
    }
    let mut before = start(app, filter, until).await?;
    let (mut entries, mut looked_at) = (Vec::new(), 0);
    while looked_at < MOST_READ {
        let page = app.store.ledger_before(organisation, before, READ).await?;
        if page.is_empty() {
            return Ok(Found { entries, ..nothing });
        }
        for stored in &page {
            let entry = Entry::from_bytes(&stored.bytes).map_err(|_| StoreError::Ledger)?;
            if since.is_some_and(|since| read::is_before(&entry, since)) {
                return Ok(Found { entries, ..nothing });
            }
            if sieve.takes(&entry) {
                entries.push(entry);
            }
            before = stored.index;
            looked_at += 1;
            if entries.len() == PER_PAGE {
                break;
            }
        }
        if entries.len() == PER_PAGE {
            break;
        }
    }
    // Nothing is before the first.
    let stopped_at = (before > 0).then_some(before);
    Ok(Found { entries, stopped_at })
}

/// The first entry that is of no interest any more, looking back from the end.
async fn start(app: &App, filter: &Filter, until: Option<UnixTime>) -> Result<u64, Failure> {
    // As far as the store's numbers go.
    let end = filter.before.unwrap_or(u64::MAX).min(i64::MAX as u64);
    Ok(match until {
        Some(until) => end.min(read::end_of(app.store.as_ref(), until).await?),
        None => end,
    })
}

fn organisation_choices(person: &SignedIn, filter: &Filter, names: &Names) -> Vec<Choice> {
    let reached = names
        .organisations
        .iter()
        .filter(|(id, _)| person.reach().reaches(**id));
    let mut choices: Vec<_> = reached
        .map(|(id, name)| Choice {
            value: id.to_string(),
            name: name.clone(),
            chosen: filter.organisation == Some(*id),
        })
        .collect();
    choices.sort_by_key(|choice| choice.name.to_lowercase());
    choices
}

fn theme_choices(filter: &Filter, texts: &Texts) -> Vec<Choice> {
    let choices = Theme::ALL.map(|theme| Choice {
        value: theme.name().to_owned(),
        name: theme.title(texts).to_string(),
        chosen: filter.theme == Some(theme),
    });
    choices.into()
}

/// The kinds of actors, then each account for those who reach all of the installation: who else has one is nobody's
/// business.
fn actor_choices(person: &SignedIn, filter: &Filter, names: &Names, texts: &Texts) -> Vec<Choice> {
    let kinds = KINDS.map(|kind| (By::Kind(kind), texts.of_actor(kind).to_string()));
    let accounts = names.accounts.iter().filter(|_| *person.reach() == Reach::All);
    let accounts = accounts.map(|(id, name)| (By::Account(*id), name.clone()));
    let all = kinds.into_iter().chain(accounts);
    all.map(|(by, name)| Choice {
        value: by.name(),
        name,
        chosen: filter.actor.as_ref() == Some(&by),
    })
    .collect()
}
