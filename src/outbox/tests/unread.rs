//! Which incidents have no readable card.

use super::*;

fn failures(n: usize) -> Vec<Delivery> {
    (0..n).map(|n| of(card(&format!("n{n}")), Severity::Error, &format!("f{n}"))).collect()
}

#[test]
fn a_digest_reports_incidents_that_it_only_counts_as_unread() {
    let mut outbox = paced();
    let mut all = failures(5000);
    all[240].reason = Reason::Repeated;
    outbox.add(all);
    let digest = outbox.next(start()).unwrap();
    let group = digest.group.unwrap();
    assert_eq!((group.members.len(), group.counted.unnamed), (250, 50));
    assert_eq!(outbox.take_unread(), [], "it is not accepted yet");
    drop(outbox.apply(start(), &digest.id, accepted()));
    let unread = outbox.take_unread();
    assert_eq!(unread.len(), 49, "the repeated one was reported before");
    let named =
        |one: &Unread| group.named.iter().any(|row| *row.id == *one.fingerprint.replace('f', "n"));
    assert!(unread.iter().all(|one| one.channel == "ops" && !named(one)));
    assert_eq!(outbox.take_unread(), []);
}

#[test]
fn a_refused_digest_leaves_nothing_unread() {
    let mut outbox = paced();
    outbox.add(failures(230));
    let digest = outbox.next(start()).unwrap();
    drop(outbox.apply(start(), &digest.id, refused()));
    assert_eq!(outbox.take_unread(), []);
}

#[test]
fn a_dead_card_is_reported_as_unread() {
    let mut outbox = unpaced();
    outbox.add(failures(2));
    let transcript = play(&mut outbox, [refused(), accepted(), refused()]);
    assert!(transcript.contains("dead"), "{transcript}");
    let fingerprints: Vec<_> = outbox.take_unread().into_iter().map(|it| it.fingerprint).collect();
    assert_eq!(fingerprints, ["f0"]);
}
