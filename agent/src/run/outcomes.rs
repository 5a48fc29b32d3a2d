//! What came of a step, and what follows from it.

use zeef_proto::UnixTime;
use zeef_proto::policy::{ProductId, SignedPolicy};
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{ProblemCode, RecordsReply, ReportReply};

use super::machine::{Action, Ending, Machine};
use super::pause::{Pause, back_off};
use crate::enrol::{self, Enrolled, Renewed};
use crate::policy::Offer;
use crate::state::{Cause, Enrolment, MachineMark, SecretKey, Standing};
use crate::transport::ExchangeError;

/// A clock that differs by more seconds than this is told of.
const CLOCK_TOLERANCE: u64 = 300;

/// Seconds before records are tried again that this machine's disk did not give or let go.
const RECORDS_REST: i64 = 30;

/// Something worth a line in the log. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Nothing new.
    None,
    /// Something went wrong for the first time.
    Trouble(String),
}

impl Machine {
    /// A key was made for a device of one's own.
    pub fn key_made(&mut self, key: SecretKey, cause: Cause) {
        self.start_over = None;
        if let Some(identity) = &self.records.identity {
            self.records.enrolment = Some(Enrolment {
                place: identity.place.clone(),
                key,
                cause,
                copies: identity.copies.saturating_add(1),
            });
        }
    }

    /// The collector took this device in.
    pub fn enrolled(
        &mut self,
        enrolled: Enrolled,
        mark: Option<MachineMark>,
        now: UnixTime,
        random: u64,
    ) -> News {
        let Some(enrolment) = self.records.enrolment.clone() else {
            return News::None;
        };
        if let Err(error) = enrol::adopt(&mut self.records, &enrolment, enrolled, mark, now) {
            return self.hold_back(error.to_string(), None, now, random);
        }
        self.start_over = None;
        self.recover = false;
        self.policy_is_old = false;
        self.went_well(now);
        self.read_policy();
        News::None
    }

    /// The collector gave a new certificate. The old one stays good until it lapses, so that a crash before this is
    /// durable costs nothing.
    pub fn renewed(&mut self, renewed: Renewed, now: UnixTime) {
        if let Some(identity) = &mut self.records.identity {
            identity.key = renewed.key;
            identity.certificate = renewed.certificate;
        }
        self.recover = false;
        // A clock that runs ahead would ask for the next one at once.
        self.renewal = Some(Pause::of(DAY, now));
        self.went_well(now);
    }

    /// The collector's policy arrived. Kept is the one that is held where the other may not replace it.
    pub fn policy_fetched(&mut self, offered: SignedPolicy, now: UnixTime) -> News {
        self.policy_is_old = false;
        let Some(identity) = &self.records.identity else {
            return News::None;
        };
        let key = *identity.place.policy_key();
        let held = &mut self.records.policy;
        // Text that does not bear the pinned key's signature is as good as none.
        if held.verified(&key).is_err() {
            held.signed = None;
        }
        match held.offer(offered, &key) {
            Ok(offer) => {
                self.records.status.policy_trouble = None;
                if offer == Offer::Adopted {
                    self.read_policy();
                }
                News::None
            }
            Err(error) => {
                let text = one_line(&error.to_string());
                self.fetching = Some(Pause::of(HOUR, now));
                let known = self.records.status.policy_trouble.replace(text.clone());
                if known.as_ref() == Some(&text) {
                    News::None
                } else {
                    News::Trouble(text)
                }
            }
        }
    }

    /// The collector holds the report.
    pub fn acknowledged(&mut self, reply: ReportReply, now: UnixTime, random: u64) -> News {
        if !self.records.progress.acknowledge(&reply, now, random) {
            let text = ExchangeError::Nonsense(200).to_string();
            return self.hold_back(text, None, now, random);
        }
        self.went_well(now);
        self.heed(reply.policy, reply.products);
        let ahead = reply.time.since(now);
        let off = (ahead.unsigned_abs() > CLOCK_TOLERANCE).then_some(ahead);
        let news = off.is_some() && self.records.status.clock_off.is_none();
        self.records.status.clock_off = off;
        if news {
            News::Trouble(
                "this machine's clock differs from the collector's by more than five minutes; set it right"
                    .to_owned(),
            )
        } else {
            News::None
        }
    }

    /// The collector holds a batch of records.
    pub fn records_acknowledged(&mut self, reply: RecordsReply, now: UnixTime) {
        self.went_well(now);
        self.heed(reply.policy, reply.products);
        self.sending = None;
        self.records_failures = 0;
        self.records.status.records_trouble = None;
    }

    /// Records cannot be sent for now, for a reason on this machine; it is told of where it arose.
    pub fn records_rest(&mut self, now: UnixTime) {
        self.sending = Some(Pause::of(RECORDS_REST, now));
    }

