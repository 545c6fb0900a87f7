//! Pure. The product's sentences in English.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::Period;
use crate::detection::{
    AfterCrash, AgentProblem, Condition, GaugeName, Kind, Overdue, Reading, ServiceState,
    ServiceStop, StopCause, Subject, UntilExpiry,
};
use crate::qlik::services::{self, Part};
use crate::render::catalog::Sentences;

/// Marks a time in the repeated hour, which may be either of two.
pub(crate) const UNCERTAIN: &str = "time uncertain";

/// The texts of a condition that no log describes.
pub(crate) fn condition(subject: &Subject, condition: &Condition) -> Sentences {
    match condition {
        Condition::ServiceStopped(stop) => stopped(subject, stop),
        Condition::GaugeHigh(reading) => gauge_high(subject, reading),
        Condition::CertificateExpires { on, left } => certificate_expires(subject, *on, *left),
        Condition::Agent(problem) => agent(problem),
        Condition::Overdue(overdue) => {
            Sentences { reason: self::overdue(overdue), ..Sentences::default() }
        }
        Condition::Logged
        | Condition::ServiceStarted
        | Condition::GaugeNormal
        | Condition::CertificateRenewed => Sentences::default(),
    }
}

fn stopped(subject: &Subject, stop: &ServiceStop) -> Sentences {
    let name = if let Subject::Service { name, .. } = subject { name.as_str() } else { "" };
    let impact = services::find(name).map_or("", |(_, known)| impact(known.part));
    Sentences {
        title: short_service(&stop.display_name).to_owned(),
        reason: stop_cause(&stop.cause),
        meaning: impact.to_owned(),
        advice: None,
    }
}

/// The impact on users while a part of Qlik Sense is stopped.
fn impact(part: Part) -> &'static str {
    match part {
        Part::Database => {
            "Without its database the site does not work: users cannot sign in and no task runs."
        }
        Part::Repository => {
            "Users cannot sign in or open the hub and the QMC through this node, and no task runs on it."
        }
        Part::Dispatcher => "Parts of the hub do not load, and licenses are not assigned.",
        Part::Proxy => "Users cannot reach the hub or open apps through this node.",
        Part::Engine => "Users on this node cannot open apps, and no reload runs on it.",
        Part::Scheduler => "Reload tasks do not start on this node.",
        Part::Printing => "Exports and downloads from this node fail.",
        Part::Logging => "Logs are no longer collected in the central logging database.",
    }
}

/// Why a service does not run; codes as in `winerror.h`.
fn stop_cause(cause: &StopCause) -> String {
    match cause {
        StopCause::Manager { state, exit_code } => manager(*state, *exit_code),
        StopCause::StoppedBy { who } => format!("Stopped with a stop control by {who}"),
        StopCause::ShutDown { who, program } => {
            format!("Stopped: the node was restarted or shut down by {who} ({program})")
        }
        StopCause::NotStartedSince { who, program } => {
            format!("Not started since the node was restarted or shut down by {who} ({program})")
        }
        StopCause::Crashed { times, exit_code, then } => {
            let then = then.map(after_crash).unwrap_or_default();
            format!("Crashed ({} time), exit code {exit_code}{then}", ordinal(*times))
        }
        StopCause::EndedWithError(code) => format!("Ended with error {code}"),
        StopCause::EndedWithOwnError(code) => format!("Ended with service-specific error {code}"),
    }
}

fn manager(state: ServiceState, exit_code: u32) -> String {
    match (state, exit_code) {
        (ServiceState::Starting, _) => "Starting, but does not reach the running state".to_owned(),
        (ServiceState::Stopping, _) => "Stopping, but does not finish".to_owned(),
        (ServiceState::Paused, _) => "Paused".to_owned(),
        (_, 0) => "Stopped at the request of a user or program".to_owned(),
        (_, 1077) => "Not started since this machine started".to_owned(),
        (_, 1067) => "Stopped unexpectedly: its process ended (1067)".to_owned(),
        (_, 1066) => "Stopped with a service-specific error (1066); check its log".to_owned(),
        (_, 1069) => "Could not start: its account could not log on (1069)".to_owned(),
        (_, code) if code > 0xFFFF => format!("Stopped unexpectedly, exit code 0x{code:08x}"),
        (_, code) => format!("Stopped with error {code}"),
    }
}

fn after_crash(then: AfterCrash) -> String {
    let after = |seconds: Option<u64>| {
        seconds.map(|seconds| format!(" after {seconds} s")).unwrap_or_default()
    };
    match then {
        AfterCrash::RestartsService { seconds } => {
            format!("; Windows starts it again{}", after(seconds))
        }
        AfterCrash::RestartsMachine { seconds } => {
            format!("; Windows restarts the machine{}", after(seconds))
        }
    }
}

