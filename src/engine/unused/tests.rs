use jiff::tz::TimeZone;

use super::*;
use crate::detect::Pack;

fn notes_of(when: &str, key: &str, template: &str) -> Vec<String> {
    let text = format!(
        "[[pattern]]\nid = 'mine'\ntitle = 'x'\nmeaning = 'x'\nlog = 'System_Engine'\n\
         kind = 'service'\nseverity = 'error'\nwhen = {{ {when} }}\nkey = [{key}]\n"
    );
    let pack = |file: FileOrigin| Pack { file, text: text.clone() };
    let (detector, problems) = Detector::compile(&[pack("mine.toml".into())], TimeZone::UTC);
    assert_eq!(problems, []);
    let source = |file: FileOrigin| TemplateSource {
        name: "service".to_owned(),
        file,
        text: template.to_owned(),
    };
    let found = notes(&detector, &[source("service.json".into())]);
    // What is built in is never remarked on.
    let (detector, _) =
        Detector::compile(&[pack(FileOrigin::BuiltIn("x.toml".to_owned()))], TimeZone::UTC);
    let built_in = source(FileOrigin::BuiltIn("y.json".to_owned()));
    assert_eq!(notes(&detector, &[built_in]), Vec::<String>::new());
    found
}

#[test]
fn a_capture_is_used_by_a_key_a_template_or_a_known_name() {
    let when = "Message = 'at (?<place>x) by (?P<who>y)'";
    let found = notes_of(when, "", "{}");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("mine.toml:2: nothing uses the capture `place` of `mine`"),
        "{found:?}"
    );
    for (key, template) in [
        ("'place', 'who'", ""),
        ("'place'", "{ \"text\": \"{{ captures.who }}\" }"),
        ("", "{ \"a\": \"{{ captures.place }}\", \"b\": \"{{ captures['who'] }}\" }"),
        ("", "{ \"$data\": \"captures\" }"),
    ] {
        assert_eq!(notes_of(when, key, template), Vec::<String>::new(), "{key} {template}");
    }
    assert_eq!(notes_of("Message = '(?<user>x) (?<task_name>y)'", "", ""), Vec::<String>::new());
}

#[test]
fn a_copy_of_what_is_built_in_is_noted_only_for_what_is_new_in_it() {
    let copies: Vec<Pack> = builtin_packs()
        .into_iter()
        .map(|it| Pack { file: it.file.file_name().into(), text: it.text })
        .collect();
    let notes_of = |copies: &[Pack]| {
        let packs = [builtin_packs(), copies.to_vec()].concat();
        let (detector, problems) = Detector::compile(&packs, TimeZone::UTC);
        assert_eq!(problems, []);
        notes(&detector, &[])
    };
    assert_eq!(notes_of(&copies), Vec::<String>::new());
    let mut edited = copies;
    let pack = edited.iter_mut().find(|it| it.text.contains("Max retries reached'")).unwrap();
    pack.text = pack.text.replacen("Max retries reached'", "Max (?<mine>retries) reached'", 1);
    let found = notes_of(&edited);
    assert!(found.len() == 1 && found[0].contains("the capture `mine`"), "{found:?}");
}

#[test]
fn a_capture_that_no_pattern_gives_is_noted() {
    let found = notes_of("Message = 'x'", "", "{ \"text\": \"{{ captures.nobody }}\" }");
    assert_eq!(
        found,
        ["service.json: no pattern captures `nobody`, so that captures.nobody is never there"]
    );
}

#[test]
fn a_template_that_no_card_is_made_from_is_noted() {
    let (detector, _) = Detector::compile(&[], TimeZone::UTC);
    let of = |name: &str| {
        let file = format!("{name}.json").into();
        notes(&detector, &[TemplateSource { name: name.to_owned(), file, text: "{}".to_owned() }])
    };
    for name in ["reload-failed", "reload-failed-cloud", "agent", "digest", "parts/foot"] {
        assert_eq!(of(name), Vec::<String>::new(), "{name}");
    }
    let no_card = "no card is made from a template of this name";
    assert_eq!(
        of("reload-faild"),
        [format!("reload-faild.json: {no_card}; did you mean `reload-failed`?")]
    );
    assert_eq!(of("zzz"), [format!("zzz.json: {no_card}; docs/templates.md lists the names")]);
}
