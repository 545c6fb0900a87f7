//! Old logs are replayed as they would have been reported, however they are packed.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use footman::clock::Timestamp;
use footman::demo::plan::{Act, plan};
use footman::demo::{Node, Story};
use jiff::tz::TimeZone;
use serde_json::Value;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::failing::FailNow;

/// The logs of the built-in story of the simulated node.
fn story(folder: &Path) -> PathBuf {
    let start: Timestamp = "2026-11-23T04:13:52Z".parse().unwrap();
    let mut node = Node::create(folder, "NODE1", TimeZone::UTC).unwrap();
    for step in plan(&Story::built_in(), "salt") {
        match step.act {
            Act::Write(write) => node.write(start + step.at, &write).unwrap(),
            Act::Roll => node.roll(start + step.at).unwrap(),
            Act::Service { .. } | Act::Event { .. } | Act::Answer { .. } => {}
        }
    }
    node.log_root().to_owned()
}

fn footman(args: &[&str], path: &Path) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(args)
        .arg(path)
        .env_clear()
        .env("TZ", "UTC")
        .env("ProgramData", path.parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The cards and the summary of `footman replay --json`.
fn replay(path: &Path) -> (Vec<Value>, Value) {
    let output = footman(&["replay", "--json", "--self-check"], path);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap()["summary"].take();
    (lines, summary)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn gzip(log: &Path, to: &Path) {
    for file in files(log) {
        let name = file.strip_prefix(log).unwrap().to_str().unwrap().to_owned() + ".gz";
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut packed = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
        packed.write_all(&fs::read(file).unwrap()).unwrap();
        packed.finish().unwrap();
    }
}

fn zip(log: &Path, to: &Path) {
    let mut archive = ZipWriter::new(File::create(to).unwrap());
    for file in files(log) {
        let name = file.strip_prefix(log).unwrap().to_str().unwrap().to_owned();
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(file).unwrap()).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn a_story_is_replayed_in_its_own_time_and_each_problem_once() {
    let folder = TempDir::new().unwrap();
    let (cards, summary) = replay(&story(folder.path()));
    let lines: Vec<String> = cards
        .iter()
        .map(|card| {
            let text = |key: &str| card[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}: {}", &text("at")[11..19], text("what"), text("kind"), text("name"))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert_eq!(summary["held_back"]["repeat"], 1, "{summary}");
    assert_eq!(summary["unreadable"], 0);
}

#[test]
fn the_class_of_an_error_is_in_the_cards_the_page_and_what_explain_says() {
    let folder = TempDir::new().unwrap();
    let logs = folder.path().join("Script");
    fs::create_dir(&logs).unwrap();
    let log = logs
        .join("6f2c3c5e-0f5b-4a38-9d55-0c52e3a4d0e1.2026_11_23_05_13_00.D27A488D96C716E5FA4A.log");
    let stamp = "20261123T061301.000+0100";
    let lines = [
        "      Execution started.",
        " 0002 SET ErrorMode=0",
        " 0003 DROP TABLE a",
        "      Error: Table not found",
        " 0004 LIB CONNECT TO 'Sales warehouse'",
        "      Connector connect error: SQL##f - SqlState: 28000, ErrorCode: 18456, ErrorMsg: Anmeldung",
        "      Execution Failed",
        "      Execution finished.",
    ];
    fs::write(&log, lines.map(|line| format!("{stamp}{line}\r\n")).concat()).unwrap();
    let (cards, _) = replay(&logs);
    assert_eq!(cards.len(), 1, "{cards:?}");
    assert_eq!(cards[0]["error_class"], "login-failed");
    assert_eq!(cards[0]["connection"], "Sales warehouse");
    assert_eq!(cards[0]["swallowed"], 1);
    let page = folder.path().join("page.html");
    footman(&["replay", "--html", page.to_str().unwrap()], &logs);
    let html = fs::read_to_string(page).unwrap();
    assert!(html.contains("Failures by class of error"), "{html}");
    assert!(html.contains("Data source refused the login"), "{html}");
    assert!(html.contains("<small>login-failed</small>"), "{html}");
    let printed = footman(&["explain"], &log).stdout;
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("class    login-failed: Data source refused the login"), "{printed}");
    assert!(printed.contains("opened   Sales warehouse"), "{printed}");
    assert!(printed.contains("ignored  1 earlier"), "{printed}");
    let json: Value =
        serde_json::from_slice(&footman(&["explain", "--json"], &log).stdout).unwrap();
    assert_eq!(json["errors"][0]["error_class"], "login-failed", "{json}");
    assert!(json["matches"].as_array().is_some_and(|all| !all.is_empty()), "{json}");
    let line = Path::new("20261123T061301.000+0100      Error: Field 'a' not found");
    let json: Value =
        serde_json::from_slice(&footman(&["explain", "--json"], line).stdout).unwrap();
    assert_eq!(json["errors"][0]["error_class"], "field-not-found", "{json}");
}

#[test]
fn packed_logs_give_the_same_cards() {
    let folder = TempDir::new().unwrap();
    let log = story(&folder.path().join("node"));
    let (plain, _) = replay(&log);
    assert!(plain.len() > 5, "{plain:#?}");
    let gz = folder.path().join("gz");
    gzip(&log, &gz);
    assert_eq!(replay(&gz).0, plain);
    let archive = folder.path().join("logs.zip");
    zip(&log, &archive);
    assert_eq!(replay(&archive).0, plain);
}

#[test]
fn packed_copies_beside_the_logs_are_not_reported_twice() {
    let folder = TempDir::new().unwrap();
    let log = story(&folder.path().join("both/node"));
    let (once, _) = replay(&log);
    gzip(&log, &folder.path().join("both/copy"));
    let (both, summary) = replay(&folder.path().join("both"));
    assert_eq!(both, once);
    assert!(summary["copies"].as_u64().unwrap() > 0);
}

/// A regression test: each empty log took as long as compiling the watches.
#[test]
fn an_archive_of_many_empty_logs_is_read_quickly() {
    const N: u32 = if cfg!(windows) { 20_000 } else { 60_000 };
    let folder = TempDir::new().unwrap();
    let mut archive = ZipWriter::new(File::create(folder.path().join("empty.zip")).unwrap());
    for n in 0..N {
        let name = format!("NODE{n}_System_Scheduler_2026-11-23T06.13.52Z.log");
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
    }
    archive.finish().unwrap();
    let (cards, summary) = replay(&folder.path().join("empty.zip"));
    assert!(cards.is_empty());
    assert_eq!(summary["logs"], N);
}

#[cfg(unix)]
#[test]
fn a_path_that_cannot_be_replayed_is_refused_with_a_hint() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, sentence) in [
        (socket, "neither a folder nor a regular file"),
        (folder.path().join("gone"), "cannot access"),
    ] {
        for command in [&["replay"][..], &["patterns", "suggest"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_footman"))
                .args(command)
                .arg(&path)
                .env_clear()
                .env("ProgramData", folder.path())
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{command:?}: {text}");
            assert!(text.contains(sentence) && text.contains("hint: "), "{command:?}: {text}");
        }
    }
}

#[test]
fn a_folder_without_logs_is_refused_and_not_reported_as_a_quiet_night() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    let other = folder.path().join("other");
    fs::create_dir(&empty).unwrap();
    fs::create_dir(&other).unwrap();
    fs::write(other.join("readme.txt"), "no log\n").unwrap();
    for path in [&empty, &other, &other.join("readme.txt")] {
        for args in [&["replay"][..], &["replay", "--json"]] {
            let program = env!("CARGO_BIN_EXE_footman");
            let refused = Command::new(program).args(args).arg(path).output().unwrap();
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(3), "{said}");
            assert!(said.contains("no logs of Qlik Sense found in "), "{said}");
            assert!(said.contains("hint: give the folder `Log`"), "{said}");
            assert_eq!(String::from_utf8_lossy(&refused.stdout), "");
        }
    }
}

#[test]
fn a_broken_archive_is_reported_and_the_rest_is_replayed() {
    let folder = TempDir::new().unwrap();
    let log = story(folder.path());
    let (whole, _) = replay(&log);
    fs::write(log.join("broken.zip"), b"PK\x03\x04 this is none").unwrap();
    fs::write(log.join("NODE1_System_Engine.txt.gz"), b"\x1f\x8b this is none").unwrap();
    let (cards, summary) = replay(&log);
    assert_eq!(cards, whole);
    assert_eq!(summary["unreadable"], 2);
}

#[test]
fn what_is_wrong_with_an_archive_is_said_in_plain_words() {
    let folder = TempDir::new().unwrap();
    let log = story(folder.path());
    for (name, bytes, words) in [
        ("a.zip", &b""[..], "it is not a zip archive, or one that is damaged"),
        ("a.zip", b"PK\x03\x04 this is none", "it is not a zip archive, or one that is damaged"),
        ("NODE1_System_Engine.txt.gz", b"this is none", "or it is no gzip file"),
        ("NODE1_System_Engine.txt.gz", b"\x1f\x8b\x08\x00\x00", "it is cut off"),
    ] {
        fs::write(log.join(name), bytes).unwrap();
        let program = env!("CARGO_BIN_EXE_footman");
        let said = Command::new(program).arg("replay").arg(&log).output().unwrap();
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains(words), "{name}: {said}");
        assert!(!said.contains("EOCD") && !said.contains("os error"), "{name}: {said}");
        fs::remove_file(log.join(name)).unwrap();
    }
}

