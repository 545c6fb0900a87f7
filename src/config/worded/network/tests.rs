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
        assert_eq!(said, worded);
        assert!(network_remedy(&said).is_some(), "{said}");
    }
}

#[test]
fn an_unknown_error_keeps_its_last_part() {
    let said = network("error sending request: client error (SendRequest): something new: odd");
    assert_eq!(said, "something new: odd");
    assert_eq!(network_remedy(&said), None);
}
