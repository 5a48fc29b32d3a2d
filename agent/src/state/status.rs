//! What `status` tells about the agent's dealings with its collector.

use serde::{Deserialize, Serialize};
use zeef_proto::UnixTime;
use zeef_proto::wire::ProblemCode;

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Whether the collector wants this device.
    pub standing: Standing,
    /// When the collector last acknowledged something.
    pub last_contact: Option<UnixTime>,
    /// What went wrong last, until something goes right.
    pub trouble: Option<Trouble>,
    /// Why an offered policy was not adopted.
    pub policy_trouble: Option<String>,
    /// Why records of other products are not taken, until some are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_trouble: Option<String>,
    /// Seconds by which the collector's clock is ahead of this one, where that is more than five minutes.
    pub clock_off: Option<i64>,
}

/// Whether the collector wants this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// As far as is known.
    #[default]
    Good,
    /// It refused this device; it is asked again once an hour.
    Refused(ProblemCode),
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// In words: what happened, why, and what to do.
    pub text: String,
    /// When it was first seen.
    pub since: UnixTime,
}

impl Status {
    /// Notes what went wrong. True where it is news.
    pub fn note(&mut self, text: String, now: UnixTime) -> bool {
        if self.trouble.as_ref().is_some_and(|trouble| trouble.text == text) {
            return false;
        }
        self.trouble = Some(Trouble { text, since: now });
        true
    }
}
