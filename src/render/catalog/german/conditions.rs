//! Pure. Conditions that are not worded by a log, in German: services, gauges, certificates, and
//! the agent itself.

use crate::config::LogRootFault;
use crate::detection::{
    AfterCrash, AgentProblem, CloudCondition, GaugeName, Lately, Overdue, Reading, ServiceState,
    StopCause, TenantFault, UntilExpiry,
};
use crate::qlik::account::person;
use crate::qlik::services::Part;
use crate::render::catalog::german::files::{self, mistake};
use crate::render::catalog::german::{German, cloud};
use crate::render::catalog::{Catalog, Conditions, Sentences, tenant_fault};

impl Conditions for German {
    fn impact(&self, part: Part) -> &'static str {
        match part {
            Part::Database => {
                "Ohne ihre Datenbank funktioniert die Site nicht: Benutzer können sich nicht \
                 anmelden, und keine Aufgabe läuft."
            }
            Part::Repository => {
                "Benutzer können sich über diesen Knoten nicht anmelden und weder Hub noch QMC \
                 öffnen; auf ihm läuft keine Aufgabe."
            }
            Part::Dispatcher => {
                "Teile des Hubs werden nicht angezeigt, und Lizenzen werden nicht zugewiesen."
            }
            Part::Proxy => {
                "Benutzer erreichen über diesen Knoten den Hub nicht und können keine Apps öffnen."
            }
            Part::Engine => {
                "Benutzer auf diesem Knoten können keine Apps öffnen, und hier werden keine Apps \
                 geladen."
            }
            Part::Scheduler => "Auf diesem Knoten starten keine Ladeaufgaben.",
            Part::Printing => "Exporte und Downloads von diesem Knoten schlagen fehl.",
            Part::Logging => {
                "Protokolle werden nicht mehr in der zentralen Protokolldatenbank gesammelt."
            }
        }
    }

    fn stop_cause(&self, cause: &StopCause) -> String {
        match cause {
            StopCause::Manager { state, exit_code } => manager(*state, *exit_code),
            StopCause::StoppedBy { who } => match person(who) {
                Some(who) => format!("Von {who} beendet"),
                None => "Durch einen Stoppbefehl beendet".to_owned(),
            },
            StopCause::ShutDown { who, program } => format!(
                "Beendet: Der Knoten wurde{} neu gestartet oder heruntergefahren ({program})",
                by(who)
            ),
            StopCause::NotStartedSince { who, program } => format!(
                "Nicht gestartet, seit der Knoten{} neu gestartet oder heruntergefahren wurde \
                 ({program})",
                by(who)
            ),
            StopCause::Crashed { times, exit_code, then } => {
                let then = then.map(after_crash).unwrap_or_default();
                format!("Abgestürzt (zum {times}. Mal), Exitcode {exit_code}{then}")
            }
            StopCause::EndedWithError(code) => format!("Mit Fehler {code} beendet"),
            StopCause::EndedWithOwnError(code) => {
                format!("Mit dienstspezifischem Fehler {code} beendet")
            }
        }
    }

    fn gauge(&self, gauge: &GaugeName) -> [&'static str; 3] {
        match gauge {
            GaugeName::Disk(_) => [
                "Datenträger fast voll",
                "Auf einen vollen Datenträger kann Qlik Sense weder protokollieren noch Apps \
                 speichern.",
                "Geben Sie Speicherplatz frei, oder vergrößern Sie den Datenträger.",
            ],
            GaugeName::Memory => [
                "Arbeitsspeicher des Knotens fast voll",
                "Ladevorgänge und Apps werden langsam; schließlich lassen sich Apps nicht mehr \
                 öffnen.",
                "Prüfen Sie in der QMC und im Operations Monitor, welche Apps groß sind und was \
                 gleichzeitig geladen wird.",
            ],
            GaugeName::Processor => [
                "Prozessor des Knotens dauerhaft ausgelastet",
                "Ladevorgänge und Benutzer warten aufeinander.",
                "Verteilen Sie die Aufgaben über die Zeit oder auf mehrere Knoten.",
            ],
        }
    }

    fn gauge_reason(&self, place: Option<&str>, reading: &Reading) -> String {
        let Reading { used, amount, limit, steady } = reading;
        let place = place.map(|folder| format!("{folder}: ")).unwrap_or_default();
        let (amount, steady) = (self.amount(amount), self.period(*steady));
        format!("{place}{used} % belegt ({amount}), seit {steady} über dem Grenzwert von {limit} %")
    }

    fn certificate(&self, owner: &str, issuer: &str, on: &str, left: UntilExpiry) -> Sentences {
        let days = |n: i64| if n == 1 { "noch 1 Tag".to_owned() } else { format!("noch {n} Tage") };
        let reason = match left {
            UntilExpiry::Expired => format!("Am {on} abgelaufen"),
            UntilExpiry::WithinAWeek { days: n } => {
                format!("Läuft innerhalb einer Woche ab, am {on}: {}", days(n))
            }
            UntilExpiry::Days(n) => format!("Läuft am {on} ab: {}", days(n)),
        };
        let by = if issuer == owner { "sich selbst" } else { issuer };
        let advice =
            format!("Erneuern Sie das Zertifikat von {owner}, signiert von {by}, vor diesem Tag.");
        let meaning = "Nach dem Ablauf vertrauen die Dienste von Qlik Sense einander nicht mehr, \
                       oder Browser vertrauen der Site nicht mehr.";
        let title = format!("Zertifikat von {owner} läuft ab");
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
                "Footman kann seinen Zustand nicht speichern; Meldungen kommen verspätet",
                "Notfallkarte, ohne den Zustand gesendet. Fehlschläge stehen weiterhin in den \
                 Protokolldateien; sie werden gelesen und gemeldet, sobald der Zustand wieder \
                 gespeichert werden kann. Bis dahin sendet Footman nichts anderes.",
                Some(
                    "Geben Sie auf dem Datenträger des Zustandsordners Speicherplatz frei, und \
                     prüfen Sie, ob das Konto von Footman dort schreiben darf. „footman status“ \
                     und „footman doctor“ auf dem Knoten zeigen die aktuelle Ursache.",
                ),
            );
        }
        if let AgentProblem::StateWentBack { .. } = problem {
            let sentences = Sentences::new(
                "Der Zustand von Footman ist ein früherer",
                "Was seitdem geschah, wird noch einmal gelesen; solche Karten tragen den Hinweis \
                 auf eine mögliche Wiederholung. Was noch in den Logs steht, geht nicht verloren.",
                Some(
                    "Wenn Sie eine Sicherung des Zustandsordners eingespielt haben, ist nichts zu \
                     tun. Sonst prüfen Sie den Datenträger, und was sonst Dateien im \
                     Zustandsordner ändert.",
                ),
            );
            return Sentences { reason: agent_reason(problem, lasting), ..sentences };
        }
        if let AgentProblem::ChannelUnavailable { channel, .. } = problem {
            let meaning = "Seine Karten werden aufbewahrt und gesendet, sobald er sie annimmt, \
                           oder über seinen Ersatzkanal, falls es einen gibt.";
            let advice = "„footman status“ auf dem Knoten zeigt die Antwort des Kanals und was auf \
                          ihn wartet; „footman doctor“ prüft die Verbindung ohne eine Karte.";
            let title = format!("Der Kanal {channel} nimmt keine Karten an");
            let sentences = Sentences::new(&title, meaning, Some(advice));
            return Sentences { reason: agent_reason(problem, lasting), ..sentences };
        }
        let meaning = "Footman läuft weiter, aber Fehlschläge in diesen Dateien werden nicht \
                       gemeldet.";
        let title = match problem {
            AgentProblem::ReadingStuck => "Footman kann die Logs nicht lesen",
            _ => "Footman braucht Aufmerksamkeit",
        };
        let sentences = Sentences::new(title, meaning, None);
        Sentences { reason: agent_reason(problem, lasting), ..sentences }
    }

    fn alive(&self, lately: &Lately, since: &str) -> Sentences {
        let n = |n: u64, none: &str, one: &str, many: &str| match n {
            0 => none.to_owned(),
            1 => one.to_owned(),
            n => format!("{n} {many}"),
        };
        let reloads = n(
            lately.reloads,
            "kein Ladevorgang erfolgreich",
            "1 Ladevorgang erfolgreich",
            "Ladevorgänge erfolgreich",
        );
        let incidents = n(lately.incidents, "kein Vorfall", "1 Vorfall", "Vorfälle");
        let cards = n(lately.cards, "keine Karte", "1 Karte", "Karten");
        let meaning = "Footman sendet diese Karte von Zeit zu Zeit, damit Power Automate den \
                       Workflow eines ruhigen Kanals nicht abschaltet. Es ist nichts zu tun.";
        let reason = format!("{reloads}, {incidents}, {cards} seit dem {since}");
        Sentences { reason, ..Sentences::new("", meaning, None) }
    }

    fn task_failed(&self) -> Sentences {
        let meaning = "Die Aufgabe hat keine App und ist daher keine Ladeaufgabe, sondern ein \
                       externes Programm, ein Vorausladen oder ein Benutzerabgleich.";
        let advice = "Prüfen Sie die Aufgabe und ihren Verlauf in der QMC, und starten Sie sie \
                      dann erneut.";
        Sentences::new("Aufgabe fehlgeschlagen", meaning, Some(advice))
    }

    fn overdue(&self, overdue: &Overdue) -> String {
        let within = self.period(overdue.within);
        match overdue.usually {
            Some(longest) => format!(
                "Gestartet, aber nach {within} nicht beendet; üblich sind höchstens {}",
                self.period(longest)
            ),
            None => format!("Gestartet, aber nach {within} nicht beendet"),
        }
    }
}

