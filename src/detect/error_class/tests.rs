use crate::detect::Detector;
use crate::detect::pack::{Pack, builtin_packs};
use jiff::tz::TimeZone;

fn class(error: &str) -> String {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    detector.error_class(error).map_or("none", |class| &class.name).to_owned()
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
        (
            "SQL##f - SqlState: 08S01, ErrorCode: 0, ErrorMsg: Verbindungsfehler",
            "server-unreachable",
        ),
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

#[test]
fn a_pack_replaces_a_class_and_says_what_is_wrong_in_one() {
    let own = |text: &str| Pack { file: "own.toml".into(), text: text.into() };
    let mut packs = builtin_packs();
    packs.push(own("[[error]]\nclass = 'table-not-found'\ntitle = 'T'\nadvice = 'Ask Anna.'\ntexts = ['^Table']\n"));
    let (detector, problems) = Detector::compile(&packs, TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(&*detector.error_class("Table not found").unwrap().advice, "Ask Anna.");
    packs.push(own("[[error]]\nclass = 'x'\ntitle = 'T'\nadvice = 'A'\ncodes = ['ORA 1']\ntexts = ['(']\n[[error]]\nclass = 'y'\ntitle = 'T'\nadvice = 'A'\n"));
    let (_, problems) = Detector::compile(&packs, TimeZone::UTC);
    let lines: Vec<usize> = problems.iter().map(crate::config::Problem::line).collect();
    assert_eq!(lines, [5, 6, 8], "{problems:?}");
    assert!(problems.iter().all(|problem| problem.hint.is_some()));
}
