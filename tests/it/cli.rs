//! The real program on the command line.

use std::path::Path;
use std::process::{Command, Output};

/// Runs one command with its own environment.
fn footman(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("TZ", "UTC")
        .env("ProgramData", folder)
        .output()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_lists_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let help = out(&footman(folder.path(), &["--help"]));
    for command in [
        "run",
        "demo",
        "setup",
        "init",
        "check",
        "doctor",
        "service",
        "test-send",
        "explain",
        "patterns",
        "incidents",
        "show",
        "acknowledge",
        "unacknowledge",
        "note",
        "silence",
        "outbox",
        "routes",
        "status",
        "history",
        "stats",
        "completions",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{command} is not in\n{help}");
    }
}

#[test]
fn a_usage_error_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(footman(folder.path(), &["dance"]).status.code(), Some(2));
}

#[test]
fn check_reports_all_problems_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("patterns")).unwrap();
    let own = "[[pattern]]\nid = \"mine\"\ntitle = \"t\"\nmeaning = \"m\"\nlog = \"System_Scheduler\"\nkind = \"service\"\nseverity = \"error\"\nverified = \"assumed\"\nsource = \"me\"\nwhen = { Message = '(' }\n";
    std::fs::write(folder.path().join("patterns/mine.toml"), own).unwrap();
    let config = "enviroment = \"prod\"\npatterns = \"patterns\"\n[incident]\nsettle = \"1h\"\n";
    std::fs::write(folder.path().join("footman.toml"), config).unwrap();
    let checked = footman(folder.path(), &["check", "--config", "footman.toml"]);
    let output_text = out(&checked) + &err(&checked);
    assert_eq!(checked.status.code(), Some(3), "{output_text}");
    for expected in ["footman.toml:1:1", "environment", "footman.toml:4:", "mine.toml:10:"] {
        assert!(output_text.contains(expected), "{expected} is not in\n{output_text}");
    }
}

#[test]
fn run_without_a_log_root_prints_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let ran = footman(folder.path(), &["run", "--state-dir=state"]);
    assert_eq!(ran.status.code(), Some(3));
    assert!(err(&ran).contains("--log-root"), "{}", err(&ran));
}

#[test]
fn explain_names_the_pattern_and_the_nearest_others() {
    let folder = tempfile::tempdir().unwrap();
    let output_text = out(&footman(folder.path(), &["explain", "Max retries reached"]));
    assert!(output_text.lines().any(|line| line.starts_with("matches")), "{output_text}");
    let output_text = out(&footman(folder.path(), &["explain", "all is well"]));
    assert!(output_text.contains("no pattern matches"), "{output_text}");
}

#[test]
fn explain_takes_the_bare_text_of_a_script_log_and_says_as_what_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let said = out(&footman(folder.path(), &["explain", "Execution Failed"]));
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("matches  script-failed "), "{said}");
    assert!(first.contains("in Script; not tried, as the line does not have it: Time"), "{said}");
    assert!(said.contains("read as  the text of a message of any log; "), "{said}");
    // One pattern that reads four logs is one line.
    let said = out(&footman(folder.path(), &["explain", "Error: Table not found"]));
    assert!(said.matches("dispatched-unreachable").count() <= 1, "{said}");
    let whole = "20261123T061301.100+0100      Execution Failed";
    let said = out(&footman(folder.path(), &["explain", whole]));
    assert!(said.contains("matches  script-failed") && !said.contains("read as"), "{said}");
}

#[test]
fn explain_refuses_an_unknown_log_and_an_empty_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = footman(folder.path(), &["explain", "x", "--log", "System_Schedular"]);
    assert_eq!(refused.status.code(), Some(3), "{}", err(&refused));
    assert!(err(&refused).contains("did you mean `System_Scheduler`?"), "{}", err(&refused));
    let refused = footman(folder.path(), &["explain", "x", "--log", "nothing like it"]);
    assert_eq!(refused.status.code(), Some(3), "{}", err(&refused));
    assert!(err(&refused).contains("hint: name a log such as"), "{}", err(&refused));
    // Standard input of a test is empty.
    for args in [&["explain", ""][..], &["explain", "  "], &["explain"]] {
        let refused = footman(folder.path(), args);
        assert_eq!(refused.status.code(), Some(3), "{args:?}: {}", err(&refused));
        assert!(err(&refused).contains("no line to explain"), "{args:?}: {}", err(&refused));
        assert!(err(&refused).contains("hint: "), "{args:?}: {}", err(&refused));
    }
}

