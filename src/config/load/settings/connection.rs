//! I/O. How a channel is reached: its proxy, and the authorities that it trusts.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::Url;

use crate::config::limits;
use crate::config::load::read_bounded;
use crate::config::load::settings::Lookup;
use crate::config::{ChannelConfig, Connection};

impl Lookup<'_> {
    pub(crate) fn connection(&mut self, name: &str, channel: &ChannelConfig) -> Connection {
        let proxy = channel.proxy.as_deref().and_then(|text| self.proxy(name, text));
        let file = channel.ca_file.as_deref();
        let authorities = file.map(|file| self.authorities(name, file)).unwrap_or_default();
        Connection { proxy, authorities }
    }

    /// The text is not repeated, because it may contain a password.
    fn proxy(&mut self, name: &str, text: &str) -> Option<Url> {
        let form = "write it as \"http://proxy.example.com:8080\"";
        let found = Url::parse(text).ok().filter(Url::has_host);
        let Some(url) = found.filter(|url| matches!(url.scheme(), "http" | "https")) else {
            let message = format!("channel `{name}`: `proxy` is not the address of a proxy");
            self.report(&["channel", name, "proxy"], &message, form);
            return None;
        };
        if !url.username().is_empty() || url.password().is_some() {
            let message = format!("channel `{name}`: `proxy` holds a user name or a password");
            let hint = "a secret does not belong in this file: let the proxy pass this machine \
                        without one, or put the whole address into HTTPS_PROXY";
            self.report(&["channel", name, "proxy"], &message, hint);
            return None;
        }
        Some(url)
    }

    fn authorities(&mut self, name: &str, file: &Path) -> Vec<Vec<u8>> {
        let key = ["channel", name, "ca-file"];
        let path = self.base.join(file);
        self.channel_files.push(path.clone());
        let shown = path.display();
        let bytes = match read_bounded(&path, limits::TEXT) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("channel `{name}`: the file {shown} {error}");
                self.report(&key, &message, error.hint());
                return Vec::new();
            }
        };
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        match read {
            Ok(found) if !found.is_empty() => {
                found.iter().map(|certificate| certificate.to_vec()).collect()
            }
            _ => {
                let message = format!("channel `{name}`: the file {shown} holds no certificate");
                let hint = "name a PEM file: its text begins with -----BEGIN CERTIFICATE-----";
                self.report(&key, &message, hint);
                Vec::new()
            }
        }
    }
}
