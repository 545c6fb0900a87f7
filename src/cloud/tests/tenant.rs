//! A tenant in virtual time: reloads that change, lists in pages, faults, and a program that is
//! killed between any two steps.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::cloud::{
    Fault, News, Next, Page, PartSize, PollRequest, PollResult, PollStart, Poller, Polling, Reload,
    ReloadStatus, TenantAnswer,
};
use crate::commit::{StoredRows, TableName};
use crate::detection::{TenantFault, TenantRefusal};

const EVERY: i64 = 30;
/// So that few rows reach it.
const PART: PartSize = PartSize(12);

/// A reload of the tenant. Times are seconds of true time.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub app: u8,
    pub created: i64,
    pub ended: i64,
    /// It is requeued in between so many times.
    pub requeued: u8,
    /// How much later than its end it is listed with its end.
    pub late: i64,
    /// How far the clock of its engine is off.
    pub engine: i64,
    pub end: &'static str,
    pub partial: bool,
    /// It has no start and no end.
    pub without_end: bool,
}

impl Planned {
    pub(crate) fn listed_at(&self) -> i64 {
        self.ended + self.late
    }

    /// The end that it names.
    fn end_or(&self, none: i64) -> i64 {
        if self.without_end { none } else { self.ended + self.engine }
    }

    fn status(&self, at: i64) -> Option<&'static str> {
        if at < self.created {
            None
        } else if at >= self.listed_at() {
            Some(self.end)
        } else if self.without_end {
            // It is refused at once.
            None
        } else {
            let part = (self.listed_at() - self.created) / (i64::from(self.requeued) * 2 + 2);
            let is_queued = part == 0 || (at - self.created) / part % 2 == 0;
            Some(if is_queued { "QUEUED" } else { "RELOADING" })
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    Unreachable,
    RateLimited(Option<u64>),
    Credentials,
    /// The program is killed before the next commit.
    KilledBefore,
    KilledAfter,
    /// The program does not run for so many seconds.
    Down(i64),
    /// This machine's clock jumps.
    ClockMoves(i64),
    NoDate,
    /// The lists besides that of the ended reloads are refused.
    OthersRefused,
    /// A page without rows, and the others after it.
    EmptyPage,
}

impl Mishap {
    /// Whether it moves the start, if it happens before the tenant has answered for the first time.
    fn moves_start(self) -> bool {
        !matches!(self, Self::KilledBefore | Self::KilledAfter | Self::ClockMoves(_))
    }
}

/// The order in which the tenant lists reloads, the first one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sorted {
    AsAsked,
    /// It ignores what is asked for and sorts by the time of creation, as it does when nothing is.
    ByCreation,
    /// The order is the wrong way round.
    Ascending,
    InNoOrder,
}

#[derive(Debug)]
pub(crate) struct Tenant {
    pub plan: Vec<Planned>,
    /// Seconds of true time.
    pub time: i64,
    /// How far the clocks of the tenant and of this machine are off.
    skew: i64,
    clock: i64,
    page: usize,
    none_first: bool,
    /// The numbers of the plan in the orders of the lists of ended and of active reloads.
    by_end: Vec<usize>,
    by_creation: Vec<usize>,
    /// By the number of the step.
    mishaps: BTreeMap<usize, Mishap>,
    step: usize,
    state: StoredRows,
    start: PollStart,
    poller: Poller,
    pub news: Vec<News>,
    pub n_requests: BTreeMap<&'static str, u64>,
}

impl Tenant {
    pub(crate) fn new(
        plan: Vec<Planned>,
        mishaps: BTreeMap<usize, Mishap>,
        start: PollStart,
    ) -> Self {
        let tenant = Self {
            plan,
            time: 0,
            skew: 0,
            clock: 0,
            page: 100,
            none_first: false,
            by_end: Vec::new(),
            by_creation: Vec::new(),
            mishaps,
            step: 0,
            state: StoredRows::default(),
            start,
            poller: Poller::restore("acme", polling(start), &StoredRows::default()),
            news: Vec::new(),
            n_requests: BTreeMap::new(),
        };
        tenant.with(0, 100, false)
    }

