//! A reload that fails at once, on the simulated node.

use std::sync::atomic::{AtomicU32, Ordering};

use footman::clock::Timestamp;
use footman::demo::plan::{Act, PlannedRun, reload};
use footman::demo::story::StoryEnd;
use footman::demo::{Error, Node};

/// Distinguishes failures at the same moment.
static FAILURES: AtomicU32 = AtomicU32::new(0);

pub(crate) trait FailNow {
    /// Writes all rows and the script log of a failed reload of `app` at once, as a new run, and
    /// returns the run.
    fn fail_now(&mut self, now: Timestamp, app: &str, error: &str) -> Result<PlannedRun, Error>;
}

impl FailNow for Node {
    fn fail_now(&mut self, now: Timestamp, app: &str, error: &str) -> Result<PlannedRun, Error> {
        let number = FAILURES.fetch_add(1, Ordering::Relaxed);
        let run = PlannedRun::of_task(app, &format!("{now}/{number}"));
        let end = StoryEnd::Fails { error: error.to_owned(), retries: 0, then_ok: false };
        for step in reload(&run, &end) {
            if let Act::Write(write) = &step.act {
                self.write(now, write)?;
            }
        }
        Ok(run)
    }
}
