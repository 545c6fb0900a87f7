use proptest::prelude::*;

use super::*;

const SECRET: &str = "hunter2Hunter2";

#[test]
fn long_keys_are_hidden_without_a_name() {
    for key in [
        "wJalrXUtnFEMI7K9MDENGbPxRfiCYzEXAMPLEKEY4x",
        "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
        "k3j5h2g9f8d7s6a4q1w2e3r4t5y6u7i8",
    ] {
        let line = format!("sent {key} to the server");
        assert_eq!(redact(&line), format!("sent {REDACTED} to the server"), "{key}");
    }
}

#[test]
fn the_text_around_a_secret_is_kept() {
    assert_eq!(
        redact("Login failed: Server=db;Password=x y;Database=sales"),
        format!("Login failed: Server=db;Password={REDACTED};Database=sales")
    );
    assert_eq!(redact("https://a:b@host/x?k=1"), format!("https://a:{REDACTED}@host/x?k=1"));
    assert_eq!(
        redact("HTTPHEADER \"Authorization\" \"Bearer abc123\""),
        format!("HTTPHEADER \"Authorization\" \"Bearer {REDACTED}\"")
    );
}

#[test]
fn a_secret_is_hidden_before_the_text_is_truncated() {
    let text = format!("{}password={SECRET}", "x ".repeat(10));
    let bounded = redact_and_bound(&text, 33);
    assert!(!bounded.contains("hun"), "{bounded}");
    assert_eq!(bounded.chars().count(), 33);
    assert!(bounded.ends_with('…'));
    assert_eq!(redact_and_bound("short", 5), "short");
}

#[test]
fn a_known_secret_is_hidden_without_its_name() {
    let known = secrets("Connector failed: password=hunter2Hunter2 for sales");
    assert_eq!(known, [SECRET]);
    assert_eq!(without("hunter2Hunter2", &known), REDACTED);
    assert_eq!(without("Hunter2", &known), REDACTED);
    assert_eq!(without("got hunter2Hunter2", &known), format!("got {REDACTED}"));
    assert_eq!(without("sales", &known), "sales");
}

#[test]
fn texts_that_are_shown_together_hide_the_same() {
    let mut texts = ["Password:", "  hunter2Hunter2", "[Orders]:", "got hunter2Hunter2"];
    let mut owned = texts.map(str::to_owned);
    redact_together(&mut owned.iter_mut().collect::<Vec<_>>());
    texts[1] = "  ‹redacted›";
    texts[3] = "got ‹redacted›";
    assert_eq!(owned, texts);
}

#[test]
fn urls_are_reduced_to_their_hosts_and_places_are_mapped() {
    let text = "a = 'https://x.logic.azure.com:443/é/1?sig=abc' # see http://q\nb = 'https://qlik.example.com'";
    let place = text.find("b = ").unwrap();
    let HostsOnly { text: safe, .. } = HostsOnly::of(text);
    let moved = HostsOnly::of(text).place(&(place..place + 1));
    assert_eq!(
        safe,
        format!(
            "a = 'https://x.logic.azure.com:443{REDACTED}' # see http://q\nb = 'https://qlik.example.com'"
        )
    );
    assert_eq!(&safe[moved], "b");
    let url = text.find("/é").unwrap();
    let moved = HostsOnly::of(text).place(&(4..url + 4));
    assert!(safe[moved].ends_with(REDACTED));
}

/// A value may be longer than the range in which a rule searches.
#[test]
fn a_value_of_many_kilobytes_after_a_sentence_is_hidden() {
    for open in ["{", "'", "", "(", "«", "`"] {
        let text = format!("XPassword is {open}").repeat(6000);
        assert!(!redact(&text).contains("XPassword is XPassword"));
        let text = format!("password is {open}{}", "x1".repeat(40_000));
        assert!(redact(&text).len() <= text.len());
    }
}

/// Characters of secrets: letters, digits, signs, non-ASCII letters.
const VALUE: &str = "[A-Za-z0-9äß$!#%*+?^~@._-]{3,63}[0-9]";

