//! Periods of validity.

use rcgen::CertificateParams;
use time::OffsetDateTime;
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::PkiError;

/// Certificates start a little before they are made, for devices whose clock is behind.
const BACKDATED: i64 = 300;

/// From when to when a certificate holds; both ends included, as RFC 5280 (4.1.2.5) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Start.
    pub not_before: UnixTime,
    /// End.
    pub not_after: UnixTime,
}

impl Validity {
    /// That many days from `now` on, backdated by five minutes.
    pub(super) const fn days(now: UnixTime, days: i64) -> Self {
        Self {
            not_before: now.plus(-BACKDATED),
            not_after: now.plus(days * DAY),
        }
    }

    /// This period, cut off where the issuer's ends.
    pub(super) fn within(self, issuer: Self) -> Self {
        Self {
            not_before: self.not_before.max(issuer.not_before),
            not_after: self.not_after.min(issuer.not_after),
        }
    }

    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds_at(self, now: UnixTime) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Its middle: when a successor should be asked for.
    #[must_use]
    pub const fn half_life(self) -> UnixTime {
        self.not_before.plus(self.not_after.since(self.not_before) / 2)
    }

    pub(super) fn write_to(self, params: &mut CertificateParams) -> Result<(), PkiError> {
        params.not_before = date(self.not_before)?;
        params.not_after = date(self.not_after)?;
        Ok(())
    }
}

fn date(instant: UnixTime) -> Result<OffsetDateTime, PkiError> {
    OffsetDateTime::from_unix_timestamp(instant.0).map_err(|_| PkiError::Failed)
}
