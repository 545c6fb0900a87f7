//! Shared by the benchmarks: a seeded log generator, a fake Teams, and figures.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each benchmark uses the part that it needs"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The header of a scheduler log, in the order of the simulated node.
pub(crate) const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\tServiceUser\tMessage\tException\tStackTrace\tProxySessionId\tTaskName\tTaskId\tExecutionId\tAppName\tAppId\tUser\r\n";

/// A small random number generator: the same seed gives the same logs.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn guid(&mut self) -> String {
        let (a, b) = (self.roll(), self.roll());
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xffff,
            b >> 48,
            b & 0xffff_ffff_ffff
        )
    }
}

/// One synthetic row of a healthy scheduler log.
pub(crate) fn healthy_row(sequence: u64, dice: &mut Dice) -> String {
    const MESSAGES: [&str; 6] = [
        "Task execution state changed, next trigger evaluated",
        "Reload complete, releasing engine connection after successful reload",
        "Checking triggers of 412 tasks, none is due before the next full minute",
        "Engine connection opened for reload, handle reserved by the reload provider",
        "Execution State Change to Started",
        "Notification received from the repository, task list is current",
    ];
    let message = MESSAGES[(dice.roll() % 6) as usize];
    let (task, execution, app) = (dice.guid(), dice.guid(), dice.guid());
    let second = sequence % 60;
    format!(
        "{sequence}\t20261123T0612{second:02}.000+0100\tINFO\tbench-node\tSystem.Scheduler.Scheduler.Master.Task.TaskSession\t{}\t{}\tLAB\\qlikservice\t{message}\t\t\t\tNightly {}\t{task}\t{execution}\tApp {}\t{app}\tINTERNAL\\sa_scheduler\r\n",
        dice.roll() % 200,
        dice.guid(),
        dice.roll() % 500,
        dice.roll() % 500,
    )
}

/// A row that causes a card at once: without settling, with a new user each time.
pub(crate) fn denied_row(sequence: u64) -> String {
    format!(
        "{sequence}\t20261123T061200.000+0100\tWARN\tbench-node\tAuditSecurity.Repository.Bench\t1\t1\tLAB\\qlikservice\tAccess was denied for User: 'LAB\\user{sequence}', with AccessID 'x', SessionID: 'y', SessionCount: '5', Hostname: '::1', OperationType: 'UsageDenied'\r\n"
    )
}

/// A loopback Teams that accepts everything and reports when each post has arrived.
pub(crate) fn teams() -> (String, Receiver<Instant>) {
    serve(|| ACCEPTED)
}

const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";

/// Answers posts with `answer`, and reports when each has arrived.
fn serve(
    answer: impl Fn() -> &'static str + Clone + Send + 'static,
) -> (String, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let url = format!("http://{}/workflows/bench", listener.local_addr().expect("an address"));
    let (arrived, posts) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (arrived, answer) = (arrived.clone(), answer.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                while let Some(length) = head(&mut reader) {
                    let mut body = vec![0; length];
                    if reader.read_exact(&mut body).is_err() {
                        break;
                    }
                    arrived.send(Instant::now()).ok();
                    if reader.get_mut().write_all(answer().as_bytes()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (url, posts)
}

/// Reads a request head; returns its content length.
fn head(reader: &mut impl BufRead) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            return Some(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
}

/// The value below which `share` of the sorted values are.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

/// The median time of one small write with fsync, for comparison: each card needs a few of them.
pub(crate) fn fsync_cost(folder: &Path) -> Duration {
    let mut file = std::fs::File::create(folder.join("fsync")).expect("a file beside the state");
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&[0; 4096]).and_then(|()| file.sync_all()).expect("a write");
            start.elapsed()
        })
        .collect();
    times.sort();
    percentile(&times, 0.5)
}

/// Whether this is only a short run that shows that the benchmark works.
pub(crate) fn smoke() -> bool {
    std::env::args().any(|arg| arg == "--smoke")
}

/// Distinct error messages, none of which is in a healthy row.
pub(crate) fn phrases(n: usize) -> Vec<String> {
    const DOES: [&str; 10] = [
        "Failed to start",
        "Could not reach",
        "Lost connection to",
        "Timed out waiting for",
        "Refused to load",
        "Unable to lock",
        "Gave up on",
        "Cannot write to",
        "No answer from",
        "Rejected by",
    ];
    const WHAT: [&str; 10] = [
        "engine session",
        "repository database",
        "license server",
        "central node",
        "app container",
        "certificate store",
        "user directory",
        "extension bundle",
        "print worker",
        "data connection",
    ];
    const WHEN: [&str; 10] = [
        "during start-up",
        "after the last retry",
        "while reloading",
        "on shutdown",
        "before hand-over",
        "at synchronisation",
        "under load",
        "for a rim node",
        "in maintenance",
        "by policy",
    ];
    let phrase =
        |n: usize| format!("{} {} {}", DOES[n % 10], WHAT[n / 10 % 10], WHEN[n / 100 % 10]);
    (0..n).map(phrase).collect()
}

/// Resident memory of this process; 0 if the system does not report it.
pub(crate) fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

/// User and system time of a process so far.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a running process");
    let fields: Vec<&str> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}

pub(crate) fn resident_kb(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

/// The peak memory of a process, in kilobytes.
pub(crate) fn peak_kb(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or(0)
}

/// The number after a switch of the command line.
pub(crate) fn asked(switch: &str) -> Option<u64> {
    std::env::args().skip_while(|arg| arg != switch).nth(1)?.parse().ok()
}

/// A loopback Teams with the limits of the real one, which answers 429 to faster posts.
pub(crate) struct LimitedTeams {
    pub(crate) url: String,
    posts: Receiver<Instant>,
    limits: Arc<Mutex<Limits>>,
}

/// The accepted posts so far, and the number of refused ones.
#[derive(Default)]
struct Limits {
    taken: Vec<Instant>,
    refused: usize,
}

impl Limits {
    /// 4 in a second, 60 in 30 seconds (incoming webhooks), 25 in 300 seconds (flows).
    const MOST: [(Duration, usize); 3] =
        [(Duration::from_secs(1), 4), (Duration::from_secs(30), 60), (Duration::from_mins(5), 25)];

    fn answer(&mut self, now: Instant) -> &'static str {
        let within = |time| self.taken.iter().filter(|at| now.duration_since(**at) < time).count();
        if Self::MOST.iter().any(|(time, most)| within(*time) >= *most) {
            self.refused += 1;
            return "HTTP/1.1 429 Too Many Requests\r\nretry-after: 30\r\ncontent-length: 0\r\n\r\n";
        }
        self.taken.push(now);
        ACCEPTED
    }
}

impl LimitedTeams {
    pub(crate) fn start() -> Self {
        let limits = Arc::new(Mutex::new(Limits::default()));
        let (url, posts) = serve({
            let limits = Arc::clone(&limits);
            move || limits.lock().expect("no thread panics with it").answer(Instant::now())
        });
        Self { url, posts, limits }
    }

    /// When the first card arrived.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.posts.try_recv().ok()
    }

    /// Number of accepted and of refused posts.
    pub(crate) fn answered(&self) -> (usize, usize) {
        let limits = self.limits.lock().expect("no thread panics with it");
        (limits.taken.len(), limits.refused)
    }
}
