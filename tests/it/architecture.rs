//! The rules of the house, checked by the suite instead of by reviewers.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from left to right; a room may use only rooms to its left.
const ROOMS: [&str; 30] = [
    "named",
    "ids",
    "clock",
    "metrics",
    "redact",
    "config",
    "tail",
    "qlik",
    "detection",
    "detect",
    "command",
    "commit",
    "ledger",
    "observe",
    "cloud",
    "incident",
    "route",
    "mute",
    "render",
    "outbox",
    "pipeline",
    "engine",
    "state",
    "view",
    "channels",
    "agent",
    "replay",
    "demo",
    "web",
    "cli",
];

/// What a pure file must not use.
const IO: [&str; 11] = [
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

/// Words that the glossary replaces.
const FORBIDDEN: [&str; 8] =
    ["alert", "event", "item", "data", "info", "handle", "manager", "utils"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the project with this ending, with its text.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
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

/// The room of a source file: `src/tail/line.rs` is in `tail`.
fn room(file: &str) -> &str {
    let file = file.trim_start_matches("src/");
    file.split(['/', '.']).next().unwrap()
}

pub(crate) fn is_test(file: &str) -> bool {
    file.ends_with("tests.rs") || file.contains("/tests/")
}

/// The rooms that a text uses by `crate::`, with the line numbers.
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

pub(crate) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

pub(crate) fn assert_none(complaint: &str, found: &[String]) {
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

/// `config::load` is the I/O half of a room that is otherwise pure. The rooms that may read files
/// may use it.
#[test]
fn pure_rooms_take_nothing_from_the_half_of_the_configuration_that_reads_files() {
    let is_pure = |text: &str| text.starts_with("//! Pure.");
    let uses = |text: &str| text.lines().any(|it| !is_comment(it) && it.contains("config::load"));
    let wrong = files("src", ".rs").into_iter();
    let wrong =
        wrong.filter(|(file, _)| !is_test(file) && !["config", "cli"].contains(&room(file)));
    let wrong = wrong.filter(|(_, text)| is_pure(text) && uses(text));
    let wrong: Vec<String> = wrong.map(|(file, _)| file).collect();
    assert_none("these pure files use `config::load`", &wrong);
}

#[test]
fn the_list_of_rooms_is_that_of_the_crate_root() {
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

/// Commands that need only the settings use `engine`, without a log root or threads.
#[test]
fn a_command_without_an_agent_does_not_use_the_room_agent() {
    let commands = ["check", "doctor", "explain", "patterns", "replay", "suggest", "test_send"];
    let mut wrong = Vec::new();
    for (file, text) in files("src/cli", ".rs") {
        let name = file.trim_start_matches("src/cli/").trim_end_matches(".rs");
        let uses = rooms_used(&text).iter().any(|(_, room)| *room == "agent");
        if uses && commands.contains(&name) {
            wrong.push(format!("{file} uses `agent`"));
        }
        if text.contains("from(\"Log\")") || text.contains("\"Log\".into()") {
            wrong.push(format!("{file} invents a log root"));
        }
    }
    assert_none("commands that use the agent", &wrong);
}

#[test]
fn imports_name_the_room_without_super() {
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
    assert_none("these imports use `super`", &wrong);
}

#[test]
fn the_first_line_of_every_file_says_whether_it_is_pure() {
    let missing: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|(file, _)| !["src/lib.rs", "src/main.rs"].contains(&file.as_str()))
        .filter(|(file, _)| !is_test(file))
        .filter(|(_, text)| !text.starts_with("//! Pure. ") && !text.starts_with("//! I/O. "))
        .map(|(file, _)| file)
        .collect();
    assert_none("the first line is neither `//! Pure.` nor `//! I/O.` in", &missing);
}

#[test]
fn a_pure_file_does_no_io() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        if !text.starts_with("//! Pure.") || is_test(&file) {
            continue;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            for touched in IO.iter().filter(|name| line.contains(*name)) {
                wrong.push(format!("{file}:{} touches {touched}", number + 1));
            }
        }
    }
    assert_none("pure files do I/O", &wrong);
}

/// The URL leaves its type only where the request is made.
#[test]
fn no_decision_depends_on_where_a_detection_comes_from() {
    let deciding = ["incident", "mute", "route", "render", "outbox", "pipeline"];
    let members = ["Log", "Machine", "Cloud", "Agent"];
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        // Earlier versions did not store the source.
        let is_exempt = is_test(&file) || file.ends_with("/earlier.rs");
        if is_exempt || !deciding.contains(&room(&file)) {
            continue;
        }
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            let names = |set: &str| members.iter().any(|it| line.contains(&format!("{set}::{it}")));
            if names("Origin") || names("Source") {
                wrong.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert_none("these lines branch on the origin of a detection", &wrong);
}

#[test]
fn the_webhook_url_is_exposed_in_one_place() {
    let mut places = Vec::new();
    for (file, text) in files("src", ".rs").into_iter().filter(|(file, _)| !is_test(file)) {
        let uses = text.lines().filter(|line| line.contains("expose_url()") && !is_comment(line));
        places.extend(uses.map(|_| file.clone()));
    }
    assert_eq!(places, ["src/channels/teams/send.rs"]);
}

#[test]
fn every_test_file_is_declared() {
    let mut forgotten = Vec::new();
    for binary in ["tests/it", "tests/cards", "tests/attack"] {
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
    assert_none("not declared in main.rs", &forgotten);
}

#[test]
fn visibility_is_private_of_the_crate_or_public() {
    let mut wrong = Vec::new();
    for (file, text) in files("src", ".rs") {
        for (number, line) in text.lines().enumerate() {
            let narrow = ["pub(super)", "pub(in "].iter().any(|form| line.contains(form));
            if narrow {
                wrong.push(format!("{file}:{} {}", number + 1, line.trim()));
            }
        }
    }
    assert_none("neither private, `pub(crate)` nor `pub`", &wrong);
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

/// The parts of `TaskName` and of `task_name` are both `task`, `name`.
pub(crate) fn parts_of(name: &str) -> Vec<String> {
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
    assert_none("consider splitting these files", &long);
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = |name: &str| {
        let (_, rest) = manifest.split_once(&format!("[{name}]\n")).unwrap();
        rest.split("\n[").next().unwrap().to_owned()
    };
    // Well-known crates need no reason.
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

/// What is built with other settings is not reused: a whole run would build it again.
#[test]
fn fuzz_targets_and_the_comparison_with_linemux_are_built_with_the_settings_of_the_product() {
    let profiles = |manifest: &str| -> toml::Table {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let mut dev =
            text.parse::<toml::Table>().unwrap()["profile"]["dev"].as_table().unwrap().clone();
        let packages = dev["package"].as_table_mut().unwrap();
        packages.retain(|name, _| name != "insta" && !name.starts_with("footman"));
        dev
    };
    for manifest in ["fuzz/Cargo.toml", "benches/linemux/Cargo.toml"] {
        assert_eq!(profiles(manifest), profiles("Cargo.toml"), "{manifest}");
    }
}

#[test]
fn the_configuration_examples_in_the_docs_are_valid() {
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
            let (router, problems) = footman::route::Router::compile(&written, &config.route);
            assert_eq!(problems, [], "{file}");
            assert_eq!(footman::route::unreachable(&written, &router), [], "{file}");
            checked += 1;
        }
    }
    assert!(checked > 0, "the README has a configuration example");
}

#[test]
fn the_changelog_has_an_unreleased_section() {
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
fn links_between_documents_are_valid() {
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
    assert_none("broken links", &broken);
}

#[test]
fn the_tree_contains_no_path_of_a_developer_machine() {
    // In two parts, so that the test does not find this file.
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
    assert_none("paths of a developer's machine", &wrong);
}
