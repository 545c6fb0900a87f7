//! I/O. Both readers behind one face: each in a thread of its own, lines into one list.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use footman::clock;
use footman::tail::{Committed, Dirty, Hints, Start, Tailer, Watch};

/// A reader at work.
#[derive(Clone, Default)]
pub struct Reader {
    lines: Arc<Mutex<Vec<String>>>,
    /// Counts up as long as its thread can do anything else than read.
    pulse: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl Reader {
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no reader panics").clone()
    }

    /// Waits until nothing has come for a while.
    pub fn wait_until_quiet(&self) {
        let (mut seen, mut since) = (usize::MAX, Instant::now());
        while since.elapsed() < Duration::from_millis(1_500) {
            let now = self.lines.lock().expect("no reader panics").len();
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
            sleep(Duration::from_millis(20));
        }
    }

    pub fn is_alive(&self, patience: Duration) -> bool {
        let before = self.pulse.load(Ordering::Relaxed);
        let end = Instant::now() + patience;
        while Instant::now() < end {
            if self.pulse.load(Ordering::Relaxed) > before + 1 {
                return true;
            }
            sleep(Duration::from_millis(20));
        }
        false
    }

    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn goes_on(&self) -> bool {
        self.pulse.fetch_add(1, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }

    fn take(&self, line: String) {
        self.lines.lock().expect("no reader panics").push(line);
    }
}

/// linemux wants each file by name: the live log, from its beginning.
pub fn follow_with_linemux(logs: &Path) -> Reader {
    let reader = Reader::default();
    let (at_work, live) = (reader.clone(), logs.join("a.log"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let mut lines = linemux::MuxedLines::new().expect("a watcher");
            lines.add_file_from_start(&live).await.expect("the folder is there");
            let mut beat = tokio::time::interval(Duration::from_millis(50));
            while at_work.goes_on() {
                tokio::select! {
                    line = lines.next_line() => match line {
                        Ok(Some(line)) => at_work.take(line.line().to_owned()),
                        Ok(None) => {}
                        Err(error) => at_work.take(format!("error: {error}")),
                    },
                    _ = beat.tick() => {}
                }
            }
        });
    });
    reader
}

/// Footman follows the folder.
pub fn follow_with_footman(logs: &Path) -> Reader {
    let reader = Reader::default();
    let (at_work, folder) = (reader.clone(), logs.to_owned());
    std::thread::spawn(move || {
        let names = globset::Glob::new("*.log").expect("a glob").compile_matcher();
        let watch = Watch {
            label: "Bench".into(),
            folder: folder.clone(),
            names,
            lookback: 0.into(),
            subject: None,
        };
        let mut tailer = Tailer::new(vec![watch], Committed::default(), Start::Beginning);
        let mut hints = Hints::new(vec![folder]);
        let mut dirty = Dirty::Everything;
        while at_work.goes_on() {
            let batch = tailer.poll(clock::now(), &dirty);
            for block in &batch.blocks {
                let text = String::from_utf8_lossy(&block.bytes[block.fresh..]);
                text.lines().for_each(|line| at_work.take(line.to_owned()));
            }
            dirty =
                if batch.behind { Dirty::Nothing } else { hints.wait(Duration::from_millis(50)) };
        }
    });
    reader
}
