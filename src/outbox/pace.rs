//! Pure. How fast a channel may be used; limited by the crate `governor` with a virtual clock.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::Timestamp;

/// A larger burst would limit nothing.
const MOST_AT_ONCE: u32 = 1000;

/// The period in which Teams limits the posts of a connection.
const LIMITED: Duration = Duration::from_mins(5);
const JUST_LATER: Duration = Duration::from_secs(1);

/// How often a period fits into a time.
fn whole(time: Duration, period: Duration) -> u64 {
    let n = time.as_millis() / period.as_millis().max(1);
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// How many cards a channel accepts: a burst, then one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Cards that may be sent at once after a quiet period.
    pub burst: NonZeroU32,
    /// Time after which one more card may be sent.
    pub every: Duration,
    /// Number of nodes that use the same webhook; each takes its share of the pace.
    pub share: NonZeroU32,
}

impl Default for Pace {
    /// A burst of 4, then one each 15 s: 24 in any 300 s, one below what Teams allows for each
    /// connection of a flow (25 "Flow bot operations" in 300 s).
    fn default() -> Self {
        Self {
            burst: NonZeroU32::MIN.saturating_add(3),
            every: Duration::from_secs(15),
            share: NonZeroU32::MIN,
        }
    }
}

impl Pace {
    /// Number of cards that may be sent within this time, starting after a quiet period.
    pub(crate) fn within(self, time: Duration) -> usize {
        self.later(time).saturating_add(self.own_burst().get() as usize)
    }

    /// Number of further cards within this time, once the burst is used up.
    fn later(self, time: Duration) -> usize {
        usize::try_from(whole(time, self.own_period())).unwrap_or(usize::MAX)
    }

    /// One of this many equal parts of this pace.
    fn part_of(self, n: usize) -> Self {
        let n = u32::try_from(n).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        Self { share: self.share.saturating_mul(n), ..self }
    }

    fn own_burst(self) -> NonZeroU32 {
        let burst = (self.burst.get() / self.share).min(MOST_AT_ONCE);
        NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)
    }

    /// The time from one card of this node to its next.
    ///
    /// Each node needs a burst of one. If there are more nodes than cards in the burst, later cards
    /// are slowed down so much that all nodes together send no more than one node alone within
    /// `LIMITED`.
    pub(crate) fn own_period(self) -> Duration {
        let every = self.every.saturating_mul(self.share.get());
        let all = u64::from(self.burst.get()) + whole(LIMITED, self.every);
        let own = all / u64::from(self.share.get());
        let later = own.saturating_sub(u64::from(self.own_burst().get()));
        let slowest = LIMITED / u32::try_from(later + 1).unwrap_or(u32::MAX) + JUST_LATER;
        let is_divided = self.share.get() > self.burst.get();
        let every = if is_divided { every.max(slowest) } else { every };
        every.clamp(Duration::from_millis(1), Duration::from_hours(24))
    }

    fn quota(self) -> Quota {
        Quota::with_period(self.own_period())
            .expect("a period of at least 1 ms is not zero")
            .allow_burst(self.own_burst())
    }
}

/// Virtual time for governor: nanoseconds since 1970, set explicitly.
#[derive(Clone, Debug, Default)]
struct VirtualClock(Arc<AtomicU64>);

impl Clock for VirtualClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// The limiter of one channel.
#[derive(Debug)]
pub(crate) struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, VirtualClock, NoOpMiddleware<Duration>>,
    clock: VirtualClock,
    /// When the bucket is full again, in virtual time.
    full_at: Duration,
    /// Added to the machine's time, so that virtual time never goes back.
    ahead: Duration,
    pub(crate) pace: Pace,
}

impl Bucket {
    pub(crate) fn new(pace: Pace) -> Self {
        let clock = VirtualClock::default();
        let limiter = RateLimiter::direct_with_clock(pace.quota(), clock.clone());
        Self { limiter, clock, full_at: Duration::ZERO, ahead: Duration::ZERO, pace }
    }

    /// A new bucket for one of this many channels that share the pace.
    pub(crate) fn shared_by(&self, n: usize) -> Self {
        Self::new(self.pace.part_of(n))
    }

    /// Takes one send out of the bucket, or returns when the next is available.
    pub(crate) fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        self.turn_to(now);
        self.limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            now.saturating_add(wait).unwrap_or(Timestamp::MAX)
        })?;
        self.full_at = self.full_at.max(self.clock.now()) + self.pace.own_period();
        Ok(())
    }

    /// Number of cards that may be sent within this time from now.
    pub(crate) fn within(&self, now: Timestamp, time: Duration) -> usize {
        self.turn_to(now);
        let spent = self.full_at.saturating_sub(self.clock.now()).as_millis();
        let spent = spent.div_ceil(self.pace.own_period().as_millis());
        let left = u128::from(self.pace.own_burst().get()).saturating_sub(spent);
        usize::try_from(left).unwrap_or(usize::MAX).saturating_add(self.pace.later(time))
    }

    /// Empties the bucket: another sender used up the channel's limit.
    pub(crate) fn drain(&mut self, now: Timestamp) {
        while self.take(now).is_ok() {}
    }

    /// Compensates for a clock that was set back by this much.
    pub(crate) fn turn_back(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    fn turn_to(&self, now: Timestamp) {
        let since_1970 = Duration::try_from(now.duration_since(Timestamp::UNIX_EPOCH));
        let nanos = since_1970.unwrap_or_default().saturating_add(self.ahead).as_nanos();
        self.clock.0.store(u64::try_from(nanos).unwrap_or(u64::MAX / 2), Ordering::Relaxed);
    }
}
