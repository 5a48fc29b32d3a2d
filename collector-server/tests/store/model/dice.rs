//! Chance that a seed decides (SplitMix64), so that what failed can be run again.

pub(super) struct Dice(u64);

impl Dice {
    /// The dice of one stream of a seed.
    pub(super) fn of(seed: u64, stream: u64) -> Self {
        let mut seeded = Self(seed);
        Self(seeded.roll() ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to just below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap()
    }

    /// From `least` to `most`.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.roll() % u64::try_from(most - least + 1).unwrap()).unwrap()
    }

    pub(super) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
