//! What a run costs a process.

use std::fmt;

use serde::Serialize;

use super::error::FleetError;
use crate::usage;

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
