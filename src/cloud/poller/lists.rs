//! Pure. Reads the lists of a tenant page by page, and collects their rows.

use std::collections::{BTreeSet, VecDeque};

use jiff::SignedDuration;

use crate::clock::{Timestamp, earlier, later};
use crate::cloud::answers::{Fault, Page};
use crate::cloud::poller::walk::{After, Walk};
use crate::cloud::poller::{
    ACTIVE_EVERY, LONGEST_WAIT, News, PollPart, PollPhase, Poller, TASKS_EVERY, WITHOUT_END, floor,
};
use crate::cloud::reload::Reload;
use crate::cloud::rows::{Active, Cursor, Off, PollStart};
use crate::cloud::task::Task;
use crate::detection::{CloudList, TenantFault, TenantRefusal};
use crate::metrics::Single;

/// Requests by id after one list.
const MOST_ONES: usize = 10;
/// More active reloads than any tenant runs at once.
const MOST_ACTIVE: usize = 5000;
/// A reload that is missing from this many lists has ended.
const MISSING: u32 = 2;
const OLD_MISSING: u32 = 10;
/// A list that is refused this often in a row is reported.
const REFUSED: u32 = 3;
/// The pause for each page of a list that had to be read to its end.
const BETWEEN_PAGES: SignedDuration = SignedDuration::from_secs(2);
/// A reload that runs for longer than this is in one of two lists of active reloads that are at
/// most this far apart.
const ACTIVE_GAP: SignedDuration = SignedDuration::from_mins(10);

impl Poller {
    pub(crate) fn take_ended(
        &mut self,
        now: Timestamp,
        mut walk: Walk<Reload>,
        page: Page<Reload>,
    ) {
        let cursor = match self.rows.cursor() {
            Some(cursor) => cursor,
            None => self.begin(now, &mut walk, page.date),
        };
        let floor = floor(&cursor);
        self.note(&page);
        let after = walk.add(now, page, |reload| self.is_new(reload));
        let is_active_known = walk.is_silent || self.is_active_known(walk.date);
        let is_behind = walk.order.is_behind(floor, is_active_known);
        if after == After::Page && !is_behind {
            if walk.is_large(self.polling.part) {
                // Where reading began is kept: a restart in between reads all of it again.
                self.rows.set_cursor(cursor);
                self.report(cursor, &mut walk);
            }
            self.phase = PollPhase::Ended(walk);
            return;
        }
        self.reached(now);
        self.judge_order(CloudList::Ended, walk.order.is_by_end());
        if walk.order.is_none() {
            self.rest(now, &walk);
        }
        let is_read = after != After::Cut || is_behind || walk.order.seems_behind(floor);
        let to = walk.order.earliest_end().filter(|_| walk.order.is_by_end() != Some(false));
        match to {
            _ if is_read => self.list_read(CloudList::Ended),
            // What lies behind a part of the list that is sorted has its times, and is not read later.
            Some(to) => {
                let from = Some(floor.max(cursor.since)).filter(|from| *from > Timestamp::MIN);
                let (list, to) = (CloudList::Ended, Some(to));
                self.news.push(News::Unread { list, from, to, why: None });
            }
            None => self.list_unread(CloudList::Ended, (None, None), None),
        }
        self.report(cursor, &mut walk);
        let until = walk.date.into_iter().chain(walk.newest).min();
        let until = until.filter(|_| walk.date.is_some()).unwrap_or(cursor.until);
        self.cursor = Some(Cursor { until: until.max(cursor.until), ..cursor });
        self.go_on(now, PollPart::Ended);
    }

    /// Whether it has a final status that was not reported.
    fn is_new(&self, reload: &Reload) -> bool {
        let known = self.rows.seen.get(&self.rows.key(&reload.id));
        let is_known = known.is_some_and(|known| Some(known.status) == reload.end());
        reload.end().is_some() && !is_known
    }

    /// Takes over the rows of a list that was read from this cursor.
    fn report(&mut self, cursor: Cursor, walk: &mut Walk<Reload>) {
        self.listed_from = Some(cursor);
        if walk.is_silent {
            self.see_silently(&walk.take_rows());
        } else {
            self.pending.extend(walk.take_rows());
        }
    }

