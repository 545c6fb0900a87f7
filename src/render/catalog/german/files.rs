//! Pure. What is wrong with files and folders, in German.

use crate::config::{LogRootFault, ProblemKind, SystemError, SystemErrorKind};
use crate::detection::FileMistake;
use crate::render::catalog::Files;
use crate::render::catalog::german::German;
use crate::tail::FileFault;

impl Files for German {
    fn file_problem(&self, fault: &FileFault) -> String {
        match fault {
            FileFault::UnreadableFile(error) => format!(
                "diese Protokolldatei kann nicht gelesen werden ({}); {}; Footman versucht es \
                 weiter",
                system_error(error),
                remedy(error)
            ),
            FileFault::UnreadableFolder(error) => unlisted(error, remedy(error)),
            FileFault::VanishedFolder(error) => unlisted(
                error,
                "prüfen Sie, ob seine Freigabe oder sein Datenträger verbunden ist; was \
                 inzwischen geschrieben wird, wird gelesen, sobald der Ordner wieder da ist",
            ),
            FileFault::MissingFolder(error) => {
                unlisted(error, "ihm wird gefolgt, sobald er vorhanden ist")
            }
            FileFault::NoLogRoot { fault, holds } => {
                let what = match fault {
                    LogRootFault::Absent => "der Ordner existiert nicht",
                    LogRootFault::NotAFolder => "es ist kein Ordner",
                    LogRootFault::Empty => "der Ordner ist leer",
                    LogRootFault::Unreadable(error) => system_error(error),
                    LogRootFault::Foreign => {
                        let holds = holds.join(", ");
                        &format!(
                            "der Ordner enthält keinen Protokollordner von Qlik Sense, nur {holds}"
                        )
                    }
                };
                format!("{what}; ihm wird gefolgt, sobald er Protokolle enthält")
            }
            FileFault::NoContent => "diese Protokolldatei endet seit einer Minute mit NUL-Bytes; \
                                     Zeilen dahinter werden gelesen, sobald der Bereich gefüllt \
                                     oder überschrieben ist"
                .to_owned(),
            FileFault::Truncated => {
                "diese Protokolldatei wurde gekürzt oder neu geschrieben, bevor \
                                     ihr Ende gelesen war; sie wird von vorn gelesen, und kurz \
                                     zuvor geschriebene Zeilen können verloren sein"
                    .to_owned()
            }
            FileFault::UnknownLayout { log } => format!(
                "die erste Zeile dieses Protokolls {log} nennt keine bekannten Spalten; senden Sie \
                 sie an die Entwickler; bis dahin werden die Zeilen dieses Protokolls als reiner \
                 Text durchsucht"
            ),
        }
    }
}

fn unlisted(error: &SystemError, remedy: &str) -> String {
    let error = system_error(error);
    format!("der Inhalt dieses Protokollordners kann nicht gelesen werden ({error}); {remedy}")
}

/// What to do about a file or folder that cannot be opened.
fn remedy(error: &SystemError) -> &'static str {
    match error {
        SystemError::Known(SystemErrorKind::TooManyOpenFiles) => {
            "dieser Prozess hat zu viele offene Dateien und Verbindungen: schließen Sie nicht \
             benötigte Browserseiten, oder erhöhen Sie ulimit -n (LimitNOFILE der Unit)"
        }
        _ => "geben Sie dem Konto dieses Dienstes Leserechte",
    }
}

/// `own.toml:3:5: unbekannter Schlüssel „x“ (Einzelheiten mit „footman check“)`.
pub(crate) fn mistake(mistake: &FileMistake) -> String {
    let key = mistake.key.as_ref().map(|key| format!("„{key}“"));
    let what = match (mistake.kind, key) {
        (ProblemKind::Unreadable, _) => "kann nicht gelesen werden".to_owned(),
        (ProblemKind::Syntax, _) => "fehlerhafte Syntax".to_owned(),
        (ProblemKind::UnknownKey, Some(key)) => format!("unbekannter Schlüssel {key}"),
        (ProblemKind::UnknownKey, None) => "unbekannter Schlüssel".to_owned(),
        (ProblemKind::Missing, _) => "ein notwendiger Wert fehlt".to_owned(),
        (ProblemKind::UnknownName, Some(key)) => format!("{key} nennt etwas, das es nicht gibt"),
        (ProblemKind::UnknownName, None) => "nennt etwas, das es nicht gibt".to_owned(),
        (ProblemKind::Regex, Some(key)) => format!("{key} ist kein gültiger regulärer Ausdruck"),
        (ProblemKind::Regex, None) => "kein gültiger regulärer Ausdruck".to_owned(),
        (ProblemKind::Invalid, Some(key)) => format!("{key} ist ungültig"),
        (ProblemKind::Invalid, None) => "ungültig".to_owned(),
    };
    let more = match mistake.more {
        0 => String::new(),
        n => format!("und {n} weitere; "),
    };
    format!("{}: {what} ({more}Einzelheiten mit „footman check“)", mistake.place())
}

pub(crate) fn system_error(error: &SystemError) -> &str {
    use SystemErrorKind as Kind;
    let kind = match error {
        SystemError::Known(kind) => kind,
        SystemError::Other(text) => return text,
    };
    match kind {
        Kind::NotFound => "nicht vorhanden",
        Kind::PermissionDenied => "Zugriff verweigert",
        Kind::AlreadyExists => "etwas mit diesem Namen ist schon vorhanden",
        Kind::NotADirectory => "ein Teil des Pfads ist kein Ordner",
        Kind::IsADirectory => "es ist ein Ordner",
        Kind::DirectoryNotEmpty => "der Ordner ist nicht leer",
        Kind::ReadOnlyFilesystem => "das Dateisystem ist schreibgeschützt",
        Kind::StorageFull => "der Datenträger ist voll",
        Kind::QuotaExceeded => "das Kontingent ist aufgebraucht",
        Kind::FileTooLarge => "die Datei ist zu groß",
        Kind::InvalidFilename => "der Name ist als Dateiname unzulässig",
        Kind::NetworkUnreachable => "das Netzwerk ist nicht erreichbar",
        Kind::HostUnreachable => "der Rechner ist nicht erreichbar",
        Kind::ConnectionRefused => "die Verbindung wurde abgelehnt",
        Kind::ConnectionReset => "die Verbindung wurde zurückgesetzt",
        Kind::ConnectionAborted => "die Verbindung wurde abgebrochen",
        Kind::AddrInUse => "ein anderes Programm verwendet die Adresse",
        Kind::AddrNotAvailable => "die Adresse gehört nicht zu diesem Rechner",
        Kind::TimedOut => "Zeitüberschreitung",
        Kind::BrokenPipe => "die Gegenseite hat die Verbindung geschlossen",
        Kind::TooManyOpenFiles => "zu viele offene Dateien",
        Kind::LinkLoop => "seine Links führen im Kreis",
    }
}
