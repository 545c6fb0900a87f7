//! Configuration from files and the environment, and how problems are shown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use footman::cli::diagnose::{self, ProblemFormat};
use footman::config::keys::{self, ConfigKey};
use footman::config::load::{self, Env, Flags};
use footman::config::{Destination, Problem, ProblemKind, Settings, Webhook};
use tempfile::TempDir;

const FLOW: &str = "https://prod-01.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sp=%2Ftriggers&sig=s3cr3t";

/// A folder with a `footman.toml`.
struct Home(TempDir);

impl Home {
    fn with(text: &str) -> Self {
        let home = Self(TempDir::new().unwrap());
        home.write("footman.toml", text);
        home
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn write_secret(&self, name: &str, text: &str) {
        load::secret::write_secret(&self.0.path().join(name), text).unwrap();
    }

    fn flags(&self) -> Flags {
        Flags { config: Some(self.0.path().join("footman.toml")), ..Flags::default() }
    }

    fn load(&self, variables: &[(&str, &str)]) -> (Settings, Vec<Problem>) {
        load::load(&Env::of(variables.iter().copied()), &self.flags())
    }

    /// The problems in the form for programs, with this folder as `~`.
    fn reported(&self, variables: &[(&str, &str)]) -> String {
        shown(&self.load(variables).1, ProblemFormat::Lines)
            .replace(&self.0.path().display().to_string(), "~")
            .replace("~\\", "~/")
    }
}

fn shown(problems: &[Problem], form: ProblemFormat) -> String {
    let mut out = Vec::new();
    diagnose::write(&mut out, problems, form).unwrap();
    String::from_utf8(out).unwrap()
}

fn sound((settings, problems): (Settings, Vec<Problem>)) -> Settings {
    assert_eq!(shown(&problems, ProblemFormat::Lines), "");
    settings
}

fn webhook(settings: &Settings, channel: &str) -> Option<Webhook> {
    match &settings.channels[channel].destination {
        Destination::Webhook(webhook) | Destination::Flow(webhook) => Some(webhook.clone()),
        Destination::Local => None,
    }
}

/// Webhooks are equal if their URLs are, byte for byte.
fn flow(url: &str) -> Webhook {
    Webhook::parse(url).unwrap()
}

#[test]
fn without_a_configuration_cards_stay_on_this_machine() {
    let data = TempDir::new().unwrap();
    let env = Env::of([("OS", "Windows_NT"), ("PROGRAMDATA", data.path().to_str().unwrap())]);
    let settings = sound(load::load(&env, &Flags::default()));
    assert_eq!(webhook(&settings, "default"), None);
    assert_eq!(settings.log_root, None);
    assert_eq!(settings.state_dir, data.path().join("Footman").join("state"));
    assert_eq!(settings.log.folder, data.path().join("Footman").join("log"));
    assert_eq!(settings.notes.len(), 1, "a note says so: {:?}", settings.notes);
}

#[test]
fn a_qlik_node_is_detected_and_one_variable_is_enough() {
    let data = TempDir::new().unwrap();
    let sense = data.path().join("Qlik").join("Sense");
    fs::create_dir_all(sense.join("Log")).unwrap();
    fs::write(sense.join("Host.cfg"), "cXMtbm9kZTEuZXhhbXBsZS5jb20=").unwrap();
    let variables = [
        ("OS", "Windows_NT"),
        ("ProgramData", data.path().to_str().unwrap()),
        ("FOOTMAN_TEAMS_WEBHOOK", FLOW),
    ];
    let settings = sound(load::load(&Env::of(variables), &Flags::default()));
    assert_eq!(settings.log_root, Some(sense.join("Log")));
    assert_eq!(settings.host_cfg, Some(sense.join("Host.cfg")));
    assert_eq!(webhook(&settings, "default"), Some(flow(FLOW)), "byte for byte");
    assert_eq!(settings.notes, []);
}

// The default paths depend on the platform.
#[cfg(not(windows))]
#[test]
fn linux_uses_its_standard_paths() {
    let env = Env::of([]);
    let (path, named) = load::whereabouts(&env, &Flags::default());
    assert_eq!((path.as_path(), named), (Path::new("/etc/footman/footman.toml"), false));
    let (settings, _) = load::load(&env, &Flags::default());
    assert_eq!(settings.state_dir, Path::new("/var/lib/footman"));
}

#[test]
fn the_command_line_wins_over_the_environment_which_wins_over_the_file() {
    let home = Home::with("environment = 'test'\nlog-root = 'logs'\nstate-dir = 'state'\n");
    for folder in ["logs", "other"] {
        fs::create_dir(home.0.path().join(folder)).unwrap();
    }
    let settings = sound(home.load(&[("FOOTMAN_ENVIRONMENT", "prod")]));
    assert_eq!(settings.environment.as_deref(), Some("prod"));
    assert_eq!(settings.log_root, Some(home.0.path().join("logs")), "relative to the file");
    assert_eq!(settings.state_dir, home.0.path().join("state"));
    assert_eq!(settings.log.folder, home.0.path().join("log"), "beside the state");

    let config = home.flags().config.unwrap();
    let env = Env::of([("FOOTMAN_CONFIG", config.to_str().unwrap())]);
    let [other, state] = ["other", "elsewhere"].map(|name| home.0.path().join(name));
    let flags =
        Flags { log_root: Some(other.clone()), state_dir: Some(state.clone()), ..Flags::default() };
    let settings = sound(load::load(&env, &flags));
    assert_eq!((settings.log_root, settings.state_dir), (Some(other), state));
}

#[test]
fn webhooks_are_read_from_variables_and_files() {
    let home = Home::with(
        "[channel.ops]\nwebhook-env = 'OPS'\n[channel.sales]\nwebhook-file = 'sales.txt'\n[channel.page]\n",
    );
    home.write_secret("sales.txt", &format!("\u{feff}{FLOW}\r\n"));
    let settings = sound(home.load(&[("OPS", FLOW)]));
    for (channel, url) in
        [("ops", Some(FLOW)), ("sales", Some(FLOW)), ("page", None), ("default", None)]
    {
        assert_eq!(webhook(&settings, channel), url.map(flow), "{channel}");
    }
}

#[test]
fn folders_beside_the_file_are_used_by_default() {
    let home = Home::with("");
    assert_eq!(sound(home.load(&[])).patterns, None);
    fs::create_dir(home.0.path().join("patterns")).unwrap();
    assert_eq!(sound(home.load(&[])).patterns, Some(home.0.path().join("patterns")));
}

#[test]
fn unusable_values_are_reported_with_their_place_and_a_hint() {
    let home = Home::with(
        "log-root = 'footman.toml'\ntimezone = 'Europe/Stokholm'\npatterns = 'p'\n\
         [channel.a]\nwebhook-env = 'NOT_SET'\n\
         [channel.b]\nwebhook-env = 'OLD'\n\
         [channel.c]\nwebhook-env = 'PLAIN'\n",
    );
    let reported = home.reported(&[
        ("OLD", "https://acme.webhook.office.com/webhookb2/x"),
        ("PLAIN", "http://example.com/x"),
    ]);
    insta::assert_snapshot!(reported, @r#"
    ~/footman.toml:1:12: the log root ~/footman.toml is not a folder
      hint: name the folder `Log` of Qlik Sense, and let the account that runs Footman read it
    ~/footman.toml:2:12: `Europe/Stokholm` is not a known time zone
      hint: write an IANA name such as "Europe/Stockholm"
    ~/footman.toml:3:12: the folder ~/p does not exist
      hint: create it, or remove the line
    ~/footman.toml:5:15: channel `a`: the variable NOT_SET is not set
      hint: set it for the account that runs Footman, and start Footman again
    ~/footman.toml:7:15: channel `b`, variable OLD: acme.webhook.office.com belongs to the Office 365 connectors, which Microsoft switched off in May 2026
      hint: in Teams, add the workflow "Send webhook alerts to a channel" to the channel and use the URL that it shows
    ~/footman.toml:9:15: channel `c`, variable PLAIN: a webhook must begin with https:// (http:// is for loopback addresses only)
      hint: use the URL that the workflow shows; it begins with https://
    "#);
}

#[test]
fn a_missing_log_root_does_not_prevent_a_start() {
    let home = Home::with("log-root = 'late'\n");
    let settings = sound(home.load(&[]));
    let absent: Vec<Problem> = settings.absent.into_iter().collect();
    let reported =
        shown(&absent, ProblemFormat::Lines).replace(&home.0.path().display().to_string(), "~");
    assert!(
        reported.replace('\\', "/").contains("1:12: the log root ~/late does not exist"),
        "{reported}"
    );
}

#[test]
fn a_named_file_must_exist_and_be_text() {
    let home = Home::with("");
    home.write("footman.toml", b"environment = \"\xff\"");
    insta::assert_snapshot!(home.reported(&[]), @r#"
    ~/footman.toml: the file is not UTF-8 text
      hint: save it as UTF-8: in an editor, "Save as" with the encoding UTF-8
    "#);
    fs::remove_file(home.0.path().join("footman.toml")).unwrap();
    insta::assert_snapshot!(home.reported(&[]), @r#"
    ~/footman.toml: the configuration file does not exist
      hint: correct --config, or write the file with `footman init`
    "#);
}

#[test]
fn no_output_format_shows_a_webhook_url() {
    let wrong = format!("[channel.a]\nwebhook = '{FLOW}'\nwebhook-env = '{FLOW}'\n");
    let home = Home::with(&wrong);
    let (settings, problems) = home.load(&[("FOOTMAN_TEAMS_WEBHOOK", FLOW)]);
    assert_eq!(problems.len(), 2);
    for form in [ProblemFormat::Drawn, ProblemFormat::Lines, ProblemFormat::Json] {
        assert!(!shown(&problems, form).contains("s3cr3t"), "{}", shown(&problems, form));
    }
    assert!(!format!("{:?}", settings.channels).contains("s3cr3t"));
    let destination = settings.channels["default"].destination.to_string();
    assert!(!destination.contains("s3cr3t") && destination.contains("logic.azure.com"));
    assert!(!format!("{problems:?}").contains("s3cr3t"));
}

#[test]
fn a_problem_is_drawn_for_people_and_printed_as_a_line_for_programs() {
    let problem = Problem {
        file: "footman.toml".to_owned(),
        text: "start = 'end'\nenviroment = 'prod'\n".into(),
        span: 14..24,
        kind: ProblemKind::UnknownKey,
        message: "unknown key `enviroment`".to_owned(),
        hint: Some("did you mean `environment`?".to_owned()),
    };
    let problems = [problem];
    insta::assert_snapshot!(shown(&problems, ProblemFormat::Lines), @r#"
    footman.toml:2:1: unknown key `enviroment`
      hint: did you mean `environment`?
    "#);
    insta::assert_snapshot!(shown(&problems, ProblemFormat::Json), @r#"
    {"file":"footman.toml","line":2,"column":1,"message":"unknown key `enviroment`","hint":"did you mean `environment`?"}
    "#);
    let drawn = shown(&problems, ProblemFormat::Drawn);
    for part in ["footman.toml:2:1", "enviroment = 'prod'", "did you mean `environment`?"] {
        assert!(drawn.contains(part), "{drawn}");
    }
}

#[test]
fn folders_of_patterns_are_read_by_name_and_without_their_subfolders() {
    let home = Home::with("");
    home.write("b.json", "{}");
    home.write("a.json", "[]");
    fs::create_dir(home.0.path().join("c.json")).unwrap();
    let texts: Vec<(String, String)> = load::load_folder(home.0.path(), "json")
        .0
        .into_iter()
        .map(|(file, text)| {
            (Path::new(&file).file_name().unwrap().to_str().unwrap().to_owned(), text)
        })
        .collect();
    assert_eq!(
        texts,
        [("a.json".to_owned(), "[]".to_owned()), ("b.json".to_owned(), "{}".to_owned())]
    );
    let (_, problems) = load::load_folder(&home.0.path().join("x"), "json");
    assert!(problems[0].message.ends_with(" does not exist"), "{problems:?}");
}

#[test]
fn the_documentation_lists_every_key() {
    let page = include_str!("../../docs/configuration.md").replace("\r\n", "\n");
    let mut table =
        "| key | what to write | default | what it does |\n|---|---|---|---|\n".to_owned();
    for ConfigKey { path, form, default, meaning } in keys::KEYS {
        writeln!(table, "| `{path}` | {form} | {default} | {meaning} |").unwrap();
    }
    assert!(page.contains(&table), "docs/configuration.md is stale; its table should be:\n{table}");
}

#[test]
fn cards_wait_only_in_a_channel_whose_flow_can_wait() {
    let home = Home::with(
        "[channel.a]\nwebhook-env = 'A'\nwaiting-card = true\n\
         [channel.b]\nkind = 'flow'\nwebhook-env = 'A'\nwaiting-card = true\n\
         [channel.c]\nwaiting-card = true\n[channel.d]\nwebhook-env = 'B'\nwaiting-card = true\n\
         [channel.e]\nkind = 'flow'\nwebhook-env = 'A'\nwaiting-card = false\n",
    );
    let variables = [("A", FLOW)];
    let channels = home.load(&variables).0.channels;
    let waits = |name: &str| channels[name].waiting_card;
    assert_eq!(["a", "b", "c", "d", "e"].map(waits), [true, false, false, false, false]);
    insta::assert_snapshot!(home.reported(&variables), @r#"
    ~/footman.toml:7:16: channel `b` keeps threads, so no card waits in it
      hint: remove the line, or use the flow that `footman teams flow write --waiting` writes, without `kind = "flow"`: a card that waits cannot be updated
    ~/footman.toml:9:16: channel `c` is local, so no card waits in it
      hint: remove the line, or name the webhook of the flow that `footman teams flow write --waiting` writes
    ~/footman.toml:11:15: channel `d`: the variable B is not set
      hint: set it for the account that runs Footman, and start Footman again
    "#);
}

#[test]
fn the_kind_of_a_channel_must_fit_its_webhook() {
    let home = Home::with(
        "[channel.a]\nkind = 'flow'\nwebhook-env = 'A'\n[channel.b]\nkind = 'flow'\n\
         [channel.c]\nkind = 'local'\nwebhook-env = 'A'\n[channel.d]\nkind = 'local'\n\
         [channel.e]\nkind = 'teams'\nwebhook-env = 'A'\n[channel.f]\nkind = 'teams'\n",
    );
    let variables = [("A", FLOW)];
    let channels = home.load(&variables).0.channels;
    let kind = |name: &str| channels[name].destination.kind().name();
    assert_eq!(
        ["a", "b", "c", "d", "e", "f"].map(kind),
        ["flow", "local", "local", "local", "teams", "local"]
    );
    insta::assert_snapshot!(home.reported(&variables), @r"
    ~/footman.toml:5:8: channel `b` is of the kind `flow`, but has no webhook
      hint: name its webhook: `webhook-env`, `webhook-file` or `webhook-secret`
    ~/footman.toml:7:8: channel `c` is local, but has a webhook
      hint: remove the webhook, or the kind
    ~/footman.toml:15:8: channel `f` is of the kind `teams`, but has no webhook
      hint: name its webhook: `webhook-env`, `webhook-file` or `webhook-secret`
    ");
}

#[test]
fn a_pace_that_is_too_fast_for_a_flow_is_noted() {
    let flow = "kind = 'flow'\nwebhook-env = 'A'\n";
    let home = Home::with(&format!(
        "[channel.a]\n{flow}pace = {{ burst = 4, every = '1s' }}\n\
         [channel.b]\n{flow}pace = {{ burst = 100, every = '1h' }}\n\
         [channel.c]\n{flow}pace = {{ share = 25 }}\n\
         [channel.d]\n{flow}pace = {{ burst = 24, every = '5m', share = 24 }}\n\
         [channel.e]\n{flow}\n\
         [channel.f]\nwebhook-env = 'A'\npace = {{ burst = 100, every = '1s' }}\n"
    ));
    let (settings, problems) = home.load(&[("A", FLOW)]);
    assert!(problems.is_empty(), "{problems:?}");
    let of_pace =
        settings.notes.iter().map(ToString::to_string).filter(|note| note.contains("300 s"));
    insta::assert_snapshot!(of_pace.collect::<Vec<_>>().join("\n"), @r"
    channel `a`: Teams takes 25 messages of a flow in 300 s, which its pace exceeds: cards leave at burst 4, every 15 s
    channel `b`: Teams takes 25 messages of a flow in 300 s, which its pace exceeds: cards leave at burst 24, every 3600 s
    channel `c`: 25 nodes share it, but Teams takes 25 messages of a flow in 300 s
    ");
}

#[test]
fn the_variable_that_comes_before_a_webhook_of_the_file_is_named() {
    let home = Home::with("[channel.default]\nwebhook-file = 'hook.txt'\n");
    home.write_secret("hook.txt", FLOW);
    assert_eq!(sound(home.load(&[])).notes, []);
    let settings = sound(home.load(&[("FOOTMAN_TEAMS_WEBHOOK", FLOW)]));
    let note = "channel `default`: the variable FOOTMAN_TEAMS_WEBHOOK is set and comes before webhook-file";
    assert_eq!(settings.notes.iter().map(ToString::to_string).collect::<Vec<_>>(), [note]);
    let home = Home::with("[channel.default]\nwebhook-env = 'FOOTMAN_TEAMS_WEBHOOK'\n");
    assert_eq!(sound(home.load(&[("FOOTMAN_TEAMS_WEBHOOK", FLOW)])).notes, []);
}
