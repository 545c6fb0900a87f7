//! HTTPS to a server with a certificate of a private authority, as behind a company's proxy.
//!
//! The key in `https/` protects nothing: only this test uses it, on the loopback address.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread::JoinHandle;

use footman::config::load::secret::write_secret;
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
    // The words for what the code means; the code itself is in the log only.
    let is_unverified = output.contains("certificate cannot be verified");
    if store::CANNOT_ASK_FOR_REVOCATION.is_some_and(|code| output.contains(code) || is_unverified) {
        return;
    }
    assert!(sent.status.success(), "{output}");
    assert!(server.join().unwrap());
}

/// A configuration that posts to this port of this machine.
fn configured(folder: &Path, port: u16, keys: &str) -> Command {
    let url = format!("https://localhost:{port}/workflows/0123456789?sig=topSecret_43-chars");
    std::fs::remove_file(folder.join("hook.txt")).ok();
    write_secret(&folder.join("hook.txt"), &url).unwrap();
    std::fs::write(folder.join("none.pem"), "").unwrap();
    std::fs::write(folder.join("ca.pem"), AUTHORITY).unwrap();
    let text = format!("[channel.default]\nwebhook-file = 'hook.txt'\n{keys}");
    std::fs::write(folder.join("footman.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(["test-send", "--config=footman.toml", "--state-dir=state"]);
    command.current_dir(folder).env_remove("FOOTMAN_TEAMS_WEBHOOK");
    command.env("SSL_CERT_FILE", folder.join("none.pem")).env("NO_PROXY", "localhost");
    command
}

/// Whether a refusal is only Wine's: it asks for a revocation list, and it does not know how to
/// verify with other authorities than those of its store.
fn is_of_wine(output: &str) -> bool {
    let codes = [store::CANNOT_ASK_FOR_REVOCATION, store::CANNOT_ADD_AUTHORITIES];
    codes.into_iter().flatten().any(|code| output.contains(code))
        || (cfg!(windows) && output.contains("cannot be verified"))
}

#[test]
fn an_authority_of_the_channel_alone_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (port, server) = serve_once();
    let sent = configured(folder.path(), port, "ca-file = 'ca.pem'\n").output().unwrap();
    let output = String::from_utf8_lossy(&sent.stderr).into_owned();
    if is_of_wine(&output) {
        return;
    }
    assert!(sent.status.success(), "{output}");
    assert!(server.join().unwrap());
}

#[test]
fn a_file_without_a_certificate_and_a_proxy_with_a_password_are_problems() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("ca-file = 'gone.pem'\n", "gone.pem"),
        ("ca-file = 'none.pem'\n", "holds no certificate"),
        ("proxy = 'proxy.corp:8080'\n", "is not the address of a proxy"),
        ("proxy = 'socks5://proxy.corp:8080'\n", "is not the address of a proxy"),
        ("proxy = 'http://me:topSecret@proxy.corp:8080'\n", "holds a user name or a password"),
    ];
    for (keys, expected) in cases {
        let sent = configured(folder.path(), 1, keys).output().unwrap();
        let output = String::from_utf8_lossy(&sent.stderr).into_owned();
        assert_eq!(sent.status.code(), Some(3), "{output}");
        assert!(output.contains(expected), "{output}");
        assert!(!output.contains("topSecret"), "{output}");
    }
}

/// A proxy that opens one tunnel and returns what it was asked for.
#[expect(clippy::disallowed_methods, reason = "a test server is not one of the agent's threads")]
fn tunnel_once() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(client.try_clone().unwrap());
        let mut asked = String::new();
        reader.read_line(&mut asked).unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let target = asked.split(' ').nth(1).unwrap().replace("localhost", "127.0.0.1");
        let server = TcpStream::connect(target).unwrap();
        (&client).write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
        let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client);
        let back = std::thread::spawn(move || {
            std::io::copy(&mut from_server, &mut to_client).ok();
            to_client.shutdown(Shutdown::Both).ok();
        });
        std::io::copy(&mut reader, &mut &server).ok();
        server.shutdown(Shutdown::Both).ok();
        back.join().unwrap();
        asked
    });
    (port, proxy)
}

#[test]
fn a_channel_has_a_proxy_of_its_own_and_the_machine_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let (port, server) = serve_once();
    let (proxy, asked) = tunnel_once();
    let keys = format!("proxy = 'http://127.0.0.1:{proxy}'\nca-file = 'ca.pem'\n");
    let sent = configured(folder.path(), port, &keys).output().unwrap();
    let output = String::from_utf8_lossy(&sent.stderr).into_owned();
    if is_of_wine(&output) {
        return;
    }
    assert_eq!(asked.join().unwrap().trim_end(), format!("CONNECT localhost:{port} HTTP/1.1"));
    assert!(sent.status.success(), "{output}");
    assert!(server.join().unwrap());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test server is not one of the agent's threads")]
fn nothing_older_than_tls_1_2_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut hello = [0; 4096];
        let n = socket.read(&mut hello).unwrap();
        // A fatal alert: no version in common.
        socket.write_all(&[21, 3, 3, 0, 2, 2, 70]).unwrap();
        hello[..n].to_vec()
    });
    let sent = configured(folder.path(), port, "").output().unwrap();
    assert_eq!(sent.status.code(), Some(4), "{}", String::from_utf8_lossy(&sent.stderr));
    let hello = server.join().unwrap();
    // The extension `supported_versions` (43): two versions, 1.3 and 1.2.
    let versions = [0, 43, 0, 5, 4, 3, 4, 3, 3];
    assert!(hello.windows(versions.len()).any(|it| it == versions), "{hello:?}");
}

/// On Unix, the trusted authorities are in the file that `SSL_CERT_FILE` names.
#[cfg(unix)]
mod store {
    pub(super) const CANNOT_ASK_FOR_REVOCATION: Option<&str> = None;
    pub(super) const CANNOT_ADD_AUTHORITIES: Option<&str> = None;

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

    /// Wine's error for a chain engine with an exclusive root, `E_INVALIDARG`: it knows the older
    /// form of `CERT_CHAIN_ENGINE_CONFIG` only.
    pub(super) const CANNOT_ADD_AUTHORITIES: Option<&str> = Some("-2147024809");

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
