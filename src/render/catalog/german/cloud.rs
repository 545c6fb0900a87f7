//! Pure. The product's sentences about tenants of Qlik Cloud, in German.

use crate::detection::{
    AnswerFault, BadEnd, CloudCondition, CloudList, TenantFault, TenantRefusal, UntilExpiry,
};
use crate::render::catalog::{Sentences, tenant_fault};

/// The texts of a condition of a tenant; `on` is the date that it names.
pub(crate) fn condition(condition: &CloudCondition, tenant: &str, on: &str) -> Sentences {
    match condition {
        CloudCondition::ReloadEnded { end, code } => ended(*end, code.as_deref()),
        CloudCondition::TaskOff { code } => task_off(code),
        CloudCondition::NotPolled { refusal, why } => not_polled(*refusal, why, tenant),
        CloudCondition::Unread { list, why, .. } => unread(*list, why.as_ref(), tenant, on),
        CloudCondition::KeyExpires { left, .. } => {
            let reason = match left {
                UntilExpiry::Expired => format!("Abgelaufen am {on}"),
                UntilExpiry::WithinAWeek { days: 1 } | UntilExpiry::Days(1) => {
                    format!("Läuft am {on} ab, in 1 Tag")
                }
                UntilExpiry::WithinAWeek { days } | UntilExpiry::Days(days) => {
                    format!("Läuft am {on} ab, in {days} Tagen")
                }
            };
            let sentences = Sentences::new(
                &format!("Der API-Schlüssel des Mandanten {tenant} läuft ab"),
                "Danach werden fehlgeschlagene Ladevorgänge dieses Mandanten nicht mehr gemeldet.",
                Some(
                    "Erzeugen Sie einen neuen API-Schlüssel für denselben Benutzer und hinterlegen \
                     Sie ihn, wo die Konfiguration es sagt. Eine Datei oder ein gespeichertes Geheimnis \
                     wird binnen Sekunden neu gelesen; eine Variable braucht einen Neustart von \
                     Footman.",
                ),
            );
            Sentences { reason, ..sentences }
        }
        CloudCondition::ReloadSucceeded
        | CloudCondition::TaskOn
        | CloudCondition::PolledAgain
        | CloudCondition::ListRead
        | CloudCondition::KeyRenewed => Sentences::default(),
    }
}

fn ended(end: BadEnd, code: Option<&str>) -> Sentences {
    let (reason, meaning, advice) = match (end, code) {
        (BadEnd::Canceled, _) => (
            "Das Laden wurde abgebrochen",
            "Die App behält die Daten ihres letzten Ladevorgangs.",
            "Prüfen Sie im Ladeverlauf der App, wer das Laden abgebrochen hat. War das nicht \
             beabsichtigt, laden Sie die App neu.",
        ),
        (BadEnd::ExceededLimit, _) => (
            "Das Laden hat eine Grenze des Mandanten überschritten",
            "Die App behält die Daten ihres letzten Ladevorgangs.",
            "Prüfen Sie, wie oft die App geladen wird und wie viele Ladevorgänge zugleich \
                 laufen; beides begrenzt der Mandant, ebenso die Größe von Apps.",
        ),
        (BadEnd::Failed, Some("EngineConnectionError")) => (
            "Die Engine, die geladen hat, ging verloren",
            "Die Verbindung zur Engine endete vor dem Laden; meist braucht die App zu viel \
             Speicher.",
            "Starten Sie das Laden erneut. Schlägt es wieder fehl, verringern Sie den \
                 Speicherbedarf der App.",
        ),
        (BadEnd::Failed, Some("EngineReloadScriptError")) => (
            "Das Ladeskript ist fehlgeschlagen",
            "Das Skript oder eine seiner Datenquellen hat einen Fehler.",
            "Korrigieren Sie das Skript oder die Datenverbindung und laden Sie die App neu.",
        ),
        (BadEnd::Failed, _) => (
            "Das Laden ist fehlgeschlagen",
            "Die App behält die Daten ihres letzten Ladevorgangs.",
            "Prüfen Sie den Ladeverlauf der App im Mandanten.",
        ),
    };
    let reason = match code {
        Some(code) => format!("{reason} ({code})"),
        None => reason.to_owned(),
    };
    Sentences { reason, ..Sentences::new("", meaning, Some(advice)) }
}

