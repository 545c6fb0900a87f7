//! Texts of errors in other dress, each with the class that it must have, and those without one.

use std::fmt::Write as _;

use footman::detect::{Detector, builtin_packs};
use jiff::tz::TimeZone;

const TEXTS: &str = include_str!("error_classes/texts.txt");

/// The engine's reload errors in the order of its type definitions, numbered from 11000, and the
/// class of each.
const ENGINE: [(&str, &str); 51] = [
    ("IN_PROGRESS", "reload-in-progress"),
    ("TABLE_X_NOT_FOUND", "table-not-found"),
    ("UNKNOWN_STATEMENT", "unknown-statement"),
    ("EXPECTED_SOMETHING_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_NOTHING_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_1_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_2_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_3_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_4_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_5_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_6_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_7_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("EXPECTED_ONE_OF_8_OR_MORE_TOKENS_FOUND_UNKNOWN", "script-syntax"),
    ("FIELD_X_NOT_FOUND", "field-not-found"),
    ("MAPPING_TABLE_X_NOT_FOUND", "mapping-table-not-found"),
    ("LIB_CONNECTION_X_NOT_FOUND", "connection-not-found"),
    ("NAME_ALREADY_TAKEN", "table-name-taken"),
    ("WRONG_FILE_FORMAT_DIF", "file-format"),
    ("WRONG_FILE_FORMAT_BIFF", "file-format"),
    ("WRONG_FILE_FORMAT_ENCRYPTED", "file-format"),
    ("OPEN_FILE_ERROR", "file-not-found"),
    ("AUTO_GENERATE_COUNT", "autogenerate-count"),
    ("PE_ILLEGAL_PREFIX_COMB", "script-syntax"),
    ("MATCHING_CONTROL_STATEMENT_ERROR", "script-syntax"),
    ("MATCHING_LIBPATH_X_NOT_FOUND", "connection-not-found"),
    ("MATCHING_LIBPATH_X_INVALID", "path-not-allowed"),
    ("MATCHING_LIBPATH_X_OUTSIDE", "path-not-allowed"),
    ("NO_QUALIFIED_PATH_FOR_FILE", "file-not-found"),
    ("MODE_STATEMENT_ONLY_FOR_LIB_PATHS", "path-not-allowed"),
    ("INCONSISTENT_USE_OF_SEMANTIC_FIELDS", "inconsistent-semantic-fields"),
    ("NO_OPEN_DATABASE", "no-connection-open"),
    ("AGGREGATION_REQUIRED_BY_GROUP_BY", "group-by-required"),
    ("CONNECT_MUST_USE_LIB_PREFIX_IN_THIS_MODE", "path-not-allowed"),
    ("ODBC_CONNECT_FAILED", "connect-failed"),
    ("OLEDB_CONNECT_FAILED", "connect-failed"),
    ("CUSTOM_CONNECT_FAILED", "connect-failed"),
    ("ODBC_READ_FAILED", "read-failed"),
    ("OLEDB_READ_FAILED", "read-failed"),
    ("CUSTOM_READ_FAILED", "read-failed"),
    ("BINARY_LOAD_PROHIBITED", "binary-load-prohibited"),
    ("CONNECTOR_START_FAILED", "connector-start-failed"),
    ("CONNECTOR_NOT_RESPONDING", "connector-start-failed"),
    ("CONNECTOR_REPLY_ERROR", "read-failed"),
    ("CONNECTOR_CONNECT_ERROR", "connect-failed"),
    ("CONNECTOR_NOT_FOUND_ERROR", "connector-not-found"),
    ("INPUT_FIELD_WITH_DUPLICATE_KEYS", "duplicate-key"),
    ("CONCATENATE_LOAD_NO_PREVIOUS_TABLE", "concatenate-without-table"),
    ("WRONG_FILE_FORMAT_QVD", "file-format"),
    ("ACTION_BLOCKED_ENTITLEMENT", "not-licensed"),
    ("EXIT_ERROR", "script-exit-error"),
    ("MERGE_LOAD_ERROR", "merge-failed"),
];

/// Further names of the engine that a reload can end with.
const OTHERS: [(&str, &str); 8] = [
    ("LOCERR_SCRIPT_DATASOURCE_ACCESS_DENIED", "connection-not-found"),
    ("LOCERR_PERSISTENCE_WRITE_FAILED", "write-failed"),
    ("LOCERR_PERSISTENCE_READ_FAILED", "write-failed"),
    ("LOCERR_PERSISTENCE_NOT_FOUND", "file-not-found"),
    ("LOCERR_PERSISTENCE_DISK_FULL", "disk-full"),
    ("LOCERR_PERSISTENCE_OBJECT_LOCKED", "file-locked"),
    ("LOCERR_PERSISTENCE_UNSUPPORTED_VERSION", "file-format"),
    ("LOCERR_WIN_INTERNET_CONNECTION_RESET", "connection-lost"),
];

fn detector() -> Detector {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    detector
}

fn wrong<'t>(
    detector: &Detector,
    cases: impl Iterator<Item = (&'t str, String)>,
) -> (usize, String) {
    let (mut n, mut wrong) = (0, String::new());
    for (expected, text) in cases {
        n += 1;
        let class = detector.error_class(&text).map_or("none", |class| &class.name);
        if class != expected {
            writeln!(wrong, "  {class}, not {expected}: {text}").unwrap();
        }
    }
    (n, wrong)
}

fn cases() -> impl Iterator<Item = (&'static str, String)> {
    let mut class = "";
    let lines = TEXTS.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.filter_map(move |line| match line.strip_prefix("## ") {
        Some(name) => {
            class = name;
            None
        }
        None => Some((class, line.replace("\\n", "\n"))),
    })
}

#[test]
fn errors_in_other_words_languages_and_drivers_have_their_class() {
    let (n, wrong) = wrong(&detector(), cases());
    assert!(n >= 150, "only {n}");
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_reload_error_of_the_engine_has_a_class_by_number_and_by_name() {
    let numbers = ENGINE.iter().zip(11000..);
    let numbers =
        numbers.map(|((_, class), n)| (*class, format!("x\nThe engine error code: EDC_ERROR:{n}")));
    let names = ENGINE.iter().map(|(name, class)| (*class, format!("LOCERR_RELOAD_{name}")));
    let others = OTHERS.iter().map(|(name, class)| (*class, (*name).to_owned()));
    let (_, wrong) = wrong(&detector(), numbers.chain(names).chain(others));
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A text that the class's own entry does not describe may not make it another one.
#[test]
fn what_a_script_names_never_decides_the_class() {
    let detector = detector();
    let names = ["Timeout", "login failed", "HTTP 404", "ORA-01017", "(404)", "deadlock", "a/b"];
    let heads = [
        ("Field '", "' not found", "field-not-found"),
        ("Table '", "' not found", "table-not-found"),
        ("Mapping table '", "' not found", "mapping-table-not-found"),
        ("Cannot open file: 'lib://x/", ".qvd'", "file-not-found"),
        ("Cannot open file: '", ".csv'", "file-not-found"),
        ("No qualified path for file: \"\\", ".qvs\"", "file-not-found"),
        ("Unknown statement: ", "", "unknown-statement"),
        ("Unexpected token: '", "', expected nothing", "script-syntax"),
    ];
    let texts = names.iter().flat_map(|name| {
        heads.iter().map(move |(head, tail, class)| (*class, format!("{head}{name}{tail}")))
    });
    let (n, wrong) = wrong(&detector, texts);
    assert_eq!(n, names.len() * heads.len());
    assert!(wrong.is_empty(), "\n{wrong}");
}
