use super::*;
use crate::state::{Stall, Stalled, StateLock};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn running() -> Signs {
    Signs {
        started: Some(at(0)),
        stopped: None,
        heartbeat: Some(at(10)),
        watching: Some(at(0)),
        not_advancing: Vec::new(),
        locked: Some(true),
        lock_file: None,
        is_read_only: false,
        health: Some(Health { started: Some(at(0)), ..Health::default() }),
    }
}

fn stalled(what: Stalled) -> Health {
    let stall = Stall { what, since: at(9), why: "the disk is full".to_owned() };
    let (started, noted) = (Some(at(0)), Some(at(10)));
    Health { started, noted, stalls: vec![stall], ..Health::default() }
}

fn judged(signs: Signs, minute: i64) -> (AgentCondition, Option<VitalsReason>) {
    let vitals = Vitals::judge(signs, at(minute));
    (vitals.condition, vitals.why)
}

#[test]
fn only_a_running_or_stopped_agent_is_well() {
    let stopped = Signs { stopped: Some(at(11)), locked: Some(false), ..running() };
    let crashed = Signs { locked: Some(false), ..running() };
    let hidden = Signs { locked: None, ..running() };
    let unready = Signs { watching: None, ..running() };
    let once_more = Signs { watching: Some(at(0)), started: Some(at(10)), ..running() };
    let restarted =
        Signs { watching: Some(at(20)), started: Some(at(20)), stopped: Some(at(15)), ..running() };
    let cases = [
        (running(), 11, AgentCondition::Running),
        (unready.clone(), 11, AgentCondition::Starting),
        (unready, 12, AgentCondition::Stalled),
        (once_more, 11, AgentCondition::Starting),
        (running(), 12, AgentCondition::Stalled),
        (stopped.clone(), 500, AgentCondition::Stopped),
        (Signs { locked: None, ..stopped }, 500, AgentCondition::Stopped),
        (crashed, 11, AgentCondition::Dead),
        (hidden.clone(), 11, AgentCondition::Running),
        (hidden, 12, AgentCondition::Dead),
        (restarted.clone(), 20, AgentCondition::Running),
        (restarted, 22, AgentCondition::Stalled),
    ];
    for (signs, minute, expected) in cases {
        let (condition, why) = judged(signs.clone(), minute);
        assert_eq!(condition, expected, "{signs:?} in minute {minute}");
        assert_eq!(why.is_none(), Vitals::judge(signs, at(minute)).is_well(), "{why:?}");
    }
}

#[test]
fn a_stall_in_the_health_file_overrides_a_fresh_heartbeat() {
    for what in [Stalled::Writing, Stalled::Reading, Stalled::Opening] {
        let health = stalled(what);
        let why = Some(VitalsReason::Stalls(health.stalls.clone()));
        let signs = Signs { health: Some(health), ..running() };
        assert_eq!(judged(signs.clone(), 10), (AgentCondition::Stalled, why));
        let ended = Signs { stopped: Some(at(11)), locked: Some(false), ..signs };
        assert_eq!(
            judged(ended, 12).0,
            AgentCondition::Dead,
            "its last record is a stall, not a stop"
        );
    }
}

#[test]
fn an_agent_that_could_not_open_its_state_is_stalled_only_while_it_holds_the_lock() {
    let health = Some(stalled(Stalled::Opening));
    let signs = Signs { health, ..running() };
    assert_eq!(judged(signs.clone(), 10).0, AgentCondition::Stalled);
    for is_read_only in [false, true] {
        let ended = Signs { locked: Some(false), is_read_only, ..signs.clone() };
        let (condition, why) = judged(ended, 10);
        assert_eq!(condition, AgentCondition::Dead, "the lock is free: nobody runs");
        assert_eq!(why, Some(VitalsReason::EndedAfter(stalled(Stalled::Opening).stalls)));
    }
    let hidden = Signs { locked: None, ..signs };
    assert_eq!(judged(hidden.clone(), 11).0, AgentCondition::Stalled);
    assert_eq!(judged(hidden, 12).0, AgentCondition::Dead);
}

