//! I/O. The views of the page.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::state::{self, Reader};
use crate::view::IncidentIds;
use crate::web::acting::{DURATIONS, encoded, matchers};
use crate::web::read::{self, Asked, Draw, FoundIncident};
use crate::web::visit::Visit;
use crate::web::{PageSite, access, blocking, joined, problem};

/// The parameter of a view to which a form leads.
const DONE: &str = "done";
/// The views in the order of the navigation.
const VIEWS: [(&str, &str); 5] = [
    ("/", "Incidents"),
    ("/history", "History"),
    ("/silences", "Silences"),
    ("/deliveries", "Deliveries"),
    ("/status", "Status"),
];

/// A view as it was read, for all requests of that moment.
pub(crate) struct PageView {
    status: StatusCode,
    /// Its place in the navigation.
    path: &'static str,
    template: &'static str,
    context: Value,
    /// As HTML for those who may not act: the same for all of them.
    plain: OnceLock<Bytes>,
}

impl PageView {
    fn new(path: &'static str, template: &'static str, context: Value) -> Self {
        Self { status: StatusCode::OK, path, template, context, plain: OnceLock::new() }
    }

    /// The view for a missing object.
    fn missing(context: Value) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::new("", "problem.html", context) }
    }

    fn shown(&self, site: &PageSite, visit: &Visit) -> Response {
        let render = || render(site, visit, self.path, self.template, self.context.clone());
        if visit.key.is_some() || visit.query.contains_key(DONE) {
            return (self.status, render()).into_response();
        }
        let html = self.plain.get_or_init(|| render().0.into()).clone();
        (self.status, [(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
    }
}

/// The open incidents. The link of `status` arrives here with the key, which becomes a cookie.
pub(crate) async fn incidents(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    if let Some(given) = visit.query.get("key") {
        return take_key(&site, &visit, given);
    }
    show(&site, &visit, "/", "incidents.html", read::incidents).await
}

fn take_key(site: &PageSite, visit: &Visit, given: &str) -> Response {
    let Some(key) = site.page_key().filter(|key| access::is_key(key, given)) else {
        tracing::warn!(address = %visit.address, "page: a key that is not valid");
        let hint = "`footman status` prints the current link";
        return problem(
            site,
            visit,
            StatusCode::FORBIDDEN,
            "this is not the key of the page",
            hint,
        );
    };
    let cookie = access::cookie(&key, &visit.host, site.names.is_secure(&visit.host), visit.now);
    ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

pub(crate) async fn incident(
    State(site): State<Arc<PageSite>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let visit = Visit::of(&site, &request);
    let (url, pulse) = (site.place.url.clone(), Arc::clone(&site.place.pulse));
    let state_dir = site.place.state_dir.clone();
    let what = format!("incident {id} {:?}", visit.query);
    let view = joined(&site, &site.views, what, move |_| {
        let found = match read::open(&state_dir)? {
            Some(reader) => {
                let draw = Draw { page_url: url.as_deref(), pulse: &pulse };
                reader.at_one_moment(|reader| read::incident(reader, &id, &draw))?
            }
            None => FoundIncident::None,
        };
        Ok(match found {
            FoundIncident::One(context) => PageView::new("/incidents", "incident.html", context),
            FoundIncident::None => PageView::missing(json!({
                "title": "there is no such incident",
                "text": "the history may still know what happened",
            })),
            FoundIncident::Several(ids) => {
                let links = ids
                    .iter()
                    .map(|id| json!({ "path": format!("/incidents/{}", encoded(id)), "name": id }));
                let links: Vec<Value> = links.collect();
                PageView::missing(json!({ "title": "several incidents begin so", "links": links }))
            }
        })
    });
    match view.await {
        Ok(view) => view.shown(&site, &visit),
        Err(status) => unread(&site, &visit, status),
    }
}

pub(crate) async fn history(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    let asked = Asked::new(&visit.query);
    let empty = read::no_history(&asked);
    let zone = site.place.timezone.clone();
    let shown = move |reader: &Reader, now| read::history(reader, &asked, now, &zone);
    show_or(&site, &visit, "/history", "history.html", empty, shown).await
}

pub(crate) async fn silences(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    show(&site, &visit, "/silences", "silences.html", read::silences).await
}

pub(crate) async fn deliveries(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    let after = visit.query.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let (url, pulse) = (site.place.url.clone(), Arc::clone(&site.place.pulse));
    let shown = move |reader: &Reader, _| {
        read::deliveries(reader, after, &Draw { page_url: url.as_deref(), pulse: &pulse })
    };
    let empty = json!({ "is_empty": true });
    show_or(&site, &visit, "/deliveries", "deliveries.html", empty, shown).await
}

pub(crate) async fn status(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    let (state_dir, pulse) = (site.place.state_dir.clone(), Arc::clone(&site.place.pulse));
    let checkup = Arc::clone(&site.checkup);
    let shown_in = site.shown_in();
    let context = move |reader: &Reader, now| {
        read::status(reader, (&state_dir, &checkup), &pulse, &shown_in, now)
    };
    show(&site, &visit, "/status", "status.html", context).await
}

/// The answer to any other address.
pub(crate) async fn nowhere(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    let visit = Visit::of(&site, &request);
    problem(&site, &visit, StatusCode::NOT_FOUND, "there is no such page", "")
}

/// The short ids of all incidents; `None` if the state cannot be read now.
pub(crate) async fn ids(site: &Arc<PageSite>) -> Option<IncidentIds> {
    let state_dir = site.place.state_dir.clone();
    let read = blocking(site, move |_| {
        let prints = read::open(&state_dir)?.map(|reader| reader.fingerprints()).transpose()?;
        Ok(IncidentIds::new(prints.unwrap_or_default()))
    });
    read.await.ok()
}

async fn show(
    site: &Arc<PageSite>,
    visit: &Visit,
    path: &'static str,
    template: &'static str,
    context: impl FnOnce(&Reader, Timestamp) -> Result<Value, state::Error> + Send + 'static,
) -> Response {
    show_or(site, visit, path, template, json!({}), context).await
}

/// One view; `empty` is shown before the first start of an agent. The query contains everything
/// that the context depends on.
async fn show_or(
    site: &Arc<PageSite>,
    visit: &Visit,
    path: &'static str,
    template: &'static str,
    empty: Value,
    context: impl FnOnce(&Reader, Timestamp) -> Result<Value, state::Error> + Send + 'static,
) -> Response {
    let what = format!("{path} {:?}", visit.query);
    let (state_dir, checkup) = (site.place.state_dir.clone(), Arc::clone(&site.checkup));
    let shown_in = site.shown_in();
    let view = joined(site, &site.views, what, move |now| {
        let context = match read::open(&state_dir) {
            Ok(Some(reader)) => reader.at_one_moment(|reader| context(reader, now)),
            Ok(None) => Ok(empty),
            Err(error) => Err(error),
        };
        let stalled = checkup.stalled(&state_dir).map(|why| shown_in.reason(&why));
        match (context, stalled) {
            (Ok(mut context), stalled) => {
                context["stalled"] = stalled.into();
                Ok(PageView::new(path, template, context))
            }
            // A state that cannot be read must not hide the reason.
            (Err(_), Some(stalled)) => {
                let title = "The state cannot be read now";
                let context = json!({ "title": title, "stalled": stalled });
                Ok(PageView::new(path, "problem.html", context))
            }
            (Err(error), None) => Err(error),
        }
    });
    match view.await {
        Ok(view) => view.shown(site, visit),
        Err(status) => unread(site, visit, status),
    }
}

fn unread(site: &PageSite, visit: &Visit, status: StatusCode) -> Response {
    let hint = "`footman status` says what is wrong";
    problem(site, visit, status, "the state cannot be read now", hint)
}

/// A view with the parts that all of them show.
pub(crate) fn render(
    site: &PageSite,
    visit: &Visit,
    path: &str,
    template: &str,
    mut context: Value,
) -> Html<String> {
    let place = &site.place;
    let views = VIEWS.map(|(path, name)| json!({ "path": path, "name": name }));
    context["site"] = json!({ "node": place.node, "environment": place.environment });
    context["style"] = "/style.css".into();
    context["views"] = views.to_vec().into();
    context["here"] = path.into();
    context["key"] = visit.form_token().into();
    context["durations"] = json!(DURATIONS);
    context["matchers"] = matchers().collect();
    if visit.query.contains_key(DONE) {
        context["done"] = "Done.".into();
    }
    Html(site.pages.render(template, context))
}
