use crate::config::Mention;

#[test]
fn each_form_of_a_person_has_a_name_and_an_id() {
    let guid = "0d1c2b3a-0000-4000-8000-0c52e3a4d0e1";
    for (text, name, id) in [
        ("anna@example.com", "anna", "anna@example.com"),
        (" Anna.Berg@example.com ", "Anna.Berg", "Anna.Berg@example.com"),
        ("Anna Berg <anna@example.com>", "Anna Berg", "anna@example.com"),
        (
            "Åsa O'Neil (BI) < asa+bi@mail.example.com >",
            "Åsa O'Neil (BI)",
            "asa+bi@mail.example.com",
        ),
        ("<anna@example.com>", "", ""),
        ("_x_y@example.com", "x y", "_x_y@example.com"),
        ("a_b.com#EXT#@c.onmicrosoft.com", "a b.com EXT", "a_b.com#EXT#@c.onmicrosoft.com"),
        ("__@example.com", "on call", "__@example.com"),
        (guid, guid, guid),
        (&format!("Anna <{guid}>"), "Anna", guid),
    ] {
        let mention = Mention::parse(text);
        let expected = (!id.is_empty()).then(|| (name.to_owned(), id.to_owned()));
        assert_eq!(mention.ok().map(|it| (it.name, it.id)), expected, "{text}");
    }
}

#[test]
fn what_is_no_person_is_refused_and_not_repeated() {
    for text in [
        "",
        "anna",
        "@example.com",
        "anna@",
        "anna@example",
        "anna@example..com",
        "anna@b@example.com",
        "anna berg@example.com",
        "{{anna@example.com",
        "an*na@example.com",
        "anna@example.com, bob@example.com",
        "Anna <anna>",
        "Anna <anna@example.com> x",
        "<at>Anna</at> <anna@example.com>",
        "*Anna* <anna@example.com>",
        "{{DATE(2026)}} <anna@example.com>",
        "a\u{202E}b <anna@example.com>",
        "0d1c2b3a-0000-4000-8000-0c52e3a4d0e",
        "https://example.com/anna@example.com",
    ] {
        let (message, hint) = Mention::parse(text).unwrap_err();
        assert!(
            message.starts_with("this ") && !message.contains("anna") && !hint.is_empty(),
            "{text}"
        );
    }
    assert!(Mention::parse(&format!("{}@example.com", "a".repeat(200))).is_err());
    assert!(Mention::parse(&format!("{} <a@example.com>", "a".repeat(41))).is_err());
}