#[test]
fn an_agent_that_ended_before_it_had_a_state_is_not_stalled() {
    let dir = tempfile::tempdir().unwrap();
    let health = serde_json::to_vec(&stalled(Stalled::Opening)).unwrap();
    std::fs::write(dir.path().join(crate::state::HEALTH_NAME), health).unwrap();
    let vitals = Vitals::read(dir.path(), at(10));
    assert_eq!(vitals.condition, AgentCondition::Dead);
    assert!(matches!(vitals.why, Some(VitalsReason::EndedAfter(_))), "{vitals:?}");
    std::fs::write(dir.path().join(crate::state::FILE_NAME), "no database, but a text").unwrap();
    let vitals = Vitals::read(dir.path(), at(10));
    assert_eq!(vitals.condition, AgentCondition::Unreadable);
    let Some(VitalsHint::OfError(todo)) = vitals.hint else { panic!("{vitals:?}") };
    assert!(todo.contains("start the agent"), "{todo}");
}

#[test]
fn a_file_in_place_of_the_state_folder_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let vitals = Vitals::read(file.path(), at(10));
    let Some(VitalsReason::Unreadable(why)) = vitals.why else { panic!("{vitals:?}") };
    assert!(why.ends_with("is a file"), "{why}");
}

#[test]
fn a_long_start_is_starting_until_it_exceeds_the_limit() {
    let begun = Some(Health { started: Some(at(20)), ..Health::default() });
    let signs = Signs { stopped: Some(at(11)), health: begun, ..running() };
    assert_eq!(judged(signs.clone(), 24).0, AgentCondition::Starting);
    assert_eq!(judged(signs, 26).0, AgentCondition::Stalled);
}

#[test]
fn an_agent_whose_state_became_read_only_is_stalled_at_once() {
    let signs = Signs { is_read_only: true, ..running() };
    let vitals = Vitals::judge(signs.clone(), at(10));
    assert_eq!(vitals.condition, AgentCondition::Stalled);
    assert_eq!(vitals.why, Some(VitalsReason::ReadOnly));
    assert_eq!(vitals.hint, Some(VitalsHint::MakeWritable));
    let stopped = Signs { stopped: Some(at(11)), locked: Some(false), ..signs };
    assert_eq!(judged(stopped, 12).0, AgentCondition::Stopped, "a stopped agent writes nothing");
}

#[test]
fn an_agent_that_cannot_open_its_state_is_not_told_to_run_once() {
    let dir = tempfile::tempdir().unwrap();
    let _lock = StateLock::take(dir.path()).unwrap();
    let health = serde_json::to_vec(&stalled(Stalled::Opening)).unwrap();
    std::fs::write(dir.path().join(crate::state::HEALTH_NAME), health).unwrap();
    let vitals = Vitals::read(dir.path(), at(10));
    assert_eq!(vitals.condition, AgentCondition::Stalled);
    assert_eq!(vitals.why, Some(VitalsReason::Stalls(stalled(Stalled::Opening).stalls)));
    assert_eq!(vitals.hint, Some(VitalsHint::RemoveCause));
}

#[test]
fn an_agent_with_something_else_in_place_of_its_lock_file_is_alive_as_its_heartbeat_says() {
    let lock_file = Some(("state.lock".into(), LockFault::Folder));
    let signs = Signs { locked: None, lock_file, ..running() };
    let vitals = Vitals::judge(signs.clone(), at(11));
    assert_eq!(vitals.condition, AgentCondition::Running);
    assert!(matches!(vitals.why, Some(VitalsReason::LockFile { .. })), "{vitals:?}");
    assert_eq!(vitals.hint, Some(VitalsHint::MoveLockFile));
    assert_eq!(judged(signs.clone(), 12).0, AgentCondition::Dead);
    let stopped = Signs { stopped: Some(at(11)), ..signs };
    assert!(Vitals::judge(stopped, at(12)).is_well());
}

#[test]
fn a_running_agent_whose_work_does_not_advance_is_not_well() {
    let parts = vec![NotAdvancing::NoFolders];
    let signs = Signs { not_advancing: parts.clone(), ..running() };
    let vitals = Vitals::judge(signs.clone(), at(11));
    assert_eq!(vitals.condition, AgentCondition::Running);
    assert_eq!(vitals.why, Some(VitalsReason::NotAdvancing(parts)));
    assert!(!vitals.is_well() && vitals.hint.is_some());
    // What an agent said before it was stopped is over.
    let stopped = Signs { stopped: Some(at(11)), locked: Some(false), ..signs };
    assert!(Vitals::judge(stopped, at(12)).is_well());
}
