//! The decision.

use std::collections::BTreeSet;

use zeef_proto::DeviceId;

use super::Identity;

/// What the store found for a record's identity among the devices of its organisation; live values alone count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Devices that this source's records with the same identity led to before: they were set apart, or it says
    /// exactly what it last said.
    pub before: Vec<DeviceId>,
    /// Devices that hold one of its link tokens.
    pub linked: Vec<DeviceId>,
    /// Devices that hold all values of one of its keys.
    pub alike: Vec<Candidate>,
}

/// A device that could be the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The device.
    pub device: DeviceId,
    /// The record's own source and product know it by a link token.
    pub linked_by_source: bool,
}

/// Which device a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// One that is known.
    Existing(DeviceId),
    /// One that was not known yet.
    New,
    /// It fits several: one of its own, so that nobody's values are mixed.
    Ambiguous,
}

/// Decides which device a record is about.
///
/// Link tokens decide where there are any: the source itself says that two records are of one device. Without one that
/// is known, a value that no two devices have decides, if exactly one device holds it. A device that the same source
/// knows by another token is another device.
#[must_use]
pub fn decide(identity: &Identity, found: &Found) -> Match {
    // Where one identity led to two, any of them will do: the point is that no third is made.
    if let Some(device) = found.before.iter().min() {
        return Match::Existing(*device);
    }
    let linked: BTreeSet<DeviceId> = found.linked.iter().copied().collect();
    if !linked.is_empty() {
        return only(&linked);
    }
    let another = |candidate: &&Candidate| identity.linked && candidate.linked_by_source;
    let alike = found.alike.iter().filter(|candidate| !another(candidate));
    only(&alike.map(|candidate| candidate.device).collect())
}

fn only(devices: &BTreeSet<DeviceId>) -> Match {
    match (devices.first(), devices.len()) {
        (None, _) => Match::New,
        (Some(device), 1) => Match::Existing(*device),
        _ => Match::Ambiguous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: DeviceId = DeviceId::from_bytes([1; 16]);
    const B: DeviceId = DeviceId::from_bytes([2; 16]);
    const C: DeviceId = DeviceId::from_bytes([3; 16]);

    fn alike(device: DeviceId, linked_by_source: bool) -> Candidate {
        Candidate {
            device,
            linked_by_source,
        }
    }

    #[test]
    fn link_tokens_come_first_then_values_then_a_new_device() {
        let case = |before: &[DeviceId], linked: &[DeviceId], alike: &[Candidate], record_has_links| {
            let found = Found {
                before: before.to_vec(),
                linked: linked.to_vec(),
                alike: alike.to_vec(),
            };
            let identity = Identity {
                linked: record_has_links,
                keys: Vec::new(),
            };
            decide(&identity, &found)
        };
        let (a, b) = (alike(A, false), alike(B, false));
        assert_eq!(case(&[], &[], &[], true), Match::New);
        assert_eq!(case(&[], &[A, A], &[b], true), Match::Existing(A));
        assert_eq!(case(&[], &[A, B], &[b], true), Match::Ambiguous);
        assert_eq!(case(&[], &[], &[a, a], false), Match::Existing(A));
        assert_eq!(case(&[], &[], &[a, b], false), Match::Ambiguous);
        // What was set apart stays apart, and makes no more devices at each repetition.
        assert_eq!(case(&[C, B], &[A, B], &[a], true), Match::Existing(B));
        // The source knows A by another token; a source without tokens cannot tell.
        assert_eq!(case(&[], &[], &[alike(A, true)], true), Match::New);
        assert_eq!(case(&[], &[], &[alike(A, true), b], true), Match::Existing(B));
        assert_eq!(case(&[], &[], &[alike(A, true)], false), Match::Existing(A));
    }
}
