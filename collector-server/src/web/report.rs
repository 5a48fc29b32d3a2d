//! The compliance report of a month: one page, to be printed and filed.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use zeef_proto::OrganisationId;

use super::failure::Failure;
use super::ledger::{check, verdict};
use super::locale::{Phrase, Texts};
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::{App, Published};
use super::visit::SignedIn;
use crate::access::Reach;
use crate::compliance::{Month, Tally, tally};
use crate::retention::{self, Lateness, LegalHold};
use crate::store::records::Organisation;

/// Receipts that are listed; more of them would not fit the page.
const MOST_RECEIPTS: usize = 12;

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    page: Page,
    of: Phrase,
    controller: Option<String>,
    drawn_up: Phrase,
    previous: Month,
    next: Option<Month>,
    sections: Vec<Section>,
    receipts: Vec<Receipt>,
    more_receipts: Option<Phrase>,
    /// Whether the ledger is as it was written, in words.
    ledger: Result<Phrase, Phrase>,
    zone: Phrase,
}

/// A part of the report.
struct Section {
    title: &'static Phrase,
    lines: Vec<Line>,
}

struct Line {
    name: &'static Phrase,
    value: String,
    /// Somebody must do something.
    bad: bool,
}

struct Receipt {
    at: Moment,
    organisation: String,
    id: String,
}

/// Which month; the one before this where none is asked for.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    month: String,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let texts = person.visit.language.texts();
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let now = app.now();
    let moments = Moments::new(texts, policy, now);
    let zone = moments.time_zone();
    let running = Month::of(now, zone);
    let month = asked.month.parse().unwrap_or_else(|_| running.previous());
    let store = app.store.as_ref();
    let tally = tally(store, month.span(zone), person.reach()).await?;
    let reached = |id: OrganisationId| person.reach().reaches(id);
    let mut organisations = store.organisations().await?;
    organisations.retain(|one| reached(one.id));
    let mut holds = store.holds().await?;
    holds.retain(|hold| hold.stands_at(now) && reached(hold.organisation));
    let mut sections = vec![
        about_policy(published.as_deref(), &tally, texts),
        about_devices(&organisations, &tally, texts),
        about_retention(&app, &tally, &holds, texts, &moments).await?,
        about_erasures(&tally, texts),
        about_requests(&tally, texts),
        about_looks(&tally, texts),
    ];
    // What concerns the installation is of those who reach all of it.
    if *person.reach() == Reach::All {
        sections.push(about_people(&tally, texts));
        sections.push(about_backups(&tally, texts, &moments));
    }
    let names: BTreeMap<_, _> = organisations
        .iter()
        .map(|one| (one.id, one.name.as_str()))
        .collect();
    let receipts = tally
        .erasures
        .iter()
        .rev()
        .take(MOST_RECEIPTS)
        .map(|erasure| Receipt {
            at: moments.time(erasure.at),
            organisation: names
                .get(&erasure.organisation)
                .map_or_else(|| texts.ledger.gone_organisation.to_string(), ToString::to_string),
            id: erasure.receipt.to_string(),
        });
    let template = ReportPage {
        page: Page::of(&person, Place::Report, texts.report.title.to_string()),
        of: month_name(month, texts),
        controller: policy.map(|policy| policy.controller.name.clone()),
        drawn_up: texts
            .report
            .drawn_up
            .with("date", moments.time(now).text)
            .with("name", &person.session.user_name),
        previous: month.previous(),
        next: (month < running).then(|| month.next()),
        sections,
        receipts: receipts.collect(),
        more_receipts: tally
            .erasures
            .len()
            .checked_sub(MOST_RECEIPTS + 1)
            .map(|more| texts.report.more_receipts.with("count", more + 1)),
        ledger: verdict(&check(&app).await?, texts),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}

fn month_name(month: Month, texts: &Texts) -> Phrase {
    let day = month.first_day();
    let number = usize::try_from(day.month() - 1).unwrap_or(0);
    let name = texts
        .report
        .months
        .as_str()
        .split(' ')
        .nth(number)
        .unwrap_or_default();
    texts.report.of.with("month", name).with("year", day.year())
}

fn line(name: &'static Phrase, value: &(impl ToString + ?Sized)) -> Line {
    Line {
        name,
        value: value.to_string(),
        bad: false,
    }
}

