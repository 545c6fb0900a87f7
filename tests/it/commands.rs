//! Commands of people, with the real program on the command line and a real agent.

use std::fs;
use std::path::Path;
use std::process::Output;

use footman::clock;
use footman::commit::{
    About, Attention, Commit, Delivery, Form, HistoryEntry, HistoryType, IncidentRow, Reason,
};
use footman::detection::{Kind, Severity, Source};
use footman::ids::Fingerprint;
use footman::incident::{Ends, Overview, State};
use footman::metrics::Counts;
use footman::outbox::Change;
use footman::state::{COMMANDS_NAME, Reader, Store};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::world::{World, kill, until};

type Damage = Box<dyn Fn(&Path)>;

/// What a command left behind.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }
}

/// Runs a command on the state folder, beside an agent in this process.
async fn footman(state_dir: &Path, args: &[&str]) -> Ran {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(args).arg("--state-dir").arg(state_dir);
    command.env_clear().env("TZ", "UTC").env("COLUMNS", "80").env("USER", "tester");
    Ran::of(command.output().await.unwrap())
}

/// A command that succeeds.
async fn done(state_dir: &Path, args: &[&str]) -> Ran {
    let ran = footman(state_dir, args).await;
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
    ran
}

/// A command that is refused with this problem and a hint.
async fn refused(state_dir: &Path, args: &[&str], problem: &str) -> Ran {
    let ran = footman(state_dir, args).await;
    assert_eq!(ran.code, 3, "{args:?}: {}{}", ran.out, ran.err);
    // A console wraps it.
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(problem) && flat.contains("hint: "), "{args:?}: {}", ran.err);
    ran
}

/// The id of the one open incident.
async fn open_id(state_dir: &Path) -> String {
    let incidents = done(state_dir, &["incidents", "--json"]).await.json();
    assert_eq!(incidents.as_array().unwrap().len(), 1, "{incidents:#}");
    incidents[0]["id"].as_str().unwrap().to_owned()
}

