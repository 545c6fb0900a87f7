//! Pure. A user with a password where a sentence speaks of a logon: "Logging in with svc / X",
//! `logon denied for scott/X`, `vLogin = 'svc:X'`, `svc:X@host`.

use crate::redact::lost::LOST;
use crate::redact::names::has;
use crate::redact::spans::Spans;
use crate::redact::values::{self, line_end, line_start, skip_blanks};
use crate::redact::{calls, looks};

/// Words for a logon, or before a note about one.
pub(crate) const SIGNS: &[&str] = &[
    "login",
    "logon",
    "log in",
    "log on",
    "logging in",
    "logging on",
    "logged in",
    "logged on",
    "signin",
    "sign in",
    "sign on",
    "signing in",
    "signed in",
    "authenticat",
    "connecting",
    "connected",
    "connect as",
    "connect with",
    "reconnect",
    "anmeld",
    "angemeldet",
    "einlogg",
    "eingeloggt",
    "zugang",
    "verbind",
    "verbunden",
    "connexion",
    "connecté",
    "connecter",
    "authentifi",
    "iniciar sesi",
    "iniciarsesi",
    "iniciarsess",
    "inicio de sesi",
    "inició sesi",
    "conectado",
    "conectando",
    "autentic",
    "iniciar sess",
    "sessão",
    "accesso",
    "accedi",
    "connessione",
    "connesso",
    "inloggen",
    "ingelogd",
    "aanmeld",
    "verbonden",
    "logga in",
    "inlogg",
    "loggat",
    "logget",
    "log ind",
    "logg inn",
    "kirjaud",
    "zalogowa",
    "logowani",
    "přihl",
    "prihl",
    "bejelentkez",
    "prijav",
    "conectare",
    "autentific",
    "sisselogimi",
    "logis sisse",
    "вход",
    "вошел",
    "вошёл",
    "авториза",
    "подключ",
    "giriş",
    "oturum",
    "σύνδεση",
    "ログイン",
    "登录",
    "登錄",
    "로그인",
    "todo",
    "fixme",
    "auth fail",
    "old:",
    "hack:",
    "account",
    "konto",
    "compte",
    "cuenta",
    "userpass",
    "user_pass",
    "credential",
    "zugangsdaten",
    "anmeldedaten",
    "identifiants",
    "credenciales",
    "credenciais",
    "credenziali",
];

/// The most bytes of a sentence about a logon.
const SENTENCE: usize = 200;
/// The most words before the user.
const WORDS: usize = 7;
/// The most bytes of a user.
const USER: usize = 64;

/// Words directly before a user: `with svc / X`, `denied for scott/X`.
const BEFORE: &str = " with using are sind lauten sont son failed denied rejected fehlgeschlagen as mit als avec con com met z s sa för for für pour para per user by von från fra til de i dla pro för под для от с \
    remove benutzer utilisateur usuario utente gebruiker användare bruger bruker käyttäjä użytkownik uživatel пользователь пользователя kullanıcı account konto via use comme como come jako som ";

/// Words between a user and a password.
const BETWEEN: &str = " using with mit and und avec et con y e com pwd pw pass met en med og och z i s a с и password passwort kennwort / ";

/// Users that are no users: what stands before a colon and an address.
const LABELS: &[&str] = &[
    "mailto",
    "to",
    "from",
    "cc",
    "bcc",
    "user",
    "userid",
    "username",
    "email",
    "mail",
    "e-mail",
    "login",
    "sip",
    "sips",
    "smtp",
    "contact",
    "account",
    "owner",
    "by",
    "host",
    "server",
    "target",
    "time",
    "xmpp",
    "acct",
    "im",
    "an",
    "von",
    "benutzer",
    "konto",
    "principal",
    "upn",
    "id",
    "name",
    "sender",
    "recipient",
    "sha256",
    "runas",
    "as",
];

