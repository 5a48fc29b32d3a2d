use std::path::Path;

use super::changes::{Change, RowChange};
use super::*;

const REFERENCE: &str = include_str!("../../../proto/policies/vokus-1.1.toml");

fn reference() -> Policy {
    Policy::parse(REFERENCE).unwrap()
}

#[test]
fn the_texts_in_docs_are_those_of_the_reference_policy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/privacy");
    for kind in [Kind::Notice, Kind::Register] {
        for language in Language::ALL {
            let name = format!("{}.{}.md", kind.name(), language.tag());
            let held = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
            assert!(
                held == markdown(&kind.of(&reference(), language)),
                "docs/privacy/{name} is stale; renew it with: zeef-collector policy {} proto/policies/vokus-1.1.toml \
                 --language {} > docs/privacy/{name}",
                kind.name(),
                language.tag(),
            );
        }
    }
}

#[test]
fn whatever_the_policy_documents_is_told_in_both_languages() {
    let policy = reference();
    for language in Language::ALL {
        let texts = language.texts();
        for kind in [Kind::Notice, Kind::Register] {
            let text = serde_json::to_string(&kind.of(&policy, language)).unwrap();
            let said = |what: &str| {
                assert!(
                    text.contains(what),
                    "{what} in {} ({})",
                    kind.name(),
                    language.tag()
                );
            };
            for (_, row) in row::rows(&policy) {
                said(language.of(&row.purpose));
                said(&texts.of_term(row.term).to_string());
                said(&texts.of_grounds(&row.grounds));
                row.fields
                    .iter()
                    .for_each(|field| said(texts.of_field(*field).as_str()));
                row.other.iter().for_each(|other| said(language.of(other)));
            }
            policy
                .protocol
                .iter()
                .for_each(|datum| said(language.of(&datum.data)));
            let names = policy.recipients.iter().flat_map(|one| &one.names);
            names.for_each(|name| said(name));
            said(&policy.controller.registration);
            said(&policy.controller.email);
        }
    }
}

#[test]
fn a_right_of_the_law_is_told_although_the_policy_does_not_name_it_and_once_where_it_does() {
    let told = |policy: &Policy| serde_json::to_string(&privacy_notice(policy, Language::English)).unwrap();
    let mut policy = reference();
    assert!(
        policy
            .controller
            .rights
            .iter()
            .all(|right| right != "portability")
    );
    let texts = Language::English.texts();
    let portability = texts.notice.right_portability.as_str();
    assert_eq!(told(&policy).matches(portability).count(), 1);
    policy.controller.rights.push("portability".to_owned());
    assert_eq!(told(&policy).matches(portability).count(), 1);
}

#[test]
fn processing_for_which_the_customer_alone_answers_is_registered_apart() {
    let document = register(&reference(), Language::English);
    let texts = &Language::English.texts().register;
    let place = |text: &str| {
        let found = document.blocks.iter().position(|block| match block {
            Block::Heading(heading) | Block::Subheading(heading) => heading.starts_with(text),
            _ => false,
        });
        found.unwrap()
    };
    let on_behalf = place(texts.on_behalf.as_str());
    assert!(place("Antivirus") < on_behalf && on_behalf < place("Internet"));
}

const HOSTILE: &str = "<script>alert(1)</script> | [x](javascript:alert(1)) # `a` *b* https://evil.example";

fn hostile() -> Policy {
    let mut policy = reference();
    policy.title = HOSTILE.to_owned();
    policy.controller.name = format!("- {HOSTILE}\n\n# heading");
    policy.controller.rights.push(format!("1. {HOSTILE}"));
    for product in &mut policy.products {
        product.name.en = HOSTILE.to_owned();
        for row in &mut product.data {
            row.purpose.en = HOSTILE.to_owned();
        }
    }
    policy.recipients[0].names.push(HOSTILE.to_owned());
    policy
}

#[test]
fn what_a_policy_says_stays_text_in_html() {
    for kind in [Kind::Notice, Kind::Register] {
        let html = page(&kind.of(&hostile(), Language::English)).unwrap();
        assert!(html.contains("alert(1)"));
        assert!(!html.contains("<script") && !html.contains("href"));
    }
}

#[test]
fn what_a_policy_says_stays_text_in_markdown() {
    for kind in [Kind::Notice, Kind::Register] {
        let document = kind.of(&hostile(), Language::English);
        let text = markdown(&document);
        // What is not escaped is nothing but what the form itself puts there.
        let mut characters = text.chars();
        let mut bare = String::new();
        while let Some(character) = characters.next() {
            if character == '\\' {
                characters.next();
            } else {
                bare.push(character);
            }
        }
        for raw in ["<", ">", "[", "]", "`", "*", "https://", " # ", "\n1. "] {
            assert!(!bare.contains(raw), "{raw}");
        }
        for block in &document.blocks {
            let Block::Table(table) = block else { continue };
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
        }
        // Not more of them than the text has parts, so that no name begins one.
        let headings = document
            .blocks
            .iter()
            .filter(|block| matches!(block, Block::Heading(_)));
        let begun = text.lines().filter(|line| line.starts_with("## "));
        assert_eq!(begun.count(), headings.count());
        // A cell holds no bar that is not escaped.
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        for (line, next) in text.lines().zip(text.lines().skip(1)) {
            assert!(!(line.starts_with('|') && next.starts_with('|')) || bars(line) == bars(next));
        }
    }
}

