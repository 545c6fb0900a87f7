use crate::config::changes::{changed_keys, is_live};
use crate::config::keys::KEYS;
use crate::config::{Config, Written};

fn read(text: &str) -> Config {
    Config::parse(&Written::new("footman.toml", text)).0
}

#[test]
fn a_changed_key_is_named_as_it_is_written() {
    let before = "environment = 'prod'\n[incident]\nrepeat = '4h'\n[channel.ops]\n";
    let after = "timezone = 'UTC'\n[incident]\nrepeat = '1h'\n[channel.ops]\npace.burst = 2\n[log]\nlevel = 'debug'\n[[route]]\nchannel = 'ops'\n";
    let changed = changed_keys(&read(before), &read(after));
    let expected = [
        "channel.ops.pace.burst",
        "environment",
        "incident.repeat",
        "log.level",
        "route",
        "timezone",
    ];
    assert_eq!(changed, expected);
    let live: Vec<_> = changed.iter().filter(|key| is_live(key)).collect();
    assert_eq!(live, ["incident.repeat", "log.level", "route"]);
}

#[test]
fn a_comment_or_another_order_is_no_change() {
    let one = "environment = 'prod'\n[log]\nlevel = 'warn'\n[page]\n";
    let other = "# new\nenvironment = \"prod\"\n[page]\n[log]\nlevel = 'warn'\n";
    assert_eq!(changed_keys(&read(one), &read(other)), Vec::<String>::new());
}

#[test]
fn a_channel_that_is_added_is_named() {
    let changed = changed_keys(&read(""), &read("[channel.ops]\nwebhook-file = 'w.txt'\n"));
    assert_eq!(changed, ["channel.ops"]);
    assert!(!is_live(&changed[0]));
}

#[test]
fn the_documentation_says_which_keys_are_live() {
    for key in KEYS {
        let live = is_live(key.path) || key.path.starts_with("route.");
        let said = ["route.", "incident.", "log.level"].iter().any(|it| key.path.starts_with(it));
        assert_eq!(live, said, "{}", key.path);
    }
}
