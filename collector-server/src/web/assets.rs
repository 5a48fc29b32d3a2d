//! Style sheet, script and mark: compiled in, and named by their content, so that browsers may keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use http::{HeaderValue, header};

use super::failure::Failure;
use super::session::sha256;

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static [u8],
}

/// One sheet: a file for what all pages share, and one for each part of the application that needs more.
const STYLE: &str = concat!(
    include_str!("../../assets/css/base.css"),
    include_str!("../../assets/css/requests.css"),
    include_str!("../../assets/css/sign_in.css"),
    include_str!("../../assets/css/officer.css"),
    include_str!("../../assets/css/inventory.css"),
    include_str!("../../assets/css/portal.css"),
    include_str!("../../assets/css/administration.css"),
    include_str!("../../assets/css/tokens.css"),
);

const ASSETS: [Asset; 3] = [
    Asset {
        name: "zeef.css",
        kind: "text/css; charset=utf-8",
        content: STYLE.as_bytes(),
    },
    Asset {
        name: "zeef.js",
        kind: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/zeef.js"),
    },
    Asset {
        name: "zeef.svg",
        kind: "image/svg+xml",
        content: include_bytes!("../../assets/zeef.svg"),
    },
];

static HASHES: LazyLock<[String; ASSETS.len()]> = LazyLock::new(|| {
    ASSETS
        .each_ref()
        .map(|asset| HEXLOWER.encode(&sha256(asset.content)[..8]))
});

/// Where a browser finds the asset of that name.
pub(super) fn address(name: &str) -> String {
    let at = ASSETS.iter().position(|asset| asset.name == name).unwrap_or(0);
    format!("/assets/{}/{}", HASHES[at], ASSETS[at].name)
}

pub(super) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let found = ASSETS.iter().zip(HASHES.iter());
    let (asset, _) = found
        .into_iter()
        .find(|(asset, own)| asset.name == name && **own == hash)
        .ok_or(Failure::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, asset.content).into_response())
}
