//! Pure. The product's sentences in English.

mod cards;
mod cloud;
mod conditions;
mod files;

use jiff::civil::Date;
use jiff::{SignedDuration, ZonedDateTime};

use crate::config::Period;
use crate::detection::{Amount, Kind, Severity};
use crate::incident::{EndedSilencer, Flapping, SilenceEnd};
use crate::render::catalog::{Catalog, Labels};
use crate::render::words;

pub(crate) struct English;

const LABELS: Labels = Labels {
    acknowledge: "Acknowledge or silence…",
    acknowledge_only: "Acknowledge…",
    also_back: "Also back",
    also_down: "Also down",
    app: "App",
    automatic: "Automatic",
    before: "Before it",
    channel: "Channel",
    connection: "Connection",
    duration: "Duration",
    effect: "Effect",
    failing: "Failing",
    held_back: "Held back",
    in_a_row: "In a row",
    incident: "Incident",
    last_good: "Last good",
    last_time: "Last time",
    node: "Node",
    note: "Note",
    open_app: "Open app",
    open_qmc: "Open QMC",
    outside_task: "Reloaded from the hub or an editor, outside any task.",
    owner: "Owner",
    script_log: "Script log",
    sent_by: "Sent by",
    service: "Service",
    space: "Space",
    start_type: "Start type",
    started_by: "Started by",
    still_failing: "Still failing",
    stream: "Stream",
    tags: "Tags",
    taken_by: "Taken by",
    task: "Task",
    tasks_in_qmc: "Tasks in QMC",
    test_works: "If you can read this and the five lines of script below, this channel works.",
    unknown: "unknown",
    user: "User",
    usual_duration: "Usual duration",
    was_doing: "Was doing",
    was_down: "Was down",
    was_failing: "Was failing",
    was_up: "Was up",
    what_to_do: "What to do",
};

impl Catalog for English {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn moment(&self, at: &ZonedDateTime) -> String {
        at.strftime("%a %-d %b %Y %H:%M:%S").to_string()
    }

    fn short_moment(&self, at: &ZonedDateTime) -> String {
        at.strftime("%a %-d %b %H:%M").to_string()
    }

    fn day(&self, at: &ZonedDateTime) -> String {
        at.strftime("%-d %b").to_string()
    }

    fn weekday(&self, day: Date) -> String {
        day.strftime("%a %-d %b").to_string()
    }

    fn number(&self, n: u64) -> String {
        words::grouped(n, ',')
    }

    fn date(&self, at: &ZonedDateTime) -> String {
        at.strftime("%-d %B %Y").to_string()
    }

