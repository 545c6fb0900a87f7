//! Pure. `footman setup`: derives the files and steps from the current situation and the answers.
//!
//! ```text
//! Situation ─▶ open_questions ─▶ (a user, or flags) ─▶ SetupAnswers ─▶ plan ─▶ SetupStep, SetupStep, SetupStep
//! ```

use std::path::{Path, PathBuf};

use crate::cli::init::WEBHOOK_FILE;
use crate::cli::service::Hindrance;
use crate::cli::setup::account::Use;
use crate::cli::setup::{environment, unit};
use crate::config::DEFAULT_WEBHOOK;
use crate::config::{Config, DEFAULT_CHANNEL, EXAMPLE, Fill, fill};

/// The account of the unit, and of the Debian package.
pub(crate) const ACCOUNT: &str = "footman";
pub(crate) const UNIT: &str = "footman.service";

/// The situation before any question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    /// The path of the configuration, even if the file does not exist.
    pub config_file: PathBuf,
    /// Its text, if it exists.
    pub text: Option<String>,
    /// The parsed text.
    pub config: Config,
    /// The log root of the configuration, from the folder of the file.
    pub log_root: Option<PathBuf>,
    /// Where Qlik Sense keeps its logs, if this machine is a Qlik node.
    pub detected: Option<PathBuf>,
    /// The configured webhook, without its secret.
    pub webhook: Option<String>,
    /// Whether the service manager gives the webhook of the channel `default` to the service.
    pub webhook_of_service: bool,
    /// A variable that the configuration names and the service would not see.
    pub unseen_variable: Option<String>,
    /// The folders that the agent writes, without those that every unit may write.
    pub folders: Vec<WrittenFolder>,
    pub state_dir: PathBuf,
    /// Where the agent writes its own log.
    pub log_dir: PathBuf,
    /// Whether an agent holds the state.
    pub is_agent_alive: bool,
    /// The units that setup may have written before, with their texts.
    pub units: Vec<(PathBuf, String)>,
    pub services: ServiceManager,
    /// Options of the command line that a service needs, too.
    pub options: Vec<(&'static str, PathBuf)>,
    pub program: PathBuf,
}

/// A folder that the agent writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenFolder {
    pub path: PathBuf,
    pub exists: bool,
}

/// The service manager of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServiceManager {
    /// The service control manager of Windows.
    Windows,
    Systemd(Systemd),
    /// Neither, or this account may not use it.
    None(Hindrance),
}

impl Default for ServiceManager {
    fn default() -> Self {
        Self::None(Hindrance::NoSystemd)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Systemd {
    /// The unit of the Debian package exists, and runs this program with this configuration.
    pub has_fitting_unit: bool,
    pub has_account: bool,
}

/// The possible questions. Each has a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    LogRoot,
    Environment,
    Webhook,
    TestCard,
    Service,
}

/// The answers, from a user or from flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SetupAnswers {
    pub log_root: Option<PathBuf>,
    pub environment: Option<String>,
    /// Whether there is a webhook to store; the secret itself is never part of this.
    pub has_webhook: bool,
    pub test_card: bool,
    pub service: bool,
    /// The account of the Windows service.
    pub account: Option<String>,
}

/// One step to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SetupStep {
    /// Write the webhook into a file that only its owner can read.
    Secret(PathBuf),
    Configuration {
        path: PathBuf,
        text: String,
    },
    TestCard,
    Unit {
        path: PathBuf,
        text: String,
    },
    /// Run another program, without a shell.
    Run {
        program: &'static str,
        args: Vec<String>,
    },
    /// Test as the account of the unit whether it can use a path.
    Check {
        how: Use,
        path: PathBuf,
    },
    /// Install and start the Windows service; `restart` if what it read at startup has changed.
    WindowsService {
        restart: bool,
    },
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoPlan {
    pub why: String,
    pub hint: String,
}

impl Situation {
    fn channel_has(&self, is: impl Fn(&crate::config::ChannelConfig) -> bool) -> bool {
        self.config.channel.get(DEFAULT_CHANNEL).is_some_and(is)
    }

    /// Whether the service reads the webhook from a variable.
    pub(crate) fn webhook_is_in_a_variable(&self) -> bool {
        self.webhook_of_service || self.channel_has(|channel| channel.webhook_env.is_some())
    }

