//! Pure. The condition of the agent in German words.

use crate::config::Language;
use crate::state::{LockFault, Stalled, VitalsHint, VitalsReason};
use crate::view::vitals::{ShowTime, joined, not_advancing, since};

const LANGUAGE: Language = Language::German;

pub(crate) const HANGS: &str = "ein Durchgang des Lesens endet nicht; eine Datei oder ein Ordner \
                                hängt, etwa auf einer Freigabe, die nicht antwortet";

pub(crate) fn reason(reason: &VitalsReason, at: ShowTime<'_>) -> String {
    match reason {
        VitalsReason::NoStateYet => {
            "der Agent hält die Sperre des Zustandsordners und hat seinen Zustand noch nicht \
             angelegt"
                .to_owned()
        }
        VitalsReason::NotWatchingYet => {
            "der Agent startet und kennt seine Positionen in den Protokollen noch nicht".to_owned()
        }
        VitalsReason::Stalls(stalls) => joined(stalls, |it| since(it, LANGUAGE, at)),
        VitalsReason::EndedAfter(stalls) => {
            format!("der Agent endete; davor: {}", joined(stalls, |it| since(it, LANGUAGE, at)))
        }
        VitalsReason::Ended => "der Agent endete unerwartet".to_owned(),
        VitalsReason::ReadOnly => {
            "das Dateisystem des Zustandsordners ist schreibgeschützt".to_owned()
        }
        VitalsReason::NotAdvancing(parts) => joined(parts, |it| not_advancing(it, LANGUAGE, at)),
        VitalsReason::Silent { last, is_running } => {
            let begin = if *is_running { "sein Prozess läuft, aber " } else { "" };
            match last {
                Some(last) => format!("{begin}sein letztes Lebenszeichen war {}", at(*last)),
                None => format!("{begin}es gibt kein Lebenszeichen von ihm"),
            }
        }
        VitalsReason::NeverRan { state_dir, is_read_only } => {
            let state_dir = state_dir.display();
            let why = format!("mit dem Zustandsordner {state_dir} lief noch kein Agent");
            let end = ", und es kann keiner: sein Dateisystem ist schreibgeschützt";
            if *is_read_only { why + end } else { why }
        }
        VitalsReason::LockFile { path, fault } => {
            let what = match fault {
                LockFault::Folder => "ein Ordner",
                LockFault::Special => "keine gewöhnliche Datei",
                LockFault::DeadLink => "ein Link, der zu keiner Datei führt",
            };
            format!("die Sperrdatei {} ist {what}", path.display())
        }
        VitalsReason::Unreadable(error) => error.clone(),
    }
}

pub(crate) fn advice(hint: VitalsHint) -> &'static str {
    match hint {
        VitalsHint::MakeWritable => {
            "machen Sie das Dateisystem beschreibbar, oder setzen Sie state-dir auf ein anderes: \
             bis der Zustand geschrieben werden kann, wird nichts gelesen oder gesendet"
        }
        VitalsHint::MakeWritableThenStart => {
            "machen Sie das Dateisystem beschreibbar, oder setzen Sie state-dir auf ein anderes; \
             starten Sie dann den Agenten"
        }
        VitalsHint::RemoveCause => {
            "beseitigen Sie die Ursache; der Agent arbeitet dann von selbst weiter, und nichts \
             geht verloren"
        }
        VitalsHint::Start => "starten Sie `footman run`, oder geben Sie --state-dir an",
        VitalsHint::MoveLockFile => {
            "verschieben Sie das; der Agent legt seine Sperrdatei selbst an"
        }
        VitalsHint::OfError(todo) => todo,
    }
}

pub(crate) fn stalled(what: Stalled) -> &'static str {
    match what {
        Stalled::Opening => "der Zustand kann nicht geöffnet werden",
        Stalled::Writing => "der Zustand kann nicht geschrieben werden",
        Stalled::Reading => "das Lesen der Protokolle kommt nicht voran",
    }
}
