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

/// `footman run --service`: hosted by the service control manager.
pub(in crate::cli) fn host() -> Result<End> {
    system::host()
}
