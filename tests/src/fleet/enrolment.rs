//! Agents come to be: each makes a key and buys a certificate with the token, as a real one does.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use tokio::task::JoinSet;
use zeef_agent::report::Progress;
use zeef_proto::wire::{EnrolmentReply, path};

use super::agent::Agent;
use super::error::FleetError;
use super::exchange::{Failure, Request};
use super::run::Run;
use super::state::Kept;
use crate::clock;
use crate::device::{DeviceKey, RawDevice};

/// Why there is no new agent.
enum Unenrolled {
    Failed(Failure),
    Not(FleetError),
}

/// Enrols agents under these numbers; gives those that could be, and why others could not.
pub(super) async fn enrol_all(run: &Arc<Run>, numbers: &[u32]) -> (Vec<Agent>, Option<FleetError>) {
    let mut tasks = JoinSet::new();
    for number in numbers {
        let (run, number) = (Arc::clone(run), *number);
        tasks.spawn(async move { enrol(&run, number).await });
    }
    let (mut agents, mut error) = (Vec::new(), None);
    for ended in tasks.join_all().await {
        match ended {
            Ok(agent) => agents.push(agent),
            Err(unenrolled) => error = Some(unenrolled),
        }
    }
    let error = error.map(|unenrolled| match unenrolled {
        Unenrolled::Not(error) => error,
        Unenrolled::Failed(failure) => FleetError::Enrolment {
            enrolled: agents.len(),
            wanted: numbers.len(),
            reason: failure.kind(),
        },
    });
    (agents, error)
}

/// Enrols one agent in place of another; `None` where it could not be.
pub(super) async fn replace(run: &Run, number: u32) -> Option<Agent> {
    let enrolled = enrol(run, number).await;
    if !matches!(enrolled, Ok(_) | Err(Unenrolled::Failed(Failure::Over))) {
        run.tally.count(|counts| counts.refused += 1);
    }
    enrolled.ok()
}

async fn enrol(run: &Run, number: u32) -> Result<Agent, Unenrolled> {
    let token = run.token.as_ref().ok_or(Unenrolled::Not(FleetError::NoToken))?;
    let key = DeviceKey::generate();
    let request = Request::post(path::ENROLMENT, RawDevice::enrolment(token, &key));
    let answer = run
        .until_done(|| run.dial(number, None), &request)
        .await
        .map_err(Unenrolled::Failed)?;
    let nonsense = || Unenrolled::Failed(Failure::Nonsense(answer.status));
    let reply = EnrolmentReply::read(&answer.body).map_err(|_| nonsense())?;
    let kept = || Kept {
        number,
        device: reply.device,
        key: BASE64URL_NOPAD.encode(key.private().secret_der()),
        chain: reply.certificate.chain.clone(),
        not_after: reply.certificate.not_after,
        changes: 0,
        policy: 1,
        progress: Progress::default(),
    };
    run.keep(&kept()).map_err(Unenrolled::Not)?;
    run.tally.count(|counts| counts.enrolled += 1);
    Agent::from_kept(kept(), true, clock::now()).ok_or_else(nonsense)
}
