//! I/O. `footman test-send`: posts the test card and shows the channel's answer.

use anyhow::{Context, Result};

use crate::channels::{self, SendRequest};
use crate::cli::hint::{Refused, complete};
use crate::cli::{End, Global, diagnose, output, runtime, webhook};
use crate::clock;
use crate::config::load::{Env, load};
use crate::config::worded::NetworkKind;
use crate::config::{Channel, DEFAULT_CHANNEL, Destination, Problem, Settings, nearest};
use crate::detection::Kind;
use crate::engine::Engine;
use crate::outbox::{FaultSource, Outcome};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which channel
    #[arg(default_value = DEFAULT_CHANNEL)]
    channel: String,
    /// Send a card of this kind, such as `reload-failed`, with invented content
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

const UNSENT: &str = "nothing was sent";

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    send(global.settings(), args)
}

fn send((settings, problems): (Settings, Vec<Problem>), args: &Args) -> Result<End> {
    diagnose::print(&problems, false);
    // With a part of the configuration left out, the channel may not be the intended one.
    if !problems.is_empty() {
        eprintln!("footman: nothing was sent: the configuration has problems, see above");
        return Ok(End::Problems);
    }
    let kind =
        args.kind.as_deref().map(|name| kind(name, UNSENT)).transpose()?.unwrap_or(Kind::Test);
    let Some(meant) = settings.channels.get(&args.channel) else {
        refuse_unknown(UNSENT, &args.channel, &settings);
        return Ok(End::Problems);
    };
    let (engine, problems) = Engine::compile(&settings);
    diagnose::print(&problems, false);
    if !engine.renderer.problems_of(kind, &args.channel).is_empty() {
        // The built-in card in its place would show nothing of what is tested.
        output::complaint(&format!(
            "footman: nothing was sent: the template of the kind {} has problems, see above; until \
             then the agent sends the built-in card",
            kind.name()
        ));
        return Ok(End::Problems);
    }
    // Only the agent creates its state folder, with its own account.
    if meant.destination == Destination::Local && !settings.state_dir.exists() {
        not_kept(&args.channel, &settings);
        return Ok(End::Done);
    }
    let channel = match open(&args.channel, meant, &settings) {
        Ok(channel) => channel,
        Err(error) => {
            eprintln!("footman: nothing was sent: {error:#}");
            return Ok(End::Unreachable);
        }
    };
    let now = clock::now();
    let site = engine.site.in_language(meant.language);
    let card = engine.renderer.sample_card(kind, &site, now, &args.channel);
    let card = if meant.waiting_card { card.waiting(&site, now) } else { card };
    let id = format!("test-{}@{}", now.as_millisecond(), args.channel);
    let request =
        SendRequest { id: &id, created: now, card: &card.payload, possible_repeat: false };
    let outcome = runtime()?.block_on(channel.send(request));
    Ok(report(&args.channel, meant, &settings, &outcome))
}

