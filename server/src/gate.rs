//! How often somebody may call, kept in memory.

use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;
use crate::problem::{Code, Problem, Result};

/// Callers that are remembered at once; addresses beyond that share one allowance.
const MOST: usize = 100_000;
/// So often those are forgotten that have not called for a while.
const TIDY: usize = 1024;

/// The allowances of everybody.
pub struct Gates {
    calls: Gate<i64>,
    polls: Gate<i64>,
    strangers: Gate<IpAddr>,
}

impl Gates {
    pub fn new(limits: &Limits) -> Self {
        // Somebody may ask once a second for each job that may be open.
        let polls = limits.calls_per_second.max(limits.open_jobs);
        Self {
            calls: Gate::new(Quota::per_second(count(limits.calls_per_second))),
            polls: Gate::new(Quota::per_second(count(polls))),
            strangers: Gate::new(Quota::per_minute(count(limits.strangers_per_minute))),
        }
    }

    /// A call of an account; 1005 when there were too many.
    pub fn call(&self, uid: i64) -> Result<()> {
        self.calls.pass(uid)
    }

    /// A question of an account how far a job is.
    pub fn poll(&self, uid: i64) -> Result<()> {
        self.polls.pass(uid)
    }

    /// A call without a valid account, from an address if it is known.
    pub fn stranger(&self, from: Option<IpAddr>) -> Result<()> {
        let from = from.map_or(NOBODY, network);
        let known = self.strangers.limiter.len() < MOST;
        self.strangers.pass(if known { from } else { NOBODY })
    }
}

const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A host has a whole /64 of IPv6 to call from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

struct Gate<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    passed: AtomicUsize,
}

impl<K: Clone + Eq + Hash> Gate<K> {
    fn new(quota: Quota) -> Self {
        Self {
            limiter: RateLimiter::dashmap(quota),
            passed: AtomicUsize::new(0),
        }
    }

    fn pass(&self, who: K) -> Result<()> {
        if self.passed.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(&who).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            let mut problem = Problem::new(
                Code::TooFrequent,
                "operation too frequent: wait as long as the header Retry-After says",
            );
            problem.retry_after = Some(wait);
            problem
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates() -> Gates {
        Gates::new(&Limits {
            calls_per_second: 2,
            open_jobs: 5,
            strangers_per_minute: 2,
            ..Limits::default()
        })
    }

    fn passing(n: usize, mut pass: impl FnMut() -> Result<()>) -> usize {
        (0..n).filter(|_| pass().is_ok()).count()
    }

    #[test]
    fn each_account_has_its_own_allowance() {
        let gates = gates();
        assert_eq!(passing(10, || gates.call(1)), 2);
        assert_eq!(passing(10, || gates.call(2)), 2);
    }

    #[test]
    fn every_open_job_can_be_asked_for() {
        let gates = gates();
        assert_eq!(passing(10, || gates.poll(1)), 5);
    }

    #[test]
    fn an_address_is_a_whole_ipv6_network() {
        let gates = gates();
        let from = |text: &str| Some(text.parse().unwrap());
        assert_eq!(passing(1, || gates.stranger(from("2001:db8::1"))), 1);
        assert_eq!(passing(10, || gates.stranger(from("2001:db8::2"))), 1);
        assert_eq!(passing(10, || gates.stranger(from("2001:db8:0:1::1"))), 2);
        assert_eq!(passing(10, || gates.stranger(from("192.0.2.1"))), 2);
    }

    #[test]
    fn a_refusal_says_how_long_to_wait() {
        let gates = gates();
        let refused = (0..3).find_map(|_| gates.stranger(None).err()).unwrap();
        assert_eq!(refused.code, Code::TooFrequent);
        let wait = refused.retry_after.unwrap().as_secs();
        assert!((20..=30).contains(&wait), "{wait}");
    }
}
