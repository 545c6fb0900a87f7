use super::*;

#[test]
fn the_stored_result_counts_and_else_the_sentence_of_an_earlier_version() {
    let files = Reloadable::Configuration;
    let mut notes = BTreeMap::new();
    let is_in_force = |notes: &BTreeMap<_, _>| ReloadNote::is_in_force(notes, files);
    assert!(is_in_force(&notes), "a state without notes");
    notes.insert(files.name().to_owned(), UNCHANGED.to_owned());
    assert!(is_in_force(&notes));
    notes.insert(files.name().to_owned(), "broken, the earlier one is in force: x".to_owned());
    assert!(!is_in_force(&notes));
    let at = Timestamp::UNIX_EPOCH;
    notes.insert(files.key().to_owned(), ReloadNote { ok: true, at }.json());
    assert!(is_in_force(&notes));
    notes.insert(files.key().to_owned(), ReloadNote { ok: false, at }.json());
    notes.insert(files.name().to_owned(), "applied: broken-file".to_owned());
    assert!(!is_in_force(&notes));
    ReloadNote::hide_in(&mut notes);
    assert_eq!(notes.keys().collect::<Vec<_>>(), ["configuration"]);
}
