//! What must not be lost or untrue when a flow, Teams, the clock or the program fails.

use super::*;

fn unsure() -> (Outcome, ThreadAnswer) {
    let why = "no answer".into();
    let outcome = Outcome::Retry { after: Some(seconds(20)), pause: false, unsure: true, why };
    (outcome, ThreadAnswer::Unknown)
}

fn rejected() -> (Outcome, ThreadAnswer) {
    (Outcome::Rejected { why: "400".into() }, ThreadAnswer::Unknown)
}

/// The lines of a transcript that are about cards of this incident.
fn of_incident<'a>(transcript: &'a str, incident: &str) -> Vec<&'a str> {
    let is_of = |line: &&str| {
        let what = line.split(['(', ' ']).collect::<Vec<_>>();
        what.iter().any(|word| word.strip_prefix(incident).is_some_and(|n| n.parse::<u8>().is_ok()))
    };
    transcript.lines().filter(is_of).collect()
}

fn burst(time: u64, n: usize) -> impl Iterator<Item = (u64, Delivery)> {
    (0..n).map(move |n| (time, about(&format!("b{n}-"), 1, Reason::Opened)))
}

#[test]
fn a_root_that_may_have_been_posted_is_in_no_digest_and_shows_what_follows() {
    let mut adds =
        vec![(0, about("a", 1, Reason::Opened)), (3000, about("a", 2, Reason::Recovered))];
    adds.extend(burst(1, 30));
    let (mut outbox, mut is_first, mut keys) = (threaded(), true, Vec::new());
    let mut rule = |time: u64, write: &ThreadWrite| {
        if write.card.starts_with('a') {
            keys.push(write.key.clone());
        }
        if std::mem::take(&mut is_first) { unsure() } else { well(time, write) }
    };
    let transcript = played(&mut outbox, adds, &mut rule);
    let lines = of_incident(&transcript, "a");
    assert!(lines[0].contains("root a1 (a1 later: no answer)"), "{transcript}");
    assert!(lines[1].contains("root a1 (a1 possible-repeat accepted)"), "{transcript}");
    assert!(lines[2].contains("update a2"), "{transcript}");
    keys.dedup();
    assert_eq!(keys.len(), 1, "all is one thread");
}

#[test]
fn a_root_that_may_have_been_posted_is_looked_for_by_what_follows_if_its_card_was_given_up() {
    let mut outbox = threaded();
    outbox.add(vec![about("a", 1, Reason::Opened)]);
    let first = outbox.next(start()).unwrap();
    let (outcome, answer) = unsure();
    drop(outbox.apply_with(start(), &first.id, outcome, answer));
    outbox.drop_waiting(&first.id);
    outbox.add(vec![about("a", 2, Reason::Recovered)]);
    let next = outbox.next(at(60)).unwrap().thread.unwrap();
    assert_eq!(next.key, first.thread.unwrap().key);
    assert_eq!(next.message, ThreadMessage::Root { continues: None, may_exist: true });
}

/// Whether the failure was reported is unknown, or it was not: what is posted after its end shows the end.
#[test]
fn what_is_posted_first_for_an_incident_that_is_over_shows_that() {
    let adds = || {
        vec![
            (0, about("a", 1, Reason::Opened)),
            (60, about("a", 2, Reason::Repeated)),
            (70, about("a", 3, Reason::Recovered)),
        ]
    };
    for first in [unsure(), (Outcome::Unreached { why: "down".into() }, ThreadAnswer::Unknown)] {
        let mut rule = |time: u64, write: &ThreadWrite| match time {
            0..100 => first.clone(),
            _ => well(time, write),
        };
        let mut outbox = threaded();
        let transcript = played(&mut outbox, adds(), &mut rule);
        let taken: Vec<&str> =
            transcript.lines().filter(|line| !line.contains("later: ")).collect();
        assert!(taken[0].contains("root a3 (a1"), "{transcript}");
        assert!(taken[0].contains("shown: to reply 1, done 2"), "{transcript}");
        assert!(taken[1].contains("reply a3 (a3 accepted)"), "{transcript}");
        assert_eq!((taken.len(), outbox.n_pending()), (2, 0), "{transcript}");
    }
}

