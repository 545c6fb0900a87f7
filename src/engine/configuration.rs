//! I/O. The configuration file: checked again while the agent runs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::load::{Env, Flags, limits, load, read_text, whereabouts};
use crate::config::{Config, Level, Settings, changed_keys, is_live};
use crate::detect::Detector;
use crate::engine::library::in_one_sentence;
use crate::engine::{routes, signed};
use crate::route::Router;

/// A saved file takes effect within this time.
const CHECK_EVERY: SignedDuration = SignedDuration::from_secs(3);

/// The file that an agent was started with, and what it said then.
pub struct Configuration {
    env: Env,
    flags: Flags,
    path: PathBuf,
    /// As it was read last.
    text: String,
    /// What the agent works with, as far as it needs a restart.
    started: Config,
    /// What the agent works with otherwise.
    in_force: Config,
    /// The channels that are open.
    channels: BTreeSet<String>,
    last_check: Option<Timestamp>,
    /// Why the file as it was read last is not in force. The reason may lie outside the file, such
    /// as in a folder that does not exist yet.
    broken: Option<String>,
}

/// What a changed file comes to.
pub struct Reconfigured {
    pub router: Router,
    /// How long a failed reload waits for its script log, and until an incident is repeated.
    pub settle: SignedDuration,
    pub repeat: SignedDuration,
    pub level: Level,
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
            channels: settings.channels.keys().cloned().collect(),
            last_check: None,
            broken: None,
        }
    }

    /// When the file is checked next.
    pub fn next_check(&self) -> Timestamp {
        self.last_check.map_or(Timestamp::MIN, |last| last + CHECK_EVERY)
    }

    /// Checks the file if it is time: what it comes to if it changed, or in one sentence what is
    /// wrong. The same wrong is reported once.
    pub fn changed(
        &mut self,
        now: Timestamp,
        detector: &Detector,
    ) -> Option<Result<Reconfigured, String>> {
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
        if text == self.text && self.broken.is_none() {
            return None;
        }
        self.text = text;
        let result = self.reconfigured(detector);
        let broken = result.as_ref().err().cloned();
        let is_known = broken.is_some() && broken == self.broken;
        self.broken = broken;
        (!is_known).then_some(result)
    }

    fn reconfigured(&mut self, detector: &Detector) -> Result<Reconfigured, String> {
        let (settings, mut problems) = load(&self.env, &self.flags);
        let (router, found) = Router::compile(&settings.written, &settings.routes);
        problems.extend(found);
        problems.extend(routes::unfillable(&settings, detector));
        if let Some(why) = in_one_sentence(&problems) {
            return Err(why);
        }
        let (mut config, _) = Config::parse(&settings.written);
        let unopened = self.unopened(&config);
        // A card for a channel that is not open would wait: the earlier routes stay.
        let router = if unopened.is_empty() {
            router
        } else {
            config.route.clone_from(&self.in_force.route);
            Router::compile(&settings.written, &config.route).0
        };
        let taken = changed_keys(&self.in_force, &config);
        let taken = taken.into_iter().filter(|key| is_live(key)).collect();
        let mut waiting = changed_keys(&self.started, &config);
        waiting.retain(|key| !is_live(key));
        if !unopened.is_empty() {
            waiting.push(format!("route (to {}, which is not open yet)", unopened.join(", ")));
        }
        self.in_force = config;
        Ok(Reconfigured {
            router,
            settle: signed(settings.settle),
            repeat: signed(settings.repeat),
            level: settings.log.level,
            taken,
            waiting,
        })
    }

    /// Channels that routes name and that are not open.
    fn unopened(&self, config: &Config) -> Vec<String> {
        let named = config.route.iter().flat_map(|route| route.channel.iter());
        let named = named.filter(|name| !self.channels.contains(*name));
        named.map(ToOwned::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
    }
}
