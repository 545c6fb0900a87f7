//! Signed links of cards: reading one changes nothing, and its form acts once, for one incident.

use footman::clock::{self, Timestamp};
use footman::command::link::{self, LINK_LASTS, LinkKey};
use footman::demo::plan::{Act, PlannedRun, reload};
use footman::demo::story::StoryEnd;
use footman::incident::State;
use footman::metrics::Single;
use footman::state::{LINK_KEYS_NAME, LinkKeys, Reader};
use footman::view;
use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::support::browse::{Client, answer_path, encoded, links};
use crate::support::world::{World, until};

/// A world with one failed app whose card has arrived, and the path of its link.
async fn failed(world: &mut World, app: &str, n: usize) -> String {
    world.fail(app, "Table not found");
    let posts = world.teams.received(n).await;
    // Its outcome is part of the story.
    until(|| {
        Reader::open(&world.state_dir()).is_ok_and(|state| state.pending().unwrap().is_empty())
    })
    .await;
    let card = &posts.last().unwrap().body;
    answer_path(card).unwrap_or_else(|| panic!("a card without a link: {card}"))
}

fn state_of(world: &World, path: &str) -> Option<view::IncidentView> {
    let print = path.strip_prefix("/r/")?.split('-').next()?.into();
    let reader = Reader::open(&world.state_dir()).ok()?;
    view::incident(&reader, &print).ok()?
}

/// Everything that people could change: incidents with their stories, silences and commands.
fn answers(world: &World) -> String {
    let reader = Reader::open(&world.state_dir()).unwrap();
    let incidents = view::incidents(&reader, clock::now(), true).unwrap();
    let silences = view::silences(&reader, clock::now(), true).unwrap();
    let stories: Vec<_> =
        incidents.iter().map(|one| view::story(&reader, &one.fingerprint).unwrap()).collect();
    let json = serde_json::to_string(&(stories, silences)).unwrap();
    format!("{json}{}", reader.counters().unwrap().n(Single::CommandsApplied))
}

async fn nonce(client: &Client, path: &str) -> String {
    client.get(path).await.hidden("nonce").expect("the form has a nonce")
}

#[tokio::test]
async fn the_link_of_a_card_acknowledges_its_incident_under_the_given_name() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            let form = client.get(&path).await;
            assert_eq!(form.status, 200);
            assert!(form.body.contains("Reload failed: Sales"), "{}", form.body);
            assert_eq!(form.header("set-cookie"), None);
            let nonce = form.hidden("nonce").unwrap();
            let fields = [("action", "acknowledge"), ("by", "Anna Berg"), ("nonce", &nonce)];
            let done = client.post(&path, &fields).await;
            assert_eq!(done.status, 303, "{}", done.body);
            assert_eq!(done.header("location").unwrap(), format!("{path}?done=1"));
            let known = state_of(world, &path).unwrap();
            assert_eq!(
                (known.state, known.acknowledged.unwrap().by.as_str()),
                (State::Acknowledged, "Anna Berg")
            );
            assert!(client.get(&path).await.body.contains("Acknowledged by Anna Berg"));
            // Sent again, as by a reload of the browser: done, and nothing more.
            let before = answers(world);
            assert_eq!(client.post(&path, &fields).await.status, 303);
            assert_eq!(answers(world), before);
        })
        .await;
}

#[tokio::test]
async fn a_link_silences_its_incident_for_the_chosen_time_and_nothing_else() {
    let mut world = World::new();
    world.config.push_str("repeat = \"1ms\"\n");
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            let nonce = nonce(&client, &path).await;
            let fields = [("action", "silence"), ("for", "2h"), ("by", "Anna"), ("nonce", &nonce)];
            assert_eq!(client.post(&path, &fields).await.status, 303);
            assert!(client.get(&path).await.body.contains("Silenced by Anna until"));
            let reader = Reader::open(&world.state_dir()).unwrap();
            let silences = view::silences(&reader, clock::now(), false).unwrap();
            let left = silences[0].until.0.duration_since(clock::now());
            assert!(left > SignedDuration::from_mins(119) && left <= SignedDuration::from_hours(2));
            world.fail("Sales", "Table not found");
            let held = || {
                let reader = Reader::open(&world.state_dir()).unwrap();
                view::silences(&reader, clock::now(), false).unwrap()[0].held_back > 0
            };
            until(held).await;
            let other = failed(world, "Finance", 2).await;
            assert_ne!(other, path);
            assert_eq!(world.teams.received(2).await.len(), 2, "the silenced failure is held back");
        })
        .await;
}

