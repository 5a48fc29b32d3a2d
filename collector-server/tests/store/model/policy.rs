//! Policies of the model: which rows document a field, and for how long.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use zeef_proto::UnixTime;
use zeef_proto::field::Field;

use crate::fixture::REFERENCE_POLICY;

/// The end of a term that has none yet.
pub(super) const NEVER: UnixTime = UnixTime(i64::MAX);

/// The reference policy, or one that differs from it in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Reference,
    /// Antivirus values are held for six months.
    Rolling,
    /// RMM values are held for the service, and for two months at least.
    Minimum,
    /// Neither antivirus nor RMM documents hardware addresses or people.
    Narrow,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Term {
    Service,
    Months(i16),
    AtLeast(i16),
}

/// What a product documents, and for how long.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) product: &'static str,
    /// The agent itself gives it.
    pub(super) of_agents: bool,
    pub(super) fields: &'static [Field],
    pub(super) term: Term,
}

impl Policy {
    pub(super) const ALL: [Self; 4] = [Self::Reference, Self::Rolling, Self::Minimum, Self::Narrow];

    /// Its text, under a version.
    pub(super) fn document(self, version: u64) -> String {
        const FIELDS: &str = r#"["public_ip", "private_ip", "mac_address", "device_name", "username"]"#;
        let text = REFERENCE_POLICY.replacen("version = 1\n", &format!("version = {version}\n"), 1);
        let in_row = |row: &str, from: &str, to: &str| {
            let (head, tail) = text.split_at(text.find(&format!("id = \"{row}\"")).unwrap());
            head.to_owned() + &tail.replacen(from, to, 1)
        };
        match self {
            Self::Reference => text,
            Self::Rolling => in_row("antivirus-device", "\"service\"", "{ months = 6 }"),
            Self::Minimum => in_row("rmm-device", "\"service\"", "{ service-at-least-months = 2 }"),
            Self::Narrow => text.replace(FIELDS, r#"["public_ip", "private_ip", "device_name"]"#),
        }
    }

    pub(super) fn rows(self) -> [Row; 4] {
        use Field::{DeviceName, MacAddress, PrivateIp, PublicIp, Username};
        let fields: &[Field] = match self {
            Self::Narrow => &[PublicIp, PrivateIp, DeviceName],
            _ => &[PublicIp, PrivateIp, MacAddress, DeviceName, Username],
        };
        let row = |product, of_agents, fields, term| Row {
            product,
            of_agents,
            fields,
            term,
        };
        let antivirus = match self {
            Self::Rolling => Term::Months(6),
            _ => Term::Service,
        };
        let rmm = match self {
            Self::Minimum => Term::AtLeast(2),
            _ => Term::Service,
        };
        let wifi: &[Field] = &[PrivateIp, PublicIp, DeviceName];
        let voip: &[Field] = &[PrivateIp, MacAddress, DeviceName];
        [
            row("antivirus", true, fields, antivirus),
            row("rmm", true, fields, rmm),
            row("wifi", false, wifi, Term::Months(6)),
            row("voip", false, voip, Term::Service),
        ]
    }
}

/// The same day and time of day that many months later in Amsterdam; the month's last day where it has no such day.
pub(super) fn months_later(from: UnixTime, months: i16) -> UnixTime {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let local = zone.to_datetime(jiff::Timestamp::from_second(from.0).unwrap());
    let month = i16::from(local.month()) - 1 + months;
    let first = Date::new(
        local.year() + month / 12,
        i8::try_from(month % 12 + 1).unwrap(),
        1,
    )
    .unwrap();
    let day = local.day().min(first.days_in_month());
    let date = Date::new(first.year(), first.month(), day).unwrap();
    let later = zone
        .to_timestamp(DateTime::from_parts(date, local.time()))
        .unwrap();
    UnixTime(later.as_second())
}
