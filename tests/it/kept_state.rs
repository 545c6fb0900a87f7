//! A state file of an earlier version with open incidents: what follows belongs to them. The file
//! beside it describes how it was made. All rows are invented.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use footman::clock::Timestamp;
use footman::commit::{Commit, RowChange, RowKey, StoredRows, TableName};
use footman::config::{Language, Written};
use footman::detect::{Detector, builtin_packs};
use footman::detection::{AgentProblem, Amount, FileMistake, GaugeName, ServiceState};
use footman::incident::{IncidentBook, Policy};
use footman::mute::Mutes;
use footman::observe::{
    Certificates, Gauge, Gauges, Limits, NodeSnapshot, Service, Services, StartType, Watched,
};
use footman::pipeline::Escalations;
use footman::pipeline::{Decider, Pipeline, Recogniser};
use footman::qlik::certificate::Certificate;
use footman::render::{Renderer, Site, builtin_templates};
use footman::route::Router;
use footman::state::{FILE_NAME, StateLock, Store};
use footman::tail::{Batch, Block, FileId};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

const KEPT: &[u8] = include_bytes!("kept/state-0.1.db");
const COLUMNS: [&str; 20] = [
    "Sequence#",
    "Timestamp",
    "Level",
    "Hostname",
    "Logger",
    "Message",
    "Description",
    "Command",
    "Result",
    "UserDirectory",
    "UserId",
    "ClientHostAddress",
    "ObjectId",
    "TaskName",
    "TaskId",
    "ExecutionId",
    "AppName",
    "AppId",
    "User",
    "Id2",
];
const SESSION: &str = "Logger=System.Scheduler.Scheduler.Master.Task.TaskSession";
const ENGINE: &str = "Logger=System.Engine.Engine|Level=WARN";

