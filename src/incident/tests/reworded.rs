//! Open incidents of problems that earlier versions stored as sentences of the product.

use serde_json::{Value, json};

use super::{at, book};
use crate::commit::{RowChange, RowKey, StoredRows, TableName};
use crate::detection::{AgentProblem, Detection, FileMistake, MissingLogRoot};
use crate::incident::Suppression;

/// The rows of a state in which this problem is open, as a version before this one wrote them.
fn earlier(now: &AgentProblem, stored: &Value) -> StoredRows {
    let mut book = book(&StoredRows::default());
    let decisions = book.step(at(0.0), vec![Detection::of_agent(at(0.0), "node1", now.clone())]);
    assert_eq!(decisions.notices.len(), 1);
    book.note_notified(&decisions.notices[0].fingerprint, &["ops".into()]);
    let mut rows = StoredRows::default();
    rows.apply(book.take_changes());
    let (key, json) = rows.of(TableName::Incidents).next().unwrap();
    let (key, mut row) = (key.to_owned(), serde_json::from_str::<Value>(json).unwrap());
    row["notice"]["condition"]["agent"] = stored.clone();
    row["notice"]["fingerprint"] = "0123456789abcdef".into();
    let incidents = |key: &str| RowKey::new(TableName::Incidents, key);
    rows.apply([RowChange::Delete { key: incidents(&key) }]);
    rows.put(incidents("0123456789abcdef"), row.to_string());
    rows
}

#[test]
fn a_problem_that_was_open_before_an_update_is_the_same_incident_after_it() {
    let sentence = "own.toml:3:5: unknown key `sverity`";
    let mistake = || FileMistake::of_sentence("own.toml:7:1: unknown key `other`");
    let root = "the log root /x does not exist";
    let cases = [
        (AgentProblem::BrokenFile(mistake()), json!({"broken-file": {"problem": sentence}})),
        (
            AgentProblem::FilesBroken(mistake()),
            json!({"files-broken": {"why": format!("{sentence} (and 1 more; run `footman check`)")}}),
        ),
        (
            AgentProblem::NoLogRoot(MissingLogRoot::of_sentence(root)),
            json!({"no-log-root": {"why": root, "place": ["/x", "absent"]}}),
        ),
        (
            AgentProblem::NoLogRoot(MissingLogRoot::of_sentence(root)),
            json!({"no-log-root": {"why": root}}),
        ),
    ];
    for (problem, stored) in cases {
        let mut book = book(&earlier(&problem, &stored));
        let again = Detection::of_agent(at(60.0), "node1", problem);
        let decisions = book.step(at(60.0), vec![again]);
        assert!(decisions.notices.is_empty(), "{stored}: {:?}", decisions.notices);
        let held: Vec<Suppression> = decisions.suppressed.iter().map(|held| held.why).collect();
        assert_eq!(held, [Suppression::Repeat], "{stored}");
    }
}
