//! Pure. Joins the script log and the rows of one failure if their times are far apart: two clocks
//! differ, a clock was set, or rows are written late.

use std::ops::RangeInclusive;

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};
use crate::detection::{AppId, Subject};
use crate::incident::Suppression;
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::ended::EndedRun;
use crate::incident::run::{Run, RunBy, RunKey, Verdict};

/// The times of rows and of the script log that belongs to them are at most this far apart: clocks
/// differ by ten minutes, and a script log may be complete before its rows are written.
const FARTHEST: SignedDuration = SignedDuration::from_mins(12);
/// Rows and script logs that are at most this far apart may compete for the same counterpart.
const RIVALS: SignedDuration = SignedDuration::from_mins(24);

impl IncidentBook {
    /// Called when a run is about to be decided and its times alone have joined nothing. Joins its
    /// script log and its rows if they are the only ones of the app that lack each other. Returns
    /// whether that decides the run.
    pub(crate) fn join_over_clocks(
        &mut self,
        now: Timestamp,
        run: &mut Run,
        decisions: &mut Decisions,
    ) -> bool {
        let (Some(app), Some(verdict)) = (run.facts.app_id.clone(), run.verdict.clone()) else {
            return false;
        };
        if run.lacks_rows() {
            self.give_script(now, &app, run, verdict, decisions)
        } else if run.lacks_script() {
            !self.take_script_of_other_clock(now, &app, run, decisions)
                && self.join_reported_script(&app, run, &verdict, decisions)
        } else {
            false
        }
    }

    /// The run of this failed attempt succeeded, so its script log, written by another clock,
    /// belongs to no failure.
    pub(crate) fn drop_script_of_attempt(
        &mut self,
        now: Timestamp,
        attempt: &mut Run,
        decisions: &mut Decisions,
    ) {
        if let Some(app) = attempt.facts.app_id.clone().filter(|_| attempt.lacks_script()) {
            self.take_script_of_other_clock(now, &app, attempt, decisions);
        }
    }

    /// Gives a script log to the rows that have none, whether their run was decided or not.
    fn give_script(
        &mut self,
        now: Timestamp,
        app: &AppId,
        script: &Run,
        verdict: Verdict,
        decisions: &mut Decisions,
    ) -> bool {
        let at = script.script_end();
        let times = around(at, RIVALS);
        let others = times_of(self.under_way(&script_of(app), &times, Run::lacks_rows));
        let rows = self.rows_without_script(app, &times);
        if let Some((row, key)) = partner(at, &others, rows) {
            self.explain_under_way(now, (&key, row), script, verdict, decisions);
            return true;
        }
        let Some((row, key)) = self.nearest_ended(app, &rows_of(app), at) else { return false };
        let held = (&script.facts, script.script.as_ref());
        if self.ended.get(&key).is_some_and(|ended| ended.is_attempt(row)) {
            self.ended.change(&key, |ended| {
                ended.take_script(row);
                true
            });
            decisions.hold(Suppression::Attempt, None, &verdict, held);
            return true;
        }
        let print = self.ended.get(&key).and_then(|ended| ended.unmatched.clone());
        if let (Some(print), Some(script)) = (&print, &script.script) {
            self.explain(print, script);
        }
        self.ended.change(&key, |ended| {
            ended.match_up();
            ended.other_clock = true;
            true
        });
        decisions.hold(Suppression::LateScriptLog, print.as_ref(), &verdict, held);
        true
    }

    fn explain_under_way(
        &mut self,
        now: Timestamp,
        (key, row): (&RunKey, Timestamp),
        from: &Run,
        verdict: Verdict,
        decisions: &mut Decisions,
    ) {
        let Some(mut run) = self.runs.remove(key) else { return };
        if run.take_earlier_row(row) {
            self.runs.put(key.clone(), run);
            let held = (&from.facts, from.script.as_ref());
            return decisions.hold(Suppression::Attempt, None, &verdict, held);
        }
        run.take_script_of_other_clock(from);
        let is_attempt = run.verdict.is_none();
        let why = if is_attempt { Suppression::Attempt } else { Suppression::SameRun };
        decisions.hold(why, None, &verdict, (&from.facts, from.script.as_ref()));
        if is_attempt {
            // By the clock of the rows, as the starts of the attempts that may follow.
            let verdict = Verdict { at: run.at, ..verdict };
            self.presume_script(now, &mut run, Some(verdict));
        }
        self.runs.put(key.clone(), run);
        if !is_attempt {
            self.conclude(now, key, decisions);
        }
    }

    /// Takes the script log without rows, if there is one; the run is decided with it.
    fn take_script_of_other_clock(
        &mut self,
        now: Timestamp,
        app: &AppId,
        run: &mut Run,
        decisions: &mut Decisions,
    ) -> bool {
        self.take_scripts_of_earlier_rows(app, run, decisions);
        let at = run.row_at();
        let times = around(at, RIVALS);
        let others = times_of(self.rows_without_script(app, &times));
        let scripts = self.under_way(&script_of(app), &times, Run::lacks_rows);
        let found = partner(at, &others, scripts).and_then(|(_, key)| self.runs.remove(&key));
        let Some(script) = found else { return false };
        run.take_script_of_other_clock(&script);
        if let Some(verdict) = &script.verdict {
            let held = (&script.facts, script.script.as_ref());
            decisions.hold(Suppression::SameRun, None, verdict, held);
        }
        // What waited for the script log alone would wait forever.
        if let Some(over) = &script.over {
            self.recover(now, over, decisions);
        }
        true
    }

