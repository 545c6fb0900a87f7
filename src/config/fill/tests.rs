use crate::config::fill::{Fill, fill};
use crate::config::{Config, EXAMPLE, Written};

fn all() -> Fill {
    Fill {
        environment: Some("prod".to_owned()),
        log_root: Some(r"D:\Qlik\Log".to_owned()),
        webhook_file: Some("webhook.txt".to_owned()),
    }
}

fn read(text: &str) -> Config {
    let (config, problems) = Config::parse(&Written::new("footman.toml", text));
    assert_eq!(problems, [], "{text}");
    config
}

/// The lines that only the second text has.
fn added<'a>(before: &str, after: &'a str) -> Vec<&'a str> {
    after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect()
}

#[test]
fn the_example_is_filled_in_place_and_keeps_its_comments() {
    let text = fill(EXAMPLE, &all()).unwrap();
    assert_eq!(text.lines().count(), EXAMPLE.lines().count());
    let lines = [
        "environment = \"prod\"",
        r"log-root = 'D:\Qlik\Log'",
        "[channel.default]",
        "webhook-file = \"webhook.txt\"",
    ];
    assert_eq!(added(EXAMPLE, &text), lines);
}

#[test]
fn an_edited_file_keeps_every_line_and_gets_missing_values() {
    for text in [
        "",
        "# mine\n",
        "timezone = 'UTC'",
        "[page]\nlisten = '127.0.0.1:1'\n",
        "[[route]]\nchannel = 'default'\n",
        "[channel.default]\npace = { burst = 2 }\n[log]\nlevel = 'debug'\n",
        "[channel.ops]\n[channel.default.pace]\nburst = 2\n",
        "[channel]\ndefault = { pace = { burst = 2 } }\n",
        "site-url = \"https://a\"\r\n#environment = \"x\"\r\n[page]\r\n",
        "[page]\n#environment = \"not here: this is a table\"\n",
        "[incident]\n#[channel.default]\n#webhook-env = 'X'\nrepeat = '1h'\n",
    ] {
        let Some(filled) = fill(text, &all()) else {
            // An inline table has no room for a new line: the value is not added.
            assert!(text.contains("default = {"), "{text}");
            continue;
        };
        let mut wanted = read(text);
        wanted.environment = Some("prod".to_owned());
        wanted.log_root = Some(r"D:\Qlik\Log".into());
        let channel = wanted.channel.entry("default".to_owned()).or_default();
        channel.webhook_file = Some("webhook.txt".into());
        assert_eq!(read(&filled), wanted, "{filled}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(filled.lines().any(|kept| kept == line), "{line} is not in\n{filled}");
        }
    }
}

#[test]
fn existing_values_are_kept() {
    let text =
        "environment = 'test'\nlog-root = '/qlik'\n[channel.default]\nwebhook-env = 'HOOK'\n";
    assert_eq!(fill(text, &all()).unwrap(), text);
    let text = "[channel.default]\nwebhook-file = 'mine.txt'\n";
    let hook = Fill { webhook_file: Some("webhook.txt".to_owned()), ..Fill::default() };
    assert_eq!(fill(text, &hook).unwrap(), text);
}

#[test]
fn an_invalid_file_is_not_filled() {
    assert_eq!(fill("[channel.default\n", &all()), None);
    assert_eq!(fill("enviroment = 'x'\n", &all()), None);
}

#[test]
fn special_characters_are_quoted() {
    for value in ["a \"b\" 'c'", "line\nbreak", r"\\server\share\Log", "ø"] {
        let values = Fill { log_root: Some(value.to_owned()), ..Fill::default() };
        let config = read(&fill(EXAMPLE, &values).unwrap());
        assert_eq!(config.log_root.unwrap().to_str(), Some(value));
    }
}
