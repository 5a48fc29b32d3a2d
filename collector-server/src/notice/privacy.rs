//! The privacy notice: what articles 13 and 14 of the GDPR oblige a controller to tell.

use std::collections::BTreeSet;

use zeef_proto::policy::{Ground, Policy, Product, Source};

use super::document::Document;
use super::row;
use crate::web::locale::{Language, Phrase, Texts};

/// Rights that the law gives whatever a policy names, in the law's order.
const OF_LAW: [&str; 6] = [
    "access",
    "rectification",
    "erasure",
    "restriction",
    "portability",
    "objection",
];

/// The notice about all that the policy documents.
pub(crate) fn privacy_notice(policy: &Policy, language: Language) -> Document {
    let texts = language.texts();
    let words = &texts.notice;
    let mut document = Document::new(policy, language, words.title.to_string());
    document.say(words.intro.with("controller", &policy.controller.name));
    controller(policy, texts, &mut document);
    document.heading(&words.products);
    document.say(&words.products_intro);
    for product in &policy.products {
        about_product(policy, product, language, &mut document);
    }
    protocol(policy, language, &mut document);
    grounds(policy, texts, &mut document);
    recipients(policy, language, &mut document);
    origin(policy, texts, &mut document);
    document.heading(&words.obliged);
    document.say(&words.obliged_body);
    document.heading(&words.automated);
    document.say(&words.automated_body);
    rights(policy, texts, &mut document);
    complaints(policy, texts, &mut document);
    document
}

fn controller(policy: &Policy, texts: &Texts, document: &mut Document) {
    let (words, controller) = (&texts.notice, &policy.controller);
    document.heading(&words.controller);
    document.say(
        words
            .controller_body
            .with("name", &controller.name)
            .with("registration", &controller.registration)
            .with("email", &controller.email)
            .with("phone", &controller.phone),
    );
    document.say(&words.officer);
    document.say(&words.shared);
}

fn about_product(policy: &Policy, product: &Product, language: Language, document: &mut Document) {
    let texts = language.texts();
    document.subheading(language.of(&product.name));
    document.table(
        [
            &texts.policy.data,
            &texts.device.purpose,
            &texts.device.ground,
            &texts.device.term,
            &texts.device.responsible,
        ],
        product.data.iter().map(|row| {
            [
                row::data(row, language),
                language.of(&row.purpose).to_owned(),
                texts.of_grounds(&row.grounds),
                texts.of_term(row.term).to_string(),
                texts.of_responsible(&row.responsible),
            ]
        }),
    );
    let names = row::recipients(policy, &product.id);
    if !names.is_empty() {
        document.say(texts.notice.received_by.with("names", names));
    }
}

fn protocol(policy: &Policy, language: Language, document: &mut Document) {
    if policy.protocol.is_empty() {
        return;
    }
    let texts = language.texts();
    document.heading(&texts.notice.protocol);
    document.say(&texts.notice.protocol_intro);
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
}

fn grounds(policy: &Policy, texts: &Texts, document: &mut Document) {
    let used: BTreeSet<Ground> = row::rows(policy)
        .flat_map(|(_, row)| row.grounds.iter().copied())
        .collect();
    let words = &texts.notice;
    document.heading(&words.grounds);
    document.list(used.iter().map(|ground| {
        let explained = match ground {
            Ground::Contract => &words.ground_contract,
            Ground::LegalObligation => &words.ground_legal_obligation,
            Ground::PublicInterest => &words.ground_public_interest,
        };
        explained.with("ground", texts.of_grounds([ground])).to_string()
    }));
}

fn recipients(policy: &Policy, language: Language, document: &mut Document) {
    let texts = language.texts();
    let words = &texts.notice;
    document.heading(&texts.policy.recipients);
    document.say(if policy.recipients.is_empty() {
        &words.no_recipients
    } else {
        &words.recipients_intro
    });
    document.table(
        [&texts.policy.area, &texts.policy.parties, &texts.policy.products],
        policy.recipients.iter().map(|recipient| {
            let products = recipient.products.iter().filter_map(|id| policy.product(id));
            let products: Vec<_> = products.map(|product| language.of(&product.name)).collect();
            [
                language.of(&recipient.area).to_owned(),
                recipient.names.join(", "),
                if products.is_empty() {
                    words.whole_service.to_string()
                } else {
                    products.join(", ")
                },
            ]
        }),
    );
    document.say(&words.transfers);
}

fn origin(policy: &Policy, texts: &Texts, document: &mut Document) {
    let words = &texts.notice;
    document.heading(&words.origin);
    let explained = [
        (Source::Agent, &words.origin_agent),
        (Source::Site, &words.origin_site),
        (Source::Elsewhere, &words.origin_elsewhere),
    ];
    let comes = |source| row::rows(policy).any(|(_, row)| row.source == source);
    document.list(
        explained
            .into_iter()
            .filter(|(source, _)| comes(*source))
            .map(|(_, phrase)| phrase.to_string()),
    );
}

fn rights(policy: &Policy, texts: &Texts, document: &mut Document) {
    let words = &texts.notice;
    let named = &policy.controller.rights;
    document.heading(&words.rights);
    document.say(words.rights_intro.with("email", &policy.controller.email));
    let also = OF_LAW
        .iter()
        .filter(|law| named.iter().all(|right| right != *law));
    let all = named.iter().map(String::as_str).chain(also.copied());
    document
        .list(all.map(|right| explained(texts, right).map_or_else(|| right.to_owned(), ToString::to_string)));
    document.say(&words.rights_term);
}

/// What a right that a policy names is about; `None` for one that this version does not know.
fn explained<'a>(texts: &'a Texts, right: &str) -> Option<&'a Phrase> {
    let words = &texts.notice;
    Some(match right {
        "access" => &words.right_access,
        "rectification" => &words.right_rectification,
        "erasure" => &words.right_erasure,
        "restriction" => &words.right_restriction,
        "portability" => &words.right_portability,
        "objection" => &words.right_objection,
        "withdrawal" => &words.right_withdrawal,
        "complaint" => &words.right_complaint,
        _ => return None,
    })
}

fn complaints(policy: &Policy, texts: &Texts, document: &mut Document) {
    let words = &texts.notice;
    document.heading(&texts.policy.complaints);
    match policy.controller.complaints.as_slice() {
        [] => document.say(&words.complaints_authority),
        [one] => document.say(words.complaints_one.with("party", one)),
        [first, then @ ..] => document.say(
            words
                .complaints_in_order
                .with("first", first)
                .with("then", then.join(", ")),
        ),
    }
}
