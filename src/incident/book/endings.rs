//! Pure. How runs and incidents end: settled runs are decided, recovered incidents are closed.

use crate::clock::Timestamp;
use crate::detection::{Detection, ScriptFacts, Subject};
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::ended::EndedRun;
use crate::incident::run::{Run, RunBy, RunKey};
use crate::incident::success::{self, LatestSuccess, Success};

impl IncidentBook {
    /// A run succeeded: drops its attempts and ends the incidents of its task.
    pub(crate) fn observe_success(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        let Some(subject) = Subject::of_run(&detection.facts) else { return };
        if let Some(execution) = &detection.facts.execution_id {
            let key = Run::key_of_execution(execution);
            let attempt = self.runs.get(&key).filter(|run| run.verdict.is_none()).cloned();
            self.forget_presumed([key.clone()], Timestamp::MAX);
            self.conclude(now, &key, decisions);
            self.runs.remove(&key);
            self.ended.remove(&key);
            if let Some(mut attempt) = attempt {
                self.drop_script_of_attempt(now, &mut attempt, decisions);
                if let Some(attempts) = EndedRun::of_attempts(now, &key, &attempt) {
                    self.ended.put(key, attempts);
                }
            }
            self.starts.end(execution);
        }
        let success = Success::of(now, subject, detection);
        let (app, app_name) = (&detection.facts.app_id, &detection.facts.app_name);
        let is_new = self.note_success(now, &success, app.as_ref());
        // Other tasks than reloads have no app.
        decisions.n_reloads += u64::from(is_new && (app.is_some() || app_name.is_some()));
        self.note_rows(now, &detection.facts);
        self.succeed(now, &success, decisions);
    }

    /// A script log ended without an error: ends the incidents of its app outside any task. Script
    /// logs are read in any order, so an earlier failure may be read later.
    pub(crate) fn observe_script_success(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        let Some(app) = &detection.facts.app_id else { return };
        let subject = Subject::Reload(app.clone());
        let success = Success::of(now, subject.clone(), detection);
        let is_new = self.note_success(now, &success, None);
        // A run of the scheduler is counted by its row.
        let is_by_person = detection.script.as_ref().is_some_and(ScriptFacts::is_by_person);
        decisions.n_reloads += u64::from(is_new && is_by_person);
        if let Some(latest) = LatestSuccess::of(now, &success) {
            let key = success::key(&subject);
            let known = self.successes.get(&key);
            if known.is_none_or(|known| known.success.at < success.at) {
                self.successes.put(key, latest);
            }
        }
        if is_by_person {
            self.presume_nothing_of(&self.settling(&subject), success.at);
        }
        self.succeed(now, &success, decisions);
    }

    /// Emits pending failures before their recovery. If a failure still waits for its script log,
    /// the recovery waits with it.
    fn succeed(&mut self, now: Timestamp, success: &Success, decisions: &mut Decisions) {
        let clock = self.settle_clock(now);
        self.forget_presumed(self.settling(&success.subject), success.at);
        let mut waits = false;
        for key in self.settling(&success.subject) {
            let run = self.runs.get(&key).filter(|run| run.due.is_some_and(|due| due > clock));
            if run.is_some_and(Run::may_learn) {
                waits = true;
                self.runs.change(&key, |run| {
                    run.over.get_or_insert_with(|| success.clone());
                    true
                });
            } else {
                self.conclude(now, &key, decisions);
            }
        }
        if !waits {
            self.recover(now, success, decisions);
        }
    }

    /// The undecided runs of a task or app, in the order of their verdicts.
    fn settling(&self, subject: &Subject) -> Vec<RunKey> {
        let keys = self.runs.find_all(&RunBy::DueOf(subject.clone())).into_iter();
        let mut settling: Vec<_> =
            keys.filter_map(|key| Some((self.runs.get(&key)?.row_at(), key))).collect();
        settling.sort();
        settling.into_iter().map(|(_, key)| key).collect()
    }

