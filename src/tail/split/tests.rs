use super::*;

const BYTES: Encoding = Encoding::Bytes;

#[test]
fn only_whole_lines_are_cut() {
    assert_eq!(cut(BYTES, b"a\nb\nc", true, 100), Cut::Lines(4));
    assert_eq!(cut(BYTES, b"a\r\nb\r", true, 100), Cut::Lines(3));
    assert_eq!(cut(BYTES, b"c", true, 100), Cut::Wait);
    assert_eq!(cut(BYTES, b"", true, 100), Cut::Wait);
    assert_eq!(cut(BYTES, b"\n\n", true, 100), Cut::Lines(2));
}

#[test]
fn a_line_longer_than_a_block_is_cut_into_windows() {
    assert_eq!(cut(BYTES, b"abcdefgh", false, 8), Cut::Window(8));
    assert_eq!(cut(BYTES, "abcdef€".as_bytes(), false, 8), Cut::Window(9));
    assert_eq!(cut(BYTES, &"abcdef€".as_bytes()[..8], false, 8), Cut::Window(6));
}

#[test]
fn trailing_nul_bytes_wait_and_inner_nul_bytes_do_not() {
    assert_eq!(cut(BYTES, b"a\nb\0\0", true, 100), Cut::Lines(2));
    assert_eq!(cut(BYTES, b"\0\0\0\0", true, 4), Cut::Wait);
    assert_eq!(cut(BYTES, b"a\0b\n", true, 100), Cut::Lines(4));
    assert_eq!(cut(Encoding::Utf16Le, b"a\0\n\0\0\0\0\0", true, 100), Cut::Lines(4));
}

#[test]
fn lookback_begins_at_a_line_start_where_possible() {
    let consumed = b"one\ntwo\nthree\n";
    let from = |lookback| lookback_start(BYTES, consumed, lookback, true);
    assert_eq!(&consumed[from(6)..], b"three\n");
    assert_eq!(&consumed[from(7)..], b"three\n");
    assert_eq!(&consumed[from(10)..], b"two\nthree\n");
    assert_eq!(&consumed[from(100)..], consumed);
    assert_eq!(&consumed[from(0)..], b"");
    assert_eq!(lookback_start(BYTES, b"a long line", 4, false), 7);
}

#[test]
fn lines_are_counted_by_their_line_ends() {
    assert_eq!(count_lines(b"a\n\nb\r\nc"), 3);
    assert_eq!(whole_lines(b"a\nb"), b"a\n");
    assert_eq!(whole_lines(b"a"), b"");
}