#[tokio::test]
async fn what_a_link_did_can_be_undone_for_a_while() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            for (action, extra) in [("acknowledge", ""), ("silence", "30m")] {
                let nonce = nonce(&client, &path).await;
                let fields =
                    [("action", action), ("for", extra), ("by", "Anna"), ("nonce", &nonce)];
                assert_eq!(client.post(&path, &fields).await.status, 303);
                let undo = [("action", "undo"), ("by", "Anna"), ("nonce", &nonce)];
                assert_eq!(client.post(&path, &undo).await.status, 303);
                let page = client.get(&path).await.body;
                assert!(
                    !page.contains("class=\"done\">Silenced"),
                    "{page}\n{}",
                    client.get("/history").await.body.split("<tbody>").nth(1).unwrap()
                );
                until(|| state_of(world, &path).unwrap().state == State::Open).await;
                let again = client.post(&path, &fields).await;
                assert_eq!(again.status, 409, "what was taken back is not done again");
                assert!(again.body.contains("this form was sent before"), "{}", again.body);
            }
            let nonce = nonce(&client, &path).await;
            let undo = [("action", "undo"), ("by", "Ben"), ("nonce", &nonce)];
            assert_eq!(client.post(&path, &undo).await.status, 409, "there is nothing to undo");
        })
        .await;
}

/// Whoever has the link of a card may not undo what somebody decided elsewhere.
#[tokio::test]
async fn a_link_undoes_only_what_it_gave() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            let print = state_of(world, &path).unwrap().fingerprint;
            let keyed = client.clone().with_key(world).await;
            let incident = format!("/incidents/{print}");
            let fields = [("action", "acknowledge"), ("by", "Ben")];
            assert_eq!(keyed.act(&incident, &fields).await.status, 303);
            let fields =
                [("action", "silence"), ("for", "2h"), ("by", "Ben"), ("reason", "it moves")];
            assert_eq!(keyed.act(&incident, &fields).await.status, 303);
            let undo = async |path: &str| {
                let nonce = nonce(&client, path).await;
                let undo = [("action", "undo"), ("by", "Anna"), ("nonce", &nonce)];
                client.post(path, &undo).await.status
            };
            assert!(!client.get(&path).await.body.contains("value=\"undo\""));
            let before = answers(world);
            assert_eq!(undo(&path).await, 409);
            assert_eq!(answers(world), before);

            let one = nonce(&client, &path).await;
            let fields = [("action", "silence"), ("for", "30m"), ("by", "Anna"), ("nonce", &one)];
            assert_eq!(client.post(&path, &fields).await.status, 303);
            // The link of another card of the same incident.
            let keys = LinkKeys::read(&world.state_dir()).unwrap();
            let later = clock::now() + SignedDuration::from_secs(1);
            let other = format!("/r/{}", link::sign(&keys.valid(later)[0], &print, later));
            assert_eq!(undo(&other).await, 409);
            assert_eq!(undo(&path).await, 303);
            assert_eq!(undo(&path).await, 409, "the rest was given elsewhere");
            let known = state_of(world, &path).unwrap();
            assert_eq!(known.acknowledged.unwrap().by, "Ben");
            let page = client.get(&path).await.body;
            assert!(
                page.contains("Silenced by Ben") && !page.contains("Silenced by Anna"),
                "{page}"
            );
        })
        .await;
}

#[tokio::test]
async fn reading_a_link_in_any_way_changes_nothing() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            until(|| state_of(world, &path).is_some()).await;
            let before = answers(world);
            let answer = client.get(&path).await;
            for (name, value) in
                [("Sec-Purpose", "prefetch"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")]
            {
                let other = client.clone().with(name, value).get(&path).await;
                assert_eq!(other.status, 200);
                assert_eq!(other.header("set-cookie"), None);
            }
            let head = client.ask("HEAD", &path, &[], "").await;
            assert_eq!((head.status, head.body.as_str()), (200, ""));
            for query in ["?action=acknowledge&by=x", "?action=silence&for=24h&by=x"] {
                assert_eq!(client.get(&format!("{path}{query}")).await.status, 200);
            }
            for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
                assert_eq!(client.ask(method, &path, &[], "").await.status, 405, "{method}");
            }
            assert_eq!(answer.status, 200);
            assert_eq!(answers(world), before);
        })
        .await;
}

