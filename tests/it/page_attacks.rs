//! Malicious clients of the local page: the page keeps answering, and the agent continues.

use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::browse::served;

/// Serves a folder during `attack`.
async fn under<T>(folder: &Path, attack: impl AsyncFnOnce(SocketAddr) -> T) -> T {
    served(folder, async |client| attack(client.address).await).await
}

/// The answer until the page closes the connection; a reset also ends it.
async fn answer_to(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.ok();
    rest_of(&mut stream).await
}

async fn rest_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(line: &str, more: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n").into_bytes()
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

#[tokio::test]
async fn idle_connections_are_limited_and_closed() {
    let cards = TempDir::new().unwrap();
    let answer = under(cards.path(), async |address| {
        let mut idle = Vec::new();
        for number in 0..100 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // Half of them begin a request, and a few close their sending side.
            if number % 2 == 0 {
                stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").await.ok();
            }
            if number % 10 == 0 {
                stream.shutdown().await.ok();
            }
            idle.push(stream);
        }
        // The page closes all of them: some at once, the others after the time limit.
        for stream in &mut idle {
            let end = rest_of(stream).await;
            assert!(end.is_empty() || end.starts_with("HTTP/1.1 4"), "{end}");
        }
        answer_to(address, &request("GET /", "")).await
    })
    .await;
    assert_eq!(status(&answer), "200");
}

#[tokio::test]
async fn a_connection_serves_one_request() {
    let cards = TempDir::new().unwrap();
    let answer = under(cards.path(), async |address| {
        answer_to(address, &request("GET /history", "").repeat(500)).await
    })
    .await;
    assert!(answer.matches("HTTP/1.1 200").count() <= 1, "{answer}");
}

#[tokio::test]
async fn malformed_requests_are_refused_without_harm() {
    let cards = TempDir::new().unwrap();
    let huge = format!("X-Huge: {}\r\n", "a".repeat(1 << 20));
    let many = (0..2000).map(|n| format!("X-{n}: {n}\r\n")).collect::<Vec<_>>().concat();
    let attacks: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("huge header", request("GET /", &huge), &["431", "none"]),
        ("many headers", request("GET /", &many), &["431", "none"]),
        (
            "long path",
            request(&format!("GET /{}", "a".repeat(1 << 20)), ""),
            &["414", "431", "none"],
        ),
        ("no host", b"GET / HTTP/1.1\r\n\r\n".to_vec(), &["421"]),
        ("post", request("POST /", "Content-Length: 3\r\n"), &["405"]),
        ("huge body", request("POST /status", "Content-Length: 999999999999\r\n"), &["405"]),
        ("delete", request("DELETE /silences", ""), &["405"]),
        ("post to metrics", request("POST /metrics", "Content-Length: 0\r\n"), &["405"]),
        ("post to health", request("POST /healthz", "Content-Length: 0\r\n"), &["405"]),
        ("put", request("PUT /incidents/1", "Content-Length: 0\r\n"), &["405"]),
        ("trace", request("TRACE /", ""), &["405"]),
        ("connect", request("CONNECT evil.example.com:443", ""), &["404", "405", "421", "400"]),
        ("http/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &["400", "505", "none"]),
        ("tls", vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], &["400", "none"]),
        ("noise", vec![0; 100_000], &["400", "none"]),
        ("two lengths", request("GET /", "Content-Length: 1\r\nContent-Length: 2\r\n"), &["400"]),
    ];
    let answers = under(cards.path(), async |address| {
        let mut answers = Vec::new();
        for (name, bytes, allowed) in attacks {
            let answer = answer_to(address, &bytes).await;
            answers.push((name, status(&answer).to_owned(), allowed));
        }
        let last = answer_to(address, &request("GET /", "")).await;
        answers.push(("after all", status(&last).to_owned(), &["200"]));
        answers
    })
    .await;
    for (name, status, allowed) in answers {
        assert!(allowed.contains(&status.as_str()), "{name}: {status}");
    }
}

