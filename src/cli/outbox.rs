//! I/O. `footman outbox`: the cards that wait, and those that were refused.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::agent::{FAILING_NOTE, FailingChannel, failing_channels};
use crate::cli::acknowledge::open;
use crate::cli::hint::{self, Refused};
use crate::cli::output::Tone;
use crate::cli::submit::{CommandAnswer, CommandDesk, STORED, UNANSWERED, UNANSWERED_HINT};
use crate::cli::{End, Global, diagnose, output, when};
use crate::clock;
use crate::command::{Action, DeliveryState, Refusal};
use crate::config::Language;
use crate::ids::DeliveryId;
use crate::state::Reader;
use crate::view::{self, DeliveryView, IncidentIds};

#[derive(clap::Subcommand)]
pub(crate) enum OutboxCommand {
    /// List cards that wait, that were refused, and the latest that were sent
    List(ListCardsArgs),
    /// Show one card's way
    Show(ShowCardArgs),
    /// Send refused cards again
    Retry(ChangeArgs),
    /// Give up waiting or refused cards
    Drop(ChangeArgs),
}

#[derive(clap::Args)]
pub(crate) struct ListCardsArgs {
    /// How many of the sent ones, newest first
    #[arg(short = 'n', long, default_value_t = 100, value_name = "N")]
    limit: u32,
    /// One JSON list
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ShowCardArgs {
    /// The id of the delivery, or how it begins
    id: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ChangeArgs {
    /// The ids of the deliveries, or how they begin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Who says so [default: the account]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// One JSON list of the deliveries
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, command: &OutboxCommand) -> Result<End> {
    match command {
        OutboxCommand::List(args) => list(global, args),
        OutboxCommand::Show(args) => show(global, args),
        OutboxCommand::Retry(args) => {
            change(global, args, "pending again", |delivery| Action::DeliveryRetry { delivery })
        }
        OutboxCommand::Drop(args) => {
            change(global, args, "dropped", |delivery| Action::DeliveryDrop { delivery })
        }
    }
}

fn list(global: &Global, args: &ListCardsArgs) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let reader = Reader::open_current(&settings.state_dir)?;
    let deliveries = view::deliveries(&reader, args.limit)?;
    if args.json {
        println!("{:#}", serde_json::to_value(deliveries)?);
        return Ok(End::Done);
    }
    if deliveries.is_empty() {
        println!("no deliveries");
    }
    let failing = failing(&reader)?;
    for delivery in &deliveries {
        print(delivery, &failing, &settings.timezone);
    }
    Ok(End::Done)
}

fn show(global: &Global, args: &ShowCardArgs) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let reader = Reader::open_current(&settings.state_dir)?;
    let id = resolve(&reader, &args.id)?;
    let Some(delivery) = one(&reader, &id)? else { return Err(unknown(&args.id).into()) };
    if args.json {
        println!("{:#}", serde_json::to_value(delivery)?);
        return Ok(End::Done);
    }
    let zone = &settings.timezone;
    let local = |at: view::Moment| when::local(at.0, zone);
    let receipt = match (delivery.state, &delivery.receipt) {
        (DeliveryState::Delivered, Some(receipt)) => Some(view::receipt_advice(receipt)),
        (_, receipt) => receipt.clone(),
    };
    let next = next(&delivery, &failing(&reader)?, zone).map(|next| match next {
        NextAttempt::Due => "due now".to_owned(),
        NextAttempt::At(when) => when,
    });
    let fields = [
        ("id", Some(delivery.id.to_string())),
        ("incident", delivery.incident.clone()),
        ("channel", Some(delivery.channel.clone())),
        ("sent through", delivery.via.clone()),
        ("summary", Some(delivery.summary.clone())),
        ("state", Some(delivery.state.name().to_owned())),
        ("attempts", Some(delivery.attempts.to_string())),
        ("created", Some(local(delivery.created))),
        ("next attempt", next),
        ("why", delivery.why.clone()),
        ("receipt", receipt),
    ];
    for (name, text) in fields {
        if let Some(text) = text {
            output::row(FIELDS, name, &output::clean(&text));
        }
    }
    Ok(End::Done)
}

/// Changes deliveries; if one is refused, the others are still changed.
fn change(
    global: &Global,
    args: &ChangeArgs,
    what: &str,
    action: impl Fn(String) -> Action,
) -> Result<End> {
    let desk = open(global, args.by.as_deref())?;
    let ids: Vec<DeliveryId> =
        args.ids.iter().map(|id| resolve(desk.reader(), id)).collect::<Result<_>>()?;
    let before: Vec<Option<DeliveryView>> =
        ids.iter().map(|id| one(desk.reader(), id)).collect::<Result<_>>()?;
    let answers = desk.give_all(ids.iter().map(|id| action(id.to_string())).collect())?;
    let mut shown = Vec::new();
    let mut end = End::Done;
    for ((id, before), answer) in ids.iter().zip(before).zip(answers) {
        if let Some(worse) = report(&desk, id, what, &answer, args.json) {
            end = worse;
        }
        // A dropped one is as it was before.
        shown.extend(one(desk.reader(), id)?.or(before));
    }
    if args.json {
        println!("{:#}", serde_json::to_value(shown)?);
    }
    Ok(end)
}

