use super::*;
use crate::incident::tests::{at, detection};

#[test]
fn a_storm_of_starts_is_bounded_and_the_newest_stay() {
    let mut starts = AttemptStarts::default();
    for (n, seconds) in (0..=MOST).zip((0..).map(f64::from)) {
        let start = detection(&format!("{seconds} begun app={n}")).1;
        let of = StartOf::of(&start.facts).expect("it has an app");
        starts.note(at(seconds / 1000.0), at(seconds), of, &start.facts);
    }
    assert_eq!(starts.len(), MOST);
    let is_retried = |app: usize, seconds: f64| {
        let (_, mut failure) = detection(&format!("{seconds} attempt app={app} final=120"));
        failure.facts.app_id = Some(app.to_string().into());
        starts.is_retried(&failure.facts, &Verdict::of(&failure, at(seconds)))
    };
    assert!(!is_retried(0, -1.0), "forgotten");
    assert!(is_retried(1, 0.5) && !is_retried(1, 1.0));
    starts.forget(at(700.0));
    assert_eq!(starts.len(), 0);
}
