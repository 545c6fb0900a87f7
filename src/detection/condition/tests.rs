use std::collections::BTreeSet;

use super::*;
use crate::detection::{AnswerFault, CloudList, TenantFault, TenantRefusal};

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
        AgentProblem::LockFileReplaced,
        AgentProblem::BrokenFile(FileMistake::of_sentence("x")),
        AgentProblem::NoLogRoot(MissingLogRoot::of_sentence("x")),
        AgentProblem::FilesBroken(FileMistake::of_sentence("x")),
        AgentProblem::RestartNeeded { logs: vec![] },
        AgentProblem::ReadingStuck,
        AgentProblem::UnknownLayout { log: text() },
        AgentProblem::ChannelUnavailable { channel: text(), since: on },
    ];
    for problem in &problems {
        assert_eq!(problem.pattern().name(), format!("agent-{}", problem.name()));
    }
    let of_tenants = [
        ended(BadEnd::Failed),
        ended(BadEnd::ExceededLimit),
        ended(BadEnd::Canceled),
        CloudCondition::ReloadSucceeded,
        CloudCondition::TaskOff { code: text() },
        CloudCondition::TaskOn,
        CloudCondition::NotPolled {
            refusal: TenantRefusal::ALL[0],
            why: TenantFault::Worded(text()),
        },
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
    let mut found: BTreeSet<ProductPattern> = all
        .map(|condition| ProductPattern::of(&condition.rank(&agent).0).expect("a known pattern"))
        .collect();
    // What no condition can be made for without the words of a machine.
    found.extend([ProductPattern::GaugeHigh, ProductPattern::Alive]);
    found.extend([ProductPattern::ServiceStopped, ProductPattern::RepositoryStopped]);
    assert_eq!(found, ProductPattern::ALL.into());
}

#[test]
fn problems_of_files_of_an_earlier_version_are_read() {
    let mistake = FileMistake::of_sentence("own.toml:3:5: unknown key `x`");
    let root = MissingLogRoot::of_sentence("the log root x does not exist");
    let cases = [
        (
            r#"{"no-log-root":{"why":"the log root x does not exist"}}"#,
            AgentProblem::NoLogRoot(root),
        ),
        (
            r#"{"broken-file":{"problem":"own.toml:3:5: unknown key `x`"}}"#,
            AgentProblem::BrokenFile(mistake.clone()),
        ),
        (
            r#"{"files-broken":{"why":"own.toml:3:5: unknown key `x`"}}"#,
            AgentProblem::FilesBroken(mistake),
        ),
    ];
    for (earlier, problem) in cases {
        assert_eq!(serde_json::from_str::<AgentProblem>(earlier).unwrap(), problem, "{earlier}");
        let now = serde_json::to_string(&problem).unwrap();
        assert_eq!(serde_json::from_str::<AgentProblem>(&now).unwrap(), problem, "{now}");
    }
}

#[test]
fn faults_of_tenants_of_an_earlier_version_are_read() {
    let stored = r#"{"not-polled":{"refusal":"request","why":"GET /api: 400: x"}}"#;
    let read: CloudCondition = serde_json::from_str(stored).unwrap();
    let why = TenantFault::Worded("GET /api: 400: x".to_owned());
    assert_eq!(read, CloudCondition::NotPolled { refusal: TenantRefusal::Request, why });
    let fault = AnswerFault::Status { status: 400, detail: None };
    let why = Some(TenantFault::of("GET", "/api", fault));
    let unread = CloudCondition::Unread { list: CloudList::Tasks, from: None, to: None, why };
    let stored = serde_json::to_string(&unread).unwrap();
    assert_eq!(serde_json::from_str::<CloudCondition>(&stored).unwrap(), unread);
}