fn at(seconds: i64) -> Timestamp {
    "2026-11-23T06:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn pipeline(rows: &StoredRows) -> Pipeline {
    let policy = Policy {
        environment: Some("prod".to_owned()),
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    let limits = Limits {
        disk: Some(90.0),
        memory: Some(90.0),
        processor: Some(90.0),
        steady: SignedDuration::from_secs(60),
    };
    let configuration = Written::new("footman.toml", "");
    let watched = Watched::restore(
        Services::new(SignedDuration::from_secs(20)),
        Gauges::new(limits),
        Certificates::new(Some(SignedDuration::from_hours(30 * 24))),
        rows,
    );
    Pipeline {
        recogniser: Recogniser {
            detector: Detector::compile(&builtin_packs(), TimeZone::UTC).0,
            watched,
            environment: Some("prod".into()),
            node: "node1".to_owned(),
            language: footman::config::Language::English,
            not_before: None,
        },
        decider: Decider {
            mutes: Mutes::default(),
            escalations: Escalations::default(),
            book: IncidentBook::restore(policy, rows),
            router: Router::compile(&configuration, &[]).0,
            renderer: Renderer::compile(&builtin_templates()).0,
            channels: std::collections::BTreeMap::new(),
            site: Site {
                url: None,
                page: None,
                node: "node1".into(),
                scripts: None,
                timezone: TimeZone::UTC,
                language: Language::English,
                version: "0",
            },
            environment: Some("prod".to_owned()),
            doubted_until: None,
        },
    }
}

/// One row from `Message=…|TaskId=…`; the other columns are empty.
fn row(seconds: i64, cells: &str) -> String {
    let stamp = at(seconds).strftime("%Y%m%dT%H%M%S.000+0000").to_string();
    let cells: Vec<(&str, &str)> =
        cells.split('|').map(|cell| cell.split_once('=').unwrap()).collect();
    let value = |column: &&str| match *column {
        "Sequence#" => "1".to_owned(),
        "Timestamp" => stamp.clone(),
        "Hostname" => "node1".to_owned(),
        "Id2" => "x".to_owned(),
        _ => {
            let cell = cells.iter().rfind(|(name, _)| name == column);
            cell.map_or("", |(_, value)| value).to_owned()
        }
    };
    COLUMNS.iter().map(value).collect::<Vec<_>>().join("\t")
}

fn block(log: &str, path: &str, text: String) -> Block {
    Block {
        file: FileId(1),
        generation: 0,
        label: log.into(),
        path: Arc::from(Path::new(path)),
        head: text.clone().into_bytes().into(),
        bytes: text.into_bytes(),
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

fn rows(log: &str, rows: &[String]) -> Block {
    block(log, log, format!("{}\n{}\n", COLUMNS.join("\t"), rows.join("\n")))
}

/// A script log of an app; without an error, it has no end.
fn script(seconds: i64, app: &str, user: &str, error: Option<&str>) -> Block {
    let stamp = |seconds: i64| at(seconds).strftime("%Y%m%dT%H%M%S.000+0000").to_string();
    let began = stamp(seconds - 10);
    let mut text = format!(
        "{began}      Execution started.\n\
         {began}      Reload Executed By            UserDirectory=INTERNAL; UserId={user}\n\
         {began} 0002 LOAD A FROM [lib://x/{app}.qvd] (qvd)\n"
    );
    if let Some(error) = error {
        let ended = stamp(seconds);
        write!(text, "{ended}      Error: {error}\n{ended}      Execution Failed\n{ended}      Execution finished.\n").unwrap();
    }
    let began = at(seconds - 10).strftime("%Y_%m_%d_%H_%M_%S");
    block("Script", &format!("{app}.{began}.0123456789ABCDEF0123.log"), text)
}

fn app(n: u32) -> String {
    format!("e7af59a0-0000-4000-8000-0000000000{n:02}")
}

fn task(n: u32, run: &str) -> String {
    let app = app(n);
    format!(
        "TaskName=Reload {n}|TaskId=dec2a02a-0000-4000-8000-0000000000{n:02}|\
         ExecutionId=4831c6a5-0000-4000-8000-{run}000000{n:02}|AppName=App {n}|AppId={app}|\
         User=INTERNAL\\sa_scheduler"
    )
}

/// The logs at one time; `run` is four digits of the execution ids.
fn logs(seconds: i64, run: &str) -> Vec<Block> {
    let failed = "Message=Max retries reached";
    let session = |n: u32, rest: &str| row(seconds, &format!("{SESSION}|{}|{rest}", task(n, run)));
    let other = format!(
        "{SESSION}|{failed}|TaskName=Sync users|TaskId=dec2a02a-0000-4000-8000-000000000077|\
         ExecutionId=4831c6a5-0000-4000-8000-{run}00000077"
    );
    let sign_in = "Command=Login|Result=401|Message=Authentication failed|UserDirectory=LAB|\
                   UserId=goran|ClientHostAddress=192.0.2.7";
    vec![
        script(seconds, &app(1), "sa_scheduler", Some("Field 'A' not found")),
        script(seconds, &app(6), "anna", Some("Table 'B' not found")),
        // A start half a day ago without an end.
        script(seconds - 12 * 3600, &app(7), "sa_scheduler", None),
        rows(
            "System_Scheduler",
            &[
                session(1, failed),
                session(2, failed),
                session(3, "Message=Execution State Change to Aborting|User=LAB\\anna"),
                session(5, "Message=Could not reserve an executor for task"),
                row(seconds, &other),
                row(seconds, "Level=ERROR|Message=There is not enough space on the disk."),
            ],
        ),
        rows(
            "System_Engine",
            &[row(
                seconds,
                &format!(
                    "{ENGINE}|Message=WorkingSet: Virtual Memory is growing CRITICALLY beyond parameters - 31.9(28.8) GB"
                ),
            )],
        ),
        rows(
            "UserManagement_Repository",
            &[row(
                seconds,
                "Level=WARN|Logger=UserManagement.Repository.Repository.Users.UserSyncEngine|\
                 Message=The directory does not answer",
            )],
        ),
        rows(
            "AuditSecurity_Repository",
            &[
                row(seconds, "Message=Access was denied for User: 'LAB\\goran'"),
                row(
                    seconds,
                    "Description=Command=Add user access from license;Result=400;ResultText=Error: Bad Request",
                ),
            ],
        ),
        rows("AuditSecurity_Proxy", &(0..5).map(|n| row(seconds + n, sign_in)).collect::<Vec<_>>()),
    ]
}

/// The lost database, read last, since it holds back what it causes.
fn database(seconds: i64) -> Vec<Block> {
    let lost = "Level=ERROR|Message=Npgsql.NpgsqlException: no connection|\
                Logger=System.Repository.Repository.Core.Database.DatabaseConnectionFactory";
    vec![rows("System_Repository", &(0..3).map(|n| row(seconds + n, lost)).collect::<Vec<_>>())]
}

/// Problems of the agent itself.
fn reports() -> [AgentProblem; 2] {
    [
        AgentProblem::FilesBroken(FileMistake::of_sentence("one.toml: 1 problem")),
        AgentProblem::RestartNeeded { logs: vec!["Audit_Proxy".to_owned()] },
    ]
}

fn service(name: &str, is_down: bool) -> Service {
    Service {
        name: format!("QlikSense{name}Service"),
        display_name: format!("Qlik Sense {name} Service"),
        state: if is_down { ServiceState::Stopped } else { ServiceState::Running },
        start: StartType::Automatic,
        exit_code: if is_down { 1067 } else { 0 },
        process: None,
        stop_cause: None,
    }
}

/// Two machines, with everything failing or everything well.
fn snapshots(seconds: i64, is_bad: bool) -> Vec<NodeSnapshot> {
    let gauge = |what| {
        let (percent, used) = if is_bad { (97.0, 62_000_000_000) } else { (20.0, 13_000_000_000) };
        Gauge { what, used: percent, amount: Amount::Bytes { used, total: 64_000_000_000 } }
    };
    let certificate = |subject: &str, days: i64| Certificate {
        subject: subject.to_owned(),
        issuer: "lab-CA".to_owned(),
        expires: at(seconds) + SignedDuration::from_hours(24 * if is_bad { days } else { 700 }),
    };
    let first = NodeSnapshot {
        host: "node1".to_owned(),
        services: Some(vec![
            service("Engine", is_bad),
            service("Proxy", is_bad),
            service("Scheduler", false),
        ]),
        gauges: vec![
            gauge(GaugeName::Disk("C:\\".to_owned())),
            gauge(GaugeName::Memory),
            gauge(GaugeName::Processor),
        ],
        certificates: Some(vec![certificate("node1.lab", 20), certificate("old.lab", -1)]),
    };
    let services = Some(vec![service("Repository", is_bad)]);
    vec![first, NodeSnapshot { host: "node2".to_owned(), services, ..NodeSnapshot::default() }]
}

/// Everything fails; returns the commits of all steps.
fn night(pipeline: &mut Pipeline, seconds: i64, run: &str) -> Vec<Commit> {
    let mut commits = Vec::new();
    for problem in reports() {
        commits.push(pipeline.report(at(seconds), problem));
    }
    read(pipeline, seconds, logs(seconds, run), &mut commits);
    pass(pipeline, seconds, seconds + 1200, &mut commits);
    read(pipeline, seconds + 1200, database(seconds + 1200), &mut commits);
    commits
}

fn read(pipeline: &mut Pipeline, seconds: i64, blocks: Vec<Block>, commits: &mut Vec<Commit>) {
    let (mut batch, mut done) = (Batch { blocks, ..Batch::default() }, 0);
    while done < batch.blocks.len() {
        commits.push(pipeline.step(at(seconds), &mut batch, &mut done));
    }
}

fn apply_snapshot(pipeline: &mut Pipeline, seconds: i64, is_bad: bool) -> Vec<Commit> {
    let snapshots = snapshots(seconds, is_bad);
    let mut commits: Vec<Commit> =
        snapshots.iter().map(|snapshot| pipeline.apply_snapshot(at(seconds), snapshot)).collect();
    pass(pipeline, seconds, seconds + 300, &mut commits);
    commits
}

/// Advances the time.
fn pass(pipeline: &mut Pipeline, from: i64, until: i64, commits: &mut Vec<Commit>) {
    let mut last = at(from);
    while let Some(next) = pipeline.next_wakeup().filter(|next| *next < at(until)) {
        let now = next.max(last + SignedDuration::from_secs(1));
        last = now;
        commits.push(pipeline.step(now, &mut Batch::default(), &mut 0));
    }
}

fn summaries(commits: &[Commit], what: &str) -> Vec<String> {
    let entries = commits.iter().flat_map(|commit| &commit.history);
    let entries = entries.filter(|entry| entry.what.name() == what || entry.reason_name() == what);
    let mut summaries: Vec<String> = entries.map(|entry| entry.summary.clone()).collect();
    summaries.sort();
    summaries
}

/// The pipeline of an upgraded agent.
fn upgraded() -> Pipeline {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE_NAME), KEPT).unwrap();
    let (_, opened, loaded) = StateLock::take(folder.path())
        .and_then(|lock| Store::open_and_load(folder.path(), lock, at(1807)))
        .unwrap();
    assert!(!opened.lost && opened.damaged.is_none(), "the file opens unchanged");
    let incidents = loaded.rows.of(TableName::Incidents).count();
    assert_eq!(incidents, 23, "all of them are open");
    pipeline(&loaded.rows)
}

#[test]
fn a_failure_after_an_upgrade_repeats_its_open_incident() {
    let mut pipeline = upgraded();
    // Runs in progress end first.
    pass(&mut pipeline, 1807, 1900, &mut Vec::new());
    // A stopped repository would hold back the other failures.
    drop(apply_snapshot(&mut pipeline, 4000, false));
    let commits = night(&mut pipeline, 5000, "0002");
    assert_eq!(summaries(&commits, "opened"), Vec::<String>::new());
    let repeated = summaries(&commits, "repeat");
    assert_eq!(repeated.len(), 16, "{repeated:#?}");
}

#[test]
fn a_recovery_after_an_upgrade_ends_the_open_incidents() {
    let mut pipeline = upgraded();
    let commits = apply_snapshot(&mut pipeline, 5000, false);
    let recovered = summaries(&commits, "recovered");
    assert_eq!(recovered.len(), 7, "{recovered:#?}");
    let notified = commits.iter().flat_map(|commit| &commit.deliveries);
    assert!(notified.filter(|card| card.reason.name() == "recovered").count() == 7);
}

#[test]
fn runs_in_progress_at_an_upgrade_are_completed() {
    let (mut pipeline, mut commits) = (upgraded(), Vec::new());
    pass(&mut pipeline, 1807, 1900, &mut commits);
    let opened = summaries(&commits, "opened");
    assert!(opened.len() == 1 && opened[0].starts_with("Service stopped"), "{opened:#?}");
    // The lost database from before the upgrade is still known as the cause.
    assert_eq!(summaries(&commits, "inhibited"), ["App 9 (reload-retries-exhausted)"]);
}

#[test]
fn a_row_of_a_table_that_this_version_lacks_stays_in_the_state() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path(), at(0)).unwrap());
    let connection = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    connection.execute("INSERT INTO book VALUES ('of-tomorrow:1', '{}')", []).unwrap();
    let (mut store, _) = Store::open(dir.path(), at(1)).unwrap();
    assert!(store.load().unwrap().rows.is_empty());
    let run = RowChange::Put { key: RowKey::new(TableName::Runs, "c"), json: "{}".to_owned() };
    store.commit(at(2), &Commit { rows: vec![run], ..Commit::default() }).unwrap();
    let sql = "SELECT count(*) FROM book WHERE key IN ('of-tomorrow:1', 'run:c')";
    assert_eq!(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}