#[test]
fn an_abort_is_listed_among_the_errors_as_its_card_says() {
    let folder = TempDir::new().unwrap();
    let log = story(folder.path());
    let page = folder.path().join("report.html");
    footman(&["replay", "--html", page.to_str().unwrap()], &log);
    let html = fs::read_to_string(page).unwrap();
    let errors = html.split("Failures by error").nth(1).unwrap().split("<h2").next().unwrap();
    assert!(errors.contains("Stopped by "), "{errors}");
    assert!(!html.contains("Execution State Change to Aborting"), "{errors}");
}

#[test]
fn the_page_is_self_contained_and_hostile_names_are_escaped() {
    let folder = TempDir::new().unwrap();
    let mut node = Node::create(folder.path(), "NODE1", TimeZone::UTC).unwrap();
    let now = "2026-11-23T04:13:52Z".parse().unwrap();
    node.fail_now(now, "<script>boo</script>", "Table '<b>' not found").unwrap();
    let page = folder.path().join("report.html");
    footman(&["replay", "--html", page.to_str().unwrap()], node.log_root());
    let html = fs::read_to_string(page).unwrap();
    assert!(html.contains("&lt;script&gt;boo"));
    for outside in ["<script", "src=", "<link", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("<svg") && html.contains("Longest outages"));
}

