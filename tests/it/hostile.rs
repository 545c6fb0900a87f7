//! Injection attempts, and secrets that must not be sent or stored.

use std::path::Path;

use crate::support::world::{World, kill, texts};

/// Hostile texts, each with the part that a reader must see unchanged.
fn hostile() -> Vec<(String, String)> {
    let literal = [
        "a;b",
        r"back\slash",
        r#"quote " and ' both"#,
        "{{ 7 * 7 }}",
        "}} {{",
        "{% for x in y %}",
        "[a](http://b)",
        "**bold** _it_ `code`",
        "<script>alert(1)</script>",
        "emoji 🤪 ok",
        "ends with backslash \\",
    ];
    let mut all: Vec<_> =
        literal.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
    // Macros and mentions are broken up or removed; the rest stays readable.
    all.push(("<at>x</at>".into(), "at>".into()));
    all.push(("{{DATE(2026)}}".into(), "DATE(2026)".into()));
    all.push(("left \u{202e}right".into(), "left right".into()));
    all.push(("vertical \u{b}tab \u{1b}[0m".into(), "vertical".into()));
    all.push(("x".repeat(100_000), "xxxxxxxxxx".into()));
    all
}

#[tokio::test]
async fn hostile_names_and_lines_are_shown_literally_on_cards() {
    let hostile = hostile();
    let mut world = World::new();
    world.settle_in().await;
    for (n, (text, _)) in hostile.iter().enumerate() {
        world.fail(&format!("{text} {n}"), &format!("wrong: {text}"));
    }
    let posts = world.run_until(hostile.len()).await;
    assert_eq!(posts.len(), hostile.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/cards");
    std::fs::create_dir_all(&folder).unwrap();
    for (n, (_, visible)) in hostile.iter().enumerate() {
        let shows = |body: &str| texts(body).iter().filter(|text| text.contains(visible)).count();
        let post = posts.iter().find(|post| shows(&post.body) >= 2);
        let post = post.unwrap_or_else(|| panic!("no card shows {visible:?}"));
        assert!(post.body.len() <= 28_000, "{} bytes for {visible}", post.body.len());
        // The card checker validates these too.
        std::fs::write(folder.join(format!("agent-hostile-{n}.json")), &post.body).unwrap();
    }
}

/// Texts that a script log may contain, each with its secret.
const SECRETS: [(&str, &str); 9] = [
    ("LET vPassword = \"hunter2hunter2\"", "hunter2hunter2"),
    ("Authorization: Bearer abcdef123456", "abcdef123456"),
    ("HTTPHEADER \"Authorization\" \"Basic Zm9vOmJhcg==\"", "Zm9vOmJhcg"),
    ("https://svc:geheim99@files.example.com/x", "geheim99"),
    ("Server=db1;User Id=sa;Password=S3cret!pw;", "S3cret!pw"),
    ("https://x.example.com/run?sv=1&sig=Zx8kQ2mPsecretsig", "Zx8kQ2mPsecretsig"),
    ("api_key=AKIA99secretkey77", "AKIA99secretkey77"),
    ("DefaultEndpointsProtocol=https;AccountKey=kkkk1234kkkk==", "kkkk1234kkkk"),
    ("token eyJhbGciOi.eyJzdWIiOi.sigsigsig", "eyJzdWIiOi"),
];

/// One in this many forms of the corpus is tested with the real program.
const SAMPLE: usize = 12;

#[tokio::test]
async fn no_secret_of_a_script_reaches_state_log_or_card() {
    let mut world = World::new();
    world.settle_in().await;
    let mut expected_secrets: Vec<(String, Vec<String>)> = SECRETS
        .iter()
        .map(|(line, secret)| ((*line).to_owned(), vec![(*secret).to_owned()]))
        .collect();
    // A table is recognised by a header on its own line, and a statement of several lines by their
    // stamps; here the first line has another prefix.
    let is_header = |line: &str| {
        let is_table = ["user", "| user", "pwd"].iter().any(|it| line.starts_with(it));
        is_table && line.contains([',', '\t', '|', ';'])
    };
    let fits = |form: &crate::secrets::Form| {
        !is_header(&form.text.to_lowercase()) && !form.text.starts_with("2026")
    };
    let sample = crate::secrets::forms().into_iter().step_by(SAMPLE).filter(fits);
    expected_secrets.extend(sample.map(|form| (form.text, form.secrets)));
    for (n, (line, _)) in expected_secrets.iter().enumerate() {
        // The simulated script loads the first quoted text as a field: it must not be the secret,
        // which would then have no name.
        world.fail(&format!("App {n}"), &format!("Connector 'rest' failed: {line}"));
    }
    let program = world.start_program();
    let posts = world.teams.received(1).await;
    world.until_history(expected_secrets.len()).await;
    kill(program);
    let mut kept = files_below(&world.state_dir());
    kept.extend(files_below(&world.folder.path().join("log")));
    kept.extend(posts.iter().map(|post| ("a post".to_owned(), post.body.clone().into_bytes())));
    for expected in ["state.db", ".log"] {
        assert!(kept.iter().any(|(name, _)| name.ends_with(expected)), "{expected}");
    }
    for (name, bytes) in &kept {
        // Shorter texts may be in any file by chance.
        for secret in expected_secrets
            .iter()
            .flat_map(|(_, secrets)| secrets)
            .filter(|secret| secret.len() > 5)
        {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {name}");
        }
    }
}

#[tokio::test]
async fn the_webhook_is_in_no_stored_file() {
    let mut world = World::with_teams([crate::support::fake_teams::Answer::Status(500)]);
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    world.run_until(2).await;
    for (name, bytes) in files_below(&world.state_dir()) {
        let found = bytes.windows(9).any(|window| window == b"topSecret");
        assert!(!found, "the webhook's signature is in {name}");
    }
}

fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    files
}
