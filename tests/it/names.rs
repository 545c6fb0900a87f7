//! Apps and tasks are shown by name wherever any log said which id has which name.

use std::time::Duration;

use footman::clock;
use footman::commit::TableName;
use footman::demo::Story;
use footman::demo::log_file::Write;
use footman::demo::plan::{Act, PlannedRun, plan};

use crate::support::world::{World, texts};

/// Writes at once what a story leaves in the logs, without what the filter refuses.
fn tell(world: &mut World, story: &str, salt: &str, wanted: fn(&Write) -> bool) {
    let story = Story::parse("story", story).unwrap();
    for step in plan(&story, salt) {
        if let Act::Write(write) = &step.act
            && wanted(write)
        {
            world.node.write(clock::now(), write).unwrap();
        }
    }
}

fn is_script(write: &Write) -> bool {
    matches!(write, Write::Script { .. })
}

const FAILS: &str = r#"0 hub-reload "Ad hoc Analysis" fails "Table not found""#;

#[tokio::test]
async fn a_failure_in_the_hub_is_titled_by_the_name_that_the_engine_s_audit_log_has() {
    let mut world = World::new();
    world.settle_in().await;
    tell(&mut world, FAILS, "1", |_| true);
    let posts = world.run_until(1).await;
    let texts = texts(&posts[0].body);
    assert!(texts.iter().any(|text| text.ends_with(": Ad hoc Analysis")), "{texts:#?}");
    let id = PlannedRun::of_hub("Ad hoc Analysis", "1").app_id;
    assert!(!texts[..3].iter().any(|text| text.contains(&id)), "{texts:#?}");
}

#[tokio::test]
async fn a_name_is_known_after_a_restart_and_its_rows_need_no_pattern() {
    let mut world = World::new();
    world.settle_in().await;
    // Only a row that no pattern matches names the app.
    tell(&mut world, r#"0 hub-reload "Ad hoc Analysis" ok"#, "1", |write| !is_script(write));
    world.run_while(async { until_a_name_is_kept(&world).await }).await;
    tell(&mut world, FAILS, "2", is_script);
    let posts = world.run_until(1).await;
    let texts = texts(&posts[0].body);
    assert!(texts.iter().any(|text| text.ends_with(": Ad hoc Analysis")), "{texts:#?}");
}

#[tokio::test]
async fn a_script_log_whose_app_no_log_ever_named_is_titled_by_its_id() {
    let mut world = World::new();
    world.settle_in().await;
    tell(&mut world, FAILS, "1", is_script);
    let posts = world.run_until(1).await;
    let id = PlannedRun::of_hub("Ad hoc Analysis", "1").app_id;
    let texts = texts(&posts[0].body);
    let title = format!("Reload failed: app {}…", &id[..8]);
    assert!(texts.contains(&title), "{texts:#?}");
}

async fn until_a_name_is_kept(world: &World) {
    let mut turns = tokio::time::interval(Duration::from_millis(5));
    let names = || {
        let rows = footman::state::Reader::open(&world.state_dir()).ok()?.rows().ok()?;
        rows.of(TableName::Names).next().map(drop)
    };
    while names().is_none() {
        turns.tick().await;
    }
}
