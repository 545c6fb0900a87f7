//! Pure. A tenant of Qlik Cloud: its address, and the secret that gives access to it, which is
//! never printed.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::config::load::secret::SecretStore;
use crate::config::{Period, StartSetting, is_loopback_host};

const TYPED: &str = "write `https://` and the host that the browser shows, such as \"https://acme.eu.qlikcloud.com\"";
const HOST_ONLY: &str =
    "leave out what follows the host: write it such as \"https://acme.eu.qlikcloud.com\"";

/// One tenant, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Scheme, host and port only.
    pub url: Url,
    pub credentials: Credentials,
    /// The source of the key or the client's secret; it is read again when it changes.
    pub secret_in: Option<SecretPlace>,
    pub every: Period,
    pub start: StartSetting,
}

impl Tenant {
    /// A simulated tenant on this machine.
    pub fn simulated(url: Url, key: &str, every: Duration) -> Self {
        Self {
            url,
            credentials: Credentials::ApiKey(Secret::new(key)),
            secret_in: None,
            every: Period(every),
            start: StartSetting::End,
        }
    }
}

/// How requests are authorized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    ApiKey(Secret),
    /// An OAuth client, machine to machine.
    Client {
        id: String,
        secret: Secret,
    },
}

impl Credentials {
    /// The same with another secret.
    pub(crate) fn with(&self, new: Secret) -> Self {
        match self {
            Self::ApiKey(_) => Self::ApiKey(new),
            Self::Client { id, .. } => Self::Client { id: id.clone(), secret: new },
        }
    }
}

/// The location of a secret that can change while the program runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// A file that holds it and nothing else.
    File(PathBuf),
    /// `footman secret set` has stored it under this name.
    Stored { store: SecretStore, name: String },
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the secret in {}", path.display()),
            Self::Stored { name, .. } => write!(f, "the stored secret `{name}`"),
        }
    }
}

/// A secret text. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself, only for a request to its own tenant.
    pub(crate) fn expose_secret(&self) -> &str {
        &self.0
    }

    /// When the token expires, if it contains that time. Its signature is not checked.
    pub fn expires(&self) -> Option<Timestamp> {
        let payload = decoded(self.0.split('.').nth(1)?)?;
        let claims: Value = serde_json::from_slice(&payload).ok()?;
        Timestamp::from_second(claims.get("exp")?.as_i64()?).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// URL-safe Base64 without padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut n_bits) = (0_u32, 0_u32);
    for c in text.bytes().filter(|c| *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(bits >> n_bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

/// The address of a tenant; the error is its problem, and what to write instead.
pub(crate) fn tenant_url(text: &str) -> Result<Url, (&'static str, &'static str)> {
    let url = Url::parse(text.trim()).ok().filter(Url::has_host);
    let url = url.ok_or(("tenant-url is not a web address", TYPED))?;
    match url.scheme() {
        "https" => {}
        "http" if url.host_str().is_some_and(is_loopback_host) => {}
        "http" => {
            let message =
                "tenant-url begins with `http:`, so others on the network could read the key";
            return Err((message, "write an https address; only a loopback address may be http"));
        }
        _ => return Err(("tenant-url is not a web address", TYPED)),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(("tenant-url holds a user name or a password", TYPED));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(("tenant-url has a part after the host", HOST_ONLY));
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
