//! Problems of a tenant itself: which of them end, and with what.

use crate::clock::Timestamp;
use crate::commit::StoredRows;
use crate::detection::{
    CloudCondition, CloudList, CloudPart, Detection, Facts, TenantFault, TenantRefusal,
};
use crate::incident::IncidentBook;
use crate::incident::tests::{at, book};

fn of(part: CloudPart, condition: CloudCondition) -> Detection {
    Detection::of_cloud(at(0.0), ("acme", ""), part, condition, Facts::default())
}

fn unread(list: CloudList, to: Option<Timestamp>) -> CloudCondition {
    CloudCondition::Unread { list, from: to, to, why: None }
}

/// What is notified, by reason and pattern.
fn step(book: &mut IncidentBook, seconds: f64, detections: Vec<Detection>) -> Vec<String> {
    let decisions = book.step(at(seconds), detections);
    let notices = decisions.notices.iter();
    notices.map(|it| format!("{} {}", it.reason.name(), it.pattern)).collect()
}

#[test]
fn what_lasts_ends_with_a_card_and_a_gap_does_not() {
    let mut book = book(&StoredRows::default());
    let active = || CloudPart::List(CloudList::Active);
    let refused = CloudCondition::NotPolled {
        refusal: TenantRefusal::Unreachable,
        why: TenantFault::Worded("no answer".to_owned()),
    };
    let opened = step(
        &mut book,
        0.0,
        vec![
            of(CloudPart::Polling, refused),
            of(CloudPart::Lists, unread(CloudList::Ended, Some(at(-100.0)))),
            of(CloudPart::Lists, unread(CloudList::Ended, Some(at(-50.0)))),
            of(active(), unread(CloudList::Active, None)),
            of(CloudPart::List(CloudList::Tasks), unread(CloudList::Tasks, None)),
        ],
    );
    let unread = "opened cloud-unread";
    assert_eq!(opened, ["opened cloud-not-polled", unread, unread, unread, unread]);
    let over = step(
        &mut book,
        60.0,
        vec![
            of(CloudPart::Polling, CloudCondition::PolledAgain),
            of(active(), CloudCondition::ListRead),
        ],
    );
    assert_eq!(over, ["recovered cloud-not-polled", "recovered cloud-unread"]);
    let again = step(&mut book, 120.0, vec![of(active(), CloudCondition::ListRead)]);
    assert_eq!(again, [""; 0]);
}
