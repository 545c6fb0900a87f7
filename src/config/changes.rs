//! Pure. Which keys differ between two configurations, and which take effect without a restart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::config::Config;

/// Whether a change of this key takes effect without a restart.
pub fn is_live(key: &str) -> bool {
    matches!(key, "route" | "maintenance" | "escalation" | "log.level")
        || key.starts_with("incident.")
        || is_of_connection(key)
}

/// Whether the key says where the cards of a channel go, and how.
fn is_of_connection(key: &str) -> bool {
    let key = key.strip_prefix("channel.").and_then(|rest| rest.split_once('.'));
    key.is_some_and(|(_, key)| key.starts_with("webhook-") || matches!(key, "proxy" | "ca-file"))
}

/// The keys that differ, as the file spells them; a list counts as one key.
pub fn changed_keys(before: &Config, after: &Config) -> Vec<String> {
    let is_in_both =
        |channel: &str| before.channel.contains_key(channel) && after.channel.contains_key(channel);
    // An added or removed channel counts as one key, too.
    let named = |key: &str| match key.strip_prefix("channel.").and_then(|it| it.split('.').next()) {
        Some(channel) if !is_in_both(channel) => format!("channel.{channel}"),
        _ => key.to_owned(),
    };
    let (old, new) = (flat(before), flat(after));
    let keys = old.keys().chain(new.keys()).filter(|key| old.get(*key) != new.get(*key));
    keys.map(|key| named(key)).collect::<BTreeSet<_>>().into_iter().collect()
}

fn flat(config: &Config) -> BTreeMap<String, Value> {
    let mut keys = BTreeMap::new();
    let value = serde_json::to_value(config).expect("a configuration holds only text and numbers");
    gather("", value, &mut keys);
    keys
}

fn gather(path: &str, value: Value, keys: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(inside) => {
            for (key, value) in inside {
                let dot = if path.is_empty() { "" } else { "." };
                gather(&format!("{path}{dot}{key}"), value, keys);
            }
        }
        Value::Null => {}
        value => {
            keys.insert(path.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests;
