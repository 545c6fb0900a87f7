//! What waits for a channel, and since when.

use super::*;

#[test]
fn the_oldest_delivery_is_known_whether_it_waits_was_tried_or_is_in_flight() {
    let mut outbox = unpaced();
    let oldest = |outbox: &Outbox| outbox.waiting().next().map(|(_, waiting)| waiting).unwrap();
    assert_eq!(oldest(&outbox), Waiting::default());
    let of_incident = |id: &str, n: u64, severity| Delivery {
        created: at(n),
        ..of(card(id), severity, id.split('-').next().unwrap())
    };
    outbox.add(vec![of_incident("a-1", 1, Severity::Warning)]);
    outbox.add(vec![of_incident("b-1", 2, Severity::Critical)]);
    outbox.add(vec![of_incident("a-2", 3, Severity::Warning)]);
    assert_eq!(oldest(&outbox), Waiting { n: 3, oldest: Some(at(1)) });
    let first = outbox.next(at(4)).unwrap();
    assert_eq!(first.id, "b-1@ops");
    assert_eq!(oldest(&outbox), Waiting { n: 3, oldest: Some(at(1)) });
    drop(outbox.apply(at(4), &"b-1@ops".into(), accepted()));
    let second = outbox.next(at(5)).unwrap();
    assert_eq!(second.id, "a-1@ops");
    assert_eq!(oldest(&outbox), Waiting { n: 2, oldest: Some(at(1)) }, "in flight");
    drop(outbox.apply(at(5), &"a-1@ops".into(), retry(Some(60))));
    assert_eq!(oldest(&outbox), Waiting { n: 2, oldest: Some(at(1)) }, "tried");
    assert_eq!(outbox.next(at(70)).unwrap().id, "a-1@ops");
    drop(outbox.apply(at(70), &"a-1@ops".into(), accepted()));
    assert_eq!(oldest(&outbox), Waiting { n: 1, oldest: Some(at(3)) });
}
