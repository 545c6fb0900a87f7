use std::fmt::Write;

use insta::assert_snapshot;

use super::error::ERROR_LINES;
use super::excerpt::EXCERPT_LINES;
use super::*;

/// `0017 text` is a statement, `Error: x` the engine's, `| x` a line without a timestamp.
fn log(short: &str) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim_start();
        let stamp = "20261123T061301.000+0100";
        match line.strip_prefix("| ") {
            Some(other) => other.to_owned(),
            None if line.bytes().take_while(u8::is_ascii_digit).count() == 4 => {
                format!("{stamp} {line}")
            }
            None => format!("{stamp}      {line}"),
        }
    };
    short.lines().map(line).collect()
}

fn story(short: &str) -> String {
    let lines = log(short);
    let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let mut story = format!("error: {:?}\n", failure.error.unwrap_or_default());
    if let Some((number, text)) = failure.statement {
        writeln!(story, "statement: {number} {text}").unwrap();
    }
    for (at, line) in failure.excerpt.iter().enumerate() {
        let mark = if line.marked { '>' } else { ' ' };
        writeln!(story, "{mark} {}: {}", failure.first + at + 1, line.text).unwrap();
    }
    story
}

#[test]
fn the_excerpt_has_error_statement_and_some_context() {
    assert_snapshot!(story(
        "0002 SET a=1
         0003 SET b=2
         0004 SET c=3
         0005 SET d=4
         0017 Orders:
         0018 LOAD OrderID,
         0019     OrderDte
         0020 FROM [lib://Sales/orders.qvd] (qvd)
         Error: Field 'OrderDte' not found
         Execution Failed
         Execution finished."
    ), @r#"
    error: "Field 'OrderDte' not found"
    statement: 17 Orders:
      2: 0003 SET b=2
      3: 0004 SET c=3
      4: 0005 SET d=4
    > 5: 0017 Orders:
    > 6: 0018 LOAD OrderID,
    > 7: 0019     OrderDte
    > 8: 0020 FROM [lib://Sales/orders.qvd] (qvd)
    > 9: Error: Field 'OrderDte' not found
    "#);
}

#[test]
fn an_error_continues_over_lines_with_and_without_timestamp() {
    assert_snapshot!(story(
        "0017 LOAD * FROM x
         Error: Cannot open file: 'lib://x'
         System error: no such folder
         | and more of it
         |  
         Execution Failed"
    ), @r#"
    error: "Cannot open file: 'lib://x'\nSystem error: no such folder\nand more of it"
    statement: 17 LOAD * FROM x
    > 1: 0017 LOAD * FROM x
    > 2: Error: Cannot open file: 'lib://x'
    > 3: System error: no such folder
    > 4: and more of it
    "#);
}

#[test]
fn a_swallowed_error_is_not_the_reason() {
    assert_snapshot!(story(
        "0016 DROP TABLE a
         Error: Table not found
         0017 LOAD 1 AUTOGENERATE 1
         one line fetched
         Error: Out of memory
         Execution Failed"
    ), @r#"
    error: "Out of memory"
    statement: 17 LOAD 1 AUTOGENERATE 1
      1: 0016 DROP TABLE a
      2: Error: Table not found
    > 3: 0017 LOAD 1 AUTOGENERATE 1
      4: one line fetched
    > 5: Error: Out of memory
    "#);
}

#[test]
fn the_middle_of_a_long_statement_is_left_out() {
    let fields: Vec<String> =
        (18..60).map(|number| format!("{number:04}     Field{number},")).collect();
    assert_snapshot!(story(&format!(
        "0017 LOAD\n{}\n0060 FROM x\nError: one\ntwo\nExecution Failed",
        fields.join("\n")
    )), @r#"
    error: "one\ntwo"
    statement: 17 LOAD
    > 1: 0017 LOAD
    > 2: 0018     Field18,
    > 3: 0019     Field19,
    > 4: 0020     Field20,
    > 5: 0021     Field21,
      6: … 37 more lines
    > 7: 0059     Field59,
    > 8: 0060 FROM x
    > 9: Error: one
    > 10: two
    "#);
}

#[test]
fn a_statement_that_repeats_its_number_is_one_statement() {
    assert_snapshot!(story(
        "0047 SET x=1
         0048 set y = (1 +
         0048 2)
         Error: odd
         Execution Failed"
    ), @r#"
    error: "odd"
    statement: 48 set y = (1 +
      1: 0047 SET x=1
    > 2: 0048 set y = (1 +
    > 3: 0048 2)
    > 4: Error: odd
    "#);
}

#[test]
fn a_failure_without_error_still_shows_what_ran_last() {
    assert_snapshot!(story("0016 SET a=1\n0017 CALL x\nExecution Failed"), @r#"
    error: ""
    statement: 17 CALL x
      1: 0016 SET a=1
    > 2: 0017 CALL x
    "#);
    assert_snapshot!(story("Execution Failed"), @r#"error: """#);
}

#[test]
fn the_older_wording_is_an_error_too() {
    let older = "0017 LOAD 1\nGeneral Script Error in statement handling\nExecution Failed";
    assert_snapshot!(story(older), @r#"
    error: "General Script Error in statement handling"
    statement: 17 LOAD 1
    > 1: 0017 LOAD 1
    > 2: General Script Error in statement handling
    "#);
}

#[test]
fn a_very_long_error_is_limited() {
    let error = format!("0017 LOAD 1\nError: a\n{}Execution Failed", "| b\n".repeat(1000));
    let lines = log(&error);
    let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(failure.error.unwrap().lines().count(), ERROR_LINES);
    assert!(failure.excerpt.len() <= EXCERPT_LINES);
}

proptest::proptest! {
    #[test]
    fn any_lines_give_at_most_ten(
        lines in proptest::collection::vec(
            "(20261123T061301.000\\+0100 (0017 (LOAD x|x|a:)|     (Error: x|x|Execution Failed)))|.{0,9}",
            0..40,
        ),
    ) {
        let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        proptest::prop_assert!(failure.excerpt.len() <= EXCERPT_LINES);
        proptest::prop_assert!(failure.first <= lines.len());
    }
}

/// The error, then the marked lines.
fn marked(short: &str) -> String {
    let lines = log(short);
    let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let lines = failure.excerpt.iter().filter(|line| line.marked).map(|line| line.text.trim());
    let lines = lines.collect::<Vec<_>>().join(" | ");
    format!("{} || {lines}", failure.error.unwrap_or_default().replace('\n', " / "))
}

#[test]
fn an_error_needs_no_prefix() {
    assert_snapshot!(marked(
        r#"0017 $(Include=\CalendarExtSetVariables.qvs)
         No qualified path for file: "\CalendarExtSetVariables.qvs"
         Execution Failed"#
    ), @r#"No qualified path for file: "\CalendarExtSetVariables.qvs" || 0017 $(Include=\CalendarExtSetVariables.qvs) | No qualified path for file: "\CalendarExtSetVariables.qvs""#);
    assert_snapshot!(marked(
        "0017 LIB CONNECT TO 'Sales'
         Connector connect error: SQL##f - SqlState: S1000, ErrorCode: 1045, ErrorMsg: Access denied
         Execution Failed"
    ), @"Connector connect error: SQL##f - SqlState: S1000, ErrorCode: 1045, ErrorMsg: Access denied || 0017 LIB CONNECT TO 'Sales' | Connector connect error: SQL##f - SqlState: S1000, ErrorCode: 1045, ErrorMsg: Access denied");
}

#[test]
fn what_is_certainly_an_error_is_so_with_names_and_blanks_of_any_language() {
    let path = "Выгрузка".repeat(24);
    for error in [
        "Accès refusé. (Exception de HRESULT\u{a0}: 0x80070005 (E_ACCESSDENIED))",
        "接続できません SQLSTATE：08001",
        "Connector 'Соединение с хранилищем' failed",
        "Connector '本番データウェアハウス接続' not responding",
        "ODBC 接続データベース failed",
        "[Größe\u{a0}der Ablage]\u{a0}[Störung]",
        &format!("File 'lib://Склад/{path}.qvd' not found"),
    ] {
        let earlier = format!("0001 LOAD a\n{error}\n0002 STORE a INTO b\nExecution Failed");
        let after_counts = format!("0001 LOAD a\n12 行を取得しました\n{error}\nExecution Failed");
        for short in [earlier, after_counts] {
            let lines = log(&short);
            let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(failure.error.as_deref(), Some(error), "{short}");
        }
    }
}

#[test]
fn header_and_progress_are_distinguished_from_errors_in_any_language() {
    for (before, error, after) in [
        ("Qlik Sense サーバー製品バージョン       14.1", "Cannot open file", ""),
        ("Qlik Sense サーバー製品バージョンとその番号の一覧       14.1", "Cannot open file", ""),
        ("売上　明細 1,000 lines fetched", "Cannot open file", ""),
        ("", "Cannot open file\nエラー << 接続が拒否されました　再試行してください", ""),
        ("", "Cannot open file", "\nOrders << orders 1\u{202f}234 lines fetched"),
    ] {
        let lines = log(&format!("{before}\n{error}{after}\nExecution Failed"));
        let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(failure.error.as_deref(), Some(error), "{before} {after}");
    }
}

#[test]
fn progress_is_not_an_error() {
    assert_snapshot!(marked(
        "0016 LIB CONNECT TO 'Sales'
         Connected.
         0017 LOAD * FROM x
         \t2 fields found: a, b,
         2,035 lines fetched
         Creating search index
         Search index creation completed successfully
         Access was denied after reload. Check that the user that reloads the script is included.
         Execution Failed"
    ), @"Access was denied after reload. Check that the user that reloads the script is included. || 0017 LOAD * FROM x | Access was denied after reload. Check that the user that reloads the script is included.");
    assert_snapshot!(marked(
        "0017 LOAD * FROM x
         \t2 fields found: a, b,
         2,035 lines fetched
         The search index is incomplete: timed out.
         Execution Failed"
    ), @" || 0017 LOAD * FROM x");
}

#[test]
fn a_line_that_announces_an_error_is_left_out_in_any_language() {
    for marker in ["The following error occurred:", "Произошла следующая ошибка:", "Error:"]
    {
        let text =
            format!("0017 LOAD a FROM x\n{marker}\nField 'a' not found\n---\nExecution Failed");
        assert_eq!(
            marked(&text),
            "Field 'a' not found || 0017 LOAD a FROM x | Field 'a' not found"
        );
    }
    assert_snapshot!(marked(
        "0017 Oops
         | The following error occurred:
         | Unknown statement: Oops
         | 
         | The engine error code: EDC_ERROR:11002
         | The error occurred here:
         | Oops
         Execution Failed"
    ), @"Unknown statement: Oops / The engine error code: EDC_ERROR:11002 || 0017 Oops | Unknown statement: Oops |  | The engine error code: EDC_ERROR:11002");
}

#[test]
fn the_statements_of_an_error_handler_do_not_hide_the_error() {
    assert_snapshot!(story(
        "0010 SET ErrorMode=0
         0012 LOAD a FROM x
         Error: Cannot open file: 'x'
         0016 LOAD b FROM y
         Error: Field 'b' not found
         0018 if ScriptError > 0 then
         0019 TRACE failed
         0019 failed
         0020 exit script
         Execution Failed"
    ), @r#"
    error: "Field 'b' not found"
    statement: 16 LOAD b FROM y
      1: 0010 SET ErrorMode=0
      2: 0012 LOAD a FROM x
      3: Error: Cannot open file: 'x'
    > 4: 0016 LOAD b FROM y
    > 5: Error: Field 'b' not found
    "#);
}

#[test]
fn prefixes_and_labels_belong_to_the_statement() {
    for (head, lines) in [
        ("0016 Concatenate (SessionLoad)", "0017 LOAD"),
        ("0016 LEFT JOIN (X)", "0017 LOAD"),
        ("0016 Names:\n0017 MAPPING", "0018 LOAD"),
        ("0016 [Order Lines]:\n0017 NoConcatenate", "0018 LOAD"),
        ("0016 Buffer (stale after 2 days)", "0017 LOAD"),
        ("0016 Add Only", "0017 LOAD"),
        ("0016 Replace", "0017 LOAD"),
        ("0016 When vFull = 1", "0017 LOAD"),
        ("0016 Unless vFull = 1", "0017 LOAD"),
        ("0016 Merge Only (Seq, vSeq) On Id", "0017 Concatenate (T) LOAD"),
        ("0016 CrossTable (Month, Amount, 2)", "0017 LOAD"),
        ("0016 Facts:\n0017 LOAD *,\n0018     If(a > 1, 'x') as Flag", "0019 LOAD"),
    ] {
        let text = format!(
            "0014 LET v = 1\n0015 Other:\n0015 LOAD 1 AUTOGENERATE 1\n{head}\n{lines}\n0020     Left(a, 2) as b,\n0021     Comment,\n0022     Replace(c, 'x', 'y') as d\n0023 FROM y\nError: odd\nExecution Failed"
        );
        let first = head.lines().next().unwrap();
        let found = marked(&text);
        assert!(found.starts_with(&format!("odd || {first} | ")), "{head}: {found}");
    }
}

#[test]
fn the_body_of_an_inline_table_is_not_a_statement() {
    assert_snapshot!(marked(
        "0073 SET a = 1
         0074 CommandList:
         0075   LOAD
         0076       Command
         0078   Inline [
         0079     Command, CommandType
         0080     Add license, Allocation
         0081     Drop it
         0082     ]
         Error: odd
         Execution Failed"
    ), @"odd || 0074 CommandList: | 0075   LOAD | 0076       Command | 0078   Inline [ | 0079     Command, CommandType | 0080     Add license, Allocation | 0081     Drop it | 0082     ] | Error: odd");
}

#[test]
fn a_query_of_a_database_is_one_statement() {
    assert_snapshot!(marked(
        "0073 SET a = 1
         0074 Orders:
         0075 SQL SELECT a
         0076 FROM x
         0077 LEFT JOIN y ON x.a = y.a
         0078 SELECT b
         SQL##f - SqlState: 42S02, ErrorCode: 942, ErrorMsg: ORA-00942: table or view does not exist
         Execution Failed"
    ), @"SQL##f - SqlState: 42S02, ErrorCode: 942, ErrorMsg: ORA-00942: table or view does not exist || 0074 Orders: | 0075 SQL SELECT a | 0076 FROM x | 0077 LEFT JOIN y ON x.a = y.a | 0078 SELECT b | SQL##f - SqlState: 42S02, ErrorCode: 942, ErrorMsg: ORA-00942: table or view does not exist");
}

#[test]
fn an_unknown_statement_stands_alone() {
    assert_snapshot!(marked(
        "0016 LET a = 1
         0017 ThisFailsForSure
         Error: Unknown statement: ThisFailsForSure
         Execution Failed"
    ), @"Unknown statement: ThisFailsForSure || 0017 ThisFailsForSure | Error: Unknown statement: ThisFailsForSure");
}

#[test]
fn a_subroutine_is_shown_with_its_call() {
    let stamp = "20261123T061301.000+0100";
    let text = [
        format!("{stamp} 0016 SET a = 1"),
        format!("{stamp} 0072 call HealthcheckStart('x')"),
        format!("  {stamp} 0048 LIB CONNECT TO 'Healthcheck'"),
        format!("  {stamp}      Connected."),
        format!("  {stamp} 0050 let a = 1"),
        format!("  {stamp} 0051 let b = 1"),
        format!("  {stamp} 0052 RestConnectorMasterTable:"),
        format!("  {stamp} 0053     SQL SELECT"),
        format!("  {stamp} 0054         \"col_1\""),
        format!("  {stamp} 0055     FROM CSV \"CSV_source\""),
        format!("  {stamp}      \t2 fields found: col_1, __extra_, "),
        format!("  {stamp}      Error: (404) Not Found."),
        format!("  {stamp}      Execution Failed"),
    ];
    let failure = Failure::new(&text.iter().map(String::as_str).collect::<Vec<_>>());
    let lines = failure
        .excerpt
        .iter()
        .map(|line| format!("{}{}\n", if line.marked { "> " } else { "  " }, line.text));
    assert_snapshot!(lines.collect::<String>(), @r#"
      0072 call HealthcheckStart('x')
      … 4 more lines
    > 0052 RestConnectorMasterTable:
    > 0053     SQL SELECT
    > 0054         "col_1"
    > 0055     FROM CSV "CSV_source"
      2 fields found: col_1, __extra_,
    > Error: (404) Not Found.
    "#);
}

#[test]
fn lines_that_are_not_statements_do_not_begin_one() {
    for before in ["*** CONNECT TO ***", "$(Include=lib://scripts/a.qvs)", ""] {
        let text =
            format!("0016 {before}\n0017 DROP TABLE a\nError: Table not found\nExecution Failed");
        assert_eq!(marked(&text), "Table not found || 0017 DROP TABLE a | Error: Table not found");
    }
}

#[test]
fn an_unknown_text_is_the_reason_only_before_an_error_handler() {
    let text = |between: &str| {
        format!("0016 LOAD a FROM x\nNo such thing here\n{between}\nExecution Failed")
    };
    let handled = "0018 IF ScriptError > 0 THEN\n0019 EXIT SCRIPT";
    assert!(marked(&text(handled)).starts_with("No such thing here || 0016"));
    let went_on = "0018 LOAD b FROM y\n2,035 lines fetched\n0019 TRACE done\n0019 done";
    assert_eq!(marked(&text(went_on)), " || 0019 TRACE done | 0019 done");
    assert_eq!(marked(&text("0018 SET a = 1")), " || 0018 SET a = 1");
}

fn connection(short: &str) -> Option<String> {
    let lines = log(&format!("{short}\nError: odd\nExecution Failed"));
    Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>()).connection
}

#[test]
fn the_last_opened_connection_is_named_in_every_notation() {
    for (statement, name) in [
        ("LIB CONNECT TO 'Sales'", "Sales"),
        ("LIB CONNECT TO [Sales DB (prod)]", "Sales DB (prod)"),
        ("lib connect to \"Sales DB\"", "Sales DB"),
        ("Lib  Connect\tTo Sales_DB", "Sales_DB"),
        ("LIB CONNECT TO Sales DB", "Sales DB"),
        ("LIB CONNECT TO 'Sales';", "Sales"),
        ("LIB CONNECT TO 'Sales' // the new one", "Sales"),
        ("LIB CONNECT TO 'O''Brien''s'", "O'Brien's"),
        ("LIB CONNECT TO [a]]b]", "a]b"),
        ("LIB CONNECT TO 'Finance:Ledger; Q1'", "Finance:Ledger; Q1"),
        ("LIB CONNECT TO 'Größe 漢字'", "Größe 漢字"),
        ("LIB CONNECT TO 'cut off", "cut off"),
        ("LIB CONNECT\n0018 TO 'Sales'", "Sales"),
        ("LIB CONNECT TO\n0018     'Sales'", "Sales"),
        ("CONNECT TO 'Sales'", "Sales"),
        ("CONNECT32 TO Warehouse", "Warehouse"),
        ("ODBC CONNECT TO Warehouse (UserId is reader, Password is geheim)", "Warehouse"),
        ("ODBC CONNECT64 TO [Warehouse;UID=reader;PWD=geheim]", "Warehouse"),
        ("ODBC CONNECT TO 'Driver={x};DSN=Warehouse;PWD=geheim'", "Warehouse"),
        ("OLEDB CONNECT TO [Provider=SQLOLEDB.1;Password=geheim;User ID=sa]", "SQLOLEDB.1"),
        (
            "CUSTOM CONNECT TO \"Provider=QvRestConnector.exe;url=https://x/?key=geheim;\"",
            "QvRestConnector.exe",
        ),
    ] {
        for context in ["", "\nConnected.\n0020 Orders:\n0021 SQL SELECT a\n0022 FROM b"] {
            let found = connection(&format!("0016 SET a = 1\n0017 {statement}{context}"));
            assert_eq!(found.as_deref(), Some(name), "{statement}");
        }
    }
}

#[test]
fn only_the_last_connection_that_was_opened_counts() {
    let first = "0010 LIB CONNECT TO 'First'\nConnected.\n";
    for (then, name) in [
        ("0017 LIB CONNECT TO 'Second'", Some("Second")),
        ("0017 // LIB CONNECT TO 'Second'", Some("First")),
        ("0017 /* LIB CONNECT TO 'Second' */\n0018 SET a = 1", Some("First")),
        ("0017 /* not now\n0018 LIB CONNECT TO 'Second'\n0019 */\n0020 SET a = 1", Some("First")),
        ("0017 REM LIB CONNECT TO 'Second'", Some("First")),
        ("0017 TRACE LIB CONNECT TO 'Second'\n0017 LIB CONNECT TO 'Second'", Some("First")),
        ("0017 SET v = 'LIB CONNECT TO Second'", Some("First")),
        (
            "0017 T:\n0018 LOAD * INLINE [\n0019 a\n0020 LIB CONNECT TO 'Second'\n0021 ]",
            Some("First"),
        ),
        ("0017 DISCONNECT", None),
        ("0017 DISCONNECT\n0018 LIB CONNECT TO 'Second'", Some("Second")),
        ("0017 LIB CONNECT TO '$(vConnection)'", None),
        ("0017 LIB CONNECT TO ''", None),
        ("0017 OLEDB CONNECT TO [Password=geheim;User ID=sa]", None),
        ("0017 LIB CONNECT TO '‹redacted›'", None),
        ("0017 CUSTOM CONNECT TO 'https://x/T00/geheim'", None),
        ("0017 ODBC CONNECT TO Driver={x};UID=sa;PWD=geheim", None),
        ("0017 SQL SELECT a FROM b\n0018 CONNECT BY PRIOR c = d", Some("First")),
    ] {
        assert_eq!(connection(&format!("{first}{then}")).as_deref(), name, "{then}");
    }
    assert_eq!(connection("0017 LOAD a FROM b"), None);
}

#[test]
fn a_connection_that_a_subroutine_or_an_earlier_script_opened_is_named() {
    let stamp = "20261123T061301.000+0100";
    let text = [
        format!("{stamp} 0016 call Load('x')"),
        format!("  {stamp} 0003 call Connect"),
        format!("    {stamp} 0001 LIB CONNECT TO 'Inner'"),
        format!("    {stamp}      Connected."),
        format!("  {stamp} 0005 SQL SELECT a FROM b"),
        format!("  {stamp}      Error: Connector reply error: x"),
        format!("  {stamp}      Execution Failed"),
        format!("{stamp} 0017 LIB CONNECT TO 'Later'"),
    ];
    let failure = Failure::new(&text.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(failure.connection.as_deref(), Some("Inner"));
}

#[test]
fn errors_that_were_ignored_are_counted_however_far_back_they_are() {
    let ignored = |n: usize| format!("{:04} DROP TABLE t{n}\nError: Table not found\n", n + 2);
    for n in [0, 1, 2, 300] {
        let before: String = (0..n).map(ignored).collect();
        let lines = log(&format!(
            "0001 SET ErrorMode=0\n{before}0900 LOAD a FROM b\nError: Field 'a' not found\nExecution Failed"
        ));
        let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(failure.n_swallowed, n);
        assert_eq!(failure.error.as_deref(), Some("Field 'a' not found"));
    }
}

#[test]
fn what_trace_prints_does_not_hide_the_error_before_it() {
    let text = |handler: &str| {
        format!("0016 LOAD a FROM x\nError: Field 'a' not found\n{handler}\nExecution Failed")
    };
    for handler in [
        "0021 TRACE x\nx",
        "0021 TRACE x;\nx",
        "0021 trace Error: it failed\nError: it failed",
        "0021 TRACE a\n0021 b\na\nb",
        "0021 TRACE $(x)\nsomething else",
        "0021 TRACE x\n0021 x",
    ] {
        assert!(marked(&text(handler)).starts_with("Field 'a' not found ||"), "{handler}");
    }
    // What fails behind it is the error.
    for handler in ["0021 TRACE x\nx\nError: Out of memory", "0021 TRACE x\n0021 x\nOdd"] {
        let error = handler.rsplit(['\n', ':']).next().unwrap().trim();
        assert!(marked(&text(handler)).starts_with(error), "{handler}");
    }
    assert!(marked("0021 TRACE $(x)\nOdd\nExecution Failed").starts_with("Odd ||"));
}

#[test]
fn an_error_without_a_text_is_none() {
    for error in ["Error:", "Error: ", "Error:\n "] {
        let lines = log(&format!("0016 LOAD a FROM x\n{error}\nExecution Failed"));
        let failure = Failure::new(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(failure.error, None, "{error:?}");
        assert_eq!(failure.statement, Some((16, "LOAD a FROM x".to_owned())));
    }
}
