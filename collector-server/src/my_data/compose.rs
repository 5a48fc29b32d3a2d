//! One device's record.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use zeef_proto::UnixTime;
use zeef_proto::policy::{Permits, Policy, Product, ProductId, Source};
use zeef_proto::wire::{
    HeldByProtocol, HeldCertificate, HeldReason, HeldUnder, HeldValue, LooksCounted, MyData, ProtocolReason,
};

use crate::store::Origin;
use crate::store::records::{Device, Observation};

/// What the store and the policy say of one device.
#[derive(Clone, Copy)]
pub struct Holding<'a> {
    /// The device with its live values.
    pub device: &'a Device,
    /// Name of its organisation.
    pub organisation: &'a str,
    /// The products that it has now.
    pub products: &'a [ProductId],
    /// The published policy.
    pub policy: Option<&'a Policy>,
    /// How often people looked.
    pub looks: LooksCounted,
}

/// Tells all that is held of a device at `now`, each value with the rows of the policy that allow it.
#[must_use]
pub fn compose(holding: Holding<'_>, now: UnixTime) -> MyData {
    let Holding { device, policy, .. } = holding;
    MyData {
        at: now,
        device: device.id,
        organisation: holding.organisation.to_owned(),
        known_since: device.known_since,
        policy: policy.map(held_under),
        values: device
            .observations
            .iter()
            .map(|one| value(one, holding.products, policy))
            .collect(),
        protocol: protocol(device),
        protocol_reasons: policy.map_or_else(Vec::new, |policy| protocol_reasons(policy, device)),
        looks: holding.looks,
    }
}

fn held_under(policy: &Policy) -> HeldUnder {
    HeldUnder {
        title: policy.title.clone(),
        version: policy.version,
        controller: policy.controller.name.clone(),
        email: policy.controller.email.clone(),
        phone: policy.controller.phone.clone(),
        complaints: policy.controller.complaints.clone(),
    }
}

fn value(one: &Observation, products: &[ProductId], policy: Option<&Policy>) -> HeldValue {
    HeldValue {
        field: one.field,
        value: one.value.clone(),
        source: match &one.origin {
            Origin::Native => None,
            Origin::Source { source, .. } => Some(*source),
        },
        since: one.first_seen,
        until: one.expires_at,
        reasons: policy.map_or_else(Vec::new, |policy| reasons(one, products, policy)),
    }
}

/// The rows that allow a value: of a source's own product, or of all products of the device for its agent.
fn reasons(one: &Observation, products: &[ProductId], policy: &Policy) -> Vec<HeldReason> {
    let permits = match &one.origin {
        Origin::Native => Permits::new(policy, products, Source::Agent),
        Origin::Source { product, .. } => Permits::of_records(policy, product),
    };
    let rows: BTreeSet<&str> = permits.of(one.field).map(|permit| permit.row.as_str()).collect();
    rows.into_iter()
        .filter_map(|row| policy.row(row))
        .map(|(product, row)| HeldReason {
            product: product.id.clone(),
            product_name: product.name.clone(),
            purpose: row.purpose.clone(),
            grounds: row.grounds.iter().copied().collect(),
            responsible: row.responsible.iter().copied().collect(),
            term: row.term,
            recipients: recipients(policy, product),
        })
        .collect()
}

/// Whom the policy names for a product, each once.
fn recipients(policy: &Policy, product: &Product) -> Vec<String> {
    let sharing = policy
        .recipients
        .iter()
        .filter(|one| one.products.contains(&product.id));
    let names: BTreeSet<&String> = sharing.flat_map(|one| &one.names).collect();
    names.into_iter().cloned().collect()
}

fn protocol(device: &Device) -> HeldByProtocol {
    let agent = device.agent.as_ref();
    HeldByProtocol {
        certificate: agent
            .and_then(|agent| agent.certificate.as_ref())
            .map(|certificate| HeldCertificate {
                serial: HEXLOWER.encode(&certificate.serial),
                not_before: certificate.not_before,
                not_after: certificate.not_after,
            }),
        agent: agent.map(|agent| agent.version.clone()),
        platform: agent.map(|agent| agent.platform),
        policy: agent.map(|agent| agent.policy),
        sequence: agent.map(|agent| agent.sequence),
        last_contact: device.last_contact,
        links: device.links,
    }
}

