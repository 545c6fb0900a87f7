//! I/O. TLS of the page, from PEM files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{Context, SHA256, digest};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::config::PageConfig;
use crate::config::limits;
use crate::config::load::read_bounded;

/// How often the files are checked for changes.
const FOLLOWED_EVERY: Duration = Duration::from_secs(2);

/// Certificate and key of an address that other machines can reach. They are read again when their
/// files change.
#[derive(Clone)]
pub struct Tls {
    files: TlsFiles,
    used: Arc<Mutex<TlsAcceptor>>,
    /// The content of the files when they were last read.
    read: CertificateDigest,
}

#[derive(Clone)]
struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
}

type CertificateDigest = Vec<u8>;

/// The TLS of this page; `None` if it needs none. The error says why nothing can be served there.
pub fn open(page: &PageConfig) -> Result<Option<Tls>, String> {
    if page.listen.beyond_loopback().is_none() {
        return Ok(None);
    }
    if let Some(why) = page.unserved() {
        return Err(why);
    }
    let (Some(certificate), Some(key)) = (&page.certificate, &page.key) else { return Ok(None) };
    let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
    let (acceptor, read) = files.acceptor()?;
    Ok(Some(Tls { files, used: Arc::new(Mutex::new(acceptor)), read }))
}

impl Tls {
    /// The configuration for the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Uses the files again whenever they changed, until stopped. Files that cannot be used are
    /// reported once, and the previous ones stay in use.
    pub(crate) async fn follow(mut self, stop: CancellationToken) {
        let mut seen = self.read.clone();
        while timeout(FOLLOWED_EVERY, stop.cancelled()).await.is_err() {
            let files = self.files.clone();
            // A disk that hangs must not hold up the page.
            let Ok(Ok((text, read))) = spawn_blocking(move || files.read()).await else { continue };
            // Two files are not replaced at once: they are used when both have stayed the same.
            let is_settled = std::mem::replace(&mut seen, read.clone()) == read;
            if is_settled && read != self.read {
                self.read = read;
                self.take(&text);
            }
        }
    }

    fn take(&self, text: &Pem) {
        match self.files.acceptor_of(text) {
            Ok(acceptor) => {
                *self.used.lock().unwrap_or_else(PoisonError::into_inner) = acceptor;
                tracing::info!("page: certificate and key have changed and are used from now on");
            }
            Err(why) => {
                tracing::warn!("page: the changed certificate or key is not used: {why}");
            }
        }
    }
}

/// The bytes of both files.
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl TlsFiles {
    fn read(&self) -> Result<(Pem, CertificateDigest), String> {
        let certificate = read("page.certificate", &self.certificate)?;
        let key = read("page.key", &self.key)?;
        let mut both = Context::new(&SHA256);
        for part in [&certificate, &key] {
            both.update(digest(&SHA256, part).as_ref());
        }
        Ok((Pem { certificate, key }, both.finish().as_ref().to_vec()))
    }

    fn acceptor(&self) -> Result<(TlsAcceptor, CertificateDigest), String> {
        let (text, read) = self.read()?;
        Ok((self.acceptor_of(&text)?, read))
    }

    fn acceptor_of(&self, text: &Pem) -> Result<TlsAcceptor, String> {
        let chain = certificates(&self.certificate, &text.certificate)?;
        let key = private_key(&self.key, &text.key)?;
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| {
                format!("page.certificate and page.key do not fit together: {error}")
            })?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn certificates(path: &Path, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(format!("page.certificate: {} holds no certificate", path.display())),
        Err(error) => Err(format!("page.certificate: {}: {error}", path.display())),
    }
}

fn private_key(path: &Path, text: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        format!("page.key: {} holds no private key that can be read: {error}", path.display())
    })
}

fn read(name: &str, path: &Path) -> Result<Vec<u8>, String> {
    read_bounded(path, limits::TEXT).map_err(|error| format!("{name}: {} {error}", path.display()))
}

#[cfg(test)]
mod tests;
