//! Outages of all kinds, at a slow and a quick pace, with kills in between.
//!
//! The short form has one of each kind, and a slow pace that leads to digests.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::account::{delivered, seen, summarize, unmarked_repeats};
use crate::program::{self, channel, counter, nothing_is_pending, route, start, status, until};
use crate::support::fake_teams::{Answer, FakeTeams, Fate, Post, Shut};
use crate::support::world::{World, kill};

/// Pace, and number of failures per channel; at the slow pace they are enough for digests.
const QUICK: (&str, &str, usize) = ("quick", "pace = { burst = 1000, every = \"1ms\" }", 6);
const SLOW: (&str, &str, usize) = ("slow", "pace = { burst = 1, every = \"4s\" }", 20);
const USUAL: (&str, &str, usize) = ("usual", "", 12);
const SHORT: [&str; 7] =
    ["refused", "no-answer", "hang-up", "busy-for", "broken", "gone", FLOW_OFF_MODE];
/// This channel is probed again after a minute; in the short form, its outage ends before the last
/// start.
const FLOW_OFF_MODE: &str = "flow-off";
/// How often the agent is killed during the outage.
const KILLS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(170);

/// How the channel fails.
enum Mode {
    /// It sends this answer.
    Answers(fn() -> Answer),
    Refuses,
    /// It accepts connections and never reads from them.
    HalfOpen,
}

const FLOW_OFF: &str = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled"}}"#;
const NO_RESPONSE: &str = r#"{"error":{"code":"NoResponse"}}"#;

fn modes() -> Vec<(&'static str, Mode)> {
    let all = all_modes().into_iter();
    all.filter(|(name, _)| crate::long() || SHORT.contains(name)).collect()
}

fn all_modes() -> Vec<(&'static str, Mode)> {
    use Mode::{Answers, HalfOpen, Refuses};
    vec![
        ("refused", Refuses),
        ("no-answer", Answers(|| Answer::Hang)),
        ("hang-up", Answers(|| Answer::Close)),
        ("cut", Answers(|| Answer::Cut)),
        ("slow", Answers(|| Answer::Stall)),
        ("half-open", HalfOpen),
        ("busy", Answers(|| Answer::Status(429))),
        ("busy-for", Answers(|| Answer::too_many(2))),
        ("broken", Answers(|| Answer::Status(500))),
        ("gateway", Answers(|| Answer::with_body(502, NO_RESPONSE))),
        ("overloaded", Answers(|| Answer::Status(503))),
        ("late", Answers(|| Answer::Status(504))),
        (FLOW_OFF_MODE, Answers(|| Answer::with_body(400, FLOW_OFF))),
        ("gone", Answers(|| Answer::Status(404))),
        ("forbidden", Answers(|| Answer::Status(403))),
        ("redirect", Answers(|| Answer::Status(302))),
    ]
}

/// One channel with its own Teams.
struct Line {
    name: String,
    failures: usize,
    down: Option<Shut>,
    teams: Option<FakeTeams>,
}

impl Line {
    fn down(name: String, failures: usize, mode: &Mode) -> Self {
        let line = Self { name, failures, down: None, teams: None };
        match mode {
            Mode::Refuses => Self { down: Some(Shut::refusing()), ..line },
            Mode::HalfOpen => Self { down: Some(Shut::waiting()), ..line },
            Mode::Answers(answer) => {
                let answer = *answer;
                Self { teams: Some(FakeTeams::by(move |_: &Post| answer())), ..line }
            }
        }
    }

    fn url(&self) -> String {
        let shut = self.down.as_ref().map(Shut::url);
        shut.or_else(|| self.teams.as_ref().map(FakeTeams::url)).unwrap()
    }

    /// Ends the outage.
    fn up(&mut self) {
        match self.down.take() {
            Some(shut) => self.teams = Some(shut.open()),
            None => self.teams.as_ref().unwrap().answer_by(|_: &Post| Answer::Status(202)),
        }
    }

    fn is_over_early(&self) -> bool {
        !crate::long() && self.name.starts_with(FLOW_OFF_MODE)
    }

