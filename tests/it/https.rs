//! HTTPS to a server with a certificate of a private authority, as behind a company's proxy.
//!
//! The key in `https/` protects nothing: only this test uses it, on the loopback address.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const AUTHORITY: &str = include_str!("https/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("https/server.pem");
const KEY: &[u8] = include_bytes!("https/server.key");

/// Accepts one post and answers 202; `false` if the client refuses the certificate.
#[expect(clippy::disallowed_methods, reason = "a test server is not one of the agent's threads")]
fn serve_once() -> (u16, JoinHandle<bool>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            // With the authority's certificate, as most servers send it: an unknown authority is
            // then another error than a missing one.
            vec![
                CertificateDer::from_pem_slice(CERTIFICATE).unwrap(),
                CertificateDer::from_pem_slice(AUTHORITY.as_bytes()).unwrap(),
            ],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, socket);
        let taken = stream.read(&mut [0; 4096]).is_ok_and(|n| n > 0);
        taken && stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").is_ok()
    });
    (port, server)
}

fn test_send(folder: &Path, port: u16, authority: &Path) -> Output {
    let url = format!("https://localhost:{port}/workflows/0123456789?sig=topSecret_43-chars");
    Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["test-send", "--state-dir=state"])
        .current_dir(folder)
        .env("FOOTMAN_TEAMS_WEBHOOK", url)
        .env("SSL_CERT_FILE", authority)
        .env("NO_PROXY", "localhost")
        .output()
        .unwrap()
}

#[test]
fn an_authority_in_the_machines_store_is_trusted_and_an_unknown_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (known, unknown) = (folder.path().join("ca.pem"), folder.path().join("none.pem"));
    std::fs::write(&known, AUTHORITY).unwrap();
    std::fs::write(&unknown, "").unwrap();

    let (port, server) = serve_once();
    let refused = test_send(folder.path(), port, &unknown);
    let output = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(4), "{output}");
    assert!(store::CANNOT_ASK_FOR_REVOCATION.is_none_or(|code| !output.contains(code)), "{output}");
    assert!(output.to_lowercase().contains("certificate"), "{output}");
    assert!(!output.contains("topSecret"), "{output}");
    assert!(!server.join().unwrap(), "nothing may be sent before the certificate is trusted");

    let _trusted = store::trust(AUTHORITY);
    let (port, server) = serve_once();
    let sent = test_send(folder.path(), port, &known);
    let output = String::from_utf8_lossy(&sent.stderr).into_owned();
    if store::CANNOT_ASK_FOR_REVOCATION.is_some_and(|code| output.contains(code)) {
        return;
    }
    assert!(sent.status.success(), "{output}");
    assert!(server.join().unwrap());
}

/// On Unix, the trusted authorities are in the file that `SSL_CERT_FILE` names.
#[cfg(unix)]
mod store {
    pub(super) const CANNOT_ASK_FOR_REVOCATION: Option<&str> = None;

    pub(super) struct Trusted;

    pub(super) fn trust(_authority: &str) -> Trusted {
        Trusted
    }
}

/// On Windows, they are in the certificate stores of the account and the machine.
#[cfg(windows)]
mod store {
    use std::fmt::Write as _;

    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use crate::support::registry::reg;

    /// Wine's error for a trusted authority: it treats "no revocation list" as a failure, which
    /// Windows ignores. An unknown authority gives another code, `CERT_E_UNTRUSTEDROOT`.
    pub(super) const CANNOT_ASK_FOR_REVOCATION: Option<&str> = Some("-2146762482");

    const ROOTS: &str = r"HKCU\Software\Microsoft\SystemCertificates\Root\Certificates";

    /// An authority that is trusted until this is dropped.
    pub(super) struct Trusted(String);

    pub(super) fn trust(authority: &str) -> Trusted {
        let der = CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
        let print = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
        // A stored certificate is a list of properties: its fingerprint (3), then the certificate
        // (32).
        let mut blob = property(3, print.as_ref());
        blob.extend(property(32, &der));
        let key = format!(r"{ROOTS}\{}", hex(print.as_ref()));
        reg(&["add", &key, "/v", "Blob", "/t", "REG_BINARY", "/d", &hex(&blob), "/f"]);
        Trusted(key)
    }

    impl Drop for Trusted {
        fn drop(&mut self) {
            reg(&["delete", &self.0, "/f"]);
        }
    }

    fn property(id: u32, value: &[u8]) -> Vec<u8> {
        let len = u32::try_from(value.len()).unwrap();
        let mut bytes: Vec<u8> = [id, 1, len].iter().flat_map(|n| n.to_le_bytes()).collect();
        bytes.extend(value);
        bytes
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02X}").unwrap();
            text
        })
    }
}
