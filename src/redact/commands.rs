//! Pure. Secrets on command lines: by the options of known tools, and by common options of others.

use crate::redact::names::has;
use crate::redact::spans::Spans;
use crate::redact::values::{self, Value, ValueKind, line_end, skip_blanks};

/// How an option takes its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OptionForm {
    /// The next word, or attached to the option.
    Value,
    /// Attached to the option, never the next word.
    Attached,
    /// `user:password`.
    UserAnd(char),
}

/// The tools by their lower-case names, with the options that take secrets.
const TOOLS: &[(&str, &[(&str, OptionForm)])] = &[
    ("sqlcmd", &[("-P", OptionForm::Value)]),
    ("bcp", &[("-P", OptionForm::Value)]),
    ("osql", &[("-P", OptionForm::Value)]),
    ("dtexec", &[("/De", OptionForm::Value), ("/DECRYPT", OptionForm::Value)]),
    ("mysql", &[("-p", OptionForm::Attached)]),
    ("mysqldump", &[("-p", OptionForm::Attached)]),
    ("mysqladmin", &[("-p", OptionForm::Attached)]),
    ("mariadb", &[("-p", OptionForm::Attached)]),
    ("mongo", &[("-p", OptionForm::Value)]),
    ("mongosh", &[("-p", OptionForm::Value)]),
    ("mongodump", &[("-p", OptionForm::Value)]),
    ("mongorestore", &[("-p", OptionForm::Value)]),
    ("mongoimport", &[("-p", OptionForm::Value)]),
    ("mongoexport", &[("-p", OptionForm::Value)]),
    ("redis-cli", &[("-a", OptionForm::Value)]),
    ("sshpass", &[("-p", OptionForm::Value)]),
    ("plink", &[("-pw", OptionForm::Value)]),
    ("pscp", &[("-pw", OptionForm::Value)]),
    ("psftp", &[("-pw", OptionForm::Value)]),
    ("putty", &[("-pw", OptionForm::Value)]),
    (
        "curl",
        &[
            ("-u", OptionForm::UserAnd(':')),
            ("--user", OptionForm::UserAnd(':')),
            ("-U", OptionForm::UserAnd(':')),
            ("--proxy-user", OptionForm::UserAnd(':')),
            ("-b", OptionForm::UserAnd('=')),
            ("--cookie", OptionForm::UserAnd('=')),
            ("--oauth2-bearer", OptionForm::Value),
            ("--pass", OptionForm::Value),
        ],
    ),
    ("http", &[("-a", OptionForm::UserAnd(':')), ("--auth", OptionForm::UserAnd(':'))]),
    ("schtasks", &[("/rp", OptionForm::Value)]),
    ("schtasks.exe", &[("/rp", OptionForm::Value)]),
    ("psexec", &[("-p", OptionForm::Value)]),
    ("paexec", &[("-p", OptionForm::Value)]),
    (
        "openssl",
        &[
            ("-k", OptionForm::Value),
            ("-passin", OptionForm::UserAnd(':')),
            ("-passout", OptionForm::UserAnd(':')),
            ("-pass", OptionForm::UserAnd(':')),
            ("-K", OptionForm::Value),
        ],
    ),
    ("7z", &[("-p", OptionForm::Attached)]),
    ("7za", &[("-p", OptionForm::Attached)]),
    ("zip", &[("-P", OptionForm::Value)]),
    ("unzip", &[("-P", OptionForm::Value)]),
    ("rar", &[("-p", OptionForm::Attached), ("-hp", OptionForm::Attached)]),
    ("unrar", &[("-p", OptionForm::Attached)]),
    ("winrar", &[("-p", OptionForm::Attached)]),
    ("ldapsearch", &[("-w", OptionForm::Value)]),
    ("ldapmodify", &[("-w", OptionForm::Value)]),
    ("ldapadd", &[("-w", OptionForm::Value)]),
    ("ldapwhoami", &[("-w", OptionForm::Value)]),
    ("smbclient", &[("-U", OptionForm::UserAnd('%'))]),
    ("rpcclient", &[("-U", OptionForm::UserAnd('%'))]),
    ("lftp", &[("-u", OptionForm::UserAnd(','))]),
    ("docker", &[("-p", OptionForm::Value)]),
    ("podman", &[("-p", OptionForm::Value)]),
    ("helm", &[("-p", OptionForm::Value)]),
    ("az", &[("-p", OptionForm::Value)]),
    ("tabcmd", &[("-p", OptionForm::Value)]),
    ("winscp", &[("-password", OptionForm::Value)]),
    ("isql", &[("-P", OptionForm::Value), ("-p", OptionForm::Value)]),
    ("tsql", &[("-P", OptionForm::Value)]),
    ("db2", &[("using", OptionForm::Value)]),
    ("svn", &[("--password", OptionForm::Value)]),
    ("xfreerdp", &[("/p:", OptionForm::Value)]),
    ("mstsc", &[("/p:", OptionForm::Value)]),
    ("rdesktop", &[("-p", OptionForm::Value)]),
    ("ipmitool", &[("-P", OptionForm::Value)]),
    ("snmpwalk", SNMP),
    ("snmpget", SNMP),
    ("snmpset", SNMP),
    ("snmpbulkwalk", SNMP),
    ("snmpgetnext", SNMP),
    ("vncviewer", &[("-passwd", OptionForm::Value)]),
    ("cscript", &[("/p:", OptionForm::Value)]),
    ("winrs", &[("-p:", OptionForm::Value), ("/p:", OptionForm::Value)]),
    ("nexec", &[("-p", OptionForm::Value)]),
    ("impacket", &[]),
    ("hdbsql", &[("-p", OptionForm::Value)]),
    ("hdbuserstore", &[]),
    ("bteq", &[]),
    ("vsql", &[("-w", OptionForm::Value)]),
    ("nzsql", &[("-pw", OptionForm::Value)]),
    ("exaplus", &[("-p", OptionForm::Value)]),
    ("signtool", &[("/p", OptionForm::Value)]),
    ("certutil", &[("-p", OptionForm::Value)]),
    ("pg_dump", &[]),
    ("sftp", &[]),
    ("dsmadmc", &[("-pa", OptionForm::Value), ("-password", OptionForm::Value)]),
    ("dsmc", &[("-pa", OptionForm::Value), ("-password", OptionForm::Value)]),
    (
        "pdftk",
        &[
            ("input_pw", OptionForm::Value),
            ("owner_pw", OptionForm::Value),
            ("user_pw", OptionForm::Value),
        ],
    ),
    ("cmdkey", &[("/pass:", OptionForm::Value), ("/p:", OptionForm::Value)]),
];

