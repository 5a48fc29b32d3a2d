//! The whole ledger as JSON lines, for programs that check it without this one: an entry each, and the head.

use data_encoding::HEXLOWER;
use serde_json::json;

use super::super::Context;
use super::super::failure::Failure;
use super::super::output::print;
use crate::ledger::SignedHead;

/// Entries read at a time.
const PAGE: usize = 1_000;

pub(super) async fn run(context: &Context, newest: &SignedHead) -> Result<(), Failure> {
    let mut next = 0;
    while next < newest.head.size {
        let page = context.store.ledger_from(next, PAGE).await?;
        let mut lines = String::new();
        for stored in page.iter().take_while(|stored| stored.index < newest.head.size) {
            let line = json!({ "index": stored.index, "entry": hex(&stored.bytes) });
            lines.push_str(&format!("{line}\n"));
        }
        print(&lines)?;
        // Where entries are missing the head tells it to whoever checks.
        let Some(last) = page.last() else { break };
        next = last.index + 1;
    }
    print(&format!("{}\n", json!({ "head": newest })))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}
