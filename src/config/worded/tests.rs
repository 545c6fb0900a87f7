use std::io;

use toml::de::DeTable;

use super::*;

fn mistakes(text: &str) -> Vec<String> {
    let (_, errors) = DeTable::parse_recoverable(text);
    let shown = |it: Mistake| format!("{:?} {} ({})", it.span, it.message, it.hint);
    syntax(text, &errors).into_iter().map(shown).collect()
}

#[test]
fn a_windows_path_in_double_quotes_is_one_mistake_with_the_path_in_single_quotes() {
    for path in [
        r"C:\ProgramData\Qlik\Sense\Log",
        r"D:\Qlik",
        r"C:\Upload\svc\Log",
        r"\\server\share\Qlik\Log",
        r"\\?\C:\Qlik",
        r"..\Qlik\Log",
        r"C:\Qlik Sense\Log (old)",
        r"C:\Qlik\new\temp",
    ] {
        let found =
            mistakes(&format!("environment = 'prod'\nlog-root = \"{path}\"\nstart = 'end'\n"));
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(found[0].contains("a backslash in double quotes"), "{path}: {found:?}");
        assert!(found[0].contains(&format!("use single quotes: '{path}'")), "{path}: {found:?}");
    }
    // The last backslash escapes the quote, so the string continues.
    let found = mistakes("log-root = \"D:\\Logs\\\"\nstart = 'end'\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(r"use single quotes: 'D:\Logs'"), "{found:?}");
    let found = mistakes("log-root = \"D:/Logs\\\"\nstart = 'end'\n");
    assert!(found.len() == 1 && found[0].contains("use single quotes"), "{found:?}");
    let found = mistakes("[node]\nfolders = [\"D:\\data\", \"E:\\x\\\"]\ndisk = 1\n");
    assert!(found.len() == 1 && found[0].contains(r"use single quotes: 'D:\data'"), "{found:?}");
}

#[test]
fn a_valid_escape_is_detected_in_the_value() {
    let found = control(r#""C:\temp\new""#, "C:\temp\new").unwrap();
    assert!(found.0.contains("`\\t` is a tab"), "{found:?}");
    assert_eq!(found.1, r"use single quotes: 'C:\temp\new'");
    assert_eq!(control(r#""C:\\temp""#, "C:\\temp"), None);
    assert_eq!(control("'C:\\temp'", "C:\\temp"), None);
}

#[test]
fn each_line_has_one_mistake_without_consequential_errors() {
    for text in ["a = [1, 2\nb = 1\n", "a = {b = 1 c = 2}\n", "a == 1\n", "<a>1</a>\n"] {
        assert_eq!(mistakes(text).len(), 1, "{text}: {:?}", mistakes(text));
    }
    assert_eq!(mistakes("a = \n[b\n").len(), 2);
}

#[test]
fn words_that_are_no_numbers_are_worded_without_the_terms_of_the_library() {
    let why = |text: &str| unparsed(&text.parse::<u32>().unwrap_err().to_string());
    assert_eq!(why("x"), "it is not a whole number from 0");
    assert_eq!(why("99999999999"), "the number is too large");
    assert_eq!(why(""), "it is empty; write a whole number");
    let why = unparsed(&"x".parse::<f64>().unwrap_err().to_string());
    assert_eq!(why, "it is not a number");
    let why = unparsed(&"8640".parse::<std::net::SocketAddr>().unwrap_err().to_string());
    assert!(why.contains("such as 127.0.0.1:8640"), "{why}");
}

#[test]
fn system_errors_are_worded_plainly() {
    let full = io::Error::from_raw_os_error(if cfg!(windows) { 112 } else { 28 });
    assert_eq!(system(&full), "the disk is full");
    let missing = io::Error::from_raw_os_error(2);
    let text = format!("writing /x: {missing}: then: {missing}");
    assert_eq!(plain(&text), "writing /x: it does not exist: then: it does not exist");
    assert_eq!(plain("no number (os x)"), "no number (os x)");
    assert_eq!(plain("Odd thing (os error 9999)"), "Odd thing (error 9999)");
    assert_eq!(system(&io::ErrorKind::TimedOut.into()), "it took too long");
}

#[test]
fn a_text_that_begins_with_a_plain_quote_and_ends_with_a_typographic_one_is_told_so() {
    for text in ["a = \"w.txt”\n", "a = 'w.txt’\n"] {
        let found = mistakes(text);
        assert!(found.len() == 1 && found[0].contains("replace the typographic"), "{found:?}");
    }
}
