use super::*;

fn key(text: &str, found: &str) -> Option<String> {
    let at = text.find(found).unwrap();
    let problem = Written::new("x.toml", text).problem(at..at + found.len(), "it is wrong", None);
    problem.key().map(str::to_owned)
}

#[test]
fn the_key_of_a_problem_is_that_of_its_line_and_never_a_value() {
    let text = "[channel.ops]\nwebhook-env = 5\n  \"body\": 7,\nhttps://host/path?sig=x\nalone\n";
    assert_eq!(key(text, "5").as_deref(), Some("webhook-env"));
    assert_eq!(key(text, "webhook-env").as_deref(), Some("webhook-env"));
    assert_eq!(key(text, "7").as_deref(), Some("body"));
    assert_eq!(key(text, "alone"), None);
    assert_eq!(key(text, "[channel"), None);
    let long = format!("{} = 1", "x".repeat(41));
    assert_eq!(key(&long, "1"), None);
}
