use super::*;

const OLD: &str = "https://prod-07.westeurope.logic.azure.com:443/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=neverShowThis_43-chars";
const NEW: &str = "https://default0123456789abcdef0123456789ab.cd.environment.api.powerplatform.com:443/powerautomate/automations/direct/cu/08/workflows/fedcba9876543210fedcba9876543210/triggers/manual/paths/invoke/?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=neverShowThis_43-chars";

#[test]
fn urls_issued_by_microsoft_pass_without_cautions() {
    for text in [OLD, NEW] {
        assert_eq!(Webhook::parse(text).unwrap().cautions(), []);
    }
}

#[test]
fn path_and_query_are_kept_byte_for_byte() {
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
fn a_short_workflow_id_is_never_printed_whole() {
    for id in ["", "a", "abcd", "äöüäöü", "abcdefg"] {
        let text = format!("http://localhost/workflows/{id}?sig=x");
        let printed = Webhook::parse(&text).map(|webhook| webhook.to_string());
        assert!(printed.is_err() || printed == Ok("localhost".to_owned()), "{id}");
    }
}

#[test]
fn unusable_urls_are_refused_with_the_reason() {
    let refusal = |text: &str| Webhook::parse(text).unwrap_err();
    let retired = |host: &str| WebhookRefusal::Retired { host: host.to_owned() };
    assert_eq!(
        refusal("https://acme.webhook.office.com/webhookb2/x"),
        retired("acme.webhook.office.com")
    );
    assert_eq!(refusal("https://outlook.office.com/webhook/x"), retired("outlook.office.com"));
    assert_eq!(
        refusal("http://prod-07.westeurope.logic.azure.com/x?sig=y"),
        WebhookRefusal::NotHttps
    );
    assert_eq!(refusal("http://127.0.0.1.example.com/x"), WebhookRefusal::NotHttps);
    assert_eq!(refusal("ftp://localhost/x"), WebhookRefusal::NotHttps);
    assert_eq!(
        refusal("https://me:secret@flow.microsoft.com/x?sig=y"),
        WebhookRefusal::Credentials
    );
    assert_eq!(refusal("${WEBHOOK}"), WebhookRefusal::NotAUrl);
    assert_eq!(refusal(""), WebhookRefusal::Empty);
    assert_eq!(refusal(" \n"), WebhookRefusal::Empty);
    assert_eq!(refusal("https://flow.microsoft.com/a/../b?sig=y"), WebhookRefusal::NotVerbatim);
    assert_eq!(refusal("https://flow.microsoft.com/b?sig=y#part"), WebhookRefusal::NotVerbatim);
    assert_eq!(refusal("https://flow.microsoft.com/a b?sig=y"), WebhookRefusal::NotVerbatim);
    assert_eq!(refusal("https://flow.microsoft.com/x?sig=y \n"), WebhookRefusal::NotVerbatim);
}

/// Hosts in any case, with ports, trailing dots and encoded letters; with any path and query.
#[test]
fn a_workflow_url_needs_its_signature_and_a_relay_does_not() {
    let cut = OLD.split_once('&').unwrap().0;
    for text in [
        cut,
        NEW.split_once('&').unwrap().0,
        "https://PROD-07.WestEurope.Logic.Azure.COM:443/workflows/1/triggers/manual/paths/invoke?api-version=1",
        "https://prod-07.westeurope.logic.azure.com./workflows/1?api-version=1",
        "https://prod-07.westeurope.logic.azur%65.com/workflows/1?api-version=1",
        "https://logic.azure.com/workflows/1",
        "https://default01.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/1/triggers/manual/paths/invoke/?api-version=1",
        "https://x.api.powerplatform.com/workflows/1?sp=x&sv=1.0",
        "https://flow.microsoft.com/x?sig=",
        "https://emea.flow.microsoft.com/x?sig=%20",
        "https://x.powerautomate.com/x?amp;sig=abc",
        "https://prod-07.westeurope.logic.azure.com/workflows/1?signature=abc",
        "https://prod-07.westeurope.logic.azure.com/workflows/sig=abc",
    ] {
        let refused = Webhook::parse(text);
        assert_eq!(refused, Err(WebhookRefusal::NoSignature), "{text}");
    }
    for text in [
        "https://PROD-07.westeurope.logic.azure.com/workflows/1?sv=1.0&sig=abc",
        "https://prod-07.westeurope.logic.azure.com:8443/workflows/1?%73ig=abc",
        "https://flow.microsoft.com/x?SIG=abc",
    ] {
        assert_eq!(Webhook::parse(text).unwrap().cautions(), [], "{text}");
    }
    let hint = WebhookRefusal::NoSignature.hint();
    assert!(hint.contains("set \"NAME=URL\"") && hint.contains("Any user in my tenant"));
}

#[test]
fn other_services_and_web_pages_are_refused_by_name() {
    for (text, service) in [
        ("https://hooks.slack.com/services/T0/B0/x", "Slack"),
        ("https://HOOKS.SLACK.COM:443/services/T0/B0/x?sig=abc", "Slack"),
        ("https://discord.com/api/webhooks/1/x", "Discord"),
        ("https://ptb.discordapp.com/api/webhooks/1/x", "Discord"),
        ("http://discord.com./api/webhooks/1/x", "Discord"),
        ("https://chat.googleapis.com/v1/spaces/x/messages?key=k&token=t", "Google Chat"),
        ("https://teams.microsoft.com/l/channel/19%3Ax/General?groupId=1", "Teams"),
        ("https://make.powerautomate.com/environments/x/flows/y/details", "Power Automate"),
    ] {
        let refused = Webhook::parse(text).unwrap_err();
        assert!(refused.to_string().contains(&format!(" {service}")), "{text}: {refused}");
        assert!(refused.hint().contains("Send webhook alerts to a channel"), "{text}");
    }
    for host in ["acme.webhook.office.com", "ACME.Webhook.Office.COM.", "outlook.office365.com:443"]
    {
        let refused = Webhook::parse(&format!("https://{host}/webhookb2/x?sig=y")).unwrap_err();
        assert!(matches!(refused, WebhookRefusal::Retired { .. }), "{host}: {refused}");
    }
    // Only the complete host name counts.
    for host in ["notslack.com", "slack.com.example.org", "evilflow.microsoft.com.example.org"] {
        assert!(Webhook::parse(&format!("https://{host}/x")).is_ok(), "{host}");
    }
}

#[test]
fn unknown_hosts_get_a_caution_and_this_machine_none() {
    let cautions = |text: &str| Webhook::parse(text).unwrap().cautions();
    for host in ["relay.example.com", "prod-01.usgovvirginia.logic.azure.us", "10.1.2.3:8080"] {
        let unknown = host.split(':').next().unwrap().to_owned();
        let cautions = cautions(&format!("https://{host}/hook"));
        assert_eq!(cautions, [Caution::UnknownHost(unknown)], "{host}");
    }
    for host in [
        "[::1]:8080",
        "127.0.0.1",
        "127.9.9.9:1",
        "localhost:80",
        "LOCALHOST.",
        "[::ffff:127.0.0.1]",
    ] {
        assert_eq!(cautions(&format!("http://{host}/hook")), [], "{host}");
        assert_eq!(cautions(&format!("https://{host}/hook")), [], "{host}");
    }
}

#[test]
fn the_secrets_are_the_path_its_long_parts_and_the_signature_as_sent_and_as_meant() {
    let secrets = |text: &str| Webhook::parse(text).unwrap().secrets();
    let path = "/workflows/0123456789abcdef/paths/invoke";
    let query = "api-version=1&sig=abc%2Fdef%2Bghi";
    let expected = [
        format!("https://example.com{path}?{query}"),
        format!("{path}?{query}"),
        path.to_owned(),
        query.to_owned(),
        "abc%2Fdef%2Bghi".to_owned(),
        "0123456789abcdef".to_owned(),
        "abc/def+ghi".to_owned(),
    ];
    let mut found = secrets(&format!("https://example.com{path}?{query}"));
    assert!(found.is_sorted_by_key(|it| std::cmp::Reverse(it.len())), "{found:?}");
    found.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected);
    // Words and numbers are none.
    assert_eq!(secrets("http://127.0.0.1/a?sig=1"), ["http://127.0.0.1/a?sig=1", "/a?sig=1"]);
}

#[test]
fn an_url_from_the_source_of_a_page_is_told_what_to_replace() {
    let refusal = Webhook::parse(&NEW.replace('&', "&amp;")).unwrap_err();
    assert_eq!(refusal, WebhookRefusal::Escaped);
    assert!(refusal.hint().contains("replace `&amp;` by `&`"));
}
