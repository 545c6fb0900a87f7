//! The page of the real program with 10,000 incidents in its history: each view with twenty clients at
//! a time, memory meanwhile, and whether browsers that poll it delay cards.
//!
//! `cargo bench --bench page [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and panics when it cannot run"
)]

#[path = "support/paged.rs"]
mod paged;
mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use footman::clock::{self, Timestamp};
use footman::commit::{
    About, Attention, Commit, Delivery, Form, HistoryEntry, HistoryReason, HistoryType,
    IncidentRow, Reason, Suppression,
};
use footman::detection::{Kind, Severity, Source};
use footman::ids::{DeliveryId, Fingerprint, NoticeId};
use footman::incident::{Ends, Overview, State};
use footman::state::{FILE_NAME, Store};
use jiff::SignedDuration;
use rusqlite::Connection;
use serde_json::json;

use paged::{Paged, get, show};
use support::{Dice, peak_kb, percentile, resident_kb, smoke};

const INCIDENTS: usize = 10_000;
/// Of these, the last ones are open.
const OPEN: usize = 100;
const CLIENTS: usize = 20;
/// How often the script of the page asks.
const POLLED_EVERY: Duration = Duration::from_secs(2);

fn main() {
    let incidents = if smoke() { 300 } else { INCIDENTS };
    let rounds = if smoke() { 1 } else { 20 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let prints = fill(&folder.path().join("state"), incidents);
    let mut paged = Paged::start(folder.path());
    let address = paged.address.clone();
    println!(
        "{incidents} incidents, {OPEN} of them open; resident {} kB",
        resident_kb(paged.agent.id())
    );

    let one = prints.last().expect("an incident");
    for path in [
        "/",
        &format!("/incidents/{one}"),
        "/history",
        "/history?q=finance",
        "/history?q=nothing+has+this",
        "/silences",
        "/deliveries",
        "/status",
        "/api/incidents",
        "/api/incidents?all",
        &format!("/api/incidents/{one}"),
        "/api/silences",
        "/api/deliveries",
        "/healthz",
        "/metrics",
    ] {
        let (alone, answer) = get(&address, path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        show(&format!("{path} ({} kB)", answer.len() / 1024), &mut asked(&address, path, rounds));
        println!("{:44} alone {:.2} ms", "", alone.as_secs_f64() * 1e3);
    }
    let kilobytes = resident_kb(paged.agent.id());
    println!("resident {kilobytes} kB, at most {} kB so far", peak_kb(paged.agent.id()));
    delays(&mut paged);
}

/// The time of each answer with twenty clients, each of which asks again when it has its answer.
fn asked(address: &str, path: &str, rounds: usize) -> Vec<Duration> {
    std::thread::scope(|scope| {
        let ask = || (0..rounds).map(|_| get(address, path).0).collect::<Vec<_>>();
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client ends")).collect()
    })
}

/// From a line to its POST, in turns with and without browsers: what else runs here affects both alike.
fn delays(paged: &mut Paged) {
    let (turns, lines) = if smoke() { (1, 5) } else { (4, 50) };
    let (mut quiet, mut polled) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        quiet.extend(paged.latencies(lines));
        let stop = Arc::new(AtomicBool::new(false));
        let browsers: Vec<_> = (0..CLIENTS).map(|n| browser(&paged.address, n, &stop)).collect();
        polled.extend(paged.latencies(lines));
        stop.store(true, Ordering::Relaxed);
        for browser in browsers {
            browser.join().expect("a browser ends");
        }
    }
    show("line to POST, nobody asks", &mut quiet);
    show("line to POST, 20 browsers poll", &mut polled);
    let ratio =
        |share| percentile(&polled, share).as_secs_f64() / percentile(&quiet, share).as_secs_f64();
    println!("ratio of the medians {:.2}, of the p99 {:.2}", ratio(0.5), ratio(0.99));
}

/// A browser that shows the open incidents, out of step with the others.
fn browser(address: &str, n: usize, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let (stop, address) = (Arc::clone(stop), address.to_owned());
    let tick = POLLED_EVERY / CLIENTS as u32;
    std::thread::spawn(move || {
        let mut due = n;
        while !stop.load(Ordering::Relaxed) {
            if due == 0 {
                get(&address, "/");
                due = CLIENTS;
            }
            due -= 1;
            std::thread::sleep(tick);
        }
    })
}

/// Stores incidents of a month with their history and their cards; returns their fingerprints.
fn fill(state: &Path, n: usize) -> Vec<String> {
    let now = clock::now();
    let (mut store, _) = Store::open(state, now).expect("a state");
    let mut dice = Dice(7);
    let prints: Vec<String> = (0..n).map(|_| format!("{:016x}", dice.roll())).collect();
    for (part, prints) in prints.chunks(500).enumerate() {
        let mut commit = Commit::default();
        for (at, print) in prints.iter().enumerate() {
            let nth = part * 500 + at;
            let minutes = i64::try_from((n - nth) * 4).expect("a month");
            let since = now - SignedDuration::from_mins(minutes);
            let ended = (nth + OPEN < n).then(|| since + SignedDuration::from_mins(3));
            commit.incidents.push(incident(print, nth, since, ended));
            commit.history.extend(history(print, nth, since, ended));
            commit.deliveries.push(delivery(print, nth, since));
        }
        store.commit(now, &commit).expect("a commit");
    }
    drop(store);
    // Each would be two transactions.
    let sent = "UPDATE delivery SET state = 'delivered', settled = created, receipt = 'run'";
    let state = Connection::open(state.join(FILE_NAME)).expect("the state");
    state.execute(sent, []).expect("deliveries");
    prints
}

fn app(nth: usize) -> String {
    format!("{} {}", ["Finance Ledger", "Sales Dashboard", "Stock Levels"][nth % 3], nth % 500)
}

fn incident(print: &str, nth: usize, since: Timestamp, ended: Option<Timestamp>) -> IncidentRow {
    let app = app(nth);
    let state = if ended.is_some() { State::Recovered } else { State::Open };
    let overview = Overview {
        fingerprint: Fingerprint::from(print),
        kind: Kind::ReloadFailed,
        severity: Severity::Error,
        title: format!("Reload failed: {app}: Field 'PostingDte' not found"),
        error: Some("Field 'PostingDte' not found".to_owned()),
        error_class: Some("field-not-found".to_owned()),
        task: Some(format!("Reload {app}")),
        app: Some(app),
        app_id: Some("8f6d1c52-3b0e-4c1b-8a57-2d9e7b1c4a90".into()),
        task_id: Some("5c0e9f0a-6a64-4a7e-9d4d-0b8a3a1f2c11".into()),
        node: Some("bench-node".to_owned()),
        environment: Some("prod".to_owned()),
        source: Source::Log,
        since,
        last: since,
        count: 1,
        held_back: 0,
        state,
        ends: Ends::Observed,
        acknowledged: None,
        silenced_by: None,
        inhibited_by: None,
        channels: vec!["default".to_owned()],
        last_success: None,
        ended,
    };
    IncidentRow {
        fingerprint: print.into(),
        state: state.name(),
        last: since,
        ended,
        json: serde_json::to_string(&overview).expect("an incident is text"),
    }
}

fn history(
    print: &str,
    nth: usize,
    since: Timestamp,
    ended: Option<Timestamp>,
) -> Vec<HistoryEntry> {
    let summary = format!("Reload failed: {}: Field 'PostingDte' not found", app(nth));
    let entry = |what, reason: Option<Suppression>, at| HistoryEntry {
        reason: reason.map(HistoryReason::Suppression),
        kind: Some(Kind::ReloadFailed),
        fingerprint: Some(Fingerprint::from(print)),
        error_class: Some("field-not-found".to_owned()),
        ..HistoryEntry::new(at, what, summary.clone())
    };
    let mut all = vec![
        entry(HistoryType::Suppressed, Some(Suppression::Attempt), since),
        entry(HistoryType::Suppressed, Some(Suppression::SameRun), since),
        entry(HistoryType::Opened, None, since),
    ];
    all.extend(ended.map(|at| entry(HistoryType::Recovered, None, at)));
    all
}

fn delivery(print: &str, nth: usize, at: Timestamp) -> Delivery {
    let text = |text: String| json!({ "type": "TextBlock", "text": text, "wrap": true });
    let lines = "2026-11-23 06:13:52 0042 LOAD OrderId, PostingDte FROM orders\n".repeat(20);
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": [
        text(format!("Reload failed: {}", app(nth))),
        text("Field 'PostingDte' not found".to_owned()),
        { "type": "FactSet", "facts": [{ "title": "App", "value": app(nth) }] },
        { "type": "CodeBlock", "codeSnippet": lines, "language": "Sql" },
    ] });
    Delivery {
        id: DeliveryId::from(format!("{print}-1")),
        notice_id: NoticeId::from(format!("{print}-1")),
        channel: "default".to_owned(),
        severity: Severity::Error,
        fingerprint: Some(print.into()),
        reason: Reason::Opened,
        form: Form::Card,
        summary: format!("Reload failed: {}", app(nth)),
        payload: card.to_string(),
        plain: card.to_string(),
        created: at,
        attention: Attention::Normal,
        possible_repeat: false,
        about: About::default(),
    }
}
