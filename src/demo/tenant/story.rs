//! I/O. What happens in the simulated tenant of the demo.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::clock::{self, Timestamp};
use crate::demo::StoryLine;
use crate::demo::tenant::{CloudApp, CloudReload, CloudTask, CloudTenant, CloudWorld};

const FORECAST: &str = "116dbfae-7fb9-4983-8e23-5ccd8c508722";
const MARGINS: &str = "2b1e7c40-3f7c-4c52-9a55-0b6f5d0e7a31";
const NIGHTLY: &str = "6a84a0018ec290e6ceb0250d";
const SUMMARY: &str = "ReloadID: simulated\nStarted loading data\n\nOrders << lib://Sales DWH:Orders 48,211 Lines fetched\n\nData has not been loaded. Please correct the error and try loading again.\n\nThe following error occurred:\nField 'Amout' not found\n\nThe error occurred here:\n[Margins]:\nLOAD OrderID, Amout Resident Orders\n";

/// One step: when, of which app, what is printed, and what changes.
type TenantStep = (u64, &'static str, &'static str, fn(&mut CloudWorld, Timestamp));

const STEPS: [TenantStep; 5] = [
    (4, "Sales Forecast", "a reload starts in Qlik Cloud", |world, now| {
        reload(world, 1, FORECAST, "RELOADING", now);
    }),
    (9, "Sales Forecast", "the reload in Qlik Cloud fails: a field is missing", |world, now| {
        end(world, 1, "FAILED", now);
        if let Some(reload) = world.reloads.last_mut() {
            reload.code = Some("EngineReloadScriptError".to_owned());
            reload.message = Some("error in app script or datasource".to_owned());
            reload.log = Some(SUMMARY.to_owned());
        }
    }),
    (16, "Margins", "a reload in Qlik Cloud exceeds a limit of the tenant", |world, now| {
        reload(world, 2, MARGINS, "EXCEEDED_LIMIT", now);
    }),
    (22, "Sales Forecast", "reloads in Qlik Cloud", |world, now| {
        reload(world, 3, FORECAST, "RELOADING", now);
        end(world, 3, "SUCCEEDED", now + SignedDuration::from_secs(1));
    }),
    (28, "Margins", "a reload in Qlik Cloud is canceled", |world, now| {
        reload(world, 4, MARGINS, "RELOADING", now);
        end(world, 4, "CANCELED", now);
    }),
];

/// The tenant before anything happens.
pub fn world() -> CloudWorld {
    let app = |name: &str, tags: &[&str]| CloudApp {
        name: name.to_owned(),
        space: Some("space-finance".to_owned()),
        owner: "owner".to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    };
    let mut world = CloudWorld::new();
    world.apps.insert(FORECAST.to_owned(), app("Sales Forecast", &["critical"]));
    world.apps.insert(MARGINS.to_owned(), app("Margins", &[]));
    world.spaces.insert("space-finance".to_owned(), "Finance".to_owned());
    world.users.insert("owner".to_owned(), "Anna Berg".to_owned());
    let (id, name, app) = (NIGHTLY.to_owned(), "Nightly forecast".to_owned(), FORECAST.to_owned());
    world.tasks.push(CloudTask { id, name, app, disabled: None });
    world
}

/// Plays the story until stopped.
pub async fn play(
    tenant: &CloudTenant,
    stop: CancellationToken,
    mut print: impl FnMut(StoryLine<'_>),
) {
    let begun = Instant::now();
    for (after, app, words, change) in STEPS {
        let due = begun + Duration::from_secs(after);
        if stop.run_until_cancelled(sleep_until(due)).await.is_none() {
            return;
        }
        let now = clock::now();
        let time = now.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S");
        print(StoryLine { at: &time.to_string(), subject: Some(app), words });
        change(&mut tenant.world(), now);
    }
}

fn reload(world: &mut CloudWorld, number: u8, app: &str, status: &str, now: Timestamp) {
    world.reloads.push(CloudReload {
        id: format!("6a849f7f18ec290e6ceb{number:04x}"),
        app: app.to_owned(),
        status: status.to_owned(),
        created: now,
        started: (status == "RELOADING").then_some(now),
        task: (app == FORECAST).then(|| NIGHTLY.to_owned()),
        ..CloudReload::default()
    });
}

fn end(world: &mut CloudWorld, number: u8, status: &str, now: Timestamp) {
    let id = format!("6a849f7f18ec290e6ceb{number:04x}");
    for reload in world.reloads.iter_mut().filter(|reload| reload.id == id) {
        (reload.status, reload.ended) = (status.to_owned(), Some(now));
    }
}

#[cfg(test)]
mod tests;
