//! Pure. Classifies the host of a webhook URL: Workflows, retired, another service, a web page.

/// The service behind a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Serves Workflows webhooks.
    Workflows,
    /// Served the Office 365 connectors.
    Retired,
    /// Accepts messages in a form other than a Teams card.
    Other(&'static str),
    /// Serves web pages and accepts no cards.
    Page(&'static str),
    /// A relay, a government cloud, or a mistake.
    Unknown,
}

/// Hosts of Workflows webhooks, as of 2026.
const WORKFLOWS: [&str; 5] = [
    "logic.azure.com",
    "environment.api.powerplatform.com",
    "api.powerplatform.com",
    "powerautomate.com",
    "flow.microsoft.com",
];

/// Office 365 connectors were switched off in May 2026.
const RETIRED: [&str; 3] = ["webhook.office.com", "outlook.office.com", "outlook.office365.com"];

/// Pages whose address people copy instead of the webhook URL.
const PAGES: [(&str, &str); 7] = [
    ("teams.microsoft.com", "Teams"),
    ("teams.cloud.microsoft", "Teams"),
    ("teams.live.com", "Teams"),
    ("make.powerautomate.com", "Power Automate"),
    ("make.powerapps.com", "Power Apps"),
    ("portal.azure.com", "the Azure portal"),
    ("sharepoint.com", "SharePoint"),
];

/// Other services with webhooks, without those that forward messages to Teams.
const OTHERS: [(&str, &str); 29] = [
    ("slack.com", "Slack"),
    ("slack-gov.com", "Slack"),
    ("discord.com", "Discord"),
    ("discordapp.com", "Discord"),
    ("chat.googleapis.com", "Google Chat"),
    ("webexapis.com", "Webex"),
    ("ciscospark.com", "Webex"),
    ("api.telegram.org", "Telegram"),
    ("graph.facebook.com", "WhatsApp"),
    ("zoom.us", "Zoom"),
    ("pagerduty.com", "PagerDuty"),
    ("opsgenie.com", "Opsgenie"),
    ("atlassian.net", "Atlassian"),
    ("victorops.com", "Splunk On-Call"),
    ("pushover.net", "Pushover"),
    ("ntfy.sh", "ntfy"),
    ("hooks.chime.aws", "Amazon Chime"),
    ("zulipchat.com", "Zulip"),
    ("mattermost.com", "Mattermost"),
    ("rocket.chat", "Rocket.Chat"),
    ("matrix.org", "Matrix"),
    ("dingtalk.com", "DingTalk"),
    ("feishu.cn", "Feishu"),
    ("larksuite.com", "Lark"),
    ("qyapi.weixin.qq.com", "WeCom"),
    ("api.line.me", "LINE"),
    ("api.github.com", "GitHub"),
    ("graph.microsoft.com", "Microsoft Graph"),
    ("hc-ping.com", "Healthchecks"),
];

/// The owner of a host; case and a trailing dot are ignored.
pub(crate) fn owner(host: &str) -> Owner {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let named = |list: &'static [(&str, &str)]| list.iter().find(|(domain, _)| is(domain));
    if RETIRED.iter().any(|domain| is(domain)) {
        Owner::Retired
    } else if let Some((_, name)) = named(&PAGES) {
        Owner::Page(name)
    } else if WORKFLOWS.iter().any(|domain| is(domain)) {
        Owner::Workflows
    } else if let Some((_, name)) = named(&OTHERS) {
        Owner::Other(name)
    } else {
        Owner::Unknown
    }
}