const SNMP: &[(&str, OptionForm)] =
    &[("-A", OptionForm::Value), ("-X", OptionForm::Value), ("-c", OptionForm::Value)];

/// Commands for which `-p` is a password only with one of these subcommands.
const LOGINS: &[(&str, &str)] =
    &[("docker", "login"), ("podman", "login"), ("helm", "login"), ("az", "login")];
/// Commands for which `-p` is something else.
const OTHERS: [&str; 3] = ["psql", "ssh", "mkdir"];

/// A word of a command line, without its quotes.
#[derive(Clone, Copy)]
struct CommandWord {
    start: usize,
    end: usize,
    after: usize,
}

/// The names of all known tools, in lower case.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// Hides the secrets of a tool whose name is at `start..end`. Returns how far its words were read.
pub(crate) fn tool(text: &str, start: usize, end: usize, spans: &mut Spans) -> usize {
    let begins = start == 0
        || text[..start].ends_with(|c: char| c.is_whitespace() || "\"'/\\`(;&|=@".contains(c));
    let rest = text[end..]
        .strip_prefix(".exe")
        .or_else(|| text[end..].strip_prefix(".EXE"))
        .unwrap_or(&text[end..]);
    if !begins || !rest.starts_with([' ', '\t', '"']) {
        return end;
    }
    let name = text[start..end].to_ascii_lowercase();
    let Some((_, options)) = TOOLS.iter().find(|(tool, _)| *tool == name) else { return end };
    let from = text.len() - rest.len() + usize::from(rest.starts_with('"'));
    let line = &text[from..line_end(text, from)];
    if LOGINS.iter().any(|(tool, login)| *tool == name && !words_of(line).any(|it| it == *login)) {
        return end;
    }
    let words = split(text, from);
    for (at, word) in words.iter().enumerate() {
        let found = &text[word.start..word.end];
        for (option, form) in *options {
            if found == *option && *form != OptionForm::Attached {
                if let Some(next) = words.get(at + 1) {
                    secret(text, next.start, *form, spans);
                } else if let Some(next) = behind_break(text, word.after)
                    && is_made_up(text, next)
                {
                    secret(text, next, *form, spans);
                }
            } else if found.starts_with(option)
                && *form != OptionForm::Attached
                && found.len() > option.len()
                && !option.starts_with("--")
                && option.len() <= 3
            {
                secret(
                    text,
                    word.start + option.len() + usize::from(found[option.len()..].starts_with('=')),
                    *form,
                    spans,
                );
            } else if found.starts_with(option)
                && *form == OptionForm::Attached
                && found.len() > option.len()
                && !found[option.len()..].starts_with("ort")
            {
                secret(text, word.start + option.len(), *form, spans);
            } else if found.starts_with(option)
                && option.starts_with("--")
                && found[option.len()..].starts_with('=')
            {
                secret(text, word.start + option.len() + 1, *form, spans);
            }
        }
    }
    words.last().map_or(end, |word| word.after)
}

