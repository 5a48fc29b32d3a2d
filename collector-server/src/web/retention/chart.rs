//! A column for each week, a part for each product: as lengths in an SVG image, whose colours the style sheet gives.

use jiff::civil::Date;

use crate::retention::Forecast;

/// In the image's own units, which the style sheet's size of text is made for.
const HEIGHT: f64 = 200.0;
const STEP: f64 = 29.0;
const COLUMN: f64 = 21.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 10.0;
/// Under the columns, for the names of weeks.
const FOOT: f64 = 26.0;
/// Every so many weeks one is named.
const NAMED: usize = 4;
/// Colours that the style sheet has.
const COLOURS: usize = 10;

pub(super) struct Chart {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Where the lines across begin and end.
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) parts: Vec<Part>,
    pub(super) lines: Vec<Line>,
    pub(super) labels: Vec<Label>,
    pub(super) legend: Vec<Entry>,
}

/// A part of a column.
pub(super) struct Part {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// From 0.
    pub(super) colour: usize,
    pub(super) title: String,
}

/// A line across, with the count it stands for.
pub(super) struct Line {
    pub(super) y: f64,
    pub(super) count: u64,
}

/// The name of a week.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: String,
}

/// What a colour stands for.
pub(super) struct Entry {
    pub(super) colour: usize,
    pub(super) name: String,
}

impl Chart {
    /// Draws a forecast whose series have these names.
    pub(super) fn of(forecast: &Forecast, names: &[String], week: impl Fn(Date) -> String) -> Self {
        let most = forecast.totals().into_iter().max().unwrap_or(0);
        let top = round_up(most);
        let of = |count: u64| count as f64 / top as f64 * HEIGHT;
        let floor = TOP + HEIGHT;
        let x = |number: usize| LEFT + number as f64 * STEP;
        let mut parts = Vec::new();
        for (number, monday) in forecast.weeks.iter().enumerate() {
            let mut y = floor;
            for (series, (_, counts)) in forecast.series.iter().enumerate() {
                let count = counts[number];
                if count == 0 {
                    continue;
                }
                y -= of(count);
                parts.push(Part {
                    x: x(number) + (STEP - COLUMN) / 2.0,
                    y,
                    width: COLUMN,
                    height: of(count),
                    colour: series % COLOURS,
                    title: format!("{}, {}: {count}", week(*monday), names[series]),
                });
            }
        }
        let lines = [0, top / 2, top].map(|count| Line {
            y: floor - of(count),
            count,
        });
        let labels = forecast.weeks.iter().enumerate().step_by(NAMED);
        Self {
            width: x(forecast.weeks.len()),
            height: floor + FOOT,
            left: LEFT,
            right: x(forecast.weeks.len()),
            parts,
            lines: lines.into(),
            labels: labels
                .map(|(number, monday)| Label {
                    x: x(number),
                    y: floor + FOOT - 8.0,
                    text: week(*monday),
                })
                .collect(),
            legend: names
                .iter()
                .enumerate()
                .map(|(series, name)| Entry {
                    colour: series % COLOURS,
                    name: name.clone(),
                })
                .collect(),
        }
    }
}

/// The next round number that has a half: 2, 4, 10, 20, 40, 100 and so on.
fn round_up(most: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for step in [2, 4, 10] {
            let candidate = power.saturating_mul(step);
            if candidate >= most || candidate == u64::MAX {
                return candidate;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::retention::Due;

    #[test]
    fn the_scale_ends_at_a_round_number_that_has_a_half() {
        for (most, top) in [
            (0, 2),
            (1, 2),
            (2, 2),
            (3, 4),
            (5, 10),
            (11, 20),
            (41, 100),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(round_up(most), top, "{most}");
        }
    }

    #[test]
    fn parts_of_a_week_stand_on_each_other_and_reach_what_they_count() {
        let forecast = Forecast {
            weeks: vec![date(2026, 8, 3), date(2026, 8, 10)],
            series: vec![(Due::Undocumented, vec![3, 0]), (Due::Devices, vec![1, 4])],
        };
        let names = ["old".to_owned(), "devices".to_owned()];
        let chart = Chart::of(&forecast, &names, |monday| monday.to_string());
        let [first, second, other] = chart.parts.as_slice() else {
            panic!("{} parts", chart.parts.len())
        };
        assert!((first.height - 150.0).abs() < 0.01 && (second.height - 50.0).abs() < 0.01);
        assert!((second.y + second.height - first.y).abs() < 0.01);
        assert!((other.height - 200.0).abs() < 0.01 && other.x > first.x);
        assert_eq!(second.title, "2026-08-03, devices: 1");
        assert_eq!(
            chart.lines.iter().map(|line| line.count).collect::<Vec<_>>(),
            [0, 2, 4]
        );
    }
}
