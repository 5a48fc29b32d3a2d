//! Lengths of time as people write them: `30s`, `10m`, `12h`, `7d`.

use std::str::FromStr;
use std::time::Duration;

/// A length of time above zero, at most a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(Duration);

/// A text that is not a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a length of time such as 30s, 10m, 12h or 7d")]
pub struct InvalidLength;

impl Length {
    /// As the standard library has it.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// In whole seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX)
    }
}

impl FromStr for Length {
    type Err = InvalidLength;

    fn from_str(text: &str) -> Result<Self, InvalidLength> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidLength)?;
        let (number, unit) = text.split_at(unit_at);
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(InvalidLength),
        };
        let seconds = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(unit));
        seconds
            .filter(|seconds| (1..=366 * 86_400).contains(seconds))
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .ok_or(InvalidLength)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_with_their_unit() {
        let seconds = |text: &str| text.parse().map(Length::seconds);
        assert_eq!(seconds("30s"), Ok(30));
        assert_eq!(seconds("10m"), Ok(600));
        assert_eq!(seconds("7d"), Ok(604_800));
        for text in [
            "",
            "s",
            "10",
            "0s",
            "-1s",
            "1w",
            "1 h",
            "367d",
            "99999999999999999999d",
        ] {
            assert_eq!(seconds(text), Err(InvalidLength), "{text}");
        }
    }
}
