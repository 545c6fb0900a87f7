//! Pure. Which request is next, and which of the answers are new.
//!
//! Reloads are listed by their end, newest first, until a page is older than the cursor by the
//! overlap. A row that is written late within the overlap is still found, and a reload that was
//! seen before it ended is requested by its id when it has left the list of active ones. A list in
//! an order other than the requested one is read further. Times are compared only with times of the
//! tenant; this machine's clock only decides when to poll again.

mod health;
mod judge;
mod lists;
mod order;
mod walk;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::SignedDuration;

use crate::clock::{Timestamp, earlier, later};
use crate::cloud::answers::{Fault, TenantAnswer};
use crate::cloud::backoff;
use crate::cloud::poller::walk::Walk;
use crate::cloud::reload::{Reload, ReloadStatus};
use crate::cloud::rows::{Cursor, PollStart, Rows};
use crate::cloud::task::Task;
use crate::commit::{RowChange, StoredRows};
use crate::detection::{CloudList, TenantFault, TenantRefusal, UntilExpiry};
use crate::metrics::{CounterSet, Counts, Single};

/// A row that appears up to this long after the end that it contains is still found in a list.
pub(crate) const OVERLAP: SignedDuration = SignedDuration::from_mins(15);
/// How long after its creation a reload without an end is searched for.
pub(crate) const WITHOUT_END: SignedDuration = SignedDuration::from_hours(24);
/// How often active reloads are listed, at most.
const ACTIVE_EVERY: SignedDuration = SignedDuration::from_secs(60);
const TASKS_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// Tasks that this user may not list are tried again after this time.
const TASKS_REFUSED: SignedDuration = SignedDuration::from_hours(1);
/// Maximum number of reloads reported in one commit.
const AT_ONCE: usize = 200;
/// The longest wait for anything.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);

/// How a tenant is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    pub every: SignedDuration,
    pub start: PollStart,
    pub part: PartSize,
}

impl Polling {
    pub fn new(every: SignedDuration, start: PollStart) -> Self {
        Self { every, start, part: PartSize::USUAL }
    }
}

/// If a list has more new rows than this, those that were read are reported before the next page is
/// read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartSize(pub usize);

impl PartSize {
    /// A week of a busy tenant.
    const USUAL: Self = Self(5_000);
}

/// A request to the tenant. A page is identified by the address in the previous page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PollRequest {
    /// Reloads that have ended, the latest end first.
    Ended(Option<String>),
    /// Reloads that have not ended, and those that exceeded a limit, which may have no end.
    Active(Option<String>),
    /// One reload, by its id.
    One(String),
    Tasks(Option<String>),
}

/// The next action.
#[derive(Debug)]
pub enum Next {
    Ask(PollRequest),
    /// To be committed before [`Poller::next`] is called again.
    Found(PollResult),
    /// Wait until this time of this machine's clock.
    Wait(Timestamp),
}

/// News, with the rows that record that it was reported.
#[derive(Debug, Default)]
#[must_use]
pub struct PollResult {
    pub news: Vec<News>,
    pub rows: Vec<RowChange>,
    pub counts: Counts,
}

/// A fact that was not reported before.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A reload failed, was canceled or exceeded a limit.
    Failed(Reload),
    /// A reload succeeded, and no later one of the app failed.
    Succeeded {
        id: String,
        app: String,
        at: Timestamp,
        took: Option<SignedDuration>,
    },
    /// Qlik Cloud has switched a task off.
    TaskOff(Task),
    /// The task is on again.
    TaskOn(Task),
    /// The tenant cannot be polled.
    Trouble(Fault),
    /// The tenant can be polled again.
    Works,
    /// Rows of a list are not read; if there are too many reloads, those with these times, by which
    /// the list is sorted.
    Unread {
        list: CloudList,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        /// Why the list is refused; without it, there are too many rows.
        why: Option<TenantFault>,
    },
    /// A list is read to its end again.
    ListRead(CloudList),
    KeyExpires {
        on: Timestamp,
        left: UntilExpiry,
    },
    KeyRenewed,
}

