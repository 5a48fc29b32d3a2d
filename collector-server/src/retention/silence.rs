//! Devices that are not heard of: first a question, then an end.

use zeef_proto::time::{DAY, HOUR};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::store::{Result, Store};

/// How long a question stands before the device counts as ended, in seconds.
pub const ANSWER_WITHIN: i64 = 30 * DAY;

/// Read in one go.
const PAGE: usize = 1_000;

/// After how many days without contact a device is asked about; `None` for never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence(pub Option<u16>);

impl Default for Silence {
    /// Two months: longer than a holiday or an illness, shorter than a certificate.
    fn default() -> Self {
        Self(Some(60))
    }
}

impl Silence {
    /// A device that was last heard of by then may be asked about at `now`.
    #[must_use]
    pub fn threshold(self, now: UnixTime) -> Option<UnixTime> {
        self.0.map(|days| now.plus(-i64::from(days) * DAY))
    }
}

/// What is known of a device's silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSign {
    /// The device.
    pub device: DeviceId,
    /// Its last contact, its enrolment, or the last time that somebody said that it is still there.
    pub heard: UnixTime,
    /// When it was asked about.
    pub asked_at: Option<UnixTime>,
}

/// What follows from a device's silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    None,
    /// It is asked about.
    Ask,
    /// The question stands until then.
    WaitUntil(UnixTime),
    /// Nobody answered: it counts as ended.
    End,
}

/// What follows at `now`. A device counts as ended only after its question stood for its time, however long it has
/// been silent: the collector may have been off itself.
#[must_use]
pub(super) fn next_step(silence: Silence, sign: &LastSign, now: UnixTime) -> Step {
    let silent = silence
        .threshold(now)
        .is_some_and(|threshold| sign.heard <= threshold);
    // Contacts are known to the hour: one in the hour of the question came after it.
    match sign.asked_at.filter(|asked| asked.since(sign.heard) >= HOUR) {
        _ if !silent => Step::None,
        None => Step::Ask,
        Some(asked) if now.since(asked) >= ANSWER_WITHIN => Step::End,
        Some(asked) => Step::WaitUntil(asked.plus(ANSWER_WITHIN)),
    }
}

/// Devices that are asked about in one transaction.
const ASKED_TOGETHER: usize = 500;

/// Asks about the devices that have been silent for long, and ends those about whom nobody answered; says how many it
/// ended.
///
/// # Errors
/// Those of the store; what was done before stays done, and the next run goes on.
pub(super) async fn follow_up(store: &dyn Store, now: UnixTime) -> Result<u64> {
    let mut ended = 0;
    for organisation in store.organisations().await? {
        let id = organisation.id;
        let silence = store.silence(id).await?;
        let mut asked = Vec::new();
        for sign in silent(store, id, silence, now).await? {
            match next_step(silence, &sign, now) {
                Step::None | Step::WaitUntil(_) => {}
                Step::Ask => asked.push(sign.device),
                Step::End => ended += u64::from(store.end_silent(id, sign.device, now).await?),
            }
        }
        for some in asked.chunks(ASKED_TOGETHER) {
            store.ask_about(id, some.to_vec(), now).await?;
        }
    }
    Ok(ended)
}

/// Devices of an organisation that are silent at `now`.
///
/// # Errors
/// Those of the store.
pub(super) async fn silent(
    store: &dyn Store,
    organisation: OrganisationId,
    silence: Silence,
    now: UnixTime,
) -> Result<Vec<LastSign>> {
    let mut found = Vec::new();
    let Some(threshold) = silence.threshold(now) else {
        return Ok(found);
    };
    loop {
        let after = found.last().map(|sign: &LastSign| sign.device);
        let page = store.silent(organisation, threshold, after, PAGE).await?;
        if page.is_empty() {
            return Ok(found);
        }
        found.extend(page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARD: UnixTime = UnixTime(1_767_603_600);

    fn step(silence: Silence, asked_at: Option<UnixTime>, now: UnixTime) -> Step {
        let sign = LastSign {
            device: DeviceId::from_bytes([1; 16]),
            heard: HEARD,
            asked_at,
        };
        next_step(silence, &sign, now)
    }

    #[test]
    fn a_question_after_sixty_days_and_an_end_thirty_days_after_it() {
        let asked = HEARD.plus(60 * DAY);
        let ends = asked.plus(30 * DAY);
        for (asked_at, now, expected) in [
            (None, asked.plus(-1), Step::None),
            (None, asked, Step::Ask),
            (Some(asked), asked.plus(1), Step::WaitUntil(ends)),
            (Some(asked), ends.plus(-1), Step::WaitUntil(ends)),
            (Some(asked), ends, Step::End),
            // The collector was off: there is a question first.
            (None, ends.plus(400 * DAY), Step::Ask),
            // A question of before the last contact is answered.
            (Some(HEARD.plus(-1)), asked, Step::Ask),
            (Some(HEARD.plus(HOUR - 1)), asked, Step::Ask),
        ] {
            assert_eq!(
                step(Silence::default(), asked_at, now),
                expected,
                "{asked_at:?} {now}"
            );
        }
    }

    #[test]
    fn an_organisation_that_wants_no_questions_gets_no_ends() {
        let late = HEARD.plus(4_000 * DAY);
        assert_eq!(step(Silence(None), Some(HEARD), late), Step::None);
        assert_eq!(step(Silence(Some(5_000)), Some(HEARD), late), Step::None);
    }
}
