use serde_json::json;

use super::*;
use crate::config::Language;

#[test]
fn every_text_of_a_view_is_escaped() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let pages = Pages::new(TimeZone::UTC, Language::English);
    let entry = json!({ "at": evil, "what": evil, "by": evil, "reason": evil, "text": evil,
        "channel": evil, "incident": evil, "kind": evil });
    let one = json!({ "id": evil, "title": evil, "error": evil, "severity": evil, "state": evil,
        "acknowledged": { "by": evil, "at": evil }, "silenced_by": evil, "since": evil,
        "last": evil, "count": evil, "held_back": evil, "channel": evil, "summary": evil,
        "created": evil, "incident": evil, "why": evil, "waits_for": evil, "next_at": evil,
        "attempts": 2, "folded": [{ "summary": evil, "incident": evil }], "reason": evil,
        "by": evil, "from": evil, "until": evil, "matchers": [{ "key": evil, "words": [evil] }] });
    let context = json!({
        "site": { "node": evil, "environment": evil }, "stalled": evil, "done": evil, "key": evil,
        "views": [{ "path": evil, "name": evil }], "here": evil,
        "counts": { "open": evil }, "incidents": [one], "more": evil, "incident": one,
        "note": { "text": evil, "by": evil, "at": evil },
        "facts": [{ "name": evil, "text": evil }], "durations": [[evil, evil]], "is_open": true,
        "story": [entry], "entries": [entry], "older": evil, "problem": evil,
        "asked": { "q": evil, "kind": evil, "reason": evil, "since": evil }, "kinds": [evil],
        "reasons": [evil], "silences": [one], "matchers": [evil],
        "groups": [{ "name": evil, "title": evil, "deliveries": [one], "more": evil }],
        "problems": [{ "reason": evil, "since": evil, "path": evil, "detail": evil }],
        "channels": [{ "name": evil, "n": evil }], "files": [evil], "n_files": evil,
        "counters": [[evil, evil]], "title": evil, "text": evil, "hint": evil,
        "links": [{ "path": evil, "name": evil }], "nonce": evil, "can_undo": true,
        "ended": evil,
    });
    for (name, _) in
        TEMPLATES.iter().filter(|(name, _)| !["base.html", "parts.html"].contains(name))
    {
        let html = pages.render(name, &context);
        assert!(html.contains("&lt;script&gt;"), "{name}: {html}");
        assert!(!html.contains("<script>") && !html.contains("<img"), "{name}: {html}");
        assert!(!html.contains("cannot be drawn"), "{name}: {html}");
    }
}

#[test]
fn times_are_shown_in_the_zone_of_the_node_and_carry_the_moment() {
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let shown = time("2026-11-27T05:12:03.250Z", &zone, ShownIn::clock).to_string();
    assert_eq!(shown, "<time datetime=\"2026-11-27T05:12:03.250Z\">06:12:03</time>");
    assert_eq!(time("<b>", &zone, ShownIn::clock).to_string(), "<b>", "escaped by the template");
    // The script of the page leaves them as they are: a card has the same ones.
    assert!(!include_str!("../page.js").contains("toLocale"));
}

#[test]
fn a_view_is_in_the_language_of_the_node() {
    let pages = Pages::new(TimeZone::UTC, Language::German);
    let incident = json!({ "id": "4f2c", "title": "Laden fehlgeschlagen: Sales", "severity": "error",
        "state": "acknowledged", "since": "2026-11-27T05:12:03Z", "last": "2026-11-27T05:12:03Z",
        "count": 3, "acknowledged": { "by": "Anna", "at": "2026-11-27T05:12:03Z" } });
    let context = json!({ "site": { "node": "n" }, "counts": { "open": 0, "acknowledged": 1 },
        "views": [{ "path": "/", "name": "Incidents" }], "incidents": [incident] });
    let html = pages.render("incidents.html", context);
    for text in [
        "<html lang=\"de\">",
        "<h1>Offene Vorfälle</h1>",
        ">Vorfälle</a>",
        "1 quittiert",
        "<span class=\"severity error\">Fehler</span>",
        "<span class=\"state acknowledged\">quittiert</span>",
        "von Anna",
        ">Fr 27.11. 05:12:03</time>",
        "data-lost=\"Footman antwortet nicht\"",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
}

#[test]
fn the_status_is_in_the_language_of_the_node() {
    let pages = Pages::new(TimeZone::UTC, Language::German);
    let at = "2026-11-27T05:12:03Z";
    let context = json!({ "site": { "node": "n" }, "facts": [
        { "name": "Agent", "text": "running" },
        { "name": "Works", "parts": [["reading", true], ["sending", false]] },
        { "name": "Started", "at": at },
        { "name": "Configuration", "text": "seit dem Start unverändert" },
        { "name": "Tenant", "of": "acme", "text": "not polled yet" },
    ], "counters": [["rows-read", 1_234_567]], "matchers": ["severity"], "key": "k" });
    let html = pages.render("status.html", &context);
    for text in [
        "läuft",
        "Lesen: funktioniert, Senden: funktioniert nicht",
        ">Gestartet</th>",
        "Konfiguration",
        "seit dem Start unverändert",
        ">Mandant acme</th>",
        "noch nicht abgefragt",
        "1.234.567",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let html = pages.render("silences.html", &context);
    assert!(html.contains("Schweregrad (<code>severity</code>)"), "{html}");
}
