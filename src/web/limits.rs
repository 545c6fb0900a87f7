//! Pure. How many requests one address may send.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use jiff::SignedDuration;

use crate::clock::Timestamp;

const WINDOW: SignedDuration = SignedDuration::from_mins(1);
/// The most addresses that are remembered. Beyond it, those whose minute is over are forgotten, then
/// all: a limit that forgets is better than memory that grows.
const MOST: usize = 10_000;

/// A number of requests in a minute for each address.
#[derive(Debug)]
pub(crate) struct RateLimit {
    most: u32,
    /// When the minute of an address began, and its requests since.
    known: HashMap<IpAddr, (Timestamp, u32)>,
}

impl RateLimit {
    pub(crate) fn new(most: u32) -> Self {
        Self { most, known: HashMap::new() }
    }

    /// Counts a request; returns whether it is within the limit.
    pub(crate) fn takes(&mut self, now: Timestamp, address: IpAddr) -> bool {
        if self.known.len() >= MOST {
            self.known.retain(|_, (began, _)| is_running(*began, now));
            if self.known.len() >= MOST {
                self.known.clear();
            }
        }
        let (began, n) = self.known.entry(network(address)).or_insert((now, 0));
        if !is_running(*began, now) {
            (*began, *n) = (now, 0);
        }
        *n = n.saturating_add(1);
        *n <= self.most
    }
}

fn is_running(began: Timestamp, now: Timestamp) -> bool {
    now.duration_since(began).abs() < WINDOW
}

/// A machine has a whole network of IPv6 addresses, which counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests;
