//! What came of a run, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::arguments::Mode;
use super::bad::BadClient;
use super::error::FleetError;
use super::percentiles::Percentiles;
use super::tally::{BadCounts, Counts, Tally};
use crate::usage;

/// What came of a run.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// `steady` or `storm`.
    pub mode: &'static str,
    /// Agents at the start.
    pub agents: usize,
    /// How long they reported, in seconds.
    pub seconds: f64,
    /// Reports that were acknowledged.
    pub acknowledged: u64,
    /// The same for a second.
    pub reports_per_second: f64,
    /// Reports that the end of the run left without an acknowledgement.
    pub unfinished: u64,
    /// Reports that were refused for good.
    pub refused: u64,
    /// Acknowledged reports that the collector did not know later.
    pub lost: u64,
    /// Agents that reported from a copy of their state as well.
    pub clones: u32,
    /// Copies that the collector noticed.
    pub forks: u64,
    /// Devices that enrolled during the run.
    pub enrolled: u64,
    /// Devices that left during the run.
    pub left: u64,
    /// From when a report was due until it was acknowledged, waits included, in milliseconds.
    pub latency: Option<Percentiles>,
    /// One request that was answered well, its connection included, in milliseconds.
    pub exchange: Option<Percentiles>,
    /// Tries that did not succeed, by kind.
    pub failures: BTreeMap<String, u64>,
    /// What clients met that are no agents.
    pub bad_clients: BTreeMap<BadClient, BadCounts>,
    /// Bytes that agents sent, TLS included.
    pub sent_bytes: u64,
    /// Bytes that agents received.
    pub received_bytes: u64,
    /// What the run cost the collector, where it was asked for.
    pub collector: Option<Cost>,
    /// What it cost this program, where that can be read.
    pub simulator: Option<Cost>,
    /// What was not as it should be, one sentence each.
    pub troubles: Vec<String>,
}

/// What a run cost a process.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// CPU time, in seconds.
    pub cpu_seconds: f64,
    /// The same for each acknowledged report, in microseconds.
    pub cpu_micros_per_report: f64,
    /// In memory at the end, in KiB.
    pub resident_kib: u64,
    /// The most there ever was, in KiB.
    pub peak_kib: u64,
}

/// What a process had used at some moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meter {
    id: u32,
    cpu: f64,
}

impl Meter {
    /// Reads it now.
    pub(super) fn of(id: u32) -> Result<Self, FleetError> {
        let cpu = usage::cpu(id).ok_or(FleetError::NoProcess(id))?;
        Ok(Self { id, cpu })
    }
}

impl Cost {
    /// What was used since; `None` where the process has ended.
    pub(super) fn since(meter: &Meter, reports: u64) -> Option<Self> {
        let cpu_seconds = usage::cpu(meter.id)? - meter.cpu;
        Some(Self {
            cpu_seconds,
            cpu_micros_per_report: cpu_seconds * 1e6 / reports.max(1) as f64,
            resident_kib: usage::memory(meter.id)?.resident,
            peak_kib: usage::peak(meter.id)?,
        })
    }
}

impl Summary {
    /// Of what was counted within so many seconds. What it cost is not in it.
    pub(super) fn of(tally: &Tally, mode: &Mode, agents: usize, clones: u32, seconds: f64) -> Self {
        let counts = tally.counts();
        Self {
            mode: mode.name(),
            agents,
            seconds,
            acknowledged: counts.acknowledged,
            reports_per_second: counts.acknowledged as f64 / seconds,
            unfinished: counts.unfinished,
            refused: counts.refused,
            lost: counts.lost,
            clones,
            forks: counts.forks,
            enrolled: counts.enrolled,
            left: counts.left,
            troubles: troubles(&counts, matches!(mode, Mode::Storm(_)), clones),
            latency: Percentiles::of(counts.latencies),
            exchange: Percentiles::of(counts.exchanges),
            failures: counts.failures,
            bad_clients: counts.bad_clients,
            sent_bytes: tally.traffic.sent(),
            received_bytes: tally.traffic.received(),
            collector: None,
            simulator: None,
        }
    }
}

