//! Oversized files: refused with a message, with little memory and without delay.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The limit of the address space in KiB: more than any command needs with normal files.
const MEMORY: u32 = 400_000;

fn footman(folder: &Path, args: &[&str]) -> Output {
    let limited = format!("ulimit -v {MEMORY}; exec \"$@\"");
    Command::new("sh")
        .args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_footman")])
        .args(args)
        .current_dir(folder)
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn check(folder: &Path) -> (Option<i32>, String) {
    fs::create_dir_all(folder.join("Log/Script")).unwrap();
    let options = ["--config=footman.toml", "--state-dir=state", "--log-root=Log"];
    let ended = footman(folder, &[&["check"], &options[..]].concat());
    let text = [&ended.stdout[..], &ended.stderr].concat();
    (ended.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// A sparse file of this size.
fn sparse(path: &Path, bytes: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().set_len(bytes).unwrap();
}

fn refused(folder: &TempDir, message: &str) {
    let (code, text) = check(folder.path());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains(message), "{message}: {text}");
    assert!(text.len() < 50_000, "{} bytes of output", text.len());
}

#[test]
fn a_file_of_gigabytes_is_refused_with_its_limit() {
    for file in ["footman.toml", "patterns/own.toml", "templates/trouble.json"] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("footman.toml"), "").unwrap();
        sparse(&folder.path().join(file), 3 << 30);
        refused(&folder, "the file is larger than the limit of 1 MiB");
        refused(&folder, "hint: ");
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("footman.toml"), "[channel.default]\nwebhook-file = \"hook\"\n")
        .unwrap();
    sparse(&folder.path().join("hook"), 3 << 30);
    refused(&folder, "is larger than the limit of 64 KiB");
    sparse(&folder.path().join("own.toml"), 3 << 30);
    for args in [["patterns", "test", "own.toml"], ["demo", "--no-open", "--script=own.toml"]] {
        let ended = footman(folder.path(), &args);
        let output = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{output}");
        assert!(output.contains("larger than the limit of 1 MiB"), "{output}");
    }
}

#[test]
fn a_pipe_and_a_device_are_refused_at_once() {
    for file in ["footman.toml", "patterns/own.toml", "templates/trouble.json"] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("footman.toml"), "").unwrap();
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::remove_file(&path).ok();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        refused(&folder, "the file is not a regular file");
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        refused(&folder, "the file is not a regular file");
    }
}

fn with(file: &str, text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("footman.toml"), "").unwrap();
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    folder
}

fn numbered(n: usize, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect::<Vec<_>>().concat()
}

#[test]
fn thousands_of_problems_are_reported_briefly() {
    let keys = numbered(60_000, |n| format!("unknown{n} = 1\n"));
    refused(&with("footman.toml", &keys), "unknown key `unknown0`");
    let routes = "[[route]]\nchannel = \"nowhere\"\n".repeat(900);
    refused(&with("footman.toml", &routes), "unknown channel `nowhere`");
    let matches = "[[route]]\nmatch.kind = \"nothing\"\nchannel = \"default\"\n".repeat(900);
    refused(&with("footman.toml", &matches), "unknown kind");
    let broken = "[[pattern]]\nid = 1\n".repeat(50_000);
    refused(&with("patterns/own.toml", &broken), "`1` is not a valid value of `id`");
    let adjust = numbered(20_000, |n| format!("[[adjust]]\nid = \"gone-{n}\"\nenabled = true\n"));
    refused(&with("patterns/own.toml", &adjust), "there is no pattern `gone-0`");
    let nested = format!("{{\"a\":{}", "[".repeat(100_000));
    refused(&with("templates/trouble.json", &nested), "nested too deeply");
    refused(&with("footman.toml", &format!("a = {}", "[".repeat(100_000))), "footman.toml:1:");
    refused(
        &with("footman.toml", &format!("{} = 1", "a.".repeat(100_000) + "b")),
        "footman.toml:1:",
    );
}

#[test]
fn channels_routes_and_their_regexes_have_a_limit() {
    let routes = "[[route]]\nmatch.app = \"Finance*\"\nchannel = \"default\"\n".repeat(10_000);
    refused(&with("footman.toml", &routes), "there are more than 1000 routes");
    let channels = numbered(101, |n| format!("[channel.c{n}]\n"));
    refused(&with("footman.toml", &channels), "there are more than 100 channels");
    let words = numbered(300, |n| format!("\"/app{n}/\", "));
    let regexes = format!("[[route]]\nmatch.app = [{words}]\nchannel = \"default\"\n");
    refused(&with("footman.toml", &regexes), "the routes have too many regexes together");
    // The allowed number of globs takes hardly any memory.
    let route =
        |n: usize| format!("[[route]]\nmatch.app = \"Finance {n:04}*\"\nchannel = \"default\"\n");
    let (code, text) = check(with("footman.toml", &numbered(1000, route)).path());
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn patterns_have_a_limit() {
    let pattern = |n: usize| {
        format!(
            "[[pattern]]\nid = \"own-{n}\"\ntitle = \"t\"\nmeaning = \"m\"\nlog = \"System_Engine\"\n\
             kind = \"service\"\nseverity = \"info\"\nwhen = {{ Message = 'own text {n:05} here' }}\n"
        )
    };
    let folder = with("patterns/own.toml", "");
    for file in 0..13 {
        let text: String = (file * 4000..(file + 1) * 4000).map(pattern).collect();
        fs::write(folder.path().join(format!("patterns/own{file:02}.toml")), text).unwrap();
    }
    refused(&folder, "there are more than 5000 patterns");
}

#[test]
fn a_template_that_grows_without_bound_is_refused() {
    let range = "{ \"$data\": \"range(9999)\", \"type\": \"Container\", \"items\": [";
    let nested = format!("{}{}", range.repeat(5), "]}".repeat(5));
    let double = "{% set a = 'xxxxxxxx' %}".to_owned() + &"{% set a = a ~ a %}".repeat(40);
    let text = |text: &str| format!("{{ \"type\": \"TextBlock\", \"text\": \"{text}\" }}");
    let loops = "{% for a in range(90) %}".to_owned() + &"x".repeat(15_000) + "{% endfor %}";
    for (body, message) in [
        (nested, "the card becomes too large"),
        (text(&double), "the statement `set` is not available"),
        (text("{{ 'x' * 99999999 }}"), "`*` is not available"),
        (text("{{ 'x'|indent(999999999) }}"), "unknown filter"),
        (text("{{ range(99999)|join('xxxxxxxxxxxxxxxxx') }}"), "the card becomes too large"),
        (text(&loops), "the card becomes too large"),
        ("{ \"type\": { \"$value\": \"range(99999)\" } }".to_owned(), "the card becomes too large"),
        ("0,".repeat(30_000) + "0", "more than 20000 values"),
    ] {
        let card = format!("{{ \"type\": \"AdaptiveCard\", \"body\": [{body}] }}");
        refused(&with("templates/trouble.json", &card), message);
    }
}

#[test]
fn a_line_of_a_gigabyte_is_refused_by_explain() {
    let folder = TempDir::new().unwrap();
    let zeros = fs::File::open("/dev/zero").unwrap();
    let limited = format!("ulimit -v {MEMORY}; exec \"$@\"");
    let ended = Command::new("sh")
        .args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_footman"), "explain"])
        .current_dir(folder.path())
        .stdin(zeros)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{output}");
    assert!(output.contains("larger than the limit of 1 MiB"), "{output}");
}
