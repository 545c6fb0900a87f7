//! How each of those that are compared is configured and started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::generate::PATTERNS;
use crate::sink::Sink;
use crate::support::HEADER;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Footman,
    TailRipgrep,
    TailGrep,
    Rsyslog,
    SyslogNg,
}

pub(crate) const PEERS: [Peer; 5] =
    [Peer::Footman, Peer::TailRipgrep, Peer::TailGrep, Peer::Rsyslog, Peer::SyslogNg];

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Peer::Footman => "footman",
            Peer::TailRipgrep => "tail -F | rg",
            Peer::TailGrep => "tail -F | grep",
            Peer::Rsyslog => "rsyslog",
            Peer::SyslogNg => "syslog-ng",
        }
    }

    /// Whether it has a receiver. A pipe ends in whatever stands behind it.
    pub(crate) fn posts(self) -> bool {
        !matches!(self, Peer::TailRipgrep | Peer::TailGrep)
    }
}

/// A peer in a folder of its own: its logs, its state, its receiver.
pub(crate) struct Post {
    peer: Peer,
    folder: tempfile::TempDir,
    pub(crate) sink: Sink,
    port: u16,
    children: Vec<Child>,
}

impl Post {
    pub(crate) fn new(peer: Peer) -> Post {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sink = Sink::default();
        let port = match peer {
            Peer::Footman => sink.take_posts(),
            Peer::TailRipgrep | Peer::TailGrep => 0,
            Peer::Rsyslog | Peer::SyslogNg => sink.take_lines(),
        };
        let made = Post { peer, folder, sink, port, children: Vec::new() };
        fs::create_dir_all(made.logs()).expect("a log folder");
        fs::create_dir_all(made.own()).expect("a folder of its own");
        made
    }

    fn own(&self) -> PathBuf {
        self.folder.path().join("own")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.folder.path().join("Log/Repository/Audit")
    }

    pub(crate) fn live(&self) -> PathBuf {
        self.logs().join("bench_AuditSecurity_Repository.txt")
    }

    /// The name of a rolled log, as Qlik Sense gives it: Footman follows these too.
    pub(crate) fn rolled(&self, number: u32) -> PathBuf {
        self.logs().join(format!("bench_AuditSecurity_Repository_{number}.log"))
    }

    pub(crate) fn make_live(&self) {
        fs::write(self.live(), HEADER).expect("the log");
    }

