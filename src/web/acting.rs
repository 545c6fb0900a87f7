//! I/O. Forms of the page: each becomes a command of the agent.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::agent::Given;
use crate::clock::Timestamp;
use crate::command::{
    Action, Command, CommandOrigin, CommandResult, MOST_NAME, NewSilence, is_blank, link,
};
use crate::config::{MatchConfig, Period};
use crate::redact;
use crate::view::{IncidentIds, worded};
use crate::web::access;
use crate::web::visit::{Visit, fields};
use crate::web::{PageSite, problem, views};

/// The most bytes of a form.
const MOST_BYTES: usize = 32 << 10;

/// The durations that a person may choose, and their labels.
pub(crate) const DURATIONS: [(&str, &str); 4] =
    [("30m", "30 minutes"), ("2h", "2 hours"), ("8h", "8 hours"), ("24h", "24 hours")];

/// The keys of matchers.
pub(crate) fn matchers() -> impl Iterator<Item = &'static str> {
    MatchConfig::default().all().map(|(key, _)| key.name()).into_iter()
}

type FormFields = BTreeMap<String, String>;

/// Why a form is refused.
pub(crate) struct RefusedForm(pub StatusCode, pub &'static str);

pub(crate) const NOT_A_FORM: RefusedForm =
    RefusedForm(StatusCode::UNSUPPORTED_MEDIA_TYPE, "this is not a form");
const INCOMPLETE: RefusedForm = RefusedForm(StatusCode::BAD_REQUEST, "the form is not filled in");

/// The forms of an incident.
pub(crate) async fn incident(
    State(site): State<Arc<PageSite>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let back = format!("/incidents/{}", encoded(&id));
    act(&site, request, &back, |fields, now| {
        let incident = id.clone();
        Ok(match field(fields, "action")? {
            "acknowledge" => {
                Action::Acknowledge { incident, note: optional(fields, "note"), is_undoable: false }
            }
            "unacknowledge" => Action::Unacknowledge { incident, is_undo: false },
            "note" => Action::Note { incident, text: field(fields, "text")?.to_owned() },
            "silence" => Action::SilenceAdd(NewSilence {
                matchers: BTreeMap::new(),
                incident: Some(incident),
                until: until(fields, now)?,
                reason: field(fields, "reason")?.to_owned(),
            }),
            _ => return Err(INCOMPLETE),
        })
    })
    .await
}

/// The forms of the silences.
pub(crate) async fn silences(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    act(&site, request, "/silences", |fields, now| {
        Ok(match field(fields, "action")? {
            "expire" => Action::SilenceExpire { silence: field(fields, "id")?.to_owned() },
            "add" => Action::SilenceAdd(NewSilence {
                matchers: given_matchers(fields),
                incident: None,
                until: until(fields, now)?,
                reason: field(fields, "reason")?.to_owned(),
            }),
            _ => return Err(INCOMPLETE),
        })
    })
    .await
}

/// The forms of the deliveries.
pub(crate) async fn deliveries(State(site): State<Arc<PageSite>>, request: Request) -> Response {
    act(&site, request, "/deliveries", |fields, _| {
        let delivery = field(fields, "id")?.to_owned();
        Ok(match field(fields, "action")? {
            "retry" => Action::DeliveryRetry { delivery },
            "drop" => Action::DeliveryDrop { delivery },
            _ => return Err(INCOMPLETE),
        })
    })
    .await
}

fn given_matchers(fields: &FormFields) -> BTreeMap<String, Vec<String>> {
    let given = matchers().filter_map(|key| Some((key.to_owned(), vec![optional(fields, key)?])));
    given.collect()
}

async fn act(
    site: &Arc<PageSite>,
    request: Request,
    back: &str,
    action: impl FnOnce(&FormFields, Timestamp) -> Result<Action, RefusedForm>,
) -> Response {
    let visit = Visit::of(site, &request);
    let command = match command(site, &visit, request, action).await {
        Ok(command) => command,
        Err(RefusedForm(status, why)) => {
            return problem(site, &visit, status, why, "go back and try again");
        }
    };
    let (what, by) = (command.action.name(), redact::redact(&command.by).into_owned());
    let given = site.give(command).await;
    tracing::info!(address = %visit.address, by, user_agent = visit.user_agent, what, "page: {}", outcome(&given));
    match given {
        Given::Result(CommandResult::Applied(_)) => {
            Redirect::to(&format!("{back}?done=1")).into_response()
        }
        given => not_applied(site, &visit, &given).await,
    }
}

/// The result of a command, for the log.
pub(crate) fn outcome(given: &Given) -> &'static str {
    match given {
        Given::Result(CommandResult::Applied(_)) => "applied",
        Given::Result(CommandResult::Refused(_)) => "refused",
        Given::NoAnswer => "no answer",
    }
}

