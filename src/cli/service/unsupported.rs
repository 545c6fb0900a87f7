//! I/O. Where the system has no service control manager.

use anyhow::Result;

use crate::cli::hint::Refused;
use crate::cli::service::{Command, Install};
use crate::cli::{End, Global};

pub(in crate::cli::service) fn run(_: &Global, command: &Command) -> Result<End> {
    let same = match command {
        Command::Install(args) if args.is_plain() => "systemctl enable --now footman",
        Command::Install(_) => "systemctl edit footman, where User= names the account",
        Command::Uninstall => "systemctl disable --now footman",
        Command::Start => "systemctl start footman",
        Command::Stop => "systemctl stop footman",
        Command::Status => "systemctl status footman",
        Command::Recover => "systemctl edit footman, where Restart= says it",
    };
    let hint = format!("systemd does it here: {same}");
    Err(Refused::new("this manages the services of Windows", hint).into())
}

impl Install {
    /// Without an account of its own; what is enabled already stays so in any case.
    fn is_plain(&self) -> bool {
        let Self { account, if_missing: _ } = self;
        account.account.is_none() && account.password_env.is_none()
    }
}

pub(in crate::cli::service) fn host() -> Result<End> {
    let what = "only the service control manager of Windows starts it like this";
    Err(Refused::new(what, "use `footman run`").into())
}
