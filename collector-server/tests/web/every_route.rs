//! What holds for every route of the router, so that a new one cannot be forgotten.

use http::{Method, StatusCode};
use zeef_collector::web::{Needs, Route, routes};

use crate::browser::{Answer, Browser, LOOPBACK, query};
use crate::installation::Installation;

async fn signed_in() -> (Installation, Browser, Vec<Route>) {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    let browser = Browser::signed_in(&installation, anna).await;
    let routes = routes(installation.state(LOOPBACK));
    (installation, browser, routes)
}

/// Its address, with something in place of each parameter.
fn address(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{secret}" => "bm8gc3VjaCBsaW5r",
        part if part.starts_with('{') => "00000000-0000-4000-8000-000000000000",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(browser: &mut Browser, route: &Route, fields: &[(&str, &str)]) -> Answer {
    let address = address(route);
    match route.method {
        Method::GET => browser.get(&address).await,
        _ => browser.post(&address, fields).await,
    }
}

#[tokio::test]
async fn whatever_a_route_answers_is_kept_by_nobody_and_holds_the_browser_to_this_host() {
    let (_installation, mut browser, routes) = signed_in().await;
    let mut stranger = browser.fresh();
    for route in &routes {
        // Who is asked first loses nothing by signing out: a form without its proof does nothing.
        for browser in [&mut stranger, &mut browser] {
            let answer = ask(browser, route, &[]).await;
            for (name, value) in [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(name), value, "{name} of {route:?}");
            }
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"));
            assert!(!answer.headers.contains_key("access-control-allow-origin"));
            assert!(!answer.headers.contains_key("server"));
            assert!(!answer.status.is_server_error(), "{route:?}");
        }
    }
}

#[tokio::test]
async fn whatever_changes_something_is_refused_to_another_site() {
    let (_installation, mut browser, routes) = signed_in().await;
    let secret = browser.get("/account").await.form_secret();
    for site in ["cross-site", "same-site", "none"] {
        browser.site = site;
        for route in routes.iter().filter(|route| route.method != Method::GET) {
            let answer = ask(&mut browser, route, &[("form", &secret)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site} {route:?}");
            assert!(!answer.headers.contains_key("set-cookie"));
        }
    }
}

#[tokio::test]
async fn whatever_a_signed_in_person_changes_needs_the_secret_of_the_session() {
    let (installation, mut browser, routes) = signed_in().await;
    let bert = installation.person("bert").await;
    let mut other = Browser::signed_in(&installation, bert).await;
    let others = other.get("/account").await.form_secret();
    let changing = |route: &&Route| route.method != Method::GET && route.needs != Needs::Nothing;
    for route in routes.iter().filter(changing) {
        for fields in [&[][..], &[("form", "")], &[("form", others.as_str())]] {
            let answer = ask(&mut browser, route, fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{fields:?} {route:?}");
        }
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_route_leads_to_another_host_whatever_it_is_told() {
    let (_installation, mut browser, routes) = signed_in().await;
    let secret = browser.get("/account").await.form_secret();
    let elsewhere = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/a\r\nlocation: https://evil.example",
    ];
    for evil in elsewhere {
        let told = ["next", "to", "return", "url"].map(|name| (name, evil));
        // Whoever is signed out is asked to sign in, which would hide what a route answers.
        for route in routes.iter().filter(|route| route.path != "/sign-out") {
            let fields = [&told[..], &[("form", &secret), ("language", "nl")]].concat();
            let answer = match route.method {
                Method::GET => browser.get(&format!("{}?{}", address(route), query(&told))).await,
                _ => ask(&mut browser, route, &fields).await,
            };
            let location = answer.location();
            let here = location.is_empty() || (location.starts_with('/') && !location.starts_with("//"));
            assert!(here && !location.contains("evil"), "{location} of {route:?}");
        }
    }
}

#[tokio::test]
async fn every_cookie_is_out_of_reach_of_scripts_and_other_sites_and_over_tls_bound_to_the_host() {
    let installation = Installation::new().await;
    let anna = installation.person("anna").await;
    for (public_url, secure) in [(LOOPBACK, false), ("https://zeef.example", true)] {
        let mut browser = Browser::at(&installation, public_url);
        let mut cookies = vec![browser.open_link(&installation, anna).await];
        let secret = browser.get("/account").await.form_secret();
        let form = ("form", secret.as_str());
        cookies.push(browser.post("/language", &[("language", "nl")]).await);
        cookies.push(
            browser
                .post("/account/shortcut", &[form, ("shortcut", "off")])
                .await,
        );
        cookies.push(browser.post("/sign-out", &[form]).await);
        for answer in cookies {
            let cookie = answer.header("set-cookie");
            assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
            assert!(!cookie.to_lowercase().contains("domain="));
            assert_eq!(
                cookie.starts_with("__Host-") && cookie.ends_with("; Secure"),
                secure,
                "{cookie}"
            );
        }
    }
}