#[test]
fn explain_takes_a_path_as_a_path_in_every_spelling() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["logs/gone.txt", "./gone", "/gone/x", "gone.log", r"C:\gone\x.txt", r"\\srv\gone"]
    {
        let refused = footman(folder.path(), &["explain", path]);
        assert_eq!(refused.status.code(), Some(3), "{path}: {}", err(&refused));
        assert!(err(&refused).contains(&format!("{path} does not exist")), "{}", err(&refused));
        assert!(err(&refused).contains("hint: "), "{}", err(&refused));
    }
    std::fs::create_dir(folder.path().join("logs")).unwrap();
    let refused = footman(folder.path(), &["explain", "logs"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(err(&refused).contains("logs is a folder"), "{}", err(&refused));
    // A line with slashes is a line.
    let said = footman(folder.path(), &["explain", "Error: cannot open lib://data/x.qvd"]);
    assert_eq!(said.status.code(), Some(0), "{}", err(&said));
}

#[test]
fn an_argument_that_is_no_number_is_refused_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["history", "-n", "x"][..], &["demo", "--seconds", "x"], &["history", "-n", ""]] {
        let refused = footman(folder.path(), args);
        let said = err(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("number") && said.contains("--help"), "{args:?}: {said}");
        for raw in ["invalid digit", "float literal", "parse integer"] {
            assert!(!said.contains(raw), "{args:?}: {said}");
        }
    }
}

#[test]
fn explain_shows_where_patterns_match_in_a_log_and_the_nearest_lines() {
    let folder = tempfile::tempdir().unwrap();
    // Synthetic rows.
    let rows = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\n\
        1\t20261124T212809.331+0100\tINFO\tN1\tSystem.Scheduler.Master.Task.TaskSession\tall\nis well\n\
        2\t20261124T212810.331+0100\tERROR\tN1\tSystem.Scheduler.Master.Task.TaskSession\tMax retries reached\n";
    std::fs::write(folder.path().join("N1_System_Scheduler.txt"), rows).unwrap();
    let output_text = out(&footman(folder.path(), &["explain", "N1_System_Scheduler.txt"]));
    let retries = "matches  reload-retries-exhausted     once in line 4";
    assert!(output_text.lines().any(|line| line == retries), "{output_text}");
    assert!(
        output_text.contains("reload-aborting              nearest line 2: Message is"),
        "{output_text}"
    );

    std::fs::write(folder.path().join("notes.txt"), rows).unwrap();
    let output_text = footman(folder.path(), &["explain", "notes.txt"]);
    assert_eq!(output_text.status.code(), Some(3));
    assert!(err(&output_text).contains("notes.txt"), "{}", err(&output_text));
}

#[test]
fn status_before_the_first_start_reports_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let status = footman(folder.path(), &["status", "--state-dir=nowhere"]);
    assert_eq!(status.status.code(), Some(3));
    assert!(err(&status).contains("nowhere"), "{}", err(&status));
    let json = footman(folder.path(), &["status", "--json", "--state-dir=nowhere"]);
    assert_eq!(json.status.code(), Some(3));
    assert!(out(&json).contains("\"condition\": \"missing\""), "{}", out(&json));
}

