//! Figures as Markdown tables.

/// Prints a heading and a table.
pub(crate) fn print(heading: &str, columns: &[&str], rows: &[Vec<String>]) {
    println!("\n### {heading}\n");
    println!("| {} |", columns.join(" | "));
    println!("|{}", "---|".repeat(columns.len()));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Tells on stderr what is being measured, so that nothing seems to hang.
pub(crate) fn progress(what: &str) {
    eprintln!("bench: {what}");
}
