//! One agent: its identity, how far its reports have come, and what it says.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use rustls::pki_types::CertificateDer;
use tokio::time::Instant;
use zeef_agent::random;
use zeef_agent::report::Progress;
use zeef_proto::wire::{ProblemCode, ReportReply, path};
use zeef_proto::{DeviceId, UnixTime};

use super::exchange::{Failure, Request};
use super::run::Run;
use super::state::Kept;
use super::values::values;
use crate::clock;
use crate::device::{DeviceKey, Identity};

/// One agent.
#[derive(Clone)]
pub(super) struct Agent {
    number: u32,
    device: DeviceId,
    identity: Arc<Identity>,
    not_after: UnixTime,
    changes: u64,
    policy: u64,
    progress: Progress,
    /// Numbers were left out, so that the collector rightly misses something.
    gap: bool,
}

/// How a report ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The collector holds it.
    Acknowledged,
    /// It was refused, or the run ended.
    Unacknowledged,
    /// The collector does not want this agent any more.
    Out,
}

impl Agent {
    /// An agent as it was kept. Where its numbers are not known it starts above any that it can have used. `None` where
    /// what was kept cannot be used.
    pub(super) fn from_kept(kept: Kept, numbers_known: bool, now: UnixTime) -> Option<Self> {
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        let chain: Option<Vec<_>> = kept
            .chain
            .iter()
            .map(|text| decode(text).map(CertificateDer::from))
            .collect();
        let identity = Identity {
            key: DeviceKey::from_der(&decode(&kept.key)?)?,
            chain: chain?,
        };
        let progress = if numbers_known {
            kept.progress
        } else {
            Progress::lost(now)
        };
        Some(Self {
            number: kept.number,
            device: kept.device,
            identity: Arc::new(identity),
            not_after: kept.not_after,
            changes: kept.changes,
            policy: kept.policy,
            progress,
            gap: !numbers_known,
        })
    }

    /// As it is kept.
    pub(super) fn kept(&self) -> Kept {
        let encode = |der: &[u8]| BASE64URL_NOPAD.encode(der);
        Kept {
            number: self.number,
            device: self.device,
            key: encode(self.identity.key.private().secret_der()),
            chain: self.identity.chain.iter().map(|der| encode(der)).collect(),
            not_after: self.not_after,
            changes: self.changes,
            policy: self.policy,
            progress: self.progress.clone(),
        }
    }

    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    pub(super) const fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// One of its values changes.
    pub(super) const fn change(&mut self) {
        self.changes += 1;
    }

    /// Reports what there is to report, or that there is nothing new, until the collector holds it all. The report was
    /// due at `due`.
    pub(super) async fn report(&mut self, run: &Run, due: Instant) -> End {
        let fields = values(self.number, self.changes);
        self.progress.speak_next();
        loop {
            let now = clock::now();
            let body = match self.progress.next(Some(&fields), self.policy, now) {
                Some(body) => body.as_bytes().to_vec(),
                None => return End::Acknowledged,
            };
            let request = Request::post(path::REPORT, body);
            match run.until_done(|| self.dial(run), &request).await {
                Ok(answer) => match serde_json::from_slice(&answer.body) {
                    Ok(reply) if self.take_in(run, &reply, now) => {
                        run.tally.acknowledged_after(due.elapsed());
                    }
                    _ => return self.give_up(run, Failure::Nonsense(answer.status)),
                },
                Err(Failure::Over) => {
                    run.tally.count(|counts| counts.unfinished += 1);
                    return End::Unacknowledged;
                }
                Err(failure) => return self.refused(run, failure),
            }
        }
    }

    /// Reports from two copies of one state at once, as after a disk was copied; goes on as the one that was heard.
    pub(super) async fn report_beside_a_copy(&mut self, run: &Run, due: Instant) -> End {
        let mut copy = self.clone();
        copy.change();
        let (own, others) = tokio::join!(self.report(run, due), copy.report(run, due));
        if own == End::Out {
            *self = copy;
            others
        } else {
            own
        }
    }

    /// Leaves the collector. False where it could not.
    pub(super) async fn leave(&self, run: &Run) -> bool {
        let request = Request {
            method: Method::DELETE,
            path: path::DEVICE,
            body: Vec::new(),
        };
        let left = run.until_done(|| self.dial(run), &request).await.is_ok();
        if left {
            run.acknowledged.left(self.device);
            run.tally.count(|counts| counts.left += 1);
        }
        left
    }

    fn dial(&self, run: &Run) -> crate::device::Dial {
        run.dial(self.number, Some(&self.identity))
    }

    /// Takes in an acknowledgement; false where it is none of the report on its way.
    fn take_in(&mut self, run: &Run, reply: &ReportReply, now: UnixTime) -> bool {
        if !self.progress.acknowledge(reply, now, random::number()) {
            return false;
        }
        if reply.send_all && !self.gap {
            run.tally.count(|counts| counts.lost += 1);
        }
        self.gap = false;
        self.policy = reply.policy;
        // Until all was said again, what the collector holds is not known.
        let held = self.progress.held();
        let whole = !self.progress.is_due(Some(held), now);
        run.acknowledged
            .report(self.device, reply.acknowledged, whole.then_some(held));
        true
    }

    fn refused(&mut self, run: &Run, failure: Failure) -> End {
        use ProblemCode as P;
        match failure {
            Failure::Refused {
                code: P::SequenceFork,
                ..
            } => {
                run.tally.count(|counts| counts.forks += 1);
                End::Out
            }
            Failure::Refused {
                code: P::Gone | P::Revoked | P::CertificateUnknown | P::CertificateRequired,
                ..
            } => {
                run.tally.count(|counts| counts.refused += 1);
                End::Out
            }
            other => self.give_up(run, other),
        }
    }

    /// The collector will not take this report, ever.
    fn give_up(&mut self, run: &Run, failure: Failure) -> End {
        let undocumented = matches!(
            failure,
            Failure::Refused {
                code: ProblemCode::NotDocumented,
                ..
            }
        );
        self.progress.give_up(undocumented);
        self.gap = true;
        run.tally.count(|counts| counts.refused += 1);
        End::Unacknowledged
    }
}
