//! `demo`: a whole Zeef on this machine's loopback, with this machine as its first device.

mod agent;
mod prepare;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeef_proto::{Clock, OrganisationId};

use super::arguments::Demo;
use super::device;
use super::failure::Failure;
use super::output::print;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::enrolment::{Invitation, Invitations};
use crate::ledger::Actor;
use crate::log;
use crate::serve::{Collector, stop_signal};
use crate::store::Store;
use crate::web::one_time_link;
use agent::Agent;

/// The first report is due at once; a slow machine gets some time.
const FIRST_REPORT_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn run(demo: &Demo) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime did not start ({})", error.kind())))?
        .block_on(show(demo))
}

async fn show(demo: &Demo) -> Result<(), Failure> {
    let mut stopping = stop_signal();
    let agent = Agent::find(demo.agent.as_deref(), &demo.directory)?;
    let config = Config::read(&prepare::installation(&demo.directory).await?)?;
    log::start(config.log);
    let clock = Arc::new(SystemClock);
    let collector = Collector::start(&config, clock.clone()).await?;
    let shown = async {
        present(demo, &config, &collector, &agent, clock.as_ref()).await?;
        if demo.once {
            Ok(())
        } else {
            Err(agent.ended().await)
        }
    };
    let ended = tokio::select! {
        ended = shown => ended,
        () = stopping.received() => Ok(()),
    };
    agent.stop().await;
    collector.stop().await;
    ended
}

/// Enrols this machine, waits for its report and prints what came of it.
async fn present(
    demo: &Demo,
    config: &Config,
    collector: &Collector,
    agent: &Agent,
    clock: &SystemClock,
) -> Result<(), Failure> {
    let store = collector.store.as_ref();
    let organisation = prepare::organisation(store, clock.now()).await?;
    if !agent.is_enrolled().await? {
        let now = clock.now();
        let invitations = Invitations::of(config)?;
        let invitation = Invitation {
            organisation,
            uses: 1,
            expires_at: now.plus(600),
        };
        let by = Actor::Administrator;
        let (_, token) = invitations.invite(store, invitation, by, now).await?;
        agent.enrol(&invitations.url, &token).await?;
    }
    agent.start().await?;
    first_report(store, organisation, agent, clock).await?;

    let now = clock.now();
    let devices = device::all(store, Some(organisation), now).await?;
    let table = device::inventory(&devices, &device::names(store).await?, now).render();
    let user = prepare::user(store, now).await?;
    let link = one_time_link(store, now, user, &config.web.public_url).await?;
    let config_file = demo.directory.join("collector/collector.toml");
    print(&format!(
        "\n{table}\n{}",
        advice(demo.once, &link, &agent.command(), &config_file)
    ))
}

fn advice(once: bool, link: &str, agent: &str, config: &Path) -> String {
    let own = std::env::args_os().next().unwrap_or_default();
    let own = format!("{} --config {}", Path::new(&own).display(), config.display());
    let (organisation, user) = (prepare::ORGANISATION, prepare::USER);
    let end = if once {
        "Collector and agent end now. Without --once they run until Ctrl-C."
    } else {
        "Ctrl-C ends collector and agent; what they hold is kept for the next time."
    };
    format!(
        "\
The pages; the link signs in once, within 15 minutes:
  {link}

What this machine sends and why, and what was seen and dropped:
  {agent} preview
The inventory, and what the organisation is subscribed to:
  {own} device list
  {own} subscription list --organisation \"{organisation}\"
A new link for the pages:
  {own} user link {user}

{end}
"
    )
}

async fn first_report(
    store: &dyn Store,
    organisation: OrganisationId,
    agent: &Agent,
    clock: &SystemClock,
) -> Result<(), Failure> {
    let reported = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let devices = device::all(store, Some(organisation), clock.now()).await?;
            if devices.iter().any(|device| device.last_contact.is_some()) {
                return Ok(());
            }
        }
    };
    tokio::select! {
        reported = tokio::time::timeout(FIRST_REPORT_WITHIN, reported) => reported.unwrap_or_else(|_| {
            Err(Failure::failed(format!(
                "no report came within {} seconds; the agent's log is in {}. If this directory was used with another collector, remove it and try again",
                FIRST_REPORT_WITHIN.as_secs(),
                agent.log().display(),
            )))
        }),
        failure = agent.ended() => Err(failure),
    }
}

/// The agent's binary: the one that was named, or the one beside this program.
fn agent_binary(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let beside = || {
        std::env::current_exe()
            .ok()
            .map(|own| own.with_file_name("zeef-agent"))
    };
    named
        .map(Path::to_owned)
        .or_else(beside)
        .filter(|path| path.is_file())
        .ok_or_else(|| {
            Failure::refused(
                "there is no zeef-agent beside zeef-collector; build it, or name it with --agent",
            )
        })
}
