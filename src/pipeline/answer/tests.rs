//! Stories in virtual time: rows, commands and clocks in, a transcript of notices out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::command::CommandOrigin;
use crate::commit::{Delivery, StoredRows};
use crate::config::{Language, MatchKey, Mention};
use crate::detection::Severity;
use crate::ids::{NoticeId, SilenceId};
use crate::incident::tests::{at, book, detection};
use crate::incident::{Overview, Reason, SilencedBy};
use crate::mute::{HeldByWindow, MaintenanceWindow, Mutes};
use crate::pipeline::{EscalationRule, Escalations, Findings};
use crate::render::{Renderer, Site};
use crate::route::{Matchers, Router};

mod acknowledged;
mod escalated;
mod flapping;
mod maintained;
mod random;
mod silenced;

/// What the configuration says.
#[derive(Clone, Debug, Default)]
struct World {
    /// `severity=error after=900 channel=boss mention=anna@example.com`
    escalations: Vec<&'static str>,
    /// `app=a when=Sun+02:00-06:00 zone=Europe/Berlin`
    windows: Vec<&'static str>,
    routes: &'static str,
}

fn words(text: &str) -> BTreeMap<String, String> {
    let pair = |word: &str| {
        let (key, value) = word.split_once('=').unwrap();
        (key.to_owned(), value.replace('+', " "))
    };
    text.split_whitespace().map(pair).collect()
}

/// The words that are matchers.
fn matchers(words: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let known = words.iter().filter(|(key, _)| MatchKey::of(key).is_some());
    known.map(|(key, value)| (key.clone(), value.split(',').map(str::to_owned).collect())).collect()
}

fn seconds(text: &str) -> SignedDuration {
    SignedDuration::from_secs_f64(text.parse().unwrap())
}

impl World {
    fn decider(&self, rows: &StoredRows) -> Decider {
        let rule = |text: &&str| {
            let words = words(text);
            EscalationRule {
                matchers: Matchers::compile(&matchers(&words)).unwrap(),
                after: seconds(&words["after"]),
                channel: words["channel"].clone(),
                mentions: words
                    .get("mention")
                    .map(|id| Mention::parse(id).unwrap())
                    .into_iter()
                    .collect(),
            }
        };
        let window = |(n, text): (usize, &&str)| {
            let words = words(text);
            MaintenanceWindow {
                name: words.get("name").cloned().unwrap_or_else(|| format!("window{n}")),
                when: words["when"].parse().unwrap(),
                timezone: TimeZone::get(words.get("zone").map_or("UTC", String::as_str)).unwrap(),
                matchers: Matchers::compile(&matchers(&words)).unwrap(),
                reason: "backup".to_owned(),
            }
        };
        let written = crate::config::Written::new("footman.toml", self.routes);
        let (config, problems) = crate::config::Config::parse(&written);
        assert!(problems.is_empty(), "{problems:?}");
        let mut decider = Decider {
            book: book(rows),
            mutes: Mutes::restore(self.windows.iter().enumerate().map(window).collect(), rows),
            escalations: Escalations::default(),
            router: Router::compile(&written, &config.route).0,
            // Without templates every card is the plain one, which is enough here.
            renderer: Renderer::compile(&[]).0,
            channels: BTreeMap::new(),
            site: Site {
                url: None,
                page: None,
                node: "n".to_owned(),
                scripts: None,
                timezone: TimeZone::UTC,
                language: Language::English,
                version: "0",
            },
            environment: None,
            doubted_until: None,
        };
        let rules = self.escalations.iter().map(rule).collect();
        decider.escalations.set(rules, &mut decider.book);
        decider
    }

    /// The transcript; it must be the same if the agent is killed at every step.
    fn play(&self, script: &str) -> String {
        let transcript = self.run(script, false);
        assert_eq!(self.run(script, true), transcript, "a restart changed the transcript");
        transcript
    }

    fn run(&self, script: &str, crashes: bool) -> String {
        let mut play = Play::new(self, crashes);
        for line in script.lines().map(str::trim) {
            let now = at(line.split_whitespace().next().unwrap().parse().unwrap());
            play.wait_until(now);
            play.line(now, line);
            play.crash();
        }
        play.wait_until(at(1_000_000.0));
        play.transcript
    }
}