/// What happened to an incident, in order.
async fn story(state_dir: &Path, id: &str) -> Vec<String> {
    let story = done(state_dir, &["show", id, "--json"]).await.json();
    let entries = story["story"].as_array().unwrap().iter();
    entries.map(|entry| entry["what"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_incident_is_listed_acknowledged_noted_and_given_back() {
    let mut world = World::new();
    world.settle_in().await;
    let dir = world.state_dir();
    world.fail("Sales", "Field 'OrderDte' not found");
    world
        .run_while(async {
            world.teams.received(1).await;
            let id = open_id(&dir).await;
            assert_eq!(id.len(), 8);
            let args = ["acknowledge", &id[..5], "--by", "Anna", "--note", "Calling IT"];
            let ran = done(&dir, &args).await;
            assert!(
                ran.out.contains(&id) && ran.out.contains("Reload failed: Sales"),
                "{}",
                ran.out
            );
            let listed = done(&dir, &["incidents", "--json", "--app", "sales"]).await.json();
            assert_eq!(listed[0]["state"], "acknowledged");
            assert_eq!(listed[0]["acknowledged"]["by"], "Anna");
            assert_eq!(listed[0]["acknowledged"]["note"], "Calling IT");
            let status = done(&dir, &["status", "--json"]).await.json();
            assert_eq!(status["acknowledged-incidents"], 1, "{status:#}");
            assert_eq!(status["open-incidents"], 1, "{status:#}");

            done(&dir, &["unacknowledge", &id]).await;
            let listed = done(&dir, &["incidents", "--json"]).await.json();
            assert_eq!(
                (&listed[0]["state"], &listed[0]["acknowledged"]),
                (&"open".into(), &Value::Null)
            );
            refused(&dir, &["unacknowledge", &id], "nobody has acknowledged").await;
            done(&dir, &["note", &id, "The column was renamed"]).await;

            let expected =
                ["observed", "opened", "delivered", "acknowledged", "unacknowledged", "noted"];
            assert_eq!(story(&dir, &id).await, expected);
            let shown = done(&dir, &["show", &id]).await.out;
            let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            for text in ["by Anna", "by tester", "The column was renamed", "to default"] {
                assert!(shown.contains(text), "{text} is not in\n{shown}");
            }
            let history = done(&dir, &["history", "--app", "Sales", "--cards", "--json"]).await.out;
            assert_eq!(history.lines().count(), 1, "{history}");
            let figures = done(&dir, &["stats", "--json"]).await.json();
            assert_eq!((&figures["opened"], &figures["acknowledged"]), (&1.into(), &1.into()));
            assert_eq!(figures["time_to_card"]["count"], 1, "{figures:#}");
            assert!(done(&dir, &["stats"]).await.out.contains('█'));
        })
        .await;
}

#[tokio::test]
async fn what_is_silenced_is_held_back_and_counted_until_the_silence_is_ended() {
    let mut world = World::new();
    world.settle_in().await;
    let dir = world.state_dir();
    let add = ["silence", "add", "--app", "Sal*", "--for", "2h", "--reason", "moving", "--json"];
    let silence = world.run_while(done(&dir, &add)).await.json();
    assert_eq!((&silence["state"], &silence["by"]), (&"active".into(), &"tester".into()));
    assert_eq!(silence["matchers"]["app"][0], "Sal*");
    let id = silence["id"].as_str().unwrap().to_owned();

    world.fail("Sales", "Table not found");
    world
        .run_while(async {
            until(|| Reader::open(&dir).is_ok_and(|state| state.history(9).unwrap().len() > 1))
                .await;
            let listed = done(&dir, &["incidents", "--json"]).await.json();
            assert_eq!(listed[0]["state"], "silenced", "{listed:#}");
            assert_eq!(listed[0]["silenced_by"], id.as_str());
            let silences = done(&dir, &["silence", "list", "--json"]).await.json();
            assert_eq!(silences[0]["held_back"], 1, "{silences:#}");
            let text = done(&dir, &["silence", "list"]).await.out;
            assert!(text.contains(&id) && text.contains("app: Sal*"), "{text}");
            let held = done(&dir, &["history", "--reason", "silenced", "--json"]).await.out;
            assert_eq!(held.lines().count(), 1, "{held}");

            let over = done(&dir, &["silence", "expire", &id[..4], "--json"]).await.json();
            assert_eq!(over[0]["state"], "expired", "{over:#}");
            refused(&dir, &["silence", "expire", &id], "over already").await;
            assert_eq!(
                done(&dir, &["silence", "list", "--json"]).await.json(),
                serde_json::json!([])
            );
            let all = done(&dir, &["silence", "list", "--all", "--json"]).await.json();
            assert_eq!(all[0]["id"], id.as_str());
            // The incident is still open: one card says so.
            world.teams.received(1).await;
        })
        .await;
}

#[tokio::test]
async fn a_command_for_a_stopped_agent_is_stored_and_applied_at_its_start_once() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    world.run_until(1).await;
    let dir = world.state_dir();
    let id = open_id(&dir).await;
    let ran = done(&dir, &["note", &id, "It was the disk"]).await;
    assert_eq!((ran.err.trim(), ran.out.as_str()), ("stored; applied at next start", ""));
    let add = ["silence", "add", "--app", "X", "--for", "1d", "--reason", "r", "--json"];
    let silence = done(&dir, &add).await;
    assert!(silence.err.contains("stored; applied at next start"));
    let silence = silence.json();
    assert_eq!((&silence["id"], &silence["state"]), (&Value::Null, &"pending".into()));
    assert!(!story(&dir, &id).await.contains(&"noted".to_owned()));

    let applied = || Reader::open(&dir).unwrap().silences().unwrap().len() == 1;
    let waiting = || {
        let file = Connection::open(dir.join(COMMANDS_NAME)).unwrap();
        file.query_row("SELECT count(*) FROM command", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(waiting(), 2);
    // What was consumed is deleted: no limit is reached, and nothing is applied again in a year.
    world.run_while(until(|| applied() && waiting() == 0)).await;
    world.run_while(world.started()).await;
    let noted = story(&dir, &id).await.into_iter().filter(|what| what == "noted").count();
    assert_eq!(noted, 1);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_a_reason_also_while_the_agent_is_stopped() {
    let world = World::new();
    world.settle_in().await;
    let dir = world.state_dir();
    refused(&dir, &["acknowledge", "3f2a91bc"], "no such incident").await;
    refused(&dir, &["show", "3f2a91bc"], "no such incident").await;
    refused(&dir, &["note", "zz", "text"], "no such incident").await;
    let add = |more: &[&'static str]| {
        let all = ["silence", "add", "--reason", "r"].into_iter().chain(more.iter().copied());
        all.collect::<Vec<&str>>()
    };
    refused(&dir, &add(&["--for", "1h"]), "without a matcher").await;
    refused(&dir, &add(&["--app", "A", "--until", "2020-01-01"]), "in the past").await;
    refused(&dir, &add(&["--app", "A", "--for", "0m"]), "in the past").await;
    refused(&dir, &add(&["--app", "A", "--until", "soon"]), "not a valid time").await;
    let near = refused(&dir, &add(&["--kind", "reload-faild", "--for", "1h"]), "--kind").await;
    assert!(near.err.contains("did you mean `reload-failed`?"), "{}", near.err);
    refused(&dir, &add(&["--app", "/(/", "--for", "1h"]), "not a valid regex").await;
    refused(&dir, &["silence", "expire", "0b"], "no such silence").await;
    let near = refused(&dir, &["history", "--reason", "silencd"], "unknown reason").await;
    assert!(near.err.contains("did you mean `silenced`?"), "{}", near.err);
    for nothing in [&["history", "--app", "No such app"][..], &["history", "--reason", "flapping"]]
    {
        assert_eq!(done(&dir, nothing).await.out, "nothing matches\n", "{nothing:?}");
    }
    let none = done(&dir, &["incidents", "--app", "No such app"]).await.out;
    assert_eq!(none, "no incidents match\n");
    refused(&dir, &["outbox", "retry", "0b"], "no such delivery").await;
    refused(&dir, &["incidents", "--severity", "bad"], "unknown severity").await;
    for usage in [&["silence", "add", "--app", "A", "--reason", "r"][..], &["outbox", "retry"]] {
        assert_eq!(footman(&dir, usage).await.code, 2, "{usage:?}");
    }
    let nobody = TempDir::new().unwrap();
    for command in [&["incidents"][..], &["silence", "list"], &["acknowledge", "a"], &["stats"]] {
        refused(nobody.path(), command, "no agent has run").await;
    }
}

#[tokio::test]
async fn a_refused_card_is_sent_again_or_given_up() {
    let world = World::new();
    world.settle_in().await;
    let dir = world.state_dir();
    let (mut store, _) = Store::open(&dir, clock::now()).unwrap();
    let deliveries: Vec<Delivery> = ["one", "two"].map(delivery).to_vec();
    store.commit(clock::now(), &Commit { deliveries, ..Commit::default() }).unwrap();
    for id in ["one@default", "two@default"] {
        store.begin_sending(clock::now(), &id.into()).unwrap();
        let change = Change::Dead { why: "400: no such flow".to_owned() };
        store.settle(clock::now(), &id.into(), &change, &Counts::default(), &[]).unwrap();
    }
    drop(store);
    let dead = done(&dir, &["outbox", "list", "--json"]).await.json();
    assert_eq!(dead.as_array().unwrap().len(), 2);
    assert_eq!((&dead[0]["state"], &dead[0]["why"]), (&"dead".into(), &"400: no such flow".into()));
    assert_eq!(dead[0]["incident"], Value::Null);
    let ambiguous = ["two@default", "tw"];
    assert_eq!(
        done(&dir, &["outbox", "show", ambiguous[1], "--json"]).await.json()["id"],
        ambiguous[0]
    );

    world
        .run_while(async {
            done(&dir, &["outbox", "drop", "two@default"]).await;
            let ran = done(&dir, &["outbox", "retry", "one", "--json"]).await;
            assert_eq!(ran.json()[0]["id"], "one@default");
            world.teams.received(1).await;
            let sent = || Reader::open(&dir).unwrap().sent(9).unwrap().len() == 1;
            until(sent).await;
            let ran = refused(&dir, &["outbox", "retry", "one"], "is delivered").await;
            assert!(ran.err.contains("one@default"), "{}", ran.err);
        })
        .await;
    let left = done(&dir, &["outbox", "list", "--json"]).await.json();
    let left: Vec<&str> =
        left.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(left, ["delivered"]);
}

fn delivery(name: &str) -> Delivery {
    Delivery {
        id: format!("{name}@default").into(),
        notice_id: name.into(),
        channel: "default".to_owned(),
        severity: Severity::Error,
        fingerprint: None,
        reason: Reason::Opened,
        form: Form::Card,
        summary: format!("Card {name}"),
        about: About::default(),
        payload: r#"{"type":"AdaptiveCard"}"#.to_owned(),
        plain: r#"{"type":"AdaptiveCard"}"#.to_owned(),
        created: clock::now(),
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

/// Puts incidents into the state of a stopped agent.
fn put_incidents(dir: &Path, overviews: &[Overview]) {
    let (mut store, _) = Store::open(dir, clock::now()).unwrap();
    let rows = overviews.iter().map(|overview| IncidentRow {
        fingerprint: overview.fingerprint.clone(),
        state: overview.state.name(),
        last: overview.last,
        ended: overview.ended,
        json: serde_json::to_string(overview).unwrap(),
    });
    let history = overviews.iter().map(|overview| HistoryEntry {
        kind: Some(overview.kind),
        fingerprint: Some(overview.fingerprint.clone()),
        ..HistoryEntry::new(overview.since, HistoryType::Opened, overview.title.clone())
    });
    let (incidents, history) = (rows.collect(), history.collect());
    store.commit(clock::now(), &Commit { incidents, history, ..Commit::default() }).unwrap();
}

fn overview(print: &str, title: &str) -> Overview {
    Overview {
        fingerprint: Fingerprint::from(print),
        kind: Kind::ReloadFailed,
        severity: Severity::Error,
        title: title.to_owned(),
        error: None,
        error_class: None,
        app: Some(title.to_owned()),
        app_id: None,
        task: None,
        task_id: None,
        node: None,
        environment: None,
        source: Source::Log,
        since: clock::now(),
        last: clock::now(),
        count: 1,
        held_back: 0,
        state: State::Open,
        ends: Ends::Observed,
        acknowledged: None,
        silenced_by: None,
        inhibited_by: None,
        channels: Vec::new(),
        last_success: None,
        ended: None,
    }
}

#[tokio::test]
async fn an_ambiguous_prefix_is_refused_with_the_ids_unless_only_one_is_open() {
    let dir = TempDir::new().unwrap();
    let mut over = overview("bbbb000000000002", "Over");
    (over.state, over.ended) = (State::Recovered, Some(clock::now()));
    put_incidents(
        dir.path(),
        &[
            overview("aaaa000000000001", "One"),
            overview("aaaa000000001001", "Two"),
            overview("bbbb000000000001", "Three"),
            over,
        ],
    );
    for command in [&["show", "aaaa"][..], &["acknowledge", "aaaa"], &["note", "aaaa", "text"]] {
        let ran = refused(dir.path(), command, "several incidents").await;
        for id in ["aaaa000000000", "aaaa000000001"] {
            assert!(ran.err.contains(id), "{}", ran.err);
        }
    }
    let shown = done(dir.path(), &["show", "bbbb", "--json"]).await.json();
    assert_eq!((&shown["app"], &shown["id"]), (&"Three".into(), &"bbbb000000000001".into()));
    let all = done(dir.path(), &["incidents", "--all", "--json"]).await.json();
    let open = done(dir.path(), &["incidents", "--json"]).await.json();
    assert_eq!((all.as_array().unwrap().len(), open.as_array().unwrap().len()), (4, 3));
}

#[tokio::test]
async fn names_from_logs_and_people_cannot_act_on_the_terminal() {
    let dir = TempDir::new().unwrap();
    let hostile = "Sales\u{1b}[2J\u{9b}31m\nline\r\u{202e}gpj<script>";
    let mut one = overview("cccc000000000001", hostile);
    one.error = Some(hostile.to_owned());
    put_incidents(dir.path(), &[one]);
    refused(dir.path(), &["note", "cccc", ""], "empty or too long").await;
    refused(dir.path(), &["note", "cccc", &"x".repeat(20_000)], "empty or too long").await;
    refused(dir.path(), &["note", "cccc", "x", "--by", " "], "name of the author").await;
    for command in [&["incidents"][..], &["show", "cccc"], &["history"], &["stats"]] {
        let shown = done(dir.path(), command).await.out;
        let acts =
            |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!shown.chars().any(acts), "{command:?}: {shown:?}");
        assert!(shown.lines().all(|line| !line.starts_with("line")), "{command:?}: {shown}");
    }
    let ran = refused(dir.path(), &["acknowledge", "\u{1b}[31m"], "no such incident").await;
    assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    let json = done(dir.path(), &["incidents", "--json"]).await.json();
    assert_eq!(json[0]["title"], hostile, "programs get what is stored");
}

#[tokio::test]
async fn lists_fit_80_columns() {
    let dir = TempDir::new().unwrap();
    let long = "A rather long name of an app that somebody gave ".repeat(4);
    let mut one = overview("dddd000000000001", &long);
    (one.error, one.count, one.held_back) = (Some(long.clone()), 12, 11);
    put_incidents(dir.path(), &[one]);
    for command in [&["incidents"][..], &["show", "dddd"], &["history"], &["stats"]] {
        let shown = done(dir.path(), command).await.out;
        let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 80, "{command:?}: {widest}\n{shown}");
    }
}

#[tokio::test]
async fn a_file_of_commands_that_is_none_is_refused_with_a_hint() {
    let sql = |sql: &'static str| {
        move |file: &Path| Connection::open(file).unwrap().execute_batch(sql).unwrap()
    };
    let cases: [(&str, Damage); 5] = [
        (
            "not a database",
            Box::new(|file| fs::write(file, "hello, this is text".repeat(99)).unwrap()),
        ),
        ("a regular file", Box::new(|file| fs::create_dir(file).unwrap())),
        ("another program", Box::new(sql("CREATE TABLE x (a)"))),
        ("newer version", Box::new(sql("PRAGMA user_version = 99"))),
        ("commands", Box::new(sql("CREATE TABLE command (x); PRAGMA user_version = 1"))),
    ];
    for (problem, damage) in cases {
        let dir = TempDir::new().unwrap();
        put_incidents(dir.path(), &[overview("eeee000000000001", "Sales")]);
        damage(&dir.path().join(COMMANDS_NAME));
        refused(dir.path(), &["note", "eeee", "text"], problem).await;
    }
}

#[tokio::test]
async fn a_state_of_another_version_is_refused_with_a_hint() {
    let dir = TempDir::new().unwrap();
    put_incidents(dir.path(), &[overview("eeee000000000001", "Sales")]);
    let state = Connection::open(dir.path().join(footman::state::FILE_NAME)).unwrap();
    for (version, problem) in [(7, "older version"), (99, "newer version")] {
        state.pragma_update(None, "user_version", version).unwrap();
        for command in [&["incidents"][..], &["note", "eeee", "t"], &["history"]] {
            refused(dir.path(), command, problem).await;
        }
    }
}

/// Another process may be stopped while it holds the lock of writers.
#[tokio::test]
async fn a_command_line_that_is_stopped_inside_its_transaction_delays_no_card() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("First", "Table not found");
    let program = world.start_program();
    world.teams.received(1).await;
    let dir = world.state_dir();
    let id = open_id(&dir).await;
    done(&dir, &["note", &id, "before"]).await;

    let stopped = Connection::open(dir.join(COMMANDS_NAME)).unwrap();
    stopped
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO command (id, at, json) VALUES ('x', 0, '')")
        .unwrap();
    for n in 0..5 {
        world.fail(&format!("App {n}"), "Table not found");
    }
    world.teams.received(6).await;
    stopped.execute_batch("COMMIT").unwrap();
    done(&dir, &["note", &id, "after"]).await;
    kill(program);
}

/// The real command line, stopped by a signal at a moment at which it holds the lock of writers.
#[cfg(unix)]
#[tokio::test]
async fn a_command_line_under_sigstop_delays_neither_cards_nor_commits_of_the_agent() {
    use rustix::process::{Pid, Signal, kill_process};

    let mut world = World::new();
    world.settle_in().await;
    world.fail("First", "Table not found");
    let program = world.start_program();
    world.teams.received(1).await;
    let dir = world.state_dir();
    let id = open_id(&dir).await;
    let sent = || Reader::open(&dir).unwrap().sent(1).unwrap();
    until(|| !sent().is_empty()).await;
    done(&dir, &["note", &id, "before"]).await;

    // Each of these commands is a transaction of its own.
    let delivery = sent()[0].id.to_string();
    let mut asking = tokio::process::Command::new(env!("CARGO_BIN_EXE_footman"));
    asking.args(["outbox", "drop", "--state-dir"]).arg(&dir).args(vec![&delivery; 200]);
    asking.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut asking = asking.kill_on_drop(true).spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(asking.id().unwrap()).unwrap()).unwrap();
    let outside = Connection::open(dir.join(COMMANDS_NAME)).unwrap();
    outside.busy_timeout(std::time::Duration::ZERO).unwrap();
    let is_locked = || outside.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err();
    // The agent, which deletes what it has read, holds the lock for a moment only.
    let n_locked = std::cell::Cell::new(0);
    until(|| {
        kill_process(pid, Signal::STOP).unwrap();
        n_locked.set(if is_locked() { n_locked.get() + 1 } else { 0 });
        if n_locked.get() == 0 {
            kill_process(pid, Signal::CONT).unwrap();
        }
        n_locked.get() == 20
    })
    .await;
    for n in 0..5 {
        world.fail(&format!("App {n}"), "Table not found");
    }
    world.teams.received(6).await;
    until(|| Reader::open(&dir).unwrap().pending().unwrap().is_empty()).await;
    assert!(is_locked(), "the command line was inside its transaction all the time");
    kill_process(pid, Signal::CONT).unwrap();
    assert!(asking.wait().await.unwrap().code().is_some());
    done(&dir, &["note", &id, "after"]).await;
    kill(program);
}

/// The program ends at a commit, before or behind the one that consumes the command.
#[cfg(feature = "failpoints")]
#[tokio::test]
async fn a_command_is_applied_exactly_once_wherever_the_agent_is_killed() {
    use std::process::{Command, Stdio};
    for point in ["matched", "committed", "obeying", "obeyed"] {
        let mut world = World::new();
        world.settle_in().await;
        world.fail("Sales", "Table not found");
        world.run_until(1).await;
        let dir = world.state_dir();
        let id = open_id(&dir).await;
        done(&dir, &["note", &id, "once"]).await;
        world.fail("Other", "Table not found");
        let mut agent = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(["run", "--config"])
            .arg(world.config_file())
            .arg("--log-root")
            .arg(world.log_root())
            .arg("--state-dir")
            .arg(&dir)
            .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
            .env("FAILPOINTS", format!("{point}=return"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ended = std::cell::RefCell::new(&mut agent);
        until(|| ended.borrow_mut().try_wait().unwrap().is_some()).await;
        let noted = || {
            let history = Reader::open(&dir).unwrap().history(100).unwrap();
            history.iter().filter(|entry| entry.what == HistoryType::Noted).count()
        };
        world
            .run_while(async {
                until(|| noted() > 0).await;
                done(&dir, &["note", &id, "after"]).await;
            })
            .await;
        assert_eq!(noted(), 2, "{point}");
    }
}
