//! I/O. Plays a story on a node in real time and prints each step.

use std::cell::RefCell;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::clock::Timestamp;
use crate::demo::Error;
use crate::demo::answers::Answers;
use crate::demo::node::Node;
use crate::demo::plan::{Act, DemoStep, plan};
use crate::demo::story::Story;

/// A line that a player prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayedLine<'l> {
    /// Footman may react to it.
    Event(StoryLine<'l>),
    /// What somebody did about it, followed by its effects.
    Answer { at: &'l str, lines: &'l [String] },
}

/// An event on the node or in the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoryLine<'e> {
    /// `06:13:52`
    pub at: &'e str,
    /// The app or user that it concerns.
    pub subject: Option<&'e str>,
    pub words: &'e str,
}

/// Plays the story until stopped, repeatedly if it has `again`.
pub async fn play(
    node: &mut Node,
    answers: &Answers,
    story: &Story,
    now: impl Fn() -> Timestamp,
    stop: CancellationToken,
    print: impl FnMut(PlayedLine<'_>),
) -> Result<(), Error> {
    let salt = now().to_string();
    let print = RefCell::new(print);
    let player =
        Player { answers, now: &now, print: |line: PlayedLine<'_>| (print.borrow_mut())(line) };
    let playing = player.narrate(node, story, &salt);
    stop.run_until_cancelled(playing).await.unwrap_or(Ok(()))
}

struct Player<'t, N, S> {
    answers: &'t Answers,
    now: &'t N,
    print: S,
}

impl<N: Fn() -> Timestamp, S: Fn(PlayedLine<'_>)> Player<'_, N, S> {
    async fn narrate(&self, node: &mut Node, story: &Story, salt: &str) -> Result<(), Error> {
        let mut start = Instant::now();
        self.once(node, &plan(story, salt), start).await?;
        let Some((length, encore)) = story.encore() else { return Ok(()) };
        for round in 1_u64.. {
            start += length;
            sleep_until(start).await;
            self.once(node, &plan(&encore, &format!("{salt}/{round}")), start).await?;
        }
        Ok(())
    }

    /// Plays the steps once. People may have to wait for the agent; the node continues meanwhile.
    async fn once(&self, node: &mut Node, steps: &[DemoStep], start: Instant) -> Result<(), Error> {
        let (happened, ()) =
            tokio::join!(self.happen(node, steps, start), self.answer(steps, start));
        happened
    }

    async fn happen(
        &self,
        node: &mut Node,
        steps: &[DemoStep],
        start: Instant,
    ) -> Result<(), Error> {
        for step in steps {
            sleep_until(start + step.at).await;
            let now = (self.now)();
            match &step.act {
                Act::Event { subject, words } => {
                    let at = node.time_of_day(now);
                    let subject = subject.as_deref();
                    (self.print)(PlayedLine::Event(StoryLine { at: &at, subject, words }));
                }
                Act::Write(write) => node.write(now, write)?,
                Act::Service { name, runs } => node.set_service(name, *runs)?,
                Act::Roll => node.roll(now)?,
                Act::Answer { .. } => {}
            }
        }
        Ok(())
    }

    /// Submits the answers to the agent one after another and prints each result.
    async fn answer(&self, steps: &[DemoStep], start: Instant) {
        for step in steps {
            let Act::Answer { id, answer } = &step.act else { continue };
            sleep_until(start + step.at).await;
            let (at, lines) = self.answers.give(id, answer, self.now).await;
            (self.print)(PlayedLine::Answer { at: &at, lines: &lines });
        }
    }
}
