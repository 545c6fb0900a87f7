//! Pure. Checks the tenants of Qlik Cloud in a configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use crate::config::load::is_secret;
use crate::config::tenant::tenant_url;
use crate::config::{CloudConfig, Config, Problem, SecretSource, Written, is_name};

/// The tenant's limit counts all requests of one user.
const SHORTEST: Duration = Duration::from_secs(1);
/// Later, a card helps nobody.
const LONGEST: Duration = Duration::from_hours(1);

/// Each tenant is watched once.
pub(crate) fn tenants_differ(config: &Config, written: &Written) -> Vec<Problem> {
    let mut known: BTreeMap<Url, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, cloud) in &config.cloud {
        let Some(Ok(url)) = cloud.tenant_url.as_deref().map(tenant_url) else { continue };
        if let Some(other) = known.get(&url) {
            let message = format!("`{name}` and `{other}` are the same tenant");
            let hint = "keep one of the two sections: each failure would be reported twice";
            problems.push(written.problem_at(&["cloud", name, "tenant-url"], &message, hint));
        } else {
            known.insert(url, name);
        }
    }
    problems
}

pub(crate) fn tenant_is_sound(name: &str, cloud: &CloudConfig, written: &Written) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |key: &str, message: &str, hint: &str| {
        problems.push(written.problem_at(&["cloud", name, key], message, hint));
    };
    if !is_name(name) {
        let message = format!("`{name}` cannot be the name of a tenant");
        report("", &message, "use letters, digits, `-` and `_`");
    }
    match cloud.tenant_url.as_deref().map(tenant_url) {
        None => report(
            "",
            "the tenant has no tenant-url",
            "write tenant-url = \"https://…\", the address at which people open Qlik Cloud",
        ),
        Some(Err((message, hint))) => report("tenant-url", message, hint),
        Some(Ok(_)) => {}
    }
    let (of_key, of_client) = (cloud.key_sources(), cloud.client_sources());
    for sources in [&of_key, &of_client] {
        if let [one, other, ..] = sources.as_slice() {
            let message = format!("{} and {} are both given", one.key(), other.key());
            report(other.key(), &message, "keep one of them");
        }
        for source in sources {
            name_is_a_name(source, &mut report);
        }
    }
    let (has_key, has_secret) = (!of_key.is_empty(), !of_client.is_empty());
    match (has_key, cloud.client_id.is_some(), has_secret) {
        (true, true, _) | (true, _, true) => report(
            "",
            "the tenant has an API key and an OAuth client",
            "keep one of them; the client is better: its rights are its own, and its tokens expire",
        ),
        (false, true, false) => report(
            "client-id",
            "client-id is given without its secret",
            "name the secret's variable with client-secret-env, its file with client-secret-file, or a stored secret with client-secret-secret",
        ),
        (false, false, true) => report(
            "",
            "the client's secret is given without client-id",
            "write client-id as Qlik Cloud shows it",
        ),
        (false, false, false) => report(
            "",
            "the tenant has neither an API key nor an OAuth client",
            "write api-key-file, or client-id and client-secret-file (or -env, -secret); docs/cloud.md has the steps",
        ),
        (true, false, false) | (false, true, true) => {}
    }
    let every = cloud.every;
    if every.0 < SHORTEST || every.0 > LONGEST {
        let message = format!("every is {every}, which is not between 1s and 1h");
        report("every", &message, "30 seconds are usual: write \"30s\"");
    }
    problems
}

/// A secret in place of a name is not repeated.
fn name_is_a_name(source: &SecretSource<'_>, report: &mut impl FnMut(&str, &str, &str)) {
    match source {
        SecretSource::Variable { key, name } if is_secret(name) => report(
            key,
            &format!("{key} is the name of a variable, not the secret itself"),
            "put the secret into the variable: it does not belong in this file; revoke this one, since others may have read it",
        ),
        SecretSource::Secret { key, name } if is_secret(name) => report(
            key,
            &format!("{key} is the name of a stored secret, not the secret itself"),
            "revoke this one, since others may have read it, and store a new one with `footman secret set NAME`: it does not belong in this file",
        ),
        SecretSource::Secret { key, name } if !is_name(name) => report(
            key,
            &format!("`{name}` cannot be the name of a secret"),
            "use letters, digits, `-` and `_`",
        ),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
