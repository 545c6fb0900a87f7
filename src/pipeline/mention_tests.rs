//! Whom cards mention, from the detection to the delivery.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;

use super::*;
use crate::command::{Action, Command, CommandOrigin, NewSilence};
use crate::commit::{Attention, Reason, RowKey, StoredRows, TableName};
use crate::config::{ChannelKind, Config, Language, Mention, Written};
use crate::detection::{
    AgentPart, AgentProblem, Detection, Facts, Kind, Origin, Role, Rule, Severity, Terms, Words,
};
use crate::incident::{IncidentBook, Policy};
use crate::qlik::stamp::Stamp;
use crate::render::ChannelForm;
use crate::route::{Matchers, Router};

const ROUTES: &str = "\
[channel.ops]
[[route]]
channel = ['default', 'ops']
mention = 'Anna <anna.berg@example.com>'
continue = true

[[route]]
match = { app = '*' }
channel = 'ops'
mention = ['bo@example.com', 'anna.berg@example.com']
[[route.route]]
when = 'Sun'
mention = []
";

/// 2026-11-23 was a Monday.
fn at(hours: i64) -> Timestamp {
    let monday: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    monday + SignedDuration::from_hours(hours)
}

fn decider() -> Decider {
    let written = Written::new("footman.toml", ROUTES);
    let (config, problems) = Config::parse(&written);
    assert_eq!(problems, []);
    let Pipeline { mut decider, .. } = super::tests::pipeline(&StoredRows::default());
    decider.router = Router::compile(&written, &config.route).0;
    decider
}

/// A row of the task in this role, with a secret in its message.
pub(crate) fn row(now: Timestamp, role: Role, channel: Option<&str>) -> Detection {
    row_of(now, role, channel, "password=hunter2hunter2")
}

/// A failed row of the task with this message.
pub(crate) fn row_with(now: Timestamp, message: &str) -> Detection {
    row_of(now, Role::Verdict, None, message)
}

fn row_of(now: Timestamp, role: Role, channel: Option<&str>, message: &str) -> Detection {
    let kind = if role == Role::Success { Kind::ReloadRecovered } else { Kind::ReloadFailed };
    let terms = Terms { channel: channel.map(str::to_owned), ..Terms::default() };
    let from = Rule {
        pattern: "reload".into(),
        kind,
        role,
        severity: Severity::Error,
        words: Arc::new(Words { title: "Reload failed".to_owned(), ..Words::default() }),
        terms: Arc::new(terms),
    };
    let facts = Facts {
        task_id: Some("7f1c2e9a-0000-4000-8000-000000000001".into()),
        app_name: Some("Sales".into()),
        message: Some(message.into()),
        ..Facts::default()
    };
    let origin = Origin::Log { log: "".into(), path: "".into(), offset: 0 };
    Detection::of_log(from, origin, Some(Stamp { at: now, or: None }), (None, None), facts)
}

/// `REASON CHANNEL: IDS` of each delivery of a row, after its run has settled.
fn deliveries(decider: &mut Decider, now: Timestamp, detection: Detection) -> Vec<Delivery> {
    let (commit, _) = decider.decide(now, vec![detection].into(), Vec::new());
    let settled = now + SignedDuration::from_mins(1);
    let (later, _) = decider.decide(settled, Findings::default(), Vec::new());
    for entry in commit.history.iter().chain(&later.history) {
        assert!(!entry.summary.contains("@example"), "{}", entry.summary);
    }
    commit.and(later).deliveries
}

fn who(card: &str) -> Vec<String> {
    let card: Value = serde_json::from_str(card).unwrap();
    let entities = card["msteams"]["entities"].as_array().cloned().unwrap_or_default();
    entities.iter().map(|one| one["mentioned"]["id"].as_str().unwrap().to_owned()).collect()
}

fn shown(deliveries: &[Delivery]) -> Vec<String> {
    let one = |delivery: &Delivery| {
        assert_eq!(who(&delivery.payload), who(&delivery.plain), "the plain card calls the same");
        assert!(!delivery.payload.contains("hunter2") && !delivery.plain.contains("hunter2"));
        assert!(!delivery.summary.contains("@example"), "{}", delivery.summary);
        let who = who(&delivery.payload).join(" ");
        format!("{} {}: {who}", delivery.reason.name(), delivery.channel)
    };
    deliveries.iter().map(one).collect()
}

#[test]
fn the_first_card_of_an_incident_mentions_people_and_later_ones_do_not() {
    let mut decider = decider();
    let opened = deliveries(&mut decider, at(0), row(at(0), Role::Verdict, None));
    let both = "anna.berg@example.com bo@example.com";
    let expected =
        ["opened default: anna.berg@example.com".to_owned(), format!("opened ops: {both}")];
    assert_eq!(shown(&opened), expected);
    let repeated = deliveries(&mut decider, at(5), row(at(5), Role::Verdict, None));
    assert_eq!(shown(&repeated), ["repeated default: ", "repeated ops: "]);
    let recovered = deliveries(&mut decider, at(6), row(at(6), Role::Success, None));
    assert_eq!(shown(&recovered), ["recovered default: ", "recovered ops: "]);
    // An incident of its own again.
    let opened = deliveries(&mut decider, at(7), row(at(7), Role::Verdict, None));
    assert_eq!(shown(&opened), expected);
}

