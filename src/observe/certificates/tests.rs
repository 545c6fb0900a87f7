use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::StoredRows;
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
    Certificate { subject: name.clone(), issuer: format!("{name}-CA"), expires: day(on) }
}

/// One snapshot per day of this range; returns the detections with their days.
fn play(
    certificates: &mut Certificates,
    days: std::ops::Range<i64>,
    seen: &[Certificate],
) -> String {
    let mut reported = Vec::new();
    for today in days {
        certificates.apply_snapshot(day(today), "node1", seen);
        for detection in certificates.due(day(today)) {
            let left = match &detection.condition {
                Condition::CertificateExpires { on, left } => {
                    format!("{} {left:?}", on.strftime("%F"))
                }
                other => format!("{other:?}"),
            };
            reported.push(format!("{today}: {} {left}", detection.pattern));
        }
    }
    reported.join("\n")
}

#[test]
fn an_expiry_is_reported_a_month_and_a_week_before_and_when_it_happens() {
    insta::assert_snapshot!(play(&mut watched(), 0..60, &[ends(45)]), @r"
    15: certificate-ends 2027-01-07 Days(30)
    38: certificate-ends 2027-01-07 WithinAWeek { days: 7 }
    45: certificate-ends 2027-01-07 Expired
    ");
}

#[test]
fn a_newer_certificate_with_the_same_names_resolves_the_expiry() {
    let mut certificates = watched();
    let reported = play(&mut certificates, 0..3, &[ends(20)]);
    insta::assert_snapshot!(reported, @"0: certificate-ends 2026-12-13 Days(20)");
    let reported = play(&mut certificates, 3..10, &[ends(20), ends(3650)]);
    insta::assert_snapshot!(reported, @"3: certificate-renewed CertificateRenewed");
}

#[test]
fn a_certificate_that_expired_long_ago_is_not_reported() {
    assert_eq!(play(&mut watched(), 0..3, &[ends(-40)]), "");
    insta::assert_snapshot!(play(&mut watched(), 0..3, &[ends(-4)]), @"0: certificate-ends 2026-11-19 Expired");
}

#[test]
fn a_report_is_not_repeated_after_a_restart() {
    let mut certificates = watched();
    assert_ne!(play(&mut certificates, 0..2, &[ends(20)]), "");
    let (mut again, mut rows) = (watched(), StoredRows::default());
    rows.apply(certificates.take_changes());
    again.restore(&rows);
    assert_eq!(play(&mut again, 2..10, &[ends(20)]), "");
}

#[test]
fn nothing_is_reported_if_expiry_is_turned_off() {
    let mut certificates = Certificates::new(None);
    assert_eq!(play(&mut certificates, 0..60, &[ends(45)]), "");
    assert_eq!(certificates.next_wakeup(), None);
}
