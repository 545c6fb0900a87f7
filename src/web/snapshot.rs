//! I/O. What the page shows of the state: read at most a few times a second, however many clients ask.
//!
//! The state is read by one reader at a time, on a thread that nothing waits for longer than
//! [`TIMEOUT`]: many clients cost as much as one, and a disk that hangs delays only the answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::clock::{self, Timestamp};
use crate::incident::State;
use crate::metrics::Counts;
use crate::state::{Error, Reader};

/// A snapshot answers all requests for this long.
const FRESH: SignedDuration = SignedDuration::from_millis(250);
/// The longest wait for the state.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The state at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub taken: Timestamp,
    pub counters: Counts,
    /// Facts about the agent, by their key.
    pub notes: BTreeMap<String, String>,
    /// Number of incidents by state.
    pub incidents: BTreeMap<State, u64>,
    /// Number of dead deliveries for each channel that has any.
    pub dead: BTreeMap<String, u64>,
}

impl Snapshot {
    /// Reads the state in this folder.
    pub fn read(state_dir: &Path, now: Timestamp) -> Result<Self, Error> {
        Reader::open(state_dir)?.at_one_moment(|reader| {
            Ok(Self {
                taken: now,
                counters: reader.counters()?,
                notes: reader.notes()?,
                incidents: reader.n_incidents()?,
                dead: reader.n_dead()?,
            })
        })
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.taken).abs() < FRESH
    }
}

/// Takes the snapshots.
pub(crate) struct PageSnapshots {
    state_dir: PathBuf,
    last: Arc<Mutex<Option<Arc<Snapshot>>>>,
}

impl PageSnapshots {
    pub(crate) fn new(state_dir: &Path) -> Self {
        Self { state_dir: state_dir.to_owned(), last: Arc::default() }
    }

    /// The state now, or a moment ago; `None` if it cannot be read in time.
    pub(crate) async fn snapshot(&self) -> Option<Arc<Snapshot>> {
        timeout(TIMEOUT, self.taken()).await.ok().flatten()
    }

    async fn taken(&self) -> Option<Arc<Snapshot>> {
        let mut last = Arc::clone(&self.last).lock_owned().await;
        if let Some(snapshot) = last.as_ref().filter(|snapshot| snapshot.is_fresh(clock::now())) {
            return Some(Arc::clone(snapshot));
        }
        let state_dir = self.state_dir.clone();
        // The lock goes with the reading: if that hangs, no other begins.
        let read = move || {
            let snapshot = match Snapshot::read(&state_dir, clock::now()) {
                Ok(snapshot) => Some(Arc::new(snapshot)),
                Err(error) => {
                    tracing::debug!("local page: {error}");
                    None
                }
            };
            last.clone_from(&snapshot);
            snapshot
        };
        spawn_blocking(read).await.ok().flatten()
    }
}
