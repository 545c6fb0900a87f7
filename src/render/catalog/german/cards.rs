//! Pure. The words of heads, rows and digests in German.

use crate::detection::Kind;
use crate::render::catalog::cards::{Cards, HeadState};
use crate::render::catalog::german::German;

impl Cards for German {
    fn head_state(&self, state: HeadState) -> &'static str {
        match state {
            HeadState::Acknowledged => "quittiert",
            HeadState::Escalated => "eskaliert",
            HeadState::Flapping => "wechselt ständig",
            HeadState::FlappingEnded => "wechselt nicht mehr",
            HeadState::Reopened => "erneut aufgetreten",
            HeadState::Recovered => "Behoben",
            HeadState::SilenceEnded => "Stummschaltung beendet",
        }
    }

    fn banner(&self, word: &str, environment: Option<&str>) -> String {
        match environment {
            Some(environment) => format!("{word} in {environment}: "),
            None => format!("{word}: "),
        }
    }

    fn app_by_id(&self, id: &str) -> String {
        format!("App mit Kennung {id}…")
    }

    fn task_by_id(&self, id: &str) -> String {
        format!("Aufgabe {id}…")
    }

    fn unacknowledged(&self, lasting: &str) -> String {
        format!("seit {lasting} nicht quittiert")
    }

    fn data_age(&self, age: &str) -> String {
        format!("Daten sind {age} alt")
    }

    fn usually(&self, duration: &str) -> String {
        format!("sonst {duration}")
    }

    fn in_a_row(&self, n: u32, since: Option<&str>) -> String {
        let since = since.map(|since| format!(" seit {since}")).unwrap_or_default();
        format!("{n}. Fehlschlag{since}")
    }

    fn marked_statement(&self, has_failed: bool) -> &'static str {
        if has_failed { "► die fehlerhafte Anweisung" } else { "► die laufende Anweisung" }
    }

    fn it_was(&self, cause: &str) -> String {
        format!("Ursache war: {cause}")
    }

    fn nothing_to_do(&self, is_app: bool) -> &'static str {
        if is_app { "Nichts. Die Daten sind wieder aktuell." } else { "Nichts." }
    }

    fn rest_to_do(&self) -> &'static str {
        "Prüfen Sie, was weiterhin gestört ist."
    }

    fn start_service(&self) -> &'static str {
        "Starten Sie den Dienst. Fällt er nach wenigen Minuten wieder aus, prüfen Sie sein Protokoll \
         und das Ereignisprotokoll von Windows."
    }

    fn ask_doctor(&self) -> &'static str {
        "Führen Sie auf dem Knoten „footman doctor“ aus und folgen Sie den Hinweisen."
    }

    fn was_down(&self, lasting: &str, since: &str) -> String {
        format!("{lasting} · seit {since}")
    }

    fn units(&self, kind: Option<Kind>, n: u32) -> String {
        let of = |one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        match kind {
            Some(Kind::ReloadFailed | Kind::ReloadFailedOutsideTask | Kind::ReloadAborted) => {
                of("Ladevorgang", "Ladevorgänge")
            }
            Some(Kind::TaskFailed | Kind::TaskNotStarted) => of("Aufgabe", "Aufgaben"),
            Some(Kind::ServiceStopped) => of("Dienst", "Dienste"),
            _ => of("Problem", "Probleme"),
        }
    }

    fn causes(&self, n: usize) -> String {
        if n == 1 { "1 Ursache".to_owned() } else { format!("{n} Ursachen") }
    }

    fn last_at(&self, clock: &str) -> String {
        format!("zuletzt {clock}")
    }

    fn recovered_meanwhile(&self, n: u32) -> String {
        format!("Inzwischen behoben: {n}")
    }

    fn take(&self) -> &'static str {
        "Ich übernehme"
    }

    fn stays_in_teams(&self, take: &str, answer: Option<&str>) -> String {
        let line = format!(
            "„{take}“ nennt Sie nur in Teams: Footman erfährt davon nichts und erinnert weiter."
        );
        match answer {
            Some(answer) => format!("{line} Mit „{answer}“ erfährt es Footman."),
            None => line,
        }
    }

    fn taken(&self, name: &str, at: &str) -> String {
        format!("{name} hat dies am {at} übernommen.")
    }

    fn taken_format(&self) -> &'static str {
        "d.M.yyyy HH:mm"
    }
}
