//! Pure. The words of heads, rows and digests in English.

use crate::detection::Kind;
use crate::render::catalog::Catalog;
use crate::render::catalog::cards::{Cards, HeadState};
use crate::render::catalog::english::{English, of};

impl Cards for English {
    fn head_state(&self, state: HeadState) -> &'static str {
        match state {
            HeadState::Acknowledged => "acknowledged",
            HeadState::Escalated => "escalated",
            HeadState::Flapping => "flapping",
            HeadState::FlappingEnded => "no longer flapping",
            HeadState::Reopened => "reopened",
            HeadState::Recovered => "Recovered",
            HeadState::SilenceEnded => "silence ended",
        }
    }

    fn banner(&self, word: &str, environment: Option<&str>) -> String {
        match environment {
            Some(environment) => format!("{word} in {environment}: "),
            None => format!("{word}: "),
        }
    }

    fn app_by_id(&self, id: &str) -> String {
        format!("app {id}…")
    }

    fn task_by_id(&self, id: &str) -> String {
        format!("task {id}…")
    }

    fn unacknowledged(&self, lasting: &str) -> String {
        format!("not acknowledged for {lasting}")
    }

    fn data_age(&self, age: &str) -> String {
        format!("data is {age} old")
    }

    fn usually(&self, duration: &str) -> String {
        format!("usually {duration}")
    }

    fn in_a_row(&self, n: u32, since: Option<&str>) -> String {
        let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
        format!("{} failure{since}", self.ordinal(n.into()))
    }

    fn marked_statement(&self, has_failed: bool) -> &'static str {
        if has_failed { "► the failing statement" } else { "► the statement that ran" }
    }

    fn it_was(&self, cause: &str) -> String {
        format!("It was: {cause}")
    }

    fn nothing_to_do(&self, is_app: bool) -> &'static str {
        if is_app { "Nothing. The data is fresh again." } else { "Nothing." }
    }

    fn rest_to_do(&self) -> &'static str {
        "Check what is still failing."
    }

    fn start_service(&self) -> &'static str {
        "Start the service. If it stops again within minutes, check its log and the event log of \
         Windows."
    }

    fn ask_doctor(&self) -> &'static str {
        "Run “footman doctor” on the node and follow its hints."
    }

    fn was_down(&self, lasting: &str, since: &str) -> String {
        format!("{lasting} · since {since}")
    }

    fn units(&self, kind: Option<Kind>, n: u32) -> String {
        match kind {
            Some(Kind::ReloadFailed | Kind::ReloadFailedOutsideTask | Kind::ReloadAborted) => {
                of(n, "reload", "reloads")
            }
            Some(Kind::TaskFailed | Kind::TaskNotStarted) => of(n, "task", "tasks"),
            Some(Kind::ServiceStopped) => of(n, "service", "services"),
            _ => of(n, "problem", "problems"),
        }
    }

    fn causes(&self, n: usize) -> String {
        if n == 1 { "1 cause".to_owned() } else { format!("{n} causes") }
    }

    fn last_at(&self, clock: &str) -> String {
        format!("last {clock}")
    }

    fn recovered_meanwhile(&self, n: u32) -> String {
        format!("Recovered meanwhile: {n}")
    }

    fn take(&self) -> &'static str {
        "I'll take this"
    }

    fn stays_in_teams(&self, take: &str, answer: Option<&str>) -> String {
        let line = format!(
            "“{take}” names you in Teams only: Footman does not learn of it and keeps reminding."
        );
        match answer {
            Some(answer) => format!("{line} “{answer}” tells Footman."),
            None => line,
        }
    }

    fn taken(&self, name: &str, at: &str) -> String {
        format!("{name} took this on {at}.")
    }

    fn taken_format(&self) -> &'static str {
        "d MMM yyyy HH:mm"
    }
}
