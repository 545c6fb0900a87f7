use super::*;

fn said(findings: &[DoctorFinding]) -> String {
    let line = |it: &DoctorFinding| format!("{} {}", it.level.sign(), it.what);
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_proxy_variable_is_read_as_the_client_reads_it_and_not_called_well_untested() {
    for (name, value, expected) in [
        (
            "HTTPS_PROXY",
            "http://me:topSecret@proxy.corp:8080",
            "? proxy: proxy.corp:8080, from HTTPS_PROXY; no channel uses it",
        ),
        (
            "https_proxy",
            "proxy.corp:8080",
            "? proxy: proxy.corp:8080, from HTTPS_PROXY; no channel uses it",
        ),
        (
            "ALL_PROXY",
            "https://proxy.corp",
            "? proxy: https://proxy.corp, from ALL_PROXY; no channel uses it",
        ),
        (
            "HTTPS_PROXY",
            "://topSecret",
            "✗ proxy: HTTPS_PROXY is not the address of a proxy, and is not used",
        ),
        (
            "HTTPS_PROXY",
            "ftp://proxy.corp",
            "✗ proxy: HTTPS_PROXY is not the address of a proxy, and is not used",
        ),
        (
            "ALL_PROXY",
            "socks5://proxy.corp:1080",
            "✗ proxy: ALL_PROXY names socks5://proxy.corp:1080: SOCKS is not supported",
        ),
        (
            "HTTP_PROXY",
            "http://proxy.corp:8080",
            "! proxy: HTTP_PROXY is not used, because webhooks are https://",
        ),
    ] {
        let env = Env::of([(name, value)]);
        let mut findings = variables(&env);
        if findings.is_empty() {
            findings = unused(&env);
        }
        assert_eq!(said(&findings), expected, "{name}={value}");
        assert!(findings.iter().all(|it| it.todo.is_some()), "{findings:?}");
    }
}

#[test]
fn a_proxy_is_well_only_if_a_channel_was_reached_through_it() {
    let through = |is_reached| vec![("p:1".to_owned(), false), ("p:1".to_owned(), is_reached)];
    assert_eq!(said(&used(&through(true))), "✓ proxy: p:1; a channel was reached through it");
    assert_eq!(said(&used(&through(false))), "? proxy: p:1; no channel was reached through it");
    assert_eq!(of(&"http://127.0.0.1/".parse().unwrap()), None);
}
