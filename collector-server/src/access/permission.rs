//! A thing that may be done.

/// What a route or an operation asks for before it does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Lists devices and sees what is held of each.
    SeeInventory,
    /// Takes a list of devices away as a file.
    Export,
    /// Makes enrolment tokens and bundles.
    Enrol,
    /// Revokes a device, says that it is still there, lets it speak for its site.
    ManageDevices,
    /// Deletes devices, persons and organisations for good.
    Erase,
    /// Takes in a data subject's request.
    OpenRequests,
    /// Works a request off.
    HandleRequests,
    /// Looks a request over before it is answered.
    ReviewRequests,
    /// Sees the policy, the notice and the register.
    SeePolicy,
    /// Sees what falls due when.
    SeeRetention,
    /// Sees what was done and who looked.
    SeeLedger,
    /// Sees the compliance report.
    SeeReport,
    /// Makes organisations and subscriptions.
    ManageOrganisations,
    /// Makes accounts and services' tokens.
    ManageAccounts,
    /// Sees what is held of one's own organisation, and asks for its rights.
    UsePortal,
}

impl Permission {
    /// All.
    pub const ALL: [Self; 15] = [
        Self::SeeInventory,
        Self::Export,
        Self::Enrol,
        Self::ManageDevices,
        Self::Erase,
        Self::OpenRequests,
        Self::HandleRequests,
        Self::ReviewRequests,
        Self::SeePolicy,
        Self::SeeRetention,
        Self::SeeLedger,
        Self::SeeReport,
        Self::ManageOrganisations,
        Self::ManageAccounts,
        Self::UsePortal,
    ];
}
