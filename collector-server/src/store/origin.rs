//! Where a value comes from.

use zeef_proto::SourceName;
use zeef_proto::policy::ProductId;

/// Who said a value: the key of an observation beside its device and field. What one says replaces what that same one
/// said before, and nothing of another's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The device's own agent, or the connection that it came over; all products of the device govern it.
    Native,
    /// Records of another product.
    Source {
        /// Whose records.
        source: SourceName,
        /// The product whose policy rows govern them, and those alone.
        product: ProductId,
    },
}

impl Origin {
    /// What stands for [`Origin::Native`] where a source's name would.
    const NATIVE: &'static str = "native";

    /// The name of the source, `native` for the agent.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        match self {
            Self::Native => Self::NATIVE,
            Self::Source { source, .. } => source.as_str(),
        }
    }

    /// The one product that governs it, empty for the agent.
    #[must_use]
    pub fn product(&self) -> &str {
        match self {
            Self::Native => "",
            Self::Source { product, .. } => product.as_str(),
        }
    }

    /// The origin of these two names; `None` where there is no such source or product.
    #[must_use]
    pub fn named(source: &str, product: &str) -> Option<Self> {
        if source == Self::NATIVE {
            return product.is_empty().then_some(Self::Native);
        }
        Some(Self::Source {
            source: source.parse().ok()?,
            product: product.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_origin_is_known_again_by_its_names_and_no_source_is_taken_for_the_agent() {
        let wifi: ProductId = "wifi".parse().unwrap();
        let sources = SourceName::ALL.iter().map(|source| Origin::Source {
            source: *source,
            product: wifi.clone(),
        });
        for origin in sources.chain([Origin::Native]) {
            assert_eq!(Origin::named(origin.source(), origin.product()), Some(origin));
        }
        assert_eq!(Origin::named("native", "wifi"), None);
        assert_eq!(Origin::named("unifi", ""), None);
        assert_eq!(Origin::named("telepathy", "wifi"), None);
    }
}
