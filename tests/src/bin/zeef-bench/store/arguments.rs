//! What is to be measured.

use std::path::PathBuf;

use super::home::Engine;

/// Options, for the program's usage.
pub(crate) const OPTIONS: &str = "[--devices 10000,100000] [--engine sqlite,postgres] \
     [--part reports,purge,restore,inventory] [--expired 1000000] [--keep DIRECTORY] [--charts DIRECTORY]";

/// One of the things that are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What a report costs.
    Reports,
    /// A purge beside reports.
    Purge,
    /// A backup, and putting it back.
    Restore,
    /// Lists of devices.
    Inventory,
}

/// What is to be measured, and where.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// Sizes, smallest first.
    pub(crate) devices: Vec<u32>,
    /// Engines.
    pub(crate) engines: Vec<Engine>,
    /// Parts.
    pub(crate) parts: Vec<Part>,
    /// Observations that the purge finds expired.
    pub(crate) expired: u32,
    /// Where filled stores are kept, to be used again.
    pub(crate) keep: Option<PathBuf>,
    /// Where curves are drawn.
    pub(crate) charts: PathBuf,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            devices: vec![10_000, 100_000],
            engines: vec![Engine::Sqlite, Engine::Postgres],
            parts: vec![Part::Reports, Part::Purge, Part::Restore, Part::Inventory],
            expired: 1_000_000,
            keep: None,
            charts: PathBuf::from("docs/benchmarks"),
        }
    }
}

impl Arguments {
    /// Reads options. The error says which one cannot be read.
    pub(crate) fn read(options: &[String]) -> Result<Self, String> {
        let mut arguments = Self::default();
        for pair in options.chunks(2) {
            let [option, value] = pair else {
                return Err(format!("{} lacks its value", pair[0]));
            };
            let wrong = || format!("{option} cannot be '{value}'");
            match option.as_str() {
                "--devices" => {
                    arguments.devices = list(value, count).ok_or_else(wrong)?;
                    arguments.devices.sort_unstable();
                    arguments.devices.dedup();
                }
                "--engine" => arguments.engines = list(value, Engine::named).ok_or_else(wrong)?,
                "--part" => arguments.parts = list(value, part).ok_or_else(wrong)?,
                "--expired" => arguments.expired = count(value).ok_or_else(wrong)?,
                "--keep" => arguments.keep = Some(PathBuf::from(value)),
                "--charts" => arguments.charts = PathBuf::from(value),
                _ => return Err(format!("there is no option '{option}'")),
            }
        }
        Ok(arguments)
    }

    pub(super) fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

fn list<T>(value: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(one).collect()
}

/// A number of devices or values: enough to be measured, and no more than a day can fill.
fn count(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|count| (1_000..=10_000_000).contains(count))
}

fn part(name: &str) -> Option<Part> {
    Some(match name {
        "reports" => Part::Reports,
        "purge" => Part::Purge,
        "restore" => Part::Restore,
        "inventory" => Part::Inventory,
        _ => return None,
    })
}
