use super::*;
use crate::config::SettingsNote;

#[test]
fn only_the_host_is_ever_shown() {
    let url = PingUrl::parse("https://me:pass@hc.example.com/ping/s3cret-id?key=other").unwrap();
    let note = SettingsNote::OpenPing(url.clone());
    let shown = format!("{url} {url:?} {} {note:?}", url.server());
    for secret in ["me", "pass", "s3cret", "other"] {
        assert!(!shown.replace("example", "").contains(secret), "{shown}");
    }
    assert!(shown.contains("hc.example.com"));
}

#[test]
fn a_request_without_encryption_is_pointed_out_except_on_this_machine() {
    let is_open = |text| PingUrl::parse(text).unwrap().is_open();
    assert!(is_open("http://kuma.example.com/api/push/x"));
    assert!(!is_open("http://127.0.0.1:3001/api/push/x"));
    assert!(!is_open("https://hc.example.com/x"));
}

#[test]
fn what_is_no_web_address_is_refused_without_repeating_it() {
    for (text, refusal) in [
        ("s3cret", PingRefusal::NotAUrl),
        ("ftp://s3cret.example.com/", PingRefusal::NotHttp),
        ("", PingRefusal::NotAUrl),
    ] {
        let found = PingUrl::parse(text).unwrap_err();
        assert_eq!(found, refusal);
        assert!(!found.to_string().contains("s3cret"));
    }
}
