//! What of a record may pass: a pure function of what was taken, the plan and the policy's treatments.

use std::net::IpAddr;

use zeef_proto::field::{
    DeviceName, Field, LineId, MAX_VALUES, MacAddress, Parse, PrivateIp, PublicIp, Rejection, ServiceId,
    Username, matching_form, parse_ip,
};
use zeef_proto::policy::Treatment;

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
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) leaf: LeafId,
    pub(super) subject: Subject,
    pub(super) verdict: Verdict,
}

/// Decides about records of one source.
pub(super) struct Decider<'a> {
    pub(super) plan: &'a Plan,
    pub(super) treatments: &'a Treatments,
    pub(super) key: Option<&'a Key>,
    pub(super) explains: bool,
}

impl<'a> Decider<'a> {
    /// What of a record of `shape` passes, and what became of each value, in place of what `decision` held.
    pub(super) fn decide(
        &self,
        record: &Record,
        shape: usize,
        parts: &mut Parts,
        decision: &mut Decision<'a>,
    ) {
        let Decision {
            minimised,
            outcomes,
            passed,
        } = decision;
        outcomes.clear();
        passed.clear();
        let texts = record.text();
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
                let (subject, verdict) = match &rule.aim {
                    Aim::Link(name) => (Subject::Link, self.link(texts, taken, held, name, parts)),
                    Aim::Field(target) => self.field(texts, taken, held, *target, place, parts),
                };
                outcomes.push(Outcome {
                    leaf: taken.leaf,
                    subject,
                    verdict: verdict.unwrap_or_else(Verdict::Dropped),
                });
                if self.explains {
                    passed.push(parts.passed.take());
                }
            }
        }
        parts.give(minimised, outcomes);
    }

    fn link(
        &self,
        texts: &str,
        taken: &Taken,
        held: bool,
        name: &Name,
        parts: &mut Parts,
    ) -> Result<Verdict, Reason> {
        let text = text_of(texts, taken, held, true)?.trim_start();
        if text.is_empty() {
            return Err(Reason::Rejected(Rejection::Empty));
        }
        let key = self.key.ok_or(Reason::NoKey)?;
        let canonical = matching_form(text.trim_end());
        let token = key.token(Input::Link(name), canonical.as_bytes());
        parts.passed = self.explains.then(|| token.as_str().to_owned());
        if !parts.links.contains(&token) {
            parts.links.push(token);
            parts
                .earlier_links
                .extend(key.earlier_token(Input::Link(name), canonical.as_bytes()));
        }
        Ok(Verdict::Hashed)
    }

    fn field(
        &self,
        texts: &str,
        taken: &Taken,
        held: bool,
        target: Target,
        place: Place,
        parts: &mut Parts,
    ) -> Passing {
        let numbers = matches!(target, Target::ServiceId | Target::LineId);
        let text = text_of(texts, taken, held, numbers);
        match target {
            Target::DeviceName => {
                let text = text.and_then(|text| self.unless_hashed(Field::DeviceName, text, device_name));
                self.one(text, place, &mut parts.device_names, &mut parts.passed)
            }
            Target::Username => {
                let text = text.and_then(|text| self.unless_hashed(Field::Username, text, username));
                self.one(text, place, &mut parts.usernames, &mut parts.passed)
            }
            Target::MacAddress => self.one(text, place, &mut parts.mac_addresses, &mut parts.passed),
            Target::ServiceId => self.one(text, place, &mut parts.service_ids, &mut parts.passed),
            Target::LineId => self.one(text, place, &mut parts.line_ids, &mut parts.passed),
            Target::PrivateIp => self.one(text, place, &mut parts.private_ips, &mut parts.passed),
            Target::PublicIp => self.one(text, place, &mut parts.public_ips, &mut parts.passed),
            Target::Ip => match text.and_then(Address::of) {
                Err(reason) => (Subject::Address, Err(reason)),
                Ok(address) if address.public => {
                    let parse = address.reader(PublicIp::from_ip);
                    self.parsed(text, parse, place, &mut parts.public_ips, &mut parts.passed)
                }
                Ok(address) => {
                    let parse = address.reader(PrivateIp::from_ip);
                    self.parsed(text, parse, place, &mut parts.private_ips, &mut parts.passed)
                }
            },
        }
    }

    fn one<T: Truncate>(
        &self,
        text: Result<&str, Reason>,
        place: Place,
        list: &mut List<T>,
        passed: &mut Option<String>,
    ) -> Passing {
        self.parsed(text, T::parse, place, list, passed)
    }

    fn parsed<T: Truncate>(
        &self,
        text: Result<&str, Reason>,
        parse: impl FnOnce(&str) -> Result<T, Rejection>,
        place: Place,
        list: &mut List<T>,
        passed: &mut Option<String>,
    ) -> Passing {
        let verdict = text.and_then(|text| self.treat(text, parse)).map(|value| {
            let verdict = value.verdict();
            *passed = self.explains.then(|| value.expose());
            list.0.push((value, place));
            verdict
        });
        (Subject::Field(T::FIELD), verdict)
    }

    fn treat<T: Truncate>(
        &self,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Rejection>,
    ) -> Result<Treated<T>, Reason> {
        match self.treatments.of(T::FIELD) {
            Treatment::Keep => parse(text).map(Treated::Kept).map_err(Reason::Rejected),
            treatment => self.change(treatment, text, parse),
        }
    }

    #[inline(never)]
    fn change<T: Truncate>(
        &self,
        treatment: Treatment,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Rejection>,
    ) -> Result<Treated<T>, Reason> {
        let already = match treatment {
            Treatment::Keep | Treatment::Drop => None,
            Treatment::Truncate => T::read_truncated(text).map(Treated::Truncated),
            Treatment::Pseudonymise => self.read_token(text).map(Treated::Hashed),
        };
        if let Some(already) = already {
            return Ok(already);
        }
        let value = parse(text).map_err(Reason::Rejected)?;
        match treatment {
            Treatment::Keep => Ok(Treated::Kept(value)),
            Treatment::Drop => Err(Reason::NotDocumented),
            Treatment::Truncate => value
                .truncate()
                .map(Treated::Truncated)
                .ok_or(Reason::NotTruncatable),
            Treatment::Pseudonymise => {
                let key = self.key.ok_or(Reason::NoKey)?;
                let token = key.token(Input::Field(T::FIELD), value.matching_form().as_bytes());
                Ok(Treated::Hashed(token))
            }
        }
    }

    /// A token of this key: minimising twice is minimising once.
    fn read_token(&self, text: &str) -> Option<Token> {
        self.key?.read_token(text)
    }

    /// A name that passes `check`, or the token of one where the policy asks for tokens.
    fn unless_hashed<'t>(
        &self,
        field: Field,
        text: &'t str,
        check: fn(&'t str) -> Result<&'t str, Reason>,
    ) -> Result<&'t str, Reason> {
        let asked = self.treatments.of(field) == Treatment::Pseudonymise;
        if asked && self.read_token(text).is_some() {
            return Ok(text);
        }
        check(text)
    }
}

