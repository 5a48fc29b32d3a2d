//! The package for spreadsheets: a row for each value and each row of the policy that allows it.

use std::io;

use super::part::Part;
use super::record::{DeviceRecord, Reason, ValueRecord};
use crate::sheet::Sheet;
use crate::web::{Language, PackageTexts, Texts};

/// `data.csv`.
pub(super) struct Table {
    sheet: Sheet<Part>,
    texts: &'static Texts,
    words: &'static PackageTexts,
}

impl Table {
    pub(super) fn begin(to: Part, language: Language) -> io::Result<Self> {
        let texts = language.texts();
        let words = &texts.package;
        let said = &texts.device;
        let columns = [
            &words.device,
            &words.name,
            &said.field,
            &said.value,
            &words.source,
            &said.product,
            &said.purpose,
            &said.ground,
            &said.responsible,
            &words.since,
            &words.until,
            &said.term,
            &words.recipients,
        ];
        let sheet = Sheet::begin(to, columns.map(|column| column.as_str()))?;
        Ok(Self { sheet, texts, words })
    }

    pub(super) fn device(&mut self, device: &DeviceRecord) -> io::Result<()> {
        let id = device.id.to_string();
        let name = device.name().unwrap_or_default();
        for value in &device.values {
            for reason in &value.reasons {
                self.value([&id, name], value, Some(reason))?;
            }
            if value.reasons.is_empty() {
                self.value([&id, name], value, None)?;
            }
        }
        for datum in &device.protocol {
            let term = self.texts.of_term(datum.term);
            self.sheet.row([
                &id,
                name,
                &datum.data,
                &datum.holds.join("; "),
                self.texts.source.native.as_str(),
                "",
                &datum.purpose,
                "",
                "",
                "",
                "",
                term.as_str(),
                "",
            ])?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        [id, name]: [&str; 2],
        value: &ValueRecord,
        reason: Option<&Reason>,
    ) -> io::Result<()> {
        let (texts, words) = (self.texts, self.words);
        let grounds = reason.map(|reason| texts.of_grounds(&reason.grounds));
        let responsible = reason.map(|reason| texts.of_responsible(&reason.responsible));
        let term = reason.map(|reason| texts.of_term(reason.term));
        let recipients = reason.map(Reason::recipients);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        self.sheet.row([
            id,
            name,
            texts.of_field(value.field).as_str(),
            value.value.as_deref().unwrap_or(words.redacted.as_str()),
            texts.of_origin(&value.origin).as_str(),
            reason.map_or("", |reason| &reason.product_name),
            reason.map_or(words.no_row.as_str(), |reason| &reason.purpose),
            &text(&grounds),
            &text(&responsible),
            &value.since,
            value.until.as_deref().unwrap_or(words.while_service.as_str()),
            term.as_ref().map_or("", |term| term.as_str()),
            &text(&recipients),
        ])
    }

    pub(super) fn finish(self) -> io::Result<Part> {
        self.sheet.finish()
    }
}