/// Looks behind a word for a logon, which is at `start..end`.
pub(crate) fn hide(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let stop = text.floor_char_boundary(end + SENTENCE).min(line_end(text, end));
    let word = text[end..stop]
        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != LOST)
        .unwrap_or(stop - end);
    let at = end + word;
    let skip = |at| skip_blanks(text, at).min(stop);
    let next = skip(at);
    let next = next + usize::from(at > start && text[next..stop].starts_with([']', '"']));
    let assigned = text[skip(next)..stop]
        .trim_start_matches(':')
        .strip_prefix('=')
        .map(|rest| skip(stop - rest.len()));
    if let Some(value) = assigned {
        value_of_setting(text, value, stop, spans);
        return;
    }
    // `CALL Anmelden_SAP('svc', 'X')`.
    if text[skip(at)..stop].starts_with('(') && text[at..stop].starts_with(['(', ' ']) {
        calls::odd_arguments(text, skip(at) + 1, spans);
    }
    if text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return;
    }
    let mut at = skip(at + usize::from(text[at..stop].starts_with(':')));
    let mut is_user = true;
    for _ in 0..WORDS {
        if at >= stop || is_user && user_and(text, at, stop, spans) {
            return;
        }
        let len = text[at..stop].find([' ', '\t']).unwrap_or(stop - at);
        let lower = text[at..at + len].trim_end_matches([':', ',']).to_lowercase();
        is_user = has(BEFORE, &lower) || text[at..at + len].ends_with([':', ';', ',']);
        at = skip(at + len);
    }
}

/// `'svc/X'` or `Call f('svc', 'X')` behind `vLogin =`.
fn value_of_setting(text: &str, at: usize, stop: usize, spans: &mut Spans) {
    if let Some((open, _)) = values::quote(text, at) {
        pair(text, (at + open.len()).min(stop), stop, spans);
    } else if !pair(text, at, stop, spans)
        && let Some(open) = text[at..stop].find('(')
        && !text[at..at + open].contains(['\'', '"', ';'])
    {
        calls::odd_arguments(text, at + open + 1, spans);
    }
}

/// A user at `at`, and a password behind a sign or a word.
fn user_and(text: &str, at: usize, stop: usize, spans: &mut Spans) -> bool {
    let open =
        text[at..stop].len() - text[at..stop].trim_start_matches(['\'', '"', '(', '[']).len();
    let at = at + open;
    if pair(text, at, stop, spans) {
        return true;
    }
    let Some(user) = user(text, at, stop) else { return false };
    let behind = text[user..stop].trim_start_matches(['\'', '"', ',']);
    let mut here = skip_blanks(text, stop - behind.len()).min(stop);
    let mut joined = false;
    for _ in 0..2 {
        let len = text[here..stop].find([' ', '\t']).unwrap_or(stop - here);
        if !has(BETWEEN, text[here..here + len].trim_end_matches(':').to_lowercase().as_str()) {
            break;
        }
        joined = true;
        here = skip_blanks(text, here + len).min(stop);
    }
    joined && secret(text, here, stop, spans)
}

/// The end of the user here.
fn user(text: &str, at: usize, stop: usize) -> Option<usize> {
    let rest = &text[at..stop];
    let is_part = |c: char| c.is_alphanumeric() || "_.-\\$".contains(c);
    let len = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    let begins = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
    (begins && len <= USER && !rest[..len].ends_with('\\')).then_some(at + len)
}

/// `svc/X`, `svc:X`, `svc / X`.
fn pair(text: &str, at: usize, stop: usize, spans: &mut Spans) -> bool {
    let Some(user) = user(text, at, stop) else { return false };
    let rest = &text[user..stop];
    let rest = rest.trim_start_matches(['\'', '"']);
    let signs = [" / ", "/ ", " /", "/", " : ", ":", " | ", "|"];
    let Some(sign) = signs.into_iter().find(|sign| rest.starts_with(sign)) else { return false };
    let start = stop - rest.len() + sign.len();
    let is_path = text[at..user].contains('.') && sign == "/" || text[..at].ends_with(['/', '\\']);
    !is_path && secret(text, start, stop, spans)
}

