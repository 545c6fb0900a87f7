//! Incidents as threads: what is written, when, and what is given up.

mod elsewhere;
mod faults;
mod night;

use super::*;

/// A channel with threads, as fast as Teams takes it.
fn threaded() -> Outbox {
    paced().with_threads(&["ops".to_owned()], Vec::new())
}

/// The `n`-th card of an incident.
fn about(incident: &str, n: usize, reason: Reason) -> Delivery {
    let severity = if reason == Reason::Recovered { Severity::Info } else { Severity::Error };
    Delivery { reason, ..of(card(&format!("{incident}{n}")), severity, incident) }
}

/// What the flow answers to a write.
type Rule<'a> = &'a mut dyn FnMut(u64, &ThreadWrite) -> (Outcome, ThreadAnswer);

fn root(id: &str) -> ThreadAnswer {
    ThreadAnswer::Root { id: Some(id.to_owned()), is_new: false }
}

/// A flow that returns the key as the id of its root.
fn well(_: u64, write: &ThreadWrite) -> (Outcome, ThreadAnswer) {
    (accepted(), root(&format!("root of {}", write.key)))
}

/// Plays additions and answers; one line for each write.
fn played(outbox: &mut Outbox, mut adds: Vec<(u64, Delivery)>, rule: Rule<'_>) -> String {
    let (mut transcript, mut now) = (String::new(), start());
    adds.sort_by_key(|(at, _)| *at);
    adds.reverse();
    loop {
        let passed = u64::try_from(now.duration_since(start()).as_secs()).unwrap();
        let mut new = Vec::new();
        while adds.last().is_some_and(|(added, _)| *added <= passed) {
            new.push(Delivery { created: now, ..adds.pop().unwrap().1 });
        }
        outbox.retain_useful(now, &mut new);
        outbox.add(new);
        if let Some(attempt) = outbox.next(now) {
            let (outcome, answer) = match &attempt.thread {
                Some(write) => rule(passed, write),
                None => (accepted(), ThreadAnswer::Unknown),
            };
            let change = outbox.apply_with(now, &attempt.id, outcome, answer).unwrap();
            transcript.push_str(&wrote(now, &attempt, &change));
            continue;
        }
        let wakeup = outbox.next_wakeup(now);
        assert!(wakeup.is_none_or(|wakeup| wakeup > now), "woken without a reason");
        let added = adds.last().map(|(added, _)| at(*added));
        match wakeup.into_iter().chain(added).min() {
            Some(next) if next <= at(20_000) => now = next.max(now),
            _ => return transcript,
        }
    }
}

fn wrote(now: Timestamp, attempt: &Attempt, change: &Change) -> String {
    let line = line(now, attempt, change);
    let Some(write) = &attempt.thread else { return line };
    let name = write.card.split('@').next().unwrap();
    let what = match write.message {
        ThreadMessage::Root { continues: None, .. } => format!("root {name}"),
        ThreadMessage::Root { continues: Some(_), .. } => format!("root {name} continued"),
        ThreadMessage::Update => format!("update {name}"),
        ThreadMessage::Reply => format!("reply {name}"),
    };
    let (time, rest) = line.split_once("s ").unwrap();
    format!("{time}s {what} ({rest}").replace('\n', ")\n")
}

#[test]
fn the_first_card_is_the_root_and_what_follows_updates_it_and_replies() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (900, about("a", 3, Reason::Acknowledged)),
        (1200, about("a", 4, Reason::Recovered)),
        // Reopened.
        (4000, about("a", 5, Reason::Opened)),
    ];
    assert_eq!(
        played(&mut threaded(), adds, &mut well),
        "    0s root a1 (a1 accepted)
  600s update a2 (a2 shown: to reply 1, done 0, given up 0)
  603s reply a2 (a2 accepted)
  900s update a3 (a3 shown: to reply 1, done 0, given up 0)
  903s reply a3 (a3 accepted)
 1200s update a4 (a4 shown: to reply 1, done 0, given up 0)
 1203s reply a4 (a4 accepted)
 4000s update a5 (a5 shown: to reply 1, done 0, given up 0)
 4003s reply a5 (a5 accepted)
"
    );
}

