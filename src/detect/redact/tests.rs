use proptest::prelude::*;

use super::*;

const SECRET: &str = "hunter2Hunter2";

#[test]
fn no_known_form_of_a_secret_gets_through() {
    let forms = [
        "LET vPassword = 'hunter2Hunter2'",
        "SET vDbPwd=hunter2Hunter2 and hunter2Hunter2",
        "let vApiKey = 'a' & 'hunter2Hunter2'",
        "Server=db;User Id=etl;Password=hunter2Hunter2;Database=x",
        "DRIVER={x};UID=etl;PWD={hunter2Hunter2;};",
        "ODBC CONNECT TO [db;PWD=hunter2Hunter2]",
        "password: hunter2Hunter2",
        "Unexpected password: hunter2Hunter2",
        "Invalid token: hunter2Hunter2",
        "Unexpected token: password=hunter2Hunter2",
        r#"{"password": "hunter2Hunter2", "user": "x"}"#,
        r#"""client_secret"": ""hunter2Hunter2"""#,
        "token=hunter2Hunter2",
        "tokenFürÄmter = hunter2Hunter2",
        "SET vSchlüsselpasswort = hunter2Hunter2",
        "LET vKennwort = 'hunter2Hunter2'",
        "SET mot_de_passe=hunter2Hunter2",
        "LET vContraseña = 'hunter2Hunter2'",
        "Wachtwoord: hunter2Hunter2",
        "LET vLösenord = 'hunter2Hunter2'",
        "senha=hunter2Hunter2",
        "api-key = \"hunter2Hunter2",
        "Authorization: Bearer hunter2Hunter2",
        "authorization = Basic hunter2Hunter2",
        "sent bearer hunter2Hunter2 to it",
        "https://etl:hunter2Hunter2@db.example.com/x",
        "https://etl:hunter2Hunter2/@x@db.example.com/x",
        "ftp://hunter2Hunter2@files.example.com",
        "https://x.example.com/a?b=1&sig=hunter2Hunter2&c=2",
        "https://x.example.com/a?code=hunter2Hunter2",
        "https://x.example.com/a?x-access-token=hunter2Hunter2",
        r#"WITH CONNECTION(Url "https://x", HTTPHEADER "X-Mine" "hunter2Hunter2")"#,
        r#"HTTPHEADER "Authorization" "Bearer hunter2Hunter2""#,
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hunter2Hunter2==;",
        "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=hunter2Hunter2=",
        "SharedAccessSignature=hunter2Hunter2",
        "CONNECT TO x (XUserId is abcDEF, XPassword is hunter2Hunter2)",
        "Execute curl.exe --password hunter2Hunter2 -k",
        "CREATE USER x IDENTIFIED BY 'hunter2Hunter2'",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2Hunter2\n-----END RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.hunter2Hunter2.hunter2Hunter2",
    ];
    for form in forms {
        let safe = redact(form);
        assert!(!safe.contains(SECRET), "{form}\n{safe}");
        assert!(safe.contains(REDACTED), "{form}\n{safe}");
    }
}

#[test]
fn long_keys_go_even_without_a_name() {
    for key in [
        "0123456789abcdef0123456789abcdef",
        "A94A8FE5CCB19BA61C4C0873D391E987982FBBD3",
        "wJalrXUtnFEMI7K9MDENGbPxRfiCYzEXAMPLEKEY4x",
        "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
        "k3j5h2g9f8d7s6a4q1w2e3r4t5y6u7i8",
    ] {
        let line = format!("sent {key} to the server");
        assert_eq!(redact(&line), format!("sent {REDACTED} to the server"), "{key}");
    }
}

