//! A Teams webhook on a loopback port that answers by script and keeps what it got.
//!
//! It speaks HTTP/1.1 over plain threads, so that it can also misbehave: never answer, hang up.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::watch;

/// One answer of the script.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status without a body.
    Status(u16),
    /// A whole answer.
    Full { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Takes the request and never answers.
    Hang,
    /// Takes the request and closes the connection.
    Close,
}

impl Answer {
    /// 429 with a `Retry-After` in seconds.
    pub(crate) fn too_many(retry_after: u64) -> Self {
        let headers = vec![("Retry-After", retry_after.to_string())];
        Self::Full { status: 429, headers, body: String::new() }
    }

    pub(crate) fn with_body(status: u16, body: &str) -> Self {
        Self::Full { status, headers: Vec::new(), body: body.to_owned() }
    }
}

/// One request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) method: String,
    /// Path and query, byte for byte.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Post {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The running server; it stops when it is dropped.
#[derive(Debug)]
pub(crate) struct FakeTeams {
    address: SocketAddr,
    posts: watch::Receiver<Vec<Post>>,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    posts: Arc<watch::Sender<Vec<Post>>>,
}

impl FakeTeams {
    /// Answers by `script`, then 202 for ever.
    pub(crate) fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, posts) = watch::channel(Vec::new());
        let answers = Arc::new(Mutex::new(script.into_iter().collect()));
        let script = Script { answers, posts: Arc::new(sender) };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let server = start_thread(move || accept(&listener, &script, &stopped));
        Self { address, posts, stop, server: Some(server) }
    }

    /// A webhook URL in the form that Microsoft hands out.
    pub(crate) fn url(&self) -> String {
        format!(
            "http://{}/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke\
             ?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=topSecret_43-chars",
            self.address
        )
    }

    /// What arrived so far, in order.
    pub(crate) fn posts(&self) -> Vec<Post> {
        self.posts.borrow().clone()
    }

    /// Waits until at least `n` requests have arrived.
    pub(crate) async fn received(&self, n: usize) -> Vec<Post> {
        let mut posts = self.posts.clone();
        posts.wait_for(|posts| posts.len() >= n).await.unwrap().clone()
    }
}

impl Drop for FakeTeams {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the server, which then sees that it is over.
        TcpStream::connect(self.address).ok();
        self.server.take().map(JoinHandle::join);
    }
}

/// The URL of a port where nobody listens.
pub(crate) fn refused_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/workflows/0123456789?sig=topSecret_43-chars", listener.local_addr().unwrap())
}

fn accept(listener: &TcpListener, script: &Script, stopped: &AtomicBool) {
    for stream in listener.incoming() {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { return };
        let script = script.clone();
        start_thread(move || converse(&stream, &script));
    }
}

/// One connection with one request after the other, until either side hangs up.
fn converse(stream: &TcpStream, script: &Script) {
    let mut reader = BufReader::new(stream);
    while let Some(post) = read_post(&mut reader) {
        let answer = script.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(202));
        script.posts.send_modify(|posts| posts.push(post));
        let written = match answer {
            Answer::Status(status) => write_answer(stream, status, &[], ""),
            Answer::Full { status, headers, body } => write_answer(stream, status, &headers, &body),
            // Ends when the other side has had enough.
            Answer::Hang => reader.read_to_end(&mut Vec::new()).map(drop),
            Answer::Close => return,
        };
        if written.is_err() {
            return;
        }
    }
}

fn read_post(reader: &mut impl BufRead) -> Option<Post> {
    let first = read_line(reader)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Post { method, target, headers, body: String::from_utf8(body).unwrap() })
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let n = reader.read_line(&mut line).ok()?;
    (n > 0).then(|| line.trim_end().to_owned())
}

fn write_answer(
    mut stream: &TcpStream,
    status: u16,
    headers: &[(&str, String)],
    body: &str,
) -> io::Result<()> {
    let mut text = format!("HTTP/1.1 {status} Scripted\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    stream.write_all(format!("{text}\r\n{body}").as_bytes())
}

#[expect(clippy::disallowed_methods, reason = "a server in a test is not the agent's crew")]
fn start_thread(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(work)
}
