//! The real program with a page, and how long a written line takes to its POST meanwhile.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use footman::agent::PageNote;
use footman::state::Reader;

use crate::support::{HEADER, denied_row, percentile, teams};

/// Longer than anything takes; only a failing run waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// An agent that is killed at the end.
pub(crate) struct Paged {
    pub(crate) agent: Child,
    /// The address of the page.
    pub(crate) address: String,
    posts: Receiver<Instant>,
    log: PathBuf,
    n: u64,
}

impl Paged {
    /// Starts the program in a folder whose state may exist.
    pub(crate) fn start(folder: &Path) -> Self {
        let (url, posts) = teams();
        let audit = folder.join("Log/Repository/Audit");
        fs::create_dir_all(&audit).expect("a log folder");
        let log = audit.join("bench_AuditSecurity_Repository.txt");
        fs::write(&log, HEADER).expect("a log");
        let config = folder.join("footman.toml");
        let text = "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\npace = { burst = 1000, every = \"1ms\" }\n\
                    [page]\nlisten = \"127.0.0.1:0\"\n";
        fs::write(&config, text).expect("a configuration");
        let state = folder.join("state");
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.arg("run").arg("--config").arg(&config);
        command.arg("--log-root").arg(folder.join("Log")).arg("--state-dir").arg(&state);
        command.env("FOOTMAN_TEAMS_WEBHOOK", url).stdout(Stdio::null()).stderr(Stdio::null());
        let agent = command.spawn().expect("footman starts");
        Self { agent, address: address(&state), posts, log, n: 0 }
    }

    /// The times from a written line to its POST.
    pub(crate) fn latencies(&mut self, rounds: usize) -> Vec<Duration> {
        let mut file = OpenOptions::new().append(true).open(&self.log).expect("the log");
        let mut times = Vec::new();
        // The first rounds warm up.
        for round in 0..rounds + 3 {
            self.n += 1;
            let start = Instant::now();
            file.write_all(denied_row(self.n).as_bytes()).expect("a row");
            match self.posts.recv_timeout(PATIENCE) {
                Ok(arrived) if round >= 3 => times.push(arrived - start),
                Ok(_) => {}
                Err(_) => assert!(round < 3, "no POST within {PATIENCE:?}"),
            }
        }
        times
    }
}

impl Drop for Paged {
    fn drop(&mut self) {
        self.agent.kill().and_then(|()| self.agent.wait()).expect("footman ends");
    }
}

/// The address of the page, as soon as the state names it.
fn address(state: &Path) -> String {
    let since = Instant::now();
    loop {
        assert!(since.elapsed() < PATIENCE, "the state names no page");
        let note = Reader::open(state).and_then(|reader| reader.note("page"));
        let note = note.ok().flatten().map(|stored| PageNote::read(&stored));
        if let Some(address) = note.and_then(|note| note.address()) {
            return address.to_string();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// One answer of the page with its head, and how long it took, connection included.
pub(crate) fn get(address: &str, path: &str) -> (Duration, String) {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    (start.elapsed(), answer)
}

pub(crate) fn show(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share| percentile(times, share).as_secs_f64() * 1e3;
    let (n, median, most) = (times.len(), at(0.5), at(0.99));
    println!("{name:44} n {n:5}  p50 {median:8.2} ms  p99 {most:8.2} ms");
}
