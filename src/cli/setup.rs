//! I/O. `footman setup`: asks questions, writes the configuration, and posts a test card.

mod account;
mod ask;
mod environment;
mod found;
mod next;
mod perform;
mod plan;
mod rights;
mod started;
mod unit;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cli::hint::Refused;
use crate::cli::log_root::{self, absolute};
use crate::cli::run::NO_LOG_ROOT;
use crate::cli::service::Hindrance;
use crate::cli::setup::plan::{NoPlan, Question, ServiceManager, SetupAnswers, Situation, plan};
use crate::cli::{End, Global, diagnose, refuse, webhook};
use crate::config::load::Env;
use crate::config::{Problem, is_name};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Ask nothing: use the flags, and the default answers in brackets for the rest
    #[arg(long)]
    yes: bool,
    /// The environment shown on every card
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    #[command(flatten)]
    webhook: webhook::WebhookSource,
    /// Whether a test card is posted to the channel
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "yes|no",
        hide_possible_values = true
    )]
    test_card: Option<YesOrNo>,
    /// Whether the service is installed and started
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "yes|no",
        hide_possible_values = true
    )]
    service: Option<YesOrNo>,
    /// The account of the Windows service: `DOMAIN\user` or a managed account `DOMAIN\name$`
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The variable that holds the password of that account
    #[arg(long, value_name = "VARIABLE", requires = "account")]
    password_env: Option<String>,
}

/// The answer to a question. The other common spellings are accepted, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum YesOrNo {
    #[value(aliases = ["y", "true", "on", "1"])]
    Yes,
    #[value(aliases = ["n", "false", "off", "0"])]
    No,
}

/// Why nothing was set up.
enum Stop {
    Problems(Vec<Problem>),
    Refused(NoPlan),
    /// There is no terminal to ask on.
    NoTerminal,
    /// The user declined or left.
    NotWanted,
}

/// The answers, with the secret.
struct GivenAnswers {
    answers: SetupAnswers,
    secret: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    Ok(match set_up(global, args)? {
        Ok(end) => end,
        Err(Stop::Problems(problems)) => {
            diagnose::print(&problems, false);
            eprintln!("footman: nothing was changed; fix the problems above, then run this again");
            End::Problems
        }
        Err(Stop::Refused(NoPlan { why, hint })) => refuse(&why, &hint),
        Err(Stop::NoTerminal) => {
            eprintln!("footman: setup needs a terminal for its questions");
            eprintln!(
                "hint: add --yes, and what you would answer: --log-root, --environment, \
                 --webhook-stdin or --webhook-file, --test-card, --service"
            );
            End::Usage
        }
        Err(Stop::NotWanted) => {
            println!("nothing was changed");
            End::Done
        }
    })
}

fn set_up(global: &Global, args: &Args) -> Result<Result<End, Stop>> {
    if !args.yes && !io::stdin().is_terminal() {
        return Ok(Err(Stop::NoTerminal));
    }
    let found = match found::find(global) {
        Ok(found) => found,
        Err(stop) => return Ok(Err(stop)),
    };
    for line in found.kept() {
        println!("{line}");
    }
    let answered = match answer(global, args, &found)? {
        Ok(answered) => answered,
        Err(stop) => return Ok(Err(stop)),
    };
    let steps = match plan(&found, &answered.answers) {
        Ok(steps) => steps,
        Err(refused) => return Ok(Err(Stop::Refused(refused))),
    };
    if steps.is_empty() {
        println!("nothing to do: {} is complete", found.config_file.display());
        return Ok(Ok(End::Done));
    }
    if !args.yes && !ask::agree(&steps)? {
        return Ok(Err(Stop::NotWanted));
    }
    let account = (args.account.as_deref(), args.password_env.as_deref());
    perform::all(global, &found, &steps, &answered, account, args.yes).map(Ok)
}

/// Flags come first, then typed answers, then the defaults in brackets.
fn answer(global: &Global, args: &Args, found: &Situation) -> Result<Result<GivenAnswers, Stop>> {
    let secret = match given_secret(args, found) {
        Ok(secret) => secret,
        Err(refused) => return Ok(Err(Stop::Refused(refused))),
    };
    let given = given(global, args, secret.is_some());
    let mut answered = GivenAnswers {
        answers: SetupAnswers {
            log_root: global.log_root.as_ref().map(|root| absolute(root)),
            environment: args.environment.clone().filter(|name| !name.trim().is_empty()),
            has_webhook: false,
            test_card: args.test_card != Some(YesOrNo::No),
            service: args.service.map_or(args.yes, |answer| answer == YesOrNo::Yes),
            account: args.account.clone(),
        },
        secret,
    };
    if let Some(refused) = refused_flag(args, found, &answered.answers) {
        return Ok(Err(Stop::Refused(refused)));
    }
    answered.answers.log_root = answered.answers.log_root.or_else(|| found.detected.clone());
    if !args.yes {
        let open = found.open_questions(&given);
        if !ask::ask(found, &open, &mut answered)? {
            return Ok(Err(Stop::NotWanted));
        }
    }
    answered.answers.has_webhook = answered.secret.is_some();
    if let Some(refused) = unusable(args, found, &answered.answers) {
        return Ok(Err(Stop::Refused(refused)));
    }
    Ok(Ok(answered))
}

