//! I/O. Signed links of cards: reading one changes nothing, sending its form does.
//!
//! Machines open links before people do, and a sandbox may press buttons. So a request to read is
//! inert, whatever its headers, and the form needs a choice and a name in addition to its token.

use std::sync::{Arc, PoisonError};

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::agent::Given;
use crate::clock::Timestamp;
use crate::command::link::{AFTER_END, LinkCommands, Token, UNDO_WITHIN, is_stamp, stamp, verify};
use crate::command::{Action, Command, CommandOrigin, CommandResult, NewSilence, Refusal};
use crate::detection::Kind;
use crate::ids::CommandId;
use crate::redact;
use crate::state::LinkKeys;
use crate::view::{self, IncidentView, Moment};
use crate::web::acting::{
    DURATIONS, NOT_A_FORM, RefusedForm, field, form, name, outcome, random, until,
};
use crate::web::visit::Visit;
use crate::web::words::translated;
use crate::web::{PageSite, blocking, read, render_bare};

/// How long a form of a link may be open.
const FORM_LASTS: SignedDuration = SignedDuration::from_mins(15);
/// A form that is sent again is the same command, whose effect may have been undone since.
const TAKEN_BACK: RefusedForm = RefusedForm(
    StatusCode::CONFLICT,
    "this form was sent before, and what it did was taken back or replaced since",
);
const REASON: &str = "silenced from the link of a card";

/// The incident of a valid token, with the related values.
#[derive(Clone)]
struct Answerable {
    token: Token,
    incident: IncidentView,
    /// Silences of this one incident that are in force.
    silences: Vec<view::SilenceView>,
    /// The commands that were given through this link.
    commands: LinkCommands,
}

impl Answerable {
    fn expired(&self, now: Timestamp) -> bool {
        let over = |ended: Moment| now.duration_since(ended.0) > AFTER_END;
        now >= self.token.expires || self.incident.ended.is_some_and(over)
    }

    fn is_security(&self) -> bool {
        self.incident.kind == Kind::Security
    }

    /// The action that undoes the latest answer that was recently given through this link. Answers
    /// given elsewhere stay.
    fn undoable(&self, now: Timestamp) -> Option<Action> {
        let is_fresh = |at: Moment, command: &Option<CommandId>| {
            let is_of_link = command.as_ref().is_some_and(|id| self.commands.contains(id));
            is_of_link && now.duration_since(at.0) <= UNDO_WITHIN
        };
        let mut silences = self.silences.iter();
        let silence = silences.find(|silence| is_fresh(silence.from, &silence.command));
        let known = self.incident.acknowledged.as_ref();
        let acknowledged = known.filter(|known| is_fresh(known.at, &known.command));
        match (silence, acknowledged) {
            // The later of two.
            (Some(silence), Some(known)) if known.at > silence.from => Some(self.take_back()),
            (Some(silence), _) => Some(Action::SilenceExpire { silence: silence.id.to_string() }),
            (None, Some(_)) => Some(self.take_back()),
            (None, None) => None,
        }
    }

    /// Whether an answer that was applied still has its effect.
    fn shows(&self, command: &Command) -> bool {
        let is_it = |id: &Option<CommandId>| id.as_ref() == Some(&command.id);
        // What an incident had is gone with its end.
        self.incident.ended.is_some()
            || match &command.action {
                Action::Acknowledge { .. } => {
                    self.incident.acknowledged.as_ref().is_some_and(|it| is_it(&it.command))
                }
                Action::SilenceAdd(_) => self.silences.iter().any(|it| is_it(&it.command)),
                _ => true,
            }
    }

    fn take_back(&self) -> Action {
        Action::Unacknowledge { incident: self.incident.fingerprint.to_string(), is_undo: true }
    }
}

/// Shows the form. It reads the state and changes nothing.
pub(crate) async fn show(
    State(site): State<Arc<PageSite>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let visit = Visit::of(&site, &request);
    match find(&site, &token).await {
        Ok(Some(found)) => page(&site, &visit, &token, &found),
        Ok(None) => unknown(&site, &visit),
        Err(status) => status.into_response(),
    }
}