/// Hides the word that begins here, or its part after a user.
fn secret(text: &str, at: usize, form: OptionForm, spans: &mut Spans) {
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return };
    let found = &text[value.start..value.end];
    if found.starts_with('-') && found.len() > 1 && !value.quoted && form != OptionForm::Attached {
        return;
    }
    match form {
        OptionForm::UserAnd(sign) => {
            if let Some((user, pass)) = found.split_once(sign) {
                let start = value.start + user.len() + 1;
                if ["file", "env", "fd", "http", "https"].contains(&user) {
                    return;
                }
                // The password is the next word, usually since it is in the next line.
                if pass.is_empty() && !value.quoted {
                    let next = behind_break(text, value.end).unwrap_or(value.end);
                    let next = skip_blanks(text, next);
                    if is_made_up(text, next) {
                        secret(text, next, OptionForm::Value, spans);
                    }
                    return;
                }
                // Only the password is in quotes: `pass:"x y"`.
                match values::quote(text, start)
                    .and_then(|_| values::read(text, start, ValueKind::Plain))
                {
                    Some(inner) => hide(text, &inner, spans),
                    None => hide(text, &Value { start, end: start + pass.len(), ..value }, spans),
                }
            } else if text[value.end..].starts_with(['"', '\'']) && found.ends_with(sign) {
                secret(text, value.end, OptionForm::Value, spans);
            }
        }
        OptionForm::Value | OptionForm::Attached => hide(text, &value, spans),
    }
}

/// The place in the next line if only blanks follow in this one.
fn behind_break(text: &str, at: usize) -> Option<usize> {
    values::behind_break(text, skip_blanks(text, at))
}

/// Whether the word here looks like a password, not like an option, a host or a path.
fn is_made_up(text: &str, at: usize) -> bool {
    values::read(text, at, ValueKind::Plain).is_some_and(|value| {
        let found = &text[value.start..value.end];
        values::is_odd(found) && !found.starts_with(['-', '/', '$']) && !found.contains(['.', ':'])
    })
}

fn hide(text: &str, value: &Value, spans: &mut Spans) {
    if !values::is_stand_in(&text[value.start..value.end]) {
        spans.hide(text, value.start, value.end);
    }
}

