//! What an enrolment changes in the state.

use zeef_proto::UnixTime;
use zeef_proto::policy::SignatureError;

use super::Enrolled;
use crate::policy::HeldPolicy;
use crate::report::Progress;
use crate::state::{Enrolment, Identity, MachineMark, Records, Status};

/// Makes the device that the collector said it is. Nothing changes where its policy cannot be trusted.
///
/// # Errors
/// Where the policy in the reply is not signed by the key that the token pinned.
pub fn adopt(
    records: &mut Records,
    enrolment: &Enrolment,
    enrolled: Enrolled,
    machine: Option<MachineMark>,
    now: UnixTime,
) -> Result<(), SignatureError> {
    let Enrolled { root, reply } = enrolled;
    let key = enrolment.place.policy_key();
    reply.policy.verify(key)?;
    // What is held by the same key and newer stays: versions only rise, whoever enrols.
    let mut policy = HeldPolicy::default();
    if matches!(records.policy.verified(key), Ok(Some(_))) {
        policy.signed.clone_from(&records.policy.signed);
    }
    match policy.offer(reply.policy, key) {
        Ok(_) | Err(SignatureError::LowerVersion { .. } | SignatureError::SameVersion(_)) => {}
        Err(error) => return Err(error),
    }
    policy.products = reply.products;
    *records = Records {
        identity: Some(Identity {
            place: enrolment.place.clone(),
            root,
            organisation: reply.organisation,
            device: reply.device,
            key: enrolment.key.clone(),
            certificate: reply.certificate,
            enrolled_at: now,
            copies: enrolment.copies,
            machine,
        }),
        enrolment: None,
        progress: Progress::default(),
        policy,
        status: Status {
            last_contact: Some(now),
            ..Status::default()
        },
    };
    Ok(())
}
