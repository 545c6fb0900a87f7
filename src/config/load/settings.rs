//! I/O. Resolves what the configuration refers to: folders, secrets, the time zone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::config::check::is_name;
use crate::config::load::{
    Env, Flags, LogRootFault, LogRootProblem, limits, log_root_problem, read_text, secret,
};
use crate::config::{
    Channel, ChannelConfig, Config, DEFAULT_CHANNEL, Destination, LogSettings, Problem, Settings,
    Webhook, Written,
};

/// The variable that holds the webhook URL of the default channel.
pub const DEFAULT_WEBHOOK: &str = "FOOTMAN_TEAMS_WEBHOOK";
/// The variable that overrides the name of the environment.
const ENVIRONMENT: &str = "FOOTMAN_ENVIRONMENT";
pub(in crate::config::load) fn compile(
    config: &Config,
    written: Written,
    path: &Path,
    env: &Env,
    flags: &Flags,
) -> (Settings, Vec<Problem>) {
    let base = path.parent().unwrap_or(Path::new(""));
    let mut lookup = Lookup {
        written: &written,
        base,
        env,
        problems: vec![],
        absent: None,
        foreign: None,
        refused: BTreeSet::new(),
        notes: vec![],
    };
    let log_root = lookup.log_root(config, flags);
    let timezone = lookup.timezone(config);
    let channels = lookup.channels(config);
    let patterns = lookup.folder(&["patterns"], config.patterns.as_deref());
    let templates = lookup.folder(&["templates"], config.templates.as_deref());
    let state_dir = lookup.state_dir(config, flags);
    let log = lookup.log(config, &state_dir);
    let environment = lookup.environment(config);
    let Lookup { problems, absent, foreign, refused, notes, .. } = lookup;
    let settings = Settings {
        environment_is_written: env.get(ENVIRONMENT).is_none() && environment.is_some(),
        environment,
        host_cfg: log_root.as_deref().and_then(host_cfg),
        log_root,
        absent,
        foreign,
        state_dir,
        node: env.node(),
        site_url: config.site_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
        timezone,
        start: config.start,
        on_state_loss: config.on_state_loss.0,
        patterns,
        templates,
        channels,
        refused,
        settle: config.incident.settle.0,
        repeat: config.incident.repeat.0,
        routes: config.route.clone(),
        page: config.page.listen,
        watch: config.node.clone(),
        log,
        notes,
        written,
    };
    (settings, problems)
}

fn host_cfg(log_root: &Path) -> Option<PathBuf> {
    let path = log_root.parent()?.join("Host.cfg");
    path.is_file().then_some(path)
}

/// One pass over the configuration, with everything needed to resolve it.
struct Lookup<'a> {
    written: &'a Written,
    /// The folder of the configuration file, which relative paths start from.
    base: &'a Path,
    env: &'a Env,
    problems: Vec<Problem>,
    absent: Option<Problem>,
    foreign: Option<Problem>,
    refused: BTreeSet<String>,
    notes: Vec<String>,
}