/// Acts on the form.
pub(crate) async fn answer(
    State(site): State<Arc<PageSite>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let visit = Visit::of(&site, &request);
    if !site.may_post(visit.now, visit.address) {
        return refused(
            &site,
            &RefusedForm(StatusCode::TOO_MANY_REQUESTS, "too many requests; wait a minute"),
        );
    }
    let found = match find(&site, &token).await {
        Ok(Some(found)) => found,
        Ok(None) => return unknown(&site, &visit),
        Err(status) => return status.into_response(),
    };
    if found.expired(visit.now) {
        return (StatusCode::GONE, page(&site, &visit, &token, &found)).into_response();
    }
    let command = match command(&site, &visit, &token, &found, request).await {
        Ok(Some(command)) => command,
        Ok(None) => return redirect_to_done(&token),
        Err(why) => return refused(&site, &why),
    };
    let (by, what) = (redact::redact(&command.by).into_owned(), command.action.name());
    let given = site.give(command.clone()).await;
    tracing::info!(address = %visit.address, by, user_agent = visit.user_agent, incident = found.incident.id, what, "link: {}", outcome(&given));
    if matches!(given, Given::Result(CommandResult::Applied(_)))
        && let Ok(Some(found)) = find(&site, &token).await
        && !found.shows(&command)
    {
        return problem(&site, &TAKEN_BACK, true);
    }
    done(&site, &visit, &token, &found, &given)
}

fn redirect_to_done(token: &str) -> Response {
    // The token is made of hex digits and dashes.
    Redirect::to(&format!("/r/{token}?done=1")).into_response()
}

fn done(
    site: &PageSite,
    visit: &Visit,
    token: &str,
    found: &Answerable,
    given: &Given,
) -> Response {
    match given {
        Given::Result(CommandResult::Applied(_)) => redirect_to_done(token),
        Given::Result(CommandResult::Refused(Refusal::Security)) => refused(
            site,
            &RefusedForm(StatusCode::FORBIDDEN, "a security incident can only be acknowledged"),
        ),
        Given::Result(CommandResult::Refused(Refusal::IncidentOver | Refusal::UnknownIncident)) => {
            (StatusCode::GONE, page(site, visit, token, found)).into_response()
        }
        Given::Result(CommandResult::Refused(_)) => {
            refused(site, &RefusedForm(StatusCode::CONFLICT, "the agent has refused it"))
        }
        Given::NoAnswer => refused(
            site,
            &RefusedForm(
                StatusCode::SERVICE_UNAVAILABLE,
                "the agent has not answered; look again in a moment",
            ),
        ),
    }
}

/// The command of the form; `None` if the form was sent before and its effect has been undone.
async fn command(
    site: &Arc<PageSite>,
    visit: &Visit,
    token: &str,
    found: &Answerable,
    request: Request,
) -> Result<Option<Command>, RefusedForm> {
    let forbidden = |why| RefusedForm(StatusCode::FORBIDDEN, why);
    if !visit.is_own(site) {
        return Err(forbidden("the form was not sent from this page"));
    }
    if !visit.is_form() {
        return Err(NOT_A_FORM);
    }
    let fields = form(visit, request).await?;
    let nonce = fields.get("nonce").map(String::as_str).unwrap_or_default();
    if !is_stamp(&found.token.key.secret, token, nonce, visit.now, FORM_LASTS) {
        return Err(forbidden("the form is too old; open the link again"));
    }
    let by = name(&fields)?;
    let incident = found.incident.fingerprint.to_string();
    let chosen = field(&fields, "action")?;
    // The same form sent again is the same command, which is applied once.
    let span = fields.get("for").map(String::as_str).unwrap_or_default();
    let id = found.commands.id(&[token, nonce, chosen, span, &by].join("\n"));
    if chosen == "undo" && was_applied(site, &id).await {
        return Ok(None);
    }
    let action = match chosen {
        "acknowledge" => Action::Acknowledge { incident, note: None, is_undoable: true },
        "silence" if found.is_security() => {
            return Err(forbidden("a security incident can only be acknowledged"));
        }
        "silence" => Action::SilenceAdd(NewSilence {
            matchers: std::collections::BTreeMap::new(),
            incident: Some(incident),
            until: until(&fields, visit.now)?,
            reason: translated(site.place.language, REASON).to_owned(),
        }),
        "undo" => found.undoable(visit.now).ok_or(RefusedForm(
            StatusCode::CONFLICT,
            "nothing was done through this link in the last 10 minutes",
        ))?,
        _ => return Err(RefusedForm(StatusCode::BAD_REQUEST, "choose what to do")),
    };
    Ok(Some(Command { id, at: visit.now, by, origin: CommandOrigin::Link, action }))
}

