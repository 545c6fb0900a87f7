//! I/O. Serves cards with invented content while their templates are edited.

mod draw;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::web::access::HostNames;
use crate::web::{connections, strict};

pub use crate::web::preview::draw::{DrawnPreview, page, views};

/// Draws the views anew from the files.
type Redraw = Arc<dyn Fn() -> String + Send + Sync>;

/// Serves the views on this machine until stopped; each request draws them anew.
pub async fn serve(listener: TcpListener, draw: Redraw, stop: CancellationToken) {
    let router = Router::new()
        .route("/", get(whole))
        .route("/cards", get(cards))
        .route("/style.css", get(style))
        .route("/preview.js", get(script))
        .with_state(draw)
        .layer(from_fn(refuse_foreign_names))
        .layer(map_response(strict));
    connections::serve(listener, None, router, stop).await;
}

async fn whole(State(draw): State<Redraw>) -> Response {
    match spawn_blocking(move || draw()).await {
        Ok(views) => Html(page(&views, false)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn cards(State(draw): State<Redraw>) -> Response {
    match spawn_blocking(move || draw()).await {
        Ok(views) => Html(views).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], draw::style())
}

async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
        concat!(include_str!("card.js"), include_str!("preview/preview.js")),
    )
}

/// Any other name than a loopback one is a DNS rebinding attempt by a web site.
async fn refuse_foreign_names(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !HostNames::new(None).knows(host) {
        return (StatusCode::MISDIRECTED_REQUEST, "this page answers on its own address only")
            .into_response();
    }
    next.run(request).await
}