    /// All processes of it.
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.children.iter().map(Child::id).collect()
    }

    /// Starts it as it would be started on a node, and again after a kill.
    pub(crate) fn start(&mut self) {
        match self.peer {
            Peer::Footman => self.start_footman(),
            Peer::TailRipgrep => self.start_pipe("rg", &["--line-buffered", "--no-mmap"]),
            Peer::TailGrep => self.start_pipe("grep", &["--line-buffered", "-E"]),
            Peer::Rsyslog => self.start_rsyslog(),
            Peer::SyslogNg => self.start_syslog_ng(),
        }
    }

    pub(crate) fn kill(&mut self) {
        for child in &mut self.children {
            child.kill().and_then(|()| child.wait()).expect("a process ends");
        }
        self.children.clear();
    }

    fn start_footman(&mut self) {
        let config = self.own().join("footman.toml");
        let pace = "start = \"beginning\"\n[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\npace = { burst = 1000, every = \"1ms\" }\n";
        fs::write(&config, pace).expect("a configuration");
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.arg("run").arg("--config").arg(config);
        command.arg("--log-root").arg(self.folder.path().join("Log"));
        command.arg("--state-dir").arg(self.own().join("state"));
        command.env("FOOTMAN_TEAMS_WEBHOOK", format!("http://127.0.0.1:{}/workflows/x", self.port));
        self.children.push(quiet(&mut command).spawn().expect("footman starts"));
    }

    /// `tail -F` from the beginning into something that looks for the patterns.
    fn start_pipe(&mut self, snapshots: &str, flags: &[&str]) {
        let patterns = self.own().join("patterns");
        fs::write(&patterns, PATTERNS.join("\n") + "\n").expect("patterns");
        let mut tail = Command::new("tail")
            .args(["-n", "+1", "-F"])
            .arg(self.live())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("tail starts");
        let lines = tail.stdout.take().expect("a pipe");
        let mut filter = Command::new(snapshots)
            .args(flags)
            .arg("-f")
            .arg(patterns)
            .stdin(lines)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the filter starts");
        let found = filter.stdout.take().expect("a pipe");
        let sink = self.sink.clone();
        std::thread::spawn(move || sink.read_lines(found));
        self.children.extend([tail, filter]);
    }

    fn start_rsyslog(&mut self) {
        let (own, live, port) = (self.own(), self.live(), self.port);
        let modules = unpacked("usr/lib/x86_64-linux-gnu/rsyslog");
        let tests: Vec<String> =
            PATTERNS.iter().map(|pattern| format!("re_match($msg, \"{pattern}\")")).collect();
        let config = format!(
            "global(workDirectory=\"{own}\" maxMessageSize=\"64k\")\n\
             module(load=\"imfile\" mode=\"inotify\")\n\
             template(name=\"raw\" type=\"string\" string=\"%msg%\\n\")\n\
             input(type=\"imfile\" file=\"{live}\" tag=\"b\" ruleset=\"r\" reopenOnTruncate=\"on\" persistStateInterval=\"1\")\n\
             ruleset(name=\"r\") {{ if {} then {{ action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{port}\" protocol=\"tcp\" template=\"raw\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\" queue.type=\"linkedList\") }} }}\n",
            tests.join(" or "),
            own = own.display(),
            live = live.display(),
        );
        fs::write(own.join("rsyslog.conf"), config).expect("a configuration");
        // What a killed one left says nothing.
        fs::remove_file(own.join("pid")).ok();
        let mut command = Command::new(unpacked("usr/sbin/rsyslogd"));
        command.arg("-n").arg("-f").arg(own.join("rsyslog.conf"));
        command.arg("-i").arg(own.join("pid")).arg("-M").arg(modules);
        self.children.push(quiet(&mut command).spawn().expect("rsyslogd starts"));
    }

    fn start_syslog_ng(&mut self) {
        let (own, live, port) = (self.own(), self.live(), self.port);
        let config = format!(
            "@version: 3.38\n\
             options {{ log-msg-size(65536); stats-freq(0); time-reopen(1); }};\n\
             source s {{ file(\"{}\" follow-freq(1) flags(no-parse)); }};\n\
             filter f {{ message('{}' type(\"pcre\")); }};\n\
             destination d {{ network(\"127.0.0.1\" port({port}) transport(\"tcp\") template(\"$MSG\\n\")); }};\n\
             log {{ source(s); filter(f); destination(d); }};\n",
            live.display(),
            PATTERNS.join("|"),
        );
        fs::write(own.join("syslog-ng.conf"), config).expect("a configuration");
        let libraries = unpacked("usr/lib/syslog-ng");
        let mut command = Command::new(unpacked("usr/sbin/syslog-ng"));
        command.arg("-F").arg("-f").arg(own.join("syslog-ng.conf"));
        command.arg("--module-path").arg(libraries.join("3.38"));
        command.arg("-R").arg(own.join("persist")).arg("-p").arg(own.join("pid"));
        command.arg("-c").arg(own.join("control"));
        command.env("LD_LIBRARY_PATH", libraries);
        self.children.push(quiet(&mut command).spawn().expect("syslog-ng starts"));
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.kill();
    }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

/// Where `benches/peers/run` unpacked Debian's packages.
fn unpacked(path: &str) -> PathBuf {
    let root = std::env::var_os("FOOTMAN_PEERS_ROOT").expect("start this by benches/peers/run");
    Path::new(&root).join(path)
}
