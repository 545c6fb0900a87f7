//! I/O. Reports a stalled agent in the health file, in the system's log, and on one card.

use jiff::SignedDuration;

use crate::agent::emergency::Emergency;
use crate::agent::system_log;
use crate::clock::{self, Timestamp};
use crate::config::{self, Language};
use crate::state::{HealthFile, Stalled};
use crate::view;

/// A failure that lasts this long counts as a stall.
const GRACE: SignedDuration = SignedDuration::from_secs(5);
/// The same if another process, such as a backup, holds the state.
const GRACE_WHEN_BUSY: SignedDuration = SignedDuration::from_mins(1);
/// Minimum time between two emergency cards…
const CARD_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// …and until the next attempt if no channel accepted the card.
const CARD_RETRY: SignedDuration = SignedDuration::from_mins(5);
/// Without a health file, no card is sent before the process has run this long; otherwise a process
/// that restarts in a loop would send one each time.
const MIN_UPTIME_WITHOUT_FILE: SignedDuration = SignedDuration::from_mins(10);

pub(crate) struct Alarm {
    health: HealthFile,
    emergency: Emergency,
    started: Timestamp,
    /// The same as in the health file, in case that cannot be written.
    next_card: Option<Timestamp>,
    /// Whether the alarm is in the system's log.
    is_logged: bool,
    /// Whether an emergency card was sent that still needs an all-clear.
    is_card_sent: bool,
}

impl Alarm {
    pub(crate) fn new(health: HealthFile, emergency: Emergency) -> Self {
        Self {
            health,
            emergency,
            started: clock::now(),
            next_card: None,
            is_logged: false,
            is_card_sent: false,
        }
    }

    /// From now on, emergency cards for this channel go to this destination.
    pub(crate) fn replace_channel(&mut self, name: &str, channel: config::Channel) {
        self.emergency.channels.insert(name.to_owned(), channel);
    }

    /// Creates the health file, without stalls.
    pub(crate) fn allocate(&mut self) {
        if !self.health.write() {
            tracing::warn!(
                "cannot write the health file in {}",
                self.emergency.state_dir.display()
            );
        }
    }

    /// Records a stall outside the state, and sends a card if it lasts.
    pub(crate) async fn raise(
        &mut self,
        what: Stalled,
        since: Timestamp,
        is_busy: bool,
        why: &str,
    ) {
        let is_noted = self.note(what, since, why);
        let now = clock::now();
        let grace = if is_busy { GRACE_WHEN_BUSY } else { GRACE };
        if now.duration_since(since) >= grace && self.may_send(now, is_noted) {
            self.hold(now + CARD_EVERY);
            if self.emergency.send(now, why).await {
                self.is_card_sent = true;
            } else {
                self.hold(now + CARD_RETRY);
            }
        }
    }

    /// Records a stall without a card, because the core can still report it through the routes.
    pub(crate) fn note(&mut self, what: Stalled, since: Timestamp, why: &str) -> bool {
        let is_noted = self.health.note(clock::now(), what, since, why);
        if !is_noted && !self.is_logged {
            self.is_logged = true;
            system_log::error(&view::stall(what, why, Language::English));
        }
        is_noted
    }

    /// Ends a stall; returns whether an emergency card needs an all-clear.
    pub(crate) fn clear(&mut self, what: Stalled) -> bool {
        self.health.clear(what);
        self.is_logged = false;
        std::mem::take(&mut self.is_card_sent)
    }

    fn may_send(&self, now: Timestamp, is_noted: bool) -> bool {
        let next = self.next_card.max(self.health.health().next_card);
        // A time beyond the longest possible hold comes from a clock that was set back.
        let is_held = next.is_some_and(|next| now < next && next.duration_since(now) <= CARD_EVERY);
        !is_held && (is_noted || now.duration_since(self.started) >= MIN_UPTIME_WITHOUT_FILE)
    }

    fn hold(&mut self, until: Timestamp) {
        self.next_card = Some(until);
        self.health.hold_cards(until);
    }
}