#[test]
fn an_update_shows_the_newest_card_and_the_replies_follow_in_order() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (0, about("a", 2, Reason::Repeated)),
        (0, about("a", 3, Reason::Acknowledged)),
    ];
    assert_eq!(
        played(&mut threaded(), adds, &mut well),
        "    0s root a1 (a1 accepted)
    3s update a3 (a2 shown: to reply 2, done 0, given up 0)
    6s reply a2 (a2 accepted)
    9s reply a3 (a3 accepted)
"
    );
}

#[test]
fn replies_that_are_not_sent_when_the_incident_is_over_are_withdrawn() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (600, about("a", 3, Reason::Escalated)),
        (601, about("a", 4, Reason::Acknowledged)),
        (601, about("a", 5, Reason::Recovered)),
    ];
    assert_eq!(
        played(&mut threaded(), adds, &mut well),
        "    0s root a1 (a1 accepted)
  600s update a3 (a2 shown: to reply 2, done 0, given up 0)
  603s update a5 (a2 shown: to reply 1, done 3, given up 0, withdrawn 3)
  606s reply a5 (a5 accepted)
"
    );
}

#[test]
fn a_reply_that_may_have_arrived_is_not_withdrawn() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (610, about("a", 3, Reason::Recovered)),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| {
        if time != 603 {
            return well(time, write);
        }
        let (after, why) = (Some(seconds(20)), "no answer".into());
        (Outcome::Retry { after, pause: false, unsure: true, why }, ThreadAnswer::Unknown)
    };
    assert_eq!(
        played(&mut threaded(), adds, &mut rule),
        "    0s root a1 (a1 accepted)
  600s update a2 (a2 shown: to reply 1, done 0, given up 0)
  603s reply a2 (a2 later: no answer)
  610s update a3 (a2 possible-repeat shown: to reply 2, done 0, given up 0)
  613s reply a2 (a2 possible-repeat accepted)
  616s reply a3 (a3 accepted)
"
    );
}

#[test]
fn threads_do_not_wait_for_each_other() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (0, about("b", 1, Reason::Opened)),
        (1, about("a", 2, Reason::Recovered)),
        (1, about("c", 1, Reason::Opened)),
    ];
    assert_eq!(
        played(&mut threaded(), adds, &mut well),
        "    0s root a1 (a1 accepted)
    0s root b1 (b1 accepted)
    1s root c1 (c1 accepted)
    3s update a2 (a2 shown: to reply 1, done 0, given up 0)
   15s reply a2 (a2 accepted)
"
    );
}

#[test]
fn many_recoveries_at_once_update_their_roots_and_give_up_replies_first() {
    let mut adds: Vec<_> =
        (0..12).map(|n| (n * 60, about(&format!("i{n}-"), 1, Reason::Opened))).collect();
    adds.extend((0..12).map(|n| (1500, about(&format!("i{n}-"), 2, Reason::Recovered))));
    let transcript = played(&mut threaded(), adds, &mut well);
    let after: Vec<&str> = transcript.lines().skip(12).collect();
    let updates = after.iter().filter(|line| line.contains("update")).count();
    let replies = after.iter().filter(|line| line.contains("reply i")).count();
    let given_up = after.iter().filter(|line| line.contains("given up 1")).count();
    assert_eq!((updates, replies + given_up), (12, 12), "{transcript}");
    assert!(given_up >= 6 && replies >= 1, "{transcript}");
    // Replies come only when all roots will soon show the state.
    let first_reply = after.iter().position(|line| line.contains("reply i")).unwrap();
    assert!(first_reply >= 11, "{transcript}");
}

#[test]
fn a_reply_that_calls_people_is_not_given_up() {
    let mut adds: Vec<_> =
        (0..12).map(|n| (n * 60, about(&format!("i{n}-"), 1, Reason::Opened))).collect();
    adds.extend((0..12).map(|n| (1500, about(&format!("i{n}-"), 2, Reason::Escalated))));
    let transcript = played(&mut threaded(), adds, &mut well);
    assert_eq!(transcript.matches("given up 0").count(), 12, "{transcript}");
    assert_eq!(transcript.matches(" reply i").count(), 12, "{transcript}");
}

