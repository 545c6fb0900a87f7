//! I/O. The configuration file: checked again while the agent runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::limits;
use crate::config::load::{Env, Flags, load, read_bounded, read_text, whereabouts};
use crate::config::{Channel, Config, Level, Problem, Settings, all_routes, changed_keys, is_live};
use crate::detect::Detector;
use crate::engine::{answers, routes};
use crate::mute::MaintenanceWindow;
use crate::pipeline::EscalationRule;
use crate::route::Router;

/// A saved file takes effect within this time.
const CHECK_EVERY: SignedDuration = SignedDuration::from_secs(3);

/// The file that an agent was started with, and its content at that time.
pub struct Configuration {
    env: Env,
    flags: Flags,
    path: PathBuf,
    /// The text that was read last.
    text: String,
    /// The keys in force that need a restart to change.
    started: Config,
    /// The keys in force.
    in_force: Config,
    /// The channels that are open.
    channels: BTreeMap<String, Channel>,
    /// The contents of the files with webhooks and authorities.
    secrets: BTreeMap<PathBuf, Vec<u8>>,
    last_check: Option<Timestamp>,
    /// Why the file as it was read last is not in force. The reason may lie outside the file, such
    /// as in a folder that does not exist yet.
    broken: Option<ReportedProblems>,
}

/// What a file that is not in force was reported for: place and text of the first problem, and how
/// many there are.
#[derive(PartialEq, Eq)]
struct ReportedProblems {
    first: Option<(String, String)>,
    n: usize,
}

impl ReportedProblems {
    fn of(problems: &[Problem]) -> Self {
        let first = problems.first().map(|first| (first.place(), first.message.clone()));
        Self { first, n: problems.len() }
    }
}

/// What a changed file sets.
pub struct Reconfigured {
    pub router: Router,
    pub windows: Vec<MaintenanceWindow>,
    pub escalations: Vec<EscalationRule>,
    /// How long a failed reload waits for its script log, and until an incident is repeated.
    pub settle: SignedDuration,
    pub repeat: SignedDuration,
    pub level: Level,
    /// Channels with a new destination.
    pub channels: BTreeMap<String, Channel>,
    /// Keys that have taken effect.
    pub taken: Vec<String>,
    /// Keys that wait for a restart.
    pub waiting: Vec<String>,
}

impl Configuration {
    /// The file that these settings were read from.
    pub fn of(settings: &Settings, env: Env, flags: Flags) -> Self {
        let (path, _) = whereabouts(&env, &flags);
        let (started, _) = Config::parse(&settings.written);
        Self {
            env,
            flags,
            text: settings.written.text.to_string(),
            path,
            in_force: started.clone(),
            started,
            channels: settings.channels.clone(),
            secrets: contents(&settings.channel_files),
            last_check: None,
            broken: None,
        }
    }

    /// When the file is checked next.
    pub fn next_check(&self) -> Timestamp {
        self.last_check.map_or(Timestamp::MIN, |last| last + CHECK_EVERY)
    }

    /// Checks the file if it is time: what it comes to if it changed, or what is wrong. The same
    /// is reported once.
    pub fn changed(
        &mut self,
        now: Timestamp,
        detector: &Detector,
    ) -> Option<Result<Reconfigured, Vec<Problem>>> {
        if self.next_check() > now {
            return None;
        }
        self.last_check = Some(now);
        let text = match read_text(&self.path, limits::TEXT) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            // Some editors take a file away before they write it again.
            Err(error) if error.is_missing() => return None,
            Err(error) => error.to_string(),
        };
        let secrets = contents(self.secrets.keys());
        // A file that is gone may be written again in a moment.
        let is_replaced = |(path, text)| self.secrets.get(path).is_some_and(|known| known != text);
        if text == self.text && self.broken.is_none() && !secrets.iter().any(is_replaced) {
            return None;
        }
        self.text = text;
        let result = self.reconfigured(detector, secrets);
        let broken = result.as_ref().err().map(|problems| ReportedProblems::of(problems));
        let is_known = broken.is_some() && broken == self.broken;
        self.broken = broken;
        (!is_known).then_some(result)
    }

    fn reconfigured(
        &mut self,
        detector: &Detector,
        mut secrets: BTreeMap<PathBuf, Vec<u8>>,
    ) -> Result<Reconfigured, Vec<Problem>> {
        let (settings, mut problems) = load(&self.env, &self.flags);
        // As it was before the settings were read: a change in between is seen the next time.
        let known = |file: &PathBuf| secrets.remove_entry(file);
        let before: BTreeMap<_, _> = settings.channel_files.iter().filter_map(known).collect();
        self.secrets = contents(&settings.channel_files);
        self.secrets.extend(before);
        let (router, found) = Router::compile(&settings.written, &settings.routes);
        problems.extend(found);
        problems.extend(routes::unfillable(&settings, detector));
        problems.extend(routes::unreachable(&settings, &router));
        let (windows, escalations, found) = answers::compile(&settings);
        problems.extend(found);
        if !problems.is_empty() {
            return Err(problems);
        }
        let (mut config, _) = Config::parse(&settings.written);
        let unopened = self.unopened(&config);
        // A card for a channel that is not open would wait: the earlier routes stay.
        let router = if unopened.is_empty() {
            router
        } else {
            config.route.clone_from(&self.in_force.route);
            config.escalation.clone_from(&self.in_force.escalation);
            Router::compile(&settings.written, &config.route).0
        };
        let taken = changed_keys(&self.in_force, &config);
        let mut taken: Vec<String> = taken.into_iter().filter(|key| is_live(key)).collect();
        let channels = self.redirected(&settings);
        taken.extend(channels.keys().map(|name| format!("the connection of channel {name}")));
        let mut waiting = changed_keys(&self.started, &config);
        waiting.retain(|key| !is_live(key));
        if !unopened.is_empty() {
            waiting.push(format!("route (to {}, which is not open yet)", unopened.join(", ")));
        }
        self.in_force = config;
        Ok(Reconfigured {
            router,
            windows,
            escalations,
            settle: settings.settle.signed(),
            repeat: settings.repeat.signed(),
            level: settings.log.level,
            channels,
            taken,
            waiting,
        })
    }

    /// Open channels whose webhooks differ from those in force, which they replace.
    fn redirected(&mut self, settings: &Settings) -> BTreeMap<String, Channel> {
        let mut changed = BTreeMap::new();
        for (name, open) in &mut self.channels {
            let Some(written) = settings.channels.get(name) else { continue };
            let (fallback, language, pace) = (open.fallback.clone(), open.language, open.pace);
            let written = Channel { fallback, language, pace, ..written.clone() };
            if *open != written {
                open.clone_from(&written);
                changed.insert(name.clone(), written);
            }
        }
        changed
    }

    /// Channels that routes name and that are not open.
    fn unopened(&self, config: &Config) -> Vec<String> {
        let routes = all_routes(&config.route);
        let named = routes.iter().flat_map(|(_, route)| route.channel.iter());
        let escalated = config.escalation.iter().map(|rule| rule.channel.as_str());
        let named = named.map(AsRef::as_ref).chain(escalated);
        let named = named.filter(|name| !self.channels.contains_key(*name));
        named.map(ToOwned::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The contents of the readable files.
fn contents<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |file: &PathBuf| Some((file.clone(), read_bounded(file, limits::TEXT).ok()?));
    files.into_iter().filter_map(read).collect()
}
