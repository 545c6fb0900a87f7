//! Random worlds with commands at any moment and a crash after any step.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const APPS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Event {
    Fails,
    Succeeds,
    Acknowledge,
    Unacknowledge,
    Silence { hours: u32 },
    Expire { nth: usize },
    Note,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        5 => Just(Event::Fails),
        3 => Just(Event::Succeeds),
        2 => Just(Event::Acknowledge),
        1 => Just(Event::Unacknowledge),
        2 => (1_u32..6).prop_map(|hours| Event::Silence { hours }),
        1 => (0_usize..4).prop_map(|nth| Event::Expire { nth }),
        1 => Just(Event::Note),
    ]
}

fn script(events: &[(u32, usize, Event)]) -> String {
    let mut seconds = 0;
    let mut lines = Vec::new();
    for (n, (gap, app, event)) in events.iter().enumerate() {
        seconds += gap + 5;
        let app = APPS[*app];
        lines.push(match event {
            Event::Fails => format!("{seconds} verdict app={app} task=t{app} exec={n}"),
            Event::Succeeds => format!("{seconds} success app={app} task=t{app} exec={n}"),
            Event::Acknowledge => format!("{seconds} ack app={app}"),
            Event::Unacknowledge => format!("{seconds} unack app={app}"),
            Event::Silence { hours } => {
                format!("{seconds} silence app={app} for={}", hours * 3600)
            }
            Event::Expire { nth } => format!("{seconds} expire n={nth}"),
            Event::Note => format!("{seconds} note app={app} text=x"),
        });
    }
    lines.join("\n")
}

/// What must hold, derived from the cards and from what is shown.
#[derive(Default)]
struct Expected {
    /// Failures since the last success, by app.
    failures: BTreeMap<&'static str, u32>,
    /// Apps whose failure was in a card since their last recovery.
    notified: BTreeSet<&'static str>,
    n_checked: usize,
}

impl Expected {
    fn check(&mut self, play: &Play<'_>) {
        for (reason, shown) in &play.cards[self.n_checked..] {
            let app = APPS.into_iter().find(|app| shown.app_id.as_deref() == Some(app)).unwrap();
            if reason == "recovered" {
                assert!(self.notified.remove(app), "the recovery of {app} means nothing to people");
                continue;
            }
            assert_eq!(shown.state.name(), "open", "{app} {reason}");
            self.notified.insert(app);
        }
        self.n_checked = play.cards.len();
        // A card can name several that are still open after a silence.
        let named = play.shown.values().filter(|one| one.ended.is_none());
        let named = named.filter(|one| !one.channels.is_empty());
        self.notified.extend(
            APPS.into_iter()
                .filter(|app| named.clone().any(|one| one.app_id.as_deref() == Some(*app))),
        );
    }

    fn counts(&self, play: &Play<'_>) {
        for (app, n) in self.failures.iter().filter(|(_, n)| **n > 0) {
            let shown = play.shown.values().find(|one| one.app_id.as_deref() == Some(*app));
            let shown = shown.filter(|one| one.ended.is_none());
            assert_eq!(shown.map(|one| one.count), Some(*n), "failures of {app} are counted");
        }
    }
}

fn live(world: &World, script: &str, crashes: bool) -> String {
    let mut play = Play::new(world, crashes);
    let mut expected = Expected::default();
    for line in script.lines() {
        let now = at(line.split_whitespace().next().unwrap().parse().unwrap());
        play.wait_until(now);
        expected.check(&play);
        let app = APPS.into_iter().find(|app| line.contains(&format!("app={app} task")));
        if line.contains("expire n=") {
            let n: usize = line.rsplit('=').next().unwrap().parse().unwrap();
            if n >= play.silences.len() {
                continue;
            }
        }
        play.line(now, line);
        play.crash();
        if let Some(app) = app {
            let n = expected.failures.entry(app).or_default();
            *n = if line.contains("verdict") { *n + 1 } else { 0 };
        }
        expected.check(&play);
        play.wait_until(now + SignedDuration::from_secs(4));
        expected.check(&play);
        expected.counts(&play);
    }
    play.wait_until(at(1_000_000.0));
    expected.check(&play);
    for one in play.shown.values().filter(|one| one.ended.is_none()) {
        let is_known = one.acknowledged.is_some() || !one.channels.is_empty();
        assert!(is_known, "nobody knows of {one:?}");
    }
    play.transcript
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.div_ceil(4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_sent_twice_or_sent_to_nobody(
        events in prop::collection::vec((0_u32..4_000, 0..APPS.len(), event()), 1..40),
        windows in any::<bool>(),
    ) {
        let world = World {
            escalations: vec!["severity=error after=900 channel=boss"],
            windows: if windows { vec!["app=a when=Mon-Fri+07:00-08:00"] } else { Vec::new() },
            ..World::default()
        };
        let script = script(&events);
        let transcript = live(&world, &script, false);
        prop_assert_eq!(live(&world, &script, true), transcript, "a restart changed the transcript");
    }
}