    /// The log root that will be in force, as an absolute path.
    pub(crate) fn log_root<'a>(&'a self, answers: &'a SetupAnswers) -> Option<&'a PathBuf> {
        self.log_root.as_ref().or(answers.log_root.as_ref())
    }

    /// The file that contains or will contain the webhook.
    pub(crate) fn webhook_file(&self) -> PathBuf {
        let channel = self.config.channel.get(DEFAULT_CHANNEL);
        let named = channel.and_then(|channel| channel.webhook_file.as_deref());
        let folder = self.config_file.parent().unwrap_or(Path::new(""));
        folder.join(named.unwrap_or(Path::new(WEBHOOK_FILE)))
    }

    /// The existing settings that are kept, one line each.
    pub(crate) fn kept(&self) -> Vec<String> {
        let file = self.text.as_ref().map(|_| {
            format!("configuration  {} exists; its settings are kept", self.config_file.display())
        });
        let root = self.config.log_root.as_ref();
        let root = root.map(|root| format!("log root       {}", root.display()));
        let environment = self.config.environment.as_ref();
        let environment = environment.map(|name| format!("environment    {name}"));
        let webhook = self.webhook.as_ref();
        let webhook = webhook.map(|webhook| format!("webhook        {webhook}"));
        [file, root, environment, webhook].into_iter().flatten().collect()
    }

    /// The setting of the configuration that differs from a given flag, if there is one: the file
    /// is not changed, so the flag would be silently ignored. The log root is absolute.
    pub(crate) fn contradiction(
        &self,
        log_root: Option<&Path>,
        environment: Option<&str>,
    ) -> Option<NoPlan> {
        let file = self.config_file.display();
        let roots = log_root.zip(self.log_root.as_deref()).filter(|(given, kept)| given != kept);
        let names = environment.zip(self.config.environment.as_deref());
        let names = names.filter(|(given, kept)| given != kept);
        let why = match (roots, names) {
            (Some((given, kept)), _) => {
                let (given, kept) = (given.display(), kept.display());
                format!("{file} has the log root {kept}, not {given}")
            }
            (None, Some((given, kept))) => {
                format!("{file} has the environment {kept}, not {given}")
            }
            (None, None) => return None,
        };
        let hint = "edit that file, or run setup without the option";
        Some(NoPlan { why, hint: hint.to_owned() })
    }

    /// The questions that neither the configuration nor a flag has answered.
    pub(crate) fn open_questions(&self, given: &[Question]) -> Vec<Question> {
        let answered = |question: &Question| match question {
            Question::LogRoot => self.config.log_root.is_some(),
            Question::Environment => self.config.environment.is_some(),
            Question::Webhook => self.webhook.is_some(),
            Question::TestCard => false,
            Question::Service => matches!(self.services, ServiceManager::None(_)),
        };
        let all = [
            Question::LogRoot,
            Question::Environment,
            Question::Webhook,
            Question::TestCard,
            Question::Service,
        ];
        all.into_iter()
            .filter(|question| !answered(question) && !given.contains(question))
            .collect()
    }
}

/// The variables that the configuration names for webhooks.
pub(crate) fn named_variables(config: &Config) -> Vec<&str> {
    let channels = config.channel.values();
    let both = channels.flat_map(|channel| [&channel.webhook_env, &channel.webhook_env_next]);
    both.filter_map(Option::as_deref).collect()
}

/// The steps in order: a failing step prevents those after it.
pub(crate) fn plan(found: &Situation, answers: &SetupAnswers) -> Result<Vec<SetupStep>, NoPlan> {
    let mut steps = Vec::new();
    if answers.service {
        cannot_be_used(found, answers)?;
    }
    if answers.has_webhook {
        if found.webhook_is_in_a_variable() {
            return Err(in_a_variable(found));
        }
        if found.channel_has(|channel| channel.webhook_secret.is_some()) {
            return Err(stored(found));
        }
        steps.push(SetupStep::Secret(found.webhook_file()));
    }
    let text = text(found, answers)?;
    if found.text.as_ref() != Some(&text) {
        steps.push(SetupStep::Configuration { path: found.config_file.clone(), text });
    }
    let changes_something = !steps.is_empty();
    if answers.test_card && (answers.has_webhook || found.webhook.is_some()) {
        steps.push(SetupStep::TestCard);
    }
    if answers.service {
        match &found.services {
            ServiceManager::Windows => {
                windows_service(found, answers, changes_something, &mut steps);
            }
            ServiceManager::Systemd(systemd) => {
                unit_steps(found, systemd, answers, changes_something, &mut steps);
            }
            ServiceManager::None(_) => {}
        }
    }
    Ok(steps)
}

