//! Definitions under each treatment, compiled once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use zeef_agent::policy::REFERENCE;
use zeef_agent::pseudonym::{Key, KeyId, Scope, Secret};
use zeef_agent::sieve::Sieve;
use zeef_agent::sieve::definition::{Definition, Format, embedded};
use zeef_proto::UnixTime;
use zeef_proto::field::Field;
use zeef_proto::policy::{Policy, ProductId, Treatment};

/// Of each format one that uses all that a definition can say; no vendor's uses all.
const OWN: [&str; 6] = [
    include_str!("../definitions/fuzz-json.toml"),
    include_str!("../definitions/fuzz-csv.toml"),
    include_str!("../definitions/fuzz-cef.toml"),
    include_str!("../definitions/fuzz-leef.toml"),
    include_str!("../definitions/fuzz-pairs.toml"),
    include_str!("../definitions/fuzz-brackets.toml"),
];
/// Known bytes, so that a finding comes out alike each time.
const SECRET: [u8; 32] = [7; 32];
const TREATMENTS: [Treatment; 3] = [Treatment::Keep, Treatment::Truncate, Treatment::Pseudonymise];

/// A definition, ready to run.
pub(crate) struct Ready {
    pub(crate) definition: Definition,
    pub(crate) treatment: Treatment,
    pub(crate) sieve: Sieve,
    /// Reads what `sieve` gives out.
    pub(crate) again: Sieve,
    /// What the product documents.
    pub(crate) fields: Vec<Field>,
}

/// The reference policy.
#[must_use]
pub fn reference() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| Policy::parse(REFERENCE).expect("the reference policy is sound"))
}

/// The one of a format that an input names; the format's own where it names none of them.
pub(crate) fn named(format: Format, name: &[u8], treatment: Treatment) -> &'static Ready {
    let all = all();
    let fits = |ready: &&Ready| {
        ready.treatment == treatment && ready.definition.shapes.iter().any(|shape| shape.format == format)
    };
    all.iter()
        .filter(fits)
        .find(|ready| ready.definition.name.as_str().as_bytes() == name)
        .or_else(|| all.iter().find(fits))
        .expect("each format has a definition")
}

fn all() -> &'static [Ready] {
    static ALL: OnceLock<Vec<Ready>> = OnceLock::new();
    ALL.get_or_init(|| {
        let own = OWN.map(|text| Definition::parse(text, reference()).expect("its own definitions are sound"));
        let vendors = embedded().expect("embedded definitions are sound");
        let definitions: Vec<Definition> = own.into_iter().chain(vendors).collect();
        TREATMENTS
            .into_iter()
            .flat_map(|treatment| definitions.iter().map(move |definition| ready(definition, treatment)))
            .collect()
    })
}

fn ready(definition: &Definition, treatment: Treatment) -> Ready {
    let policy = policy_of(treatment);
    let key = Key::new(KeyId::from([1; 6]), Scope::Device, Secret::from(SECRET), UnixTime(0));
    let key = Arc::new(key);
    let fields = documented(&definition.product);
    let sieve = |definition: &Definition| {
        Sieve::new(definition, &policy, Some(Arc::clone(&key))).expect("definitions are of a usual size")
    };
    Ready {
        sieve: sieve(definition),
        again: sieve(&crate::again::definition(&definition.product, &fields)),
        definition: definition.clone(),
        treatment,
        fields,
    }
}

fn documented(product: &ProductId) -> Vec<Field> {
    let product = reference().product(product).expect("definitions are checked");
    let mut fields: Vec<Field> = product
        .data
        .iter()
        .flat_map(|row| row.fields.iter().copied())
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// The reference policy with `treatment` for every field.
fn policy_of(treatment: Treatment) -> Policy {
    let mut policy = reference().clone();
    for row in policy.products.iter_mut().flat_map(|product| &mut product.data) {
        row.treatment = row
            .fields
            .iter()
            .map(|field| (*field, treatment))
            .collect::<BTreeMap<_, _>>();
    }
    policy
}