/// ` von LAB\anna`; empty for a system account.
fn by(who: &str) -> String {
    person(who).map(|who| format!(" von {who}")).unwrap_or_default()
}

/// Codes as in `winerror.h`.
fn manager(state: ServiceState, exit_code: u32) -> String {
    match (state, exit_code) {
        (ServiceState::Starting, _) => {
            "Startet, ohne den laufenden Zustand zu erreichen".to_owned()
        }
        (ServiceState::Stopping, _) => "Wird beendet, ohne fertig zu werden".to_owned(),
        (ServiceState::Paused, _) => "Angehalten".to_owned(),
        (_, 0) => "Von einem Benutzer oder Programm beendet".to_owned(),
        (_, 1077) => "Seit dem Start dieses Rechners nicht gestartet".to_owned(),
        (_, 1067) => "Der Prozess wurde unerwartet beendet (1067)".to_owned(),
        (_, 1066) => {
            "Mit dienstspezifischem Fehler beendet (1066); prüfen Sie das Protokoll des Dienstes"
                .to_owned()
        }
        (_, 1069) => {
            "Konnte nicht starten: Das Dienstkonto konnte sich nicht anmelden (1069)".to_owned()
        }
        (_, code) if code > 0xFFFF => format!("Unerwartet beendet, Exitcode 0x{code:08x}"),
        (_, code) => format!("Mit Fehler {code} beendet"),
    }
}

