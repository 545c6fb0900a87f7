//! The rules of the house, held by the suite instead of by reviewers.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from left to right; a room may use those of its own group's left and of groups before it.
/// The order inside `clock metrics redact config` and from `tail` to `main` counts too.
const ROOMS: [&str; 26] = [
    "named",
    "clock",
    "metrics",
    "redact",
    "config",
    "tail",
    "qlik",
    "detection",
    "detect",
    "commit",
    "ledger",
    "observe",
    "incident",
    "mute",
    "route",
    "render",
    "outbox",
    "pipeline",
    "engine",
    "state",
    "channels",
    "agent",
    "replay",
    "demo",
    "web",
    "cli",
];

/// What a pure file does not touch.
const WORLD: [&str; 11] = [
    "tracing::",
    "tokio",
    "reqwest",
    "rusqlite",
    "notify::",
    "axum::",
    "std::fs",
    "std::net::Tcp",
    "std::env",
    "std::process",
    "clock::now",
];

/// Words that the glossary replaces by others.
const FORBIDDEN: [&str; 8] =
    ["alert", "event", "item", "data", "info", "handle", "manager", "utils"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder of the project whose name ends so, with its text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "node_modules", ".git"].contains(&name.as_str()) {
                collect(&path, ending, found);
            }
        } else if name.ends_with(ending)
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push((relative(&path), text));
        }
    }
}

fn relative(path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root()).unwrap().to_owned();
    path.to_string_lossy().replace('\\', "/")
}

/// The room a source file belongs to: `src/tail/line.rs` is in `tail`.
fn room(file: &str) -> &str {
    let file = file.trim_start_matches("src/");
    file.split(['/', '.']).next().unwrap()
}

fn is_test(file: &str) -> bool {
    file.ends_with("tests.rs") || file.contains("/tests/")
}

/// The rooms that a text names by `crate::`, with the line that does so.
fn rooms_used(text: &str) -> Vec<(usize, &str)> {
    let numbered = text.lines().enumerate().filter(|(_, line)| !is_comment(line));
    numbered
        .flat_map(|(number, line)| {
            line.match_indices("crate::").map(move |(at, _)| (number + 1, &line[at + 7..]))
        })
        .map(|(number, path)| {
            let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
            (number, &path[..end])
        })
        .collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn assert_none(complaint: &str, found: &[String]) {
    assert!(found.is_empty(), "{complaint}:\n{}", found.join("\n"));
}

#[test]
fn a_room_uses_only_rooms_to_its_left() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        let Some(mine) = place(room(&file)) else { continue };
        for (line, used) in rooms_used(&text) {
            let allowed = match place(used) {
                Some(theirs) => theirs <= mine,
                None => false,
            };
            if !allowed {
                wrong.push(format!("{file}:{line} uses `{used}`"));
            }
        }
    }
    assert_none("these uses point to the right", &wrong);
}

#[test]
fn the_list_of_rooms_is_that_of_the_crate() {
    let crate_root = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut declared: Vec<&str> = crate_root
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    declared.sort_unstable();
    let mut listed = ROOMS;
    listed.sort_unstable();
    assert_eq!(declared, listed);
}

/// What asks only what the settings say needs `engine`: no log root, no threads.
#[test]
fn a_command_without_an_agent_names_none() {
    let commands = ["check", "doctor", "explain", "patterns", "replay", "suggest", "test_send"];
    let mut wrong = Vec::new();
    for (file, text) in files("src/cli", ".rs") {
        let name = file.trim_start_matches("src/cli/").trim_end_matches(".rs");
        let uses = rooms_used(&text).iter().any(|(_, room)| *room == "agent");
        if uses && commands.contains(&name) {
            wrong.push(format!("{file} uses `agent`"));
        }
        if text.contains("from(\"Log\")") || text.contains("\"Log\".into()") {
            wrong.push(format!("{file} makes up a log root"));
        }
    }
    assert_none("commands that ask for an agent", &wrong);
}

#[test]
fn imports_name_the_room_and_never_climb() {
    let climbs =
        |line: &str| line.trim_start().starts_with("use super::") || line.contains("super::super");
    let wrong: Vec<String> = files("src", ".rs")
        .iter()
        .filter(|(file, _)| !is_test(file))
        .flat_map(|(file, text)| {
            let lines = text.lines().enumerate().filter(|(_, line)| climbs(line));
            lines.map(move |(number, line)| format!("{file}:{} {line}", number + 1))
        })
        .collect();
    assert_none("these imports climb with `super`", &wrong);
}

#[test]
fn every_file_says_first_whether_it_is_pure() {
    let unsaid: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|(file, _)| !["src/lib.rs", "src/main.rs"].contains(&file.as_str()))
        .filter(|(file, _)| !is_test(file))
        .filter(|(_, text)| !text.starts_with("//! Pure. ") && !text.starts_with("//! I/O. "))
        .map(|(file, _)| file)
        .collect();
    assert_none("the first line is neither `//! Pure.` nor `//! I/O.` in", &unsaid);
}

#[test]
fn a_pure_file_does_not_touch_the_world() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        if !text.starts_with("//! Pure.") || is_test(&file) {
            continue;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            for touched in WORLD.iter().filter(|name| line.contains(*name)) {
                wrong.push(format!("{file}:{} touches {touched}", number + 1));
            }
        }
    }
    assert_none("pure files touch the world", &wrong);
}

