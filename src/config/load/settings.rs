//! I/O. Resolves the references of the configuration: folders, secrets, the time zone.

mod connection;
mod tenants;
mod webhooks;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::config::check::{is_name, is_url};
use crate::config::load::secret::SecretStore;
use crate::config::load::{
    CREATE_IT, Env, Flags, LogRootProblem, NOT_AMONG_LOGS, among_logs, log_root_problem,
    missing_folder, read_text, secret,
};
use crate::config::{
    Config, Heartbeat, LogRootFault, LogSettings, PageConfig, PingUrl, Problem, ProblemKind,
    Settings, SettingsNote, Written, limits, page_url_fault,
};

pub(crate) use tenants::{is_secret, sound, tenant_secret};

/// The variable that overrides the name of the environment.
const ENVIRONMENT: &str = "FOOTMAN_ENVIRONMENT";
pub(crate) fn compile(
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
        store: SecretStore::beside(path),
        env,
        problems: vec![],
        secret_problems: vec![],
        absent: None,
        foreign: None,
        refused: BTreeSet::new(),
        channel_files: vec![],
        notes: vec![],
    };
    let log_root = lookup.log_root(config, flags);
    let timezone = lookup.timezone(config);
    let channels = lookup.channels(config);
    let tenants = lookup.of_secret(|lookup| lookup.tenants(config));
    let patterns = lookup.folder(&["patterns"], config.patterns.as_deref());
    let templates = lookup.folder(&["templates"], config.templates.as_deref());
    let state_dir = lookup.state_dir(config, flags);
    let log = lookup.log(config, &state_dir);
    if let Some(root) = &log_root {
        lookup.keep_from_logs(config, flags, root, [&state_dir, &log.folder]);
    }
    let environment = lookup.environment(config);
    let heartbeat = lookup.of_secret(|lookup| lookup.heartbeat(config));
    let page = lookup.page(config);
    let Lookup { problems, secret_problems, absent, foreign, refused, .. } = lookup;
    let Lookup { channel_files, notes, .. } = lookup;
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
        language: config.language,
        start: config.start,
        on_state_loss: config.on_state_loss.0,
        patterns,
        templates,
        channels,
        tenants,
        refused,
        secret_problems,
        channel_files,
        settle: config.incident.settle,
        repeat: config.incident.repeat,
        routes: config.route.clone(),
        maintenance: config.maintenance.clone(),
        escalation: config.escalation.clone(),
        keep: config.history.keep,
        page,
        heartbeat,
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
    store: SecretStore,
    env: &'a Env,
    problems: Vec<Problem>,
    secret_problems: Vec<Problem>,
    absent: Option<Problem>,
    foreign: Option<Problem>,
    refused: BTreeSet<String>,
    channel_files: Vec<PathBuf>,
    notes: Vec<SettingsNote>,
}