fn after_crash(then: AfterCrash) -> String {
    let after = |seconds: Option<u64>| {
        seconds.map(|seconds| format!(" nach {seconds} s")).unwrap_or_default()
    };
    match then {
        AfterCrash::RestartsService { seconds } => {
            format!("; Windows startet ihn{} neu", after(seconds))
        }
        AfterCrash::RestartsMachine { seconds } => {
            format!("; Windows startet den Rechner{} neu", after(seconds))
        }
    }
}

fn agent_reason(problem: &AgentProblem, lasting: &str) -> String {
    match problem {
        AgentProblem::StateDamaged { kept } => {
            let what = match kept {
                Some(kept) => format!("war beschädigt und wird als {kept} aufbewahrt"),
                None => "fehlte oder war leer".to_owned(),
            };
            format!(
                "Die Zustandsdatei {what}; eine neue wurde angelegt. Das Lesen beginnt, wo \
                 on-state-loss es festlegt; einzelne Karten können doppelt kommen"
            )
        }
        AgentProblem::StateWentBack { .. } => "Der Zustandsdatei fehlt, was zuletzt geschrieben \
                                               wurde: Ihr Write-Ahead-Log ging verloren oder \
                                               wurde beschädigt, oder eine ältere Kopie nahm \
                                               ihren Platz ein"
            .to_owned(),
        AgentProblem::StateNotWritten => String::new(),
        AgentProblem::ChannelUnavailable { .. } => {
            format!("Seit {lasting} keine Karte angenommen")
        }
        AgentProblem::StateWrittenAgain => "Der Zustand kann wieder gespeichert werden; \
                                            Fehlschläge aus der Zwischenzeit werden jetzt gemeldet"
            .to_owned(),
        AgentProblem::StatePutBack => "Der Zustandsordner oder eine Datei darin wurde bei \
                                       laufendem Footman gelöscht und aus den geöffneten Dateien \
                                       wiederhergestellt; nichts ist verloren"
            .to_owned(),
        AgentProblem::LockFileReplaced => "Anstelle der Datei state.lock im Zustandsordner steht \
                                           ein Ordner, ein Link oder etwas anderes; Footman behält \
                                           seine Sperre, lässt sich aber erst wieder starten, wenn \
                                           das entfernt ist"
            .to_owned(),
        AgentProblem::BrokenFile(one) => format!("Ausgelassen: {}", mistake(one)),
        AgentProblem::NoLogRoot(root) => {
            let what = match &root.fault {
                LogRootFault::Absent => "existiert nicht",
                LogRootFault::NotAFolder => "ist kein Ordner",
                LogRootFault::Empty => "ist leer",
                LogRootFault::Unreadable(error) => {
                    &format!("kann nicht gelesen werden: {}", files::system_error(error))
                }
                LogRootFault::Foreign => "enthält keine Protokolle von Qlik Sense",
            };
            format!("Der Ordner der Protokolle {} {what}; Footman wartet darauf", root.folder)
        }
        AgentProblem::FilesBroken(one) => {
            let one = mistake(one);
            format!("Geänderte Dateien sind fehlerhaft; die bisherigen gelten weiter: {one}")
        }
        AgentProblem::RestartNeeded { logs } => {
            let logs = logs.join(", ");
            format!("Muster verwenden {logs}; dem wird erst nach einem Neustart gefolgt")
        }
        AgentProblem::ReadingStuck => "Ein Lesedurchgang wird nicht fertig; eine Datei oder ein \
                                       Ordner hängt, etwa auf einer Freigabe, die nicht antwortet"
            .to_owned(),
        AgentProblem::UnknownLayout { log } => format!(
            "Die erste Zeile des Protokolls {log} nennt keine bekannten Spalten; seine Zeilen \
             werden als reiner Text durchsucht. Senden Sie die erste Zeile an die Entwickler"
        ),
    }
}