/// The secret leaves its type where the request is made, and nowhere else.
#[test]
fn the_webhook_s_url_is_exposed_in_one_place() {
    let mut places = Vec::new();
    for (file, text) in files("src", ".rs").into_iter().filter(|(file, _)| !is_test(file)) {
        let uses = text.lines().filter(|line| line.contains("expose_url()") && !is_comment(line));
        places.extend(uses.map(|_| file.clone()));
    }
    assert_eq!(places, ["src/channels/teams/send.rs"]);
}

#[test]
fn no_test_file_is_forgotten() {
    let mut forgotten = Vec::new();
    for binary in ["tests/it", "tests/attack"] {
        let declared = fs::read_to_string(root().join(binary).join("main.rs")).unwrap();
        for entry in fs::read_dir(root().join(binary)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let is_rust = path.is_file() && path.extension().is_some_and(|ext| ext == "rs");
            let is_declared = || declared.lines().any(|line| line == format!("mod {name};"));
            if is_rust && name != "main" && !is_declared() {
                forgotten.push(format!("{binary}/{name}.rs"));
            }
        }
    }
    assert_none("not in the main.rs beside them", &forgotten);
}

#[test]
fn no_public_name_uses_a_word_that_the_glossary_replaces() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        for (number, line) in text.lines().enumerate() {
            let Some(name) = public_name(line) else { continue };
            let parts = parts_of(name);
            if FORBIDDEN.iter().any(|word| parts.iter().any(|part| part == word)) {
                wrong.push(format!("{file}:{} {name}", number + 1));
            }
        }
    }
    assert_none(&format!("public names with one of {FORBIDDEN:?}"), &wrong);
}

/// The name that a line makes public: a function, a type, a field, a module.
fn public_name(line: &str) -> Option<&str> {
    let words = line.trim_start().strip_prefix("pub ")?;
    let kinds =
        ["async ", "const ", "fn ", "struct ", "enum ", "trait ", "type ", "mod ", "static "];
    let mut rest = words;
    while let Some(kind) = kinds.iter().find(|kind| rest.starts_with(**kind)) {
        rest = &rest[kind.len()..];
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (rest.len() > end).then(|| &rest[..end])
}

/// `TaskName` and `task_name` are both `task`, `name`.
fn parts_of(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() || c == '_' {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase().filter(|c| *c != '_'));
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn no_rust_file_is_longer_than_six_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (file, text) in files(folder, ".rs") {
            if text.lines().count() > 600 {
                long.push(format!("{file}: {} lines", text.lines().count()));
            }
        }
    }
    assert_none("ask whether these are one room or two", &long);
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = |name: &str| {
        let (_, rest) = manifest.split_once(&format!("[{name}]\n")).unwrap();
        rest.split("\n[").next().unwrap().to_owned()
    };
    // What everybody knows needs no word.
    let known = ["serde", "tokio", "tokio-util", "tracing-subscriber"];
    let silent: Vec<String> = [section("dependencies"), section("dev-dependencies")]
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| line.contains(" = ") && !line.contains(" # "))
        .filter(|line| !known.contains(&line.split(' ').next().unwrap()))
        .map(str::to_owned)
        .collect();
    assert_none("dependencies without a reason", &silent);
}

#[test]
fn the_configuration_in_the_documents_is_valid() {
    let mut checked = 0;
    for (file, text) in [files(".", "README.md"), files("docs", ".md")].concat() {
        for block in text.replace("\r\n", "\n").split("```toml\n").skip(1) {
            let block = block.split("\n```").next().unwrap();
            if block.contains("[[pattern]]") {
                continue;
            }
            let written = footman::config::Written::new(&file, block);
            let (config, problems) = footman::config::Config::parse(&written);
            assert_eq!(problems, [], "{file}");
            let (_, problems) = footman::route::Router::compile(&written, &config.route);
            assert_eq!(problems, [], "{file}");
            checked += 1;
        }
    }
    assert!(checked > 0, "the README shows the smallest configuration");
}

#[test]
fn the_changelog_has_a_place_for_the_next_change() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(changelog.contains("## [Unreleased]"));
}

#[test]
fn the_readme_and_the_map_stay_short() {
    for (file, most) in [("README.md", 150), ("docs/architecture.md", 200)] {
        let lines = fs::read_to_string(root().join(file)).unwrap().lines().count();
        assert!(lines <= most, "{file} has {lines} lines, {most} are allowed");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for (file, text) in [files(".", "README.md"), files("docs", ".md")].concat() {
        let folder = root().join(&file).parent().unwrap().to_owned();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#']).next().unwrap();
            let is_local = !target.is_empty() && !target.contains("://");
            if is_local && !folder.join(target).exists() {
                broken.push(format!("{file}: {target}"));
            }
        }
    }
    assert_none("links into nothing", &broken);
}

#[test]
fn the_tree_knows_no_machine_of_a_developer() {
    // In two parts, so that this file does not find itself.
    let homes = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("C:\\Us", "ers\\"),
    ];
    let mut wrong = Vec::new();
    for ending in [".rs", ".toml", ".md", ".json", ".mjs", ".sh", "run", "check"] {
        for (file, text) in files(".", ending) {
            for (number, line) in text.lines().enumerate() {
                if homes.iter().any(|home| line.contains(home)) {
                    wrong.push(format!("{file}:{}", number + 1));
                }
            }
        }
    }
    assert_none("paths of somebody's machine", &wrong);
}
