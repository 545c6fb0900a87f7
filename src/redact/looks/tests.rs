use super::*;

#[test]
fn passwords_look_made_up_and_names_do_not() {
    for word in ["hund3011katz", "Sommer2026", "p@ssw0rd", "SeCrEtWoRd", "geheim!7", "x9-lampe"] {
        assert!(is_made_up(word), "{word}");
    }
    for word in [
        "expired",
        "CustomerID",
        "PasswordChangedAt",
        "sha256",
        "8-character",
        "12",
        "90days",
        "ORA-01017",
        "0x8007052E",
        "2026-11-20",
        "users.xlsx",
        "10.1.2.3",
        "anna99@example.com",
        "50%",
        "sql01.corp.example.com:1433",
        "INTERNAL\\svc1",
        "$(vPassword1)",
    ] {
        assert!(!is_made_up(word), "{word}");
    }
}

#[test]
fn names_with_a_number_are_not_strict() {
    for word in ["sql01", "Sheet1", "svc_qlik2", "server-12"] {
        assert!(is_made_up(word) && !is_strict(word), "{word}");
    }
    assert!(is_strict("katze123"));
    assert!(is_random("hund3011katz") && !is_random("AB12CD34EF56") && !is_random("sales2026q4"));
}
