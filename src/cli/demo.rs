//! I/O. `footman demo`: a simulated node, the agent on it, and a page that shows the cards.

mod printer;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::agent::{self, Setup};
use crate::cli::demo::printer::{DemoLog, Printer};
use crate::cli::hint::Refused;
use crate::cli::run::asked_to_stop;
use crate::cli::{End, diagnose, log, runtime};
use crate::clock;
use crate::config::limits;
use crate::config::load::{Env, Flags, read_text, without_file};
use crate::config::worded::system;
use crate::config::{Language, Period, Problem, Tenant};
use crate::demo::answers::Answers;
use crate::demo::tenant::{self, API_KEY, CloudTenant};
use crate::demo::{Node, PlayedLine, Story, StoryLine, play};
use crate::metrics::CounterSet;
use crate::observe::source::SnapshotSource;
use crate::state::{PageKey, Reader, create_private_folder};
use crate::web;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Play this story instead of the built-in one
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// End after this many seconds
    #[arg(long, value_name = "N")]
    seconds: Option<f64>,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
    /// Port of the local page; 0 takes any free one
    #[arg(long, default_value_t = 8640)]
    port: u16,
    /// Show a simulated tenant of Qlik Cloud beside the node
    #[arg(long)]
    cloud: bool,
    /// Keep logs, state and cards in this folder
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

const HOST: &str = "qlik-demo-1";
const ENVIRONMENT: &str = "demo";
const TENANT: &str = "acme";
const TENANT_EVERY: Duration = Duration::from_secs(1);
/// Short, because a demo is: a service that is down this long is reported.
const SERVICE_SETTLE: Duration = Duration::from_secs(2);
/// How often to check whether lines of the story had any effect.
const SETTLED_EVERY: Duration = Duration::from_millis(500);
const SERVICE_LOOKS: Duration = Duration::from_millis(500);

pub(crate) fn run(args: &Args) -> Result<End> {
    let story = match read_story(args) {
        Ok(story) => story,
        Err(problem) => {
            diagnose::print(&[problem], false);
            return Ok(End::Problems);
        }
    };
    let place = DemoFolder::make(args.folder.as_deref())?;
    let printer = Printer::default();
    log::start_with(DemoLog(printer.clone()));
    runtime()?.block_on(show(args, &story, &place, &printer))?;
    Ok(End::Done)
}

fn read_story(args: &Args) -> Result<Story, Problem> {
    let Some(path) = &args.script else { return Ok(Story::built_in()) };
    let text = read_text(path, limits::TEXT).map_err(|error| error.problem(path))?;
    Story::parse(&path.display().to_string(), &text)
}

/// The folder of one demo; a temporary one is removed when the demo ends.
struct DemoFolder {
    folder: PathBuf,
    temporary: bool,
}

impl DemoFolder {
    fn make(wanted: Option<&Path>) -> Result<Self> {
        let temporary = wanted.is_none();
        let own = format!("footman-demo-{}", std::process::id());
        let folder = wanted.map_or_else(|| std::env::temp_dir().join(own), Path::to_owned);
        if std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
            // Rows of an earlier demo would be reported as those of this one.
            let what = format!("the folder {} is not empty", folder.display());
            let hint = "name a new or empty folder: the demo makes a node and its state there";
            return Err(Refused::new(what, hint).into());
        }
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
        Ok(Self { folder, temporary })
    }
}

impl Drop for DemoFolder {
    fn drop(&mut self) {
        if self.temporary {
            // Leftovers are in the system's folder for temporary files.
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }
}

async fn show(args: &Args, story: &Story, place: &DemoFolder, printer: &Printer) -> Result<()> {
    let zone = TimeZone::system();
    let mut node = Node::create(&place.folder.join("Sense"), HOST, zone)?;
    let cloud = if args.cloud { Some(SimulatedTenant::listen().await?) } else { None };
    let tenant = cloud.as_ref().map(|cloud| cloud.tenant.clone());
    let mut setup = setup(place, node.log_root(), tenant);
    let services = SnapshotSource::Table(node.service_table().to_owned());
    setup.watch_services(services, Period(SERVICE_SETTLE), SERVICE_LOOKS);
    let shown = web::PageAddress {
        state_dir: setup.state_dir.clone(),
        node: HOST.to_owned(),
        environment: Some(ENVIRONMENT.to_owned()),
        timezone: TimeZone::system(),
        language: Language::English,
        url: None,
        desk: Some(setup.open_desk()),
        pulse: setup.pulse(),
    };
    let listener = listen(args.port).await?;
    setup.page = agent::PageNote::Served { address: listener.local_addr()?, is_tls: false };
    let url = setup.page.text();
    create_private_folder(&setup.state_dir).context("making the folder of the state")?;
    let key = PageKey::read_or_make(&setup.state_dir).context("making the key of the page")?;
    let link = format!("{url}?key={}", key.text());
    introduce(&link, place);
    if !args.no_open && std::io::stdout().is_terminal() {
        open_browser(&link);
    }

    let stop = CancellationToken::new();
    let ended = |result| {
        stop.cancel();
        result
    };
    let state_dir = setup.state_dir.clone();
    let agent = async { ended(agent::run(setup, stop.clone()).await) };
    let page = async { ended(web::serve(listener, shown, stop.clone()).await.map_err(Into::into)) };
    let tale = async {
        let answers = Answers::new(&state_dir, TimeZone::system());
        let print = |line: PlayedLine<'_>| match line {
            PlayedLine::Event(event) => printer.print(event, Instant::now()),
            PlayedLine::Answer { at, lines } => printer.print_answer(at, lines),
        };
        let result = play(&mut node, &answers, story, clock::now, stop.clone(), print).await;
        result.map_err(anyhow::Error::from).or_else(|error| ended(Err(error)))
    };
    let end = async {
        tokio::select! {
            () = asked_to_stop() => {}
            () = time_is_up(args.seconds) => {}
            () = stop.cancelled() => {}
        }
        stop.cancel();
    };
    let settle = async {
        let mut turns = tokio::time::interval(SETTLED_EVERY);
        while !stop.is_cancelled() {
            turns.tick().await;
            printer.settle(Instant::now());
        }
        printer.end();
    };
    let cloud = async {
        match cloud {
            Some(cloud) => cloud.run(printer, stop.clone()).await,
            None => Ok(()),
        }
    };
    let (agent, page, tale, (), (), cloud) = tokio::join!(agent, page, tale, end, settle, cloud);
    agent.and(page).and(tale).and(cloud)?;
    conclude(&state_dir)
}