fn about_policy(published: Option<&Published>, tally: &Tally, texts: &'static Texts) -> Section {
    let words = &texts.report;
    let mut lines = match published {
        None => vec![line(&texts.policy.title, &texts.policy.none)],
        Some(published) => vec![
            line(&texts.policy.title, &published.policy.title),
            line(&texts.change.version, &published.policy.version),
            line(&texts.policy.fingerprint, &published.signed.hash()),
        ],
    };
    let versions: Vec<_> = tally.policies.iter().map(ToString::to_string).collect();
    let in_month = if versions.is_empty() {
        words.none.to_string()
    } else {
        versions.join(", ")
    };
    lines.push(line(&words.policies, &in_month));
    Section {
        title: &texts.policy.title,
        lines,
    }
}

fn about_devices(organisations: &[Organisation], tally: &Tally, texts: &'static Texts) -> Section {
    let words = &texts.report;
    let devices: u64 = organisations.iter().map(|one| one.devices).sum();
    Section {
        title: &words.devices,
        lines: vec![
            line(&words.organisations_now, &organisations.len()),
            line(&words.devices_now, &devices),
            line(&words.enrolled, &tally.count("device_enrolled")),
            line(&words.ended, &tally.count("device_ended")),
            line(&words.revoked, &tally.count("device_revoked")),
        ],
    }
}

async fn about_retention(
    app: &App,
    tally: &Tally,
    holds: &[LegalHold],
    texts: &'static Texts,
    moments: &Moments,
) -> Result<Section, Failure> {
    let words = &texts.report;
    let found = retention::look(app.store.as_ref(), app.now()).await?;
    let lateness = app.lags.judge(found.due_since, found.time.shows());
    let overdue = match (lateness, found.due_since) {
        (Lateness::OnTime, _) | (_, None) => words.nothing_overdue.to_string(),
        (_, Some(since)) => words
            .overdue_since
            .with("since", moments.time(since).text)
            .to_string(),
    };
    let last = found.last.map_or_else(
        || texts.retention.no_purge.to_string(),
        |run| moments.time(run.ended_at).text,
    );
    Ok(Section {
        title: &texts.retention.title,
        lines: vec![
            line(&words.purged_values, &tally.purged_values),
            line(&words.purged_other, &tally.purged_other),
            Line {
                bad: lateness != Lateness::OnTime,
                ..line(&words.overdue, &overdue)
            },
            line(&texts.retention.last_purge, &last),
            line(&words.holds, &holds.len()),
        ],
    })
}

fn about_erasures(tally: &Tally, texts: &'static Texts) -> Section {
    let words = &texts.report;
    Section {
        title: &words.erasures,
        lines: vec![
            line(&words.erased, &tally.erasures.len()),
            line(&words.lifted, &tally.count("erasure_lifted")),
        ],
    }
}

fn about_requests(tally: &Tally, texts: &'static Texts) -> Section {
    let words = &texts.report;
    Section {
        title: &words.requests,
        lines: vec![
            line(&words.requests_opened, &tally.count("request_opened")),
            line(&words.requests_extended, &tally.count("request_extended")),
            line(&words.requests_closed, &tally.count("request_closed")),
        ],
    }
}

fn about_looks(tally: &Tally, texts: &'static Texts) -> Section {
    let words = &texts.report;
    Section {
        title: &words.looks,
        lines: vec![
            line(&words.devices_read, &tally.count("device_read")),
            line(&words.lists, &tally.count("devices_listed")),
            line(&words.searches, &tally.count("devices_searched")),
            line(&words.exports, &tally.count("devices_exported")),
            line(&words.packages, &tally.count("package_made")),
        ],
    }
}

fn about_people(tally: &Tally, texts: &'static Texts) -> Section {
    let words = &texts.report;
    Section {
        title: &words.people,
        lines: vec![
            line(&words.sign_ins, &tally.count("signed_in")),
            line(&words.accounts_added, &tally.count("user_added")),
            line(&words.accounts_removed, &tally.count("user_removed")),
            line(&words.roles_set, &tally.count("role_set")),
        ],
    }
}

fn about_backups(tally: &Tally, texts: &'static Texts, moments: &Moments) -> Section {
    let words = &texts.report;
    let last = tally
        .last_backup
        .map_or_else(|| words.none.to_string(), |at| moments.time(at).text);
    Section {
        title: &words.backups,
        lines: vec![
            line(&words.backups_made, &tally.count("backup_begun")),
            line(&words.last_backup, &last),
            line(&words.restored, &tally.count("restored")),
        ],
    }
}
