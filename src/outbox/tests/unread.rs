//! Which incidents nobody can read of.

use super::*;

fn failures(n: usize) -> Vec<Delivery> {
    (0..n).map(|n| of(card(&format!("n{n}")), Severity::Error, &format!("f{n}"))).collect()
}

#[test]
fn a_digest_says_which_incidents_it_only_counts() {
    let mut outbox = paced();
    let mut all = failures(5000);
    all[240].reason = Reason::Repeated;
    outbox.add(all);
    let digest = outbox.next(start()).unwrap();
    let group = digest.group.unwrap();
    assert_eq!((group.members.len(), group.counted.unnamed), (250, 50));
    assert_eq!(outbox.take_unread(), [], "it is not taken yet");
    drop(outbox.apply(start(), &digest.id, accepted()));
    let unread = outbox.take_unread();
    assert_eq!(unread.len(), 49, "of what is repeated they knew");
    let named =
        |one: &Unread| group.named.iter().any(|row| row.id == one.fingerprint.replace('f', "n"));
    assert!(unread.iter().all(|one| one.channel == "ops" && !named(one)));
    assert_eq!(outbox.take_unread(), []);
}

#[test]
fn a_digest_that_is_refused_leaves_nothing_unread() {
    let mut outbox = paced();
    outbox.add(failures(230));
    let digest = outbox.next(start()).unwrap();
    drop(outbox.apply(start(), &digest.id, refused()));
    assert_eq!(outbox.take_unread(), []);
}

#[test]
fn nobody_can_read_a_card_that_was_set_aside() {
    let mut outbox = unpaced();
    outbox.add(failures(2));
    let transcript = play(&mut outbox, [refused(), accepted(), refused()]);
    assert!(transcript.contains("dead"), "{transcript}");
    let fingerprints: Vec<_> = outbox.take_unread().into_iter().map(|it| it.fingerprint).collect();
    assert_eq!(fingerprints, ["f0"]);
}