/// What should not be, for a run of that mode with so many clones.
fn troubles(counts: &Counts, is_storm: bool, clones: u32) -> Vec<String> {
    let let_in: u64 = counts.bad_clients.values().map(|met| met.let_in).sum();
    let mut troubles = Vec::new();
    let mut trouble = |is: bool, what: String| {
        if is {
            troubles.push(what);
        }
    };
    trouble(
        counts.lost > 0,
        format!(
            "{} acknowledged reports are not known to the collector any more; was an older database put back?",
            counts.lost
        ),
    );
    trouble(
        counts.refused > 0,
        format!(
            "{} reports were refused for good; the failures say why",
            counts.refused
        ),
    );
    trouble(
        counts.forks != u64::from(clones),
        format!(
            "{} copies were noticed where there were {clones}; do two fleets share an identity, or did the run end too \
             early?",
            counts.forks
        ),
    );
    trouble(
        let_in > 0,
        format!("{let_in} requests were let in that must be refused; look at the bad clients"),
    );
    trouble(
        is_storm && counts.unfinished > 0,
        format!(
            "{} reports were not acknowledged before the end; give the storm more time, or the collector more room",
            counts.unfinished
        ),
    );
    troubles
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} agents, {:.1} s; {} reports acknowledged, {:.0} a second; {} unfinished, {} refused, {} lost",
            self.mode,
            self.agents,
            self.seconds,
            self.acknowledged,
            self.reports_per_second,
            self.unfinished,
            self.refused,
            self.lost
        )?;
        writeln!(
            f,
            "devices: {} enrolled, {} left; {} clones, {} forks noticed",
            self.enrolled, self.left, self.clones, self.forks
        )?;
        for (name, times) in [("latency ", self.latency), ("exchange", self.exchange)] {
            if let Some(Percentiles { p50, p90, p99, max }) = times {
                writeln!(
                    f,
                    "{name}: p50 {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms, max {max:.1} ms"
                )?;
            }
        }
        if !self.failures.is_empty() {
            writeln!(f, "failed tries: {}", listed(&self.failures))?;
        }
        for (client, met) in &self.bad_clients {
            let BadCounts {
                refused,
                let_in,
                undecided,
            } = met;
            writeln!(
                f,
                "{}: {refused} refused, {let_in} let in, {undecided} undecided",
                client.name()
            )?;
        }
        writeln!(
            f,
            "bytes: {} sent, {} received",
            self.sent_bytes, self.received_bytes
        )?;
        for (name, cost) in [("collector", self.collector), ("simulator", self.simulator)] {
            if let Some(cost) = cost {
                writeln!(f, "{name}: {cost}")?;
            }
        }
        for trouble in &self.troubles {
            writeln!(f, "not as it should be: {trouble}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |kibibytes: u64| kibibytes as f64 / 1_024.0;
        write!(
            f,
            "CPU {:.1} s, {:.0} µs per report; {:.1} MiB resident, {:.1} MiB at its peak",
            self.cpu_seconds,
            self.cpu_micros_per_report,
            mebibytes(self.resident_kib),
            mebibytes(self.peak_kib)
        )
    }
}

fn listed(failures: &BTreeMap<String, u64>) -> String {
    let each: Vec<String> = failures
        .iter()
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    each.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_in_which_all_went_well_has_no_trouble_and_each_mishap_is_one() {
        let well = Counts {
            acknowledged: 10,
            forks: 2,
            ..Counts::default()
        };
        assert!(troubles(&well, true, 2).is_empty());
        let count = |change: fn(&mut Counts), is_storm| {
            let mut counts = well.clone();
            change(&mut counts);
            troubles(&counts, is_storm, 2).len()
        };
        assert_eq!(count(|counts| counts.lost = 1, false), 1);
        assert_eq!(count(|counts| counts.refused = 1, false), 1);
        assert_eq!(count(|counts| counts.forks = 3, false), 1);
        assert_eq!(count(|counts| counts.forks = 1, false), 1);
        assert_eq!(count(|counts| counts.unfinished = 1, true), 1);
        let in_hand = |counts: &mut Counts| counts.unfinished = 1;
        assert_eq!(count(in_hand, false), 0, "a steady run ends in the middle");
        let let_in = |counts: &mut Counts| {
            let met = counts.bad_clients.entry(BadClient::Oversize).or_default();
            met.let_in = 1;
        };
        assert_eq!(count(let_in, false), 1);
    }
}
