//! I/O. Heartbeats to a dead man's switch, sent only while everything works.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::agent::pulse::{Pulse, Works};
use crate::channels::ping::Ping;
use crate::clock;
use crate::config::PingUrl;

/// How often to check whether everything works again after something failed.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Until then, the agent is starting, and a part that does not work yet is not logged.
const STARTING: SignedDuration = SignedDuration::from_mins(1);

/// Where heartbeats go, and how often.
pub(crate) struct HeartbeatPing {
    pub url: PingUrl,
    pub every: Duration,
    pub pulse: Arc<Pulse>,
}

/// What was logged last: each condition is logged once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LastLogged {
    Sent,
    Failed,
    HeldBack(Works),
}

/// Sends until `stop`.
pub(crate) async fn run(heartbeat: Option<HeartbeatPing>, stop: CancellationToken) {
    let Some(HeartbeatPing { url, every, pulse }) = heartbeat else { return };
    let ping = match Ping::new(url) {
        Ok(ping) => ping,
        Err(error) => return tracing::error!("{:#}", anyhow::Error::from(error)),
    };
    let mut last = LastLogged::Sent;
    while !stop.is_cancelled() {
        let now = clock::now();
        let works = pulse.works(now);
        let wait = if works.all() {
            tokio::select! {
                sent = ping.send() => last = log_sent(&ping, sent, last),
                () = stop.cancelled() => {}
            }
            every
        } else {
            if now.duration_since(pulse.started()).abs() >= STARTING {
                last = log_held_back(&ping, works, last);
            }
            every.min(CHECK_EVERY)
        };
        // After either, the loop checks `stop` again.
        timeout(wait, stop.cancelled()).await.ok();
    }
}

fn log_sent(ping: &Ping, sent: Result<(), String>, last: LastLogged) -> LastLogged {
    let Err(why) = sent else {
        if last != LastLogged::Sent {
            tracing::info!("heartbeats reach {} again", ping.url());
        }
        return LastLogged::Sent;
    };
    if last != LastLogged::Failed {
        tracing::warn!(
            "a heartbeat did not reach {}: {why}; hint: `footman doctor` tests proxy and firewall, \
             and the service shows the right address; further failures are not logged",
            ping.url()
        );
    }
    LastLogged::Failed
}

fn log_held_back(ping: &Ping, works: Works, last: LastLogged) -> LastLogged {
    if last != LastLogged::HeldBack(works) {
        let broken = works.broken().join(", ");
        tracing::warn!("no heartbeat is sent to {}: what does not work: {broken}", ping.url());
    }
    LastLogged::HeldBack(works)
}
