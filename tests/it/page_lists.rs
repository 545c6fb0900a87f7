//! Long lists of the page and its API: bounded, and right where they are cut.

use footman::commit::{Commit, HistoryType, IncidentRow};
use footman::ids::Fingerprint;
use footman::state::{Reader, Store};
use footman::view::IncidentIds;
use serde_json::Value;
use tempfile::TempDir;

use crate::page::{at, entry, incident};
use crate::support::browse::served;

/// A state with these incidents.
fn state_of(incidents: Vec<IncidentRow>) -> TempDir {
    let dir = TempDir::new().unwrap();
    let (mut state, _) = Store::open(dir.path(), at(0)).unwrap();
    state.commit(at(0), &Commit { incidents, ..Commit::default() }).unwrap();
    dir
}

#[test]
fn the_id_of_an_incident_follows_from_those_beside_it() {
    // Many share their first digits.
    let print = |n: u64| {
        let shared = (n.wrapping_mul(0x9e37_79b9) % 1000) << (n % 5 * 8);
        Fingerprint::from(format!("{shared:016x}"))
    };
    let prints: Vec<Fingerprint> = (1..200).map(print).collect();
    let rows = prints.iter().map(|print| incident(print, "Reload failed: Sales", at(1)));
    let dir = state_of(rows.collect());
    let reader = Reader::open(dir.path()).unwrap();
    let all = IncidentIds::new(reader.fingerprints().unwrap());
    let mut longest = 0;
    for print in &prints {
        let around = IncidentIds::new(reader.fingerprints_around(&[print]).unwrap());
        assert_eq!(around.id(print), all.id(print));
        longest = longest.max(all.id(print).len());
        let begins = &print[..12];
        let like = reader.fingerprints_like(begins).unwrap();
        assert!(like.contains(print) && like.iter().all(|other| other.starts_with(begins)));
    }
    assert!(longest > 8, "some share more than eight digits");
}

#[tokio::test]
async fn a_list_of_all_incidents_has_the_open_ones_and_the_latest_of_the_others() {
    let over = (0..2_100_u32).map(|n| {
        let since = at(i64::from(n));
        let row = incident(&format!("{n:016x}"), &format!("Reload failed: {n}"), since);
        let mut json: Value = serde_json::from_str(&row.json).unwrap();
        json["ended"] = serde_json::to_value(since).unwrap();
        json["state"] = "recovered".into();
        json["app"] = if n % 700 == 0 { "Rare" } else { "Usual" }.into();
        IncidentRow { state: "recovered", ended: Some(since), json: json.to_string(), ..row }
    });
    let open = (0..30_u32).map(|n| incident(&format!("f{n:015x}"), "Reload failed: open", at(1)));
    let dir = state_of(over.chain(open).collect());
    served(dir.path(), async |client| {
        let open = client.get("/api/incidents").await.json();
        assert_eq!(open.as_array().unwrap().len(), 30);
        let all = client.get("/api/incidents?all").await.json();
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), 2_000, "a list is bounded");
        assert!(all[..30].iter().all(|one| one["state"] == "open"));
        assert_eq!(all[30]["title"], "Reload failed: 2099");
        let few = client.get("/api/incidents?all&limit=40").await.json();
        assert_eq!(few.as_array().unwrap()[..], all[..40]);
        let rare = client.get("/api/incidents?all&app=Rare").await.json();
        let titles: Vec<_> =
            rare.as_array().unwrap().iter().map(|one| one["title"].clone()).collect();
        assert_eq!(titles, ["Reload failed: 1400", "Reload failed: 700", "Reload failed: 0"]);
        for list in ["incidents", "silences", "deliveries"] {
            for odd in ["limit=0", "limit=x", "limit=-1"] {
                let answer = client.get(&format!("/api/{list}?{odd}")).await;
                assert_eq!(answer.status, 400, "{list} {odd}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_goes_through_a_limited_part_of_the_history_and_can_go_on() {
    let dir = TempDir::new().unwrap();
    let (mut state, _) = Store::open(dir.path(), at(0)).unwrap();
    let mut history = vec![entry(HistoryType::Opened, "the needle", at(0))];
    history.extend((1..12_000).map(|n| entry(HistoryType::Suppressed, "hay", at(n))));
    state.commit(at(12_000), &Commit { history, ..Commit::default() }).unwrap();
    served(dir.path(), async |client| {
        let mut page = client.get("/history?q=needle").await.body;
        let mut n_pages = 1;
        while !page.contains("the needle") {
            assert!(page.contains("Nothing found"), "{page}");
            let link = page.split("rel=\"next\" href=\"").nth(1).expect("a search can go on");
            let link = link.split('"').next().unwrap().replace("&#x2f;", "/");
            page = client.get(&link.replace("&amp;", "&")).await.body;
            n_pages += 1;
        }
        assert!((2..5).contains(&n_pages), "{n_pages}");
        assert!(!page.contains("Search older ones"), "the whole history was searched: {page}");
        let since = client.get(&format!("/history?q=needle&since={}", at(11_000))).await.body;
        assert!(!since.contains("Search older ones"), "there is nothing older to search: {since}");
        let all = client.get("/history").await.body;
        assert!(all.contains("Older") && !all.contains("Search older ones"));
    })
    .await;
}
