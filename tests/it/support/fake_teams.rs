//! A Teams webhook on a loopback port that answers by a rule and keeps its requests.
//!
//! It implements HTTP/1.1 with plain threads, so that it can also misbehave: never answer, hang up.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use footman::clock::{self, Timestamp};
use tokio::net::TcpSocket;
use tokio::sync::watch;

/// One answer.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status without a body.
    Status(u16),
    /// A complete answer.
    Full { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Reads the request and never answers.
    Hang,
    /// Reads the request and closes the connection.
    Close,
    /// Reads the request, begins its answer and never ends it.
    Stall,
    /// Reads the request, begins its answer and closes the connection.
    Cut,
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

    /// What a sender can conclude from it. An answer that is cut off may have been a 202.
    fn fate(&self) -> Fate {
        let (status, body) = match self {
            Self::Status(status) => (*status, ""),
            Self::Full { status, body, .. } => (*status, body.as_str()),
            Self::Hang | Self::Close | Self::Stall | Self::Cut => return Fate::Unknown,
        };
        if status < 300 {
            Fate::Taken
        } else if status == 504
            || (status == 502 && (body.contains("NoResponse") || body.contains("\"status\":5")))
        {
            Fate::Unknown
        } else {
            Fate::Refused
        }
    }
}

/// Whether a posted card is visible in Teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Taken,
    Refused,
    /// The sender cannot know: a second post must be marked as a possible repeat.
    Unknown,
}

/// One request as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) method: String,
    /// Path and query, byte for byte.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) fate: Fate,
}

impl Post {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The running server, which stops when it is dropped.
#[derive(Debug)]
pub(crate) struct FakeTeams {
    address: SocketAddr,
    posts: watch::Receiver<Vec<Post>>,
    script: Script,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

/// The rule for answers.
type Rule = Box<dyn FnMut(&Post) -> Answer + Send>;

#[derive(Clone)]
struct Script {
    rule: Arc<Mutex<Rule>>,
    posts: Arc<watch::Sender<Vec<Post>>>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

/// A bound port that refuses connections or never accepts them.
#[derive(Debug)]
pub(crate) enum Shut {
    /// Bound without listening.
    Refusing(TcpSocket),
    /// Listening without accepting.
    Waiting(TcpListener),
}

impl Shut {
    pub(crate) fn refusing() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self::Refusing(socket)
    }

    pub(crate) fn waiting() -> Self {
        Self::Waiting(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn url(&self) -> String {
        url_at(match self {
            Self::Refusing(socket) => socket.local_addr().unwrap(),
            Self::Waiting(listener) => listener.local_addr().unwrap(),
        })
    }

    /// Turns it into a server that answers 202.
    pub(crate) fn open(self) -> FakeTeams {
        let listener = match self {
            Self::Refusing(socket) => {
                let listener = socket.listen(128).unwrap().into_std().unwrap();
                listener.set_nonblocking(false).unwrap();
                listener
            }
            Self::Waiting(listener) => listener,
        };
        FakeTeams::listen(listener, |_: &Post| Answer::Status(202))
    }
}

/// Answers 202 to at most `n` posts per `per`, and 429 to the others, as Teams does.
pub(crate) fn at_most(n: usize, per: Duration) -> impl FnMut(&Post) -> Answer + Send {
    let mut taken: VecDeque<Timestamp> = VecDeque::new();
    move |_: &Post| {
        let now = clock::now();
        taken.retain(|at| *at + per > now);
        if taken.len() >= n {
            return Answer::too_many(per.as_secs());
        }
        taken.push_back(now);
        Answer::Status(202)
    }
}

impl FakeTeams {
    /// Answers by `script`, then always 202.
    pub(crate) fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        let mut answers: VecDeque<Answer> = script.into_iter().collect();
        Self::by(move |_: &Post| answers.pop_front().unwrap_or(Answer::Status(202)))
    }

    /// Answers by `rule`.
    pub(crate) fn by(rule: impl FnMut(&Post) -> Answer + Send + 'static) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").unwrap(), rule)
    }

    fn listen(listener: TcpListener, rule: impl FnMut(&Post) -> Answer + Send + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let (sender, posts) = watch::channel(Vec::new());
        let script = Script { rule: Arc::new(Mutex::new(Box::new(rule))), posts: Arc::new(sender) };
        let stop = Arc::new(AtomicBool::new(false));
        let server = start_thread({
            let (script, stop) = (script.clone(), stop.clone());
            move || accept(&listener, &script, &stop)
        });
        Self { address, posts, script, stop, server: Some(server) }
    }

    /// Changes the rule.
    pub(crate) fn answer_by(&self, rule: impl FnMut(&Post) -> Answer + Send + 'static) {
        *self.script.rule.lock().unwrap() = Box::new(rule);
    }

    /// A webhook URL in Microsoft's format.
    pub(crate) fn url(&self) -> String {
        url_at(self.address)
    }

    /// The requests so far, in order.
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
        // Wakes the server, which then stops.
        TcpStream::connect(self.address).ok();
        self.server.take().map(JoinHandle::join);
    }
}

fn url_at(address: SocketAddr) -> String {
    format!(
        "http://{address}/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke\
         ?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=topSecret_43-chars"
    )
}

/// The URL of a port without a listener.
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

/// Serves the requests of one connection until either side closes it.
fn converse(stream: &TcpStream, script: &Script) {
    let mut reader = BufReader::new(stream);
    while let Some(mut post) = read_post(&mut reader) {
        let answer = (script.rule.lock().unwrap())(&post);
        post.fate = answer.fate();
        script.posts.send_modify(|posts| posts.push(post));
        let written = match answer {
            Answer::Status(status) => write_answer(stream, status, &[], ""),
            Answer::Full { status, headers, body } => write_answer(stream, status, &headers, &body),
            // Ends when the client closes the connection.
            Answer::Hang => reader.read_to_end(&mut Vec::new()).map(drop),
            Answer::Close => return,
            Answer::Stall => {
                begin_answer(stream).and_then(|()| reader.read_to_end(&mut Vec::new()).map(drop))
            }
            Answer::Cut => {
                begin_answer(stream).ok();
                return;
            }
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
    let body = String::from_utf8(body).unwrap();
    Some(Post { method, target, headers, body, fate: Fate::Unknown })
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let n = reader.read_line(&mut line).ok()?;
    (n > 0).then(|| line.trim_end().to_owned())
}

fn begin_answer(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 202 Acc")
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

#[expect(clippy::disallowed_methods, reason = "a test server is not one of the agent's threads")]
fn start_thread(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(work)
}
