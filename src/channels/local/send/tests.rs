use super::*;

const MONDAY: &str = "2026-11-23T06:00:00.25Z";

fn at(seconds: i64) -> Timestamp {
    MONDAY.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds)
}

fn card(created: Timestamp, id: &str) -> SendRequest<'_> {
    SendRequest { id, created, card: "{}", possible_repeat: false }
}

fn names(folder: &LocalFolder) -> Vec<String> {
    let cards = folder.cards().unwrap();
    cards.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_same_delivery_twice_is_one_file_and_odd_ids_differ() {
    let dir = tempfile::tempdir().unwrap();
    let folder = LocalFolder::new(dir.path().join("cards"), 500);
    for id in ["a-1@ops", "a-1@ops", "../../x", "..\\..\\x", "CON:", ""] {
        let outcome = folder.send(card(at(0), id));
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    let names = names(&folder);
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("20261123T060000.250Z_a-1@ops_")));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing beside the folder");
}

#[test]
fn only_the_newest_cards_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = LocalFolder::new(dir.path(), 3);
    for n in 0..10 {
        drop(folder.send(card(at(n), &format!("n{n}@local"))));
    }
    let names = names(&folder);
    assert_eq!(names.len(), 3);
    assert!(names[0].contains("_n7@local_"), "{names:?}");
}

#[test]
fn a_folder_that_cannot_be_created_is_named_and_the_card_is_retried() {
    let dir = tempfile::tempdir().unwrap();
    let in_the_way = dir.path().join("cards");
    fs::write(&in_the_way, "a file").unwrap();
    let outcome = LocalFolder::new(&in_the_way, 3).send(card(at(0), "n1@local"));
    let Outcome::Unreached { why } = outcome else { panic!("{outcome:?}") };
    assert!(why.text.contains(&in_the_way.display().to_string()), "{why}");
}
