//! Pure. Secrets in URLs outside parameters: users with passwords, webhooks.

use crate::redact::looks;
use crate::redact::spans::Spans;
use crate::redact::values;

/// Webhooks with the secret in the path, and the number of path segments to keep.
const WEBHOOKS: &[(&str, usize)] = &[
    ("hooks.slack.com/services/", 0),
    ("hooks.slack.com/workflows/", 0),
    ("hooks.slack.com/triggers/", 0),
    (".webhook.office.com/webhookb2/", 0),
    ("outlook.office.com/webhook/", 0),
    ("outlook.office365.com/webhook/", 0),
    ("discord.com/api/webhooks/", 1),
    ("discordapp.com/api/webhooks/", 1),
    ("hooks.zapier.com/hooks/catch/", 0),
    ("maker.ifttt.com/trigger/", 3),
    ("hook.eu1.make.com/", 0),
    ("hook.integromat.com/", 0),
    ("events.pagerduty.com/integration/", 0),
    ("hc-ping.com/", 0),
    ("webhook.site/", 0),
    ("oapi.dingtalk.com/robot/send?access_token=", 0),
    ("open.feishu.cn/open-apis/bot/v2/hook/", 0),
    ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", 0),
];

/// Schemes whose URLs have no user.
const OTHERS: &[&str] = &["lib", "file"];

/// The most bytes of a host with the first segments of its path.
const HOST: usize = 320;

/// The most bytes of a URL that are examined.
const LONGEST: usize = 2 * 1024;

fn is_end(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "\"'`<>|\\".contains(c)
}

/// Hides the secrets of the URL whose `://` is at `at`. Returns the number of bytes examined.
pub(crate) fn hide(text: &str, at: usize, spans: &mut Spans) -> usize {
    let scheme = text[..at]
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+')
        .next()
        .unwrap_or_default();
    if OTHERS.contains(&scheme.to_ascii_lowercase().as_str()) {
        return 0;
    }
    let start = at + 3;
    let stop = text.floor_char_boundary(start + LONGEST);
    let end = text[start..stop].find(is_end).map_or(stop, |len| start + len);
    user(text, start, end, spans);
    webhook(text, start, end, spans);
    end - start
}

fn user(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let url = &text[start..end];
    let Some(at) = last_at(url) else { return };
    let before = &url[..at];
    let Some((user, pass)) = before.split_once(':') else {
        let odd = before.len() > 19
            || (before.len() > 7
                && values::is_odd(before)
                && before.bytes().any(|c| c.is_ascii_digit()));
        if odd && !before.contains(['/', '?']) {
            spans.hide(text, start, start + at);
        }
        return;
    };
    let port = pass.split(['/', '?', '#', ';']).next().unwrap_or_default();
    let is_port = pass.len() > port.len() && port.bytes().all(|byte| byte.is_ascii_digit());
    if !is_port && !user.contains(['/', '?', '#']) && !values::is_stand_in(pass) {
        spans.hide(text, start + user.len() + 1, start + at);
    }
}

/// The `@` before the host: the last one before the path, else the last one.
fn last_at(url: &str) -> Option<usize> {
    let path = url.find(['/', '?', '#']).unwrap_or(url.len());
    url[..path].rfind('@').or_else(|| url.rfind('@'))
}

/// `%3A%2F%2Fsvc%3Apw%40host`, from after the slashes.
pub(crate) fn encoded_user(text: &str, start: usize, spans: &mut Spans) {
    let stop = text.floor_char_boundary(start + LONGEST);
    let end = text[start..stop].find(is_end).map_or(stop, |len| start + len);
    let lower = text[start..end].to_ascii_lowercase();
    let stop = lower.find("%2f").unwrap_or(lower.len());
    let Some(at) = lower[..stop].rfind("%40") else { return };
    if let Some(colon) = lower[..at].find("%3a") {
        spans.hide(text, start + colon + 3, start + at);
    }
}

fn webhook(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let url = &text[start..end];
    // The host is at the beginning, or after another URL that contains it.
    let lower = url[..url.floor_char_boundary(HOST)].to_ascii_lowercase();
    for (host, shown) in WEBHOOKS {
        let Some(found) = lower.find(host) else { continue };
        let mut from = found + host.len();
        for _ in 0..*shown {
            from = url[from..].find('/').map_or(url.len(), |len| from + len + 1);
        }
        spans.hide(text, start + from, start + url.trim_end_matches(['.', ',', ')', ';']).len());
        return;
    }
    unknown_webhook(text, start, url, spans);
}

/// `https://host/hook/X`, and any path of the variable of a webhook: what looks random in it.
fn unknown_webhook(text: &str, start: usize, url: &str, spans: &mut Spans) {
    let lead = &text[values::line_start(text, start)..start];
    let lead = lead[lead.ceil_char_boundary(lead.len().saturating_sub(60))..].to_ascii_lowercase();
    let mut is_hook = lead.contains("hook");
    let mut at = start;
    for (n, segment) in url.split('/').enumerate() {
        let bare = segment.split(['?', '#']).next().unwrap_or_default();
        let bare = looks::without_end(bare);
        if n > 0 && is_hook && (looks::is_strict(bare) && bare.len() > 7 || looks::is_guid(bare)) {
            spans.hide(text, at, at + bare.len());
        }
        let lower = segment.to_ascii_lowercase();
        is_hook |= n > 0
            && [
                "hook",
                "hooks",
                "webhook",
                "webhooks",
                "incoming",
                "incomingwebhook",
                "webhookb2",
                "catch",
            ]
            .contains(&lower.as_str());
        at += segment.len() + 1;
    }
}

/// Everything after the host of each URL.
pub(crate) fn beyond_hosts(text: &str) -> Vec<(usize, usize)> {
    let mut covered = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("://") {
        let start = from + found + 3;
        let host = text[start..]
            .find(|c: char| !c.is_alphanumeric() && !".-:[]".contains(c))
            .map_or(text.len(), |len| start + len);
        let end = text[start..]
            .find(|c: char| c.is_whitespace() || c.is_control() || "\"'`<>".contains(c))
            .map_or(text.len(), |len| start + len);
        if host < end && &text[host..end] != crate::redact::REDACTED {
            covered.push((host, end));
        }
        from = end.max(host);
    }
    covered
}

/// JSON web tokens: three parts of base64, of which the first begins with `{"`.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    const SHORTEST: usize = 20;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let ends = move |at: usize| {
        let rest = &text[at..];
        at + rest.find(|c: char| !is_part(c)).unwrap_or(rest.len())
    };
    let begins = move |at: usize| !text[..at].ends_with(is_part);
    let found = text.match_indices("eyJ").map(|(at, _)| at).filter(move |at| begins(*at));
    found.map(move |at| (at, ends(at))).filter(|(start, end)| end - start >= SHORTEST)
}
