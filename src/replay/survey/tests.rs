use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::tail::FileId;

/// Texts that identify a customer, in all forms that logs may have.
const TEXTS_OF_A_CUSTOMER: &[&str] = &[
    r"Access was denied for User: 'ACMECORP\jane.doe', with AccessID '264ff070-6306-4f1b-85db-21a8468939b5'",
    r"User ACMECORP\jane.doe updated by acmecorp\svc-qlik$",
    "jane.doe@acme-corp.example signed in; sip:jane@acme-corp.example",
    "Cannot open file: 'lib://Acme Finance (acmecorp_jane)/Q3 Umbrella.qvd'",
    "App Acme Quarterly Umbrella Report could not be loaded by Jane Doe of Zürich",
    "Failed to request service alive response from https://qlik-prd-01.acme-corp.example:4242/qrs/jane?xrfkey=acme",
    "connection to qlik-prd-01.acme-corp.example:4747 from 10.77.66.55:50123 and [fe80::77aa:66bb:55cc:44dd%12]:443 or 2001:db8:77::1 lost",
    "node ACMEPRD01 is down, also acmeprd02.internal and ACMEPRD03$",
    "Server=acmesql01;Database=AcmeDwh;User Id=acme_reader;Password=Hunter2Hunter2;Trusted_Connection=no",
    "jdbc:sqlserver://acmesql01:1433;databaseName=AcmeDwh;user=acme_reader",
    "SQL SELECT salary FROM acme.payroll WHERE name = 'Jane Doe' AND ssn = 123456789 AND note like N'%umbrella%'",
    r"\\acmefiles\umbrella\jane\data.xlsx and C:\People\jane.doe\Umbrella\x.txt and D:/acme/umbrella/jane.csv",
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJhY21lIjoxfQ.umbrella",
    "{264FF070-6306-4F1B-85DB-21A8468939B5} 264ff0706306f1b85db21a8468939b5a",
    "Field \"Jane Doe\" not found, “Umbrella” and «Umbrella» and ‘Jane’ and `acme`",
    "Don't trust Jane's umbrella: it's acme's",
    "unbalanced ' quote Jane and \" Umbrella",
    "お客様 山田太郎 のデータ、Ünïcödé Müller, Ивановка Умбрелла",
    "phone +49 (0)171 7766554 and 123456789012 and IBAN DE77660055443322110000",
    "User=ACMECORP\\jane Host=acmeprd01 App=Umbrella",
    "jane\u{200b}doe j.a.n.e a_c_m_e ACME-Umbrella umbrella/acme",
    "Umbrella.Acme.Jane+Doe`1: at Acme.Umbrella.Run(String jane) in C:\\acme\\Jane.cs:line 77",
    "ACMECORP%5Cjane%40umbrella &lt;jane&gt; <b>Umbrella</b> ‹umbrella› ‹jane",
    "{\"user\":\"ACMECORP\\\\jane\",\"acmeKey\":\"Umbrella\",\"n\":77665544}",
    "Umbrella",
];

/// Words that no page may contain.
const NAMES: [&str; 31] = [
    "acme",
    "jane",
    "doe",
    "umbrella",
    "hunter",
    "zürich",
    "salary",
    "payroll",
    "svc-qlik",
    "ssn",
    "prd",
    "finance",
    "77",
    "66",
    "50123",
    "4242",
    "4747",
    "264ff0",
    "fe80",
    "2001:",
    "1433",
    "dwh",
    "eyj",
    "山田",
    "müller",
    "иванов",
    "умбрелла",
    "iban",
    "xlsx",
    "123456789",
    "reader",
];

