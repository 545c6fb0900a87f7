use std::fs;
use std::path::Path;

use super::*;

#[test]
fn a_folder_is_among_the_logs_if_it_is_the_log_root_or_below_it_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let here = |name: &str| folder.path().join(name);
    fs::create_dir_all(here("Sense/Log/Engine")).unwrap();
    fs::create_dir_all(here("Sense/Log2")).unwrap();
    let said = |path: &str| among_logs("the folder", &here(path), &here("Sense/Log"));
    for path in ["Sense/Log", "Sense/Log2/../Log"] {
        assert!(said(path).is_some_and(|words| words.contains(" is the log root ")), "{path}");
    }
    for path in ["Sense/Log/Engine", "Sense/Log/new/state", "Sense/Log/../Log/x"] {
        assert!(said(path).is_some_and(|words| words.contains(" is inside the log")), "{path}");
    }
    for path in ["Sense", "Sense/Log2", "Sense/Logs", "state", "Sense/Log/../state"] {
        assert_eq!(said(path), None, "{path}");
    }
    assert_eq!(said("Sense/log").is_some(), cfg!(windows));
    // A share that is not mounted yet.
    let root = here("mnt/Log");
    assert!(among_logs("the folder", &here("mnt/Log/state"), &root).is_some());
    assert_eq!(among_logs("the folder", Path::new("state"), &root), None);
}

#[cfg(unix)]
#[test]
fn a_link_into_the_logs_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let here = |name: &str| folder.path().join(name);
    fs::create_dir_all(here("Log")).unwrap();
    std::os::unix::fs::symlink(here("Log"), here("link")).unwrap();
    assert!(among_logs("the folder", &here("link/state"), &here("Log")).is_some());
}
