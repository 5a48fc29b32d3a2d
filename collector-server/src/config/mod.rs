//! The one configuration file: TOML, read strictly, with every mistake reported at once.

mod address_range;
pub mod duration;
mod key_source;
mod mail;
mod openid;
mod parts;
mod section;

use std::path::{Path, PathBuf};
use std::time::Duration;

use zeef_proto::policy::PolicyKey;

pub use address_range::AddressRange;
pub use key_source::KeySource;
pub use mail::{Mail, MailAccount, MailTls};
pub use openid::OpenId;
pub use parts::{Agents, Files, Limits, Log, LogFormat, LogLevel, Postgres, Rate, SecondFactor, Web, WebTls};
use section::{Mistakes, Section};

use crate::requests::Rules;
use crate::retention::Lags;

/// All that the collector is told before it starts.
#[derive(Debug)]
pub struct Config {
    /// The policy key that this installation trusts.
    pub policy_key: PolicyKey,
    /// The agents' port.
    pub agents: Agents,
    /// The pages.
    pub web: Web,
    /// The mail server, if there is one.
    pub mail: Option<Mail>,
    /// Where metrics and health are asked for.
    pub operations: std::net::SocketAddr,
    /// Where everything is kept.
    pub files: Files,
    /// Time between two purges.
    pub purge_interval: Duration,
    /// How long what has expired may still be on the disk.
    pub lags: Lags,
    /// How requests of people are handled.
    pub requests: Rules,
    /// The log.
    pub log: Log,
}

/// Why there is no configuration to start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read ({reason}); make one with `zeef-collector init`, or name it with --config", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        reason: std::io::ErrorKind,
    },
    /// What it says cannot be used; one line for each mistake.
    #[error("the configuration {path} has {count} mistake(s); nothing was started:\n  {list}", path = path.display(), count = mistakes.len(), list = mistakes.join("\n  "))]
    Mistaken {
        /// The file.
        path: PathBuf,
        /// All mistakes.
        mistakes: Vec<String>,
    },
}

