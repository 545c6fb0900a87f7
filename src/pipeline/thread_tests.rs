//! What the threads of an incident get, and no other channel.

use jiff::SignedDuration;

use super::*;
use crate::command::{Action, Command, CommandOrigin};
use crate::commit::{Attention, StoredRows};
use crate::config::{ChannelKind, Config, Language, Written};
use crate::detection::{Lately, Role};
use crate::pipeline::mention_tests::{row, row_with};
use crate::render::ChannelForm;

const ROUTES: &str = "[channel.ops]\n[[route]]\nchannel = ['default', 'ops']\n";

fn at(minutes: i64) -> Timestamp {
    let monday: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    monday + SignedDuration::from_mins(minutes)
}

/// `default` is a webhook of a template, `ops` keeps threads.
fn decider(ops: ChannelKind) -> Decider {
    let written = Written::new("footman.toml", ROUTES);
    let config = Config::parse(&written).0;
    let Pipeline { mut decider, .. } = super::tests::pipeline(&StoredRows::default());
    decider.router = Router::compile(&written, &config.route).0;
    let kinds = [("default", ChannelKind::Teams), ("ops", ops)];
    let form = |kind| ChannelForm { kind, language: Language::default(), waits: false };
    decider.channels = kinds.map(|(name, kind)| (name.to_owned(), form(kind))).into();
    decider
}

/// `REASON CHANNEL` of each delivery, and whether it calls for attention.
fn sent(deliveries: &[Delivery]) -> Vec<String> {
    let one = |it: &Delivery| {
        let calls = if it.attention == Attention::Quiet { ", quietly" } else { "" };
        format!("{} {}{calls}", it.reason.name(), it.channel)
    };
    deliveries.iter().map(one).collect()
}

fn happen(decider: &mut Decider, now: Timestamp, detection: Detection) -> Vec<Delivery> {
    let (commit, _) = decider.decide(now, vec![detection].into(), Vec::new());
    let settled = now + SignedDuration::from_mins(1);
    let (later, _) = decider.decide(settled, Findings::default(), Vec::new());
    commit.and(later).deliveries
}

fn command(decider: &mut Decider, now: Timestamp, action: Action, print: &str) -> Vec<Delivery> {
    let id = format!("{now}").into();
    let by = "Anna Berg".to_owned();
    let command = Command { id, at: now, by, origin: CommandOrigin::Page, action };
    let command = ResolvedCommand { command, matches: vec![print.into()] };
    let (commit, _) = decider.decide(now, Findings::default(), vec![command]);
    assert_eq!(commit.commands.len(), 1);
    commit.deliveries
}

#[test]
fn what_people_do_is_posted_in_threads_only() {
    for kind in [ChannelKind::Flow, ChannelKind::Teams] {
        let mut decider = decider(kind);
        let opened = happen(&mut decider, at(0), row(at(0), Role::Verdict, None));
        assert_eq!(sent(&opened), ["opened default", "opened ops"]);
        let incident = opened[0].fingerprint.clone().unwrap().to_string();
        let take =
            Action::Acknowledge { incident: incident.clone(), note: None, is_undoable: false };
        let taken = command(&mut decider, at(5), take, &incident);
        let note = Action::Note { incident: incident.clone(), text: "renamed".to_owned() };
        let noted = command(&mut decider, at(6), note, &incident);
        let give = Action::Unacknowledge { incident: incident.clone(), is_undo: false };
        let given = command(&mut decider, at(7), give, &incident);
        if kind == ChannelKind::Teams {
            assert_eq!([taken, noted, given].concat(), []);
            continue;
        }
        assert_eq!(sent(&taken), ["acknowledged ops"]);
        assert!(
            taken[0].summary.starts_with("Anna Berg takes care of it: "),
            "{}",
            taken[0].summary
        );
        assert!(taken[0].payload.contains("acknowledged"));
        assert_eq!(sent(&noted), ["opened ops, quietly"]);
        assert!(noted[0].payload.contains("renamed"));
        assert_eq!(sent(&given), ["opened ops, quietly"]);
        let all = [opened, taken, noted, given].concat();
        let ids: std::collections::BTreeSet<_> = all.iter().map(|it| it.id.clone()).collect();
        assert_eq!(ids.len(), all.len(), "each is a delivery of its own");
    }
}

/// Two errors of one task are two incidents, and one success ends both.
#[test]
fn the_root_of_each_incident_that_ends_shows_it() {
    let mut decider = decider(ChannelKind::Flow);
    let one = happen(&mut decider, at(0), row_with(at(0), "Field A not found"));
    let two = happen(&mut decider, at(10), row_with(at(10), "Disk is full"));
    assert_eq!([one.len(), two.len()], [2, 2]);
    assert_ne!(one[0].fingerprint, two[0].fingerprint);
    let over = happen(&mut decider, at(20), row(at(20), Role::Success, None));
    assert_eq!(sent(&over), ["recovered default", "recovered ops", "recovered ops, quietly"]);
    let of: Vec<_> = over.iter().map(|it| &it.fingerprint).collect();
    assert_eq!(of, [&two[0].fingerprint, &two[0].fingerprint, &one[0].fingerprint]);
}

/// Each of them has an id of its own, also if it failed more than once.
#[test]
fn the_ends_of_incidents_that_failed_repeatedly_are_deliveries_of_their_own() {
    let mut decider = decider(ChannelKind::Flow);
    let errors = ["Field A not found", "Disk is full", "Out of memory"];
    for (n, error) in (0..).zip(errors.iter().cycle().take(9)) {
        happen(&mut decider, at(n * 2), row_with(at(n * 2), error));
    }
    let over = happen(&mut decider, at(40), row(at(40), Role::Success, None));
    let quiet = over.iter().filter(|it| it.attention == Attention::Quiet);
    assert_eq!(quiet.count(), 2, "{:?}", sent(&over));
    for delivery in &over {
        let incident = delivery.fingerprint.as_ref().unwrap().as_str();
        assert!(delivery.id.starts_with(incident), "{:?}", delivery.id);
    }
    let ids: std::collections::BTreeSet<_> = over.iter().map(|it| it.id.clone()).collect();
    assert_eq!(ids.len(), over.len());
}

#[test]
fn a_sign_of_life_is_in_no_thread() {
    let decider = decider(ChannelKind::Flow);
    let lately = Lately { since: at(-60), reloads: 1, incidents: 0, cards: 0 };
    let alive = Detection::of_alive(at(0), "n", lately);
    let commit = decider.heartbeat(at(0), &alive, &["ops".to_owned()]);
    assert_eq!(commit.deliveries[0].fingerprint, None);
}
