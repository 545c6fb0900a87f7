//! I/O. Systems without the Windows service control manager.

use std::path::Path;

use anyhow::Result;

use crate::cli::hint::Refused;
use crate::cli::service::{Hindrance, Install, ServiceCommand};
use crate::cli::{End, Global};

/// The unit, and where systemd looks for it.
const UNIT: &str = "footman.service";
const UNITS: [&str; 4] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// What to do where there is no service.
fn without_unit(hindrance: Option<Hindrance>) -> &'static str {
    match hindrance {
        None => {
            "no service is installed here: `footman setup --service=yes` installs one for systemd, \
             `footman run` runs without"
        }
        Some(Hindrance::NotRoot) => {
            "no service is installed here: as root, `footman setup --service=yes` installs one for \
             systemd; `footman run` runs without"
        }
        Some(Hindrance::NoSystemd) => {
            "systemd does not run on this machine, so there is no service; `footman run` runs \
             without"
        }
    }
}

pub(crate) fn run(_: &Global, command: &ServiceCommand) -> Result<End> {
    let same = match command {
        ServiceCommand::Install(args) if args.is_plain() => "systemctl enable --now footman",
        ServiceCommand::Install(_) => "systemctl edit footman, where User= names the account",
        ServiceCommand::Uninstall => "systemctl disable --now footman",
        ServiceCommand::Start => "systemctl start footman",
        ServiceCommand::Stop => "systemctl stop footman",
        ServiceCommand::Status => "systemctl status footman",
        ServiceCommand::Recover => "systemctl edit footman, where Restart= sets it",
    };
    let hint = if is_installed() {
        format!("on this system, use systemd: {same}")
    } else {
        without_unit(hindrance()).to_owned()
    };
    Err(Refused::new("this command manages Windows services", hint).into())
}

/// Whether systemd runs and has a unit of Footman.
pub(crate) fn is_installed() -> bool {
    let has_unit = |folder| Path::new(folder).join(UNIT).exists();
    has_systemd() && UNITS.into_iter().any(has_unit)
}

/// On Linux only root can create a service, and only if systemd runs.
pub(crate) fn hindrance() -> Option<Hindrance> {
    if !has_systemd() {
        return Some(Hindrance::NoSystemd);
    }
    (!rustix::process::geteuid().is_root()).then_some(Hindrance::NotRoot)
}

fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
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

#[cfg(test)]
mod tests;