/// Of a device without an agent the protocol holds its last record and its links alone.
fn protocol_reasons(policy: &Policy, device: &Device) -> Vec<ProtocolReason> {
    let without_agent = ["protocol-last-contact", "protocol-links"];
    let concerns = |id: &str| device.agent.is_some() || without_agent.contains(&id);
    let data = policy.protocol.iter().filter(|datum| concerns(&datum.id));
    data.map(|datum| ProtocolReason {
        id: datum.id.clone(),
        data: datum.data.clone(),
        purpose: datum.purpose.clone(),
        term: datum.term,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use zeef_proto::field::Field;
    use zeef_proto::{DeviceId, OrganisationId, SourceName};

    use super::*;

    fn observation(field: Field, value: &str, origin: Origin) -> Observation {
        Observation {
            field,
            value: value.to_owned(),
            origin,
            first_seen: UnixTime(0),
            expires_at: None,
        }
    }

    fn record(observations: Vec<Observation>, products: &[&str]) -> MyData {
        let policy = Policy::parse(include_str!("../../../proto/policies/vokus-1.1.toml")).unwrap();
        let device = Device {
            organisation: OrganisationId::from_bytes([1; 16]),
            id: DeviceId::from_bytes([2; 16]),
            agent: None,
            known_since: UnixTime(0),
            last_contact: None,
            asked_at: None,
            restricted: false,
            links: 0,
            observations,
        };
        let products: Vec<ProductId> = products.iter().map(|name| name.parse().unwrap()).collect();
        let looks = LooksCounted {
            since: UnixTime(0),
            of_device: 0,
            last_of_device: None,
            of_lists: 0,
            by_device: 0,
        };
        let holding = Holding {
            device: &device,
            organisation: "Bakkerij Jansen",
            products: &products,
            policy: Some(&policy),
            looks,
        };
        compose(holding, UnixTime(10))
    }

    #[test]
    fn an_agents_value_rests_on_every_product_of_the_device_and_names_their_recipients() {
        let name = observation(Field::DeviceName, "LAP-17", Origin::Native);
        let told = record(vec![name], &["antivirus", "rmm"]);
        let reasons = &told.values[0].reasons;
        let products: Vec<&str> = reasons.iter().map(|reason| reason.product.as_str()).collect();
        assert_eq!(products, ["antivirus", "rmm"]);
        assert_eq!(
            reasons[0].recipients,
            ["Contec BV", "DSD Europe", "ESET", "Webroot Inc."]
        );
        assert_eq!(reasons[1].recipients, ["Datto"]);
    }

    #[test]
    fn what_a_source_said_rests_on_its_own_product_alone() {
        let origin = Origin::Source {
            source: SourceName::Unifi,
            product: "wifi".parse().unwrap(),
        };
        let told = record(
            vec![observation(Field::DeviceName, "telefoon", origin)],
            &["antivirus"],
        );
        assert_eq!(told.values[0].source, Some(SourceName::Unifi));
        let reasons = &told.values[0].reasons;
        assert!(reasons.iter().all(|reason| reason.product.as_str() == "wifi"));
        assert!(!reasons.is_empty());
    }

    #[test]
    fn a_value_that_no_running_product_documents_is_told_without_a_reason() {
        let told = record(
            vec![observation(Field::Username, "j.jansen", Origin::Native)],
            &[],
        );
        assert!(told.values[0].reasons.is_empty());
    }

    #[test]
    fn without_an_agent_no_certificate_is_spoken_of() {
        let told = record(Vec::new(), &[]);
        let ids: Vec<&str> = told
            .protocol_reasons
            .iter()
            .map(|reason| reason.id.as_str())
            .collect();
        assert_eq!(ids, ["protocol-last-contact", "protocol-links"]);
    }
}