    /// The cursor of the first start.
    fn begin(
        &mut self,
        now: Timestamp,
        walk: &mut Walk<Reload>,
        date: Option<Timestamp>,
    ) -> Cursor {
        let date = walk.date.or(date).unwrap_or(now);
        let since = match self.polling.start {
            PollStart::Now => date,
            PollStart::Beginning => Timestamp::MIN,
            PollStart::Since(age) => earlier(date, age),
        };
        walk.is_silent = self.polling.start == PollStart::Now;
        Cursor { since, until: since, knows_tasks: false }
    }

    pub(crate) fn take_active(
        &mut self,
        now: Timestamp,
        mut walk: Walk<Reload>,
        page: Page<Reload>,
    ) {
        let Some(cursor) = self.listed_from else { return };
        let oldest = earlier(cursor.until, WITHOUT_END);
        self.note(&page);
        let after = walk.add(now, page, |reload| reload.end().is_none() || self.is_new(reload));
        let is_behind = walk.order.is_created_before(oldest);
        if after == After::Page && !is_behind {
            self.phase = PollPhase::Active(walk);
            return;
        }
        self.active_due = later(now, ACTIVE_EVERY.max(self.polling.every));
        self.judge_order(CloudList::Active, walk.order.is_by_creation());
        if walk.order.is_by_creation() == Some(false) {
            self.rest(now, &walk);
        }
        if after == After::Cut && !is_behind {
            let to = walk.order.earliest_creation();
            self.list_unread(CloudList::Active, (Some(oldest), to), None);
            self.active_read = [None; 2];
        } else {
            self.list_read(CloudList::Active);
            self.active_read = [self.active_read[1], walk.date];
        }
        let listed = walk.take_rows();
        for reload in listed.iter().filter(|reload| reload.end().is_none()) {
            self.see_active(now, reload);
        }
        let missing = self.missing(&listed, oldest);
        self.pending.extend(listed.into_iter().filter(|reload| reload.end().is_some()));
        if missing.is_empty() {
            self.go_on(now, PollPart::Active);
        } else {
            self.phase = PollPhase::Ones(missing);
        }
    }

    /// Whether long reloads until this time of the tenant were seen as active.
    fn is_active_known(&self, date: Option<Timestamp>) -> bool {
        let before = self.active_read[0].zip(date);
        before.is_some_and(|(before, date)| date.duration_since(before).abs() < ACTIVE_GAP)
    }

    /// Records whether a list was in the requested order, if its rows show that.
    fn judge_order(&mut self, list: CloudList, is_ordered: Option<bool>) {
        match is_ordered {
            Some(true) => _ = self.unordered.remove(&list),
            Some(false) => _ = self.unordered.insert(list),
            None => {}
        }
    }

    /// A list that is read to its end each time must not use up the rate limit.
    fn rest(&mut self, now: Timestamp, walk: &Walk<Reload>) {
        let n_pages = i32::try_from(walk.n_pages).unwrap_or(i32::MAX);
        let wait = BETWEEN_PAGES.saturating_mul(n_pages).min(LONGEST_WAIT);
        self.wait = Some(later(now, wait));
    }

    /// Active reloads that have left the list without a final status.
    fn missing(&mut self, listed: &[Reload], oldest: Timestamp) -> VecDeque<String> {
        let listed: BTreeSet<&str> = listed.iter().map(|reload| &*reload.id).collect();
        let rows = &mut self.rows;
        let keys: Vec<_> = rows.active.iter().map(|(key, _)| key.clone()).collect();
        let gone = keys.into_iter().filter(|key| !listed.contains(&*key.id));
        let gone: Vec<_> = gone.collect();
        let mut missing = VecDeque::new();
        for key in gone {
            rows.active.change(&key, |active| {
                active.n_missing += 1;
                true
            });
            // The list does not reach back to an old one, which may run on.
            let enough =
                |active: &Active| if active.since < oldest { OLD_MISSING } else { MISSING };
            let is_missing = rows.active.get(&key).is_some_and(|it| it.n_missing >= enough(it));
            if is_missing && missing.len() < MOST_ONES {
                missing.push_back(key.id.to_string());
            }
        }
        missing
    }

