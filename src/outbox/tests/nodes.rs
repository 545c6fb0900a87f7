//! Several nodes on one webhook.

use super::*;

#[test]
fn two_nodes_on_one_webhook_take_half_each() {
    let pace = Pace { share: 2.try_into().unwrap(), ..Pace::default() };
    let mut outbox = Outbox::new(BTreeMap::from([("ops".to_owned(), Some(pace))]));
    outbox.add(cards(4));
    assert_eq!(
        play(&mut outbox, std::iter::repeat_with(accepted)),
        "    0s n1 accepted
    0s n2 accepted
   30s n3 accepted
   60s n4 accepted
"
    );
}

/// Up to 24 nodes, whatever the order in which they send.
#[test]
fn nodes_on_one_webhook_together_send_no_more_than_teams_takes() {
    for share in 1..=24_u32 {
        let pace = Pace { share: share.try_into().unwrap(), ..Pace::default() };
        let mut outbox = Outbox::new(BTreeMap::from([("ops".to_owned(), Some(pace))]));
        let all = (0..40).map(|n| of(card(&format!("n{n}")), Severity::Critical, &format!("f{n}")));
        outbox.add(all.collect());
        let (mut now, mut n) = (start(), 0);
        while now < at(300) {
            match outbox.next(now) {
                Some(attempt) => {
                    n += 1;
                    drop(outbox.apply(now, &attempt.id, accepted()));
                }
                None => now += seconds(1),
            }
        }
        assert!(n * share <= 25 && n > 0, "{share} nodes with {n} cards each");
    }
}