fn block(log: &str, head: &str, text: &str) -> Block {
    let bytes = format!("{head}{text}").into_bytes();
    Block {
        file: FileId(1),
        generation: 0,
        label: log.into(),
        path: Path::new("Acme").into(),
        head: format!("{head}{text}").into_bytes().into(),
        bytes,
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

fn page_of(blocks: &[Block]) -> String {
    let mut survey = Survey::default();
    for block in blocks {
        survey.begin_file(&block.label, "no BOM");
        survey.take(block);
    }
    survey.page("0.1.0")
}

fn assert_identifies_no_customer(page: &str, of: &str) {
    let body: String =
        page.lines().filter(|line| !line.starts_with("# ")).collect::<Vec<_>>().join("\n");
    let small = body.to_lowercase();
    for name in NAMES {
        assert!(!small.contains(name), "`{name}` of {of} is in\n{body}");
    }
}

const TRACE: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tServiceUser\tMessage\tException\tTaskName\tTaskId\tAppName\tAppId\tUser\tCommand\tUmbrella Column\n";

#[test]
fn the_page_contains_nothing_that_identifies_the_customer() {
    for text in TEXTS_OF_A_CUSTOMER {
        let row = format!(
            "1\t20261123T060000.000+0100\tERROR\tacmeprd01\tAcme.Umbrella.Jane\t5\tACMECORP\\svc\t{text}\t{text}\tJane\t264ff070-6306-4f1b-85db-21a8468939b5\t{text}\tumbrella\tACMECORP\\jane\t{text}\tJane\n"
        );
        let script = format!(
            "20261123T060000.000+0100      {text}\n20261123T060000.000+0100 0017 {text}\n{text}\n20261123T060000.000+0100      Indexing field: {text}\n20261123T060000.000+0100      \t2 fields found: {text}, Document, \n"
        );
        let blocks = [
            block("System_Scheduler", TRACE, &row),
            block("Script", "", &script),
            block(
                "HubService",
                "",
                &format!(
                    "{text}\n{}\n",
                    serde_json::json!({ "message": text, "jane": { "acme": text }, "level": text })
                ),
            ),
        ];
        assert_identifies_no_customer(&page_of(&blocks), text);
    }
}

#[test]
fn multiline_cells_and_odd_rows_do_not_identify_the_customer() {
    let rows = "1\t20261123T060000.000+0100\tERROR\tacmeprd01\tx\t5\tu\t\"one jane\r\ntwo umbrella\r\n\tacme\"\n2\tjane\n\tumbrella\nacme only\n";
    assert_identifies_no_customer(&page_of(&[block("System_Scheduler", TRACE, rows)]), "rows");
    let unknown = block("System_Scheduler", "jane\tumbrella\n", rows);
    assert_identifies_no_customer(&page_of(&[unknown]), "a header that is none");
}

#[test]
fn texts_that_patterns_match_stay_readable() {
    for (text, shape) in [
        ("Max retries reached", "Max retries reached"),
        ("Execution State Change to FinishedFail", "Execution State Change to FinishedFail"),
        (
            "Command=Open app;Result=1009;ResultText=Error: App already open in different mode",
            "Command=Open app;Result=1009;ResultText=Error: App already open in different mode",
        ),
        (
            "Access was denied for User: 'Domain\\USER', with AccessID '264ff070-6306-4f1b-85db-21a8468939b5', SessionCount: '5', OperationType: 'UsageDenied'",
            "Access was denied for User: '‹quoted›', with AccessID '‹id›', SessionCount: '‹quoted›', OperationType: 'UsageDenied'",
        ),
        (
            "Message from ReloadProvider: Reload failed in Engine. Check engine or script logs.",
            "Message from ReloadProvider: Reload failed in Engine. Check engine or script logs.",
        ),
        (
            "Failed to request service alive response from https://x.example/",
            "Failed to request service alive response from ‹url›",
        ),
        ("Error: Field 'Region' not found", "Error: Field '‹quoted›' not found"),
        (
            "Error: The remote server returned an error: (404) Not Found.",
            "Error: The remote server returned an error: (404) Not Found.",
        ),
        (
            "SQL##f - SqlState: 42S02, ErrorCode: 942, ErrorMsg: ORA-00942: table or view does not exist",
            "SQL##f - SqlState: 42S02, ErrorCode: ‹n›, ErrorMsg: ORA-00942: table or view does not exist",
        ),
        ("\t2 fields found: Document, Id, ", "‹n› fields found: ‹text›"),
        ("System.Net.WebException: no", "System.Net.WebException: no"),
    ] {
        assert_eq!(mask(text), shape);
    }
    assert_eq!(
        mask_logger("System.Scheduler.Scheduler.Master.Task.TaskSession"),
        "System.Scheduler.Scheduler.Master.Task.TaskSession"
    );
    assert_eq!(mask_column("VMCommitted(MB)"), "VMCommitted(MB)");
    assert_eq!(mask_column("Umbrella"), "‹column›");
}

#[test]
fn memory_is_bounded_however_much_a_log_contains() {
    let mut survey = Survey::default();
    let words = [
        "access", "account", "active", "address", "agent", "app", "audit", "backup", "batch",
        "body",
    ];
    let mut rows = String::new();
    for n in 0..5000 {
        let message: Vec<&str> = (0..5).map(|place| words[n / 10_usize.pow(place) % 10]).collect();
        writeln!(rows, "{n}\t20261123T060000.000+0100\tINFO\tn\tx\t5\tu\t{}", message.join(" "))
            .unwrap();
    }
    survey.take(&block("System_Scheduler", TRACE, &rows));
    for n in 0..500 {
        survey.take(&block(&format!("Log{n}"), "", "one\n"));
    }
    assert!(survey.size().0 <= MOST_LOGS + 1, "{:?}", survey.size());
    assert!(survey.size().1 <= MOST_SHAPES + MOST_LOGS + 1, "{:?}", survey.size());
    let page = survey.page("0.1.0");
    assert!(page.contains("other shapes, not shown"), "{page}");
    assert!(page.len() < 200_000);
}

proptest::proptest! {
    #[test]
    fn no_text_panics_and_no_foreign_word_survives(text in "[ -~äßЖ字\u{200b}'\"‹›\\n]{0,80}") {
        let text = text.replace("xqzj", "");
        let shape = mask(&format!("{text} xqzj {text}'xqzj' xqzj{text}"));
        proptest::prop_assert!(!shape.contains("xqzj"), "{shape}");
    }
}
