//! I/O. Systems without the Windows service control manager.

use anyhow::Result;

use crate::cli::hint::Refused;
use crate::cli::service::{Command, Install};
use crate::cli::{End, Global};

pub(crate) fn run(_: &Global, command: &Command) -> Result<End> {
    let same = match command {
        Command::Install(args) if args.is_plain() => "systemctl enable --now footman",
        Command::Install(_) => "systemctl edit footman, where User= names the account",
        Command::Uninstall => "systemctl disable --now footman",
        Command::Start => "systemctl start footman",
        Command::Stop => "systemctl stop footman",
        Command::Status => "systemctl status footman",
        Command::Recover => "systemctl edit footman, where Restart= sets it",
    };
    let hint = format!("on this system, use systemd: {same}");
    Err(Refused::new("this command manages Windows services", hint).into())
}

impl Install {
    /// Whether no account is named. `--if-missing` needs nothing: enabling keeps an enabled unit.
    fn is_plain(&self) -> bool {
        let Self { account, if_missing: _ } = self;
        account.account.is_none() && account.password_env.is_none()
    }
}

/// No service of this kind ever ends here.
pub(crate) fn ended() -> Option<String> {
    None
}

pub(crate) fn host() -> Result<End> {
    let what = "`--service` is only for the Windows service control manager";
    Err(Refused::new(what, "use `footman run`").into())
}
