use super::*;

fn one(log: &str) -> Watch {
    watches(Path::new("root"), [log].into_iter()).remove(0)
}

#[test]
fn each_log_is_followed_in_the_folder_of_its_service() {
    let folder = |log| one(log).folder.to_string_lossy().replace('\\', "/");
    assert_eq!(folder("System_Scheduler"), "root/Scheduler/Trace");
    assert_eq!(folder("AuditActivity_Engine"), "root/Engine/Audit");
    assert_eq!(folder("AuditSecurity_Repository"), "root/Repository/Audit");
    assert_eq!(folder("Service_Repository"), "root/Repository/System");
    assert_eq!(folder("QixCounter_Engine"), "root/Engine/System");
    assert_eq!(folder("Script"), "root/Script");
}

#[test]
fn live_and_rolled_files_are_followed_and_files_of_other_logs_are_not() {
    let names = one("System_Scheduler").names;
    assert!(names.is_match("NODE1_System_Scheduler.txt"));
    assert!(names.is_match("node1_system_scheduler.TXT"));
    assert!(names.is_match("NODE1_System_Scheduler_2026-11-23T06.13.52Z.log"));
    assert!(!names.is_match("NODE1_Service_Scheduler.txt"));
    assert!(!names.is_match("NODE1_System_Scheduler.txt.bak"));
    assert!(!one("Performance_Engine").names.is_match("NODE1_QixPerformance_Engine.txt"));
}

#[test]
fn a_script_log_gets_the_longer_lookback() {
    assert_eq!(one("Script").lookback.of(b"line"), 64 * 1024);
    assert!(one("Script").lookback.of(b"line\r\n      Execution Failed\r\n") > 1_000_000);
    assert_eq!(one("System_Scheduler").lookback, (16 * 1024).into());
    assert!(one("Script").names.is_match("7ffc01c2.2016_12_15_16_03_42.ECD010F8AE5847FFC93B.log"));
}

#[test]
fn a_log_named_twice_is_followed_once_and_an_impossible_name_is_ignored() {
    let logs = ["System_Engine", "System_Engine", "Nonsense", "../x_y", "System_{a,b}", "_"];
    assert_eq!(watches(Path::new("root"), logs.into_iter()).len(), 1);
    assert!(is_log("Script") && is_log("System_Engine") && !is_log("Nonsense"));
}

#[test]
fn dispatched_services_are_followed_in_a_folder_of_their_name() {
    let hub = one("HubService");
    assert_eq!(hub.folder.to_string_lossy().replace('\\', "/"), "root/HubService");
    assert!(hub.names.is_match("1444921956216_969c2051-f159-4bac-a233-33bab93e0798.log"));
    assert!(hub.names.is_match("1444921956216_Global.log") && !hub.names.is_match("Global.zip"));
    assert!(is_log("BrokerService") && is_log("DataProfiling") && !is_log("Service"));
    let at = |path| log_at(path).unwrap_or_default();
    assert_eq!(at("C:\\Log\\HubService\\1444921956216_Global.log"), "HubService");
    assert_eq!(at("logs/Scheduler/Trace/NODE1_System_Scheduler.txt"), "System_Scheduler");
    assert_eq!(at("logs/Trace/1444921956216_Global.log"), "");
}

#[test]
fn printing_is_followed_in_both_of_its_folders() {
    let folders: Vec<String> = watches(Path::new("root"), ["System_Printing"].into_iter())
        .into_iter()
        .map(|watch| watch.folder.to_string_lossy().replace('\\', "/"))
        .collect();
    assert_eq!(folders, ["root/Printing/Trace", "root/Printing/System"]);
}

#[test]
fn the_log_of_a_copied_file_is_known_by_its_name() {
    let logs = [
        "NODE1_System_Scheduler.txt",
        "my_node_AuditActivity_Engine_2026-11-23T04.13.52Z.log",
        "9b709d76-3d52-4d22-9fd7-f90001e687a7.2026_12_12_18_10_43.1212D6BB3B9AB83EA9B0.log",
        "NODE1_System_Scheduler.txt.bak",
        "readme.txt",
        "1444921956216_Global.log",
    ];
    let logs_by_name = logs.map(|name| log_of(name).unwrap_or_default());
    assert_eq!(logs_by_name, ["System_Scheduler", "AuditActivity_Engine", "Script", "", "", ""]);
}

#[test]
fn a_folder_of_a_dispatched_service_alone_makes_a_log_root() {
    for name in DISPATCHED {
        assert!(crate::config::load::QLIK_FOLDERS.contains(&name), "{name}");
    }
}
