//! I/O. Whether the account of the unit can use everything that the unit needs, tested as that
//! account.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::setup::plan::{ACCOUNT, NoPlan};

/// How the account uses a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Execute,
    Read,
    /// The folder `Log` of Qlik Sense.
    ReadLogs,
    Write,
}

impl Use {
    /// What is checked, for the user's consent.
    pub(crate) fn shown(self, path: &Path) -> String {
        format!("check that the account {ACCOUNT} can {} {}", self.verb(), path.display())
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Execute => "run",
            Self::Read | Self::ReadLogs => "read",
            Self::Write => "write in",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Execute => "-x",
            Self::Read | Self::ReadLogs => "-r",
            Self::Write => "-w",
        }
    }

    /// Why the unit would not work, and what to do.
    fn refused(self, path: &Path) -> NoPlan {
        let shown = path.display();
        let why = format!(
            "the account {ACCOUNT}, as which the service runs, cannot {} {shown}",
            self.verb()
        );
        let hint = match self {
            // The home of root, where cargo installs, is closed to others.
            Self::Execute => format!(
                "put the program where every account can reach it: `install -m 755 {shown} \
                 /usr/local/bin/footman`, then run `/usr/local/bin/footman setup` again"
            ),
            Self::Read => format!(
                "keep the configuration in /etc/footman, or open the folders above {shown} to that account"
            ),
            Self::ReadLogs => format!(
                "mount it so that this account may read it, or add the account to the group that \
                 may: `usermod -aG GROUP {ACCOUNT}`"
            ),
            Self::Write => format!(
                "`chown {ACCOUNT}: {shown}` if nothing else uses the folder; otherwise name another one"
            ),
        };
        NoPlan { why, hint }
    }
}

/// Tests it as that account, because only this respects groups and access lists. If it cannot be
/// tested, the start of the service shows the problem.
pub(crate) fn check(how: Use, path: &Path) -> Result<(), NoPlan> {
    let mut tried = Command::new("runuser");
    tried.args(["-u", ACCOUNT, "--", "test", how.option()]).arg(path);
    let ended = tried.stdin(Stdio::null()).stderr(Stdio::null()).status();
    match ended.map(|status| status.code()) {
        Ok(Some(1)) => Err(how.refused(path)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
