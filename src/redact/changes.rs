//! Pure. Sentences that say that a secret was changed: "password of user etl changed to X", "le mot de
//! passe a été changé en X", "das Passwort von etl wurde auf X geändert".

use crate::redact::names::has;
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, skip_blanks};
use crate::redact::words;

/// Changes in the passive voice: the first word, and the others before the new value.
const PASSIVE: &[(&str, &str)] = &[
    ("has", "been "),
    ("had", "been "),
    ("wurde", "auf "),
    ("wurde", "zu "),
    ("wird", "auf "),
    ("har", "ändrats till "),
    ("er", "ændret til "),
    ("er", "endret til "),
    ("zostało", "zmienione na "),
    ("bylo", "změněno na "),
    ("изменён", "на "),
    ("изменен", "на "),
];

/// Words before the participle of a change.
const AUXILIARIES: &str = " \
    a agora ahora been desde désormais er es est está estata foi fu fue fueron für got ha had har has hat \
    heeft ir is ist jetzt just maintenant now nu nun ora se sido stata stato successfully was wel were werd \
    wird wordt wurde är è été já ya ";
/// Participles and verbs of a change.
const CHANGED: &str = " \
    aangepast actualisée actualisé actualizada actualizado aggiornata aggiornato alterada alterado alterou \
    atualizada atualizado cambiada cambiado cambiata cambiato cambió changed changé changée endret \
    gewijzigd geändert gesetzt hernieuwd impostata ingesteld mis mise modificada modificado modificata \
    modificato modified modifié modifiée mudada mudado mudou redefinida redefinido reimpostata remplacé \
    remplacée reset restablecida restablecido rotated réinitialisé réinitialisée rinnovata set \
    trocada trocado updated veranderd vervangen zurückgesetzt ændret ändrats zmienione změněno \
    изменен изменён ";
/// Words before the new value.
const TO: &str = " a ad als auf by con da door durch em en för in into mit na naar op par para per por pour su til till to tot with zu à на ";
/// The most words before the participle, and between the value and a participle at the end.
const AUXILIARY: usize = 4;

/// Words before the old value: `changed from X to Y`.
const FROM: &str = " from von de da van fra från z с ";

/// Whether the word stands before the old value.
pub(crate) fn is_from(word: &str) -> bool {
    has(FROM, word)
}

/// The length of what follows the first word of a change, up to the new value.
pub(crate) fn end_of_change(first: &str, rest: &str) -> Option<usize> {
    let follows = |(word, others): &&(&str, &str)| first == *word && rest.starts_with(others);
    PASSIVE.iter().find(follows).map(|(_, others)| others.len())
}

/// `changed from X`: the start of the second word.
pub(crate) fn change_from(rest: &str) -> Option<usize> {
    let (verb, more) = rest.split_once(' ')?;
    let from = more.split(' ').next()?.to_lowercase();
    (has(words::CHANGES, &verb.to_lowercase()) && has(FROM, &from)).then_some(verb.len() + 1)
}

/// Where the new value begins in a clause about a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NewValue {
    pub at: usize,
    /// Whether nothing else than a value can follow, so that it may be a plain word.
    pub is_sure: bool,
}

/// The new value in a clause that begins with a verb: `has been changed to X`, `wurde auf X geändert`.
pub(crate) fn new_value(clause: &str) -> Option<NewValue> {
    let mut words = clause.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    });
    let mut is_changed = false;
    for _ in 0..=AUXILIARY {
        let (start, word) = words.next()?;
        let lower = word.trim_end_matches(':').to_lowercase();
        if has(TO, &lower) && start > 0 {
            let (at, _) = words.next()?;
            if !is_changed && !is_changed_behind(&clause[at..]) {
                return None;
            }
            return Some(NewValue { at, is_sure: is_changed && lower == "to" });
        }
        let is_verb = has(CHANGED, &lower);
        if !(is_verb || has(AUXILIARIES, &lower)) {
            return None;
        }
        is_changed |= is_verb;
    }
    None
}

/// `X geändert`: the participle right behind the value.
fn is_changed_behind(rest: &str) -> bool {
    let behind = match values::read(rest, 0, ValueKind::Plain) {
        Some(value) if value.quoted => &rest[value.after..],
        _ => rest.split_once(' ').map_or("", |(_, behind)| behind),
    };
    let word = behind.trim_start().split(' ').next().unwrap_or_default();
    has(CHANGED, &word.trim_end_matches(['.', ',', ';', '!', ')', '\'']).to_lowercase())
}

/// Hides the old value of a change if a new one follows, and returns the start of the new one.
pub(crate) fn old_value(text: &str, at: usize, end: usize, spans: &mut Spans) -> usize {
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return end };
    let found = &text[value.start..value.end];
    let next = skip_blanks(text, value.after).min(end);
    let rest = text[next..end].to_lowercase();
    let new =
        ["to ", "auf ", "zu ", "en ", "à ", "a ", "para ", "till ", "til ", "naar ", "na ", "на "]
            .iter()
            .find_map(|to| rest.strip_prefix(to));
    let is_made_up = |word: &str| values::is_odd(word) || word.contains('-') && word.len() > 5;
    let both = new.is_some_and(|new| is_made_up(new.split(' ').next().unwrap_or_default()));
    if value.quoted && new.is_some() || is_made_up(found) && both {
        spans.hide(text, value.start, value.end);
        return next;
    }
    end
}

#[cfg(test)]
mod tests;