#[test]
fn a_lost_root_is_replaced_by_one_that_says_so() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (900, about("a", 3, Reason::Recovered)),
    ];
    let mut lost = |time: u64, write: &ThreadWrite| match write.message {
        ThreadMessage::Update if time == 600 => (retry(None), ThreadAnswer::Lost),
        _ => well(time, write),
    };
    assert_eq!(
        played(&mut threaded(), adds, &mut lost),
        "    0s root a1 (a1 accepted)
  600s update a2 (a2 later: 500)
  603s root a2 continued (a2 accepted)
  900s update a3 (a3 shown: to reply 1, done 0, given up 0)
  903s reply a3 (a3 accepted)
"
    );
}

#[test]
fn a_thread_that_was_changed_at_the_same_time_is_written_again_and_delays_no_other() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Recovered)),
        (601, about("b", 1, Reason::Opened)),
    ];
    let mut refusals = 2;
    let mut busy = |time: u64, write: &ThreadWrite| {
        if write.message == ThreadMessage::Update && refusals > 0 {
            refusals -= 1;
            return (retry(None), ThreadAnswer::Busy);
        }
        well(time, write)
    };
    assert_eq!(
        played(&mut threaded(), adds, &mut busy),
        "    0s root a1 (a1 accepted)
  600s update a2 (a2 later: 500)
  601s root b1 (b1 accepted)
  606s update a2 (a2 later: 500)
  618s update a2 (a2 shown: to reply 1, done 0, given up 0)
  621s reply a2 (a2 accepted)
"
    );
}

#[test]
fn a_root_that_may_have_arrived_is_looked_for_and_a_reply_is_marked() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (900, about("a", 2, Reason::Recovered))];
    let unsure = || {
        let why = "no answer".into();
        let outcome = Outcome::Retry { after: Some(seconds(20)), pause: false, unsure: true, why };
        (outcome, ThreadAnswer::Unknown)
    };
    let mut n = 0;
    let mut rule = |time: u64, write: &ThreadWrite| {
        n += 1;
        if n % 2 == 1 { unsure() } else { well(time, write) }
    };
    let transcript = played(&mut threaded(), adds, &mut rule);
    assert_eq!(
        transcript,
        "    0s root a1 (a1 later: no answer)
   20s root a1 (a1 possible-repeat accepted)
  900s update a2 (a2 later: no answer)
  920s update a2 (a2 shown: to reply 1, done 0, given up 0)
  923s reply a2 (a2 later: no answer)
  943s reply a2 (a2 possible-repeat accepted)
"
    );
}

#[test]
fn an_incident_that_opens_long_after_it_was_over_begins_another_thread() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (60, about("a", 2, Reason::Recovered))];
    let mut outbox = threaded();
    played(&mut outbox, adds, &mut well);
    let next_day = at(25 * 3600);
    outbox.add(vec![Delivery { created: next_day, ..about("a", 3, Reason::Opened) }]);
    let attempt = outbox.next(next_day).unwrap();
    let message = attempt.thread.unwrap().message;
    assert_eq!(message, ThreadMessage::Root { continues: None, may_exist: false });
}

#[test]
fn a_change_that_calls_nobody_updates_the_root_without_a_reply() {
    let silent = |incident| Delivery {
        attention: Attention::Quiet,
        ..about(incident, 2, Reason::Recovered)
    };
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, silent("a")),
        // There is no thread of this one.
        (700, silent("b")),
    ];
    assert_eq!(
        played(&mut threaded(), adds, &mut well),
        "    0s root a1 (a1 accepted)
  600s update a2 (a2 shown: to reply 0, done 1, given up 0)
"
    );
}

#[test]
fn an_incident_with_a_thread_is_in_no_digest() {
    let mut adds =
        vec![(0, about("a", 1, Reason::Opened)), (600, about("a", 2, Reason::Recovered))];
    adds.extend((0..30).map(|n| (600, about(&format!("b{n}-"), 1, Reason::Opened))));
    let transcript = played(&mut threaded(), adds, &mut well);
    assert!(transcript.contains("digest of 30 ("), "{transcript}");
    assert!(transcript.contains("update a2"), "{transcript}");
}