#[test]
fn the_demo_plays_a_story_whose_state_status_and_history_show() {
    let folder = tempfile::tempdir().unwrap();
    let story = "0 start-up\n0.1 reload \"Finance\" fails \"Table not found\"\n";
    std::fs::write(folder.path().join("story.txt"), story).unwrap();
    let args = ["demo", "--script=story.txt", "--seconds=9", "--no-open", "--port=0", "--folder=d"];
    let demo = footman(folder.path(), &args);
    let output_text = out(&demo);
    assert!(demo.status.success(), "{output_text}{}", err(&demo));
    assert!(output_text.contains("card ▸ Reload failed: Finance"), "{output_text}");
    assert!(output_text.contains("Demo finished: 1 card sent;"), "{output_text}");

    let state = "--state-dir=d/state";
    let status = out(&footman(folder.path(), &["status", state]));
    assert!(status.contains("stopped since"), "{status}");
    let json = out(&footman(folder.path(), &["status", state, "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["counters"]["delivery.accepted"], 1, "{json:#}");
    let history = out(&footman(folder.path(), &["history", state]));
    assert!(history.contains("opened"), "{history}");
    assert!(history.contains("suppressed attempt"), "{history}");
}

#[test]
fn the_demo_says_of_every_line_what_became_of_it_and_that_its_port_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let story = "0 start-up\n0.1 reload \"Finance\" fails \"Table not found\"\n\
                 0.2 reload \"Sales\" ok\n0.3 reload \"Stock\" fails \"503\" retries 1 then ok\n";
    std::fs::write(folder.path().join("story.txt"), story).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let port_flag = format!("--port={port}");
    let demo = footman(
        folder.path(),
        &["demo", "--script=story.txt", "--seconds=14", "--no-open", &port_flag],
    );
    let printed = out(&demo);
    assert!(printed.contains(&format!("Port {port} cannot be used")), "{printed}");
    for expected in [
        "card ▸ Reload failed: Finance",
        "none ▸ Sales: nothing to report",
        "(attempt: retries may follow)",
    ] {
        assert!(printed.contains(expected), "{expected} is not in\n{printed}");
    }
}

#[test]
fn completions_contain_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    assert!(out(&footman(folder.path(), &["completions", "bash"])).contains("test-send"));
}

#[test]
fn a_webhook_that_does_not_answer_ends_test_send_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let url = crate::support::fake_teams::refused_url();
    let sent = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["test-send", "--state-dir=state"])
        .current_dir(folder.path())
        .env("FOOTMAN_TEAMS_WEBHOOK", url)
        .output()
        .unwrap();
    assert_eq!(sent.status.code(), Some(4), "{}", err(&sent));
    assert!(!err(&sent).contains("topSecret"), "{}", err(&sent));
}

#[test]
fn a_closed_pipe_ends_a_command_silently() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["patterns", "list"][..], &["completions", "bash"], &["init", "--help"]] {
        let (reader, output) = std::io::pipe().unwrap();
        drop(reader);
        let ended = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(args)
            .current_dir(folder.path())
            .stdout(output)
            .output()
            .unwrap();
        assert_eq!((ended.status.code(), err(&ended)), (Some(0), String::new()), "{args:?}");
    }
}

#[test]
fn a_closed_pipe_hides_no_result() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.toml"), "[page]\nlisten = ''\n").unwrap();
    std::fs::write(folder.path().join("bad.toml"), "state-dri = 'x'\n").unwrap();
    // Its own log is in `log`, which is `Log` on Windows.
    let sense = folder.path().join("Sense");
    footman::demo::Node::create(&sense, "qlik-1", jiff::tz::TimeZone::UTC).unwrap();
    let cases = [
        ("check", "good.toml", 4),
        ("doctor", "good.toml", 4),
        ("check", "bad.toml", 3),
        ("doctor", "bad.toml", 3),
        ("status", "bad.toml", 3),
    ];
    for (command, config, code) in cases {
        for is_error in [false, true] {
            let (reader, closed) = std::io::pipe().unwrap();
            drop(reader);
            let mut ended = Command::new(env!("CARGO_BIN_EXE_footman"));
            ended.args([command, "--config", config, "--state-dir=state"]);
            ended
                .arg("--log-root=Sense/Log")
                .current_dir(folder.path())
                .env_clear()
                .env("ProgramData", folder.path());
            ended.env("FOOTMAN_TEAMS_WEBHOOK", crate::support::fake_teams::refused_url());
            let ended = if is_error { ended.stderr(closed) } else { ended.stdout(closed) };
            let ended = ended.output().unwrap();
            assert_eq!(ended.status.code(), Some(code), "{command} {config} {}", err(&ended));
        }
    }
}
