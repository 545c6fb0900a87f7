//! Pure. Adds values to the text of a `footman.toml`, and changes nothing else in it.
//!
//! A value replaces its commented line from the example, where the file still has that line. The
//! result is parsed again and is accepted only if it has exactly the intended meaning.

use crate::config::{Config, DEFAULT_CHANNEL, Written};

/// Values to add; keys that the file already has keep their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    pub environment: Option<String>,
    pub log_root: Option<String>,
    /// The file with the webhook of the channel `default`.
    pub webhook_file: Option<String>,
}

/// The text with these values added. `None` if the text cannot be parsed, or if no suitable place
/// for a value was found.
pub fn fill(text: &str, values: &Fill) -> Option<String> {
    let mut text = text.to_owned();
    for (key, value) in [("environment", &values.environment), ("log-root", &values.log_root)] {
        if let Some(value) = value {
            text = put(&text, |config| set(config, key, value), &candidates(&text, key, value))?;
        }
    }
    if let Some(file) = &values.webhook_file {
        text = put(&text, |config| set_webhook(config, file), &channel_candidates(&text, file))?;
    }
    Some(text)
}

/// The first candidate that has the same meaning as the text with the value set.
fn put(text: &str, set: impl Fn(&mut Config), candidates: &[String]) -> Option<String> {
    let mut wanted = understood(text)?;
    let before = wanted.clone();
    set(&mut wanted);
    if wanted == before {
        return Some(text.to_owned());
    }
    candidates.iter().find(|text| understood(text).as_ref() == Some(&wanted)).cloned()
}

fn understood(text: &str) -> Option<Config> {
    let (config, problems) = Config::parse(&Written::new("", text));
    problems.is_empty().then_some(config)
}

fn set(config: &mut Config, key: &str, value: &str) {
    match key {
        "environment" => _ = config.environment.get_or_insert_with(|| value.to_owned()),
        _ => _ = config.log_root.get_or_insert_with(|| value.into()),
    }
}

fn set_webhook(config: &mut Config, file: &str) {
    let channel = config.channel.entry(DEFAULT_CHANNEL.to_owned()).or_default();
    if channel.webhook_env.is_none() && channel.webhook_secret.is_none() {
        channel.webhook_file.get_or_insert_with(|| file.into());
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// In place of its commented line, else at the top.
fn candidates(text: &str, key: &str, value: &str) -> Vec<String> {
    let line = format!("{key} = {}", quoted(value));
    let comment = format!("#{key} =");
    let in_place = with_lines(text, |lines| {
        let at = lines.iter().position(|line| line.starts_with(&comment))?;
        lines[at].clone_from(&line);
        Some(())
    });
    in_place.into_iter().chain([format!("{line}\n{text}")]).collect()
}

/// In the section, in place of its commented lines, else as a new section at the end.
fn channel_candidates(text: &str, file: &str) -> Vec<String> {
    const HEAD: &str = "[channel.default]";
    let line = format!("webhook-file = {}", quoted(file));
    let in_section = with_lines(text, |lines| {
        let at = lines.iter().position(|line| line.trim() == HEAD)?;
        lines.insert(at + 1, line.clone());
        Some(())
    });
    let in_place = with_lines(text, |lines| {
        let at = lines.iter().position(|line| *line == format!("#{HEAD}"))?;
        lines.get(at + 1).filter(|next| next.starts_with("#webhook-env ="))?;
        HEAD.clone_into(&mut lines[at]);
        lines[at + 1].clone_from(&line);
        Some(())
    });
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let at_end = format!("{text}{end}\n{HEAD}\n{line}\n");
    in_section.into_iter().chain(in_place).chain([at_end]).collect()
}

/// The text with its lines changed, if the change finds its place. Line endings are preserved.
fn with_lines(text: &str, change: impl Fn(&mut Vec<String>) -> Option<()>) -> Option<String> {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines)?;
    Some(lines.into_iter().flat_map(|line| [line, line_end.to_owned()]).collect())
}

#[cfg(test)]
mod tests;
