//! Pure. Which texts `footman.toml` may hold, and which problems are reported for others.

use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use crate::config::keys::KEYS;
use crate::config::{
    Config, EXAMPLE, Level, Listen, PaceConfig, Period, StartSetting, Written, nearest,
};

fn parse(text: &str) -> (Config, Vec<String>) {
    let (config, problems) = Config::parse(&Written::new("footman.toml", text));
    let reported = problems
        .iter()
        .map(|p| {
            let hint = p.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}:{} {}{hint}", p.line(), p.column(), p.message)
        })
        .collect();
    (config, reported)
}

fn reported(text: &str) -> Vec<String> {
    parse(text).1
}

/// The example with every setting uncommented.
fn example_switched_on() -> String {
    let switched_on = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.is_empty() && !setting.starts_with(' ') => setting.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(switched_on).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_empty_file_and_the_commented_example_mean_the_defaults() {
    assert_eq!(parse(""), (Config::default(), vec![]));
    assert_eq!(parse(EXAMPLE), (Config::default(), vec![]));
}

#[test]
fn the_example_switched_on_is_valid() {
    let (config, problems) = parse(&example_switched_on());
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(config.incident, Config::default().incident, "the example shows the defaults");
    assert_eq!(config.channel["default"].pace, PaceConfig::default());
    assert_eq!(config.log.level, Level::default());
    assert_eq!(config.start, StartSetting::End);
}

#[test]
fn the_example_shows_every_key_and_no_other_is_known_to_serde() {
    let (config, _) = parse(&example_switched_on());
    let mut written = Vec::new();
    leaves(&serde_json::to_value(&config).unwrap(), "", &mut written);
    written.sort();
    written.dedup();
    let mut known: Vec<String> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    known.sort();
    assert_eq!(written, known);
}

/// The paths of all values that are set, with channel names replaced by `NAME`.
fn leaves(value: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(table) => {
            for (key, value) in table {
                let key = if matches!(path, "channel" | "cloud") { "NAME" } else { key };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                leaves(value, &path, found);
            }
        }
        serde_json::Value::Array(list)
            if path != "route.route" && list.iter().any(serde_json::Value::is_object) =>
        {
            for element in list {
                leaves(element, path, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn every_problem_is_reported_not_only_the_first() {
    let text = "\
enviroment = 'prod'
start = 'yesterday'
settle = '3s'

[channel.sales]
webhok-env = 'X'
webhook-url = 'https://x.logic.azure.com/workflows/1?sig=abc'
pace = { burst = 0, evry = '15s' }

[incident]
repeat = '4 hours'
settle = '20s'

[[route]]
match = { knid = 'reload-*', app = 5 }
channel = ['sales', 'defualt']
";
    insta::assert_snapshot!(reported(text).join("\n"), @r#"
    1:1 unknown key `enviroment` (did you mean `environment`?)
    2:9 `yesterday` is not a valid starting point (write "end", "beginning" or an age such as "2h")
    3:1 unknown key `settle` (`settle` belongs in `incident` or `node`)
    6:1 unknown key `webhok-env` in `channel.sales` (did you mean `webhook-env`?)
    7:1 unknown key `webhook-url` in `channel.sales` (the URL is a secret and does not belong in this file: name the variable that holds it with `webhook-env`, the file with `webhook-file`, or what `footman secret set NAME` stored with `webhook-secret`)
    8:18 `0` is not a valid value of `channel.sales.pace.burst` (expected: number from 1)
    8:21 unknown key `evry` in `channel.sales.pace` (did you mean `every`?)
    11:10 `4 hours` is not a valid duration (write a number and a unit, such as "3s", "10m", "4h" or "1d")
    12:10 settle is 20s, which is longer than 15s (a card must not wait for a script log that may never come; write "15s" or less)
    15:11 unknown key `knid` in `route.match` (did you mean `kind`?)
    15:36 `5` is not a valid value of `route.match.app` (expected: word or list: exact, glob or `/regex/`)
    16:21 unknown channel `defualt` (did you mean `default`?)
    "#);
}

#[test]
fn a_hint_says_what_to_write_instead() {
    let unit = "`15` has no unit (write one behind it, such as \"15s\", \"15m\" or \"15h\")";
    for (text, expected) in [
        ("[[channel.ops]]\nkind = 'local'\n", "(write [channel.ops], with one bracket"),
        ("[[channel]]\nkind = 'local'\n", "(write [channel.default], with one bracket"),
        ("[[cloud]]\nevery = '1m'\n", "(write [cloud.NAME], with one bracket"),
        ("[[log]]\nlevel = 'info'\n", "(write [log], with one bracket"),
        ("[[channel.a.pace]]\nburst = 1\n", "(write [channel.a.pace], with one bracket"),
        (
            "[[route]]\nchannel = 'default'\n[[route.match]]\napp = 'x'\n",
            "(write [route.match], with one bracket",
        ),
        ("[route]\nchannel = 'default'\n", "(write [[route]], with two brackets"),
        ("[maintenance]\nname = 'x'\n", "(write [[maintenance]], with two brackets"),
        ("[escalation]\nafter = '1h'\n", "(write [[escalation]], with two brackets"),
        ("[node]\ndisk = 90%\n", "(write the number alone, without the sign: 90)"),
        ("[node]\ndisk = '90%'\n", "(write the number alone, without quotes: 90;"),
        ("[node]\nmemory = \"90\"\n", "(write the number alone, without quotes: 90;"),
        ("[channel.a.pace]\nburst = '3'\n", "(write the number alone, without quotes: 3;"),
        ("[heartbeat]\nevery = 15m\n", "(put it in single quotes: '15m')"),
        ("[heartbeat]\nevery = 15\n", unit),
        ("[heartbeat]\ncard-every = '15'\n", unit),
        ("[channel.a.pace]\nevery = 15\n", unit),
        ("[channel.a]\nfallback-after = 15\n", unit),
        ("[incident]\nsettle = 15\n", "(write a unit behind it: \"15s\")"),
        ("[node]\ncertificates = 15\n", unit),
        ("[history]\nkeep = '15'\n", "(write a unit behind it: \"15d\")"),
        (
            "[cloud.a]\ntenant-url = 'https://a.eu.qlikcloud.com'\nevery = 15\n",
            "(write a unit behind it: \"15m\" or \"15s\")",
        ),
        ("start = 2\n", "(write \"end\", \"beginning\" or an age such as \"2h\")"),
        ("on-state-loss = 2\n", "(write \"end\", \"beginning\" or an age such as \"2h\")"),
    ] {
        let found = reported(text);
        assert!(found.iter().any(|it| it.contains(expected)), "{text}: {found:?}");
    }
}

#[test]
fn the_page_has_an_address_by_default_and_an_empty_one_is_off() {
    let listen = |text: &str| {
        let (config, problems) = parse(text);
        assert_eq!(problems, Vec::<String>::new(), "{text}");
        config.page.listen
    };
    let usual = Listen::At("127.0.0.1:8640".parse().unwrap());
    assert_eq!(listen(""), usual);
    assert_eq!(listen("[page]"), usual);
    assert_eq!(listen("page.listen = \"\""), Listen::Off);
    for (address, is_served) in [
        ("127.0.0.1:1", true),
        ("127.9.9.9:1", true),
        ("[::1]:1", true),
        ("[::ffff:127.0.0.1]:1", true),
        ("0.0.0.0:1", false),
        ("[::]:1", false),
        ("192.0.2.1:1", false),
    ] {
        let listen = listen(&format!("page.listen = '{address}'"));
        assert_eq!(listen.beyond_loopback().is_none(), is_served, "{address}");
    }
}

#[test]
fn problems_of_the_heartbeat_are_reported_without_its_address() {
    let text = "\
[heartbeat]
url-env = 'https://hc.example.com/s3cret'
url-file = 'ping.txt'
every = '50ms'
";
    insta::assert_snapshot!(reported(text).join("\n"), @r#"
    2:11 url-env is the name of a variable, not the address itself (put the address into the variable: it is a secret and does not belong in this file)
    3:12 url-env and url-file are both given (keep one of them)
    4:9 every is 50ms, which is shorter than 100ms (one request a minute is usual: write "1m")
    "#);
    assert!(reported("[heartbeat]\nurl = 'https://hc.example.com/s3cret'")[0].contains("url-env"));
}

#[test]
fn broken_toml_is_reported_with_its_location() {
    insta::assert_snapshot!(reported("environment = \n[incident\n").join("\n"), @r#"
    1:15 the key has no value (write a value after `=`, or remove the line)
    2:10 the head of the section is not closed (end it with `]`, for a route with `]]`)
    "#);
}

/// Sixty broken files by kind: each problem is in plain words, has a hint and the right location.
#[test]
fn every_problem_has_a_hint_and_plain_words() {
    let raw = [
        "expected u",
        "invalid type",
        "invalid value",
        "os error",
        "untagged",
        "expected `",
        "unknown variant",
        "invalid socket",
        "struct ",
        "map",
    ];
    let texts = include_str!("broken.txt").split("\n---\n").filter(|text| !text.is_empty());
    let mut n = 0;
    for text in texts {
        let (_, problems) = Config::parse(&Written::new("footman.toml", text));
        assert!(!problems.is_empty(), "nothing is wrong with\n{text}");
        assert!(problems.len() <= 2, "consequential errors: {problems:?}");
        for problem in problems {
            let hint = problem.hint.clone().unwrap_or_default();
            assert!(!hint.is_empty(), "{text}: {}", problem.message);
            let found =
                raw.iter().find(|raw| problem.message.contains(*raw) || hint.contains(*raw));
            assert_eq!(found, None, "{text}: {} ({hint})", problem.message);
            n += 1;
        }
    }
    assert!(n >= 60, "{n}");
}

#[test]
fn percentages_site_urls_and_channel_names_are_checked() {
    insta::assert_snapshot!(reported("site-url = 'http://qlik.example.com/hub'\n\
        [node]\ndisk = 200\nmemory = 256\nprocessor = -1\n\
        [channel.defualt]\nwebhook-env = 'X'\n").join("\n"), @r#"
    1:12 site-url begins with `http:`, but Teams opens only https links (write "https://qlik.example.com", or remove the line)
    3:8 `200` is not a valid value of `node.disk` (expected: percent from 1 to 100, `0` is off)
    4:10 `256` is not a valid value of `node.memory` (expected: percent from 1 to 100, `0` is off)
    5:13 `-1` is not a valid value of `node.processor` (expected: percent from 1 to 100, `0` is off)
    6:1 no route leads to the channel `defualt` (did you mean [channel.default]?)
    "#);
    assert_eq!(
        reported("[channel.defaults]\n[[route]]\nchannel = 'defaults'\n"),
        Vec::<String>::new()
    );
    for url in [
        "ftp://x",
        "qlik.example.com",
        "https://",
        "https:///x",
        "https://a:b@x",
        "https://x/?a",
        "javascript:x",
    ] {
        assert_eq!(reported(&format!("site-url = '{url}'\n")).len(), 1, "{url}");
    }
    for url in
        ["https://qlik.example.com", "https://qlik:4443/hub", "https://[::1]/x", "HTTPS://Qlik"]
    {
        assert_eq!(reported(&format!("site-url = '{url}'\n")), Vec::<String>::new(), "{url}");
    }
}

#[test]
fn a_path_whose_backslashes_became_tabs_is_one_problem_with_the_path_in_single_quotes() {
    insta::assert_snapshot!(reported("log-root = \"C:\\temp\\new\"\n[node]\nfolders = [\"D:\\bin\"]\n").join("\n"), @r#"
    1:12 a backslash in double quotes starts an escape sequence: `\t` is a tab (use single quotes: 'C:\temp\new')
    3:12 a backslash in double quotes starts an escape sequence: `\b` is a backspace (use single quotes: 'D:\bin')
    "#);
}

#[test]
fn names_that_become_files_cannot_lead_out_of_their_folder() {
    insta::assert_snapshot!(reported("environment = '../x'\n[channel.\"a/b\"]\n").join("\n"), @r#"
    1:15 `../x` cannot be the name of an environment (use letters, digits, `-` and `_`)
    2:1 `a/b` cannot be the name of a channel (use letters, digits, `-` and `_`)
    "#);
}

#[test]
fn a_url_in_place_of_a_name_is_refused_without_repeating_it() {
    let text = "[channel.default]\nwebhook-env = 'https://x.logic.azure.com/workflows/1?sig=abc'\n";
    let (_, problems) = Config::parse(&Written::new("footman.toml", text));
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].line(), problems[0].column()), (2, 15));
    assert!(!format!("{problems:?}").contains("abc"), "{problems:?}");
}

#[test]
fn fallbacks_exist_and_lead_in_no_circle() {
    let good =
        "[channel.a]\nfallback = 'b'\nfallback-after = '1s'\n[channel.b]\nfallback = 'default'\n";
    assert_eq!(reported(good), Vec::<String>::new());
    for (text, expected) in [
        ("[channel.a]\nfallback = 'a'\n", "the fallbacks of channel `a` lead back to it"),
        (
            "[channel.a]\nfallback = 'b'\n[channel.b]\nfallback = 'c'\n[channel.c]\nfallback = 'a'\n",
            "the fallbacks of channel `c` lead back to it",
        ),
        ("[channel.a]\nfallback = 'bb'\n[channel.b]\n", "unknown channel `bb`"),
        ("[channel.a]\nfallback-after = '1m'\n", "fallback-after is given without fallback"),
        (
            "[channel.a]\nfallback = 'default'\n[channel.default]\nfallback = 'a'\n",
            "lead back to it",
        ),
    ] {
        let problems = reported(text);
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{text}: {problems:?}");
    }
    // A channel that only leads into a circle is not in it.
    let into =
        "[channel.a]\nfallback = 'b'\n[channel.b]\nfallback = 'c'\n[channel.c]\nfallback = 'b'\n";
    assert_eq!(reported(into).len(), 2, "{:?}", reported(into));
}

#[test]
fn each_webhook_has_one_source_and_a_secret_a_name() {
    let both = "[channel.a]\nwebhook-file = 'x'\nwebhook-secret = 'y'\n";
    assert_eq!(reported(both).len(), 1, "{:?}", reported(both));
    let next = "[channel.a]\nwebhook-file = 'x'\nwebhook-file-next = 'x'\nwebhook-env-next = 'Y'\n";
    assert_eq!(reported(next).len(), 1, "{:?}", reported(next));
    for key in ["webhook-env-next", "webhook-secret", "webhook-secret-next"] {
        let problems =
            reported(&format!("[channel.a]\n{key} = 'https://a.example/?sig=topSecret'\n"));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(!problems[0].contains("topSecret"), "{problems:?}");
    }
    assert_eq!(reported("[channel.a]\nwebhook-secret = '../x'\n").len(), 1);
}

#[test]
fn byte_order_mark_and_crlf_are_accepted() {
    let (config, problems) = parse("\u{feff}environment = \"prod\"\r\n");
    assert_eq!((config.environment.as_deref(), problems.len()), (Some("prod"), 0));
}

#[test]
fn periods_round_trip() {
    for (text, seconds) in [("0s", 0), ("3s", 3), ("10m", 600), ("4h", 14_400), ("1d", 86_400)] {
        let period: Period = text.parse().unwrap();
        assert_eq!((period.0, period.to_string()), (Duration::from_secs(seconds), text.to_owned()));
    }
    assert_eq!("250ms".parse(), Ok(Period(Duration::from_millis(250))));
    for text in ["", "3", "s", "-3s", "1.5h", "3 weeks", "99999999999999999d"] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
}

#[test]
fn the_nearest_word_is_suggested_only_when_it_is_near() {
    let known = ["environment", "log-root", "state-dir"];
    assert_eq!(nearest("enviroment", known), Some("environment"));
    assert_eq!(nearest("Log_Root", known), Some("log-root"));
    assert_eq!(nearest("colour", known), None);
}

/// For any text, the problems point into it and nothing panics.
fn problems_point_into(text: &str) {
    let written = Written::new("footman.toml", text);
    let (_, problems) = Config::parse(&written);
    for problem in problems {
        assert!(problem.span.end <= problem.text.len(), "{problem:?}");
        assert!(problem.line() + problem.column() >= 2);
    }
}

proptest! {
    #[test]
    fn no_text_causes_a_panic(text in ".{0,200}") {
        problems_point_into(&text);
    }

    #[test]
    fn no_damage_to_a_valid_file_causes_a_panic(
        cut in 0..4000usize,
        length in 0..40usize,
        put in "[a-z=\\[\\]{}\"'\n.,0-9é-]{0,6}",
    ) {
        let mut chars: Vec<char> = example_switched_on().chars().collect();
        let from = cut.min(chars.len());
        let to = (from + length).min(chars.len());
        chars.splice(from..to, put.chars());
        problems_point_into(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn a_url_in_the_place_of_a_file_is_refused_without_being_repeated() {
    for key in ["webhook-file", "webhook-file-next"] {
        let text = format!("[channel.default]\n{key} = 'https://x.logic.azure.com/?sig=s3cret'");
        let found = reported(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        let sentence = format!("{key} is the name of a file, not the URL itself");
        assert!(found[0].contains(&sentence), "{found:?}");
        assert!(!found[0].contains("s3cret"), "{found:?}");
    }
    let found = reported("[heartbeat]\nurl-file = 'https://hc.example.com/s3cret'");
    assert!(found[0].contains("url-file is the name of a file"), "{found:?}");
}

#[test]
fn a_key_whose_value_cannot_be_read_is_not_missing() {
    for text in ["[[route]]\nchannel = 5", "[[route]]\nmatch.app = 'a'\nchannel = [5]"] {
        let found = reported(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(!found[0].contains("names no channel"), "{found:?}");
    }
    assert!(reported("[[route]]\nmatch.app = 'a'")[0].contains("names no channel"));
}

#[test]
fn a_key_below_the_wrong_section_is_told_where_it_belongs() {
    for (text, expected) in [
        (
            "[channel.default]\nlog-root = 'D:'",
            "(`log-root` belongs to no section: move it above the first [section])",
        ),
        (
            "[[route]]\nchannel = 'default'\ntimezone = 'UTC'\nstate-dir = 'D:'",
            "state-dir` belongs to no section",
        ),
        ("[log]\nkeep = '90d'", "(`keep` belongs in `history`)"),
        (
            "[channel.default]\nhistory.keep = '90d'",
            "(`history` is a section: write [history], or move",
        ),
        (
            "webhook = 'https://x.logic.azure.com/?sig=s3cret'",
            "(the URL is a secret and does not belong in this file",
        ),
        ("[log]\nwebhook-url = 'https://x.logic.azure.com/?sig=s3cret'", "(the URL is a secret"),
    ] {
        let found = reported(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn a_hint_that_is_followed_makes_no_other_mistake() {
    let hint = |text: &str| reported(text).concat();
    let found = hint("[history]\nkeep = 90");
    assert!(found.contains("(write a unit behind it: \"90d\" or \"90h\")"), "{found}");
    let found = hint("[cloud.acme]\ntenant-url = 'https://acme.eu.qlikcloud.com'\nevery = 30");
    assert!(found.contains("\"30m\" or \"30s\")"), "{found}");
    let found = hint("[incident]\nsettle = 90");
    assert!(found.contains("(expected: time, at most `15s`)"), "{found}");
    for quoted in ["“w.txt”", "„w.txt“", "‘w.txt’", "«w.txt»"] {
        let found = hint(&format!("[channel.default]\nwebhook-file = {quoted}"));
        assert!(
            found.contains("replace the typographic quotes by single ones: 'w.txt'"),
            "{found}"
        );
    }
}

#[test]
fn an_empty_path_or_name_is_a_problem_at_its_place() {
    for (text, expected) in [
        ("state-dir = \"\"", "1:13 `state-dir` is empty (write the folder, or remove the line)"),
        ("log-root = ''", "1:12 `log-root` is empty (write the folder, or remove the line)"),
        ("patterns = ' '", "1:12 `patterns` is empty"),
        ("[log]\nfolder = ''", "2:10 `log.folder` is empty"),
        ("[node]\nfolders = ['D:', '']", "2:18 `node.folders` is empty"),
        (
            "[channel.a]\nkind = 'local'\nwebhook-file = ''",
            "3:16 `channel.a.webhook-file` is empty (write the file,",
        ),
        (
            "[channel.a]\nwebhook-env = ''",
            "2:15 `channel.a.webhook-env` is empty (write the name of a variable,",
        ),
    ] {
        let found = reported(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn a_variable_in_a_path_is_said_not_to_be_expanded() {
    let found = reported(r"log-root = '%ProgramData%\Qlik\Sense\Log'");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("variables such as %ProgramData% are not expanded"), "{found:?}");
    assert!(found[0].contains(r"(write 'C:\ProgramData\Qlik\Sense\Log')"), "{found:?}");
    let found = reported(r"state-dir = '%QLIK%\state'");
    assert!(found[0].contains("write the whole path"), "{found:?}");
    assert_eq!(reported(r"log-root = 'D:\100%\50% of it'"), Vec::<String>::new());
}

#[test]
fn a_list_in_one_bracket_and_a_misspelt_channel_are_one_problem_each() {
    let found = reported("[route]\nchannel = 'default'");
    assert!(found.len() == 1 && found[0].contains("`route` is a list of sections"), "{found:?}");
    let found = reported("route = 'default'");
    assert!(
        found.len() == 1 && found[0].contains("`route` is a section, not a value"),
        "{found:?}"
    );
    let found = reported("[[route]]\nmatch.app = 'a'\nchanel = 'default'");
    assert!(found.len() == 1 && found[0].contains("did you mean `channel`?"), "{found:?}");
}

#[test]
fn a_file_with_a_syntax_error_still_says_where_the_state_is() {
    let of = |text: &str| Config::parse(&Written::new("footman.toml", text));
    let (config, problems) = of("state-dir = '/srv/state'\ntimezone = 'Asia/Kolkata'\n[[[x\n");
    assert!(!problems.is_empty());
    assert_eq!(config.state_dir, Some(PathBuf::from("/srv/state")));
    assert_eq!(config.timezone.as_deref(), Some("Asia/Kolkata"));
    // What follows an error may be read wrongly, and nothing else is used.
    let (config, _) = of("environment = 'prod'\n[[[x\nstate-dir = '/srv/state'\n");
    assert_eq!((config.state_dir, config.environment), (None, None));
}
