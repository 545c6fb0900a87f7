//! Until when everything counts as read while some files are still unread.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// One poll with a turn for each of these files: (file, offset read to, length).
fn poll(queue: &mut ReadQueue, second: i64, turns: &[(i64, u64, u64)]) -> Option<i64> {
    for (file, offset, len) in turns {
        queue.pop().unwrap();
        queue.note_read(FileId(*file), *offset, *len, at(second));
        if offset < len {
            queue.push(FileId(*file));
        } else {
            queue.is_done(FileId(*file));
        }
        queue.turn_ended(FileId(*file), at(second));
    }
    queue.poll_ended(at(second));
    queue.read_until().map(Timestamp::as_second)
}

#[test]
fn read_until_is_unknown_before_the_first_pass_is_complete() {
    let mut queue = ReadQueue::default();
    queue.push(FileId(1));
    queue.push(FileId(2));
    assert_eq!(poll(&mut queue, 1, &[(1, 10, 10)]), None);
    assert_eq!(poll(&mut queue, 2, &[(2, 10, 10)]), Some(2));
}

#[test]
fn a_waiting_file_counts_as_read_up_to_its_last_unchanged_check() {
    let mut queue = ReadQueue::default();
    assert_eq!(poll(&mut queue, 1, &[]), Some(1));
    queue.push(FileId(1));
    queue.push(FileId(2));
    assert_eq!(poll(&mut queue, 2, &[(1, 10, 10)]), Some(1));
    queue.push(FileId(3));
    assert_eq!(poll(&mut queue, 3, &[(2, 10, 10)]), Some(2), "the third changed after 2 s");
    queue.remove(FileId(3));
    assert_eq!(poll(&mut queue, 4, &[]), Some(4), "and is gone");
}

#[test]
fn a_growing_file_advances_read_until_by_its_recorded_lengths() {
    let mut queue = ReadQueue::default();
    assert_eq!(poll(&mut queue, 1, &[]), Some(1));
    queue.push(FileId(1));
    assert_eq!(poll(&mut queue, 2, &[(1, 10, 25)]), Some(1));
    assert_eq!(poll(&mut queue, 3, &[(1, 20, 35)]), Some(1));
    assert_eq!(poll(&mut queue, 4, &[(1, 30, 45)]), Some(2), "25 bytes were there at 2 s");
    assert_eq!(poll(&mut queue, 5, &[(1, 45, 45)]), Some(5));
}

#[test]
fn a_renamed_file_holds_read_until_back_until_it_is_found() {
    let mut queue = ReadQueue::default();
    assert_eq!(poll(&mut queue, 1, &[]), Some(1));
    queue.push(FileId(1));
    assert_eq!(poll(&mut queue, 40, &[]), Some(1));
    // Another file is at its path: it gets no turn until it is found.
    queue.pop().unwrap();
    queue.turn_ended(FileId(1), at(41));
    assert_eq!(poll(&mut queue, 41, &[]), Some(1));
    queue.push(FileId(1));
    assert_eq!(poll(&mut queue, 43, &[(1, 10, 20)]), Some(1));
    assert_eq!(poll(&mut queue, 44, &[(1, 20, 20)]), Some(44));

    queue.push(FileId(2));
    queue.pop().unwrap();
    queue.turn_ended(FileId(2), at(45));
    assert_eq!(poll(&mut queue, 104, &[]), Some(44));
    assert_eq!(poll(&mut queue, 105, &[]), Some(105), "one that is never found is given up");
}

#[test]
fn unread_bytes_are_those_behind_the_last_turn_of_each_file() {
    let mut queue = ReadQueue::default();
    queue.push(FileId(1));
    queue.push(FileId(2));
    poll(&mut queue, 1, &[(1, 10, 25), (2, 10, 10)]);
    assert_eq!(queue.unread_bytes(), 15);
    poll(&mut queue, 2, &[(1, 20, 40)]);
    assert_eq!(queue.unread_bytes(), 20);
    poll(&mut queue, 3, &[(1, 40, 40)]);
    assert_eq!(queue.unread_bytes(), 0);
}
