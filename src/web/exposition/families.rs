//! Pure. Every metric: its name, its help, and where its values come from.

mod tenants;

use std::collections::BTreeMap;

use crate::agent::reload_note::{ReloadNote, Reloadable};
use crate::clock::Timestamp;
use crate::commit::Reason;
use crate::detection::Kind;
use crate::incident::{State, Suppression};
use crate::metrics::{Counter, CounterSet, Single};
use crate::outbox::DeliveryResult;
use crate::tail::FileProblemReason;
use crate::web::Snapshot;
use crate::web::exposition::Exposed;
use crate::web::exposition::metric::{Metric, MetricLabels};

/// The counters of a closed set: name and help, label, the members' prefix in the state, and
/// the members, which are exposed before they are first counted.
struct OfSet {
    name: &'static str,
    help: &'static str,
    label: &'static str,
    counted: CounterSet,
    members: Vec<&'static str>,
}

pub(crate) fn all(exposed: &Exposed<'_>) -> Vec<Metric> {
    let version = labels("version", env!("CARGO_PKG_VERSION"));
    let mut metrics = vec![Metric::build("footman_build", "The version that runs", version)];
    of_pulse(&mut metrics, exposed);
    metrics.push(Metric::gauge(
        "footman_state_readable",
        "Whether the state file could be read for this answer; if not, counters are missing",
        f64::from(u8::from(exposed.snapshot.is_some())),
    ));
    metrics.extend(tenants::all(&exposed.pulse.figures().tenants));
    if let Some(snapshot) = exposed.snapshot {
        of_state(&mut metrics, exposed, snapshot);
    }
    let process = exposed.process.iter();
    metrics.extend(process.map(|&(name, help, value)| Metric::gauge(name, help, value)));
    metrics
}

fn of_pulse(metrics: &mut Vec<Metric>, Exposed { now, pulse, .. }: &Exposed<'_>) {
    let since = |at: Timestamp| now.duration_since(at).as_secs_f64().max(0.0);
    let works = pulse.works(*now).parts();
    metrics.push(Metric::gauges(
        "footman_works",
        "Whether reading, committing and delivering advance: what /healthz reports",
        works.map(|(part, works)| (labels("part", part), f64::from(u8::from(works)))),
    ));
    metrics.push(Metric::gauge(
        "footman_last_commit_timestamp_seconds",
        "When the state was last written; at least every 30 seconds",
        pulse.committed().map_or(0.0, seconds),
    ));
    metrics.push(Metric::gauge(
        "footman_reading_lag_seconds",
        "How long ago everything written until then had been read",
        pulse.read_until().map_or(0.0, since),
    ));
    let unread = pulse.unread_bytes();
    metrics.push(Metric::gauge(
        "footman_unread_bytes",
        "Bytes of logs known to be unread",
        float(unread),
    ));
    let n_files = float(pulse.n_files());
    metrics.push(Metric::gauge("footman_followed_files", "Log files that are followed", n_files));
    let figures = pulse.figures().clone();
    metrics.push(Metric::gauges(
        "footman_deliveries_pending",
        "Cards that wait or are in flight",
        figures.waiting.iter().map(|(name, it)| (labels("channel", name), float(it.n as u64))),
    ));
    metrics.push(Metric::gauges(
        "footman_deliveries_pending_age_seconds",
        "Age of the oldest card that waits or is in flight; 0 if there is none",
        figures
            .waiting
            .iter()
            .map(|(name, it)| (labels("channel", name), it.oldest.map_or(0.0, since))),
    ));
}