/// A flag that cannot be applied.
fn refused_flag(args: &Args, found: &Situation, answers: &SetupAnswers) -> Option<NoPlan> {
    if args.service == Some(YesOrNo::Yes) && !found.services.is_any() {
        let (why, hint) = match found.services {
            ServiceManager::None(Hindrance::NotRoot) => (
                "no service can be installed: this account is not root",
                "run this as root, or with --service=no",
            ),
            _ => (
                "no service can be installed: systemd does not run on this machine",
                "run this with --service=no; `footman run` is the program to start",
            ),
        };
        return Some(NoPlan { why: why.to_owned(), hint: hint.to_owned() });
    }
    found.contradiction(answers.log_root.as_deref(), answers.environment.as_deref())
}

fn given(global: &Global, args: &Args, has_secret: bool) -> Vec<Question> {
    let all = [
        (Question::LogRoot, global.log_root.is_some()),
        (Question::Environment, args.environment.is_some()),
        (Question::Webhook, has_secret),
        (Question::TestCard, args.test_card.is_some()),
        (Question::Service, args.service.is_some()),
    ];
    all.into_iter().filter(|(_, is_given)| *is_given).map(|(question, _)| question).collect()
}

/// Reads the webhook from the given source, else from the variable: a service does not see the
/// variables of this prompt.
fn given_secret(args: &Args, found: &Situation) -> Result<Option<String>, NoPlan> {
    let refused = |webhook::NotTaken { why, hint }| NoPlan { why, hint };
    let given = args.webhook.read("setup").map_err(refused)?;
    if given.is_some() || found.webhook.is_some() {
        return Ok(given);
    }
    let of_variable = webhook::of_variable().map_err(refused)?;
    if of_variable.is_some() {
        println!("webhook        taken from {}", webhook::VARIABLE);
    }
    Ok(of_variable)
}

/// The reason why this cannot be set up, if there is one.
fn unusable(args: &Args, found: &Situation, answers: &SetupAnswers) -> Option<NoPlan> {
    let has_webhook = answers.has_webhook || found.webhook.is_some();
    if args.test_card == Some(YesOrNo::Yes) && !has_webhook {
        return Some(NoPlan {
            why: "no test card can be posted: there is no webhook".to_owned(),
            hint: "name it with --webhook-stdin or --webhook-file FILE, or use --test-card=no"
                .to_owned(),
        });
    }
    let root = found.log_root(answers);
    let Some(root) = root else {
        return Some(NoPlan {
            why: NO_LOG_ROOT.to_owned(),
            hint: "name the folder `Log` of Qlik Sense with --log-root".to_owned(),
        });
    };
    if let Err(refused) = found.accepts(root) {
        return Some(refused);
    }
    let name = answers.environment.as_deref()?;
    (!is_name(name)).then(|| NoPlan {
        why: format!("`{name}` cannot be the name of an environment"),
        hint: "use letters, digits, `-` and `_`".to_owned(),
    })
}

/// The options that a service needs to find the same files, because it does not see the variables
/// of this prompt.
fn service_options(global: &Global, env: &Env) -> Vec<(&'static str, PathBuf)> {
    let config = global.config.clone().or_else(|| env.get("FOOTMAN_CONFIG").map(PathBuf::from));
    let all = [("--config", config), ("--state-dir", global.state_dir.clone())];
    all.into_iter().filter_map(|(name, path)| Some((name, absolute(&path?)))).collect()
}

impl Situation {
    /// Refuses a folder that is not the log root, or that Footman would write into.
    fn accepts(&self, log_root: &Path) -> Result<(), NoPlan> {
        let written = [
            ("the state folder", self.state_dir.as_path(), "--state-dir"),
            ("the folder of Footman's own log", &self.log_dir, "`folder` in [log], or --state-dir"),
            ("the configuration", &self.config_file, "--config"),
        ];
        let checked = log_root::check(log_root);
        let checked = checked.and_then(|()| log_root::keep_clean(log_root, &written));
        checked.map_err(|Refused { what: why, hint }| NoPlan { why, hint })
    }
}

impl ServiceManager {
    fn is_any(&self) -> bool {
        !matches!(self, Self::None(_))
    }
}
