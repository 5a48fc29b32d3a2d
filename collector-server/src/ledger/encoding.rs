//! An entry's bytes: one form and no other, for they are what is hashed. `docs/ledger.md` tells them.
//!
//! Version, index, time, organisation, actor, previous and kind stand at fixed offsets; what follows has a fixed
//! length for each kind. Numbers are big-endian.

use zeef_proto::id::{ApiTokenId, HoldId, ReceiptId, RequestId, SubscriptionId, TokenId, UserId};
use zeef_proto::{OrganisationId, UnixTime};

use super::{Actor, DeviceMark, Engine, Entry, Event, Hash, InstallationEvent, OrganisationEvent};
use crate::access::Role;
use crate::requests::{Kind, Outcome, StepName};

const VERSION: u8 = 1;

/// Where an id would stand that there is none of. No id is this: random ones have their version's bits set.
const NO_ID: [u8; 16] = [0; 16];

/// Bytes that are no entry in its one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an entry of a ledger in a version that this program knows")]
pub struct InvalidEntry;

type Result<T> = std::result::Result<T, InvalidEntry>;

impl Entry {
    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let organisation = self.event.organisation();
        let (actor, id) = match self.actor {
            Actor::Administrator => (1, NO_ID),
            Actor::Device => (2, NO_ID),
            Actor::Retention => (3, NO_ID),
            Actor::User(user) => (4, *user.as_bytes()),
            Actor::Service(token) => (5, *token.as_bytes()),
        };
        let mut bytes = Vec::with_capacity(128);
        bytes.push(VERSION);
        bytes.extend(self.index.to_be_bytes());
        bytes.extend(self.at.0.to_be_bytes());
        bytes.extend(organisation.map_or(NO_ID, |id| *id.as_bytes()));
        bytes.push(actor);
        bytes.extend(id);
        bytes.extend(self.previous.0);
        match &self.event {
            Event::Of(_, event) => event.write(&mut bytes),
            Event::Installation(event) => event.write(&mut bytes),
        }
        bytes
    }

    /// Reads what [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// [`InvalidEntry`] for everything else: an entry has one form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut rest = Rest(bytes);
        if rest.byte()? != VERSION {
            return Err(InvalidEntry);
        }
        let (index, at) = (rest.number()?, UnixTime(rest.signed()?));
        let organisation = rest.take()?;
        let actor = match (rest.byte()?, rest.take()?) {
            (1, NO_ID) => Actor::Administrator,
            (2, NO_ID) => Actor::Device,
            (3, NO_ID) => Actor::Retention,
            (4, user) if user != NO_ID => Actor::User(UserId::from_bytes(user)),
            (5, token) if token != NO_ID => Actor::Service(ApiTokenId::from_bytes(token)),
            _ => return Err(InvalidEntry),
        };
        let previous = Hash(rest.take()?);
        let event = match organisation {
            NO_ID => Event::Installation(InstallationEvent::read(&mut rest)?),
            id => Event::Of(
                OrganisationId::from_bytes(id),
                OrganisationEvent::read(&mut rest)?,
            ),
        };
        let entry = Self {
            index,
            at,
            actor,
            event,
            previous,
        };
        rest.0.is_empty().then_some(entry).ok_or(InvalidEntry)
    }
}

