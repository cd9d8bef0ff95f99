//! Which backups are no longer wanted. Pure: it is told the time, and takes the order in which backups were made from their
//! numbers, because a clock can be set back.

use std::collections::BTreeSet;

use capibara6_protocol::{BackupEntry, BackupId, BackupReason, BackupState, Retention};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const MIB: u64 = 1024 * 1024;

/// Whether a daily backup is due: none that can be relied on was made in the day before `now`. One that seems to come from the
/// future was made while the clock was wrong; it does not count.
pub(crate) fn is_due(entries: &[BackupEntry], now: i64) -> bool {
    !entries.iter().any(|entry| {
        entry.state == BackupState::Good && entry.created_at <= now && entry.created_at > now.saturating_sub(DAY_MS)
    })
}

/// The backups to remove, of `entries` in the order in which they were made, the newest first. Never the newest good one,
/// never one that somebody asked for, and never one that a newer program made.
pub(crate) fn expired(entries: &[BackupEntry], retention: &Retention) -> Vec<BackupId> {
    let newest_good = entries.iter().find(|entry| entry.state == BackupState::Good).map(|entry| &entry.id);
    let Some(newest_good) = newest_good else {
        // Nothing here can be relied on: something of it may still be salvaged.
        return Vec::new();
    };
    let (mut days, mut weeks, mut occasions) = (BTreeSet::new(), BTreeSet::new(), 0);
    let mut bytes = 0;
    let mut expired = Vec::new();
    for entry in entries {
        let kept = match (entry.state, entry.reason) {
            (BackupState::Newer, _) | (_, BackupReason::Manual) => true,
            // Good ones are at hand, so there is nothing to be found in this one.
            (BackupState::Damaged, _) => false,
            (BackupState::Good, BackupReason::Daily) => {
                let (day, week) = (entry.created_at.div_euclid(DAY_MS), entry.created_at.div_euclid(7 * DAY_MS));
                takes(&mut days, day, retention.daily) | takes(&mut weeks, week, retention.weekly)
            }
            (
                BackupState::Good,
                BackupReason::BeforeMigration | BackupReason::BeforeRestore | BackupReason::Encryption,
            ) => {
                occasions += 1;
                occasions <= retention.occasional
            }
        };
        let is_kept_anyway = &entry.id == newest_good || entry.reason == BackupReason::Manual;
        let fits = retention.limit_mib == 0 || bytes + entry.bytes <= u64::from(retention.limit_mib) * MIB;
        if is_kept_anyway || (kept && (fits || entry.state == BackupState::Newer)) {
            bytes += entry.bytes;
        } else {
            expired.push(entry.id.clone());
        }
    }
    expired
}

/// Whether this is the newest of a day (or week) that is still among the `count` newest ones.
fn takes(seen: &mut BTreeSet<i64>, span: i64, count: u32) -> bool {
    seen.len() < count as usize && seen.insert(span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(n: usize, reason: BackupReason, state: BackupState, created_at: i64) -> BackupEntry {
        BackupEntry {
            id: BackupId(n.to_string()),
            created_at,
            bytes: MIB,
            reason,
            state,
            conversations: 0,
            messages: 0,
            newest_at: None,
            verified_at: None,
        }
    }

    fn retention() -> Retention {
        Retention { daily: 3, weekly: 2, occasional: 1, limit_mib: 0 }
    }

    /// Days before day 20000 on which a daily backup is kept, where one was made every day.
    fn kept_days(retention: &Retention) -> Vec<i64> {
        let daily = |n| entry(n, BackupReason::Daily, BackupState::Good, (20_000 - n as i64) * DAY_MS + 5);
        let entries: Vec<_> = (0..60).map(daily).collect();
        let expired = expired(&entries, retention);
        (0..60).filter(|n| !expired.contains(&BackupId(n.to_string()))).map(|n| n as i64).collect()
    }

    #[test]
    fn the_newest_of_each_day_and_week_is_kept() {
        // Day 20000 is the second of its week, which began with day 19999.
        assert_eq!(kept_days(&retention()), [0, 1, 2]);
        assert_eq!(kept_days(&Retention { weekly: 4, ..retention() }), [0, 1, 2, 9, 16]);
        assert_eq!(kept_days(&Retention { daily: 0, weekly: 0, ..retention() }), [0], "the newest good one");
        assert_eq!(kept_days(&Retention { daily: 9, limit_mib: 4, ..retention() }), [0, 1, 2, 3]);
    }

    #[test]
    fn what_somebody_asked_for_and_what_a_newer_program_made_is_kept() {
        use BackupReason::{BeforeMigration, BeforeRestore, Daily, Manual};
        use BackupState::{Damaged, Good, Newer};
        let entries = [
            entry(0, Daily, Damaged, 9),
            entry(1, BeforeRestore, Good, 8),
            entry(2, Manual, Good, 7),
            entry(3, BeforeMigration, Good, 6),
            entry(4, Daily, Newer, 5),
            entry(5, Manual, Damaged, 4),
        ];
        assert_eq!(expired(&entries, &retention()), [BackupId("0".into()), BackupId("3".into())]);
        assert_eq!(expired(&entries[..1], &retention()), [], "with no good one at hand nothing is removed");
    }

    #[test]
    fn a_clock_that_was_wrong_puts_nothing_off() {
        let good = |created_at| entry(0, BackupReason::Daily, BackupState::Good, created_at);
        assert!(is_due(&[], 0));
        assert!(!is_due(&[good(99 * DAY_MS)], 99 * DAY_MS + 1));
        assert!(is_due(&[good(99 * DAY_MS)], 100 * DAY_MS), "a day later");
        assert!(is_due(&[good(99 * DAY_MS)], 5 * DAY_MS), "the clock was set back");
        assert!(is_due(&[entry(0, BackupReason::Daily, BackupState::Damaged, 5)], 6));
    }

    proptest! {
        #[test]
        fn the_newest_good_one_is_never_removed(
            made in prop::collection::vec((0_u8..5, 0_u8..3, 0_i64..40 * DAY_MS), 1..40),
            daily in 0_u32..4, weekly in 0_u32..3, occasional in 0_u32..3, limit_mib in 0_u32..9,
        ) {
            let entries: Vec<_> = made.into_iter().enumerate().map(|(n, (reason, state, at))| {
                let reason = [BackupReason::Daily, BackupReason::BeforeMigration, BackupReason::Manual, BackupReason::BeforeRestore,
                    BackupReason::Encryption][usize::from(reason)];
                entry(n, reason, [BackupState::Good, BackupState::Damaged, BackupState::Newer][usize::from(state)], at)
            }).collect();
            let gone = expired(&entries, &Retention { daily, weekly, occasional, limit_mib });
            if let Some(newest) = entries.iter().find(|entry| entry.state == BackupState::Good) {
                prop_assert!(!gone.contains(&newest.id));
            } else {
                prop_assert!(gone.is_empty());
            }
            let manual = |entry: &&BackupEntry| entry.reason == BackupReason::Manual;
            prop_assert!(entries.iter().filter(manual).all(|entry| !gone.contains(&entry.id)));
            // Removing what has expired makes nothing else expire.
            let left: Vec<_> = entries.into_iter().filter(|entry| !gone.contains(&entry.id)).collect();
            prop_assert_eq!(expired(&left, &Retention { daily, weekly, occasional, limit_mib }), Vec::new());
        }
    }
}
