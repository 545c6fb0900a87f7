//! Incidents of a channel with threads, of which the fallback has posted a part.

use super::*;

/// `ops` with threads and the fallback `other`, which takes everything at once.
fn with_fallback() -> Outbox {
    let channels =
        BTreeMap::from([("ops".to_owned(), Some(Pace::default())), ("other".to_owned(), None)]);
    let fallback = Fallback { to: "other".to_owned(), after: seconds(900) };
    Outbox::new(channels)
        .with_fallbacks(BTreeMap::from([("ops".to_owned(), fallback)]))
        .with_threads(&["ops".to_owned()], Vec::new())
}

fn down() -> (Outcome, ThreadAnswer) {
    (Outcome::Unreached { why: "down".into() }, ThreadAnswer::Unknown)
}

/// The lines of what was taken, by the channel or its fallback.
fn taken(transcript: &str) -> Vec<&str> {
    transcript.lines().filter(|line| !line.contains("later: down")).collect()
}

#[test]
fn what_the_fallback_posted_is_shown_in_the_root_later_without_a_reply() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (1000, about("a", 2, Reason::Repeated)),
        (2500, about("a", 3, Reason::Acknowledged)),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        1000..4000 => down(),
        _ => well(time, write),
    };
    let transcript = played(&mut with_fallback(), adds, &mut rule);
    let kept = taken(&transcript);
    assert_eq!(kept.len(), 4, "{transcript}");
    assert_eq!(kept[0], "    0s root a1 (a1 accepted)");
    assert!(kept[1].ends_with("a2 known") && kept[2].ends_with("a3 known"), "{transcript}");
    assert!(kept[3].contains("update a3 (a3 shown: to reply 0, done 1"), "{transcript}");
}

/// The root showed the latest state before the channel was down; only replies were left.
#[test]
fn a_reply_that_the_fallback_sent_does_not_set_the_root_back() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (600, about("a", 2, Reason::Repeated)),
        (600, about("a", 3, Reason::Acknowledged)),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        601..4000 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    assert_eq!(
        taken(&transcript),
        [
            "    0s root a1 (a1 accepted)",
            "  600s update a3 (a2 shown: to reply 2, done 0, given up 0)",
            " 1503s a2 accepted",
            " 1503s a3 accepted",
        ],
        "{transcript}"
    );
    assert_eq!(outbox.n_pending(), 0);
}

/// Each attempt of the channel lets the incident rest, which is no matter of the fallback.
#[test]
fn the_fallback_gets_a_card_in_time_although_its_incident_rests() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (1000, about("a", 2, Reason::Repeated))];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        1000..5000 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    assert!(transcript.contains("\n 1900s a2 known\n"), "{transcript}");
}

#[test]
fn without_threads_nothing_is_left_of_what_people_know() {
    let known =
        || Pending { remaining: Remaining::Root, ..Pending::new(&about("a", 1, Reason::Opened)) };
    let restored = |mut outbox: Outbox| {
        outbox.restore(vec![known()], &[], at(60));
        (outbox.n_pending(), outbox.take_redundant())
    };
    assert_eq!(restored(paced()), (0, vec![Redundant { id: "a1@ops".into(), via: None }]));
    assert_eq!(restored(threaded()), (1, Vec::new()));
    let without_channel = Outbox::new(BTreeMap::new());
    assert_eq!(restored(without_channel), (1, Vec::new()), "it may be configured again");
}

fn notice(incident: &str, seconds: u64, only_by_fallback: bool) -> FallbackNotice {
    let (channel, by) = ("ops".to_owned(), "other".to_owned());
    FallbackNotice { channel, fingerprint: incident.into(), by, at: at(seconds), only_by_fallback }
}

/// The delivery of the same notice in the fallback.
fn there(delivery: Delivery) -> Delivery {
    let id = delivery.id.replace("@ops", "@other").into();
    Delivery { id, channel: "other".to_owned(), ..delivery }
}

#[test]
fn an_incident_that_only_the_fallback_posted_ends_there_and_leaves_nothing_to_show() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (1000, about("a", 2, Reason::Repeated)),
        (2000, about("a", 3, Reason::Recovered)),
        (2000, there(about("a", 3, Reason::Recovered))),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        0..5000 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    let lines = ["  900s a1 known", " 1000s a2 known", " 2000s a3 accepted"];
    assert_eq!(taken(&transcript), lines, "{transcript}");
    assert_eq!(outbox.take_fallback_notices(), [notice("a", 900, true), notice("a", 900, true)]);
    let known = [("a2@ops", None), ("a3@ops", Some("other".to_owned()))];
    let known = known.map(|(id, via)| Redundant { id: id.into(), via });
    assert_eq!((outbox.take_redundant(), outbox.n_pending()), (known.to_vec(), 0));
}