fn split(text: &str, from: usize) -> Vec<CommandWord> {
    let end = line_end(text, from);
    let mut words = Vec::new();
    let mut at = skip_blanks(text, from);
    while at < end && words.len() < 60 {
        let quoted = values::quote(text, at).and_then(|_| values::read(text, at, ValueKind::Plain));
        let word = if let Some(value) = quoted {
            CommandWord { start: at, end: value.after, after: value.after }
        } else {
            let stop = text[at..end].find([' ', '\t']).map_or(end, |len| at + len);
            CommandWord { start: at, end: stop, after: stop }
        };
        words.push(word);
        at = skip_blanks(text, word.after.max(at + 1).min(end));
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    words
}

/// The words of a line, without what separates folders and options.
fn words_of(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Whether a word begins at `start`, so that the word there can be the name of a tool.
pub(crate) fn begins_word(text: &str, start: usize) -> bool {
    !text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// ` -p x` of an unknown tool with a user in the same line; the option begins at `at`.
pub(crate) fn unknown(text: &str, at: usize, spans: &mut Spans) {
    let line = &text[values::line_start(text, at)..line_end(text, at)];
    let users = [
        " -u ",
        " -U ",
        " --user ",
        " --username ",
        " -user ",
        " -username ",
        " --login ",
        " -l ",
        " /user:",
        " /u:",
        " /u ",
        " -User ",
        " -Username ",
        " -U",
        " -u",
    ];
    let option = &text[at..];
    let colon = option.starts_with("/p:") || option.starts_with("/P:") || option.starts_with("-p:");
    let len = if colon { 3 } else { 2 };
    let apart = option[len..].starts_with([' ', '\t']);
    if !users.iter().any(|user| line.contains(user)) || (!colon && !apart) {
        return;
    }
    let is_other = |word: &str| word.starts_with("mysql") || OTHERS.contains(&word);
    let is_run = words_of(line).zip(words_of(line).skip(1)).any(|pair| pair == ("docker", "run"));
    if is_run || words_of(line).any(is_other) {
        return;
    }
    let next = skip_blanks(text, at + len);
    let Some(value) = values::read(text, next, ValueKind::Plain) else { return };
    let found = &text[value.start..value.end];
    let is_port =
        found.bytes().all(|c| c.is_ascii_digit() || b":-".contains(&c)) && found.len() < 6;
    if !is_port && !found.starts_with(['-', '/']) {
        hide(text, &value, spans);
    }
}

/// `-PX` of an unknown tool with `-U` in the same line; the option begins at `at`.
pub(crate) fn glued(text: &str, at: usize, spans: &mut Spans) {
    let line = &text[values::line_start(text, at)..line_end(text, at)];
    // `-Path` and the like.
    let is_word = |rest: &str| ["ath", "ort", "ass", "ro"].iter().any(|it| rest.starts_with(it));
    let Some(rest) = text[at..].strip_prefix("-P").filter(|rest| !is_word(rest)) else { return };
    let value = text.len() - rest.len();
    if line.contains(" -U") && is_made_up(text, value) {
        secret(text, value, OptionForm::Attached, spans);
    }
}

/// `net use z: \\files\share PASSWORD /user:x` and `net user x PASSWORD`; the words end at `end`.
pub(crate) fn net(text: &str, end: usize, is_use: bool, spans: &mut Spans) {
    if !text[end..].starts_with([' ', '\t']) {
        return;
    }
    let words = split(text, end);
    let plain: Vec<&CommandWord> =
        words.iter().filter(|word| !text[word.start..].starts_with('/')).collect();
    let has_user = text[end..line_end(text, end)].to_ascii_lowercase().contains("/user:");
    let candidate = if is_use {
        plain.iter().find(|word| {
            let found = &text[word.start..word.end];
            let drive = found.len() == 2 && found.ends_with(':');
            has_user
                && !drive
                && !found.starts_with("\\\\")
                && !found.trim_matches('"').starts_with("\\\\")
                && found != "*"
                && !found.eq_ignore_ascii_case("/delete")
        })
    } else {
        let adds = text[end..line_end(text, end)].to_ascii_lowercase();
        plain
            .get(1)
            .filter(|_| adds.contains("/add") || plain.len() == 2 && !adds.contains("/domain"))
    };
    if let Some(word) = candidate.filter(|word| &text[word.start..word.end] != "*") {
        secret(text, word.start, OptionForm::Value, spans);
    }
}

/// The first argument, quoted or bare, of a cmdlet such as `ConvertTo-SecureString`.
pub(crate) fn cmdlet(text: &str, end: usize, nth: usize, spans: &mut Spans) {
    let before = text[values::line_start(text, end)..end]
        .trim_end_matches(|c: char| c.is_alphanumeric() || c == '-')
        .trim_end();
    if nth == 0
        && let Some(piped) = before.strip_suffix('|')
    {
        literal_before(text, values::line_start(text, end), piped.trim_end(), spans);
    }
    let mut at = skip_blanks(text, end);
    if text[at..].starts_with('(') {
        at = skip_blanks(text, at + 1);
    }
    for _ in 0..nth {
        let Some(value) = values::read(text, at, ValueKind::Plain) else { return };
        at = skip_blanks(text, value.after);
        if text[at..].starts_with(", (") {
            return;
        }
        if !text[at..].starts_with(',') {
            return;
        }
        at = skip_blanks(text, at + 1);
    }
    while text[at..].starts_with('-') {
        let stop = at + text[at..line_end(text, at)].find([' ', '\t']).unwrap_or(0);
        let is_switch = has(" -asplaintext -force ", &text[at..stop].to_ascii_lowercase());
        if stop == at || (!is_switch && !text[at..stop].to_ascii_lowercase().starts_with("-string"))
        {
            return;
        }
        at = skip_blanks(text, stop);
    }
    if at < line_end(text, at) {
        secret(text, at, OptionForm::Value, spans);
    }
}

/// The last quoted word before it.
fn literal_before(text: &str, line: usize, before: &str, spans: &mut Spans) {
    let Some(quote) = before.chars().next_back().filter(|c| matches!(c, '"' | '\'')) else {
        return;
    };
    let inner = &before[..before.len() - 1];
    if let Some(open) = inner.rfind(quote) {
        let start = line + open + 1;
        hide(
            text,
            &Value { start, end: line + inner.len(), after: line + before.len(), quoted: true },
            spans,
        );
    }
}

/// `echo x | sudo -S`, `kinit <<< x`, `runas … & echo x`: what a command reads.
pub(crate) fn piped(text: &str, at: usize, spans: &mut Spans) {
    let start = values::line_start(text, at);
    let before = text[start..at].trim_end();
    let before = before.trim_end_matches(|c: char| c.is_alphanumeric() || "/\\.:_-= ".contains(c));
    if let Some(before) = before.trim_end().strip_suffix('|') {
        let tools = ["echo ", "printf ", "Write-Output ", "print "];
        let echo = tools.iter().filter_map(|tool| Some(before.rfind(tool)? + tool.len())).max();
        if let Some(echo) = echo {
            echoed(text, start + echo, start + before.len(), spans);
        }
    }
    let rest = &text[at..line_end(text, at)];
    if let Some(found) = rest.find("<<<") {
        secret(text, skip_blanks(text, at + found + 3), OptionForm::Value, spans);
    }
    let echo = ["& echo ", "&& echo ", "; echo "]
        .iter()
        .find_map(|echo| Some(rest.find(echo)? + echo.len()));
    if let Some(echo) = echo
        && is_made_up(text, skip_blanks(text, at + echo))
    {
        secret(text, skip_blanks(text, at + echo), OptionForm::Value, spans);
    }
}

/// The words of `echo`: the only one, or the last that looks like a secret.
fn echoed(text: &str, at: usize, end: usize, spans: &mut Spans) {
    let words: Vec<CommandWord> =
        split(text, at).into_iter().filter(|word| word.start < end).collect();
    let is_text = |word: &&CommandWord| {
        let found = &text[word.start..word.end];
        !found.starts_with('-') && !found.contains("%s")
    };
    let mut words = words.iter().filter(is_text);
    if let Some(first) = words.next() {
        let last = words.find(|word| is_made_up(text, word.start));
        secret(text, last.unwrap_or(first).start, OptionForm::Value, spans);
    }
}

/// `htpasswd -b file user PASSWORD`, `isql dsn user PASSWORD`: the `nth` word that is not an
/// option.
pub(crate) fn positional(text: &str, end: usize, nth: usize, spans: &mut Spans) {
    let rest = text[end..].strip_prefix(".exe").map_or(end, |_| end + 4);
    let words = split(text, rest);
    let is_option = |word: &&CommandWord| text[word.start..].starts_with('-');
    let mut plain = words.iter().skip_while(is_option).take_while(|word| !is_option(word));
    if text[rest..].starts_with([' ', '\t'])
        && let Some(word) = plain.nth(nth)
    {
        secret(text, word.start, OptionForm::Value, spans);
    }
}