#[tokio::test]
async fn no_path_leads_to_a_file() {
    let parent = TempDir::new().unwrap();
    let state_dir = parent.path().join("state");
    std::fs::create_dir(&state_dir).unwrap();
    std::fs::write(parent.path().join("secret.json"), "\"secret\"").unwrap();
    std::fs::write(state_dir.join("page.key"), "secret").unwrap();
    let absolute = parent.path().join("secret.json").display().to_string().replace('/', "%2F");
    let names = [
        "../secret.json",
        "..%2fsecret.json",
        "%2e%2e/secret.json",
        "%252e%252e%252fsecret.json",
        "..%5Csecret.json",
        "....//secret.json",
        "page.key",
        "..%2fpage.key",
        "%C0%AE%C0%AE/secret.json",
        &absolute,
        "%FF",
        "%",
        "//secret.json",
    ];
    let answers = under(&state_dir, async |address| {
        let mut answers = Vec::new();
        for name in names {
            for folder in ["incidents", "api/incidents", "r", "cards", ""] {
                let line = format!("GET /{folder}/{name}");
                answers.push(answer_to(address, &request(&line, "")).await);
            }
        }
        answers
    })
    .await;
    for answer in answers {
        assert!(["404", "400", "429"].contains(&status(&answer)), "{answer}");
        assert!(!answer.contains("\"secret\""), "{answer}");
    }
}

#[tokio::test]
async fn foreign_host_names_are_refused_in_every_form() {
    let cards = TempDir::new().unwrap();
    let hosts = [
        "evil.example.com",
        "localhost.evil.example.com",
        "127.0.0.1.evil.example.com",
        "evil.example.com:127",
        "localhost@evil.example.com",
        "0.0.0.0",
        "127.0.0.1@evil",
        "",
    ];
    let answers = under(cards.path(), async |address| {
        let mut answers = Vec::new();
        for host in hosts {
            let text = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
            answers.push((host, answer_to(address, text.as_bytes()).await));
        }
        answers
    })
    .await;
    for (host, answer) in answers {
        assert!(["421", "400"].contains(&status(&answer)), "{host}: {answer}");
    }
}

/// With few descriptors, many idle connections, and a client that never reads the answer: the agent
/// keeps reading and delivering, and the page answers afterwards.
#[cfg(unix)]
#[tokio::test]
async fn attacks_on_the_page_do_not_stop_reading() {
    use crate::support::world::{World, kill};
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str("[page]\nlisten = \"127.0.0.1:0\"\n");
    let agent = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 128; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_footman"), "run"])
        .arg("--config")
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let mut agent = agent.unwrap();
    let stderr = std::io::BufReader::new(agent.stderr.take().unwrap());
    let log_lines = std::io::BufRead::lines(stderr).map_while(Result::ok);
    let mut pages = log_lines.filter_map(|line| {
        let (_, address) = line.split_once("local page on http://")?;
        let end = address.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
        address[..end.unwrap_or(address.len())].parse::<SocketAddr>().ok()
    });
    let address = pages.next().expect("the log has the address of the page");

    let mut idle = Vec::new();
    for number in 0..2000 {
        let Ok(mut stream) = TcpStream::connect(address).await else { continue };
        let begun: &[u8] = if number % 2 == 0 { b"" } else { b"GET / HTTP/1.1\r\n" };
        stream.write_all(begun).await.ok();
        if number % 3 == 0 {
            stream.write_all(&request("GET /page.js", "").repeat(50)).await.ok();
        }
        idle.push(stream);
        if idle.len() > 300 {
            idle.remove(0);
        }
    }
    for number in 1..=20 {
        world.fail(&format!("App {number}"), "Table not found");
    }
    world.teams.received(20).await;
    for stream in &mut idle {
        rest_of(stream).await;
    }
    let answer = answer_to(address, &request("GET /", "")).await;
    kill(agent);
    assert_eq!(status(&answer), "200");
}
