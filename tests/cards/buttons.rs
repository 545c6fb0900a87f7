//! Buttons of links, and what a card says of the class of an error.

use super::*;

fn buttons(card: &Card) -> Vec<String> {
    let card = content(&card.payload);
    let sets = card["body"].as_array().unwrap().iter().filter(|it| it["type"] == "ActionSet");
    let actions = sets.flat_map(|set| set["actions"].as_array().cloned().unwrap_or_default());
    let button = |one: Value| format!("{} {}", one["title"].as_str().unwrap(), one["url"]);
    actions.map(|one| button(one).replace('"', "")).collect()
}

#[test]
fn links_of_the_pattern_and_of_the_class_are_buttons_within_what_teams_shows() {
    let card = |notice: &Notice| renderer().card(notice, &site(), ChannelKind::Teams);
    let mut notice = full(Kind::ReloadFailed);
    let qlik = "Open app https://qlik.example.com/sense/app/6f2c3c5e-0f5b-4a38-9d55-0c52e3a4d0e1|Tasks in QMC https://qlik.example.com/qmc/tasks";
    assert_eq!(
        buttons(&card(&notice)).join("|"),
        format!(
            "{qlik}|Runbook https://wiki.example.com/runbook?of=reload|Documentation https://help.example.com/field-not-found"
        )
    );
    // The same page once, a bad address never, and no more than six in all.
    notice.links = links(&[
        ("A", "https://a.example.com"),
        ("Bad", "http://b.example.com"),
        ("A", "https://a.example.com"),
        ("C", "https://c.example.com"),
        ("D", "https://d.example.com"),
    ]);
    if let Some(script) = &mut notice.script {
        script.error_links = links(&[
            ("C again", "https://c.example.com"),
            ("E", "https://e.example.com"),
            ("F", "https://f.example.com"),
        ]);
    }
    let many = card(&notice);
    assert_eq!(
        buttons(&many).join("|"),
        format!(
            "{qlik}|A https://a.example.com|C https://c.example.com|D https://d.example.com|E https://e.example.com"
        )
    );
    golden("reload-failed.links", &many);
    for (_, kind) in KINDS {
        let recovers = matches!(kind, Kind::ReloadRecovered | Kind::ServiceStarted);
        let has = buttons(&card(&full(kind))).iter().any(|one| one.starts_with("Runbook"));
        assert_eq!(has, !recovers, "{kind:?}");
    }
}

#[test]
fn the_class_the_connection_and_what_was_ignored_are_on_the_card() {
    let shown_of = |n: usize, at_least: bool| {
        let mut notice = full(Kind::ReloadFailed);
        if let Some(script) = &mut notice.script {
            (script.n_swallowed, script.swallowed_at_least) = (n, at_least);
        }
        shown(&content(&renderer().card(&notice, &site(), ChannelKind::Teams).payload))
    };
    let two = shown_of(2, false);
    for text in [
        "2 earlier errors were ignored (ErrorMode=0).",
        "· field-not-found",
        "Connection",
        "Sales warehouse",
    ] {
        assert!(two.contains(text), "{text}: {two}");
    }
    assert!(shown_of(1, false).contains("1 earlier error was ignored (ErrorMode=0)."));
    assert!(shown_of(3, true).contains("At least 3 earlier errors were ignored (ErrorMode=0)."));
    assert!(!shown_of(0, true).contains("earlier"));
}