impl OrganisationEvent {
    fn write(&self, to: &mut Vec<u8>) {
        let (kind, first): (u8, &[u8]) = match self {
            Self::OrganisationAdded => (1, &[]),
            Self::SubscriptionAdded(id) => (2, id.as_bytes()),
            Self::SubscriptionEnded(id, _) => (3, id.as_bytes()),
            Self::TokenMade(id, _) => (4, id.as_bytes()),
            Self::TokenRevoked(id) => (5, id.as_bytes()),
            Self::DeviceEnrolled(mark) => (6, &mark.0),
            Self::DeviceRevoked(mark) => (7, &mark.0),
            Self::DeviceEnded(mark) => (8, &mark.0),
            Self::DeviceRead(mark) => (9, &mark.0),
            Self::DevicesListed(devices) => (10, &devices.to_be_bytes()),
            Self::DevicesSearched(devices) => (11, &devices.to_be_bytes()),
            Self::HoldBegun(id, _) => (12, id.as_bytes()),
            Self::HoldEnded(id) => (13, id.as_bytes()),
            Self::SilenceSet(days) => (14, &days.to_be_bytes()),
            Self::DeviceKept(mark) => (15, &mark.0),
            Self::SiteAllowed(mark) => (16, &mark.0),
            Self::SiteDenied(mark) => (17, &mark.0),
            Self::Erased { receipt, .. } => (18, receipt.as_bytes()),
            Self::ErasureLifted(asked) => (19, asked),
            Self::RequestOpened(id, _) => (32, id.as_bytes()),
            Self::RequestStep(id, _) => (33, id.as_bytes()),
            Self::RequestExtended(id, _) => (34, id.as_bytes()),
            Self::RequestClosed(id, _) => (35, id.as_bytes()),
            Self::RequestRead(id) => (36, id.as_bytes()),
            Self::ValueCorrected(mark) => (37, &mark.0),
            Self::CorrectionTakenBack(mark) => (38, &mark.0),
            Self::DeviceRestricted(mark) => (39, &mark.0),
            Self::RestrictionLifted(mark) => (40, &mark.0),
            Self::PackageMade { digest, .. } => (48, digest),
            Self::DevicesExported(devices) => (49, &devices.to_be_bytes()),
        };
        to.push(kind);
        to.extend(first);
        match self {
            Self::SubscriptionEnded(_, ends) | Self::HoldBegun(_, ends) | Self::RequestExtended(_, ends) => {
                to.extend(ends.0.to_be_bytes());
            }
            Self::RequestOpened(_, kind) => to.push(kind.number()),
            Self::RequestStep(_, step) => to.push(step.number()),
            Self::RequestClosed(_, outcome) => to.push(outcome.number()),
            Self::TokenMade(_, uses) => to.extend(uses.to_be_bytes()),
            Self::Erased { digest, .. } => to.extend(digest),
            Self::PackageMade { devices, .. } => to.extend(devices.to_be_bytes()),
            _ => {}
        }
    }

    fn read(rest: &mut Rest<'_>) -> Result<Self> {
        Ok(match rest.byte()? {
            1 => Self::OrganisationAdded,
            2 => Self::SubscriptionAdded(SubscriptionId::from_bytes(rest.take()?)),
            3 => Self::SubscriptionEnded(SubscriptionId::from_bytes(rest.take()?), UnixTime(rest.signed()?)),
            4 => Self::TokenMade(
                TokenId::from_bytes(rest.take()?),
                u32::from_be_bytes(rest.take()?),
            ),
            5 => Self::TokenRevoked(TokenId::from_bytes(rest.take()?)),
            6 => Self::DeviceEnrolled(DeviceMark(rest.take()?)),
            7 => Self::DeviceRevoked(DeviceMark(rest.take()?)),
            8 => Self::DeviceEnded(DeviceMark(rest.take()?)),
            9 => Self::DeviceRead(DeviceMark(rest.take()?)),
            10 => Self::DevicesListed(rest.number()?),
            11 => Self::DevicesSearched(rest.number()?),
            12 => Self::HoldBegun(HoldId::from_bytes(rest.take()?), UnixTime(rest.signed()?)),
            13 => Self::HoldEnded(HoldId::from_bytes(rest.take()?)),
            14 => Self::SilenceSet(rest.number()?),
            15 => Self::DeviceKept(DeviceMark(rest.take()?)),
            16 => Self::SiteAllowed(DeviceMark(rest.take()?)),
            17 => Self::SiteDenied(DeviceMark(rest.take()?)),
            18 => Self::Erased {
                receipt: ReceiptId::from_bytes(rest.take()?),
                digest: rest.take()?,
            },
            19 => Self::ErasureLifted(rest.take()?),
            32 => Self::RequestOpened(
                RequestId::from_bytes(rest.take()?),
                Kind::from_number(rest.byte()?).ok_or(InvalidEntry)?,
            ),
            33 => Self::RequestStep(
                RequestId::from_bytes(rest.take()?),
                StepName::from_number(rest.byte()?).ok_or(InvalidEntry)?,
            ),
            34 => Self::RequestExtended(RequestId::from_bytes(rest.take()?), UnixTime(rest.signed()?)),
            35 => Self::RequestClosed(
                RequestId::from_bytes(rest.take()?),
                Outcome::from_number(rest.byte()?).ok_or(InvalidEntry)?,
            ),
            36 => Self::RequestRead(RequestId::from_bytes(rest.take()?)),
            37 => Self::ValueCorrected(DeviceMark(rest.take()?)),
            38 => Self::CorrectionTakenBack(DeviceMark(rest.take()?)),
            39 => Self::DeviceRestricted(DeviceMark(rest.take()?)),
            40 => Self::RestrictionLifted(DeviceMark(rest.take()?)),
            48 => Self::PackageMade {
                digest: rest.take()?,
                devices: rest.number()?,
            },
            49 => Self::DevicesExported(rest.number()?),
            _ => return Err(InvalidEntry),
        })
    }
}

