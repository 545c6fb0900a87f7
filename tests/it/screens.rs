//! What the commands show at 80 and at 160 columns, kept as snapshots: nothing is wider.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use regex::Regex;

use crate::support::fake_teams::{Answer, FakeTeams};

const STORY: &str = "0 start-up\n0.1 reload \"Finance Ledger\" fails \"Table not found\"\n";
const CONFIG: &str = "environment = 'prod'\nlog-root = 'Log'\nstate-dir = 'd/state'\n";
/// The patterns are many; their form is the same.
const PATTERNS: usize = 8;

fn footman(folder: &Path, columns: &str, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(line.split(' ')).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_clear().env("TZ", "UTC").env("COLUMNS", columns);
    command.env("USER", "svc").env("HOSTNAME", "qlik-1");
    command
}

/// What stands on the screen: standard output, then standard error.
fn shown(output: Output) -> String {
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!text.contains('\u{1b}'), "{text}");
    text
}

/// Without what differs between two runs: digits, days, and the figures of this machine.
fn settled(screen: &str, folder: &Path) -> String {
    static CHANGING: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(\.toml:|default_|\?key=|patterns +)[0-9a-f]+").unwrap());
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) 00 [A-Z][a-z]{2} 0000").unwrap()
    });
    static MONTH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b00 [A-Z][a-z]{2} 00:00:00").unwrap());
    // Which rows of a run are held back before its card is a matter of milliseconds.
    let machine =
        ["held ▸", "none ▸", "Demo finished", "GB free", "% used", "memory ", "swap ", "processor"];
    let lines = screen.lines().take_while(|line| *line != "counted");
    let lines = lines.filter(|line| !machine.iter().any(|word| line.contains(word)));
    let text: String = lines.flat_map(|line| [line.trim_end(), "\n"]).collect();
    let text = text.replace(std::env::consts::ARCH, "CPU");
    let text = text.replace(&*folder.to_string_lossy(), "/node");
    let text: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let text = CHANGING.replace_all(&text, "${1}0");
    let text = DAY.replace_all(&text, "Day 00 Mon 0000").into_owned();
    MONTH.replace_all(&text, "00 Mon 00:00:00").into_owned()
}

fn head(screen: &str, lines: usize) -> String {
    screen.lines().take(lines).flat_map(|line| [line, "\n"]).collect()
}

/// Every screen at this width, under its command.
fn screens(columns: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    footman::demo::Node::create(at, "qlik-1", jiff::tz::TimeZone::UTC).unwrap();
    fs::write(at.join("story.txt"), STORY).unwrap();
    fs::write(at.join("footman.toml"), CONFIG).unwrap();
    let refusing = FakeTeams::start([Answer::with_body(401, "DirectApiAuthorizationRequired")]);
    let run = |line: &str| shown(footman(at, columns, line).output().unwrap());
    let demo = run("demo --script=story.txt --seconds=9 --no-open --port=0 --folder=d");
    let refused = footman(at, columns, "test-send --config=footman.toml")
        .env("FOOTMAN_TEAMS_WEBHOOK", refusing.url())
        .output();
    let screens = [
        ("demo", demo),
        ("status", run("status --config=footman.toml")),
        ("history", run("history --config=footman.toml")),
        ("patterns list", head(&run("patterns list"), PATTERNS)),
        ("check", run("check --config=footman.toml")),
        ("doctor", run("doctor --config=footman.toml")),
        ("test-send, kept here", run("test-send --config=footman.toml")),
        ("test-send, refused", shown(refused.unwrap())),
    ];
    let most: usize = columns.parse().unwrap();
    for (command, screen) in &screens {
        for line in screen.lines() {
            // A link is one word, however long its key.
            let words = line.split("?key=").next().unwrap_or_default();
            let is_long = words.chars().count() > most && line.trim().contains(' ');
            assert!(!is_long, "{command} is wider than {columns}:\n{line}\nin\n{screen}");
        }
    }
    let titled = |(command, screen): &(&str, String)| {
        ["== ", command, "\n", &settled(screen, at), "\n"].concat()
    };
    screens.iter().map(titled).collect()
}

#[test]
fn the_screens_fit_80_columns() {
    insta::assert_snapshot!(screens("80"));
}

#[test]
fn the_screens_fit_160_columns() {
    insta::assert_snapshot!(screens("160"));
}
