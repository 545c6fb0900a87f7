//! Several tenants, keys that expire, and what `doctor` says of rights, clock and rate limit.

use std::process::Command;

use footman::clock;
use footman::demo::tenant::{API_KEY, Mishap};
use footman::state::Reader;
use jiff::SignedDuration;
use tokio::net::TcpListener;

use crate::cloud::{cards, doctor, status, world_of};
use crate::support::cloud::Cloud;
use crate::support::fake_teams::FakeTeams;
use crate::support::world::until;

#[tokio::test]
async fn tenants_are_told_apart_and_routed_by_tenant_space_and_tag() {
    let (cloud, other) = (Cloud::start().await, Cloud::start().await);
    let finance = FakeTeams::start([]);
    let mut world = world_of(&cloud, "");
    world.config.push_str(&other.config("").replace("cloud.acme", "cloud.other"));
    world.config.push_str(
        "[channel.finance]\nwebhook-env = \"FINANCE\"\n\
         [[route]]\nmatch = { tenant = \"acme\", space = \"Fin*\", tag = \"critical\" }\n\
         channel = \"finance\"\n",
    );
    world.variables.push(("FINANCE".to_owned(), finance.url()));
    let posts = world.run_while(async {
        for tenant in [&cloud, &other] {
            while tenant.n_requests("/api/scheduling/tasks") == 0 {
                tokio::task::yield_now().await;
            }
            // The same app of each.
            tenant.end(1, "FAILED");
        }
        (finance.received(1).await, world.teams.received(1).await)
    });
    let (of_acme, of_other) = posts.await;
    for (posts, tenant) in [(of_acme, "acme"), (of_other, "other")] {
        assert_eq!(posts.len(), 1, "{tenant}: {posts:?}");
        let card = &posts[0].body;
        assert!(card.contains("Reload failed: Sales Forecast"), "{card}");
        assert!(card.contains(&format!("Qlik Cloud · {tenant}")), "{card}");
    }
}

#[tokio::test]
async fn a_silence_of_a_tenant_and_a_space_holds_back_nothing_of_another_tenant() {
    let (cloud, other) = (Cloud::start().await, Cloud::start().await);
    let mut world = world_of(&cloud, "");
    world.config.push_str(&other.config("").replace("cloud.acme", "cloud.other"));
    let both = [&cloud, &other];
    let polled = async |n: [usize; 2]| {
        for (tenant, n) in both.into_iter().zip(n) {
            while tenant.n_requests("/api/scheduling/tasks") <= n {
                tokio::task::yield_now().await;
            }
        }
    };
    world.run_while(polled([0, 0])).await;
    let silence = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["silence", "add", "--tenant", "acme", "--space", "Fin*", "--for", "2h"])
        .args(["--reason", "moving", "--state-dir"])
        .arg(world.state_dir())
        .output()
        .unwrap();
    assert!(silence.status.success(), "{silence:?}");
    let reader = || Reader::open(&world.state_dir()).unwrap();
    let before = both.map(|tenant| tenant.n_requests("/api/scheduling/tasks"));
    let posts = world.run_while(async {
        until(|| reader().silences().is_ok_and(|all| all.len() == 1)).await;
        polled(before).await;
        for tenant in both {
            tenant.end(1, "FAILED");
        }
        until(|| {
            let history = reader().history(20).unwrap();
            history.iter().any(|entry| entry.reason_name() == "silenced")
        })
        .await;
        world.teams.received(1).await
    });
    let posts = posts.await;
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert!(posts[0].body.contains("Qlik Cloud · other"), "{}", posts[0].body);
}

/// A key that expires in so many days.
fn key_for(days: i64) -> String {
    let expires = clock::now() + SignedDuration::from_hours(days * 24 + 1);
    let claims = format!("{{\"sub\":\"x\",\"exp\":{}}}", expires.as_second());
    format!("eyJhbGciOiJub25lIn0.{}.c2ltdWxhdGVk", encoded(claims.as_bytes()))
}

/// Base64 for addresses, without padding.
fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let of_three = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        (0..=three.len()).map(move |n| char::from(DIGITS[bits >> (18 - 6 * n) & 63]))
    };
    bytes.chunks(3).flat_map(of_three).collect()
}

#[tokio::test]
async fn a_key_that_expires_within_14_days_is_a_card_and_a_note_of_doctor() {
    for (days, is_soon) in [(13, true), (20, false)] {
        let cloud = Cloud::start().await;
        let mut world = world_of(&cloud, "");
        let key = key_for(days);
        cloud.tenant.world().key.clone_from(&key);
        world.variables = vec![("ACME_KEY".to_owned(), key.clone())];
        // The card of the key comes before that of the reload.
        let n = 1 + usize::from(is_soon);
        let posted = cards(&world, &cloud, n, || drop(cloud.end(1, "FAILED"))).await;
        let warned = posted.iter().any(|card| card.contains("The API key of tenant acme expires"));
        assert_eq!(warned, is_soon, "{days}: {posted:?}");
        assert!(!posted.iter().any(|card| card.contains(&key)), "{posted:?}");
        let (code, findings) = doctor(&world).await;
        let text = serde_json::to_string(&findings).unwrap();
        let said = if is_soon { "the API key expires on" } else { "the API key is good until" };
        assert!(text.contains(said), "{days}: {text}");
        assert_eq!(text.contains("create a new key"), is_soon, "{days}: {text}");
        assert_eq!(code, Some(0), "{text}");
    }
}

#[tokio::test]
async fn the_doctor_names_rights_clock_and_what_is_left_of_the_rate_limit() {
    let cloud = Cloud::start().await;
    let world = world_of(&cloud, "");
    cloud.tenant.world().rate_limit_remaining = Some(987);
    cloud.tenant.world().ahead = SignedDuration::from_mins(10);
    let (_, findings) = doctor(&world).await;
    let text = serde_json::to_string(&findings).unwrap();
    for expected in ["987 requests are left", "clock differs", "with a time server"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    cloud.tenant.world().is_admin = false;
    let (code, findings) = doctor(&world).await;
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(code, Some(3), "{text}");
    for expected in ["footman (User)", "RELOADS-003", "the role Tenant Admin"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    cloud.tenant.world().is_admin = true;
    let refused = Mishap::Refuses { status: 403, retry_after: None };
    cloud.tenant.world().lasting = vec![("/api/scheduling".to_owned(), refused)];
    let (code, findings) = doctor(&world).await;
    let text = serde_json::to_string(&findings).unwrap();
    assert!(text.contains("the right to list tasks"), "{text}");
    assert_eq!(code, Some(0), "{text}");
    // Nobody listens there any more.
    let gone = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let mut away = world_of(&cloud, "");
    away.config = away.config.replace(&cloud.address.to_string(), &gone.to_string());
    let (code, findings) = doctor(&away).await;
    let text = serde_json::to_string(&findings).unwrap();
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("check tenant-url") || text.contains("firewall"), "{text}");
}

#[tokio::test]
async fn what_is_left_of_the_rate_limit_is_in_the_status() {
    let cloud = Cloud::start().await;
    cloud.tenant.world().rate_limit_remaining = Some(987);
    let mut world = world_of(&cloud, "");
    world.variables = vec![("ACME_KEY".to_owned(), API_KEY.to_owned())];
    cards(&world, &cloud, 1, || drop(cloud.end(1, "FAILED"))).await;
    let json: serde_json::Value = serde_json::from_str(&status(&world, &["--json"])).unwrap();
    assert_eq!(json["tenants"]["acme"]["rate_limit_remaining"], 987, "{json}");
}
