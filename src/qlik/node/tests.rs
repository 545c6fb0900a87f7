use super::*;

#[test]
fn the_site_url_uses_the_host_name_of_the_installation() {
    let site = Some("https://qlik.example.com".to_owned());
    assert_eq!(site_url("cWxpay5leGFtcGxlLmNvbQ=="), site);
    assert_eq!(site_url("\u{feff}cWxpay5leGFtcGxlLmNvbQ==\r\n"), site);
    assert_eq!(site_url("TkFNRQ").as_deref(), Some("https://name"));
}

#[test]
fn a_text_without_a_host_name_gives_no_url() {
    for text in ["", "   ", "!!!!", "PHNjcmlwdD4=", "//8=", "YSBi", "LmE=", "qlik.example.com"] {
        assert_eq!(site_url(text), None, "{text}");
    }
}

#[test]
fn links_have_the_known_format() {
    let id = "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a";
    assert_eq!(
        app("https://q.example.com", id),
        Some(format!("https://q.example.com/sense/app/{id}"))
    );
}

#[test]
fn an_invalid_app_id_gives_no_link() {
    for id in ["", "Not available", "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a/../qmc", "7ffc01c2-83d9"]
    {
        assert_eq!(app("https://q.example.com", id), None, "{id}");
    }
}
