//! The package to read: one page without a script and without anything from elsewhere.

use std::collections::BTreeMap;
use std::io::{self, Write};

use askama::Template;
use zeef_proto::field::Parse;

use super::facts::Counts;
use super::looked::Look;
use super::make::{Head, Order};
use super::part::Part;
use super::record::{DeviceRecord, Reason, ValueRecord};
use crate::web::{PackageTexts, Phrase, Texts};

/// Looks that the page shows; `data.json` has them all.
const MOST_LOOKS: usize = 500;

/// The page.
pub(super) struct Overview {
    to: Part,
    texts: &'static Texts,
    words: &'static PackageTexts,
    contact: Option<Phrase>,
    /// The policy's rows that something rests on, which are told once.
    reasons: BTreeMap<String, Reason>,
    looks: Vec<String>,
}

#[derive(Template)]
#[template(path = "package/head.html")]
struct HeadOf {
    language: &'static str,
    words: &'static PackageTexts,
    intro: String,
    policy: Phrase,
    username: Option<String>,
}

#[derive(Template)]
#[template(path = "package/device.html")]
struct DeviceOf<'a> {
    texts: &'static Texts,
    words: &'static PackageTexts,
    device: &'a DeviceRecord,
}

#[derive(Template)]
#[template(path = "package/foot.html")]
struct FootOf<'a> {
    texts: &'static Texts,
    words: &'static PackageTexts,
    counts: &'a Counts,
    reasons: Vec<&'a Reason>,
    looks: &'a [String],
    looks_more: Option<Phrase>,
    contact: Option<&'a Phrase>,
}

#[derive(Template)]
#[template(path = "package/look.html")]
struct LookOf<'a> {
    at: &'a str,
    by: &'static Phrase,
    what: Phrase,
    device: Option<String>,
}

impl Overview {
    pub(super) fn begin(mut to: Part, order: &Order, head: &Head) -> io::Result<Self> {
        let words = head.words;
        let policy = order.policy().map(|policy| {
            let named = words.policy.with("title", &policy.title);
            named
                .with("version", policy.version)
                .with("adopted", &policy.adopted)
        });
        let page = HeadOf {
            language: order.language.tag(),
            words,
            intro: head.intro(),
            policy: policy.unwrap_or_else(|| words.no_policy.clone()),
            username: order.person().map(|person| person.expose()),
        };
        to.write_all(rendered(&page)?.as_bytes())?;
        let contact = order.policy().map(|policy| {
            let by = &policy.controller;
            let text = words.contact.with("email", &by.email).with("phone", &by.phone);
            text.with("complaints", by.complaints.join(", "))
        });
        Ok(Self {
            to,
            texts: order.language.texts(),
            words,
            contact,
            reasons: BTreeMap::new(),
            looks: Vec::new(),
        })
    }

    pub(super) fn device(&mut self, device: &DeviceRecord) -> io::Result<()> {
        for reason in device.values.iter().flat_map(|value| &value.reasons) {
            if !self.reasons.contains_key(&reason.row) {
                self.reasons.insert(reason.row.clone(), reason.clone());
            }
        }
        let (texts, words) = (self.texts, self.words);
        let section = rendered(&DeviceOf { texts, words, device })?;
        self.to.write_all(section.as_bytes())
    }

    pub(super) fn look(&mut self, look: &Look) {
        if self.looks.len() == MOST_LOOKS {
            return;
        }
        let words = self.words;
        let by = match look.by {
            "administrator" => &words.by_administrator,
            "device" => &words.by_device,
            "retention" => &words.by_retention,
            _ => &words.by_user,
        };
        let what = match look.what {
            "device_read" => &words.device_read,
            "devices_listed" => &words.devices_listed,
            "devices_searched" => &words.devices_searched,
            "devices_exported" => &words.devices_exported,
            _ => &words.package_made,
        };
        let line = LookOf {
            at: &look.at,
            by,
            what: what.with("devices", look.devices.unwrap_or_default()),
            device: look.device.map(|device| device.to_string()),
        };
        self.looks.extend(line.render());
    }

    pub(super) fn finish(mut self, counts: &Counts) -> io::Result<Part> {
        let more = counts.looks > self.looks.len() as u64;
        let foot = FootOf {
            texts: self.texts,
            words: self.words,
            counts,
            reasons: self.reasons.values().collect(),
            looks: &self.looks,
            looks_more: more.then(|| self.words.looked_more.with("total", counts.looks)),
            contact: self.contact.as_ref(),
        };
        self.to.write_all(rendered(&foot)?.as_bytes())?;
        Ok(self.to)
    }
}

impl DeviceOf<'_> {
    fn value<'a>(&'a self, value: &'a ValueRecord) -> &'a str {
        value.value.as_deref().unwrap_or(self.words.redacted.as_str())
    }

    fn until<'a>(&'a self, until: Option<&'a String>) -> &'a str {
        until.map_or(self.words.while_service.as_str(), String::as_str)
    }
}

fn rendered(template: &impl Template) -> io::Result<String> {
    template.render().map_err(io::Error::other)
}
