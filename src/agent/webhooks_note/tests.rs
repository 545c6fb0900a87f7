use super::*;

fn shown(stored: &str, language: Language) -> String {
    let mut notes = BTreeMap::from([(WEBHOOKS_NOTE.to_owned(), stored.to_owned())]);
    WebhooksNote::reword_in(&mut notes, language);
    notes.remove(WEBHOOKS_NOTE).unwrap()
}

fn on_next(channels: &[&str]) -> String {
    let channels: Vec<String> = channels.iter().map(|name| (*name).to_owned()).collect();
    WebhooksNote::of(&channels).map(|note| note.json()).unwrap_or_default()
}

#[test]
fn the_channels_are_worded_where_they_are_shown() {
    let one = on_next(&["ops"]);
    assert!(shown(&one, Language::English).starts_with("channel ops: its webhook is refused"));
    assert!(shown(&one, Language::German).starts_with("Kanal ops: Sein Webhook wird abgelehnt"));
    let both = on_next(&["ops", "sales"]);
    assert!(shown(&both, Language::English).starts_with("channels ops, sales: their webhooks"));
    assert!(shown(&both, Language::German).starts_with("Kanäle ops, sales: Ihre Webhooks"));
}

#[test]
fn no_channel_says_nothing_and_the_sentence_of_an_earlier_version_is_shown() {
    assert_eq!(shown(&on_next(&[]), Language::English), "");
    let earlier = "channel ops: its webhook is refused";
    assert_eq!(shown(earlier, Language::German), earlier);
}
