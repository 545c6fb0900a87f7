//! `footman preview`: every kind with its card, and mistakes in templates where they are.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use footman::detection::Kind;
use tempfile::TempDir;

use crate::support::browse::Client;

const OWN: &str = r#"{ "type": "AdaptiveCard", "version": "1.5", "body": [
  { "type": "TextBlock", "wrap": true, "text": "Own card of {{ node }}" },
  { "$part": "footer" }
] }"#;
const FOOTER: &str = r#"{ "type": "TextBlock", "wrap": true, "text": "Footer of {{ version }}" }"#;
const CONFIG: &str = "site-url = 'https://qlik.example.com'\n[channel.default]\n[channel.sales]\ntemplates = 'sales'\nlanguage = 'de'\n";

fn world(own: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sales = folder.path().join("sales");
    std::fs::create_dir_all(sales.join("parts")).unwrap();
    std::fs::write(folder.path().join("footman.toml"), CONFIG).unwrap();
    std::fs::write(sales.join("test.json"), own).unwrap();
    std::fs::write(sales.join("parts/footer.json"), FOOTER).unwrap();
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command
        .arg("preview")
        .args(args)
        .args(["--config", "footman.toml"])
        .current_dir(folder)
        .env_clear()
        .env("TZ", "UTC")
        .env("ProgramData", folder);
    command
}

/// Exit code, the written page, and standard error.
fn written(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stderr, .. } =
        command(folder, &[args, &["--html", "page.html"]].concat()).output().unwrap();
    let page = std::fs::read_to_string(folder.join("page.html")).unwrap_or_default();
    (status.code().unwrap(), page, String::from_utf8(stderr).unwrap())
}

#[test]
fn every_kind_is_on_one_page_that_needs_nothing_else() {
    let folder = world(OWN);
    let (code, page, stderr) = written(folder.path(), &[]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for kind in Kind::ALL {
        assert!(page.contains(&format!("id=\"kind-{}\"", kind.name())), "{}", kind.name());
    }
    assert_eq!(page.matches("class=\"card\"").count(), Kind::ALL.len());
    assert!(!page.contains("<script") && !page.contains("src="), "a page of its own");
    assert!(page.contains("Reload failed") && !page.contains("Own card"), "{page}");
}

#[test]
fn a_channel_has_its_templates_its_parts_and_its_language() {
    let folder = world(OWN);
    let (code, page, stderr) =
        written(folder.path(), &["test", "reload-failed", "--channel", "sales"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(page.contains("Own card of") && page.contains("Footer of"), "{page}");
    assert!(page.contains("Laden fehlgeschlagen"), "{page}");
    assert!(!page.contains("id=\"kind-heartbeat\""));
    let (_, page, _) =
        written(folder.path(), &["reload-failed", "--channel", "sales", "--language", "en"]);
    assert!(page.contains("Reload failed") && !page.contains("Laden fehlgeschlagen"), "{page}");
}

#[test]
fn a_mistake_is_shown_at_its_kind_and_fails() {
    let folder = world(&OWN.replace("node", "nobody"));
    let (code, page, stderr) = written(folder.path(), &["--channel", "sales"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("test.json:2:"), "{stderr}");
    let kind = page.split("id=\"kind-test\"").nth(1).unwrap().split("</section>").next().unwrap();
    for part in ["unknown variable `nobody`", "test.json:2:", "^", "class=\"card\"", "Testkarte"] {
        assert!(kind.contains(part), "{part}: {kind}");
    }
    assert_eq!(page.matches("class=\"fault\"").count(), 1, "at its kind alone");
}

#[test]
fn what_does_not_exist_is_refused_with_a_hint() {
    let folder = world(OWN);
    for (args, problem, hint) in [
        (&["reload-faild"][..], "unknown kind `reload-faild`", "did you mean `reload-failed`?"),
        (&["--channel", "sale"], "unknown channel `sale`", "did you mean `sales`?"),
        (&["--language", "fr"], "unknown language `fr`", "known languages: en, de"),
    ] {
        let (code, page, stderr) = written(folder.path(), args);
        assert_eq!((code, page.as_str()), (3, ""), "{stderr}");
        assert!(stderr.contains(problem) && stderr.contains(hint), "{stderr}");
    }
}

#[tokio::test]
async fn the_served_page_follows_the_templates() {
    let folder = world(OWN);
    let mut program = command(folder.path(), &["test", "--channel", "sales"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap();
    let client = Client::new(address.parse().unwrap());
    let page = client.get("/").await;
    assert!(
        page.body.contains("Own card of") && page.body.contains("/preview.js"),
        "{}",
        page.body
    );
    for file in ["/style.css", "/preview.js"] {
        assert_eq!(client.get(file).await.status, 200, "{file}");
    }
    let template = folder.path().join("sales/test.json");
    std::fs::write(&template, OWN.replace("Own card", "Changed card")).unwrap();
    assert!(client.get("/cards").await.body.contains("Changed card of"));
    std::fs::write(&template, "{ oops").unwrap();
    let cards = client.get("/cards").await.body;
    assert!(cards.contains("not valid JSON") && cards.contains("class=\"card\""), "{cards}");
    let foreign = Client::new(client.address).with("Host", "evil.example.com");
    assert_eq!(foreign.get("/").await.status, 421);
    program.kill().unwrap();
    program.wait().unwrap();
}

/// The converted template of the page about Butler.
#[test]
fn the_converted_template_of_butler_is_shown_without_a_mistake() {
    let page = include_str!("../../docs/from-butler.md");
    let template = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = world(OWN);
    std::fs::write(folder.path().join("sales/reload-failed.json"), template).unwrap();
    let (code, page, stderr) = written(folder.path(), &["reload-failed", "--channel", "sales"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for text in ["App name: ", "Task name: ", "Duration: ", "Open QMC"] {
        assert!(page.contains(text), "{text}: {page}");
    }
}
