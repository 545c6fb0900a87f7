//! Pure. The same in German, for the page.

use crate::command::{DeliveryState, MatcherFault, Refusal, TextField, UnusableMatcher};
use crate::view::ids::IncidentIds;

/// Problem and hint.
pub(crate) fn worded(refusal: &Refusal, ids: &IncidentIds) -> (String, String) {
    match refusal {
        Refusal::UnknownIncident => (
            "Diesen Vorfall gibt es nicht".to_owned(),
            "`footman incidents --all` listet die bekannten".to_owned(),
        ),
        Refusal::AmbiguousIncident(prints) => {
            let ids: Vec<String> = prints.iter().map(|print| ids.id(print)).collect();
            (format!("Mehrere Vorfälle beginnen so: {}", ids.join(", ")), more_digits())
        }
        Refusal::IncidentOver => (
            "Der Vorfall ist vorbei".to_owned(),
            "Eine Notiz ist noch möglich: `footman note ID TEXT`".to_owned(),
        ),
        Refusal::NotAcknowledged => (
            "Niemand hat den Vorfall quittiert".to_owned(),
            "`footman show ID` zeigt seinen Zustand".to_owned(),
        ),
        Refusal::NoMatcher => (
            "Eine Stummschaltung ohne Bedingung würde alles verbergen".to_owned(),
            "Geben Sie mindestens eine an, etwa eine App oder eine Art".to_owned(),
        ),
        Refusal::Matcher(UnusableMatcher { key, fault }) => matcher(key, fault),
        Refusal::UntilPast => (
            "Das Ende der Stummschaltung liegt in der Vergangenheit".to_owned(),
            "Geben Sie ein späteres Ende oder eine Dauer an".to_owned(),
        ),
        Refusal::UnknownSilence => (
            "Diese Stummschaltung gibt es nicht".to_owned(),
            "`footman silence list` listet die geltenden".to_owned(),
        ),
        Refusal::AmbiguousSilence(ids) => {
            (format!("Mehrere Stummschaltungen beginnen so: {}", ids.join(", ")), more_digits())
        }
        Refusal::SilenceOver => (
            "Die Stummschaltung ist schon vorbei".to_owned(),
            "`footman silence list --all` zeigt, seit wann".to_owned(),
        ),
        Refusal::TooManySilences(most) => (
            format!("Es gelten {most} Stummschaltungen, mehr sind nicht möglich"),
            "Beenden Sie einige, oder verwenden Sie einen Platzhalter für viele".to_owned(),
        ),
        Refusal::UnknownDelivery => (
            "Diese Zustellung gibt es nicht".to_owned(),
            "`footman outbox list` listet die aufbewahrten".to_owned(),
        ),
        Refusal::DeliveryState(state) => (
            format!("Die Zustellung ist {}", state_of(*state)),
            "Wiederholen lassen sich abgelehnte, verwerfen auch wartende".to_owned(),
        ),
        Refusal::Text { field, most } => (
            format!("{} ist leer oder zu lang", named(*field)),
            format!("Schreiben Sie 1 bis {most} Zeichen"),
        ),
        Refusal::Security => (
            "Ein Sicherheitsvorfall lässt sich so nicht stummschalten".to_owned(),
            "Quittieren Sie ihn, oder schalten Sie seine Art stumm: `--kind security`".to_owned(),
        ),
    }
}

fn matcher(key: &str, fault: &MatcherFault) -> (String, String) {
    let of_known = |known: &[String]| format!("Bekannt sind: {}", known.join(", "));
    let (problem, hint) = match fault {
        MatcherFault::Key { known } => {
            ("diese Bedingung gibt es nicht".to_owned(), of_known(known))
        }
        MatcherFault::TooManyRegexes => (
            "das sind zu viele reguläre Ausdrücke".to_owned(),
            "Verwenden Sie Platzhalter mit `*` und `?`, oder einen Ausdruck für viele".to_owned(),
        ),
        MatcherFault::Empty => (
            "ein leeres Wort trifft auf nichts zu".to_owned(),
            "Entfernen Sie das Wort, oder schreiben Sie `*` für jeden Wert".to_owned(),
        ),
        MatcherFault::Regex { word, .. } => (
            format!("`{word}` ist kein gültiger regulärer Ausdruck"),
            "Text zwischen Schrägstrichen ist ein regulärer Ausdruck, ohne sie ein einfaches Wort"
                .to_owned(),
        ),
        MatcherFault::Unrouted { word } => (
            format!("die Art `{word}` lässt sich nicht stummschalten"),
            "Entfernen Sie das Wort".to_owned(),
        ),
        MatcherFault::Word { word, near, known } => {
            let hint = near
                .as_ref()
                .map_or_else(|| of_known(known), |near| format!("Meinten Sie `{near}`?"));
            (format!("`{word}` ist unbekannt"), hint)
        }
        MatcherFault::Worded { message, hint } => (message.clone(), hint.clone()),
        MatcherFault::Ends => (
            "von dieser Art ist nur das Ende eines Problems".to_owned(),
            "Nennen Sie die Art des Problems selbst, etwa `reload-failed`".to_owned(),
        ),
    };
    (format!("{key}: {problem}"), hint)
}

fn more_digits() -> String {
    "Geben Sie mehr Ziffern der Kennung an".to_owned()
}

fn state_of(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "noch nicht gesendet",
        DeliveryState::InFlight => "gerade unterwegs",
        DeliveryState::Delivered => "schon gesendet",
        DeliveryState::Folded => "Teil einer Sammelkarte",
        DeliveryState::Dead => "abgelehnt",
        DeliveryState::Dissolved => "eine aufgelöste Sammelkarte",
    }
}

fn named(field: TextField) -> &'static str {
    match field {
        TextField::By => "Der Name",
        TextField::Note => "Die Notiz",
        TextField::Reason => "Der Grund",
        TextField::Command => "Der Befehl",
    }
}
