use crate::config::{Config, Written};

const TOKEN: &str = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJ4IiwiZXhwIjoxODAwMDAwMDAwfQ.c2lnbmF0dXJl";

/// The problems of a section, each with its hint.
fn problems(section: &str) -> Vec<String> {
    let text = format!("[cloud.acme]\n{section}\n");
    let (_, problems) = Config::parse(&Written::new("footman.toml", &text));
    for problem in &problems {
        let shown = format!("{problem:?}");
        assert!(!shown.contains("eyJhbGci"), "a token is shown: {shown}");
    }
    problems
        .into_iter()
        .map(|it| format!("{}: {}", it.message, it.hint.unwrap_or_default()))
        .collect()
}

const URL: &str = "tenant-url = \"https://acme.eu.qlikcloud.com\"";

#[test]
fn a_tenant_with_a_key_or_a_client_is_well() {
    for well in [
        "api-key-env = \"ACME_KEY\"",
        "api-key-file = \"key.txt\"\nevery = \"1s\"\nstart = \"2h\"",
        "api-key-secret = \"acme-key\"",
        "client-id = \"c\"\nclient-secret-file = \"secret.txt\"",
        "client-id = \"c\"\nclient-secret-secret = \"acme\"",
    ] {
        assert_eq!(problems(&format!("{URL}\n{well}")), [""; 0], "{well}");
    }
}

#[test]
fn what_cannot_work_is_reported_with_what_to_write() {
    for (section, expected) in [
        ("api-key-env = \"K\"", "the tenant has no tenant-url"),
        ("tenant-url = \"http://acme.example.com\"\napi-key-env = \"K\"", "could read the key"),
        (URL, "neither an API key nor an OAuth client"),
        ("client-id = \"c\"", "client-id is given without its secret"),
        ("client-secret-env = \"S\"", "given without client-id"),
        ("api-key-env = \"K\"\nclient-id = \"c\"", "an API key and an OAuth client"),
        ("api-key-env = \"K\"\napi-key-file = \"k\"", "keep one of them"),
        ("api-key-file = \"k\"\napi-key-secret = \"k\"", "api-key-file and api-key-secret"),
        (
            "client-id = \"c\"\nclient-secret-env = \"S\"\nclient-secret-secret = \"s\"",
            "client-secret-env and client-secret-secret",
        ),
        ("api-key-secret = \"K\"\nclient-id = \"c\"", "an API key and an OAuth client"),
        ("client-secret-secret = \"s\"", "given without client-id"),
        ("api-key-secret = \"../k\"", "`footman secret set NAME`"),
        ("api-key-secret = \"a key\"", "cannot be the name of a secret"),
        ("api-key-env = \"K\"\nevery = \"500ms\"", "between 1s and 1h"),
        ("api-key-env = \"K\"\nevery = \"2h\"", "between 1s and 1h"),
        ("api-key = \"K\"", "`api-key-env`"),
        ("client_secret = \"K\"", "`client-secret-env`"),
    ] {
        let section = if section.contains("tenant-url") || expected.contains("tenant-url") {
            section.to_owned()
        } else {
            format!("{URL}\n{section}")
        };
        let found = problems(&section).join("\n");
        assert!(found.contains(expected), "{section}: {found}");
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    for key in [
        "api-key-env",
        "api-key-secret",
        "client-secret-env",
        "client-secret-secret",
        "api-key",
        "api_key",
        "tenant-url",
        "client-id",
    ] {
        let found = problems(&format!("{key} = \"{TOKEN}\""));
        assert!(!found.is_empty(), "{key}");
    }
    let client_secret = "0f4f2f1a9c".repeat(6);
    for key in ["client-secret-env", "client-secret-secret"] {
        let found = problems(&format!("{URL}\nclient-id = \"c\"\n{key} = \"{client_secret}\""));
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(!found[0].contains(&client_secret), "{key}: {found:?}");
    }
}

#[test]
fn two_sections_of_one_tenant_are_reported_whatever_the_spelling() {
    let key = "api-key-env = \"K\"";
    for (url, n) in [
        ("https://acme.eu.qlikcloud.com", 1),
        ("https://ACME.eu.qlikcloud.com:443/", 1),
        ("https://acme.us.qlikcloud.com", 0),
    ] {
        let found =
            problems(&format!("{URL}\n{key}\n[cloud.other]\ntenant-url = \"{url}\"\n{key}"));
        assert_eq!(found.len(), n, "{url}: {found:?}");
        assert!(found.iter().all(|it| it.contains("are the same tenant")), "{found:?}");
    }
}
