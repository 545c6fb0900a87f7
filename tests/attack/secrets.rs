//! Secrets in many forms, through the whole program: no secret gets through, other text is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::program::{self, start, stored_bytes};
use crate::support::world::{kill, texts};

const FORMS: &str = include_str!("secrets/forms.txt");
const INNOCENT: &str = include_str!("secrets/innocent.txt");
/// The percentage that must be correct.
const FLOOR: usize = 99;
const PATIENCE: Duration = Duration::from_mins(2);

struct Form {
    family: String,
    text: String,
    secrets: Vec<String>,
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn forms() -> Vec<Form> {
    let form = |line: &str| {
        let (family, text) = line.split_once(' ').unwrap();
        let secrets = text.split('«').skip(1).map(|rest| rest.split('»').next().unwrap());
        Form {
            family: family.to_owned(),
            secrets: secrets.map(str::to_owned).collect(),
            text: text.trim().replace(['«', '»'], "").replace("\\n", "\n"),
        }
    };
    lines(FORMS).map(form).collect()
}

/// Whether at least half of a secret is in one of these places.
fn leaks(secret: &str, places: &[String]) -> bool {
    let chars: Vec<char> = secret.chars().collect();
    let half = chars.len().div_ceil(2).max(6).min(chars.len());
    let parts = [&chars[..half], &chars[chars.len() - half..]];
    let parts = parts.map(|part| part.iter().collect::<String>());
    places.iter().any(|place| parts.iter().any(|part| place.contains(part.as_str())))
}

#[tokio::test]
async fn no_secret_is_sent_or_stored_and_innocent_text_is_kept() {
    let (forms, innocent) = (forms(), lines(INNOCENT).collect::<Vec<_>>());
    let mut world = program::world(
        "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n\
         pace = { burst = 1000, every = \"1ms\" }\n[incident]\nsettle = \"200ms\"\n",
    );
    world.settle_in().await;
    for (n, form) in forms.iter().enumerate() {
        world.fail(&format!("Form {n:03}"), &form.text);
    }
    for (n, text) in innocent.iter().enumerate() {
        world.fail(&format!("Innocent {n:03}"), text);
    }
    let agent = start(&world);
    let all = forms.len() + innocent.len();
    let posts = tokio::time::timeout(PATIENCE, world.teams.received(all)).await.unwrap();
    kill(agent);

    let mut places: Vec<String> = posts.iter().map(|post| texts(&post.body).join("\n")).collect();
    places.extend(posts.iter().map(|post| post.body.clone()));
    for folder in [world.state_dir(), world.folder.path().join("log")] {
        places.push(String::from_utf8_lossy(&stored_bytes(&folder)).into_owned());
    }
    places.push(program::log_text(&world));
    let mut families: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut leaked = Vec::new();
    for form in &forms {
        let count = families.entry(&form.family).or_default();
        count.1 += 1;
        if form.secrets.iter().any(|secret| leaks(secret, &places)) {
            leaked.push(format!("{}: {}", form.family, form.text));
        } else {
            count.0 += 1;
        }
    }
    let destroyed: Vec<&&str> =
        innocent.iter().filter(|text| !places.iter().any(|place| place.contains(**text))).collect();
    println!("hidden, of all, for each family: {families:?}");
    println!("leaked ({} of {}): {leaked:#?}", leaked.len(), forms.len());
    println!("destroyed ({} of {}): {destroyed:#?}", destroyed.len(), innocent.len());
    assert!((forms.len() - leaked.len()) * 100 >= FLOOR * forms.len(), "leaked: {leaked:#?}");
    let whole = innocent.len() - destroyed.len();
    assert!(whole * 100 >= FLOOR * innocent.len(), "destroyed: {destroyed:#?}");
}
