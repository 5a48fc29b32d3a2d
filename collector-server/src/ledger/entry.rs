//! What is noted. Every type here is closed and holds ids, counts and hashes alone.

use std::fmt;

use data_encoding::HEXLOWER;
use zeef_proto::id::{ApiTokenId, HoldId, ReceiptId, RequestId, SubscriptionId, TokenId, UserId};
use zeef_proto::{OrganisationId, UnixTime};

use super::Hash;
use crate::access::Role;
use crate::requests::{Kind, Outcome, StepName};

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 0.
    pub index: u64,
    /// When it happened.
    pub at: UnixTime,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub event: Event,
    /// The leaf hash of the entry before it; [`Hash::NONE`] for the first.
    pub previous: Hash,
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Somebody at the collector's command line.
    Administrator,
    /// The device itself.
    Device,
    /// The collector, because a term was over.
    Retention,
    /// A person who is signed in, by id: a name would outlive its account here.
    User(UserId),
    /// A program, by its token for the API.
    Service(ApiTokenId),
}

/// What was done, and to whom it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Concerns one organisation, which may see it.
    Of(OrganisationId, OrganisationEvent),
    /// Concerns the installation.
    Installation(InstallationEvent),
}

/// A device, as a keyed digest of its id under its organisation's key: whoever has the key finds a device's entries,
/// and after the device's end the ledger names nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceMark(pub [u8; 16]);

/// What was done within an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationEvent {
    /// The organisation was made.
    OrganisationAdded,
    /// A subscription was started.
    SubscriptionAdded(SubscriptionId),
    /// A subscription was given an end.
    SubscriptionEnded(SubscriptionId, UnixTime),
    /// A token was made for so many devices.
    TokenMade(TokenId, u32),
    /// A token was made worthless.
    TokenRevoked(TokenId),
    /// A device spent one use of a token.
    DeviceEnrolled(DeviceMark),
    /// A device was refused.
    DeviceRevoked(DeviceMark),
    /// A device was deleted with all that was held of it.
    DeviceEnded(DeviceMark),
    /// All that is held of a device was shown.
    DeviceRead(DeviceMark),
    /// So many devices were shown in a list.
    DevicesListed(u64),
    /// So many devices were shown as what a search found.
    DevicesSearched(u64),
    /// A legal hold began, until then.
    HoldBegun(HoldId, UnixTime),
    /// A legal hold was ended before its time.
    HoldEnded(HoldId),
    /// Devices are asked about after so many days without contact; 0 for never.
    SilenceSet(u64),
    /// Somebody answered for a silent device.
    DeviceKept(DeviceMark),
    /// A device was allowed to tell of other devices of its site.
    SiteAllowed(DeviceMark),
    /// A device was no longer allowed to.
    SiteDenied(DeviceMark),
    /// A device, a person or all of the organisation was erased, as a receipt tells.
    Erased {
        /// The receipt.
        receipt: ReceiptId,
        /// What the receipt tells, as [`crate::erasure::Facts::digest`].
        digest: [u8; 32],
    },
    /// An erased person may be taken in again, named as in the receipt of the erasure.
    ErasureLifted([u8; 16]),
    /// A request came in.
    RequestOpened(RequestId, Kind),
    /// A step of a request was taken.
    RequestStep(RequestId, StepName),
    /// There is more time for a request, until then.
    RequestExtended(RequestId, UnixTime),
    /// A request was closed, and how it ended.
    RequestClosed(RequestId, Outcome),
    /// A request was shown with what the person said.
    RequestRead(RequestId),
    /// A value of a device was corrected.
    ValueCorrected(DeviceMark),
    /// A correction was taken back.
    CorrectionTakenBack(DeviceMark),
    /// A device is hidden from technicians.
    DeviceRestricted(DeviceMark),
    /// A device is no longer hidden.
    RestrictionLifted(DeviceMark),
    /// What is held of so many devices was put into an access package.
    PackageMade {
        /// What the package tells of itself, as [`crate::package::Facts::digest`].
        digest: [u8; 32],
        /// How many devices are in it.
        devices: u64,
    },
    /// So many devices of a list were written to a file.
    DevicesExported(u64),
}

/// What was done in the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallationEvent {
    /// A policy took effect.
    PolicyPublished {
        /// Its version.
        version: u64,
        /// SHA-256 of its text.
        hash: [u8; 32],
    },
    /// An account was made.
    UserAdded(UserId),
    /// An account was deleted.
    UserRemoved(UserId),
    /// A one-time link was made, with which whoever has it signs in as that account.
    LinkMade(UserId),
    /// An account got another password.
    PasswordSet(UserId),
    /// A session began.
    SignedIn,
    /// A search found nothing, which is an answer too.
    SearchedInVain,
    /// A step of the purge deleted something.
    Purged {
        /// Values past their term.
        observations: u64,
        /// Devices, sessions, links, tokens, tombstones past their use.
        other: u64,
    },
    /// An administrator dropped so many entries of a ledger that could not be continued, and began this one.
    LedgerBegunAnew(u64),
    /// A backup of the database was begun that can be read until then.
    BackupBegun(UnixTime),
    /// A backup was put back.
    Restored {
        /// When it was made: what was noted after that is missing before this entry.
        made_at: UnixTime,
        /// Devices that had been ended since, and were so again.
        devices: u64,
    },
    /// An administrator went on with an older key store; so many devices lost their values.
    KeyStoreAccepted(u64),
    /// An administrator believed a clock that had jumped ahead to then.
    ClockConfirmed(UnixTime),
    /// The installation was moved to this engine.
    Moved(Engine),
    /// An account got a second factor, and new recovery codes with it.
    SecondFactorSet(UserId),
    /// An account has no second factor any more.
    SecondFactorRemoved(UserId),
    /// An account got new recovery codes for its second factor.
    RecoveryCodesMade(UserId),
    /// A recovery code was spent instead of a code of the second factor.
    RecoveryCodeUsed(UserId),
    /// All sessions of an account were ended.
    SignedOutEverywhere(UserId),
    /// An account of the identity provider signs in as this one from now on.
    ProviderLinked(UserId),
    /// An account got a role, its first or another.
    RoleSet(UserId, Role),
    /// A token for the API was made.
    ApiTokenMade(ApiTokenId),
    /// A token for the API was made worthless.
    ApiTokenRevoked(ApiTokenId),
}

/// What keeps the installation's databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Files of the collector's own.
    Sqlite,
    /// A server.
    Postgres,
}

impl Event {
    /// The organisation that it concerns.
    #[must_use]
    pub const fn organisation(&self) -> Option<OrganisationId> {
        match self {
            Self::Of(organisation, _) => Some(*organisation),
            Self::Installation(_) => None,
        }
    }

    /// The device that it concerns.
    #[must_use]
    pub const fn device(&self) -> Option<DeviceMark> {
        use OrganisationEvent as E;
        match self {
            Self::Of(
                _,
                E::DeviceEnrolled(mark)
                | E::DeviceRevoked(mark)
                | E::DeviceEnded(mark)
                | E::DeviceRead(mark)
                | E::DeviceKept(mark)
                | E::SiteAllowed(mark)
                | E::SiteDenied(mark)
                | E::ValueCorrected(mark)
                | E::CorrectionTakenBack(mark)
                | E::DeviceRestricted(mark)
                | E::RestrictionLifted(mark),
            ) => Some(*mark),
            _ => None,
        }
    }
}

impl fmt::Display for DeviceMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for DeviceMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceMark({self})")
    }
}
