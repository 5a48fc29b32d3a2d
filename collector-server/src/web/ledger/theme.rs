//! What entries are about, for those who look for a kind of them.

use crate::ledger::{Event, InstallationEvent, OrganisationEvent};
use crate::web::locale::{Phrase, Texts};

/// A kind of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// Somebody looked at what is held.
    Looks,
    /// A device enrolled, ended or was changed by hand.
    Devices,
    /// What was deleted and kept: purges, erasures, legal holds.
    Retention,
    /// A data subject's request was opened or handled.
    Requests,
    /// A policy was published.
    Policy,
    /// Accounts, roles and sign-ins.
    People,
    /// All else that concerns an organisation.
    Organisations,
    /// All else that concerns the installation.
    Installation,
}

impl Theme {
    pub(super) const ALL: [Self; 8] = [
        Self::Looks,
        Self::Devices,
        Self::Retention,
        Self::Requests,
        Self::Policy,
        Self::People,
        Self::Organisations,
        Self::Installation,
    ];

    /// As an address says it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Looks => "looks",
            Self::Devices => "devices",
            Self::Retention => "retention",
            Self::Requests => "requests",
            Self::Policy => "policy",
            Self::People => "people",
            Self::Organisations => "organisations",
            Self::Installation => "installation",
        }
    }

    /// What people call it.
    pub(super) const fn title(self, texts: &Texts) -> &Phrase {
        let words = &texts.theme;
        match self {
            Self::Looks => &words.looks,
            Self::Devices => &words.devices,
            Self::Retention => &words.retention,
            Self::Requests => &words.requests,
            Self::Policy => &words.policy,
            Self::People => &words.people,
            Self::Organisations => &words.organisations,
            Self::Installation => &words.installation,
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// What an event is about.
    pub(super) const fn of(event: &Event) -> Self {
        use InstallationEvent as I;
        use OrganisationEvent as O;
        match event {
            Event::Of(
                _,
                O::DeviceRead(_)
                | O::DevicesListed(_)
                | O::DevicesSearched(_)
                | O::RequestRead(_)
                | O::PackageMade { .. }
                | O::DevicesExported(..),
            )
            | Event::Installation(I::SearchedInVain) => Self::Looks,
            Event::Of(
                _,
                O::DeviceEnrolled(_)
                | O::DeviceRevoked(_)
                | O::DeviceEnded(_)
                | O::DeviceKept(_)
                | O::SiteAllowed(_)
                | O::SiteDenied(_),
            ) => Self::Devices,
            Event::Of(
                _,
                O::HoldBegun(..)
                | O::HoldEnded(_)
                | O::SilenceSet(_)
                | O::Erased { .. }
                | O::ErasureLifted(_),
            )
            | Event::Installation(I::Purged { .. } | I::ClockConfirmed(_)) => Self::Retention,
            Event::Of(
                _,
                O::RequestOpened(..)
                | O::RequestStep(..)
                | O::RequestExtended(..)
                | O::RequestClosed(..)
                | O::ValueCorrected(..)
                | O::CorrectionTakenBack(..)
                | O::DeviceRestricted(..)
                | O::RestrictionLifted(..),
            ) => Self::Requests,
            Event::Installation(I::PolicyPublished { .. }) => Self::Policy,
            Event::Installation(
                I::UserAdded(_)
                | I::UserRemoved(_)
                | I::LinkMade(_)
                | I::PasswordSet(_)
                | I::SignedIn
                | I::RoleSet(..)
                | I::SecondFactorSet(..)
                | I::SecondFactorRemoved(..)
                | I::RecoveryCodesMade(..)
                | I::RecoveryCodeUsed(..)
                | I::SignedOutEverywhere(..)
                | I::ProviderLinked(..),
            ) => Self::People,
            Event::Of(..) => Self::Organisations,
            Event::Installation(_) => Self::Installation,
        }
    }
}
