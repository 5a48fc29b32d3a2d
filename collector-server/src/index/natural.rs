//! Names in the order in which people count: `lap-2` before `lap-17`.

/// The sort key of a text in its matching form: compared byte by byte, it puts numbers in order of size.
///
/// Each run of digits becomes a zero, its length without leading zeros, and its digits; so a longer number is a
/// larger one, and digits still come before letters.
#[must_use]
pub(super) fn key(text: &str) -> Box<[u8]> {
    let bytes = text.as_bytes();
    let mut key = Vec::with_capacity(bytes.len() + 4);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if !byte.is_ascii_digit() {
            key.push(*byte);
            at += 1;
            continue;
        }
        let run = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let digits = &bytes[at..at + run];
        let zeros = digits.iter().take_while(|b| **b == b'0').count().min(run - 1);
        let digits = &digits[zeros..];
        key.push(b'0');
        key.push(u8::try_from(digits.len()).unwrap_or(u8::MAX));
        key.extend_from_slice(digits);
        at += run;
    }
    key.into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn numbers_sort_by_size_and_before_letters() {
        let sorted = [
            "1", "2", "17", "lap", "lap-1", "lap-2", "lap-02b", "lap-10", "lap-17", "lap-a", "werk1",
            "werk10a", "werk10b",
        ];
        for pair in sorted.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{} before {}", pair[0], pair[1]);
        }
        assert_eq!(key("pc-007"), key("pc-7"));
        assert_ne!(key("pc-0"), key("pc-"));
    }
}
