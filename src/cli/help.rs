//! Pure. The text below each `--help`, and the output of plain `footman`.

use std::fmt::Write as _;

use clap::Command;

/// The output of `footman` without arguments.
pub(crate) const FIRST_STEPS: &str = "\
Footman posts to Microsoft Teams what goes wrong on a Qlik Sense node.

See it work, on this machine alone:
  footman demo

Set it up on a Qlik Sense node:
  footman setup     asks a few questions, posts a test card, starts the service
  footman doctor    checks everything that it needs, and says what to do
  footman status    shows what the agent is doing

All commands: `footman --help`. Two examples of each: `footman COMMAND --help`.";

/// Examples by command: purpose and command line.
const EXAMPLES: &[(&str, [(&str, &str); 2])] = &[
    (
        "run",
        [
            ("Follow the logs of this node", "footman run"),
            ("Follow logs on a share", "footman run --log-root /mnt/qlik/Log"),
        ],
    ),
    (
        "demo",
        [
            ("Watch the demo in a browser", "footman demo"),
            ("With a tenant of Qlik Cloud beside the node", "footman demo --cloud"),
        ],
    ),
    (
        "setup",
        [
            ("Answer a few questions", "footman setup"),
            (
                "From a script; the file holds the webhook URL",
                "footman setup --yes --environment prod --webhook-file webhook-url.txt",
            ),
        ],
    ),
    (
        "service",
        [
            ("Install the Windows service", "footman service install"),
            ("See whether it runs", "footman service status"),
        ],
    ),
    (
        "service install",
        [
            ("As the local system account", "footman service install"),
            ("As a managed account", r"footman service install --account CORP\footman$"),
        ],
    ),
    (
        "service uninstall",
        [
            ("Remove the service", "footman service uninstall"),
            ("See that it is gone", "footman service status"),
        ],
    ),
    (
        "service start",
        [
            ("Start the service", "footman service start"),
            ("See what the agent does then", "footman status"),
        ],
    ),
    (
        "service stop",
        [("Stop the service", "footman service stop"), ("Start it again", "footman service start")],
    ),
    (
        "service status",
        [
            ("See whether the service runs", "footman service status"),
            ("See what the agent does", "footman status"),
        ],
    ),
    (
        "service recover",
        [
            ("Restart after a crash, as installed", "footman service recover"),
            ("See whether the service runs", "footman service status"),
        ],
    ),
    (
        "init",
        [
            ("Write a commented configuration", "footman init"),
            ("Copy one card template to edit it", "footman init --templates reload-failed"),
        ],
    ),
    (
        "check",
        [
            ("Check what is in force", "footman check"),
            ("Check a file before it is put in place", "footman check --config new.toml"),
        ],
    ),
    (
        "doctor",
        [
            ("Check this machine", "footman doctor"),
            ("For a monitoring system", "footman doctor --json"),
        ],
    ),
    (
        "test-send",
        [
            ("Post a card to the default channel", "footman test-send"),
            ("Post one to another channel", "footman test-send sales"),
        ],
    ),
    (
        "preview",
        [
            ("Edit templates with their cards beside", "footman preview"),
            ("One page of some kinds in German", "footman preview --language de --html cards.html"),
        ],
    ),
    (
        "explain",
        [
            ("Why a line is recognized", "footman explain \"Max retries reached\""),
            ("What a log file contains", "footman explain QLIK1_System_Scheduler.txt"),
        ],
    ),
    (
        "replay",
        [
            ("What last week's logs would have sent", "footman replay --since 2026-11-20 logs"),
            ("The same as a page", "footman replay --html report.html logs.zip"),
        ],
    ),
    (
        "patterns",
        [
            ("List the patterns in force", "footman patterns list"),
            ("Show one of them", "footman patterns show reload-failed"),
        ],
    ),
    (
        "patterns list",
        [
            ("List the patterns in force", "footman patterns list"),
            ("As another environment has them", "footman patterns list --environment test"),
        ],
    ),
    (
        "patterns errors",
        [
            ("List the classes of reload errors", "footman patterns errors"),
            ("For a program", "footman patterns errors --json"),
        ],
    ),
    (
        "patterns show",
        [
            ("Show a pattern", "footman patterns show reload-failed"),
            ("As JSON", "footman patterns show reload-failed --json"),
        ],
    ),
    (
        "patterns test",
        [
            ("Run the samples of all patterns", "footman patterns test"),
            ("With a file that is not in place yet", "footman patterns test own.toml"),
        ],
    ),
    (
        "patterns suggest",
        [
            ("From last week's logs", "footman patterns suggest logs"),
            ("Only what is frequent", "footman patterns suggest --at-least 10 logs"),
        ],
    ),
    (
        "patterns schema",
        [
            ("Print the schema", "footman patterns schema"),
            ("Run the samples of your patterns", "footman patterns test"),
        ],
    ),
    (
        "routes",
        [
            ("Where a failed reload goes", "footman routes test kind=reload-failed app=Sales"),
            ("For a program", "footman routes test kind=reload-failed --json"),
        ],
    ),
    (
        "routes test",
        [
            ("Where a failed reload goes", "footman routes test kind=reload-failed app=Sales"),
            (
                "Where it goes on a Saturday",
                "footman routes test kind=reload-failed at=2026-11-28T22:30",
            ),
        ],
    ),
    (
        "incidents",
        [
            ("See what is open", "footman incidents"),
            ("All of a day, as JSON", "footman incidents --all --since 1d --json"),
        ],
    ),
    (
        "show",
        [
            ("See what happened to an incident", "footman show 3f2a91bc"),
            ("For a program", "footman show 3f2a91bc --json"),
        ],
    ),
    (
        "acknowledge",
        [
            ("Take care of an incident", "footman acknowledge 3f2a91bc"),
            (
                "In the name of somebody else, with a note",
                "footman acknowledge 3f2a91bc --by Anna --note \"Calling IT\"",
            ),
        ],
    ),
    (
        "unacknowledge",
        [
            ("Give it back", "footman unacknowledge 3f2a91bc"),
            ("See whether it is acknowledged", "footman show 3f2a91bc"),
        ],
    ),
    (
        "note",
        [
            ("Add what was learned", "footman note 3f2a91bc \"The driver needs a restart\""),
            ("In the name of somebody else", "footman note 3f2a91bc \"Fixed in 4.2\" --by Anna"),
        ],
    ),
    (
        "silence",
        [
            (
                "Silence an app for two hours",
                "footman silence add --app Sales --for 2h --reason moving",
            ),
            ("See what is silenced", "footman silence list"),
        ],
    ),
    (
        "silence add",
        [
            (
                "Silence an app for two hours",
                "footman silence add --app Sales --for 2h --reason moving",
            ),
            (
                "All apps of a name, until the evening",
                "footman silence add --app 'TEST*' --until 18:00 --reason new",
            ),
        ],
    ),
    (
        "silence list",
        [
            ("See what is silenced", "footman silence list"),
            ("Also what was silenced, as JSON", "footman silence list --all --json"),
        ],
    ),
    (
        "silence expire",
        [
            ("End a silence", "footman silence expire 0b7c21de"),
            ("See what is still silenced", "footman silence list"),
        ],
    ),
    (
        "outbox",
        [
            ("See which cards wait or were refused", "footman outbox list"),
            ("See why one was refused", "footman outbox show 3f2a91bc"),
        ],
    ),
    (
        "outbox list",
        [
            ("See which cards wait or were refused", "footman outbox list"),
            ("For a program, without those that were sent", "footman outbox list -n 0 --json"),
        ],
    ),
    (
        "outbox show",
        [
            ("See why a card was refused", "footman outbox show 3f2a91bc"),
            ("For a program", "footman outbox show 3f2a91bc --json"),
        ],
    ),
    (
        "outbox retry",
        [
            ("Send a refused card again", "footman outbox retry 3f2a91bc"),
            ("See whether it was sent", "footman outbox show 3f2a91bc"),
        ],
    ),
    (
        "outbox drop",
        [
            ("Give up a card", "footman outbox drop 3f2a91bc"),
            ("See what is left", "footman outbox list"),
        ],
    ),
    (
        "status",
        [
            ("See what the agent does", "footman status"),
            ("For a monitoring system; ends with 3 if it is not well", "footman status --json"),
        ],
    ),
    (
        "history",
        [
            ("See the last cards, and what was held back", "footman history"),
            ("The cards of an app, as JSON", "footman history --app Sales --cards --json"),
        ],
    ),
    (
        "stats",
        [
            ("See what was noise in the last week", "footman stats --since 7d"),
            ("For a program", "footman stats --json"),
        ],
    ),
    (
        "secret",
        [
            ("Store a webhook URL or an API key, typed unseen", "footman secret set sales"),
            ("What is stored, and where it is used", "footman secret list"),
        ],
    ),
    (
        "secret set",
        [
            ("Type or paste it; it is not shown", "footman secret set sales"),
            ("The API key of a tenant, from a file", "footman secret set acme-key < key.txt"),
        ],
    ),
    (
        "secret list",
        [
            ("Names and where they are used", "footman secret list"),
            ("For a program", "footman secret list --json"),
        ],
    ),
    (
        "teams",
        [
            ("Write the flow for a channel", "footman teams flow write --channel LINK"),
            ("Find out what it can do", "footman teams flow check"),
        ],
    ),
    (
        "teams flow",
        [
            ("Write it for a channel", "footman teams flow write --channel LINK"),
            ("Post a test thread", "footman teams flow check"),
        ],
    ),
    (
        "teams flow write",
        [
            ("From the link that Teams copies", "footman teams flow write --channel LINK"),
            ("The flow whose cards wait", "footman teams flow write --waiting --channel LINK"),
        ],
    ),
    (
        "teams flow check",
        [
            ("Through the channel `default`", "footman teams flow check"),
            ("Through another one", "footman teams flow check sales"),
        ],
    ),
    (
        "secret remove",
        [
            ("Delete what nothing uses any more", "footman secret remove sales-old"),
            ("See what is stored then", "footman secret list"),
        ],
    ),
    (
        "completions",
        [
            ("For PowerShell", "footman completions powershell"),
            ("For bash", "footman completions bash"),
        ],
    ),
];

