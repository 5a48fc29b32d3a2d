//! What of a record may pass: a pure function of what was taken, the plan and the policy's treatments.

use std::cell::OnceCell;

use zeef_proto::field::{
    DeviceName, Field, LineId, MAX_VALUES, MacAddress, Parse, PrivateIp, PublicIp, Rejection, ServiceId,
    Username, matching_form, parse_ip,
};
use zeef_proto::policy::{ProductId, Treatment};

use super::definition::{Name, Target};
use super::memo::Decision;
use super::plan::{Aim, LeafId, Plan};
use super::record::{Kind, Record, Taken};
use super::truncate::Truncate;
use super::{Minimised, Reason, Subject, Treated, Verdict};
use crate::pseudonym::{Input, Key, Token};

/// What becomes of each field, by its place in the declaration.
pub(super) struct Treatments([Treatment; Field::ALL.len()]);

impl Treatments {
    pub(super) fn new(treatment: impl Fn(Field) -> Treatment) -> Self {
        let mut treatments = [Treatment::Drop; Field::ALL.len()];
        for field in Field::ALL {
            treatments[field as usize] = treatment(field);
        }
        Self(treatments)
    }

    pub(super) const fn of(&self, field: Field) -> Treatment {
        self.0[field as usize]
    }
}

/// What became of one value.
#[derive(Clone)]
pub(super) struct Outcome {
    pub(super) leaf: LeafId,
    pub(super) subject: Subject,
    pub(super) verdict: Verdict,
    /// As it passed, where somebody wants an explanation.
    pub(super) passed: Option<String>,
}

/// Decides about records of one source.
pub(super) struct Decider<'a> {
    pub(super) plan: &'a Plan,
    pub(super) treatments: &'a Treatments,
    pub(super) key: Option<&'a Key>,
    pub(super) explains: bool,
}

impl<'a> Decider<'a> {
    /// What of a record of `shape` passes. With it, what became of each value.
    pub(super) fn decide(&self, record: &Record, shape: usize, product: &'a ProductId) -> Decision<'a> {
        let mut outcomes = Vec::new();
        let mut parts = Parts::default();
        for taken in record.taken() {
            for rule in &self.plan.leaf(taken.leaf).rules {
                if rule.shape != shape {
                    continue;
                }
                let place = Place {
                    rank: rule.rank,
                    outcome: outcomes.len(),
                };
                let held = rule.holds(record.met | taken.met);
                let (subject, result) = match &rule.aim {
                    Aim::Link(name) => (Subject::Link, self.link(record, taken, held, name, &mut parts)),
                    Aim::Field(target) => self.field(record, taken, held, *target, place, &mut parts),
                };
                let (verdict, passed) = match result {
                    Ok((verdict, passed)) => (verdict, passed),
                    Err(reason) => (Verdict::Dropped(reason), None),
                };
                outcomes.push(Outcome {
                    leaf: taken.leaf,
                    subject,
                    verdict,
                    passed,
                });
            }
        }
        let minimised = parts.finish(&self.plan.source, product, &mut outcomes);
        Decision { minimised, outcomes }
    }

    fn link(&self, record: &Record, taken: &Taken, held: bool, name: &Name, parts: &mut Parts) -> Passing {
        let text = text_of(record, taken, held, true)?.trim();
        if text.is_empty() {
            return Err(Reason::Rejected(Rejection::Empty));
        }
        let key = self.key.ok_or(Reason::NoKey)?;
        let canonical = matching_form(text);
        let token = key.token(Input::Link(name), canonical.as_bytes());
        let passed = self.explains.then(|| token.as_str().to_owned());
        if !parts.links.contains(&token) {
            parts.links.push(token);
            parts
                .earlier_links
                .extend(key.earlier_token(Input::Link(name), canonical.as_bytes()));
        }
        Ok((Verdict::Hashed, passed))
    }

    fn field(
        &self,
        record: &Record,
        taken: &Taken,
        held: bool,
        target: Target,
        place: Place,
        parts: &mut Parts,
    ) -> (Subject, Passing) {
        let numbers = matches!(target, Target::ServiceId | Target::LineId);
        let text = text_of(record, taken, held, numbers);
        match target {
            Target::DeviceName => {
                let text = text.and_then(|text| self.unless_hashed(Field::DeviceName, text, device_name));
                self.one(text, place, &mut parts.device_names)
            }
            Target::Username => {
                let text = text.and_then(|text| self.unless_hashed(Field::Username, text, username));
                self.one(text, place, &mut parts.usernames)
            }
            Target::MacAddress => self.one(text, place, &mut parts.mac_addresses),
            Target::ServiceId => self.one(text, place, &mut parts.service_ids),
            Target::LineId => self.one(text, place, &mut parts.line_ids),
            Target::PrivateIp => self.one(text, place, &mut parts.private_ips),
            Target::PublicIp => self.one(text, place, &mut parts.public_ips),
            Target::Ip => match text.and_then(field_of_address) {
                Err(reason) => (Subject::Address, Err(reason)),
                Ok(Field::PublicIp) => self.one(text, place, &mut parts.public_ips),
                Ok(_) => self.one(text, place, &mut parts.private_ips),
            },
        }
    }

    fn one<T: Truncate>(
        &self,
        text: Result<&str, Reason>,
        place: Place,
        list: &mut List<T>,
    ) -> (Subject, Passing) {
        let passing = text
            .and_then(|text| self.treat::<T>(text))
            .map(|(value, verdict)| {
                let passed = self.explains.then(|| text_of_treated(&value));
                list.0.push((value, place));
                (verdict, passed)
            });
        (Subject::Field(T::FIELD), passing)
    }

    fn treat<T: Truncate>(&self, text: &str) -> Result<(Treated<T>, Verdict), Reason> {
        if let Some(already) = self.hashed(T::FIELD, text) {
            return Ok((Treated::Hashed(already), Verdict::Hashed));
        }
        let treatment = self.treatments.of(T::FIELD);
        if treatment == Treatment::Truncate
            && let Some(already) = T::read_truncated(text)
        {
            return Ok((Treated::Truncated(already), Verdict::Truncated));
        }
        let value = T::parse(text).map_err(Reason::Rejected)?;
        match treatment {
            Treatment::Keep => Ok((Treated::Kept(value), Verdict::Kept)),
            Treatment::Truncate => {
                let cut = value.truncate().ok_or(Reason::NotTruncatable)?;
                Ok((Treated::Truncated(cut), Verdict::Truncated))
            }
            Treatment::Pseudonymise => {
                let key = self.key.ok_or(Reason::NoKey)?;
                let token = key.token(Input::Field(T::FIELD), value.matching_form().as_bytes());
                Ok((Treated::Hashed(token), Verdict::Hashed))
            }
            Treatment::Drop => Err(Reason::NotDocumented),
        }
    }
}

impl Decider<'_> {
    /// A token of this key, where the policy asks for one: minimising twice is minimising once.
    fn hashed(&self, field: Field, text: &str) -> Option<Token> {
        let asked = self.treatments.of(field) == Treatment::Pseudonymise;
        self.key.filter(|_| asked)?.read_token(text)
    }

