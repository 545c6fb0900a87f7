//! I/O. `footman setup`: asks questions, writes the configuration, and posts a test card.

mod account;
mod ask;
mod environment;
mod found;
mod perform;
mod plan;
mod started;
mod unit;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cli::doctor::logs::{NO_LOG, NO_LOG_TODO, holds_a_log};
use crate::cli::run::NO_LOG_ROOT;
use crate::cli::setup::plan::{Answers, Found, NoPlan, Question, Services, plan};
use crate::cli::{End, Global, diagnose, refuse, webhook};
use crate::config::load::{Env, LogRootFault, LogRootProblem, log_root_problem};
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
    webhook: webhook::Source,
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
struct Answered {
    answers: Answers,
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
                "  hint: add --yes, and what you would answer: --log-root, --environment, \
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
        Err(problems) => return Ok(Err(Stop::Problems(problems))),
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
fn answer(global: &Global, args: &Args, found: &Found) -> Result<Result<Answered, Stop>> {
    let secret = match given_secret(args, found) {
        Ok(secret) => secret,
        Err(refused) => return Ok(Err(Stop::Refused(refused))),
    };
    let given = given(global, args, secret.is_some());
    let mut answered = Answered {
        answers: Answers {
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
    if let Some(refused) = unusable(found, &answered.answers) {
        return Ok(Err(Stop::Refused(refused)));
    }
    Ok(Ok(answered))
}

/// A flag that cannot be applied.
fn refused_flag(args: &Args, found: &Found, answers: &Answers) -> Option<NoPlan> {
    if args.service == Some(YesOrNo::Yes) && !found.services.is_any() {
        let why = "no service can be installed: this account is not root, or systemd does not run";
        let hint = "run this as root on a machine with systemd, or with --service=no";
        return Some(NoPlan { why: why.to_owned(), hint: hint.to_owned() });
    }
    let folder = found.config_file.parent().unwrap_or(Path::new(""));
    let kept_root = found.config.log_root.as_ref().map(|kept| absolute(&folder.join(kept)));
    let (given_root, environment) = (answers.log_root.as_deref(), answers.environment.as_deref());
    found.contradiction(given_root, kept_root.as_deref(), environment)
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
fn given_secret(args: &Args, found: &Found) -> Result<Option<String>, NoPlan> {
    let refused = |webhook::NotTaken { why, hint }| NoPlan { why, hint };
    let given = args.webhook.read().map_err(refused)?;
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
fn unusable(found: &Found, answers: &Answers) -> Option<NoPlan> {
    let root = found.config.log_root.as_ref().or(answers.log_root.as_ref());
    let Some(root) = root else {
        return Some(NoPlan {
            why: NO_LOG_ROOT.to_owned(),
            hint: "name the folder `Log` of Qlik Sense with --log-root".to_owned(),
        });
    };
    if let Err(refused) = checked_log_root(root) {
        return Some(refused);
    }
    let name = answers.environment.as_deref()?;
    (!is_name(name)).then(|| NoPlan {
        why: format!("`{name}` cannot be the name of an environment"),
        hint: "use letters, digits, `-` and `_`".to_owned(),
    })
}

/// Refuses a folder that is not the log root. One that is empty, such as the mount point of a
/// share, is accepted with a note, because the agent waits for its logs; so is one without a log.
fn checked_log_root(folder: &Path) -> Result<(), NoPlan> {
    match log_root_problem(&Env::of_process(), folder) {
        None => {
            if !holds_a_log(folder) {
                eprintln!("note: {NO_LOG} below {}", folder.display());
                eprintln!("  hint: {NO_LOG_TODO}");
            }
            Ok(())
        }
        Some(LogRootProblem { fault: LogRootFault::Empty, message, .. }) => {
            eprintln!("note: {message}; Footman waits for logs in it");
            Ok(())
        }
        Some(LogRootProblem { message, hint, .. }) => Err(NoPlan { why: message, hint }),
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The options that a service needs to find the same files, because it does not see the variables
/// of this prompt.
fn service_options(global: &Global, env: &Env) -> Vec<(&'static str, PathBuf)> {
    let config = global.config.clone().or_else(|| env.get("FOOTMAN_CONFIG").map(PathBuf::from));
    let all = [("--config", config), ("--state-dir", global.state_dir.clone())];
    all.into_iter().filter_map(|(name, path)| Some((name, absolute(&path?)))).collect()
}

impl Services {
    fn is_any(&self) -> bool {
        *self != Self::None
    }
}
