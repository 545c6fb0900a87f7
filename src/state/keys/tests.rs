use super::*;
use crate::command::link::{sign, verify};

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
}

#[test]
fn the_page_key_is_kept_private_and_made_again_when_it_was_deleted_or_damaged() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(PageKey::read(dir.path()).unwrap(), None);
    let key = PageKey::read_or_make(dir.path()).unwrap();
    assert_eq!(PageKey::read_or_make(dir.path()).unwrap(), key);
    let path = dir.path().join(PAGE_KEY_NAME);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        PageKey::read_or_make(dir.path()).unwrap();
        assert_eq!(mode(&path), 0o600, "wider permissions are taken away");
    }
    fs::remove_file(&path).unwrap();
    let second = PageKey::read_or_make(dir.path()).unwrap();
    assert_ne!(second, key);
    for broken in ["", "short", &"x".repeat(64), &"0".repeat(100_000)] {
        fs::write(&path, broken).unwrap();
        assert_ne!(PageKey::read_or_make(dir.path()).unwrap(), second);
    }
    assert_eq!(format!("{second:?}"), "PageKey");
}

#[test]
fn a_replaced_key_verifies_for_one_more_day() {
    let dir = tempfile::tempdir().unwrap();
    let first = LinkKeys::signing(dir.path(), at(0)).unwrap();
    assert_eq!(LinkKeys::signing(dir.path(), at(700)).unwrap(), first, "within a month");
    let token = sign(&first, "4f2c1d9ab03e5577", at(719));
    let second = LinkKeys::signing(dir.path(), at(720)).unwrap();
    assert_ne!(first, second);
    let keys = LinkKeys::read(dir.path()).unwrap();
    assert!(verify(keys.valid(at(743)), &token).is_some());
    assert!(verify(keys.valid(at(745)), &token).is_none());
    assert!(verify(keys.valid(at(745)), &sign(&second, "ab", at(744))).is_some());
}

#[test]
fn deleting_the_keys_ends_all_links() {
    let dir = tempfile::tempdir().unwrap();
    let token = sign(&LinkKeys::signing(dir.path(), at(0)).unwrap(), "ab", at(0));
    fs::remove_file(dir.path().join(LINK_KEYS_NAME)).unwrap();
    assert!(verify(LinkKeys::read(dir.path()).unwrap().valid(at(0)), &token).is_none());
    LinkKeys::signing(dir.path(), at(0)).unwrap();
    assert!(verify(LinkKeys::read(dir.path()).unwrap().valid(at(0)), &token).is_none());
}
