//! Secrets in many forms, through the whole program: none leaves, and what is none stays.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::program::{self, kept, start};
use crate::support::world::{kill, texts};

const FORMS: &str = include_str!("secrets/forms.txt");
const INNOCENT: &str = include_str!("secrets/innocent.txt");
/// Of each hundred, so many must be right.
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

/// Whether half of a secret or more stands somewhere.
fn leaks(secret: &str, places: &[String]) -> bool {
    let chars: Vec<char> = secret.chars().collect();
    let half = chars.len().div_ceil(2).max(6).min(chars.len());
    let parts = [&chars[..half], &chars[chars.len() - half..]];
    let parts = parts.map(|part| part.iter().collect::<String>());
    places.iter().any(|place| parts.iter().any(|part| place.contains(part.as_str())))
}

#[tokio::test]
async fn no_secret_leaves_in_a_card_or_is_kept_and_innocent_text_stays() {
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
        places.push(String::from_utf8_lossy(&kept(&folder)).into_owned());
    }
    places.push(program::said(&world));
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
    println!("kept in, of all, for each family: {families:?}");
    println!("leaked ({} of {}): {leaked:#?}", leaked.len(), forms.len());
    println!("destroyed ({} of {}): {destroyed:#?}", destroyed.len(), innocent.len());
    assert!((forms.len() - leaked.len()) * 100 >= FLOOR * forms.len(), "leaked: {leaked:#?}");
    let whole = innocent.len() - destroyed.len();
    assert!(whole * 100 >= FLOOR * innocent.len(), "destroyed: {destroyed:#?}");
}
