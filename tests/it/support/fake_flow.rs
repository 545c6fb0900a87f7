//! A flow that keeps threads, on a loopback port: roots with an `ETag`, replies, updates, a page of the
//! newest messages for the search, the limit of Teams, and faults by a rule.
//!
//! A flow that does not answer acts later than its 202: each run is due at a time, and those that are
//! due are made up for whenever somebody looks.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use footman::clock::{self, Timestamp};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::fake_teams::{Answer, FakeTeams, Post};
use crate::support::world::texts;

/// Messages that the search sees.
const PAGE: usize = 20;
/// Two changes of one thread within this time are refused.
const CONTESTED: Duration = Duration::from_secs(2);
/// So many operations of one connection within that time.
const MOST: usize = 25;
const LIMITED: Duration = Duration::from_mins(5);

/// One message in the channel and its thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thread {
    /// The texts of the root, as it is now.
    pub(crate) root: Vec<String>,
    /// Number of changes of the root.
    pub(crate) updates: usize,
    /// The texts of each reply.
    pub(crate) replies: Vec<Vec<String>>,
    card: String,
    changed: Option<Timestamp>,
    is_deleted: bool,
}

impl Thread {
    /// Whether a text of the root contains this.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.root.iter().any(|known| known.contains(text))
    }
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The connection ends before the answer; the message is written.
    Unanswered,
    /// Teams refuses with this status.
    Status(u16),
    /// What is before the flow answers so, and the flow does not run.
    Before(u16),
}

