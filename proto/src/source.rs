//! Whose records a value was read from: a closed list, so that nothing else can be said in its place.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::log_safe_by_display;

macro_rules! sources {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        /// A definition of the agent's, by its name; or [`SourceName::Added`] for any that an administrator added
        /// to an agent, whose own name is not sent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum SourceName {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl SourceName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

sources! {
    /// One that was added to the agent.
    Added = "added";
    /// Datto RMM.
    DattoRmm = "datto-rmm";
    /// Microsoft Defender for Endpoint.
    Defender = "defender";
    /// DrayTek routers.
    Draytek = "draytek";
    /// ESET PROTECT.
    EsetProtect = "eset-protect";
    /// Lists of internet connections.
    InternetCsv = "internet-csv";
    /// osquery.
    Osquery = "osquery";
    /// UniFi Network.
    Unifi = "unifi";
    /// UniFi Network, clients on a cable.
    UnifiWired = "unifi-wired";
    /// Lists of telephones.
    VoipCsv = "voip-csv";
    /// The inventory of Wazuh's agents.
    WazuhSyscollector = "wazuh-syscollector";
    /// Webroot.
    Webroot = "webroot";
    /// The log of Windows' DHCP server.
    WindowsDhcp = "windows-dhcp";
    /// Windows' security events.
    WindowsEvent = "windows-event";
    /// Zyxel Nebula.
    ZyxelNebula = "zyxel-nebula";
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is not on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no source has that name")]
pub struct UnknownSource;

impl FromStr for SourceName {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        let named = |source: &Self| source.as_str() == text;
        Self::ALL.iter().copied().find(named).ok_or(UnknownSource)
    }
}

log_safe_by_display!(SourceName);
