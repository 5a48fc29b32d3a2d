//! The inventory's lists: how long one takes in the server, the whole list as a file, and the load of the index at the
//! start.

use std::sync::Arc;
use std::time::Instant;

use zeef_collector::access::Reach;
use zeef_collector::export::{Export, Form};
use zeef_collector::index::{Column, LiveIndex, Query, Sort, Term};
use zeef_collector::store::Store;
use zeef_collector::store::sql::SqlStore;

use super::fleet::{self, Numbers};
use super::home::{Engine, Home};
use super::load;
use super::reports::Days;
use crate::table::{self, progress};

/// Lists of each kind.
const LISTS: usize = 400;
/// Devices on a page.
const PER_PAGE: usize = 50;
/// Reports that come in between two lists.
const BETWEEN: u32 = 10;

/// What lists came to.
pub(super) struct Listed {
    engine: Engine,
    devices: u32,
    /// Seconds.
    loaded: f64,
    /// Kind of list, and its median and 99th percentile in milliseconds.
    lists: Vec<(&'static str, f64, f64)>,
    /// Form of file, its seconds and its bytes.
    exports: Vec<(&'static str, f64, usize)>,
}

/// Loads the index of a filled store and lists, while devices change.
pub(super) async fn measure(home: &Home<'_>) -> Listed {
    progress(&format!(
        "{}, {} devices: lists of the inventory",
        home.engine.title(),
        home.devices
    ));
    let store = Arc::new(home.open());
    let shared: Arc<dyn Store> = store.clone();
    let index = LiveIndex::new(shared);
    let start = Instant::now();
    index
        .refresh(zeef_tests::clock::now())
        .await
        .expect("the store answers");
    let loaded = start.elapsed().as_secs_f64();

    let (mut days, mut random) = (Days::new(home.devices), Numbers(1));
    let mut lists = Vec::new();
    for kind in [Kind::Sorted, Kind::Filtered, Kind::Searched] {
        let mut times = Vec::with_capacity(LISTS);
        for at in 0..LISTS {
            load::send(&store, days.reports(BETWEEN)).await;
            let query = kind.query(at, home.devices, &mut random);
            let now = zeef_tests::clock::now();
            let start = Instant::now();
            let shown = index.list(&query, now).await.expect("the store answers");
            times.push(start.elapsed().as_secs_f64() * 1e3);
            assert!(!shown.devices.is_empty(), "a list of the fleet shows some of it");
        }
        times.sort_by(f64::total_cmp);
        lists.push((kind.name(), times[LISTS / 2], times[LISTS * 99 / 100]));
    }
    let exports = vec![
        export(&index, &store, Form::Csv, "CSV").await,
        export(&index, &store, Form::Json, "JSON").await,
    ];
    Listed {
        engine: home.engine,
        devices: home.devices,
        loaded,
        lists,
        exports,
    }
}

/// Takes the whole list as a file.
async fn export(
    index: &LiveIndex,
    store: &Arc<SqlStore>,
    form: Form,
    name: &'static str,
) -> (&'static str, f64, usize) {
    let now = zeef_tests::clock::now();
    let start = Instant::now();
    let all = index.find(&Query::of(Reach::All), now).await;
    let found = all.expect("the store answers");
    let export = Export {
        form,
        ids: found.ids,
        names: found.names,
        now,
    };
    let store: Arc<dyn Store> = store.clone();
    let mut pieces = export.start(store);
    let mut bytes = 0;
    while let Some(piece) = pieces.next().await {
        bytes += piece.expect("the store answers").len();
    }
    (name, start.elapsed().as_secs_f64(), bytes)
}

/// What a person does with the list.
#[derive(Clone, Copy)]
enum Kind {
    /// Sorts by one column after the other, and looks at any page.
    Sorted,
    /// Looks at one customer's.
    Filtered,
    /// Looks for a part of a name or an address.
    Searched,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Sorted => "all, sorted by each column in turn, any page",
            Self::Filtered => "of one organisation and product",
            Self::Searched => "all, searched for a part of a name, user or address",
        }
    }

    fn query(self, at: usize, devices: u32, random: &mut Numbers) -> Query {
        let sort = Sort {
            column: Column::ALL[at % Column::ALL.len()],
            reversed: at.is_multiple_of(2),
        };
        let any = Query {
            sort,
            per_page: PER_PAGE,
            ..Query::of(Reach::All)
        };
        let device = random.below(devices);
        match self {
            Self::Sorted => Query {
                page: device as usize / PER_PAGE,
                ..any
            },
            Self::Filtered => Query {
                organisation: Some(fleet::organisation(device / fleet::IN_ORGANISATION)),
                product: Some("antivirus".to_owned().try_into().expect("a product")),
                ..any
            },
            Self::Searched => {
                let digits = device % 1_000;
                let typed = match at % 3 {
                    0 => format!("lap-{digits}"),
                    1 => format!("user{digits}"),
                    _ => format!("10.{}.", device >> 8 & 255),
                };
                Query {
                    term: Term::parse(&typed),
                    ..any
                }
            }
        }
    }
}

/// Prints what lists came to.
pub(super) fn print(listed: &[Listed]) {
    let rows: Vec<Vec<String>> = listed
        .iter()
        .flat_map(|one| one.lists.iter().map(move |list| (one, list)))
        .map(|(one, (kind, median, p99))| {
            vec![
                one.engine.title().to_owned(),
                one.devices.to_string(),
                (*kind).to_owned(),
                format!("{median:.1}"),
                format!("{p99:.1}"),
            ]
        })
        .collect();
    table::print(
        "A page of the inventory, in the server, without its HTML; goal at 100,000 devices ≤ 50 ms for 99 of 100",
        &["engine", "devices", "list", "median, ms", "99th percentile, ms"],
        &rows,
    );
    println!(
        "\n{LISTS} lists of each kind; between two of them {BETWEEN} devices report. The index is loaded at the start:\n"
    );
    println!("| engine | devices | seconds |\n|---|---|---|");
    for one in listed {
        println!("| {} | {} | {:.1} |", one.engine.title(), one.devices, one.loaded);
    }
    println!("\nAll of it as a file; goal at 100,000 devices ≤ 2 s:\n");
    println!("| engine | devices | form | seconds | MB |\n|---|---|---|---|---|");
    for one in listed {
        for (form, seconds, bytes) in &one.exports {
            let megabytes = *bytes as f64 / 1e6;
            println!(
                "| {} | {} | {form} | {seconds:.1} | {megabytes:.1} |",
                one.engine.title(),
                one.devices
            );
        }
    }
}
