use crate::config::{Config, Written, all_routes};

/// `LINE:COLUMN message (hint)` of each problem.
fn reported(text: &str) -> Vec<String> {
    let (_, problems) = Config::parse(&Written::new("footman.toml", text));
    let hint = |hint: Option<String>| hint.unwrap_or_default();
    problems
        .into_iter()
        .map(|it| format!("{}:{} {} ({})", it.line(), it.column(), it.message, hint(it.hint)))
        .collect()
}

#[test]
fn nested_routes_are_listed_parents_first_with_their_place() {
    let text = "[[route]]\nchannel = 'default'\n[[route.route]]\n[[route.route.route]]\n[[route.route]]\n[[route]]\nchannel = 'default'\n";
    let written = Written::new("footman.toml", text);
    let (config, problems) = Config::parse(&written);
    assert_eq!(problems, []);
    let places: Vec<String> =
        all_routes(&config.route).iter().map(|(place, _)| place.to_string()).collect();
    assert_eq!(places, ["1", "1.1", "1.1.1", "1.2", "2"]);
    let (place, _) = &all_routes(&config.route)[3];
    assert_eq!(written.problem_at(&place.keys(&[]), "", "").line(), 5);
}

#[test]
fn a_problem_in_a_nested_route_is_reported_like_one_outside() {
    let text = "\
[[route]]
match = { app = 'A' }
channel = 'default'

[[route.route]]
chanel = 'default'
continue = 'no'
when = 'Mon-Fri 8-18'
mention = 5

[[route.route.route]]
channel = 'sales'
match = { knid = 'x', app = 5 }
";
    insta::assert_snapshot!(reported(text).join("\n"), @r"
    6:1 unknown key `chanel` in `route.route` (did you mean `channel`?)
    7:12 `'no'` is not a valid value of `route.route.continue` (expected: `true` or `false`)
    8:8 `8` is not a time of day (write it as 08:00, up to 24:00)
    9:11 `5` is not a valid value of `route.route.mention` (expected: person or list of people, such as `anna@example.com`)
    12:11 unknown channel `sales` (add a section [channel.sales])
    13:11 unknown key `knid` in `route.route.route.match` (did you mean `kind`?)
    13:29 `5` is not a valid value of `route.route.route.match.app` (expected: word or list: exact, glob or `/regex/`)
    ");
    assert_eq!(
        reported("[[route]]\nchannel = 'default'\n[route.route]\nchannel = 'default'\n"),
        [
            r"3:1 `route.route` is a list of sections (write [[route.route]], with two brackets, and its keys below)"
        ]
    );
}

#[test]
fn a_route_takes_its_channel_from_around_it_or_names_one() {
    assert_eq!(
        reported("[[route]]\nchannel = 'default'\n\n[[route]]\nmatch = { app = 'x' }\n"),
        [r#"4:1 the route names no channel (name at least one: channel = "default")"#]
    );
    let inherited = "[[route]]\nchannel = 'default'\n[[route.route]]\nmatch = { app = 'x' }\n";
    assert_eq!(reported(inherited), Vec::<String>::new());
    let inner = "[[route]]\nmatch = { app = 'x' }\n[[route.route]]\nchannel = 'default'\n";
    assert_eq!(reported(inner), Vec::<String>::new());
    assert_eq!(reported("[[route]]\n[[route.route]]\nmatch = { app = 'x' }\n").len(), 1);
}

#[test]
fn routes_are_counted_and_nested_within_a_limit() {
    let inner = "[[route.route]]\nmatch = { app = 'x' }\n".repeat(1000);
    let found = reported(&format!("[[route]]\nchannel = 'default'\n{inner}"));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("there are more than 1000 routes"), "{found:?}");
    let nested = |levels: usize| {
        let level = |n: usize| format!("[[{}]]\nchannel = 'default'\n", vec!["route"; n].join("."));
        (1..=levels).map(level).collect::<String>()
    };
    assert_eq!(reported(&nested(10)), Vec::<String>::new());
    assert!(reported(&nested(11))[0].contains("nested more than 10 levels deep"));
    // Deeper than the parser goes.
    assert!(!reported(&nested(200)).is_empty());
}