#[test]
fn a_root_that_was_certainly_not_posted_begins_no_thread() {
    let mut outbox = threaded();
    outbox.add(vec![about("a", 1, Reason::Opened)]);
    let first = outbox.next(start()).unwrap();
    assert_eq!(outbox.take_threads().len(), 1, "it may be posted from now on");
    drop(outbox.apply(start(), &first.id, Outcome::Unreached { why: "down".into() }));
    let removed = ThreadChange::Remove { channel: "ops".into(), fingerprint: "a".into() };
    assert_eq!(outbox.take_threads(), [removed]);
}

#[test]
fn the_root_shows_what_happens_after_the_clock_was_set_back() {
    let mut outbox = threaded();
    let ahead = at(7200);
    outbox.add(vec![Delivery { created: ahead, ..about("a", 1, Reason::Opened) }]);
    let first = outbox.next(ahead).unwrap();
    let (outcome, answer) = well(0, first.thread.as_ref().unwrap());
    drop(outbox.apply_with(ahead, &first.id, outcome, answer));
    outbox.add(vec![Delivery { created: at(60), ..about("a", 2, Reason::Recovered) }]);
    assert_eq!(outbox.next(at(60)), None);
    let next = outbox.next(at(63)).unwrap();
    assert_eq!(next.thread.unwrap().message, ThreadMessage::Update);
}

#[test]
fn replies_that_are_always_refused_do_not_keep_the_root_from_the_present_state() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (900, about("a", 3, Reason::Recovered)),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match write.message {
        ThreadMessage::Reply => rejected(),
        _ => well(time, write),
    };
    let transcript = played(&mut threaded(), adds, &mut rule);
    let update = transcript.lines().find(|line| line.contains("update a3")).unwrap();
    assert!(update.trim_start().starts_with("90"), "{transcript}");
}

#[test]
fn a_card_that_is_refused_is_to_blame_and_not_the_one_before_it() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (0, about("c", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (600, about("a", 3, Reason::Recovered)),
        (900, about("c", 2, Reason::Recovered)),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match &*write.card {
        "a3@ops" => rejected(),
        _ => well(time, write),
    };
    let transcript = played(&mut threaded(), adds, &mut rule);
    assert!(transcript.contains("update a2 (a2 shown"), "{transcript}");
    assert!(transcript.contains("reply a2 (a2 accepted"), "{transcript}");
    assert!(transcript.contains("a3 plain dead"), "{transcript}");
    assert!(!transcript.contains("a2 dead") && !transcript.contains("a2 plain"), "{transcript}");
}

#[test]
fn a_channel_that_is_forbidden_for_a_while_keeps_its_threads() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (600, about("a", 2, Reason::Recovered))];
    let mut rule = |time: u64, write: &ThreadWrite| match (time, write.message) {
        (600..3000, ThreadMessage::Root { .. }) => (refused(), ThreadAnswer::Unknown),
        (600..3000, _) => (retry(None), ThreadAnswer::Lost),
        _ => well(time, write),
    };
    let transcript = played(&mut threaded(), adds, &mut rule);
    let n_roots = transcript.matches("accepted)").count();
    assert!(transcript.contains("root a2 continued (a2 later: 403)"), "{transcript}");
    assert!(transcript.contains("update a2 (a2 shown"), "{transcript}");
    assert_eq!(n_roots, 2, "the first root and the reply: {transcript}");
}

#[test]
fn an_incident_that_opens_after_a_day_of_silence_begins_another_thread() {
    let mut outbox = threaded();
    played(&mut outbox, vec![(0, about("a", 1, Reason::Opened))], &mut well);
    let later = at(5 * 24 * 3600);
    outbox.add(vec![Delivery { created: later, ..about("a", 2, Reason::Opened) }]);
    let message = outbox.next(later).unwrap().thread.unwrap().message;
    assert_eq!(message, ThreadMessage::Root { continues: None, may_exist: false });
}

