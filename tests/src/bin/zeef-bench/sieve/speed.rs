//! How fast records pass, beside what a parser needs for the same bytes.

use std::hint::black_box;
use std::io;
use std::time::Instant;

use serde::de::IgnoredAny;
use zeef_agent::policy::REFERENCE;
use zeef_agent::sieve::definition::embedded_named;
use zeef_agent::sieve::{Minimised, Outlet, Refused, Sieve};
use zeef_proto::policy::Policy;

use super::records::PRODUCTS;
use super::vrl;
use crate::table::{self, median, progress};

/// Of each product; all four together are held in memory.
const BYTES: usize = 16 << 20;
const ROUNDS: usize = 9;

/// Something that reads lines of one product whole.
type Reader<'a> = (&'a str, Box<dyn Fn(&[u8]) + 'a>);

pub(crate) fn measure() {
    let mut sums: Vec<(String, Vec<f64>)> = Vec::new();
    let mut rows = Vec::new();
    let mut bytes = 0;
    for product in &PRODUCTS {
        progress(product.source);
        let lines = product.lines(BYTES);
        bytes += lines.len();
        let sieve = sieve(product.source);
        let readers: [Reader<'_>; 3] = [
            (
                "zeef-agent's minimiser",
                Box::new(|lines| minimise(&sieve, lines)),
            ),
            ("serde_json, IgnoredAny", Box::new(each_line::<IgnoredAny>)),
            ("serde_json, Value", Box::new(each_line::<serde_json::Value>)),
        ];
        let mut times: Vec<(String, Vec<f64>)> = readers
            .iter()
            .map(|(name, _)| ((*name).to_owned(), Vec::new()))
            .collect();
        for _ in 0..ROUNDS {
            for ((_, read), (_, times)) in readers.iter().zip(&mut times) {
                let start = Instant::now();
                read(black_box(&lines));
                times.push(start.elapsed().as_secs_f64());
            }
        }
        if let Some(seconds) = vrl::seconds(product.source, &lines, ROUNDS) {
            times.push(("vrl".to_owned(), seconds));
        }
        rows.extend(table_rows(product.source, lines.len(), &times));
        add(&mut sums, times);
    }
    rows.extend(table_rows("all four", bytes, &sums));
    let heading = format!(
        "JSON lines of four products, {} MiB in memory, one core",
        bytes >> 20
    );
    let columns = ["records of", "read by", "MB/s", "minimiser ÷ this"];
    table::print(&heading, &columns, &rows);
}

/// Round by round.
fn add(sums: &mut Vec<(String, Vec<f64>)>, times: Vec<(String, Vec<f64>)>) {
    if sums.is_empty() {
        *sums = times;
        return;
    }
    for ((_, sums), (_, times)) in sums.iter_mut().zip(times) {
        for (sum, time) in sums.iter_mut().zip(times) {
            *sum += time;
        }
    }
}

fn table_rows(what: &str, bytes: usize, times: &[(String, Vec<f64>)]) -> Vec<Vec<String>> {
    let own = times.first().map(|(_, times)| times.clone()).unwrap_or_default();
    times
        .iter()
        .map(|(name, times)| {
            let speeds = times.iter().map(|time| bytes as f64 / time / 1e6).collect();
            let ratios = times.iter().zip(&own).map(|(time, own)| time / own).collect();
            vec![
                what.to_owned(),
                name.clone(),
                format!("{:.0}", median(speeds)),
                format!("{:.2}", median(ratios)),
            ]
        })
        .collect()
}

fn sieve(source: &str) -> Sieve {
    let definition = embedded_named(source)
        .expect("embedded definitions are sound")
        .expect("the agent has this definition");
    let policy = Policy::parse(REFERENCE).expect("the reference policy is sound");
    Sieve::new(&definition, &policy, None).expect("embedded definitions are of a usual size")
}

/// As `zeef-agent minimise` does it: the records are written out as JSON, to nowhere.
fn minimise(sieve: &Sieve, mut lines: &[u8]) {
    let mut written = Written(io::BufWriter::with_capacity(1 << 16, io::sink()));
    let account = sieve.run(&mut lines, &mut written).expect("memory does not fail");
    assert_eq!(account.refusals(), 0, "a record of the benchmark is refused");
    assert!(
        account.passed * 2 > account.read,
        "the benchmark's records do not pass"
    );
}

fn each_line<T: serde::de::DeserializeOwned>(lines: &[u8]) {
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        black_box(serde_json::from_slice::<T>(line).expect("the benchmark's records are JSON"));
    }
}

struct Written(io::BufWriter<io::Sink>);

impl Outlet for Written {
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()> {
        record.write(&mut self.0)
    }

    fn refused(&mut self, _: &Refused) -> io::Result<()> {
        Ok(())
    }
}