impl InstallationEvent {
    fn write(&self, to: &mut Vec<u8>) {
        let (kind, first): (u8, &[u8]) = match self {
            Self::PolicyPublished { version, .. } => (128, &version.to_be_bytes()),
            Self::UserAdded(user) => (129, user.as_bytes()),
            Self::UserRemoved(user) => (130, user.as_bytes()),
            Self::LinkMade(user) => (131, user.as_bytes()),
            Self::PasswordSet(user) => (132, user.as_bytes()),
            Self::SignedIn => (133, &[]),
            Self::SearchedInVain => (134, &[]),
            Self::Purged { observations, .. } => (135, &observations.to_be_bytes()),
            Self::LedgerBegunAnew(dropped) => (136, &dropped.to_be_bytes()),
            Self::BackupBegun(until) => (137, &until.0.to_be_bytes()),
            Self::Restored { made_at, .. } => (138, &made_at.0.to_be_bytes()),
            Self::KeyStoreAccepted(devices) => (139, &devices.to_be_bytes()),
            Self::ClockConfirmed(to) => (140, &to.0.to_be_bytes()),
            Self::Moved(Engine::Sqlite) => (141, &[1]),
            Self::Moved(Engine::Postgres) => (141, &[2]),
            Self::SecondFactorSet(user) => (142, user.as_bytes()),
            Self::SecondFactorRemoved(user) => (143, user.as_bytes()),
            Self::RecoveryCodesMade(user) => (144, user.as_bytes()),
            Self::RecoveryCodeUsed(user) => (145, user.as_bytes()),
            Self::SignedOutEverywhere(user) => (146, user.as_bytes()),
            Self::ProviderLinked(user) => (147, user.as_bytes()),
            Self::RoleSet(user, _) => (154, user.as_bytes()),
            Self::ApiTokenMade(token) => (155, token.as_bytes()),
            Self::ApiTokenRevoked(token) => (156, token.as_bytes()),
        };
        to.push(kind);
        to.extend(first);
        match self {
            Self::PolicyPublished { hash, .. } => to.extend(hash),
            Self::Purged { other, .. } => to.extend(other.to_be_bytes()),
            Self::Restored { devices, .. } => to.extend(devices.to_be_bytes()),
            Self::RoleSet(_, role) => to.push(role.number()),
            _ => {}
        }
    }