    fn app(&self, n: usize) -> String {
        format!("{} no {n:02}", self.name)
    }

    fn posts(&self) -> Vec<Post> {
        self.teams.as_ref().map(FakeTeams::posts).unwrap_or_default()
    }
}

fn world() -> (World, Vec<Line>) {
    let mut world = program::world("");
    let mut routes = String::new();
    let mut lines = Vec::new();
    for (mode_name, mode) in modes() {
        let paces = [QUICK, if crate::long() { USUAL } else { SLOW }];
        for (pace_name, pace, failures) in paces {
            let line = Line::down(format!("{mode_name}-{pace_name}"), failures, &mode);
            world.config += &channel(&world, &line.name, &line.url(), pace);
            routes += &route(&line.name, &format!("{} *", line.name));
            lines.push(line);
        }
    }
    world.config += &routes;
    world.config += "[incident]\nsettle = \"200ms\"\n";
    (world, lines)
}

fn fail(world: &mut World, lines: &[Line], round: usize) {
    for line in lines {
        let mine = (0..line.failures).filter(|n| n % (KILLS + 1) == round);
        mine.for_each(|n| world.fail(&line.app(n), "Table not found"));
    }
}

#[tokio::test]
async fn an_outage_of_any_kind_with_kills_loses_no_card_and_repeats_none_unmarked() {
    let (mut world, mut lines) = world();
    world.settle_in().await;
    for round in 0..KILLS {
        let agent = start(&world);
        fail(&mut world, &lines, round);
        let expected: u64 = lines.iter().map(|line| failures_until(line, round)).sum();
        let opened = || counter(&world, "notice.opened") >= expected;
        assert!(until(PATIENCE, opened).await, "round {round}: not all failures were read");
        kill(agent);
    }
    lines.iter_mut().filter(|line| line.is_over_early()).for_each(Line::up);
    let before: Vec<usize> = lines.iter().map(|line| line.posts().len()).collect();
    let agent = start(&world);
    // The last agent must also meet the outage before it ends.
    let met = |(line, n): (&Line, &usize)| line.down.is_some() || line.posts().len() > *n;
    assert!(until(PATIENCE, || lines.iter().zip(&before).all(met)).await, "no more attempts");
    lines.iter_mut().filter(|line| !line.is_over_early()).for_each(Line::up);
    fail(&mut world, &lines, KILLS);
    let all: u64 = lines.iter().map(|line| line.failures as u64).sum();
    let over = || counter(&world, "notice.opened") == all && nothing_is_pending(&world);
    let over = until(PATIENCE, over).await;
    kill(agent);
    let pending = status(&world)["owed"].clone();
    let delivered = delivered(&world);
    let complaints: Vec<String> = lines.iter().flat_map(|line| judge(line, &delivered)).collect();
    assert!(complaints.is_empty(), "{}\npending: {pending:#}", complaints.join("\n"));
    assert!(over, "still pending: {pending:#}");
}

/// Number of failures of this channel up to this round.
fn failures_until(line: &Line, round: usize) -> u64 {
    (0..line.failures).filter(|n| n % (KILLS + 1) <= round).count() as u64
}

/// Problems in what people could see of one channel.
fn judge(line: &Line, delivered: &BTreeMap<(String, String), usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for n in 0..line.failures {
        let app = line.app(n);
        let times = delivered.get(&(line.name.clone(), app.clone())).copied().unwrap_or_default();
        if times != 1 {
            wrong.push(format!("{app} ended as sent {times} times"));
        }
    }
    let posts = line.posts();
    let seen = seen(&posts);
    let taken = posts.iter().filter(|post| post.fate == Fate::Taken);
    let repeats = taken.map(summarize).filter(|post| post.is_marked);
    let marked: usize = repeats.map(|post| post.times).sum();
    if seen < line.failures || seen > line.failures + marked {
        wrong.push(format!("{}: {seen} of {} seen, {marked} marked", line.name, line.failures));
    }
    wrong.extend(unmarked_repeats(&posts).into_iter().map(|it| format!("{}: {it}", line.name)));
    wrong
}
