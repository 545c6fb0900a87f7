//! The documents hold what they say: commands, links, the site.

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use footman::commit::{Reason, Suppression};
use footman::detection::{Kind, ProductPattern, Severity};
use footman::tail::FileProblemReason;

/// What documents tell people to type besides `footman`, and who tries it.
const TYPED: [(&str, &str); 11] = [
    ("cargo run --release -- demo", "the test of the demo"),
    ("cargo install --locked --path .", "packaging/linux/test"),
    ("tests/run", "the gate"),
    ("msiexec ", "tests/wine/installer"),
    ("apt install ./", "packaging/linux/test, with dpkg"),
    ("sudo apt install ./", "packaging/linux/test, with dpkg"),
    ("packaging/windows/", "tests/wine/run"),
    ("icacls ", "nobody: Wine knows no rights as Windows has them"),
    ("set \"", "nobody: a prompt of Windows"),
    ("$env:", "nobody: PowerShell"),
    ("export ", "nobody: the shell of a person"),
];

/// A fenced block of commands.
struct Block {
    file: String,
    /// What stands behind the fence: `console`, `console,tried`, `console,untried`.
    kind: String,
    commands: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document that people read, with its text.
fn documents() -> Vec<(String, String)> {
    let mut paths = vec![PathBuf::from("README.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        paths.extend(names.map(|name| Path::new(folder).join(name)));
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root().join(&path)).unwrap().replace("\r\n", "\n");
        (path.to_string_lossy().replace('\\', "/"), text)
    };
    paths.into_iter().map(read).collect()
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (file, text) in documents() {
        for part in text.split("\n```console").skip(1) {
            let (kind, body) = part.split_once('\n').unwrap();
            let body = body.split("\n```").next().unwrap();
            let prompt = |line: &&str| line.starts_with("$ ") || line.starts_with("> ");
            let commands = body.lines().filter(prompt).map(|line| line[2..].to_owned()).collect();
            blocks.push(Block { file: file.clone(), kind: format!("console{kind}"), commands });
        }
    }
    blocks
}

/// The words of a line; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' | '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Why the program does not understand a line.
fn misunderstood(line: &str) -> Option<String> {
    let error = footman::cli::command().try_get_matches_from(words(line)).err()?;
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    (!is_help).then(|| error.to_string())
}

#[test]
fn every_command_in_a_block_is_understood_or_tried_elsewhere() {
    let mut wrong = Vec::new();
    for block in blocks() {
        for command in &block.commands {
            let place = format!("{}: {command}", block.file);
            if command.starts_with("footman ") {
                wrong.extend(misunderstood(command).map(|why| format!("{place}\n{why}")));
                continue;
            }
            let tried = TYPED.iter().find(|(begins, _)| command.starts_with(begins));
            match tried {
                Some((_, by)) if by.starts_with("nobody") && block.kind != "console,untried" => {
                    wrong.push(format!("{place}: mark the block `console,untried`"));
                }
                None if block.kind != "console,untried" => {
                    wrong.push(format!("{place}: nobody tries it"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `footman …` between backticks may lack arguments, but names no command or option that there is
/// not.
#[test]
fn every_command_in_a_sentence_is_known() {
    let mut wrong = Vec::new();
    for (file, text) in documents() {
        let mut inside = false;
        for line in text.lines() {
            inside ^= line.starts_with("```");
            if inside {
                continue;
            }
            let code = line.split('`').skip(1).step_by(2);
            for command in code.filter(|code| code.starts_with("footman ")) {
                let words = words(command);
                let is_placeholder = |word: &String| word.chars().all(|c| c.is_ascii_uppercase());
                let is_log_line = command == "footman starts";
                if is_log_line || words.get(1).is_some_and(is_placeholder) || command.contains('|')
                {
                    continue;
                }
                let error = footman::cli::command().try_get_matches_from(&words).err();
                let unknown = [
                    ErrorKind::InvalidSubcommand,
                    ErrorKind::UnknownArgument,
                    ErrorKind::InvalidValue,
                ];
                if let Some(error) = error.filter(|error| unknown.contains(&error.kind())) {
                    wrong.push(format!("{file}: `{command}`: {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a new administrator types, literally, in an empty folder beside the logs of a node.
#[cfg(unix)]
#[expect(clippy::print_stdout, reason = "the seconds of each command, for the documents")]
#[tokio::test]
async fn the_first_hour_goes_as_the_documents_say() {
    use crate::support::fake_teams::FakeTeams;

    let (folder, teams) = (tempfile::tempdir().unwrap(), FakeTeams::start([]));
    let node = footman::demo::Node::create(folder.path(), "qlik-1", jiff::tz::TimeZone::UTC);
    assert_eq!(node.unwrap().log_root(), folder.path().join("Log"));
    fs::write(folder.path().join("webhook-url.txt"), teams.url()).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_footman")).parent().unwrap();
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();

    let tried = blocks().into_iter().filter(|block| block.kind == "console,tried");
    let commands: Vec<String> = tried.flat_map(|block| block.commands).collect();
    assert_eq!(commands.len(), 7, "docs/install.md says how many: {commands:#?}");
    for command in commands {
        let began = footman::clock::now();
        let ended = std::process::Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", &path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{command}\n{said}");
        assert!(!said.trim().is_empty(), "{command} says nothing");
        // `docs/install.md` has these figures; they are shown with --nocapture.
        println!("{:6.2} s  {command}", footman::clock::now().duration_since(began).as_secs_f64());
    }
    // The others only ask whether the server responds.
    let cards = teams.posts().into_iter().filter(|post| !post.body.is_empty());
    assert_eq!(cards.count(), 2, "two commands post a card");
}

#[test]
fn the_site_has_every_page_once_and_no_other() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let mut listed: Vec<String> = links(&summary).map(|target| format!("docs/{target}")).collect();
    listed.sort();
    let is_page = |file: &String| file.starts_with("docs/") && !file.ends_with("SUMMARY.md");
    let mut pages: Vec<String> = documents().into_iter().map(|(file, _)| file).collect();
    pages.retain(is_page);
    pages.sort();
    assert_eq!(listed, pages);
    assert!(fs::read_to_string(root().join("book.toml")).unwrap().contains("src = \"docs\""));
}

/// The targets of the links of a text, without those that are empty.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.match_indices("](").map(|(at, _)| text[at + 2..].split(')').next().unwrap());
    targets.filter(|target| !target.is_empty())
}

#[test]
fn links_lead_to_a_page_and_a_heading_and_the_site_has_all_of_them() {
    let documents = documents();
    let mut wrong = Vec::new();
    for (file, text) in &documents {
        let folder = Path::new(file).parent().unwrap();
        for target in links(text).filter(|target| !target.contains("://")) {
            let (page, heading) = target.split_once('#').unwrap_or((target, ""));
            let page =
                if page.is_empty() { PathBuf::from(file) } else { normal(&folder.join(page)) };
            let is_on_the_site = page.starts_with("docs");
            if file.starts_with("docs/") && !is_on_the_site {
                wrong.push(format!("{file}: {target} is not on the site"));
            }
            let page = page.to_string_lossy().replace('\\', "/");
            let Some((_, text)) = documents.iter().find(|(file, _)| *file == page) else {
                continue;
            };
            if !heading.is_empty() && !headings(text).any(|known| known == heading) {
                wrong.push(format!("{file}: {target}: no such heading"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_lists_of_kinds_and_severities_are_whole() {
    let text = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let listed = |begin: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(begin)).unwrap();
        line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    // Cards of these kinds have a channel of their own.
    let unrouted = [Kind::Heartbeat, Kind::Digest, Kind::Test];
    let kinds = Kind::ALL.iter().filter(|kind| !unrouted.contains(kind)).map(|kind| kind.name());
    assert_eq!(listed("- kinds: "), kinds.collect::<Vec<_>>());
    assert_eq!(listed("- severities: "), Severity::ALL.map(Severity::name));
}

/// The names between backticks in the first column of the table of a section.
fn first_column(section: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/operating.md")).unwrap().replace("\r\n", "\n");
    let section = text.split(&format!("\n## {section}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.map(|row| format!("`{}", row.split(" |").next().unwrap()));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_tables_of_what_is_counted_are_whole() {
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let held_back = Suppression::ALL.map(|why| format!("suppressed.{}", why.name()));
    assert_eq!(sorted(first_column("Why nothing was sent")), sorted(held_back.to_vec()));

    let counted = first_column("What else is counted");
    let notices: Vec<String> = Reason::ALL.map(|why| format!("notice.{}", why.name())).to_vec();
    let in_table = counted.iter().filter(|name| name.starts_with("notice.")).cloned().collect();
    assert_eq!(sorted(in_table), sorted(notices));

    // A folder that does not exist yet is no problem.
    let files = FileProblemReason::ALL.into_iter();
    let files = files.filter(|why| *why != FileProblemReason::MissingFolder);
    let mut problems: Vec<String> = files.map(|why| why.name().to_owned()).collect();
    let of_agent = ProductPattern::ALL.into_iter();
    let of_agent = of_agent.filter_map(|pattern| pattern.name().strip_prefix("agent-"));
    let of_agent = of_agent.filter(|name| !["alive", "well"].contains(name));
    problems.extend(of_agent.map(str::to_owned));
    problems.sort();
    problems.dedup();
    assert_eq!(sorted(first_column("Problems with files and folders")), problems);
}

/// Without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => _ = parts.pop(),
            std::path::Component::CurDir => {}
            part => parts.push(part),
        }
    }
    parts
}

/// The names by which headings are linked.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}
