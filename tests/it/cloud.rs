//! Tenants of Qlik Cloud: the real agent and its requests against a simulated tenant.

use std::process::Command;

use footman::clock;
use footman::config::Tenant;
use footman::demo::tenant::{API_KEY, CloudReload, CloudTask, Mishap};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::cloud::{Cloud, Driver, SALES, reload};
use crate::support::fake_teams::Post;
use crate::support::world::{World, n_cards};

/// An agent with this tenant.
pub(crate) fn world_of(cloud: &Cloud, more: &str) -> World {
    let mut world = World::new();
    world.config.push_str(&cloud.config(more));
    world.variables.push(("ACME_KEY".to_owned(), API_KEY.to_owned()));
    world
}

/// Runs the agent until it has polled once, then does something and waits for cards.
pub(crate) async fn cards(
    world: &World,
    cloud: &Cloud,
    n: usize,
    then: impl FnOnce(),
) -> Vec<String> {
    let posts = world.run_while(async {
        while cloud.n_requests("/api/scheduling/tasks") == 0 {
            tokio::task::yield_now().await;
        }
        then();
        world.teams.received(n).await
    });
    posts.await.into_iter().map(|post| post.body).collect()
}

#[tokio::test]
async fn a_failed_reload_in_the_cloud_is_one_card_with_names_reason_and_links() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    let cards = cards(&world, &cloud, 1, || drop(cloud.end(1, "FAILED"))).await;
    let card = &cards[0];
    for expected in [
        "Reload failed: Sales Forecast",
        "Field 'Amout' not found",
        "Finance",
        "Anna Berg",
        "critical",
        "Qlik Cloud · acme",
        &format!("http://{}/sense/app/{SALES}", cloud.address),
        &format!("http://{}/analytics/home", cloud.address),
        "LOAD Amout Resident Orders",
    ] {
        assert!(card.contains(expected), "{expected} is not in\n{card}");
    }
    assert!(!card.contains("qmc"), "{card}");
    assert!(!card.contains("eyJ"), "{card}");
}

#[tokio::test]
async fn a_success_after_a_failure_is_a_recovery_and_a_restart_repeats_nothing() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    let first = cards(&world, &cloud, 1, || drop(cloud.end(1, "FAILED"))).await;
    assert!(first[0].contains("Reload failed"), "{}", first[0]);
    let before = cloud.n_requests("/api/scheduling/tasks");
    let both = world.run_while(async {
        while cloud.n_requests("/api/scheduling/tasks") == before {
            tokio::task::yield_now().await;
        }
        cloud.end(2, "SUCCEEDED");
        world.teams.received(2).await
    });
    let both = both.await;
    assert_eq!(both.len(), 2);
    assert!(both[1].body.contains("Recovered: Sales Forecast reloads again"), "{}", both[1].body);
}

#[tokio::test]
async fn a_card_without_any_look_up_leaves_and_says_the_same_of_the_reload() {
    let cloud = Cloud::start().await;
    let refuses = Mishap::Refuses { status: 500, retry_after: None };
    cloud.tenant.world().lasting = vec![("/api/v1/items".to_owned(), refuses)];
    let world = world_of(&cloud, "");
    let cards = cards(&world, &cloud, 1, || drop(cloud.end(1, "FAILED"))).await;
    assert!(cards[0].contains("Reload failed: app 116dbfae…"), "{}", cards[0]);
    assert!(cards[0].contains("Field 'Amout' not found"), "{}", cards[0]);
    assert!(!cards[0].contains("Anna Berg"), "{}", cards[0]);
}

#[tokio::test]
async fn look_ups_that_never_answer_do_not_hold_the_card() {
    let cloud = Cloud::start().await;
    cloud.tenant.world().lasting = vec![("/api/v1/items".to_owned(), Mishap::Hangs)];
    let world = world_of(&cloud, "");
    let cards = cards(&world, &cloud, 1, || drop(cloud.end(1, "FAILED"))).await;
    assert!(cards[0].contains("Reload failed: app 116dbfae…"), "{}", cards[0]);
    // The tenant's own words stand in for the reason that was not looked up in time.
    assert!(cards[0].contains("error in app script or datasource"), "{}", cards[0]);
}

