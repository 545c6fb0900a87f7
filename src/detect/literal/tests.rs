use super::*;

fn shown(regex: &str) -> String {
    let text = |one: &Literal| {
        let text = String::from_utf8_lossy(&one.text);
        if one.any_case { format!("~{text}") } else { text.into_owned() }
    };
    let set = |set: &Set| set.iter().map(text).collect::<Vec<_>>().join(" or ");
    let sets: Vec<String> = required(regex).iter().map(set).collect();
    if sets.is_empty() { "none".to_owned() } else { sets.join(" and ") }
}

#[test]
fn every_required_text_is_found_and_the_longest_comes_first() {
    assert_eq!(shown(r"^Max retries reached"), "Max retries reached");
    assert_eq!(
        shown(r"Task finished with state (FinishedFail|Error)"),
        "Task finished with state Error or Task finished with state FinishedFail"
    );
    assert_eq!(shown(r"code=(?<code>\d+); the text$"), "; the text and code=");
    assert_eq!(shown(r"disk .* below [0-9]+ ?(MB|GB)"), " below  and disk ");
    assert_eq!(shown(r"QVD .*(is corrupt|not found)"), "is corrupt or not found and QVD ");
    assert_eq!(shown(r"(abcd){2,}x?"), "abcd");
}

#[test]
fn alternatives_give_one_literal_each_or_none_at_all() {
    assert_eq!(shown("Npgsql|Postgres"), "Npgsql or Postgres");
    assert_eq!(shown(r"Npgsql|\d+"), "none");
    assert_eq!(shown(r"(ab.*long one|cd.*longer one)x"), "long one or longer one");
    assert_eq!(shown(r"(first.*one more|other)\d"), "one more or other and first or other");
}

#[test]
fn no_text_is_required_that_a_match_could_lack() {
    for regex in [r"(?i)ab", r"[fF]\d+", "ab", "(abc)*", "(abc)?", "", "a.c"] {
        assert_eq!(shown(regex), "none", "{regex}");
    }
}

#[test]
fn bytes_that_differ_in_the_file_are_not_searched_for() {
    assert_eq!(shown("the \"Sales report\" failed"), "Sales report");
    assert_eq!(shown("one\ntwo three"), "two three");
    assert_eq!(shown("one[\n ]two three"), "one two three or two three");
}

#[test]
fn a_case_insensitive_regex_has_its_literal_in_lower_case() {
    assert_eq!(shown(r"(?i)Access Denied"), "~access denied");
    assert_eq!(shown(r"(?i:Task) finished"), "~task finished");
    assert_eq!(shown(r"(?i-u)Kiss"), "~kiss");
    assert_eq!(shown(r"[Ff]ailed to (?i:start)"), "~failed to start");
    assert_eq!(
        shown(r"(?i)Ö x"),
        "~Ö x or ~ö x",
        "other characters than ASCII are searched for in all forms"
    );
    assert_eq!(shown(r"[kK]elvin"), "~kelvin");
    assert_eq!(shown(r"[abc]def"), "adef or bdef or cdef");
    assert_eq!(shown(r"[a-z]def"), "def");
}
