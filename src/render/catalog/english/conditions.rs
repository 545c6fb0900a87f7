//! Pure. Conditions that are not worded by a log, in English: services, gauges, certificates, and
//! the agent itself.

use crate::config::LogRootFault;
use crate::detection::{
    AfterCrash, AgentProblem, CloudCondition, GaugeName, Lately, Overdue, Reading, ServiceState,
    StopCause, TenantFault, UntilExpiry,
};
use crate::qlik::account::person;
use crate::qlik::services::Part;
use crate::render::catalog::english::files::{self, mistake};
use crate::render::catalog::english::{English, cloud};
use crate::render::catalog::{Catalog, Conditions, Sentences, tenant_fault};

impl Conditions for English {
    fn impact(&self, part: Part) -> &'static str {
        match part {
            Part::Database => {
                "Without its database the site does not work: users cannot sign in and no task \
                 runs."
            }
            Part::Repository => {
                "Users cannot sign in or open the hub and the QMC through this node, and no task \
                 runs on it."
            }
            Part::Dispatcher => "Parts of the hub do not load, and licenses are not assigned.",
            Part::Proxy => "Users cannot reach the hub or open apps through this node.",
            Part::Engine => "Users on this node cannot open apps, and no reload runs on it.",
            Part::Scheduler => "Reload tasks do not start on this node.",
            Part::Printing => "Exports and downloads from this node fail.",
            Part::Logging => "Logs are no longer collected in the central logging database.",
        }
    }

    fn stop_cause(&self, cause: &StopCause) -> String {
        match cause {
            StopCause::Manager { state, exit_code } => manager(*state, *exit_code),
            StopCause::StoppedBy { who } => format!("Stopped with a stop control{}", by(who)),
            StopCause::ShutDown { who, program } => {
                format!("Stopped: the node was restarted or shut down{} ({program})", by(who))
            }
            StopCause::NotStartedSince { who, program } => {
                let by = by(who);
                format!("Not started since the node was restarted or shut down{by} ({program})")
            }
            StopCause::Crashed { times, exit_code, then } => {
                let then = then.map(after_crash).unwrap_or_default();
                let times = self.ordinal(*times);
                format!("Crashed ({times} time), exit code {exit_code}{then}")
            }
            StopCause::EndedWithError(code) => format!("Ended with error {code}"),
            StopCause::EndedWithOwnError(code) => {
                format!("Ended with service-specific error {code}")
            }
        }
    }

    fn gauge(&self, gauge: &GaugeName) -> [&'static str; 3] {
        match gauge {
            GaugeName::Disk(_) => [
                "Disk nearly full",
                "A full disk stops logging and saving apps.",
                "Free space on the disk, or make it larger.",
            ],
            GaugeName::Memory => [
                "Node memory nearly full",
                "Reloads and apps become slow, then apps fail to open.",
                "Check the QMC and the Operations Monitor for large apps and simultaneous reloads.",
            ],
            GaugeName::Processor => [
                "Node processor constantly busy",
                "Reloads and users wait for each other.",
                "Spread the tasks over time or across nodes.",
            ],
        }
    }

    fn gauge_reason(&self, place: Option<&str>, reading: &Reading) -> String {
        let Reading { used, amount, limit, steady } = reading;
        let place = place.map(|folder| format!("{folder}: ")).unwrap_or_default();
        let (amount, steady) = (self.amount(amount), self.period(*steady));
        format!("{place}{used} % used ({amount}), limit {limit} % for {steady}")
    }

    fn certificate(&self, owner: &str, issuer: &str, on: &str, left: UntilExpiry) -> Sentences {
        let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
        let reason = match left {
            UntilExpiry::Expired => format!("Expired on {on}"),
            UntilExpiry::WithinAWeek { days: n } => {
                format!("Expires within a week, on {on}: {} left", days(n))
            }
            UntilExpiry::Days(n) => format!("Expires on {on}: {} left", days(n)),
        };
        let by = if issuer == owner { "itself" } else { issuer };
        let advice = format!("Renew the certificate of {owner}, signed by {by}, before that day.");
        let meaning = "Once it has expired, the services of Qlik Sense no longer trust each other, \
                       or browsers no longer trust the site.";
        let title = format!("Certificate of {owner} expires");
        Sentences { reason, ..Sentences::new(&title, meaning, Some(&advice)) }
    }

    fn cloud(&self, condition: &CloudCondition, tenant: &str, on: &str) -> Sentences {
        cloud::condition(condition, tenant, on)
    }

    fn tenant_fault(&self, fault: &TenantFault) -> String {
        tenant_fault(fault, cloud::answer_fault)
    }

    fn agent(&self, problem: &AgentProblem, lasting: &str) -> Sentences {
        if *problem == AgentProblem::StateNotWritten {
            return Sentences::new(
                "Footman cannot write its state; alerts are delayed",
                "Emergency card, sent without the state. Failures are still in the log files; \
                 they are read and sent as soon as the state can be written. Until then Footman \
                 sends nothing else.",
                Some(
                    "Free space on the disk of the state folder and check that Footman's account \
                     can write there. “footman status” and “footman doctor” on the node show the \
                     current reason.",
                ),
            );
        }
        if let AgentProblem::StateWentBack { .. } = problem {
            let sentences = Sentences::new(
                "Footman's state went back to an earlier one",
                "What happened since then is read again, and its cards say “possible repeat”. \
                 Nothing that is still in the log files is lost.",
                Some(
                    "If you restored a backup of the state folder, there is nothing to do. \
                     Otherwise check the disk, and what else changes files in the state folder.",
                ),
            );
            return Sentences { reason: agent_reason(problem, lasting), ..sentences };
        }
        if let AgentProblem::ChannelUnavailable { channel, .. } = problem {
            let meaning = "Its cards are kept and sent as soon as it accepts them, or by its \
                           fallback if it has one.";
            let advice = "“footman status” on the node shows the channel's answer and what waits \
                          for it; “footman doctor” tests the connection without a card.";
            let title = format!("Channel {channel} takes no cards");
            let sentences = Sentences::new(&title, meaning, Some(advice));
            return Sentences { reason: agent_reason(problem, lasting), ..sentences };
        }
        let meaning = "Footman keeps running, but failures in those files will go unreported.";
        let title = match problem {
            AgentProblem::ReadingStuck => "Footman cannot read the logs",
            _ => "Footman needs attention",
        };
        let sentences = Sentences::new(title, meaning, None);
        Sentences { reason: agent_reason(problem, lasting), ..sentences }
    }

    fn alive(&self, lately: &Lately, since: &str) -> Sentences {
        let n = |n: u64, one: &str, many: &str| match n {
            0 => format!("no {one}"),
            1 => format!("1 {one}"),
            n => format!("{n} {many}"),
        };
        let reloads = n(lately.reloads, "reload succeeded", "reloads succeeded");
        let incidents = n(lately.incidents, "incident", "incidents");
        let cards = n(lately.cards, "card", "cards");
        let meaning = "Footman sends this card from time to time, so that Power Automate does not \
                       switch the workflow of a quiet channel off. There is nothing to do.";
        let reason = format!("{reloads}, {incidents}, {cards} since {since}");
        Sentences { reason, ..Sentences::new("", meaning, None) }
    }

    fn task_failed(&self) -> Sentences {
        let meaning = "The task has no app, so it is not a reload: an external program, a preload \
                       or a user synchronization.";
        let advice = "Check the task and its history in the QMC, then start it again.";
        Sentences::new("Task failed", meaning, Some(advice))
    }

    fn overdue(&self, overdue: &Overdue) -> String {
        let within = self.period(overdue.within);
        match overdue.usually {
            Some(longest) => format!(
                "Started, but did not finish within {within}; it usually takes at most {}",
                self.period(longest)
            ),
            None => format!("Started, but did not finish within {within}"),
        }
    }
}