/// A world in progress.
struct Play<'w> {
    world: &'w World,
    crashes: bool,
    rows: StoredRows,
    decider: Decider,
    /// What is shown of incidents, by fingerprint.
    shown: BTreeMap<String, Overview>,
    n_commands: u32,
    /// The ids of silences, in order.
    silences: Vec<SilenceId>,
    transcript: String,
    history: Vec<HistoryEntry>,
    /// When people were last notified of each incident.
    notified: BTreeMap<String, Timestamp>,
    /// Cards, each with what is shown of its incident at that time.
    cards: Vec<(String, Overview)>,
    now: Timestamp,
}

impl<'w> Play<'w> {
    fn new(world: &'w World, crashes: bool) -> Self {
        Self {
            world,
            crashes,
            rows: StoredRows::default(),
            decider: world.decider(&StoredRows::default()),
            shown: BTreeMap::new(),
            n_commands: 0,
            silences: Vec::new(),
            transcript: String::new(),
            history: Vec::new(),
            notified: BTreeMap::new(),
            cards: Vec::new(),
            now: at(0.0),
        }
    }

    /// `0 verdict app=a task=t`, `60 ack app=a by=Anna`, `60 silence app=a for=3600`.
    fn line(&mut self, now: Timestamp, line: &str) {
        self.now = now;
        let mut parts = line.split_whitespace().skip(1);
        let what = parts.next().unwrap();
        let words = words(&parts.collect::<Vec<_>>().join(" "));
        let text = |key: &str| words.get(key).cloned();
        let incident = || self.fingerprint(&words);
        let is_undoable = words.contains_key("link");
        let action = match what {
            "ack" => Action::Acknowledge { incident: incident(), note: text("note"), is_undoable },
            "unack" => Action::Unacknowledge { incident: incident(), is_undo: is_undoable },
            "note" => Action::Note { incident: incident(), text: text("text").unwrap() },
            "silence" => Action::SilenceAdd(NewSilence {
                matchers: matchers(&words),
                incident: text("of").map(|_| incident()),
                until: now + seconds(&words["for"]),
                reason: text("reason").unwrap_or_else(|| "known".to_owned()),
            }),
            "expire" => {
                let number: usize = text("n").map_or(0, |n| n.parse().unwrap());
                Action::SilenceExpire { silence: self.silences[number].to_string() }
            }
            "states" => return self.states(),
            _ => return self.row(line, what, &words),
        };
        self.n_commands += 1;
        let by = text("by").unwrap_or_else(|| "Anna".to_owned());
        let id = format!("command{}", self.n_commands).into();
        let origin = CommandOrigin::CommandLine;
        let command = Command { id, at: now, by, origin, action };
        self.command(command, what);
    }

    fn row(&mut self, line: &str, what: &str, words: &BTreeMap<String, String>) {
        let own = ["severity", "kind"].map(|key| format!(" {key}="));
        let known = line
            .split_whitespace()
            .filter(|word| !own.iter().any(|own| word.starts_with(own.trim_start())));
        let (_, mut found) = detection(&known.collect::<Vec<_>>().join(" "));
        if let Some(severity) = words.get("severity") {
            found.severity = Severity::ALL.into_iter().find(|one| one.name() == severity).unwrap();
        }
        if what == "denied" {
            found.kind = Kind::Security;
        }
        let (commit, _) = self.decider.decide(self.now, vec![found].into(), Vec::new());
        self.note(commit);
    }

    fn command(&mut self, command: Command, what: &str) {
        let named = match &command.action {
            Action::Acknowledge { incident, .. }
            | Action::Unacknowledge { incident, .. }
            | Action::Note { incident, .. } => incident.clone(),
            Action::SilenceAdd(wanted) => wanted.incident.clone().unwrap_or_default(),
            _ => String::new(),
        };
        let matches = self.shown.keys().filter(|print| print.starts_with(&named));
        let matches: Vec<_> = matches.map(|print| Fingerprint::from(print.as_str())).collect();
        let command = ResolvedCommand { command, matches };
        let (commit, _) = self.decider.decide(self.now, Findings::default(), vec![command]);
        let outcome = match &commit.commands[0].result {
            CommandResult::Applied(applied) => {
                if let Applied::Silence(id) = applied
                    && !self.silences.contains(id)
                {
                    self.silences.push(id.clone());
                }
                "applied".to_owned()
            }
            CommandResult::Refused(why) => format!("refused: {why:?}"),
        };
        self.say(&format!("{what}: {outcome}"));
        self.note(commit);
    }

