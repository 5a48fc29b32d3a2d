//! The policy that was adopted last, and the products that select its rows.

use serde::{Deserialize, Serialize};
use zeef_proto::policy::{
    Adoption, Permits, Policy, PolicyKey, ProductId, SignatureError, SignedPolicy, Source,
};

/// What is held of the provider's policy. Empty until enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldPolicy {
    /// The signed text.
    pub signed: Option<SignedPolicy>,
    /// Products of this device, as the collector said last. They only select rows of the signed text.
    pub products: Vec<ProductId>,
}

/// What became of a policy that the collector offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Newer, and adopted.
    Adopted,
    /// The one that is held.
    Unchanged,
}

impl HeldPolicy {
    /// The policy's text, read and checked against the pinned key. `None` where none is held.
    ///
    /// # Errors
    /// Where the held text does not bear the key's signature: the state was changed by somebody.
    pub fn verified(&self, key: &PolicyKey) -> Result<Option<Policy>, SignatureError> {
        self.signed.as_ref().map(|signed| signed.verify(key)).transpose()
    }

    /// What may be sent under `policy` for the products of this device.
    #[must_use]
    pub fn permits(&self, policy: &Policy) -> Permits {
        Permits::new(policy, &self.products, Source::Agent)
    }

    /// Takes a newer policy; keeps what is held otherwise.
    ///
    /// # Errors
    /// A bad signature, a lower version, or another text under the same version.
    pub fn offer(&mut self, offered: SignedPolicy, key: &PolicyKey) -> Result<Offer, SignatureError> {
        match offered.adopt_over(self.signed.as_ref(), key)? {
            Adoption::Adopt(_) => {
                self.signed = Some(offered);
                Ok(Offer::Adopted)
            }
            Adoption::Unchanged => Ok(Offer::Unchanged),
        }
    }
}
