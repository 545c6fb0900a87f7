use super::*;
use crate::cli::log::CARD;

#[test]
fn every_line_of_the_story_is_answered_by_a_card_a_reason_or_nothing() {
    let line = |words: &str, subject: Option<&str>| Line {
        subject: subject.map(str::to_owned),
        words: words.to_owned(),
        at: Instant::now(),
    };
    let mut told = Decisions::default();
    told.open.push(line("Sales: reload fails", Some("Sales")));
    told.open.push(line("Stock: try 1 fails", Some("Stock")));
    told.open.push(line("the service logs roll", None));
    let card = format!("{CARD}Reload failed: Sales: Table not found");
    assert_eq!(told.take(&card), Some(card.clone()));
    let held = |pattern: &str| format!("{HELD}attempt: Stock ({pattern})");
    let shown = told.take(&held("a")).unwrap();
    assert_eq!(shown, format!("{HELD}Stock (attempt: retries may follow)"));
    assert_eq!(told.take(&held("b")), None, "rows of one run are one line");
    assert_eq!(told.open.len(), 1);
    assert_eq!(nothing(&told.open[0]), "  none ▸ the service logs roll: nothing to report");
    told.take(&format!("{CARD}Reload failed: 39f0f0e3: Cannot open file"));
    assert!(told.open.is_empty(), "a card that names none is about what was told last");
}
