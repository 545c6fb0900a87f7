//! Both clock changes of daylight saving time, with and without offsets in timestamps: one failure,
//! one card.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use footman::clock::Timestamp;
use footman::demo::Node;
use footman::demo::plan::{Act, PlannedRun, reload};
use footman::demo::story::StoryEnd;
use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::Value;

const ZONE: &str = "Europe/Stockholm";
const FAILURES: u64 = 26;
/// The timestamp of a row of a service log, without offset.
const SERVICE: &str = "$1-$2-$3 $4:$5:$6,$7";

/// Writes 26 failures, ten minutes apart, from more than an hour before the clock change to more
/// than an hour after it. Each takes as long as a real reload.
fn night(folder: &Path, change: &str, roll_each: u64) {
    let change: Timestamp = change.parse().unwrap();
    let zone = TimeZone::get(ZONE).unwrap();
    let mut node = Node::create(folder, "NODE1", zone).unwrap().rolling_at(8_000_000);
    for n in 0..FAILURES {
        let begin = change - Duration::from_mins(130) + Duration::from_mins(10 * n);
        let run = PlannedRun::of_task(&format!("App {n:02}"), "night");
        let error = format!("Table 'T{n}' not found");
        for step in reload(&run, &StoryEnd::Fails { error, retries: 0, then_ok: false }) {
            if let Act::Write(write) = &step.act {
                node.write(begin + step.at, write).unwrap();
            }
        }
        if n % roll_each == roll_each - 1 {
            node.roll(begin + Duration::from_mins(1)).unwrap();
        }
    }
}

/// Removes the offsets from all timestamps below a folder: `2026-10-25 02:10:00,123` in service
/// logs, `2026-10-25 02:10:00` in script logs.
fn without_offsets(folder: &Path) {
    let written = if folder.ends_with("Script") { "$1-$2-$3 $4:$5:$6" } else { SERVICE };
    let stamp = Regex::new(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})[+-]\d{4}").unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            without_offsets(&path);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, stamp.replace_all(&text, written).as_bytes()).unwrap();
        }
    }
}

/// The cards that `footman replay` derives from a folder: app and summary of each.
fn cards(folder: &Path) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["replay", "--json"])
        .arg(folder.join("Log"))
        .env_clear()
        .env("TZ", ZONE)
        .env("ProgramData", folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let cards = lines.filter(|line| line.get("summary").is_some_and(Value::is_string));
    let word = |card: &Value, key: &str| card[key].as_str().unwrap_or_default().to_owned();
    cards.map(|card| (word(&card, "name"), word(&card, "summary"))).collect()
}

/// Checks that a night has exactly one card per failure; the logs below folder `without` have no
/// offsets.
fn one_card_a_failure(change: &str, without: &str) {
    let rolls: &[u64] = if crate::long() { &[5, 100, 1] } else { &[5] };
    for &roll_each in rolls {
        let folder = tempfile::tempdir().unwrap();
        night(folder.path(), change, roll_each);
        if !without.is_empty() {
            without_offsets(&folder.path().join(without));
        }
        let cards = cards(folder.path());
        let apps: BTreeSet<&str> = cards.iter().map(|(app, _)| app.as_str()).collect();
        let what = format!("{change}, no offsets in {without:?}, rolled each {roll_each}");
        assert_eq!(apps.len() as u64, FAILURES, "{what}: {cards:#?}");
        assert_eq!(cards.len() as u64, FAILURES, "{what}: {cards:#?}");
        for (app, summary) in &cards {
            let number: u64 = app.trim_start_matches("App ").parse().unwrap();
            assert!(summary.contains(&format!("T{number}'")), "{what}: {app}: {summary}");
        }
    }
}

const SPRING: &str = "2026-03-29T01:00:00Z";
const AUTUMN: &str = "2026-10-25T01:00:00Z";

#[test]
fn one_card_per_failure_at_the_change_to_summer_time_with_offsets() {
    one_card_a_failure(SPRING, "");
}

#[test]
fn one_card_per_failure_at_the_change_to_summer_time_without_offsets() {
    one_card_a_failure(SPRING, "Log");
}

#[test]
fn one_card_per_failure_at_the_change_to_winter_time_with_offsets() {
    one_card_a_failure(AUTUMN, "");
}

#[test]
fn one_card_per_failure_at_the_change_to_winter_time_without_offsets() {
    one_card_a_failure(AUTUMN, "Log");
}

#[test]
fn one_card_per_failure_at_the_change_to_summer_time_if_only_script_logs_lack_offsets() {
    one_card_a_failure(SPRING, "Log/Script");
}

#[test]
fn one_card_per_failure_at_the_change_to_winter_time_if_only_script_logs_lack_offsets() {
    one_card_a_failure(AUTUMN, "Log/Script");
}
