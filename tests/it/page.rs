//! The local page over real HTTP, on a state without an agent.

use std::path::Path;

use footman::clock::Timestamp;
use footman::commit::{
    About, Attention, Commit, Delivery, Form, HistoryEntry, HistoryReason, HistoryType,
    IncidentRow, Reason, RowChange, RowKey, Suppression, TableName,
};
use footman::detection::{Kind, Severity};
use footman::ids::{DeliveryId, Fingerprint, NoticeId};
use footman::metrics::Counts;
use footman::outbox::Change;
use footman::state::Store;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::browse::served;

pub(crate) const PRINT: &str = "4f2c1d9ab03e5577";

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

pub(crate) fn delivery(id: &str, text: &str, created: Timestamp) -> Delivery {
    let card = json!({ "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": text }] });
    Delivery {
        id: DeliveryId::from(id.to_owned()),
        notice_id: NoticeId::from(id.to_owned()),
        channel: "default".to_owned(),
        severity: Severity::Error,
        fingerprint: Some(PRINT.into()),
        reason: Reason::Opened,
        form: Form::Card,
        summary: format!("summary of {id}"),
        about: About::default(),
        payload: card.to_string(),
        plain: card.to_string(),
        created,
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

/// An incident as the agent stores it.
pub(crate) fn incident(print: &str, title: &str, since: Timestamp) -> IncidentRow {
    let json = json!({
        "fingerprint": print, "kind": "reload-failed", "severity": "error", "title": title,
        "error": null, "error_class": null, "app": "Sales", "app_id": null, "task": null,
        "task_id": null, "node": "n", "environment": null, "source": "log", "since": since,
        "last": since, "count": 1, "held_back": 0, "state": "open", "ends": "observed",
        "acknowledged": null, "silenced_by": null, "inhibited_by": null, "channels": ["default"],
        "last_success": null, "ended": null,
    });
    IncidentRow {
        fingerprint: print.into(),
        state: "open",
        last: since,
        ended: None,
        json: json.to_string(),
    }
}

pub(crate) fn entry(what: HistoryType, summary: &str, at: Timestamp) -> HistoryEntry {
    let reason = HistoryReason::Suppression(Suppression::SameRun);
    HistoryEntry {
        reason: (what == HistoryType::Suppressed).then_some(reason),
        kind: Some(Kind::ReloadFailed),
        fingerprint: Some(Fingerprint::from(PRINT)),
        ..HistoryEntry::new(at, what, summary.to_owned())
    }
}

fn store(dir: &Path) -> Store {
    Store::open(dir, at(0)).unwrap().0
}

fn sent(id: &str) -> DeliveryId {
    DeliveryId::from(id.to_owned())
}

fn accepted() -> Change {
    Change::Accepted { receipt: Some("run 1".to_owned()) }
}

#[tokio::test]
async fn each_delivery_is_shown_as_its_card_the_newest_first() {
    let dir = TempDir::new().unwrap();
    let mut state = store(dir.path());
    let (old, new) = (delivery("a", "the older", at(1)), delivery("b", "the <newer>", at(2)));
    state.commit(at(2), &Commit { deliveries: vec![old, new], ..Commit::default() }).unwrap();
    for id in ["a", "b"] {
        state.begin_sending(at(3), &sent(id)).unwrap();
        state.settle(at(3), &sent(id), &accepted(), &Counts::default(), &[]).unwrap();
    }
    let page = served(dir.path(), async |client| client.get("/deliveries").await).await;
    assert_eq!(page.status, 200);
    let newer = page.body.find("the &lt;newer&gt;").expect("escaped");
    assert!(newer < page.body.find("the older").unwrap());
    let run = "run id run 1: search for it in the run history";
    assert!(page.body.contains(run), "{}", page.body);
    assert!(page.body.contains("test &amp; try · NODE1 &lt;b&gt;"), "{}", page.body);
}

#[tokio::test]
async fn what_a_digest_stands_for_is_under_it_and_the_rest_has_its_state_and_reason() {
    let dir = TempDir::new().unwrap();
    let mut state = store(dir.path());
    let deliveries = ["folded-1", "folded-2", "dead", "later", "waits"];
    let deliveries = deliveries.map(|id| delivery(id, &format!("card of {id}"), at(1))).to_vec();
    state.commit(at(1), &Commit { deliveries, ..Commit::default() }).unwrap();
    let digest = Delivery {
        form: Form::Digest,
        fingerprint: None,
        ..delivery("digest", "card of digest", at(2))
    };
    let members = ["folded-1", "folded-2"].map(sent);
    state.begin_sending_together(at(2), &digest, &members).unwrap();
    state.settle(at(2), &sent("digest"), &accepted(), &Counts::default(), &[]).unwrap();
    let dead = Change::Dead { why: "413: too large".to_owned() };
    state.begin_sending(at(3), &sent("dead")).unwrap();
    state.settle(at(3), &sent("dead"), &dead, &Counts::default(), &[]).unwrap();
    let later = Change::Later {
        next_at: at(5000),
        wait: std::time::Duration::from_mins(1),
        use_plain: false,
        possible_repeat: false,
        why: "429: too many".to_owned(),
        refused: None,
    };
    state.begin_sending(at(3), &sent("later")).unwrap();
    state.settle(at(3), &sent("later"), &later, &Counts::default(), &[]).unwrap();
    drop(state);
    let page = served(dir.path(), async |client| client.get("/deliveries").await).await.body;
    let article = |id: &str| {
        let from = page.find(&format!("data-name=\"{id}\"")).expect(id);
        page[from..].split("</article>").next().unwrap().to_owned()
    };
    assert!(!page.contains("data-name=\"folded-1\""), "{page}");
    let digest = article("digest");
    assert!(digest.contains("stands for 2 cards") && digest.contains("summary of folded-2"));
    assert!(article("dead").contains("413: too large"));
    let later = article("later");
    assert!(later.contains("leaves at") && later.contains("429: too many"), "{later}");
    assert!(article("waits").contains("waits for"), "{}", article("waits"));
    assert!(!page.contains("<button type=\"submit\""), "reading only");
}

#[tokio::test]
async fn views_without_a_state_explain_what_will_appear() {
    let parent = TempDir::new().unwrap();
    served(&parent.path().join("not made yet"), async |client| {
        for (path, words) in [
            ("/", "No open incident"),
            ("/history", "Nothing found"),
            ("/silences", "No silence"),
            ("/deliveries", "No card yet"),
            ("/status", "Status"),
        ] {
            let answer = client.get(path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.body.contains(words), "{path}: {}", answer.body);
        }
        for path in ["/api/incidents", "/api/silences", "/api/deliveries"] {
            assert_eq!(client.get(path).await.json(), json!([]), "{path}");
        }
        assert_eq!(client.get("/incidents/4f2c1d9a").await.status, 404);
        assert_eq!(client.get("/api/incidents/4f2c1d9a").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn the_history_is_searched_and_paged() {
    let dir = TempDir::new().unwrap();
    let mut state = store(dir.path());
    let mut history: Vec<HistoryEntry> = (0..250)
        .map(|n| entry(HistoryType::Suppressed, &format!("row {n} of Sales"), at(n)))
        .collect();
    history.push(entry(HistoryType::Opened, "Reload failed: Finance <Ledger>", at(300)));
    state.commit(at(300), &Commit { history, ..Commit::default() }).unwrap();
    served(dir.path(), async |client| {
        let rows = |body: &str| body.matches("data-label=\"When\"").count();
        let first = client.get("/history").await.body;
        assert_eq!(rows(&first), 100);
        let older = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let second = client.get(&older.replace("&#x2f;", "/").replace("&amp;", "&")).await.body;
        assert!(second.contains("row 150 of Sales") && !second.contains("row 151 of Sales"));
        let found = client.get("/history?q=finance+%3Cled").await.body;
        assert_eq!(rows(&found), 1, "{found}");
        assert!(
            found.contains("Finance &lt;Ledger&gt;") && found.contains("value=\"finance &lt;led\"")
        );
        assert_eq!(rows(&client.get("/history?reason=opened").await.body), 1);
        assert_eq!(rows(&client.get("/history?kind=security").await.body), 0);
        let since = at(299);
        assert_eq!(rows(&client.get(&format!("/history?since={since}")).await.body), 1);
        let wrong = client.get("/history?since=soon").await.body;
        assert!(wrong.contains("`soon` is not a time"), "{wrong}");
        for odd in ["before=x", "before=-1", "before=99999999999999999999", "q=%00%FF", "since=-1d"]
        {
            assert_eq!(client.get(&format!("/history?{odd}")).await.status, 200, "{odd}");
        }
    })
    .await;
}

#[tokio::test]
async fn incidents_and_their_stories_are_shown_and_the_api_has_the_json_of_the_command_line() {
    let dir = TempDir::new().unwrap();
    let mut state = store(dir.path());
    let twin = "4f2c1d9ab03e5578";
    let commit = Commit {
        incidents: vec![
            incident(PRINT, "Reload failed: <Sales>", at(1)),
            incident(twin, "Reload failed: Twin", at(2)),
        ],
        history: vec![entry(HistoryType::Opened, "Reload failed: <Sales>", at(1))],
        deliveries: vec![delivery("a", "the card", at(1))],
        ..Commit::default()
    };
    state.commit(at(2), &commit).unwrap();
    served(dir.path(), async |client| {
        let open = client.get("/").await.body;
        assert!(open.contains("Reload failed: &lt;Sales&gt;"), "{open}");
        assert!(open.contains(&format!("href=\"/incidents/{PRINT}\"")), "{open}");
        let one = client.get(&format!("/incidents/{PRINT}")).await.body;
        assert!(one.contains("<b>opened</b>") && one.contains("the card"), "{one}");
        assert!(!one.contains("<form method=\"post\""), "reading only");
        let several = client.get("/incidents/4f2c").await;
        assert_eq!(several.status, 404);
        assert!(several.body.contains(twin) && several.body.contains(PRINT));
        let list = client.get("/api/incidents").await;
        assert_eq!(list.header("content-type"), Some("application/json"));
        assert_eq!(list.json()[0]["id"], PRINT);
        assert_eq!(list.json()[0]["acknowledged"], Value::Null);
        assert_eq!(client.get("/api/incidents?app=Other").await.json(), json!([]));
        assert_eq!(client.get("/api/incidents?kind=nonsense").await.status, 400);
        let story = client.get(&format!("/api/incidents/{PRINT}")).await.json();
        assert_eq!(story["story"][0]["what"], "observed");
        let both = client.get("/api/incidents/4f2c").await;
        assert_eq!((both.status, both.json()["matches"].as_array().unwrap().len()), (409, 2));
        assert_eq!(client.get("/api/deliveries").await.json()[0]["id"], "a");
    })
    .await;
}

#[tokio::test]
async fn script_in_every_name_is_shown_as_text() {
    let dir = TempDir::new().unwrap();
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut state = store(dir.path());
    let mut row = incident(PRINT, evil, at(1));
    let mut overview: Value = serde_json::from_str(&row.json).unwrap();
    for key in ["error", "error_class", "app", "task", "node", "environment", "silenced_by"] {
        overview[key] = evil.into();
    }
    overview["channels"] = json!([evil]);
    overview["acknowledged"] = json!({ "by": evil, "at": at(1), "note": evil });
    row.json = overview.to_string();
    let mut card = delivery(evil, evil, at(1));
    (card.channel, card.summary) = (evil.to_owned(), evil.to_owned());
    card.payload = json!({ "body": [{ "type": "TextBlock", "text": evil }],
        "actions": [{ "type": "Action.OpenUrl", "title": evil, "url": "javascript:alert(1)" }] })
    .to_string();
    let mut noted = entry(HistoryType::Noted, evil, at(1));
    (noted.author, noted.reason) =
        (Some(evil.to_owned()), Some(HistoryReason::Other(evil.to_owned())));
    let silence = json!({ "id": "00000001", "matchers": { "app": [evil] }, "from": at(1),
        "until": "2099-01-01T00:00:00Z", "by": evil, "reason": evil, "held_back": 0 });
    let silence = RowChange::Put {
        key: RowKey::new(TableName::Silences, "00000001"),
        json: silence.to_string(),
    };
    let commit = Commit {
        incidents: vec![row],
        deliveries: vec![card],
        history: vec![noted],
        rows: vec![silence],
        ..Commit::default()
    };
    state.commit(at(2), &commit).unwrap();
    served(dir.path(), async |client| {
        let views = ["/", "/history", "/silences", "/deliveries", "/status"];
        let query =
            "%3Cscript%3Ealert(1)%3C/script%3E%22%27%3E%3Cimg%20src=x%20onerror=alert(1)%3E";
        let mut paths: Vec<String> = views.map(str::to_owned).to_vec();
        paths.push(format!("/incidents/{PRINT}"));
        paths.push(format!("/incidents/{query}"));
        paths.push(format!("/history?q={query}&kind={query}&reason={query}&since={query}"));
        paths.push(format!("/?key={query}"));
        for path in paths {
            let body = client.get(&path).await.body;
            assert!(
                !body.contains("<script>alert") && !body.contains("<img src=x"),
                "{path}: {body}"
            );
            assert!(
                !body.contains("href=\"javascript:") && !body.contains(" onerror=alert(1)>"),
                "{path}: {body}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_forbids_foreign_content() {
    let dir = TempDir::new().unwrap();
    served(dir.path(), async |client| {
        for path in
            ["/", "/deliveries", "/style.css", "/page.js", "/nothing", "/api/incidents", "/r/x"]
        {
            let answer = client.get(path).await;
            let policy = answer.header("content-security-policy").unwrap();
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'")
            );
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
            assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert!(!answer.body.contains("style=") && !answer.body.contains("onclick"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_with_a_foreign_host_name_is_refused() {
    let dir = TempDir::new().unwrap();
    served(dir.path(), async |client| {
        for (host, status) in [("evil.example.com:80", 421), ("localhost:9", 200), ("[::1]:9", 200)]
        {
            let answer = client.clone().with("Host", host).get("/").await;
            assert_eq!(answer.status, status, "{host}");
        }
    })
    .await;
}

/// Whoever reads the page may not act: the link of a drawn card leads to its incident.
#[tokio::test]
async fn no_view_has_a_signed_link() {
    let dir = TempDir::new().unwrap();
    let mut state = store(dir.path());
    let url = format!("https://footman.example.com/r/{}", footman::command::link::unsigned(PRINT));
    let mut card = delivery("a", "the card", at(1));
    card.payload = json!({ "body": [], "actions": [
        { "type": "Action.OpenUrl", "title": "Acknowledge or silence…", "url": url }] })
    .to_string();
    state.commit(at(2), &Commit { deliveries: vec![card], ..Commit::default() }).unwrap();
    let page = served(dir.path(), async |client| client.get("/deliveries").await).await.body;
    assert!(page.contains("Acknowledge or silence…"), "{page}");
    let hex = |word: &str| word.len() >= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let signed = page
        .split(|c: char| !c.is_ascii_hexdigit())
        .any(|word| hex(word) && !word.starts_with("000"));
    assert!(!signed, "{page}");
}

#[tokio::test]
async fn the_end_of_an_incident_without_an_observed_one_is_not_guessed() {
    let dir = TempDir::new().unwrap();
    let mut state = store(dir.path());
    let long_ago = at(0) - SignedDuration::from_hours(48);
    let mut row = incident(PRINT, "Access denied", long_ago);
    row.json = row.json.replace("\"observed\"", "\"unknown\"");
    state.commit(at(0), &Commit { incidents: vec![row], ..Commit::default() }).unwrap();
    served(dir.path(), async |client| {
        assert!(client.get("/").await.body.contains("No open incident"));
        assert_eq!(client.get(&format!("/incidents/{PRINT}")).await.status, 200);
    })
    .await;
}