#[test]
fn what_calls_for_attention_most_is_told_in_a_reply_whatever_else_waits() {
    let critical = |incident: &str, n, reason| {
        let severity =
            if reason == Reason::Recovered { Severity::Info } else { Severity::Critical };
        Delivery { severity, ..about(incident, n, reason) }
    };
    let mut adds: Vec<_> =
        (0..12).map(|n| (n * 60, about(&format!("i{n}-"), 1, Reason::Opened))).collect();
    adds.push((1000, critical("c", 1, Reason::Opened)));
    adds.push((1100, about("r", 1, Reason::Opened)));
    adds.push((1200, about("r", 2, Reason::Recovered)));
    let people =
        |n| Delivery { attention: Attention::Insistent, ..about("m", n, Reason::Repeated) };
    adds.push((1300, about("m", 1, Reason::Opened)));
    adds.extend((0..12).map(|n| (2500, about(&format!("i{n}-"), 2, Reason::Recovered))));
    adds.push((2500, critical("c", 2, Reason::Recovered)));
    adds.push((2500, about("r", 3, Reason::Opened)));
    adds.push((2500, people(2)));
    let transcript = played(&mut threaded(), adds, &mut well);
    for reply in ["reply c2", "reply r3", "reply m2"] {
        assert!(transcript.contains(reply), "{reply}: {transcript}");
    }
    assert!(transcript.contains("given up 1"), "{transcript}");
}

#[test]
fn many_new_incidents_are_one_message_and_cost_no_reply() {
    let mut adds =
        vec![(0, about("a", 1, Reason::Opened)), (600, about("a", 2, Reason::Recovered))];
    adds.extend(burst(600, 30));
    let transcript = played(&mut threaded(), adds, &mut well);
    assert!(transcript.contains("reply a2 (a2 accepted)"), "{transcript}");
}

#[test]
fn replies_wait_for_roots_that_do_not_show_the_state_yet() {
    let mut adds: Vec<_> =
        (0..3).map(|n| (n * 60, about(&format!("i{n}-"), 1, Reason::Opened))).collect();
    adds.extend((0..3).map(|n| (1500, about(&format!("i{n}-"), 2, Reason::Escalated))));
    adds.extend((0..3).map(|n| (1501, about(&format!("n{n}-"), 1, Reason::Opened))));
    let transcript = played(&mut threaded(), adds, &mut well);
    let after: Vec<&str> = transcript.lines().skip(3).collect();
    let first_reply = after.iter().position(|line| line.contains("s reply ")).unwrap();
    assert_eq!(first_reply, 6, "{transcript}");
}

#[test]
fn a_quiet_change_in_the_commit_of_its_incident_is_kept() {
    let outbox = threaded();
    let quiet = |incident| Delivery {
        attention: Attention::Quiet,
        ..about(incident, 2, Reason::Recovered)
    };
    let mut new = vec![about("a", 1, Reason::Opened), quiet("a"), quiet("b")];
    outbox.retain_useful(start(), &mut new);
    let ids: Vec<&str> = new.iter().map(|delivery| &*delivery.id).collect();
    assert_eq!(ids, ["a1@ops", "a2@ops"]);
}

#[test]
fn a_quiet_change_of_an_incident_in_a_digest_begins_no_thread() {
    let mut outbox = threaded();
    outbox.add(burst(0, 30).map(|(_, delivery)| delivery).collect());
    let digest = outbox.next(start()).unwrap();
    assert!(digest.group.is_some());
    let mut new =
        vec![Delivery { attention: Attention::Quiet, ..about("b3-", 2, Reason::Repeated) }];
    outbox.retain_useful(at(1), &mut new);
    assert_eq!(new, []);
}

