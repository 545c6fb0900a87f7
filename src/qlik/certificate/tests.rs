//! Synthetic certificates, made with openssl.

use crate::qlik::certificate::{Certificate, of_der, of_pem};

const SERVER: &str = "-----BEGIN CERTIFICATE-----
MIIBtDCCAVugAwIBAgIUcoKAFxVkxmgLLiJN+STAer43y2EwCgYIKoZIzj0EAwIw
MDESMBAGA1UECgwJU3ludGhldGljMRowGAYDVQQDDBFub2RlMS5leGFtcGxlLmNv
bTAeFw0yNjExMjQyMjE5NDVaFw0zNjExMjEyMjE5NDVaMDAxEjAQBgNVBAoMCVN5
bnRoZXRpYzEaMBgGA1UEAwwRbm9kZTEuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASRDae8vRyTJ7DONQmvDkIne+UCMzKi2R9AHEoOFLYSIUS4
hh8Oxw5qsW6Gunz4kgDw83gNbCySqfCbBTgM0cMyo1MwUTAdBgNVHQ4EFgQUdoia
HHlqV6/t1f4hPbso4r8GZqwwHwYDVR0jBBgwFoAUdoiaHHlqV6/t1f4hPbso4r8G
ZqwwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA+56qj4aTLhUhj
/kxYenKjh0zcRUKrfru/JnuiJRkUBgIgXufnpN0NxMSJs8qvpm63aV7rh26wvjCy
6PnF882ClzY=
-----END CERTIFICATE-----";
const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUZbVeAdsWwK1UMjpsEaOrZyEdIx4wCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUbm9kZTEuZXhhbXBsZS5jb20tQ0EwIBcNMjYxMTI0MjIxOTQ1
WhgPMjA1OTEwMDIyMjE5NDVaMB8xHTAbBgNVBAMMFG5vZGUxLmV4YW1wbGUuY29t
LUNBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdLZ8btMDRdsL0FmOPtA1op2q
dm5/vwsMBw9TtiCY0as/XMD0IIPv8ijPsp9FC/av8Ev4sCbi+l99xN9eQcDnbaNT
MFEwHQYDVR0OBBYEFJOA3zwKq9YcqA76Far3i+DM2lqsMB8GA1UdIwQYMBaAFJOA
3zwKq9YcqA76Far3i+DM2lqsMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
SQAwRgIhAIYVdnAQu9qjHPhYokjNM2G1yqrpG5jHQPes8+vfdyO7AiEAkWe3QgJD
Da/8Ib06WtirKiujyGs1T2lUerkweCgilig=
-----END CERTIFICATE-----";

#[test]
fn names_and_expiry_are_read_from_both_time_formats() {
    let both = of_pem(&format!("first\r\n{SERVER}\r\n{AUTHORITY}"));
    let expected = [
        ("node1.example.com", "2036-11-21T22:19:45Z"),
        ("node1.example.com-CA", "2059-10-02T22:19:45Z"),
    ];
    let expected = expected.map(|(name, ends)| Certificate {
        subject: name.to_owned(),
        issuer: name.to_owned(),
        expires: ends.parse().unwrap(),
    });
    assert_eq!(both, expected);
}

#[test]
fn truncated_and_other_texts_are_left_out() {
    let half = &SERVER[..SERVER.len() / 2];
    assert_eq!(of_pem(half), []);
    assert_eq!(of_pem("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"), []);
    assert_eq!(of_pem("nothing"), []);
    for length in 0..200 {
        assert_eq!(of_der(&vec![0x30; length]), None);
        assert_eq!(of_der(&vec![0x84; length]), None);
    }
}