#[test]
fn the_hour_at_which_a_card_is_made_decides_whom_it_mentions() {
    let sunday = at(6 * 24);
    let opened = deliveries(&mut decider(), sunday, row(sunday, Role::Verdict, None));
    assert_eq!(
        shown(&opened),
        ["opened default: anna.berg@example.com", "opened ops: anna.berg@example.com"]
    );
}

#[test]
fn a_card_of_a_pattern_with_its_own_channel_mentions_nobody() {
    let opened = deliveries(&mut decider(), at(0), row(at(0), Role::Verdict, Some("ops")));
    assert_eq!(shown(&opened), ["opened ops: "]);
    assert_eq!(opened[0].reason, Reason::Opened);
}

/// The channels of the report that `channel` takes no cards.
fn reported_to(channel: &str, channels: &[&str], routes: &str) -> Vec<String> {
    reporting(channel, channels, routes).1
}

/// The same, and what goes on from there.
fn reporting(channel: &str, channels: &[&str], routes: &str) -> (Decider, Vec<String>) {
    let written = Written::new("footman.toml", routes);
    let mut decider = decider();
    decider.router = Router::compile(&written, &Config::parse(&written).0.route).0;
    let kinds = channels.iter().map(|name| {
        let is_local = name.starts_with("local");
        let kind = if is_local { ChannelKind::Local } else { ChannelKind::Teams };
        ((*name).to_owned(), ChannelForm { kind, language: Language::default(), waits: false })
    });
    decider.channels = kinds.collect();
    let problem = AgentProblem::ChannelUnavailable { channel: channel.to_owned(), since: at(0) };
    let detection = Detection::of_agent(at(1), "node1", problem);
    let (commit, _) = decider.decide(at(1), vec![detection].into(), Vec::new());
    assert_eq!(commit.history.len(), 1, "it is in the history in any case");
    let is_of = |it: &Delivery| it.about.unavailable.as_deref() == Some(channel);
    assert!(commit.deliveries.iter().all(is_of), "the outbox knows it, too");
    (decider, commit.deliveries.into_iter().map(|delivery| delivery.channel).collect())
}

#[test]
fn a_problem_of_a_channel_is_never_reported_through_that_channel() {
    let to_ops = "[channel.ops]\n[channel.sales]\n[[route]]\nchannel = 'ops'\n";
    let to_both = "[channel.ops]\n[channel.sales]\n[[route]]\nchannel = ['ops', 'sales']\n";
    assert_eq!(reported_to("ops", &["default", "ops", "sales"], to_ops), ["default"]);
    assert_eq!(reported_to("sales", &["default", "ops", "sales"], to_ops), ["ops"]);
    assert_eq!(reported_to("ops", &["default", "ops", "sales"], to_both), ["sales"]);
    assert_eq!(reported_to("default", &["default", "local1", "ops"], ""), ["ops"]);
    assert_eq!(reported_to("default", &["default", "local1"], ""), ["local1"]);
    assert_eq!(reported_to("default", &["default"], ""), Vec::<String>::new());
}

#[test]
fn a_channel_that_accepts_a_card_ends_its_report_and_is_reported_anew() {
    let (mut decider, to) = reporting("default", &["default", "ops"], "");
    assert_eq!(to, ["ops"]);
    let step = |decider: &mut Decider, hours, found| {
        let (commit, _) = decider.decide(at(hours), vec![found].into(), Vec::new());
        let sent = commit.deliveries.into_iter();
        sent.map(|it| format!("{} {}", it.reason.name(), it.channel)).collect::<Vec<_>>()
    };
    let accepts =
        |name: &str| Detection::of_agent_well(at(2), "node1", AgentPart::Channel(name.to_owned()));
    assert!(decider.book.recovering(&[accepts("ops")]).is_empty(), "it was never reported");
    assert_eq!(step(&mut decider, 2, accepts("default")), ["recovered ops"]);
    assert!(decider.book.recovering(&[accepts("default")]).is_empty(), "it is over");
    let channel = "default".to_owned();
    let again = AgentProblem::ChannelUnavailable { channel, since: at(3) };
    assert_eq!(step(&mut decider, 4, Detection::of_agent(at(4), "node1", again)), ["opened ops"]);
}

