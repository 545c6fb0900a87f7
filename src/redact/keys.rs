//! Pure. Words for a key in many languages. Beside a word such as `secret` or `access` a key is a secret;
//! alone it is more often the key of a row, whose name and value stay readable.

use std::borrow::Cow;
use std::sync::LazyLock;

use hashbrown::HashSet;

use crate::redact::assign::SecretName;
use crate::redact::names::{self, Class, has};
use crate::redact::{looks, lost, values};

/// Words for a key, which is often that of a row.
const KEYS: &str = " \
    anahtar avain chave chaves cheie chiave chiavi clave claves cle clef clefs cles clé clés klucz \
    ključ klíč kulcs kľúč llave llaves nyckel nøgle nøkkel raktas schlüssel schluessel sleutel ключ ";

/// Words that make a key, a token or a code beside them that of a door to a system.
const ACCESS: &str = " \
    acceso accesso acces access accès acesso anmelde anmeldung api conexion conexión conexao conexão \
    connexion connessione login toegang toegangs zugang zugangs zugriff zugriffs ";
/// Words that say that what is beside them is secret.
const SECRET: &str = " \
    geheim geheime geheimen geheimer geheimes privada privado privata privato privat private privater \
    privee privée prive privé secret secreta secrete secreto secrets secrète segreta segreto ";

/// Nouns which, beside one of the words, name a secret: the nouns, the words, the class.
const PAIRS: &[(&str, &str, Class)] = &[
    (KEYS, ACCESS, Class::Strong),
    (KEYS, SECRET, Class::Strong),
    (" code codice codigo código ", SECRET, Class::Strong),
    (" code codice codigo código zugangscode ", ACCESS, Class::Pin),
    (" mot palabra palavra parola wort woord ", SECRET, Class::Strong),
    (" parola ", " ordine ", Class::Strong),
    (" ficha fichas gettone gettoni jeton jetons token ", ACCESS, Class::Weak),
    (" ficha fichas gettone gettoni jeton jetons token ", SECRET, Class::Strong),
    (" dados daten dati datos donnees données gegevens ", ACCESS, Class::Weak),
];
/// All words that make a noun beside them secret.
static WORDS: LazyLock<HashSet<Cow<'static, str>>> = LazyLock::new(|| {
    let words = PAIRS.iter().flat_map(|(_, words, _)| words.split_whitespace());
    lost::with_forms(&words.collect::<Vec<_>>()).collect()
});
/// Words between a noun and the word that makes it secret: `clave de acceso`.
const LINKS: &str = " al d da de del della der di do ";

/// Words that say, near the word for a key, that it is that of a row or a table.
const OF_TABLES: &str = " \
    bestaat champ campo colonna colonne column columna coluna compuesta dimension doppelt doppelter \
    doppelte dupliceerd duplicada duplicado duplicata duplicate duplicato dupliquée dupliqué eindeutig \
    encontrada encontrado esistente estrangeira estrangera existe existiert externa étrangère feld field \
    file foránea fremd gefunden gevonden introuvable kolom ligne linha manquante mehrfach \
    presente present primaire primaria primary primária primär record registro riga row spalte tabel \
    tabela tabella tabelle tabla table trouvée trovata unique única univoca verletzt violación violada \
    violata violée vorhanden zeile ";
/// The most words between the value of a key and one of those words.
const NEAR: usize = 6;

/// Endings of the names of fields, in lower case.
const FIELDS: &[&str] = &["_code", "_id", "_key", "_name", "_no", "_nr", "_num"];

/// The class of a name that has a noun and a word that makes it secret: `vCleApi`, `vFichaDeAcceso`.
pub(crate) fn pair(parts: &[String]) -> Option<Class> {
    // Nearly all names have none of the words.
    if parts.len() < 2 || !parts.iter().any(|part| WORDS.contains(part.as_str())) {
        return None;
    }
    let link = |part: &String| has(LINKS, part);
    let class = |one: &str, other: &str| {
        let fits = |(nouns, words, _): &&(&str, &str, Class)| {
            has(nouns, one) && has(words, other) || has(nouns, other) && has(words, one)
        };
        PAIRS.iter().find(fits).map(|(.., class)| *class)
    };
    let direct = parts.windows(2).filter_map(|pair| class(&pair[0], &pair[1]));
    let linked = parts.windows(3).filter(|three| link(&three[1]));
    direct.chain(linked.filter_map(|three| class(&three[0], &three[2]))).max()
}

/// Whether a name is that of a key, which is often that of a row: `vClave`, `Clé_Client`.
pub(crate) fn is_key(name: &str) -> bool {
    let parts = names::parts(name);
    parts.iter().any(|part| has(KEYS, part)) && pair(&parts).is_none()
}

/// Whether it may be the key of a row or the name of its field: `EUR-USD`, `CustomerID`.
pub(crate) fn is_of_row(value: &str) -> bool {
    let value = value.trim_matches(['\'', '"', '[', ']', '<', '>', ' ']);
    let is_name = value.chars().all(|c| c.is_alphabetic() || c == '_');
    let lower = value.to_lowercase();
    looks::is_field(value)
        || is_name && FIELDS.iter().any(|end| lower.ends_with(end))
        || is_name && value.contains('_') && value == value.to_uppercase()
        || is_code(value)
}

/// `EUR-USD`, `FR-2026`, `ES-0042-A`: few groups of capitals or of digits.
fn is_code(value: &str) -> bool {
    let groups: Vec<&str> = value.split(['-', '_', '/', '.']).collect();
    let is_group = |group: &&str| {
        group.bytes().all(|c| c.is_ascii_uppercase()) || group.bytes().all(|c| c.is_ascii_digit())
    };
    (2..=3).contains(&groups.len())
        && groups.iter().all(|group| !group.is_empty() && is_group(group))
        && value.bytes().any(|c| c.is_ascii_uppercase())
}

impl SecretName<'_> {
    /// Whether this is the key of a row, not a secret; the value is at `start..end`.
    pub(crate) fn is_key_of_row(&self, start: usize, end: usize) -> bool {
        let found = &self.text[start..end];
        is_key(self.name())
            && (is_of_row(found) || !is_random(found) && self.is_near_table(start, end))
    }

    /// Whether words near the name or behind the value say that the key is that of a table.
    fn is_near_table(&self, start: usize, end: usize) -> bool {
        let is_of_table = |word: &str| {
            has(OF_TABLES, &word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        };
        let behind = self.text[end..values::line_end(self.text, end)].split_whitespace();
        let between = self.text.get(self.end..start).unwrap_or_default();
        self.lead().split_whitespace().rev().take(2).any(is_of_table)
            || between.split_whitespace().take(NEAR).any(is_of_table)
            || behind.take(NEAR).any(is_of_table)
    }
}

/// Whether it looks random, long or short.
pub(crate) fn is_random(word: &str) -> bool {
    looks::is_random(word) || looks::is_scrambled(word)
}

#[cfg(test)]
mod tests;
