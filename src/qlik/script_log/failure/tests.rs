use std::fmt::Write;

use insta::assert_snapshot;

use super::*;

/// `0017 text` is a statement, `Error: x` the engine's, `| x` a line without stamp.
fn log(short: &str) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim_start();
        let stamp = "20261123T061301.000+0100";
        match line.strip_prefix("| ") {
            Some(other) => other.to_owned(),
            None if line.starts_with(|c: char| c.is_ascii_digit()) => format!("{stamp} {line}"),
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
fn error_statement_and_a_little_context_are_cut_out() {
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
      6: 0018 LOAD OrderID,
      7: 0019     OrderDte
      8: 0020 FROM [lib://Sales/orders.qvd] (qvd)
    > 9: Error: Field 'OrderDte' not found
    "#);
}

#[test]
fn an_error_goes_on_over_stamped_and_bare_lines() {
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
fn a_swallowed_error_is_not_taken_for_the_reason() {
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
      2: 0018     Field18,
      3: 0019     Field19,
      4: 0020     Field20,
      5: 0021     Field21,
      6: 0022     Field22,
      7: … 37 more lines
      8: 0060 FROM x
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
      3: 0048 2)
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
fn an_endless_error_is_bounded() {
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
