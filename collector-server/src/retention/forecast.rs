//! The plan by week and product, for a chart: how much falls due in each of the coming weeks.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use zeef_proto::policy::ProductId;
use zeef_proto::{OrganisationId, UnixTime};

use super::plan::{Plan, Subject};

/// What falls due together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Values that a row of this product governs.
    Product(ProductId),
    /// Values that no row documents any more.
    Undocumented,
    /// Devices whose last subscription ends.
    Devices,
    /// Devices that nobody answers for.
    SilentDevices,
}

/// Counts by week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// The Monday of each week, the running one first.
    pub weeks: Vec<Date>,
    /// What falls due at all, each with a count for every week.
    pub series: Vec<(Due, Vec<u64>)>,
}

impl Forecast {
    /// Counts what the plan says of the organisations that `within` takes, for so many weeks from that of `today` on.
    /// What was due before counts in the first.
    pub fn of(plan: &Plan, today: Date, weeks: usize, within: impl Fn(OrganisationId) -> bool) -> Self {
        let first = monday(today);
        let weeks: Vec<_> = (0..weeks)
            .map(|week| first.saturating_add((7 * week as i64).days()))
            .collect();
        let mut series = BTreeMap::<Due, Vec<u64>>::new();
        for (line, count, _) in plan.lines().filter(|(line, ..)| within(line.organisation)) {
            let week = weeks.iter().rposition(|monday| *monday <= line.day).unwrap_or(0);
            let due = match &line.subject {
                Subject::Values {
                    row: Some((product, _)),
                    ..
                } => Due::Product(product.clone()),
                Subject::Values { row: None, .. } => Due::Undocumented,
                Subject::Devices => Due::Devices,
                Subject::SilentDevices => Due::SilentDevices,
            };
            series.entry(due).or_insert_with(|| vec![0; weeks.len()])[week] += count;
        }
        Self {
            weeks,
            series: series.into_iter().collect(),
        }
    }

    /// What falls due in each week, whatever it is.
    #[must_use]
    pub fn totals(&self) -> Vec<u64> {
        let of = |week: usize| self.series.iter().map(|(_, counts)| counts[week]).sum();
        (0..self.weeks.len()).map(of).collect()
    }
}

/// The last second of the last of so many weeks, from the one of `today` on.
#[must_use]
pub fn end_of_weeks(today: Date, weeks: usize, zone: &TimeZone) -> UnixTime {
    let next = monday(today).saturating_add((7 * weeks as i64).days());
    let midnight = next.to_zoned_datetime(zone.clone());
    UnixTime(midnight.map_or(i64::MAX, |midnight| midnight.timestamp().as_second() - 1))
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use zeef_proto::field::Field;

    use super::super::plan::Line;
    use super::*;

    fn of(day: Date, organisation: u8, product: Option<&str>) -> Line {
        Line {
            day,
            organisation: OrganisationId::from_bytes([organisation; 16]),
            subject: Subject::Values {
                field: Field::DeviceName,
                row: product.map(|product| (product.parse().unwrap(), "row".to_owned())),
            },
        }
    }

    #[test]
    fn a_week_goes_from_monday_to_sunday_and_what_is_overdue_counts_in_the_first() {
        // 5 August 2026 is a Wednesday.
        let lines = [
            (of(date(2026, 7, 1), 1, Some("wifi")), 1),
            (of(date(2026, 8, 9), 1, Some("wifi")), 2),
            (of(date(2026, 8, 10), 1, Some("wifi")), 4),
            (of(date(2026, 8, 10), 1, None), 8),
        ];
        let plan = Plan::from_lines(lines);
        let forecast = Forecast::of(&plan, date(2026, 8, 5), 3, |_| true);
        assert_eq!(
            forecast.weeks,
            [date(2026, 8, 3), date(2026, 8, 10), date(2026, 8, 17)]
        );
        assert_eq!(
            forecast.series,
            [
                (Due::Product("wifi".parse().unwrap()), vec![3, 4, 0]),
                (Due::Undocumented, vec![0, 8, 0]),
            ]
        );
        assert_eq!(forecast.totals(), [3, 12, 0]);
    }

    #[test]
    fn organisations_out_of_reach_are_not_counted() {
        let day = date(2026, 8, 5);
        let plan = Plan::from_lines([(of(day, 1, Some("wifi")), 1), (of(day, 2, Some("wifi")), 2)]);
        let own = OrganisationId::from_bytes([2; 16]);
        assert_eq!(Forecast::of(&plan, day, 2, |one| one == own).totals(), [2, 0]);
    }

    #[test]
    fn the_weeks_end_on_a_sunday_where_the_policy_counts() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let end = end_of_weeks(date(2026, 8, 5), 1, &zone);
        assert_eq!(end.to_string(), "2026-08-09T21:59:59Z");
    }
}