    fn unless_hashed<'t>(
        &self,
        field: Field,
        text: &'t str,
        check: fn(&'t str) -> Result<&'t str, Reason>,
    ) -> Result<&'t str, Reason> {
        if self.hashed(field, text).is_some() {
            return Ok(text);
        }
        check(text)
    }
}

type Passing = Result<(Verdict, Option<String>), Reason>;

/// The definition's preference for a value, and where its outcome stands.
#[derive(Clone, Copy)]
struct Place {
    rank: u16,
    outcome: usize,
}

/// Values of one field, as they come.
struct List<T>(Vec<(Treated<T>, Place)>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> List<T> {
    /// Sorted and distinct; what is beyond the bound is dropped.
    fn many(mut self, outcomes: &mut [Outcome]) -> Vec<Treated<T>> {
        self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut kept = Vec::with_capacity(self.0.len().min(MAX_VALUES));
        for (value, place) in self.0 {
            if kept.last() == Some(&value) {
                continue;
            }
            if kept.len() == MAX_VALUES {
                outcomes[place.outcome].drop(Reason::TooMany);
            } else {
                kept.push(value);
            }
        }
        kept
    }

    /// The one that the definition prefers.
    fn best(self, outcomes: &mut [Outcome]) -> Option<Treated<T>> {
        let mut best: Option<(Treated<T>, Place)> = None;
        for (value, place) in self.0 {
            match &best {
                Some((_, known)) if known.rank <= place.rank => {
                    outcomes[place.outcome].drop(Reason::Superseded);
                }
                _ => {
                    if let Some((_, worse)) = best.replace((value, place)) {
                        outcomes[worse.outcome].drop(Reason::Superseded);
                    }
                }
            }
        }
        best.map(|(value, _)| value)
    }
}

impl Outcome {
    fn drop(&mut self, reason: Reason) {
        self.verdict = Verdict::Dropped(reason);
        self.passed = None;
    }
}

#[derive(Default)]
struct Parts {
    device_names: List<DeviceName>,
    usernames: List<Username>,
    private_ips: List<PrivateIp>,
    public_ips: List<PublicIp>,
    mac_addresses: List<MacAddress>,
    service_ids: List<ServiceId>,
    line_ids: List<LineId>,
    links: Vec<Token>,
    earlier_links: Vec<Token>,
}

impl Parts {
    fn finish<'a>(self, source: &'a str, product: &'a ProductId, outcomes: &mut [Outcome]) -> Minimised<'a> {
        let mut links = self.links;
        links.extend(self.earlier_links);
        links.truncate(MAX_VALUES);
        links.sort_unstable();
        Minimised {
            source,
            product,
            record: 0,
            device_name: self.device_names.best(outcomes),
            usernames: self.usernames.many(outcomes),
            private_ips: self.private_ips.many(outcomes),
            mac_addresses: self.mac_addresses.many(outcomes),
            public_ips: self.public_ips.many(outcomes),
            service_id: self.service_ids.best(outcomes),
            line_id: self.line_ids.best(outcomes),
            links,
            repeats: false,
            text: OnceCell::new(),
        }
    }
}

/// The text of a value under a rule that holds, of a kind that the field can have.
fn text_of<'r>(record: &'r Record, taken: &Taken, held: bool, numbers: bool) -> Result<&'r str, Reason> {
    if !held {
        return Err(Reason::Condition);
    }
    let value = record.value(taken)?;
    let fits = taken.kind == Kind::Text || numbers && taken.kind == Kind::Number;
    if !fits {
        return Err(Reason::Rejected(Rejection::WrongType));
    }
    std::str::from_utf8(value).map_err(|_| Reason::NotUnicode)
}