#[test]
fn a_reader_that_goes_on_ends_its_report_and_no_other() {
    let mut decider = decider();
    let mut step = |hours, found| {
        let (commit, _) = decider.decide(at(hours), vec![found].into(), Vec::new());
        let sent = commit.deliveries.into_iter().filter(|it| it.channel == "default");
        sent.map(|it| it.reason.name()).collect::<Vec<_>>()
    };
    let stuck = |hours| Detection::of_agent(at(hours), "node1", AgentProblem::ReadingStuck);
    let well = |hours| Detection::of_agent_well(at(hours), "node1", AgentPart::Reading);
    let put_back = Detection::of_agent(at(0), "node1", AgentProblem::StatePutBack);
    assert_eq!(step(0, put_back), ["opened"]);
    assert_eq!(step(0, stuck(0)), ["opened"]);
    assert_eq!(step(1, well(1)), ["recovered"]);
    assert_eq!(step(2, stuck(2)), ["opened"], "also within the repeat interval");
}

#[test]
fn an_open_report_of_an_earlier_version_ends_too() {
    let problem = AgentProblem::ChannelUnavailable { channel: "ops".to_owned(), since: at(0) };
    let found = vec![Detection::of_agent(at(1), "node1", problem)];
    let (commit, _) = decider().decide(at(1), found.into(), Vec::new());
    let mut rows = StoredRows::default();
    rows.apply(commit.rows);
    let (_, json) = rows.of(TableName::Incidents).next().unwrap();
    let now = r#""subject":{"agent-part":{"host":"node1","part":{"channel":"ops"}}}"#;
    assert!(json.contains(now), "{json}");
    let earlier = json.replace(now, r#""subject":{"agent":{"host":"node1"}}"#);
    let (settle, repeat) = (SignedDuration::from_secs(10), SignedDuration::from_hours(4));
    let policy = Policy { environment: None, settle, repeat };
    let key = RowKey::new(TableName::Incidents, "0123456789abcdef");
    let book = IncidentBook::restore(policy, &[(key, earlier)].into_iter().collect());
    let ops = AgentPart::Channel("ops".to_owned());
    assert_eq!(book.reported_parts("node1").collect::<Vec<_>>(), [&ops]);
    let accepts = Detection::of_agent_well(at(2), "node1", ops.clone());
    assert_eq!(book.recovering(&[accepts]).len(), 1);
}

#[test]
fn a_problem_of_a_channel_is_escalated_through_another() {
    let to_ops = "[channel.ops]\n[channel.sales]\n[[route]]\nchannel = 'sales'\n";
    let (mut decider, to) = reporting("ops", &["default", "ops", "sales"], to_ops);
    assert_eq!(to, ["sales"]);
    let rule = EscalationRule {
        matchers: Matchers::default(),
        after: SignedDuration::from_mins(10),
        channel: "ops".to_owned(),
        mentions: vec![Mention { id: "anna@example.com".to_owned(), name: "Anna".to_owned() }],
    };
    decider.set_escalations(vec![rule]);
    let (commit, _) = decider.decide(at(2), Findings::default(), Vec::new());
    let to = commit.deliveries.iter().map(|it| (it.reason, &*it.channel)).collect::<Vec<_>>();
    assert_eq!(to, [(Reason::Escalated, "default")]);
    assert_eq!(commit.deliveries[0].attention, Attention::Insistent);
    assert!(commit.deliveries[0].payload.contains("anna@example.com"), "whom it calls");
}

/// So that it can be kept from leaving through that channel, wherever it waits.
#[test]
fn after_a_silence_the_problem_of_a_channel_is_on_a_card_of_its_own() {
    let mut decider = decider();
    let silence = NewSilence {
        matchers: [("kind".to_owned(), vec!["agent".to_owned()])].into(),
        incident: None,
        until: at(1) + SignedDuration::from_mins(2),
        reason: "move".to_owned(),
    };
    let command = Command {
        id: "1".into(),
        at: at(0),
        by: "Anna".to_owned(),
        origin: CommandOrigin::CommandLine,
        action: Action::SilenceAdd(silence),
    };
    let command = ResolvedCommand { command, matches: Vec::new() };
    drop(decider.decide(at(0), Findings::default(), vec![command]));
    let unavailable = AgentProblem::ChannelUnavailable { channel: "sales".into(), since: at(0) };
    let problems = [AgentProblem::ReadingStuck, AgentProblem::StateNotWritten, unavailable];
    let detections = problems.map(|problem| Detection::of_agent(at(1), "node1", problem));
    let (held, _) = decider.decide(at(1), Vec::from(detections).into(), Vec::new());
    assert_eq!(held.deliveries, []);
    let later = at(1) + SignedDuration::from_mins(3);
    let (commit, _) = decider.decide(later, Findings::default(), Vec::new());
    let of_default = commit.deliveries.iter().filter(|it| it.channel == "default");
    let mut reported: Vec<_> = of_default.map(|it| it.about.unavailable.as_deref()).collect();
    reported.sort_unstable();
    assert_eq!(reported, [None, Some("sales")]);
}