#[tokio::test]
async fn a_form_without_nonce_origin_choice_or_name_changes_nothing() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            let other = failed(world, "Finance", 2).await;
            let before = answers(world);
            let good = nonce(&client, &path).await;
            let of_other = nonce(&client, &other).await;
            let keys = LinkKeys::read(&world.state_dir()).unwrap();
            let key = &keys.valid(clock::now())[0];
            let token = path.strip_prefix("/r/").unwrap();
            let old = clock::now() - SignedDuration::from_mins(17);
            let old = link::stamp(&key.secret, token, "00", old);
            let stamp = |text: &str| text.replace('-', "_");
            for wrong in ["", "x", "0-0", of_other.as_str(), old.as_str(), stamp(&good).as_str()] {
                let fields = [("action", "acknowledge"), ("by", "Anna"), ("nonce", wrong)];
                assert_eq!(client.post(&path, &fields).await.status, 403, "{wrong}");
            }
            assert_eq!(
                client.post(&path, &[("action", "acknowledge"), ("by", "Anna")]).await.status,
                403
            );
            let form = encoded(&[("action", "acknowledge"), ("by", "Anna"), ("nonce", &good)]);
            let kind = ("Content-Type", "application/x-www-form-urlencoded");
            for origin in ["https://evil.example.com", "null", "http://127.0.0.1:1", ""] {
                let headers = [("Origin", origin), kind];
                assert_eq!(
                    client.ask("POST", &path, &headers, &form).await.status,
                    403,
                    "{origin}"
                );
            }
            assert_eq!(client.ask("POST", &path, &[kind], &form).await.status, 403, "no origin");
            let origin = client.origin();
            for kind in ["text/plain", "application/json", "multipart/form-data"] {
                let headers = [("Origin", origin.as_str()), ("Content-Type", kind)];
                assert_eq!(client.ask("POST", &path, &headers, &form).await.status, 415, "{kind}");
            }
            for fields in [
                vec![("action", "acknowledge")],
                vec![("action", "acknowledge"), ("by", "   ")],
                vec![("by", "Anna")],
                vec![("action", ""), ("by", "Anna")],
                vec![("action", "note"), ("by", "Anna"), ("text", "x")],
                vec![("action", "silence"), ("by", "Anna")],
                vec![("action", "silence"), ("by", "Anna"), ("for", "99d")],
            ] {
                let mut all = fields.clone();
                all.push(("nonce", &good));
                assert_eq!(client.post(&path, &all).await.status, 400, "{fields:?}");
            }
            assert_eq!(answers(world), before);
        })
        .await;
}

#[tokio::test]
async fn wrong_tokens_tell_nothing_and_expired_ones_tell_who_handled_it() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            until(|| state_of(world, &path).is_some()).await;
            let keys = LinkKeys::read(&world.state_dir()).unwrap();
            let key: &LinkKey = &keys.valid(clock::now())[0];
            let print = state_of(world, &path).unwrap().fingerprint;
            let long_ago = clock::now() - LINK_LASTS - SignedDuration::from_secs(1);
            let expired = format!("/r/{}", link::sign(key, &print, long_ago));
            let before = answers(world);
            let nonce = nonce(&client, &path).await;
            let fields = [("action", "acknowledge"), ("by", "Anna"), ("nonce", nonce.as_str())];
            // Whoever only looks learns that it is over; whoever acts is refused.
            let looked = (200, client.get(&expired).await);
            for (status, answer) in [looked, (410, client.post(&expired, &fields).await)] {
                assert_eq!(answer.status, status);
                assert!(answer.body.contains("This link has expired"), "{}", answer.body);
            }
            let forged = LinkKey { secret: [0; 32], ..key.clone() };
            let unknown = link::sign(key, "ffffffffffffffff", clock::now());
            let forged = link::sign(&forged, &print, clock::now());
            let mut bodies = Vec::new();
            for token in [forged.as_str(), unknown.as_str(), link::unsigned(&print).as_str(), "x"] {
                let answer = client.get(&format!("/r/{token}")).await;
                assert_eq!(answer.status, 404, "{token}");
                bodies.push(answer.body);
            }
            assert!(bodies.iter().all(|body| *body == bodies[0]));
            assert_eq!(client.post(&format!("/r/{forged}"), &fields).await.status, 404);
            assert_eq!(answers(world), before);
            // Now somebody handles it, and the old link says who.
            assert_eq!(client.post(&path, &fields).await.status, 303);
            assert!(client.get(&expired).await.body.contains("Acknowledged by Anna"));
        })
        .await;
}

/// Opening connections takes longest; the page has fewer than this many at once.
const AT_A_TIME: usize = 20;
/// Number of wrong tokens; fewer in Wine, where a connection takes twenty times as long.
const WRONG: u32 = if cfg!(windows) { 2_000 } else { 10_000 };

#[tokio::test]
async fn thousands_of_wrong_tokens_change_nothing_and_lock_nobody_out() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            until(|| state_of(world, &path).is_some()).await;
            let before = answers(world);
            let ask = async |client: Client, first: u32| {
                let mut wrong = 0;
                for n in (first..WRONG).step_by(AT_A_TIME) {
                    let path = format!("/r/{n:016x}-{n:08x}-{n:08x}-{n:064x}");
                    let answer = client.get(&path).await;
                    assert!([404, 429].contains(&answer.status), "{}", answer.status);
                    wrong += u32::from(answer.status == 404);
                }
                wrong
            };
            let mut asking = JoinSet::new();
            for first in (0..WRONG).take(AT_A_TIME) {
                asking.spawn(ask(client.clone(), first));
            }
            let wrong: u32 = asking.join_all().await.into_iter().sum();
            assert!(wrong < WRONG / 50, "{wrong} wrong tokens were answered as usual");
            assert_eq!(client.get(&path).await.status, 200);
            assert_eq!(answers(world), before);
            failed(world, "Finance", 2).await;
        })
        .await;
}