fn text_of_treated<T: Parse>(value: &Treated<T>) -> String {
    match value {
        Treated::Kept(value) => value.expose(),
        Treated::Truncated(cut) => cut.expose().to_owned(),
        Treated::Hashed(token) => token.as_str().to_owned(),
    }
}

/// A host's name has no place for what paths, URLs and mail addresses have, and an address in its place is not
/// a name: its first label would be a part of the address.
fn device_name(text: &str) -> Result<&str, Reason> {
    let label = text.trim().split('.').next().unwrap_or_default();
    if text.contains(['\\', '/', '@', ':']) || is_address(text) {
        Err(Reason::NotAName)
    } else {
        named_by(label).map(|()| text)
    }
}

fn username(text: &str) -> Result<&str, Reason> {
    let account = text.rsplit('\\').next().unwrap_or_default();
    let account = account.split('@').next().unwrap_or_default();
    if text.contains(['/', ':']) || is_address(text) {
        Err(Reason::NotAName)
    } else {
        named_by(account).map(|()| text)
    }
}

/// Dashes and dots stand for no name in many products; hardware addresses and ids stand in for one.
fn named_by(part: &str) -> Result<(), Reason> {
    let part = part.trim();
    if !part.chars().any(char::is_alphanumeric) {
        Err(Reason::Rejected(Rejection::Empty))
    } else if is_address(part) || is_uuid(part) {
        Err(Reason::NotAName)
    } else {
        Ok(())
    }
}

/// RFC 9562, section 4.
fn is_uuid(text: &str) -> bool {
    let hyphen = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let fits = |(place, byte): (usize, u8)| {
        (byte == b'-') == hyphen(place) && (byte == b'-' || byte.is_ascii_hexdigit())
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

fn is_address(text: &str) -> bool {
    let in_address = |byte: u8| byte.is_ascii_hexdigit() || b".:- ".contains(&byte);
    if !text.bytes().all(in_address) {
        return false;
    }
    let is_mac = || {
        let parsed = MacAddress::parse(text);
        parsed.is_ok() || matches!(parsed, Err(Rejection::Eui64 | Rejection::NotUnicast))
    };
    parse_ip(text).is_ok() || is_mac()
}

/// Which field an address belongs to, by its value. Behind a slash stands the length of what was truncated.
fn field_of_address(text: &str) -> Result<Field, Reason> {
    let whole = text.split_once('/').map_or(text, |(address, _)| address);
    let address = parse_ip(whole).map_err(Reason::Rejected)?;
    if PrivateIp::from_ip(address).is_ok() {
        Ok(Field::PrivateIp)
    } else if PublicIp::from_ip(address).is_ok() {
        Ok(Field::PublicIp)
    } else {
        Err(Reason::NeitherPrivateNorPublic)
    }
}
