use super::*;

fn event(subject: Option<&str>, words: &str) -> OpenEvent {
    OpenEvent { subject: subject.map(str::to_owned), words: words.to_owned(), at: Instant::now() }
}

fn held(why: Suppression, subject: &str) -> LoggedLine {
    LoggedLine::Held { why, subject: subject.to_owned() }
}

#[test]
fn what_is_held_back_of_the_node_answers_the_event_that_caused_it() {
    let mut printed = Printed::default();
    printed.add(event(None, "the printing service stops"));
    printed.add(event(Some("Sales"), "reload fails"));
    let of_node = || held(Suppression::Repeat, "qlik-demo-1");
    assert_eq!(
        printed.take(of_node()).unwrap(),
        format!("{HELD}the printing service stops (repeat: known already; it is counted)")
    );
    assert_eq!(printed.take(of_node()), None, "it is printed once");
    assert_eq!(printed.open.len(), 1, "the app's event waits for what names the app");
    printed.take(held(Suppression::Attempt, "Sales"));
    assert!(printed.open.is_empty());
    printed.add(event(Some("EXAMPLE\\visitor"), "access is denied"));
    assert_eq!(
        printed.take(of_node()).unwrap(),
        format!("{HELD}EXAMPLE\\visitor (repeat: known already; it is counted)")
    );
    assert!(printed.open.is_empty());
}

#[test]
fn each_event_gets_a_card_a_reason_or_a_note_that_nothing_followed() {
    let mut printed = Printed::default();
    printed.add(event(Some("Sales"), "reload fails"));
    printed.add(event(Some("Stock"), "try 1 fails"));
    printed.add(event(None, "the service logs roll"));
    let card = || LoggedLine::Card("Reload failed: Sales: Table not found".to_owned());
    let shown = format!("{CARD}Reload failed: Sales: Table not found");
    assert_eq!(printed.take(card()), Some(shown));
    printed.take(card());
    assert_eq!(printed.open.len(), 2, "a second card about Sales answers no other event");
    let shown = printed.take(held(Suppression::Attempt, "Stock")).unwrap();
    assert_eq!(shown, format!("{HELD}Stock (attempt: retries may follow)"));
    let again = printed.take(held(Suppression::Attempt, "Stock"));
    assert_eq!(again, None, "rows of one run are printed once");
    assert_eq!(printed.open.len(), 1);
    assert_eq!(nothing(&printed.open[0]), "  none ▸ the service logs roll: nothing to report");
    printed.take(LoggedLine::Card("Reload failed: 39f0f0e3: Cannot open file".to_owned()));
    assert!(printed.open.is_empty(), "a card that names none answers the most recent event");
}

#[test]
fn the_log_of_the_agent_is_read_by_its_fields() {
    use tracing_subscriber::layer::SubscriberExt;
    let printer = Printer::default();
    let log = tracing_subscriber::registry().with(DemoLog(printer.clone()));
    tracing::subscriber::with_default(log, || {
        let (reason, subject) = ("silenced", Some("Sales (EU): x"));
        tracing::debug!(target: "footman::held", reason, subject, "{reason}: words");
    });
    let expected = Some((Suppression::Silenced, "Sales (EU): x".to_owned()));
    printer.with_printed(|printed| assert_eq!(printed.last_held, expected));
}
