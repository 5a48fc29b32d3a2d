//! A row of the policy in words.

use zeef_proto::policy::{DataRow, Policy, Product, ProductId, Responsible};

use crate::web::locale::Language;

/// What a row is about: its fields and what else it names.
pub(super) fn data(row: &DataRow, language: Language) -> String {
    let texts = language.texts();
    let fields = row.fields.iter().map(|field| texts.of_field(*field).to_string());
    let other = row.other.iter().map(|other| language.of(other).to_owned());
    fields.chain(other).collect::<Vec<_>>().join(", ")
}

/// Whether the provider answers for a row itself, alone or with the customer.
pub(super) fn is_the_providers(row: &DataRow) -> bool {
    row.responsible.contains(&Responsible::Provider)
}

/// All rows, each with its product.
pub(super) fn rows(policy: &Policy) -> impl Iterator<Item = (&Product, &DataRow)> {
    let products = policy.products.iter();
    products.flat_map(|product| product.data.iter().map(move |row| (product, row)))
}

/// Who receives a product's data, those of every product left out.
pub(super) fn recipients(policy: &Policy, product: &ProductId) -> String {
    let receiving = policy
        .recipients
        .iter()
        .filter(|one| one.products.contains(product));
    let mut names: Vec<&str> = Vec::new();
    for name in receiving.flat_map(|one| &one.names) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.join(", ")
}
