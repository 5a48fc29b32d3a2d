//! The command line. Everything has a bound, and every bound a ceiling.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, value_parser};
use rustls::pki_types::ServerName;

use super::LoopbackAddress;

/// Plays thousands of agents to a collector on this machine, and says what came of it.
///
/// Each agent has a key and a certificate of its own, for which it enrols with a token, and reports over mutual TLS as
/// zeef-agent does, with made-up values. It goes to loopback addresses alone: against a collector that others rely on,
/// or another machine, it would be an attack. Try a collector that is installed for this. It ends by itself.
///
/// Exit codes: 0 done, 1 failed or something was not as it should be, 2 wrong command line.
#[derive(Debug, Parser)]
#[command(name = "zeef-fleet-sim", version, max_term_width = 100)]
pub struct Arguments {
    /// What the fleet does.
    #[command(subcommand)]
    pub mode: Mode,
}

/// What the fleet does.
#[derive(Debug, Subcommand)]
pub enum Mode {
    /// Report over time, at a rate.
    Steady(Steady),
    /// Return all at once, as after an outage, and try until each is acknowledged.
    Storm(Storm),
}

impl Mode {
    /// Who reports to whom.
    pub(super) const fn fleet(&self) -> &Fleet {
        match self {
            Self::Steady(steady) => &steady.fleet,
            Self::Storm(storm) => &storm.fleet,
        }
    }

    /// When it ends at the latest.
    pub(super) const fn duration(&self) -> Duration {
        Duration::from_secs(match self {
            Self::Steady(steady) => steady.duration,
            Self::Storm(storm) => storm.duration,
        })
    }

    /// In a word.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Steady(_) => "steady",
            Self::Storm(_) => "storm",
        }
    }
}

/// Reports over time.
#[derive(Debug, Args)]
pub struct Steady {
    /// The fleet.
    #[command(flatten)]
    pub fleet: Fleet,
    /// Ends after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..=3_600))]
    pub duration: u64,
    /// Ends after so many reports.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1..=10_000_000))]
    pub reports: u64,
    /// Reports in a second, of the whole fleet.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(1..=100_000))]
    pub rate: u32,
    /// Of a hundred reports, how many tell of a changed value; the others are heartbeats.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = value_parser!(u8).range(0..=100))]
    pub changed: u8,
    /// Of a hundred reports, how many are the first of a new device, which enrols in place of one that leaves.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, requires = "token_file", value_parser = value_parser!(u8).range(0..=100))]
    pub churn: u8,
}

/// All at once.
#[derive(Debug, Args)]
pub struct Storm {
    /// The fleet.
    #[command(flatten)]
    pub fleet: Fleet,
    /// Ends after so many seconds, whoever is left.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = value_parser!(u64).range(1..=3_600))]
    pub duration: u64,
}

/// Who reports to whom.
#[derive(Debug, Args)]
pub struct Fleet {
    /// Loopback address and port of the collector, or of what stands before it; several take turns.
    #[arg(long, value_name = "ADDR", required = true)]
    pub address: Vec<LoopbackAddress>,
    /// Name in the collector's certificate; the first address where it is left out.
    #[arg(long, value_parser = server_name)]
    pub name: Option<String>,
    /// The collector's root certificate, authority/root.pem.
    #[arg(long, value_name = "FILE")]
    pub root: PathBuf,
    /// Directory that keeps the agents for the next run; made where there is none.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// File that holds an enrolment token; needed where agents have to be enrolled.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// How many agents.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(1..=100_000))]
    pub agents: u32,
    /// Connections at a time; each needs a file descriptor.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = value_parser!(u32).range(1..=20_000))]
    pub concurrency: u32,
    /// Addresses of 127.1.0.0/24 to come from, for a collector bounds the connections of one.
    #[arg(long, value_name = "N", default_value_t = SOURCES, value_parser = value_parser!(u8).range(1..=250))]
    pub sources: u8,
    /// So many agents also report from a copy of their state, which the collector must notice.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub clones: u32,
    /// So many clients that are no agents: garbage for TLS, no certificate, too large, wrong case, slow, in turn.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u32).range(0..=1_000))]
    pub bad_clients: u32,
    /// Process whose CPU time and memory are told, on Linux.
    #[arg(long, value_name = "PID")]
    pub collector_pid: Option<u32>,
    /// Writes what was acknowledged, a line of JSON for each device: its last number and the digest of its values.
    #[arg(long, value_name = "FILE")]
    pub acknowledged: Option<PathBuf>,
    /// Print JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Elsewhere than on Linux only 127.0.0.1 is there without being set up.
const SOURCES: u8 = if cfg!(target_os = "linux") { 64 } else { 1 };

fn server_name(text: &str) -> Result<String, &'static str> {
    match ServerName::try_from(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("not a name or an address that a certificate can hold"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn nothing_goes_beyond_its_ceiling() {
        let line = "zeef-fleet-sim steady --address 127.0.0.1:1 --root r --state s";
        let parse = |more: &str| Arguments::try_parse_from(format!("{line} {more}").split_whitespace());
        assert!(parse("").is_ok());
        for beyond in [
            "--agents 100001",
            "--duration 3601",
            "--reports 10000001",
            "--rate 0",
            "--churn 101 --token-file t",
            "--churn 1",
            "--concurrency 20001",
            "--bad-clients 1001",
            "--sources 0",
            "--name a_b!",
        ] {
            assert!(parse(beyond).is_err(), "{beyond}");
        }
    }
}
