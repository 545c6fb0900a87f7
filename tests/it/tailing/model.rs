//! Random lives of log files against an oracle: each numbered line exactly once, in order.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::tailing::world::World;

/// What writers and the agent do, in any order.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Whole lines to one of the logs.
    Write {
        log: usize,
        lines: usize,
    },
    /// The beginning of a line; the next write completes it.
    Partial {
        log: usize,
    },
    /// The log gets a rolled name; the next write makes it anew, with the same header.
    Roll {
        log: usize,
    },
    /// A line to the file that was rolled last.
    WriteToRolled {
        log: usize,
    },
    Tick,
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let log = 0..3_usize;
    prop_oneof![
        4 => (log.clone(), 1..20_usize).prop_map(|(log, lines)| Act::Write { log, lines }),
        2 => log.clone().prop_map(|log| Act::Partial { log }),
        2 => log.clone().prop_map(|log| Act::Roll { log }),
        1 => log.prop_map(|log| Act::WriteToRolled { log }),
        4 => Just(Act::Tick),
        1 => Just(Act::Restart),
    ]
}

const HEADER: &str = "Sequence#\tTimestamp\tLevel\n";

/// One log with its rolled files.
#[derive(Default)]
struct Log {
    exists: bool,
    rolled: usize,
    half_line: Option<String>,
    /// Where each of its lines stands now.
    written: Vec<(String, String)>,
}

struct Model {
    world: World,
    logs: [Log; 3],
    next: usize,
    read: Vec<String>,
}

impl Model {
    fn new() -> Model {
        Model { world: World::new(), logs: Default::default(), next: 0, read: Vec::new() }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Write { log, lines } => {
                for _ in 0..lines {
                    let line = self.number();
                    self.write_line(log, line);
                }
            }
            Act::Partial { log } => self.write_half(log),
            Act::Roll { log } => self.roll(log),
            Act::WriteToRolled { log } => self.write_to_rolled(log),
            Act::Tick => self.read.extend(self.world.poll()),
            Act::Restart => self.world.restart(),
        }
    }

    fn number(&mut self) -> String {
        self.next += 1;
        format!("line {}", self.next)
    }

    fn write_line(&mut self, log: usize, line: String) {
        self.make(log);
        let state = &mut self.logs[log];
        let half = state.half_line.take();
        self.world.append(&name(log), format!("{line}\n"));
        state.written.push((name(log), half.unwrap_or_default() + &line));
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
        }
    }

    fn roll(&mut self, log: usize) {
        if !self.logs[log].exists {
            return;
        }
        if self.logs[log].half_line.is_some() {
            self.write_line(log, "end".to_owned());
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
            self.logs[log].written.push((rolled_name(log, rolled), line));
        }
    }

    /// Every line that was completed, exactly once.
    fn check(mut self) {
        self.act(Act::Tick);
        let mut expected: Vec<_> =
            self.logs.iter().flat_map(|log| log.written.iter().map(|(_, line)| line)).collect();
        let header = HEADER.trim_end();
        let read = self.read.iter().filter_map(|line| line.split_once(": "));
        let mut read: Vec<_> =
            read.filter(|(_, line)| *line != header).map(|(_, line)| line.to_owned()).collect();
        let made: usize = self.logs.iter().map(|log| log.rolled + usize::from(log.exists)).sum();
        assert_eq!(self.read.len() - read.len(), made, "each header once");
        self.check_order();
        expected.sort();
        read.sort();
        assert_eq!(read.iter().collect::<Vec<_>>(), expected);
        assert_eq!(self.world.troubles, [""; 0]);
    }

    /// Blocks of one file come in order and without gaps, whatever it is called by then.
    fn check_order(&self) {
        let mut ends = BTreeMap::new();
        for block in &self.world.blocks {
            let end = ends.entry((block.file, block.generation)).or_insert(0);
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn each_line_is_read_exactly_once_whatever_happens(acts in vec(act(), 1..40)) {
        let mut model = Model::new();
        for act in acts {
            model.act(act);
        }
        model.check();
    }
}
