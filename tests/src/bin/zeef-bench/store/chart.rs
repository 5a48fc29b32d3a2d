//! A curve over sizes as SVG, readable on light and on dark pages.

use std::fmt::Write;

const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 660.0;
const TOP: f64 = 78.0;
const BOTTOM: f64 = 320.0;

/// Colours by the reader's own scheme; lines differ in their dashes as well, for those who do not tell colours apart.
const STYLE: &str = "\
svg{font:13px system-ui,sans-serif;--ink:#1f2328;--grid:#d0d7de;--l0:#0969da;--l1:#bc4c00;--l2:#8250df}\
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--grid:#3d444d;--l0:#58a6ff;--l1:#f0883e;--l2:#bc8cff}}\
text{fill:var(--ink)}.grid{stroke:var(--grid)}.line{fill:none;stroke-width:2.5}.title{font-size:15px;font-weight:600}\
.l0{stroke:var(--l0)}.l1{stroke:var(--l1);stroke-dasharray:9 5}.l2{stroke:var(--l2);stroke-dasharray:2 5}\
.d0{fill:var(--l0)}.d1{fill:var(--l1)}.d2{fill:var(--l2)}";

/// A chart: sizes from left to right, by their logarithm; figures from nothing upwards.
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) figure: &'static str,
    /// At most three.
    pub(super) lines: Vec<Line>,
}

/// One curve.
pub(super) struct Line {
    pub(super) name: String,
    /// Size and figure, smallest size first.
    pub(super) points: Vec<(u32, f64)>,
}

impl Chart {
    /// The whole file.
    pub(super) fn svg(&self) -> String {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n",
            self.title
        );
        text(&mut svg, LEFT, 24.0, "start", "class=\"title\"", self.title);
        self.draw_axes(&mut svg);
        for (at, line) in self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.points.is_empty())
        {
            self.draw_line(&mut svg, at, line);
        }
        svg + "</svg>\n"
    }

    fn draw_axes(&self, svg: &mut String) {
        let step = step(self.highest());
        let mut value = 0.0;
        while value <= self.top() {
            let y = self.y(value);
            push(
                svg,
                format_args!("<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>"),
            );
            text(svg, LEFT - 8.0, y + 4.0, "end", "", &grouped(value));
            value += step;
        }
        for size in self.sizes() {
            let x = self.x(size);
            push(
                svg,
                format_args!("<path class=\"grid\" d=\"M{x:.1} {BOTTOM}v6\"/>"),
            );
            text(svg, x, BOTTOM + 22.0, "middle", "", &grouped(size.into()));
        }
        let middle = f64::midpoint(LEFT, RIGHT);
        text(svg, middle, HEIGHT - 14.0, "middle", "", "devices (logarithmic)");
        let upwards = f64::midpoint(TOP, BOTTOM);
        let turned = format!("transform=\"rotate(-90 16 {upwards})\"");
        text(svg, 16.0, upwards, "middle", &turned, self.figure);
    }

    fn draw_line(&self, svg: &mut String, at: usize, line: &Line) {
        let points: Vec<(f64, f64)> = line
            .points
            .iter()
            .map(|(size, value)| (self.x(*size), self.y(*value)))
            .collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        push(
            svg,
            format_args!("<path class=\"line l{at}\" d=\"M{}\"/>", path.join("L")),
        );
        for ((x, y), (_, value)) in points.iter().zip(&line.points) {
            push(
                svg,
                format_args!("<circle class=\"d{at}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"),
            );
            let (x, anchor) = match () {
                () if *x <= LEFT + 40.0 => (x + 6.0, "start"),
                () if *x >= RIGHT - 40.0 => (x - 2.0, "end"),
                () => (*x, "middle"),
            };
            text(svg, x, y - 9.0, anchor, "", &grouped(*value));
        }
        // The legend, above the field.
        let x = LEFT + 200.0 * at as f64;
        let end = x + 34.0;
        push(
            svg,
            format_args!("<path class=\"line l{at}\" d=\"M{x} 48H{end}\"/>"),
        );
        text(svg, end + 6.0, 52.0, "start", "", &line.name);
    }

    fn sizes(&self) -> Vec<u32> {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let mut sizes: Vec<u32> = points.map(|(size, _)| *size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    fn highest(&self) -> f64 {
        let points = self.lines.iter().flat_map(|line| &line.points);
        points.map(|(_, value)| *value).fold(1.0, f64::max)
    }

    fn top(&self) -> f64 {
        let step = step(self.highest());
        (self.highest() / step).ceil() * step
    }

    fn x(&self, size: u32) -> f64 {
        let sizes = self.sizes();
        let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else {
            return LEFT;
        };
        if first == last {
            return f64::midpoint(LEFT, RIGHT);
        }
        let log = |size: u32| f64::from(size).ln();
        LEFT + 20.0 + (RIGHT - LEFT - 40.0) * (log(size) - log(*first)) / (log(*last) - log(*first))
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * value / self.top()
    }
}

/// Between two lines of the grid: 1, 2 or 5 times a power of ten, so that there are four to ten.
fn step(highest: f64) -> f64 {
    let power = 10_f64.powf((highest / 4.0).log10().floor());
    let times = highest / 4.0 / power;
    power
        * match times {
            _ if times < 2.0 => 1.0,
            _ if times < 5.0 => 2.0,
            _ => 5.0,
        }
}

/// A whole number with its thousands apart.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, more: &str, words: &str) {
    push(
        svg,
        format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {more}>{words}</text>"),
    );
}

fn push(svg: &mut String, element: std::fmt::Arguments<'_>) {
    writeln!(svg, "{element}").expect("a string takes all");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(u32, f64)>) -> Chart {
        Chart {
            title: "Reports",
            figure: "reports/s",
            lines: vec![Line {
                name: "SQLite".to_owned(),
                points,
            }],
        }
    }

    #[test]
    fn sizes_stand_by_their_logarithm_and_figures_from_nothing_upwards() {
        let chart = chart(vec![
            (10_000, 20_000.0),
            (100_000, 10_000.0),
            (1_000_000, 5_000.0),
        ]);
        let [first, middle, last] = [10_000, 100_000, 1_000_000].map(|size| chart.x(size));
        assert!((middle - f64::midpoint(first, last)).abs() < 1e-6);
        assert!(chart.y(20_000.0) < chart.y(5_000.0));
        assert!((chart.y(0.0) - BOTTOM).abs() < 1e-6);
        let svg = chart.svg();
        for label in ["10,000", "1,000,000", "20,000", "SQLite", "reports/s", "devices"] {
            assert!(svg.contains(label), "{label}");
        }
    }

    #[test]
    fn the_grid_has_few_lines_whatever_the_figures() {
        for highest in [1.0, 7.0, 19.0, 40.0, 99.0, 1_234.0, 25_000.0] {
            let lines = highest / step(highest);
            assert!((4.0..=10.0).contains(&lines), "{highest}: {lines}");
        }
    }
}