fn of_state(metrics: &mut Vec<Metric>, exposed: &Exposed<'_>, snapshot: &Snapshot) {
    let counters = &snapshot.counters;
    for set in sets() {
        let members = set.members.iter().map(|member| ((*member).to_owned(), 0));
        let mut all: BTreeMap<String, u64> = members.collect();
        all.extend(counters.of(set.counted).map(|(name, n)| (name.to_owned(), n)));
        let all = all.into_iter().map(|(member, n)| (labels(set.label, &member), n));
        metrics.push(Metric::counters(set.name, set.help, all));
    }
    let single = |counter| [(MetricLabels::new(), counters.n(counter))];
    let help = "Bytes of logs that were read";
    metrics.push(Metric::counters("footman_read_bytes", help, single(Single::BytesRead)));
    let help = "Cards that deviate from their template";
    metrics.push(Metric::counters("footman_card_problems", help, single(Single::CardProblems)));
    let (name, help) = ("footman_thread_replies_given_up", "Replies in threads that were given up");
    metrics.push(Metric::counters(name, help, single(Single::RepliesGivenUp)));
    let (name, help) =
        ("footman_thread_replies_withdrawn", "Replies in threads of incidents that were over");
    metrics.push(Metric::counters(name, help, single(Single::RepliesWithdrawn)));
    metrics.push(Metric::gauges(
        "footman_incidents",
        "Incidents by state; recovered ones as long as they are kept",
        State::ALL.map(|state| {
            let n = snapshot.incidents.get(&state).copied().unwrap_or_default();
            (labels("state", state.name()), float(n))
        }),
    ));
    deliveries(metrics, exposed, snapshot);
    let is_in_force = |files| f64::from(u8::from(ReloadNote::is_in_force(&snapshot.notes, files)));
    metrics.push(Metric::gauges(
        "footman_config_last_reload_successful",
        "Whether the changed files are in force; 0 if they have problems and the earlier ones are",
        Reloadable::ALL.map(|files| (labels("files", files.label()), is_in_force(files))),
    ));
}

fn deliveries(metrics: &mut Vec<Metric>, exposed: &Exposed<'_>, snapshot: &Snapshot) {
    let channels: Vec<String> = exposed.pulse.figures().waiting.keys().cloned().collect();
    let of = |result: &str, channel: &str| {
        vec![("channel", channel.to_owned()), ("result", result.to_owned())]
    };
    let named = channels
        .iter()
        .flat_map(|name| DeliveryResult::ALL.map(|result| (of(result.name(), name), 0)));
    let mut results: BTreeMap<MetricLabels, u64> = named.collect();
    results.extend(snapshot.counters.iter().filter_map(|(counter, n)| match counter {
        Counter::OfChannel { result, channel } => Some((of(result, channel), n)),
        _ => None,
    }));
    let help = "Results of attempts to deliver a card; folded is accepted as a part of a digest";
    metrics.push(Metric::counters("footman_deliveries", help, results));
    let none = channels.into_iter().map(|name| (name, 0));
    let dead: BTreeMap<String, u64> = none.chain(snapshot.dead.clone()).collect();
    metrics.push(Metric::gauges(
        "footman_deliveries_dead",
        "Cards that their channel refused for good and that are kept",
        dead.iter().map(|(name, n)| (labels("channel", name), float(*n))),
    ));
}

fn sets() -> [OfSet; 5] {
    [
        OfSet {
            name: "footman_detections",
            help: "Problems, successes and starts that were recognized",
            label: "kind",
            counted: CounterSet::Kinds,
            members: Kind::ALL.map(Kind::name).to_vec(),
        },
        OfSet {
            name: "footman_suppressed",
            help: "Detections that were held back, by reason",
            label: "reason",
            counted: CounterSet::Suppressions,
            members: Suppression::ALL.map(Suppression::name).to_vec(),
        },
        OfSet {
            name: "footman_notices",
            help: "Decisions to notify: opened, repeated, escalated, acknowledged or recovered",
            label: "reason",
            counted: CounterSet::Notices,
            members: Reason::ALL.map(Reason::name).to_vec(),
        },
        OfSet {
            name: "footman_file_problems",
            help: "Files and folders that could not be read as they should be",
            label: "reason",
            counted: CounterSet::FileProblems,
            members: FileProblemReason::ALL.map(FileProblemReason::name).to_vec(),
        },
        OfSet {
            name: "footman_agent_problems",
            help: "Problems of the agent itself, such as changed files with mistakes",
            label: "problem",
            counted: CounterSet::AgentProblems,
            // Each names a problem that may never be; it appears with the first.
            members: Vec::new(),
        },
    ]
}

pub(crate) fn labels(name: &'static str, value: &str) -> MetricLabels {
    vec![(name, value.to_owned())]
}

pub(crate) fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "figures below 2^53 are exact")]
pub(crate) fn float(n: u64) -> f64 {
    n as f64
}
