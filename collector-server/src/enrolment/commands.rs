//! What is typed on each system to install the agent and enrol with a token. Pure.

/// An operating system, or the way to do without a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Windows, by hand or through a tool that manages many.
    Windows,
    /// macOS.
    Macos,
    /// Debian, Ubuntu and their like.
    Debian,
    /// Fedora, Red Hat Enterprise Linux, SUSE and their like.
    Rpm,
    /// Wherever the program is already.
    ByHand,
}

/// What a step is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Installs and enrols in one.
    InstallAndEnrol,
    /// Writes what the installer reads.
    Configure,
    /// Installs.
    Install,
    /// Enrols.
    Enrol,
}

/// A step, to be copied as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is for.
    pub part: Part,
    /// The text, on one or more lines.
    pub text: String,
}

/// The file that the installer for macOS reads.
const MACOS_FILE: &str = "/Library/Application Support/Zeef/Agent/enrol.conf";

impl System {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Windows, Self::Macos, Self::Debian, Self::Rpm, Self::ByHand];

    /// The stable name, as in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Macos => "macos",
            Self::Debian => "debian",
            Self::Rpm => "rpm",
            Self::ByHand => "by-hand",
        }
    }

    /// The system of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.name() == name)
    }

    /// The package of this version of the agent.
    #[must_use]
    pub fn package(self) -> Option<String> {
        let version = env!("CARGO_PKG_VERSION");
        match self {
            Self::Windows => Some(format!("zeef-agent-{version}-x64.msi")),
            Self::Macos => Some(format!("zeef-agent-{version}.pkg")),
            Self::Debian => Some(format!("zeef-agent_{version}_amd64.deb")),
            Self::Rpm => Some(format!("zeef-agent-{version}-1.x86_64.rpm")),
            Self::ByHand => None,
        }
    }

    /// The steps with a token, which has letters, digits, dots, hyphens and underscores alone and so needs no quotes. It
    /// goes through standard input where it can: a list of processes shows arguments to every account.
    #[must_use]
    pub fn steps(self, url: &str, token: &str) -> Vec<Step> {
        let package = self.package().unwrap_or_default();
        let step = |part, text| Step { part, text };
        let enrol = || {
            let text = format!("sudo zeef-agent enroll --url {url} --token-file - <<'END'\n{token}\nEND");
            step(Part::Enrol, text)
        };
        match self {
            Self::Windows => vec![step(
                Part::InstallAndEnrol,
                format!("msiexec /i {package} /qn COLLECTOR_URL={url} ENROLL_TOKEN={token}"),
            )],
            Self::Macos => vec![
                step(
                    Part::Configure,
                    format!(
                        "sudo mkdir -p \"{folder}\"\nsudo sh -c 'umask 077; cat > \"{MACOS_FILE}\"' <<'END'\n\
                         COLLECTOR_URL={url}\nENROLL_TOKEN={token}\nEND",
                        folder = MACOS_FILE.trim_end_matches("/enrol.conf"),
                    ),
                ),
                step(Part::Install, format!("sudo installer -pkg {package} -target /")),
            ],
            Self::Debian => vec![
                step(Part::Install, format!("sudo apt install ./{package}")),
                enrol(),
            ],
            Self::Rpm => vec![step(Part::Install, format!("sudo rpm -i {package}")), enrol()],
            Self::ByHand => vec![enrol()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_gets_the_address_and_the_token_once() {
        for system in System::ALL {
            let text: String = system
                .steps("https://zeef.example:8443", "zt1_secret")
                .into_iter()
                .map(|step| step.text)
                .collect();
            assert_eq!(text.matches("zt1_secret").count(), 1, "{system:?}");
            assert_eq!(text.matches("https://zeef.example:8443").count(), 1, "{system:?}");
            assert_eq!(System::named(system.name()), Some(system));
        }
        assert_eq!(System::named("amiga"), None);
    }

    #[test]
    fn on_unix_no_argument_of_a_command_holds_the_token() {
        for system in [System::Macos, System::Debian, System::Rpm, System::ByHand] {
            for step in system.steps("https://zeef.example:8443", "zt1_secret") {
                let mut lines = step.text.lines().filter(|line| line.contains("zt1_secret"));
                assert!(lines.all(|line| ["zt1_secret", "ENROLL_TOKEN=zt1_secret"].contains(&line)));
            }
        }
    }
}
