use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

/// A pulse of an agent for which everything works at time zero.
fn well() -> Pulse {
    let pulse = Pulse::new(at(-100), std::iter::empty());
    pulse.polled(at(0), Some(at(0)), 3, 0);
    pulse.wrote(at(0));
    pulse.figures().has_positions = true;
    pulse
}

fn broken(pulse: &Pulse, now: i64) -> Vec<&'static str> {
    pulse.works(at(now)).broken()
}

#[test]
fn an_agent_that_has_done_nothing_yet_reads_and_commits_nothing() {
    assert_eq!(broken(&Pulse::new(at(0), std::iter::empty()), 0), ["read", "commit"]);
    assert_eq!(broken(&well(), 0), [""; 0]);
}

#[test]
fn a_reader_that_hangs_is_noticed_after_five_minutes() {
    let pulse = well();
    pulse.wrote(at(300));
    assert_eq!(broken(&pulse, 300), [""; 0]);
    pulse.wrote(at(301));
    assert_eq!(broken(&pulse, 301), ["read"]);
    pulse.turned(at(301));
    assert_eq!(broken(&pulse, 301), [""; 0]);
}

#[test]
fn a_failed_write_is_noticed_at_once_and_a_hanging_one_after_two_heartbeats() {
    let pulse = well();
    pulse.write_failed();
    assert_eq!(broken(&pulse, 1), ["commit"]);
    pulse.wrote(at(2));
    assert_eq!(broken(&pulse, 77), [""; 0]);
    assert_eq!(broken(&pulse, 78), ["commit"]);
}

#[test]
fn a_delivery_that_waits_longer_than_fifteen_minutes_is_noticed_while_the_core_is_stalled() {
    let pulse = well();
    let waiting = |oldest| Waiting { n: 1, oldest: Some(oldest) };
    pulse.figures().waiting.insert("a".to_owned(), waiting(at(0)));
    pulse.figures().waiting.insert("b".to_owned(), waiting(at(500)));
    pulse.wrote(at(900));
    pulse.turned(at(900));
    assert_eq!(broken(&pulse, 900), [""; 0]);
    assert_eq!(broken(&pulse, 901), ["deliver"]);
    assert_eq!(broken(&pulse, 2_000), ["read", "commit", "deliver"], "nothing was published since");
    pulse.figures().waiting.remove("a");
    assert_eq!(broken(&pulse, 901), [""; 0]);
}

#[test]
fn logs_that_cannot_be_read_are_no_reading() {
    let pulse = well();
    pulse.figures().hides_logs = true;
    assert_eq!(broken(&pulse, 1), ["read"]);
}

#[test]
fn a_clock_that_was_set_back_far_is_noticed_until_the_next_sign() {
    let pulse = well();
    assert_eq!(broken(&pulse, -1000), ["read", "commit"]);
    pulse.wrote(at(-1000));
    pulse.turned(at(-1000));
    assert_eq!(broken(&pulse, -1000), [""; 0]);
}
