//! Additional tests on script logs of real reloads, if their folder exists: `FOOTMAN_SAMPLES`, else
//! a folder beside the project. The logs belong to others and are not part of the project.

use std::path::{Path, PathBuf};

use footman::qlik::script_log::failure::Failure;
use footman::qlik::script_log::{Line, ScriptEnd, verdict};
use regex::Regex;

use crate::support::world::{World, texts};

fn folder() -> PathBuf {
    std::env::var_os("FOOTMAN_SAMPLES").map_or_else(
        || {
            let parts = [env!("CARGO_MANIFEST_DIR"), "..", "shared", "qlik-samples"];
            parts.iter().collect()
        },
        PathBuf::from,
    )
}

/// The names and texts of the script logs; empty if the folder does not exist.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn script_logs() -> Vec<(String, String)> {
    let folder = folder();
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("did not run: there is no folder {}", folder.display());
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let logs = paths.filter(|path| name(path).contains("-script-"));
    logs.map(|path| {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        (name(&path), text)
    })
    .collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn every_line_of_a_real_script_log_is_recognised() {
    for (name, text) in script_logs() {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let known = !matches!(Line::new(line), Line::Other(_));
            assert!(known, "{name}:{}: {line}", at + 1);
        }
    }
}

#[test]
fn the_verdict_of_a_complete_script_log_is_recognised() {
    for (name, text) in script_logs() {
        let expected = match name.as_str() {
            name if name.starts_with("whole-script-success") => Some(ScriptEnd::Finished),
            name if name.contains("rest404") || name.contains("tablenotfound") => {
                Some(ScriptEnd::Failed)
            }
            _ => continue,
        };
        assert_eq!(verdict(text.lines()), expected, "{name}");
    }
}

#[test]
fn a_real_failure_names_its_error_and_its_statement() {
    for (name, text) in script_logs() {
        let failure = Failure::new(&text.lines().collect::<Vec<_>>());
        if verdict(text.lines()) == Some(ScriptEnd::Failed) {
            assert!(failure.error.is_some_and(|error| !error.is_empty()), "{name}");
            assert!(failure.statement.is_some(), "{name}");
            assert!((2..=10).contains(&failure.excerpt.len()), "{name}");
        }
    }
}

/// The log with stamps of this moment, in the zone of the node.
fn restamped(text: &str, now: &jiff::ZonedDateTime) -> String {
    let old = Regex::new(r"(?m)^((?:  )*)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ").unwrap();
    let new = Regex::new(r"(?m)^((?:  )*)\d{8}T\d{6}\.\d{3}[+-]\d{4} ").unwrap();
    let text = old.replace_all(text, format!("${{1}}{} ", now.strftime("%Y-%m-%d %H:%M:%S")));
    let stamp = now.strftime("%Y%m%dT%H%M%S.000%z");
    new.replace_all(&text, format!("${{1}}{stamp} ")).into_owned()
}

/// Real logs in a live node's folder, with the whole agent: the failed ones are reported with their
/// own errors, the others are not.
#[tokio::test]
async fn real_script_logs_restamped_into_a_node_are_reported_if_they_failed() {
    let logs = script_logs();
    let failed: Vec<&str> = logs
        .iter()
        .filter(|(_, text)| verdict(text.lines()) == Some(ScriptEnd::Failed))
        .map(|(_, text)| text.lines().find_map(|line| line.split_once("Error: ")).unwrap().1)
        .collect();
    if failed.is_empty() {
        return;
    }
    let world = World::new();
    world.settle_in().await;
    let now = footman::clock::now().to_zoned_datetime(jiff::tz::TimeZone::system());
    let utc = footman::clock::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    for (n, (_, text)) in logs.iter().enumerate() {
        let time = utc.strftime("%Y_%m_%d_%H_%M_%S");
        let name = format!("00000000-0000-4000-8000-{n:012}.{time}.{n:020X}.log");
        let path = world.log_root().join("Script").join(name);
        std::fs::write(path, restamped(text, &now)).unwrap();
    }
    let posts = world.run_until(failed.len()).await;
    assert_eq!(posts.len(), failed.len());
    for error in failed {
        let is_reported =
            posts.iter().any(|post| texts(&post.body).iter().any(|text| text == error));
        assert!(is_reported, "no card contains {error}");
    }
}
