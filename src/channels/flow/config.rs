//! I/O. The setup of a channel with threads; its keys are those of a Teams channel.

use std::time::Duration;

use crate::channels::flow::FlowSender;
use crate::channels::{Error, Sender, Timeouts};
use crate::config::{Connection, Webhook};

/// A flow answers when the message is in Teams, and within 120 s at the latest.
const LONGEST_ANSWER: Duration = Duration::from_secs(125);

/// Opens a flow.
pub fn open(
    webhook: &Webhook,
    connection: &Connection,
    next: Option<Webhook>,
) -> Result<FlowSender, Error> {
    let timeouts = Timeouts { total: LONGEST_ANSWER, ..Timeouts::default() };
    Ok(FlowSender::new(Sender::new(webhook.clone(), connection, timeouts)?.then(next)))
}
