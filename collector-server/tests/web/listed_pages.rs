//! The browser's tests look at every page: their list and the router's agree.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::Deserialize;
use zeef_collector::access::Role;
use zeef_collector::web::routes;

use crate::browser::LOOPBACK;
use crate::installation::Installation;

/// What `tests/browser` looks at.
#[derive(Deserialize)]
struct Listed {
    pages: Vec<Page>,
    no_pages: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Page {
    name: String,
    route: Option<String>,
    #[serde(rename = "as")]
    role: Option<String>,
}

fn listed() -> Listed {
    serde_json::from_str(include_str!("../../../tests/browser/pages.json")).unwrap()
}

#[tokio::test]
async fn every_page_of_the_router_is_looked_at_in_a_browser() {
    let installation = Installation::new().await;
    let there: BTreeSet<_> = routes(installation.state(LOOPBACK))
        .into_iter()
        .filter(|route| route.method == Method::GET)
        .map(|route| route.path.to_owned())
        .collect();
    let Listed { pages, no_pages } = listed();
    let looked_at = pages.into_iter().filter_map(|page| page.route);
    let known: BTreeSet<_> = looked_at.chain(no_pages.into_keys()).collect();
    assert_eq!(
        known, there,
        "tests/browser/pages.json on the left, the router on the right"
    );
}

#[test]
fn each_page_has_a_name_of_its_own_and_a_role_that_there_is() {
    let mut names = BTreeSet::new();
    for page in listed().pages {
        if let Some(role) = &page.role {
            assert!(role.parse::<Role>().is_ok(), "{role}");
        }
        assert!(names.insert(page.name.clone()), "{} is there twice", page.name);
    }
}
