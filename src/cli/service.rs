//! I/O. `footman service`: Footman as a service of the system, and `footman run --service`.

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
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Install the service, or change the one that is there
    Install(Install),
    /// Stop and remove the service; configuration and state stay
    Uninstall,
    /// Start the service and wait until it runs
    Start,
    /// Stop the service and wait for its end
    Stop,
    /// Say whether it is installed and runs
    Status,
    /// Set again what the system does when it ends by itself: it is restarted
    Recover,
}

#[derive(Clone, Debug, clap::Args)]
struct Install {
    #[command(flatten)]
    account: Account,
    /// Leave a service that is there as it is: account, start and recovery
    #[arg(long)]
    if_missing: bool,
}

/// Who the service runs as.
#[derive(Clone, Debug, clap::Args)]
struct Account {
    /// `DOMAIN\user` or a managed account `DOMAIN\name$`; else the local system account
    #[arg(long, value_name = "NAME")]
    account: Option<OsString>,
    /// The variable that holds the account's password; a managed account needs none
    #[arg(long, value_name = "VARIABLE", requires = "account")]
    password_env: Option<String>,
}

pub(in crate::cli) fn run(global: &Global, args: &Args) -> Result<End> {
    system::run(global, &args.command)
}

/// Installs the service where it is missing, or changes it if an account is named, and starts it;
/// one that runs is started again if what it reads at its start has changed.
pub(in crate::cli) fn set_up(
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
    let install = Command::Install(Install { account, if_missing });
    let restart = restart.then_some(Command::Stop);
    for command in [Some(install), restart, Some(Command::Start)].into_iter().flatten() {
        let end = system::run(global, &command)?;
        if !matches!(end, End::Done) {
            return Ok(end);
        }
    }
    Ok(End::Done)
}

/// `footman run --service`: hosted by the service control manager.
pub(in crate::cli) fn host() -> Result<End> {
    system::host()
}
