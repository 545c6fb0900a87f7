//! The demo with people: what they answer is printed, and on the page that it serves.

use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::support::browse::Client;

/// Finance fails and is answered; Sales is silenced before it fails.
const STORY: &str = r#"0 start-up
0.1 silence "Sales" for 30m by "bo@example.com" "its database is moving"
0.2 reload "Finance" fails "Table not found"
0.3 acknowledge "Finance" by "anna@example.com"
0.4 note "Finance" by "anna@example.com" "the source renamed a table"
3 reload "Sales" fails "Connector connect error"
"#;

#[tokio::test]
async fn the_people_of_the_demo_acknowledge_silence_and_note_and_the_page_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("story.txt"), STORY).unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["demo", "--script=story.txt", "--no-open", "--port=0", "--folder=d"])
        .current_dir(folder.path())
        .env("COLUMNS", "80")
        .env("TZ", "UTC")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut printed = Vec::new();
    while let Some(line) = output.next_line().await.unwrap() {
        printed.push(line);
        if printed.last().unwrap().contains("(silenced: held back by the silence") {
            break;
        }
    }
    let screen = printed.join("\n");
    for expected in [
        "anna@example.com acknowledged Finance\n  done ▸ no repeats and no escalation until it recovers",
        "anna@example.com noted on Finance: the source renamed a table\n  done ▸ its next card shows the note",
        "bo@example.com silenced Sales until ",
        "  done ▸ because its database is moving",
        "held ▸ Sales (silenced: held back by the silence",
    ] {
        assert!(screen.contains(expected), "{expected} is not in\n{screen}");
    }
    let wide = |line: &&String| line.chars().count() > 80 && !line.contains("?key=");
    assert_eq!(printed.iter().find(wide), None, "{screen}");

    let address = printed.iter().find_map(|line| line.split("http://").nth(1)?.split('/').next());
    let client = Client::new(address.unwrap().parse::<SocketAddr>().unwrap());
    let incidents = client.get("/api/incidents").await.json();
    let of = |app: &str| -> Value {
        let found = incidents.as_array().unwrap().iter().find(|one| one["app"] == app);
        found.unwrap_or_else(|| panic!("{app} is not in {incidents:#}")).clone()
    };
    let (finance, sales) = (of("Finance"), of("Sales"));
    assert_eq!(finance["state"], "acknowledged", "{finance:#}");
    assert_eq!(finance["acknowledged"]["by"], "anna@example.com", "{finance:#}");
    let silences = client.get("/api/silences").await.json();
    assert_eq!(silences[0]["by"], "bo@example.com", "{silences:#}");
    assert_eq!((&silences[0]["state"], &silences[0]["held_back"]), (&"active".into(), &1.into()));
    assert_eq!((&sales["state"], &sales["silenced_by"]), (&"silenced".into(), &silences[0]["id"]));

    let path = format!("/incidents/{}", finance["id"].as_str().unwrap());
    let page = client.get(&path).await.body;
    let learned = page.split("What was learned").nth(1).unwrap_or_default();
    assert!(learned.contains("the source renamed a table"), "{page}");
    assert!(page.contains("<b>acknowledged</b> by anna@example.com"), "{page}");
    let page = client.get("/silences").await.body;
    assert!(page.contains("its database is moving · bo@example.com"), "{page}");
    demo.kill().await.unwrap();
}
