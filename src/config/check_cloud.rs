//! Pure. Checks the tenants of Qlik Cloud in a configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use crate::config::load::is_secret;
use crate::config::tenant::tenant_url;
use crate::config::{CloudConfig, Config, Problem, Written, is_name};

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
    for (key, variable) in
        [("api-key-env", &cloud.api_key_env), ("client-secret-env", &cloud.client_secret_env)]
    {
        if variable.as_deref().is_some_and(is_secret) {
            report(
                key,
                &format!("{key} is the name of a variable, not the secret itself"),
                "put the secret into the variable: it does not belong in this file; revoke this one, since others may have read it",
            );
        }
    }
    for (first, second, both) in [
        (
            "api-key-env",
            "api-key-file",
            cloud.api_key_env.is_some() && cloud.api_key_file.is_some(),
        ),
        (
            "client-secret-env",
            "client-secret-file",
            cloud.client_secret_env.is_some() && cloud.client_secret_file.is_some(),
        ),
    ] {
        if both {
            report(second, &format!("{first} and {second} are both given"), "keep one of them");
        }
    }
    let has_key = cloud.api_key_env.is_some() || cloud.api_key_file.is_some();
    let has_secret = cloud.client_secret_env.is_some() || cloud.client_secret_file.is_some();
    match (has_key, cloud.client_id.is_some(), has_secret) {
        (true, true, _) | (true, _, true) => report(
            "",
            "the tenant has an API key and an OAuth client",
            "keep one of them; the client is better: its rights are its own, and its tokens expire",
        ),
        (false, true, false) => report(
            "client-id",
            "client-id is given without its secret",
            "name the secret's variable with client-secret-env, or its file with client-secret-file",
        ),
        (false, false, true) => report(
            "",
            "the client's secret is given without client-id",
            "write client-id as Qlik Cloud shows it",
        ),
        (false, false, false) => report(
            "",
            "the tenant has neither an API key nor an OAuth client",
            "write api-key-file, or client-id and client-secret-file; docs/cloud.md has the steps",
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

#[cfg(test)]
mod tests;