    fn instant(&self) -> &'static str {
        "under 1 s"
    }

    fn period(&self, time: SignedDuration) -> String {
        let time: Period =
            SignedDuration::from_secs(time.as_secs()).try_into().map(Period).unwrap_or_default();
        time.to_string()
    }

    fn amount(&self, amount: &Amount) -> String {
        let bytes = |n| words::bytes(n, '.');
        match amount {
            Amount::Bytes { used, total } => format!("{} of {}", bytes(*used), bytes(*total)),
            Amount::Cores { cores: 1 } => "1 core".to_owned(),
            Amount::Cores { cores } => format!("{cores} cores"),
            Amount::Worded(text) => text.clone(),
        }
    }

    fn ordinal(&self, n: u64) -> String {
        let ending = match (n % 10, n % 100) {
            (_, 11..=13) => "th",
            (1, _) => "st",
            (2, _) => "nd",
            (3, _) => "rd",
            _ => "th",
        };
        format!("{n}{ending}")
    }

    fn services(&self, name: &str, more: usize) -> String {
        self.list(name, more)
    }

    fn list(&self, names: &str, more: usize) -> String {
        if more == 0 { names.to_owned() } else { format!("{names} and {more} more") }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        severity.name()
    }

    fn uncertain(&self) -> &'static str {
        "time uncertain"
    }

    fn counted(&self, n: u32, within: SignedDuration) -> String {
        format!("Found {n} times within {}.", self.period(within))
    }

    fn stopped_by(&self, user: &str) -> String {
        format!("Stopped by {user}")
    }

    fn script_on(&self, place: &str, node: &str) -> String {
        format!(
            "No script log found for this run, looked in {place}. {node} ran it and has the log."
        )
    }

    fn script_not_here(&self, place: &str) -> String {
        format!(
            "No script log found for this run, looked in {place}. If another node ran it, the log \
             is there."
        )
    }

    fn script_missing(&self, place: &str) -> String {
        format!("No script log found for this run, looked in {place}.")
    }

    fn swallowed(&self, n: usize, at_least: bool) -> String {
        let begin = if at_least { "At least " } else { "" };
        let errors = if n == 1 { "error was" } else { "errors were" };
        format!("{begin}{n} earlier {errors} ignored (ErrorMode=0).")
    }

    fn opened(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => format!("Reload failed: {name}"),
            Kind::ReloadAborted => format!("Reload aborted: {name}"),
            Kind::TaskFailed => format!("Task failed: {name}"),
            Kind::TaskNotStarted => format!("Task could not start: {name}"),
            Kind::ReloadRecovered | Kind::ServiceStarted => self.recovered(&self.over(kind, name)),
            Kind::CloudTaskDisabled => format!("Task switched off: {name}"),
            Kind::Performance => titled("Performance", name),
            Kind::Security => titled("Security", name),
            Kind::Service => titled("Qlik service", name),
            Kind::ServiceStopped => format!("Service stopped: {name}"),
            Kind::Agent if name.is_empty() => "Footman needs attention".to_owned(),
            Kind::Agent => name.to_owned(),
            Kind::Heartbeat => format!("Footman is alive: {name}"),
            Kind::Digest => "Several problems, shown as one card".to_owned(),
            Kind::Test => "Test card".to_owned(),
        }
    }

    fn repeated(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => {
                format!("Reload still fails: {name}")
            }
            Kind::ReloadAborted => format!("Reload aborted again: {name}"),
            Kind::TaskFailed => format!("Task still fails: {name}"),
            Kind::TaskNotStarted => format!("Task still cannot start: {name}"),
            Kind::ServiceStopped => format!("Service still stopped: {name}"),
            Kind::CloudTaskDisabled => format!("Task still switched off: {name}"),
            Kind::ReloadRecovered | Kind::ServiceStarted => self.opened(kind, name),
            Kind::Performance | Kind::Security | Kind::Service if !name.is_empty() => {
                format!("Still: {}", begin_low(name))
            }
            _ => format!("Still: {}", self.opened(kind, name)),
        }
    }

    fn over(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::TaskFailed | Kind::TaskNotStarted => format!("{name} runs again"),
            Kind::CloudTaskDisabled => format!("{name} switched on again"),
            Kind::ServiceStopped | Kind::ServiceStarted => format!("{name} running again"),
            Kind::Performance | Kind::Security | Kind::Service | Kind::Agent => {
                self.opened(kind, name)
            }
            _ => format!("{name} reloads again"),
        }
    }

    fn recovered(&self, over: &str) -> String {
        format!("Recovered: {over}")
    }

    fn escalated(&self, opened: &str) -> String {
        format!("Not acknowledged: {opened}")
    }

    fn acknowledged(&self, by: &str, opened: &str) -> String {
        format!("{by} takes care of it: {opened}")
    }

    fn acknowledged_again(&self, by: &str) -> String {
        format!("{by} takes care of it again")
    }

    fn silence(&self, id: &str) -> String {
        format!("silence {id}")
    }

    fn silence_until(&self, id: &str, until: &str, reason: &str) -> String {
        format!("silence {id} until {until}: {reason}")
    }

    fn flapping(&self, title: &str, is_over: bool) -> String {
        if is_over { format!("Flapping ended: {title}") } else { format!("Flapping: {title}") }
    }

    fn after_silence(&self, title: &str) -> String {
        format!("After a silence: {title}")
    }

    fn over_but(&self, title: &str, still_failing: &str) -> String {
        format!("{title}; still failing: {still_failing}")
    }

    fn some_service(&self) -> &'static str {
        "a service of Qlik Sense"
    }

    fn changes(&self, flapping: &Flapping) -> String {
        let Flapping { changes, is_over, .. } = flapping;
        if *is_over {
            format!("It opened or recovered {changes} times; it has been quiet for 30 minutes.")
        } else {
            format!(
                "It opened or recovered {changes} times within 30 minutes. Further changes are \
                 held back until it has been quiet for 30 minutes."
            )
        }
    }

    fn also_open(&self, names: &str) -> String {
        format!("Also still open: {names}.")
    }

    fn silence_ended(&self, end: &SilenceEnd, held_back: u32) -> String {
        let SilenceEnd { of, reason } = end;
        let what = match of {
            EndedSilencer::Window(window) => {
                format!("The maintenance window \u{201c}{window}\u{201d} has ended")
            }
            EndedSilencer::By(by) => format!("A silence by {by} has ended"),
        };
        let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        match held_back {
            0 => format!("{what}{why}."),
            1 => format!("{what}{why}; it held back 1 occurrence."),
            n => format!("{what}{why}; it held back {n} occurrences."),
        }
    }

    fn nth_time(&self, n: u32) -> String {
        format!("{} time", self.ordinal(n.into()))
    }

    fn since_then(&self, since: &str, lasting: Option<&str>) -> String {
        let ago = lasting.map(|lasting| format!(", {lasting} ago")).unwrap_or_default();
        format!(" since {since}{ago}.")
    }

    fn was_failing(&self, lasting: Option<&str>, count: u32, since: &str) -> String {
        let lasting = lasting.map(|lasting| format!("{lasting} · ")).unwrap_or_default();
        let times = if count > 1 { format!("{count} times · ") } else { String::new() };
        format!("{lasting}{times}since {since}")
    }

    fn times(&self, n: u32) -> String {
        if n == 1 { "once".to_owned() } else { format!("{n} times") }
    }

    fn held_back(&self, n: u32) -> String {
        format!("{n} more since the last card")
    }

    fn effects(&self, n: u32) -> String {
        if n == 1 {
            "1 failure on this node was its effect and not posted".to_owned()
        } else {
            format!("{n} failures on this node were its effect and not posted")
        }
    }

    fn sent_by(&self, version: &str, node: &str) -> String {
        format!("sent by footman {version} on {node}")
    }

    fn stopped_since(&self, since: &str) -> String {
        format!("stopped {since}")
    }

    fn running_since(&self, at: &str) -> String {
        format!("running since {at}")
    }

    fn down_for(&self, lasting: &str) -> String {
        format!("down for {lasting}")
    }

    fn ran_since(&self, at: &str) -> String {
        format!("since {at}")
    }

    fn ran_until(&self, at: &str) -> String {
        format!("until {at}")
    }

    fn in_script_line(&self, number: u32) -> String {
        format!("In script line {number}.")
    }

    fn at_statement(&self, number: u32, statement: &str) -> String {
        format!("script line {number}: {statement}")
    }

    fn excerpt_title(&self, lines: Option<(u64, u64)>) -> String {
        match lines {
            Some((first, last)) => format!("Script log, lines {first}–{last}"),
            None => "Script log".to_owned(),
        }
    }

    fn shortened(&self, path: Option<&str>) -> String {
        match path {
            Some(path) => format!("(shortened, full log at {path})"),
            None => "(shortened)".to_owned(),
        }
    }

    fn plain_footer(&self, version: &str, node: &str) -> String {
        format!("plain card · {}", self.sent_by(version, node))
    }

    fn emergency_footer(&self, version: &str) -> String {
        format!("emergency card · at most one an hour · footman {version}")
    }

    fn continues(&self, since: &str) -> String {
        format!("This continues the card of {since}, which is gone.")
    }

    fn instead_of(&self, channel: &str, since: &str) -> String {
        format!("sent here because channel {channel} has been unavailable since {since}")
    }

    fn possible_repeat(&self) -> &'static str {
        "possible repeat: it is not known whether this card arrived before"
    }

    fn digest(&self, problems: u32, over: u32, span: &str) -> String {
        let shown = match problems {
            0 => of(over, "recovery", "recoveries"),
            n => of(n, "problem", "problems"),
        };
        format!("{shown} in {span}, shown as one card")
    }

    fn digest_over(&self, n: u32) -> String {
        format!("{n} recovered")
    }

    fn also(&self, word: &str, n: usize) -> String {
        format!("also {word} ({n}): ")
    }

    fn unnamed(&self, n: usize) -> String {
        format!("… and {n} more not named here")
    }

    fn stands_for(&self, cards: u32, node: &str) -> String {
        let cards = of(cards, "card", "cards");
        format!("stands for {cards}; “footman history” on {node} lists each of them")
    }

    fn no_summary(&self) -> &'static str {
        "a card without a summary"
    }
}

pub(crate) fn of(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `Performance: engine memory is high`.
fn titled(family: &str, title: &str) -> String {
    if title.is_empty() {
        format!("{family} problem")
    } else {
        format!("{family}: {}", begin_low(title))
    }
}

/// With a lower-case first letter, unless the word is an abbreviation or in capitals.
fn begin_low(text: &str) -> String {
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}
