use super::*;

fn blocks(bytes: &[u8]) -> Vec<Block> {
    let mut stream =
        Stream::open(bytes, FileId(1), "System_Scheduler".into(), Path::new("log"), 16).unwrap();
    std::iter::from_fn(|| stream.next_block().unwrap()).collect()
}

fn fresh(blocks: &[Block]) -> Vec<u8> {
    blocks.iter().flat_map(|block| block.bytes[block.fresh..].to_vec()).collect()
}

#[test]
fn blocks_are_contiguous_and_each_has_lookback() {
    let text: Vec<u8> = (0..200_000).flat_map(|n| format!("row {n}\r\n").into_bytes()).collect();
    let blocks = blocks(&text);
    assert!(blocks.len() > 1);
    assert_eq!(fresh(&blocks), text);
    for block in &blocks[1..] {
        assert!((1..=16).contains(&block.fresh));
        assert!(block.bytes.starts_with(b"row "));
        let offset = usize::try_from(block.offset).unwrap();
        assert_eq!(block.bytes[block.fresh..], text[offset..][..block.bytes.len() - block.fresh]);
    }
    let counted =
        text[..usize::try_from(blocks[1].offset).unwrap()].iter().filter(|b| **b == b'\n');
    assert_eq!(blocks[1].lines, Some(counted.count() as u64));
}

#[test]
fn in_front_of_a_block_with_a_certain_text_more_is_delivered_again() {
    let text = "row of text\n".repeat(250_000) + "end\n";
    let lookback = Lookback { bytes: 16, deep: Some(("end", 1200)) };
    let path = Path::new("log");
    let mut stream =
        Stream::open(text.as_bytes(), FileId(1), "Script".into(), path, lookback).unwrap();
    let blocks: Vec<_> = std::iter::from_fn(|| stream.next_block().unwrap()).collect();
    assert_eq!(fresh(&blocks), text.as_bytes());
    let backs: Vec<_> = blocks.iter().map(|block| block.fresh).collect();
    assert_eq!(backs, [0, 12, 1200]);
}

#[test]
fn an_unterminated_last_line_is_delivered_and_trailing_nul_is_not() {
    assert_eq!(fresh(&blocks(b"one\ntwo")), b"one\ntwo");
    assert_eq!(fresh(&blocks(b"one\n\0\0\0")), b"one\n");
    assert_eq!(fresh(&blocks(b"")), b"");
}

#[test]
fn a_line_longer_than_a_block_comes_in_windows() {
    let mut text = vec![b'x'; 3 * BLOCK];
    text.extend(b"\nend\n");
    assert_eq!(fresh(&blocks(&text)), text);
}

#[test]
fn utf_16_becomes_utf_8() {
    let mut raw = vec![0xFF, 0xFE];
    raw.extend("Zeile ä\nzwei".encode_utf16().flat_map(u16::to_le_bytes));
    let blocks = blocks(&raw);
    assert_eq!(String::from_utf8(fresh(&blocks)).unwrap(), "Zeile ä\nzwei");
    assert_eq!(&*blocks[0].head, "Zeile ä\n".as_bytes());
    assert_eq!(blocks[0].offset, 2);
}
