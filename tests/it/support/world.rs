//! A simulated node with the real agent and a loopback Teams.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use footman::agent::{self, Setup};
use footman::clock;
use footman::config::load::{Env, Flags, load};
use footman::config::{Period, Settings};
use footman::demo::Node;
use footman::demo::plan::{Act, PlannedRun, reload};
use footman::demo::story::StoryEnd;
use footman::observe::source::SnapshotSource;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::failing::FailNow;
use crate::support::fake_teams::{Answer, FakeTeams, Post};

/// One node with one agent. State and logs are kept across calls of [`World::run_until`].
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) node: Node,
    pub(crate) teams: FakeTeams,
    /// The target of cards: the loopback Teams, unless a test changes it.
    pub(crate) webhook: Option<String>,
    /// The content of `footman.toml`.
    pub(crate) config: String,
    /// More variables of the environment.
    pub(crate) variables: Vec<(String, String)>,
    /// The source of the services' states, and the interval of polling.
    pub(crate) services: (SnapshotSource, Duration),
}

const HOST: &str = "qlik-test-1";

/// A channel without a pace limit, and a short settle time.
const QUICK: &str = r#"
environment = "test"
[channel.default]
webhook-env = "FOOTMAN_TEAMS_WEBHOOK"
pace = { burst = 1000, every = "1ms" }
[incident]
settle = "200ms"
"#;

impl World {
    pub(crate) fn new() -> Self {
        Self::with_teams([])
    }

