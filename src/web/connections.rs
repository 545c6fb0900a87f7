//! I/O. The connections of the local page, limited in number and time.
//!
//! They use descriptors of the process that reads logs, and any user of this machine can open them.
//! So each connection has one request and a time limit that the client cannot extend.

use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::agent::descriptors;
use crate::web::tls::Tls;
use crate::web::visit::Peer;

/// The most open connections; further ones are closed at once.
const MOST: usize = 64;
/// Connections use at most one in this many of the descriptors of the process: the rest is for
/// reading logs and sending cards.
const SHARE: u64 = 4;
/// The time limit for sending a request.
const REQUEST: Duration = Duration::from_secs(5);
/// The time limit of a connection.
const WHOLE: Duration = Duration::from_secs(30);
/// The most bytes of a request's head, and of an unread answer.
const BUFFER: usize = 16 << 10;
/// The wait after a failed accept, for example while the process has no descriptor left.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// Serves until stopped, then closes all connections.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    stop: CancellationToken,
) {
    let mut open = JoinSet::new();
    let most = most(descriptors::limit());
    let mut failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = open.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    failing = false;
                    if open.len() < most {
                        let router = router.clone().layer(Extension(Peer(peer.ip())));
                        open.spawn(answer(stream, tls.as_ref().map(Tls::acceptor), router));
                    }
                }
                Err(error) => {
                    if !failing {
                        tracing::warn!("local page: cannot accept connections: {error}");
                    }
                    failing = true;
                    wait(&stop).await;
                }
            },
        }
    }
    open.shutdown().await;
}

fn most(limit: Option<u64>) -> usize {
    let share = limit.and_then(|limit| usize::try_from(limit / SHARE).ok());
    share.map_or(MOST, |share| share.clamp(1, MOST))
}

async fn wait(stop: &CancellationToken) {
    // After either, the loop checks `stop` again.
    timeout(AFTER_FAILURE, stop.cancelled()).await.ok();
}

/// One request, one answer.
async fn answer(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router) {
    let ended = timeout(WHOLE, async {
        match tls {
            None => exchange(stream, router).await,
            Some(tls) => match timeout(REQUEST, tls.accept(stream)).await {
                Ok(Ok(stream)) => exchange(stream, router).await,
                Ok(Err(error)) => tracing::debug!("local page: no TLS: {error}"),
                Err(_) => tracing::debug!("local page: TLS was not agreed on in time"),
            },
        }
    });
    if ended.await.is_err() {
        tracing::debug!("local page: a connection exceeded its time limit");
    }
}

async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .max_buf_size(BUFFER)
        .keep_alive(false);
    let service = TowerToHyperService::new(router);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!("local page: a connection failed: {error}");
    }
}
