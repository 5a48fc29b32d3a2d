//! A difference between two policies in words.

use zeef_proto::field::Field;
use zeef_proto::policy::{DataRow, ProtocolDatum, Text, Treatment};

use super::changes::{Change, Head, Pair, RowChange};
use super::row;
use crate::web::locale::{Language, Phrase, Texts};

/// What changed, of what, and how it read before and reads now; empty where there was nothing or is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// What it concerns: a product, a recipient, the policy's head.
    pub(crate) subject: String,
    /// What happened to it.
    pub(crate) what: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// Says a difference.
pub(crate) fn words(change: &Change, language: Language) -> Words {
    let texts = language.texts();
    let change_texts = &texts.change;
    let of = |text: &Text| language.of(text).to_owned();
    let said = |subject: String, what: &Phrase, before: String, after: String| Words {
        subject,
        what: what.to_string(),
        before,
        after,
    };
    let gone = String::new;
    match change {
        Change::Head(line, pair) => {
            let Pair { before, after } = pair.clone();
            said(change_texts.policy.to_string(), head(*line, texts), before, after)
        }
        Change::ProductAdded(product) => said(
            of(&product.name),
            &change_texts.product_added,
            gone(),
            all_data(&product.data, language),
        ),
        Change::ProductRemoved(product) => said(
            of(&product.name),
            &change_texts.product_removed,
            all_data(&product.data, language),
            gone(),
        ),
        Change::ProductRenamed(Pair { before, after }) => {
            said(of(after), &change_texts.name, of(before), of(after))
        }
        Change::RowAdded(product, row) => said(
            of(product),
            &change_texts.row_added.with("row", &row.id),
            gone(),
            whole_row(row, language),
        ),
        Change::RowRemoved(product, row) => said(
            of(product),
            &change_texts.row_removed.with("row", &row.id),
            whole_row(row, language),
            gone(),
        ),
        Change::RowChanged(product, row, change) => {
            let (part, before, after) = part(change, language);
            let what = change_texts.of_row.with("part", part).with("row", row);
            said(of(product), &what, before, after)
        }
        Change::RecipientAdded(recipient) => said(
            of(&recipient.area),
            &change_texts.recipient_added,
            gone(),
            recipient.names.join(", "),
        ),
        Change::RecipientRemoved(recipient) => said(
            of(&recipient.area),
            &change_texts.recipient_removed,
            recipient.names.join(", "),
            gone(),
        ),
        Change::RecipientNames(area, Pair { before, after }) => said(
            of(area),
            &change_texts.recipient_names,
            before.join(", "),
            after.join(", "),
        ),
        Change::RecipientProducts(area, Pair { before, after }) => {
            let named = |products: &[String]| {
                if products.is_empty() {
                    texts.notice.whole_service.to_string()
                } else {
                    products.join(", ")
                }
            };
            said(
                of(area),
                &change_texts.recipient_products,
                named(before),
                named(after),
            )
        }
        Change::ProtocolAdded(datum) => said(
            texts.policy.protocol.to_string(),
            &change_texts.protocol_added,
            gone(),
            whole_datum(datum, language),
        ),
        Change::ProtocolRemoved(datum) => said(
            texts.policy.protocol.to_string(),
            &change_texts.protocol_removed,
            whole_datum(datum, language),
            gone(),
        ),
        Change::ProtocolChanged(Pair { before, after }) => said(
            texts.policy.protocol.to_string(),
            &change_texts.protocol_changed,
            whole_datum(before, language),
            whole_datum(after, language),
        ),
    }
}

const fn head(line: Head, texts: &Texts) -> &Phrase {
    let words = &texts.change;
    match line {
        Head::Title => &words.title_of_policy,
        Head::Timezone => &words.timezone,
        Head::Name => &words.name_of_controller,
        Head::Registration => &texts.policy.registration,
        Head::Email => &texts.register.email,
        Head::Phone => &texts.register.phone,
        Head::Complaints => &texts.policy.complaints,
        Head::Rights => &texts.notice.rights,
    }
}

fn part(change: &RowChange, language: Language) -> (String, String, String) {
    let texts = language.texts();
    let optional = |text: &Option<Text>| {
        text.as_ref()
            .map(|text| language.of(text).to_owned())
            .unwrap_or_default()
    };
    match change {
        RowChange::Fields(pair) => both(&texts.policy.data, pair, |fields| names(fields, texts)),
        RowChange::Other(pair) => both(&texts.change.other, pair, optional),
        RowChange::Source(pair) => both(&texts.policy.source, pair, |source| {
            texts.of_source(*source).to_string()
        }),
        RowChange::Term(pair) => both(&texts.device.term, pair, |term| texts.of_term(*term).to_string()),
        RowChange::Responsible(pair) => both(&texts.device.responsible, pair, |parties| {
            texts.of_responsible(parties)
        }),
        RowChange::Grounds(pair) => both(&texts.device.ground, pair, |grounds| texts.of_grounds(grounds)),
        RowChange::Purpose(pair) => both(&texts.device.purpose, pair, |text| language.of(text).to_owned()),
        RowChange::Treatment(field, pair) => {
            let what = texts.change.treatment.with("field", texts.of_field(*field));
            both(&what, pair, |treatment| treated(*treatment, texts).to_string())
        }
    }
}

fn both<T>(part: &Phrase, pair: &Pair<T>, say: impl Fn(&T) -> String) -> (String, String, String) {
    (part.to_string(), say(&pair.before), say(&pair.after))
}

const fn treated(treatment: Treatment, texts: &Texts) -> &Phrase {
    let words = &texts.change;
    match treatment {
        Treatment::Keep => &words.keep,
        Treatment::Pseudonymise => &words.pseudonymise,
        Treatment::Truncate => &words.truncate,
        Treatment::Drop => &words.drop,
    }
}

fn names<'a>(fields: impl IntoIterator<Item = &'a Field>, texts: &Texts) -> String {
    let names = fields.into_iter().map(|field| texts.of_field(*field).to_string());
    names.collect::<Vec<_>>().join(", ")
}

fn all_data(rows: &[DataRow], language: Language) -> String {
    let rows = rows.iter().map(|row| whole_row(row, language));
    rows.collect::<Vec<_>>().join("; ")
}

fn whole_row(row: &DataRow, language: Language) -> String {
    let texts = language.texts();
    format!(
        "{} ({}, {})",
        row::data(row, language),
        texts.of_term(row.term),
        texts.of_grounds(&row.grounds)
    )
}

fn whole_datum(datum: &ProtocolDatum, language: Language) -> String {
    format!(
        "{} ({}, {})",
        language.of(&datum.data),
        language.of(&datum.purpose),
        language.texts().of_term(datum.term)
    )
}