#[tokio::test]
async fn the_script_log_gives_the_reason_where_the_summary_has_none() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    let script = "20261126T050006.351+0000      Execution started.\r\n20261126T050007.001+0000 0002 LOAD Amout\r\n20261126T050007.001+0000 0003 FROM [lib://Data/orders.qvd] (qvd)\r\n20261126T050007.351+0000      Error: Field 'Amout' not found\r\n20261126T050008.351+0000      Execution Failed\r\n";
    let cards = cards(&world, &cloud, 1, || {
        let failed = reload(1, "FAILED", clock::now());
        let failed = CloudReload {
            log: Some("Started loading data".to_owned()),
            script_log: Some(script.to_owned()),
            ..failed
        };
        cloud.tenant.world().reloads.push(failed);
    });
    let cards = cards.await;
    assert!(cards[0].contains("Field 'Amout' not found"), "{}", cards[0]);
    assert!(cards[0].contains("FROM [lib://Data/orders.qvd]"), "{}", cards[0]);
}

#[tokio::test]
async fn each_way_to_fail_delays_a_failure_and_repeats_nothing() {
    let mishaps = [
        Mishap::Refuses { status: 429, retry_after: Some(13) },
        Mishap::Refuses { status: 429, retry_after: None },
        Mishap::Refuses { status: 500, retry_after: None },
        Mishap::Refuses { status: 503, retry_after: Some(1) },
        Mishap::Refuses { status: 401, retry_after: None },
        Mishap::Refuses { status: 403, retry_after: None },
        Mishap::Refuses { status: 400, retry_after: None },
        Mishap::WebPage,
        Mishap::Cut,
        Mishap::NextElsewhere("other.example.com".to_owned()),
    ];
    for mishap in mishaps {
        let cloud = Cloud::start().await;
        let mut driver = Driver::new(&cloud);
        driver.poll().await;
        cloud.tenant.world().page = Some(1);
        let expected = [cloud.end(1, "FAILED").id, cloud.end(2, "FAILED").id];
        for _ in 0..2 {
            let broken = ("/api/v1/reloads".to_owned(), mishap.clone());
            cloud.tenant.world().mishaps.push_back(broken);
        }
        for _ in 0..4 {
            driver.poll().await;
        }
        let mut found = driver.failures();
        found.sort_unstable();
        assert_eq!(found, expected, "{mishap:?}: {:?}", driver.poller.fault());
    }
}

#[tokio::test]
async fn the_key_goes_to_no_other_host() {
    let other = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = other.local_addr().unwrap();
    let cloud = Cloud::start().await;
    let mut driver = Driver::new(&cloud);
    driver.poll().await;
    cloud.tenant.world().page = Some(1);
    cloud.end(1, "FAILED");
    cloud.end(2, "FAILED");
    let elsewhere = Mishap::NextElsewhere(address.to_string());
    let redirects = Mishap::Redirects(format!("http://{address}/api/v1/reloads"));
    for mishap in [elsewhere, redirects.clone()] {
        cloud.tenant.world().lasting = vec![("/api/v1/reloads".to_owned(), mishap)];
        driver.poll().await;
        let (_, fault) = driver.poller.fault().expect("the poll has failed");
        assert!(!format!("{fault:?}").contains("eyJ"), "{fault:?}");
    }
    drop(driver);
    // The secret of a client, in place of a token.
    let mut world = World::new();
    world.variables.push(("SECRET".to_owned(), "secret-1".to_owned()));
    let url = cloud.url();
    let credentials = "client-id = \"one\"\nclient-secret-env = \"SECRET\"";
    let section = format!("[cloud.acme]\ntenant-url = \"{url}\"\n{credentials}\n");
    world.config.push_str(&section);
    cloud.tenant.world().lasting = vec![("/oauth".to_owned(), redirects)];
    let mut driver = Driver::of(world.settings().tenants["acme"].clone());
    driver.poll().await;
    assert!(driver.poller.fault().is_some(), "a token was given");
    drop(driver);
    let asked = tokio::select! {
        biased;
        _ = other.accept() => true,
        () = tokio::task::yield_now() => false,
    };
    assert!(!asked, "the other host was asked");
}

