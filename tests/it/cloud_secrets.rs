//! Keys and secrets of tenants of Qlik Cloud that change while the agent runs.

use std::path::Path;
use std::process::{Command, Stdio};

use footman::config::Tenant;
use footman::config::load::secret::{SecretStore, replace_secret, write_secret};
use footman::demo::tenant::{API_KEY, Mishap};

use crate::support::cloud::{Cloud, Driver};
use crate::support::world::World;

const NEW_KEY: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJuZXcifQ.c2ltdWxhdGVk";

fn section(cloud: &Cloud, credentials: &str) -> String {
    let address = cloud.address;
    format!("[cloud.acme]\ntenant-url = \"http://{address}\"\nevery = \"1s\"\n{credentials}\n")
}

/// The first posted card with this text.
async fn posted(world: &World, text: &str) {
    let mut n = 1;
    while !world.teams.received(n).await[n - 1].body.contains(text) {
        n += 1;
    }
}

#[tokio::test]
async fn a_key_that_is_replaced_in_its_file_or_stored_again_is_used_without_a_restart() {
    for is_stored in [false, true] {
        let cloud = Cloud::start().await;
        let mut world = World::new();
        let file = world.folder.path().join("acme-key.txt");
        let credentials =
            if is_stored { "api-key-secret = 'acme'" } else { "api-key-file = 'acme-key.txt'" };
        world.config.push_str(&section(&cloud, credentials));
        let put = |key: &str| {
            if is_stored {
                let store = SecretStore::beside(&world.folder.path().join("footman.toml"));
                store.set("acme", key, world.folder.path()).unwrap();
            } else {
                replace_secret(&file, key).unwrap();
            }
        };
        put(API_KEY);
        let mut program = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(["run", "--config"])
            .arg(world.config_file())
            .arg("--state-dir")
            .arg(world.state_dir())
            .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while cloud.n_requests("/api/scheduling/tasks") == 0 {
            tokio::task::yield_now().await;
        }
        cloud.tenant.world().key = NEW_KEY.to_owned();
        cloud.end(1, "FAILED");
        // From here on, the tenant is asked every five minutes.
        posted(&world, "Tenant acme cannot be polled").await;
        put(NEW_KEY);
        posted(&world, "Reload failed: Sales Forecast").await;
        program.kill().unwrap();
        program.wait().unwrap();
    }
}

/// A driver whose OAuth client has its secret in this file.
fn driver(cloud: &Cloud, file: &Path) -> Driver {
    let mut world = World::new();
    let credentials = format!("client-id = \"one\"\nclient-secret-file = '{}'", file.display());
    world.config.push_str(&section(cloud, &credentials));
    let tenant: Tenant = world.settings().tenants["acme"].clone();
    Driver::of(tenant)
}

#[tokio::test]
async fn a_clients_secret_that_is_replaced_is_used_as_soon_as_the_old_one_is_refused() {
    let cloud = Cloud::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.txt");
    write_secret(&file, "secret-1\n").unwrap();
    cloud.tenant.world().client = Some(("one".to_owned(), "secret-1".to_owned()));
    let mut driver = driver(&cloud, &file);
    driver.poll().await;
    cloud.tenant.world().client = Some(("one".to_owned(), "secret-2".to_owned()));
    replace_secret(&file, "secret-2\n").unwrap();
    let refused = Mishap::Refuses { status: 401, retry_after: None };
    cloud.tenant.world().mishaps.push_back(("/api/v1/reloads".to_owned(), refused));
    cloud.end(1, "FAILED");
    driver.poll().await;
    assert_eq!(driver.failures().len(), 1);
    assert!(driver.poller.fault().is_none());
}

#[tokio::test]
async fn a_clients_secret_that_is_stored_again_or_removed_is_renewed_or_kept() {
    let cloud = Cloud::start().await;
    let mut world = World::new();
    let folder = world.folder.path().to_owned();
    let store = SecretStore::beside(&folder.join("footman.toml"));
    store.set("acme", "secret-1", &folder).unwrap();
    cloud.tenant.world().client = Some(("one".to_owned(), "secret-1".to_owned()));
    world.config.push_str(&section(&cloud, "client-id = 'one'\nclient-secret-secret = 'acme'"));
    let mut driver = Driver::of(world.settings().tenants["acme"].clone());
    driver.poll().await;
    let refused = || Mishap::Refuses { status: 401, retry_after: None };
    cloud.tenant.world().client = Some(("one".to_owned(), "secret-2".to_owned()));
    store.set("acme", "secret-2", &folder).unwrap();
    cloud.tenant.world().mishaps.push_back(("/api/v1/reloads".to_owned(), refused()));
    cloud.end(1, "FAILED");
    driver.poll().await;
    assert_eq!(driver.failures().len(), 1);
    store.remove("acme").unwrap();
    cloud.tenant.world().mishaps.push_back(("/api/v1/reloads".to_owned(), refused()));
    cloud.end(2, "FAILED");
    driver.poll().await;
    assert_eq!(driver.failures().len(), 2);
    assert!(driver.poller.fault().is_none());
}

#[tokio::test]
async fn a_file_that_cannot_be_used_leaves_the_earlier_secret_in_use() {
    let cloud = Cloud::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.txt");
    write_secret(&file, "secret-1").unwrap();
    cloud.tenant.world().client = Some(("one".to_owned(), "secret-1".to_owned()));
    let mut driver = driver(&cloud, &file);
    driver.poll().await;
    for (number, text) in ["", "two words", "\0"].into_iter().enumerate() {
        replace_secret(&file, text).unwrap();
        let refused = Mishap::Refuses { status: 401, retry_after: None };
        cloud.tenant.world().mishaps.push_back(("/api/v1/reloads".to_owned(), refused));
        cloud.end(u32::try_from(number).unwrap(), "FAILED");
        driver.poll().await;
        assert_eq!(driver.failures().len(), number + 1, "{text:?}");
    }
    std::fs::remove_file(&file).unwrap();
    cloud.end(9, "FAILED");
    driver.poll().await;
    assert_eq!(driver.failures().len(), 4);
}
