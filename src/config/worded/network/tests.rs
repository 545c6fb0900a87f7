use super::*;

#[test]
fn errors_of_the_https_client_are_worded_without_its_layers_and_have_a_remedy() {
    const SENDING: &str = "error sending request: client error (Connect): ";
    for (raw, worded) in [
        ("tunnel error: unsuccessful", "the proxy refused the connection"),
        ("tunnel error: proxy authorization required", "the proxy requires authentication"),
        (
            "tunnel error: failed to create underlying connection: tcp connect error: Connection refused (os error 111)",
            "the proxy cannot be reached: the connection was refused",
        ),
        (
            "received corrupt message of type InvalidContentType",
            "the server does not speak HTTPS on this port",
        ),
        (
            "invalid peer certificate: UnknownIssuer",
            "this machine does not trust the authority that issued the server's certificate",
        ),
        (
            "invalid peer certificate: certificate not valid for name \"a\"; it is for b",
            "the server's certificate is for another name",
        ),
        (
            "invalid peer certificate: certificate expired: verification time 1",
            "the server's certificate is not valid at this time",
        ),
        ("received fatal alert: HandshakeFailure", "the server refused the TLS connection"),
        ("tls handshake eof", "the server closed the connection before TLS was agreed"),
        (
            "dns error: failed to lookup address information: Name or service not known",
            "the name of the host is not known",
        ),
        (
            "dns error: failed to lookup address information: Temporary failure in name resolution",
            "no name server answered",
        ),
        ("operation timed out", "there was no answer in time"),
    ] {
        if cfg!(windows) && raw.contains("os error") {
            continue;
        }
        let said = network(&format!("{SENDING}{raw}"));
        assert_eq!(said.text, worded);
        assert!(!said.kind.unwrap().remedy().is_empty(), "{said}");
    }
}

#[test]
fn an_unknown_error_keeps_its_last_part() {
    let said = network("error sending request: client error (SendRequest): something new: odd");
    assert_eq!(said, NetworkFault::from("something new: odd"));
}

#[test]
fn the_remedy_of_a_channel_names_the_keys_that_count_for_it() {
    let machine = Connection::default();
    let own = Connection {
        proxy: Some("http://proxy.corp:8080".parse().unwrap()),
        authorities: vec![vec![1]],
    };
    let remedy = |kind: NetworkKind, connection| kind.remedy_of_channel("sales", connection);
    for kind in [
        NetworkKind::ProxySignIn,
        NetworkKind::ProxyUnreachable,
        NetworkKind::ProxyClosed,
        NetworkKind::NotHttps,
    ] {
        assert!(!remedy(kind, &machine).contains("channel.sales"), "{kind:?}");
        assert!(remedy(kind, &machine).contains("HTTPS_PROXY"), "{kind:?}");
        assert!(remedy(kind, &own).contains("`channel.sales.proxy`"), "{kind:?}");
    }
    assert!(remedy(NetworkKind::ProxyRefused, &machine).contains("NO_PROXY"));
    assert!(!remedy(NetworkKind::ProxyRefused, &own).contains("NO_PROXY"), "it does not count");
    assert!(remedy(NetworkKind::UnknownHost, &machine).contains("HTTPS_PROXY"));
    assert!(!remedy(NetworkKind::UnknownHost, &own).contains("PROXY"));
    let untrusted = NetworkKind::UntrustedAuthority;
    assert!(
        remedy(untrusted, &machine).ends_with("or name its PEM file in `channel.sales.ca-file`")
    );
    assert!(remedy(untrusted, &own).contains("not in the file of `channel.sales.ca-file`"));
}
