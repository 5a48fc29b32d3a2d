//! The words for what the program knows by type.

use jiff::civil::Date;
use zeef_proto::SourceName;
use zeef_proto::field::Field;
use zeef_proto::policy::{Ground, Responsible, Source, Term};
use zeef_proto::wire::Platform;

use super::super::page::Place;
use super::{Phrase, Texts};
use crate::access::Role;
use crate::index::{Column, Kind, State};
use crate::store::Origin;
use crate::store::records::{Agent, Device};

impl Texts {
    pub(crate) const fn of_field(&self, field: Field) -> &Phrase {
        match field {
            Field::PublicIp => &self.field.public_ip,
            Field::PrivateIp => &self.field.private_ip,
            Field::MacAddress => &self.field.mac_address,
            Field::DeviceName => &self.field.device_name,
            Field::Username => &self.field.username,
            Field::ServiceId => &self.field.service_id,
            Field::LineId => &self.field.line_id,
        }
    }

    /// A part of the application, in the menu.
    pub(in crate::web) const fn of_place(&self, place: Place) -> &Phrase {
        match place {
            Place::Inventory | Place::Elsewhere => &self.frame.inventory,
            Place::Requests => &self.requests.title,
            Place::Enrol => &self.enrol.menu,
            Place::Portal => &self.portal.menu,
            Place::Organisations => &self.organisations.title,
            Place::Accounts => &self.accounts.menu,
            Place::Policy => &self.frame.policy,
            Place::Retention => &self.retention.title,
            Place::Ledger => &self.ledger.title,
            Place::Report => &self.report.title,
            Place::Account => &self.frame.account,
        }
    }

    pub(crate) const fn of_role(&self, role: Role) -> &Phrase {
        match role {
            Role::Administrator => &self.accounts.role_administrator,
            Role::PrivacyOfficer => &self.accounts.role_officer,
            Role::Technician => &self.accounts.role_technician,
            Role::CustomerContact => &self.accounts.role_contact,
        }
    }

    /// What a role may do.
    pub(crate) const fn hint_of_role(&self, role: Role) -> &Phrase {
        match role {
            Role::Administrator => &self.accounts.administrator_may,
            Role::PrivacyOfficer => &self.accounts.officer_may,
            Role::Technician => &self.accounts.technician_may,
            Role::CustomerContact => &self.accounts.contact_may,
        }
    }

    pub(crate) const fn of_state(&self, state: State) -> &Phrase {
        match state {
            State::Reporting => &self.state.reporting,
            State::Silent => &self.state.silent,
            State::Revoked => &self.state.revoked,
            State::SuspectedClone => &self.state.suspected_clone,
        }
    }

    /// The state's name, or the question where a silent device is asked about.
    pub(crate) const fn state_name(&self, device: &Device, state: State) -> &Phrase {
        match (state, device.asked_at) {
            (State::Silent, Some(_)) => &self.silence.asked,
            _ => self.of_state(state),
        }
    }

    pub(crate) const fn of_kind(&self, kind: Kind) -> &Phrase {
        match kind {
            Kind::In(state) => self.of_state(state),
            Kind::WithoutAgent => &self.inventory.no_agent,
        }
    }

    /// Whether a device may tell of others.
    pub(crate) const fn of_site(&self, agent: &Agent) -> &Phrase {
        if agent.speaks_for_site {
            &self.device.site_allowed
        } else {
            &self.device.site_not_allowed
        }
    }

    /// Who said a value.
    pub(crate) const fn of_origin(&self, origin: &Origin) -> &Phrase {
        match origin {
            Origin::Native => &self.source.native,
            Origin::Source { source, .. } => self.of_source_name(*source),
        }
    }

    /// Whose records a value comes from.
    pub(crate) const fn of_source_name(&self, source: SourceName) -> &Phrase {
        match source {
            SourceName::Added => &self.source.added,
            SourceName::DattoRmm => &self.source.datto_rmm,
            SourceName::Defender => &self.source.defender,
            SourceName::Draytek => &self.source.draytek,
            SourceName::EsetProtect => &self.source.eset_protect,
            SourceName::InternetCsv => &self.source.internet_csv,
            SourceName::Osquery => &self.source.osquery,
            SourceName::Unifi => &self.source.unifi,
            SourceName::UnifiWired => &self.source.unifi_wired,
            SourceName::VoipCsv => &self.source.voip_csv,
            SourceName::WazuhSyscollector => &self.source.wazuh_syscollector,
            SourceName::Webroot => &self.source.webroot,
            SourceName::WindowsDhcp => &self.source.windows_dhcp,
            SourceName::WindowsEvent => &self.source.windows_event,
            SourceName::ZyxelNebula => &self.source.zyxel_nebula,
        }
    }