fn gauge_high(subject: &Subject, reading: &Reading) -> Sentences {
    let gauge = if let Subject::Gauge { gauge, .. } = subject { gauge } else { &GaugeName::Memory };
    let (title, meaning, advice) = match gauge {
        GaugeName::Disk(_) => (
            "Disk nearly full",
            "A full disk stops logging and saving apps.",
            "Free space on the disk, or make it larger.",
        ),
        GaugeName::Memory => (
            "Node memory nearly full",
            "Reloads and apps become slow, then apps fail to open.",
            "Check the QMC and the Operations Monitor for large apps and simultaneous reloads.",
        ),
        GaugeName::Processor => (
            "Node processor constantly busy",
            "Reloads and users wait for each other.",
            "Spread the tasks over time or across nodes.",
        ),
    };
    let Reading { used, amount, limit, steady } = reading;
    let place = match gauge {
        GaugeName::Disk(folder) => format!("{folder}: "),
        GaugeName::Memory | GaugeName::Processor => String::new(),
    };
    let steady = period(*steady);
    Sentences {
        title: title.to_owned(),
        reason: format!("{place}{used} % used ({amount}), limit {limit} % for {steady}"),
        meaning: meaning.to_owned(),
        advice: Some(advice.to_owned()),
    }
}

fn certificate_expires(subject: &Subject, on: Timestamp, left: UntilExpiry) -> Sentences {
    let (owner, issuer) = match subject {
        Subject::Certificate { subject, issuer, .. } => (subject.as_str(), issuer.as_str()),
        _ => ("", ""),
    };
    let on = on.strftime("%-d %B %Y");
    let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
    let reason = match left {
        UntilExpiry::Expired => format!("Expired on {on}"),
        UntilExpiry::WithinAWeek { days: n } => {
            format!("Expires within a week, on {on}: {} left", days(n))
        }
        UntilExpiry::Days(n) => format!("Expires on {on}: {} left", days(n)),
    };
    let by = if issuer == owner { "itself" } else { issuer };
    Sentences {
        title: format!("Certificate of {owner} expires"),
        reason,
        meaning: "Once it has expired, the services of Qlik Sense no longer trust each other, or \
                  browsers no longer trust the site."
            .to_owned(),
        advice: Some(format!("Renew the certificate of {owner}, signed by {by}, before that day.")),
    }
}

fn agent(problem: &AgentProblem) -> Sentences {
    let reason = match problem {
        AgentProblem::StateDamaged { kept } => {
            let what = match kept {
                Some(kept) => format!("was damaged; it is kept as {kept}"),
                None => "was missing or empty".to_owned(),
            };
            format!(
                "the state file {what} and a new one was created: reading starts where \
                 on-state-loss says; some cards may be repeated"
            )
        }
        AgentProblem::StateNotWritten => {
            return Sentences {
                title: "Footman cannot write its state; alerts are delayed".to_owned(),
                reason: String::new(),
                meaning: "Emergency card, sent without the state. Failures are still in the log \
                          files; they are read and sent as soon as the state can be written. \
                          Until then Footman sends nothing else."
                    .to_owned(),
                advice: Some(
                    "Free space on the disk of the state folder and check that Footman's account \
                     can write there. `footman status` and `footman doctor` on the node show the \
                     current reason."
                        .to_owned(),
                ),
            };
        }
        AgentProblem::StateWrittenAgain => {
            "the state can be written again; failures from the meantime are sent now".to_owned()
        }
        AgentProblem::StatePutBack => "the state folder or a file in it was deleted while Footman \
                                       ran; it was restored from the open files, nothing is \
                                       lost"
            .to_owned(),
        AgentProblem::BrokenFile { problem } => problem.clone(),
        AgentProblem::NoLogRoot { why } => format!("{why}; Footman waits for it"),
        AgentProblem::FilesBroken { why } => {
            format!("changed files have problems; the previous ones stay in force: {why}")
        }
        AgentProblem::RestartNeeded { logs } => {
            let logs = logs.join(", ");
            format!("patterns use {logs}, which is followed only after a restart")
        }
        AgentProblem::ReadingStuck => "a read pass has not finished; a file or folder hangs, \
                                       such as one on a share that does not respond"
            .to_owned(),
        AgentProblem::UnknownLayout { log } => format!(
            "the first line of this {log} log names no known columns; its lines are matched as \
             plain text; send the first line to the maintainers"
        ),
    };
    Sentences {
        title: "Footman needs attention".to_owned(),
        reason,
        meaning: "Footman keeps running, but failures in those files will go unreported."
            .to_owned(),
        advice: None,
    }
}

/// A task that is not a reload failed: what its pattern says of reloads does not hold.
pub(crate) fn task_failed() -> Sentences {
    Sentences {
        title: "Task failed".to_owned(),
        reason: String::new(),
        meaning: "The task has no app, so it is not a reload: an external program, a preload or a \
                  user synchronization."
            .to_owned(),
        advice: Some("Check the task and its history in the QMC, then start it again.".to_owned()),
    }
}