/// Hides the word here if it looks like a password.
fn secret(text: &str, at: usize, stop: usize, spans: &mut Spans) -> bool {
    let quotes = text[at..stop].len()
        - text[at..stop].trim_start_matches(['\'', '"', '(', '«', '„', '“']).len();
    let at = at + quotes;
    let len = text[at..stop]
        .find(|c: char| c.is_whitespace() || "\"'<>;,()|»”“".contains(c))
        .unwrap_or(stop - at);
    let found = looks::without_end(&text[at..at + len]);
    let takes = looks::is_strict(found)
        && !looks::is_variable(found)
        && !found.contains(['/', '\\'])
        && !found.starts_with(['$', '%'])
        && !looks::is_guid(found);
    if takes {
        spans.hide(text, at, at + found.len());
    }
    takes
}

/// `svc:X@sql01` without a scheme; the `@` is at `at`.
pub(crate) fn address(text: &str, at: usize, spans: &mut Spans) {
    let from = text.ceil_char_boundary(at.saturating_sub(USER)).max(line_start(text, at));
    let before = &text[from..at];
    let start = before
        .rfind(|c: char| c.is_whitespace() || "\"'<>;,()[]{}=/|".contains(c))
        .map_or(0, |found| found + before[found..].chars().next().map_or(1, char::len_utf8));
    let Some((user, found)) = before[start..].split_once(':') else { return };
    let is_host = text[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    let is_user = user.starts_with(char::is_alphabetic)
        && user.chars().all(|c| c.is_alphanumeric() || "_.-\\$".contains(c))
        && !LABELS.contains(&user.to_lowercase().as_str());
    let has_scheme = before[..start].ends_with("://");
    let is_image = text[at + 1..].starts_with("sha256");
    let host = &text[at + 1..text.floor_char_boundary(at + 1 + USER).min(line_end(text, at))];
    let host = host.split(char::is_whitespace).next().unwrap_or_default();
    let is_mail = host.contains('.') && !looks::is_strict(found);
    if is_host && is_user && !has_scheme && !is_image && !is_mail && looks::is_made_up(found) {
        spans.hide(text, from + start + user.len() + 1, at);
    }
}

/// `key X expired`, `key 0f1e…`, `with key=X`: the word `key` alone, at `start..end`.
pub(crate) fn key(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let before = &text[line_start(text, start)..start];
    if before.ends_with(|c: char| !c.is_whitespace() && !"'\"(:".contains(c)) {
        return;
    }
    let last = before.trim_end().rsplit([' ', '\t']).next().unwrap_or_default().to_lowercase();
    let last = last.trim_start_matches(['(', '\'', '"']);
    let is_alone =
        last.is_empty() || has(BEFORE_KEY, last) || last.ends_with(':') || last.starts_with("//");
    let at = skip_blanks(text, end);
    let line = &text[at..line_end(text, at)];
    let len =
        line.find(|c: char| c.is_whitespace() || "\"'<>;,()&".contains(c)).unwrap_or(line.len());
    let found = looks::without_end(&line[..len]);
    let is_hex =
        matches!(found.len(), 32 | 48 | 64 | 128) && found.bytes().all(|c| c.is_ascii_hexdigit());
    let rest = line[len..].to_lowercase();
    let is_refused = rest.split(|c: char| !c.is_alphanumeric()).take(5).any(|word| {
        has(" expired rejected refused invalid revoked unauthorized api leaked rotated abgelaufen widerrufen expiré caducada scaduta ", word)
    });
    let takes = is_alone
        && (is_hex
            || looks::is_random(found)
                && (is_refused || text[..end].ends_with('=') && !last.is_empty()));
    if takes {
        spans.hide(text, at, at + found.len());
    }
}

/// Words before `key` of a secret; a key of a table has the name of a field before it.
const BEFORE_KEY: &str = " trace the with using api aes encryption my our hex secret access via use used by signing private shared mit rem key retrying dem den ";
