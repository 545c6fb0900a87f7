use super::*;

/// A token whose middle part is `{"sub":"x","exp":1800000000}`.
const TOKEN: &str = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJ4IiwiZXhwIjoxODAwMDAwMDAwfQ.c2ln";

#[test]
fn the_expiry_of_a_token_is_in_its_middle_part() {
    let on = Timestamp::from_second(1_800_000_000).unwrap();
    assert_eq!(Secret::new(TOKEN).expires(), Some(on));
    for odd in ["", "a.b.c", "eyJ.%%%.c", "opaque", "e.e30.s"] {
        assert_eq!(Secret::new(odd).expires(), None, "{odd}");
    }
}

#[test]
fn a_secret_is_in_no_debug_output() {
    let tenant = Tenant {
        url: tenant_url("https://acme.eu.qlikcloud.com").unwrap(),
        credentials: Credentials::Client { id: "client".into(), secret: Secret::new(TOKEN) },
        secret_in: None,
        every: Period(Duration::from_secs(30)),
        start: StartSetting::End,
    };
    let shown = format!("{tenant:?} {:?}", Credentials::ApiKey(Secret::new(TOKEN)));
    assert!(!shown.contains("eyJ"), "{shown}");
}

#[test]
fn an_address_is_https_or_of_this_machine_and_has_no_path() {
    for well in
        ["https://acme.eu.qlikcloud.com", "https://acme.eu.qlikcloud.com/", "http://127.0.0.1:8641"]
    {
        assert!(tenant_url(well).is_ok(), "{well}");
    }
    for bad in [
        "acme.eu.qlikcloud.com",
        "http://acme.eu.qlikcloud.com",
        "https://acme.eu.qlikcloud.com/analytics/home",
        "https://user:secret@acme.eu.qlikcloud.com",
        "https://acme.eu.qlikcloud.com?key=1",
        "ftp://acme.eu.qlikcloud.com",
        "",
    ] {
        assert!(tenant_url(bad).is_err(), "{bad}");
    }
}