const VARIABLES: &[(&str, &str)] = &[
    ("FOOTMAN_CONFIG", "the configuration file"),
    ("FOOTMAN_ENVIRONMENT", "overrides `environment` of the configuration"),
    ("FOOTMAN_TEAMS_WEBHOOK", "the webhook URL of the channel `default`"),
    ("HTTPS_PROXY, NO_PROXY", "how Teams is reached"),
    ("NO_COLOR", "no colors on a terminal"),
];

/// Adds examples and variables to the help of a command and of its subcommands.
pub(crate) fn complete(command: Command) -> Command {
    let variables = variables();
    let below = format!("Run `footman COMMAND --help` for examples.\n\n{variables}");
    nested(command, "").after_help(below)
}

fn nested(mut command: Command, path: &str) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let path = format!("{path} {name}");
        let path = path.trim_start();
        command = command.mut_subcommand(&name, |sub| {
            let below = below(path);
            let sub = nested(sub, path);
            if below.is_empty() { sub } else { sub.after_help(below) }
        });
    }
    command
}

fn below(path: &str) -> String {
    let Some((_, examples)) = EXAMPLES.iter().find(|(known, _)| *known == path) else {
        return String::new();
    };
    let mut text = "Examples:\n".to_owned();
    for (purpose, line) in examples {
        _ = writeln!(text, "  {purpose}:\n    {line}");
    }
    format!("{text}\n{}", variables())
}

fn variables() -> String {
    let mut text = "Environment variables:\n".to_owned();
    for (name, meaning) in VARIABLES {
        _ = writeln!(text, "  {name:<22} {meaning}");
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
