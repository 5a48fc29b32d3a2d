//! What somebody asks for.

use super::names::named;

named! {
    /// What somebody asks for, by article of the GDPR.
    Kind {
        /// Access to what is held (15).
        Access = 1 "access",
        /// Correction of what is wrong (16).
        Rectification = 2 "rectification",
        /// Erasure (17).
        Erasure = 3 "erasure",
        /// Restriction: kept, and used for nothing else (18).
        Restriction = 4 "restriction",
        /// Objection to what is done (21).
        Objection = 5 "objection",
        /// Consent is taken back (7(3)).
        Withdrawal = 6 "withdrawal",
        /// What they provided, in a form for machines (20).
        Portability = 7 "portability",
        /// A complaint to the provider.
        Complaint = 8 "complaint",
    }
}

impl Kind {
    /// Whether data may be restricted until this is answered (18(1)): correctness is in doubt, an objection is weighed,
    /// or what is asked to be erased is looked at first.
    #[must_use]
    pub const fn may_restrict_meanwhile(self) -> bool {
        matches!(
            self,
            Self::Rectification | Self::Erasure | Self::Objection | Self::Withdrawal
        )
    }

    /// Whether what is asked for deletes data, so that a legal hold stands in its way.
    #[must_use]
    pub const fn deletes(self) -> bool {
        matches!(self, Self::Erasure)
    }

    /// Whether recipients are told of it (19), or have to stop as well.
    #[must_use]
    pub const fn concerns_recipients(self) -> bool {
        matches!(
            self,
            Self::Rectification | Self::Erasure | Self::Restriction | Self::Objection | Self::Withdrawal
        )
    }
}
