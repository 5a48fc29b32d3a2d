//! What protects every page: headers, escaping, nothing from elsewhere.

use http::StatusCode;

use crate::browser::{Answer, Browser};
use crate::installation::{Installation, MadeUp};

/// One of each kind of page, with its status.
async fn pages(browser: &mut Browser) -> Vec<(String, Answer)> {
    let mut pages = Vec::new();
    let list = browser.get("/inventory").await;
    let device = list
        .addresses()
        .into_iter()
        .find(|address| address.starts_with("/devices/"))
        .unwrap();
    for path in [
        "/inventory",
        "/inventory?hint=password&q=AAAA",
        &device,
        "/policy",
        "/account",
        "/sign-in",
        "/sign-in?next=/policy",
        "/nothing",
        "/inventory?page=1&page=2",
    ] {
        pages.push((path.to_owned(), browser.get(path).await));
    }
    pages.push(("/sign-out".to_owned(), browser.post("/sign-out", &[]).await));
    pages.push((
        "/sign-in".to_owned(),
        browser
            .post("/sign-in", &[("name", "x"), ("password", "y")])
            .await,
    ));
    let mut stranger = browser.fresh();
    pages.push(("/".to_owned(), stranger.get("/").await));
    pages.push((
        "/inventory, a stranger".to_owned(),
        stranger.get("/inventory").await,
    ));
    pages
}

/// Names that try to be markup, as hostile agents could send them.
async fn hostile() -> (Installation, Browser) {
    let installation = Installation::new().await;
    let evil = installation
        .organisation("<b>Evil & Sons</b>", &["antivirus"])
        .await;
    let made_up = MadeUp {
        name: "<img src=x onerror=alert(1)>",
        users: &["\"><script>alert(2)</script>", "{{7*7}}", "שלום"],
        ..MadeUp::default()
    };
    installation.device(evil, made_up).await;
    let anna = installation.person("<i>anna</i>").await;
    let browser = Browser::signed_in(&installation, anna).await;
    (installation, browser)
}

#[tokio::test]
async fn every_answer_carries_the_protecting_headers() {
    let (_installation, mut browser) = hostile().await;
    for (path, page) in pages(&mut browser).await {
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{part} on {path}");
        }
        assert!(!policy.contains("unsafe"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.header(name), value, "{name} on {path}");
        }
        assert!(page.header("permissions-policy").contains("camera=()"));
    }
}

#[tokio::test]
async fn hostile_values_stay_text_and_cannot_turn_the_line_around() {
    let (_installation, mut browser) = hostile().await;
    let found = browser.search(&[("term", "alert(1)")]).await;
    assert_eq!(found.listed().len(), 1);
    assert!(found.body.contains("<mark>alert(1)</mark>"));
    let mut all = pages(&mut browser).await;
    all.push(("search".to_owned(), found));
    for (path, page) in all {
        for markup in [
            "<img src=x",
            "<script>alert",
            "<b>Evil",
            "<i>anna",
            "onerror=alert(1)>",
        ] {
            assert!(!page.body.contains(markup), "{markup} on {path}");
        }
    }
    let list = browser.get("/inventory").await.addresses();
    let device = list
        .iter()
        .find(|address| address.starts_with("/devices/"))
        .unwrap();
    let device = browser.get(device).await;
    assert!(device.body.contains("<bdi class=\"shown copied\">שלום</bdi>"));
    let quoted = browser.search(&[("term", "\"><script>alert(2)</script>")]).await;
    assert_eq!(quoted.listed().len(), 1);
    assert!(!quoted.body.contains("\"><script>alert"));
}

#[tokio::test]
async fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    let (_installation, mut browser) = hostile().await;
    for (path, page) in pages(&mut browser).await {
        for inline in [" style=", " onclick=", " onload=", "<style", "javascript:"] {
            assert!(!page.body.contains(inline), "{inline} on {path}");
        }
        assert_eq!(
            page.body.matches("<script").count(),
            page.body.matches("<script src=\"/assets/").count()
        );
        for address in page.addresses() {
            let ours = (address.starts_with('/') && !address.starts_with("//")) || address.starts_with('#');
            assert!(ours, "{address} on {path}");
        }
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_under_the_hash_of_their_content() {
    let (_installation, mut browser) = hostile().await;
    let page = browser.get("/inventory").await;
    let assets: Vec<String> = page
        .addresses()
        .into_iter()
        .filter(|a| a.starts_with("/assets/"))
        .collect();
    for name in ["zeef.css", "zeef.js", "zeef.svg"] {
        let address = assets.iter().find(|address| address.ends_with(name)).unwrap();
        let asset = browser.fresh().get(address).await;
        assert_eq!(asset.status, StatusCode::OK);
        assert_eq!(
            asset.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(asset.header("x-content-type-options"), "nosniff");
        assert!(!asset.body.contains("http://") || name == "zeef.svg");
        let other = address.replace("/assets/", "/assets/0");
        assert_eq!(browser.get(&other).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn every_page_is_there_in_both_languages_with_one_heading_and_a_way_past_the_menu() {
    let (_installation, mut browser) = hostile().await;
    for language in ["nl", "en"] {
        browser.language = language;
        for (path, page) in pages(&mut browser).await {
            if page.status.is_redirection() {
                continue;
            }
            assert!(
                page.body.contains(&format!("<html lang=\"{language}\">")),
                "{path}"
            );
            assert_eq!(page.body.matches("<h1").count(), 1, "{path}");
            assert!(page.body.contains("href=\"#content\"") && page.body.contains("id=\"content\""));
            assert!(!page.body.contains('{') || path != "/policy", "{path}");
        }
    }
}
