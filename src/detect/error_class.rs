//! Pure. Classes of errors that end a reload: what an error is called, and what usually helps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use regex::{Captures, Regex};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::config::Problem;
use crate::detect::expression::Expression;
use crate::detect::pack::PackFile;

/// Where codes stand in the texts of the engine, of drivers and of web services, the most telling
/// family first.
static CODES: LazyLock<[(Family, Regex); 8]> = LazyLock::new(|| {
    [
        (Family::Oracle, r"\bORA-([0-9]{5})\b"),
        (Family::MySql, r"(?i)(?:ErrorCode: *([0-9]{4,5})\b.*\[?(?:MySQL|MariaDB)|(?:MySQL|MariaDB).*\bERROR ([0-9]{4})\b)"),
        (Family::SqlServer, r"(?i)ErrorCode: *([0-9]{2,5})\b.*\[?(?:SQL Server|DBNETLIB)"),
        (Family::SqlState, r"(?i)\bSQLSTATE\b[\s:=\[]{1,3}([0-9A-Z]{5})\b"),
        (Family::HResult, r"(?i)\bHRESULT\b[\s:=]{0,3}(?:0x)?([0-9A-F]{8})\b"),
        (Family::Grpc, r"grpc::StatusCode::([A-Z_]+)"),
        (Family::Http, r"(?i)(?:\((4[0-9]{2}|5[0-9]{2})\)|\bHTTP(?:/[0-9.]+)?(?: (?:status|(?:protocol )?error|response))?(?: code)?[ :=-]{0,3}(4[0-9]{2}|5[0-9]{2})\b|\bstatus code[ :=]{0,3}(4[0-9]{2}|5[0-9]{2})\b)"),
        (Family::Engine, r"\bEDC_ERROR:([0-9]{5})\b"),
    ]
    .map(|(family, text)| (family, Regex::new(text).expect("the pattern is fixed")))
});

/// Who numbers an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Oracle,
    MySql,
    SqlServer,
    SqlState,
    HResult,
    Grpc,
    Http,
    Engine,
}

impl Family {
    /// What codes of a family begin with where they are written down.
    const WRITTEN: [(Self, &'static str); 8] = [
        (Self::Oracle, "ORA-"),
        (Self::MySql, "MySQL "),
        (Self::SqlServer, "MSSQL "),
        (Self::SqlState, "SqlState "),
        (Self::HResult, "HRESULT "),
        (Self::Grpc, "gRPC "),
        (Self::Http, "HTTP "),
        (Self::Engine, "EDC_ERROR:"),
    ];
}

/// A class as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ErrorEntry {
    /// A name that stays: routes and programs ask for it.
    #[schemars(with = "String")]
    pub(crate) class: Spanned<String>,
    /// What it is called.
    pub(crate) title: String,
    /// What usually helps.
    pub(crate) advice: String,
    /// Codes in the error's text, such as `ORA-01017` or `HTTP 404`.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) codes: Vec<Spanned<String>>,
    /// Regexes for texts without a known code.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) texts: Vec<Spanned<String>>,
    /// Keys that were reported and have a stand-in, so that the rest can be checked.
    #[schemars(skip)]
    #[serde(skip)]
    pub(crate) broken: BTreeSet<String>,
}

/// One class of errors.
#[derive(Clone, Debug)]
pub struct ErrorClass {
    pub name: Arc<str>,
    pub title: Arc<str>,
    pub advice: Arc<str>,
    codes: Vec<(Family, String)>,
    texts: Vec<Expression>,
}

/// All classes in force.
#[derive(Clone, Debug, Default)]
pub struct ErrorClasses {
    classes: Vec<ErrorClass>,
    /// Places in `classes`.
    codes: BTreeMap<(Family, String), usize>,
}

impl ErrorClasses {
    /// Adds a class, or puts it in the place of one of the same name.
    pub(crate) fn put(&mut self, entry: &ErrorEntry, source: &PackFile) -> Vec<Problem> {
        let class = match ErrorClass::compile(entry, source) {
            Ok(class) => class,
            Err(problems) => return problems,
        };
        match self.classes.iter_mut().find(|one| one.name == class.name) {
            Some(earlier) => *earlier = class,
            None => self.classes.push(class),
        }
        self.codes.clear();
        for (at, class) in self.classes.iter().enumerate() {
            for code in &class.codes {
                self.codes.entry(code.clone()).or_insert(at);
            }
        }
        Vec::new()
    }

