//! A night of faults in a channel with threads, with the real program and a kill in each round: roots and
//! replies tell the story of each incident, and the fallback what the flow does not take.
//!
//! The long form (`tests/attack/run flow`) has 102 kills.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use footman::clock::{self, Timestamp};
use jiff::SignedDuration;
use serde_json::Value;

use crate::program::{self, channel, counter, nothing_is_pending, route, start, status, until};
use crate::support::fake_flow::{Acts, FakeFlow, Fault, Thread};
use crate::support::fake_teams::{Answer, FakeTeams, Fate, Post};
use crate::support::world::{World, kill, texts};

const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than what waits for the limit of Teams takes.
const LONG_PATIENCE: Duration = Duration::from_hours(1);
const FALLBACK_AFTER: SignedDuration = SignedDuration::from_secs(1);
/// What was accepted so shortly before a kill may be unknown after it.
const UNKNOWN: SignedDuration = SignedDuration::from_millis(500);
/// The limit of Teams.
const MOST: usize = 25;
const LIMITED: SignedDuration = SignedDuration::from_secs(300);

/// What goes wrong in a round: with its first request, or with all.
fn fault(round: usize) -> (Fault, bool) {
    let all = [
        (Fault::None, false),
        (Fault::Unanswered, false),
        (Fault::Status(500), false),
        (Fault::Before(503), true),
        (Fault::None, false),
        (Fault::Status(412), false),
        (Fault::Unanswered, false),
        (Fault::Before(404), true),
        (Fault::None, false),
    ];
    all[round % all.len()]
}

/// The number of rounds, three for each incident, and a pace below the limit: in the short form, nothing
/// waits for it.
fn form() -> (usize, &'static str) {
    if crate::long() {
        (102, "pace = { burst = 4, every = \"15s\" }")
    } else {
        (9, "pace = { burst = 24, every = \"300s\" }")
    }
}

/// One incident: it opens in one round, is acknowledged in the next, and recovers in the third.
struct Incident {
    app: String,
    /// A person deleted its root.
    is_deleted: bool,
}

#[tokio::test]
async fn roots_and_replies_tell_each_story_despite_faults_and_kills() {
    let (ops, spare) = (FakeTeams::start([]), FakeTeams::start([]));
    let mut world = program::world("");
    let (rounds, pace) = form();
    let keys = format!("kind = \"flow\"\n{pace}\nfallback = \"spare\"\nfallback-after = \"1s\"");
    world.config += &channel(&world, "ops", &ops.url(), &keys);
    let quick = "pace = { burst = 1000, every = \"1ms\" }";
    world.config += &channel(&world, "spare", &spare.url(), quick);
    world.config += &route("ops", "App *");
    world.config += "[incident]\nsettle = \"200ms\"\n";
    let now_and_later = Arc::new(Mutex::new((Fault::None, false)));
    let (asked, spared) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let flow = {
        let (faults, asked) = (Arc::clone(&now_and_later), Arc::clone(&asked));
        FakeFlow::behind(&ops, Acts::Answering, move |_, _| {
            asked.lock().unwrap().push(clock::now());
            let mut faults = faults.lock().unwrap();
            let (fault, lasts) = *faults;
            if !lasts {
                *faults = (Fault::None, false);
            }
            fault
        })
    };
    let times = Arc::clone(&spared);
    spare.answer_by(move |post: &Post| {
        // It also gets recoveries of its own.
        if post.body.contains("sent here because") {
            times.lock().unwrap().push(clock::now());
        }
        Answer::Status(202)
    });
    world.settle_in().await;
    let (mut incidents, mut kills): (Vec<Incident>, Vec<Timestamp>) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        *now_and_later.lock().unwrap() = fault(round);
        let n_posts = || ops.posts().len() + spare.posts().len();
        let (before, n_spared, is_down) = (n_posts(), spare.posts().len(), fault(round).1);
        let agent = start(&world);
        match round % 3 {
            0 => {
                let app = format!("App {:03}", round / 3);
                world.fail(&app, "Table not found");
                incidents.push(Incident { app, is_deleted: false });
            }
            1 => acknowledge(&world, &incidents.last().unwrap().app).await,
            _ => {
                let last = incidents.last_mut().unwrap();
                if round % 2 == 1 {
                    let threads = flow.threads();
                    let found = threads.iter().position(|it| it.shows(&last.app));
                    if let Some(n) = found {
                        flow.delete(n);
                        last.is_deleted = true;
                    }
                }
                world.succeed(&last.app);
            }
        }
        let more = || if is_down { spare.posts().len() > n_spared } else { n_posts() > before };
        let has_happened = until(PATIENCE, more).await;
        assert!(has_happened, "round {round}: nothing was sent");
        if crate::long() && round % 3 == 2 {
            // More than Teams takes would be digests, which are in no thread.
            let n = u64::try_from(round / 3 + 1).unwrap();
            let is_posted =
                || counter(&world, "notice.recovered") >= n && nothing_is_pending(&world);
            assert!(until(LONG_PATIENCE, is_posted).await, "round {round}: still pending");
        }
        kills.push(clock::now());
        kill(agent);
    }
    *now_and_later.lock().unwrap() = (Fault::None, false);
    let agent = start(&world);
    let n = u64::try_from(rounds / 3).unwrap();
    let is_over = || counter(&world, "notice.recovered") >= n && nothing_is_pending(&world);
    let is_over = until(LONG_PATIENCE, is_over).await;
    kill(agent);
    assert!(is_over, "still pending: {:#}", status(&world)["owed"]);

    let (asked, spared) = (asked.lock().unwrap().clone(), spared.lock().unwrap().clone());
    assert_eq!(flow.refusals(), (0, 0), "never two in one thread, nor more than Teams takes");
    assert_most(&asked);
    let taken = ops.posts().into_iter().zip(&asked).filter(|(post, _)| post.fate == Fate::Taken);
    let is_known = |at: &Timestamp| kills.iter().all(|kill| *at > *kill || *at + UNKNOWN < *kill);
    let taken: Vec<Timestamp> = taken.map(|(_, at)| *at).filter(is_known).collect();
    for at in &spared {
        let last = taken.iter().rfind(|taken| *taken <= at);
        let is_late = last.is_none_or(|last| *at >= *last + FALLBACK_AFTER);
        assert!(is_late, "the fallback was used at {at}, but the flow took a message at {last:?}");
    }
    assert!(!spared.is_empty(), "the fallback was used");
    assert_eq!(counter(&world, "delivery.dead"), 0);
    let spare: Vec<Vec<String>> = spare.posts().iter().map(|post| texts(&post.body)).collect();
    let threads = flow.threads();
    let n_missing: usize = incidents.iter().map(|it| n_missing(it, &threads, &spare)).sum();
    let n_left_out = counter(&world, "thread.reply-given-up");
    let n_left_out = n_left_out + counter(&world, "thread.reply-withdrawn");
    println!("{} incidents, {} messages, {} through the fallback", n, asked.len(), spared.len());
    assert!(
        n_missing as u64 <= n_left_out,
        "{n_missing} missing, but {n_left_out} left out: {threads:#?}"
    );
}

