//! I/O. The JSON of the command line over HTTP, for reading only.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use crate::state::{self, Reader};
use crate::view::{self, Filter, FilterError, IdMatch};
use crate::web::visit::Visit;
use crate::web::{PageSite, blocking, joined, read};

const JSON: &str = "application/json";
/// The most entries of a list: a slow client must not hold more in memory.
const LISTED: usize = 2_000;
/// The most accepted deliveries of a list.
const SENT: u32 = 200;

pub(crate) async fn incidents(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    let (all, filter, limit) =
        match filter(&visit, &site.place.timezone).and_then(|it| Ok((it, limit(&visit)?))) {
            Ok((filter, limit)) => (is_asked(&visit, "all"), filter, limit),
            Err(refused) => return refusal(&refused),
        };
    let found =
        move |reader: &Reader, now| view::incidents_of(reader, now, all, Some(&filter), limit);
    list(&site, format!("incidents {:?}", visit.query), limit, found).await
}

/// The requested maximum number of entries.
fn limit(visit: &Visit) -> Result<usize, FilterError> {
    let Some(text) = visit.query.get("limit") else { return Ok(LISTED) };
    let limit: Option<usize> = text.parse().ok().filter(|limit| *limit > 0);
    limit.map(|limit| limit.min(LISTED)).ok_or_else(|| FilterError {
        message: "limit is not a number of entries".to_owned(),
        hint: format!("write a number up to {LISTED}, such as limit=100"),
    })
}

fn filter(visit: &Visit, zone: &TimeZone) -> Result<Filter, FilterError> {
    let asked =
        |name: &str| visit.query.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let since = read::since(asked("since").unwrap_or_default(), visit.now, zone);
    let since = since.map_err(|message| FilterError { message, hint: String::new() })?;
    let filter = Filter::default().kind(asked("kind"))?.app(asked("app"))?.task(asked("task"))?;
    Ok(filter.node(asked("node"))?.severity(asked("severity"))?.since(since))
}

pub(crate) async fn incident(
    State(site): State<Arc<PageSite>>,
    Path(id): Path<String>,
) -> Response {
    let state_dir = site.place.state_dir.clone();
    let found = blocking(&site, move |_| {
        let Some(reader) = read::open(&state_dir)? else { return Ok(Err(IdMatch::None)) };
        match view::incidents_like(&reader, &id)? {
            IdMatch::One(print) => Ok(view::story(&reader, &print)?.ok_or(IdMatch::None)),
            other => Ok(Err(other)),
        }
    });
    match found.await {
        Ok(Ok(story)) => answer(StatusCode::OK, &story),
        Ok(Err(IdMatch::Several(several))) => {
            let problem = json!({ "error": "several incidents begin so", "matches": several.ids });
            answer(StatusCode::CONFLICT, &problem)
        }
        Ok(Err(_)) => {
            answer(StatusCode::NOT_FOUND, &json!({ "error": "there is no such incident" }))
        }
        Err(status) => unread(status),
    }
}

pub(crate) async fn silences(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    let all = is_asked(&visit, "all");
    let limit = match limit(&visit) {
        Ok(limit) => limit,
        Err(refused) => return refusal(&refused),
    };
    let found = move |reader: &Reader, now| view::silences(reader, now, all);
    list(&site, format!("silences {all} {limit}"), limit, found).await
}

pub(crate) async fn deliveries(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let limit = match limit(&Visit::of(&site, &request)) {
        Ok(limit) => limit,
        Err(refused) => return refusal(&refused),
    };
    let found = |reader: &Reader, _| view::deliveries(reader, SENT);
    list(&site, format!("deliveries {limit}"), limit, found).await
}

/// A list of at most this many entries; empty before the first start of an agent.
async fn list<T: Serialize + 'static>(
    site: &Arc<PageSite>,
    what: String,
    limit: usize,
    read: impl FnOnce(&Reader, crate::clock::Timestamp) -> Result<Vec<T>, state::Error> + Send + 'static,
) -> Response {
    let state_dir = site.place.state_dir.clone();
    let read = joined(site, &site.lists, what, move |now| {
        let mut found = match read::open(&state_dir)? {
            Some(reader) => reader.at_one_moment(|reader| read(reader, now))?,
            None => Vec::new(),
        };
        found.truncate(limit);
        Ok(Bytes::from(json_of(&found)))
    });
    match read.await {
        Ok(found) => ([(CONTENT_TYPE, JSON)], Bytes::clone(&found)).into_response(),
        Err(status) => unread(status),
    }
}

fn refusal(FilterError { message, hint }: &FilterError) -> Response {
    answer(StatusCode::BAD_REQUEST, &json!({ "error": message, "hint": hint }))
}

fn is_asked(visit: &Visit, name: &str) -> bool {
    visit.query.get(name).is_some_and(|value| !matches!(value.as_str(), "0" | "false"))
}

fn unread(status: StatusCode) -> Response {
    answer(status, &json!({ "error": "the state cannot be read now" }))
}

fn answer(status: StatusCode, value: &impl Serialize) -> Response {
    (status, [(CONTENT_TYPE, JSON)], json_of(value)).into_response()
}

fn json_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("values of the state are text and numbers")
}