#[tokio::test]
async fn an_oauth_client_asks_for_one_token_and_for_another_when_it_is_refused() {
    let cloud = Cloud::start().await;
    cloud.tenant.world().client = Some(("client-1".to_owned(), "secret-1".to_owned()));
    let (mut world, file) = (World::new(), "secret.txt");
    let path = world.folder.path().join(file);
    footman::config::load::secret::write_secret(&path, "secret-1\n").unwrap();
    let address = cloud.address;
    let section = format!(
        "[cloud.acme]\ntenant-url = \"http://{address}\"\nclient-id = \"client-1\"\nclient-secret-file = '{file}'\nevery = \"1s\"\n"
    );
    world.config.push_str(&section);
    let tenant: Tenant = world.settings().tenants["acme"].clone();
    let mut driver = Driver::of(tenant);
    driver.poll().await;
    driver.poll().await;
    assert_eq!(cloud.n_requests("/oauth/token"), 1);
    cloud.end(1, "FAILED");
    let refused = Mishap::Refuses { status: 401, retry_after: None };
    cloud.tenant.world().mishaps.push_back(("/api/v1/reloads".to_owned(), refused));
    driver.poll().await;
    assert_eq!((cloud.n_requests("/oauth/token"), driver.failures().len()), (2, 1));
}

#[tokio::test]
async fn a_task_that_is_switched_off_is_a_card_of_its_own() {
    let cloud = Cloud::start().await;
    let task = |disabled: Option<&str>| CloudTask {
        id: "6a84a0018ec290e6ceb0250d".to_owned(),
        name: "Nightly forecast".to_owned(),
        app: SALES.to_owned(),
        disabled: disabled.map(str::to_owned),
    };
    cloud.tenant.world().tasks.push(task(None));
    let world = world_of(&cloud, "");
    cards(&world, &cloud, 0, || ()).await;
    cloud.tenant.world().tasks[0] = task(Some("CONSECUTIVE-FAILURES"));
    // A new start asks for the tasks at once.
    let posts = world.run_until(1).await;
    for expected in ["Task switched off: Nightly forecast", "Sales Forecast"] {
        assert!(posts[0].body.contains(expected), "{expected}: {}", posts[0].body);
    }
}

/// Reloads of 250 apps, one in five minutes, the first one at this time.
fn backlog_of_a_day(cloud: &Cloud, first: Timestamp) {
    for number in 0..250_u32 {
        let ended = first + SignedDuration::from_mins(i64::from(number) * 5);
        let failed = CloudReload {
            app: format!("00000000-0000-4000-8000-{number:012x}"),
            ..reload(number, "FAILED", ended)
        };
        cloud.tenant.world().reloads.push(failed);
    }
}

/// The agent reports the 250 failures of a day in a few digests, and asks for their names in three
/// requests.
async fn digests(cloud: &Cloud, world: &mut World) {
    let quick = "pace = { burst = 1000, every = \"1ms\" }";
    world.config = world.config.replace(quick, "pace = { burst = 2, every = \"10s\" }");
    let count = |posts: &[Post]| posts.iter().map(|post| n_cards(&post.body)).sum::<usize>();
    let posts = world.run_while(async {
        let mut posts = world.teams.received(1).await;
        while count(&posts) < 250 {
            posts = world.teams.received(posts.len() + 1).await;
        }
        posts
    });
    let posts = posts.await;
    assert_eq!(count(&posts), 250);
    assert!(posts.len() <= 8, "{} posts", posts.len());
    assert!(cloud.n_requests("/api/v1/items") <= 3, "one request is enough for 100 apps");
}

