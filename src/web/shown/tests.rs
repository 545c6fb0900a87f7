use super::*;
use crate::state::NotAdvancing;

#[test]
fn a_reason_has_the_times_and_the_language_of_the_node() {
    let waiting = VitalsReason::NotAdvancing(vec![NotAdvancing::Channel {
        channel: "ops".to_owned(),
        since: "2026-11-27T05:12:03.250Z".parse().unwrap(),
        why: None,
    }]);
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let shown = |language| ShownIn::new(zone.clone(), language).reason(&waiting);
    let english = shown(Language::English);
    assert!(english.starts_with("cards for channel ops wait since "), "{english}");
    assert!(english.ends_with(" 06:12:03"), "{english}");
    let german = "Karten für den Kanal ops warten seit Fr 27.11. 06:12:03";
    assert_eq!(shown(Language::German), german);
}
