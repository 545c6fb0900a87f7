//! I/O. Requests to a dead man's switch: a service that raises the alarm when they stop.

use std::time::Duration;

use reqwest::{Client, redirect};

use crate::channels::Error;
use crate::channels::teams::chain;
use crate::config::PingUrl;

/// The time limit of one request.
const TOTAL: Duration = Duration::from_secs(10);

/// A client for one dead man's switch.
pub struct Ping {
    client: Client,
    url: PingUrl,
}

impl Ping {
    /// Prepares HTTPS with the certificates and the proxy of this machine.
    pub fn new(url: PingUrl) -> Result<Self, Error> {
        // Fails only if a provider is already installed, which is fine.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut client = Client::builder()
            .timeout(TOTAL)
            // No connection stays open between two requests.
            .pool_max_idle_per_host(0)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("footman/", env!("CARGO_PKG_VERSION")));
        if url.is_loopback() {
            client = client.no_proxy();
        }
        match client.build() {
            Ok(client) => Ok(Self { client, url }),
            Err(source) => Err(Error::Ping { url: url.to_string(), source }),
        }
    }

    /// The address, for messages: its `Display` shows only the host.
    pub fn url(&self) -> &PingUrl {
        &self.url
    }

    /// Sends one heartbeat; the error is the reason why it does not count, without the address.
    pub async fn send(&self) -> Result<(), String> {
        let answer = self.client.get(self.url.expose_ping().clone()).send().await;
        let status = answer.map_err(|error| chain(error).text)?.status();
        let why = match status.as_u16() {
            200..=299 => return Ok(()),
            300..=399 => "the service answered with a redirect, which is not followed",
            400..=499 => "the service does not accept the address",
            _ => "the service failed",
        };
        Err(format!("{}: {why}", status.as_u16()))
    }

    /// Sends a HEAD request for the root of the service's server: no heartbeat is counted, and any
    /// answer will do.
    pub async fn reach(&self) -> Result<u16, String> {
        let answer = self.client.head(self.url.server()).send().await;
        Ok(answer.map_err(|error| chain(error).text)?.status().as_u16())
    }
}
