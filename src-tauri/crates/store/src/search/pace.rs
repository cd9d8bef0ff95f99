//! How much one step of the index takes on: as much as fits into the time for which it may hold the writer. Measured with
//! every step, because disks and other programs differ more than anything that could be written down here.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// For how long a step may hold the writer: text that streams in waits behind one step, and is promised to be on disk within
/// 250 ms.
pub(super) const HELD: Duration = Duration::from_millis(20);

/// How many messages or titles one step takes on at least and at most.
const ITEMS: (u32, u32) = (8, 400);

/// How many pages of the index one step of joining its parts writes at least and at most.
const PAGES: (u32, u32) = (8, 400);

/// How many terms of a long message come into the index in one step. 20 ms are some 6,000 (release build, 2 cores).
const ENTERING: (u32, u32) = (2_000, 12_000);

/// How many terms leave the index in one step. Each is looked for in every part of the index, and its page written anew: that
/// takes 20 to 80 µs.
const LEAVING: (u32, u32) = (100, 1_000);

/// How much a step can do without holding the writer for longer than [`HELD`].
#[derive(Debug)]
pub(crate) struct Pace {
    pub(super) items: Measure,
    pub(super) pages: Measure,
    pub(super) entering: Measure,
    pub(super) leaving: Measure,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            items: Measure::new(64, ITEMS),
            pages: Measure::new(64, PAGES),
            entering: Measure::new(2_000, ENTERING),
            leaving: Measure::new(200, LEAVING),
        }
    }
}

/// An amount of work that is made to fit.
#[derive(Debug)]
pub(super) struct Measure {
    now: AtomicU32,
    least: u32,
    most: u32,
}

impl Measure {
    const fn new(now: u32, (least, most): (u32, u32)) -> Self {
        Self { now: AtomicU32::new(now), least, most }
    }

    pub(super) fn get(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// Learns that `amount` took so long. Less than was asked for tells only what is too much.
    pub(super) fn learn(&self, amount: u32, took: Duration) {
        let next = if took > HELD {
            amount.saturating_mul(u32::try_from(HELD.as_micros()).unwrap_or(u32::MAX))
                / u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
        } else if took < HELD / 2 && amount >= self.get() {
            amount + amount / 4 + 1
        } else {
            return;
        };
        self.now.store(next.clamp(self.least, self.most), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_made_to_fit_what_was_measured() {
        let after = |asked, amount, milliseconds| {
            let measure = Measure::new(asked, (8, 400));
            measure.learn(amount, Duration::from_millis(milliseconds));
            measure.get()
        };
        assert_eq!(after(100, 100, 40), 50, "twice too long: half as much");
        assert_eq!(after(100, 100, 1200), 8, "never less than the least");
        assert_eq!(after(100, 100, 15), 100, "as long as it may be");
        assert_eq!(after(100, 100, 1), 126, "a quarter more at a time");
        assert_eq!(after(390, 390, 1), 400, "never more than the most");
        assert_eq!(after(100, 50, 1), 100, "less than was asked for says nothing");
        assert_eq!(after(100, 50, 40), 25, "unless it took too long");
    }
}
