//! Pure. The product's sentences in German; `docs/languages.md` lists the terms.

mod cards;
mod cloud;
mod conditions;
mod files;

use jiff::civil::Date;
use jiff::{SignedDuration, ZonedDateTime};

use crate::detection::{Amount, Kind, Severity};
use crate::incident::{EndedSilencer, Flapping, SilenceEnd};
use crate::render::catalog::{Catalog, Labels};
use crate::render::words;

pub(crate) struct German;

const LABELS: Labels = Labels {
    acknowledge: "Reagieren…",
    acknowledge_only: "Quittieren…",
    also_back: "Läuft auch wieder",
    also_down: "Auch ausgefallen",
    app: "App",
    automatic: "Automatisch",
    before: "Davor",
    channel: "Kanal",
    connection: "Verbindung",
    duration: "Dauer",
    effect: "Auswirkung",
    failing: "Gestört",
    held_back: "Nicht gesendet",
    in_a_row: "In Folge",
    incident: "Vorfall",
    last_good: "Zuletzt erfolgreich",
    last_time: "Letztes Mal",
    node: "Knoten",
    note: "Hinweis",
    open_app: "App öffnen",
    open_qmc: "QMC öffnen",
    outside_task: "Im Hub oder in einem Editor geladen, nicht durch eine Aufgabe.",
    owner: "Besitzer",
    script_log: "Protokoll",
    sent_by: "Gesendet von",
    service: "Dienst",
    space: "Bereich",
    start_type: "Starttyp",
    started_by: "Gestartet von",
    still_failing: "Weiterhin gestört",
    stream: "Stream",
    tags: "Stichwörter",
    taken_by: "Quittiert von",
    task: "Aufgabe",
    tasks_in_qmc: "Aufgaben (QMC)",
    test_works: "Wenn Sie diesen Text und die fünf Skriptzeilen darunter lesen können, funktioniert \
                 dieser Kanal.",
    unknown: "unbekannt",
    user: "Benutzer",
    usual_duration: "Üblich",
    was_doing: "Führte gerade aus",
    was_down: "Ausgefallen",
    was_failing: "War gestört",
    was_up: "Lief zuvor",
    what_to_do: "Was ist zu tun",
};

const WEEKDAYS: &str = "Mo Di Mi Do Fr Sa So";
const MONTHS: &str = "Januar Februar März April Mai Juni Juli August September Oktober November \
                      Dezember";

fn nth(names: &'static str, n: i8) -> &'static str {
    names.split(' ').nth(usize::try_from(n).unwrap_or_default()).unwrap_or_default()
}

/// `Mo`.
fn weekday(at: Date) -> &'static str {
    nth(WEEKDAYS, at.weekday().to_monday_zero_offset())
}

impl Catalog for German {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn moment(&self, at: &ZonedDateTime) -> String {
        format!("{} {}", weekday(at.date()), at.strftime("%-d.%-m.%Y %H:%M:%S"))
    }

    fn short_moment(&self, at: &ZonedDateTime) -> String {
        format!("{} {}", weekday(at.date()), at.strftime("%-d.%-m. %H:%M"))
    }

    fn day(&self, at: &ZonedDateTime) -> String {
        at.strftime("%-d.%-m.").to_string()
    }

    fn weekday(&self, day: Date) -> String {
        format!("{} {}", weekday(day), day.strftime("%-d.%-m."))
    }

    fn number(&self, n: u64) -> String {
        words::grouped(n, '.')
    }

    fn date(&self, at: &ZonedDateTime) -> String {
        format!("{}. {} {}", at.day(), nth(MONTHS, at.month() - 1), at.year())
    }

