//! Random histories of log files against an oracle: each numbered line is read exactly once, in
//! order.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use footman::tail::Dirty;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::tailing::world::{World, lines_of, with_hints};

/// Actions of the writers and the agent, in any order.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Writes whole lines to one of the logs.
    Write {
        log: usize,
        lines: usize,
    },
    /// Writes the beginning of a line; the next write completes it.
    Partial {
        log: usize,
    },
    /// Renames the log; the next write creates a new one with the same header.
    Roll {
        log: usize,
    },
    /// Writes a line to the file that was rolled last.
    WriteToRolled {
        log: usize,
    },
    /// Deletes the log after it was read; the next write creates a new one.
    Delete {
        log: usize,
    },
    /// The folder disappears and comes back.
    Away,
    /// Copies the log to a rolled name and truncates it; optionally the agent polls in between, and
    /// optionally a line is written after that poll.
    CopyTruncate {
        log: usize,
        looks: bool,
        writes: bool,
    },
    /// Truncates the log after it was read.
    Truncate {
        log: usize,
    },
    /// Gives the log a second name.
    Link {
        log: usize,
    },
    /// Freezes the metadata of the log until the next tick after [`Act::Fresh`].
    Stale {
        log: usize,
    },
    Fresh,
    /// Sets the order of listings.
    List {
        backwards: bool,
    },
    /// Sends a hint about the log at once.
    Hint {
        log: usize,
    },
    HintAll,
    Tick,
    Restart,
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    let log = 0..3_usize;
    prop_oneof![
        4 => (log.clone(), 1..20_usize).prop_map(|(log, lines)| Act::Write { log, lines }),
        2 => log.clone().prop_map(|log| Act::Partial { log }),
        2 => log.clone().prop_map(|log| Act::Roll { log }),
        1 => log.clone().prop_map(|log| Act::WriteToRolled { log }),
        1 => log.clone().prop_map(|log| Act::Delete { log }),
        2 => (log.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(log, looks, writes)| Act::CopyTruncate { log, looks, writes }),
        1 => log.clone().prop_map(|log| Act::Truncate { log }),
        1 => log.clone().prop_map(|log| Act::Link { log }),
        1 => log.clone().prop_map(|log| Act::Stale { log }),
        1 => log.prop_map(|log| Act::Hint { log }),
        1 => Just(Act::Fresh),
        1 => any::<bool>().prop_map(|backwards| Act::List { backwards }),
        1 => Just(Act::HintAll),
        1 => Just(Act::Away),
        4 => Just(Act::Tick),
        1 => Just(Act::Restart),
        1 => Just(Act::Crash),
    ]
}

const HEADER: &str = "Sequence#\tTimestamp\tLevel\n";

/// One log with its rolled files.
#[derive(Default)]
struct Log {
    exists: bool,
    rolled: usize,
    half_line: Option<String>,
    written: Vec<String>,
    /// Whether it had no whole line when the agent last checked.
    unseen: bool,
    /// Number of its whole lines that the agent has seen.
    seen: usize,
}

struct Model {
    world: World,
    logs: [Log; 3],
    next: usize,
    read: Vec<String>,
    made: usize,
    deleted: bool,
    /// Whether a log was copied or truncated.
    copied: bool,
    links: usize,
}

impl Model {
    fn new() -> Model {
        Model {
            world: World::new(),
            logs: Default::default(),
            next: 0,
            read: Vec::new(),
            made: 0,
            deleted: false,
            copied: false,
            links: 0,
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Write { log, lines } => {
                for _ in 0..lines {
                    let line = self.number();
                    self.write_line(log, &line);
                }
            }
            Act::Partial { log } => self.write_half(log),
            Act::Roll { log } => self.roll(log),
            Act::WriteToRolled { log } => self.write_to_rolled(log),
            Act::Delete { log } => self.delete(log),
            Act::Away => self.go_away(),
            Act::CopyTruncate { log, looks, writes } => self.copy_truncate(log, looks, writes),
            Act::Truncate { log } => self.truncate(log),
            Act::Link { log } => self.link(log),
            Act::Stale { log } if self.logs[log].exists => {
                self.world.disk.freeze(&self.world.path(&name(log)));
            }
            Act::Stale { .. } => {}
            Act::Fresh => self.world.disk.faults().stale.clear(),
            Act::List { backwards } => self.world.disk.faults().backwards = backwards,
            Act::Hint { log } => {
                self.stat(log);
                self.hint(&Dirty::Paths([self.world.path(&name(log))].into()));
            }
            Act::HintAll => {
                (0..self.logs.len()).for_each(|log| self.stat(log));
                self.hint(&Dirty::Everything);
            }
            Act::Tick => {
                for log in 0..self.logs.len() {
                    self.stat(log);
                    self.logs[log].unseen &= self.lines_shown(log).is_none_or(|lines| lines == 0);
                }
                self.read.extend(self.world.poll());
            }
            Act::Restart => self.world.restart(),
            Act::Crash => self.world.crash(),
        }
    }