pub(crate) async fn not_applied(site: &Arc<PageSite>, visit: &Visit, given: &Given) -> Response {
    let Given::Result(CommandResult::Refused(refusal)) = given else {
        let why = "the agent has not answered within 5 seconds";
        let hint = "it may still be applied: check the state in a moment";
        return problem(site, visit, StatusCode::SERVICE_UNAVAILABLE, why, hint);
    };
    let ids = views::ids(site).await.unwrap_or_else(|| IncidentIds::new(Vec::new()));
    let words = worded(refusal, &ids, site.place.language);
    problem(site, visit, StatusCode::CONFLICT, &words.problem, &words.hint)
}

async fn command(
    site: &Arc<PageSite>,
    visit: &Visit,
    request: Request,
    action: impl FnOnce(&FormFields, Timestamp) -> Result<Action, RefusedForm>,
) -> Result<Command, RefusedForm> {
    let forbidden = |why| RefusedForm(StatusCode::FORBIDDEN, why);
    let key = visit.key.as_ref().ok_or(forbidden(
        "acting needs the key of the page: open the link that `footman status` prints",
    ))?;
    if !visit.is_own(site) {
        return Err(forbidden("the form was not sent from this page"));
    }
    let fields = form(visit, request).await?;
    let token = fields.get("csrf").map(String::as_str).unwrap_or_default();
    if !access::is_form_token(key, token, visit.now) {
        return Err(forbidden("the form is too old"));
    }
    let action = action(&fields, visit.now)?;
    let by = match &action {
        // There is one key; who has it is not asked again for each card.
        Action::DeliveryRetry { .. } | Action::DeliveryDrop { .. } => "page".to_owned(),
        _ => name(&fields)?,
    };
    Ok(Command {
        id: format!("page-{}", random()?).into(),
        at: visit.now,
        by,
        origin: CommandOrigin::Page,
        action,
    })
}

/// The fields of a form.
pub(crate) async fn form(visit: &Visit, request: Request) -> Result<FormFields, RefusedForm> {
    if !visit.is_form() {
        return Err(NOT_A_FORM);
    }
    let body = axum::body::to_bytes(request.into_body(), MOST_BYTES).await;
    let too_large = RefusedForm(StatusCode::PAYLOAD_TOO_LARGE, "the form is too large");
    let body: Bytes = body.map_err(|_| too_large)?;
    Ok(fields(&body))
}

/// The author, as they call themselves.
pub(crate) fn name(fields: &FormFields) -> Result<String, RefusedForm> {
    let by = field(fields, "by")?;
    if by.chars().count() > MOST_NAME { Err(INCOMPLETE) } else { Ok(by.to_owned()) }
}

/// The end of the chosen duration.
pub(crate) fn until(fields: &FormFields, now: Timestamp) -> Result<Timestamp, RefusedForm> {
    let chosen = field(fields, "for")?;
    let known = DURATIONS.iter().find(|(span, _)| *span == chosen).ok_or(INCOMPLETE)?;
    let span = known.0.parse::<Period>().map_err(|_| INCOMPLETE)?;
    now.checked_add(span.0).map_err(|_| INCOMPLETE)
}

pub(crate) fn field<'f>(fields: &'f FormFields, name: &str) -> Result<&'f str, RefusedForm> {
    let text = fields.get(name).map(|text| text.trim()).filter(|text| !is_blank(text));
    text.ok_or(INCOMPLETE)
}

fn optional(fields: &FormFields, name: &str) -> Option<String> {
    field(fields, name).ok().map(str::to_owned)
}

/// Random hex digits.
pub(crate) fn random() -> Result<String, RefusedForm> {
    let mut bytes = [0; 16];
    let failed = RefusedForm(StatusCode::INTERNAL_SERVER_ERROR, "the system gives no random bytes");
    getrandom::fill(&mut bytes).map_err(|_| failed)?;
    Ok(link::hex(&bytes))
}

/// An id as a segment of a path.
pub(crate) fn encoded(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}
