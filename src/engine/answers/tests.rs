//! Windows and rules as people write them, with every mistake.

use super::*;
use crate::config::load::{Env, Flags, load};

fn compiled(text: &str) -> (usize, usize, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("footman.toml");
    std::fs::write(&path, text).unwrap();
    let flags = Flags { config: Some(path), ..Flags::default() };
    let (settings, _) = load(&Env::default(), &flags);
    let (windows, rules, problems) = compile(&settings);
    let shown = problems.iter().map(|problem| {
        let hint = problem.hint.as_deref().unwrap_or_default();
        format!("{}: {} / {hint}\n", &problem.text[problem.span.clone()], problem.message)
    });
    (windows.len(), rules.len(), shown.collect())
}

#[test]
fn windows_and_rules_are_compiled() {
    let text = "[channel.on-call]\n\
                [[maintenance]]\nname = 'nightly'\nwhen = 'Sun 02:00-06:00'\nmatch.app = 'Sales*'\n\
                timezone = 'Europe/Berlin'\nreason = 'backup'\n\
                [[escalation]]\nmatch.severity = 'critical'\nafter = '30m'\nchannel = 'on-call'\n\
                mention = 'Anna <anna@example.com>'\n";
    assert_eq!(compiled(text), (1, 1, String::new()));
}

#[test]
fn each_mistake_is_named_at_its_place_with_a_remedy() {
    insta::assert_snapshot!(compiled(
        "[[maintenance]]\nwhen = 'Sun'\n\
         [[maintenance]]\nname = 'a'\n\
         [[maintenance]]\nname = 'b'\nwhen = 'Sun'\ntimezone = 'Berlin'\n\
         [[maintenance]]\nname = 'c'\nwhen = 'Sun'\nmatch.kind = 'reload-faild'\n\
         [[maintenance]]\nname = 'c'\nwhen = 'Sun'\n\
         [[escalation]]\nchannel = 'default'\n\
         [[escalation]]\nafter = '30m'\n\
         [[escalation]]\nafter = '30m'\nchannel = 'defualt'\n\
         [[escalation]]\nafter = '30m'\nchannel = 'default'\nmention = 'Anna'\n"
    ).2, @r#"
    [[maintenance]]: maintenance has no `name` / write a short one, such as name = "nightly backup"
    [[maintenance]]: maintenance has no `when` / write days and times, such as when = "Sun 02:00-06:00"
    'Berlin': `Berlin` is not a known time zone / write an IANA name such as "Europe/Stockholm"
    'reload-faild': unknown kind `reload-faild` / did you mean `reload-failed`?
    'c': two windows are named `c` / give each its own name
    [[escalation]]: escalation has no `after` / write a time, such as after = "30m"
    [[escalation]]: escalation has no `channel` / write the name of a channel, such as channel = "on-call"
    'defualt': unknown channel `defualt` / did you mean `default`?
    'Anna': this is not a person in Teams / write the address that the person signs in with, such as "anna@example.com" or "Anna <anna@example.com>", or an Entra object id
    "#);
}

#[test]
fn every_mistake_of_a_section_is_named() {
    insta::assert_snapshot!(compiled(
        "[[maintenance]]\nname = 'a'\ntimezone = 'Berlin'\n\
         match.kind = ['reload-faild', 'reload-failed', 'reload-recovered']\nmatch.severity = 'eror'\n\
         [[escalation]]\nchannel = 'defualt'\nmention = ['Anna', 'Bo']\nmatch.kind = '*-recovered'\n"
    ).2, @r#"
    [[maintenance]]: maintenance has no `when` / write days and times, such as when = "Sun 02:00-06:00"
    'Berlin': `Berlin` is not a known time zone / write an IANA name such as "Europe/Stockholm"
    'reload-faild': unknown kind `reload-faild` / did you mean `reload-failed`?
    'eror': unknown severity `eror` / did you mean `error`?
    [[escalation]]: escalation has no `after` / write a time, such as after = "30m"
    'defualt': unknown channel `defualt` / did you mean `default`?
    'Anna': this is not a person in Teams / write the address that the person signs in with, such as "anna@example.com" or "Anna <anna@example.com>", or an Entra object id
    'Bo': this is not a person in Teams / write the address that the person signs in with, such as "anna@example.com" or "Anna <anna@example.com>", or an Entra object id
    '*-recovered': only the ends of problems are of this kind / name the kind of the problem itself, such as `reload-failed`
    "#);
}

#[test]
fn a_key_whose_value_cannot_be_read_is_not_missing() {
    for text in [
        "[[escalation]]\nafter = '15'\nchannel = 'default'\n",
        "[[escalation]]\nafter = '15m'\nchannel = 5\n",
        "[[maintenance]]\nname = 'a'\nwhen = 'some day'\n",
        "[[maintenance]]\nname = 5\nwhen = 'Sun'\n",
    ] {
        assert_eq!(compiled(text), (0, 0, String::new()), "{text}");
    }
}