    /// Number of whole lines that a check of the log shows; `None` if the metadata is stale.
    fn lines_shown(&self, log: usize) -> Option<usize> {
        let is_stale = self.world.disk.faults().stale.contains_key(&name(log));
        let text = fs::read(self.world.path(&name(log))).ok().filter(|_| !is_stale)?;
        Some(memchr::memchr_iter(b'\n', &text).count())
    }

    /// The agent checks the log.
    fn stat(&mut self, log: usize) {
        self.logs[log].seen = self.lines_shown(log).unwrap_or(self.logs[log].seen);
    }

    fn number(&mut self) -> String {
        self.next += 1;
        format!("line {}", self.next)
    }

    fn write_line(&mut self, log: usize, line: &str) {
        self.make(log);
        let state = &mut self.logs[log];
        let half = state.half_line.take();
        self.world.append(&name(log), format!("{line}\n"));
        state.written.push(half.unwrap_or_default() + line);
    }

    fn write_half(&mut self, log: usize) {
        self.make(log);
        let half = self.number() + " and ";
        self.world.append(&name(log), &half);
        let state = &mut self.logs[log];
        state.half_line = Some(state.half_line.take().unwrap_or_default() + &half);
    }

    fn make(&mut self, log: usize) {
        if !self.logs[log].exists {
            self.world.write(&name(log), HEADER);
            self.logs[log].exists = true;
            self.logs[log].unseen = true;
            self.logs[log].seen = 0;
            self.made += 1;
        }
        // Nothing written to an empty log has been seen.
        self.logs[log].unseen |= fs::metadata(self.world.path(&name(log))).unwrap().len() == 0;
    }

    fn roll(&mut self, log: usize) {
        if !self.logs[log].exists {
            return;
        }
        if self.logs[log].half_line.is_some() {
            self.write_line(log, "end");
        }
        let state = &mut self.logs[log];
        state.rolled += 1;
        state.exists = false;
        self.world.rename(&name(log), &rolled_name(log, state.rolled));
    }

    fn write_to_rolled(&mut self, log: usize) {
        let rolled = self.logs[log].rolled;
        if rolled > 0 {
            let line = self.number();
            self.world.append(&rolled_name(log, rolled), format!("{line}\n"));
            self.logs[log].written.push(line);
        }
    }

    fn delete(&mut self, log: usize) {
        if !self.logs[log].exists {
            return;
        }
        if self.logs[log].half_line.is_some() {
            self.write_line(log, "end");
        }
        self.act(Act::Fresh);
        self.act(Act::Tick);
        self.world.delete(&name(log));
        self.logs[log].exists = false;
        self.deleted = true;
    }

    /// Completes an unfinished line, before the file gets another name or other content.
    fn end_line(&mut self, log: usize) {
        if self.logs[log].half_line.is_some() {
            self.write_line(log, "end");
        }
    }

    fn copy_truncate(&mut self, log: usize, looks: bool, writes: bool) {
        if !self.logs[log].exists {
            return;
        }
        self.end_line(log);
        // A copy of a single line, such as a header, is an ordinary log.
        let text = fs::read_to_string(self.world.path(&name(log))).unwrap();
        let looks = looks && text.lines().count() > 1;
        if looks && self.logs[log].unseen || self.logs[log].seen == 1 {
            // Two files with the same rows that appear at the same time count as two files, and a
            // file of which one line was read could be any file with this header.
            self.act(Act::Fresh);
            self.act(Act::Tick);
        }
        self.logs[log].rolled += 1;
        let copy = rolled_name(log, self.logs[log].rolled);
        fs::copy(self.world.path(&name(log)), self.world.path(&copy)).unwrap();
        if looks {
            self.act(Act::Fresh);
            self.act(Act::Tick);
            if writes {
                let line = self.number();
                self.write_line(log, &line);
                self.act(Act::Tick);
            }
        }
        self.empty(log);
        if looks && writes || text.lines().count() < 2 {
            // What a short copy has in common with its original is not kept over restarts, and a
            // copy of one line is known only while its original is at its path.
            self.act(Act::Fresh);
            self.act(Act::Tick);
        }
    }

