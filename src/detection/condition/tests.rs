use std::collections::BTreeSet;

use super::*;
use crate::detection::{CloudList, TenantRefusal};

#[test]
fn the_patterns_of_the_product_are_those_of_its_conditions() {
    let text = || "x".to_owned();
    let on = Timestamp::UNIX_EPOCH;
    let ended = |end| CloudCondition::ReloadEnded { end, code: None };
    let problems = [
        AgentProblem::StateDamaged { kept: None },
        AgentProblem::StateWentBack { at: on },
        AgentProblem::StateNotWritten,
        AgentProblem::StateWrittenAgain,
        AgentProblem::StatePutBack,
        AgentProblem::BrokenFile { problem: text() },
        AgentProblem::NoLogRoot { why: text(), place: None },
        AgentProblem::FilesBroken { why: text() },
        AgentProblem::RestartNeeded { logs: vec![] },
        AgentProblem::ReadingStuck,
        AgentProblem::UnknownLayout { log: text() },
        AgentProblem::ChannelUnavailable { channel: text(), since: on },
    ];
    let of_tenants = [
        ended(BadEnd::Failed),
        ended(BadEnd::ExceededLimit),
        ended(BadEnd::Canceled),
        CloudCondition::ReloadSucceeded,
        CloudCondition::TaskOff { code: text() },
        CloudCondition::TaskOn,
        CloudCondition::NotPolled { refusal: TenantRefusal::ALL[0], why: text() },
        CloudCondition::PolledAgain,
        CloudCondition::Unread { list: CloudList::ALL[0], from: None, to: None, why: None },
        CloudCondition::ListRead,
        CloudCondition::KeyExpires { on, left: UntilExpiry::Expired },
        CloudCondition::KeyRenewed,
    ];
    let of_machines = [
        Condition::ServiceStarted,
        Condition::GaugeNormal,
        Condition::CertificateExpires { on, left: UntilExpiry::Expired },
        Condition::CertificateRenewed,
        Condition::AgentWell,
    ];
    let of_agent = problems.into_iter().map(Condition::Agent);
    let all = of_agent.chain(of_tenants.into_iter().map(Condition::Cloud)).chain(of_machines);
    let agent = Subject::Agent { host: text() };
    let mut found: BTreeSet<String> =
        all.map(|condition| condition.rank(&agent).0.to_string()).collect();
    // What no condition can be made for without the words of a machine.
    found.extend(["node-short", "agent-alive"].map(str::to_owned));
    found.extend(qlik::services::PATTERNS.map(str::to_owned));
    assert_eq!(found, PRODUCT_PATTERNS.iter().map(ToString::to_string).collect());
}

#[test]
fn a_missing_log_root_of_an_earlier_version_is_read() {
    let earlier = r#"{"no-log-root":{"why":"the log root x does not exist"}}"#;
    let problem: AgentProblem = serde_json::from_str(earlier).unwrap();
    let why = "the log root x does not exist".to_owned();
    assert_eq!(problem, AgentProblem::NoLogRoot { why, place: None });
}
