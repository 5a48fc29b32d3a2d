//! Tokens that enrol devices: what each carries, and where its devices turn to.

use ring::digest::{SHA256, digest};
use zeef_proto::id::TokenId;
use zeef_proto::policy::PolicyKey;
use zeef_proto::wire::EnrolmentToken;
use zeef_proto::{OrganisationId, UnixTime};

use crate::config::Config;
use crate::ledger::Actor;
use crate::pki::IssuingAuthority;
use crate::random;
use crate::store::records::NewToken;
use crate::store::{Result, Store};

/// What every token of an installation carries.
#[derive(Debug, Clone)]
pub struct EnrolmentOffer {
    /// SHA-256 of the root certificate.
    pub root_fingerprint: [u8; 32],
    /// The key that policies are signed with.
    pub policy_key: PolicyKey,
    /// How agents reach the collector.
    pub url: String,
}

impl EnrolmentOffer {
    /// Of an installation.
    #[must_use]
    pub fn of(config: &Config, authority: &IssuingAuthority) -> Self {
        let name = config.agents.names.first().map_or("localhost", String::as_str);
        let port = config.agents.listen.port();
        Self {
            root_fingerprint: authority.root_fingerprint(),
            policy_key: config.policy_key,
            url: if name.contains(':') {
                format!("https://[{name}]:{port}")
            } else {
                format!("https://{name}:{port}")
            },
        }
    }

    /// Makes and stores a token.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn make(
        &self,
        store: &dyn Store,
        organisation: OrganisationId,
        uses: u32,
        expires_at: UnixTime,
        by: Actor,
        now: UnixTime,
    ) -> Result<(TokenId, EnrolmentToken)> {
        let token = EnrolmentToken {
            secret: random::bytes(),
            root_fingerprint: self.root_fingerprint,
            policy_key: self.policy_key,
        };
        let id = TokenId::from_random(random::bytes());
        let mut secret_hash = [0; 32];
        secret_hash.copy_from_slice(digest(&SHA256, &token.secret).as_ref());
        let stored = NewToken {
            id,
            organisation,
            secret_hash,
            uses,
            expires_at,
            created_at: now,
        };
        store.add_token(stored, by).await?;
        Ok((id, token))
    }
}