/// When a flow acts, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acts {
    /// At once, with an answer.
    Answering,
    /// After these seconds, over and over; runs overtake each other.
    Later(&'static [i64]),
    /// The same, but each run begins when the one before has ended.
    InTurn(&'static [i64]),
}

/// A run that acts later.
struct Run {
    due: Timestamp,
    body: Value,
    mode: String,
}

#[derive(Default)]
struct Channel {
    threads: Vec<Thread>,
    running: Vec<Run>,
    n_later: usize,
    last_due: Option<Timestamp>,
    operations: Vec<Timestamp>,
    /// Refusals because two changes came too soon, or because there were too many.
    contested: usize,
    limited: usize,
}

/// The running flow.
pub(crate) struct FakeFlow {
    channel: Arc<Mutex<Channel>>,
}

impl FakeFlow {
    /// Lets this Teams answer as the flow does. `fault` is asked for each request, with its number
    /// from 1 and its mode.
    pub(crate) fn behind(
        teams: &FakeTeams,
        acts: Acts,
        mut fault: impl FnMut(usize, &str) -> Fault + Send + 'static,
    ) -> Self {
        let channel = Arc::new(Mutex::new(Channel::default()));
        let flow = Self { channel: Arc::clone(&channel) };
        let mut n = 0;
        teams.answer_by(move |post: &Post| {
            n += 1;
            let body: Value = serde_json::from_str(&post.body).unwrap();
            let mode = body["thread"]["mode"].as_str().unwrap_or("open").to_owned();
            let mut channel = channel.lock().unwrap();
            let now = clock::now();
            match (fault(n, &mode), acts) {
                (Fault::Before(status), _) => Answer::Status(status),
                (Fault::Status(status), Acts::Answering) => failed(status),
                (Fault::Status(_), _) => Answer::Status(202),
                (Fault::Unanswered, Acts::Answering) => {
                    channel.run(now, &body, &mode).ok();
                    Answer::Close
                }
                (Fault::None, Acts::Answering) => match channel.run(now, &body, &mode) {
                    Ok(answer) => Answer::with_body(200, &answer.to_string()),
                    Err(status) => failed(status),
                },
                (fault, Acts::Later(seconds)) => {
                    channel.start(now, seconds, body, mode);
                    if fault == Fault::None { Answer::Status(202) } else { Answer::Close }
                }
                (fault, Acts::InTurn(seconds)) => {
                    let begins = channel.last_due.filter(|due| *due > now).unwrap_or(now);
                    channel.start(begins, seconds, body, mode);
                    if fault == Fault::None { Answer::Status(202) } else { Answer::Close }
                }
            }
        });
        flow
    }

    /// What is in Teams now.
    pub(crate) fn threads(&self) -> Vec<Thread> {
        let mut channel = self.channel.lock().unwrap();
        channel.make_up(clock::now());
        channel.threads.clone()
    }

    /// Whether a run has not acted yet.
    pub(crate) fn is_running(&self) -> bool {
        let mut channel = self.channel.lock().unwrap();
        channel.make_up(clock::now());
        !channel.running.is_empty()
    }

    /// Deletes a root, as a person does.
    pub(crate) fn delete(&self, n: usize) {
        self.channel.lock().unwrap().threads[n].is_deleted = true;
    }

    /// Refusals because of two changes at a time, and because of the limit.
    pub(crate) fn refusals(&self) -> (usize, usize) {
        let channel = self.channel.lock().unwrap();
        (channel.contested, channel.limited)
    }
}

fn failed(status: u16) -> Answer {
    let body = json!({ "ok": false, "status": status, "error": "no", "run": "08584" });
    Answer::with_body(502, &body.to_string())
}

impl Channel {
    /// Lets a run act some seconds after it began.
    fn start(&mut self, begins: Timestamp, seconds: &[i64], body: Value, mode: String) {
        let due = begins + SignedDuration::from_secs(seconds[self.n_later % seconds.len()]);
        self.n_later += 1;
        self.last_due = Some(due);
        self.running.push(Run { due, body, mode });
    }

    /// Runs what is due, as it would have been.
    fn make_up(&mut self, now: Timestamp) {
        let (mut due, waiting): (Vec<Run>, Vec<Run>) =
            std::mem::take(&mut self.running).into_iter().partition(|run| run.due <= now);
        self.running = waiting;
        due.sort_by_key(|run| run.due);
        for Run { due, body, mode } in due {
            // Nobody learns of a refusal.
            self.run(due, &body, &mode).ok();
        }
    }

    fn run(&mut self, now: Timestamp, body: &Value, mode: &str) -> Result<Value, u16> {
        let attachments = body["attachments"].as_array().unwrap();
        assert_eq!(attachments.len(), 1, "{body}");
        self.operations.retain(|at| *at + LIMITED > now);
        if self.operations.len() >= MOST {
            self.limited += 1;
            return Err(429);
        }
        self.operations.push(now);
        let card = attachments[0]["content"].to_string();
        let shown = texts(&body.to_string());
        let key = body["thread"]["key"].as_str().unwrap_or_default();
        let given = body["thread"]["messageId"].as_str();
        let found = match given {
            Some(id) => Some(id.parse().unwrap()),
            None if mode != "open" && !key.is_empty() => self.find(key),
            None => None,
        };
        let Some(n) = found else {
            let changed = Some(now);
            let thread = Thread { root: shown, card, changed, ..Thread::default() };
            self.threads.push(thread);
            return Ok(answer(key, self.threads.len() - 1, true));
        };
        let thread = self.threads.get_mut(n).filter(|it| !it.is_deleted).ok_or(404_u16)?;
        if thread.changed.is_some_and(|changed| now < changed + CONTESTED) {
            self.contested += 1;
            return Err(412);
        }
        thread.changed = Some(now);
        if mode == "reply" {
            thread.replies.push(shown);
        } else {
            (thread.root, thread.card) = (shown, card);
            thread.updates += 1;
        }
        Ok(answer(key, n, false))
    }

    fn find(&self, key: &str) -> Option<usize> {
        let key = format!("footman:{key}");
        let newest = self.threads.iter().enumerate().rev().take(PAGE);
        let mut found = newest.filter(|(_, it)| !it.is_deleted && it.card.contains(&key));
        found.next().map(|(n, _)| n)
    }
}

fn answer(key: &str, n: usize, opened: bool) -> Value {
    let id = n.to_string();
    json!({ "ok": true, "key": key, "rootId": id, "messageId": id, "opened": opened, "run": "08584" })
}
