use std::fs;

use super::*;

fn page(listen: &str, certificate: Option<&Path>, key: Option<&Path>) -> PageConfig {
    PageConfig {
        listen: listen.to_owned().try_into().unwrap(),
        url: None,
        certificate: certificate.map(Path::to_owned),
        key: key.map(Path::to_owned),
    }
}

#[test]
fn nothing_is_served_beyond_this_machine_without_keys_that_work() {
    let folder = tempfile::tempdir().unwrap();
    let (junk, gone) = (folder.path().join("junk.pem"), folder.path().join("gone.pem"));
    fs::write(&junk, "-----BEGIN JUNK-----\n").unwrap();
    let why = |page: PageConfig| open(&page).err().expect("refused");
    assert!(why(page("0.0.0.0:0", None, None)).contains("without page.certificate and page.key"));
    assert!(why(page("0.0.0.0:0", Some(&junk), None)).contains("without page.key"));
    assert!(why(page("[::]:0", Some(&junk), Some(&junk))).contains("junk.pem"));
    assert!(why(page("10.0.0.1:1", Some(&gone), Some(&junk))).contains("gone.pem"));
    assert!(open(&page("127.0.0.1:0", None, None)).unwrap().is_none());
    assert!(open(&page("[::1]:0", None, None)).unwrap().is_none());
}
