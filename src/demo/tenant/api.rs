//! I/O. The endpoints of the simulated tenant.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, LOCATION, RETRY_AFTER,
};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::demo::tenant::checked::Parameters;
use crate::demo::tenant::{CloudReload, CloudTenant, CloudWorld, Mishap};

/// How long the address of a page is valid.
const PAGE_LASTS: i64 = 600;
/// More rows than are read of any list.
const ENDLESS: usize = 20 << 20;
const TENANT: &str = "simulated-tenant";

pub(crate) fn router(tenant: CloudTenant) -> Router {
    Router::new().fallback(answer).with_state(tenant)
}

/// The request.
struct TenantRequest {
    method: Method,
    path: String,
    query: Option<String>,
    host: String,
    accept: Option<String>,
    content_type: Option<String>,
    bearer: Option<String>,
    body: Vec<u8>,
}

async fn answer(State(tenant): State<CloudTenant>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name| parts.headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
    let asked = TenantRequest {
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        host: header(HOST).unwrap_or_default(),
        accept: header(ACCEPT),
        content_type: header(CONTENT_TYPE),
        bearer: header(AUTHORIZATION),
        method: parts.method,
        body: to_bytes(body, 1 << 16).await.unwrap_or_default().to_vec(),
    };
    let mishap = {
        let mut world = tenant.world();
        world.requests.push(format!("{} {}", asked.method, asked.path));
        mishap(&mut world, &asked.path)
    };
    if mishap == Some(Mishap::Hangs) {
        std::future::pending::<()>().await;
    }
    let mut world = tenant.world();
    let date = world.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let answered = match mishap {
        Some(Mishap::NextElsewhere(host)) => {
            api(&mut world, &TenantRequest { host: format!("//{host}"), ..asked })
        }
        Some(mishap) => Ok(broken(&mishap)),
        None => api(&mut world, &asked),
    };
    let mut response = answered.unwrap_or_else(|violation| {
        world.violations.push(violation.clone());
        refusal(400, "HTTP-400", &violation)
    });
    if let Some(left) = world.rate_limit_remaining {
        response.headers_mut().insert("x-ratelimit-remaining", left.into());
    }
    response.headers_mut().insert(DATE, date.parse().expect("a date has plain characters"));
    response
}

fn mishap(world: &mut CloudWorld, path: &str) -> Option<Mishap> {
    let fits = |(of, _): &&(String, Mishap)| path.starts_with(of.as_str());
    if let Some((_, lasting)) = world.lasting.iter().find(fits) {
        return Some(lasting.clone());
    }
    let place = world.mishaps.iter().position(|one| fits(&one))?;
    world.mishaps.remove(place).map(|(_, mishap)| mishap)
}

fn broken(mishap: &Mishap) -> Response {
    let html = "<!doctype html><title>Sign in</title>";
    let (status, name, value, body) = match mishap {
        Mishap::Refuses { status, retry_after } => {
            let mut response = refusal(*status, &format!("HTTP-{status}"), "simulated");
            if let Some(after) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, (*after).into());
            }
            return response;
        }
        Mishap::Redirects(to) => (302, LOCATION, to.clone(), String::new()),
        Mishap::Says(text) => (200, CONTENT_TYPE, "application/json".to_owned(), text.clone()),
        Mishap::Endless => (200, CONTENT_TYPE, "application/json".to_owned(), " ".repeat(ENDLESS)),
        Mishap::Cut => (200, CONTENT_LENGTH, "1000".to_owned(), "{\"data\":[".to_owned()),
        _ => (200, CONTENT_TYPE, "text/html".to_owned(), html.to_owned()),
    };
    let response = Response::builder().status(status).header(name, value);
    response.body(Body::from(body)).unwrap_or_default()
}

