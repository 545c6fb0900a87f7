use super::*;

#[test]
fn a_service_counts_as_started_only_when_its_agent_runs() {
    assert_eq!(judge(AgentCondition::Running, None), Some(Started::Runs));
    for condition in [
        AgentCondition::Starting,
        AgentCondition::Missing,
        AgentCondition::Stopped,
        AgentCondition::Dead,
        AgentCondition::Unreadable,
        AgentCondition::Stalled,
    ] {
        assert_eq!(judge(condition, None), None, "{condition:?}");
    }
    // What the state says may be from the agent before.
    let why = "exit code 3".to_owned();
    assert_eq!(judge(AgentCondition::Running, Some(why.clone())), Some(Started::Ended(why)));
}

#[test]
fn a_unit_that_ended_is_told_from_one_that_runs() {
    let exit = |state: &str, sub: &str, result: &str, code: &str| {
        exit_of(&format!(
            "ActiveState={state}\nSubState={sub}\nResult={result}\nExecMainStatus={code}\n"
        ))
    };
    assert_eq!(exit("active", "running", "success", "0"), None);
    assert_eq!(exit("activating", "start", "success", "0"), None);
    let ended = |text: &str| Some(text.to_owned());
    assert_eq!(exit("activating", "auto-restart", "exit-code", "3"), ended("exit code 3"));
    assert_eq!(exit("failed", "failed", "exit-code", "203"), ended("exit code 203"));
    assert_eq!(exit("failed", "failed", "signal", "9"), ended("systemd says signal"));
    assert_eq!(exit("inactive", "dead", "success", "0"), ended("it was stopped"));
    assert_eq!(exit_of(""), None);
}