/// The phase of the poll.
#[derive(Debug)]
enum PollPhase {
    Idle,
    /// The list of ended reloads is read.
    Ended(Walk<Reload>),
    Active(Walk<Reload>),
    Ones(VecDeque<String>),
    Tasks(Walk<Task>),
}

/// The parts of a poll, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PollPart {
    Ended,
    Active,
    Tasks,
}

/// Polls one tenant.
#[derive(Debug)]
pub struct Poller {
    rows: Rows,
    polling: Polling,
    phase: PollPhase,
    /// When the current poll began.
    begun: Timestamp,
    due: Timestamp,
    active_due: Timestamp,
    tasks_due: Timestamp,
    /// No request is made before this time.
    wait: Option<Timestamp>,
    /// New reloads in the order of their ends, to be reported.
    pending: VecDeque<Reload>,
    /// The position of the cursor once all of them are reported.
    cursor: Option<Cursor>,
    /// The position of the cursor when they were listed: lists were read back to it.
    listed_from: Option<Cursor>,
    /// Other news to be reported.
    news: Vec<News>,
    counts: Counts,
    /// The number of ends that were found since the start, by status, and of rows without a
    /// readable one.
    ends: BTreeMap<ReloadStatus, u64>,
    n_unreadable: u64,
    /// Lists whose rows were in an order other than the requested one.
    unordered: BTreeSet<CloudList>,
    /// The tenant's clock at the last two lists of active reloads that were read to the end.
    active_read: [Option<Timestamp>; 2],
    /// How often in a row a list was refused.
    refused: BTreeMap<CloudList, u32>,
    n_faults: u32,
    /// Since when every poll failed, and the last fault.
    failing: Option<(Timestamp, Fault)>,
    last_poll: Option<Timestamp>,
}

impl Poller {
    /// Continues from the stored rows.
    pub fn restore(tenant: &str, polling: Polling, stored: &StoredRows) -> Self {
        Self {
            rows: Rows::restore(tenant, stored),
            polling,
            phase: PollPhase::Idle,
            begun: Timestamp::MIN,
            due: Timestamp::MIN,
            active_due: Timestamp::MIN,
            tasks_due: Timestamp::MIN,
            wait: None,
            pending: VecDeque::new(),
            cursor: None,
            listed_from: None,
            news: Vec::new(),
            counts: Counts::default(),
            ends: ReloadStatus::ALL
                .into_iter()
                .filter(|it| it.is_final())
                .map(|it| (it, 0))
                .collect(),
            n_unreadable: 0,
            unordered: BTreeSet::new(),
            active_read: [None; 2],
            refused: BTreeMap::new(),
            n_faults: 0,
            failing: None,
            last_poll: None,
        }
    }

    /// The next action.
    pub fn next(&mut self, now: Timestamp) -> Next {
        if let Some(found) = self.found() {
            return Next::Found(found);
        }
        let longest = later(now, LONGEST_WAIT.max(self.polling.every));
        // A later time means that this machine's clock was moved back.
        self.due = self.due.min(later(now, self.polling.every));
        self.active_due = self.active_due.min(longest);
        self.tasks_due = self.tasks_due.min(later(now, TASKS_REFUSED));
        if let Some(wait) = self.wait.filter(|wait| now < *wait && *wait <= longest) {
            return Next::Wait(wait);
        }
        self.wait = None;
        if matches!(self.phase, PollPhase::Idle) {
            if now < self.due {
                return Next::Wait(self.due);
            }
            self.begun = now;
            self.phase = PollPhase::Ended(Walk::begin(now));
        }
        Next::Ask(self.request())
    }

    fn request(&self) -> PollRequest {
        match &self.phase {
            PollPhase::Idle => PollRequest::Ended(None),
            PollPhase::Ended(walk) => PollRequest::Ended(walk.next.clone()),
            PollPhase::Active(walk) => PollRequest::Active(walk.next.clone()),
            PollPhase::Ones(ids) => PollRequest::One(ids.front().cloned().unwrap_or_default()),
            PollPhase::Tasks(walk) => PollRequest::Tasks(walk.next.clone()),
        }
    }