fn task_off(code: &str) -> Sentences {
    let (reason, advice) = match code {
        "CONSECUTIVE-FAILURES" => (
            "Qlik Cloud hat die Aufgabe nach zu vielen Fehlschlägen in Folge abgeschaltet"
                .to_owned(),
            "Beheben Sie die Ursache der Fehlschläge und schalten Sie die Aufgabe wieder ein.",
        ),
        "APP-SCRIPT-UPDATED" => (
            "Qlik Cloud hat die Aufgabe abgeschaltet, weil das Skript der App geändert wurde"
                .to_owned(),
            "Prüfen Sie die Aufgabe und schalten Sie sie wieder ein.",
        ),
        "OWNER-DELETED" | "OWNER-DISABLED" => (
            format!("Qlik Cloud hat die Aufgabe wegen ihres Besitzers abgeschaltet ({code})"),
            "Geben Sie der Aufgabe einen aktiven Besitzer und schalten Sie sie wieder ein.",
        ),
        code => (
            format!("Qlik Cloud hat die Aufgabe abgeschaltet ({code})"),
            "Prüfen Sie die Aufgabe und schalten Sie sie wieder ein.",
        ),
    };
    let meaning = "Diese Aufgabe lädt die App nicht mehr; weitere Fehlschläge kann es also nicht \
                   geben.";
    Sentences { reason, ..Sentences::new("", meaning, Some(advice)) }
}

fn not_polled(refusal: TenantRefusal, why: &TenantFault, tenant: &str) -> Sentences {
    let advice = match refusal {
        TenantRefusal::Credentials => {
            "Prüfen Sie, ob der API-Schlüssel abgelaufen ist oder widerrufen wurde, oder ob das \
             Geheimnis des Clients geändert wurde. „footman doctor“ testet es."
        }
        TenantRefusal::Rights => {
            "Geben Sie dem Benutzer des Schlüssels oder dem OAuth-Client die Rolle Tenant Admin: \
             Nur sie listet die Ladevorgänge des ganzen Mandanten."
        }
        TenantRefusal::RateLimited => {
            "Geben Sie Footman einen eigenen Benutzer: Die Grenze zählt alle Anfragen eines \
             Benutzers."
        }
        TenantRefusal::Request => {
            "Installieren Sie die neueste Version von Footman: Der Mandant nimmt nicht mehr an, was \
             diese fragt. „footman doctor“ zeigt seine Antwort."
        }
        TenantRefusal::NotFound => {
            "Prüfen Sie tenant-url: Es ist die Adresse, unter der Qlik Cloud geöffnet wird. Stimmt \
             sie, installieren Sie die neueste Version von Footman."
        }
        TenantRefusal::Unreachable => {
            "Starten Sie „footman doctor“ auf dem Knoten: Es testet Adresse, Proxy, Zertifikate \
             und Rechte."
        }
    };
    let sentences = Sentences::new(
        &format!("Der Mandant {tenant} kann nicht abgefragt werden"),
        "Fehlgeschlagene Ladevorgänge dieses Mandanten werden erst gemeldet, wenn er wieder \
         abgefragt werden kann.",
        Some(advice),
    );
    Sentences { reason: tenant_fault(why, answer_fault), ..sentences }
}