#[test]
fn unmatched_warnings_are_suggested() {
    let folder = TempDir::new().unwrap();
    let log = story(folder.path());
    let header = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\n";
    let row = |n: u32| {
        format!("{n}\t20261123T061352.000+0000\tWARN\tNODE1\tSystem.Proxy.Pool\tPool {n} is dry\n")
    };
    let rows: String = (1..=3).map(row).collect();
    fs::create_dir_all(log.join("Proxy/Trace")).unwrap();
    let path = log.join("Proxy/Trace/NODE1_System_Proxy.txt");
    fs::write(path, header.to_owned() + &rows).unwrap();
    let text = String::from_utf8(footman(&["patterns", "suggest"], &log).stdout).unwrap();
    assert!(text.contains("seen 3 times as WARN"), "{text}");
    assert!(text.contains(r"when = { Logger = 'Pool$', Message = '^Pool .*? is dry' }"), "{text}");
}

#[test]
fn a_time_range_without_any_time_is_a_mistake_of_usage_with_a_hint() {
    let folder = TempDir::new().unwrap();
    let logs = story(folder.path());
    for (since, until) in [("2026-11-24", "2026-11-23"), ("2026-11-23", "2026-11-23T00:00")] {
        let output = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(["replay", "--since", since, "--until", until])
            .arg(&logs)
            .env_clear()
            .env("TZ", "UTC")
            .env("ProgramData", folder.path())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(&format!("{until} is not later than {since}")), "{error}");
        assert!(error.contains("hint: "), "{error}");
        assert!(output.stdout.is_empty());
    }
}
