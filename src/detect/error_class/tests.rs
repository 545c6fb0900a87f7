use std::sync::LazyLock;

use crate::detect::Detector;
use crate::detect::error_class::words::ClassLiterals;
use crate::detect::literal::{self, Literal};
use crate::detect::pack::{Pack, builtin_packs};
use jiff::tz::TimeZone;
use proptest::prelude::*;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    detector
});

fn class(error: &str) -> String {
    DETECTOR.error_class(error).map_or("none", |class| &class.name).to_owned()
}

#[test]
fn errors_seen_in_logs_have_their_class() {
    for (error, expected) in [
        ("Field 'OrderDte' not found", "field-not-found"),
        ("Field not found - <OrderDte>", "field-not-found"),
        ("Table not found", "table-not-found"),
        ("Table 'Orders' not found", "table-not-found"),
        ("Unknown statement: Oops", "unknown-statement"),
        ("Cannot open file: 'lib://x/y.qvd'", "file-not-found"),
        ("No qualified path for file: \"\\Calendar.qvs\"", "file-not-found"),
        (
            "Connector reply error: grpc::StatusCode::RESOURCE_EXHAUSTED: 'Received message larger than max (5106076 vs. 4194304)'",
            "too-large-for-connector",
        ),
        (
            "Connector connect error: IDataInitialize::GetDataSource. HRESULT = 80004005. ErrorSource: Microsoft OLE DB Provider for SQL Server, ErrorMsg: Cannot open database \"Sales\" requested by the login. The login failed.",
            "login-failed",
        ),
        (
            "Connector connect error: SQL##f - SqlState: S1000, ErrorCode: 1045, ErrorMsg: [MySQL][ODBC 9.2(w) Driver]Access denied for user",
            "login-failed",
        ),
        (
            "SQL##f - SqlState: 42S02, ErrorCode: 942, ErrorMsg: ORA-00942: table or view does not exist",
            "database-table-not-found",
        ),
        ("SQL##f - SqlState: 08S01, ErrorCode: 0, ErrorMsg: Verbindungsfehler", "connection-lost"),
        (
            "SQL##f - SqlState: 42000, ErrorCode: 102, ErrorMsg: [Microsoft][SQL Server]Falsche Syntax",
            "database-syntax",
        ),
        ("The remote server returned an error: (404) Not Found.", "http-not-found"),
        ("HTTP protocol error 401 (Unauthorized)", "http-unauthorized"),
        ("HTTP status code: 503", "http-server-error"),
        (
            "Access was denied after reload. Check that the user that reloads the script is included in the section access part of the script.",
            "section-access",
        ),
        ("General Script Error", "general-script-error"),
        ("OUT OF VIRTUAL AND/OR LOGICAL MEMORY, allocating 1 MB", "out-of-memory"),
        ("Unknown statement\nThe engine error code: EDC_ERROR:11002", "unknown-statement"),
        ("Etwas ging schief", "none"),
    ] {
        assert_eq!(class(error), expected, "{error}");
    }
}

fn own(text: &str) -> Vec<Pack> {
    let mut packs = builtin_packs();
    packs.push(Pack { file: "own.toml".into(), text: text.into() });
    packs
}

