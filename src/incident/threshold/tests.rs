use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn counted(finds: &[(i64, &str)], count: u32) -> Vec<Counted> {
    let threshold = Threshold { count, within: SignedDuration::from_secs(300) };
    let mut window = ThresholdWindow::new(at(0));
    let count = |(when, log): &(i64, &str)| {
        window.count(at(*when), at(*when), &LogName::from(*log), threshold)
    };
    finds.iter().map(count).collect()
}

#[test]
fn logs_read_one_after_the_other_report_each_problem_once() {
    use Counted::{Enough, Known, TooFew};
    let finds = [(0, "A"), (1, "A"), (9, "A"), (0, "B"), (1, "B"), (9, "B"), (9, "B")];
    let expected = [TooFew, TooFew, Enough(3), Known, Known, Known, Enough(4)];
    assert_eq!(counted(&finds, 3), expected);
}

#[test]
fn finds_out_of_order_are_counted() {
    use Counted::{Enough, TooFew};
    assert_eq!(counted(&[(200, "A"), (0, "A"), (100, "A")], 3), [TooFew, TooFew, Enough(3)]);
    assert_eq!(counted(&[(500, "A"), (0, "A")], 2), [TooFew, TooFew]);
}

#[test]
fn a_storm_keeps_the_window_small() {
    let storm: Vec<(i64, &str)> = (0..5000).map(|n| (n / 100, "A")).collect();
    let threshold = Threshold { count: 5, within: SignedDuration::from_secs(300) };
    let mut window = ThresholdWindow::new(at(0));
    for (when, log) in storm {
        window.count(at(when), at(when), &LogName::from(log), threshold);
    }
    assert!(window.finds.len() <= MOST);
}