fn report(
    desk: &CommandDesk,
    id: &str,
    what: &str,
    answer: &CommandAnswer,
    json: bool,
) -> Option<End> {
    let id = output::clean(id);
    match answer {
        CommandAnswer::Applied(_) => {
            if !json {
                println!("{what}: {id}");
            }
            None
        }
        CommandAnswer::Refused(refusal) => {
            let refused = desk.refused(refusal);
            eprintln!("footman: {id}: {}", refused.what);
            eprintln!("hint: {}", hint::complete(&refused.hint));
            Some(End::Problems)
        }
        CommandAnswer::Stored => {
            eprintln!("{id}: {STORED}");
            None
        }
        CommandAnswer::None => {
            eprintln!("footman: {id}: {UNANSWERED}");
            eprintln!("hint: {}", hint::complete(UNANSWERED_HINT));
            Some(End::Unanswered)
        }
    }
}

/// The one delivery that a person means.
fn resolve(reader: &Reader, prefix: &str) -> Result<DeliveryId> {
    match view::delivery_ids_like(reader, prefix)?.as_slice() {
        [] => Err(unknown(prefix).into()),
        [one] => Ok(one.clone()),
        many => {
            let what = format!(
                "{}: several deliveries begin so: {}",
                output::clean(prefix),
                many.join(", ")
            );
            Err(Refused::new(what, "give more of the id").into())
        }
    }
}

fn unknown(id: &str) -> Refused {
    let words = view::worded(&Refusal::UnknownDelivery, &IncidentIds::default(), Language::English);
    Refused::new(format!("{}: {}", output::clean(id), words.problem), words.hint)
}

fn one(reader: &Reader, id: &str) -> Result<Option<DeliveryView>> {
    let Some(row) = reader.delivery(id)? else { return Ok(None) };
    Ok(Some(DeliveryView::new(row, &IncidentIds::new(reader.fingerprints()?))))
}

/// When a waiting card is tried next.
enum NextAttempt {
    /// It only waits for its turn.
    Due,
    At(String),
}

/// Once its own time has come, it waits only for its channel.
fn next(
    delivery: &DeliveryView,
    failing: &FailingChannels,
    zone: &TimeZone,
) -> Option<NextAttempt> {
    let at = delivery.next_at.filter(|_| delivery.state == DeliveryState::Pending)?.0;
    let now = clock::now();
    if at > now {
        return Some(NextAttempt::At(when::local(at, zone)));
    }
    Some(match failing.get(&delivery.channel).map(|channel| channel.next_at) {
        Some(None) => NextAttempt::At("after the URL of its channel changes".to_owned()),
        Some(Some(at)) if at > now => {
            NextAttempt::At(format!("{}, as its channel", when::local(at, zone)))
        }
        _ => NextAttempt::Due,
    })
}

/// The channels that accept no cards.
type FailingChannels = BTreeMap<String, FailingChannel>;

fn failing(reader: &Reader) -> Result<FailingChannels> {
    Ok(failing_channels(&reader.note(FAILING_NOTE)?.unwrap_or_default()))
}

/// Width of the names of fields.
const FIELDS: usize = 14;
/// Width of the state's column.
const STATES: usize = 11;

fn print(delivery: &DeliveryView, failing: &FailingChannels, zone: &TimeZone) {
    let tone = match delivery.state {
        DeliveryState::Dead => Some(Tone::Bad),
        DeliveryState::Pending | DeliveryState::InFlight => Some(Tone::Odd),
        DeliveryState::Delivered | DeliveryState::Folded | DeliveryState::Dissolved => None,
    };
    let state = format!("{:<STATES$}", delivery.state.name());
    let state = tone.map_or(state.clone(), |tone| output::paint(&state, tone));
    println!("{state}{}", output::clean(&delivery.id));
    let row = |text: &str| output::row(STATES, "", &output::clean(text));
    row(&delivery.summary);
    let n = delivery.attempts;
    let attempts = if n == 1 { "1 attempt".to_owned() } else { format!("{n} attempts") };
    let next = next(delivery, failing, zone).map(|next| match next {
        NextAttempt::Due => ", due now".to_owned(),
        NextAttempt::At(when) => format!(", next {when}"),
    });
    let via = delivery.via.as_ref().map(|via| format!(", through {via}"));
    row(&format!(
        "created {}, {attempts}{}{}",
        when::local(delivery.created.0, zone),
        via.unwrap_or_default(),
        next.unwrap_or_default()
    ));
    if let Some(why) = &delivery.why {
        row(why);
    }
}
