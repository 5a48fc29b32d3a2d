//! What the package tells of a device: each value with where it comes from, why it may be held, and until when.

use std::collections::BTreeMap;

use serde::Serialize;
use zeef_proto::field::{Field, Username, matching_form};
use zeef_proto::policy::{Ground, Permits, Policy, ProductId, Recipient, Responsible, Source, Term};
use zeef_proto::{DeviceId, UnixTime};

use crate::index::State;
use crate::store::Origin;
use crate::store::snapshot::DeviceThen;
use crate::web::{Language, Moments, held_for_protocol};

/// A device.
#[derive(Serialize)]
pub(super) struct DeviceRecord {
    pub(super) id: DeviceId,
    pub(super) state: &'static str,
    pub(super) has_agent: bool,
    pub(super) known_since: String,
    pub(super) last_contact: Option<String>,
    pub(super) products: Vec<ProductId>,
    pub(super) values: Vec<ValueRecord>,
    pub(super) protocol: Vec<ProtocolRecord>,
}

/// A value.
#[derive(Serialize)]
pub(super) struct ValueRecord {
    pub(super) device: DeviceId,
    pub(super) field: Field,
    /// `None` where it is another person's.
    pub(super) value: Option<String>,
    pub(super) redacted: bool,
    pub(super) source: &'static str,
    #[serde(skip)]
    pub(super) origin: Origin,
    /// The product of the source; `None` for the agent, which all of the device's products govern.
    pub(super) source_product: Option<String>,
    pub(super) since: String,
    /// `None` while a service without an end asks for it.
    pub(super) until: Option<String>,
    /// The policy's rows that allow it.
    pub(super) reasons: Vec<Reason>,
}

/// A row of the policy.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Reason {
    pub(super) row: String,
    pub(super) product: String,
    pub(super) product_name: String,
    pub(super) purpose: String,
    pub(super) grounds: Vec<Ground>,
    pub(super) responsible: Vec<Responsible>,
    pub(super) term: Term,
    pub(super) recipients: Vec<RecipientRecord>,
}

/// Who receives data of a product.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RecipientRecord {
    pub(super) area: String,
    pub(super) names: Vec<String>,
}

/// What the protocol holds of a device.
#[derive(Serialize)]
pub(super) struct ProtocolRecord {
    pub(super) id: String,
    pub(super) data: String,
    pub(super) holds: Vec<String>,
    pub(super) purpose: String,
    pub(super) term: Term,
}

/// What records are made with.
pub(super) struct Recorder<'a> {
    pub(super) language: Language,
    pub(super) policy: Option<&'a Policy>,
    pub(super) moments: &'a Moments,
    pub(super) now: UnixTime,
    /// Whose data it is about, where it is about a person: what others are called is not told.
    pub(super) person: Option<&'a Username>,
}

impl DeviceRecord {
    /// The name that it goes by.
    pub(super) fn name(&self) -> Option<&str> {
        let mut named = self.values.iter().filter(|one| one.field == Field::DeviceName);
        named.find_map(|one| one.value.as_deref())
    }
}

impl Recorder<'_> {
    pub(super) fn record(&self, then: &DeviceThen) -> DeviceRecord {
        let DeviceThen { device, products, .. } = then;
        let mut reasons: BTreeMap<(Field, &Origin), Vec<Reason>> = BTreeMap::new();
        let values = device.observations.iter().map(|one| {
            let reasons = reasons
                .entry((one.field, &one.origin))
                .or_insert_with(|| self.reasons(one.field, &one.origin, products));
            let redacted = one.field == Field::Username && self.is_of_another(&one.value);
            ValueRecord {
                device: device.id,
                field: one.field,
                value: (!redacted).then(|| one.value.clone()),
                redacted,
                source: one.origin.source(),
                source_product: Some(one.origin.product().to_owned()).filter(|product| !product.is_empty()),
                origin: one.origin.clone(),
                since: one.first_seen.to_string(),
                until: one.expires_at.map(|at| at.to_string()),
                reasons: reasons.clone(),
            }
        });
        DeviceRecord {
            values: values.collect(),
            id: device.id,
            state: State::of(device, self.now).name(),
            has_agent: device.agent.is_some(),
            known_since: device.known_since.to_string(),
            last_contact: device.last_contact.map(|at| at.to_string()),
            products: if device.agent.is_some() {
                products.clone()
            } else {
                device.products_of_sources()
            },
            protocol: self.protocol(then),
        }
    }

    fn is_of_another(&self, username: &str) -> bool {
        use zeef_proto::field::Parse;
        self.person
            .is_some_and(|person| matching_form(username) != person.matching_form())
    }

    fn reasons(&self, field: Field, origin: &Origin, products: &[ProductId]) -> Vec<Reason> {
        let Some(policy) = self.policy else {
            return Vec::new();
        };
        let permits = match origin {
            Origin::Native => Permits::new(policy, products, Source::Agent),
            Origin::Source { product, .. } => Permits::of_records(policy, product),
        };
        let rows = permits.of(field).filter_map(|permit| policy.row(&permit.row));
        rows.map(|(product, row)| Reason {
            row: row.id.clone(),
            product: product.id.to_string(),
            product_name: self.language.of(&product.name).to_owned(),
            purpose: self.language.of(&row.purpose).to_owned(),
            grounds: row.grounds.iter().copied().collect(),
            responsible: row.responsible.iter().copied().collect(),
            term: row.term,
            recipients: policy
                .recipients
                .iter()
                .filter(|recipient| recipient.products.contains(&product.id))
                .map(|recipient| self.recipient(recipient))
                .collect(),
        })
        .collect()
    }

    fn recipient(&self, recipient: &Recipient) -> RecipientRecord {
        RecipientRecord {
            area: self.language.of(&recipient.area).to_owned(),
            names: recipient.names.clone(),
        }
    }

    fn protocol(&self, then: &DeviceThen) -> Vec<ProtocolRecord> {
        let data = self.policy.iter().flat_map(|policy| &policy.protocol);
        data.filter_map(|datum| {
            Some(ProtocolRecord {
                holds: held_for_protocol(&datum.id, &then.device, self.language, self.moments)?,
                id: datum.id.clone(),
                data: self.language.of(&datum.data).to_owned(),
                purpose: self.language.of(&datum.purpose).to_owned(),
                term: datum.term,
            })
        })
        .collect()
    }
}

impl Reason {
    /// Who receives it, each area with its names.
    pub(super) fn recipients(&self) -> String {
        let areas = self.recipients.iter();
        let texts = areas.map(|one| format!("{}: {}", one.area, one.names.join(", ")));
        texts.collect::<Vec<_>>().join("; ")
    }
}
