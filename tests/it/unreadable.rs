//! Logs that the account of the agent may not read: `status` and `doctor` say so and exit with 3.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::world::{kill, until};

/// Root reads everything, so the agent runs as another account if the tests run as root.
const NOBODY: u32 = 65534;
const LOG: &str = "Scheduler/Trace/NODE_System_Scheduler.txt";
const SCRIPT: &str = "Script/a.log";

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.allow("", 0o755);
        for name in ["state", "log"] {
            fs::create_dir(place.path(name)).unwrap();
            place.allow(name, 0o777);
        }
        for file in [LOG, SCRIPT, "Engine/Trace/NODE_System_Engine.txt"] {
            let file = place.path("Log").join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let config =
            "[page]\nlisten = ''\n[log]\nfolder = 'log'\n[channel.default]\nkind = 'local'\n";
        fs::write(place.path("footman.toml"), config).unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(place.path("Log"), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.0.path().to_owned() } else { self.0.path().join(name) }
    }

    fn allow(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }

    fn footman(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.args(args).args(["--config=footman.toml", "--state-dir=state", "--log-root=Log"]);
        command.current_dir(self.path("")).env_clear().env("COLUMNS", "1000");
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn start(&self) -> Child {
        let mut run = self.footman(&["run"]);
        run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn said(&self, command: &str) -> (Option<i32>, String) {
        let ended = self.footman(&[command]).output().unwrap();
        let text = [ended.stdout, ended.stderr].concat();
        (ended.status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    /// Waits until `status` exits with 3 and says this, and checks that `doctor` says it, too.
    async fn until_not_well(&self, words: &str) {
        until(|| {
            let (code, text) = self.said("status");
            code == Some(3) && text.contains(&format!("footman: running: {words}"))
        })
        .await;
        let (code, text) = self.said("doctor");
        assert_eq!(code, Some(3), "{text}");
        assert!(text.contains(&format!("the agent runs, but not as it should: {words}")), "{text}");
    }

    fn waits(&self, why: &str) -> String {
        format!("waiting for the log root {}: {why}; ", self.path("Log").display())
    }

    async fn until_well(&self) {
        until(|| self.said("status").0 == Some(0)).await;
    }
}

#[tokio::test]
async fn a_log_file_or_its_folder_that_cannot_be_read_is_not_well() {
    let place = Place::new();
    let log = format!("Log/{LOG}");
    for (denied, mode, file, whole) in
        [(&*log, 0o000, LOG, 0o644), ("Log/Script", 0o444, SCRIPT, 0o755)]
    {
        place.allow(denied, mode);
        let agent = place.start();
        let file = place.path("Log").join(file).display().to_string();
        let words =
            format!("logs are not read: {file}: cannot read this log file (access is denied)");
        place.until_not_well(&words).await;
        place.allow(denied, whole);
        place.until_well().await;
        kill(agent);
    }
}

#[tokio::test]
async fn a_log_root_whose_folders_cannot_be_entered_is_not_called_foreign() {
    let place = Place::new();
    let waits = place.waits("access is denied");
    place.allow("Log", 0o444);
    let agent = place.start();
    place.until_not_well(&waits).await;
    let (_, text) = place.said("check");
    assert!(text.contains("the log root Log cannot be read: access is denied"), "{text}");
    place.allow("Log", 0o755);
    place.until_well().await;
    // The same while it is followed.
    place.allow("Log", 0o444);
    place.until_not_well(&waits).await;
    place.allow("Log", 0o755);
    place.until_well().await;
    kill(agent);
}

/// The known folders are followed in a root that can be entered and not listed.
#[tokio::test]
async fn a_log_root_that_can_only_be_entered_hides_nothing() {
    let place = Place::new();
    place.allow("Log", 0o111);
    let agent = place.start();
    place.until_well().await;
    let (_, text) = place.said("status");
    assert!(text.contains("3 followed") && text.contains("0 current"), "{text}");
    kill(agent);
    place.allow("Log", 0o755);
}

#[tokio::test]
async fn a_log_root_of_links_in_a_circle_is_not_called_absent() {
    let place = Place::new();
    fs::rename(place.path("Log"), place.path("away")).unwrap();
    symlink("Log", place.path("Log")).unwrap();
    let agent = place.start();
    place.until_not_well(&place.waits("its links lead in a circle")).await;
    let (_, text) = place.said("check");
    assert!(text.contains("the log root Log cannot be read: its links lead in a circle"), "{text}");
    fs::remove_file(place.path("Log")).unwrap();
    fs::rename(place.path("away"), place.path("Log")).unwrap();
    place.until_well().await;
    kill(agent);
}
