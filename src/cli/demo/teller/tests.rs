use super::*;
use crate::cli::log::CARD;

fn line(words: &str, subject: Option<&str>) -> Line {
    Line { subject: subject.map(str::to_owned), words: words.to_owned(), at: Instant::now() }
}

#[test]
fn what_is_held_back_of_the_node_answers_the_line_that_caused_it() {
    let mut lines = Narration::default();
    lines.open_line(line("the printing service stops", None));
    lines.open_line(line("Sales: reload fails", Some("Sales")));
    let held = |reason: &str| format!("{HELD}{reason}: qlik-demo-1 (pattern)");
    assert_eq!(
        lines.take(&held("repeat")).unwrap(),
        format!("{HELD}the printing service stops (repeat: known already; it is counted)")
    );
    assert_eq!(lines.take(&held("repeat")), None, "it is printed once");
    assert_eq!(lines.open.len(), 1, "the app's line waits for what names the app");
    lines.take(&format!("{HELD}attempt: Sales (pattern)"));
    assert!(lines.open.is_empty());
    lines.open_line(line("EXAMPLE\\visitor: access is denied", Some("EXAMPLE\\visitor")));
    assert_eq!(
        lines.take(&held("repeat")).unwrap(),
        format!("{HELD}EXAMPLE\\visitor (repeat: known already; it is counted)")
    );
    assert!(lines.open.is_empty());
}

#[test]
fn each_line_gets_a_card_a_reason_or_a_note_that_nothing_followed() {
    let mut lines = Narration::default();
    lines.open_line(line("Sales: reload fails", Some("Sales")));
    lines.open_line(line("Stock: try 1 fails", Some("Stock")));
    lines.open_line(line("the service logs roll", None));
    let card = format!("{CARD}Reload failed: Sales: Table not found");
    assert_eq!(lines.take(&card), Some(card.clone()));
    lines.take(&card);
    assert_eq!(lines.open.len(), 2, "a second card about Sales answers no other line");
    let held = |pattern: &str| format!("{HELD}attempt: Stock ({pattern})");
    let shown = lines.take(&held("a")).unwrap();
    assert_eq!(shown, format!("{HELD}Stock (attempt: retries may follow)"));
    assert_eq!(lines.take(&held("b")), None, "rows of one run are printed once");
    assert_eq!(lines.open.len(), 1);
    assert_eq!(nothing(&lines.open[0]), "  none ▸ the service logs roll: nothing to report");
    lines.take(&format!("{CARD}Reload failed: 39f0f0e3: Cannot open file"));
    assert!(lines.open.is_empty(), "a card that names none answers the most recent line");
}
