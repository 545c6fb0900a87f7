//! I/O. Opens the state, and keeps trying while a disk is full or read-only.

use std::time::Duration;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use crate::agent::alarm::Alarm;
use crate::agent::page_note::PAGE_NOTE;
use crate::agent::reload_note::{ReloadNote, ReloadResult, Reloadable};
use crate::agent::setup::Setup;
use crate::clock;
use crate::detection::AgentProblem;
use crate::state::{self, Loaded, Opened, Stalled, StateLock, Store};

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// Opens the state and writes its first notes. A permanent error is returned at once. The lock is
/// held meanwhile, so that other processes can see that an agent is waiting.
pub(crate) async fn open(
    setup: &mut Setup,
    alarm: &mut Alarm,
    stop: &CancellationToken,
) -> Result<(Store, Opened, Loaded)> {
    let (since, mut wait) = (clock::now(), FIRST_RETRY);
    loop {
        let error = match attempt(setup) {
            Ok(found) => {
                // The state holds it from now on.
                setup.lock = None;
                if alarm.clear(Stalled::Opening) {
                    tracing::info!("the state can be written again");
                    setup.report(AgentProblem::StateWrittenAgain);
                }
                alarm.allocate();
                return Ok(found);
            }
            Err(error) => error,
        };
        let (is_passing, is_busy) = (error.is_passing(), error.is_busy());
        // If another agent uses the state, or may use it, the health file belongs to it.
        let is_in_use = matches!(error, state::Error::InUse { .. } | state::Error::Lock { .. });
        let why = error.to_string();
        if !is_passing && !is_in_use {
            alarm.note(Stalled::Opening, since, &why);
        }
        if !is_passing || stop.is_cancelled() {
            return Err(error.into());
        }
        tracing::error!(
            "nothing is read or sent until the state can be written: {}",
            error.with_hint()
        );
        alarm.raise(Stalled::Opening, since, is_busy, &why).await;
        tokio::time::timeout(wait, stop.cancelled()).await.ok();
        wait = (wait * 2).min(LAST_RETRY);
    }
}

fn attempt(setup: &mut Setup) -> Result<(Store, Opened, Loaded), state::Error> {
    let now = clock::now();
    let lock = match &setup.lock {
        Some(lock) => lock.clone(),
        None => setup.lock.insert(StateLock::take(&setup.state_dir)?).clone(),
    };
    let opened = if setup.distrusts_state {
        Store::open_anew(&setup.state_dir, lock, now)
    } else {
        Store::open_and_load(&setup.state_dir, lock, now)
    };
    let (mut store, opened, loaded) = opened?;
    store.note("version", env!("CARGO_PKG_VERSION"))?;
    store.note_time(state::STARTED, now)?;
    for files in Reloadable::ALL {
        let note = ReloadNote { at: now, result: ReloadResult::Unchanged };
        store.note(files.key(), &note.json())?;
    }
    store.note(PAGE_NOTE, &setup.page.json())?;
    let log_root = setup.log_root.as_ref().map(|root| root.display().to_string());
    store.note("log-root", log_root.as_deref().unwrap_or("none"))?;
    Ok((store, opened, loaded))
}