#[test]
fn what_only_the_fallback_posted_has_a_root_as_soon_as_the_channel_is_back() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (2000, about("a", 2, Reason::Recovered))];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        0..1500 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    let lines = taken(&transcript);
    assert_eq!(lines.len(), 4, "{transcript}");
    assert_eq!(lines[0], "  900s a1 known");
    assert!(
        lines[1].ends_with("s root a1 (a1 shown: to reply 0, done 1, given up 0)"),
        "{transcript}"
    );
    assert!(lines[2].contains("update a2 (a2 shown: to reply 1"), "{transcript}");
    assert!(lines[3].contains("reply a2 (a2 accepted)"), "{transcript}");
}

#[test]
fn the_recovery_in_a_thread_of_which_the_fallback_posted_a_part_is_posted_in_both() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (1000, about("a", 2, Reason::Repeated)),
        (2500, about("a", 3, Reason::Recovered)),
        (2500, there(about("a", 3, Reason::Recovered))),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        1000..4000 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    let lines = taken(&transcript);
    assert_eq!(lines.len(), 5, "{transcript}");
    assert_eq!(lines[1..3], [" 1900s a2 known", " 2500s a3 accepted"]);
    assert!(lines[3].contains("update a3 (a2 shown: to reply 1, done 1"), "{transcript}");
    assert!(lines[4].contains("reply a3 (a3 accepted)"), "{transcript}");
    assert_eq!(outbox.take_fallback_notices(), [notice("a", 1900, false)]);
}

/// The recovery was created before the fallback posted the failure: it has no other delivery.
#[test]
fn a_recovery_that_waits_behind_its_failure_goes_to_the_fallback_with_it() {
    let adds = vec![(0, about("a", 1, Reason::Opened)), (60, about("a", 2, Reason::Recovered))];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        0..5000 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    assert_eq!(taken(&transcript), ["  900s a1 known", "  900s a2 known"], "{transcript}");
    assert_eq!(outbox.n_pending(), 0);
}

#[test]
fn what_was_posted_elsewhere_before_a_restart_ends_there() {
    let mut outbox = with_fallback();
    outbox.restore_fallback_notices(&[notice("a", 900, true), notice("b", 900, false)]);
    let pending = |incident: &str, seconds| {
        let delivery = about(incident, 2, Reason::Recovered);
        let pending = Pending::new(&Delivery { created: at(seconds), ..delivery });
        Pending { other_channels: vec!["other".to_owned()], ..pending }
    };
    // The root is still to show it.
    let opened = about("a", 1, Reason::Opened);
    let opened = Pending { remaining: Remaining::Root, ..Pending::new(&opened) };
    outbox.restore(vec![opened, pending("a", 1000), pending("b", 1000)], &[], at(1100));
    let own = outbox.next(at(1100)).unwrap();
    assert_eq!(&*own.id, "b2@ops", "its own channel had posted this one");
    let known = [("a1@ops", None), ("a2@ops", Some("other".to_owned()))];
    let known = known.map(|(id, via)| Redundant { id: id.into(), via });
    assert_eq!(outbox.take_redundant(), known);
}

/// Whether it has a delivery of its own there counts, not the time: only that of the attempt of the
/// failure is stored.
#[test]
fn a_recovery_that_was_found_while_the_fallback_was_asked_is_not_lost_by_a_restart() {
    let mut outbox = with_fallback();
    outbox.restore_fallback_notices(&[notice("a", 900, true)]);
    let recovered = Delivery { created: at(930), ..about("a", 2, Reason::Recovered) };
    outbox.restore(vec![Pending::new(&recovered)], &[], at(1100));
    let next = outbox.next(at(1100)).unwrap();
    assert_eq!((&*next.id, outbox.take_redundant()), ("a2@ops", vec![]));
}

fn unsure() -> (Outcome, ThreadAnswer) {
    let why = "no answer".into();
    let outcome = Outcome::Retry { after: None, pause: false, unsure: true, why };
    (outcome, ThreadAnswer::Unknown)
}

/// It is not known whether the gateway passed the root on, and the incident ended in the fallback.
#[test]
fn no_thread_of_an_incident_that_is_over_begins_with_its_failure() {
    let adds = vec![
        (0, about("a", 1, Reason::Opened)),
        (2000, about("a", 2, Reason::Recovered)),
        (2000, there(about("a", 2, Reason::Recovered))),
    ];
    let mut rule = |time: u64, write: &ThreadWrite| match time {
        0..100 => unsure(),
        100..5000 => down(),
        _ => well(time, write),
    };
    let mut outbox = with_fallback();
    let transcript = played(&mut outbox, adds, &mut rule);
    let lines: Vec<&str> = transcript.lines().filter(|line| !line.contains("later: ")).collect();
    assert_eq!(
        lines[..2],
        ["  900s a1 possible-repeat known", " 2000s a2 accepted"],
        "{transcript}"
    );
    assert!(lines[2].contains("root a2 (a1 shown: to reply 1, done 1"), "{transcript}");
    assert!(lines[3].contains("reply a2 (a2 accepted)"), "{transcript}");
    assert_eq!((lines.len(), outbox.n_pending()), (4, 0), "{transcript}");
}
