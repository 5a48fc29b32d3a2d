//! The reference policy says what the provider's own text says.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use zeef_proto::field::Field;
use zeef_proto::policy::{Ground, InvalidPolicy, Policy, Responsible, Source, Term};

const TEXT: &str = include_str!("../policies/vokus-1.1.toml");

#[test]
fn it_is_complete() {
    use Ground::{Contract, LegalObligation, PublicInterest};
    use Term::{Months, Service, ServiceAtLeastMonths};
    let policy = Policy::parse(TEXT).unwrap();
    let rows: Vec<_> = policy
        .products
        .iter()
        .flat_map(|p| {
            p.data.iter().map(|r| {
                (
                    p.id.as_str(),
                    r.fields.len(),
                    r.term,
                    r.responsible.len(),
                    r.grounds.iter().copied().collect::<Vec<_>>(),
                )
            })
        })
        .collect();
    let expected = [
        ("general", 0, Service, 1, vec![Contract]),
        ("general", 0, ServiceAtLeastMonths(6), 1, vec![LegalObligation]),
        ("general", 0, Service, 1, vec![Contract]),
        ("website", 0, Months(12), 1, vec![Contract]),
        ("antivirus", 5, Service, 2, vec![Contract]),
        ("rmm", 5, Service, 2, vec![Contract]),
        ("internet", 3, Service, 1, vec![Contract]),
        ("internet", 2, Service, 1, vec![Contract]),
        ("wifi", 3, Months(6), 2, vec![Contract]),
        ("wifi-public", 3, Months(6), 2, vec![Contract, PublicInterest]),
        ("voip", 3, Service, 2, vec![Contract]),
        ("voip", 0, Service, 2, vec![Contract]),
        ("microsoft-365", 0, Service, 2, vec![Contract]),
        ("password-manager", 0, Service, 2, vec![Contract]),
        ("backup", 0, Service, 2, vec![Contract]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(policy.recipients.len(), 12);
    assert_eq!(policy.protocol.len(), 5);
    assert_eq!(policy.controller.rights.len(), 6);
    let (_, internet) = policy.row("internet-line").unwrap();
    assert_eq!(
        internet.responsible.iter().collect::<Vec<_>>(),
        [&Responsible::Customer]
    );
    let wifi = policy.product(&"wifi".parse().unwrap()).unwrap();
    assert!(
        wifi.data
            .iter()
            .all(|row| row.source == Source::Site && !row.fields.contains(&Field::MacAddress))
    );
}

#[test]
fn mistakes_are_refused_with_what_to_mend() {
    let cases = [
        (
            TEXT.replace("id = \"rmm-device\"", "id = \"antivirus-device\""),
            "\"antivirus-device\" stands twice",
        ),
        (
            TEXT.replace("products = [\"backup\"]", "products = [\"backups\"]"),
            "the product \"backups\"",
        ),
        (TEXT.replace("2023-05-11", "2023-02-30"), "date of adoption"),
        (TEXT.replace("months = 12", "months = 0"), "term above zero"),
        (
            TEXT.replacen("source = \"agent\"", "source = \"elsewhere\"", 1),
            "must have fields exactly when",
        ),
        (
            TEXT.replacen("\"username\"]", "\"line_id\"]", 1),
            "asks the agent for line_id",
        ),
        (
            TEXT.replacen("\"username\"]", "\"serial_number\"]", 1),
            "serial_number",
        ),
        (TEXT.replacen("title =", "colour =", 1), "colour"),
    ];
    for (text, expected) in cases {
        let error: InvalidPolicy = Policy::parse(&text).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
}
