//! I/O. `footman preview`: cards of all kinds side by side, while their templates are edited.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::hint::Refused;
use crate::cli::run::asked_to_stop;
use crate::cli::{End, Global, diagnose, runtime, test_send};
use crate::clock::{self, Timestamp};
use crate::config::{DEFAULT_CHANNEL, Language, Problem, Settings, nearest};
use crate::detection::Kind;
use crate::engine::{self, Templates};
use crate::render::Site;
use crate::web::preview::{self, DrawnPreview};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kinds to show [default: all]
    #[arg(value_name = "KIND")]
    kinds: Vec<String>,
    /// Write one page and end, instead of serving it while templates are edited
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// With the templates and in the language of this channel
    #[arg(long, value_name = "NAME", default_value = DEFAULT_CHANNEL)]
    channel: String,
    /// In this language [default: that of the channel]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

/// What is rendered, and with which values.
struct Preview {
    settings: Settings,
    kinds: Vec<Kind>,
    channel: String,
    /// Whether its cards are waiting cards.
    waits: bool,
    site: Site,
    now: Timestamp,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<End> {
    let (settings, problems) = global.settings();
    diagnose::print(&problems, false);
    let kinds = args.kinds.iter().map(|name| test_send::kind(name, "nothing was drawn"));
    let kinds = kinds.collect::<Result<Vec<_>>>()?;
    let kinds = if kinds.is_empty() { Kind::ALL.to_vec() } else { kinds };
    let Some(channel) = settings.channels.get(&args.channel) else {
        test_send::refuse_unknown("nothing was drawn", &args.channel, &settings);
        return Ok(End::Problems);
    };
    let language = args.language.as_deref().map(language).transpose()?.unwrap_or(channel.language);
    let site = engine::site(&settings).in_language(language);
    let waits = channel.waiting_card;
    let preview =
        Preview { kinds, channel: args.channel.clone(), waits, site, now: clock::now(), settings };
    match &args.html {
        Some(file) => {
            let (views, found) = preview.draw();
            std::fs::write(file, preview::page(&views, true))
                .with_context(|| format!("writing the page {}", file.display()))?;
            diagnose::print(&found, false);
            println!("the page is in {}", file.display());
            let is_clean = problems.is_empty() && found.is_empty();
            Ok(if is_clean { End::Done } else { End::Problems })
        }
        None => runtime()?.block_on(serve(preview)),
    }
}

async fn serve(preview: Preview) -> Result<End> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("listening on this machine")?;
    let address = listener.local_addr().context("listening on this machine")?;
    println!("preview on http://{address}/ follows the templates; Ctrl-C ends it");
    let stop = CancellationToken::new();
    let draw = Arc::new(move || preview.draw().0);
    let ended = stop.clone();
    tokio::select! {
        () = preview::serve(listener, draw, stop) => {}
        () = asked_to_stop() => ended.cancel(),
    }
    Ok(End::Done)
}

impl Preview {
    /// Reads the templates and draws every kind.
    fn draw(&self) -> (String, Vec<Problem>) {
        let (templates, mut problems) = Templates::read(&self.settings);
        let (renderer, found) = templates.compile();
        problems.extend(found);
        let shown: Vec<DrawnPreview<'_>> = self
            .kinds
            .iter()
            .map(|kind| {
                let card = renderer.sample_card(*kind, &self.site, self.now, &self.channel);
                let card = if self.waits { card.waiting(&self.site, self.now) } else { card };
                DrawnPreview {
                    kind: kind.name(),
                    card: card.payload,
                    problems: renderer.problems_of(*kind, &self.channel),
                    notes: card.problems,
                }
            })
            .collect();
        let is_shown = |one: &&Problem| shown.iter().any(|kind| kind.problems.contains(one));
        let others: Vec<&Problem> = problems.iter().filter(|one| !is_shown(one)).collect();
        (preview::views(&shown, &others), problems)
    }
}

/// The language with this name, or an error with the list.
fn language(name: &str) -> Result<Language> {
    let names = || Language::ALL.iter().map(|language| language.name());
    if let Some(language) = Language::ALL.iter().find(|language| language.name() == name) {
        return Ok(*language);
    }
    let known = format!("known languages: {}", names().collect::<Vec<_>>().join(", "));
    let hint = nearest(name, names()).map_or(known, |near| format!("did you mean `{near}`?"));
    Err(Refused::new(format!("nothing was drawn: unknown language `{name}`"), hint).into())
}
