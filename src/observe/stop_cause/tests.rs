//! The entries are synthetic, in the format that Microsoft documents.

use std::fmt::Write as _;

use super::{QUERY, SystemLogEntry, decode, parse, why};
use crate::detection::ServiceState;
use crate::observe::{Service, StartType};

fn written(provider: &str, id: u32, user: &str, parameters: &[&str], binary: &str) -> String {
    let data = parameters.iter().fold(String::new(), |mut data, text| {
        write!(data, "<Data Name='param'>{text}</Data>").unwrap();
        data
    });
    let binary = binary.encode_utf16().fold(String::new(), |mut digits, unit| {
        write!(digits, "{:04X}", unit.swap_bytes()).unwrap();
        digits
    });
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='{provider}' Guid='{{555908d1-a6d7-4695-8e1e-26931d2012f4}}'/>\
         <EventID Qualifiers='49152'>{id}</EventID><Version>0</Version><Level>2</Level>\
         <TimeCreated SystemTime='2026-11-23T05:13:52.1234567Z'/><Channel>System</Channel>\
         <Computer>NODE1</Computer><Security {user}/></System>\
         <EventData>{data}<Binary>{binary}</Binary></EventData></Event>\r\n"
    )
}

fn of_engine(id: u32, parameters: &[&str]) -> String {
    let user = "UserID='S-1-5-21-1-2-3-1001'";
    written("Service Control Manager", id, user, parameters, "QlikSenseEngineService\0")
}

fn shutdown() -> String {
    let parameters = [
        r"C:\Windows\system32\shutdown.exe (NODE1)",
        "NODE1",
        "Andere (geplant)",
        "0x80000000",
        "Neustart",
        "",
        r"EXAMPLE\admin",
    ];
    written("User32", 1074, "UserID='S-1-5-18'", &parameters, "")
}

fn engine(exit_code: u32) -> Service {
    Service {
        name: "QlikSenseEngineService".into(),
        display_name: "Qlik Sense Engine Service".into(),
        state: ServiceState::Stopped,
        start: StartType::Automatic,
        exit_code,
        process: None,
        stop_cause: None,
    }
}

fn reason(text: &str, exit_code: u32) -> Option<String> {
    let name_of = |sid: &str| (sid == "S-1-5-21-1-2-3-1001").then(|| r"EXAMPLE\anna".to_owned());
    why(&parse(text), &engine(exit_code), name_of).map(|cause| format!("{cause:?}"))
}

const NAME: &str = "Qlik Sense Engine Service";

#[test]
fn a_crash_has_its_count_and_the_recovery_action_of_windows() {
    let restarted = of_engine(7031, &[NAME, "3", "60000", "1", "Den Dienst neu starten"]);
    insta::assert_snapshot!(reason(&restarted, 1067).unwrap(), @"Crashed { times: 3, exit_code: 1067, then: Some(RestartsService { seconds: Some(60) }) }");
    let rebooted = of_engine(7031, &[NAME, "12", "0", "2", "Computer neu starten"]);
    insta::assert_snapshot!(reason(&rebooted, 1067).unwrap(), @"Crashed { times: 12, exit_code: 1067, then: Some(RestartsMachine { seconds: Some(0) }) }");
    let left = of_engine(7031, &[NAME, "21", "0", "0", "Keine Aktion"]);
    insta::assert_snapshot!(reason(&left, 1067).unwrap(), @"Crashed { times: 21, exit_code: 1067, then: None }");
    insta::assert_snapshot!(reason(&of_engine(7034, &[NAME, "1"]), 1067).unwrap(), @"Crashed { times: 1, exit_code: 1067, then: None }");
}

#[test]
fn a_stop_with_an_error_has_the_error_number() {
    insta::assert_snapshot!(reason(&of_engine(7023, &[NAME, "%%1068"]), 1068).unwrap(), @"EndedWithError(1068)");
    insta::assert_snapshot!(reason(&of_engine(7024, &[NAME, "%%42"]), 42).unwrap(), @"EndedWithOwnError(42)");
}

