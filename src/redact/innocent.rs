//! Pure. Values without quotes that are no secrets: `Passwords: 1,204 rows`, `Secrets: loaded 4 rows`,
//! `vToken = vToken + 1`, `// token = number of the page`.

use crate::redact::assign::{Join, SecretName};
use crate::redact::names::{self, Class, has};
use crate::redact::values::{self, Value, line_end, line_start};
use crate::redact::{looks, settings, unmarked, words};

/// The most digits of a number of rows without separators.
const DIGITS: usize = 9;

impl SecretName<'_> {
    /// `1,204 rows`, `vPageToken + 1` without `LET`, `FOR vPass = 1`, a definition in a comment.
    pub(crate) fn is_no_secret(&self, value: &Value, found: &str, join: Join) -> bool {
        let line = &self.text[value.end..line_end(self.text, value.end)];
        let lead = self.lead();
        let verb = lead.trim_end().rsplit([' ', '\t', '(']).next().unwrap_or_default();
        let begins = || {
            let line = line_start(self.text, self.start);
            values::skip_prefix(self.text, line, self.start) == self.start
        };
        // `LET vLeft = vTokens - vTokensDone`.
        let is_difference = || self.text[self.end..value.start].trim() == "-";
        let is_assigned = || {
            (join == Join::Equals && (has(words::BRANCHES, &verb.to_lowercase()) || begins())
                || is_difference())
                && looks::is_variable(self.name())
                && looks::is_variable(found)
                && settings::is_reference(found)
        };
        let is_counter =
            verb.eq_ignore_ascii_case("for") && found.bytes().all(|c| c.is_ascii_digit());
        is_report(self.name(), found, line)
            || is_assigned()
            || is_counter
            || self.is_definition(found, line)
    }

    /// `// token = number of the page`, from the word behind the sign.
    fn is_definition(&self, found: &str, rest: &str) -> bool {
        let has_more = rest.trim_start().starts_with(char::is_alphabetic);
        let lower = found.to_lowercase();
        let is_meant = || {
            values::is_remark(found)
                || words::INSIDE.iter().any(|word| lower.contains(word))
                || has(words::OF_THINGS, &self.name().to_lowercase())
                    && std::iter::once(found)
                        .chain(rest.split_whitespace())
                        .any(|word| has(words::THINGS, &word.to_lowercase()))
        };
        looks::is_wording(found)
            && match self.class {
                Class::Weak => found.len() < settings::LONG,
                Class::Strong => has_more && is_meant(),
                _ => false,
            }
            && unmarked::is_comment(self.lead())
            && !rest.split_whitespace().any(looks::is_made_up)
    }

    /// The name of a column by which tables are joined, or a text about a secret.
    pub(crate) fn names_other(&self, core: &str) -> bool {
        let name = names::parts(self.name()).concat();
        let is_data_key = words::DATA_KEYS.iter().any(|key| name.ends_with(key));
        let is_text = || looks::is_wording(core) && core.contains([' ', '.', '_', '(']);
        is_data_key && looks::is_field(core) || is_text() && names::is_text_about(self.name())
    }
}

/// Whether the text behind the colon, whose first word is `found`, is about rows and no secret.
fn is_report(name: &str, found: &str, rest: &str) -> bool {
    let word = found.trim_end_matches(['.', ',', ':', '!', '…', '*']);
    let next = rest.split_whitespace().next().unwrap_or_default();
    if is_number(word) {
        // A password may be a number: `Password: 123456 user: sa`.
        return is_of(words::ROWS, next)
            || is_plural(name) && (is_counted(next) || has_thousands(word));
    }
    let is_verb = has(words::PROGRESS, &word.to_lowercase());
    // `Password: start 4711` is shown by nothing but a count of rows.
    let is_followed = || {
        let mut words = rest.split_whitespace();
        has(words::SOURCES, &next.to_lowercase())
            || is_number(next) && words.nth(1).is_some_and(is_counted)
    };
    is_verb && (is_plural(name) || is_followed())
}

fn is_counted(word: &str) -> bool {
    word.starts_with('%') || is_of(words::COUNTED, word) || is_of(words::ROWS, word)
}

fn is_of(list: &str, word: &str) -> bool {
    let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    has(list, &bare.to_lowercase())
}

/// `12345`, `1,204`, `1.204.567`.
fn is_number(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || ".,'’\u{a0}\u{202f}".contains(c);
    word.len() <= 2 * DIGITS
        && word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(is_part)
}

/// `1,204`, but not `12,04`.
fn has_thousands(word: &str) -> bool {
    let mut groups = word.split(['.', ',', '\'', '’', '\u{a0}', '\u{202f}']);
    groups.next().is_some_and(|first| (1..4).contains(&first.len()))
        && groups.clone().next().is_some()
        && groups.all(|group| group.len() == 3)
}

/// Whether a name is that of several secrets, as a table has it.
fn is_plural(name: &str) -> bool {
    let name = name.to_lowercase();
    name.len() > 4 && name.ends_with('s') && !name.ends_with("pass")
        || ["wörter", "woerter", "geheimnisse", "codes", "mots de passe", "ungen"]
            .iter()
            .any(|end| name.ends_with(end))
}
