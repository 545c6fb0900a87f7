use super::*;

fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[test]
fn the_byte_order_mark_determines_the_encoding() {
    assert_eq!(Encoding::of(b"\xEF\xBB\xBFa"), (Encoding::Bytes, 3));
    assert_eq!(Encoding::of(b"\xFF\xFEa\0"), (Encoding::Utf16Le, 2));
    assert_eq!(Encoding::of(b"\xFE\xFF\0a"), (Encoding::Utf16Be, 2));
    assert_eq!(Encoding::of(b"\xEF\xBB"), (Encoding::Bytes, 0));
    assert_eq!(Encoding::of(b""), (Encoding::Bytes, 0));
}

#[test]
fn a_line_end_is_found_only_on_a_whole_code_unit() {
    // U+0A00 followed by U+000A looks like a line end one byte too early.
    let raw = utf16be("\u{0A00}x\ny");
    assert_eq!(Encoding::Utf16Be.after_first_line_end(&raw), Some(6));
    let raw = utf16le("a\u{010A}\n\u{0A00}");
    assert_eq!(Encoding::Utf16Le.after_last_line_end(&raw), Some(6));
    assert_eq!(Encoding::Utf16Le.after_last_line_end(&utf16le("\u{0A0A}\u{0A00}")), None);
}

#[test]
fn a_window_never_splits_a_character() {
    let raw = "aé€😀".as_bytes();
    let ends: Vec<_> = (0..=raw.len()).map(|len| Encoding::Bytes.character_end(raw, len)).collect();
    assert_eq!(ends, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);

    let raw = utf16le("a😀");
    let ends = (0..=raw.len()).map(|len| Encoding::Utf16Le.character_end(&raw, len));
    assert_eq!(ends.collect::<Vec<_>>(), [0, 0, 2, 2, 2, 2, 6]);
}

#[test]
fn invalid_bytes_do_not_shorten_a_window() {
    assert_eq!(Encoding::Bytes.character_end(b"\x80\x80\x80\x80\x80", 5), 5);
    assert_eq!(Encoding::Bytes.character_end(b"ab\xFF", 3), 3);
}

#[test]
fn utf_16_becomes_utf_8_with_surrogates_joined() {
    assert_eq!(Encoding::Utf16Le.to_utf8(utf16le("Fäll 😀\r\n")), "Fäll 😀\r\n".as_bytes());
    assert_eq!(Encoding::Utf16Be.to_utf8(utf16be("Fäll 😀\r\n")), "Fäll 😀\r\n".as_bytes());
    assert_eq!(Encoding::Bytes.to_utf8(b"\xFF\xFEa".to_vec()), b"\xFF\xFEa");
}
