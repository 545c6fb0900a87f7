use super::*;

fn all() -> [PageNote; 4] {
    let address = "[::1]:8118".parse().unwrap();
    [
        PageNote::Off,
        PageNote::Served { address, is_tls: false },
        PageNote::Served { address, is_tls: true },
        PageNote::Unserved("not served: the port is in use".to_owned()),
    ]
}

#[test]
fn the_note_and_the_text_of_an_earlier_version_are_read() {
    for note in all() {
        assert_eq!(PageNote::read(&note.json()), note);
        assert_eq!(PageNote::read(&note.text()), note);
    }
}

#[test]
fn people_read_the_text() {
    for note in all() {
        let mut notes = BTreeMap::from([(PAGE_NOTE.to_owned(), note.json())]);
        assert_eq!(PageNote::reword_in(&mut notes), Some(note.clone()));
        assert_eq!(notes[PAGE_NOTE], note.text());
    }
}