const NAMES: [&str; 24] = [
    "password",
    "Password",
    "PASSWORD",
    "vPassword",
    "v_db_pwd",
    "DB_PASSWORD_PROD",
    "Kennwort",
    "wachtwoord",
    "vSenha",
    "contraseña",
    "lösenord",
    "hasło",
    "пароль",
    "mot_de_passe",
    "client_secret",
    "apiKey",
    "X-Api-Key",
    "AccountKey",
    "smtp.password",
    "passphrase",
    "userPwd2",
    "salasana",
    "adgangskode",
    "secretKey",
];

/// How names and values are combined: `N` is the name, `V` the value.
const TEMPLATES: [&str; 26] = [
    "N=V",
    "N = V",
    "N: V",
    "N : V",
    "N := 'V'",
    "N => \"V\"",
    "N -> V",
    "N='V'",
    "N=\"V\"",
    "\"N\":\"V\"",
    "\"N\" : \"V\",\"x\":1",
    "{'N': 'V'}",
    "\\\"N\\\":\\\"V\\\"",
    "\"\"N\"\":\"\"V\"\"",
    "<N>V</N>",
    "<x N=\"V\"/>",
    "<add key=\"N\" value=\"V\" />",
    "QUERY \"N\" \"V\"",
    "HTTPHEADER \"N\" \"V\"",
    "put(\"N\", \"V\")",
    "{\"name\":\"N\",\"value\":\"V\"}",
    "Server=db;N=V;Database=x",
    "--N V",
    "N:\n  V",
    "2026-11-24 06:00:00 0012 SET N='V';",
    "https://x.example.com/a?b=1&N=V",
];

proptest! {
    #[test]
    fn every_value_of_a_name_is_hidden(name in prop::sample::select(&NAMES[..]), template in prop::sample::select(&TEMPLATES[..]), value in VALUE) {
        prop_assume!(!value.contains(['%', '#', '?', '@']) || !template.contains("http"));
        prop_assume!(!values::is_stand_in(&value) && !value.starts_with(['-', '.', '~', '$', '@']) && !values::is_path(&value));
        prop_assume!(value.chars().filter(|c| c.is_alphabetic()).count() > 2);
        let text = template.replace('N', name).replace('V', &value);
        let safe = redact(&text);
        prop_assert!(!safe.contains(value.as_str()), "{text}\n{safe}");
        prop_assert!(safe.contains(name), "{text}\n{safe}");
    }

    #[test]
    fn quoted_values_are_hidden_whatever_they_contain(name in prop::sample::select(&NAMES[..]), value in r"[ -!#-&(-\[\]-~äö€]{1,40}[a-z]{4}[0-9]") {
        prop_assume!(!values::is_stand_in(&value) && !value.contains(['(', '<', '>', '{', '-']) && value.trim() == value && !values::is_path(&value));
        for text in [format!("{name}=\"{value}\""), format!("\"{name}\": \"{value}\""), format!("QUERY \"{name}\" \"{value}\"")] {
            let safe = redact(&text);
            prop_assert!(!safe.contains(value.as_str()), "{text}\n{safe}");
        }
    }

    #[test]
    fn ids_hashes_and_words_are_kept(
        guid in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        hash in "[0-9a-f]{32}|[0-9a-f]{40}|[0-9A-F]{64}",
        word in "[A-Z][a-z]{2,9}(_[A-Z][a-z]{2,9}){0,6}",
        number in 0_u32..,
    ) {
        for text in [
            format!("app {guid} of {word}"), format!("md5 {hash}"), format!("{hash} {word}.qvd"), format!("Task '{word}' ({guid}) failed: {number}"),
            format!("lib://Data/{word}/{number}.qvd"), format!("https://x.example.com/{guid}?page={number}"), format!("Code: {number}"),
        ] {
            prop_assert_eq!(redact(&text), text.as_str());
        }
    }

    #[test]
    fn any_text_is_accepted(text in r#"(?s)[a-zA-Z:/@?&='";{}\\<> \n\[\]%,|-]{0,80}|.{0,60}"#, cut in 1_usize..40) {
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once), once.as_str());
        prop_assert!(redact_and_bound(&text, cut).chars().count() <= cut);
    }

       /// Signs of all rules, combined at random.
    #[test]
    fn any_combination_of_signs_is_accepted(words in prop::collection::vec(prop::sample::select(vec![
        "let ", "SET ", "pass", "pa\u{17f}\u{17f}word", "PWD", "Secret", "token", "api", "_", "-", "Key", "sig", "=", " = ", ":", ";", "'", "\"", "[", "]", ")", "(",
        "{", "}", "?", "&", "code", "hunter2", "://", "a:b@c", "@", "bearer ", "Basic ", " ", "\n", "IDENTIFIED", " by ", "XPassword is ", "HttpHeader ", "QUERY ",
        "eyJhbGci", ".", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "--", "ö", "пароль", "密码", "は", "inline [", ",", "curl -u ", "net use ", "<password", ">", "</",
        "insert into t(password) values(", "\\", "\"\"", "%3D", "&quot;", "«", "»", "kty", "ConvertTo-SecureString ", " -p ", "'''", "user,password\n", "| ", "‹redacted›",
    ]), 0..14)) {
        let text = words.concat();
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once), once.as_str());
        prop_assert_eq!(once.matches('\n').count(), text.matches('\n').count());
    }
}

