//! I/O. The setup of a channel with threads; its keys are those of a Teams channel.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::channels::flow::FlowSender;
use crate::channels::{Error, Sender, Timeouts};
use crate::config::{Connection, Webhook};
use crate::outbox::Pace;

/// A flow answers when the message is in Teams, and within 120 s at the latest.
const LONGEST_ANSWER: Duration = Duration::from_secs(125);
/// Teams takes this many posts, replies and updates of one connection within `LIMITED`.
const MOST: u32 = 25;
const LIMITED: Duration = Duration::from_mins(5);

/// Opens a flow.
pub fn open(
    webhook: &Webhook,
    connection: &Connection,
    next: Option<Webhook>,
) -> Result<FlowSender, Error> {
    let timeouts = Timeouts { total: LONGEST_ANSWER, ..Timeouts::default() };
    Ok(FlowSender::new(Sender::new(webhook.clone(), connection, timeouts)?.then(next)))
}

/// The pace as it is configured, but never more than Teams takes: every message of a thread counts.
pub fn pace(wanted: Pace) -> Pace {
    let burst = wanted.burst.get().min(MOST - 1);
    // The messages after the burst within that time.
    let slowest = LIMITED / (MOST - burst);
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    Pace { burst, every: wanted.every.max(slowest), ..wanted }
}
