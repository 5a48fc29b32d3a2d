//! What falls due in the coming weeks, and whether what has expired is gone.

mod chart;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use zeef_proto::UnixTime;
use zeef_proto::policy::Policy;

use self::chart::Chart;
use super::failure::Failure;
use super::locale::{Language, Phrase, Texts};
use super::moment::{Moment, Moments};
use super::page::{Page, Place, html};
use super::state::App;
use super::visit::SignedIn;
use crate::retention::{self, ClockState, Due, Forecast, Lateness, Look, end_of_weeks};

/// Half a year.
const WEEKS: usize = 26;

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage {
    page: Page,
    alarm: Option<Phrase>,
    facts: Vec<Fact>,
    forecast: Option<Table>,
    has_policy: bool,
    zone: Phrase,
}

/// A line of what was found.
struct Fact {
    name: &'static Phrase,
    value: String,
    at: Option<Moment>,
}

/// The forecast: a chart, and the same numbers.
struct Table {
    chart: Chart,
    names: Vec<String>,
    /// Weeks in which something falls due.
    rows: Vec<Row>,
}

struct Row {
    week: String,
    counts: Vec<u64>,
    total: u64,
}

pub(super) async fn show(State(app): State<Arc<App>>, person: SignedIn) -> Result<Response, Failure> {
    let language = person.visit.language;
    let texts = language.texts();
    let found = retention::look(app.store.as_ref(), app.now()).await?;
    let published = app.policy().await?;
    let policy = published.as_ref().map(|published| &published.policy);
    let moments = Moments::new(texts, policy, app.now());
    let forecast = match policy {
        Some(policy) => forecast(&app, &person, policy, found.time.shows()).await?,
        None => None,
    };
    let template = RetentionPage {
        page: Page::of(&person, Place::Retention, texts.retention.title.to_string()),
        alarm: alarm(&app, &found, texts, &moments),
        facts: facts(&found, texts, &moments),
        forecast: forecast.map(|forecast| table(&forecast, policy, language)),
        has_policy: policy.is_some(),
        zone: texts.frame.shown_in_time_of.with("zone", moments.zone()),
    };
    Ok(html(StatusCode::OK, &template))
}

/// What falls due; `None` where nothing does.
async fn forecast(
    app: &App,
    person: &SignedIn,
    policy: &Policy,
    now: UnixTime,
) -> Result<Option<Forecast>, Failure> {
    let zone = TimeZone::get(&policy.timezone).unwrap_or(TimeZone::UTC);
    let today = day(now, &zone);
    let until = end_of_weeks(today, WEEKS, &zone);
    let plan = retention::plan(app.store.as_ref(), policy, now, until).await?;
    let forecast = Forecast::of(&plan, today, WEEKS, |organisation| {
        person.reach().reaches(organisation)
    });
    Ok((!forecast.series.is_empty()).then_some(forecast))
}

fn day(at: UnixTime, zone: &TimeZone) -> Date {
    let instant = Timestamp::from_second(at.0).unwrap_or(Timestamp::MAX);
    instant.to_zoned_datetime(zone.clone()).date()
}

fn table(forecast: &Forecast, policy: Option<&Policy>, language: Language) -> Table {
    let texts = language.texts();
    let named = |due: &Due| match due {
        Due::Product(id) => policy
            .and_then(|policy| policy.product(id))
            .map_or_else(|| id.to_string(), |product| language.of(&product.name).to_owned()),
        Due::Undocumented => texts.retention.undocumented.to_string(),
        Due::Devices => texts.retention.devices.to_string(),
        Due::SilentDevices => texts.retention.silent_devices.to_string(),
    };
    let week_of = |monday: &Date| texts.day(*monday, true).to_string();
    let names: Vec<_> = forecast.series.iter().map(|(due, _)| named(due)).collect();
    let totals = forecast.totals();
    let rows = forecast.weeks.iter().enumerate().map(|(week, monday)| Row {
        week: week_of(monday),
        counts: forecast.series.iter().map(|(_, counts)| counts[week]).collect(),
        total: totals[week],
    });
    Table {
        chart: Chart::of(forecast, &names, |monday| texts.day(monday, false).to_string()),
        rows: rows.filter(|row| row.total > 0).collect(),
        names,
    }
}

/// What needs somebody's hand now.
fn alarm(app: &App, found: &Look, texts: &Texts, moments: &Moments) -> Option<Phrase> {
    let words = &texts.retention;
    if found.time.state() == ClockState::Ahead {
        return Some(words.clock_ahead.clone());
    }
    let since = || {
        found
            .due_since
            .map_or_else(String::new, |since| moments.time(since).text)
    };
    match app.lags.judge(found.due_since, found.time.shows()) {
        Lateness::OnTime => None,
        Lateness::Overdue => Some(words.overdue.with("since", since())),
        Lateness::Stopped => Some(words.stopped.with("since", since())),
    }
}

fn facts(found: &Look, texts: &'static Texts, moments: &Moments) -> Vec<Fact> {
    let words = &texts.retention;
    let fact = |name, value: String, at: Option<UnixTime>| Fact {
        name,
        value,
        at: at.map(|at| moments.time(at)),
    };
    let backlog = &found.backlog;
    let last = match &found.last {
        None => words.no_purge.to_string(),
        Some(run) => if run.completed {
            &words.purge_ended
        } else {
            &words.purge_failed
        }
        .with("values", run.observations)
        .with("other", run.other)
        .to_string(),
    };
    let waiting = if backlog.expired == 0 {
        words.nothing_waits.to_string()
    } else {
        words.waits.with("values", backlog.expired).to_string()
    };
    vec![
        fact(&words.last_purge, last, found.last.map(|run| run.ended_at)),
        fact(&words.expired, waiting, backlog.oldest),
        fact(
            &words.next,
            if backlog.next.is_none() {
                words.nothing_next.to_string()
            } else {
                String::new()
            },
            backlog.next,
        ),
        fact(&words.on_hold, backlog.on_hold.to_string(), None),
        fact(&words.asked_about, backlog.asked_about.to_string(), None),
    ]
}