/// The script log of a reload that another node ran.
pub(crate) fn script_on(node: &str) -> String {
    format!("On another node: {node} ran the reload and has its script log.")
}

/// No row says which node ran it.
pub(crate) fn script_not_here(host: &str) -> String {
    format!(
        "No finished script log of this run on {host}; if another node ran it, the log is there."
    )
}

pub(crate) fn script_missing(host: &str) -> String {
    format!("No finished script log of this run on {host}, which ran it.")
}

/// The reason of an overdue end.
pub(crate) fn overdue(overdue: &Overdue) -> String {
    let within = period(overdue.within);
    match overdue.usually {
        Some(longest) => format!(
            "Started, but did not finish within {within}; it usually takes at most {}",
            period(longest)
        ),
        None => format!("Started, but did not finish within {within}"),
    }
}

/// The count of a pattern with a threshold.
pub(crate) fn counted(n: u32, within: SignedDuration) -> String {
    format!("Found {n} times within {}.", period(within))
}

/// Rounded down to seconds.
fn period(time: SignedDuration) -> Period {
    SignedDuration::from_secs(time.as_secs()).try_into().map(Period).unwrap_or_default()
}

/// How many errors came before the one that is shown, and that the script went on after them.
pub(crate) fn swallowed(n: usize, at_least: bool) -> String {
    let begin = if at_least { "At least " } else { "" };
    let errors = if n == 1 { "error was" } else { "errors were" };
    format!("{begin}{n} earlier {errors} ignored (ErrorMode=0).")
}

/// Who stopped a reload.
pub(crate) fn stopped_by(user: &str) -> String {
    format!("Stopped by {user}")
}

/// `1st`, `2nd`, `3rd`, `11th`.
pub(crate) fn ordinal(n: impl Into<u64>) -> String {
    let n = n.into();
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// `Qlik Sense Engine` for `Qlik Sense Engine Service`.
pub(crate) fn short_service(display_name: &str) -> &str {
    display_name.strip_suffix(" Service").unwrap_or(display_name)
}

/// A service, and how many others with it.
pub(crate) fn services(name: &str, also: usize) -> String {
    let name = if name.is_empty() { "a service of Qlik Sense" } else { name };
    list(name, also)
}

/// Names, and how many more there are.
pub(crate) fn list(names: &str, more: usize) -> String {
    if more == 0 { names.to_owned() } else { format!("{names} and {more} more") }
}

/// A recovery that leaves other incidents open.
pub(crate) fn over_but(title: &str, still_failing: &str) -> String {
    format!("{title}; still failing: {still_failing}")
}

/// The head of an opening card; `name` is the app, task, service, or the problem's title.
pub(crate) fn opened(kind: Kind, name: &str) -> String {
    match kind {
        Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => format!("Reload failed: {name}"),
        Kind::ReloadAborted => format!("Reload aborted: {name}"),
        Kind::TaskFailed => format!("Task failed: {name}"),
        Kind::TaskNotStarted => format!("Task could not start: {name}"),
        Kind::ReloadRecovered => format!("Recovered: {name} reloads again"),
        Kind::Performance => titled("Performance", name),
        Kind::Security => titled("Security", name),
        Kind::Service => titled("Qlik service", name),
        Kind::ServiceStopped => format!("Service stopped: {name}"),
        Kind::ServiceStarted => format!("Recovered: {name}"),
        Kind::Agent if name.is_empty() => "Footman needs attention".to_owned(),
        Kind::Agent => name.to_owned(),
        Kind::Digest => "Several problems, shown as one card".to_owned(),
        Kind::Test => "Test card".to_owned(),
    }
}

/// The head of a repeating card.
pub(crate) fn repeated(kind: Kind, name: &str) -> String {
    match kind {
        Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => format!("Reload still fails: {name}"),
        Kind::ReloadAborted => format!("Reload aborted again: {name}"),
        Kind::TaskFailed => format!("Task still fails: {name}"),
        Kind::TaskNotStarted => format!("Task still cannot start: {name}"),
        Kind::ServiceStopped => format!("Service still stopped: {name}"),
        Kind::ReloadRecovered => opened(kind, name),
        _ => format!("Still: {}", opened(kind, name)),
    }
}

/// The head of a recovery card.
pub(crate) fn recovered(kind: Kind, name: &str) -> String {
    match kind {
        Kind::TaskFailed | Kind::TaskNotStarted => format!("Recovered: {name} runs again"),
        Kind::ServiceStopped | Kind::ServiceStarted => format!("Recovered: {name}"),
        Kind::Performance | Kind::Security | Kind::Service | Kind::Agent => {
            format!("Over: {}", opened(kind, name))
        }
        _ => format!("Recovered: {name} reloads again"),
    }
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
