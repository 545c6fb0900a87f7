//! I/O. Plays a story on a node in real time and prints each step.

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::clock::Timestamp;
use crate::demo::Error;
use crate::demo::node::Node;
use crate::demo::plan::{Act, plan};
use crate::demo::story::Story;

/// Plays the story, repeatedly if it asks for that, until stopped.
pub async fn play(
    node: &mut Node,
    story: &Story,
    now: impl Fn() -> Timestamp,
    stop: CancellationToken,
    mut said: impl FnMut(&str),
) -> Result<(), Error> {
    let salt = now().to_string();
    let mut telling = Telling { node, now: &now, said: &mut said };
    let told = telling.narrate(story, &salt);
    stop.run_until_cancelled(told).await.unwrap_or(Ok(()))
}

struct Telling<'t, N, S> {
    node: &'t mut Node,
    now: &'t N,
    said: &'t mut S,
}

impl<N: Fn() -> Timestamp, S: FnMut(&str)> Telling<'_, N, S> {
    async fn narrate(&mut self, story: &Story, salt: &str) -> Result<(), Error> {
        let mut begun = Instant::now();
        self.once(story, salt, begun).await?;
        let Some((length, encore)) = story.encore() else { return Ok(()) };
        for round in 1_u64.. {
            begun += length;
            sleep_until(begun).await;
            self.once(&encore, &format!("{salt}/{round}"), begun).await?;
        }
        Ok(())
    }

    async fn once(&mut self, story: &Story, salt: &str, begun: Instant) -> Result<(), Error> {
        for step in plan(story, salt) {
            sleep_until(begun + step.at).await;
            let now = (self.now)();
            match &step.act {
                Act::Say(words) => (self.said)(&format!("{}  {words}", self.node.time_of_day(now))),
                Act::Write(write) => self.node.write(now, write)?,
                Act::Service { name, runs } => self.node.set_service(name, *runs)?,
                Act::Roll => self.node.roll(now)?,
            }
        }
        Ok(())
    }
}
