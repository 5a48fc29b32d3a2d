//! What a request is about, and whom it concerns besides, as the policy says.

use std::collections::BTreeSet;

use zeef_proto::DeviceId;
use zeef_proto::field::Username;
use zeef_proto::policy::{DataRow, Policy, Product, ProductId, Source};

use super::Kind;

/// What a request is about. Each of it becomes a task.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Devices.
    pub devices: Vec<DeviceId>,
    /// Usernames, on whichever devices they are held.
    pub usernames: Vec<Username>,
    /// Rows of the policy, by id, whose data is held elsewhere.
    pub elsewhere: Vec<String>,
    /// Sub-processors to be told.
    pub recipients: Vec<String>,
}

impl Scope {
    /// How many tasks there are in it, without those of recipients.
    #[must_use]
    pub const fn items(&self) -> usize {
        self.devices.len() + self.usernames.len() + self.elsewhere.len()
    }
}

/// The rows of these products whose data is held elsewhere: somebody has to look there.
pub fn elsewhere<'a>(
    policy: &'a Policy,
    products: &'a [ProductId],
) -> impl Iterator<Item = (&'a Product, &'a DataRow)> {
    let in_scope = policy
        .products
        .iter()
        .filter(|product| products.contains(&product.id));
    in_scope.flat_map(|product| {
        let rows = product.data.iter();
        rows.filter(|row| row.source == Source::Elsewhere)
            .map(move |row| (product, row))
    })
}

/// The sub-processors of these products, each once, where the kind of request concerns them.
#[must_use]
pub fn recipients(policy: &Policy, kind: Kind, products: &[ProductId]) -> Vec<String> {
    if !kind.concerns_recipients() {
        return Vec::new();
    }
    let concerned = policy.recipients.iter().filter(|recipient| {
        recipient
            .products
            .iter()
            .any(|product| products.contains(product))
    });
    let names: BTreeSet<&String> = concerned.flat_map(|recipient| &recipient.names).collect();
    names.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        Policy::parse(include_str!("../../../proto/policies/vokus-1.1.toml")).unwrap()
    }

    fn products(names: &[&str]) -> Vec<ProductId> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn a_sub_processor_of_two_products_is_told_once() {
        let told = recipients(&policy(), Kind::Erasure, &products(&["internet", "voip"]));
        assert_eq!(
            told,
            [
                "Destiny",
                "Nebula",
                "RoutIT BV",
                "Ubiquiti",
                "VigorACS",
                "Xpertdata",
                "Zyxel"
            ]
        );
    }

    #[test]
    fn who_asks_for_a_copy_concerns_no_sub_processor() {
        let told = |kind| recipients(&policy(), kind, &products(&["antivirus"])).len();
        assert_eq!((told(Kind::Access), told(Kind::Rectification)), (0, 4));
    }

    #[test]
    fn products_whose_data_lies_elsewhere_are_on_the_list() {
        let policy = policy();
        let rows = |names: &[&str]| elsewhere(&policy, &products(names)).count();
        assert!(rows(&["general"]) >= 3 && rows(&["microsoft-365"]) >= 1);
        assert_eq!(rows(&["antivirus", "rmm"]), 0);
    }
}