/// The new text of the configuration.
fn text(found: &Situation, answers: &SetupAnswers) -> Result<String, NoPlan> {
    let log_root = answers.log_root.as_ref().filter(|root| found.detected.as_ref() != Some(*root));
    let values = Fill {
        environment: answers.environment.clone(),
        log_root: log_root.map(|root| root.display().to_string()),
        webhook_file: answers.has_webhook.then(|| WEBHOOK_FILE.to_owned()),
    };
    let before = found.text.as_deref().unwrap_or(EXAMPLE);
    fill(before, &values).ok_or_else(|| NoPlan {
        why: format!(
            "{} is written in a way that does not allow safe additions",
            found.config_file.display()
        ),
        hint: "add environment, log-root and webhook-file yourself; see docs/configuration.md"
            .to_owned(),
    })
}

fn stored(found: &Situation) -> NoPlan {
    NoPlan {
        why: format!(
            "{} reads the webhook from a stored secret, so a webhook file would have no effect",
            found.config_file.display()
        ),
        hint: "replace it with `footman secret set NAME`; `footman secret list` shows its name"
            .to_owned(),
    }
}

fn in_a_variable(found: &Situation) -> NoPlan {
    if found.webhook_of_service {
        let is_windows = found.services == ServiceManager::Windows;
        let file = if is_windows { "the environment of this machine" } else { environment::PATH };
        return NoPlan {
            why: format!("{file} sets {DEFAULT_WEBHOOK}, so a webhook file would have no effect"),
            hint: format!("put the new webhook there, or remove it from {file} and run this again"),
        };
    }
    NoPlan {
        why: format!(
            "{} reads the webhook from a variable, so a webhook file would have no effect",
            found.config_file.display()
        ),
        hint: "set that variable for the service, or replace `webhook-env` by \
               `webhook-file = \"webhook.txt\"` and run this again"
            .to_owned(),
    }
}

/// Settings that a service would not see although this prompt does.
fn cannot_be_used(found: &Situation, answers: &SetupAnswers) -> Result<(), NoPlan> {
    let instead =
        "or replace `webhook-env` by `webhook-file = \"webhook.txt\"`; then run this again";
    let variable = found.unseen_variable.as_deref();
    match (&found.services, variable) {
        (ServiceManager::Windows, Some(name)) if answers.account.is_none() => Err(NoPlan {
            why: format!(
                "the service would not see the variable {name}, which only this prompt has"
            ),
            hint: format!(
                "make it a variable of the machine, in PowerShell \
                 [Environment]::SetEnvironmentVariable('{name}', 'https://…', 'Machine'), {instead}"
            ),
        }),
        (ServiceManager::Systemd(_), Some(name)) => Err(NoPlan {
            why: format!(
                "the service would not see the variable {name}, which only this prompt has"
            ),
            hint: format!(
                "put the line {name}=https://… into {}, which only root may read (chmod 600), {instead}",
                environment::PATH
            ),
        }),
        (ServiceManager::Systemd(_), None) => in_a_private_folder(found, answers),
        _ => Ok(()),
    }
}

/// The unit has a `/tmp` of its own.
fn in_a_private_folder(found: &Situation, answers: &SetupAnswers) -> Result<(), NoPlan> {
    let log_root = found.log_root(answers);
    let folders = found.folders.iter().map(|folder| &folder.path);
    let mut paths = folders.chain([&found.program, &found.config_file]).chain(log_root);
    let is_private = |path: &&PathBuf| path.starts_with("/tmp") || path.starts_with("/var/tmp");
    paths.find(is_private).map_or(Ok(()), |path| {
        Err(NoPlan {
            why: format!("the service would not see {}: it has a /tmp of its own", path.display()),
            hint: "move it elsewhere, or try it without the service: --service=no".to_owned(),
        })
    })
}

