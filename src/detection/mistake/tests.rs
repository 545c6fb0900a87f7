use super::*;
use crate::config::{SystemError, SystemErrorKind, Written};

fn mistake(file: &str, kind: ProblemKind, at: Option<(usize, usize)>, more: usize) -> FileMistake {
    FileMistake { file: file.to_owned(), kind, at, key: None, more }
}

#[test]
fn sentences_of_earlier_versions_become_values() {
    use ProblemKind::{Invalid, Missing, Regex, Syntax, UnknownKey, UnknownName, Unreadable};
    let at = Some((3, 5));
    let cases = [
        ("own.toml:3:5: unknown key `sverity`", mistake("own.toml", UnknownKey, at, 0)),
        (
            "own.toml:3:5: unknown key `x` (and 2 more; run `footman check`)",
            mistake("own.toml", UnknownKey, at, 2),
        ),
        (r"C:\x\own.toml:3:5: invalid regex: (", mistake(r"C:\x\own.toml", Regex, at, 0)),
        (
            r"C:\x\own.toml: the file cannot be read: access is denied",
            mistake(r"C:\x\own.toml", Unreadable, None, 0),
        ),
        (
            "/x/templates: the folder /x/templates does not exist",
            mistake("/x/templates", UnknownName, None, 0),
        ),
        ("a.json:3:5: not valid JSON: it is nested too deeply", mistake("a.json", Syntax, at, 0)),
        ("a.toml:3:5: `now` is text without quotes", mistake("a.toml", Syntax, at, 0)),
        ("a.toml:3:5: `severity` is missing", mistake("a.toml", Missing, at, 0)),
        ("a.toml:3:5: unknown channel `ops`", mistake("a.toml", UnknownName, at, 0)),
        ("a.toml:3:5: `4 hours` is not a valid duration", mistake("a.toml", Invalid, at, 0)),
    ];
    for (sentence, wanted) in cases {
        assert_eq!(FileMistake::of_sentence(sentence), wanted, "{sentence}");
        for field in ["why", "problem"] {
            let json = serde_json::json!({ field: sentence });
            assert_eq!(serde_json::from_value::<FileMistake>(json).unwrap(), wanted);
        }
    }
}

#[test]
fn log_roots_of_earlier_versions_become_values() {
    let denied = || LogRootFault::Unreadable(SystemError::Known(SystemErrorKind::PermissionDenied));
    let cases = [
        (r#"{"why":"the log root /x does not exist"}"#, LogRootFault::Absent),
        (r#"{"why":"the log root /x cannot be listed: access is denied"}"#, denied()),
        (r#"{"why":"in other words","place":["/x","empty"]}"#, LogRootFault::Empty),
        (r#"{"why":"","place":["/x",{"unreadable":"access is denied"}]}"#, denied()),
        (r#"{"folder":"/x","fault":{"unreadable":"permission-denied"}}"#, denied()),
    ];
    for (json, fault) in cases {
        let wanted = MissingLogRoot { folder: "/x".to_owned(), fault };
        assert_eq!(serde_json::from_str::<MissingLogRoot>(json).unwrap(), wanted, "{json}");
        let stored = serde_json::to_string(&wanted).unwrap();
        assert_eq!(serde_json::from_str::<MissingLogRoot>(&stored).unwrap(), wanted);
    }
}

#[test]
fn the_class_of_a_mistake_does_not_depend_on_its_words_or_its_line() {
    let text = "a = 1\nb = 2\n";
    let problem = |span, message: &str| {
        Written::new("own.toml", text).problem(span, message, None).of_kind(ProblemKind::UnknownKey)
    };
    let first = FileMistake::of(&problem(0..1, "unknown key `a`"), 0);
    let second = FileMistake::of(&problem(6..7, "the key `b` is not known"), 3);
    assert_eq!((first.place(), first.key.as_deref()), ("own.toml:1:1".to_owned(), Some("a")));
    assert_eq!(first.class(), second.class());
    let json = serde_json::to_string(&second).unwrap();
    assert_eq!(serde_json::from_str::<FileMistake>(&json).unwrap(), second);
    let all = FileMistake::all(&[problem(0..1, "x"), problem(6..7, "y")]);
    assert_eq!(all, [FileMistake { more: 1, ..first }]);
}
