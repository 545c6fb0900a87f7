//! I/O. `footman silence`: holds back known problems until a time.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::cli::acknowledge::open;
use crate::cli::output::Tone;
use crate::cli::submit::{CommandAnswer, CommandDesk};
use crate::cli::{End, Global, diagnose, output, usage, when};
use crate::clock::{self, Timestamp};
use crate::command::{Action, Applied, NewSilence, Refusal};
use crate::config::Period;
use crate::engine::{self, Engine};
use crate::state::Reader;
use crate::view::{self, Moment, SilenceState, SilenceView};

/// A longer silence is probably a slip.
const LONG: SignedDuration = SignedDuration::from_hours(366 * 24);

#[derive(clap::Subcommand)]
pub(crate) enum SilenceCommand {
    /// Hold back what matches until a time
    Add(Box<AddArgs>),
    /// List the silences in force
    List(ListSilencesArgs),
    /// End a silence now
    Expire(ExpireArgs),
}

#[derive(clap::Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    matchers: MatcherArgs,
    /// How long: 30m, 2h, 1d
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<Period>,
    /// Until when: 18:00, 2026-11-30T08:00, 2026-11-30T07:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    until: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who silences it [default: the account]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What to hold back. Each value is a name, a glob with * and ?, or a regex between slashes; several
