//! Pure. The sources that the configuration names for a webhook URL or the secret of a tenant.

use std::path::{Path, PathBuf};

use crate::config::{ChannelConfig, CloudConfig};

/// Which of the two webhooks of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    First,
    /// The one that replaces it.
    Next,
}

impl Which {
    pub const ALL: [Self; 2] = [Self::First, Self::Next];
}

/// The source of a webhook URL, an API key or a client's secret: the key in the configuration, and
/// its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretSource<'a> {
    Variable { key: &'static str, name: &'a str },
    File { key: &'static str, path: &'a Path },
    Secret { key: &'static str, name: &'a str },
}

impl SecretSource<'_> {
    /// The key that names it.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Variable { key, .. } | Self::File { key, .. } | Self::Secret { key, .. } => key,
        }
    }
}

impl ChannelConfig {
    /// Every source that is named for one of the webhooks; more than one is a problem.
    pub fn sources(&self, which: Which) -> Vec<SecretSource<'_>> {
        match which {
            Which::First => sources(
                ["webhook-env", "webhook-file", "webhook-secret"],
                (&self.webhook_env, &self.webhook_file, &self.webhook_secret),
            ),
            Which::Next => sources(
                ["webhook-env-next", "webhook-file-next", "webhook-secret-next"],
                (&self.webhook_env_next, &self.webhook_file_next, &self.webhook_secret_next),
            ),
        }
    }
}

impl CloudConfig {
    /// Every source that is named for the API key; more than one is a problem.
    pub fn key_sources(&self) -> Vec<SecretSource<'_>> {
        sources(
            ["api-key-env", "api-key-file", "api-key-secret"],
            (&self.api_key_env, &self.api_key_file, &self.api_key_secret),
        )
    }

    /// The same for the client's secret.
    pub fn client_sources(&self) -> Vec<SecretSource<'_>> {
        sources(
            ["client-secret-env", "client-secret-file", "client-secret-secret"],
            (&self.client_secret_env, &self.client_secret_file, &self.client_secret_secret),
        )
    }
}

/// The sources that are named, with these keys, in their order.
fn sources<'a>(
    keys: [&'static str; 3],
    (variable, file, secret): (&'a Option<String>, &'a Option<PathBuf>, &'a Option<String>),
) -> Vec<SecretSource<'a>> {
    let variable = variable.as_deref();
    let variable = variable.map(|name| SecretSource::Variable { key: keys[0], name });
    let file = file.as_deref().map(|path| SecretSource::File { key: keys[1], path });
    let secret = secret.as_deref().map(|name| SecretSource::Secret { key: keys[2], name });
    variable.into_iter().chain(file).chain(secret).collect()
}
