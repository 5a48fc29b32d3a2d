//! Legal holds: what is due for deletion is kept until the hold ends, and shown to nobody meanwhile (GDPR, article
//! 18(2): stored, and not otherwise processed).

use zeef_proto::id::HoldId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

const MOST_CHARACTERS: usize = 500;

/// Something that keeps data from being deleted for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Its id.
    pub id: HoldId,
    /// Whose data.
    pub organisation: OrganisationId,
    /// That of one device only, or all of the organisation's.
    pub device: Option<DeviceId>,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub starts: UnixTime,
    /// Until when.
    pub ends: UnixTime,
}

impl LegalHold {
    /// Whether it still stands at `now`.
    #[must_use]
    pub fn stands_at(&self, now: UnixTime) -> bool {
        now < self.ends
    }

    /// Whether it keeps this device's data.
    #[must_use]
    pub fn covers(&self, organisation: OrganisationId, device: DeviceId) -> bool {
        self.organisation == organisation && self.device.is_none_or(|only| only == device)
    }
}

/// When something that is due at `due` is deleted, with these holds.
#[must_use]
pub(super) fn deleted_at(
    holds: &[LegalHold],
    organisation: OrganisationId,
    device: DeviceId,
    due: UnixTime,
) -> UnixTime {
    let covering = holds.iter().filter(|hold| hold.covers(organisation, device));
    covering.map(|hold| hold.ends).fold(due, UnixTime::max)
}

/// Why there is a hold: 1 to 500 characters without control characters. It can name a person or a case, so it says
/// nothing in `Debug` and has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason(String);

/// A text that is no reason. Says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is 1 to 500 characters on one line")]
pub struct InvalidReason;

impl Reason {
    /// Reads a reason.
    ///
    /// # Errors
    /// [`InvalidReason`].
    pub fn parse(text: &str) -> Result<Self, InvalidReason> {
        let text = text.trim();
        let fits = (1..=MOST_CHARACTERS).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidReason)
        }
    }

    /// The text, for the store and for the administrator who asks.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reason(\u{2026})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(device: Option<u8>, ends: i64) -> LegalHold {
        LegalHold {
            id: HoldId::from_bytes([1; 16]),
            organisation: OrganisationId::from_bytes([2; 16]),
            device: device.map(|byte| DeviceId::from_bytes([byte; 16])),
            reason: Reason::parse("case 12").unwrap(),
            starts: UnixTime(0),
            ends: UnixTime(ends),
        }
    }

    #[test]
    fn a_value_is_deleted_at_its_term_or_when_the_last_hold_on_it_ends() {
        let holds = [hold(Some(3), 200), hold(None, 150), hold(Some(4), 900)];
        let at = |due| {
            let device = DeviceId::from_bytes([3; 16]);
            deleted_at(&holds, holds[0].organisation, device, UnixTime(due)).0
        };
        assert_eq!([at(100), at(180), at(300)], [200, 200, 300]);
        let other = OrganisationId::from_bytes([9; 16]);
        let device = DeviceId::from_bytes([3; 16]);
        assert_eq!(deleted_at(&holds, other, device, UnixTime(100)), UnixTime(100));
        assert!(holds[0].stands_at(UnixTime(199)) && !holds[0].stands_at(UnixTime(200)));
    }

    #[test]
    fn a_reason_is_a_line_and_debug_does_not_show_it() {
        for text in ["", "  ", "a\nb", &"x".repeat(501)] {
            assert_eq!(Reason::parse(text), Err(InvalidReason));
        }
        let reason = Reason::parse(" case of J. Jansen ").unwrap();
        assert_eq!(reason.expose(), "case of J. Jansen");
        assert!(!format!("{reason:?}").contains("Jansen"));
    }
}
