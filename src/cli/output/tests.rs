use super::*;

#[test]
fn wrapped_lines_fit_and_are_indented() {
    let folded = folded("  one two three four", 11);
    assert_eq!(folded, ["  one two", "    three", "    four"]);
    assert_eq!(super::folded("", 10), [""]);
    assert_eq!(super::folded("/a/very/long/path is", 5), ["/a/very/long/path", "  is"]);
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
