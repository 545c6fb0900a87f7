//! Pure. Every key of `footman.toml`: the single source of the documentation and the hints.

use std::time::Duration;

use crate::config::KeyForm;
use crate::config::period::Period;

/// One key and its documentation.
#[derive(Clone, Copy, Debug)]
pub struct ConfigKey {
    /// Dotted; `NAME` is a placeholder for a name chosen by the operator; list indexes are omitted.
    pub path: &'static str,
    pub form: KeyForm,
    /// The value if the key is absent, in words or as it would be written.
    pub default: &'static str,
    pub meaning: &'static str,
}

const fn key(
    path: &'static str,
    form: KeyForm,
    default: &'static str,
    meaning: &'static str,
) -> ConfigKey {
    ConfigKey { path, form, default, meaning }
}

const WORDS: KeyForm = KeyForm::Other("word or list: exact, glob or `/regex/`");

const SECOND: Period = Period(Duration::from_secs(1));
const HOUR: Period = Period(Duration::from_hours(1));
const DAY: Period = Period(Duration::from_hours(24));

/// Every key, in the order of the documentation.
pub const KEYS: &[ConfigKey] = &[
    key(
        "environment",
        KeyForm::Other("text"),
        "none",
        "Shown on every card, part of an incident's identity, and a matcher in routes. `FOOTMAN_ENVIRONMENT` overrides it.",
    ),
    key(
        "log-root",
        KeyForm::Folder,
        "`%ProgramData%\\Qlik\\Sense\\Log` where it exists",
        "The folder `Log` of Qlik Sense. `--log-root` overrides it.",
    ),
    key(
        "state-dir",
        KeyForm::Folder,
        "`%ProgramData%\\Footman\\state` or `/var/lib/footman`",
        "Where positions, incidents and pending cards are kept; a local disk, not in the log root. `--state-dir` overrides it.",
    ),
    key(
        "site-url",
        KeyForm::Other("https address"),
        "the name in `Host.cfg`",
        "Where people open Qlik Sense, for the links on cards.",
    ),
    key(
        "timezone",
        KeyForm::Other("IANA name"),
        "the machine's",
        "The time zone that times are shown in, such as `Europe/Stockholm`.",
    ),
    key(
        "language",
        KeyForm::Other("`en` or `de`"),
        "`en`",
        "The language of cards, of the page and of the report. The command line is in English.",
    ),
    key(
        "start",
        KeyForm::Other("`end`, `beginning` or an age"),
        "`end`",
        "Where reading begins in files that are already there when their folder is followed for the first time. An age such as `2h` reads files changed within it from their beginning.",
    ),
    key(
        "on-state-loss",
        KeyForm::Other("`end`, `beginning` or an age"),
        "`1h`",
        "Where reading begins after a damaged state was replaced. An age reports again what was found within it; `end` reports nothing twice and may miss what was written meanwhile.",
    ),
    key(
        "patterns",
        KeyForm::Folder,
        "`patterns` beside this file, if it exists",
        "Patterns that add to the built-in ones or replace them.",
    ),
    key(
        "templates",
        KeyForm::Folder,
        "`templates` beside this file, if it exists",
        "Card templates that replace the built-in ones.",
    ),
    key(
        "channel.NAME.kind",
        KeyForm::Other("`teams`, `flow` or `local`"),
        "`teams` with a webhook, `local` without",
        "`flow` is for the flow that `footman teams flow write` writes: one incident is one [thread](threads.md).",
    ),
    key(
        "channel.NAME.webhook-env",
        KeyForm::NameOf("a variable"),
        "none",
        "The environment variable that holds the webhook URL. If `FOOTMAN_TEAMS_WEBHOOK` is set, it is the URL of the channel `default`, whatever else is named here.",
    ),
    key(
        "channel.NAME.webhook-file",
        KeyForm::File,
        "none",
        "The file that holds the webhook URL and nothing else. A channel without any webhook is local.",
    ),
    key(
        "channel.NAME.webhook-secret",
        KeyForm::NameOf("a stored secret"),
        "none",
        "The secret that holds the webhook URL; `footman secret set` stores it.",
    ),
    key(
        "channel.NAME.webhook-env-next",
        KeyForm::NameOf("a variable"),
        "none",
        "While a webhook is replaced: the variable with the new URL. It is used as soon as the first one is refused.",
    ),
    key(
        "channel.NAME.webhook-file-next",
        KeyForm::File,
        "none",
        "The same: the file with the new URL.",
    ),
    key(
        "channel.NAME.webhook-secret-next",
        KeyForm::NameOf("a stored secret"),
        "none",
        "The same: the stored secret with the new URL.",
    ),
    key(
        "channel.NAME.proxy",
        KeyForm::Other("address such as `http://proxy.example.com:8080`"),
        "that of the machine",
        "The proxy to this channel, without a user name and a password.",
    ),
    key(
        "channel.NAME.ca-file",
        KeyForm::File,
        "none",
        "A PEM file with certificates of authorities that this channel trusts besides those of the machine.",
    ),
    key(
        "channel.NAME.fallback",
        KeyForm::Other("channel"),
        "none",
        "The channel that gets the cards of this one while this one is unavailable; each card says so.",
    ),
    key(
        "channel.NAME.fallback-after",
        KeyForm::TIME,
        "`15m`",
        "How long this channel must have accepted nothing before its cards go there.",
    ),
    key(
        "channel.NAME.language",
        KeyForm::Other("`en` or `de`"),
        "`language`",
        "The language of its cards.",
    ),
    key(
        "channel.NAME.templates",
        KeyForm::Folder,
        "none",
        "Card templates of this channel; kinds without one there have the card of the other channels.",
    ),
    key(
        "channel.NAME.waiting-card",
        KeyForm::Other("`true` or `false`"),
        "`false`",
        "For the flow that `footman teams flow write --waiting` writes: cards of problems have a button by which somebody [takes](waiting-cards.md) them, in Teams only.",
    ),
    key(
        "channel.NAME.pace.burst",
        KeyForm::Number,
        "`4`",
        "Number of cards that may be sent at once.",
    ),
    key(
        "channel.NAME.pace.every",
        KeyForm::TIME,
        "`15s`",
        "After a burst, the time between two cards.",
    ),
    key(
        "channel.NAME.pace.share",
        KeyForm::Number,
        "`1`",
        "Number of nodes that post to the same webhook; each takes its share of the pace.",
    ),
    key(
        "cloud.NAME.tenant-url",
        KeyForm::Other("`https://…`, or `http://` and a loopback address"),
        "required",
        "The address of a tenant of Qlik Cloud, as people open it. Failed reloads of its apps are found by polling; see [Qlik Cloud](cloud.md).",
    ),
    key(
        "cloud.NAME.api-key-env",
        KeyForm::NameOf("a variable"),
        "none",
        "The environment variable that holds an API key of a user with the role Tenant Admin.",
    ),
    key(
        "cloud.NAME.api-key-file",
        KeyForm::File,
        "none",
        "The file that holds that key and nothing else. It is read again when it changes.",
    ),
    key(
        "cloud.NAME.api-key-secret",
        KeyForm::NameOf("a stored secret"),
        "none",
        "The secret that is that key; `footman secret set` stores it, and a new one takes effect within seconds.",
    ),
    key(
        "cloud.NAME.client-id",
        KeyForm::Other("text"),
        "none",
        "The id of an OAuth client (machine to machine), in place of an API key.",
    ),
    key(
        "cloud.NAME.client-secret-env",
        KeyForm::NameOf("a variable"),
        "none",
        "The environment variable that holds the client's secret.",
    ),
    key(
        "cloud.NAME.client-secret-file",
        KeyForm::File,
        "none",
        "The file that holds the client's secret and nothing else. It is read again when it changes.",
    ),
    key(
        "cloud.NAME.client-secret-secret",
        KeyForm::NameOf("a stored secret"),
        "none",
        "The stored secret that is the client's secret; `footman secret set` stores it, and a new one takes effect within seconds.",
    ),
    key(
        "cloud.NAME.every",
        KeyForm::Time { least: Some(SECOND), most: Some(HOUR) },
        "`30s`",
        "The time between two polls. At `30s`, a tenant takes three to five of the thousand requests that its user may make in a minute.",
    ),
    key(
        "cloud.NAME.start",
        KeyForm::Other("`end`, `beginning` or an age"),
        "`end`",
        "Which reloads are reported at the very first start: `end` reports what ends from now on, an age such as `2h` also what ended within it.",
    ),
    key(
        "incident.settle",
        KeyForm::Time { least: None, most: Some(Period(Duration::from_secs(15))) },
        "`3s`",
        "How long a failed reload waits for its script log before the card is built.",
    ),
    key(
        "incident.repeat",
        KeyForm::TIME,
        "`4h`",
        "How long further failures of an open incident are only counted before its card is repeated.",
    ),
    key(
        "route.match.kind",
        WORDS,
        "any",
        "The kind of the notice, such as `reload-failed` or `reload-*`.",
    ),
    key("route.match.severity", WORDS, "any", "`info`, `warning`, `error` or `critical`."),
    key("route.match.environment", WORDS, "any", "The environment of this node."),
    key("route.match.app", WORDS, "any", "Name or id of the app."),
    key("route.match.task", WORDS, "any", "Name or id of the task."),
    key(
        "route.match.stream",
        WORDS,
        "any",
        "The stream of the app, if a pattern of yours captures it as `stream`.",
    ),
    key("route.match.tenant", WORDS, "any", "The tenant of Qlik Cloud, by its name in this file."),
    key("route.match.space", WORDS, "any", "The space of the app in its tenant."),
    key("route.match.tag", WORDS, "any", "A tag of the app in its tenant."),
    key("route.match.node", WORDS, "any", "The node that wrote the row."),
    key("route.match.user", WORDS, "any", "`DIRECTORY\\user`."),
    key(
        "route.match.error-class",
        WORDS,
        "any",
        "The class of the error that ended a reload, such as `login-failed` or `database-*`; `footman patterns errors` lists them.",
    ),
    key(
        "route.match.connection",
        WORDS,
        "any",
        "The data connection that the script opened last before it failed.",
    ),
    key(
        "route.match.pattern",
        WORDS,
        "any",
        "The id of the pattern, such as `reload-*`; `footman patterns list` lists them.",
    ),
    key(
        "route.channel",
        KeyForm::Other("channel or list of channels"),
        "that of the route around it, else required",
        "Where a notice that matches goes.",
    ),
    key(
        "route.continue",
        KeyForm::Other("`true` or `false`"),
        "`false`",
        "Whether the routes below are evaluated too.",
    ),
    key(
        "route.when",
        KeyForm::Other("days and times"),
        "always",
        "When the route applies, such as `Mon-Fri 08:00-18:00`, `22:00-06:00` or `Sat, Sun`.",
    ),
    key(
        "route.timezone",
        KeyForm::Other("IANA name"),
        "that of the route around it, else `timezone`",
        "The time zone of `when`.",
    ),
    key(
        "route.mention",
        KeyForm::Other("person or list of people, such as `anna@example.com`"),
        "that of the route around it, else nobody",
        "Who is mentioned on the cards of problems: sign-in address or Entra object id, with a name if you like: `Anna <anna@example.com>`.",
    ),
    key(
        "route.route",
        KeyForm::Other("routes: `[[route.route]]`"),
        "none",
        "Routes within this one, with the same keys: the first that matches as well decides, and takes from this one what it does not give.",
    ),
    key(
        "maintenance.name",
        KeyForm::Other("text"),
        "required, unique",
        "How cards and lists call the window.",
    ),
    key(
        "maintenance.when",
        KeyForm::Other("days and times"),
        "required",
        "When the window is open, such as `Sun 02:00-06:00`: notices that match are held back and counted; what is still open at its end is named in one card.",
    ),
    key(
        "maintenance.timezone",
        KeyForm::Other("IANA name"),
        "`timezone`",
        "The time zone of `when`.",
    ),
    key(
        "maintenance.match.kind",
        WORDS,
        "any",
        "As in `route.match.kind`. Security is held back only if its kind is named here.",
    ),
    key("maintenance.match.severity", WORDS, "any", "As in `route.match.severity`."),
    key("maintenance.match.environment", WORDS, "any", "As in `route.match.environment`."),
    key("maintenance.match.app", WORDS, "any", "As in `route.match.app`."),
    key("maintenance.match.task", WORDS, "any", "As in `route.match.task`."),
    key("maintenance.match.stream", WORDS, "any", "As in `route.match.stream`."),
    key("maintenance.match.tenant", WORDS, "any", "As in `route.match.tenant`."),
    key("maintenance.match.space", WORDS, "any", "As in `route.match.space`."),
    key("maintenance.match.tag", WORDS, "any", "As in `route.match.tag`."),
    key("maintenance.match.node", WORDS, "any", "As in `route.match.node`."),
    key("maintenance.match.user", WORDS, "any", "As in `route.match.user`."),
    key("maintenance.match.error-class", WORDS, "any", "As in `route.match.error-class`."),
    key("maintenance.match.connection", WORDS, "any", "As in `route.match.connection`."),
    key("maintenance.match.pattern", WORDS, "any", "As in `route.match.pattern`."),
    key(
        "maintenance.reason",
        KeyForm::Other("text"),
        "none",
        "Why; the card at the end of the window and the page show it.",
    ),
    key("escalation.match.kind", WORDS, "any", "As in `route.match.kind`."),
    key("escalation.match.severity", WORDS, "any", "As in `route.match.severity`."),
    key("escalation.match.environment", WORDS, "any", "As in `route.match.environment`."),
    key("escalation.match.app", WORDS, "any", "As in `route.match.app`."),
    key("escalation.match.task", WORDS, "any", "As in `route.match.task`."),
    key("escalation.match.stream", WORDS, "any", "As in `route.match.stream`."),
    key("escalation.match.tenant", WORDS, "any", "As in `route.match.tenant`."),
    key("escalation.match.space", WORDS, "any", "As in `route.match.space`."),
    key("escalation.match.tag", WORDS, "any", "As in `route.match.tag`."),
    key("escalation.match.node", WORDS, "any", "As in `route.match.node`."),
    key("escalation.match.user", WORDS, "any", "As in `route.match.user`."),
    key("escalation.match.error-class", WORDS, "any", "As in `route.match.error-class`."),
    key("escalation.match.connection", WORDS, "any", "As in `route.match.connection`."),
    key("escalation.match.pattern", WORDS, "any", "As in `route.match.pattern`."),
    key(
        "escalation.after",
        KeyForm::TIME,
        "required",
        "The time after the first card of an incident; if nobody has acknowledged it by then and it has not recovered, it is escalated once.",
    ),
    key(
        "escalation.channel",
        KeyForm::Other("channel"),
        "required",
        "The channel that gets a card then.",
    ),
    key(
        "escalation.mention",
        KeyForm::Other("person or list of people, such as `anna@example.com`"),
        "nobody",
        "Who is mentioned on that card.",
    ),
    key(
        "history.keep",
        KeyForm::Time { least: Some(DAY), most: Some(Period(Duration::from_hours(24_000))) },
        "`90d`",
        "How long history and incidents that ended can be looked up; less if their number exceeds what the state may hold.",
    ),
    key(
        "page.listen",
        KeyForm::Other("address and port, `\"\"` is off"),
        "`127.0.0.1:8640`",
        "Where the local page, `/metrics` and `/healthz` are served; if the port is in use, the agent runs without the page and says so. At an address that other machines can reach, only `/r/…`, `/metrics` and `/healthz` are served, over TLS.",
    ),
    key(
        "page.url",
        KeyForm::Other("`https://…`, or `http://` and a loopback address"),
        "none",
        "The address at which people reach the page. With it, each card has a link to acknowledge or silence its incident.",
    ),
    key(
        "page.certificate",
        KeyForm::File,
        "none",
        "The PEM file with the certificate and its chain, for a `page.listen` that other machines can reach.",
    ),
    key(
        "page.key",
        KeyForm::File,
        "none",
        "The PEM file with the private key of that certificate.",
    ),
    key(
        "heartbeat.url-env",
        KeyForm::NameOf("a variable"),
        "none",
        "The environment variable that holds the address of a dead man's switch: a service that raises the alarm when requests stop.",
    ),
    key(
        "heartbeat.url-file",
        KeyForm::File,
        "none",
        "The file that holds that address and nothing else. Without either, no request is sent.",
    ),
    key(
        "heartbeat.every",
        KeyForm::Time { least: Some(Period(Duration::from_millis(100))), most: None },
        "`1m`",
        "The time between two requests; none is sent while reading, committing or delivering does not work.",
    ),
    key(
        "heartbeat.card-every",
        KeyForm::TimeOrOff,
        "`30d`",
        "The time after which a card in each channel says that Footman is alive, which keeps a quiet workflow from being switched off.",
    ),
    key(
        "node.services",
        KeyForm::Other("`true` or `false`"),
        "`true`",
        "Whether the Windows services of Qlik Sense that start automatically are watched.",
    ),
    key(
        "node.others",
        KeyForm::Other("machine or list of machines"),
        "none",
        "Other machines whose services are watched from here; the account needs permission to query them. One agent for each machine is enough.",
    ),
    key(
        "node.settle",
        KeyForm::TIME,
        "`30s`",
        "How long a service must be stopped, or running again, before a card is sent; shorter restarts are only counted.",
    ),
    key(
        "node.folders",
        KeyForm::Folders,
        "none",
        "Further folders whose disks or shares are measured, such as the Qlik Sense share; those of logs, data and state always are.",
    ),
    key(
        "node.disk",
        KeyForm::Percent,
        "`90`",
        "Usage, in percent, above which a disk that holds logs or state causes a card.",
    ),
    key(
        "node.memory",
        KeyForm::Percent,
        "`95`",
        "Memory usage, in percent, above which a card is sent.",
    ),
    key(
        "node.processor",
        KeyForm::Percent,
        "`95`",
        "Processor usage, in percent, above which a card is sent.",
    ),
    key(
        "node.steady",
        KeyForm::TIME,
        "`10m`",
        "How long such a value must stay above its limit, and then 5 points below it.",
    ),
    key(
        "node.certificates",
        KeyForm::TimeOrOff,
        "`30d`",
        "How long before a Qlik Sense certificate expires a card is sent; another follows a week before, and one after it has expired.",
    ),
    key(
        "log.folder",
        KeyForm::Folder,
        "`log` beside the state folder",
        "Footman's own log, one file for each day and each 5 MB; not in the log root.",
    ),
    key(
        "log.level",
        KeyForm::Other("`error`, `warn`, `info`, `debug` or `trace`"),
        "`info`",
        "How detailed that log is.",
    ),
];

/// The same path in a route that is in no other: routes within routes have the same keys.
pub(crate) fn unnested(path: &[String]) -> &[String] {
    let levels = path.iter().take_while(|step| *step == "route").count();
    &path[levels.saturating_sub(1)..]
}

/// The keys allowed in the table at `path`.
pub(crate) fn inside(path: &[String]) -> Vec<&'static str> {
    let path = unnested(path);
    let mut found: Vec<&str> = KEYS.iter().filter_map(|key| step_after(key.path, path)).collect();
    found.dedup();
    found
}

/// The full paths of the keys whose last part is `name`.
pub(crate) fn named(name: &str) -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.path).filter(move |path| path.rsplit('.').next() == Some(name))
}

/// Whether a part of a known path matches the written one.
pub(crate) fn accepts(known: &str, written: &str) -> bool {
    known == "NAME" || known == written
}

fn step_after(known: &'static str, path: &[String]) -> Option<&'static str> {
    let mut steps = known.split('.');
    path.iter().all(|step| steps.next().is_some_and(|known| accepts(known, step))).then_some(())?;
    steps.next()
}