impl Config {
    /// Reads the file; relative paths in it start from its directory.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.to_owned(),
            reason: error.kind(),
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, directory).map_err(|mistakes| ConfigError::Mistaken {
            path: path.to_owned(),
            mistakes,
        })
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Every mistake in it, one sentence each.
    pub fn parse(text: &str, directory: &Path) -> Result<Self, Vec<String>> {
        let table = text
            .parse::<toml::Table>()
            .map_err(|error| vec![format!("not TOML: {}", error.message())])?;
        let mut mistakes = Mistakes::default();
        let config = Self::take(table, directory, &mut mistakes);
        match config {
            Some(config) if mistakes.is_empty() => Ok(config),
            _ => Err(mistakes.into_list()),
        }
    }

    fn take(table: toml::Table, directory: &Path, mistakes: &mut Mistakes) -> Option<Self> {
        let mut root = Section::new("", table, mistakes);
        let policy_key = root.required("policy_key", section::from_text::<PolicyKey>);
        let agents = parts::agents(root.section("agents"));
        let web = parts::web(root.section("web"), directory);
        let mail = mail::mail(root.section("mail"), directory);
        let operations = parts::operations(root.section("operations"));
        let postgres = parts::postgres(root.section("postgres"), directory);
        let files = parts::files(root.section("files"), postgres.clone().flatten(), directory);
        let retention = parts::retention(root.section("retention"));
        let requests = parts::requests(root.section("requests"));
        let log = parts::log(root.section("log"));
        root.finish();
        let (purge_interval, lags) = retention?;
        postgres?;
        let config = Self {
            policy_key: policy_key?,
            agents: agents?,
            web: web?,
            mail: mail?,
            operations: operations?,
            files: files?,
            purge_interval,
            lags,
            requests: requests?,
            log: log?,
        };
        config.check_ports(mistakes);
        Some(config)
    }

    fn check_ports(&self, mistakes: &mut Mistakes) {
        let ports = [
            ("agents", self.agents.listen),
            ("web", self.web.listen),
            ("operations", self.operations),
        ];
        for (at, (name, address)) in ports.iter().enumerate() {
            // Port 0 asks the operating system for a free one each time.
            let same = ports[..at]
                .iter()
                .find(|(_, other)| other == address && address.port() != 0);
            if let Some((other, _)) = same {
                mistakes.add(format!(
                    "{name}.listen: is the same address as {other}.listen; give each its own port"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_line() -> String {
        format!("policy_key = \"{}\"\n", PolicyKey::from_bytes([7; 32]))
    }

    fn parse(text: &str) -> Result<Config, Vec<String>> {
        Config::parse(&(key_line() + text), Path::new("/etc/zeef"))
    }

    const NAMES: &str = "[agents]\nnames = [\"collector.example\"]\n";

    #[test]
    fn a_short_configuration_has_defaults_for_the_rest() {
        let config = parse(NAMES).unwrap();
        assert_eq!(config.agents.listen.port(), 8443);
        assert!(config.web.listen.ip().is_loopback());
        assert!(config.operations.ip().is_loopback());
        assert_eq!(config.files.database, Path::new("/etc/zeef/data/zeef.db"));
        assert_eq!(config.purge_interval, Duration::from_secs(600));
        assert_eq!(config.lags.overdue, Duration::from_secs(24 * 3_600));
        assert_eq!(config.lags.stop, Duration::from_secs(72 * 3_600));
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let mistakes = parse(
            "polcy = 1\n[agents]\nlisten = \"8443\"\nnames = [\"a b\", \"ok.example\"]\nproxies = [\"10.0.0.0/33\"]\n\
             max_connections = 0\nrequest_timeout = \"soon\"\nlimits.requests_per_device = \"60\"\n\
             [web]\npublic_url = \"ftp://x\"\nlisten = \"0.0.0.0:80\"\n[log]\nlevel = \"loud\"\nformt = \"json\"\n",
        )
        .unwrap_err();
        for start in [
            "polcy: ",
            "agents.listen: ",
            "agents.names: ",
            "agents.proxies: ",
            "agents.max_connections: ",
            "agents.request_timeout: ",
            "agents.limits.requests_per_device: ",
            "web.public_url: ",
            "web.listen: ",
            "log.level: ",
            "log.formt: ",
        ] {
            assert!(
                mistakes.iter().any(|m| m.starts_with(start)),
                "{start} in {mistakes:#?}"
            );
        }
        assert_eq!(mistakes.len(), 11, "{mistakes:#?}");
    }

    #[test]
    fn a_misspelt_key_is_answered_with_the_one_that_was_meant() {
        let mistakes = parse(&format!("{NAMES}[log]\nformt = \"json\"\n")).unwrap_err();
        assert_eq!(
            mistakes,
            ["log.formt: is not a key of this file; did you mean format?"]
        );
    }

    #[test]
    fn pages_without_tls_stay_on_loopback_or_behind_a_proxy() {
        let open =
            format!("{NAMES}[web]\nlisten = \"0.0.0.0:8080\"\npublic_url = \"https://zeef.example\"\n");
        assert!(parse(&open).unwrap_err()[0].starts_with("web.listen: "));
        assert!(parse(&format!("{open}behind_proxy = true\n")).is_ok());
        let tls = format!("{open}certificate = \"web.pem\"\nkey = \"web.key\"\n");
        let config = parse(&tls).unwrap();
        assert_eq!(
            config.web.tls.unwrap().certificate,
            Path::new("/etc/zeef/web.pem")
        );
        assert!(parse(&format!("{open}certificate = \"web.pem\"\n")).is_err());
    }

    #[test]
    fn two_listeners_on_one_port_are_a_mistake() {
        let text = format!("{NAMES}[operations]\nlisten = \"127.0.0.1:8080\"\n");
        assert!(parse(&text).unwrap_err()[0].starts_with("operations.listen: "));
    }

    #[test]
    fn reports_are_not_refused_before_anybody_was_told_why() {
        let text = format!("{NAMES}[retention]\noverdue_after = \"24h\"\nstop_after = \"12h\"\n");
        assert!(parse(&text).unwrap_err()[0].starts_with("retention.stop_after: "));
        let text = format!("{NAMES}[retention]\noverdue_after = \"2d\"\n");
        assert!(parse(&text).unwrap_err()[0].starts_with("retention.overdue_after: "));
    }

    #[test]
    fn the_documented_samples_are_configurations() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/config-samples");
        let mut count = 0;
        for entry in std::fs::read_dir(samples).unwrap() {
            let path = entry.unwrap().path();
            // The agent's, which has a test there.
            if path.ends_with("intake.toml") {
                continue;
            }
            Config::read(&path).unwrap();
            count += 1;
        }
        assert!(count >= 3, "{count}");
    }

    #[test]
    fn what_is_no_toml_is_one_mistake_and_a_missing_file_says_what_to_do() {
        assert_eq!(parse("listen == 1").unwrap_err().len(), 1);
        let error = Config::read(Path::new("/nonexistent/collector.toml")).unwrap_err();
        assert!(error.to_string().contains("zeef-collector init"), "{error}");
    }
}