#[test]
fn a_pack_overrides_the_given_keys_of_a_class_and_keeps_the_rest() {
    let packs = own(
        "[[error]]\nclass = 'table-not-found'\nadvice = 'Ask Anna.'\nlinks = [{ title = 'Runbook', url = 'https://wiki.example.com/tables' }]\n",
    );
    let (detector, problems) = Detector::compile(&packs, TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    for error in ["Table not found", "x EDC_ERROR:11001"] {
        let class = detector.error_class(error).unwrap();
        assert_eq!((&*class.title, &*class.advice), ("Table not found", "Ask Anna."));
        assert_eq!(class.links[0].url, "https://wiki.example.com/tables");
    }
    let packs = own("[[error]]\nclass = 'table-not-found'\ncodes = []\ntexts = ['^Tabelle']\n");
    let (detector, _) = Detector::compile(&packs, TimeZone::UTC);
    assert!(detector.error_class("Table not found").is_none());
    assert_eq!(&*detector.error_class("Tabelle weg").unwrap().name, "table-not-found");
}

#[test]
fn a_new_class_must_have_everything_that_a_card_needs() {
    let lines = |text: &str| {
        let (_, problems) = Detector::compile(&own(text), TimeZone::UTC);
        assert!(problems.iter().all(|problem| problem.hint.is_some()), "{problems:?}");
        problems.iter().map(crate::config::Problem::line).collect::<Vec<_>>()
    };
    let whole = "[[error]]\nclass = 'x'\ntitle = 'T'\nadvice = 'A'\ntexts = ['y']\n";
    assert!(lines(whole).is_empty());
    assert_eq!(lines("[[error]]\nclass = 'x'\ntexts = ['y']\n"), [2, 2]);
    let broken = "[[error]]\nclass = 'x'\ntitle = 'T'\nadvice = 'A'\ncodes = ['ORA 1']\ntexts = ['(']\n[[error]]\nclass = 'y'\ntitle = 'T'\nadvice = 'A'\n";
    assert_eq!(lines(broken), [5, 6, 8]);
}

#[test]
fn a_text_wins_over_a_broad_code_around_it() {
    for (error, expected) in [
        ("Connector connect error: Login failed. EDC_ERROR:11043", "login-failed"),
        ("HTTP 500: Login failed", "login-failed"),
        ("HTTP 500", "http-server-error"),
        ("grpc::StatusCode::INTERNAL: 'Invalid object name x'", "database-table-not-found"),
        ("SqlState: 42000, ErrorMsg: permission denied", "database-permission"),
        ("SqlState: 42000, ErrorMsg: x", "database-syntax"),
    ] {
        assert_eq!(class(error), expected, "{error}");
    }
}

#[test]
fn added_classes_win_over_built_in_ones() {
    let class = |name: &str, of: &str| {
        format!("[[error]]\nclass = '{name}'\ntitle = 'T'\nadvice = 'A'\n{of}\n")
    };
    let text = class("closed", "texts = ['warehouse is closed']")
        + &class("late", "texts = ['warehouse']\ncodes = ['ORA-01033']");
    let (detector, problems) = Detector::compile(&own(&text), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    for (error, expected) in [
        ("Connector reply error: the warehouse is closed", "closed"),
        ("Connector reply error: the warehouse is late", "late"),
        ("Connector reply error: ORA-01033: x", "late"),
        ("Connector reply error: x", "read-failed"),
    ] {
        assert_eq!(&*detector.error_class(error).unwrap().name, expected, "{error}");
    }
}

#[test]
fn letters_that_unicode_folds_to_k_and_s_are_no_code() {
    for state in ["4\u{212a}\u{212a}\u{212a}\u{212a}", "\u{17f}\u{17f}000", "\u{212a}0001"] {
        for text in [
            format!("SqlState: {state}, ErrorMsg: permission denied"),
            format!("ERROR [{state}] permission denied"),
            format!("ERROR: {state}: permission denied"),
            format!("[{state}] [x] permission denied"),
        ] {
            assert_eq!(class(&text), "database-permission", "{text}");
        }
    }
}

/// What is wrong with a key was reported: that nothing else recognizes the class is its echo.
#[test]
fn a_class_whose_only_way_to_be_recognized_is_broken_has_one_problem() {
    for key in ["codes = 5", "broad-codes = 5", "texts = 5", "broad_codes = ['HTTP 404']"] {
        let text = format!("[[error]]\nclass = 'x'\ntitle = 'T'\nadvice = 'A'\n{key}\n");
        let (_, problems) = Detector::compile(&own(&text), TimeZone::UTC);
        assert_eq!(problems.iter().map(crate::config::Problem::line).collect::<Vec<_>>(), [5]);
    }
}

proptest! {
    #[test]
    fn any_error_is_classified_without_panic(parts in prop::collection::vec(prop_oneof![
        prop::sample::select(vec![
            "SqlState: ", "SQLSTATE[", "ERROR [", "FATAL: ", "] [", "HRESULT = 0x", "ORA-", "(404) ", "system error ",
            "StatusCode::", "rpc error: code = ", "QVX_", "EDC_ERROR:", "LOCERR_", "ErrorCode: ", "MySQL", "Msg ", ", Level ",
            "4200", "S1", "8000", "0", ": ", ", ", "]", "'", "\"", "\u{212a}", "\u{17f}", "İ", "ß", "é", "„", "“", "🤪", "\u{301}",
            "\n", "Field ", " not found", "Unknown statement", ">>>>>>", "<<<<<<", "lib://", "C:\\", "x",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "\\PC{0,8}",
    ], 0..12)) {
        class(&parts.concat());
    }
}

static WORDS: LazyLock<ClassLiterals> =
    LazyLock::new(|| ClassLiterals::new(DETECTOR.error_classes().map(|one| &*one.texts)));

static PIECES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let texts = DETECTOR.error_classes().flat_map(|class| &class.texts);
    let sets = texts.flat_map(|text| literal::required(text.as_str()));
    sets.flatten().map(|one: Literal| String::from_utf8_lossy(&one.text).into_owned()).collect()
});

proptest! {
    #[test]
    fn literals_leave_out_no_class_that_matches(
        pieces in prop::collection::vec((prop::sample::select(&**PIECES), any::<bool>()), 1..5),
        between in "[ :.,'k-]{0,2}",
    ) {
        let upper = |(text, upper): &(String, bool)| {
            if *upper { text.to_uppercase() } else { text.clone() }
        };
        let text = pieces.iter().map(upper).collect::<Vec<_>>().join(&between);
        for text in [text.replace('k', "\u{212a}").replace('s', "\u{17f}"), text] {
            let candidates = WORDS.candidates(&text);
            for (at, class) in DETECTOR.error_classes().enumerate() {
                let matches = class.texts.iter().any(|one| one.is_match(&text));
                prop_assert!(!matches || candidates.contains(&at), "{} in {text:?}", class.name);
            }
        }
    }
}

#[test]
fn classes_without_literals_are_always_tried_and_those_without_texts_never() {
    let class = |name: &str, of: &str| {
        format!("[[error]]\nclass = '{name}'\ntitle = 'T'\nadvice = 'A'\n{of}\n")
    };
    let text = class("short", r"texts = ['^\d\d$']")
        + &class("folded", "texts = ['(?i)straße ı|(?i)Kiosk']")
        + &class("coded", "codes = ['ORA-09999']");
    let (detector, problems) = Detector::compile(&own(&text), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    for (error, expected) in [
        ("42", Some("short")),
        ("STRAẞE ı", Some("folded")),
        ("\u{212a}IO\u{17f}\u{212a}", Some("folded")),
        ("ORA-09999", Some("coded")),
        ("ora", None),
    ] {
        assert_eq!(detector.error_class(error).map(|class| &*class.name), expected, "{error}");
    }
}
