//! The words for what requests know by type.

use super::super::locale::{Phrase, Texts};
use crate::requests::{
    Alarm, Extension, Ground, Kind, Method, Outcome, Refused, Responsibility, State, StepName,
};

impl Texts {
    pub(super) const fn of_request_kind(&self, kind: Kind) -> &Phrase {
        let words = &self.request_kind;
        match kind {
            Kind::Access => &words.access,
            Kind::Rectification => &words.rectification,
            Kind::Erasure => &words.erasure,
            Kind::Restriction => &words.restriction,
            Kind::Objection => &words.objection,
            Kind::Withdrawal => &words.withdrawal,
            Kind::Portability => &words.portability,
            Kind::Complaint => &words.complaint,
        }
    }

    pub(super) const fn of_request_state(&self, state: &State) -> &Phrase {
        let words = &self.request_state;
        match state {
            State::Received => &words.received,
            State::RoleChecked => &words.role_checked,
            State::Identified => &words.identified,
            State::Scoped => &words.scoped,
            State::Restricted => &words.restricted,
            State::Executing => &words.executing,
            State::Recipients => &words.recipients,
            State::Review { .. } => &words.review,
            State::Answered(_) => &words.answered,
            State::Closed { .. } => &words.closed,
        }
    }

    pub(super) const fn of_outcome(&self, outcome: Outcome) -> &Phrase {
        let words = &self.request_outcome;
        match outcome {
            Outcome::Delivered => &words.delivered,
            Outcome::PartlyRefused => &words.partly_refused,
            Outcome::Refused => &words.refused,
            Outcome::Withdrawn => &words.withdrawn,
        }
    }

    pub(super) const fn of_alarm(&self, alarm: Alarm) -> &Phrase {
        let words = &self.request_alarm;
        match alarm {
            Alarm::None => &words.none,
            Alarm::First => &words.first,
            Alarm::Second => &words.second,
            Alarm::Third => &words.third,
            Alarm::Overdue => &words.overdue,
        }
    }

    pub(super) const fn of_method(&self, method: Method) -> &Phrase {
        let words = &self.request_method;
        match method {
            Method::SignedIn => &words.signed_in,
            Method::LinkAndCode => &words.link_and_code,
            Method::CallBack => &words.call_back,
            Method::DocumentSighted => &words.document_sighted,
        }
    }

    pub(super) const fn of_responsibility(&self, responsibility: Responsibility) -> &Phrase {
        let words = &self.request_responsibility;
        match responsibility {
            Responsibility::Provider => &words.provider,
            Responsibility::Customer => &words.customer,
            Responsibility::Both => &words.both,
        }
    }

    pub(super) const fn of_refusal(&self, ground: Ground) -> &Phrase {
        let words = &self.request_ground;
        match ground {
            Ground::Unidentified => &words.unidentified,
            Ground::Unfounded => &words.unfounded,
            Ground::Excessive => &words.excessive,
            Ground::NothingHeld => &words.nothing_held,
            Ground::LegalObligation => &words.legal_obligation,
            Ground::LegalClaims => &words.legal_claims,
            Ground::OthersRights => &words.others_rights,
            Ground::CompellingGrounds => &words.compelling_grounds,
            Ground::Correct => &words.correct,
        }
    }

    pub(super) const fn of_extension(&self, extension: Extension) -> &Phrase {
        match extension {
            Extension::Complexity => &self.request_extension.complexity,
            Extension::Number => &self.request_extension.number,
        }
    }

    pub(super) const fn of_step(&self, step: StepName) -> &Phrase {
        let words = &self.request_step;
        match step {
            StepName::CheckRole => &words.check_role,
            StepName::Verify => &words.verify,
            StepName::Scope => &words.scope,
            StepName::Restrict => &words.restrict,
            StepName::Execute => &words.execute,
            StepName::Finish => &words.finish,
            StepName::PassOver => &words.pass_over,
            StepName::Inform => &words.inform,
            StepName::Acknowledge => &words.acknowledge,
            StepName::Propose => &words.propose,
            StepName::Approve => &words.approve,
            StepName::SendBack => &words.send_back,
            StepName::Close => &words.close,
            StepName::Extend => &words.extend,
            StepName::Withdraw => &words.withdraw,
            StepName::Hold => &words.hold,
            StepName::Release => &words.release,
        }
    }

    /// What a step will do, for those without fields of their own.
    pub(super) const fn hint_of_step(&self, step: StepName) -> Option<&Phrase> {
        let words = &self.request_hint;
        Some(match step {
            StepName::Restrict => &words.restrict,
            StepName::Execute => &words.execute,
            StepName::Inform => &words.inform,
            StepName::Approve => &words.approve,
            StepName::SendBack => &words.send_back,
            StepName::Close => &words.close,
            StepName::Withdraw => &words.withdraw,
            StepName::Hold => &words.hold,
            StepName::Release => &words.release,
            _ => return None,
        })
    }

    pub(super) const fn of_refused_step(&self, refused: Refused) -> &Phrase {
        let words = &self.request_refused;
        match refused {
            Refused::NotNow(_) => &words.not_now,
            Refused::NoDoubt => &words.no_doubt,
            Refused::EmptyScope => &words.empty_scope,
            Refused::Scope => &words.scope,
            Refused::Unfinished => &words.unfinished,
            Refused::Untold => &words.untold,
            Refused::NoSuchTask => &words.no_such_task,
            Refused::PassedOver => &words.passed_over,
            Refused::PartlyDone => &words.partly_done,
            Refused::SamePerson => &words.same_person,
            Refused::TooLate => &words.too_late,
            Refused::ExtendedBefore => &words.extended_before,
            Refused::Held => &words.held,
        }
    }
}