#[test]
fn two_flows_share_the_limit_of_their_connection() {
    let names = ["ops".to_owned(), "it".to_owned()];
    let channels = names.clone().map(|name| (name, Some(Pace::default())));
    let mut outbox = Outbox::new(channels.into()).with_threads(&names, Vec::new());
    let mut n = 0;
    for second in 0..300 {
        let now = at(second);
        if second % 10 == 0 {
            let one = about(&format!("a{second}-"), 1, Reason::Opened);
            let id = format!("{second}@it").into();
            let other = Delivery { channel: "it".to_owned(), id, ..one.clone() };
            outbox.add(vec![one, other]);
        }
        while let Some(attempt) = outbox.next(now) {
            n += 1;
            drop(outbox.apply(now, &attempt.id, accepted()));
        }
    }
    assert!((20..=25).contains(&n), "{n}");
}

#[test]
fn a_flow_that_does_not_answer_is_given_the_time_of_a_run() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (1, about("a", 2, Reason::Recovered))];
    let mut silent = |_: u64, _: &ThreadWrite| (accepted(), ThreadAnswer::Unknown);
    assert_eq!(
        played(&mut threaded(), adds, &mut silent),
        "    0s root a1 (a1 accepted)
   15s update a2 (a2 shown: to reply 1, done 0, given up 0)
   30s reply a2 (a2 accepted)
"
    );
}

#[test]
fn what_calls_nobody_begins_no_thread_however_late_it_comes() {
    let mut outbox = threaded();
    played(&mut outbox, vec![(0, about("a", 1, Reason::Opened))], &mut well);
    let later = at(3 * 24 * 3600);
    let quiet =
        Delivery { created: later, attention: Attention::Quiet, ..about("a", 2, Reason::Opened) };
    let mut new = vec![quiet];
    outbox.retain_useful(later, &mut new);
    outbox.add(new);
    assert_eq!(outbox.next(later).unwrap().thread.unwrap().message, ThreadMessage::Update);
}

#[test]
fn replies_that_find_no_root_whatever_is_posted_post_no_root_for_ever() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (600, about("a", 3, Reason::Repeated)),
        (9000, about("a", 4, Reason::Recovered)),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match write.message {
        ThreadMessage::Reply => (retry(None), ThreadAnswer::Lost),
        _ => well(time, write),
    };
    let transcript = played(&mut threaded(), adds, &mut rule);
    assert!(transcript.matches("continued").count() <= 2, "{transcript}");
    assert!(transcript.contains("update a4"), "{transcript}");
}

#[test]
fn a_reply_that_calls_people_is_posted_while_new_incidents_keep_coming() {
    let people =
        |n| Delivery { attention: Attention::Insistent, ..about("m", n, Reason::Escalated) };
    for (severity, latest) in [(Severity::Error, 800), (Severity::Critical, 900)] {
        let mut adds = vec![(0, about("m", 1, Reason::Opened)), (600, people(2))];
        // More than the pace allows, for half an hour.
        let new = |n| Delivery { severity, ..about(&format!("i{n}-"), 1, Reason::Opened) };
        adds.extend((0..400).map(|n| (300 + n * 5, new(n))));
        let transcript = played(&mut threaded(), adds, &mut well);
        let reply = transcript.lines().find(|line| line.contains("reply m2")).unwrap();
        let time: u64 = reply.trim_start().split('s').next().unwrap().parse().unwrap();
        assert!(time < latest, "{reply}: {transcript}");
    }
}

