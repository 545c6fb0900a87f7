//! The local page over real HTTP.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use footman::web::{PageAddress, serve};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Serves `cards`, requests each path with the page's own host name, and returns the answers.
async fn responses<const N: usize>(cards: &Path, paths: [&str; N]) -> [String; N] {
    let paths = paths.map(|path| (path, None));
    responses_with_hosts(cards, paths).await
}

async fn responses_with_hosts<const N: usize>(
    cards: &Path,
    asks: [(&str, Option<&str>); N],
) -> [String; N] {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let place = PageAddress {
        cards: cards.to_owned(),
        state_dir: cards.join("no state"),
        node: "NODE1 <b>".to_owned(),
        environment: Some("test & try".to_owned()),
    };
    let client = async {
        let mut answers = Vec::new();
        for (path, host) in asks {
            answers.push(get(address, path, host).await);
        }
        stop.cancel();
        answers
    };
    let (served, answers) = tokio::join!(serve(listener, place, stop.clone()), client);
    served.unwrap();
    answers.try_into().unwrap()
}

async fn get(address: SocketAddr, path: &str, host: Option<&str>) -> String {
    let host = host.map_or(address.to_string(), str::to_owned);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn put(cards: &TempDir, name: &str, text: &str) {
    let envelope = serde_json::json!({ "type": "message", "attachments": [{ "content": {
        "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": text }] } }] });
    fs::write(cards.path().join(name), envelope.to_string()).unwrap();
}

#[tokio::test]
async fn the_newest_card_is_first() {
    let cards = TempDir::new().unwrap();
    put(&cards, "20261123T061352Z-a.json", "the older");
    put(&cards, "20261123T061353Z-b.json", "the <newer>");
    put(&cards, "20261123T061354Z-c.json.part", "not whole yet");
    let [page] = responses(cards.path(), ["/"]).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let newer = page.find("the &lt;newer&gt;").expect("escaped");
    assert!(newer < page.find("the older").unwrap());
    assert!(!page.contains("not whole yet"));
    assert!(page.contains("test &amp; try · NODE1 &lt;b&gt;"));
}

#[tokio::test]
async fn an_open_page_can_request_missing_cards() {
    let cards = TempDir::new().unwrap();
    put(&cards, "1.json", "first");
    put(&cards, "2 @ä.json", "second");
    let [names, second] = responses(cards.path(), ["/cards", "/cards/2%20%40%C3%A4.json"]).await;
    assert!(names.ends_with("\r\n\r\n2 @ä.json\n1.json"), "{names}");
    assert!(second.contains("data-name=\"2 @ä.json\"") && second.contains("second"), "{second}");
}

#[tokio::test]
async fn no_name_leads_outside_the_folder_of_cards() {
    let parent = TempDir::new().unwrap();
    let cards = parent.path().join("cards");
    fs::create_dir(&cards).unwrap();
    put(&parent, "secret.json", "secret");
    let names = ["/cards/..%2Fsecret.json", "/cards/%2E%2E%2Fsecret.json", "/cards/gone.json"];
    for answer in responses(&cards, names).await {
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("secret"), "{answer}");
    }
}

#[tokio::test]
async fn the_page_without_cards_explains_what_will_appear() {
    let parent = TempDir::new().unwrap();
    let [page, cards] = responses(&parent.path().join("not made yet"), ["/", "/cards"]).await;
    assert!(page.contains("No card yet"));
    assert!(page.contains("<div id=\"cards\" aria-live=\"polite\"></div>"));
    assert!(cards.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_file_that_is_no_card_is_reported_and_hides_no_other() {
    let cards = TempDir::new().unwrap();
    put(&cards, "1.json", "a good one");
    fs::write(cards.path().join("2.json"), "{ half").unwrap();
    let [page] = responses(cards.path(), ["/"]).await;
    assert!(page.contains("2.json cannot be read as a card"), "{page}");
    assert!(page.contains("a good one"));
}

#[tokio::test]
async fn every_answer_forbids_foreign_content() {
    let cards = TempDir::new().unwrap();
    let answers =
        responses(cards.path(), ["/", "/cards", "/style.css", "/page.js", "/nothing"]).await;
    for answer in answers {
        assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{answer}");
        assert!(!answer.contains("unsafe-inline"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_with_a_foreign_host_name_is_refused() {
    let cards = TempDir::new().unwrap();
    put(&cards, "1.json", "secret");
    let asks =
        [("/", Some("evil.example.com:80")), ("/", Some("localhost:9")), ("/", Some("[::1]:9"))];
    let [evil, local, six] = responses_with_hosts(cards.path(), asks).await;
    assert!(evil.starts_with("HTTP/1.1 421") && !evil.contains("secret"), "{evil}");
    assert!(local.starts_with("HTTP/1.1 200") && six.starts_with("HTTP/1.1 200"));
}