/// of one option mean any of them.
#[derive(clap::Args)]
struct MatcherArgs {
    /// The kind, such as reload-failed; the kind security must be named to be silenced
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// The name or id of the app
    #[arg(long, value_name = "NAME")]
    app: Vec<String>,
    /// The name or id of the task
    #[arg(long, value_name = "NAME")]
    task: Vec<String>,
    /// The stream of the app
    #[arg(long, value_name = "NAME")]
    stream: Vec<String>,
    /// The tenant of Qlik Cloud, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    tenant: Vec<String>,
    /// The space of the app in its tenant
    #[arg(long, value_name = "NAME")]
    space: Vec<String>,
    /// A tag of the app in its tenant
    #[arg(long, value_name = "NAME")]
    tag: Vec<String>,
    /// The node that wrote the log
    #[arg(long, value_name = "NAME")]
    node: Vec<String>,
    /// The environment of the node
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,
    /// The user, as in the log
    #[arg(long, value_name = "NAME")]
    user: Vec<String>,
    /// The id of the pattern
    #[arg(long, value_name = "ID")]
    pattern: Vec<String>,
    /// The class of the error, as `footman patterns errors` lists them
    #[arg(long, value_name = "CLASS")]
    error_class: Vec<String>,
    /// The connection that the script used last
    #[arg(long, value_name = "NAME")]
    connection: Vec<String>,
    /// The severity
    #[arg(long, value_name = "SEVERITY")]
    severity: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct ListSilencesArgs {
    /// Also those that are over
    #[arg(long)]
    all: bool,
    /// One JSON list
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ExpireArgs {
    /// The id of the silence, or how it begins
    id: String,
    /// Who ends it [default: the account]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// One JSON list of the silence
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, command: &SilenceCommand) -> Result<End> {
    match command {
        SilenceCommand::Add(args) => add(global, args),
        SilenceCommand::List(args) => list(global, args),
        SilenceCommand::Expire(args) => expire(global, args),
    }
}

impl MatcherArgs {
    fn words(&self) -> BTreeMap<String, Vec<String>> {
        let given = [
            ("kind", &self.kind),
            ("app", &self.app),
            ("task", &self.task),
            ("stream", &self.stream),
            ("tenant", &self.tenant),
            ("space", &self.space),
            ("tag", &self.tag),
            ("node", &self.node),
            ("environment", &self.environment),
            ("user", &self.user),
            ("pattern", &self.pattern),
            ("error-class", &self.error_class),
            ("connection", &self.connection),
            ("severity", &self.severity),
        ];
        let given = given.into_iter().filter(|(_, words)| !words.is_empty());
        given.map(|(key, words)| (key.to_owned(), words.clone())).collect()
    }
}

fn add(global: &Global, args: &AddArgs) -> Result<End> {
    if args.until.is_none() && args.lasts.is_none() {
        let why = "a silence needs an end: say --for TIME or --until TIME";
        return Ok(usage::missing(why));
    }
    let desk = open(global, args.by.as_deref())?;
    let now = clock::now();
    let until = match (&args.until, args.lasts) {
        (Some(text), _) => when::next(text, &desk.settings().timezone, now)?,
        (None, lasts) => {
            let lasts = lasts.unwrap_or_default().signed();
            now.saturating_add(lasts).unwrap_or(Timestamp::MAX)
        }
    };
    let matchers = args.matchers.words();
    let silence = NewSilence { matchers, incident: None, until, reason: args.reason.clone() };
    // What the agent would refuse is refused while it is stopped, too.
    silence.compile(now).map_err(|refusal| desk.refused(&refusal))?;
    let (engine, _) = Engine::compile(desk.settings());
    let unknown = engine::unfillable_matcher(desk.settings(), &engine.detector, &silence.matchers);
    // The agent may know it from other files, or from an incident of before.
    if let Some((key, message, hint)) = unknown {
        output::complaint(&output::clean(&format!("note: --{key}: {message}; {hint}")));
    }
    if until.duration_since(now) > LONG {
        let ends = when::local(until, &desk.settings().timezone);
        output::complaint(&format!("note: this silence lasts for more than a year, until {ends}"));
    }
    let answer = desk.give(Action::SilenceAdd(silence.clone()))?;
    if answer == CommandAnswer::Stored && args.json {
        println!("{:#}", stored(&desk, &silence, now));
    }
    desk.end(answer, |reader, applied| {
        let silence = one(reader, &applied, now)?;
        match silence {
            Some(silence) if args.json => println!("{:#}", serde_json::to_value(silence)?),
            Some(silence) => print(&silence, &desk.settings().timezone),
            None => {}
        }
        Ok(())
    })
}

/// A silence that has no id yet.
fn stored(desk: &CommandDesk, silence: &NewSilence, now: Timestamp) -> serde_json::Value {
    serde_json::json!({
        "id": null, "matchers": silence.matchers, "from": Moment(now),
        "until": Moment(silence.until), "by": desk.by(), "reason": silence.reason,
        "state": "pending", "held_back": 0,
    })
}

fn list(global: &Global, args: &ListSilencesArgs) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let reader = Reader::open_current(&settings.state_dir)?;
    let silences = view::silences(&reader, clock::now(), args.all)?;
    if args.json {
        println!("{:#}", serde_json::to_value(silences)?);
        return Ok(End::Done);
    }
    if silences.is_empty() {
        println!("no silences{}", if args.all { "" } else { " in force" });
    }
    for silence in &silences {
        print(silence, &settings.timezone);
    }
    Ok(End::Done)
}

fn expire(global: &Global, args: &ExpireArgs) -> Result<End> {
    let desk = open(global, args.by.as_deref())?;
    let known = view::silences(desk.reader(), clock::now(), true)?;
    let begins = |silence: &&SilenceView| !args.id.is_empty() && silence.id.starts_with(&args.id);
    let found: Vec<&SilenceView> = known.iter().filter(begins).collect();
    let id = match found.as_slice() {
        [] => return Err(desk.refused(&Refusal::UnknownSilence).into()),
        [one] => one.id.clone(),
        many => {
            let ids = many.iter().map(|one| one.id.clone()).collect();
            return Err(desk.refused(&Refusal::AmbiguousSilence(ids)).into());
        }
    };
    let answer = desk.give(Action::SilenceExpire { silence: id.to_string() })?;
    desk.end(answer, |reader, applied| {
        let silence = one(reader, &applied, clock::now())?;
        if args.json {
            println!("{:#}", serde_json::to_value(Vec::from_iter(silence))?);
        } else if let Some(silence) = silence {
            print(&silence, &desk.settings().timezone);
        }
        Ok(())
    })
}

fn one(reader: &Reader, applied: &Applied, now: Timestamp) -> Result<Option<SilenceView>> {
    let Applied::Silence(id) = applied else { return Ok(None) };
    let all = view::silences(reader, now, true)?;
    Ok(all.into_iter().find(|silence| silence.id == *id))
}

/// Width of the column of names.
const NAMES: usize = 10;

fn print(silence: &SilenceView, zone: &TimeZone) {
    let ends = when::local(silence.until.0, zone);
    let head = match silence.state {
        SilenceState::Active => format!("{} until {ends}", output::paint("active", Tone::Good)),
        SilenceState::Expired => format!("expired {ends}"),
    };
    println!("{:<NAMES$}{head}", silence.id);
    for (key, words) in &silence.matchers {
        output::row(NAMES, "", &output::clean(&format!("{key}: {}", words.join(", "))));
    }
    let (by, reason) = (output::clean(&silence.by), output::clean(&silence.reason));
    output::row(NAMES, "", &format!("by {by}: {reason}"));
    output::row(NAMES, "", &format!("{} held back", silence.held_back));
}
