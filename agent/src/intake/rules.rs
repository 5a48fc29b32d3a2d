//! Whose records may pass now: what the policy in force and the device's products make of each input.

use std::sync::Arc;

use zeef_proto::policy::{Permits, Policy, ProductId, Source as Origin};

use super::inputs::{Input, Source};
use crate::pseudonym::Key;
use crate::sieve::Sieve;
use crate::sieve::definition::Definition;

/// What holds until a policy or the products change.
#[derive(Default)]
pub(super) struct Rules {
    /// The version of the policy.
    pub(super) policy: u64,
    /// For each input, in their order; `None` where it may not be read.
    inputs: Vec<Option<Sieves>>,
}

/// What an input's records go through.
pub(super) enum Sieves {
    /// One source's.
    One(Sieve),
    /// The one that the beginning of a file fits best.
    Auto(Vec<Sieve>),
}

impl Rules {
    /// What `policy` and `products` make of the inputs. Without a key there are no link tokens.
    pub(super) fn new(
        inputs: &[Input],
        policy: &Policy,
        products: &[ProductId],
        key: Option<&Arc<Key>>,
    ) -> Self {
        let sieves = |input: &Input| {
            let documented = input.source.definitions().iter();
            let documented = documented.filter(|definition| documents(policy, products, definition));
            let mut sieves: Vec<Sieve> = documented
                .filter_map(|it| Sieve::new(it, policy, key.cloned()).ok())
                .collect();
            match input.source {
                Source::One(_) => sieves.pop().map(Sieves::One),
                Source::Auto(_) if sieves.is_empty() => None,
                Source::Auto(_) => Some(Sieves::Auto(sieves)),
            }
        };
        Self {
            policy: policy.version,
            inputs: inputs.iter().map(sieves).collect(),
        }
    }

    /// Those of an input; `None` where it may not be read.
    pub(super) fn of(&self, input: usize) -> Option<&Sieves> {
        self.inputs.get(input).and_then(Option::as_ref)
    }
}

/// Whether any field that the definition feeds may pass.
fn documents(policy: &Policy, products: &[ProductId], definition: &Definition) -> bool {
    let permits =
        [Origin::Agent, Origin::Site].map(|origin| Permits::new(policy, [&definition.product], origin));
    let mut fields = definition
        .shapes
        .iter()
        .flat_map(|shape| shape.fields.keys())
        .flat_map(|target| target.fields());
    products.contains(&definition.product)
        && fields.any(|field| permits.iter().any(|permits| permits.documents(*field)))
}