/// Whether a command of this id was applied before.
async fn was_applied(site: &Arc<PageSite>, id: &CommandId) -> bool {
    let (state_dir, id) = (site.place.state_dir.clone(), id.clone());
    let result = blocking(site, move |_| {
        let reader = read::open(&state_dir)?;
        reader.map_or(Ok(None), |reader| reader.command_result(&id))
    });
    matches!(result.await, Ok(Some(CommandResult::Applied(_))))
}

/// Verifies a token and reads its incident. A wrong token and an incident that is no longer stored
/// give the same answer, after the same work as far as the token goes.
async fn find(site: &Arc<PageSite>, token: &str) -> Result<Option<Answerable>, StatusCode> {
    let (state_dir, token) = (site.place.state_dir.clone(), token.to_owned());
    blocking(site, move |now| {
        let keys = LinkKeys::read(&state_dir).unwrap_or_default();
        let Some(known) = verify(keys.valid(now), &token) else { return Ok(None) };
        let Some(reader) = read::open(&state_dir)? else { return Ok(None) };
        let print = &known.fingerprint;
        let Some(incident) = view::incident(&reader, print)? else { return Ok(None) };
        let ids = view::IncidentIds::new(vec![print.clone()]);
        let of_it = reader.silences_of(print)?.into_iter();
        let in_force = of_it.filter(|silence| silence.is_active(now));
        let silences = in_force.map(|silence| view::SilenceView::new(silence, &ids, now)).collect();
        let commands = LinkCommands::of(&token);
        Ok(Some(Answerable { token: known, incident, silences, commands }))
    })
    .await
}

fn page(site: &PageSite, visit: &Visit, token: &str, found: &Answerable) -> Response {
    let now = visit.now;
    let is_expired = found.expired(now);
    let expired = is_expired.then(|| handled(&found.incident));
    let salt = match random() {
        Ok(salt) => salt,
        Err(why) => return refused(site, &why),
    };
    let context = json!({
        "incident": found.incident,
        "silences": found.silences,
        "is_security": found.is_security(),
        "ended": found.incident.ended,
        "expired": expired,
        "is_local": site.is_local,
        "can_undo": found.undoable(now).is_some(),
        "nonce": stamp(&found.token.key.secret, token, &salt, now),
        "durations": DURATIONS,
        "done": visit.query.get("done").map(|_| "Done."),
    });
    (StatusCode::OK, render_bare(site, "answer.html", context)).into_response()
}

/// Why the link no longer works; the page names the person who handled the incident.
fn handled(incident: &IncidentView) -> &'static str {
    match (&incident.ended, &incident.acknowledged) {
        (Some(_), _) => "This link has expired: the incident is over.",
        (None, Some(_)) => "This link has expired; somebody takes care of the incident.",
        (None, None) => "This link has expired. The next card of the incident has a new one.",
    }
}

/// The answer to every wrong token, and to too many of them.
fn unknown(site: &PageSite, visit: &Visit) -> Response {
    if !site.may_be_wrong(visit.now, visit.address) {
        // Whoever tries tokens gets no page drawn.
        return (StatusCode::TOO_MANY_REQUESTS, "too many requests; wait a minute").into_response();
    }
    tracing::info!(address = %visit.address, user_agent = visit.user_agent, "link: a token that is not valid");
    refused(site, &RefusedForm(StatusCode::NOT_FOUND, "this link is not valid"))
}

fn refused(site: &PageSite, why: &RefusedForm) -> Response {
    problem(site, why, why.0 == StatusCode::NOT_FOUND)
}

/// The hint depends on whether another card has a link that works.
fn problem(site: &PageSite, RefusedForm(status, why): &RefusedForm, has_newer: bool) -> Response {
    let hint = has_newer.then_some("open the link of the newest card again");
    let context: Value = json!({ "title": why, "hint": hint });
    (*status, render_bare(site, "problem.html", context)).into_response()
}

/// The content of a lock, even if a thread panicked while holding it.
pub(crate) fn unpoisoned<T>(locked: std::sync::LockResult<T>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
