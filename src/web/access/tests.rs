use super::*;

const HOURS: i64 = 3600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

#[test]
fn only_loopback_names_and_the_host_of_the_url_are_known() {
    let names = HostNames::new(Some("https://Footman.example.com:8443"));
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:8640",
        "[::1]:9",
        "footman.example.com",
        "footman.example.com:8443",
    ] {
        assert!(names.knows(host), "{host}");
    }
    for host in [
        "",
        "evil.example.com",
        "localhost.evil.example.com",
        "127.0.0.1.evil.example.com",
        "footman.example.com.evil.example.com",
        "localhost@evil.example.com",
        "0.0.0.0",
        "10.0.0.1",
    ] {
        assert!(!names.knows(host), "{host}");
    }
}

#[test]
fn a_form_comes_from_the_address_that_was_asked_or_from_the_url_of_the_page() {
    let names = HostNames::new(Some("https://footman.example.com"));
    for (origin, host) in [
        ("http://127.0.0.1:8640", "127.0.0.1:8640"),
        ("http://localhost:8640", "localhost:8640"),
        ("https://footman.example.com", "footman.example.com"),
        ("https://footman.example.com", "127.0.0.1:8640"),
        ("https://footman.example.com:443", "127.0.0.1:8640"),
    ] {
        assert!(names.is_origin(origin, host), "{origin} for {host}");
    }
    for (origin, host) in [
        ("null", "127.0.0.1:8640"),
        ("", "127.0.0.1:8640"),
        ("http://127.0.0.1:9", "127.0.0.1:8640"),
        ("https://127.0.0.1:8640", "127.0.0.1:8640"),
        ("http://localhost:8640", "127.0.0.1:8640"),
        ("http://evil.example.com", "evil.example.com"),
        ("http://footman.example.com", "footman.example.com"),
        ("https://evil.example.com", "footman.example.com"),
        ("https://footman.example.com.evil.example.com", "footman.example.com"),
    ] {
        assert!(!names.is_origin(origin, host), "{origin} for {host}");
    }
}

#[test]
fn the_cookie_proves_the_key_without_holding_it() {
    let (key, other) = (PageKey([1; 32]), PageKey([2; 32]));
    let host = "127.0.0.1:8640";
    let cookie = cookie(&key, host, false, at(0));
    assert!(!cookie.contains(&key.text()));
    assert!(cookie.contains("HttpOnly; SameSite=Strict") && !cookie.contains("Secure"));
    assert!(super::cookie(&key, host, true, at(0)).ends_with("; Secure"));
    let pair = cookie.split(';').next().unwrap();
    let line = format!("a=b; {pair}; c=d");
    let proves =
        |key, host, line: &str, seconds| has_proof(key, host, [line].into_iter(), at(seconds));
    assert!(proves(&key, host, &line, 0));
    assert!(!proves(&other, host, &line, 0));
    for junk in ["footman-8640=", "footman-8640", "x=1", &line.replace("footman", "other")] {
        assert!(!proves(&key, host, junk, 0), "{junk}");
    }
}

/// A browser sends the cookies of a host to all its ports, and a copy of a cookie does not end with it.
#[test]
fn a_cookie_is_for_one_port_and_ends_after_a_month() {
    let key = PageKey([1; 32]);
    let pair = |host| cookie(&key, host, false, at(0)).split(';').next().unwrap().to_owned();
    let [one, other] = ["127.0.0.1:8640", "[::1]:8641"].map(pair);
    assert!(one.starts_with("footman-8640=") && other.starts_with("footman-8641="), "{other}");
    assert!(pair("footman.example.com").starts_with("footman="));
    let has = |host, line: &str, seconds| has_proof(&key, host, [line].into_iter(), at(seconds));
    assert!(has("localhost:8640", &one, 0) && !has("localhost:8641", &one, 0));
    let both = format!("{one}; {other}");
    assert!(has("localhost:8640", &both, 0) && has("localhost:8641", &both, 0));
    let month = 30 * 24 * HOURS;
    assert!(has("localhost:8640", &one, month - 60) && !has("localhost:8640", &one, month + 120));
}

#[test]
fn only_the_whole_key_is_the_key() {
    let key = PageKey([1; 32]);
    assert!(is_key(&key, &key.text()));
    assert!(
        !is_key(&key, &key.text()[..63])
            && !is_key(&key, "")
            && !is_key(&PageKey([2; 32]), &key.text())
    );
}

#[test]
fn a_form_token_holds_for_a_day() {
    let key = PageKey([1; 32]);
    let token = form_token(&key, at(0));
    assert!(is_form_token(&key, &token, at(0)) && is_form_token(&key, &token, at(23 * HOURS)));
    assert!(!is_form_token(&key, &token, at(25 * HOURS)));
    assert!(!is_form_token(&PageKey([2; 32]), &token, at(0)) && !is_form_token(&key, "", at(0)));
}
