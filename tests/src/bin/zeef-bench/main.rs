//! `make bench`: what Zeef costs, measured side by side with what it is compared to, in one run.
//!
//! Prints Markdown, to be kept in docs/benchmarks.md. Nothing here passes or fails: the goals stand beside the
//! figures. Everything runs on loopback, bounded in count.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on says where; its figures are its output"
)]

mod agent;
mod bare;
mod client;
mod collector;
mod others;
mod process;
mod relay;
mod servers;
mod sieve;
mod store;
mod storm;
mod table;

const USAGE: &str = "usage: zeef-bench [collector] [agent] [others] [sieve] [storm] [store [OPTIONS]]   (all of them where none is named)";

fn main() {
    let sections: Vec<String> = std::env::args().skip(1).collect();
    if let [command, listen, directory] = sections.as_slice()
        && command == "bare-server"
    {
        return bare::serve(listen, std::path::Path::new(directory));
    }
    let (sections, store) = store_options(&sections);
    let known = ["collector", "agent", "others", "sieve", "storm", "store"];
    if let Some(unknown) = sections.iter().find(|section| !known.contains(&section.as_str())) {
        refuse(&format!("there is no section '{unknown}'"));
    }
    let store = store::Arguments::read(store).unwrap_or_else(|wrong| refuse(&wrong));
    let wanted = |section: &str| sections.is_empty() || sections.iter().any(|named| named == section);
    if wanted("collector") {
        collector::measure();
    }
    if wanted("agent") {
        agent::measure();
    }
    if wanted("others") {
        others::measure();
    }
    if wanted("sieve") {
        sieve::measure();
    }
    if wanted("storm") {
        storm::measure();
    }
    if wanted("store") {
        store::measure(&store);
    }
}

/// The sections, and the options that follow the store's.
fn store_options(words: &[String]) -> (&[String], &[String]) {
    let options = words.iter().position(|word| word.starts_with("--"));
    words.split_at(options.unwrap_or(words.len()))
}

fn refuse(why: &str) -> ! {
    eprintln!(
        "{why}; {USAGE}
OPTIONS: {}",
        store::OPTIONS
    );
    std::process::exit(2);
}
