use super::*;

const AT: &str = "2026-11-27T05:12:03Z";

fn stored(result: ReloadResult, files: Reloadable) -> BTreeMap<String, String> {
    let note = ReloadNote { at: AT.parse().unwrap(), result };
    BTreeMap::from([(files.key().to_owned(), note.json())])
}

fn shown(result: ReloadResult, files: Reloadable, language: Language) -> String {
    let mut notes = stored(result, files);
    ReloadNote::reword_in(&mut notes, language, &|at| format!("<{at}>"));
    notes.remove(files.key()).unwrap()
}

fn broken() -> ReloadResult {
    let (place, message) = ("own.toml:3:5".to_owned(), "unknown key `x`".to_owned());
    ReloadResult::Broken { place, message, more: 2 }
}

fn applied(taken: &[&str], waiting: &[&str]) -> ReloadResult {
    let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    ReloadResult::Applied { taken: owned(taken), waiting: owned(waiting) }
}

#[test]
fn notes_are_worded_with_the_times_of_their_reader() {
    let cases = [
        (ReloadResult::Unchanged, "unchanged since start", "seit dem Start unverändert"),
        (
            applied(&["route", "log.level"], &["state-dir"]),
            "applied at <2026-11-27T05:12:03Z>: route, log.level; waiting for a restart: state-dir",
            "übernommen <2026-11-27T05:12:03Z>: route, log.level; warten auf einen Neustart: state-dir",
        ),
        (applied(&[], &[]), "read at <2026-11-27T05:12:03Z>", "gelesen <2026-11-27T05:12:03Z>"),
        (
            broken(),
            "broken, the earlier one is in force: own.toml:3:5: unknown key `x` (and 2 more; run `footman check`)",
            "fehlerhaft, die frühere gilt weiter: own.toml:3:5: unknown key `x` (und 2 weitere; `footman check` zeigt sie)",
        ),
    ];
    for (result, english, german) in cases {
        let files = Reloadable::Configuration;
        assert!(!stored(result.clone(), files)[files.key()].contains(english));
        assert_eq!(shown(result.clone(), files, Language::English), english);
        assert_eq!(shown(result, files, Language::German), german);
    }
    let reloaded = shown(ReloadResult::Reloaded, Reloadable::Patterns, Language::English);
    assert_eq!(reloaded, "reloaded at <2026-11-27T05:12:03Z>");
}

#[test]
fn the_sentence_of_an_earlier_version_is_shown_as_it_is() {
    let text = "applied at 2026-11-27T05:12:03Z: route";
    let mut notes = BTreeMap::from([
        ("configuration".to_owned(), text.to_owned()),
        ("configuration-reload".to_owned(), format!("{{\"ok\":true,\"at\":\"{AT}\"}}")),
    ]);
    ReloadNote::reword_in(&mut notes, Language::German, &|_| "another time".to_owned());
    assert_eq!(notes, BTreeMap::from([("configuration".to_owned(), text.to_owned())]));
}

#[test]
fn only_broken_files_are_not_in_force() {
    let files = Reloadable::Configuration;
    assert!(ReloadNote::is_in_force(&BTreeMap::new(), files), "a state without notes");
    for (result, is_in_force) in [
        (ReloadResult::Unchanged, true),
        (applied(&["broken"], &[]), true),
        (ReloadResult::Reloaded, true),
        (broken(), false),
    ] {
        assert_eq!(ReloadNote::is_in_force(&stored(result, files), files), is_in_force);
    }
    for ok in [true, false] {
        let note = format!("{{\"ok\":{ok},\"at\":\"{AT}\"}}");
        let earlier = BTreeMap::from([
            ("configuration".to_owned(), "a sentence".to_owned()),
            ("configuration-reload".to_owned(), note),
        ]);
        assert_eq!(ReloadNote::is_in_force(&earlier, files), ok);
    }
}
