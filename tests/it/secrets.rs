//! Redaction on a corpus of secrets and of innocent texts: `secrets/forms` and `secrets/innocent`.
//!
//! One text per line; `⟦…⟧` marks a secret, `⏎` is a line end, `⇥` a tab, and `‖` is removed: it
//! keeps scanners from treating an invented token as a real one. A file is a family; files with the
//! prefix `hold-out-` were written after the rules, those with `blind-`, `second-` and `third-` by
//! an author who had not seen the rules; all count with their family.
#![expect(clippy::print_stdout, reason = "recall and precision are printed")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use footman::redact::{REDACTED, redact};

/// The floor for each family; floors are only raised.
const RECALL: f64 = 1.0;
const PRECISION: f64 = 1.0;
/// The share of words around secrets that must stay, since they explain the error.
const KEPT: f64 = 0.99;

/// A text of the corpus and its secrets.
pub(crate) struct Form {
    pub(crate) family: String,
    pub(crate) text: String,
    pub(crate) secrets: Vec<String>,
    /// The text without the secrets.
    around: String,
}

fn lines(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/secrets").join(folder);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for path in files {
        let family = path.file_stem().unwrap().to_string_lossy().into_owned();
        let family = ["hold-out-", "blind-", "second-", "third-"]
            .iter()
            .find_map(|part| family.strip_prefix(part))
            .unwrap_or(&family)
            .to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let all = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
        lines.extend(all.map(|line| {
            (family.clone(), line.replace('⏎', "\n").replace('⇥', "\t").replace('‖', ""))
        }));
    }
    lines
}

/// All forms of secrets.
pub(crate) fn forms() -> Vec<Form> {
    lines("forms").into_iter().map(|(family, line)| form(family, &line)).collect()
}

fn form(family: String, line: &str) -> Form {
    let mut form = Form { family, text: String::new(), secrets: Vec::new(), around: String::new() };
    for (n, part) in line.split('⟦').enumerate() {
        let (secret, rest) =
            if n == 0 { ("", part) } else { part.split_once('⟧').unwrap_or((part, "")) };
        form.text.push_str(secret);
        form.text.push_str(rest);
        form.around.push_str(rest);
        form.around.push(' ');
        form.secrets.extend((n > 0).then(|| secret.to_owned()));
    }
    form
}

#[test]
fn every_form_of_a_secret_is_recognised() {
    let mut families: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut leaks = Vec::new();
    for form in forms() {
        let safe = redact(&form.text);
        let leaked = form.secrets.iter().any(|secret| safe.contains(secret.as_str()));
        let (known, all) = families.entry(form.family).or_default();
        *all += 1;
        *known += usize::from(!leaked);
        if leaked {
            leaks.push(format!("{}\n  {safe}", form.text));
        }
    }
    let mut report = String::new();
    for (family, (known, all)) in &families {
        writeln!(report, "{family}: {known} of {all}").unwrap();
    }
    let all: usize = families.values().map(|(_, all)| all).sum();
    println!("{report}in all {all} forms");
    assert!(all >= 2799, "{all}");
    for (family, (known, all)) in families {
        assert!(ratio(known, all) >= RECALL, "{family}\n{report}{}", leaks.join("\n"));
    }
}

#[test]
fn windows_line_ends_make_no_difference() {
    for form in forms() {
        let lines = format!("before\n{}\nbehind\n", form.text);
        let expected = redact(&lines).replace('\n', "\r\n");
        assert_eq!(redact(&lines.replace('\n', "\r\n")), expected);
    }
}

#[test]
fn innocent_texts_are_unchanged() {
    let texts = lines("innocent");
    let destroyed: Vec<String> = texts
        .iter()
        .filter(|(_, text)| redact(text) != *text)
        .map(|(_, text)| format!("{text}\n  {}", redact(text)))
        .collect();
    let kept = ratio(texts.len() - destroyed.len(), texts.len());
    println!("{} innocent texts, {:.1} % stay", texts.len(), 100.0 * kept);
    assert!(texts.len() >= 2382, "{}", texts.len());
    assert!(kept >= PRECISION, "{}", destroyed.join("\n"));
}

#[test]
fn only_the_secret_is_hidden_and_its_context_is_kept() {
    let (mut kept, mut all) = (0, 0);
    let mut lost = Vec::new();
    for form in forms() {
        let safe = redact(&form.text);
        for word in form
            .around
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 2)
        {
            all += 1;
            kept += usize::from(safe.contains(word));
            if !safe.contains(word) {
                lost.push(format!("{word}: {safe}"));
            }
        }
    }
    println!("{kept} of {all} words around secrets stay");
    assert!(ratio(kept, all) >= KEPT, "{}", lost.join("\n"));
}

#[test]
fn the_number_of_lines_is_kept_and_a_second_pass_finds_nothing() {
    for form in forms() {
        let safe = redact(&form.text).into_owned();
        assert_eq!(redact(&safe), safe);
        assert_eq!(safe.matches('\n').count(), form.text.matches('\n').count(), "{safe}");
        assert!(safe.contains(REDACTED), "{safe}");
    }
}

/// A text that is cut inside a secret shows nothing of the rest.
#[test]
fn a_truncated_secret_is_hidden() {
    for form in forms().into_iter().filter(|form| {
        ["json", "names", "http", "connection-strings", "xml"].contains(&form.family.as_str())
    }) {
        let [secret] = form.secrets.as_slice() else { continue };
        let Some(at) = form.text.find(secret.as_str()) else { continue };
        let half = secret.chars().take(secret.chars().count().div_ceil(2)).collect::<String>();
        if half.len() < 4 || !half.is_ascii() || values_are_weak(&half) {
            continue;
        }
        let cut = &form.text[..at + half.len()];
        assert!(!redact(cut).contains(&half), "{cut}\n{}", redact(cut));
    }
}

/// Whether the rest of the secret could be a word.
fn values_are_weak(half: &str) -> bool {
    !half.bytes().any(|byte| byte.is_ascii_digit())
}

fn ratio(part: usize, all: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap());
    number(part) / number(all)
}