fn said(old: &Policy, new: &Policy) -> Vec<Words> {
    let found = changes(old, new);
    found
        .iter()
        .map(|change| words(change, Language::English))
        .collect()
}

#[test]
fn the_same_policy_does_not_differ() {
    let mut newer = reference();
    newer.version = 2;
    assert_eq!(changes(&reference(), &newer), []);
}

#[test]
fn each_kind_of_difference_is_found_and_said_with_what_it_was_and_is() {
    use zeef_proto::field::Field;
    use zeef_proto::policy::{Ground, Term, Treatment};
    type Edit = fn(&mut Policy);
    let cases: [(Edit, &str, &str, &str, &str); 12] = [
        (
            |p| p.title = "Next".into(),
            "Policy",
            "Title",
            "Vokus privacybeleid 1.1",
            "Next",
        ),
        (
            |p| p.controller.email = "privacy@vokus.example".into(),
            "Policy",
            "E-mail address",
            "info@vokus-ict.nl",
            "privacy@vokus.example",
        ),
        (
            |p| p.products[5].data[0].term = Term::Months(3),
            "Wi-Fi",
            "Term (row wifi-client)",
            "6 months",
            "3 months",
        ),
        (
            |p| p.products[5].data[0].grounds = [Ground::PublicInterest].into(),
            "Wi-Fi",
            "Ground (row wifi-client)",
            "contract",
            "task in the public interest",
        ),
        (
            |p| p.products[5].data[0].purpose.en = "Else".into(),
            "Wi-Fi",
            "Purpose (row wifi-client)",
            "Delivering the wireless network and resolving faults",
            "Else",
        ),
        (
            |p| {
                p.products[5].data[0].fields.remove(&Field::PublicIp);
            },
            "Wi-Fi",
            "Data (row wifi-client)",
            "Public IP address, Private IP address, Device name",
            "Private IP address, Device name",
        ),
        (
            |p| {
                let row = &mut p.products[2].data[0];
                row.treatment.insert(Field::Username, Treatment::Drop);
            },
            "Antivirus",
            "Treatment of User name (row antivirus-device)",
            "kept as seen",
            "not sent",
        ),
        (
            |p| p.recipients[0].names.push("New BV".into()),
            "Website",
            "Parties",
            "vimexx.nl",
            "vimexx.nl, New BV",
        ),
        (
            |p| p.recipients[0].products.clear(),
            "Website",
            "Products whose data they receive",
            "website",
            "the service as a whole",
        ),
        (
            |p| {
                p.recipients.remove(0);
            },
            "Website",
            "Recipient removed",
            "vimexx.nl",
            "",
        ),
        (
            |p| {
                p.products.remove(1);
            },
            "Website",
            "Product removed",
            "What was entered in the contact form (12 months, contract)",
            "",
        ),
        (
            |p| {
                p.protocol.remove(3);
            },
            "Protocol",
            "Protocol datum removed",
            "Last contact, to the hour (Seeing whether a device still reports, while the service runs)",
            "",
        ),
    ];
    for (edit, subject, what, before, after) in cases {
        let (old, mut new) = (reference(), reference());
        edit(&mut new);
        let words = said(&old, &new);
        assert_eq!(words.len(), 1, "{what}: {words:?}");
        let found = &words[0];
        let told = (
            found.subject.as_str(),
            found.what.as_str(),
            found.before.as_str(),
            found.after.as_str(),
        );
        assert_eq!(told, (subject, what, before, after));
        // The other way round what was added is removed, and all else is told the other way round.
        let back = &said(&new, &old)[0];
        assert_eq!((back.before.as_str(), back.after.as_str()), (after, before));
    }
}

#[test]
fn a_row_that_is_new_is_told_whole() {
    let (mut old, new) = (reference(), reference());
    let row = old.products[4].data.remove(1);
    assert_eq!(
        changes(&old, &new),
        [Change::RowAdded(new.products[4].name.clone(), row)]
    );
    let words = &said(&old, &new)[0];
    assert_eq!(
        words.after,
        "Private IP address, Device name (while the service runs, contract)"
    );
}

#[test]
fn two_changes_of_a_row_are_two_differences() {
    use zeef_proto::policy::Term;
    let (old, mut new) = (reference(), reference());
    new.products[5].data[0].term = Term::Service;
    new.products[5].data[0].purpose.nl = "Anders".into();
    let found = changes(&old, &new);
    assert!(matches!(
        found.as_slice(),
        [
            Change::RowChanged(_, _, RowChange::Term(_)),
            Change::RowChanged(_, _, RowChange::Purpose(_))
        ]
    ));
}