#[tokio::test]
async fn a_backlog_of_a_day_at_the_first_start_becomes_a_digest() {
    let cloud = Cloud::start().await;
    backlog_of_a_day(&cloud, clock::now() - SignedDuration::from_hours(22));
    let mut world = world_of(&cloud, "start = \"2d\"");
    digests(&cloud, &mut world).await;
}

#[tokio::test]
async fn a_backlog_of_a_day_after_an_outage_becomes_a_digest() {
    let cloud = Cloud::start().await;
    let mut world = world_of(&cloud, "");
    cards(&world, &cloud, 0, || ()).await;
    // For the tenant, the agent was away for a day.
    cloud.tenant.world().ahead = SignedDuration::from_hours(24);
    backlog_of_a_day(&cloud, clock::now() + SignedDuration::from_mins(1));
    digests(&cloud, &mut world).await;
}

#[tokio::test]
async fn the_program_needs_no_log_root_and_prints_no_key() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    let mut program = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["run", "--config"])
        .arg(world.config_file())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .env("ACME_KEY", API_KEY)
        .stdout(std::fs::File::create(world.folder.path().join("out")).unwrap())
        .stderr(std::fs::File::create(world.folder.path().join("err")).unwrap())
        .spawn()
        .unwrap();
    while cloud.n_requests("/api/scheduling/tasks") == 0 {
        tokio::task::yield_now().await;
    }
    cloud.end(1, "FAILED");
    let posts = world.teams.received(1).await;
    assert!(posts[0].body.contains("Reload failed: Sales Forecast"), "{}", posts[0].body);
    program.kill().unwrap();
    program.wait().unwrap();
    let mut folders = vec![world.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                let has_key = bytes.windows(API_KEY.len()).any(|part| part == API_KEY.as_bytes());
                assert!(!has_key, "{}", path.display());
            }
        }
    }
}

/// Runs `doctor --json` with this tenant.
pub(crate) async fn doctor(world: &World) -> (Option<i32>, Vec<Value>) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["doctor", "--json", "--config"])
        .arg(world.config_file())
        .arg("--state-dir")
        .arg(world.state_dir())
        .arg("--log-root")
        .arg(world.log_root())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .envs(world.variables.clone())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("eyJ"), "{text}");
    let report: Value = serde_json::from_str(&text).unwrap();
    let findings = report["findings"].as_array().unwrap().clone();
    let of_cloud = findings.into_iter().filter(|it| it["area"] == "cloud").collect();
    (output.status.code(), of_cloud)
}

#[tokio::test]
async fn the_doctor_tests_a_tenant_and_says_what_to_do() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    cloud.end(1, "FAILED");
    let (code, findings) = doctor(&world).await;
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(code, Some(0), "{text}");
    for expected in ["footman (TenantAdmin)", "1 reloads are listed", "clock agrees", "1000"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let refusals = [
        (Mishap::Refuses { status: 401, retry_after: None }, 3, "create a new API key"),
        (Mishap::Refuses { status: 403, retry_after: None }, 3, "the role Tenant Admin"),
        (Mishap::Refuses { status: 429, retry_after: Some(9) }, 0, "wait a minute"),
        (Mishap::Refuses { status: 404, retry_after: None }, 3, "check tenant-url"),
        (Mishap::WebPage, 4, "check tenant-url"),
        (Mishap::Refuses { status: 400, retry_after: None }, 3, "newest version of Footman"),
        (Mishap::Says("{}".to_owned()), 4, "another form"),
    ];
    for (mishap, expected, todo) in refusals {
        cloud.tenant.world().lasting = vec![("/api/v1".to_owned(), mishap.clone())];
        let (code, findings) = doctor(&world).await;
        let text = serde_json::to_string(&findings).unwrap();
        assert_eq!(code, Some(expected), "{mishap:?}: {text}");
        assert!(text.contains(todo), "{mishap:?}: {text}");
    }
}

