//! Pure. Tells at a glance that a text holds no secret: nearly all cells hold none, and the rules
//! cost a hundred times as much.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::qlik::node::is_guid;

/// Each rule finds nothing where none of these stands, in any case, and no run is long.
const SIGNS: [&str; 25] = [
    "eyj",
    "://",
    "httpheader",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "sig",
    "sas",
    "auth",
    "credential",
    "xuserid",
    "identified",
    "bearer",
    "basic",
    "negotiate",
    "ntlm",
    "digest",
    "code",
    "kennwort",
    "contrase",
    "wachtwoord",
    "senord",
    "senha",
];

/// The shortest run of letters, digits and the like that may be a key without a name.
const LONG_RUN: usize = 32;

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(SIGNS)
        .expect("the signs are fixed and few")
});

/// Whether no rule could find anything.
pub(super) fn is_harmless(text: &str) -> bool {
    if is_guid(text) {
        return true;
    }
    // A regex that ignores case takes these two for `s` and `k`.
    !has_long_run(text) && !text.contains(['\u{17f}', '\u{212a}']) && !FINDER.is_match(text)
}

fn has_long_run(text: &str) -> bool {
    if text.len() < LONG_RUN {
        return false;
    }
    let in_run = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
    text.as_bytes().split(|byte| !in_run(byte)).any(|run| run.len() >= LONG_RUN)
}
