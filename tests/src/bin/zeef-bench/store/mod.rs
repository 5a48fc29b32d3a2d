//! The store by itself, on both engines and at several sizes: what a report costs it as it grows, a purge beside
//! reports, a backup put back, and the inventory.
//!
//! No agent and no connection is involved: reports go in at the store's interface, so that nothing hides what the store
//! costs. Prints what docs/benchmarks.md says of it, and draws its curves.

mod arguments;
mod chart;
mod cpu;
mod curves;
mod fill;
mod fleet;
mod home;
mod inventory;
mod load;
mod purge;
mod reports;
mod restore;

pub(crate) use arguments::{Arguments, OPTIONS};

use arguments::Part;
use home::Homes;

/// Measures what was asked for, engine by engine and from the smallest size to the largest.
pub(crate) fn measure(arguments: &Arguments) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut found = Found::default();
    for engine in &arguments.engines {
        let homes = Homes::new(*engine, arguments.keep.as_deref());
        for devices in &arguments.devices {
            measure_size(&runtime, arguments, &homes, *devices, &mut found);
        }
        if arguments.wants(Part::Purge) {
            let purged = runtime.block_on(purge::measure(&homes, arguments.expired));
            found.purges.push(purged);
        }
    }
    println!("\n{}", preface(arguments));
    found.print(arguments);
}

fn measure_size(
    runtime: &tokio::runtime::Runtime,
    arguments: &Arguments,
    homes: &Homes,
    devices: u32,
    found: &mut Found,
) {
    let restores = arguments.wants(Part::Restore);
    if !arguments.wants(Part::Reports) && !arguments.wants(Part::Inventory) && !restores {
        return;
    }
    let home = homes.of(devices);
    runtime.block_on(async {
        fill::fill(&home).await;
        if arguments.wants(Part::Inventory) {
            found.inventories.push(inventory::measure(&home).await);
        }
        if arguments.wants(Part::Reports) {
            found.reports.push(reports::measure(&home).await);
        }
        if restores {
            found.restores.push(restore::measure(&home).await);
        }
    });
}

/// What was measured.
#[derive(Default)]
struct Found {
    reports: Vec<reports::Cost>,
    purges: Vec<purge::Purged>,
    restores: Vec<restore::Restored>,
    inventories: Vec<inventory::Listed>,
}

impl Found {
    fn print(&self, arguments: &Arguments) {
        if !self.reports.is_empty() {
            reports::print(&self.reports);
            curves::draw(&self.reports, &arguments.charts);
        }
        if !self.purges.is_empty() {
            purge::print(&self.purges);
        }
        if !self.restores.is_empty() {
            restore::print(&self.restores);
        }
        if !self.inventories.is_empty() {
            inventory::print(&self.inventories);
        }
    }
}

fn preface(arguments: &Arguments) -> String {
    let how = "Reports go in at the store's interface; what connections cost is told above. The load runs in the same process and \
               on the same cores, PostgreSQL beside them on loopback";
    if arguments.engines.contains(&home::Engine::Postgres) {
        let settings = home::SETTINGS.map(|setting| format!("`{setting}`")).join(", ");
        format!("{how}: version {}, {settings}.", zeef_tests::postgres::newest())
    } else {
        format!("{how}.")
    }
}