#[test]
fn a_requested_stop_has_the_account() {
    let stopped = of_engine(7042, &[NAME, "Beenden", "0x40030011", "Geplant", "None"]);
    insta::assert_snapshot!(reason(&stopped, 0).unwrap(), @r#"StoppedBy { who: "EXAMPLE\\anna" }"#);
    let by_nobody_known = stopped.replace("1001", "1002");
    assert_eq!(reason(&by_nobody_known, 0), None);
}

#[test]
fn a_shutdown_has_the_account_and_program() {
    insta::assert_snapshot!(reason(&shutdown(), 0).unwrap(), @r#"ShutDown { who: "EXAMPLE\\admin", program: "shutdown.exe" }"#);
    insta::assert_snapshot!(reason(&shutdown(), 1077).unwrap(), @r#"NotStartedSince { who: "EXAMPLE\\admin", program: "shutdown.exe" }"#);
}

#[test]
fn an_entry_that_does_not_fit_the_exit_code_is_ignored() {
    // It crashed, was started again, and was then stopped by someone.
    assert_eq!(reason(&of_engine(7034, &[NAME, "1"]), 0), None);
    assert_eq!(reason(&of_engine(7042, &[NAME, "stop"]), 1067), None);
    assert_eq!(reason(&shutdown(), 1067), None);
    let of_another =
        written("Service Control Manager", 7034, "", &["Print Spooler", "1"], "Spooler\0");
    assert_eq!(reason(&of_another, 1067), None);
    let of_a_program = written("Some program", 7034, "", &[NAME, "1"], "");
    assert_eq!(reason(&of_a_program, 1067), None);
}

#[test]
fn the_newest_fitting_entry_wins() {
    let text = [
        of_engine(7042, &[NAME, "stop"]),
        of_engine(7034, &[NAME, "2"]),
        of_engine(7034, &[NAME, "1"]),
    ];
    insta::assert_snapshot!(reason(&text.concat(), 1067).unwrap(), @"Crashed { times: 2, exit_code: 1067, then: None }");
}

#[test]
fn a_service_that_is_not_stopped_has_no_reason() {
    let entries = parse(&of_engine(7034, &[NAME, "1"]));
    let service = Service { state: ServiceState::Stopping, ..engine(1067) };
    assert_eq!(why(&entries, &service, |_| None), None);
}

#[test]
fn without_the_name_in_the_binary_data_the_display_name_is_compared() {
    let text = written("Service Control Manager", 7034, "", &[NAME, "1"], "");
    assert!(reason(&text, 1067).is_some());
}

#[test]
fn unreadable_entries_are_skipped() {
    let none: Vec<SystemLogEntry> = Vec::new();
    for text in [
        "",
        "Access is denied.",
        "<Event ",
        "<Event xmlns='x'></Event>",
        "</Event>",
        "<Event <<</Event>",
    ] {
        assert_eq!(parse(text), none, "{text}");
    }
    let broken = "<Event xmlns='x'><System></Event>".to_owned() + &of_engine(7034, &[NAME, "1"]);
    assert_eq!(parse(&broken).len(), 1);
    for parameters in [&["", ""][..], &[NAME, "many"], &[NAME], &[]] {
        assert_eq!(reason(&of_engine(7034, parameters), 1067), None, "{parameters:?}");
    }
    assert_eq!(
        reason(&of_engine(7034, &[NAME, "1"]).replace("5100", "5 00"), 1067).as_deref(),
        Some("Crashed { times: 1, exit_code: 1067, then: None }")
    );
}

#[test]
fn a_name_cannot_break_the_line_or_fill_the_card() {
    let long = shutdown().replace(r"EXAMPLE\admin", &format!("EXAMPLE\\a\n{}", "b".repeat(500)));
    let reason = reason(&long, 0).unwrap();
    assert!(!reason.contains('\n') && reason.len() < 250, "{reason}");
}

#[test]
fn the_acceptance_script_uses_the_same_query() {
    let script = include_str!("../../../packaging/windows/acceptance.ps1");
    assert!(script.contains(&format!("\"/q:{QUERY}\"")), "{QUERY}");
}

#[test]
fn utf_16_and_single_byte_output_are_decoded() {
    let text = shutdown().replace("admin", "ädmin");
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    let bytes: Vec<u8> = units.collect();
    assert_eq!(decode(&bytes), text);
    assert_eq!(decode(&[b"\xff\xfe", &bytes[..]].concat()), text);
    assert_eq!(decode(text.as_bytes()), text);
    assert_eq!(decode(b""), "");
}
