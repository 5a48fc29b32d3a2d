//! One run from its beginning to its end: agents are read or enrolled, report, and are kept.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::HEXLOWER;
use ring::digest::{Digest, SHA256, digest};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use zeef_proto::wire::EnrolmentToken;

use super::acknowledged::Acknowledged;
use super::agent::Agent;
use super::arguments::{Fleet, Mode};
use super::cost::{Cost, Meter};
use super::enrolment::enrol_all;
use super::error::FleetError;
use super::run::Run;
use super::state::{Found, Kept, State};
use super::summary::Summary;
use super::tally::Tally;
use super::{bad, steady, storm};
use crate::clock;

/// Enrolment has a bound of its own.
const ENROLMENT: Duration = Duration::from_secs(3_600);

/// Does it all.
pub(super) async fn run(mode: &Mode) -> Result<Summary, FleetError> {
    let fleet = mode.fleet();
    // Told before thousands are enrolled in vain.
    fleet.collector_pid.map(Meter::of).transpose()?;
    let (run, found) = prepare(fleet)?;
    let run = Arc::new(run);
    let (agents, spare, failure) = gather(&run, found, fleet.agents).await;
    let run = only(run);
    if let Some(failure) = failure {
        close(run, &agents, spare)?;
        return Err(failure);
    }
    let run = run.anew(Instant::now() + mode.duration());
    let (summary, run, agents) = report(run, agents, mode).await;
    let path = fleet.acknowledged.as_deref();
    let written = path.map_or(Ok(()), |path| run.acknowledged.write(path));
    close(run, &agents, spare)?;
    written.map(|()| summary)
}

fn prepare(fleet: &Fleet) -> Result<(Run, Found), FleetError> {
    let root = read_root(&fleet.root)?;
    let fingerprint = digest(&SHA256, &root);
    let token = fleet
        .token_file
        .as_deref()
        .map(|path| read_token(path, &fingerprint))
        .transpose()?;
    let (state, found) = State::open(&fleet.state, HEXLOWER.encode(fingerprint.as_ref()))?;
    let addresses: Vec<_> = fleet.address.iter().map(|address| address.get()).collect();
    let first = addresses.first().map(|address| address.ip().to_string());
    let run = Run {
        name: fleet.name.clone().or(first).unwrap_or_default(),
        addresses,
        root,
        sources: fleet.sources,
        token,
        slots: Semaphore::new(fleet.concurrency as usize),
        state: Mutex::new(state),
        until: Instant::now() + ENROLMENT,
        tally: Tally::default(),
        acknowledged: Acknowledged::default(),
        turn: AtomicUsize::new(0),
    };
    Ok((run, found))
}

/// The agents numbered below `wanted`, enrolled where they are not there or their certificate has lapsed; those above,
/// which have a rest; and why some could not be enrolled.
async fn gather(
    run: &Arc<Run>,
    found: Found,
    wanted: u32,
) -> (Vec<Agent>, BTreeMap<u32, Kept>, Option<FleetError>) {
    let Found {
        mut agents,
        ended_well,
    } = found;
    let now = clock::now();
    let spare = agents.split_off(&wanted);
    let mut there: BTreeMap<u32, Agent> = agents
        .into_iter()
        .filter(|(_, kept)| kept.not_after > now)
        .filter_map(|(number, kept)| Some((number, Agent::from_kept(kept, ended_well, now)?)))
        .collect();
    let missing: Vec<u32> = (0..wanted).filter(|number| !there.contains_key(number)).collect();
    let (enrolled, failure) = enrol_all(run, &missing).await;
    there.extend(enrolled.into_iter().map(|agent| (agent.number(), agent)));
    (there.into_values().collect(), spare, failure)
}

/// The run itself.
async fn report(run: Run, agents: Vec<Agent>, mode: &Mode) -> (Summary, Run, Vec<Agent>) {
    let fleet = mode.fleet();
    let run = Arc::new(run);
    let count = agents.len();
    let clones = fleet.clones.min(fleet.agents);
    let certificates: Vec<_> = agents.iter().map(|agent| Arc::clone(agent.identity())).collect();
    let collector = fleet.collector_pid.and_then(|id| Meter::of(id).ok());
    let own = Meter::of(std::process::id()).ok();
    let (set_over, over) = watch::channel(false);
    let bad_clients = bad::begin(&run, fleet.bad_clients, &certificates, &over);
    let begun = Instant::now();
    let agents = match mode {
        Mode::Steady(options) => steady::report(&run, agents, options, clones).await,
        Mode::Storm(_) => storm::report(&run, agents, clones).await,
    };
    let seconds = begun.elapsed().as_secs_f64();
    let acknowledged = run.tally.acknowledged();
    let cost = |meter: Option<Meter>| meter.and_then(|meter| Cost::since(&meter, acknowledged));
    let (collector, simulator) = (cost(collector), cost(own));
    set_over.send_replace(true);
    bad_clients.join_all().await;
    let run = only(run);
    let summary = Summary {
        collector,
        simulator,
        ..Summary::of(&run.tally, mode, count, clones, seconds)
    };
    (summary, run, agents)
}

fn close(run: Run, agents: &[Agent], spare: BTreeMap<u32, Kept>) -> Result<(), FleetError> {
    let state = run.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.close(agents.iter().map(Agent::kept).chain(spare.into_values()))
}

fn only(run: Arc<Run>) -> Run {
    Arc::into_inner(run).expect("all tasks have ended")
}

fn read_root(path: &Path) -> Result<CertificateDer<'static>, FleetError> {
    let unusable = |reason: String| FleetError::Root {
        path: path.to_owned(),
        reason,
    };
    let root = CertificateDer::from_pem_file(path).map_err(|error| unusable(error.to_string()))?;
    RootCertStore::empty()
        .add(root.clone())
        .map_err(|error| unusable(error.to_string()))?;
    Ok(root)
}

/// Reads the token, and checks that the collector is the one that it names.
fn read_token(path: &Path, root: &Digest) -> Result<EnrolmentToken, FleetError> {
    const MOST_BYTES: u64 = 4_096;
    let unusable = |reason: String| FleetError::Token {
        path: path.to_owned(),
        reason,
    };
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(|error| unusable(error.kind().to_string()))?;
    let token: EnrolmentToken = text
        .parse()
        .map_err(|error: zeef_proto::wire::InvalidToken| unusable(error.to_string()))?;
    if root.as_ref() == token.root_fingerprint {
        Ok(token)
    } else {
        Err(FleetError::AnothersToken)
    }
}
