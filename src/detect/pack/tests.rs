use std::fmt::Write;

use insta::assert_snapshot;
use jiff::tz::TimeZone;

use super::*;
use crate::detect::detector::Detector;

const GOOD: &str = "[[pattern]]
id = 'good'
title = 'x'
meaning = 'x'
log = 'System_Engine'
kind = 'service'
severity = 'error'
when = { Message = 'text' }
";

fn pack(file: &str, text: &str) -> Pack {
    Pack { file: file.into(), text: text.to_owned() }
}

/// The ids in force, then each problem with its place and marked text.
fn transcript(packs: &[Pack]) -> String {
    let (detector, problems) = Detector::compile(packs, TimeZone::UTC);
    let ids: Vec<&str> = detector.patterns().iter().map(|one| one.id.as_str()).collect();
    let ids = if ids.is_empty() { "nothing".to_owned() } else { ids.join(" ") };
    let mut transcript = format!("in force: {ids}\n");
    for one in problems {
        let marked = one.text.get(one.span.clone()).unwrap_or_default();
        let (line, column) = (one.line(), one.column());
        writeln!(transcript, "{}:{line}:{column} [{marked}] {}", one.file, one.message).unwrap();
    }
    transcript
}

fn one(change: &str, to: &str) -> String {
    let broken = GOOD.replace("'good'", "'bad'").replace(change, to);
    transcript(&[pack("mine.toml", &format!("{broken}{GOOD}"))])
}

