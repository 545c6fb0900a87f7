use super::*;

const BEFORE: &str = "ReloadID: 1\nStarted loading data\nOrders << lib://DWH:Orders 48,211 Lines fetched\n\nData has not been loaded. Please correct the error and try loading again.\n\n";

fn shown(script: Option<ScriptFacts>) -> Option<(String, Vec<(String, bool)>)> {
    let script = script?;
    let lines = script.excerpt.lines.into_iter().map(|line| (line.text, line.marked));
    Some((script.error.unwrap_or_default(), lines.collect()))
}

#[test]
fn the_lines_after_the_mark_are_the_reason_with_any_line_end() {
    let text = format!(
        "{BEFORE}The following error occurred:\nField 'Amout' not found\n\nThe error occurred here:\nLOAD Amout\nResident Orders\n\n"
    );
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let (error, lines) = shown(of_summary(&text)).unwrap();
        assert_eq!(error, "Field 'Amout' not found");
        let expected = ["LOAD Amout", "Resident Orders", "Field 'Amout' not found"];
        assert_eq!(lines, expected.map(|line| (line.to_owned(), true)));
    }
}

#[test]
fn a_summary_without_a_reason_has_none() {
    for text in [
        "",
        BEFORE,
        "Finished successfully",
        "The following error occurred:",
        "The error occurred here:\nx\nThe following error occurred:\n\n",
    ] {
        assert_eq!(of_summary(text), None, "{text:?}");
    }
}

#[test]
fn secrets_in_a_summary_are_hidden() {
    let text = "The following error occurred:\nConnect string: password=hunter2hunter2 refused\n";
    let (error, lines) = shown(of_summary(text)).unwrap();
    assert!(!error.contains("hunter2") && !format!("{lines:?}").contains("hunter2"), "{error}");
}

#[test]
fn a_script_log_of_an_unknown_form_is_shown_by_its_last_lines() {
    let log = (0..30).map(|n| format!("line {n}\0\r\n\r\n")).collect::<Vec<_>>().concat();
    let (error, lines) = shown(of_script_log(&format!("\u{feff}{log}"))).unwrap();
    assert_eq!((error.as_str(), lines.len()), ("", LINES));
    assert_eq!(lines[9], ("line 29".to_owned(), false));
    assert_eq!(of_script_log("\r\n\0"), None);
}