    fn read(rest: &mut Rest<'_>) -> Result<Self> {
        Ok(match rest.byte()? {
            128 => Self::PolicyPublished {
                version: rest.number()?,
                hash: rest.take()?,
            },
            129 => Self::UserAdded(UserId::from_bytes(rest.take()?)),
            130 => Self::UserRemoved(UserId::from_bytes(rest.take()?)),
            131 => Self::LinkMade(UserId::from_bytes(rest.take()?)),
            132 => Self::PasswordSet(UserId::from_bytes(rest.take()?)),
            133 => Self::SignedIn,
            134 => Self::SearchedInVain,
            135 => Self::Purged {
                observations: rest.number()?,
                other: rest.number()?,
            },
            136 => Self::LedgerBegunAnew(rest.number()?),
            137 => Self::BackupBegun(UnixTime(rest.signed()?)),
            138 => Self::Restored {
                made_at: UnixTime(rest.signed()?),
                devices: rest.number()?,
            },
            139 => Self::KeyStoreAccepted(rest.number()?),
            140 => Self::ClockConfirmed(UnixTime(rest.signed()?)),
            141 => match rest.byte()? {
                1 => Self::Moved(Engine::Sqlite),
                2 => Self::Moved(Engine::Postgres),
                _ => return Err(InvalidEntry),
            },
            142 => Self::SecondFactorSet(UserId::from_bytes(rest.take()?)),
            143 => Self::SecondFactorRemoved(UserId::from_bytes(rest.take()?)),
            144 => Self::RecoveryCodesMade(UserId::from_bytes(rest.take()?)),
            145 => Self::RecoveryCodeUsed(UserId::from_bytes(rest.take()?)),
            146 => Self::SignedOutEverywhere(UserId::from_bytes(rest.take()?)),
            147 => Self::ProviderLinked(UserId::from_bytes(rest.take()?)),
            154 => Self::RoleSet(
                UserId::from_bytes(rest.take()?),
                Role::numbered(rest.byte()?).ok_or(InvalidEntry)?,
            ),
            155 => Self::ApiTokenMade(ApiTokenId::from_bytes(rest.take()?)),
            156 => Self::ApiTokenRevoked(ApiTokenId::from_bytes(rest.take()?)),
            _ => return Err(InvalidEntry),
        })
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk().ok_or(InvalidEntry)?;
        self.0 = rest;
        Ok(*first)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn signed(&mut self) -> Result<i64> {
        self.take().map(i64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// One entry of every kind.
    fn of_every_kind() -> Vec<Entry> {
        use InstallationEvent as I;
        use OrganisationEvent as O;
        let organisation = OrganisationId::from_bytes([1; 16]);
        let (subscription, token) = (SubscriptionId::from_bytes([2; 16]), TokenId::from_bytes([3; 16]));
        let hold = HoldId::from_bytes([7; 16]);
        let request = RequestId::from_bytes([11; 16]);
        let (mark, user) = (DeviceMark([4; 16]), UserId::from_bytes([5; 16]));
        let of = [
            O::OrganisationAdded,
            O::SubscriptionAdded(subscription),
            O::SubscriptionEnded(subscription, UnixTime(-1)),
            O::TokenMade(token, 7),
            O::TokenRevoked(token),
            O::DeviceEnrolled(mark),
            O::DeviceRevoked(mark),
            O::DeviceEnded(mark),
            O::DeviceRead(mark),
            O::DevicesListed(50),
            O::DevicesSearched(u64::MAX),
            O::HoldBegun(hold, UnixTime(11)),
            O::HoldEnded(hold),
            O::SilenceSet(60),
            O::DeviceKept(mark),
            O::SiteAllowed(mark),
            O::SiteDenied(mark),
            O::Erased {
                receipt: ReceiptId::from_bytes([8; 16]),
                digest: [9; 32],
            },
            O::ErasureLifted([10; 16]),
            O::RequestOpened(request, Kind::Erasure),
            O::RequestStep(request, StepName::Verify),
            O::RequestExtended(request, UnixTime(15)),
            O::RequestClosed(request, Outcome::PartlyRefused),
            O::RequestRead(request),
            O::ValueCorrected(mark),
            O::CorrectionTakenBack(mark),
            O::DeviceRestricted(mark),
            O::RestrictionLifted(mark),
            O::PackageMade {
                digest: [11; 32],
                devices: 12,
            },
            O::DevicesExported(13),
        ];
        let installation = [
            I::PolicyPublished {
                version: 2,
                hash: [6; 32],
            },
            I::UserAdded(user),
            I::UserRemoved(user),
            I::LinkMade(user),
            I::PasswordSet(user),
            I::SignedIn,
            I::SearchedInVain,
            I::Purged {
                observations: 8,
                other: 9,
            },
            I::LedgerBegunAnew(10),
            I::BackupBegun(UnixTime(11)),
            I::Restored {
                made_at: UnixTime(12),
                devices: 13,
            },
            I::KeyStoreAccepted(14),
            I::ClockConfirmed(UnixTime(12)),
            I::Moved(Engine::Postgres),
            I::SecondFactorSet(user),
            I::SecondFactorRemoved(user),
            I::RecoveryCodesMade(user),
            I::RecoveryCodeUsed(user),
            I::SignedOutEverywhere(user),
            I::ProviderLinked(user),
            I::RoleSet(user, Role::Technician),
            I::ApiTokenMade(ApiTokenId::from_bytes([11; 16])),
            I::ApiTokenRevoked(ApiTokenId::from_bytes([11; 16])),
        ];
        let events = of
            .map(|event| Event::Of(organisation, event))
            .into_iter()
            .chain(installation.map(Event::Installation));
        let actors = [
            Actor::Administrator,
            Actor::Device,
            Actor::Retention,
            Actor::User(user),
            Actor::Service(ApiTokenId::from_bytes([11; 16])),
        ];
        events
            .zip(actors.into_iter().cycle())
            .zip(0..)
            .map(|((event, actor), index)| Entry {
                index,
                at: UnixTime(1_785_924_000),
                actor,
                event,
                previous: Hash([0xaa; 32]),
            })
            .collect()
    }

    #[test]
    fn every_kind_of_entry_survives_its_bytes() {
        for entry in of_every_kind() {
            assert_eq!(Entry::from_bytes(&entry.to_bytes()), Ok(entry));
        }
    }

    #[test]
    fn every_kind_has_its_number_and_is_in_the_document() {
        let document = include_str!("../../../docs/ledger.md");
        let kinds: Vec<u8> = of_every_kind().iter().map(|entry| entry.to_bytes()[82]).collect();
        let numbers = [1..=19_u8, 32..=40, 48..=49, 128..=141, 142..=147, 154..=156];
        assert!(kinds.into_iter().eq(numbers.into_iter().flatten()));
        for entry in of_every_kind() {
            assert!(document.contains(&format!("`{}`", entry.event.name())));
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_document() {
        let entry = Entry {
            index: 258,
            at: UnixTime(1_785_924_000),
            actor: Actor::User(UserId::from_bytes([0x22; 16])),
            event: Event::Of(
                OrganisationId::from_bytes([0x11; 16]),
                OrganisationEvent::DeviceRead(DeviceMark([0x44; 16])),
            ),
            previous: Hash([0x33; 32]),
        };
        let expected = [
            "01",
            "0000000000000102",
            "000000006a7309a0",
            &"11".repeat(16),
            "04",
            &"22".repeat(16),
            &"33".repeat(32),
            "09",
            &"44".repeat(16),
        ];
        assert_eq!(HEXLOWER.encode(&entry.to_bytes()), expected.concat());
    }

    #[test]
    fn an_entry_that_is_cut_lengthened_or_of_another_version_is_none() {
        for entry in of_every_kind() {
            let bytes = entry.to_bytes();
            for length in 0..bytes.len() {
                assert_eq!(Entry::from_bytes(&bytes[..length]), Err(InvalidEntry));
            }
            assert_eq!(Entry::from_bytes(&[&bytes[..], &[0]].concat()), Err(InvalidEntry));
            assert_eq!(
                Entry::from_bytes(&[&[2], &bytes[1..]].concat()),
                Err(InvalidEntry)
            );
        }
    }

    #[test]
    fn no_entry_has_two_forms() {
        for entry in of_every_kind() {
            let bytes = entry.to_bytes();
            for at in 0..bytes.len() {
                for bit in 0..8 {
                    let mut changed = bytes.clone();
                    changed[at] ^= 1 << bit;
                    if let Ok(read) = Entry::from_bytes(&changed) {
                        assert_eq!(read.to_bytes(), changed);
                    }
                }
            }
        }
    }
}
