//! The built-in patterns on problems that Qlik Sense writes to several logs. All rows are
//! synthetic.

use std::path::Path;
use std::sync::Arc;

use footman::clock::Timestamp;
use footman::commit::StoredRows;
use footman::detect::{Detector, builtin_packs};
use footman::incident::{IncidentBook, Policy};
use footman::mute::Mutes;
use footman::tail::{Block, FileId};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

const AUDIT_SECURITY: &str = "Sequence#\tProductVersion\tTimestamp\tHostname\tId\tDescription\tUserDirectory\tUserId\tClientHostAddress\tCommand\tResult\tMessage\tChecksum";
const AUDIT: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\tActiveUserDirectory\tActiveUserId\tIpAddress\tId2";
const SERVICE: &str = "Sequence#\tProductVersion\tTimestamp\tSeverity\tHostname\tLogger\tDescription\tUserDirectory\tUserId\tMessage\tId2";
const LOGGER: &str = "Proxy.Proxy.DefaultModules.Authentication.AuthenticationEngine";

fn block(log: &str, header: &str, rows: &[String]) -> Block {
    let text = format!("{header}\n{}\n", rows.join("\n"));
    Block {
        file: FileId(0),
        generation: 0,
        label: log.into(),
        path: Arc::from(Path::new("synthetic")),
        head: text.clone().into_bytes().into(),
        bytes: text.into_bytes(),
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

/// The notices and suppressions of blocks that are read one after the other.
fn story(blocks: &[Block]) -> Vec<String> {
    let (mut detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let policy = Policy {
        environment: None,
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    let mut book = IncidentBook::restore(policy, &StoredRows::default());
    let now: Timestamp = "2026-11-23T06:10:00Z".parse().unwrap();
    let mut story = Vec::new();
    for block in blocks {
        let decisions = book.step(now, detector.detect(block).detections);
        let decisions = Mutes::default().hold(now, &mut book, decisions);
        story.extend(decisions.suppressed.iter().map(|held| held.why.name().to_owned()));
        let notices = decisions.notices.iter();
        story.extend(notices.map(|notice| {
            format!("{}: {} x{}", notice.reason.name(), notice.pattern, notice.count)
        }));
    }
    story
}

/// The three rows of each failed sign-in, a few milliseconds apart.
fn failed_sign_ins(users: &[&str]) -> Vec<Block> {
    let rows = |row: &dyn Fn(usize, &str) -> String| -> Vec<String> {
        users.iter().enumerate().map(|(n, user)| row(n, user)).collect()
    };
    let stamp = |n: usize, millis: usize| {
        format!("20261123T06{:02}{:02}.{millis:03}+0000", n / 20, n % 20 * 3)
    };
    let security = rows(&|n, user| {
        let at = stamp(n, 0);
        format!(
            "{}\t14.0\t{at}\tNODE1\t0\tSign-in\tLAB\t{user}\t192.0.2.7\tLogin\t401\tAuthentication failed\tx",
            n + 1
        )
    });
    let audit = rows(&|n, user| {
        let at = stamp(n, 12);
        format!(
            "{}\t{at}\tERROR\tNODE1\tAudit.{LOGGER}\tAuthentication failed\tLAB\t{user}\t192.0.2.7\tx",
            n + 1
        )
    });
    let service = rows(&|n, user| {
        let at = stamp(n, 30);
        format!(
            "{}\t14.0\t{at}\tERROR\tNODE1\tService.{LOGGER}\tCommand=Login;Result=401\tLAB\t{user}\tAuthentication failed\tx",
            n + 1
        )
    });
    vec![
        block("AuditSecurity_Proxy", AUDIT_SECURITY, &security),
        block("Audit_Proxy", AUDIT, &audit),
        block("Service_Proxy", SERVICE, &service),
    ]
}

fn opened(story: &[String]) -> Vec<&str> {
    story.iter().filter(|line| line.starts_with("opened")).map(String::as_str).collect()
}

#[test]
fn four_failed_sign_ins_in_three_files_are_twelve_rows_and_no_card() {
    assert_eq!(opened(&story(&failed_sign_ins(&["goran"; 4]))), Vec::<&str>::new());
}

#[test]
fn five_failed_sign_ins_in_three_files_are_one_card_with_a_count_of_five() {
    let story = story(&failed_sign_ins(&["goran"; 5]));
    assert_eq!(opened(&story), ["opened: sign-in-refused-by-user x5"], "{story:#?}");
}

#[test]
fn guessed_names_from_one_address_are_one_card() {
    let names: Vec<String> = (0..20).map(|n| format!("user{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let story = story(&failed_sign_ins(&names));
    assert_eq!(opened(&story), ["opened: sign-in-refused-by-address x20"], "{story:#?}");
}

#[test]
fn a_restarted_engine_ends_the_incident_of_its_crash() {
    let rows = |n: usize, result: &str| {
        vec![format!(
            "{n}\t14.0\t20261123T0600{n:02}.000+0000\tERROR\tNODE1\tx\tCommand=Start engine;Result={result}\t\t\t\tx"
        )]
    };
    let crash = block("Service_Repository", SERVICE, &rows(1, "-1;ResultText=Error:Server crash"));
    let start = block("Service_Repository", SERVICE, &rows(9, "0;ResultText=Success"));
    let story = story(&[crash, start]);
    assert_eq!(
        story,
        ["opened: engine-crash-registered x1", "recovered: engine-crash-registered x1"]
    );
}

#[test]
fn a_lost_database_holds_back_failed_reloads() {
    let header = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\tTaskName\tTaskId\tExecutionId\tAppName\tAppId\tUser\tId2";
    let lost: Vec<String> = (1..=3)
        .map(|n| format!("{n}\t20261123T06000{n}.000+0000\tERROR\tNODE1\tSystem.Repository.Repository.Core.Database.DatabaseConnectionFactory\tNpgsql.NpgsqlException: no connection\t\t\t\t\t\t\tx"))
        .collect();
    let failed = ["1\t20261123T060100.000+0000\tERROR\tNODE1\tSystem.Scheduler.Scheduler.Master.Task.TaskSession\tFailed to start session\tReload of Sales\tt1\te1\tSales\ta1\tINTERNAL\\sa_scheduler\tx".to_owned()];
    let story = story(&[
        block("System_Repository", header, &lost),
        block("System_Scheduler", header, &failed),
    ]);
    assert_eq!(
        story,
        ["below-threshold", "below-threshold", "opened: repository-database-lost x3", "inhibited"]
    );
}
