use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::RowChange;
use crate::detection::Condition;
use crate::observe::certificates::Certificates;
use crate::qlik::certificate::Certificate;

fn day(days: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * days)
}

fn watched() -> Certificates {
    Certificates::new(Some(SignedDuration::from_hours(24 * 30)))
}

fn ends(on: i64) -> Certificate {
    let name = "node1.example.com".to_owned();
    Certificate { subject: name.clone(), issuer: format!("{name}-CA"), ends: day(on) }
}

/// One look a day, from one day to another; what is said, with the day.
fn play(
    certificates: &mut Certificates,
    days: std::ops::Range<i64>,
    seen: &[Certificate],
) -> String {
    let mut told = Vec::new();
    for today in days {
        certificates.apply_snapshot(day(today), "node1", seen);
        for detection in certificates.due(day(today)) {
            let left = match &detection.condition {
                Condition::CertificateExpires { on, left } => {
                    format!("{} {left:?}", on.strftime("%F"))
                }
                other => format!("{other:?}"),
            };
            told.push(format!("{today}: {} {left}", detection.pattern));
        }
    }
    told.join("\n")
}

#[test]
fn an_end_is_told_a_month_and_a_week_ahead_and_when_it_came() {
    insta::assert_snapshot!(play(&mut watched(), 0..60, &[ends(45)]), @r"
    15: certificate-ends 2027-01-07 Days(30)
    38: certificate-ends 2027-01-07 WithinAWeek { days: 7 }
    45: certificate-ends 2027-01-07 Expired
    ");
}

#[test]
fn a_newer_one_with_the_same_names_ends_the_trouble() {
    let mut certificates = watched();
    let told = play(&mut certificates, 0..3, &[ends(20)]);
    insta::assert_snapshot!(told, @"0: certificate-ends 2026-12-13 Days(20)");
    let told = play(&mut certificates, 3..10, &[ends(20), ends(3650)]);
    insta::assert_snapshot!(told, @"3: certificate-renewed CertificateRenewed");
}

#[test]
fn what_ended_long_ago_was_left_lying_and_is_not_told() {
    assert_eq!(play(&mut watched(), 0..3, &[ends(-40)]), "");
    insta::assert_snapshot!(play(&mut watched(), 0..3, &[ends(-4)]), @"0: certificate-ends 2026-11-19 Expired");
}

#[test]
fn what_was_told_before_a_restart_is_not_told_again() {
    let mut certificates = watched();
    assert_ne!(play(&mut certificates, 0..2, &[ends(20)]), "");
    let mut again = watched();
    for change in certificates.take_changes() {
        let RowChange::Put { key, json } = change else { panic!("nothing was deleted") };
        again.take_row(&key, &json);
    }
    assert_eq!(play(&mut again, 2..10, &[ends(20)]), "");
}

#[test]
fn nothing_is_said_if_nobody_wants_to_hear_it() {
    let mut certificates = Certificates::new(None);
    assert_eq!(play(&mut certificates, 0..60, &[ends(45)]), "");
    assert_eq!(certificates.next_wakeup(), None);
}
