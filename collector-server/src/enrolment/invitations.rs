//! Tokens with which devices enrol.

use ring::digest::{SHA256, digest};
use zeef_proto::id::TokenId;
use zeef_proto::policy::PolicyKey;
use zeef_proto::wire::EnrolmentToken;
use zeef_proto::{OrganisationId, UnixTime};

use crate::config::{Agents, Config};
use crate::installation::{self, OpenError};
use crate::ledger::Actor;
use crate::pki::IssuingAuthority;
use crate::random;
use crate::store::records::NewToken;
use crate::store::{Result, Store};

/// What the tokens of an installation have in common, and where they are good.
#[derive(Debug, Clone)]
pub struct Invitations {
    /// How agents reach the collector.
    pub url: String,
    /// SHA-256 of the root certificate, by which agents know the collector.
    pub root_fingerprint: [u8; 32],
    /// The key that policies are signed with.
    pub policy_key: PolicyKey,
}

/// Whom a token lets in.
#[derive(Debug, Clone, Copy)]
pub struct Invitation {
    /// Whose devices.
    pub organisation: OrganisationId,
    /// How many.
    pub uses: u32,
    /// Until when.
    pub expires_at: UnixTime,
}

impl Invitations {
    /// Of an installation whose authority is open.
    #[must_use]
    pub fn new(config: &Config, authority: &IssuingAuthority) -> Self {
        Self {
            url: agents_url(&config.agents),
            root_fingerprint: authority.root_fingerprint(),
            policy_key: config.policy_key,
        }
    }

    /// Of an installation; reads its authority.
    ///
    /// # Errors
    /// Those of the files.
    pub fn of(config: &Config) -> std::result::Result<Self, OpenError> {
        Ok(Self::new(config, &installation::authority(&config.files)?))
    }

    /// Makes a token. Only the hash of its secret is stored: it can be shown now and not again.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn invite(
        &self,
        store: &dyn Store,
        invitation: Invitation,
        by: Actor,
        now: UnixTime,
    ) -> Result<(TokenId, EnrolmentToken)> {
        let token = EnrolmentToken {
            secret: random::bytes(),
            root_fingerprint: self.root_fingerprint,
            policy_key: self.policy_key,
        };
        let mut secret_hash = [0; 32];
        secret_hash.copy_from_slice(digest(&SHA256, &token.secret).as_ref());
        let id = TokenId::from_random(random::bytes());
        let new = NewToken {
            id,
            organisation: invitation.organisation,
            secret_hash,
            uses: invitation.uses,
            expires_at: invitation.expires_at,
            created_at: now,
        };
        store.add_token(new, by).await?;
        Ok((id, token))
    }
}

/// How agents reach the collector.
fn agents_url(agents: &Agents) -> String {
    let name = agents.names.first().map_or("localhost", String::as_str);
    let name = if name.contains(':') {
        format!("[{name}]")
    } else {
        name.to_owned()
    };
    format!("https://{name}:{}", agents.listen.port())
}