    fn instant(&self) -> &'static str {
        "unter 1 s"
    }

    fn period(&self, time: SignedDuration) -> String {
        words::in_two_units(time).unwrap_or_else(|| "0 s".to_owned())
    }

    fn amount(&self, amount: &Amount) -> String {
        let bytes = |n| words::bytes(n, ',');
        match amount {
            Amount::Bytes { used, total } => format!("{} von {}", bytes(*used), bytes(*total)),
            Amount::Cores { cores: 1 } => "1 Kern".to_owned(),
            Amount::Cores { cores } => format!("{cores} Kerne"),
            Amount::Worded(text) => text.clone(),
        }
    }

    fn ordinal(&self, n: u64) -> String {
        format!("{n}.")
    }

    fn services(&self, name: &str, more: usize) -> String {
        match more {
            0 => name.to_owned(),
            1 => format!("{name} und 1 weiterer Dienst"),
            n => format!("{name} und {n} weitere Dienste"),
        }
    }

    fn list(&self, names: &str, more: usize) -> String {
        match more {
            0 => names.to_owned(),
            1 => format!("{names} und 1 weiterer Eintrag"),
            n => format!("{names} und {n} weitere"),
        }
    }

    fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => "Info",
            Severity::Warning => "Warnung",
            Severity::Error => "Fehler",
            Severity::Critical => "kritisch",
        }
    }

    fn uncertain(&self) -> &'static str {
        "Uhrzeit nicht eindeutig"
    }

    fn counted(&self, n: u32, within: SignedDuration) -> String {
        format!("{n}-mal innerhalb von {} aufgetreten.", self.period(within))
    }

    fn stopped_by(&self, user: &str) -> String {
        format!("Abgebrochen von {user}")
    }

    fn script_on(&self, place: &str, node: &str) -> String {
        format!(
            "Kein Skriptprotokoll dieses Laufs gefunden, gesucht in {place}. {node} hat ihn \
             ausgeführt und hat das Protokoll."
        )
    }

    fn script_not_here(&self, place: &str) -> String {
        format!(
            "Kein Skriptprotokoll dieses Laufs gefunden, gesucht in {place}. Hat ihn ein anderer \
             Knoten ausgeführt, liegt es dort."
        )
    }

    fn script_missing(&self, place: &str) -> String {
        format!("Kein Skriptprotokoll dieses Laufs gefunden, gesucht in {place}.")
    }

    fn swallowed(&self, n: usize, at_least: bool) -> String {
        let begin = if at_least { "Mindestens " } else { "" };
        let errors = if n == 1 { "früherer Fehler wurde" } else { "frühere Fehler wurden" };
        format!("{begin}{n} {errors} ignoriert (ErrorMode=0).")
    }

    fn opened(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => {
                format!("Laden fehlgeschlagen: {name}")
            }
            Kind::ReloadAborted => format!("Laden abgebrochen: {name}"),
            Kind::TaskFailed => format!("Aufgabe fehlgeschlagen: {name}"),
            Kind::TaskNotStarted => format!("Aufgabe nicht gestartet: {name}"),
            Kind::ReloadRecovered | Kind::ServiceStarted => self.recovered(&self.over(kind, name)),
            Kind::CloudTaskDisabled => format!("Aufgabe abgeschaltet: {name}"),
            Kind::Performance => titled("Leistung", "Leistungsproblem", name),
            Kind::Security => titled("Sicherheit", "Sicherheitsproblem", name),
            Kind::Service => titled("Qlik-Dienst", "Problem eines Qlik-Dienstes", name),
            Kind::ServiceStopped => format!("Dienst ausgefallen: {name}"),
            Kind::Agent if name.is_empty() => "Footman braucht Aufmerksamkeit".to_owned(),
            Kind::Agent => name.to_owned(),
            Kind::Heartbeat => format!("Lebenszeichen von Footman: {name}"),
            Kind::Digest => "Mehrere Probleme auf einer Karte".to_owned(),
            Kind::Test => "Testkarte".to_owned(),
        }
    }

    fn repeated(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => {
                format!("Laden schlägt weiterhin fehl: {name}")
            }
            Kind::ReloadAborted => format!("Laden erneut abgebrochen: {name}"),
            Kind::TaskFailed => format!("Aufgabe scheitert weiter: {name}"),
            Kind::TaskNotStarted => format!("Startet weiterhin nicht: {name}"),
            Kind::ServiceStopped => format!("Weiterhin ausgefallen: {name}"),
            Kind::CloudTaskDisabled => format!("Weiterhin abgeschaltet: {name}"),
            Kind::ReloadRecovered | Kind::ServiceStarted => self.opened(kind, name),
            Kind::Performance | Kind::Security | Kind::Service if !name.is_empty() => {
                format!("Weiterhin: {name}")
            }
            _ => format!("Weiterhin: {}", self.opened(kind, name)),
        }
    }

    fn over(&self, kind: Kind, name: &str) -> String {
        match kind {
            Kind::TaskFailed | Kind::TaskNotStarted => format!("{name} läuft wieder"),
            Kind::CloudTaskDisabled => format!("{name} wieder eingeschaltet"),
            Kind::ServiceStopped | Kind::ServiceStarted => format!("{name} wieder in Betrieb"),
            Kind::Performance | Kind::Security | Kind::Service | Kind::Agent => {
                self.opened(kind, name)
            }
            _ => format!("{name} lädt wieder fehlerfrei"),
        }
    }

    fn recovered(&self, over: &str) -> String {
        format!("Behoben: {over}")
    }

    fn escalated(&self, opened: &str) -> String {
        format!("Nicht quittiert: {opened}")
    }

    fn acknowledged(&self, by: &str, opened: &str) -> String {
        format!("{by} kümmert sich darum: {opened}")
    }

    fn acknowledged_again(&self, by: &str) -> String {
        format!("{by} kümmert sich wieder darum")
    }

    fn silence(&self, id: &str) -> String {
        format!("Stummschaltung {id}")
    }

    fn silence_until(&self, id: &str, until: &str, reason: &str) -> String {
        format!("Stummschaltung {id} bis {until}: {reason}")
    }

    fn flapping(&self, title: &str, is_over: bool) -> String {
        if is_over {
            format!("Wechselt nicht mehr: {title}")
        } else {
            format!("Wechselt ständig: {title}")
        }
    }

    fn after_silence(&self, title: &str) -> String {
        format!("Nach einer Stummschaltung: {title}")
    }

    fn over_but(&self, title: &str, still_failing: &str) -> String {
        format!("{title}; weiterhin gestört: {still_failing}")
    }

    fn some_service(&self) -> &'static str {
        "ein Dienst von Qlik Sense"
    }

    fn changes(&self, flapping: &Flapping) -> String {
        let Flapping { changes, is_over, .. } = flapping;
        if *is_over {
            format!("{changes}-mal aufgetreten oder behoben; seit 30 Minuten ruhig.")
        } else {
            format!(
                "{changes}-mal innerhalb von 30 Minuten aufgetreten oder behoben. Weitere Wechsel \
                 werden zurückgehalten, bis es 30 Minuten lang ruhig war."
            )
        }
    }

    fn also_open(&self, names: &str) -> String {
        format!("Ebenfalls noch offen: {names}.")
    }

    fn silence_ended(&self, end: &SilenceEnd, held_back: u32) -> String {
        let SilenceEnd { of, reason } = end;
        let what = match of {
            EndedSilencer::Window(window) => format!("Das Wartungsfenster „{window}“ ist beendet"),
            EndedSilencer::By(by) => format!("Eine Stummschaltung von {by} ist beendet"),
        };
        let why = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        match held_back {
            0 => format!("{what}{why}."),
            1 => format!("{what}{why}; 1 Auftreten wurde zurückgehalten."),
            n => format!("{what}{why}; {n} Auftreten wurden zurückgehalten."),
        }
    }

    fn nth_time(&self, n: u32) -> String {
        format!("Zum {n}. Mal")
    }

    fn since_then(&self, since: &str, lasting: Option<&str>) -> String {
        let ago = lasting.map(|lasting| format!(" (vor {lasting})")).unwrap_or_default();
        format!(" seit {since}{ago}.")
    }

    fn was_failing(&self, lasting: Option<&str>, count: u32, since: &str) -> String {
        let lasting = lasting.map(|lasting| format!("{lasting} · ")).unwrap_or_default();
        let times = if count > 1 { format!("{count}-mal · ") } else { String::new() };
        format!("{lasting}{times}seit {since}")
    }

    fn times(&self, n: u32) -> String {
        if n == 1 { "einmal".to_owned() } else { format!("{n}-mal") }
    }

    fn held_back(&self, n: u32) -> String {
        format!("{n} weitere seit der letzten Karte")
    }

    fn effects(&self, n: u32) -> String {
        match n {
            1 => "1 Fehlschlag auf diesem Knoten war die Folge und wurde nicht gesendet".to_owned(),
            n => format!(
                "{n} Fehlschläge auf diesem Knoten waren die Folge und wurden nicht gesendet"
            ),
        }
    }

    fn sent_by(&self, version: &str, node: &str) -> String {
        format!("gesendet von footman {version} auf {node}")
    }

    fn stopped_since(&self, since: &str) -> String {
        format!("ausgefallen {since}")
    }

    fn running_since(&self, at: &str) -> String {
        format!("läuft seit {at}")
    }

    fn down_for(&self, lasting: &str) -> String {
        format!("Ausfall {lasting}")
    }

    fn ran_since(&self, at: &str) -> String {
        format!("seit {at}")
    }

    fn ran_until(&self, at: &str) -> String {
        format!("bis {at}")
    }

    fn in_script_line(&self, number: u32) -> String {
        format!("In Skriptzeile {number}.")
    }

    fn at_statement(&self, number: u32, statement: &str) -> String {
        format!("Skriptzeile {number}: {statement}")
    }

    fn excerpt_title(&self, lines: Option<(u64, u64)>) -> String {
        match lines {
            Some((first, last)) => format!("Skriptprotokoll, Zeilen {first}–{last}"),
            None => "Skriptprotokoll".to_owned(),
        }
    }

    fn shortened(&self, path: Option<&str>) -> String {
        match path {
            Some(path) => format!("(gekürzt, vollständiges Protokoll unter {path})"),
            None => "(gekürzt)".to_owned(),
        }
    }

    fn plain_footer(&self, version: &str, node: &str) -> String {
        format!("einfache Karte · {}", self.sent_by(version, node))
    }

    fn emergency_footer(&self, version: &str) -> String {
        format!("Notfallkarte · höchstens eine pro Stunde · footman {version}")
    }

    fn continues(&self, since: &str) -> String {
        format!("Fortsetzung der Karte von {since}, die es nicht mehr gibt.")
    }

    fn instead_of(&self, channel: &str, since: &str) -> String {
        format!("hier gesendet, weil der Kanal {channel} seit {since} nicht erreichbar ist")
    }

    fn possible_repeat(&self) -> &'static str {
        "möglicherweise doppelt: Es ist nicht bekannt, ob diese Karte schon ankam"
    }

    fn digest(&self, problems: u32, over: u32, span: &str) -> String {
        let shown = match (problems, over) {
            (0, 1) => "1 Behebung".to_owned(),
            (0, n) => format!("{n} Behebungen"),
            (1, _) => "1 Problem".to_owned(),
            (n, _) => format!("{n} Probleme"),
        };
        format!("{shown} in {span} auf einer Karte")
    }

    fn digest_over(&self, n: u32) -> String {
        format!("{n} behoben")
    }

    fn also(&self, word: &str, n: usize) -> String {
        format!("außerdem {word} ({n}): ")
    }

    fn unnamed(&self, n: usize) -> String {
        format!("… und {n} weitere, hier nicht genannt")
    }

    fn stands_for(&self, cards: u32, node: &str) -> String {
        let cards = if cards == 1 { "1 Karte".to_owned() } else { format!("{cards} Karten") };
        format!("steht für {cards}; „footman history“ auf {node} listet jede einzeln auf")
    }

    fn no_summary(&self) -> &'static str {
        "eine Karte ohne Zusammenfassung"
    }
}

/// `Leistung: Arbeitsspeicher der Engine knapp`; German nouns keep their capital.
fn titled(family: &str, unnamed: &str, title: &str) -> String {
    if title.is_empty() { unnamed.to_owned() } else { format!("{family}: {title}") }
}