/// A separate account needs access to files that only administrators can read so far.
fn windows_service(
    found: &Situation,
    answers: &SetupAnswers,
    changed: bool,
    steps: &mut Vec<SetupStep>,
) {
    if let Some(account) = &answers.account {
        let grant = |path: &Path, right: &str| SetupStep::Run {
            program: "icacls",
            args: vec![path.display().to_string(), "/grant".into(), format!("{account}:{right}")],
        };
        if let Some(folder) = found.config_file.parent() {
            steps.push(grant(folder, "(OI)(CI)M"));
        }
        // The file has an access list of its own.
        if answers.has_webhook || found.channel_has(|channel| channel.webhook_file.is_some()) {
            steps.push(grant(&found.webhook_file(), "R"));
        }
    }
    steps.push(SetupStep::WindowsService { restart: changed });
}

fn unit_steps(
    found: &Situation,
    systemd: &Systemd,
    answers: &SetupAnswers,
    changed: bool,
    steps: &mut Vec<SetupStep>,
) {
    if !systemd.has_account {
        let home = ["--system", "--user-group", "--home-dir", "/var/lib/footman"];
        let rest = ["--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT];
        steps.push(run("useradd", &[home.as_slice(), rest.as_slice()].concat()));
    }
    if answers.has_webhook || found.channel_has(|channel| channel.webhook_file.is_some()) {
        let file = found.webhook_file().display().to_string();
        steps.push(run("chown", &[&format!("{ACCOUNT}:"), &file]));
    }
    // An existing folder may have other users: it keeps its owner.
    for folder in found.folders.iter().filter(|folder| !folder.exists) {
        let folder = folder.path.display().to_string();
        steps.push(run("install", &["-d", "-m", "700", "-o", ACCOUNT, "-g", ACCOUNT, &folder]));
    }
    steps.extend(checks(found, answers));
    let unit = unit_of(found, systemd).filter(|(path, text)| {
        !found.units.iter().any(|(known, before)| known == path && before == text)
    });
    let is_new = unit.is_some();
    if let Some((path, text)) = unit {
        steps.push(SetupStep::Unit { path, text });
        steps.push(run("systemctl", &["daemon-reload"]));
    }
    if changed || is_new {
        steps.push(run("systemctl", &["enable", UNIT]));
        steps.push(run("systemctl", &["restart", UNIT]));
    } else {
        steps.push(run("systemctl", &["enable", "--now", UNIT]));
    }
}

/// The unit, or the addition to that of the package, if either is needed.
fn unit_of(found: &Situation, systemd: &Systemd) -> Option<(PathBuf, String)> {
    if !systemd.has_fitting_unit {
        let text = unit::text(&found.program, &found.options, &found.folders);
        return Some((PathBuf::from(unit::PATH), text));
    }
    let is_needed = !found.folders.is_empty();
    is_needed.then(|| (PathBuf::from(unit::ADDITION), unit::addition(&found.folders)))
}

/// Paths that the account of the unit must be able to use.
fn checks(found: &Situation, answers: &SetupAnswers) -> Vec<SetupStep> {
    let mut uses = vec![(Use::Execute, found.program.clone())];
    uses.push((Use::Read, found.config_file.clone()));
    // A share that is not mounted yet does not exist.
    uses.extend(found.log_root(answers).map(|root| (Use::ReadLogs, root.clone())));
    uses.extend(found.folders.iter().map(|folder| (Use::Write, folder.path.clone())));
    uses.into_iter().map(|(how, path)| SetupStep::Check { how, path }).collect()
}

fn run(program: &'static str, args: &[&str]) -> SetupStep {
    SetupStep::Run { program, args: args.iter().map(|arg| (*arg).to_owned()).collect() }
}

impl SetupStep {
    /// The description of the step, for the user's consent.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Secret(path) => {
                format!("write the webhook into {}, for its owner only", path.display())
            }
            Self::Configuration { path, .. } => {
                format!("write the configuration {}", path.display())
            }
            Self::TestCard => "post a test card".to_owned(),
            Self::Unit { path, .. } => format!("write the unit {}", path.display()),
            Self::Run { program, args } => format!("run {program} {}", args.join(" ")),
            Self::Check { how, path } => how.shown(path),
            Self::WindowsService { .. } => "install and start the service Footman".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