/// The answer of the API; the error is a violation of its description.
fn api(world: &mut CloudWorld, asked: &TenantRequest) -> Result<Response, String> {
    if asked.path == "/oauth/token" {
        return token(world, asked);
    }
    let here = format!("{} {}", asked.method, asked.path);
    if asked.method != Method::GET {
        return Err(format!("{here}: the method is not allowed"));
    }
    if !asked.body.is_empty() {
        return Err(format!("{here}: a request of this kind has no body"));
    }
    let bearer = asked.bearer.as_deref().and_then(|text| text.strip_prefix("Bearer "));
    let is_known =
        |bearer: &str| bearer == world.key || world.tokens.iter().any(|token| token == bearer);
    if !bearer.is_some_and(is_known) {
        return Ok(refusal(401, "HTTP-401", "Unauthorized"));
    }
    let parts: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    let is_log = matches!(parts.as_slice(), ["api", "v1", "apps", _, "reloads", "logs", _]);
    let accepts = if is_log { "text/plain" } else { "application/json" };
    if asked.accept.as_deref() != Some(accepts) {
        return Err(format!("{here}: Accept is {:?}", asked.accept));
    }
    let no_query = |known: &[&str]| Parameters::new(asked.query.as_deref(), known);
    let of = |error| format!("{here}: {error}");
    match parts.as_slice() {
        ["api", "v1", "reloads"] => reloads(world, asked).map_err(of),
        ["api", "v1", "reloads", id] => {
            no_query(&[]).map_err(of)?;
            let found = world.reloads.iter().find(|reload| reload.id == *id);
            Ok(found.map_or_else(not_found, |reload| ok(&row(reload, true))))
        }
        ["api", "v1", "items"] => apps(world, asked).map_err(of),
        ["api", "v1", "spaces", id] => {
            no_query(&[]).map_err(of)?;
            Ok(named(&world.spaces, id))
        }
        ["api", "v1", "users", "me"] => {
            no_query(&[]).map_err(of)?;
            let role = if world.is_admin { "TenantAdmin" } else { "User" };
            Ok(ok(&json!({ "id": "bot", "name": "footman", "status": "active",
                "tenantId": TENANT, "assignedRoles": [{ "name": role }] })))
        }
        ["api", "v1", "users", id] => {
            no_query(&[]).map_err(of)?;
            Ok(named(&world.users, id))
        }
        ["api", "v1", "tenants", "me"] => {
            no_query(&[]).map_err(of)?;
            Ok(broken(&Mishap::Redirects(format!("/api/v1/tenants/{TENANT}"))))
        }
        ["api", "v1", "tenants", TENANT] => {
            Ok(ok(&json!({ "id": TENANT, "name": "Simulated tenant", "status": "active" })))
        }
        ["api", "v1", "apps", app, "reloads", "logs", id] => {
            no_query(&[]).map_err(of)?;
            let is_it = |reload: &&CloudReload| reload.id == *id && reload.app == *app;
            let log = world.reloads.iter().find(is_it).and_then(|reload| reload.script_log.clone());
            Ok(log.map_or_else(not_found, |log| {
                let response =
                    Response::builder().header(CONTENT_TYPE, "text/plain; charset=UTF-8");
                response.body(Body::from(log)).unwrap_or_default()
            }))
        }
        ["api", "scheduling", "tasks"] => {
            let parameters = no_query(&["limit", "page", "sort", "resourceId"]).map_err(of)?;
            parameters.limit().map_err(of)?;
            Ok(ok(
                &json!({ "data": world.tasks.iter().map(task).collect::<Vec<_>>(), "links": {} }),
            ))
        }
        _ => Err(format!("{here}: there is no such endpoint")),
    }
}

