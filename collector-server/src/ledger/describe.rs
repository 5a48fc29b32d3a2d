//! An entry in words, for tables and JSON.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::{Actor, Engine, Event, InstallationEvent, OrganisationEvent};

impl Actor {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Device => "device",
            Self::Retention => "retention",
            Self::User(_) => "user",
            Self::Service(_) => "service",
        }
    }
}

impl Event {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        use InstallationEvent as I;
        use OrganisationEvent as O;
        match self {
            Self::Of(_, O::OrganisationAdded) => "organisation_added",
            Self::Of(_, O::SubscriptionAdded(_)) => "subscription_added",
            Self::Of(_, O::SubscriptionEnded(..)) => "subscription_ended",
            Self::Of(_, O::TokenMade(..)) => "token_made",
            Self::Of(_, O::TokenRevoked(_)) => "token_revoked",
            Self::Of(_, O::DeviceEnrolled(_)) => "device_enrolled",
            Self::Of(_, O::DeviceRevoked(_)) => "device_revoked",
            Self::Of(_, O::DeviceEnded(_)) => "device_ended",
            Self::Of(_, O::DeviceRead(_)) => "device_read",
            Self::Of(_, O::DevicesListed(_)) => "devices_listed",
            Self::Of(_, O::DevicesSearched(_)) => "devices_searched",
            Self::Of(_, O::HoldBegun(..)) => "hold_begun",
            Self::Of(_, O::HoldEnded(_)) => "hold_ended",
            Self::Of(_, O::SilenceSet(_)) => "silence_set",
            Self::Of(_, O::DeviceKept(_)) => "device_kept",
            Self::Of(_, O::SiteAllowed(_)) => "site_allowed",
            Self::Of(_, O::SiteDenied(_)) => "site_denied",
            Self::Of(_, O::Erased { .. }) => "erased",
            Self::Of(_, O::ErasureLifted(_)) => "erasure_lifted",
            Self::Of(_, O::RequestOpened(..)) => "request_opened",
            Self::Of(_, O::RequestStep(..)) => "request_step",
            Self::Of(_, O::RequestExtended(..)) => "request_extended",
            Self::Of(_, O::RequestClosed(..)) => "request_closed",
            Self::Of(_, O::RequestRead(_)) => "request_read",
            Self::Of(_, O::ValueCorrected(_)) => "value_corrected",
            Self::Of(_, O::CorrectionTakenBack(_)) => "correction_taken_back",
            Self::Of(_, O::DeviceRestricted(_)) => "device_restricted",
            Self::Of(_, O::RestrictionLifted(_)) => "restriction_lifted",
            Self::Of(_, O::PackageMade { .. }) => "package_made",
            Self::Of(_, O::DevicesExported(_)) => "devices_exported",
            Self::Installation(I::PolicyPublished { .. }) => "policy_published",
            Self::Installation(I::UserAdded(_)) => "user_added",
            Self::Installation(I::UserRemoved(_)) => "user_removed",
            Self::Installation(I::LinkMade(_)) => "link_made",
            Self::Installation(I::PasswordSet(_)) => "password_set",
            Self::Installation(I::SignedIn) => "signed_in",
            Self::Installation(I::SearchedInVain) => "searched_in_vain",
            Self::Installation(I::Purged { .. }) => "purged",
            Self::Installation(I::LedgerBegunAnew(_)) => "ledger_begun_anew",
            Self::Installation(I::BackupBegun(_)) => "backup_begun",
            Self::Installation(I::Restored { .. }) => "restored",
            Self::Installation(I::KeyStoreAccepted(_)) => "key_store_accepted",
            Self::Installation(I::ClockConfirmed(_)) => "clock_confirmed",
            Self::Installation(I::Moved(_)) => "moved",
            Self::Installation(I::SecondFactorSet(_)) => "second_factor_set",
            Self::Installation(I::SecondFactorRemoved(_)) => "second_factor_removed",
            Self::Installation(I::RecoveryCodesMade(_)) => "recovery_codes_made",
            Self::Installation(I::RecoveryCodeUsed(_)) => "recovery_code_used",
            Self::Installation(I::SignedOutEverywhere(_)) => "signed_out_everywhere",
            Self::Installation(I::ProviderLinked(_)) => "provider_linked",
            Self::Installation(I::RoleSet(..)) => "role_set",
            Self::Installation(I::ApiTokenMade(_)) => "api_token_made",
            Self::Installation(I::ApiTokenRevoked(_)) => "api_token_revoked",
        }
    }

    /// What else there is to it, each part with its name.
    #[must_use]
    pub fn details(&self) -> Vec<(&'static str, Value)> {
        use InstallationEvent as I;
        use OrganisationEvent as O;
        if let Some(mark) = self.device() {
            return vec![("mark", json!(mark.to_string()))];
        }
        match self {
            Self::Of(_, O::SubscriptionAdded(id)) => vec![("subscription", json!(id))],
            Self::Of(_, O::SubscriptionEnded(id, ends)) => {
                vec![("subscription", json!(id)), ("ends", json!(ends.to_string()))]
            }
            Self::Of(_, O::TokenMade(id, uses)) => vec![("token", json!(id)), ("uses", json!(uses))],
            Self::Of(_, O::TokenRevoked(id)) => vec![("token", json!(id))],
            Self::Of(
                _,
                O::DevicesListed(devices) | O::DevicesSearched(devices) | O::DevicesExported(devices),
            ) => {
                vec![("devices", json!(devices))]
            }
            Self::Of(_, O::HoldBegun(id, ends)) => {
                vec![("hold", json!(id)), ("ends", json!(ends.to_string()))]
            }
            Self::Of(_, O::HoldEnded(id)) => vec![("hold", json!(id))],
            Self::Of(_, O::SilenceSet(days)) => vec![("days", json!(days))],
            Self::Of(_, O::Erased { receipt, digest }) => {
                vec![
                    ("receipt", json!(receipt)),
                    ("digest", json!(HEXLOWER.encode(digest))),
                ]
            }
            Self::Of(_, O::PackageMade { digest, devices }) => {
                vec![
                    ("digest", json!(HEXLOWER.encode(digest))),
                    ("devices", json!(devices)),
                ]
            }
            Self::Of(_, O::ErasureLifted(asked)) => vec![("asked", json!(HEXLOWER.encode(asked)))],
            Self::Of(_, O::RequestOpened(id, kind)) => {
                vec![("request", json!(id)), ("kind", json!(kind.name()))]
            }
            Self::Of(_, O::RequestStep(id, step)) => {
                vec![("request", json!(id)), ("step", json!(step.name()))]
            }
            Self::Of(_, O::RequestExtended(id, due)) => {
                vec![("request", json!(id)), ("due", json!(due.to_string()))]
            }
            Self::Of(_, O::RequestClosed(id, outcome)) => {
                vec![("request", json!(id)), ("outcome", json!(outcome.name()))]
            }
            Self::Of(_, O::RequestRead(id)) => vec![("request", json!(id))],
            Self::Installation(I::PolicyPublished { version, hash }) => {
                vec![
                    ("version", json!(version)),
                    ("sha256", json!(HEXLOWER.encode(hash))),
                ]
            }
            Self::Installation(
                I::UserAdded(user)
                | I::UserRemoved(user)
                | I::LinkMade(user)
                | I::PasswordSet(user)
                | I::SecondFactorSet(user)
                | I::SecondFactorRemoved(user)
                | I::RecoveryCodesMade(user)
                | I::RecoveryCodeUsed(user)
                | I::SignedOutEverywhere(user)
                | I::ProviderLinked(user),
            ) => vec![("account", json!(user))],
            Self::Installation(I::Purged { observations, other }) => {
                vec![("values", json!(observations)), ("other", json!(other))]
            }
            Self::Installation(I::LedgerBegunAnew(dropped)) => vec![("dropped", json!(dropped))],
            Self::Installation(I::BackupBegun(until)) => vec![("until", json!(until.to_string()))],
            Self::Installation(I::Restored { made_at, devices }) => {
                vec![
                    ("made_at", json!(made_at.to_string())),
                    ("devices", json!(devices)),
                ]
            }
            Self::Installation(I::KeyStoreAccepted(devices)) => vec![("devices", json!(devices))],
            Self::Installation(I::ClockConfirmed(to)) => vec![("to", json!(to.to_string()))],
            Self::Installation(I::RoleSet(user, role)) => {
                vec![("account", json!(user)), ("role", json!(role.name()))]
            }
            Self::Installation(I::ApiTokenMade(token) | I::ApiTokenRevoked(token)) => {
                vec![("api_token", json!(token))]
            }
            Self::Installation(I::Moved(Engine::Sqlite)) => vec![("to", json!("sqlite"))],
            Self::Installation(I::Moved(Engine::Postgres)) => vec![("to", json!("postgres"))],
            _ => Vec::new(),
        }
    }
}
