use super::About;
use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::{Facts, Kind, ScriptFacts};
use crate::incident::Notice;
use crate::render::sample;

fn failed(app: &str, error: &str, class: Option<&str>, connection: Option<&str>) -> Notice {
    let text = |text: &str| Some(text.to_owned());
    let script = ScriptFacts {
        error: text(error),
        error_class: class.map(str::to_owned),
        error_title: class.map(|class| format!("Title of {class}")),
        connection: connection.map(str::to_owned),
        ..ScriptFacts::default()
    };
    Notice {
        kind: Kind::ReloadFailed,
        error: error.to_owned(),
        facts: Facts { app_name: text(app), host: text("node1"), ..Facts::default() },
        script: Some(script),
        ..sample::test(Timestamp::UNIX_EPOCH)
    }
}

fn of(notice: &Notice) -> About {
    super::of(notice, Language::English)
}

#[test]
fn cards_of_one_class_connection_and_node_have_one_cause() {
    let cause = |notice: &Notice| of(notice).cause;
    let one = failed("Sales", "cannot reach sql-4 (17)", Some("unreachable"), Some("DWH"));
    let other = failed("Stock", "cannot reach sql-4 (18)", Some("unreachable"), Some("DWH"));
    assert_eq!(cause(&one), cause(&other));
    assert_eq!((of(&one).name, of(&one).text), ("Sales".into(), "cannot reach sql-4 (17)".into()));
    assert_eq!(of(&one).title.as_deref(), Some("Title of unreachable"));
    for different in [
        failed("Sales", "cannot reach sql-4", Some("unreachable"), Some("CRM")),
        failed("Sales", "cannot reach sql-4", Some("login-failed"), Some("DWH")),
        Notice { facts: Facts { host: Some("node2".into()), ..one.facts.clone() }, ..one.clone() },
        Notice { kind: Kind::TaskFailed, ..one.clone() },
    ] {
        assert_ne!(cause(&one), cause(&different));
    }
}

#[test]
fn without_a_class_the_text_without_its_numbers_is_the_cause() {
    let of = |error| of(&failed("Sales", error, None, None)).cause;
    assert_eq!(of("disk 7 is full"), of("disk 8 is full"));
    assert_ne!(of("disk 7 is full"), of("tape 7 is full"));
}

#[test]
fn what_concerns_no_app_or_task_is_of_its_node() {
    let one = failed("Sales", "disk is full", None, None);
    assert!(!of(&one).is_of_node);
    let of_node = Facts { app_name: None, ..one.facts.clone() };
    let about = of(&Notice { facts: of_node, script: None, kind: Kind::Service, ..one });
    assert_eq!((&*about.name, about.is_of_node), ("node1", true));
}
