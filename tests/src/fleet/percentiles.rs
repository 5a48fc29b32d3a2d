//! Exact percentiles over everything that was measured.

use serde::Serialize;

/// In milliseconds, by nearest rank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half were at most this.
    pub p50: f64,
    /// Nine of ten were.
    pub p90: f64,
    /// 99 of a hundred were.
    pub p99: f64,
    /// All were.
    pub max: f64,
}

impl Percentiles {
    /// Of times in microseconds; `None` where there are none.
    #[must_use]
    pub fn of(mut micros: Vec<u32>) -> Option<Self> {
        micros.sort_unstable();
        let at = |percent: usize| {
            let rank = (micros.len() * percent).div_ceil(100);
            micros
                .get(rank.saturating_sub(1))
                .map(|time| f64::from(*time) / 1_000.0)
        };
        Some(Self {
            p50: at(50)?,
            p90: at(90)?,
            p99: at(99)?,
            max: at(100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        assert_eq!(Percentiles::of(vec![]), None);
        let all = |time| Percentiles {
            p50: time,
            p90: time,
            p99: time,
            max: time,
        };
        assert_eq!(Percentiles::of(vec![7_000]), Some(all(7.0)));
        let hundred = (1..=100).rev().map(|milli| milli * 1_000).collect();
        let expected = Percentiles {
            p50: 50.0,
            p90: 90.0,
            p99: 99.0,
            max: 100.0,
        };
        assert_eq!(Percentiles::of(hundred), Some(expected));
    }
}
