//! What other machines reach of the real program: links, health and metrics over TLS, and nothing else.
//!
//! The keys in `https/` protect nothing: only tests use them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use footman::agent::PageNote;
use footman::state::Reader;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::support::browse::{answer_path, encoded};
use crate::support::world::{World, kill};

const CERTIFICATE: &str = include_str!("https/server.pem");
const KEY: &str = include_str!("https/server.key");
const AUTHORITY: &str = include_str!("https/ca.pem");
/// Signed by itself.
const OTHER: &str = include_str!("https/other.pem");
const OTHER_KEY: &str = include_str!("https/other.key");

/// A browser on another machine, which trusts one certificate.
struct Browser {
    address: SocketAddr,
    connector: TlsConnector,
}

impl Browser {
    fn trusting(authority: &str, address: SocketAddr) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { address, connector: TlsConnector::from(Arc::new(config)) }
    }

    /// Status and body; `None` if the certificate is not trusted.
    async fn ask(&self, method: &str, path: &str, more: &str, body: &str) -> Option<(u16, String)> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = self.connector.connect(name, stream).await.ok()?;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{more}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // The page closes the connection.
        stream.read_to_end(&mut answer).await.ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Some((head.get(9..12)?.parse().ok()?, body.to_owned()))
    }

    async fn get(&self, path: &str) -> Option<(u16, String)> {
        self.ask("GET", path, "", "").await
    }

    async fn status(&self, path: &str) -> Option<u16> {
        self.get(path).await.map(|(status, _)| status)
    }
}

/// A world whose page other machines can reach, and the folder of its files.
fn reachable() -> World {
    let mut world = World::new();
    put(world.folder.path(), CERTIFICATE, KEY);
    world.config.push_str(
        "[page]\nlisten = \"0.0.0.0:0\"\nurl = \"https://localhost\"\ncertificate = \"page.pem\"\nkey = \"page-key.pem\"\n",
    );
    world
}

fn put(folder: &Path, certificate: &str, key: &str) {
    fs::write(folder.join("page.pem"), certificate).unwrap();
    fs::write(folder.join("page-key.pem"), key).unwrap();
}

/// The port of the page, as the state notes it.
async fn address(world: &World) -> SocketAddr {
    world.until_note("page", "0.0.0.0:").await;
    let note = Reader::open(&world.state_dir()).unwrap().note("page").unwrap().unwrap();
    let note = PageNote::read(&note);
    assert!(note.text().starts_with("https://"));
    SocketAddr::from(([127, 0, 0, 1], note.address().unwrap().port()))
}

/// Waits until something is so.
async fn soon(is_so: impl AsyncFn() -> bool) {
    let mut turns = tokio::time::interval(Duration::from_millis(50));
    let waiting = async {
        while !is_so().await {
            turns.tick().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    waited.expect("what the test waits for never came");
}

#[tokio::test]
async fn other_machines_reach_links_health_and_metrics_over_tls_and_nothing_else() {
    let mut world = reachable();
    let program = world.start_program();
    let browser = Browser::trusting(AUTHORITY, address(&world).await);
    world.started().await;
    world.fail("Sales", "Table not found");
    let card = world.teams.received(1).await.remove(0).body;
    let link = answer_path(&card).expect("the card has a link");

    assert!([200, 503].contains(&browser.status("/healthz").await.unwrap()));
    let (status, metrics) = browser.get("/metrics").await.unwrap();
    assert!(status == 200 && metrics.contains("footman_detections_total"), "{metrics}");
    let (status, form) = browser.get(&link).await.unwrap();
    assert!(status == 200 && form.contains("Reload failed: Sales"), "{form}");
    let nonce = form.split("name=\"nonce\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = encoded(&[("action", "acknowledge"), ("by", "Anna"), ("nonce", nonce)]);
    let headers =
        "Origin: https://localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(browser.ask("POST", &link, headers, &fields).await.unwrap().0, 303);
    assert!(browser.get(&link).await.unwrap().1.contains("Acknowledged by Anna"));

    let key = fs::read_to_string(world.state_dir().join(footman::state::PAGE_KEY_NAME));
    let with_key = format!("/?key={}", key.unwrap_or_default().trim());
    for path in [
        "/",
        &with_key,
        "/history",
        "/silences",
        "/deliveries",
        "/status",
        "/incidents/0",
        "/api/incidents",
        "/api/silences",
        "/api/deliveries",
        "/page.js",
    ] {
        assert_eq!(browser.status(path).await, Some(404), "{path}");
    }
    // Without TLS there is no answer.
    let mut plain = TcpStream::connect(browser.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    plain.read_to_end(&mut answer).await.ok();
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    kill(program);
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart() {
    let world = reachable();
    let program = world.start_program();
    let address = address(&world).await;
    let (old, new) = (Browser::trusting(AUTHORITY, address), Browser::trusting(OTHER, address));
    assert!(old.status("/metrics").await.is_some());
    assert_eq!(new.status("/metrics").await, None);
    put(world.folder.path(), OTHER, OTHER_KEY);
    soon(async || new.status("/metrics").await.is_some()).await;
    assert_eq!(old.status("/metrics").await, None);
    // A key that does not fit changes nothing, and the log says so.
    put(world.folder.path(), CERTIFICATE, OTHER_KEY);
    let log = world.folder.path().join("log");
    let logged = || {
        let files = fs::read_dir(&log).unwrap().map(|file| file.unwrap().path());
        files.map(|path| fs::read_to_string(path).unwrap_or_default()).collect::<String>()
    };
    soon(async || logged().contains("the changed certificate or key is not used")).await;
    assert!(new.status("/metrics").await.is_some());
    put(world.folder.path(), CERTIFICATE, KEY);
    soon(async || old.status("/metrics").await.is_some()).await;
    kill(program);
}