fn token(world: &mut CloudWorld, asked: &TenantRequest) -> Result<Response, String> {
    let body: Value =
        serde_json::from_slice(&asked.body).map_err(|_| "token: no JSON".to_owned())?;
    let known = ["client_id", "client_secret", "grant_type", "scope"];
    let odd = body.as_object().into_iter().flatten().find(|(name, _)| !known.contains(&&***name));
    let is_json = |kind: &Option<String>| kind.as_deref() == Some("application/json");
    let is_headed = is_json(&asked.content_type) && is_json(&asked.accept);
    if asked.method != Method::POST || odd.is_some() || asked.bearer.is_some() || !is_headed {
        return Err(format!("{} /oauth/token: not as described", asked.method));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_client = world.client == Some((text("client_id"), text("client_secret")));
    if !is_client || text("grant_type") != "client_credentials" {
        return Ok(refusal(401, "invalid_client", "Client authentication failed"));
    }
    let token = format!("eyJhbGciOiJub25lIn0.token-{}.simulated", world.tokens.len());
    world.tokens.push(token.clone());
    Ok(ok(&json!({ "access_token": token, "token_type": "bearer", "expires_in": 21_600 })))
}

fn reloads(world: &CloudWorld, asked: &TenantRequest) -> Result<Response, String> {
    let known = ["appId", "filter", "limit", "log", "partial", "sort", "next", "prev"];
    let parameters = Parameters::new(asked.query.as_deref(), &known)?;
    let (limit, sort) = (parameters.limit()?, parameters.sort()?);
    let statuses = parameters.statuses()?;
    if parameters.get("next").is_some() && parameters.get("prev").is_some() {
        return Err("next and prev are both given".to_owned());
    }
    if !world.is_admin && parameters.get("appId").is_none() {
        return Ok(refusal(403, "RELOADS-003", "Not allowed"));
    }
    let limit = world.page.unwrap_or(limit).min(limit);
    let by_end = sort.ends_with("endTime") && !world.ignores_sort;
    let key = |reload: &CloudReload| {
        let at = if by_end { reload.ended } else { Some(reload.created) };
        (at.map_or(i64::MIN, Timestamp::as_millisecond), reload.id.clone())
    };
    let listed = world.reloads.iter().filter(|reload| statuses.contains(&&*reload.status));
    let mut listed: Vec<&CloudReload> = listed.collect();
    listed.sort_by_key(|reload| std::cmp::Reverse(key(reload)));
    let now = world.now().as_second();
    if let Some(next) = parameters.get("next") {
        let parts: Vec<&str> = next.split('_').collect();
        let [at, id, until] = parts.as_slice() else { return Err(format!("next {next}")) };
        if until.parse::<i64>().unwrap_or_default() < now {
            return Ok(refusal(400, "RELOADS-001", "Invalid cursor"));
        }
        let before = (at.parse().unwrap_or(i64::MAX), (*id).to_owned());
        listed.retain(|reload| key(reload) < before);
    }
    let has_more = listed.len() > limit;
    listed.truncate(limit);
    let last = listed.last().filter(|_| has_more);
    let next = last.map(|last| {
        let (at, id) = key(last);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(
                ["filter", "sort", "limit"]
                    .iter()
                    .filter_map(|name| Some((*name, parameters.get(name)?))),
            )
            .append_pair("next", &format!("{at}_{id}_{}", now + PAGE_LASTS))
            .finish();
        // Another host is given with its slashes.
        let host = asked.host.trim_start_matches("//");
        json!({ "href": format!("http://{host}/api/v1/reloads?{query}") })
    });
    let rows: Vec<Value> = listed.iter().map(|reload| row(reload, false)).collect();
    Ok(ok(&json!({ "data": rows, "links": { "self": {}, "next": next } })))
}

fn row(reload: &CloudReload, log: bool) -> Value {
    let mut row = json!({
        "id": reload.id, "appId": reload.app, "tenantId": TENANT, "userId": "owner",
        "type": if reload.task.is_some() { "choreographer" } else { "hub" },
        "status": reload.status, "partial": reload.partial, "weight": 1,
        "creationTime": reload.created,
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            row[name] = value;
        }
    };
    put("startTime", reload.started.map(|at| json!(at)));
    put("endTime", reload.ended.map(|at| json!(at)));
    put("errorCode", reload.code.as_ref().map(|code| json!(code)));
    put("errorMessage", reload.message.as_ref().map(|message| json!(message)));
    put("resourceType", reload.task.as_ref().map(|_| json!("tasks")));
    put("resourceId", reload.task.as_ref().map(|task| json!(task)));
    put("log", reload.log.as_ref().filter(|_| log).map(|log| json!(log)));
    row
}

fn apps(world: &CloudWorld, asked: &TenantRequest) -> Result<Response, String> {
    let known = ["resourceType", "resourceIds", "noActions", "limit"];
    let parameters = Parameters::new(asked.query.as_deref(), &known)?;
    parameters.limit()?;
    let ids: Vec<&str> = parameters.get("resourceIds").unwrap_or_default().split(',').collect();
    if parameters.get("resourceType") != Some("app") || ids.len() > 100 {
        return Err(format!("resourceType and {} resourceIds", ids.len()));
    }
    let found = ids.iter().filter_map(|id| Some((*id, world.apps.get(*id)?)));
    let rows: Vec<Value> = found
        .map(|(id, app)| {
            let tags: Vec<Value> =
                app.tags.iter().map(|tag| json!({ "id": tag, "name": tag })).collect();
            let mut row = json!({
                "id": format!("item-{id}"), "name": app.name, "resourceId": id,
                "resourceType": "app", "resourceSubType": "", "ownerId": app.owner,
                "meta": { "tags": tags, "collections": [] },
                "links": { "open": { "href": format!("http://{}/sense/app/{id}", asked.host) } },
            });
            if let Some(space) = &app.space {
                row["spaceId"] = json!(space);
            }
            row
        })
        .collect();
    Ok(ok(&json!({ "data": rows, "links": {} })))
}

fn task(task: &crate::demo::tenant::CloudTask) -> Value {
    let mut metadata = json!({ "ownerId": "owner" });
    if let Some(code) = &task.disabled {
        metadata["disabledCode"] = json!(code);
    }
    json!({ "id": task.id, "name": task.name, "resourceId": task.app,
        "enabled": task.disabled.is_none(), "metadata": metadata })
}

fn named(names: &BTreeMap<String, String>, id: &str) -> Response {
    let found = names.get(id);
    found.map_or_else(not_found, |name| ok(&json!({ "id": id, "name": name })))
}

fn ok(body: &Value) -> Response {
    respond(StatusCode::OK, body)
}

fn not_found() -> Response {
    refusal(404, "HTTP-404", "Not found")
}

fn refusal(status: u16, code: &str, title: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let error = json!({ "code": code, "title": title, "detail": title });
    respond(status, &json!({ "errors": [error], "traceId": "simulated" }))
}

fn respond(status: StatusCode, body: &Value) -> Response {
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    response.body(Body::from(body.to_string())).unwrap_or_default()
}

#[cfg(test)]
mod tests;
