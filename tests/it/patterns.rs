//! Every pattern is tested with its own samples; adding one needs no Rust.

use footman::config::Problem;
use footman::detect::detector::Detector;
use footman::detect::pack::{Pack, Verified, builtin_packs};
use footman::detect::pattern::Pattern;
use footman::detect::samples;
use footman::detection::Severity;
use footman::qlik::folders;
use jiff::tz::TimeZone;

fn shown(problems: &[Problem]) -> Vec<String> {
    let place =
        |one: &Problem| format!("{}:{}:{}: {}", one.file, one.line(), one.column(), one.message);
    problems.iter().map(place).collect()
}

fn detector() -> Detector {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert_eq!(shown(&problems), Vec::<String>::new());
    detector
}

#[test]
fn every_sample_has_its_result() {
    assert_eq!(shown(&samples::check(&builtin_packs(), &TimeZone::UTC)), Vec::<String>::new());
}

#[test]
fn disabled_patterns_match_their_samples_too() {
    let on = |pack: Pack| Pack { text: pack.text.replace("enabled = false\n", ""), ..pack };
    let packs: Vec<Pack> = builtin_packs().into_iter().map(on).collect();
    assert_eq!(shown(&samples::check(&packs, &TimeZone::UTC)), Vec::<String>::new());
}

#[test]
fn assumed_patterns_are_info_or_disabled() {
    let loud =
        |one: &&Pattern| one.verified == Verified::Assumed && one.severity > Severity::Warning;
    let detector = detector();
    let loud: Vec<&str> = detector.patterns().iter().filter(loud).map(|one| &*one.id).collect();
    assert_eq!(loud, Vec::<&str>::new());
}

#[test]
fn every_pattern_has_samples_of_both_kinds() {
    let mut lacking = Vec::new();
    for pack in builtin_packs() {
        let pack: toml::Table = pack.text.parse().unwrap();
        for pattern in pack.get("pattern").and_then(toml::Value::as_array).into_iter().flatten() {
            let has = |key| {
                pattern.get(key).and_then(toml::Value::as_array).is_some_and(|all| !all.is_empty())
            };
            if !has("matches") || !has("misses") {
                lacking.push(pattern["id"].to_string());
            }
        }
    }
    assert_eq!(lacking, Vec::<String>::new());
}

#[test]
fn every_pattern_has_a_meaning_and_a_source() {
    for pattern in detector().patterns() {
        assert!(!pattern.words.meaning.is_empty() && !pattern.source.is_empty(), "{}", pattern.id);
    }
}

#[test]
fn no_built_in_pattern_is_slow() {
    assert_eq!(detector().slow_patterns().collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn every_file_in_the_folder_is_built_in() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let packs = files.filter(|name| name.to_string_lossy().ends_with(".toml")).count();
    assert_eq!(packs, builtin_packs().len());
}

#[test]
fn every_log_of_a_pattern_can_be_followed() {
    let detector = detector();
    let watches = folders::watches(std::path::Path::new("root"), detector.logs());
    let not_followed = |log: &&str| !watches.iter().any(|watch| *watch.label == **log);
    assert_eq!(detector.logs().filter(not_followed).collect::<Vec<_>>(), Vec::<&str>::new());
}
