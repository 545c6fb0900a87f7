//! A flow that keeps threads, on a loopback port: roots with an `ETag`, replies, updates, a page of the
//! newest messages for the search, the limit of Teams, and faults by a rule.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use footman::clock::{self, Timestamp};
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
}

#[derive(Default)]
struct Channel {
    threads: Vec<Thread>,
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
    /// Lets this Teams answer as the flow does. `answers`: whether it may use the answering action.
    /// `fault` is asked for each request, with its number from 1 and its mode.
    pub(crate) fn behind(
        teams: &FakeTeams,
        answers: bool,
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
            match fault(n, &mode) {
                Fault::Status(status) => failed(status),
                Fault::Unanswered => {
                    channel.run(&body, &mode).ok();
                    Answer::Close
                }
                Fault::None => match (channel.run(&body, &mode), answers) {
                    (_, false) => Answer::Status(202),
                    (Ok(answer), true) => Answer::with_body(200, &answer.to_string()),
                    (Err(status), true) => failed(status),
                },
            }
        });
        flow
    }

    pub(crate) fn threads(&self) -> Vec<Thread> {
        self.channel.lock().unwrap().threads.clone()
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
    fn run(&mut self, body: &Value, mode: &str) -> Result<Value, u16> {
        let attachments = body["attachments"].as_array().unwrap();
        assert_eq!(attachments.len(), 1, "{body}");
        let now = clock::now();
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
