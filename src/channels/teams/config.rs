//! I/O. What a Teams channel is set up with: how long an attempt may take, and the HTTPS client.
//!
//! Its keys and its URL are checked in `config`, which must know them before anything is opened.

use std::time::Duration;

use reqwest::{Client, redirect};

use crate::channels::Error;
use crate::config::Webhook;

/// How long an attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the beginning to the last byte of the answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// Prepares HTTPS with the certificates and the proxy of this machine.
pub(in crate::channels::teams) fn client(
    webhook: &Webhook,
    timeouts: Timeouts,
) -> Result<Client, Error> {
    // Fails only if a provider was installed before, which is as good.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut client = Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        // A kept connection that the other side closed meanwhile looks like a lost answer.
        .pool_idle_timeout(Duration::from_secs(5))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("footman/", env!("CARGO_PKG_VERSION")));
    if webhook.server().scheme() == "http" {
        // Only loopback may go without TLS, and no proxy can reach that for us.
        client = client.no_proxy();
    }
    let failed = |source| Error::Client { webhook: webhook.to_string(), source };
    client.build().map_err(failed)
}