    /// The class of an error: by the codes in its text, else by its words. The class of a state's
    /// first two characters says little: words of a class before it count more.
    pub fn of(&self, error: &str) -> Option<&ErrorClass> {
        let codes = || {
            CODES.iter().flat_map(|(family, regex)| {
                let code = |found: Captures<'_>| {
                    let code = found.iter().skip(1).flatten().next()?.as_str();
                    Some((*family, code.to_ascii_uppercase()))
                };
                regex.captures_iter(error).filter_map(code)
            })
        };
        let whole = codes().find_map(|code| self.codes.get(&code).copied());
        let part = || {
            let mut states = codes().filter(|(family, _)| *family == Family::SqlState);
            states
                .find_map(|(family, code)| self.codes.get(&(family, code[..2].to_owned())).copied())
        };
        let at = whole.or_else(|| match (part(), self.by_words(error)) {
            (Some(part), Some(named)) => Some(part.min(named)),
            (part, named) => part.or(named),
        })?;
        self.classes.get(at)
    }

    fn by_words(&self, error: &str) -> Option<usize> {
        self.classes.iter().position(|class| class.texts.iter().any(|text| text.is_match(error)))
    }
}

impl ErrorClass {
    fn compile(entry: &ErrorEntry, source: &PackFile) -> Result<Self, Vec<Problem>> {
        let (mut codes, mut texts, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for written in &entry.codes {
            if let Some(code) = code(written.get_ref()) {
                codes.push(code);
            } else {
                let message = format!("`{}` is not a known form of error code", written.get_ref());
                let hint = "write `ORA-01017`, `MySQL 1045`, `MSSQL 18456`, `SqlState 28000`, `HRESULT 80040E4D`, `gRPC UNAVAILABLE`, `HTTP 404` or `EDC_ERROR:11013`";
                problems.push(source.problem(written.span(), message, Some(hint.to_owned())));
            }
        }
        for written in &entry.texts {
            match Expression::new(written.get_ref()) {
                Ok(text) => texts.push(text),
                Err(error) => {
                    let message = format!("`{}` is not a valid regex: {error}", written.get_ref());
                    let hint = "see https://docs.rs/regex for the syntax".to_owned();
                    problems.push(source.problem(written.span(), message, Some(hint)));
                }
            }
        }
        let is_whole = !["codes", "texts"].iter().any(|key| entry.broken.contains(*key));
        if codes.is_empty() && texts.is_empty() && problems.is_empty() && is_whole {
            let message =
                format!("the error class `{}` has neither codes nor texts", entry.class.get_ref());
            let hint = "add `codes` or `texts` by which it is recognized".to_owned();
            problems.push(source.problem(entry.class.span(), message, Some(hint)));
        }
        if !problems.is_empty() || !entry.broken.is_empty() {
            return Err(problems);
        }
        let (name, title, advice) = (entry.class.get_ref(), &entry.title, &entry.advice);
        Ok(Self {
            name: name.as_str().into(),
            title: title.as_str().into(),
            advice: advice.as_str().into(),
            codes,
            texts,
        })
    }
}

fn code(written: &str) -> Option<(Family, String)> {
    Family::WRITTEN.iter().find_map(|(family, begin)| {
        let rest = written.strip_prefix(begin)?;
        let digits = |n: usize| rest.len() == n && rest.bytes().all(|byte| byte.is_ascii_digit());
        let is_one = match family {
            Family::Oracle | Family::Engine => digits(5),
            Family::MySql => digits(4),
            Family::SqlServer => (2..=5).any(digits),
            Family::Http => digits(3),
            Family::SqlState => {
                [2, 5].contains(&rest.len())
                    && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
            }
            Family::HResult => rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Family::Grpc => {
                !rest.is_empty()
                    && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            }
        };
        is_one.then(|| (*family, rest.to_ascii_uppercase()))
    })
}

#[cfg(test)]
mod tests;
