//! So many of a hundred, spread evenly and the same in every run.

/// Says of one thing after the other whether it belongs to the share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    percent: u8,
    due: u8,
}

impl Share {
    /// Of a hundred.
    pub(super) const fn of(percent: u8) -> Self {
        Self { percent, due: 0 }
    }

    /// Whether the next one belongs to it.
    pub(super) const fn takes_next(&mut self) -> bool {
        self.due += self.percent;
        let takes = self.due >= 100;
        if takes {
            self.due -= 100;
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_in_a_row_hold_the_share() {
        for percent in [0, 1, 33, 50, 99, 100] {
            let mut share = Share::of(percent);
            let taken = (0..100).filter(|_| share.takes_next()).count();
            assert_eq!(taken, usize::from(percent));
        }
        let mut half = Share::of(50);
        let first: Vec<bool> = (0..4).map(|_| half.takes_next()).collect();
        assert_eq!(first, [false, true, false, true]);
    }
}
