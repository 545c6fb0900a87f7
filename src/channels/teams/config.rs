//! I/O. The setup of a Teams channel: timeouts and the HTTPS client.
//!
//! `config` checks its keys and its URL, before anything is opened.

use std::time::Duration;

use reqwest::{Client, redirect};

use crate::channels::Error;
use crate::config::Webhook;

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

/// Prepares HTTPS with the certificates and the proxy of this machine.
pub(in crate::channels::teams) fn client(
    webhook: &Webhook,
    timeouts: Timeouts,
) -> Result<Client, Error> {
    // Fails only if a provider is already installed, which is fine.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut client = Client::builder()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        // Reusing an idle connection that the server has closed would look like a lost answer.
        .pool_idle_timeout(Duration::from_secs(5))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("footman/", env!("CARGO_PKG_VERSION")));
    if webhook.server().scheme() == "http" {
        // Only loopback may be used without TLS, and a proxy cannot reach it.
        client = client.no_proxy();
    }
    let failed = |source| Error::Client { webhook: webhook.to_string(), source };
    client.build().map_err(failed)
}