    /// A step did not succeed.
    pub fn failed(&mut self, action: &Action, error: &ExchangeError, now: UnixTime, random: u64) -> News {
        use ProblemCode as P;
        if *action == Action::SendRecords
            && let Some(wait) = self.records_wait_after(error, random)
        {
            self.sending = Some(Pause::of(wait, now));
            return self.note_records(error.to_string());
        }
        match error {
            ExchangeError::Refused { code: P::Gone, .. } => {
                self.ending = Some(Ending::Gone);
                News::None
            }
            ExchangeError::Refused {
                code: P::SequenceFork,
                ..
            } => self.forked(error, now),
            ExchangeError::Refused {
                code:
                    code @ (P::Revoked
                    | P::CertificateUnknown
                    | P::CertificateRequired
                    | P::TokenRefused
                    | P::RecoveryRefused),
                ..
            } => self.refused(*code, error, now),
            ExchangeError::CertificateRefused => self.refused(P::CertificateUnknown, error, now),
            ExchangeError::CertificateLapsed => {
                self.recover = *action != Action::Recover;
                self.hold_back(error.to_string(), None, now, random)
            }
            ExchangeError::Refused {
                code: P::NotDocumented,
                ..
            } => {
                self.records.progress.give_up(true);
                self.policy_is_old = true;
                self.hold_back(error.to_string(), None, now, random)
            }
            ExchangeError::Refused {
                code: P::InvalidMessage | P::TooLarge,
                ..
            } if matches!(action, Action::Report(_)) => {
                self.records.progress.give_up(false);
                self.hold_back(error.to_string(), None, now, random)
            }
            ExchangeError::Refused { retry_after, .. } => {
                self.set_aside(action, error, *retry_after, now, random)
            }
            _ => self.set_aside(action, error, None, now, random),
        }
    }

    /// For how many seconds records alone are not sent after this error; `None` where it concerns reports as well.
    fn records_wait_after(&mut self, error: &ExchangeError, random: u64) -> Option<i64> {
        use ProblemCode as P;
        let ExchangeError::Refused { code, retry_after } = error else {
            return None;
        };
        match code {
            // Until somebody changes something.
            P::SiteNotAllowed | P::NotFound | P::MethodNotAllowed | P::WireVersion => Some(HOUR),
            // The batch goes; that the next has the same end is likely.
            P::InvalidMessage
            | P::TooLarge
            | P::NotDocumented
            | P::TooManyRequests
            | P::Unavailable
            | P::Internal => {
                self.records_failures = self.records_failures.saturating_add(1);
                Some(wait_for(*retry_after, self.records_failures, random))
            }
            _ => None,
        }
    }

    fn note_records(&mut self, text: String) -> News {
        let known = self.records.status.records_trouble.replace(text.clone());
        if known.as_ref() == Some(&text) {
            News::None
        } else {
            News::Trouble(text)
        }
    }

    /// A renewal or a policy that cannot be had now must not keep reports from going out.
    fn set_aside(
        &mut self,
        action: &Action,
        error: &ExchangeError,
        retry_after: Option<u32>,
        now: UnixTime,
        random: u64,
    ) -> News {
        let reached = !matches!(error, ExchangeError::Unreachable | ExchangeError::Proxy);
        match action {
            Action::Renew if reached => self.renewal = Some(Pause::of(HOUR, now)),
            Action::FetchPolicy if reached => self.fetching = Some(Pause::of(HOUR, now)),
            _ => {}
        }
        self.hold_back(error.to_string(), retry_after, now, random)
    }

    /// Another report had this number: this state is a copy, or the other one is. The first time this device becomes
    /// one of its own at once; should that end in the same place again, not more than once an hour.
    fn forked(&mut self, error: &ExchangeError, now: UnixTime) -> News {
        self.start_over = Some(Cause::SequenceFork);
        let again = self
            .records
            .identity
            .as_ref()
            .is_some_and(|identity| identity.copies > 0);
        self.contact = again.then(|| Pause::of(HOUR, now));
        self.note(error.to_string(), now)
    }

    /// The collector does not want this device; somebody may change that.
    fn refused(&mut self, code: ProblemCode, error: &ExchangeError, now: UnixTime) -> News {
        self.records.status.standing = Standing::Refused(code);
        self.records.progress.speak_next();
        self.contact = Some(Pause::of(HOUR, now));
        self.note(error.to_string(), now)
    }

    fn hold_back(&mut self, text: String, retry_after: Option<u32>, now: UnixTime, random: u64) -> News {
        self.failures = self.failures.saturating_add(1);
        let wait = wait_for(retry_after, self.failures, random);
        self.contact = Some(Pause::of(wait, now));
        self.note(text, now)
    }

    fn note(&mut self, text: String, now: UnixTime) -> News {
        if self.records.status.note(text.clone(), now) {
            News::Trouble(text)
        } else {
            News::None
        }
    }

    /// Takes in what every acknowledgement says: whether there is a newer policy, and the products.
    fn heed(&mut self, policy: u64, products: Vec<ProductId>) {
        self.policy_is_old = self.policy_version().is_some_and(|held| policy > held);
        let same = same_set(&self.records.policy.products, &products);
        self.records.policy.products = products;
        if !same {
            self.read_policy();
        }
    }

    fn went_well(&mut self, now: UnixTime) {
        self.failures = 0;
        self.contact = None;
        let status = &mut self.records.status;
        status.standing = Standing::Good;
        status.last_contact = Some(now);
        status.trouble = None;
    }
}

/// Whether a batch of records ends with this answer, because it would get the same one for ever.
#[must_use]
pub const fn ends_batch(error: &ExchangeError) -> bool {
    use ProblemCode as P;
    matches!(
        error,
        ExchangeError::Refused {
            code: P::InvalidMessage | P::TooLarge | P::NotDocumented,
            ..
        }
    )
}

/// Seconds to wait after so many failures in a row: what the collector asked for, or a random time that may grow to
/// a quarter of an hour.
#[must_use]
pub fn wait_for(retry_after: Option<u32>, failures: u32, random: u64) -> i64 {
    match retry_after {
        // Spread, for every device was told the same.
        Some(seconds) => {
            let seconds = i64::from(seconds).clamp(1, DAY);
            seconds + i64::try_from(random % 10).unwrap_or(0)
        }
        None => back_off(failures, random),
    }
}

/// What a parser says of a text can be several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn same_set(one: &[ProductId], other: &[ProductId]) -> bool {
    one.len() == other.len() && one.iter().all(|product| other.contains(product))
}