    /// Lets a run wait until the earlier runs of its subject that recovered are decided, if their
    /// script logs may still be read: their cards come first. Returns whether there are any.
    pub(crate) fn waits_for_earlier(&mut self, now: Timestamp, key: &RunKey) -> bool {
        let Some(run) = self.runs.get(key) else { return false };
        let (Some(subject), at, clock) = (run.subject(), run.row_at(), self.settle_clock(now))
        else {
            return false;
        };
        let earlier = self.settling(&subject).into_iter().filter(|other| other != key);
        let earlier = earlier.filter_map(|other| self.runs.get(&other));
        let is_over = |other: &&Run| other.over.is_some() && other.over != run.over;
        let earlier = earlier.filter(|other| is_over(other) && other.row_at() <= at);
        let due = earlier.filter(|run| run.may_learn()).filter_map(|run| run.due).max();
        let Some(due) = due.filter(|due| *due > clock) else { return false };
        self.runs.change(key, |run| {
            run.due = Some(due);
            true
        });
        true
    }

    /// Decides a settled run, and first the earlier runs that recovered before it.
    pub(crate) fn conclude(&mut self, now: Timestamp, key: &RunKey, decisions: &mut Decisions) {
        let Some(run) = self.runs.get(key).filter(|run| run.due.is_some()) else { return };
        let (over, at) = (run.over.clone(), run.row_at());
        let subject = run.subject().unwrap_or_else(|| Subject::Run(key.to_string()));
        for earlier in self.settling(&subject) {
            let other = self.runs.get(&earlier);
            let is_over = |run: &Run| run.over.is_some() && run.over != over && run.row_at() <= at;
            if earlier != *key && other.is_some_and(is_over) {
                self.decide(now, &earlier, &subject, decisions);
            }
        }
        self.decide(now, key, &subject, decisions);
        // What waited for it waits no longer.
        let clock = self.settle_clock(now);
        for later in self.settling(&subject) {
            let is_ready = |run: &Run| at <= run.row_at() && run.has_last_script();
            if self.runs.get(&later).is_some_and(is_ready) {
                self.runs.change(&later, |run| {
                    run.due = run.due.min(Some(clock));
                    true
                });
            }
        }
    }

    fn decide(
        &mut self,
        now: Timestamp,
        key: &RunKey,
        subject: &Subject,
        decisions: &mut Decisions,
    ) {
        let Some(mut run) = self.runs.remove(key) else { return };
        run.due = None;
        run.is_reported = true;
        if let Some(execution) = &run.facts.execution_id {
            let node = self.starts.node_of(execution);
            run.facts.executing_node = node.or(run.facts.executing_node);
            self.starts.end(execution);
        }
        let is_presumed = run.verdict.is_none();
        run.verdict = run.verdict.or_else(|| run.presumed.take().map(|presumed| *presumed));
        let is_joined = self.give_to_execution(now, &run, decisions)
            || self.join_over_clocks(now, &mut run, decisions)
            || self.is_of_attempt(&run, decisions);
        // Its late rows follow the decision, however long that waited.
        run.seen = now;
        let mut ended = EndedRun::of(key, &run);
        ended.is_presumed = is_presumed;
        if is_joined && run.is_script_alone() {
            return self.recover_after(now, &run, subject, decisions);
        }
        if is_joined {
            ended.match_up();
        } else if let Some(verdict) = &run.verdict {
            self.note_failure(now, subject, verdict);
            self.note_rows(now, &run.facts);
            let script = run.script.as_ref().filter(|_| !run.has_script_of_earlier_attempt());
            let incident = self.occur(now, subject, verdict, &run.facts, script, decisions);
            ended.unmatched = incident.filter(|_| run.lacks_rows() || run.lacks_script());
        }
        self.ended.put(key.clone(), ended);
        self.recover_after(now, &run, subject, decisions);
    }

    /// Applies a success that was read before its run was decided, unless others wait for it, too.
    fn recover_after(
        &mut self,
        now: Timestamp,
        run: &Run,
        subject: &Subject,
        decisions: &mut Decisions,
    ) {
        let late = self.successes.get(&success::key(subject)).map(|latest| &latest.success);
        let late = late.filter(|success| run.row_at() < success.at).cloned();
        let Some(over) = run.over.clone().or(late) else { return };
        let waits =
            |key: &RunKey| self.runs.get(key).is_some_and(|run| run.over == Some(over.clone()));
        if !self.settling(subject).iter().any(waits) {
            self.recover(now, &over, decisions);
        }
    }
}
