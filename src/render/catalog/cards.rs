//! Pure. The sentences of the built-in cards besides labels, titles and conditions, for every
//! language.

use crate::detection::Kind;

/// The state of a card's incident, in the first line of its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadState {
    Acknowledged,
    Escalated,
    Flapping,
    FlappingEnded,
    Recovered,
    Reopened,
    SilenceEnded,
}

/// The words of heads, rows and digests.
pub(crate) trait Cards {
    fn head_state(&self, state: HeadState) -> &'static str;
    /// The beginning of a notification's line: `Error in PROD: `.
    fn banner(&self, word: &str, environment: Option<&str>) -> String;
    /// An app without a known name, by the beginning of its id.
    fn app_by_id(&self, id: &str) -> String;
    fn task_by_id(&self, id: &str) -> String;
    /// How long nobody has acknowledged it.
    fn unacknowledged(&self, lasting: &str) -> String;
    /// `data is 3 d old`.
    fn data_age(&self, age: &str) -> String;
    /// `usually 9 min`.
    fn usually(&self, duration: &str) -> String;
    /// `3rd failure since Sat 21 Nov 03:13`.
    fn in_a_row(&self, n: u32, since: Option<&str>) -> String;
    /// Which lines of an excerpt are marked.
    fn marked_statement(&self, has_failed: bool) -> &'static str;
    /// `It was: Field 'A' not found`.
    fn it_was(&self, cause: &str) -> String;
    /// What to do after a recovery; for an app, that its data is fresh.
    fn nothing_to_do(&self, is_app: bool) -> &'static str;
    /// What to do if a recovered cause leaves others open.
    fn rest_to_do(&self) -> &'static str;
    fn start_service(&self) -> &'static str;
    /// What to do about a problem of the agent.
    fn ask_doctor(&self) -> &'static str;
    /// `3 min 31 s · since Mon 23 Nov 03:11`.
    fn was_down(&self, lasting: &str, since: &str) -> String;
    /// `52 reloads`.
    fn units(&self, kind: Option<Kind>, n: u32) -> String;
    /// `3 causes`.
    fn causes(&self, n: usize) -> String;
    /// `last 03:24:59`.
    fn last_at(&self, clock: &str) -> String;
    /// `Recovered meanwhile: 2`.
    fn recovered_meanwhile(&self, n: u32) -> String;
    /// The button of a card that waits.
    fn take(&self) -> &'static str;
    /// The note that Footman does not learn of that button, and the button by which it does.
    fn stays_in_teams(&self, take: &str, answer: Option<&str>) -> String;
    /// Who pressed it, and when.
    fn taken(&self, name: &str, at: &str) -> String;
    /// The .NET format in which a flow writes that time.
    fn taken_format(&self) -> &'static str;
}
