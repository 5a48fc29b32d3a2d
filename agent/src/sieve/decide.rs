//! What of a record may pass: a pure function of what was taken, the plan and the policy's treatments.

use zeef_proto::field::{
    DeviceName, Field, LineId, MAX_VALUES, MacAddress, Parse, PrivateIp, PublicIp, Rejection, ServiceId,
    Username, matching_form, parse_ip,
};
use zeef_proto::policy::{ProductId, Treatment};

use super::definition::Target;
use super::plan::{Aim, LeafId, Plan};
use super::record::{Kind, Record, Taken};
use super::truncate::Truncate;
use super::{LinkKey, Minimised, Reason, Subject, Token, Treated, Verdict};

/// What becomes of each field, by [`Field::ALL`].
pub(super) struct Treatments([Treatment; Field::ALL.len()]);

impl Treatments {
    pub(super) fn new(treatment: impl Fn(Field) -> Treatment) -> Self {
        Self(Field::ALL.map(treatment))
    }

    fn of(&self, field: Field) -> Treatment {
        let place = Field::ALL.iter().position(|known| *known == field);
        place.map_or(Treatment::Drop, |place| self.0[place])
    }
}

/// What became of one value.
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
    pub(super) key: Option<&'a LinkKey>,
    pub(super) explains: bool,
}

impl<'a> Decider<'a> {
    /// What of a record of `shape` passes. What became of each value is added to `outcomes`.
    pub(super) fn decide(
        &self,
        record: &Record,
        shape: usize,
        product: &'a ProductId,
        outcomes: &mut Vec<Outcome>,
    ) -> Minimised<'a> {
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
                    Aim::Link(name) => (
                        Subject::Link,
                        self.link(record, taken, held, name.as_str(), &mut parts),
                    ),
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
        parts.finish(&self.plan.source, product, outcomes)
    }

    fn link(&self, record: &Record, taken: &Taken, held: bool, name: &str, parts: &mut Parts) -> Passing {
        let text = text_of(record, taken, held, true)?.trim();
        if text.is_empty() {
            return Err(Reason::Rejected(Rejection::Empty));
        }
        let token = self
            .key
            .ok_or(Reason::NoKey)?
            .token(name, matching_form(text).as_bytes());
        let passed = self.explains.then(|| token.as_str().to_owned());
        if !parts.links.contains(&token) {
            parts.links.push(token);
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
            Target::DeviceName => self.one(text.and_then(device_name), place, &mut parts.device_names),
            Target::Username => self.one(text.and_then(username), place, &mut parts.usernames),
            Target::MacAddress => self.one(text, place, &mut parts.mac_addresses),
            Target::ServiceId => self.one(text, place, &mut parts.service_ids),
            Target::LineId => self.one(text, place, &mut parts.line_ids),
            Target::PrivateIp => self.one(text, place, &mut parts.private_ips),
            Target::PublicIp => self.one(text, place, &mut parts.public_ips),
            Target::Ip => match text.map(kind_of_address) {
                Err(reason) => (Subject::Address, Err(reason)),
                Ok(Some(Field::PublicIp)) => self.one(text, place, &mut parts.public_ips),
                Ok(Some(_)) => self.one(text, place, &mut parts.private_ips),
                Ok(None) => {
                    let reason = text.map(parse_ip).map_or_else(
                        |reason| reason,
                        |parsed| parsed.map_or_else(Reason::Rejected, |_| Reason::NeitherPrivateNorPublic),
                    );
                    (Subject::Address, Err(reason))
                }
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
                let token = key.token(T::FIELD.name(), value.matching_form().as_bytes());
                Ok((Treated::Hashed(token), Verdict::Hashed))
            }
            Treatment::Drop => Err(Reason::NotDocumented),
        }
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
}

impl Parts {
    fn finish<'a>(self, source: &'a str, product: &'a ProductId, outcomes: &mut [Outcome]) -> Minimised<'a> {
        let mut links = self.links;
        links.sort_unstable();
        links.truncate(MAX_VALUES);
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
    if text.contains(['\\', '/', '@', ':']) || is_address(text) || is_address(label) {
        Err(Reason::NotAName)
    } else {
        says_something(label).map(|_| text)
    }
}

/// What is left without domain and realm is judged as well: devices that sign in by their MAC address have it for
/// an account.
fn username(text: &str) -> Result<&str, Reason> {
    let account = text.rsplit('\\').next().unwrap_or_default();
    let account = account.split('@').next().unwrap_or_default();
    if text.contains(['/', ':']) || is_address(text) || is_address(account) {
        Err(Reason::NotAName)
    } else {
        says_something(account).map(|_| text)
    }
}

/// Dashes and dots stand for no name in many products.
fn says_something(text: &str) -> Result<&str, Reason> {
    if text.chars().any(char::is_alphanumeric) {
        Ok(text)
    } else {
        Err(Reason::Rejected(Rejection::Empty))
    }
}

fn is_address(text: &str) -> bool {
    let is_mac = || {
        let parsed = MacAddress::parse(text);
        parsed.is_ok() || matches!(parsed, Err(Rejection::Eui64 | Rejection::NotUnicast))
    };
    parse_ip(text).is_ok() || is_mac()
}

/// Which field an address belongs to, by its value.
fn kind_of_address(text: &str) -> Option<Field> {
    let whole = text.split_once('/').map_or(text, |(address, _)| address);
    let address = parse_ip(whole).ok()?;
    if PrivateIp::from_ip(address).is_ok() {
        Some(Field::PrivateIp)
    } else {
        PublicIp::from_ip(address).is_ok().then_some(Field::PublicIp)
    }
}