impl Lookup<'_> {
    fn report(&mut self, path: &[&str], message: &str, hint: &str) {
        self.problems.push(self.written.problem_at(path, message, hint));
    }

    fn environment(&mut self, config: &Config) -> Option<String> {
        let Some(name) = self.env.get(ENVIRONMENT) else { return config.environment.clone() };
        // The name becomes a file name, so it must not lead out of the folder.
        if !is_name(name) {
            let message = format!("`{name}` cannot be the name of an environment");
            let hint = "use letters, digits, `-` and `_`";
            self.problems.push(Problem::elsewhere(&variable(ENVIRONMENT), &message, hint));
        }
        Some(name.to_owned())
    }

    fn log_root(&mut self, config: &Config, flags: &Flags) -> Option<PathBuf> {
        let from_file = config.log_root.as_deref().map(|folder| self.base.join(folder));
        let detected = || self.env.qlik_log_root();
        let folder = flags.log_root.clone().or_else(|| from_file.clone()).or_else(detected)?;
        let Some(LogRootProblem { fault, message, hint }) = log_root_problem(self.env, &folder)
        else {
            return Some(folder);
        };
        let problem = if flags.log_root.is_some() {
            Problem::elsewhere("--log-root", &message, &hint)
        } else if from_file.is_some() {
            self.written.problem_at(&["log-root"], &message, &hint)
        } else {
            Problem::elsewhere("log root", &message, &hint)
        };
        match fault {
            LogRootFault::NotAFolder => self.problems.push(problem),
            LogRootFault::Foreign => self.foreign = Some(problem),
            LogRootFault::Absent | LogRootFault::Empty | LogRootFault::Unreadable(_) => {
                self.absent = Some(problem);
            }
        }
        Some(folder)
    }

    fn state_dir(&self, config: &Config, flags: &Flags) -> PathBuf {
        let from_file = config.state_dir.as_deref().map(|folder| self.base.join(folder));
        flags.state_dir.clone().or(from_file).unwrap_or_else(|| self.env.state_dir())
    }

    /// Beside the state folder if that was chosen, else the platform's standard path.
    fn log(&self, config: &Config, state_dir: &Path) -> LogSettings {
        let chosen = config.log.folder.as_deref().map(|folder| self.base.join(folder));
        let beside = || match state_dir.parent() {
            Some(parent) if state_dir != self.env.state_dir() => parent.join("log"),
            _ => self.env.log_dir(),
        };
        LogSettings { folder: chosen.unwrap_or_else(beside), level: config.log.level }
    }

    fn timezone(&mut self, config: &Config) -> TimeZone {
        let Some(name) = &config.timezone else { return TimeZone::system() };
        TimeZone::get(name).unwrap_or_else(|_| {
            let message = format!("`{name}` is not a known time zone");
            self.report(&["timezone"], &message, "write an IANA name such as \"Europe/Stockholm\"");
            TimeZone::UTC
        })
    }

    /// A configured folder must exist; the optional default beside the file need not.
    fn folder(&mut self, key: &[&str], named: Option<&Path>) -> Option<PathBuf> {
        let Some(named) = named else {
            return Some(self.base.join(key[0])).filter(|folder| folder.is_dir());
        };
        let folder = self.base.join(named);
        if !folder.is_dir() {
            let message = format!("the folder {} does not exist", folder.display());
            self.report(key, &message, "create it, or remove the line");
        }
        Some(folder)
    }

    fn channels(&mut self, config: &Config) -> BTreeMap<String, Channel> {
        let mut written = config.channel.clone();
        written.entry(DEFAULT_CHANNEL.to_owned()).or_default();
        let channels: BTreeMap<_, _> = written
            .iter()
            .map(|(name, channel)| {
                let destination = self.destination(name, channel);
                (name.clone(), Channel { destination, pace: channel.pace })
            })
            .collect();
        let is_local = channels[DEFAULT_CHANNEL].destination == Destination::Local;
        if is_local && !self.refused.contains(DEFAULT_CHANNEL) {
            self.notes.push(format!(
                "the channel `{DEFAULT_CHANNEL}` has no webhook: its cards stay on this machine (set {DEFAULT_WEBHOOK})"
            ));
        }
        channels
    }

    fn destination(&mut self, name: &str, channel: &ChannelConfig) -> Destination {
        let before = self.problems.len();
        let webhook = self.webhook(name, channel);
        if webhook.is_none() && (self.problems.len() > before || misplaced(channel)) {
            self.refused.insert(name.to_owned());
        }
        webhook.map_or(Destination::Local, Destination::Webhook)
    }

    fn webhook(&mut self, name: &str, channel: &ChannelConfig) -> Option<Webhook> {
        let Origin { key, place, url } = self.webhook_text(name, channel)?;
        match Webhook::parse(&url) {
            Ok(webhook) => {
                let cautions = webhook.cautions();
                self.notes.extend(cautions.iter().map(|odd| format!("channel `{name}`: {odd}")));
                Some(webhook)
            }
            Err(refusal) => {
                // No key leads to the URL of the default channel if it comes from a variable.
                let problem = if let Some(key) = key {
                    let message = format!("channel `{name}`, {place}: {refusal}");
                    self.written.problem_at(&["channel", name, key], &message, refusal.hint())
                } else {
                    let message = format!("channel `{name}`: {refusal}");
                    Problem::elsewhere(&place, &message, refusal.hint())
                };
                self.problems.push(problem);
                None
            }
        }
    }

    fn webhook_text(&mut self, name: &str, channel: &ChannelConfig) -> Option<Origin> {
        if name == DEFAULT_CHANNEL
            && let Some(url) = self.env.get(DEFAULT_WEBHOOK)
        {
            let is_named = channel.webhook_env.as_deref() == Some(DEFAULT_WEBHOOK);
            let key = is_named.then_some("webhook-env");
            return Some(Origin {
                key,
                place: variable(DEFAULT_WEBHOOK),
                url: url.trim().to_owned(),
            });
        }
        match (&channel.webhook_env, &channel.webhook_file) {
            (Some(variable), _) => self.webhook_of_variable(name, variable),
            (None, Some(file)) => self.webhook_of_file(name, file),
            (None, None) => None,
        }
    }

    fn webhook_of_variable(&mut self, name: &str, variable: &str) -> Option<Origin> {
        let key = "webhook-env";
        // A URL in place of a variable name was already reported, without repeating it.
        if variable.contains("://") {
            return None;
        }
        let Some(url) = self.env.get(variable) else {
            let message = format!("channel `{name}`: the variable {variable} is not set");
            let hint = "set it for the account that runs Footman, and start Footman again";
            self.report(&["channel", name, key], &message, hint);
            return None;
        };
        let place = self::variable(variable);
        Some(Origin { key: Some(key), place, url: url.trim().to_owned() })
    }

    fn webhook_of_file(&mut self, name: &str, file: &Path) -> Option<Origin> {
        let key = "webhook-file";
        let path = self.base.join(file);
        match read_text(&path, limits::VALUE) {
            Ok(text) => {
                if let Some(who) = secret::other_readers(&path) {
                    let message = format!(
                        "channel `{name}`: the webhook in {} can be read by {who}, and anyone who reads it can post",
                        path.display()
                    );
                    self.report(&["channel", name, key], &message, &secret::restricting(&path));
                    return None;
                }
                let url = text.trim_start_matches('\u{feff}').trim().to_owned();
                Some(Origin { key: Some(key), place: format!("file {}", path.display()), url })
            }
            Err(error) => {
                let message = format!("channel `{name}`: the file {} {error}", path.display());
                let hint = if error.is_missing() {
                    "put the webhook URL into it, and let only the account that runs Footman read it"
                } else {
                    error.hint()
                };
                self.report(&["channel", name, key], &message, hint);
                None
            }
        }
    }
}

/// An environment variable, as the location of a problem.
fn variable(name: &str) -> String {
    format!("variable {name}")
}

/// A URL in place of a variable name was already reported, without repeating it.
fn misplaced(channel: &ChannelConfig) -> bool {
    channel.webhook_env.as_deref().is_some_and(|variable| variable.contains("://"))
}

/// A webhook URL and its source.
struct Origin {
    /// The key in the file that led to it, if any.
    key: Option<&'static str>,
    /// The source in words, without the URL.
    place: String,
    url: String,
}