    /// A world whose Teams answers by script, then always 202.
    pub(crate) fn with_teams(script: impl IntoIterator<Item = Answer>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("Sense");
        let node = Node::create(&data, HOST, TimeZone::UTC).unwrap();
        let teams = FakeTeams::start(script);
        let webhook = Some(teams.url());
        let table = SnapshotSource::Table(node.service_table().to_owned());
        let services = (table, Duration::from_millis(10));
        Self {
            folder,
            node,
            teams,
            webhook,
            config: QUICK.to_owned(),
            variables: Vec::new(),
            services,
        }
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        let path = self.folder.path().join("footman.toml");
        let log = format!("[log]\nfolder = '{}'\n", self.folder.path().join("log").display());
        // Tests run at the same time, so none takes the usual port of the page.
        let page = if self.config.contains("[page]") { "" } else { "[page]\nlisten = \"\"\n" };
        let text = format!("{}{page}{log}", self.config);
        // A command names the file while the agent reads it, so it is never seen half written.
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            let new = path.with_extension("new");
            std::fs::write(&new, text).unwrap();
            std::fs::rename(&new, &path).unwrap();
        }
        path
    }

    /// Starts the real program on this node.
    pub(crate) fn start_program(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(["run", "--config"])
            .arg(self.config_file())
            .arg("--log-root")
            .arg(self.log_root())
            .arg("--state-dir")
            .arg(self.state_dir())
            .env("FOOTMAN_TEAMS_WEBHOOK", self.teams.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn log_root(&self) -> &Path {
        self.node.log_root()
    }

    /// Writes one failed reload at once.
    pub(crate) fn fail(&mut self, app: &str, error: &str) {
        self.node.fail_now(clock::now(), app, error).unwrap();
    }

    /// Writes one successful reload at once.
    pub(crate) fn succeed(&mut self, app: &str) {
        let now = clock::now();
        let run = PlannedRun::of_task(app, &now.to_string());
        for step in reload(&run, &StoryEnd::Ok) {
            if let Act::Write(write) = &step.act {
                self.node.write(now, write).unwrap();
            }
        }
    }

    pub(crate) fn setup(&self) -> Setup {
        self.setup_on(self.log_root())
    }

    /// The agent's setup with a log root as an operator may have typed it.
    pub(crate) fn setup_on(&self, log_root: &Path) -> Setup {
        let settings = self.settings();
        let (mut setup, problems) = Setup::compile(&settings, log_root.to_owned());
        assert_eq!(problems, []);
        let (services, every) = self.services.clone();
        setup.watch_services(services, Period(Duration::from_millis(200)), every);
        setup
    }

    pub(crate) fn settings(&self) -> Settings {
        let url = self.webhook.iter().map(|url| ("FOOTMAN_TEAMS_WEBHOOK", url.as_str()));
        let more = self.variables.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let env = Env::of(url.chain([("COMPUTERNAME", HOST)]).chain(more));
        let flags = Flags {
            config: Some(self.config_file()),
            log_root: Some(self.log_root().to_owned()),
            state_dir: Some(self.state_dir()),
        };
        let (settings, problems) = load(&env, &flags);
        assert_eq!(problems, []);
        settings
    }

    /// Starts the agent for the first time and stops it, so that it knows the node's files.
    pub(crate) async fn settle_in(&self) {
        self.run_while(async { self.started().await }).await;
    }

    /// Runs the agent until Teams has received `n` requests in total.
    pub(crate) async fn run_until(&self, n: usize) -> Vec<Post> {
        self.run_while(self.teams.received(n)).await
    }

    /// Runs the agent during `what`, then stops it and waits for its end.
    pub(crate) async fn run_while<T>(&self, what: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let agent = Box::pin(agent::run(self.setup(), stop.clone()));
        let happening = async {
            let result = tokio::time::timeout(PATIENCE, what).await;
            stop.cancel();
            result.expect("the test timed out")
        };
        let (ended, result) = tokio::join!(agent, happening);
        ended.unwrap();
        result
    }

    /// Waits until the agent has read every file once, so that its state has their positions.
    pub(crate) async fn started(&self) {
        let mut folder = Polling::new();
        while !self.has_positions() {
            folder.turn().await;
        }
    }

    /// Waits until a note of the state contains this text.
    pub(crate) async fn until_note(&self, key: &str, text: &str) {
        let mut turns = Polling::new();
        let note = || footman::state::Reader::open(&self.state_dir()).ok()?.note(key).ok()?;
        while !note().is_some_and(|note| note.contains(text)) {
            turns.turn().await;
        }
    }

    /// Waits until the history of the state has `n` entries.
    pub(crate) async fn until_history(&self, n: usize) {
        let mut turns = Polling::new();
        let entries = || footman::state::Reader::open(&self.state_dir()).ok()?.history(1000).ok();
        while entries().is_none_or(|entries| entries.len() < n) {
            turns.turn().await;
        }
    }

    /// Waits until so many deliveries are pending.
    pub(crate) async fn until_pending(&self, n: usize) {
        let mut turns = Polling::new();
        let pending = || footman::state::Reader::open(&self.state_dir()).ok()?.pending().ok();
        while pending().is_none_or(|pending| pending.len() < n) {
            turns.turn().await;
        }
    }

    /// The folders are stored with the first positions, even without any file.
    fn has_positions(&self) -> bool {
        let path = self.state_dir().join(footman::state::FILE_NAME);
        let open = || Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let folders = || open()?.query_row("SELECT count(*) FROM folder", [], |row| row.get(0));
        folders().is_ok_and(|folders: i64| folders > 0)
    }
}

/// Kills the real program.
pub(crate) fn kill(mut program: Child) {
    program.kill().unwrap();
    program.wait().unwrap();
}

/// Longer than any retry of a test; only a failing test waits this long.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(2);

/// Polls a state on disk without blocking the runtime.
struct Polling(tokio::time::Interval);

impl Polling {
    fn new() -> Self {
        let mut turns = tokio::time::interval(std::time::Duration::from_millis(5));
        // A slow query must not keep the agent on the same thread from its work.
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self(turns)
    }

    async fn turn(&mut self) {
        self.0.tick().await;
    }
}

/// Waits until something is so.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    let mut turns = Polling::new();
    let waiting = async {
        while !is_so() {
            turns.turn().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("what the test waits for never came");
}

/// The visible texts of a card, in order.
pub(crate) fn texts(payload: &str) -> Vec<String> {
    let payload: Value = serde_json::from_str(payload).expect("a payload is JSON");
    texts_of(&payload["attachments"][0]["content"]["body"])
}

/// The visible texts of elements, in order.
pub(crate) fn texts_of(elements: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    collect(elements, &mut texts);
    texts
}

/// Number of cards that a payload covers: as stated in a digest, otherwise one.
pub(crate) fn n_cards(payload: &str) -> usize {
    cards_of_digest(payload).unwrap_or(1)
}

/// The number of cards that a digest states in its last line.
pub(crate) fn cards_of_digest(payload: &str) -> Option<usize> {
    texts(payload)
        .iter()
        .find_map(|text| text.strip_prefix("stands for ")?.split(' ').next()?.parse().ok())
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect(one, texts)),
        Value::Object(element) if element.get("isVisible") == Some(&Value::Bool(false)) => {}
        Value::Object(element) => {
            for key in ["text", "codeSnippet"] {
                texts.extend(element.get(key).and_then(Value::as_str).map(str::to_owned));
            }
            for (key, inner) in element {
                if key != "fallback" {
                    collect(inner, texts);
                }
            }
        }
        _ => {}
    }
}
