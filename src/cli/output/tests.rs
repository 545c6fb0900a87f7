use super::*;

#[test]
fn wrapped_lines_fit_and_are_indented() {
    let folded = folded("  one two three four", 11);
    assert_eq!(folded, ["  one two", "    three", "    four"]);
    assert_eq!(super::folded("", 10), [""]);
    assert_eq!(super::folded("/a/very/long/path is", 5), ["/a/very/long/path", "  is"]);
}

#[test]
fn text_in_a_column_fits_beside_or_below_its_name_and_stays_whole_for_programs() {
    let text = "a text that is  too long for it";
    assert_eq!(in_column(None, 9, "matches", text), [format!("matches  {text}")]);
    let beside = ["matches  a text that is too", "           long for it"];
    assert_eq!(in_column(Some(29), 9, "matches", text), beside);
    let below = ["matches  reload-failed", "         a text that is", "           too long for it"];
    assert_eq!(in_column(Some(26), 20, "matches  reload-failed", text), below);
}

#[test]
fn colors_are_for_terminals_unless_a_variable_decides() {
    let wants = |is_terminal, variables: &[(&str, &str)]| {
        wants_colour(is_terminal, |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    assert!(wants(true, &[]) && !wants(false, &[]));
    assert!(!wants(true, &[("NO_COLOR", "1")]) && wants(true, &[("NO_COLOR", "")]));
    assert!(!wants(true, &[("CLICOLOR", "0")]) && wants(true, &[("CLICOLOR", "1")]));
    assert!(wants(false, &[("CLICOLOR_FORCE", "1")]) && !wants(false, &[("CLICOLOR_FORCE", "0")]));
    assert!(!wants(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    assert!(!wants(true, &[("TERM", "dumb")]));
}
