//! Pure. The secret columns of a table: those that are named so, and those of a key, which may be that of
//! a row.

use crate::redact::lost::LOST;
use crate::redact::names::{self, Class, has};
use crate::redact::{keys, looks, phrases};

/// Columns with the names of persons, beside which a column of keys has passwords.
const PERSONS: &str = " \
    account benutzer benutzername brugernavn bruger compte conta cuenta email gebruiker gebruikersnaam \
    konto kto login logon mail user userid username usr usuario usuário utente utilisateur utilizador \
    użytkownik uživatel пользователь ";
/// Words between the name of a secret and its owner.
const OF: &str = " da de del della di do du for für of para per por pour van voor von ";
/// The fewest and the most columns of a table that has no header, or none with the name of a secret.
const UNNAMED: std::ops::RangeInclusive<usize> = 3..=5;

/// The secret columns of a table, counted from zero.
#[derive(Debug, Default)]
pub(crate) struct SecretColumns {
    secret: Vec<usize>,
    /// Those in which only random-looking cells are secrets.
    doubtful: Vec<usize>,
}

impl SecretColumns {
    /// The columns of a header, and those that are known to be secret.
    pub(crate) fn of(header: &[&str], is_known: impl Fn(usize, &str) -> bool) -> Self {
        let all = |is_wanted: &dyn Fn(usize, &str) -> bool| {
            let cells = header.iter().enumerate().filter(|(at, cell)| is_wanted(*at, cell));
            cells.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let secret = all(&|at, cell| is_known(at, cell) || is_secret(cell));
        let doubtful = all(&|at, cell| !secret.contains(&at) && is_key(cell));
        if !doubtful.is_empty() && secret.is_empty() && header.iter().any(|cell| is_person(cell)) {
            return Self { secret: doubtful, doubtful: secret };
        }
        Self { secret, doubtful }
    }

    /// Whether a column is secret for certain.
    pub(crate) fn has_secret(&self) -> bool {
        !self.secret.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.secret.len() + self.doubtful.len()
    }

    /// Whether a cell, without its quotes, is to be hidden if it is no placeholder.
    pub(crate) fn hides(&self, column: usize, cell: &str) -> bool {
        self.secret.contains(&column)
            || self.doubtful.contains(&column) && looks::is_strict(cell) && !keys::is_of_row(cell)
    }
}

/// Whether a cell of a header names a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = bare(name);
    let plain = is_plain(name);
    let words: Vec<&str> = name.split(' ').collect();
    let before = words.len().checked_sub(2).map(|at| words[at]);
    let is_name = |name: &str, before| {
        let class = names::judge(name, before, false);
        matches!(class, Some(Class::Strong | Class::Weak | Class::Pin))
            && !(class == Some(Class::Weak) && names::is_other_thing(name))
            && !is_key(name)
    };
    // `Pass Word`.
    let is_one = || words.len() == 2 && is_name(&words.concat(), None);
    plain && (words.last().is_some_and(|last| is_name(last, before)) || is_one())
        || words.len() > 1 && (phrases::is_column(name) || plain && is_of_owner(&words))
}

/// `senha de rede`, `password for SAP`: the name before the word for its owner.
fn is_of_owner(words: &[&str]) -> bool {
    let of = words.iter().position(|word| has(OF, &word.to_lowercase())).filter(|of| *of > 0);
    of.is_some_and(|of| {
        let (name, owner) = (words[..of].concat(), &words[of + 1..]);
        let is_about = |word: &&str| names::is_property(&word.to_lowercase());
        names::judge(&name, None, false) == Some(Class::Strong)
            && !keys::is_key(&name)
            && !owner.is_empty()
            && !owner.iter().any(is_about)
    })
}

fn bare(name: &str) -> &str {
    name.trim().trim_matches(['"', '\'', '[', ']', '`', '*'])
}

fn is_plain(name: &str) -> bool {
    name.len() < 40
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == LOST || "_-. ".contains(c))
}

/// Whether a cell of a header names a key, which may be that of a row: `Clave`, `key`.
fn is_key(name: &str) -> bool {
    let name = bare(name);
    is_plain(name)
        && (keys::is_key(name)
            || names::is_rarely_secret(&name.to_lowercase())
                && names::judge(name, None, false).is_some())
}

fn is_person(name: &str) -> bool {
    has(PERSONS, &bare(name).to_lowercase())
}

/// Whether a cell of a table without the name of a secret looks random all the same: `prod, etl, hT7pQ2zW`.
pub(crate) fn is_unnamed_secret(column: usize, n_columns: usize, cell: &str) -> bool {
    column > 0 && UNNAMED.contains(&n_columns) && looks::is_scrambled(cell)
}
