//! What is held of the asking device, told to it alone.

use zeef_proto::UnixTime;
use zeef_proto::policy::Policy;
use zeef_proto::wire::ProblemCode;

use super::Ingest;
use super::answer::{Answer, Refused, check_standing, json};
use crate::ledger::Actor;
use crate::my_data;
use crate::pki::DeviceIdentity;
use crate::store::ledger::{Look, LookedAt};

impl Ingest {
    /// The device proved its key when it connected. It is answered once its look is in the ledger.
    pub(super) async fn my_data(&self, identity: DeviceIdentity, now: UnixTime) -> Answer {
        let (organisation, device) = (identity.organisation, identity.device);
        self.limits.own_record(device, now)?;
        check_standing(self.store.standing(organisation, device).await?)?;
        // It was verified when it was published.
        let signed = self.store.policy().await?;
        let policy = signed.map(|signed| Policy::parse(&signed.document)).transpose();
        let policy = policy.map_err(|_| Refused::new(ProblemCode::Internal))?;
        let whose = (organisation, device);
        let told = my_data::read(self.store.as_ref(), whose, policy.as_ref(), now).await?;
        // Ended between the two reads.
        let told = told.ok_or(Refused::new(ProblemCode::Gone))?;
        let look = Look {
            by: Actor::Device,
            at: LookedAt::Device(organisation, device),
        };
        self.store.record_look(look, now).await?;
        Ok(json(&told.data))
    }
}
