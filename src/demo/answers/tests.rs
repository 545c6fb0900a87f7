use super::*;

fn answer(what: AnswerKind) -> StoryAnswer {
    StoryAnswer { app: "Sales".to_owned(), by: "anna@example.com".to_owned(), what }
}

#[test]
fn each_answer_says_what_was_done_and_what_follows() {
    let silence =
        AnswerKind::Silence { lasts: Duration::from_secs(50), reason: "it moves".to_owned() };
    let note = AnswerKind::Note { text: "a field was renamed".to_owned() };
    let lines: Vec<_> = [AnswerKind::Acknowledge, silence, note]
        .into_iter()
        .flat_map(|what| words(&answer(what), &AnswerResult::Applied, "18:22:05"))
        .collect();
    assert_eq!(
        lines,
        [
            "anna@example.com acknowledged Sales",
            "no repeats and no escalation until it recovers",
            "anna@example.com silenced Sales until 18:22:05",
            "because it moves",
            "anna@example.com noted on Sales: a field was renamed",
            "its next card shows the note",
        ]
    );
}

#[test]
fn what_was_not_applied_is_said_with_the_reason() {
    let refused = AnswerResult::Refused("the incident is over".to_owned());
    let acknowledge = answer(AnswerKind::Acknowledge);
    assert_eq!(
        words(&acknowledge, &refused, ""),
        ["anna@example.com cannot acknowledge Sales: the incident is over"]
    );
    assert_eq!(
        words(&acknowledge, &AnswerResult::None, ""),
        ["anna@example.com cannot acknowledge Sales: it has no open incident"]
    );
}