/// The settings of a node without any configuration.
fn setup(place: &DemoFolder, log_root: &Path, tenant: Option<Tenant>) -> Setup {
    let flags = Flags {
        config: None,
        log_root: Some(log_root.to_owned()),
        state_dir: Some(place.folder.join("state")),
    };
    let (mut settings, _) = without_file(&Env::of([("FOOTMAN_ENVIRONMENT", ENVIRONMENT)]), &flags);
    HOST.clone_into(&mut settings.node);
    settings.tenants.extend(tenant.map(|tenant| (TENANT.to_owned(), tenant)));
    let (setup, problems) = Setup::compile(&settings, log_root.to_owned());
    diagnose::print(&problems, false);
    setup
}

/// The simulated tenant, ready to answer.
struct SimulatedTenant {
    listener: TcpListener,
    tenant: Tenant,
    cloud: CloudTenant,
}

impl SimulatedTenant {
    async fn listen() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.context("listening on 127.0.0.1 for the simulated tenant")?;
        let url = format!("http://{}/", listener.local_addr()?).parse()?;
        let tenant = Tenant::simulated(url, API_KEY, TENANT_EVERY);
        Ok(Self { listener, tenant, cloud: CloudTenant::new(tenant::story::world()) })
    }

    async fn run(self, printer: &Printer, stop: CancellationToken) -> Result<()> {
        let print = |event: StoryLine<'_>| printer.print(event, Instant::now());
        let story = tenant::story::play(&self.cloud, stop.clone(), print);
        let (served, ()) = tokio::join!(self.cloud.serve(self.listener, stop.clone()), story);
        served.context("serving the simulated tenant")
    }
}

/// Listens on the requested port, or on any free one if it is in use.
async fn listen(port: u16) -> Result<TcpListener> {
    let wanted = TcpListener::bind(("127.0.0.1", port)).await;
    match wanted {
        Ok(listener) => Ok(listener),
        Err(error) => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await;
            let listener = listener.context("listening on 127.0.0.1")?;
            let other = listener.local_addr()?.port();
            println!(
                "Port {port} cannot be used ({}); the page is on port {other}.",
                system(&error)
            );
            Ok(listener)
        }
    }
}

async fn time_is_up(seconds: Option<f64>) {
    match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

fn introduce(url: &str, place: &DemoFolder) {
    println!("Footman on a simulated Qlik Sense node. Nothing leaves this machine.");
    println!();
    println!("  cards   {url}");
    println!("  logs    {}", place.folder.join("Sense").join("Log").display());
    println!("  end     Ctrl-C");
    println!();
}

/// Prints the agent's counters in one line.
fn conclude(state_dir: &Path) -> Result<()> {
    let reader = Reader::open(state_dir)?;
    let sent = reader.sent(u32::MAX)?.len();
    let held_back: u64 = reader.counters()?.of(CounterSet::Suppressions).map(|(_, n)| n).sum();
    println!();
    let cards = if sent == 1 { "card" } else { "cards" };
    println!("Demo finished: {sent} {cards} sent; {held_back} log lines needed none.");
    Ok(())
}

fn open_browser(url: &str) {
    let (program, args): (&str, &[&str]) = if cfg!(windows) {
        ("cmd", &["/c", "start", ""])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    // Without a browser, the address is still in the terminal.
    std::process::Command::new(program)
        .args(args)
        .arg(url)
        .stderr(std::process::Stdio::null())
        .spawn()
        .ok();
}