impl Lookup<'_> {
    fn report(&mut self, path: &[&str], message: &str, hint: &str) {
        self.problems.push(self.written.problem_at(path, message, hint));
    }

    /// Resolves a secret, and keeps its problems apart as well.
    fn of_secret<T>(&mut self, resolve: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.problems.len();
        let found = resolve(self);
        self.secret_problems.extend_from_slice(&self.problems[before..]);
        found
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
        let Some(LogRootProblem { fault, message, hint, .. }) = log_root_problem(self.env, &folder)
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

    /// Reports a folder that the agent writes to and that is among the logs.
    fn keep_from_logs(
        &mut self,
        config: &Config,
        flags: &Flags,
        log_root: &Path,
        [state_dir, log]: [&Path; 2],
    ) {
        if let Some(message) = among_logs("the state folder", state_dir, log_root) {
            let hint = format!("name another folder as `state-dir`: {NOT_AMONG_LOGS}");
            self.problems.push(match (&flags.state_dir, &config.state_dir) {
                (None, Some(_)) => self.written.problem_at(&["state-dir"], &message, &hint),
                (Some(_), _) => Problem::elsewhere("--state-dir", &message, &hint),
                (None, None) => Problem::elsewhere("state", &message, &hint),
            });
            // The log is beside the state folder.
            if config.log.folder.is_none() {
                return;
            }
        }
        if let Some(message) = among_logs("the folder of Footman's own log", log, log_root) {
            let hint = format!("name another one as `folder` in [log]: {NOT_AMONG_LOGS}");
            self.problems.push(if config.log.folder.is_some() {
                self.written.problem_at(&["log", "folder"], &message, &hint)
            } else {
                Problem::elsewhere("log", &message, &hint)
            });
        }
    }

    fn timezone(&mut self, config: &Config) -> TimeZone {
        let Some(name) = &config.timezone else { return self.system_timezone() };
        TimeZone::get(name).unwrap_or_else(|_| {
            let message = format!("`{name}` is not a known time zone");
            self.report(&["timezone"], &message, "write an IANA name such as \"Europe/Stockholm\"");
            TimeZone::UTC
        })
    }

    /// A name in `TZ` that is not known counts as UTC.
    fn system_timezone(&mut self) -> TimeZone {
        let zone = TimeZone::system();
        if let Some(name) = self.env.get("TZ").filter(|_| zone.is_unknown()) {
            self.notes.push(SettingsNote::UnknownTimezone(name.to_owned()));
        }
        zone
    }

    /// A configured folder must exist; the optional default beside the file need not.
    fn folder(&mut self, key: &[&str], named: Option<&Path>) -> Option<PathBuf> {
        let Some(named) = named else {
            return Some(self.base.join(key[0])).filter(|folder| folder.is_dir());
        };
        let folder = self.base.join(named);
        if !folder.is_dir() {
            let missing = self.written.problem_at(key, &missing_folder(&folder), CREATE_IT);
            self.problems.push(missing.of_kind(ProblemKind::UnknownName));
            return None;
        }
        Some(folder)
    }

    /// A refused address counts as none, so that no card has a dead link.
    fn page(&self, config: &Config) -> PageConfig {
        let written = &config.page;
        let url = written.url.as_deref().filter(|url| page_url_fault(url).is_none());
        PageConfig {
            listen: written.listen,
            url: url.map(|url| url.trim_end_matches('/').to_owned()),
            certificate: written.certificate.as_ref().map(|file| self.base.join(file)),
            key: written.key.as_ref().map(|file| self.base.join(file)),
        }
    }

    fn heartbeat(&mut self, config: &Config) -> Heartbeat {
        let written = &config.heartbeat;
        let card_every = (!written.card_every.0.is_zero()).then_some(written.card_every);
        Heartbeat { url: self.ping_url(config), every: written.every.0, card_every }
    }

    fn ping_url(&mut self, config: &Config) -> Option<PingUrl> {
        let written = &config.heartbeat;
        let (key, place, text) = match (&written.url_env, &written.url_file) {
            // An address in place of a variable name was already reported, without repeating it.
            (Some(name), _) if name.contains("://") => return None,
            (None, Some(file)) if is_url(file) => return None,
            (Some(name), _) => ("url-env", variable(name), self.ping_of_variable(name)?),
            (None, Some(file)) => {
                let path = self.base.join(file);
                ("url-file", format!("file {}", path.display()), self.ping_of_file(&path)?)
            }
            (None, None) => return None,
        };
        match PingUrl::parse(&text) {
            Ok(url) => {
                self.notes.extend(url.is_open().then(|| SettingsNote::OpenPing(url.clone())));
                Some(url)
            }
            Err(refusal) => {
                let message = format!("heartbeat, {place}: {refusal}");
                self.report(&["heartbeat", key], &message, refusal.hint());
                None
            }
        }
    }

    fn ping_of_variable(&mut self, name: &str) -> Option<String> {
        let text = self.env.get(name).map(|text| text.trim().to_owned());
        if text.is_none() {
            let message = format!("heartbeat: the variable {name} is not set");
            let hint = "set it for the account that runs Footman, and start Footman again";
            self.report(&["heartbeat", "url-env"], &message, hint);
        }
        text
    }

    fn ping_of_file(&mut self, path: &Path) -> Option<String> {
        let key = ["heartbeat", "url-file"];
        let shown = path.display();
        let text = match read_text(path, limits::VALUE) {
            Ok(text) => text,
            Err(error) => {
                let hint = if error.is_missing() {
                    "put the address into it, and let only the account that runs Footman read it"
                } else {
                    error.hint()
                };
                self.report(&key, &format!("heartbeat: the file {shown} {error}"), hint);
                return None;
            }
        };
        if let Some(who) = secret::other_readers(path) {
            let message = format!(
                "heartbeat: the address in {shown} can be read by {who}, and anyone who reads it can keep the alarm silent"
            );
            self.report(&key, &message, &secret::restricting(path));
            return None;
        }
        Some(text.trim_start_matches('\u{feff}').trim().to_owned())
    }
}

/// An environment variable, as the location of a problem.
fn variable(name: &str) -> String {
    format!("variable {name}")
}
