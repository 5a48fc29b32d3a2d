//! What was not as it should be.

use super::tally::Counts;

/// What should not be, for a run of that mode with so many clones.
pub(super) fn troubles(counts: &Counts, is_storm: bool, clones: u32) -> Vec<String> {
    let let_in: u64 = counts.bad_clients.values().map(|met| met.let_in).sum();
    let mut troubles = Vec::new();
    let mut trouble = |is: bool, what: String| {
        if is {
            troubles.push(what);
        }
    };
    trouble(
        counts.lost > 0,
        format!(
            "{} acknowledged reports are not known to the collector any more; was an older database put back?",
            counts.lost
        ),
    );
    trouble(
        counts.refused > 0,
        format!(
            "{} reports or new devices were refused for good; the failures say why",
            counts.refused
        ),
    );
    trouble(
        counts.forks != u64::from(clones),
        format!(
            "{} copies were noticed where there were {clones}; do two fleets share an identity, or did the run end too \
             early?",
            counts.forks
        ),
    );
    trouble(
        let_in > 0,
        format!("{let_in} requests were let in that must be refused; look at the bad clients"),
    );
    trouble(
        is_storm && counts.unfinished > 0,
        format!(
            "{} reports were not acknowledged before the end; give the storm more time, or the collector more room",
            counts.unfinished
        ),
    );
    troubles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::bad::BadClient;

    #[test]
    fn a_run_in_which_all_went_well_has_no_trouble_and_each_mishap_is_one() {
        let well = Counts {
            acknowledged: 10,
            forks: 2,
            ..Counts::default()
        };
        assert!(troubles(&well, true, 2).is_empty());
        let count = |change: fn(&mut Counts), is_storm| {
            let mut counts = well.clone();
            change(&mut counts);
            troubles(&counts, is_storm, 2).len()
        };
        assert_eq!(count(|counts| counts.lost = 1, false), 1);
        assert_eq!(count(|counts| counts.refused = 1, false), 1);
        assert_eq!(count(|counts| counts.forks = 3, false), 1);
        assert_eq!(count(|counts| counts.forks = 1, false), 1);
        assert_eq!(count(|counts| counts.unfinished = 1, true), 1);
        let in_hand = |counts: &mut Counts| counts.unfinished = 1;
        assert_eq!(count(in_hand, false), 0, "a steady run ends in the middle");
        let let_in = |counts: &mut Counts| {
            let met = counts.bad_clients.entry(BadClient::Oversize).or_default();
            met.let_in = 1;
        };
        assert_eq!(count(let_in, false), 1);
    }
}
