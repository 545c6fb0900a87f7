//! The receiver of all peers: cards over HTTP, or lines over TCP and pipes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::generate::marks;

/// How often each marked row was posted, and when it was first.
#[derive(Clone, Default)]
pub(crate) struct Sink {
    posted: Arc<Mutex<BTreeMap<usize, (usize, Instant)>>>,
    away: Arc<AtomicBool>,
}

impl Sink {
    pub(crate) fn times(&self, number: usize) -> usize {
        self.posted.lock().expect("no thread panics").get(&number).map_or(0, |(times, _)| *times)
    }

    pub(crate) fn count(&self) -> usize {
        self.posted.lock().expect("no thread panics").len()
    }

    pub(crate) fn first(&self, number: usize) -> Option<Instant> {
        self.posted.lock().expect("no thread panics").get(&number).map(|(_, at)| *at)
    }

    /// Whether it hangs up on everybody.
    pub(crate) fn is_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    fn take(&self, text: &str, at: Instant) {
        // A card that says itself that it may be a repeat is not one more.
        let repeat = text.contains("ossible repeat");
        let mut posted = self.posted.lock().expect("no thread panics");
        for number in marks(text) {
            let entry = posted.entry(number).or_insert((0, at));
            entry.0 += usize::from(!repeat || entry.0 == 0);
        }
    }

    /// Takes cards over HTTP; returns their port.
    pub(crate) fn take_posts(&self) -> u16 {
        self.listen(|sink, stream| {
            let mut reader = BufReader::new(stream);
            while let Some(body) = post(&mut reader) {
                let at = Instant::now();
                if sink.away.load(Ordering::Relaxed) {
                    return;
                }
                sink.take(&body, at);
                let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
                if reader.get_mut().write_all(answer).is_err() {
                    return;
                }
            }
        })
    }

    /// Takes lines over TCP; returns their port.
    pub(crate) fn take_lines(&self) -> u16 {
        self.listen(|sink, stream| {
            stream.set_read_timeout(Some(Duration::from_millis(100))).ok();
            sink.read_lines(stream);
        })
    }

    /// Takes lines until there are no more.
    pub(crate) fn read_lines(&self, from: impl Read) {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        loop {
            let read = reader.read_until(b'\n', &mut line);
            if self.away.load(Ordering::Relaxed) {
                return;
            }
            match read {
                Ok(0) => return,
                Ok(_) => {
                    self.take(&String::from_utf8_lossy(&line), Instant::now());
                    line.clear();
                }
                // Only a look whether it is to hang up.
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    fn listen(&self, serve: fn(&Sink, TcpStream)) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let port = listener.local_addr().expect("an address").port();
        let sink = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if sink.away.load(Ordering::Relaxed) {
                    continue;
                }
                let sink = sink.clone();
                std::thread::spawn(move || serve(&sink, stream));
            }
        });
        port
    }
}

/// The body of the next request.
fn post(reader: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        let header =
            line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if let Some((_, value)) = header {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(String::from_utf8_lossy(&body).into_owned())
}