    fn truncate(&mut self, log: usize) {
        if self.logs[log].exists {
            self.end_line(log);
            self.act(Act::Fresh);
            self.act(Act::Tick);
            self.empty(log);
        }
    }

    /// Removes all content of the log.
    fn empty(&mut self, log: usize) {
        self.world.write(&name(log), "");
        self.logs[log].seen = 0;
        self.copied = true;
    }

    fn link(&mut self, log: usize) {
        if self.logs[log].exists {
            self.links += 1;
            let link = format!("Link_{}.log", self.links);
            fs::hard_link(self.world.path(&name(log)), self.world.path(&link)).unwrap();
        }
    }

    fn hint(&mut self, dirty: &Dirty) {
        let batch = self.world.poll_with(dirty, Duration::ZERO);
        self.read.extend(batch.blocks.iter().flat_map(lines_of));
    }

    fn go_away(&mut self) {
        self.world.hide_folder();
        self.read.extend(self.world.poll());
        self.world.show_folder();
    }

    /// Every completed line was read exactly once.
    fn check(mut self) {
        self.act(Act::Fresh);
        // If expected hints do not come, quiet files are checked every ten seconds.
        let seconds = if with_hints() { 11 } else { 3 };
        for _ in 0..seconds {
            self.act(Act::Tick);
        }
        self.check_order();
        let lines = self.read.iter().filter_map(|line| line.split_once(": "));
        let (headers, mut read): (Vec<_>, Vec<_>) =
            lines.map(|(_, line)| line).partition(|line| *line == HEADER.trim_end());
        let mut written: Vec<_> = self.logs.iter().flat_map(|log| &log.written).collect();
        written.sort();
        read.sort_unstable();
        assert_eq!(read, written);
        if self.copied {
            // A copy of a header alone is an ordinary log.
        } else if self.deleted {
            // A file of which only the header was read may be recreated with the same header.
            assert!(headers.len() <= self.made, "no header twice");
        } else {
            assert_eq!(headers.len(), self.made, "each header once");
            let lost = self.world.problems.iter().find(|it| it.starts_with("truncated"));
            assert_eq!(lost, None);
        }
    }

    /// Blocks of one file are in order and without gaps, even if its name changes.
    fn check_order(&self) {
        let mut ends = BTreeMap::new();
        for block in &self.world.blocks {
            let end = ends.entry((block.file, block.generation)).or_insert(block.offset);
            assert_eq!(block.offset, *end);
            *end += (block.bytes.len() - block.fresh) as u64;
        }
    }
}

fn name(log: usize) -> String {
    format!("Trace{log}.txt")
}

fn rolled_name(log: usize, number: usize) -> String {
    format!("Trace{log}_{number}.log")
}

/// Default number of cases, unless `PROPTEST_CASES` is set.
const CASES: u32 = 2_000;

fn lives() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(CASES), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(lives())]

    #[test]
    fn each_line_is_read_exactly_once_whatever_happens(acts in vec(act(), 1..40)) {
        let mut model = Model::new();
        for act in acts {
            model.act(act);
        }
        model.check();
    }
}

/// A history that once duplicated a line, kept as a named test.
fn live(acts: &[Act]) {
    let mut model = Model::new();
    for act in acts {
        model.act(*act);
    }
    model.check();
}

#[test]
fn a_log_recreated_during_the_absence_of_its_folder_and_copied_is_read_once() {
    live(&[
        Act::Partial { log: 2 },
        Act::Delete { log: 2 },
        Act::HintAll,
        Act::Write { log: 2, lines: 1 },
        Act::Away,
        Act::CopyTruncate { log: 2, looks: true, writes: true },
    ]);
}
