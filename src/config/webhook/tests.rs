use super::*;

const OLD: &str = "https://prod-07.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=neverShowThis_43-chars";
const NEW: &str = "https://default0123456789abcdef0123456789ab.cd.environment.api.powerplatform.com:443/powerautomate/automations/direct/cu/08/workflows/fedcba9876543210fedcba9876543210/triggers/manual/paths/invoke/?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=neverShowThis_43-chars";

#[test]
fn the_forms_that_microsoft_hands_out_pass_without_a_word() {
    for text in [OLD, NEW] {
        assert_eq!(Webhook::parse(text).unwrap().cautions(), []);
    }
}

#[test]
fn path_and_query_stay_byte_for_byte() {
    for text in [OLD, NEW] {
        let sent = Webhook::parse(text).unwrap().expose_url().clone();
        assert_eq!(target(sent.as_str()), text.split_once(":443").unwrap().1);
        assert_eq!(sent.port_or_known_default(), Some(443));
    }
}

#[test]
fn printing_a_webhook_shows_the_host_and_four_characters() {
    let webhook = Webhook::parse(OLD).unwrap();
    assert_eq!(webhook.to_string(), "prod-07.westeurope.logic.azure.com (workflow …cdef)");
    assert!(!format!("{webhook:?}").contains("neverShowThis"));
    assert_eq!(
        Webhook::parse("http://127.0.0.1:8080/hook?sig=x").unwrap().to_string(),
        "127.0.0.1"
    );
}

#[test]
fn a_short_workflow_id_is_not_given_away_whole() {
    for id in ["", "a", "abcd", "äöüäöü", "abcdefg"] {
        let text = format!("http://localhost/workflows/{id}?sig=x");
        let printed = Webhook::parse(&text).map(|webhook| webhook.to_string());
        assert!(printed.is_err() || printed == Ok("localhost".to_owned()), "{id}");
    }
}

#[test]
fn what_cannot_work_is_refused_with_the_reason() {
    let refusal = |text: &str| Webhook::parse(text).unwrap_err();
    let retired = |host: &str| Refusal::Retired { host: host.to_owned() };
    assert_eq!(
        refusal("https://acme.webhook.office.com/webhookb2/x"),
        retired("acme.webhook.office.com")
    );
    assert_eq!(refusal("https://outlook.office.com/webhook/x"), retired("outlook.office.com"));
    assert_eq!(refusal("http://prod-07.westeurope.logic.azure.com/x?sig=y"), Refusal::NotHttps);
    assert_eq!(refusal("http://127.0.0.1.example.com/x"), Refusal::NotHttps);
    assert_eq!(refusal("ftp://localhost/x"), Refusal::NotHttps);
    assert_eq!(refusal("https://me:secret@flow.microsoft.com/x?sig=y"), Refusal::Credentials);
    assert_eq!(refusal("${WEBHOOK}"), Refusal::NotAUrl);
    assert_eq!(refusal(""), Refusal::NotAUrl);
    assert_eq!(refusal("https://flow.microsoft.com/a/../b?sig=y"), Refusal::NotVerbatim);
    assert_eq!(refusal("https://flow.microsoft.com/b?sig=y#part"), Refusal::NotVerbatim);
    assert_eq!(refusal("https://flow.microsoft.com/a b?sig=y"), Refusal::NotVerbatim);
    assert_eq!(refusal("https://flow.microsoft.com/x?sig=y \n"), Refusal::NotVerbatim);
}

#[test]
fn what_may_work_is_only_remarked_on() {
    let cautions = |text: &str| Webhook::parse(text).unwrap().cautions();
    let unknown = Caution::UnknownHost("relay.example.com".to_owned());
    assert_eq!(cautions("https://relay.example.com/hook"), [unknown, Caution::NoSignature]);
    assert_eq!(cautions("https://flow.microsoft.com/x?sig="), [Caution::NoSignature]);
    assert_eq!(cautions("http://[::1]:8080/hook"), []);
}