#[test]
fn a_broken_pattern_is_left_out_and_the_others_stay() {
    assert_snapshot!(one("'text'", "'te(xt'"), @r"
    in force: good
    mine.toml:8:23 [(] invalid regex: unclosed group
    ");
}

#[test]
fn look_around_is_marked_at_its_place() {
    assert_snapshot!(one("'text'", "'a(?<!b)'"), @r"
    in force: good
    mine.toml:8:22 [(?<!] invalid regex: look-around, including look-ahead and look-behind, is not supported
    ");
}

#[test]
fn an_unknown_key_is_marked() {
    assert_snapshot!(one("severity", "severty = 'x'\nseverity"), @r"
    in force: good
    mine.toml:7:1 [severty] unknown key `severty`
    ");
}

#[test]
fn a_value_that_is_none_of_the_choices_is_marked() {
    assert_snapshot!(one("'error'", "'fatal'"), @r"
    in force: good
    mine.toml:7:12 ['fatal'] `fatal` is not a valid value of `severity`
    ");
}

#[test]
fn a_log_that_qlik_sense_does_not_write_is_marked() {
    assert_snapshot!(one("'System_Engine'", "['System_Engine', 'engine']"), @r"
    in force: good
    mine.toml:5:7 [['System_Engine', 'engine']] Qlik Sense has no log named `engine`
    ");
}

#[test]
fn a_pattern_without_conditions_is_refused() {
    assert_snapshot!(one("{ Message = 'text' }", "{}"), @r"
    in force: good
    mine.toml:8:8 [{}] `when` has no condition
    ");
}

#[test]
fn a_script_verdict_must_come_from_the_engine() {
    assert_snapshot!(one("kind", "role = 'script-failed'\nkind"), @r"
    in force: good
    mine.toml:9:8 [{ Message = 'text' }] a verdict on a script must come from the engine
    ");
}

#[test]
fn all_problems_are_reported_at_once() {
    let text =
        GOOD.replace("'text'", "'('").replace("System_Engine", "x").replace("'x'\nm", "''\nm");
    let more = GOOD.replace("id = 'good'", "id = 7");
    assert_snapshot!(transcript(&[pack("mine.toml", &format!("patern = 1\n{text}{more}"))]), @r"
    in force: nothing
    mine.toml:1:1 [patern] unknown key `patern`
    mine.toml:4:9 [''] `title` is empty
    mine.toml:6:7 ['x'] Qlik Sense has no log named `x`
    mine.toml:9:21 [(] invalid regex: unclosed group
    mine.toml:11:6 [7] `7` is not a valid value of `id`
    ");
}

#[test]
fn broken_toml_is_one_problem_and_harms_no_other_file() {
    let packs = [pack("a.toml", "[[pattern]\nid = "), pack("b.toml", GOOD)];
    assert_snapshot!(transcript(&packs), @r"
    in force: good
    a.toml:1:11 [] the head of the section is not closed
    ");
}

#[test]
fn a_later_pack_replaces_and_disables_patterns() {
    let replaced = GOOD.replace("title = 'x'", "title = 'mine'");
    let packs = [pack("a.toml", GOOD), pack("b.toml", &replaced)];
    let (detector, _) = Detector::compile(&packs, TimeZone::UTC);
    assert_eq!(detector.patterns().len(), 1);
    assert_eq!(
        (&*detector.patterns()[0].words.title, detector.patterns()[0].file.file_name()),
        ("mine", "b.toml")
    );

    let off = pack("c.toml", &GOOD.replace("id =", "enabled = false\nid ="));
    assert_snapshot!(transcript(&[pack("a.toml", GOOD), off.clone()]), @"in force: nothing");
    assert_snapshot!(transcript(&[off, pack("a.toml", GOOD)]), @"in force: good");
}

#[test]
fn an_adjustment_changes_the_severity_of_a_pattern_or_disables_it() {
    let louder = pack("prod.toml", "[[adjust]]\nid = 'good'\nseverity = 'critical'\n");
    let (detector, problems) = Detector::compile(&[pack("a.toml", GOOD), louder], TimeZone::UTC);
    assert_eq!(problems, []);
    let pattern = &detector.patterns()[0];
    assert_eq!(pattern.severity, Severity::Critical);
    let decision = &pattern.decisions[0];
    assert_eq!((&*decision.what, decision.line), ("severity = critical", 3));
    assert_eq!(decision.file.file_name(), "prod.toml");

    let off = pack("dev.toml", "[[adjust]]\nid = 'good'\nenabled = false\n");
    assert_snapshot!(transcript(&[pack("a.toml", GOOD), off]), @"in force: nothing");
}

#[test]
fn an_adjustment_of_an_unknown_pattern_is_reported() {
    let slip = pack("prod.toml", "[[adjust]]\nid = 'god'\nseverity = 'critical'\n");
    assert_snapshot!(transcript(&[pack("a.toml", GOOD), slip]), @r"
    in force: good
    prod.toml:2:6 ['god'] there is no pattern `god` to adjust
    ");
}

#[test]
fn a_duplicate_id_in_a_pack_is_reported() {
    assert_snapshot!(transcript(&[pack("a.toml", &format!("{GOOD}{GOOD}"))]), @r"
    in force: good
    a.toml:10:6 ['good'] the pattern `good` is already defined above
    ");
}

#[test]
fn a_pattern_without_a_literal_is_listed_as_slow() {
    let slow = GOOD.replace("'text'", "'\\d+'");
    let (detector, _) = Detector::compile(&[pack("a.toml", &slow)], TimeZone::UTC);
    assert_eq!(detector.slow_patterns().collect::<Vec<_>>(), ["good"]);
}

#[test]
fn an_adjustment_can_enable_a_disabled_pattern() {
    let off = pack("a.toml", &GOOD.replace("id =", "enabled = false\nid ="));
    let on = pack("prod.toml", "[[adjust]]\nid = 'good'\nenabled = true\n");
    assert_snapshot!(transcript(&[off.clone(), on]), @"in force: good");
    let louder = pack("prod.toml", "[[adjust]]\nid = 'good'\nseverity = 'critical'\n");
    assert_snapshot!(transcript(&[off, louder]), @"in force: nothing");
}

#[test]
fn an_adjustment_changes_threshold_and_channel() {
    let text = "[[adjust]]\nid = 'good'\nchannel = 'ops'\nthreshold = { count = 9, within = '1h' }";
    let packs = [pack("a.toml", GOOD), pack("prod.toml", text)];
    let (detector, problems) = Detector::compile(&packs, TimeZone::UTC);
    assert_eq!(problems, []);
    assert_eq!(
        detector.patterns().iter().find(|one| one.id == "good").unwrap().terms.channel.as_deref(),
        Some("ops")
    );
    assert_eq!(detector.patterns()[0].terms.threshold.map(|one| one.count), Some(9));
    let unknown = detector.unknown_channels(|name| name == "default");
    assert_eq!((&*unknown[0].message, unknown[0].line()), ("there is no channel `ops`", 3));
}

#[test]
fn settings_that_exclude_each_other_are_marked() {
    assert_snapshot!(one("kind", "threshold = { count = 0, within = '5m' }\nkind"), @r"
    in force: good
    mine.toml:6:13 [{ count = 0, within = '5m' }] a threshold of 0 in 5m is not valid
    ");
    assert_snapshot!(one("kind", "role = 'verdict'\nthreshold = { count = 5, within = '5m' }\nkind"), @r"
    in force: good
    mine.toml:7:13 [{ count = 5, within = '5m' }] only a pattern of the role `standalone` can have a threshold
    ");
    assert_snapshot!(one("kind", "role = 'start'\nkind"), @r"
    in force: good
    mine.toml:6:8 ['start'] the role `start` needs `overdue`
    ");
    assert_snapshot!(one("kind", "learned = true\nkind"), @r"
    in force: good
    mine.toml:6:11 [true] `learned` needs the role `start`
    ");
    assert_snapshot!(one("kind", "overdue = '4h'\nkind"), @r"
    in force: good
    mine.toml:6:11 ['4h'] `overdue` needs the role `start`
    ");
    assert_snapshot!(one("kind", "role = 'attempt'\nfinal-after = '24h'\nkind"), @"in force: bad good");
    assert_snapshot!(one("kind", "role = 'attempt'\nfinal-after = '25h'\nkind"), @r"
    in force: good
    mine.toml:7:15 ['25h'] a `final-after` of 25h is too long
    ");
    assert_snapshot!(one("kind", "closes = ['god']\nkind"), @r"
    in force: bad good
    mine.toml:6:11 ['god'] there is no pattern `god` to refer to
    ");
    assert_snapshot!(one("{ Message = 'text' }", "{ Level = '>=LOUD' }"), @r"
    in force: good
    mine.toml:8:18 ['>=LOUD'] `LOUD` is not a level
    ");
}

#[test]
fn conditions_may_be_texts_and_levels() {
    let pattern = |when: &str| {
        let text = GOOD.replace("{ Message = 'text' }", when);
        Detector::compile(&[pack("a.toml", &text)], TimeZone::UTC).0.patterns()[0].clone()
    };
    let level = &pattern("{ Level = '>=WARN' }").conditions[0].regex;
    let taken: Vec<&str> = ["DEBUG", "Info", "WARN", "Warn", "warning", "Error", "FATAL"]
        .into_iter()
        .filter(|it| level.is_match(it))
        .collect();
    assert_eq!(taken, ["WARN", "Warn", "warning", "Error", "FATAL"]);
    let text = &pattern("{ Logger = '=A.B' }").conditions[0].regex;
    assert!(text.is_match("A.B") && !text.is_match("A-B") && !text.is_match("A.B.C"));
}

#[test]
fn a_kind_of_footman_s_own_cards_is_refused() {
    assert_snapshot!(one("'service'", "'digest'"), @r"
    in force: good
    mine.toml:6:8 ['digest'] the kind `digest` is reserved for Footman's own cards
    ");
}

/// Each problem with its hint, on one line.
fn hinted(text: &str) -> Vec<String> {
    let (_, problems) = Detector::compile(&[pack("mine.toml", text)], TimeZone::UTC);
    let shown = |one: &crate::config::Problem| {
        format!("{}: {} ({})", one.line(), one.message, one.hint.as_deref().unwrap_or("NO HINT"))
    };
    problems.iter().map(shown).collect()
}

/// A blank text would match every row or every error.
#[test]
fn a_blank_text_is_reported_whichever_key_has_it() {
    let class = "[[error]]\nclass = 'x'\ntitle = 'T'\nadvice = 'A'\ntexts = ['y']\n";
    let in_class = |from: &str, to: &str| class.replace(from, to);
    let in_pattern = |from: &str, to: &str| GOOD.replace("'good'", "'bad'").replace(from, to);
    let of_pattern = |key: &str| in_pattern("kind =", &format!("{key}\nkind ="));
    for blank in ["''", "' '", "\"\\t\""] {
        for text in [
            in_class("'y'", blank),
            in_class("'y'", &format!("'y', {blank}")),
            in_class("texts = ['y']", &format!("codes = [{blank}]")),
            in_class("texts = ['y']", &format!("broad-codes = ['HTTP 404', {blank}]")),
            in_class("'x'", blank),
            in_class("'T'", blank),
            in_class("'A'", blank),
            in_class("texts", &format!("links = [{{ title = 'T', url = {blank} }}]\ntexts")),
            in_pattern("'text'", blank),
            in_pattern("{ Message = 'text' }", &format!("{{ Level = 'WARN', Message = {blank} }}")),
            in_pattern("Message = 'text'", &format!("Level = {blank}")),
            in_pattern("Message = 'text'", &format!("{blank} = 'text'")),
            in_pattern("'bad'", blank),
            in_pattern("title = 'x'", &format!("title = {blank}")),
            in_pattern("'System_Engine'", blank),
            in_pattern("'System_Engine'", "[]"),
            of_pattern(&format!("key = [{blank}]")),
            of_pattern(&format!("threshold = {{ count = 5, within = '5m', by = [{blank}] }}")),
            of_pattern(&format!("closes = [{blank}]")),
            of_pattern(&format!("suppressed-by = [{blank}]")),
            of_pattern(&format!("same-as = {blank}")),
            of_pattern(&format!("links = [{{ title = {blank}, url = 'https://x.example' }}]")),
            of_pattern(&format!("links = [{{ title = 'T', url = {blank} }}]")),
        ] {
            let packs = [pack("mine.toml", &format!("{text}{GOOD}"))];
            let (detector, problems) = Detector::compile(&packs, TimeZone::UTC);
            assert!(!problems.is_empty(), "{text}");
            assert!(problems.iter().all(|problem| problem.hint.is_some()), "{text}: {problems:?}");
            assert!(detector.patterns().iter().any(|one| one.id == "good"), "{text}");
        }
    }
    let lines = |text: &str| transcript(&[pack("mine.toml", text)]);
    assert_snapshot!(lines(&in_class("'y'", "'y', '(?i)'")), @r"
    in force: nothing
    mine.toml:5:15 ['(?i)'] a regex in `texts` is empty: it would match every error
    ");
    assert_snapshot!(lines(&in_class("'y'", "'',")), @r"
    in force: nothing
    mine.toml:5:10 [''] a regex in `texts` is empty: it would match every error
    ");
    assert_snapshot!(lines(&in_class("'y']", "'y']\ncodes = ['']")), @r"
    in force: nothing
    mine.toml:6:10 [''] a code is empty
    ");
    assert_snapshot!(lines(&in_pattern("'text'", "''")), @r"
    in force: nothing
    mine.toml:8:20 [''] the regex for `Message` is empty: it matches anything
    ");
    assert_snapshot!(lines(&in_pattern("'text'", "'='")), @"in force: bad");
}

#[test]
fn logs_that_are_misspelt_are_named_with_what_was_meant() {
    for (log, meant) in [
        ("System_Sheduler", "System_Scheduler"),
        ("Sytem_Engine", "System_Engine"),
        ("system_scheduler", "System_Scheduler"),
        ("Scheduler_System", "System_Scheduler"),
        ("System Scheduler", "System_Scheduler"),
        ("AuditActivty_Repository", "AuditActivity_Repository"),
        ("Scheduler", "System_Scheduler"),
        ("Scripts", "Script"),
        ("script", "Script"),
    ] {
        let hints = hinted(&GOOD.replace("System_Engine", log));
        assert_eq!(hints.len(), 1, "{log}: {hints:?}");
        assert!(hints[0].contains(&format!("did you mean `{meant}`?")), "{log}: {hints:?}");
    }
    for log in ["Nonsense_Log", "Foo_Engine", "x", ""] {
        let hints = hinted(&GOOD.replace("System_Engine", log));
        assert!(hints.len() == 1 && hints[0].contains("no log named"), "{log}: {hints:?}");
    }
    for log in ["System_Scheduler", "AuditSecurity_Proxy", "QixCounter_Engine", "Security_Printing"]
    {
        assert_eq!(hinted(&GOOD.replace("System_Engine", log)), Vec::<String>::new(), "{log}");
    }
}

#[test]
fn columns_that_are_misspelt_are_named_in_when_key_and_by() {
    assert_snapshot!(hinted(&GOOD.replace("Message = 'text'", "Mesage = 'text'")).join("\n"), @"8: no row has a column `Mesage` (did you mean `Message`?)");
    let text = format!("{GOOD}key = ['Hostnam', 'place', 'user']\nthreshold = {{ count = 3, within = '5m', by = ['adress'] }}\n")
        .replace("'text'", "'at (?<plaze>x)'");
    assert_snapshot!(hinted(&text).join("\n"), @r"
    9: `key` names `Hostnam`, which is neither a column nor a capture (did you mean `Hostname`?)
    9: `key` names `place`, which is neither a column nor a capture (did you mean `plaze`?)
    10: `by` names `adress`, which is neither a column nor a capture (did you mean `address`?)
    ");
    let script = GOOD.replace("System_Engine", "Script").replace("Message", "engine");
    assert!(hinted(&script)[0].contains("did you mean `Engine`?"), "{:?}", hinted(&script));
    // A version of Qlik Sense may name another column: a sample that has it proves it.
    let odd = GOOD.replace("Message = 'text'", "Colour = 'red'");
    assert!(hinted(&odd)[0].contains("show it in a sample"), "{:?}", hinted(&odd));
    assert_eq!(hinted(&format!("{odd}matches = [{{ Colour = 'red' }}]\n")), Vec::<String>::new());
}

/// The columns of the documented logs.
#[test]
fn every_column_of_a_documented_log_is_known() {
    let logs = [
        "Sequence# Timestamp Level Hostname Logger Thread Id ServiceUser Message Exception StackTrace \
         ProxySessionId TaskName TaskId ExecutionId AppName AppId User",
        "Sequence# ProductVersion Timestamp Severity Hostname Id Description ProxySessionId \
         ProxyPackageId RequestSequenceId UserDirectory UserId ObjectId ObjectName Service Origin \
         Context Command Result Message Id2",
        "ActiveUserDirectory ActiveUserId EngineTimestamp EngineVersion ProcessId Exe Version \
         Server Started Entry Type SessionId AppId SecurityClass ClientHostAddress Checksum",
    ];
    for column in logs.iter().flat_map(|columns| columns.split_whitespace()) {
        let pattern = GOOD.replace("Message", &format!("'{column}'"));
        assert_eq!(hinted(&pattern), [""; 0], "{column}");
    }
}

#[test]
fn one_broken_key_hides_no_other_problem_of_the_file() {
    let text = "[[pattern]]\nid = 'mine'\ntitle = 5\nlog = 'System_Sheduler'\nkind = 'servce'\n\
        severity = 'hgih'\nenabled = 'yes'\nmax-age = 'long'\nsevrity = 'error'\n\
        when = { Mesage = 'a(b', Levl = '>=LOUD' }\nkey = ['Hostnam', 5]\nchannel = ['x']\n\
        threshold = { count = 'many', within = '5m', bye = ['x'] }\n\
        [[error]]\nclass = 'c'\ntitle = 5\ncodes = ['ORA-1']\n\
        [[adjust]]\nid = 'mine'\nseverity = 'loud'\nfoo = 1\n";
    let hints = hinted(text);
    for expected in [
        "`5` is not a valid value of `title`",
        "`meaning` is missing",
        "no log named `System_Sheduler` (did you mean `System_Scheduler`?)",
        "`servce` is not a valid value of `kind` (did you mean `service`?)",
        "`hgih` is not a valid value of `severity`",
        "`'yes'` is not a valid value of `enabled`",
        "`long` is not a valid duration",
        "unknown key `sevrity` (did you mean `severity`?)",
        "no row has a column `Mesage` (did you mean `Message`?)",
        "no row has a column `Levl` (did you mean `Level`?)",
        "invalid regex",
        "`key` names `Hostnam`",
        "`['x']` is not a valid value of `channel`",
        "unknown key `bye` in `threshold` (did you mean `by`?)",
        "`'many'` is not a valid value of `threshold.count`",
        "not a known form of error code",
        "`loud` is not a valid value of `severity`",
        "unknown key `foo`",
    ] {
        assert!(
            hints.iter().any(|one| one.contains(expected)),
            "{expected} is not in\n{}",
            hints.join("\n")
        );
    }
    let vague = hints.iter().find(|one| one.contains("NO HINT") || one.contains("expected a "));
    assert_eq!(vague, None);
}