/// ` by LAB\anna`; empty for a system account.
fn by(who: &str) -> String {
    person(who).map(|who| format!(" by {who}")).unwrap_or_default()
}

/// Codes as in `winerror.h`.
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

fn agent_reason(problem: &AgentProblem, lasting: &str) -> String {
    match problem {
        AgentProblem::StateDamaged { kept } => {
            let what = match kept {
                Some(kept) => format!("was damaged; it is kept as {kept}"),
                None => "was missing or empty".to_owned(),
            };
            format!(
                "The state file {what} and a new one was created: reading starts where \
                 on-state-loss says; some cards may be repeated"
            )
        }
        AgentProblem::StateWentBack { .. } => "The state file lacks what was written last: its \
                                               write-ahead log was lost or damaged, or an older \
                                               copy was put in its place"
            .to_owned(),
        AgentProblem::StateNotWritten => String::new(),
        AgentProblem::ChannelUnavailable { .. } => {
            format!("No card accepted for {lasting}")
        }
        AgentProblem::StateWrittenAgain => {
            "The state can be written again; failures from the meantime are sent now".to_owned()
        }
        AgentProblem::StatePutBack => "The state folder or a file in it was deleted while Footman \
                                       ran; it was restored from the open files, nothing is \
                                       lost"
            .to_owned(),
        AgentProblem::LockFileReplaced => "A folder, a link or something else is in place of the \
                                           file state.lock in the state folder; Footman keeps its \
                                           lock, but cannot be started again before that is moved \
                                           away"
            .to_owned(),
        AgentProblem::BrokenFile(one) => format!("Left out: {}", mistake(one)),
        AgentProblem::NoLogRoot(root) => {
            let what = match &root.fault {
                LogRootFault::Absent => "does not exist",
                LogRootFault::NotAFolder => "is not a folder",
                LogRootFault::Empty => "is empty",
                LogRootFault::Unreadable(error) => {
                    &format!("cannot be read: {}", files::system_error(error))
                }
                LogRootFault::Foreign => "holds no logs of Qlik Sense",
            };
            format!("The log root {} {what}; Footman waits for it", root.folder)
        }
        AgentProblem::FilesBroken(one) => {
            let one = mistake(one);
            format!("Changed files have problems; the previous ones stay in force: {one}")
        }
        AgentProblem::RestartNeeded { logs } => {
            let logs = logs.join(", ");
            format!("Patterns use {logs}, which is followed only after a restart")
        }
        AgentProblem::ReadingStuck => "A read pass has not finished; a file or folder hangs, \
                                       such as one on a share that does not respond"
            .to_owned(),
        AgentProblem::UnknownLayout { log } => format!(
            "The first line of this {log} log names no known columns; its lines are matched as \
             plain text; send the first line to the maintainers"
        ),
    }
}
