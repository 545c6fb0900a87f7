use super::*;

#[test]
fn a_regex_that_would_be_too_big_is_refused_when_it_is_parsed() {
    for text in [r"(?:\w{100}){100}", "(?:(?:a{1000}){1000})", r"(?:\pL{40}){40}x"] {
        assert!(matches!(Expression::new(text), Err(regex::Error::CompiledTooBig(_))), "{text}");
    }
    assert!(matches!(Expression::new("(open"), Err(regex::Error::Syntax(_))));
}

#[test]
fn a_light_regex_can_be_built_within_the_limit() {
    // The heaviest that is accepted without building it: six of the largest classes.
    for text in [r"\w\w\w\w\w", r"(?i)\pL{5}", r".{600}", r"(?i:[a-zåäö]{200})"] {
        let hir = regex_syntax::Parser::new().parse(text).unwrap();
        assert!(weight(&hir) < HEAVY, "{text}: {}", weight(&hir));
        build(text, LARGEST).unwrap();
    }
}

#[test]
fn a_regex_is_built_on_first_use_and_shared_by_clones() {
    let one = Expression::new("Result=(?<result>[0-9]+);").unwrap();
    let other = one.clone();
    assert!(one.0.regex.get().is_none());
    assert_eq!(one.named("Result=7;"), [("result", "7")]);
    assert!(other.0.regex.get().is_some());
    assert_eq!(Expression::new("Result=([0-9]+);").unwrap().named("Result=7;"), []);
    assert_eq!(one.named("Result=x;"), []);
}
