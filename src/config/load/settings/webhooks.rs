//! I/O. Where the cards of each channel go: its webhook, and the one that replaces it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::config::check::is_url;
use crate::config::limits;
use crate::config::load::settings::{Lookup, variable};
use crate::config::load::{read_text, secret};
use crate::config::{
    Channel, ChannelConfig, ChannelKind, Config, DEFAULT_CHANNEL, DEFAULT_WEBHOOK, Destination,
    FallbackTo, Language, Problem, SecretSource, SettingsNote, Webhook, Which,
};

/// A shorter outage ends before a fallback is worth it.
const FALLBACK_AFTER: Duration = Duration::from_mins(15);

/// A webhook URL and its source.
struct WebhookOrigin {
    /// The key in the file that led to it, if any.
    key: Option<&'static str>,
    /// The source in words, without the URL.
    place: String,
    url: String,
}

impl Lookup<'_> {
    pub(crate) fn channels(&mut self, config: &Config) -> BTreeMap<String, Channel> {
        let mut written = config.channel.clone();
        written.entry(DEFAULT_CHANNEL.to_owned()).or_default();
        let channel = |(name, it): (&String, &ChannelConfig)| {
            let language = it.language.unwrap_or(config.language);
            (name.clone(), self.channel(name, it, language))
        };
        let channels: BTreeMap<_, _> = written.iter().map(channel).collect();
        let is_local = channels[DEFAULT_CHANNEL].destination == Destination::Local;
        if is_local && !self.refused.contains(DEFAULT_CHANNEL) {
            self.notes.push(SettingsNote::NoWebhook);
        }
        channels
    }

    fn channel(&mut self, name: &str, channel: &ChannelConfig, language: Language) -> Channel {
        let before = self.problems.len();
        let webhook = self.of_secret(|it| it.webhook(name, channel, Which::First));
        let is_misplaced = channel.sources(Which::First).iter().any(is_misplaced);
        let is_refused = webhook.is_none() && (self.problems.len() > before || is_misplaced);
        if is_refused {
            self.refused.insert(name.to_owned());
        }
        let next = self.of_secret(|it| it.webhook(name, channel, Which::Next));
        if let (None, false, Some(source)) =
            (&webhook, is_refused, channel.sources(Which::Next).first())
        {
            let message = format!("channel `{name}`: {} is given without a webhook", source.key());
            let hint =
                "name the webhook in use first: `webhook-env`, `webhook-file` or `webhook-secret`";
            self.report(&["channel", name, source.key()], &message, hint);
        }
        let destination = self.destination(name, channel.kind, webhook, is_refused);
        if let Destination::Flow(_) = destination {
            self.notes.extend(
                channel
                    .pace
                    .caution_of_flow()
                    .map(|caution| SettingsNote::FastPace { channel: name.to_owned(), caution }),
            );
        }
        let waiting_card = channel.waiting_card && self.can_wait(name, &destination);
        let connection = self.connection(name, channel);
        let key = ["channel", name, "templates"];
        let templates = channel.templates.as_deref();
        let templates = templates.and_then(|folder| self.folder(&key, Some(folder)));
        Channel {
            destination,
            next,
            connection,
            fallback: fallback(name, channel),
            language,
            templates,
            waiting_card,
            pace: channel.pace,
        }
    }

    /// Whether cards can wait for an answer in this channel; if not, it is reported.
    fn can_wait(&mut self, name: &str, destination: &Destination) -> bool {
        let (message, hint) = match destination {
            Destination::Webhook(_) => return true,
            // Why it has no webhook was already reported.
            Destination::Local if self.refused.contains(name) => return false,
            Destination::Local => (
                format!("channel `{name}` is local, so no card waits in it"),
                "remove the line, or name the webhook of the flow that `footman teams flow write \
                 --waiting` writes",
            ),
            Destination::Flow(_) => (
                format!("channel `{name}` keeps threads, so no card waits in it"),
                "remove the line, or use the flow that `footman teams flow write --waiting` writes, \
                 without `kind = \"flow\"`: a card that waits cannot be updated",
            ),
        };
        self.report(&["channel", name, "waiting-card"], &message, hint);
        false
    }

    /// A channel of a kind that does not fit its webhook is local, and is reported.
    fn destination(
        &mut self,
        name: &str,
        kind: Option<ChannelKind>,
        webhook: Option<Webhook>,
        is_refused: bool,
    ) -> Destination {
        match (kind, webhook) {
            (Some(ChannelKind::Flow), Some(webhook)) => Destination::Flow(webhook),
            (Some(ChannelKind::Teams) | None, Some(webhook)) => Destination::Webhook(webhook),
            (Some(ChannelKind::Local), Some(_)) => {
                let message = format!("channel `{name}` is local, but has a webhook");
                let hint = "remove the webhook, or the kind";
                self.report(&["channel", name, "kind"], &message, hint);
                Destination::Local
            }
            (Some(kind @ (ChannelKind::Flow | ChannelKind::Teams)), None) if !is_refused => {
                let message = format!(
                    "channel `{name}` is of the kind `{}`, but has no webhook",
                    kind.name()
                );
                let hint = "name its webhook: `webhook-env`, `webhook-file` or `webhook-secret`";
                self.report(&["channel", name, "kind"], &message, hint);
                self.refused.insert(name.to_owned());
                Destination::Local
            }
            (_, None) => Destination::Local,
        }
    }

    fn webhook(&mut self, name: &str, channel: &ChannelConfig, which: Which) -> Option<Webhook> {
        let WebhookOrigin { key, place, url } = self.webhook_text(name, channel, which)?;
        match Webhook::parse(&url) {
            Ok(webhook) => {
                let cautions = webhook.cautions();
                self.notes.extend(cautions.into_iter().map(|caution| {
                    SettingsNote::UnusualWebhook { channel: name.to_owned(), caution }
                }));
                Some(webhook)
            }
            Err(refusal) => {
                // No key leads to the URL of the default channel if it comes from a variable.
                let problem = if let Some(key) = key {
                    let message = format!("channel `{name}`, {place}: {refusal}");
                    self.written.problem_at(&["channel", name, key], &message, refusal.hint())
                } else {
                    let message = format!("channel `{name}`: {refusal}");
                    Problem::elsewhere(&place, &message, refusal.hint())
                };
                self.problems.push(problem);
                None
            }
        }
    }

    fn webhook_text(
        &mut self,
        name: &str,
        channel: &ChannelConfig,
        which: Which,
    ) -> Option<WebhookOrigin> {
        if name == DEFAULT_CHANNEL
            && which == Which::First
            && let Some(url) = self.env.get(DEFAULT_WEBHOOK)
        {
            let is_named = channel.webhook_env.as_deref() == Some(DEFAULT_WEBHOOK);
            if let Some(other) = channel.sources(which).first().filter(|_| !is_named) {
                let (channel, key) = (name.to_owned(), other.key());
                self.notes.push(SettingsNote::KeyNotUsed { channel, key });
            }
            let key = is_named.then_some("webhook-env");
            let place = variable(DEFAULT_WEBHOOK);
            return Some(WebhookOrigin { key, place, url: url.trim().to_owned() });
        }
        let source = channel.sources(which).into_iter().next()?;
        // A URL in place of a name was already reported, without repeating it.
        if is_misplaced(&source) {
            return None;
        }
        match source {
            SecretSource::Variable { key, name: variable } => {
                self.webhook_of_variable(name, key, variable)
            }
            SecretSource::File { key, path } => self.webhook_of_file(name, key, path),
            SecretSource::Secret { key, name: secret } => self.webhook_of_secret(name, key, secret),
        }
    }

    fn webhook_of_variable(
        &mut self,
        channel: &str,
        key: &'static str,
        name: &str,
    ) -> Option<WebhookOrigin> {
        let Some(url) = self.env.get(name) else {
            let message = format!("channel `{channel}`: the variable {name} is not set");
            let hint = "set it for the account that runs Footman, and start Footman again";
            self.report(&["channel", channel, key], &message, hint);
            return None;
        };
        Some(WebhookOrigin { key: Some(key), place: variable(name), url: url.trim().to_owned() })
    }

    fn webhook_of_file(
        &mut self,
        channel: &str,
        key: &'static str,
        file: &Path,
    ) -> Option<WebhookOrigin> {
        let path = self.base.join(file);
        self.channel_files.push(path.clone());
        match read_text(&path, limits::VALUE) {
            Ok(text) => {
                if let Some(who) = secret::other_readers(&path) {
                    let message = format!(
                        "channel `{channel}`: the webhook in {} can be read by {who}, and anyone who reads it can post",
                        path.display()
                    );
                    self.report(&["channel", channel, key], &message, &secret::restricting(&path));
                    return None;
                }
                let url = text.trim_start_matches('\u{feff}').trim().to_owned();
                Some(WebhookOrigin {
                    key: Some(key),
                    place: format!("file {}", path.display()),
                    url,
                })
            }
            Err(error) => {
                let message = format!("channel `{channel}`: the file {} {error}", path.display());
                let hint = if error.is_missing() {
                    "put the webhook URL into it, and let only the account that runs Footman read it"
                } else {
                    error.hint()
                };
                self.report(&["channel", channel, key], &message, hint);
                None
            }
        }
    }

    fn webhook_of_secret(
        &mut self,
        channel: &str,
        key: &'static str,
        name: &str,
    ) -> Option<WebhookOrigin> {
        self.channel_files.push(self.store.path(name));
        match self.store.get(name) {
            Ok(text) => {
                let url = text.trim().to_owned();
                Some(WebhookOrigin { key: Some(key), place: format!("secret {name}"), url })
            }
            Err(unusable) => {
                let message = format!("channel `{channel}`: {}", unusable.why);
                self.report(&["channel", channel, key], &message, &unusable.hint);
                None
            }
        }
    }
}

/// `check` reports a channel that is its own fallback.
fn fallback(name: &str, channel: &ChannelConfig) -> Option<FallbackTo> {
    let after = channel.fallback_after.map_or(FALLBACK_AFTER, |after| after.0);
    let other = channel.fallback.clone().filter(|other| other != name)?;
    Some(FallbackTo { channel: other, after })
}

/// Whether the configuration has another value in place of a name; `check` reports it.
fn is_misplaced(source: &SecretSource<'_>) -> bool {
    match source {
        SecretSource::Variable { name, .. } => name.contains("://"),
        SecretSource::Secret { name, .. } => !crate::config::is_name(name),
        SecretSource::File { path, .. } => is_url(path),
    }
}
