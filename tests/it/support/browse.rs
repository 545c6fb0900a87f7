//! The page of an agent, and a client of it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use footman::agent;
use footman::config::Language;
use footman::web::{PageAddress, serve};
use jiff::tz::TimeZone;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::world::World;

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The value of a hidden field, as in the first form that has it.
    pub(crate) fn hidden(&self, name: &str) -> Option<String> {
        let field = format!("name=\"{name}\" value=\"");
        let value = self.body.split(&field).nth(1)?;
        Some(value.split('"').next()?.to_owned())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

/// Somebody who asks the page.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: Option<String>,
    /// More headers of each request.
    pub(crate) headers: Vec<(String, String)>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, cookie: None, headers: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    /// A form, sent as a browser sends it.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = self.origin();
        let form =
            [("Origin", origin.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        self.ask("POST", path, &form, &encoded(fields)).await
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = headers.iter().copied().chain(own).collect();
        if !all.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            write!(request, "Host: {}\r\n", self.address).unwrap();
        }
        for (name, value) in all {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        if let Some(cookie) = &self.cookie {
            write!(request, "Cookie: {cookie}\r\n").unwrap();
        }
        if !body.is_empty() || method == "POST" {
            write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        self.raw(format!("{request}\r\n{body}").as_bytes()).await
    }

    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Opens the link of `status`: from then on this client may act.
    pub(crate) async fn with_key(mut self, world: &World) -> Self {
        let path = world.state_dir().join(footman::state::PAGE_KEY_NAME);
        crate::support::world::until(|| path.exists()).await;
        let key = std::fs::read_to_string(path).unwrap();
        let answer = self.get(&format!("/?key={}", key.trim())).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
        let cookie = answer.header("set-cookie").unwrap();
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        self
    }

    /// Sends a form of the page with the token of a view.
    pub(crate) async fn act(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.get("/silences").await.hidden("csrf").expect("this client may act");
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post(path, &all).await
    }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The links of a card, wherever they are.
pub(crate) fn links(payload: &str) -> Vec<String> {
    let pieces = payload.split('"').filter(|piece| piece.starts_with("http"));
    pieces.map(str::to_owned).collect()
}

/// The path of the signed link of a card.
pub(crate) fn answer_path(payload: &str) -> Option<String> {
    let links = links(payload);
    let link = links.iter().find(|link| link.contains("/r/"))?;
    Some(link[link.find("/r/")?..].to_owned())
}

impl World {
    /// Runs the agent and its page during `what`. Cards have links to it.
    pub(crate) async fn with_page<T>(
        &mut self,
        what: impl AsyncFnOnce(&mut Self, Client) -> T,
    ) -> T {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        if !self.config.contains("[page]") {
            write!(self.config, "[page]\nlisten = \"127.0.0.1:0\"\nurl = \"{url}\"\n").unwrap();
        }
        let mut setup = self.setup();
        let place = PageAddress {
            state_dir: self.state_dir(),
            node: "NODE1 <b>".to_owned(),
            environment: Some("test & try".to_owned()),
            timezone: TimeZone::UTC,
            language: Language::English,
            url: Some(url),
            desk: Some(setup.open_desk()),
            pulse: setup.pulse(),
        };
        let stop = CancellationToken::new();
        let agent = Box::pin(agent::run(setup, stop.clone()));
        let page = Box::pin(serve(listener, place, stop.clone()));
        let happening = async {
            let result = what(self, Client::new(address)).await;
            stop.cancel();
            result
        };
        let (agent, page, result) = tokio::join!(agent, page, happening);
        agent.unwrap();
        page.unwrap();
        result
    }
}

/// Serves a state folder without an agent during `what`.
pub(crate) async fn served<T>(
    state_dir: &std::path::Path,
    what: impl AsyncFnOnce(Client) -> T,
) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let place = PageAddress {
        state_dir: state_dir.to_owned(),
        node: "NODE1 <b>".to_owned(),
        environment: Some("test & try".to_owned()),
        timezone: TimeZone::UTC,
        language: Language::English,
        url: None,
        desk: None,
        pulse: Arc::default(),
    };
    let client = async {
        let result = what(Client::new(address)).await;
        stop.cancel();
        result
    };
    let (served, result) = tokio::join!(serve(listener, place, stop.clone()), client);
    served.unwrap();
    result
}
