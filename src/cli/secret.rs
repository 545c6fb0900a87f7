//! I/O. `footman secret`: stores, lists and removes secrets. A value is never printed, and never taken
//! from the command line.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::json;

use crate::cli::hint::Refused;
use crate::cli::{End, Global, output, webhook};
use crate::config::load::secret::SecretStore;
use crate::config::load::{Env, is_secret, sound, whereabouts};
use crate::config::{Config, SecretSource, Settings, Webhook, Which, is_name};

/// A longer text may be a secret that was given instead of its name.
const SHORT: usize = 32;

#[derive(clap::Subcommand)]
pub(crate) enum SecretCommand {
    /// Store a secret, or replace it; it is typed unseen or read from standard input
    Set(SetArgs),
    /// List the names of stored secrets, and where they are used
    List(ListSecretsArgs),
    /// Delete a secret that nothing uses
    Remove(RemoveArgs),
}

#[derive(clap::Args)]
pub(crate) struct SetArgs {
    /// How the configuration calls it, as in `webhook-secret = "sales"` or `api-key-secret = "acme"`
    name: String,
    /// Catches a secret that was given here, so that it is not printed as an error.
    #[arg(hide = true, num_args = 0.., allow_hyphen_values = true)]
    misplaced: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct ListSecretsArgs {
    /// One JSON list
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct RemoveArgs {
    /// Which one
    name: String,
}

pub(crate) fn run(global: &Global, command: &SecretCommand) -> Result<End> {
    let (file, _) = whereabouts(&Env::of_process(), &global.flags());
    let store = SecretStore::beside(&file);
    let (settings, _) = global.settings();
    match command {
        SecretCommand::Set(args) => set(&store, &settings, args),
        SecretCommand::List(args) => list(&store, &settings, args),
        SecretCommand::Remove(args) => remove(&store, &settings, args),
    }
}

fn set(store: &SecretStore, settings: &Settings, args: &SetArgs) -> Result<End> {
    if !args.misplaced.is_empty() || is_value(&args.name) {
        let hint = "a command line can be read by others and is kept in the shell's history: the \
                    value is not safe any more; create another one, run `footman secret set NAME` \
                    and paste it";
        let place =
            if args.misplaced.is_empty() { "in the place of a name" } else { "behind the name" };
        return Err(
            Refused::new(format!("nothing was stored: a value was given {place}"), hint).into()
        );
    }
    let name = checked(&args.name)?;
    let refused = |taken: webhook::NotTaken| Refused::new(taken.why, taken.hint);
    let text = webhook::any_secret(&format!("Secret {name} (not shown): ")).map_err(refused)?;
    let keys_of = uses(settings);
    for used in keys_of.get(name).into_iter().flatten() {
        fits(&text, used)?;
    }
    let stored = store.set(name, &text, &settings.state_dir);
    stored.with_context(|| format!("storing the secret in {}", store.path(name).display()))?;
    output::item(&format!("stored in {}", store.path(name).display()));
    match keys_of.get(name) {
        Some(keys) => output::item(&format!(
            "used by {}; a running agent takes it within seconds",
            listed(keys)
        )),
        None => output::item(&format!(
            "nothing uses it yet: write `webhook-secret = \"{name}\"` in the section of a channel, \
             or `api-key-secret` or `client-secret-secret` in that of a tenant"
        )),
    }
    Ok(End::Done)
}

fn list(store: &SecretStore, settings: &Settings, args: &ListSecretsArgs) -> Result<End> {
    let keys_of = uses(settings);
    let stored: BTreeSet<String> =
        store.names().context("listing the stored secrets")?.into_iter().collect();
    let names: BTreeSet<&String> = stored.iter().chain(keys_of.keys()).collect();
    let none = Vec::new();
    if args.json {
        let one = |name: &&String| {
            let keys = keys_of.get(*name).unwrap_or(&none);
            let keys: Vec<&str> = keys.iter().map(|used| used.key.as_str()).collect();
            json!({ "name": name, "stored": stored.contains(*name), "used_by": keys })
        };
        println!("{:#}", names.iter().map(one).collect::<serde_json::Value>());
        return Ok(End::Done);
    }
    if names.is_empty() {
        println!("no secret is stored");
    }
    for name in names {
        let keys = keys_of.get(name).unwrap_or(&none);
        let used = if keys.is_empty() {
            "not used".to_owned()
        } else {
            format!("used by {}", listed(keys))
        };
        let missing = if stored.contains(name) { "" } else { "; not stored" };
        output::field(name, &format!("{used}{missing}"));
    }
    Ok(End::Done)
}

fn remove(store: &SecretStore, settings: &Settings, args: &RemoveArgs) -> Result<End> {
    let name = checked(&args.name)?;
    if !store.path(name).exists() {
        let hint = "`footman secret list` shows what is stored";
        return Err(Refused::new(format!("no secret `{name}` is stored"), hint).into());
    }
    if let Some(keys) = uses(settings).get(name) {
        let what = format!("the secret `{name}` was not removed: {} uses it", listed(keys));
        return Err(Refused::new(what, "remove that line from the configuration first").into());
    }
    let removed = store.remove(name);
    removed.with_context(|| format!("removing {}", store.path(name).display()))?;
    output::item(&format!("removed {}", store.path(name).display()));
    Ok(End::Done)
}

/// Whether a text is a secret rather than the name of one.
fn is_value(text: &str) -> bool {
    webhook::is_url(text) || text.len() >= SHORT && is_secret(text)
}

fn checked(name: &str) -> Result<&str> {
    if is_name(name) {
        return Ok(name);
    }
    let hint = "use letters, digits, `-` and `_`";
    Err(Refused::new("that cannot be the name of a secret", hint).into())
}

/// A key that names a secret.
struct SecretUse {
    /// `channel.sales.webhook-secret`.
    key: String,
    what: Stands,
}

/// What a key uses its secret for.
#[derive(Clone, Copy)]
enum Stands {
    Webhook,
    /// An API key or the secret of a client.
    OfTenant,
}

fn listed(keys: &[SecretUse]) -> String {
    keys.iter().map(|used| used.key.as_str()).collect::<Vec<_>>().join(", ")
}

/// Refuses a text that the key cannot use.
fn fits(text: &str, used: &SecretUse) -> Result<(), Refused> {
    let refused = |why: &str, hint: &str| {
        Refused::new(format!("the secret was not stored: for {}: {why}", used.key), hint)
    };
    match used.what {
        Stands::Webhook => Webhook::parse(text)
            .map(drop)
            .map_err(|refusal| refused(&refusal.to_string(), refusal.hint())),
        Stands::OfTenant => {
            sound(text).map(drop).map_err(|(why, hint)| refused(&format!("it {why}"), hint))
        }
    }
}

/// The keys that name each secret.
fn uses(settings: &Settings) -> BTreeMap<String, Vec<SecretUse>> {
    let (config, _) = Config::parse(&settings.written);
    let of_channels = config.channel.iter().flat_map(|(channel, written)| {
        let sources = Which::ALL.into_iter().flat_map(move |which| written.sources(which));
        sources.map(move |source| ("channel", channel, source, Stands::Webhook))
    });
    let of_tenants = config.cloud.iter().flat_map(|(tenant, written)| {
        let sources = written.key_sources().into_iter().chain(written.client_sources());
        sources.map(move |source| ("cloud", tenant, source, Stands::OfTenant))
    });
    let mut uses: BTreeMap<String, Vec<SecretUse>> = BTreeMap::new();
    for (section, of, source, what) in of_channels.chain(of_tenants) {
        if let SecretSource::Secret { key, name } = source
            && is_name(name)
            && !is_value(name)
        {
            let key = format!("{section}.{of}.{key}");
            uses.entry(name.to_owned()).or_default().push(SecretUse { key, what });
        }
    }
    uses
}
