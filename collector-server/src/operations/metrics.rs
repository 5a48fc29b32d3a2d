//! Prometheus metrics. Labels come from closed lists of our own, so that no value of a device can be one.

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use zeef_proto::UnixTime;
use zeef_proto::wire::ProblemCode;

use crate::retention::ClockState;
use crate::store::batch::RecordCounts;
use crate::store::retention::Backlog;

type Label = [(&'static str, &'static str); 1];

const CLOCK_STATES: [ClockState; 3] = [ClockState::Steady, ClockState::Back, ClockState::Ahead];

/// All metrics of one collector.
pub struct Metrics {
    registry: Registry,
    reports: [Counter; 2],
    report_seconds: Histogram,
    records: [Counter; 3],
    enrolments: Counter,
    refusals: Family<Label, Counter>,
    certificates: Family<Label, Counter>,
    handshakes: Family<Label, Counter>,
    connections: Gauge,
    turned_away: Counter,
    purged: Counter,
    purge_failures: Counter,
    last_purge: Gauge,
    expired: Gauge,
    on_hold: Gauge,
    asked_about: Gauge,
    due_since: Gauge,
    next_due: Gauge,
    clock: [Gauge; 3],
}

/// What became of an accepted report.
#[derive(Debug, Clone, Copy)]
pub enum ReportResult {
    /// Stored now.
    Stored,
    /// Had been stored before.
    Repeated,
}

/// Why a device was given a certificate.
#[derive(Debug, Clone, Copy)]
pub enum CertificateKind {
    /// It enrolled.
    Enrolment,
    /// Half of the former one's life had passed.
    Renewal,
    /// The former one had lapsed.
    Recovery,
}

/// How a TLS handshake ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// With a client certificate.
    Identified,
    /// Without one.
    Anonymous,
    /// The client certificate was refused.
    CertificateRefused,
    /// Another protocol, a version below TLS 1.3, or an abort.
    Failed,
    /// It took too long.
    TimedOut,
}

impl Handshake {
    const fn label(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::Anonymous => "anonymous",
            Self::CertificateRefused => "certificate-refused",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("zeef");
        let reports = Family::<Label, Counter>::default();
        registry.register("reports", "Reports that were acknowledged", reports.clone());
        let report_seconds =
            Histogram::new([0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0]);
        registry.register(
            "report_store_seconds",
            "Time from a report's arrival at the store until it is durable",
            report_seconds.clone(),
        );
        let records = Family::<Label, Counter>::default();
        registry.register(
            "records",
            "Records of other products, by what became of them; an ambiguous one was stored as a device of its own",
            records.clone(),
        );
        let enrolments = counter(&mut registry, "enrolments", "Devices that enrolled, new or again");
        let refusals = Family::default();
        registry.register(
            "refusals",
            "Agents' requests that were refused, by code",
            refusals.clone(),
        );
        let certificates = Family::default();
        registry.register(
            "certificates",
            "Certificates that were issued to devices",
            certificates.clone(),
        );
        let handshakes = Family::default();
        registry.register(
            "handshakes",
            "TLS handshakes on the agents' port",
            handshakes.clone(),
        );
        let connections = gauge(
            &mut registry,
            "connections",
            "Open connections on the agents' port",
        );
        let turned_away = counter(
            &mut registry,
            "connections_turned_away",
            "Connections that were closed for want of room, in all or for their address, or of a PROXY header",
        );
        let purged = counter(
            &mut registry,
            "purged_observations",
            "Expired observations that were deleted",
        );
        let purge_failures = counter(&mut registry, "purge_failures", "Purges that failed");
        let last_purge = gauge(
            &mut registry,
            "last_purge_timestamp_seconds",
            "When the last purge ended, seconds since 1970; 0 before the first",
        );
        let expired = gauge(
            &mut registry,
            "expired_observations",
            "Observations past their term that are still stored",
        );
        let on_hold = gauge(
            &mut registry,
            "observations_on_legal_hold",
            "Observations past their term that a legal hold keeps",
        );
        let asked_about = gauge(
            &mut registry,
            "silent_devices_asked_about",
            "Silent devices that count as ended unless somebody answers for them",
        );
        let due_since = gauge(
            &mut registry,
            "deletion_due_since_timestamp_seconds",
            "Since when the oldest of what should be gone is still on the disk, seconds since 1970; 0 where nothing is",
        );
        let next_due = gauge(
            &mut registry,
            "next_expiry_timestamp_seconds",
            "When the next observation expires, seconds since 1970; 0 where none does",
        );
        let clock = Family::<Label, Gauge>::default();
        registry.register(
            "clock",
            "How the clock stands to the latest time that was seen: 1 for the state that holds",
            clock.clone(),
        );
        Self {
            expired,
            on_hold,
            asked_about,
            due_since,
            next_due,
            clock: CLOCK_STATES.map(|state| clock.get_or_create_owned(&[("state", state.name())])),
            reports: ["stored", "repeated"].map(|result| reports.get_or_create_owned(&[("result", result)])),
            report_seconds,
            records: ["stored", "not-documented", "ambiguous"]
                .map(|result| records.get_or_create_owned(&[("result", result)])),
            enrolments,
            refusals,
            certificates,
            handshakes,
            connections,
            turned_away,
            purged,
            purge_failures,
            last_purge,
            registry,
        }
    }