/// Acknowledges the incident of an app, if it is known by then.
async fn acknowledge(world: &World, app: &str) {
    let id = || {
        let listed = program::run(world, &["incidents", "--all", "--json"]).stdout;
        let listed: Vec<Value> = serde_json::from_slice(&listed).ok()?;
        let found = listed.into_iter().find(|it| it["app"] == app)?;
        Some(found["id"].as_str()?.to_owned())
    };
    assert!(until(PATIENCE, || id().is_some()).await, "{app} is not listed");
    let done = || {
        let acknowledge = ["acknowledge", &id().unwrap(), "--by", "Anna"];
        program::run(world, &acknowledge).status.success()
    };
    assert!(until(PATIENCE, done).await, "{app} is not acknowledged");
}

fn assert_most(asked: &[Timestamp]) {
    for (n, from) in asked.iter().enumerate() {
        let within = asked[n..].iter().take_while(|at| **at < *from + LIMITED).count();
        assert!(within <= MOST, "{within} messages in 300 s from {from}");
    }
}

fn says(card: &[String], text: &str) -> bool {
    card.iter().any(|known| known.contains(text))
}

/// Checks what was posted of an incident; returns how many of its replies are in neither channel.
fn n_missing(incident: &Incident, threads: &[Thread], spare: &[Vec<String>]) -> usize {
    let Incident { app, is_deleted } = incident;
    let of_app: Vec<&Thread> = threads.iter().filter(|it| it.shows(app)).collect();
    let elsewhere: Vec<&Vec<String>> = spare.iter().filter(|card| says(card, app)).collect();
    let recovered = format!("{app} reloads again");
    let case = || format!("{app}: {of_app:#?}\n{elsewhere:#?}");
    match of_app.last() {
        // What only the fallback posted has no root when it is over.
        None => {
            let is_over = elsewhere.iter().any(|card| says(card, &recovered));
            assert!(is_over, "{}", case());
        }
        Some(last) => {
            assert!(of_app.len() <= 1 + usize::from(*is_deleted), "{}", case());
            let shows_end = last.shows(&recovered) || (*is_deleted && of_app.len() == 1);
            assert!(shows_end, "the last root is not the last state: {}", case());
        }
    }
    // In the order of the story, each once unless it is marked.
    let replies: Vec<&Vec<String>> = of_app.iter().flat_map(|it| &it.replies).collect();
    let steps =
        replies.iter().map(|reply| (says(reply, &recovered), says(reply, "ossible repeat")));
    let steps: Vec<(bool, bool)> = steps.collect();
    for pair in steps.windows(2) {
        let [(before, _), (after, is_marked)] = [pair[0], pair[1]];
        let is_later = !before && after;
        assert!(is_later || (before == after && is_marked), "{}", case());
    }
    for text in [&format!("Reload failed: {app}"), &recovered] {
        let unmarked = elsewhere.iter().filter(|card| says(card, text));
        let unmarked = unmarked.filter(|card| !says(card, "ossible repeat")).count();
        // An acknowledged failure has the same title.
        let most = if *text == recovered { 1 } else { 2 };
        assert!(unmarked <= most, "{unmarked} times {text}: {}", case());
    }
    let is_posted = |is_over: bool| {
        let there = elsewhere.iter().any(|card| says(card, &recovered) == is_over);
        let continued = of_app.len() > 1;
        steps.iter().any(|(over, _)| *over == is_over) || there || continued
    };
    [false, true].into_iter().filter(|is_over| !is_posted(*is_over)).count()
}
