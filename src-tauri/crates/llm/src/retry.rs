//! When a request is repeated: a pure rule, randomness passed in.
//!
//! Only before the first token and only where [`Failure::may_retry`] allows it; half an answer is never replayed. The
//! waits grow exponentially with "equal jitter" (half fixed, half random; Brooker, "Exponential Backoff And Jitter",
//! AWS Architecture Blog 2015), so that several windows do not knock in step.

use std::time::Duration;

use crate::Failure;

/// How often and how patiently a request is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a request is sent at most; 1 means never repeated.
    pub attempts: u32,
    /// The first wait.
    pub base: Duration,
    /// The longest wait of our own.
    pub cap: Duration,
    /// The longest wait that a server may ask for with `Retry-After`; where it asks for more, the failure is reported
    /// at once, with the time in it.
    pub patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(300),
            cap: Duration::from_secs(4),
            patience: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    /// Never repeats.
    pub const NEVER: Self = Self { attempts: 1, base: Duration::ZERO, cap: Duration::ZERO, patience: Duration::ZERO };

    /// How long to wait before sending again, after the `attempt`-th (from 1) has failed; `None` where the failure is
    /// final. `jitter` is in 0..1.
    pub fn wait(&self, attempt: u32, failure: &Failure, jitter: f64) -> Option<Duration> {
        if attempt >= self.attempts || !failure.may_retry() {
            return None;
        }
        let own = jittered(backoff(self.base, self.cap, attempt), jitter);
        match failure.retry_after {
            // Never earlier than asked; a little later, so that not all come at the same moment.
            Some(asked) if asked <= self.patience => Some(asked + jittered(self.base, jitter).min(own)),
            Some(_) => None,
            None => Some(own),
        }
    }
}

/// The `step`-th wait (from 1) of an exponential row.
pub(crate) fn backoff(base: Duration, cap: Duration, step: u32) -> Duration {
    base.saturating_mul(1 << step.saturating_sub(1).min(20)).min(cap)
}

/// A wait between half of `wait` and `wait`.
pub(crate) fn jittered(wait: Duration, jitter: f64) -> Duration {
    wait.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use capibara6_protocol::ErrorCode;

    use super::*;

    fn failure(code: ErrorCode, status: Option<u16>, retry_after: Option<u64>) -> Failure {
        Failure { status, retry_after: retry_after.map(Duration::from_millis), ..Failure::new(code, "") }
    }

    #[test]
    fn waits_grow_up_to_the_cap_and_stop() {
        let policy = RetryPolicy { attempts: 5, ..RetryPolicy::default() };
        let refused = failure(ErrorCode::Refused, None, None);
        let waits =
            |jitter| (1..=5).map(|n| policy.wait(n, &refused, jitter).map(|w| w.as_millis())).collect::<Vec<_>>();
        assert_eq!(waits(1.0), [Some(300), Some(600), Some(1200), Some(2400), None]);
        assert_eq!(waits(0.0), [Some(150), Some(300), Some(600), Some(1200), None]);
        assert_eq!(backoff(policy.base, policy.cap, u32::MAX), policy.cap);
    }

    #[test]
    fn a_server_that_says_when_is_obeyed_up_to_the_patience() {
        let policy = RetryPolicy::default();
        let limited = |ms| failure(ErrorCode::RateLimited, Some(429), Some(ms));
        assert_eq!(policy.wait(1, &limited(2000), 0.0), Some(Duration::from_millis(2150)));
        assert_eq!(policy.wait(1, &limited(10_000), 1.0), Some(Duration::from_millis(10_300)));
        assert_eq!(policy.wait(1, &limited(10_001), 1.0), None);
    }

    #[test]
    fn only_some_classes_are_repeated() {
        use ErrorCode::*;
        let all = [
            Unreachable,
            Refused,
            TimeoutConnect,
            TimeoutFirstToken,
            TimeoutIdle,
            Tls,
            Unauthorised,
            RateLimited,
            ModelNotFound,
            ContextTooLong,
            BadRequest,
            Overloaded,
            Server,
            Truncated,
            Malformed,
            Simulated,
            Cancelled,
        ];
        let repeated: Vec<_> = all.into_iter().filter(|code| failure(*code, None, None).may_retry()).collect();
        assert_eq!(repeated, [Unreachable, Refused, RateLimited, Overloaded, Truncated]);
        let statuses: Vec<_> =
            [500, 501, 502, 503, 504].into_iter().filter(|s| failure(Server, Some(*s), None).may_retry()).collect();
        assert_eq!(statuses, [502, 504]);
    }
}
