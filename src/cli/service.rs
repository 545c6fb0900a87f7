//! I/O. `footman service`: manages Footman as a system service, and runs `footman run --service`.

#[cfg(not(windows))]
mod unsupported;
#[cfg(windows)]
mod windows;

use std::ffi::OsString;

use anyhow::Result;

use crate::cli::{End, Global};

#[cfg(not(windows))]
use crate::cli::service::unsupported as system;
#[cfg(windows)]
use crate::cli::service::windows as system;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: ServiceCommand,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum ServiceCommand {
    /// Install the service, or change the installed one
    Install(Install),
    /// Stop and remove the service; configuration and state stay
    Uninstall,
    /// Start the service and wait until it runs
    Start,
    /// Stop the service and wait until it has stopped
    Stop,
    /// Show whether the service is installed and running
    Status,
    /// Reset the recovery actions: the system restarts the service when it fails
    Recover,
}

#[derive(Clone, Debug, clap::Args)]
struct Install {
    #[command(flatten)]
    account: Account,
    /// Keep an existing service as it is: account, start and recovery
    #[arg(long)]
    if_missing: bool,
}

/// The account of the service.
#[derive(Clone, Debug, clap::Args)]
struct Account {
    /// `DOMAIN\user` or a managed account `DOMAIN\name$`; else the local system account
    #[arg(long, value_name = "NAME")]
    account: Option<OsString>,
    /// The variable that holds the account's password; a managed account needs none
    #[arg(long, value_name = "VARIABLE", requires = "account")]
    password_env: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    system::run(global, &args.command)
}

/// Installs the service if it is missing, or changes it if an account is named, and starts it. A
/// running service is restarted if what it reads at startup has changed.
pub(crate) fn set_up(
    global: &Global,
    account: Option<&str>,
    password_env: Option<&str>,
    restart: bool,
) -> Result<End> {
    let account = Account {
        account: account.map(OsString::from),
        password_env: password_env.map(str::to_owned),
    };
    let if_missing = account.account.is_none();
    let install = ServiceCommand::Install(Install { account, if_missing });
    let restart = restart.then_some(ServiceCommand::Stop);
    for command in [Some(install), restart, Some(ServiceCommand::Start)].into_iter().flatten() {
        let end = system::run(global, &command)?;
        if !matches!(end, End::Done) {
            return Ok(end);
        }
    }
    Ok(End::Done)
}

/// Why no service can be installed on a system without that of Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// This system is not started by systemd.
    NoSystemd,
    /// Only root may write a unit.
    #[cfg_attr(all(windows, not(test)), expect(dead_code, reason = "the system refuses by itself"))]
    NotRoot,
}

/// Why this account can install no service here; `None` if it can.
pub(crate) fn hindrance() -> Option<Hindrance> {
    system::hindrance()
}

/// Whether this system has the service of Footman and could start it.
pub(crate) fn is_installed() -> bool {
    system::is_installed()
}

/// The exit code of the installed service and where its reason is, if it does not run.
pub(crate) fn ended() -> Option<String> {
    system::ended()
}

/// `footman run --service`: hosted by the service control manager.
pub(crate) fn host() -> Result<End> {
    system::host()
}
