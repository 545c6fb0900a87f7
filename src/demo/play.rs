//! I/O. Plays a story on a node in real time and prints each step.

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::clock::Timestamp;
use crate::demo::Error;
use crate::demo::node::Node;
use crate::demo::plan::{Act, plan};
use crate::demo::story::Story;

/// Plays the story until stopped, repeatedly if it has `again`.
pub async fn play(
    node: &mut Node,
    story: &Story,
    now: impl Fn() -> Timestamp,
    stop: CancellationToken,
    mut print: impl FnMut(&str),
) -> Result<(), Error> {
    let salt = now().to_string();
    let mut player = Player { node, now: &now, print: &mut print };
    let playing = player.narrate(story, &salt);
    stop.run_until_cancelled(playing).await.unwrap_or(Ok(()))
}

struct Player<'t, N, S> {
    node: &'t mut Node,
    now: &'t N,
    print: &'t mut S,
}

impl<N: Fn() -> Timestamp, S: FnMut(&str)> Player<'_, N, S> {
    async fn narrate(&mut self, story: &Story, salt: &str) -> Result<(), Error> {
        let mut start = Instant::now();
        self.once(story, salt, start).await?;
        let Some((length, encore)) = story.encore() else { return Ok(()) };
        for round in 1_u64.. {
            start += length;
            sleep_until(start).await;
            self.once(&encore, &format!("{salt}/{round}"), start).await?;
        }
        Ok(())
    }

    async fn once(&mut self, story: &Story, salt: &str, start: Instant) -> Result<(), Error> {
        for step in plan(story, salt) {
            sleep_until(start + step.at).await;
            let now = (self.now)();
            match &step.act {
                Act::Say(words) => {
                    (self.print)(&format!("{}  {words}", self.node.time_of_day(now)));
                }
                Act::Write(write) => self.node.write(now, write)?,
                Act::Service { name, runs } => self.node.set_service(name, *runs)?,
                Act::Roll => self.node.roll(now)?,
            }
        }
        Ok(())
    }
}
