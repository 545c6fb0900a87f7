//! Incidents of a channel with threads, of which the fallback has told a part.

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
    (Outcome::Unreached { why: "down".to_owned() }, ThreadAnswer::Unknown)
}

/// The lines of what was taken, by the channel or its fallback.
fn taken(transcript: &str) -> Vec<&str> {
    transcript.lines().filter(|line| !line.contains("later: down")).collect()
}

#[test]
fn what_the_fallback_told_is_shown_in_the_root_later_without_a_reply() {
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
        (outbox.n_pending(), outbox.take_done())
    };
    assert_eq!(restored(paced()), (0, vec!["a1@ops".into()]));
    assert_eq!(restored(threaded()), (1, Vec::new()));
    let without_channel = Outbox::new(BTreeMap::new());
    assert_eq!(restored(without_channel), (1, Vec::new()), "it may be configured again");
}