#[test]
fn what_explains_the_failure_stays() {
    let useful = [
        "Field 'OrderDte' not found",
        "Field 'Password' not found",
        "Table 'tokens' not found",
        "Unexpected token: 'FROM', expected one of: ','",
        "Cannot open file: 'lib://Finance Data/2026/Q3/monthly_transactions_by_region_v2.qvd'",
        r"Cannot open file: '\\files01\share\Finance\Monthly\Transactions2026\a.qvd'",
        "lib://DataFiles/Sales/NorthernEurope/Transactions/Monthly2026Aggregates",
        "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.2016_12_15_16_03_42.ECD010F8AE5847FFC93B.log",
        "http://example.com:8000/ping/a8366018-b739-4c65-ada2-05085b6ef771/start",
        "http://example.com:8080/people/@me",
        "LIB CONNECT TO 'Finance (live)'",
        "The remote server returned an error: (404) Not Found.",
        "Basic authentication failed for user LAB\\goran",
        "Task finished with state FinishedFail",
        "System.Scheduler.Scheduler.Master.Task.TaskSession",
        "LOAD CustomerID, KeyAccount, Region",
        "--------------------------------------------------",
        "SalesReport_2026_Monthly_Final_Version3_with_all_regions",
        "Access was denied for User: 'LAB\\goran', with AccessID '264ff070-6306-4f1b-85db-21a8468939b5'",
        "",
    ];
    for text in useful {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn the_text_around_a_secret_stays() {
    assert_eq!(
        redact("Login failed: Server=db;Password=x y;Database=sales"),
        format!("Login failed: Server=db;Password={REDACTED};Database=sales")
    );
    assert_eq!(redact("https://a:b@host/x?k=1"), format!("https://{REDACTED}@host/x?k=1"));
}

#[test]
fn a_secret_at_the_cut_is_taken_out_before_the_cut() {
    let text = format!("{}password={SECRET}", "x ".repeat(10));
    let bounded = redact_and_bound(&text, 33);
    assert!(!bounded.contains("hun"), "{bounded}");
    assert_eq!(bounded.chars().count(), 33);
    assert!(bounded.ends_with('…'));
    assert_eq!(redact_and_bound("short", 5), "short");
}

proptest::proptest! {
    #[test]
    fn any_text_is_taken(text in r#"(?s)[a-z:/@?&='";{}\\ \n]{0,80}|.{0,60}"#) {
        let once = redact(&text).into_owned();
        proptest::prop_assert!(redact_and_bound(&once, 20).chars().count() <= 20);
    }
}

proptest! {
    /// Words of all rules, glued in every way: what the glance takes for harmless, the rules leave.
    #[test]
    fn what_looks_harmless_at_a_glance_is_left_alone_by_the_rules(
        words in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "let ", "SET ", "v", "Pass", "pa\u{17f}\u{17f}word", "passphrase", "pass",
                    "PWD", "Secret", "tok", "en", "TO\u{212a}EN", "api", "_", "-", "Key", "account",
                    "shared", "Access", "signature", "private", "auth", "user", "authorization",
                    "credential", "s", "sig", "SAS", "=", " = ", ":", ";", "'", "\"", "[", "]", ")",
                    "{", "}", "?", "&", "code", "hunter2", "hunter2Hunter2", "://", "a:b@c", "@",
                    "bearer ", "Basic ", "Negotiate ", "ntlm ", "digest ", "dXNlcjpwYXNz", " ",
                    "\n", "IDENTIFIED", " by ", "xUserId is ", "XPassword is ", "HttpHeader ",
                    "eyJhbGci", ".", "-----BEGIN RSA PRIVATE KEY-----", "--", "0123456789abcdef",
                    "0123456789abcdef", "q83vEjRWeJCrze8SNFZ4", "ö", "dec2a02a-0000-4000-8000-e2bfb180af87",
                ]).prop_map(str::to_owned),
                "[a-zA-Z0-9=:; +/_-]{0,12}",
            ],
            0..10,
        ),
    ) {
        let text = words.concat();
        if glance::is_harmless(&text) {
            prop_assert_eq!(by_rules(&text), text.as_str());
        }
    }
}
