use super::*;

const PATTERN: &str = "[[pattern]]
id = 'one'
title = 'x'
meaning = 'x'
log = 'System_Engine'
kind = 'service'
severity = 'error'
when = { Message = 'text' }
";

fn story(samples: &str) -> Vec<String> {
    let other = PATTERN.replace("'one'", "'other'").replace("'text'", "'rare text'");
    let text = format!("{PATTERN}{samples}{other}");
    let packs = [Pack { file: "mine.toml".into(), text }];
    let problems = check(&packs, &TimeZone::UTC);
    problems.iter().map(|one| format!("{}: {}", one.line(), one.message)).collect()
}

#[test]
fn a_sample_with_the_wrong_result_is_reported_with_its_line() {
    assert_eq!(
        story("[[pattern.matches]]\nMessage = 'other'\n"),
        ["9: `one` does not match this sample in System_Engine"]
    );
    assert_eq!(
        story("[[pattern.misses]]\nMessage = 'a text'\n"),
        ["9: `one` matches this sample in System_Engine"]
    );
}

#[test]
fn a_sample_may_match_another_pattern_only_if_also_lists_it() {
    let sample = "[[pattern.matches]]\nMessage = 'a rare text'\n";
    assert_eq!(
        story(sample),
        ["9: `other` matches this sample of `one`; name it in `also` if it should"]
    );
    assert_eq!(story(&format!("{sample}also = ['other']\n")), [""; 0]);
}
