//! I/O. A simulated site of three nodes over a week: healthy, or with known failures.
//!
//! The rows of a healthy site follow the counts of loggers and levels on real ones; their texts are
//! invented. All rows are synthetic.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::noise::{HEADER, NOISE, Noise};
use super::score::Expected;
use footman::clock::Timestamp;
use footman::demo::log_file::{ScriptLine, Write};
use footman::demo::plan::{Act, plan};

use footman::demo::{Error, Node, Story};
use footman::detection::Kind;

pub(crate) const HOSTS: [&str; 3] = ["central-1", "worker-1", "worker-2"];
const APPS: [&str; 8] = [
    "Sales Dashboard",
    "Finance Ledger",
    "Stock Levels",
    "HR Overview",
    "Supplier Scorecard",
    "Budget Plan",
    "Fleet Costs",
    "Web Traffic",
];
const DAYS: u64 = 7;
pub(crate) const DAY: u64 = 24 * 3600;
const BEGIN: &str = "2026-11-16T00:00:00Z";
/// Failure messages that scripts print, none of which is a failure.
const PRINTED: [&str; 4] = [
    "Execution Failed",
    "Error: Max retries reached",
    "General Script Error in statement handling",
    "Task finished with state FinishedFail",
];

/// The failures of a troubled week: day, hour, node and scene.
const FAILURES: [(u64, u64, usize, &str); 14] = [
    (0, 9, 0, r#"reload "Orders" fails "Field 'OrderDte' not found""#),
    (0, 11, 1, r#"reload "Returns" fails "Table not found" retries 2"#),
    (1, 8, 2, r#"reload "Payroll" aborted"#),
    (1, 13, 0, r#"cannot-start "Forecast""#),
    (2, 7, 1, r#"reload "Orders" fails "Connection to the data source was lost""#),
    (2, 10, 2, "memory critical"),
    (3, 9, 0, r#"access-denied "EXAMPLE\visitor""#),
    (3, 15, 1, r#"reload "Margins" fails "Syntax error""#),
    (3, 16, 1, r#"reload "Margins" fails "Syntax error""#),
    (4, 6, 2, r#"hub-reload "Ad hoc" fails "Cannot open file""#),
    (4, 18, 0, r#"reload "Leads" aborted"#),
    (5, 5, 1, r#"reload "Churn" fails "Out of memory" retries 1"#),
    (5, 12, 2, r#"cannot-start "Returns""#),
    (6, 20, 0, "memory critical"),
];

/// Writes a healthy week below `folder`, one folder per node.
pub(crate) fn healthy(folder: &Path, seed: u64) -> Result<(), Error> {
    Site::new(folder, seed)?.week()
}

/// Writes a week with failures, each of which should cause one card.
pub(crate) fn troubled_week(folder: &Path, seed: u64) -> Result<Vec<Expected>, Error> {
    let mut site = Site::new(folder, seed)?;
    let mut expected: Vec<Expected> = Vec::new();
    for (day, hour, node, scene) in FAILURES {
        let at = Duration::from_secs(day * DAY + hour * 3600 + 1800);
        site.narrate(node, at, scene)?;
        expected.extend(expected_of(scene, HOSTS[node], site.begin + at));
    }
    // Failures that follow each other closely are one incident.
    let same = |one: &Expected, other: &Expected| {
        one.kind == other.kind
            && one.name == other.name
            && other.at.duration_since(one.at).as_hours() < 4
    };
    expected.dedup_by(|other, one| same(one, other));
    expected.extend(site.show_all()?);
    site.week()?;
    Ok(expected)
}

fn expected_of(scene: &str, host: &str, at: Timestamp) -> Option<Expected> {
    let named = scene.split('"').nth(1).unwrap_or_default().to_owned();
    let (kind, name) = match scene.split(' ').next()? {
        "reload" if scene.ends_with("aborted") => (Kind::ReloadAborted, named),
        // A script log contains the app's id; its name stands in another log.
        "reload" | "hub-reload" => (Kind::ReloadFailed, named),
        "cannot-start" => (Kind::TaskNotStarted, named),
        "memory" => (Kind::Performance, host.to_owned()),
        "access-denied" => (Kind::Security, host.to_owned()),
        _ => return None,
    };
    Some(Expected { kind, name, at })
}

pub(crate) struct Site {
    pub(crate) nodes: Vec<Node>,
    pub(crate) begin: Timestamp,
    dice: Dice,
    n_scenes: u64,
}

impl Site {
    fn new(folder: &Path, seed: u64) -> Result<Self, Error> {
        let nodes = HOSTS.map(|host| {
            Node::create(&folder.join(host), host, TimeZone::UTC)
                .map(|node| node.rolling_at(256 * 1024))
        });
        let begin = BEGIN.parse().expect("a constant time");
        let nodes = nodes.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { nodes, begin, dice: Dice(seed.max(1)), n_scenes: 0 })
    }

    /// Start-ups, successful reloads, some after a retry, and the daily noise.
    fn week(&mut self) -> Result<(), Error> {
        for day in 0..DAYS {
            for node in 0..self.nodes.len() {
                if day % 3 == 0 {
                    self.narrate(node, Duration::from_secs(day * DAY + 600), "start-up")?;
                }
                for _ in 0..6 {
                    self.reload(day, node)?;
                }
                self.noise(day, node)?;
            }
        }
        Ok(())
    }

    fn reload(&mut self, day: u64, node: usize) -> Result<(), Error> {
        let app = APPS[self.dice.below(8)];
        let seconds = day * DAY + 3600 + self.dice.roll() % (DAY - 7200);
        let end = match self.dice.below(4) {
            0 => r#"fails "The remote server returned an error: (503)" retries 1 then ok"#,
            _ => "ok",
        };
        self.narrate(node, Duration::from_secs(seconds), &format!("reload \"{app}\" {end}"))
    }

    /// Plays one scene on one node.
    fn narrate(&mut self, node: usize, at: Duration, scene: &str) -> Result<(), Error> {
        self.n_scenes += 1;
        let story = Story::parse("site", &format!("0 {scene}")).expect("the scenes are fixed");
        for step in plan(&story, &self.n_scenes.to_string()) {
            if let Act::Write(write) = step.act {
                self.nodes[node].write(self.begin + at + step.at, &with_printed_failures(write))?;
            }
        }
        Ok(())
    }

    fn noise(&mut self, day: u64, node: usize) -> Result<(), Error> {
        for noise in NOISE {
            let mut seconds: Vec<u64> = (0..noise.a_day).map(|_| self.dice.roll() % DAY).collect();
            seconds.sort_unstable();
            let begin = self.begin + Duration::from_secs(day * DAY);
            let times = seconds.into_iter().map(|second| begin + Duration::from_secs(second));
            let rows: String = times.map(|at| noise.row(at, HOSTS[node], &mut self.dice)).collect();
            append(self.nodes[node].log_root(), HOSTS[node], noise, &rows)?;
        }
        Ok(())
    }
}

/// Adds printed failure messages to a script log.
fn with_printed_failures(write: Write) -> Write {
    let Write::Script { file, mut lines } = write else { return write };
    let last = lines.iter().rposition(|line| matches!(line, ScriptLine::Script(..)));
    if let Some(last) = last {
        for words in PRINTED {
            let statement = ScriptLine::Script(990, format!("TRACE {words}"));
            lines.insert(last + 1, statement);
            lines.insert(last + 2, ScriptLine::Script(990, words.to_owned()));
        }
    }
    Write::Script { file, lines }
}

/// Each kind of noise has its own rolled file, so that its rows are in order.
fn append(root: &Path, host: &str, noise: &Noise, rows: &str) -> Result<(), Error> {
    let folder = root.join(noise.folder);
    let path: PathBuf = folder.join(format!("{host}_{}_{}Z.log", noise.log, noise.id()));
    let write = |source| Error::Write { path: path.clone(), source };
    fs::create_dir_all(&folder).map_err(write)?;
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(write)?;
    if file.metadata().map_err(write)?.len() == 0 {
        file.write_all(HEADER.as_bytes()).map_err(write)?;
    }
    file.write_all(rows.as_bytes()).map_err(write)
}

/// A small random number generator: the same seed gives the same site.
pub(crate) struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 8
    }

    pub(crate) fn below(&mut self, n: u64) -> usize {
        usize::try_from(self.roll() % n).unwrap_or(0)
    }
}
