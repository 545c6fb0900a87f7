use super::*;

fn shown(regex: &str) -> String {
    match required(regex) {
        Some(set) => {
            let texts = set.iter().map(|one| {
                let text = String::from_utf8_lossy(&one.text);
                if one.any_case { format!("~{text}") } else { text.into_owned() }
            });
            texts.collect::<Vec<_>>().join(" or ")
        }
        None => "none".to_owned(),
    }
}

#[test]
fn the_longest_required_text_is_taken() {
    assert_eq!(shown(r"^Max retries reached"), "Max retries reached");
    assert_eq!(
        shown(r"Task finished with state (FinishedFail|Error)"),
        "Task finished with state "
    );
    assert_eq!(shown(r"code=(?<code>\d+); the text$"), "; the text");
    assert_eq!(shown(r"(abcd){2,}x?"), "abcd");
}

#[test]
fn alternatives_give_one_literal_each_or_none_at_all() {
    assert_eq!(shown("Npgsql|Postgres"), "Npgsql or Postgres");
    assert_eq!(shown(r"Npgsql|\d+"), "none");
}

#[test]
fn nothing_is_promised_that_a_match_could_lack() {
    for regex in [r"(?i)ab", r"[fF]\d+", "ab", "(abc)*", "(abc)?", "", "a.c"] {
        assert_eq!(shown(regex), "none", "{regex}");
    }
}

#[test]
fn bytes_that_look_different_in_the_file_are_not_searched() {
    assert_eq!(shown("the \"Sales report\" failed"), "Sales report");
    assert_eq!(shown("one\ntwo three"), "two three");
}

#[test]
fn a_regex_that_ignores_case_has_its_literal_in_lower_case() {
    assert_eq!(shown(r"(?i)Access Denied"), "~access denied");
    assert_eq!(shown(r"(?i:Task) finished"), "~task finished");
    assert_eq!(shown(r"(?i-u)Kiss"), "~kiss");
    assert_eq!(shown(r"[Ff]ailed to (?i:start)"), "~failed to start");
    assert_eq!(shown(r"(?i)größe x"), "~e x");
    assert_eq!(shown(r"[kK]elvin"), "~kelvin");
    assert_eq!(shown(r"[abc]def"), "def");
}