/// The kind with this name, or an error with the nearest one.
pub(crate) fn kind(name: &str, undone: &str) -> Result<Kind> {
    let names = || Kind::ALL.iter().map(|kind| kind.name());
    if let Some(kind) = Kind::ALL.iter().find(|kind| kind.name() == name) {
        return Ok(*kind);
    }
    let hint = nearest(name, names()).map_or_else(
        || format!("known kinds: {}", names().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Refused::new(format!("{undone}: unknown kind `{name}`"), hint).into())
}

/// Posts the test card to the channel `default` as the agent will, which has this environment.
pub(crate) fn default_channel(global: &Global, env: &Env) -> Result<End> {
    send(load(env, &global.flags()), &Args { channel: DEFAULT_CHANNEL.to_owned(), kind: None })
}

fn open(name: &str, channel: &Channel, settings: &Settings) -> Result<channels::OpenChannel> {
    channels::OpenChannel::open(name, channel, &settings.state_dir)
        .with_context(|| format!("opening channel {name}"))
}

pub(crate) fn refuse_unknown(undone: &str, name: &str, settings: &Settings) {
    if webhook::is_url(name) {
        let webhook::NotTaken { why, hint } = webhook::exposed("a channel name");
        eprintln!("footman: {undone}: {why}\nhint: {hint}");
        return;
    }
    let known = || settings.channels.keys().map(String::as_str);
    eprintln!("footman: {undone}: unknown channel `{name}`");
    match nearest(name, known()) {
        Some(near) => eprintln!("hint: did you mean `{near}`?"),
        None => eprintln!("hint: known channels: {}", known().collect::<Vec<_>>().join(", ")),
    }
}

/// 0 only if the intended channel accepted the card.
fn report(name: &str, channel: &Channel, settings: &Settings, outcome: &Outcome) -> End {
    let destination = &channel.destination;
    if let Outcome::Accepted { receipt } = outcome {
        let receipt = receipt.as_deref();
        match destination {
            Destination::Webhook(_) | Destination::Flow(_) => {
                accepted_by_teams(name, destination, receipt);
            }
            Destination::Local => kept_here(name, settings, receipt.unwrap_or_default()),
        }
        return End::Done;
    }
    let why = outcome.why().unwrap_or_default();
    output::complaint(&format!(
        "footman: channel {name} ({destination}) did not accept the test card: {why}"
    ));
    output::complaint(&format!("hint: {}", complete(&remedy((name, channel), outcome))));
    End::Unreachable
}

/// The hint for an answer; the table in `docs/operating.md` has the same ones.
pub(crate) fn remedy((name, channel): (&str, &Channel), outcome: &Outcome) -> String {
    if matches!(channel.destination, Destination::Local) {
        let hint = "let this account write in the state folder, or name another with --state-dir";
        return hint.to_owned();
    }
    let (status, network) = match outcome.fault().map(|fault| fault.source) {
        Some(FaultSource::Teams(status)) => return remedy_in_teams(status).to_owned(),
        Some(FaultSource::Webhook(407)) => (Some(407), Some(NetworkKind::ProxySignIn)),
        Some(FaultSource::Webhook(status)) => (Some(status), None),
        Some(FaultSource::Network(kind)) => (None, kind),
        Some(FaultSource::Other) | None => (None, None),
    };
    network.map_or_else(
        || remedy_of_answer(outcome, status).to_owned(),
        |kind| kind.remedy_of_channel(name, &channel.connection),
    )
}

fn remedy_of_answer(outcome: &Outcome, status: Option<u16>) -> &'static str {
    match (outcome, status) {
        (Outcome::Unreached { .. }, _) => {
            "check network, proxy and DNS: `footman doctor` tests the connection without a card"
        }
        (Outcome::Gone { .. }, _) => {
            "the workflow was deleted or recreated: give Footman the new URL"
        }
        (Outcome::Unavailable { .. }, _) => "turn the workflow on in Power Automate; its URL stays",
        (Outcome::Refused { .. }, Some(200..=299)) => {
            "another server answered in place of the workflow: check the URL, and let this machine \
             pass the proxy without signing in"
        }
        (_, Some(300..=399)) => "the URL redirects elsewhere: copy the URL from the workflow again",
        (_, Some(401 | 403)) => {
            "the signature is wrong or a policy forbids it: let \"Anyone\" trigger the flow, save it, \
             and copy the URL from the workflow again"
        }
        (_, Some(404 | 410)) => "the workflow is gone: create it again, and give its URL",
        (_, Some(413)) => {
            "the card is too large for this workflow; the agent would send its plain form"
        }
        (_, Some(429)) => {
            "the channel gets too many posts: wait five minutes; see `pace` and `share`"
        }
        (_, Some(408 | 425 | 500..=599) | None) => {
            "try again in a few minutes; if it lasts, check the flow's run history"
        }
        _ => {
            "the workflow does not accept this card: use \"Send webhook alerts to a channel\", and \
             check the flow's run history"
        }
    }
}

/// The hint for an answer of Teams to the flow.
fn remedy_in_teams(status: u16) -> &'static str {
    match status {
        401 => "open the flow, and sign its connection to Teams in again",
        403 => {
            "let the account of the flow's connection post in the channel: it must be a member of the \
             team"
        }
        404 | 410 => {
            "Teams does not know the team, the channel or the first card: let the flow post in a \
             channel that exists, and keep the card there"
        }
        413 => "the card is too large for Teams; the agent would send its plain form",
        429 => "the connection sends too many messages: wait five minutes; see `pace` and `share`",
        400 => "Teams does not accept this card: check the flow's run history",
        _ => "try again in a few minutes; if it lasts, check the flow's run history",
    }
}

fn accepted_by_teams(name: &str, destination: &Destination, receipt: Option<&str>) {
    output::item(&format!("channel {name} ({destination}) accepted the test card"));
    if let Some(receipt) = receipt {
        output::item(&format!("run id {receipt}: search it in the flow's run history"));
    }
    output::item("Accepted by the workflow. Check that the card appears in the channel.");
}

fn kept_here(name: &str, settings: &Settings, card: &str) {
    let file = channels::local::folder(&settings.state_dir, name).join(card);
    output::item(&format!(
        "channel {name} is local: it has no webhook, so nothing was sent to Teams"
    ));
    output::item(&format!("the test card is on this machine: {}", file.display()));
    output::item(&format!("  hint: {}", complete(&webhook_hint(name))));
}

fn not_kept(name: &str, settings: &Settings) {
    output::item(&format!(
        "channel {name} is local: it has no webhook, so nothing was sent to Teams, and no card was \
         kept: there is no state folder {} before the agent's first start",
        settings.state_dir.display()
    ));
    output::item(&format!("  hint: {}", complete(&webhook_hint(name))));
}

/// How a channel without a webhook gets one.
pub(crate) fn webhook_hint(name: &str) -> String {
    let key = format!("`webhook-env`, `webhook-file` or `webhook-secret` in [channel.{name}]");
    if name == DEFAULT_CHANNEL {
        format!(
            "to send cards to Teams, run `footman setup`, or set FOOTMAN_TEAMS_WEBHOOK or {key}"
        )
    } else {
        format!("to send cards to Teams, set {key}")
    }
}
