//! I/O. Says that the agent does not get on: in a file beside the state, in the system's log, by one card.

use jiff::SignedDuration;

use crate::agent::emergency::Emergency;
use crate::agent::system_log;
use crate::clock::{self, Timestamp};
use crate::state::{HealthFile, Stalled};

/// What fails for so long is not over in a moment.
const GRACE: SignedDuration = SignedDuration::from_secs(5);
/// Somebody else holds the state, such as a backup.
const GRACE_WHEN_BUSY: SignedDuration = SignedDuration::from_mins(1);
/// At most one emergency card in this time…
const CARD_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// …and when no channel took it, another attempt after this.
const CARD_AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// Without a file that remembers the last card, a process that is restarted again and again must
/// not send one each time.
const UNREMEMBERED: SignedDuration = SignedDuration::from_mins(10);

pub(in crate::agent) struct Alarm {
    health: HealthFile,
    emergency: Emergency,
    started: Timestamp,
    /// The same as in the file, for when it cannot be written.
    next_card: Option<Timestamp>,
    /// Whether the system's log has it.
    is_logged: bool,
    /// Whether an emergency card left and nothing was said since.
    is_card_sent: bool,
}

impl Alarm {
    pub(in crate::agent) fn new(health: HealthFile, emergency: Emergency) -> Self {
        Self {
            health,
            emergency,
            started: clock::now(),
            next_card: None,
            is_logged: false,
            is_card_sent: false,
        }
    }

    /// Allocates the file, and says there that nothing is wrong.
    pub(in crate::agent) fn allocate(&mut self) {
        if !self.health.write() {
            tracing::warn!(
                "no health file beside the state: {}",
                self.emergency.state_dir.display()
            );
        }
    }

    /// Notes outside the state what does not go on, and sends a card if it lasts.
    pub(in crate::agent) async fn raise(
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
                self.hold(now + CARD_AGAIN);
            }
        }
    }

    /// Notes it without a card: whoever can write the state says it through the routes.
    pub(in crate::agent) fn note(&mut self, what: Stalled, since: Timestamp, why: &str) -> bool {
        let is_noted = self.health.note(clock::now(), what, since, why);
        if !is_noted && !self.is_logged {
            self.is_logged = true;
            system_log::error(&format!("{}: {why}", what.sentence()));
        }
        is_noted
    }

    /// Notes that it goes on again. Whether an emergency card asks for a word on that.
    pub(in crate::agent) fn clear(&mut self, what: Stalled) -> bool {
        self.health.clear(what);
        self.is_logged = false;
        std::mem::take(&mut self.is_card_sent)
    }

    fn may_send(&self, now: Timestamp, is_noted: bool) -> bool {
        let next = self.next_card.max(self.health.health().next_card);
        // A time farther away than ever was noted comes from a clock that was put back.
        let is_held = next.is_some_and(|next| now < next && next.duration_since(now) <= CARD_EVERY);
        !is_held && (is_noted || now.duration_since(self.started) >= UNREMEMBERED)
    }

    fn hold(&mut self, until: Timestamp) {
        self.next_card = Some(until);
        self.health.hold_cards(until);
    }
}