    fn say(&mut self, what: &str) {
        let after = self.now.duration_since(at(0.0)).as_secs_f64();
        writeln!(self.transcript, "{after}s {what}").unwrap();
    }

    /// The incident of an app or node, open or over.
    fn fingerprint(&self, words: &BTreeMap<String, String>) -> String {
        let name = words.get("app").or_else(|| words.get("of")).cloned();
        let is_of_it = |it: &&Overview| it.app_id.as_deref() == name.as_deref() || it.node == name;
        let mut known: Vec<&Overview> = self.shown.values().filter(is_of_it).collect();
        known.sort_by_key(|one| (one.ended.is_none(), one.last));
        known.last().map_or_else(|| "ffffffff".to_owned(), |one| one.fingerprint.to_string())
    }

    fn states(&mut self) {
        let mut states: Vec<String> = Vec::new();
        for one in self.shown.values() {
            let name = one.app_id.as_deref().or(one.node.as_deref()).unwrap();
            let by = match &one.silenced_by {
                Some(SilencedBy::Maintenance(window)) => format!(" by maintenance:{window}"),
                Some(SilencedBy::Silence(_)) | None => String::new(),
            };
            states.push(format!("{name} {}{by}", one.state.name()));
        }
        states.sort();
        self.say(&states.join(", "));
    }

    fn note(&mut self, commit: Commit) {
        self.history.extend(commit.history.iter().cloned());
        for entry in commit.history.iter().filter(|entry| entry.what == HistoryType::Suppressed) {
            let name = entry.summary.split(' ').next().unwrap();
            self.say(&format!("  {name} held back: {}", entry.reason_name()));
        }
        for entry in commit.history.iter().filter(|entry| entry.author.is_none()) {
            let is_card = Reason::ALL.into_iter().any(|reason| entry.what == reason.into());
            let earlier = is_card.then(|| self.notified.insert(entry.print().to_owned(), entry.at));
            let is_later = earlier.flatten().is_none_or(|earlier| earlier <= entry.at);
            assert!(is_later, "{:?}: {} before what came before it", entry.what, entry.summary);
        }
        for row in commit.incidents {
            self.shown
                .insert(row.fingerprint.to_string(), serde_json::from_str(&row.json).unwrap());
        }
        let mut cards: BTreeMap<NoticeId, (Vec<String>, Reason, String)> = BTreeMap::new();
        for delivery in &commit.deliveries {
            let card = cards.entry(delivery.notice_id.clone());
            let empty =
                || (Vec::new(), delivery.reason, delivery.summary.clone() + &called(delivery));
            let channels = &mut card.or_insert_with(empty).0;
            channels.push(delivery.channel.clone());
            let shown = delivery.fingerprint.as_ref().and_then(|it| self.shown.get(it.as_str()));
            let shown = shown.filter(|_| channels.len() == 1);
            let reason = delivery.reason.name().to_owned();
            self.cards.extend(shown.map(|shown| (reason, shown.clone())));
        }
        for (channels, reason, summary) in cards.values() {
            self.say(&format!("{} {}: {summary}", channels.join("+"), reason.name()));
        }
        self.rows.apply(commit.rows);
    }

    fn wait_until(&mut self, until: Timestamp) {
        let mut last = None;
        while let Some(due) = self.decider.next_wakeup().filter(|due| *due < until) {
            // After a start, silences are reviewed at once.
            self.now = due.max(self.now);
            let is_again = last.replace(self.now) == Some(self.now);
            assert!(!is_again || self.crashes, "woken twice at {} without work", self.now);
            let (commit, _) = self.decider.decide(self.now, Findings::default(), Vec::new());
            self.note(commit);
            if due > Timestamp::MIN {
                self.crash();
            }
        }
    }

    fn crash(&mut self) {
        if self.crashes {
            self.decider = self.world.decider(&self.rows);
        }
    }
}

/// Whom a card mentions.
fn called(delivery: &Delivery) -> String {
    let card: serde_json::Value = serde_json::from_str(&delivery.payload).unwrap();
    let entities = card["msteams"]["entities"].as_array().cloned().unwrap_or_default();
    let ids = entities.iter().filter_map(|one| one["mentioned"]["id"].as_str());
    ids.fold(String::new(), |all, id| all + " @" + id)
}

fn play(script: &str) -> String {
    World::default().play(script)
}
