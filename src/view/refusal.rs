//! Pure. The reasons why a command was not applied, in words.

mod german;

use crate::command::{Refusal, TextField, UnusableMatcher};
use crate::config::Language;
use crate::route::matcher_fault;
use crate::view::ids::IncidentIds;

/// A refusal in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worded {
    pub problem: String,
    pub hint: String,
}

/// The words of a refusal. The ids give fingerprints their short form.
pub fn worded(refusal: &Refusal, ids: &IncidentIds, language: Language) -> Worded {
    let (problem, hint) = match language {
        Language::English => english(refusal, ids),
        Language::German => german::worded(refusal, ids),
    };
    Worded { problem, hint }
}

fn english(refusal: &Refusal, ids: &IncidentIds) -> (String, String) {
    match refusal {
        Refusal::UnknownIncident => (
            "there is no such incident".to_owned(),
            "`footman incidents --all` lists those that are known".to_owned(),
        ),
        Refusal::AmbiguousIncident(prints) => {
            let ids: Vec<String> = prints.iter().map(|print| ids.id(print)).collect();
            (
                format!("several incidents begin so: {}", ids.join(", ")),
                "give more digits of the id".to_owned(),
            )
        }
        Refusal::IncidentOver => (
            "the incident is over".to_owned(),
            "a note can still be added: `footman note ID TEXT`".to_owned(),
        ),
        Refusal::NotAcknowledged => (
            "nobody has acknowledged the incident".to_owned(),
            "`footman show ID` shows its state".to_owned(),
        ),
        Refusal::NoMatcher => (
            "a silence without a matcher would hide everything".to_owned(),
            "give at least one, such as --app NAME or --kind KIND".to_owned(),
        ),
        Refusal::Matcher(UnusableMatcher { key, fault }) => {
            let (message, hint) = matcher_fault(fault, key);
            (format!("--{key}: {message}"), hint)
        }
        Refusal::UntilPast => (
            "the end of the silence is in the past".to_owned(),
            "give a later --until, or how long with --for 2h".to_owned(),
        ),
        Refusal::UnknownSilence => (
            "there is no such silence".to_owned(),
            "`footman silence list` lists those in force".to_owned(),
        ),
        Refusal::AmbiguousSilence(ids) => (
            format!("several silences begin so: {}", ids.join(", ")),
            "give more digits of the id".to_owned(),
        ),
        Refusal::SilenceOver => (
            "the silence is over already".to_owned(),
            "`footman silence list --all` shows when it ended".to_owned(),
        ),
        Refusal::TooManySilences(most) => (
            format!("{most} silences are in force, which is the most"),
            "end some with `footman silence expire ID`, or use one glob for many".to_owned(),
        ),
        Refusal::UnknownDelivery => (
            "there is no such delivery".to_owned(),
            "`footman outbox list` lists those that are kept".to_owned(),
        ),
        Refusal::DeliveryState(state) => (
            format!("the delivery is {}", state.name().replace('_', " ")),
            "retry is for dead deliveries, drop for dead and pending ones".to_owned(),
        ),
        Refusal::Text { field, most } => (
            format!("the {} is empty or too long", named(*field)),
            format!("write 1 to {most} characters"),
        ),
        Refusal::Security => (
            "a security incident cannot be silenced so".to_owned(),
            "acknowledge it, or silence its kind: --kind security".to_owned(),
        ),
    }
}

fn named(field: TextField) -> &'static str {
    match field {
        TextField::By => "name of the author",
        TextField::Note | TextField::Reason | TextField::Command => field.name(),
    }
}