#[tokio::test]
async fn an_order_that_is_ignored_is_named_by_doctor_and_status() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    {
        let mut tenant = cloud.tenant.world();
        tenant.ignores_sort = true;
        let now = clock::now();
        for (number, minutes) in [(1, 1), (2, 3), (3, 2)] {
            let ended = now - SignedDuration::from_mins(minutes);
            let created = now - SignedDuration::from_mins(10 + i64::from(number));
            tenant.reloads.push(CloudReload { created, ..reload(number, "SUCCEEDED", ended) });
        }
    }
    cards(&world, &cloud, 1, || drop(cloud.end(4, "FAILED"))).await;
    let json: Value = serde_json::from_str(&status(&world, &["--json"])).unwrap();
    assert_eq!(json["tenants"]["acme"]["unordered"], serde_json::json!(["ended"]), "{json}");
    let text = status(&world, &[]);
    assert!(text.contains("lists in another order than asked for: ended"), "{text}");
    let (code, findings) = doctor(&world).await;
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("in another order than asked for"), "{text}");
}

#[tokio::test]
async fn odd_times_and_ids_that_are_listed_twice_break_nothing() {
    let cloud = Cloud::start().await;
    let times = [
        Timestamp::MAX,
        Timestamp::MIN,
        Timestamp::UNIX_EPOCH,
        clock::now() + SignedDuration::from_hours(9),
    ];
    for (number, at) in (10..).zip(times) {
        let odd = CloudReload {
            created: at,
            started: Some(Timestamp::MAX),
            ended: Some(at),
            app: format!("00000000-0000-4000-8000-{number:012x}"),
            ..reload(number, "FAILED", clock::now())
        };
        cloud.tenant.world().reloads.extend([odd.clone(), odd]);
    }
    let world = world_of(&cloud, "start = \"1d\"");
    let failed = |posts: &[Post]| {
        let cards =
            posts.iter().map(|post| post.body.matches("Reload failed: app 00000000").count());
        cards.filter(|n| *n > 0).count()
    };
    // Two of them ended within the last day, or will end.
    let posts = world.run_until(2).await;
    assert_eq!(failed(&posts), 2, "{posts:?}");
    let before = cloud.n_requests("/api/scheduling/tasks");
    let posts = world.run_while(async {
        while cloud.n_requests("/api/scheduling/tasks") == before {
            tokio::task::yield_now().await;
        }
        cloud.end(1, "FAILED");
        world.teams.received(3).await
    });
    let posts = posts.await;
    assert!(posts[2].body.contains("Reload failed: Sales Forecast"), "{}", posts[2].body);
}

pub(crate) fn status(world: &World, more: &[&str]) -> String {
    let mut status = Command::new(env!("CARGO_BIN_EXE_footman"));
    status.arg("status").args(more).arg("--config").arg(world.config_file());
    status.arg("--state-dir").arg(world.state_dir()).env("ACME_KEY", API_KEY);
    status.env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url());
    String::from_utf8(status.output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn status_says_of_a_tenant_when_it_was_polled_and_what_it_answered() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    cards(&world, &cloud, 1, || drop(cloud.end(1, "FAILED"))).await;
    let json: Value = serde_json::from_str(&status(&world, &["--json"])).unwrap();
    let acme = &json["tenants"]["acme"];
    assert!(acme["polled"].is_string() && acme["failing_since"].is_null(), "{acme}");
    assert!(acme["requests"]["accepted"].as_u64() > Some(2), "{acme}");
    assert_eq!(acme["reloads"]["failed"], 1, "{acme}");
    let text = status(&world, &[]);
    assert!(text.contains("acme: polled "), "{text}");
}
