//! I/O. Performs the steps of `footman setup` in order, and stops at the first failure.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Result;

use crate::cli::setup::next::next;
use crate::cli::setup::plan::{ServiceManager, SetupAnswers, SetupStep, Situation, UNIT};
use crate::cli::setup::started::Started;
use crate::cli::setup::{GivenAnswers, account, ask, found, service_options, started};
use crate::cli::{End, Global, hint, refuse, service, test_send, webhook};
use crate::config::load::Env;
use crate::config::load::secret::{create_folder_of, replace_readable, replace_secret};
use crate::config::worded::system;

/// Account of the Windows service, and the variable with its password.
type ServiceAccount<'a> = (Option<&'a str>, Option<&'a str>);

const NOTHING: &str = "nothing was changed";
const INCOMPLETE: &str = "setup is not complete; run it again to continue from here";

pub(crate) fn all(
    global: &Global,
    found: &Situation,
    steps: &[SetupStep],
    answered: &GivenAnswers,
    account: ServiceAccount<'_>,
    is_script: bool,
) -> Result<End> {
    let secret = answered.secret.as_deref().unwrap_or_default();
    let file = found.webhook_file();
    let before = fs::read_to_string(&file).ok();
    let mut was_pasted = false;
    for (n_done, step) in steps.iter().enumerate() {
        let end = match step {
            SetupStep::Secret(path) => wrote(path, write_secret(path, secret)),
            SetupStep::Configuration { path, text } | SetupStep::Unit { path, text } => {
                wrote(path, write(path, text))
            }
            SetupStep::TestCard => {
                let end;
                (end, was_pasted) = test_card(global, found, is_script)?;
                if !matches!(end, End::Done) {
                    put_back(&file, before.as_deref());
                }
                end
            }
            SetupStep::Check { how, path } => checked(*how, path),
            SetupStep::Run { program, args } => run(program, args),
            SetupStep::WindowsService { restart } => {
                service::set_up(&of_service(global), account.0, account.1, *restart || was_pasted)?
            }
        };
        if !matches!(end, End::Done) {
            eprintln!("footman: {}", if n_done == 0 { NOTHING } else { INCOMPLETE });
            return Ok(end);
        }
    }
    // The plan was made before another webhook was pasted.
    if was_pasted
        && answered.answers.service
        && matches!(found.services, ServiceManager::Systemd(_))
    {
        run("systemctl", &["restart".to_owned(), UNIT.to_owned()]);
    }
    let ended = conclude(found, steps, &answered.answers)?;
    let is_set = Env::of_process().get(webhook::VARIABLE).is_some();
    if is_set && !found.webhook_is_in_a_variable() {
        println!(
            "note: where the variable {} is set, it is used instead of {}",
            webhook::VARIABLE,
            file.display()
        );
    }
    Ok(ended)
}

/// The options for a service: its log root is in the configuration.
fn of_service(global: &Global) -> Global {
    let mut options = Global { config: None, log_root: None, state_dir: None };
    for (name, path) in service_options(global, &Env::of_process()) {
        match name {
            "--config" => options.config = Some(path),
            _ => options.state_dir = Some(path),
        }
    }
    options
}

/// Posts the test card by the configuration that was written. On a terminal, a refused webhook can
/// be replaced at once; the result says whether it was.
fn test_card(global: &Global, found: &Situation, is_script: bool) -> Result<(End, bool)> {
    let mut was_pasted = false;
    loop {
        let end = test_send::default_channel(&of_service(global), &found::environment_of(found))?;
        let is_replaceable = !is_script && !found.webhook_is_in_a_variable();
        if matches!(end, End::Done) || !is_replaceable {
            return Ok((end, was_pasted));
        }
        let Some(another) = ask::another()? else { return Ok((end, was_pasted)) };
        let file = found.webhook_file();
        let end = wrote(&file, write_secret(&file, &another));
        was_pasted = true;
        if !matches!(end, End::Done) {
            return Ok((end, was_pasted));
        }
    }
}

/// Puts the previous webhook back: the new one was refused, and the previous one may work.
fn put_back(path: &Path, before: Option<&str>) {
    let Some(before) = before.filter(|_| fs::read_to_string(path).ok().as_deref() != before) else {
        return;
    };
    match replace_secret(path, before) {
        Ok(()) => eprintln!("footman: the previous webhook is in {} again", path.display()),
        Err(error) => {
            let why = system(&error);
            eprintln!("footman: {} has the refused webhook: {why}", path.display());
        }
    }
}

fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    create_folder_of(path)?;
    replace_secret(path, secret)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    create_folder_of(path)?;
    replace_readable(path, text)
}

fn wrote(path: &Path, result: io::Result<()>) -> End {
    let Err(error) = result else {
        println!("wrote          {}", path.display());
        return End::Done;
    };
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied if cfg!(windows) => "run this as an administrator",
        io::ErrorKind::PermissionDenied => "run this as root, or name another file with --config",
        _ => "check the path and the disk",
    };
    refuse(&format!("{} cannot be written: {}", path.display(), system(&error)), hint)
}

fn run(program: &str, args: &[String]) -> End {
    let shown = format!("{program} {}", args.join(" "));
    let ended = std::process::Command::new(program).args(args).status();
    match ended {
        Ok(status) if status.success() => {
            println!("ran            {shown}");
            End::Done
        }
        Ok(status) => {
            let is_start = program == "systemctl" && args.iter().any(|arg| arg == UNIT);
            let journal = if is_start { started::journal() } else { String::new() };
            refuse(
                &format!("`{shown}` ended with {}{journal}", status.code().unwrap_or(-1)),
                "see its output above, fix the cause, then run setup again",
            )
        }
        Err(error) => refuse(
            &format!("`{shown}` cannot be run: {}", system(&error)),
            "run setup as administrator or root",
        ),
    }
}

/// A path that does not exist yet, such as a share that is mounted later, is not checked.
fn checked(how: account::Use, path: &Path) -> End {
    if !path.exists() {
        return End::Done;
    }
    match account::check(how, path) {
        Ok(()) => End::Done,
        Err(refused) => refuse(&refused.why, &refused.hint),
    }
}

/// Says what was set up, and whether a started service runs.
fn conclude(found: &Situation, steps: &[SetupStep], answers: &SetupAnswers) -> Result<End> {
    println!("Footman is set up: {}", found.config_file.display());
    let print = |text: &str| println!("{}", hint::complete_written(text));
    if found.webhook.is_none() && !answers.has_webhook {
        print("Cards stay on this machine until `footman setup --webhook-stdin` gets a webhook.");
    } else if !steps.contains(&SetupStep::TestCard) {
        print("No card was posted. `footman test-send` posts one.");
    }
    if !answers.service || !found.services.is_any() {
        print(&next(found, steps));
        return Ok(End::Done);
    }
    println!("The service was started; waiting until it follows the logs …");
    Ok(match started::wait(&found.services, &found.state_dir)? {
        Started::Runs => {
            print("It runs, and starts whenever this machine does. Next: `footman status`");
            End::Done
        }
        Started::NotYet(known) => {
            let why = format!("the service was started, but does not follow the logs yet: {known}");
            refuse(&why, "`footman status` shows when it does; its own log has more")
        }
        Started::Ended(why) => {
            let hint = if cfg!(windows) {
                "remove the cause, then run `footman service start`"
            } else {
                "remove the cause, then run `systemctl restart footman`; `journalctl -u footman` \
                 has more"
            };
            refuse(&format!("the service was started, but ended: {why}"), hint)
        }
    })
}
