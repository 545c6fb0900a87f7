//! Pure. Secrets in sentences of scripts without blanks between words: `密码是X`, `パスワードはX`.

use crate::redact::assign::SecretName;
use crate::redact::looks;
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, skip_blanks};

/// Words that join a name and a value in scripts without blanks between words.
const UNSPACED_COPULAS: &[&str] =
    &["是", "为", "為", "は", "が", "を", "은", "는", "이", "가", "的值是", "คือ"];

/// Hides the value behind the name, at `at`.
pub(crate) fn hide(named: SecretName<'_>, at: usize, spans: &mut Spans) {
    let rest = &named.text[at..];
    let Some(copula) = UNSPACED_COPULAS.iter().find(|copula| rest.starts_with(*copula)) else {
        if let Some(value) = values::quote(named.text, at)
            .and_then(|_| values::read(named.text, at, ValueKind::Plain))
        {
            spans.hide(named.text, value.start, value.end);
        } else if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let word = values::read(named.text, at, ValueKind::Plain);
            let is_strict =
                |value: values::Value| looks::is_strict(&named.text[value.start..value.end]);
            if at > named.end || word.is_some_and(is_strict) {
                odd(named, at, spans);
            }
        }
        return;
    };
    let mut at = skip_blanks(named.text, at + copula.len());
    if named.text[at..].starts_with([':', '：', '「', '=']) && !named.text[at..].starts_with('「')
    {
        at =
            skip_blanks(named.text, at + named.text[at..].chars().next().map_or(0, char::len_utf8));
    }
    odd(named, at, spans);
}

fn odd(named: SecretName<'_>, at: usize, spans: &mut Spans) {
    let Some(value) = values::read(named.text, at, ValueKind::Plain) else { return };
    let found = &named.text[value.start..value.end];
    if found.starts_with(|c: char| c.is_ascii())
        && !values::is_stand_in(found)
        && !values::is_remark(found)
        && found.len() > 2
    {
        spans.hide(named.text, value.start, value.end);
    }
}
