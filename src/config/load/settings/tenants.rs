//! I/O. Resolves the tenants of Qlik Cloud: addresses, and secrets in variables, in files or
//! stored.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::limits;
use crate::config::load::secret::Unusable;
use crate::config::load::settings::{Lookup, variable};
use crate::config::load::{read_text, secret};
use crate::config::tenant::{Credentials, Secret, SecretPlace, Tenant, tenant_url};
use crate::config::{CloudConfig, Config, SecretSource, is_name};

/// A client's secret has only these characters, and at least this length.
const RANDOM: usize = 32;

/// A secret, and where it is if it can change while the program runs.
struct StoredSecret {
    secret: Secret,
    place: Option<SecretPlace>,
}

impl Lookup<'_> {
    /// The tenants that can be polled; the problems of others are reported.
    pub(crate) fn tenants(&mut self, config: &Config) -> BTreeMap<String, Tenant> {
        let tenants = config.cloud.iter();
        tenants
            .filter_map(|(name, cloud)| Some((name.clone(), self.tenant(name, cloud)?)))
            .collect()
    }

    fn tenant(&mut self, name: &str, cloud: &CloudConfig) -> Option<Tenant> {
        // What is wrong with the address, or which keys are missing, was already reported.
        let url = cloud.tenant_url.as_deref().and_then(|url| tenant_url(url).ok());
        let sources =
            if cloud.client_id.is_some() { cloud.client_sources() } else { cloud.key_sources() };
        let found = sources.into_iter().next().and_then(|source| self.secret(name, source));
        let StoredSecret { secret, place } = found?;
        let credentials = match &cloud.client_id {
            None => Credentials::ApiKey(secret),
            Some(id) => Credentials::Client { id: id.clone(), secret },
        };
        Some(Tenant {
            url: url?,
            credentials,
            secret_in: place,
            every: cloud.every,
            start: cloud.start,
        })
    }

    fn secret(&mut self, tenant: &str, source: SecretSource<'_>) -> Option<StoredSecret> {
        let place = match source {
            // A secret in place of a name was already reported, without repeating it.
            SecretSource::Variable { name, .. } if is_secret(name) => return None,
            SecretSource::Secret { name, .. } if is_secret(name) || !is_name(name) => return None,
            SecretSource::Variable { key, name } => {
                return self.secret_of_variable(tenant, key, name);
            }
            SecretSource::File { path, .. } => SecretPlace::File(self.base.join(path)),
            SecretSource::Secret { name, .. } => {
                SecretPlace::Stored { store: self.store.clone(), name: name.to_owned() }
            }
        };
        match tenant_secret(&place) {
            Ok(secret) => Some(StoredSecret { secret, place: Some(place) }),
            Err(Unusable { why, hint }) => {
                let message = format!("cloud `{tenant}`: {why}");
                self.report(&["cloud", tenant, source.key()], &message, &hint);
                None
            }
        }
    }

    /// A variable does not change while the program runs.
    fn secret_of_variable(&mut self, tenant: &str, key: &str, name: &str) -> Option<StoredSecret> {
        let text = self.env.get(name);
        let mut report = |message: &str, hint: &str| {
            self.report(&["cloud", tenant, key], &format!("cloud `{tenant}`{message}"), hint);
        };
        let Some(text) = text else {
            let hint = "set it for the account that runs Footman, and start Footman again";
            report(&format!(": the variable {name} is not set"), hint);
            return None;
        };
        match sound(text) {
            Ok(secret) => Some(StoredSecret { secret, place: None }),
            Err((what, hint)) => {
                report(&format!(", {}: the secret {what}", variable(name)), hint);
                None
            }
        }
    }
}

/// The current secret of a tenant; the error is the reason why it cannot be used, and what to do.
pub(crate) fn tenant_secret(place: &SecretPlace) -> Result<Secret, Unusable> {
    let text = match place {
        SecretPlace::File(path) => text_of(path)?,
        SecretPlace::Stored { store, name } => store.get(name)?,
    };
    sound(&text)
        .map_err(|(what, hint)| Unusable { why: format!("{place} {what}"), hint: hint.to_owned() })
}

/// The text of the file of a secret.
fn text_of(path: &Path) -> Result<String, Unusable> {
    let shown = path.display();
    let text = read_text(path, limits::VALUE).map_err(|error| {
        let hint = if error.is_missing() {
            "put the secret into it, and let only the account that runs Footman read it"
        } else {
            error.hint()
        };
        Unusable { why: format!("the file {shown} {error}"), hint: hint.to_owned() }
    })?;
    match secret::other_readers(path) {
        None => Ok(text),
        Some(who) => Err(Unusable {
            why: format!(
                "the secret in {shown} can be read by {who}, and anyone who reads it can act in the tenant"
            ),
            hint: secret::restricting(path),
        }),
    }
}

/// The secret in a text; the error is its problem, and what to do.
pub(crate) fn sound(text: &str) -> Result<Secret, (&'static str, &'static str)> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_sendable = text.chars().all(|c| c.is_ascii_graphic());
    if text.is_empty() || !is_sendable {
        let what = if text.is_empty() { "is empty" } else { "has characters that no key has" };
        return Err((what, "copy it again as Qlik Cloud shows it, and nothing else"));
    }
    Ok(Secret::new(text))
}

/// Whether a text is a secret rather than the name of a variable or of a stored secret.
pub(crate) fn is_secret(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_random = text.len() >= RANDOM && is_plain && has_digit;
    is_random || text.starts_with("eyJ") || text.len() > 100 || text.contains('.')
}