/// `during` are the times of the rows that were not read, if they are known.
fn unread(list: CloudList, why: Option<&TenantFault>, tenant: &str, during: &str) -> Sentences {
    let what = match (list, why) {
        (CloudList::Ended, _) if during.is_empty() => {
            "Nicht alle beendeten Ladevorgänge wurden gelesen; wann die übrigen endeten, ist nicht \
             bekannt"
                .to_owned()
        }
        (CloudList::Ended, _) => {
            format!("Ladevorgänge, die in der Zeit {during} endeten, wurden nicht gelesen")
        }
        (CloudList::Active, None) => {
            format!("Ladevorgänge, die in der Zeit {during} entstanden, wurden nicht gelesen")
        }
        (CloudList::Active, Some(why)) => {
            format!(
                "Laufende Ladevorgänge werden nicht gelesen: {}",
                tenant_fault(why, answer_fault)
            )
        }
        (CloudList::Tasks, None) => "Aufgaben wurden nicht gelesen".to_owned(),
        (CloudList::Tasks, Some(why)) => {
            format!("Aufgaben werden nicht gelesen: {}", tenant_fault(why, answer_fault))
        }
    };
    let (meaning, advice) = match why {
        None => (
            "Was davon fehlgeschlagen ist, wird nicht gemeldet.",
            "Prüfen Sie Ladevorgänge und Aufgaben des Mandanten daraufhin: Die Liste hat mehr als \
             100.000 Zeilen oder endet nicht.",
        ),
        Some(_) => (
            "Ladevorgänge ohne Ende oder mit verspätetem Eintrag und abgeschaltete Aufgaben werden \
             womöglich nicht gemeldet; alle anderen werden gefunden.",
            "Starten Sie „footman doctor“ auf dem Knoten. Wird die Anfrage selbst abgelehnt, \
             installieren Sie die neueste Version von Footman.",
        ),
    };
    let title = format!("Im Mandanten {tenant} kann nicht alles gelesen werden");
    Sentences { reason: what, ..Sentences::new(&title, meaning, Some(advice)) }
}

/// What is wrong with an answer.
pub(crate) fn answer_fault(fault: &AnswerFault) -> String {
    let words = match fault {
        AnswerFault::Status { status, detail } => {
            let detail = detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
            return format!("{status}: {}{detail}", status_meaning(*status));
        }
        AnswerFault::Elsewhere { host } => {
            let host = host.as_deref().unwrap_or("kein Host");
            return format!(
                "die nächste Seite soll unter einer anderen Adresse stehen ({host}), die nicht \
                 angefragt wird; ist das der Host des Mandanten, tragen Sie ihn als tenant-url ein"
            );
        }
        AnswerFault::Network(why) => why,
        AnswerFault::NotJson => {
            "die Antwort ist kein JSON: Ein Proxy oder ein Portal hat anstelle des Mandanten \
             geantwortet, oder die Antwort wurde abgeschnitten"
        }
        AnswerFault::TooLarge => "die Antwort ist größer als jede Liste",
        AnswerFault::OtherForm => "die Antwort hat eine andere Form, als Qlik Cloud sie beschreibt",
        AnswerFault::NoScriptLog => "die Antwort ist kein Skriptprotokoll",
        AnswerFault::ScriptLogTooLarge => "das Skriptprotokoll ist zu groß",
        AnswerFault::NoToken => "die Antwort enthält kein Token",
        AnswerFault::UnusableToken => {
            "das Token enthält Zeichen, die in keinem Header stehen können"
        }
    };
    words.to_owned()
}

fn status_meaning(status: u16) -> &'static str {
    match status {
        401 => "der Schlüssel oder das Token wird nicht akzeptiert",
        403 => "dieser Benutzer hat kein Recht darauf",
        404 => "unter dieser Adresse gibt es nichts",
        407 => "der Proxy verlangt eine Anmeldung",
        429 => "zu viele Anfragen",
        300..=399 => "eine Weiterleitung, der nicht gefolgt wird",
        408 | 425 | 500..=599 => "Fehler beim Mandanten",
        _ => "die Anfrage wird abgelehnt",
    }
}