#[tokio::test]
async fn an_address_may_send_thirty_forms_in_a_minute() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            let mut last = 0;
            for _ in 0..40 {
                last = client.post(&path, &[]).await.status;
            }
            assert_eq!(last, 429);
            let other = client.clone().with("X-Forwarded-For", "203.0.113.9, 198.51.100.7");
            assert_eq!(other.post(&path, &[]).await.status, 403, "another client of a proxy here");
            assert_eq!(client.get(&path).await.status, 200);
        })
        .await;
}

#[tokio::test]
async fn a_link_of_a_replaced_key_works_and_one_of_a_deleted_key_does_not() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let path = failed(world, "Sales", 1).await;
            let file = world.state_dir().join(LINK_KEYS_NAME);
            let text = std::fs::read_to_string(&file).unwrap();
            let made = text.split_whitespace().nth(2).unwrap();
            let old: Timestamp = clock::now() - SignedDuration::from_hours(31 * 24);
            std::fs::write(&file, text.replace(made, &old.to_string())).unwrap();
            let second = failed(world, "Finance", 2).await;
            assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
            assert_eq!(client.get(&path).await.status, 200);
            assert_eq!(client.get(&second).await.status, 200);
            std::fs::remove_file(&file).unwrap();
            assert_eq!(client.get(&path).await.status, 404);
            let third = failed(world, "Ledger", 3).await;
            assert_eq!(client.get(&third).await.status, 200);
            assert_eq!(client.get(&second).await.status, 404);
        })
        .await;
}

#[tokio::test]
async fn a_recovery_has_no_link_and_no_card_has_one_without_an_address() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, _| {
            failed(world, "Sales", 1).await;
            let run = PlannedRun::of_task("Sales", "well");
            for step in reload(&run, &StoryEnd::Ok) {
                if let Act::Write(write) = &step.act {
                    world.node.write(clock::now(), write).unwrap();
                }
            }
            let posts = world.teams.received(2).await;
            assert!(!posts[1].body.contains("/r/"), "{}", posts[1].body);
        })
        .await;
    let mut plain = World::new();
    plain.settle_in().await;
    plain.fail("Sales", "Table not found");
    let posts = plain.run_until(1).await;
    assert!(!posts[0].body.contains("Acknowledge or silence"), "{}", posts[0].body);
}

/// A link is a button and never text: clients fetch what stands in texts to show a preview.
#[tokio::test]
async fn the_link_is_one_button_and_in_no_text() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, _| {
            failed(world, "Sales", 1).await;
            let body = world.teams.received(1).await[0].body.clone();
            assert_eq!(body.matches("/r/").count(), 1, "{body}");
            let card: serde_json::Value = serde_json::from_str(&body).unwrap();
            let body = card["attachments"][0]["content"]["body"].as_array().unwrap();
            let sets = body.iter().filter(|element| element["type"] == "ActionSet");
            let mut actions = sets.flat_map(|set| set["actions"].as_array().unwrap());
            let action = actions.find(|action| action["title"] == "Acknowledge or silence…");
            let action = action.expect("the button");
            assert_eq!(action["type"], "Action.OpenUrl");
            assert!(action["url"].as_str().unwrap().len() < 2000);
        })
        .await;
}

/// Mail and chat gateways fetch each link before people see it, and some press buttons.
#[tokio::test]
async fn scanners_and_sandboxes_change_nothing() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            for (n, app) in ["Sales", "Finance", "Ledger"].into_iter().enumerate() {
                failed(world, app, n + 1).await;
            }
            let posts = world.teams.received(3).await;
            let before = answers(world);
            for link in posts.iter().flat_map(|post| links(&post.body)) {
                let Some(path) = link.strip_prefix(&client.origin()) else { continue };
                for _ in 0..3 {
                    assert_eq!(client.get(path).await.status, 200);
                }
                // The defaults of the form: nothing is chosen, no name is given.
                let form = client.get(path).await;
                let nonce = form.hidden("nonce").unwrap();
                for fields in [
                    vec![("nonce", nonce.as_str())],
                    vec![("nonce", &nonce), ("for", ""), ("by", "")],
                ] {
                    assert_eq!(client.post(path, &fields).await.status, 400);
                }
            }
            assert_eq!(answers(world), before);
        })
        .await;
}
