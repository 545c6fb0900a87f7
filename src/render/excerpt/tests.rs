use super::*;
use crate::detection::ExcerptLine;
use crate::render::fit::{FULL, LADDER};

fn excerpt(lines: usize, marked: &[usize]) -> Excerpt {
    let line = |i| ExcerptLine { text: format!("line {i}"), marked: marked.contains(&i) };
    Excerpt { first_line: Some(100), lines: (0..lines).map(line).collect() }
}

fn numbers(excerpt: &Excerpt, room: Room) -> (u64, u64) {
    let lines = cut(excerpt, room);
    (lines.first().unwrap().number.unwrap(), lines.last().unwrap().number.unwrap())
}

#[test]
fn a_short_excerpt_is_shown_whole() {
    assert_eq!(numbers(&excerpt(10, &[3, 8]), FULL), (100, 109));
}

#[test]
fn a_long_excerpt_ends_one_line_after_the_last_mark() {
    assert_eq!(numbers(&excerpt(30, &[3, 20]), FULL), (112, 121));
    assert_eq!(numbers(&excerpt(10, &[2, 7]), LADDER[1].0), (103, 108));
    assert_eq!(numbers(&excerpt(30, &[0]), FULL), (100, 109));
    assert_eq!(numbers(&excerpt(30, &[]), FULL), (120, 129));
}

#[test]
fn marked_lines_have_an_arrow() {
    let lines = cut(&excerpt(2, &[1]), FULL);
    assert_eq!(marked(&lines).unwrap(), "  line 0\n► line 1");
    assert_eq!(plain(&lines).unwrap(), "line 0\nline 1");
    assert_eq!(marked(&[]), None);
}