/// A piece of a text: a word that a rule begins with, a sign, or a long run of one character.
fn piece() -> impl Strategy<Value = String> {
    let lists = [
        logins::SIGNS,
        calls::CALLS,
        calls::OPENERS,
        calls::DECODERS,
        words::PHRASES,
        words::WEAK_PHRASES,
        words::WHOLE,
        words::WEAK,
        words::KEYS,
        words::PINS,
        words::HEADERS,
        words::COOKIES,
        words::INSIDE,
        words::UNSPACED,
    ];
    let lists = lists.map(|list| list.iter().map(|word| (*word).to_owned()).collect());
    let mut words: Vec<String> = lists.into_iter().collect::<Vec<Vec<String>>>().concat();
    for list in [words::SCHEMES, words::COPULAS, words::OF, words::USES, words::REFUSED] {
        words.extend(list.split_whitespace().map(str::to_owned));
    }
    let starts = [
        "LET v",
        "SET ",
        "Authorization: Basic ",
        "INLINE [",
        "curl -u ",
        "-p ",
        "/user:",
        "IDENTIFIED BY ",
        "-----BEGIN KEY-----",
        "https://a:b@",
        "LOAD a as ",
        "{\"",
        "<password>",
        "\n0012 ",
        "20260101T101010.000Z      ",
        "REM ",
        "// ",
        "api_key: |",
        "eyJhbGciOi.",
    ];
    words.extend(starts.map(str::to_owned));
    let signs = [
        " ", ":", "=", "'", "\"", "(", ")", "[", "]", ",", ";", "\n", "\r\n", "\t", "\\", "/", "@",
        "|", "&", "$(", "«", "„", "ü", "🙂", "\u{fffd}", "\u{200b}", "密码", "x1Y2z3w4", ".", "%",
        "<", ">",
    ];
    let runs = (
        prop::sample::select(signs.to_vec()),
        prop::sample::select(vec![3_usize, 70, 199, 200, 201, 300]),
    );
    prop_oneof![
        4 => prop::sample::select(words),
        3 => prop::sample::select(signs.to_vec()).prop_map(str::to_owned),
        1 => runs.prop_map(|(sign, n)| sign.repeat(n)),
    ]
}

proptest! {
    /// With any text around a word that a rule begins with, also far away from it.
    #[test]
    fn no_text_of_words_signs_and_long_runs_ends_the_program(
        pieces in prop::collection::vec(piece(), 1..9)
    ) {
        let text = pieces.concat();
        prop_assert_eq!(redact(&text).lines().count(), text.lines().count());
    }
}