    pub(crate) const fn hint_of_state(&self, state: State) -> &Phrase {
        match state {
            State::Reporting => &self.state_hint.reporting,
            State::Silent => &self.state_hint.silent,
            State::Revoked => &self.state_hint.revoked,
            State::SuspectedClone => &self.state_hint.suspected_clone,
        }
    }

    pub(crate) const fn of_column(&self, column: Column) -> &Phrase {
        match column {
            Column::Name => &self.column.name,
            Column::Organisation => &self.column.organisation,
            Column::User => &self.column.user,
            Column::Address => &self.column.address,
            Column::Mac => &self.column.mac,
            Column::LastContact => &self.column.last_contact,
        }
    }

    pub(crate) const fn of_platform(&self, platform: Platform) -> &Phrase {
        match platform {
            Platform::Linux => &self.platform.linux,
            Platform::Windows => &self.platform.windows,
            Platform::Macos => &self.platform.macos,
        }
    }

    pub(crate) fn of_term(&self, term: Term) -> Phrase {
        match term {
            Term::Service => self.term.service.clone(),
            Term::Months(1) => self.term.one_month.clone(),
            Term::Months(months) => self.term.months.with("months", months),
            Term::ServiceAtLeastMonths(months) => self.term.service_at_least.with("months", months),
        }
    }

    pub(crate) const fn of_source(&self, source: Source) -> &Phrase {
        match source {
            Source::Agent => &self.policy.source_agent,
            Source::Site => &self.policy.source_site,
            Source::Elsewhere => &self.policy.source_elsewhere,
        }
    }

    pub(crate) fn of_grounds<'a>(&self, grounds: impl IntoIterator<Item = &'a Ground>) -> String {
        let word = |ground: &Ground| match ground {
            Ground::Contract => self.ground.contract.as_str(),
            Ground::LegalObligation => self.ground.legal_obligation.as_str(),
            Ground::PublicInterest => self.ground.public_interest.as_str(),
        };
        grounds.into_iter().map(word).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn of_responsible<'a>(&self, parties: impl IntoIterator<Item = &'a Responsible>) -> String {
        let word = |party: &Responsible| match party {
            Responsible::Customer => self.responsible.customer.as_str(),
            Responsible::Provider => self.responsible.provider.as_str(),
        };
        parties.into_iter().map(word).collect::<Vec<_>>().join(", ")
    }
}

impl Texts {
    /// What an event of the ledger is called, by its name there.
    pub(crate) fn event_named(&self, name: &str) -> String {
        self.event
            .get(name)
            .map_or_else(|| name.replace('_', " "), ToString::to_string)
    }

    /// What a detail of an event is called, by its name there.
    pub(crate) fn detail_named(&self, name: &str) -> String {
        self.detail
            .get(name)
            .map_or_else(|| name.replace('_', " "), ToString::to_string)
    }

    /// What a detail of an event says, where that is a word of ours.
    pub(crate) fn word_named(&self, name: &str) -> Option<&Phrase> {
        self.word.get(name)
    }

    /// Who did something, by the name of the kind of actor.
    pub(crate) fn of_actor(&self, name: &str) -> &Phrase {
        match name {
            "administrator" => &self.actor.administrator,
            "device" => &self.actor.device,
            "retention" => &self.actor.retention,
            "service" => &self.actor.service,
            _ => &self.actor.user,
        }
    }

    /// A day, with its year or without.
    pub(crate) fn day(&self, date: Date, with_year: bool) -> Phrase {
        let month = usize::try_from(date.month() - 1).unwrap_or(0);
        let phrase = if with_year {
            &self.date.with_year
        } else {
            &self.date.day
        };
        phrase
            .with("day", date.day())
            .with("month", self.date.month_names().nth(month).unwrap_or_default())
            .with("year", date.year())
    }

    /// A policy's day of adoption; as it stands where it is none.
    pub(crate) fn civil_date(&self, date: &str) -> String {
        date.parse()
            .map_or_else(|_| date.to_owned(), |date| self.day(date, true).to_string())
    }
}

impl super::texts::Date {
    /// Short names, January first.
    pub(crate) fn month_names(&self) -> impl Iterator<Item = &str> {
        self.months.as_str().split(' ')
    }
}
