//! `retention`.

mod arguments;
mod hold;
mod plan;

use serde_json::{Value, json};
use zeef_proto::UnixTime;

pub(super) use arguments::Command;

use super::arguments::Form;
use super::failure::Failure;
use super::output::print;
use super::{Context, Output};
use crate::retention::{self, ClockState, Look};
use crate::store::retention::PurgeRun;

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Plan { until, form } => plan::show(&context, &until, form).await,
        Command::Run { form } => purge(&context, form).await,
        Command::Status { form } => {
            let found = retention::look(context.store.as_ref(), context.now).await?;
            let lateness = context.config.lags.judge(found.due_since, found.time.shows());
            let mut json = as_json(&found);
            json["deletion"] = json!(lateness.name());
            let mut text = describe(&found);
            text.push_str(&format!("deletion is {}\n", lateness.name()));
            Output::new(form).say(&json, &text)
        }
        Command::ConfirmClock => confirm(&context).await,
        Command::Hold(command) => hold::run(command, &context).await,
    }
}

async fn purge(context: &Context, form: Form) -> Result<(), Failure> {
    let purge = retention::purge(context.store.as_ref(), context.now).await?;
    if let Some(failure) = purge.failure {
        return Err(failure.into());
    }
    let found = retention::look(context.store.as_ref(), context.now).await?;
    Output::new(form).say(&as_json(&found), &describe(&found))
}

async fn confirm(context: &Context) -> Result<(), Failure> {
    let time = context.store.time(context.now).await?;
    match time.state() {
        ClockState::Ahead => {
            context.store.confirm_time(context.now).await?;
            print(&format!(
                "{} is believed; what has expired by then is deleted at the next purge.\n",
                context.now
            ))
        }
        ClockState::Steady => print("The clock is believed already.\n"),
        ClockState::Back => Err(Failure::refused(format!(
            "the clock was set back, and what has expired does not come back; the clock catches up at {} by itself",
            time.high_water
        ))),
    }
}

fn describe(found: &Look) -> String {
    let mut text = match &found.last {
        None => "no purge has run yet\n".to_owned(),
        Some(run) => format!(
            "the last purge {} at {}; it deleted values: {}, other things: {}\n",
            if run.completed { "ended" } else { "failed" },
            run.ended_at,
            run.observations,
            run.other
        ),
    };
    let time = &found.time;
    text.push_str(&match time.state() {
        ClockState::Steady => format!("the clock goes on: {}\n", time.now),
        ClockState::Back => format!(
            "the clock was set back: it is {}, and the store stays at {} until then\n",
            time.now, time.high_water
        ),
        ClockState::Ahead => format!(
            "the clock jumped ahead: it is {}, and was last believed at {}. What seems expired is hidden and not \
             deleted: mend the clock, or run `zeef-collector retention confirm-clock` if it is right\n",
            time.now, time.high_water
        ),
    });
    let backlog = &found.backlog;
    text.push_str(&match backlog.oldest {
        Some(oldest) => format!(
            "expired values that are still stored: {}, the oldest due since {oldest}\n",
            backlog.expired
        ),
        None => "nothing that has expired is still stored\n".to_owned(),
    });
    if backlog.on_hold > 0 {
        text.push_str(&format!(
            "values that a legal hold keeps: {}; see `zeef-collector retention hold list`\n",
            backlog.on_hold
        ));
    }
    if let Some(since) = log_kept_since(found.last) {
        text.push_str(&format!(
            "readers have kept the write-ahead log from being emptied since {since}: what was deleted is still in it\n"
        ));
    }
    if backlog.asked_about > 0 {
        text.push_str(&format!(
            "silent devices that are asked about: {}; see `zeef-collector device list`, and keep those that are still \
             there with `zeef-collector device keep`\n",
            backlog.asked_about
        ));
    }
    if let Some(next) = backlog.next {
        text.push_str(&format!("the next value expires at {next}\n"));
    }
    text
}

fn as_json(found: &Look) -> Value {
    let text = |at: Option<UnixTime>| at.map(|at| at.to_string());
    json!({
        "last_purge": found.last.map(|run| json!({
            "ended_at": run.ended_at.to_string(), "completed": run.completed,
            "observations": run.observations, "other": run.other,
        })),
        "clock": {
            "state": found.time.state().name(), "now": found.time.now.to_string(),
            "latest": found.time.high_water.to_string(), "ahead_since": text(found.time.ahead_since),
        },
        "expired": found.backlog.expired,
        "on_legal_hold": found.backlog.on_hold,
        "oldest_due_since": text(found.backlog.oldest),
        "held": if found.time.state() == ClockState::Ahead { found.backlog.expired } else { 0 },
        "log_kept_since": text(log_kept_since(found.last)),
        "due_since": text(found.due_since),
        "asked_about": found.backlog.asked_about,
        "next_expiry": text(found.backlog.next),
    })
}

fn log_kept_since(last: Option<PurgeRun>) -> Option<UnixTime> {
    last.and_then(|run| run.log_kept_since)
}
