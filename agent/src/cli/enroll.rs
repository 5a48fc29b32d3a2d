//! `enroll`: makes this machine a device of the collector.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use zeef_proto::Clock;

use super::arguments::Enroll;
use super::{Exit, Failure, bundle, output, runtime};
use crate::enrol::{Bundle, adopt, enrol, new_key};
use crate::platform;
use crate::pseudonym::Key;
use crate::random;
use crate::state::{Cause, Enrolment, Identity, MachineMark, Place, Records, Standing, StateDirectory};

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    options: &Enroll,
    clock: &Arc<dyn Clock>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Bundle {
        place,
        organisation_key,
    } = bundle::given(options)?;
    let directory = StateDirectory::to_write(state_dir)?;
    let (mut records, _) = Records::read(&directory, clock.now())?;
    if let Some(identity) = in_good_standing(&records) {
        return already(identity, &place, organisation_key.as_ref(), &directory, json, out);
    }
    // Before all else: what is read once this device is enrolled is hashed with it.
    if let Some(key) = &organisation_key {
        directory.keep_organisation_key(key)?;
    }

    let before = records.clone();
    let enrolment = resumed_or_new(records.enrolment.take(), place);
    records.enrolment = Some(enrolment.clone());
    records.write(&before, &directory)?;

    let enrolled = match runtime::block_on(Box::pin(enrol(&enrolment, clock.clone())))? {
        Ok(enrolled) => enrolled,
        Err(error) => {
            let failure = Failure::from(error);
            if failure.exit == Exit::Unreachable {
                return Err(failure.and("zeef-agent run keeps trying"));
            }
            before.write(&records, &directory)?;
            return Err(failure);
        }
    };
    let identifier = platform::host::machine_identifier();
    let mark = identifier.map(|identifier| MachineMark::new(&identifier, random::bytes()));
    let pending = records.clone();
    if let Err(error) = adopt(&mut records, &enrolment, enrolled, mark, clock.now()) {
        before.write(&pending, &directory)?;
        return Err(Failure::new(Exit::Failed, error.to_string()));
    }
    records.write(&pending, &directory)?;
    match &records.identity {
        Some(identity) => tell(identity, &records, json, out),
        None => Err(Failure::not_enrolled()),
    }
}

/// An identity that the collector refuses may be replaced; one that works may not.
fn in_good_standing(records: &Records) -> Option<&Identity> {
    let good = records.enrolment.is_none() && records.status.standing == Standing::Good;
    records.identity.as_ref().filter(|_| good)
}

/// Nothing is to be done but to take in the organisation's key, which may have been rotated.
fn already(
    identity: &Identity,
    place: &Place,
    key: Option<&Key>,
    directory: &StateDirectory,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if identity.place.url != place.url {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "this machine is enrolled at {} already; run zeef-agent unenroll first",
                identity.place.url
            ),
        ));
    }
    if let Some(key) = key {
        directory.keep_organisation_key(key)?;
    }
    if json {
        return output::json(
            out,
            &json!({ "enrolled": true, "new": false, "device": identity.device, "organisation_key": key.is_some() }),
        );
    }
    output::line(
        out,
        if key.is_some() {
            "This machine is enrolled there already; the bundle's organisation key was taken in."
        } else {
            "This machine is enrolled there already; nothing was changed."
        },
    )
}

/// A retry with the same key gets the same device, so a key that may have been certified is used again.
fn resumed_or_new(pending: Option<Enrolment>, place: Place) -> Enrolment {
    match pending {
        Some(pending) if pending.place.url == place.url && pending.place.token == place.token => {
            Enrolment { place, ..pending }
        }
        _ => Enrolment {
            place,
            key: new_key(),
            cause: Cause::Asked,
            copies: 0,
        },
    }
}

fn tell(identity: &Identity, records: &Records, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let products = &records.policy.products;
    if json {
        return output::json(
            out,
            &json!({
                "enrolled": true,
                "new": true,
                "collector": identity.place.url,
                "organisation": identity.organisation,
                "device": identity.device,
                "products": products,
                "certificate_until": identity.certificate.not_after.to_string(),
            }),
        );
    }
    let names: Vec<&str> = products.iter().map(|product| product.as_str()).collect();
    let mut table = output::Table::default();
    table.row(["Enrolled at", &identity.place.url.to_string()]);
    table.row(["Organisation", &identity.organisation.to_string()]);
    table.row(["Device", &identity.device.to_string()]);
    table.row(["Products", &names.join(", ")]);
    table.row(["Certificate until", &identity.certificate.not_after.to_string()]);
    output::table(out, &table)
}