    /// A report is durable; it took the store that long.
    pub fn report(&self, result: ReportResult, took: Duration) {
        self.reports[result as usize].inc();
        self.report_seconds.observe(took.as_secs_f64());
    }

    /// A batch of records is durable.
    pub fn records(&self, counts: RecordCounts) {
        let joined = counts.stored.saturating_sub(counts.ambiguous);
        for (counter, count) in self
            .records
            .iter()
            .zip([joined, counts.not_documented, counts.ambiguous])
        {
            counter.inc_by(count.into());
        }
    }

    /// A device enrolled.
    pub fn enrolled(&self) {
        self.enrolments.inc();
    }

    /// A request was refused.
    pub fn refused(&self, code: ProblemCode) {
        self.refusals.get_or_create(&[("code", code.as_str())]).inc();
    }

    /// A certificate was issued.
    pub fn certified(&self, kind: CertificateKind) {
        let kind = match kind {
            CertificateKind::Enrolment => "enrolment",
            CertificateKind::Renewal => "renewal",
            CertificateKind::Recovery => "recovery",
        };
        self.certificates.get_or_create(&[("kind", kind)]).inc();
    }

    /// A handshake ended.
    pub fn handshake(&self, result: Handshake) {
        self.handshakes.get_or_create(&[("result", result.label())]).inc();
    }

    /// A connection was opened.
    pub fn connected(&self) {
        self.connections.inc();
    }

    /// A connection was closed.
    pub fn disconnected(&self) {
        self.connections.dec();
    }

    /// A connection was closed unheard.
    pub fn turned_away(&self) {
        self.turned_away.inc();
    }

    /// A purge deleted so many observations.
    pub fn purged(&self, observations: u64) {
        self.purged.inc_by(observations);
    }

    /// A purge came to its end at `now`.
    pub fn purge_ended(&self, now: UnixTime) {
        self.last_purge.set(now.0);
    }

    /// What should be gone at the store's time, and what will be next.
    pub fn retention(&self, clock: ClockState, backlog: &Backlog, due_since: Option<UnixTime>) {
        let seconds = |at: Option<UnixTime>| at.map_or(0, |at| at.0);
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.expired.set(count(backlog.expired));
        self.on_hold.set(count(backlog.on_hold));
        self.asked_about.set(count(backlog.asked_about));
        self.due_since.set(seconds(due_since));
        self.next_due.set(seconds(backlog.next));
        for (gauge, state) in self.clock.iter().zip(CLOCK_STATES) {
            gauge.set(i64::from(state == clock));
        }
    }

    /// A purge failed.
    pub fn purge_failed(&self) {
        self.purge_failures.inc();
    }

    /// When the last purge ended, if there was one.
    #[must_use]
    pub fn last_purge(&self) -> Option<UnixTime> {
        Some(UnixTime(self.last_purge.get())).filter(|instant| instant.0 != 0)
    }

    /// All of it in the OpenMetrics text format.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // A String takes whatever is written to it, so this is a metric that cannot be encoded: better none.
            Err(_) => String::new(),
        }
    }
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_counted_under_labels_of_ours() {
        let metrics = Metrics::new();
        metrics.report(ReportResult::Repeated, Duration::from_millis(2));
        metrics.refused(ProblemCode::Revoked);
        metrics.records(RecordCounts {
            stored: 5,
            not_documented: 2,
            ambiguous: 1,
        });
        metrics.purged(3);
        metrics.purge_ended(UnixTime(1_772_357_400));
        let backlog = Backlog {
            expired: 5,
            ..Backlog::default()
        };
        metrics.retention(ClockState::Back, &backlog, Some(UnixTime(1_772_357_000)));
        let text = metrics.render();
        for line in [
            "zeef_reports_total{result=\"repeated\"} 1",
            "zeef_reports_total{result=\"stored\"} 0",
            "zeef_records_total{result=\"stored\"} 4",
            "zeef_records_total{result=\"not-documented\"} 2",
            "zeef_records_total{result=\"ambiguous\"} 1",
            "zeef_refusals_total{code=\"revoked\"} 1",
            "zeef_purged_observations_total 3",
            "zeef_last_purge_timestamp_seconds 1772357400",
            "zeef_expired_observations 5",
            "zeef_deletion_due_since_timestamp_seconds 1772357000",
            "zeef_observations_on_legal_hold 0",
            "zeef_next_expiry_timestamp_seconds 0",
            "zeef_clock{state=\"set-back\"} 1",
            "zeef_clock{state=\"steady\"} 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