/// Of what, and whether it passed.
type Passing = (Subject, Result<Verdict, Reason>);

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
    fn many(&mut self, kept: &mut Vec<Treated<T>>, outcomes: &mut [Outcome]) {
        self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
        kept.clear();
        for (value, place) in self.0.drain(..) {
            if kept.last() == Some(&value) {
                continue;
            }
            if kept.len() == MAX_VALUES {
                outcomes[place.outcome].drop(Reason::TooMany);
            } else {
                kept.push(value);
            }
        }
    }

    /// The one that the definition prefers.
    fn best(&mut self, outcomes: &mut [Outcome]) -> Option<Treated<T>> {
        let mut best: Option<(Treated<T>, Place)> = None;
        for (value, place) in self.0.drain(..) {
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
    }
}

/// What passes of one record, as it comes. Empty between records, so that its room is used again.
#[derive(Default)]
pub(super) struct Parts {
    device_names: List<DeviceName>,
    usernames: List<Username>,
    private_ips: List<PrivateIp>,
    public_ips: List<PublicIp>,
    mac_addresses: List<MacAddress>,
    service_ids: List<ServiceId>,
    line_ids: List<LineId>,
    links: Vec<Token>,
    earlier_links: Vec<Token>,
    /// The latest value, as it passed, where somebody wants an explanation.
    passed: Option<String>,
}

