//! `bundle`: writes the file that new devices enrol with. Made where the organisation's key is, which is not where the
//! collector is.

use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::arguments::{self, Enroll};
use super::{Exit, Failure, output, token};
use crate::enrol::{Bundle, InvalidBundle};
use crate::platform::files;
use crate::pseudonym::{self, Key, Scope};
use crate::state::Place;
use crate::transport::InvalidUrl;

pub(super) fn run(json: bool, options: &arguments::Bundle, out: &mut dyn Write) -> Result<(), Failure> {
    let place = place(&options.url, options.proxy.as_deref(), &options.token)?;
    let organisation_key = options.organisation_key.as_deref().map(shared_key).transpose()?;
    let holds_key = organisation_key.is_some();
    let bundle = Bundle {
        place,
        organisation_key,
    };
    files::create_private(&options.out, bundle.expose().as_bytes()).map_err(|error| {
        let message = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                "there is a file of that name already, which was not changed; name another".to_owned()
            }
            kind => format!("the bundle cannot be written ({kind}); nothing is left of it"),
        };
        Failure::new(Exit::Usage, message)
    })?;
    if json {
        return output::json(
            out,
            &json!({ "collector": bundle.place.url, "organisation_key": holds_key }),
        );
    }
    output::line(
        out,
        if holds_key {
            "Written, with the organisation's key. On each device: zeef-agent enroll --bundle FILE. Keep it away from \
             the collector and from others."
        } else {
            "Written, without a key. On each device: zeef-agent enroll --bundle FILE. Keep it away from others."
        },
    )
}

/// Where a command line wants devices to enrol.
pub(super) fn place(url: &str, proxy: Option<&str>, token: &arguments::Token) -> Result<Place, Failure> {
    let usage = |error: InvalidUrl| Failure::new(Exit::Usage, error.to_string());
    Ok(Place {
        url: url.parse().map_err(usage)?,
        proxy: proxy.map(str::parse).transpose().map_err(usage)?,
        token: token::find(token)?,
    })
}

/// What `enroll` was given, in either form.
pub(super) fn given(options: &Enroll) -> Result<Bundle, Failure> {
    if let Some(path) = &options.bundle {
        let text = token::read(path, "bundle")?;
        return Bundle::read(&text).map_err(|error| Failure::new(Exit::Usage, error.to_string()));
    }
    Ok(Bundle {
        place: place(
            options.url.as_deref().unwrap_or_default(),
            options.proxy.as_deref(),
            &options.token,
        )?,
        organisation_key: None,
    })
}

fn shared_key(path: &Path) -> Result<Key, Failure> {
    let key = pseudonym::read(path)?;
    if key.scope() == Scope::Organisation {
        Ok(key)
    } else {
        Err(Failure::new(Exit::Usage, InvalidBundle::Key.to_string()))
    }
}
