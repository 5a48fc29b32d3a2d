//! The curves of what reports cost.

use std::path::Path;

use super::chart::{Chart, Line};
use super::home::Engine;
use super::reports::Cost;
use crate::table::progress;

/// Draws them into files of a directory, and prints where they are shown.
pub(super) fn draw(costs: &[Cost], directory: &Path) {
    let line = |name: &str, engine: Engine, figure: fn(&Cost) -> f64| Line {
        name: name.to_owned(),
        points: costs
            .iter()
            .filter(|cost| cost.engine == engine)
            .map(|cost| (cost.devices, figure(cost)))
            .collect(),
    };
    let cpu = Chart {
        title: "CPU for one durable report at the store",
        figure: "CPU, µs per report",
        lines: vec![
            line("collector, SQLite", Engine::Sqlite, |cost| cost.collector),
            line("collector, PostgreSQL", Engine::Postgres, |cost| cost.collector),
            line("PostgreSQL itself", Engine::Postgres, |cost| cost.server),
        ],
    };
    let rate = Chart {
        title: "Durable reports in a second at the store",
        figure: "reports/s",
        lines: vec![
            line("SQLite", Engine::Sqlite, |cost| cost.rate),
            line("PostgreSQL", Engine::Postgres, |cost| cost.rate),
        ],
    };
    std::fs::create_dir_all(directory).expect("the directory can be made");
    println!();
    for (chart, name) in [(cpu, "store-cpu.svg"), (rate, "store-rate.svg")] {
        std::fs::write(directory.join(name), chart.svg()).expect("the chart can be written");
        progress(&format!("{} is drawn", directory.join(name).display()));
        println!("![{}](benchmarks/{name})", chart.title);
    }
}