impl Parts {
    fn give(&mut self, minimised: &mut Minimised<'_>, outcomes: &mut [Outcome]) {
        minimised.device_name = self.device_names.best(outcomes);
        self.usernames.many(&mut minimised.usernames, outcomes);
        self.private_ips.many(&mut minimised.private_ips, outcomes);
        self.mac_addresses.many(&mut minimised.mac_addresses, outcomes);
        self.public_ips.many(&mut minimised.public_ips, outcomes);
        minimised.service_id = self.service_ids.best(outcomes);
        minimised.line_id = self.line_ids.best(outcomes);
        let links = &mut minimised.links;
        links.clear();
        links.append(&mut self.links);
        links.append(&mut self.earlier_links);
        links.truncate(MAX_VALUES);
        links.sort_unstable();
    }
}

/// The text of a value under a rule that holds, of a kind that the field can have.
fn text_of<'t>(texts: &'t str, taken: &Taken, held: bool, numbers: bool) -> Result<&'t str, Reason> {
    if !held {
        return Err(Reason::Condition);
    }
    let value = taken.of(texts)?;
    let fits = taken.kind == Kind::Text || numbers && taken.kind == Kind::Number;
    if !fits {
        return Err(Reason::Rejected(Rejection::WrongType));
    }
    Ok(value)
}

/// A host's name has no place for what paths, URLs and mail addresses have, and an address in its place is not
/// a name: its first label would be a part of the address.
fn device_name(text: &str) -> Result<&str, Reason> {
    let separates = |byte| matches!(byte, b'\\' | b'/' | b'@' | b':');
    if text.bytes().any(separates) || is_address(text) {
        return Err(Reason::NotAName);
    }
    let dot = text.bytes().position(|byte| byte == b'.');
    named_by(&text[..dot.unwrap_or(text.len())]).map(|()| text)
}

fn username(text: &str) -> Result<&str, Reason> {
    if text.bytes().any(|byte| matches!(byte, b'/' | b':')) || is_address(text) {
        return Err(Reason::NotAName);
    }
    let account = text.rsplit('\\').next().unwrap_or_default();
    let realm = account.bytes().position(|byte| byte == b'@');
    named_by(&account[..realm.unwrap_or(account.len())]).map(|()| text)
}

/// Dashes and dots stand for no name in many products; hardware addresses and ids stand in for one.
fn named_by(part: &str) -> Result<(), Reason> {
    // No address and no id has such a letter, and nearly every name does.
    if part.bytes().any(|byte| matches!(byte, b'g'..=b'z' | b'G'..=b'Z')) {
        return Ok(());
    }
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

/// An address whose value says which field it belongs to.
struct Address {
    ip: IpAddr,
    public: bool,
    /// Whether it is all of its text. Behind a slash stands the length of what was truncated.
    whole: bool,
}

impl Address {
    fn of(text: &str) -> Result<Self, Reason> {
        let slash = text.bytes().position(|byte| byte == b'/');
        let ip = parse_ip(&text[..slash.unwrap_or(text.len())]).map_err(Reason::Rejected)?;
        let public = PublicIp::from_ip(ip).is_ok();
        if !public && PrivateIp::from_ip(ip).is_err() {
            return Err(Reason::NeitherPrivateNorPublic);
        }
        Ok(Self {
            ip,
            public,
            whole: slash.is_none(),
        })
    }

    /// Gives the value without parsing its text again, where it can.
    fn reader<T: Parse>(
        self,
        parse: impl FnOnce(IpAddr) -> Result<T, Rejection>,
    ) -> impl FnOnce(&str) -> Result<T, Rejection> {
        move |text| {
            if self.whole {
                parse(self.ip)
            } else {
                T::parse(text)
            }
        }
    }
}
