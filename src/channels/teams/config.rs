//! I/O. The setup of a Teams channel: timeouts and the HTTPS client.
//!
//! `config` checks its keys and its URL, before anything is opened.

use std::time::Duration;

use reqwest::tls::{Certificate, Version};
use reqwest::{Client, Proxy, redirect};

use crate::channels::Error;
use crate::config::{Connection, Webhook};

/// The time limits of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the start to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// Prepares HTTPS with the certificates and the proxy of this machine, unless the channel has its own.
pub(crate) fn client(
    webhook: &Webhook,
    connection: &Connection,
    timeouts: Timeouts,
) -> Result<Client, Error> {
    let failed = |source| Error::Client { webhook: webhook.to_string(), source };
    // Fails only if a provider is already installed, which is fine.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut client = Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        // Reusing an idle connection that the server has closed would look like a lost answer.
        .pool_idle_timeout(Duration::from_secs(5))
        .redirect(redirect::Policy::none())
        .tls_version_min(Version::TLS_1_2)
        .user_agent(concat!("footman/", env!("CARGO_PKG_VERSION")));
    if webhook.server().scheme() == "http" {
        // Only loopback may be used without TLS, and a proxy cannot reach it.
        client = client.no_proxy();
    } else if let Some(proxy) = &connection.proxy {
        client = client.no_proxy().proxy(Proxy::all(proxy.clone()).map_err(failed)?);
    }
    if !connection.authorities.is_empty() {
        let authorities = connection.authorities.iter().map(|der| Certificate::from_der(der));
        let authorities = authorities.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        client = client.tls_certs_merge(authorities);
    }
    client.build().map_err(failed)
}
