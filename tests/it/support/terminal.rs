//! A person at a terminal: what appears on it is read, what they type is echoed unless it is hidden.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

/// Longer than any answer takes; only a failing test waits so long.
const PATIENCE: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

pub(crate) struct Terminal {
    screen: File,
    program: Child,
    shown: String,
    seen: usize,
}

impl Terminal {
    pub(crate) fn start(mut command: Command) -> Self {
        let screen =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let keyboard = rustix::fs::open(&name, flags, Mode::empty()).unwrap();
        let copy = || keyboard.try_clone().unwrap();
        let program = command.stdin(copy()).stdout(copy()).stderr(copy()).spawn().unwrap();
        drop(command);
        drop::<OwnedFd>(keyboard);
        Self { screen: File::from(screen), program, shown: String::new(), seen: 0 }
    }

    /// Waits until this appears behind what was waited for before.
    pub(crate) fn until(&mut self, text: &str) {
        loop {
            if let Some(at) = self.shown[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            assert!(self.read(), "`{text}` never appeared on\n{}", self.shown);
        }
    }

    /// Types a line once the question is there.
    pub(crate) fn answer(&mut self, question: &str, line: &str) {
        self.until(question);
        self.screen.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Types a line that must not appear, once the terminal hides it: what was typed before is
    /// thrown away.
    pub(crate) fn answer_unseen(&mut self, question: &str, line: &str) {
        self.until(question);
        let moment = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
        let is_shown = || {
            let modes = tcgetattr(&self.screen).unwrap().local_modes;
            modes.contains(LocalModes::ECHO)
        };
        while is_shown() {
            // Nothing to read: only the time passes.
            poll(&mut [], Some(&moment)).unwrap();
        }
        self.screen.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Everything that appeared until the program ended.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        while self.read() {}
        (self.program.wait().unwrap(), self.shown)
    }

    /// Whether something more appeared: nothing does when the program has ended.
    fn read(&mut self) -> bool {
        let mut ready = [PollFd::new(&self.screen, PollFlags::IN)];
        let n = poll(&mut ready, Some(&PATIENCE)).unwrap();
        assert!(n > 0, "the program waits for something else:\n{}", self.shown);
        let mut bytes = [0; 4096];
        // Linux says EIO when nobody holds the other end any more.
        let n = self.screen.read(&mut bytes).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..n]));
        n > 0
    }
}
