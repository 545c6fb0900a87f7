use super::{CommitMark, note_begun};
use crate::clock::Timestamp;

fn mark(id: &str, commits: u64) -> CommitMark {
    CommitMark { id: id.to_owned(), commits }
}

#[test]
fn only_a_state_behind_its_mark_or_another_one_went_back() {
    let table = [
        (None, None, false),
        (None, Some(("a", 3)), true),
        (Some(("a", 3)), None, false),
        (Some(("a", 3)), Some(("a", 3)), false),
        // A crash leaves the mark behind the state.
        (Some(("a", 4)), Some(("a", 3)), false),
        (Some(("a", 2)), Some(("a", 3)), true),
        (Some(("b", 9)), Some(("a", 3)), true),
    ];
    for (inside, outside, went_back) in table {
        let of = |it: Option<(&str, u64)>| it.map(|(id, commits)| mark(id, commits));
        let judged = CommitMark::judge(of(inside), of(outside).as_ref(), Timestamp::UNIX_EPOCH);
        assert_eq!(judged.went_back, went_back, "{inside:?} {outside:?}");
        let next = Some(judged.mark.next());
        let again = CommitMark::judge(next, Some(&judged.mark), Timestamp::UNIX_EPOCH);
        assert!(!again.went_back, "{inside:?} {outside:?}");
    }
}

#[test]
fn a_mark_is_read_back_and_one_that_is_not_whole_is_none() {
    let mut file = tempfile::tempfile().unwrap();
    assert_eq!(CommitMark::read(&file), None);
    note_begun(&file).unwrap();
    assert_eq!(CommitMark::read(&file), None);
    for one in
        [mark("1f-a", 7), CommitMark::new(Timestamp::MAX), mark("x", u64::MAX), mark("1f-a", 8)]
    {
        one.write(&file).unwrap();
        assert_eq!(CommitMark::read(&file), Some(one));
        assert_eq!(file.metadata().unwrap().len(), 128);
    }
    for at in [0, 3, 8, 20, 29] {
        use std::io::{Seek as _, SeekFrom, Write as _};
        mark("1f-a", 8).write(&file).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(b"5").unwrap();
        assert_eq!(CommitMark::read(&file), None, "{at}");
    }
    mark("1f-a", 8).write(&file).unwrap();
    CommitMark::remove(&file).unwrap();
    assert_eq!(CommitMark::read(&file), None);
    assert!(file.metadata().unwrap().len() > 0, "it was begun");
}