    /// Processes the answer to the request of the last [`Self::next`].
    pub fn take(&mut self, now: Timestamp, answer: TenantAnswer) {
        self.counts.add(Single::CloudRequests, 1);
        let phase = std::mem::replace(&mut self.phase, PollPhase::Idle);
        match (phase, answer) {
            (phase, TenantAnswer::Fault(fault)) => self.take_fault(now, phase, &fault),
            (PollPhase::Ended(walk), TenantAnswer::Reloads(page)) => {
                self.take_ended(now, walk, page);
            }
            (PollPhase::Active(walk), TenantAnswer::Reloads(page)) => {
                self.take_active(now, walk, page);
            }
            (PollPhase::Ones(ids), TenantAnswer::One(reload)) => self.take_one(now, ids, reload),
            (PollPhase::Tasks(walk), TenantAnswer::Tasks(page)) => self.take_tasks(now, walk, page),
            // An answer to something else: the poll begins again.
            (_, _) => self.due = now,
        }
    }

    /// Records that the credentials have changed: refused requests are repeated at once.
    pub(crate) fn credentials_changed(&mut self, now: Timestamp) {
        (self.wait, self.due, self.tasks_due, self.n_faults) = (None, now, now, 0);
    }

    /// When the tenant was polled completely last, in this run of the program.
    pub fn last_poll(&self) -> Option<Timestamp> {
        self.last_poll
    }

    /// Since when every poll has failed, and why the last one did.
    pub fn fault(&self) -> Option<&(Timestamp, Fault)> {
        self.failing.as_ref()
    }

    /// How many reloads were found to have ended in this run of the program, by status.
    pub(crate) fn ends(&self) -> &BTreeMap<ReloadStatus, u64> {
        &self.ends
    }

    /// How many listed rows could not be read in this run of the program.
    pub(crate) fn n_unreadable(&self) -> u64 {
        self.n_unreadable
    }

    /// The lists whose rows were in an order other than the requested one.
    pub(crate) fn unordered(&self) -> &BTreeSet<CloudList> {
        &self.unordered
    }

    /// The next part of the poll, after the one that has just ended.
    fn go_on(&mut self, now: Timestamp, done: PollPart) {
        self.phase = if done == PollPart::Ended && self.active_due <= now {
            PollPhase::Active(Walk::begin(now))
        } else if done != PollPart::Tasks && self.tasks_due <= now {
            PollPhase::Tasks(Walk::begin(now))
        } else {
            PollPhase::Idle
        };
        if matches!(self.phase, PollPhase::Idle) {
            self.due = later(self.begun, self.polling.every).max(now);
        }
    }

    fn take_fault(&mut self, now: Timestamp, phase: PollPhase, fault: &Fault) {
        self.counts.add(CounterSet::CloudFaults.of(fault.refusal.name()), 1);
        self.n_faults += 1;
        self.wait = Some(later(now, backoff::wait(fault, self.n_faults, self.polling.every)));
        match phase {
            PollPhase::Ended(walk) => {
                self.troubled(now, fault);
                let is_asked_wrongly =
                    matches!(fault.refusal, TenantRefusal::Request | TenantRefusal::NotFound);
                let goes_on = !is_asked_wrongly && walk.is_fresh(now);
                self.phase = PollPhase::Ended(if goes_on { walk } else { Walk::begin(now) });
            }
            // The list of ended reloads must not wait for the others.
            PollPhase::Active(_) | PollPhase::Ones(_) => {
                self.active_due = later(now, ACTIVE_EVERY);
                self.list_refused(CloudList::Active, fault);
            }
            PollPhase::Tasks(_) if fault.refusal == TenantRefusal::RateLimited => {
                self.tasks_due = later(now, TASKS_EVERY);
            }
            PollPhase::Tasks(_) => {
                (self.tasks_due, self.wait) = (later(now, TASKS_REFUSED), None);
                self.list_refused(CloudList::Tasks, fault);
            }
            PollPhase::Idle => {}
        }
        if matches!(self.phase, PollPhase::Idle) {
            self.due = later(self.begun, self.polling.every).max(now);
        }
    }
}

/// Reloads that ended before this are in no list that is read.
fn floor(cursor: &Cursor) -> Timestamp {
    earlier(cursor.until, OVERLAP)
}
