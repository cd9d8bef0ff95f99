//! Everything random in a run comes from its seed, so that a run can be worked out again.
//!
//! SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): one addition and
//! a mixing function. It is no cipher; where a candidate must not be able to guess (delimiters), the run's random id is
//! mixed in as well.

use capibara6_protocol::ConsensusId;

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// The numbers of one run for one purpose.
    pub(crate) fn of(run: ConsensusId, seed: u32, purpose: u64) -> Self {
        let (high, low) = run.0.as_u64_pair();
        let mut numbers = Self(u64::from(seed) ^ purpose.rotate_left(32));
        for part in [high, low] {
            numbers.0 = numbers.next() ^ part;
        }
        numbers
    }

    /// The numbers that depend on the seed alone.
    pub(crate) fn of_seed(seed: u32) -> Self {
        Self(u64::from(seed))
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which must not be 0. Its bias (below 2^-60 for a handful) matters to nobody here.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Puts items into a random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// 128 bits as 32 hexadecimal digits.
    pub(crate) fn nonce(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        // The reference implementation's first numbers for the seed 1234567.
        let mut numbers = Numbers::of_seed(1_234_567);
        assert_eq!([numbers.next(), numbers.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn purposes_and_runs_have_numbers_of_their_own() {
        let run = |n: u128| ConsensusId(uuid::Uuid::from_u128(n));
        let first = |run, seed, purpose| Numbers::of(run, seed, purpose).next();
        let all = [first(run(1), 7, 0), first(run(1), 7, 1), first(run(1), 8, 0), first(run(2), 7, 0)];
        assert!(all.iter().enumerate().all(|(n, each)| !all[..n].contains(each)), "{all:?}");
        assert_eq!(first(run(1), 7, 0), first(run(1), 7, 0));
    }
}