    pub(crate) fn with(mut self, skew: i64, page: usize, none_first: bool) -> Self {
        (self.skew, self.page, self.none_first) = (skew, page, none_first);
        let none = if none_first { i64::MAX - 1 } else { i64::MIN };
        self.by_end = (0..self.plan.len()).collect();
        self.by_creation.clone_from(&self.by_end);
        self.by_end.sort_by_key(|number| (self.plan[*number].end_or(none), *number));
        self.by_creation.sort_by_key(|number| (self.plan[*number].created, *number));
        self
    }

    pub(crate) fn sorted(mut self, sorted: Sorted) -> Self {
        match sorted {
            Sorted::AsAsked => {}
            Sorted::ByCreation => self.by_end.clone_from(&self.by_creation),
            Sorted::Ascending => {
                self.by_end.reverse();
                self.by_creation.reverse();
            }
            Sorted::InNoOrder => {
                // Multiplication by an odd number is one to one.
                let place = |number: &usize| (*number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                self.by_end.sort_by_key(place);
                self.by_creation.sort_by_key(place);
            }
        }
        self
    }

    /// Whether this run of the program has noticed that a list came in another order than asked for.
    pub(crate) fn is_noticed(&self) -> bool {
        !self.poller.unordered().is_empty()
    }

    fn now(&self) -> Timestamp {
        seconds(self.time + self.clock)
    }

    /// Polls until this time.
    pub(crate) fn run_until(&mut self, end: i64) {
        while self.time < end {
            self.one_step();
        }
    }

    /// Polls so long without a mishap.
    pub(crate) fn run_well(&mut self, seconds: i64) {
        self.mishaps.clear();
        self.run_until(self.time + seconds);
    }

    pub(crate) fn one_step(&mut self) {
        self.step += 1;
        // What ends before the tenant has answered for the first time is of the time before the start.
        let has_begun = self.state.of(TableName::CloudCursors).next().is_some();
        let mishap = self.mishaps.get(&self.step).filter(|one| has_begun || !one.moves_start());
        let mishap = mishap.copied();
        if let Some(Mishap::ClockMoves(by)) = mishap {
            self.clock += by;
        }
        if let Some(Mishap::Down(seconds)) = mishap {
            self.time += seconds;
            self.restart();
        }
        match self.poller.next(self.now()) {
            Next::Wait(until) => {
                let wait = until.duration_since(self.now()).as_secs().max(1);
                assert!(wait <= 15 * 60, "waits {wait} s");
                self.time += wait;
            }
            Next::Found(found) => {
                if mishap == Some(Mishap::KilledBefore) {
                    return self.restart();
                }
                self.commit(found);
                if mishap == Some(Mishap::KilledAfter) {
                    self.restart();
                }
            }
            Next::Ask(request) => {
                let answer = self.answer(&request, mishap);
                self.time += 1;
                self.poller.take(self.now(), answer);
            }
        }
    }

    fn commit(&mut self, found: PollResult) {
        self.state.apply(found.rows);
        self.news.extend(found.news);
    }

    fn restart(&mut self) {
        self.poller = Poller::restore("acme", polling(self.start), &self.state);
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.state.len()
    }

    fn answer(&mut self, request: &PollRequest, mishap: Option<Mishap>) -> TenantAnswer {
        let fault = |refusal, after: Option<u64>| {
            let after = after.map(std::time::Duration::from_secs);
            let why = TenantFault::Worded("test".to_owned());
            TenantAnswer::Fault(Fault { refusal, why, network: None, after })
        };
        let name = match request {
            PollRequest::Ended(_) => "ended",
            PollRequest::Active(_) => "active",
            PollRequest::One(_) => "one",
            PollRequest::Tasks(_) => "tasks",
        };
        *self.n_requests.entry(name).or_default() += 1;
        match mishap {
            Some(Mishap::Unreachable) => return fault(TenantRefusal::Unreachable, None),
            Some(Mishap::OthersRefused) if !matches!(request, PollRequest::Ended(_)) => {
                return fault(TenantRefusal::Request, None);
            }
            Some(Mishap::Credentials) => return fault(TenantRefusal::Credentials, None),
            Some(Mishap::RateLimited(after)) => return fault(TenantRefusal::RateLimited, after),
            _ => {}
        }
        let date = (mishap != Some(Mishap::NoDate)).then(|| seconds(self.time + self.skew));
        match request {
            PollRequest::Ended(next) | PollRequest::Active(next)
                if mishap == Some(Mishap::EmptyPage) =>
            {
                let all = self.plan.len().to_string();
                let place = next.as_deref().and_then(|next| next.split('|').next());
                let next = Some(format!("{}|{}", place.unwrap_or(&all), self.time + 600));
                TenantAnswer::Reloads(Page { rows: Vec::new(), next, date, n_unreadable: 0 })
            }
            PollRequest::Ended(next) => self.page(next.as_ref(), date, false),
            PollRequest::Active(next) => self.page(next.as_ref(), date, true),
            PollRequest::One(id) => {
                let number = usize::from_str_radix(id, 16).unwrap();
                TenantAnswer::One(self.row(number))
            }
            PollRequest::Tasks(_) => {
                TenantAnswer::Tasks(Page { rows: Vec::new(), next: None, date, n_unreadable: 0 })
            }
        }
    }

    /// Rows in the order of a list, the last one first. The address of a page holds the place of the
    /// last row before it, and the time at which it expires.
    fn page(
        &self,
        next: Option<&String>,
        date: Option<Timestamp>,
        of_active: bool,
    ) -> TenantAnswer {
        let order = if of_active { &self.by_creation } else { &self.by_end };
        let mut before = order.len();
        if let Some((place, until)) = next.and_then(|next| next.split_once('|')) {
            if self.time > until.parse().unwrap() {
                let why = TenantFault::Worded("the page has expired".to_owned());
                return TenantAnswer::Fault(Fault {
                    refusal: TenantRefusal::Request,
                    why,
                    network: None,
                    after: None,
                });
            }
            before = place.parse().unwrap();
        }
        let is_listed = |number: usize| {
            self.plan[number].status(self.time).is_some_and(|status| match status {
                "EXCEEDED_LIMIT" => true,
                "SUCCEEDED" | "FAILED" | "CANCELED" => !of_active,
                _ => of_active,
            })
        };
        let places = (0..before).rev().filter(|place| is_listed(order[*place]));
        let mut listed: Vec<usize> = places.take(self.page + 1).collect();
        let has_more = listed.len() > self.page;
        listed.truncate(self.page);
        let last = listed.last().filter(|_| has_more);
        let href = last.map(|place| format!("{place}|{}", self.time + 600));
        let rows = listed.iter().filter_map(|place| self.row(order[*place])).collect();
        TenantAnswer::Reloads(Page { rows, next: href, date, n_unreadable: 0 })
    }

    /// A reload as it is listed now.
    fn row(&self, number: usize) -> Option<Reload> {
        let of = &self.plan[number];
        let status = of.status(self.time)?;
        let is_over = status == of.end && !of.without_end;
        let at = |time: i64| Some(seconds(time + self.skew));
        Some(Reload {
            id: id(number),
            app: app(of.app),
            status: ReloadStatus::ALL.into_iter().find(|known| known.name() == status),
            caused_by: None,
            partial: of.partial,
            created: at(of.created),
            started: None,
            ended: at(of.ended + of.engine).filter(|_| is_over),
            error_code: None,
            error_message: None,
            user: None,
            task: None,
            log: None,
        })
    }
}

fn polling(start: PollStart) -> Polling {
    Polling { part: PART, ..Polling::new(SignedDuration::from_secs(EVERY), start) }
}

pub(crate) fn id(number: usize) -> String {
    format!("{number:024x}")
}

pub(crate) fn app(number: u8) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

pub(crate) fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}
