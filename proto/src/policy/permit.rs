//! What a policy allows for a set of products: the decision that agent and collector share.

use super::{DataRow, Policy, Product, ProductId, Source, Term, Treatment};
use crate::field::Field;

/// One row's permission to hold one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// The field.
    pub field: Field,
    /// The product whose row it is.
    pub product: ProductId,
    /// The row's id.
    pub row: String,
    /// What happens to the field before it is sent.
    pub treatment: Treatment,
    /// How long it may be held.
    pub term: Term,
}

/// All that a policy allows for a device with certain products, from one kind of source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permits(Vec<Permit>);

impl Permits {
    /// What `policy` allows for `products` from `source`. Products that the policy does not have allow nothing.
    #[must_use]
    pub fn new<'a>(
        policy: &Policy,
        products: impl IntoIterator<Item = &'a ProductId>,
        source: Source,
    ) -> Self {
        let rows = products
            .into_iter()
            .filter_map(|id| policy.product(id))
            .flat_map(|product| product.data.iter().map(move |row| (product, row)))
            .filter(|(_, row)| row.source == source);
        Self(
            rows.flat_map(|(product, row)| permits_of_row(product, row))
                .collect(),
        )
    }

    /// What `policy` allows of records of one product, whoever they come from: its agents' rows and its site's.
    #[must_use]
    pub fn of_records(policy: &Policy, product: &ProductId) -> Self {
        let of = |source| Self::new(policy, [product], source).0;
        Self([of(Source::Agent), of(Source::Site)].concat())
    }

    /// What `policy` allows any agent at all, whatever its products: used before enrolment, when the products
    /// are not known yet.
    #[must_use]
    pub fn of_any_agent(policy: &Policy) -> Self {
        Self::new(
            policy,
            policy.products.iter().map(|product| &product.id),
            Source::Agent,
        )
    }

    /// The permits of one field that let something of it through.
    pub fn of(&self, field: Field) -> impl Iterator<Item = &Permit> {
        self.0
            .iter()
            .filter(move |permit| permit.field == field && permit.treatment != Treatment::Drop)
    }

    /// Whether any row documents the field.
    #[must_use]
    pub fn documents(&self, field: Field) -> bool {
        self.of(field).next().is_some()
    }

    /// What happens to the field: the strictest of its rows' treatments, `drop` where no row documents it.
    #[must_use]
    pub fn treatment(&self, field: Field) -> Treatment {
        self.of(field)
            .map(|permit| permit.treatment)
            .max_by_key(Treatment::strictness)
            .unwrap_or(Treatment::Drop)
    }

    /// All permits.
    pub fn iter(&self) -> impl Iterator<Item = &Permit> {
        self.0.iter()
    }
}

fn permits_of_row<'a>(product: &'a Product, row: &'a DataRow) -> impl Iterator<Item = Permit> + 'a {
    row.fields.iter().map(|field| Permit {
        field: *field,
        product: product.id.clone(),
        row: row.id.clone(),
        treatment: row.treatment_of(*field),
        term: row.term,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Policy {
        Policy::parse(include_str!("../../policies/vokus-1.1.toml")).unwrap()
    }

    #[test]
    fn an_agent_for_antivirus_may_send_the_four_fields_and_no_other() {
        let permits = Permits::new(&reference(), &["antivirus".parse().unwrap()], Source::Agent);
        for field in Field::OF_AGENT {
            assert_eq!(permits.treatment(field), Treatment::Keep, "{field}");
        }
        assert!(permits.documents(Field::PublicIp));
        assert!(!permits.documents(Field::ServiceId));
        assert!(!permits.documents(Field::LineId));
    }

    #[test]
    fn a_wifi_client_has_no_mac_address_and_no_username() {
        let permits = Permits::new(&reference(), &["wifi".parse().unwrap()], Source::Site);
        assert!(!permits.documents(Field::MacAddress));
        assert!(!permits.documents(Field::Username));
        assert!(
            permits
                .of(Field::DeviceName)
                .all(|permit| permit.term == Term::Months(6))
        );
        assert!(permits.documents(Field::DeviceName));
    }

    #[test]
    fn records_of_a_product_have_its_rows_of_either_kind_and_no_other_products() {
        let policy = reference();
        let of = |product: &str| Permits::of_records(&policy, &product.parse().unwrap());
        assert!(of("antivirus").documents(Field::Username));
        assert!(of("internet").documents(Field::LineId));
        assert!(!of("wifi").documents(Field::Username));
        assert!(!of("general").documents(Field::DeviceName));
    }

    #[test]
    fn a_product_that_the_policy_does_not_have_allows_nothing() {
        let permits = Permits::new(&reference(), &["telepathy".parse().unwrap()], Source::Agent);
        assert_eq!(permits.iter().count(), 0);
    }

    #[test]
    fn the_strictest_treatment_wins() {
        let mut policy = reference();
        let rmm = policy
            .products
            .iter_mut()
            .find(|product| product.id.as_str() == "rmm")
            .unwrap();
        rmm.data[0].treatment.insert(Field::Username, Treatment::Truncate);
        let products = ["antivirus".parse().unwrap(), "rmm".parse().unwrap()];
        assert_eq!(
            Permits::new(&policy, &products, Source::Agent).treatment(Field::Username),
            Treatment::Truncate
        );
    }
}
