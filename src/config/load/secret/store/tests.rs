use std::fs;

use crate::config::load::secret::SecretStore;

#[test]
fn a_stored_secret_is_read_back_listed_replaced_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::beside(&folder.path().join("footman.toml"));
    assert_eq!(store.names().unwrap(), Vec::<String>::new());
    for (name, text) in [("sales", "first ä"), ("ops", "x"), ("sales", "second")] {
        store.set(name, text, folder.path()).unwrap();
        assert_eq!(store.get(name).unwrap(), text);
    }
    fs::write(folder.path().join("secrets/other"), "").unwrap();
    assert_eq!(store.names().unwrap(), ["ops", "sales"]);
    store.remove("ops").unwrap();
    assert_eq!(store.names().unwrap(), ["sales"]);
    let unusable = store.get("ops").unwrap_err();
    assert_eq!(unusable.why, "no secret `ops` is stored");
    assert_eq!(unusable.hint, "store it: `footman secret set ops`");
}

#[cfg(unix)]
#[test]
fn a_secret_is_for_its_owner_alone_and_one_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::beside(&folder.path().join("footman.toml"));
    store.set("sales", "s3cr3t", folder.path()).unwrap();
    let mode = || fs::metadata(store.path("sales")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(store.path("sales"), fs::Permissions::from_mode(0o644)).unwrap();
    let unusable = store.get("sales").unwrap_err();
    assert!(unusable.why.contains("can be read by other accounts"), "{}", unusable.why);
    assert!(!unusable.why.contains("s3cr3t"));
}

/// On Windows the file is of no use on another machine.
#[cfg(windows)]
#[test]
fn the_file_does_not_hold_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::beside(&folder.path().join("footman.toml"));
    store.set("sales", "s3cr3t", folder.path()).unwrap();
    assert!(!fs::read_to_string(store.path("sales")).unwrap().contains("s3cr3t"));
    fs::write(store.path("sales"), "s3cr3t").unwrap();
    let unusable = store.get("sales").unwrap_err();
    assert!(unusable.why.contains("was not stored on this machine"), "{}", unusable.why);
}
