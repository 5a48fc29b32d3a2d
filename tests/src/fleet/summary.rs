//! What came of a run, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::arguments::Mode;
use super::bad::BadClient;
use super::cost::Cost;
use super::percentiles::Percentiles;
use super::tally::{BadCounts, Tally};
use super::troubles::troubles;

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
    /// Reports, and new devices, that were refused for good.
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

fn listed(failures: &BTreeMap<String, u64>) -> String {
    let each: Vec<String> = failures
        .iter()
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    each.join(", ")
}
