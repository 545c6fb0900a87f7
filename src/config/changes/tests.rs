use crate::config::changes::{changed_keys, is_live};
use crate::config::keys::KEYS;
use crate::config::{Config, Written};

fn read(text: &str) -> Config {
    Config::parse(&Written::new("footman.toml", text)).0
}

#[test]
fn changed_keys_are_listed_as_the_file_spells_them() {
    let before = "environment = 'prod'\n[incident]\nrepeat = '4h'\n[channel.ops]\n";
    let after = "timezone = 'UTC'\n[incident]\nrepeat = '1h'\n[channel.ops]\nwebhook-secret-next = 'new'\npace.burst = 2\n[log]\nlevel = 'debug'\n[[route]]\nchannel = 'ops'\n";
    let changed = changed_keys(&read(before), &read(after));
    let expected = [
        "channel.ops.pace.burst",
        "channel.ops.webhook-secret-next",
        "environment",
        "incident.repeat",
        "log.level",
        "route",
        "timezone",
    ];
    assert_eq!(changed, expected);
    let live: Vec<_> = changed.iter().filter(|key| is_live(key)).collect();
    assert_eq!(live, ["channel.ops.webhook-secret-next", "incident.repeat", "log.level", "route"]);
}

#[test]
fn comments_and_order_are_not_changes() {
    let one = "environment = 'prod'\n[log]\nlevel = 'warn'\n[page]\n";
    let other = "# new\nenvironment = \"prod\"\n[page]\n[log]\nlevel = 'warn'\n";
    assert_eq!(changed_keys(&read(one), &read(other)), Vec::<String>::new());
}

#[test]
fn an_added_channel_is_listed() {
    let changed = changed_keys(&read(""), &read("[channel.ops]\nwebhook-file = 'w.txt'\n"));
    assert_eq!(changed, ["channel.ops"]);
    assert!(!is_live(&changed[0]));
}

#[test]
fn live_keys_are_those_that_the_documentation_lists() {
    for key in KEYS {
        let live = is_live(key.path) || key.path.starts_with("route.");
        let documented = [
            "route.",
            "incident.",
            "log.level",
            "channel.NAME.webhook-",
            "channel.NAME.proxy",
            "channel.NAME.ca-file",
        ];
        let documented = documented.iter().any(|it| key.path.starts_with(it));
        assert_eq!(live, documented, "{}", key.path);
    }
}
