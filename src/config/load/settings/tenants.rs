//! I/O. Resolves the tenants of Qlik Cloud: addresses, and the secrets in variables and files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::load::settings::{Lookup, variable};
use crate::config::load::{limits, read_text, secret};
use crate::config::tenant::{Credentials, Secret, Tenant, tenant_url};
use crate::config::{CloudConfig, Config};

impl Lookup<'_> {
    /// The tenants that can be polled; what is wrong with others is reported.
    pub(crate) fn tenants(&mut self, config: &Config) -> BTreeMap<String, Tenant> {
        let tenants = config.cloud.iter();
        tenants
            .filter_map(|(name, cloud)| Some((name.clone(), self.tenant(name, cloud)?)))
            .collect()
    }

    fn tenant(&mut self, name: &str, cloud: &CloudConfig) -> Option<Tenant> {
        // What is wrong with the address, or which keys are missing, was already reported.
        let url = cloud.tenant_url.as_deref().and_then(|url| tenant_url(url).ok());
        let credentials = self.credentials(name, cloud);
        Some(Tenant {
            url: url?,
            credentials: credentials?,
            secret_file: self.secret_file(cloud),
            every: cloud.every.0,
            start: cloud.start,
        })
    }

    /// The file that holds the secret, if one does.
    fn secret_file(&self, cloud: &CloudConfig) -> Option<PathBuf> {
        let file = match &cloud.client_id {
            None => cloud.api_key_file.as_ref().filter(|_| cloud.api_key_env.is_none()),
            Some(_) => {
                cloud.client_secret_file.as_ref().filter(|_| cloud.client_secret_env.is_none())
            }
        };
        file.map(|file| self.base.join(file))
    }

    fn credentials(&mut self, name: &str, cloud: &CloudConfig) -> Option<Credentials> {
        let Some(id) = &cloud.client_id else {
            let (variable, file) = (&cloud.api_key_env, &cloud.api_key_file);
            let keys = ["api-key-env", "api-key-file"];
            let key = self.secret(name, keys, variable.as_deref(), file.as_deref())?;
            return Some(Credentials::ApiKey(key));
        };
        let (variable, file) = (&cloud.client_secret_env, &cloud.client_secret_file);
        let keys = ["client-secret-env", "client-secret-file"];
        let secret = self.secret(name, keys, variable.as_deref(), file.as_deref())?;
        Some(Credentials::Client { id: id.clone(), secret })
    }

    fn secret(
        &mut self,
        name: &str,
        [of_variable, of_file]: [&str; 2],
        named: Option<&str>,
        file: Option<&Path>,
    ) -> Option<Secret> {
        let (key, place, text) = match (named, file) {
            // A secret in place of a variable name was already reported, without repeating it.
            (Some(text), _) if is_secret(text) => return None,
            (Some(named), _) => {
                let text = self.env.get(named).map(str::to_owned);
                let Some(text) = text else {
                    let message = format!("cloud `{name}`: the variable {named} is not set");
                    let hint = "set it for the account that runs Footman, and start Footman again";
                    self.report(&["cloud", name, of_variable], &message, hint);
                    return None;
                };
                (of_variable, variable(named), text)
            }
            (None, Some(file)) => {
                let path = self.base.join(file);
                let text = self.secret_of_file(name, of_file, &path)?;
                (of_file, format!("file {}", path.display()), text)
            }
            (None, None) => return None,
        };
        match sound(&text) {
            Ok(secret) => Some(secret),
            Err((what, hint)) => {
                let message = format!("cloud `{name}`, {place}: the secret {what}");
                self.report(&["cloud", name, key], &message, hint);
                None
            }
        }
    }

    fn secret_of_file(&mut self, name: &str, key: &str, path: &Path) -> Option<String> {
        match text_of(path) {
            Ok(text) => Some(text),
            Err((what, hint)) => {
                self.report(&["cloud", name, key], &format!("cloud `{name}`: {what}"), &hint);
                None
            }
        }
    }
}

/// The secret of a tenant as its file holds it now; the error is why it cannot be used.
pub(crate) fn tenant_secret(path: &Path) -> Result<Secret, String> {
    let text = text_of(path).map_err(|(what, _)| what)?;
    sound(&text).map_err(|(what, _)| format!("the secret in {} {what}", path.display()))
}

/// The text of the file of a secret; the error is what is wrong with the file, and what to do.
fn text_of(path: &Path) -> Result<String, (String, String)> {
    let shown = path.display();
    let text = read_text(path, limits::VALUE).map_err(|error| {
        let hint = if error.is_missing() {
            "put the secret into it, and let only the account that runs Footman read it"
        } else {
            error.hint()
        };
        (format!("the file {shown} {error}"), hint.to_owned())
    })?;
    match secret::other_readers(path) {
        None => Ok(text),
        Some(who) => Err((
            format!(
                "the secret in {shown} can be read by {who}, and anyone who reads it can act in the tenant"
            ),
            secret::restricting(path),
        )),
    }
}

/// The secret of a text; the error is what is wrong with it, and what to do.
fn sound(text: &str) -> Result<Secret, (&'static str, &'static str)> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_sendable = text.chars().all(|c| c.is_ascii_graphic());
    if text.is_empty() || !is_sendable {
        let what = if text.is_empty() { "is empty" } else { "has characters that no key has" };
        return Err((what, "copy it again as Qlik Cloud shows it, and nothing else"));
    }
    Ok(Secret::new(text))
}

/// Whether a text is a secret rather than the name of a variable.
pub(crate) fn is_secret(text: &str) -> bool {
    text.starts_with("eyJ") || text.len() > 100 || text.contains('.')
}
