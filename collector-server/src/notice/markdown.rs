//! A text as Markdown (CommonMark with tables).

use super::document::{Block, Document, Table};

/// What has a meaning of its own somewhere in Markdown.
const SPECIAL: &str = "\\`*_{}[]<>#|!&~$";

/// Writes a text down. What stands in the policy stays text, whatever it looks like.
pub(crate) fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n\n{}\n", line(&document.title), line(&document.subtitle));
    for block in &document.blocks {
        text.push('\n');
        match block {
            Block::Heading(heading) => text.push_str(&format!("## {}\n", line(heading))),
            Block::Subheading(heading) => text.push_str(&format!("### {}\n", line(heading))),
            Block::Paragraph(paragraph) => text.push_str(&format!("{}\n", line(paragraph))),
            Block::List(items) => {
                for item in items {
                    text.push_str(&format!("- {}\n", line(item)));
                }
            }
            Block::Table(table) => text.push_str(&rows(table)),
        }
    }
    text
}

fn rows(table: &Table) -> String {
    let row = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = vec!["---"; table.columns.len()].join("|");
    let mut text = format!("{}|{rule}|\n", row(&table.columns));
    text.extend(table.rows.iter().map(|cells| row(cells)));
    text
}

/// Text that begins a line, where a hyphen or a number could begin a list.
fn line(text: &str) -> String {
    let mut escaped = escaped(text);
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    match escaped.as_bytes().get(digits) {
        Some(b'-' | b'+' | b'=') if digits == 0 => escaped.insert(0, '\\'),
        Some(b'.' | b')') if digits > 0 => escaped.insert(digits, '\\'),
        _ => {}
    }
    escaped
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for character in word.chars() {
            if SPECIAL.contains(character) {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
    // Some readers make a link of every address.
    escaped.replace("://", "\\://")
}
