//! The register of processing activities (GDPR, article 30): one for what the provider answers for itself, one for what
//! it does on behalf of customers.

use zeef_proto::policy::{DataRow, Policy, Product};

use super::document::Document;
use super::row;
use crate::web::locale::{Language, Phrase};

/// The register of all that the policy documents.
pub(crate) fn register(policy: &Policy, language: Language) -> Document {
    let texts = language.texts();
    let words = &texts.register;
    let mut document = Document::new(policy, language, words.title.to_string());
    let controller = &policy.controller;
    document.heading(&texts.notice.controller);
    document.table(
        [&words.item, &words.entry],
        [
            (&words.name, controller.name.as_str()),
            (&texts.policy.registration, &controller.registration),
            (&words.email, &controller.email),
            (&words.phone, &controller.phone),
            (&words.officer, words.not_named.as_str()),
        ]
        .map(|(item, entry)| [item.to_string(), entry.to_owned()]),
    );
    let (own, on_behalf): (Vec<_>, Vec<_>) =
        row::rows(policy).partition(|(_, row)| row::is_the_providers(row));
    activities(
        policy,
        language,
        (&words.own, &words.own_intro),
        &own,
        &mut document,
    );
    activities(
        policy,
        language,
        (&words.on_behalf, &words.on_behalf_intro),
        &on_behalf,
        &mut document,
    );
    document.heading(&words.protocol);
    document.table(
        [&texts.policy.data, &texts.device.purpose, &texts.device.term],
        policy.protocol.iter().map(|datum| {
            [
                language.of(&datum.data).to_owned(),
                language.of(&datum.purpose).to_owned(),
                texts.of_term(datum.term).to_string(),
            ]
        }),
    );
    document.heading(&words.transfers);
    document.say(&texts.notice.transfers);
    document.heading(&words.security);
    document.list(
        [
            &words.security_minimised,
            &words.security_closed,
            &words.security_transport,
            &words.security_sealed,
            &words.security_expiry,
            &words.security_access,
            &words.security_ledger,
            &words.security_backups,
        ]
        .map(ToString::to_string),
    );
    document.say(&words.security_elsewhere);
    document
}

fn activities(
    policy: &Policy,
    language: Language,
    (title, intro): (&Phrase, &Phrase),
    rows: &[(&Product, &DataRow)],
    document: &mut Document,
) {
    if rows.is_empty() {
        return;
    }
    let texts = language.texts();
    let words = &texts.register;
    document.heading(title);
    document.say(intro);
    for (product, row) in rows {
        document.subheading(format!(
            "{}: {}",
            language.of(&product.name),
            language.of(&row.purpose)
        ));
        let recipients = row::recipients(policy, &product.id);
        let subjects = if row.fields.is_empty() {
            &words.subjects_contacts
        } else {
            &words.subjects_users
        };
        document.table(
            [&words.item, &words.entry],
            [
                (&words.activity, row.id.clone()),
                (&texts.device.purpose, language.of(&row.purpose).to_owned()),
                (&words.subjects, subjects.to_string()),
                (&texts.policy.data, row::data(row, language)),
                (&texts.device.ground, texts.of_grounds(&row.grounds)),
                (&texts.device.responsible, texts.of_responsible(&row.responsible)),
                (&texts.policy.source, texts.of_source(row.source).to_string()),
                (
                    &texts.policy.recipients,
                    if recipients.is_empty() {
                        words.no_recipients.to_string()
                    } else {
                        recipients
                    },
                ),
                (&texts.device.term, texts.of_term(row.term).to_string()),
            ]
            .map(|(item, entry)| [item.to_string(), entry]),
        );
    }
    let everywhere = policy.recipients.iter().filter(|one| one.products.is_empty());
    let everywhere: Vec<_> = everywhere
        .map(|one| format!("{}: {}", language.of(&one.area), one.names.join(", ")))
        .collect();
    if !everywhere.is_empty() {
        document.say(words.everywhere.with("recipients", everywhere.join("; ")));
    }
}