#[test]
fn a_root_shows_the_latest_state_when_an_earlier_card_is_tried_again_after_it() {
    let mut outbox = threaded();
    played(&mut outbox, vec![(0, about("a", 1, Reason::Opened))], &mut well);
    let retried = |n: usize, reason| {
        let created = at(600 + u64::try_from(n).unwrap());
        let delivery = Delivery { created, ..about("a", n, reason) };
        Pending::new(&delivery)
    };
    let now = at(900);
    outbox.retry(now, retried(4, Reason::Recovered));
    outbox.retry(now, retried(3, Reason::Repeated));
    let mut written = Vec::new();
    for passed in 0..60 {
        let now = at(900 + passed);
        while let Some(attempt) = outbox.next(now) {
            let write = attempt.thread.clone().unwrap();
            let (outcome, answer) = well(0, &write);
            drop(outbox.apply_with(now, &attempt.id, outcome, answer));
            written.push((write.message, write.card.to_string()));
        }
    }
    let written: Vec<_> = written.iter().map(|(what, card)| (*what, &**card)).collect();
    let expected = [
        (ThreadMessage::Update, "a4@ops"),
        (ThreadMessage::Reply, "a4@ops"),
        (ThreadMessage::Reply, "a3@ops"),
    ];
    assert_eq!(written, expected);
}

/// What leaves next, and when.
fn next_attempt(outbox: &mut Outbox, now: &mut Timestamp) -> Attempt {
    loop {
        if let Some(attempt) = outbox.next(*now) {
            return attempt;
        }
        *now = outbox.next_wakeup(*now).unwrap();
    }
}

/// What the state file holds of the thread is enough: the update finds out again that its root is gone.
#[test]
fn a_root_that_replaces_a_lost_one_says_so_whenever_the_program_is_restarted() {
    type Answers = Vec<(Outcome, ThreadAnswer)>;
    let lost = || (retry(None), ThreadAnswer::Lost);
    let failing = || (retry(None), ThreadAnswer::Unknown);
    let stories: [Answers; 4] = [
        vec![lost()],
        vec![lost(), failing()],
        vec![lost(), unsure()],
        vec![lost(), unsure(), failing()],
    ];
    for (before, is_killed) in stories.iter().flat_map(|it| [(it, false), (it, true)]) {
        let mut outbox = threaded();
        played(&mut outbox, vec![(0, about("a", 1, Reason::Opened))], &mut well);
        let mut kept = outbox.take_threads();
        let repeated = Delivery { created: at(600), ..about("a", 2, Reason::Repeated) };
        let mut pending = Pending::new(&repeated);
        outbox.add(vec![repeated]);
        let mut now = at(600);
        for (outcome, answer) in before {
            let attempt = next_attempt(&mut outbox, &mut now);
            kept.extend(outbox.take_threads());
            drop(outbox.apply_with(now, &attempt.id, outcome.clone(), answer.clone()));
            kept.extend(outbox.take_threads());
        }
        if is_killed {
            drop(next_attempt(&mut outbox, &mut now));
            kept.extend(outbox.take_threads());
            pending.possible_repeat = true;
        }
        let threads = kept.into_iter().rev().find_map(|change| match change {
            ThreadChange::Put(thread) => Some(thread),
            ThreadChange::Remove { .. } => None,
        });
        let mut outbox = paced().with_threads(&["ops".to_owned()], threads.into_iter().collect());
        pending.attempts = 1;
        outbox.restore(vec![pending], &[], at(3000));
        now = at(3000);
        let (mut is_lost, mut written) = (false, Vec::new());
        while outbox.n_pending() > 0 {
            let attempt = next_attempt(&mut outbox, &mut now);
            let write = attempt.thread.unwrap();
            let (outcome, answer) = match write.message {
                ThreadMessage::Update if !is_lost => lost(),
                _ => well(0, &write),
            };
            is_lost |= answer == ThreadAnswer::Lost;
            written.push(write.message);
            drop(outbox.apply_with(now, &attempt.id, outcome, answer));
        }
        let says_so =
            |it: &&ThreadMessage| matches!(it, ThreadMessage::Root { continues: Some(_), .. });
        let roots = written.iter().filter(|it| matches!(it, ThreadMessage::Root { .. }));
        assert!(roots.clone().count() == 1 && roots.clone().all(|it| says_so(&it)), "{written:?}");
    }
}
