//! I/O. `/healthz` and `/metrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::clock;
use crate::web::{Exposed, ExpositionFormat, PageSite, exposition, process};

/// Needs no thread of the agent and no disk, so that it answers while those are stalled.
pub(crate) async fn healthz(State(site): State<Arc<PageSite>>) -> Response {
    let works = site.place.pulse.works(clock::now());
    if works.all() {
        return "ok".into_response();
    }
    let parts = serde_json::to_string(&works).unwrap_or_default();
    (StatusCode::SERVICE_UNAVAILABLE, [(CONTENT_TYPE, "application/json")], parts).into_response()
}
pub(crate) async fn metrics(
    State(site): State<Arc<PageSite>>,
    headers: HeaderMap,
) -> impl IntoResponse {
    let format = ExpositionFormat::of(headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()));
    let snapshot = site.source.snapshot().await;
    let pulse = &site.place.pulse;
    let process = process::gauges(pulse.started());
    let (now, snapshot) = (clock::now(), snapshot.as_deref());
    let exposed = Exposed { now, pulse, snapshot, process: &process };
    ([(CONTENT_TYPE, format.content_type())], exposition(&exposed, format))
}
