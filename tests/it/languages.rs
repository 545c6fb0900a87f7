//! Cards in the language of the node and of the channel.

use serde_json::Value;

use crate::support::world::{World, texts};

/// Two channels, one in the language of the node.
const TWO: &str = r#"
language = "de"
environment = "test"
[channel.default]
webhook-env = "FOOTMAN_TEAMS_WEBHOOK"
pace = { burst = 1000, every = "1ms" }
[channel.english]
webhook-env = "FOOTMAN_TEAMS_WEBHOOK"
pace = { burst = 1000, every = "1ms" }
language = "en"
[incident]
settle = "200ms"
[[route]]
channel = ["default", "english"]
"#;

#[tokio::test]
async fn each_channel_has_its_language() {
    let mut world = World::new();
    TWO.clone_into(&mut world.config);
    world.settle_in().await;
    world.fail("Sales", "Field 'Amout' not found");
    let posts = world.run_until(2).await;
    let shown: Vec<String> = posts.iter().map(|post| texts(&post.body).join("\n")).collect();
    let of = |head: &str| {
        shown.iter().find(|card| card.contains(head)).unwrap_or_else(|| panic!("{shown:#?}"))
    };
    let german = of("Laden fehlgeschlagen: Sales");
    for text in ["Vergleichen Sie die Feldnamen", "Was ist zu tun", "gesendet von footman"] {
        assert!(german.contains(text), "{text}: {german}");
    }
    for text in ["What to do", "sent by", "Compare"] {
        assert!(!german.contains(text), "{text}: {german}");
    }
    let english = of("Reload failed: Sales");
    assert!(english.contains("Compare the field names"), "{english}");
    let langs: Vec<String> = posts.iter().map(|post| language(&post.body)).collect();
    assert!(langs.contains(&"de".to_owned()) && langs.contains(&"en".to_owned()), "{langs:?}");
}

fn language(payload: &str) -> String {
    let payload: Value = serde_json::from_str(payload).unwrap();
    payload["attachments"][0]["content"]["lang"].as_str().unwrap_or_default().to_owned()
}
