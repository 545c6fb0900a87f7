//! Pure. Every key of `footman.toml`: the single source of the documentation and the hints.

/// One key and its documentation.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted; `NAME` is a placeholder for a name chosen by the operator; list indexes are omitted.
    pub path: &'static str,
    /// The accepted values, in words.
    pub form: &'static str,
    /// The value if the key is absent, in words or as it would be written.
    pub default: &'static str,
    pub meaning: &'static str,
}

const fn key(
    path: &'static str,
    form: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Key {
    Key { path, form, default, meaning }
}

const WORDS: &str = "word or list: exact, glob or `/regex/`";

/// Every key, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(
        "environment",
        "text",
        "none",
        "Shown on every card, part of an incident's identity, and a matcher in routes. `FOOTMAN_ENVIRONMENT` overrides it.",
    ),
    key(
        "log-root",
        "folder",
        "`%ProgramData%\\Qlik\\Sense\\Log` where it exists",
        "The folder `Log` of Qlik Sense. `--log-root` overrides it.",
    ),
    key(
        "state-dir",
        "folder",
        "`%ProgramData%\\Footman\\state` or `/var/lib/footman`",
        "Where positions, incidents and pending cards are kept; a local disk. `--state-dir` overrides it.",
    ),
    key(
        "site-url",
        "https address",
        "the name in `Host.cfg`",
        "Where people open Qlik Sense, for the links on cards.",
    ),
    key(
        "timezone",
        "IANA name",
        "the machine's",
        "The time zone that times are shown in, such as `Europe/Stockholm`.",
    ),
    key(
        "start",
        "`end`, `beginning` or an age",
        "`end`",
        "Where reading begins in files that are already there when their folder is followed for the first time. An age such as `2h` reads files changed within it from their beginning.",
    ),
    key(
        "on-state-loss",
        "`end`, `beginning` or an age",
        "`1h`",
        "Where reading begins after a damaged state was replaced. An age reports again what was found within it; `end` reports nothing twice and may miss what was written meanwhile.",
    ),
    key(
        "patterns",
        "folder",
        "`patterns` beside this file, if it exists",
        "Patterns that add to the built-in ones or replace them.",
    ),
    key(
        "templates",
        "folder",
        "`templates` beside this file, if it exists",
        "Card templates that replace the built-in ones.",
    ),
    key(
        "channel.NAME.webhook-env",
        "name of a variable",
        "none",
        "The environment variable that holds the webhook URL. `FOOTMAN_TEAMS_WEBHOOK` is the URL of the channel `default` without any of this.",
    ),
    key(
        "channel.NAME.webhook-file",
        "file",
        "none",
        "The file that holds the webhook URL and nothing else. A channel with neither is local.",
    ),
    key(
        "channel.NAME.pace.burst",
        "number from 1",
        "`4`",
        "Number of cards that may be sent at once.",
    ),
    key("channel.NAME.pace.every", "time", "`15s`", "After a burst, the time between two cards."),
    key(
        "channel.NAME.pace.share",
        "number from 1",
        "`1`",
        "Number of nodes that post to the same webhook; each takes its share of the pace.",
    ),
    key(
        "incident.settle",
        "time, at most `15s`",
        "`3s`",
        "How long a failed reload waits for its script log before the card is built.",
    ),
    key(
        "incident.repeat",
        "time",
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
        "route.channel",
        "channel or list of channels",
        "required",
        "Where a notice that matches goes.",
    ),
    key(
        "route.continue",
        "`true` or `false`",
        "`false`",
        "Whether the routes below are evaluated too.",
    ),
    key(
        "page.listen",
        "address and port",
        "no page",
        "Where the local page is served, such as `127.0.0.1:8640`.",
    ),
    key(
        "node.services",
        "`true` or `false`",
        "`true`",
        "Whether the Windows services of Qlik Sense that start automatically are watched.",
    ),
    key(
        "node.others",
        "machine or list of machines",
        "none",
        "Other machines whose services are watched from here; the account needs permission to query them. One agent for each machine is enough.",
    ),
    key(
        "node.settle",
        "time",
        "`30s`",
        "How long a service must be stopped, or running again, before a card is sent; shorter restarts are only counted.",
    ),
    key(
        "node.folders",
        "folder or list of folders",
        "none",
        "Further folders whose disks or shares are measured, such as the Qlik Sense share; those of logs, data and state always are.",
    ),
    key(
        "node.disk",
        "percent from 1 to 100, `0` is off",
        "`90`",
        "Usage, in percent, above which a disk that holds logs or state causes a card.",
    ),
    key(
        "node.memory",
        "percent from 1 to 100, `0` is off",
        "`95`",
        "Memory usage, in percent, above which a card is sent.",
    ),
    key(
        "node.processor",
        "percent from 1 to 100, `0` is off",
        "`95`",
        "Processor usage, in percent, above which a card is sent.",
    ),
    key(
        "node.steady",
        "time",
        "`10m`",
        "How long such a value must stay above its limit, and then 5 points below it.",
    ),
    key(
        "node.certificates",
        "time, `0s` is off",
        "`30d`",
        "How long before a Qlik Sense certificate expires a card is sent; another follows a week before, and one after it has expired.",
    ),
    key(
        "log.folder",
        "folder",
        "`log` beside the state folder",
        "Footman's own log, one file for each day and each 5 MB.",
    ),
    key(
        "log.level",
        "`error`, `warn`, `info`, `debug` or `trace`",
        "`info`",
        "How detailed that log is.",
    ),
];

/// The keys allowed in the table at `path`.
pub(in crate::config) fn inside(path: &[String]) -> Vec<&'static str> {
    let mut found: Vec<&str> = KEYS.iter().filter_map(|key| step_after(key.path, path)).collect();
    found.dedup();
    found
}

/// The full paths of the keys whose last part is `name`.
pub(in crate::config) fn named(name: &str) -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.path).filter(move |path| path.rsplit('.').next() == Some(name))
}

/// Whether a part of a known path matches the written one.
pub(in crate::config) fn accepts(known: &str, written: &str) -> bool {
    known == "NAME" || known == written
}

fn step_after(known: &'static str, path: &[String]) -> Option<&'static str> {
    let mut steps = known.split('.');
    path.iter().all(|step| steps.next().is_some_and(|known| accepts(known, step))).then_some(())?;
    steps.next()
}