    /// Takes the script logs of its earlier attempts, which make no card. If there are fewer script
    /// logs than rows, none is taken: the last attempt needs one most.
    fn take_scripts_of_earlier_rows(
        &mut self,
        app: &AppId,
        run: &mut Run,
        decisions: &mut Decisions,
    ) {
        for row in run.earlier_rows.clone() {
            let times = around(row, RIVALS);
            let mut others = times_of(self.rows_without_script(app, &times));
            others.extend(run.earlier_rows.iter().filter(|other| **other != row));
            others.push(run.row_at());
            let scripts = self.under_way(&script_of(app), &times, Run::lacks_rows);
            let is_whole = scripts.len() == others.len() + 1;
            let found = partner(row, &others, scripts).filter(|_| is_whole);
            let Some(script) = found.and_then(|(_, key)| self.runs.remove(&key)) else { continue };
            run.take_earlier_row(row);
            if let Some(verdict) = &script.verdict {
                let held = (&script.facts, script.script.as_ref());
                decisions.hold(Suppression::Attempt, None, verdict, held);
            }
        }
    }

    /// The rows of runs under way that lack their script logs, in the order of their times.
    fn rows_without_script(
        &self,
        app: &AppId,
        times: &RangeInclusive<Timestamp>,
    ) -> Vec<(Timestamp, RunKey)> {
        let by = rows_of(app);
        let found = self.runs.find(&by, times.clone());
        let found = found.filter(|(at, _, run)| {
            run.earlier_rows.contains(at) || *at == run.row_at() && run.lacks_script()
        });
        found.map(|(at, key, _)| (at, key.clone())).collect()
    }

    /// A card of the script log alone was sent: the rows belong to it.
    fn join_reported_script(
        &mut self,
        app: &AppId,
        run: &Run,
        verdict: &Verdict,
        decisions: &mut Decisions,
    ) -> bool {
        let key = self.nearest_ended(app, &script_of(app), run.row_at());
        let Some(script) = key.and_then(|(_, key)| self.ended.remove(&key)) else { return false };
        let print = script.unmatched.as_ref();
        decisions.hold(Suppression::SameRun, print, verdict, (&run.facts, None));
        true
    }

    /// The runs in progress that lack their other half, in the order of their times.
    fn under_way(
        &self,
        by: &RunBy,
        times: &RangeInclusive<Timestamp>,
        lacks: impl Fn(&Run) -> bool,
    ) -> Vec<(Timestamp, RunKey)> {
        let found = self.runs.find(by, times.clone());
        // A time that may mean either of two is in the index twice.
        let own = |at: &Timestamp, run: &Run| *at == run.script_end() || *at == run.row_at();
        let found = found.filter(|(at, _, run)| lacks(run) && own(at, run));
        found.map(|(at, key, _)| (at, key.clone())).collect()
    }

    /// Whether rows of an app lack a script log that another clock may have written at this time.
    pub(crate) fn lacks_script_near(&self, app: &AppId, ended: Timestamp) -> bool {
        !self.rows_without_script(app, &around(ended, RIVALS)).is_empty()
            || self.nearest_ended(app, &rows_of(app), ended).is_some()
    }

    /// The nearest decided run that lacks its other half, with the time of that, unless the app was
    /// reloaded in between or its incident is over: then it is another failure. The attempts of a
    /// run that succeeded lack theirs all the same.
    fn nearest_ended(&self, app: &AppId, by: &RunBy, at: Timestamp) -> Option<(Timestamp, RunKey)> {
        let success = self.histories.of(&Subject::Reload(app.clone())).last_success;
        let lacks = |ended: &EndedRun| {
            ended.unmatched.as_ref().is_some_and(|print| self.incidents.get(print).is_some())
        };
        let is_between = |one: Timestamp| {
            success.is_some_and(|success| one.min(at) < success && success < one.max(at))
        };
        let found = self.ended.find(by, around(at, FARTHEST));
        let found = found
            .filter(|(one, _, ended)| ended.is_attempt(*one) || lacks(ended) && !is_between(*one));
        let far = |one: Timestamp| one.duration_since(at).abs();
        found.min_by_key(|(one, ..)| far(*one)).map(|(one, key, _)| (one, key.clone()))
    }
}

/// The counterpart of the run of this time, which is not among `others`. Clocks that differ keep
/// the order: if equal numbers of both kinds are known, the first belongs to the first. Otherwise
/// both must be nearest to each other.
fn partner(
    own: Timestamp,
    others: &[Timestamp],
    candidates: Vec<(Timestamp, RunKey)>,
) -> Option<(Timestamp, RunKey)> {
    let far = |one: Timestamp, other: Timestamp| one.duration_since(other).abs();
    let (at, key) = if candidates.len() == others.len() + 1 {
        let earlier = others.iter().filter(|at| **at < own).count();
        candidates.into_iter().nth(earlier)?
    } else {
        let nearest = candidates.into_iter().min_by_key(|(at, _)| far(*at, own));
        nearest.filter(|(at, _)| others.iter().all(|other| far(*at, own) <= far(*at, *other)))?
    };
    (far(at, own) <= FARTHEST).then_some((at, key))
}

fn times_of(runs: Vec<(Timestamp, RunKey)>) -> Vec<Timestamp> {
    runs.into_iter().map(|(at, _)| at).collect()
}

fn around(at: Timestamp, far: SignedDuration) -> RangeInclusive<Timestamp> {
    later(at, -far)..=later(at, far)
}

fn script_of(app: &AppId) -> RunBy {
    RunBy::ScriptOf(Some(app.clone()))
}

fn rows_of(app: &AppId) -> RunBy {
    RunBy::RowsOf { app: app.clone(), is_explained: false }
}
