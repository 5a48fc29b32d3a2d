//! What passed and what did not, counted, on standard error.

use std::io::Write;

use serde_json::json;

use crate::sieve::{Account, Verdict};

pub(super) fn tell(account: &Account, json: bool) {
    let text = if json {
        format!("{}\n", as_json(account))
    } else {
        as_text(account)
    };
    drop(std::io::stderr().write_all(text.as_bytes()));
}

fn as_text(account: &Account) -> String {
    let mut text = format!(
        "zeef-agent: {} records read, {} passed, {} without a documented field, {} refused\n",
        account.read,
        account.passed,
        account.empty,
        account.refusals()
    );
    for (subject, verdict, count) in account.values() {
        let subject = subject.to_string();
        let reason = match verdict {
            Verdict::Dropped(reason) => format!(": {reason}"),
            _ => String::new(),
        };
        text.push_str(&format!("  {subject:<12}  {count:>10}  {verdict}{reason}\n"));
    }
    for (refusal, count) in account.refused() {
        text.push_str(&format!("  {:<12}  {count:>10}  refused: {refusal}\n", "record"));
    }
    text
}

fn as_json(account: &Account) -> serde_json::Value {
    let values: Vec<_> = account
        .values()
        .into_iter()
        .map(|(subject, verdict, count)| {
            let reason = match verdict {
                Verdict::Dropped(reason) => Some(reason),
                _ => None,
            };
            json!({ "field": subject, "verdict": verdict, "reason": reason, "count": count })
        })
        .collect();
    let refused: Vec<_> = account
        .refused()
        .map(|(refusal, count)| json!({ "reason": refusal, "count": count }))
        .collect();
    json!({
        "read": account.read,
        "passed": account.passed,
        "empty": account.empty,
        "refused": refused,
        "values": values,
    })
}
