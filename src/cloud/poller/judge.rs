//! Pure. Which reloads are new, and what they mean for their apps.

use crate::clock::{Timestamp, earlier, later};
use crate::cloud::poller::{AT_ONCE, News, PollPhase, PollResult, Poller, WITHOUT_END, floor};
use crate::cloud::reload::{Reload, ReloadStatus};
use crate::cloud::rows::{App, Cursor, FailingTenant, ReportedReload};
use crate::metrics::CounterSet;

impl Poller {
    /// The news to be committed now, if any.
    pub(crate) fn found(&mut self) -> Option<PollResult> {
        let listed_from = self.listed_from;
        let part = self.pending.len().min(AT_ONCE);
        let mut news = Vec::new();
        for reload in self.pending.drain(..part).collect::<Vec<_>>() {
            if let Some(cursor) = &listed_from {
                self.judge(cursor, reload, &mut news);
            }
        }
        // Both lists are read from the same cursor, and what one of them showed is known until both are.
        let is_listed = !matches!(self.phase, PollPhase::Active(_) | PollPhase::Ones(_));
        if self.pending.is_empty()
            && is_listed
            && let Some(cursor) = self.cursor.take()
        {
            self.rows.set_cursor(cursor);
            self.rows.seen.forget(floor(&cursor));
            self.rows.apps.forget(cursor.until);
        }
        news.append(&mut self.news);
        let rows = self.rows.take_changes();
        if news.is_empty() && rows.is_empty() {
            // Counts alone wait for a commit.
            return None;
        }
        Some(PollResult { news, rows, counts: std::mem::take(&mut self.counts) })
    }

    /// Marks the reloads that had ended before the first start.
    pub(crate) fn see_silently(&mut self, reloads: &[Reload]) {
        for reload in reloads {
            if let (Some(status), Some(at)) = (reload.end(), reload.at()) {
                self.see(reload, status, at);
            }
        }
    }

    fn judge(&mut self, cursor: &Cursor, reload: Reload, news: &mut Vec<News>) {
        let (Some(status), Some(at)) = (reload.end(), reload.at()) else { return };
        let key = self.rows.key(&reload.id);
        let is_known = self.rows.seen.get(&key).is_some_and(|known| known.status == status);
        // One that was seen before it ended is reported whenever that is found.
        let was_active = self.rows.active.remove(&key).is_some();
        if is_known || !was_active && !is_listed(cursor, &reload) {
            return;
        }
        self.see(&reload, status, at);
        *self.ends.entry(status).or_default() += 1;
        self.counts.add(CounterSet::CloudReloads.of(status.name().to_ascii_lowercase()), 1);
        if status.is_bad() {
            self.failed(reload, at, news);
        } else {
            self.succeeded(&reload, at, news);
        }
    }

    fn see(&mut self, reload: &Reload, status: ReloadStatus, at: Timestamp) {
        let listed_until = match reload.ended {
            Some(ended) => ended,
            None => later(at, WITHOUT_END * 2),
        };
        self.rows.seen.put(self.rows.key(&reload.id), ReportedReload { status, listed_until });
    }

    fn failed(&mut self, reload: Reload, at: Timestamp, news: &mut Vec<News>) {
        let key = self.rows.key(&reload.app);
        let known = self.rows.apps.get(&key).copied().unwrap_or_default();
        let partly = known.partly.filter(|_| reload.partial);
        let healed = known.succeeded.max(partly).filter(|over| *over > at);
        let is_latest = known.failing.is_none_or(|failing| failing.at <= at);
        let (id, app) = (reload.id.clone(), reload.app.clone());
        if is_latest && healed.is_none() {
            let failing = Some(FailingTenant { at, partial: reload.partial });
            self.rows.apps.put(key, App { failing, ..known });
        }
        news.push(News::Failed(reload));
        // A success that was reported before is the end of this failure, too.
        let healed = healed.filter(|_| is_latest);
        news.extend(healed.map(|at| News::Succeeded { id, app, at, took: None }));
    }

    fn succeeded(&mut self, reload: &Reload, at: Timestamp, news: &mut Vec<News>) {
        let key = self.rows.key(&reload.app);
        let mut app = self.rows.apps.get(&key).copied().unwrap_or_default();
        // A part of an app that reloads does not show that the whole does.
        let heals =
            |failing: &FailingTenant| failing.at <= at && (!reload.partial || failing.partial);
        if app.failing.as_ref().map_or(!reload.partial, heals) {
            app.failing = None;
            let took = reload.started.zip(reload.ended).map(|(from, to)| to.duration_since(from));
            let (id, app) = (reload.id.clone(), reload.app.clone());
            news.push(News::Succeeded { id, app, at, took });
        }
        let last = if reload.partial { &mut app.partly } else { &mut app.succeeded };
        *last = (*last).max(Some(at));
        self.rows.apps.put(key, app);
    }
}

/// Whether lists are read as far back as this reload; older ones are not reported.
fn is_listed(cursor: &Cursor, reload: &Reload) -> bool {
    let without_end = earlier(cursor.until, WITHOUT_END);
    match (reload.ended, reload.created) {
        (Some(ended), _) => ended >= cursor.since && ended >= floor(cursor),
        (None, Some(created)) => created >= cursor.since && created >= without_end,
        (None, None) => false,
    }
}