    fn see_active(&mut self, now: Timestamp, reload: &Reload) {
        let key = self.rows.key(&reload.id);
        let known = self.rows.active.get(&key);
        let is_new = known.is_none() && self.rows.active.len() < MOST_ACTIVE;
        if is_new && self.rows.seen.get(&key).is_none() {
            let since = reload.created.unwrap_or(now);
            self.rows.active.put(key, Active { since, n_missing: 0 });
        } else if known.is_some_and(|known| known.n_missing > 0) {
            self.rows.active.change(&key, |active| {
                active.n_missing = 0;
                true
            });
        }
    }

    pub(crate) fn take_one(
        &mut self,
        now: Timestamp,
        mut ids: VecDeque<String>,
        reload: Option<Reload>,
    ) {
        let id = ids.pop_front().unwrap_or_default();
        match reload.filter(|reload| reload.id == id) {
            None => {
                self.rows.active.remove(&self.rows.key(&id));
            }
            Some(reload) if reload.end().is_none() => self.see_active(now, &reload),
            Some(reload) => self.pending.push_back(reload),
        }
        if ids.is_empty() {
            self.go_on(now, PollPart::Active);
        } else {
            self.phase = PollPhase::Ones(ids);
        }
    }

    pub(crate) fn take_tasks(&mut self, now: Timestamp, mut walk: Walk<Task>, page: Page<Task>) {
        self.note(&page);
        let after = walk.add(now, page, |_| true);
        if after == After::Page {
            self.phase = PollPhase::Tasks(walk);
            return;
        }
        match after {
            After::Cut => self.list_unread(CloudList::Tasks, (None, None), None),
            After::Page | After::End => self.list_read(CloudList::Tasks),
        }
        self.tasks_due = later(now, TASKS_EVERY.max(self.polling.every));
        let Some(cursor) = self.cursor.or_else(|| self.rows.cursor()) else { return };
        for task in walk.take_rows() {
            let key = self.rows.key(&task.id);
            let known = self.rows.off.get(&key).map(|off| off.code.clone());
            match (&task.off, known) {
                (Some(code), known) if known.as_ref() != Some(code) => {
                    self.rows.off.put(key, Off { code: code.clone() });
                    if cursor.knows_tasks {
                        self.news.push(News::TaskOff(task));
                    }
                }
                (None, Some(_)) => {
                    self.rows.off.remove(&key);
                    self.news.push(News::TaskOn(task));
                }
                _ => {}
            }
        }
        let cursor = Cursor { knows_tasks: true, ..cursor };
        if self.cursor.is_some() {
            self.cursor = Some(cursor);
        } else {
            self.rows.set_cursor(cursor);
        }
        self.go_on(now, PollPart::Tasks);
    }

    /// Reports that a list is read from its beginning each time, and never to its end; once while
    /// that lasts.
    fn list_unread(
        &mut self,
        list: CloudList,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        why: Option<TenantFault>,
    ) {
        let mut health = self.rows.health();
        if health.unread.insert(list) {
            self.rows.set_health(health);
            self.news.push(News::Unread { list, from, to, why });
        }
    }

    /// Records that a list was read to its end, and reports that if the opposite had been reported.
    fn list_read(&mut self, list: CloudList) {
        self.refused.remove(&list);
        let mut health = self.rows.health();
        if health.unread.remove(&list) {
            self.rows.set_health(health);
            self.news.push(News::ListRead(list));
        }
    }

    /// Counts refusals of a list other than that of the ended reloads; a lasting refusal is
    /// reported once.
    pub(crate) fn list_refused(&mut self, list: CloudList, fault: &Fault) {
        let n = self.refused.entry(list).or_default();
        *n += 1;
        let lasts = match fault.refusal {
            TenantRefusal::Request | TenantRefusal::NotFound => true,
            // Rights to tasks are optional, and `doctor` names them.
            TenantRefusal::Rights => list != CloudList::Tasks,
            TenantRefusal::Credentials
            | TenantRefusal::RateLimited
            | TenantRefusal::Unreachable => false,
        };
        if lasts && *n >= REFUSED {
            self.list_unread(list, (None, None), Some(fault.why.clone()));
        }
    }

    fn note<T>(&mut self, page: &Page<T>) {
        if page.n_unreadable > 0 {
            self.counts.add(Single::CloudUnreadable, page.n_unreadable);
            self.n_unreadable += page.n_unreadable;
        }
    }
}
