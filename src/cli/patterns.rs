//! I/O. `footman patterns`: which patterns are in force, and the file and line that decided each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::hint::Refused;
use crate::cli::{End, Global, diagnose, output, suggest};
use crate::config::limits;
use crate::config::load::read_text;
use crate::config::{Period, Problem, Settings, nearest};
use crate::detect::error_class::ErrorClass;
use crate::detect::pattern::Pattern;
use crate::detect::{Detector, Pack, samples, schema};
use crate::engine;

/// Width of the columns before the location of a pattern, if it is on the same line…
const HEAD: usize = 8 + 2 + 32 + 2 + 27 + 2;
/// …which needs a terminal at least this wide.
const WIDE: usize = 120;
const INDENT: usize = 10;

#[derive(clap::Subcommand)]
pub(crate) enum PatternsCommand {
    /// List the patterns, and the file and line that decided each
    List(ListPatternsArgs),
    /// Show one pattern and everything that decided it
    Show(ShowPatternArgs),
    /// List the classes of errors that end a reload, and what usually helps
    Errors(ErrorsArgs),
    /// Run the samples of all patterns
    Test(TestPatternsArgs),
    /// Suggest patterns for unmatched warnings and errors in old logs
    Suggest(suggest::Args),
    /// Print the JSON schema of pattern files, for editors
    Schema,
}

#[derive(clap::Args)]
pub(crate) struct ListPatternsArgs {
    /// As if this node belonged to another environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// One JSON list
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ShowPatternArgs {
    /// The pattern's id
    id: String,
    /// As if this node belonged to another environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ErrorsArgs {
    /// As if this node belonged to another environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// One JSON list
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct TestPatternsArgs {
    /// Pattern files or folders to lay over those in force
    paths: Vec<PathBuf>,
    /// One JSON object for each problem
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, command: &PatternsCommand) -> Result<End> {
    match command {
        PatternsCommand::List(args) => Ok(list(global, args)),
        PatternsCommand::Show(args) => show(global, args),
        PatternsCommand::Errors(args) => Ok(errors(global, args)),
        PatternsCommand::Test(args) => Ok(test(global, args)),
        PatternsCommand::Suggest(args) => suggest::run(global, args),
        PatternsCommand::Schema => {
            println!("{:#}", schema::of_packs());
            Ok(End::Done)
        }
    }
}

fn list(global: &Global, args: &ListPatternsArgs) -> End {
    let (detector, problems) = compile(global, args.environment.as_deref());
    if args.json {
        println!("{:#}", Value::Array(all(&detector).map(json_of).collect()));
    } else {
        for pattern in all(&detector) {
            print_row(pattern);
        }
        println!("{} in force, {} off", detector.patterns().len(), detector.switched_off().len());
    }
    end(&problems, false)
}

/// On one line if the terminal is wide enough, else with the location below.
fn print_row(pattern: &Pattern) {
    let (id, kind) = (pattern.id.as_str(), pattern.kind.name());
    let head = format!("{:<8}  {id:<32}  {kind}", state(pattern));
    if output::width() >= WIDE {
        output::row(HEAD, &head, &decided_by(pattern));
    } else {
        println!("{head}");
        output::row(INDENT, "", &decided_by(pattern));
    }
}

fn show(global: &Global, args: &ShowPatternArgs) -> Result<End> {
    let (detector, problems) = compile(global, args.environment.as_deref());
    let Some(pattern) = all(&detector).find(|one| one.id == args.id.as_str()) else {
        let near = nearest(&args.id, all(&detector).map(|one| one.id.as_str()));
        let hint = near.map_or_else(
            || "`footman patterns list` shows all of them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Refused::new(format!("unknown pattern `{}`", args.id), hint).into());
    };
    if args.json {
        println!("{:#}", json_of(pattern));
    } else {
        for (name, value) in facts(pattern) {
            output::row(15, name, &value);
        }
    }
    Ok(end(&problems, false))
}

/// Width of the names of error classes.
const CLASS: usize = 29;

fn errors(global: &Global, args: &ErrorsArgs) -> End {
    let (detector, problems) = compile(global, args.environment.as_deref());
    if args.json {
        println!("{:#}", Value::Array(detector.error_classes().map(class_json).collect()));
    } else {
        for class in detector.error_classes() {
            output::column(CLASS, &class.name, &class.title);
            output::column(CLASS, "", &class.advice);
        }
    }
    end(&problems, false)
}

fn class_json(class: &ErrorClass) -> Value {
    let ErrorClass { name, title, advice, links, .. } = class;
    json!({ "class": **name, "title": **title, "advice": **advice, "links": links })
}

fn test(global: &Global, args: &TestPatternsArgs) -> End {
    let (settings, mut problems) = global.settings();
    let (mut packs, found) = engine::packs(&settings);
    problems.extend(found);
    let mut given = Vec::new();
    for path in &args.paths {
        let (more, found) = packs_at(path);
        // A file that is in force already is not laid over itself.
        let is_new = |pack: &&Pack| !packs.iter().any(|known| is_same_file(known, pack));
        let new: Vec<Pack> = more.iter().filter(is_new).cloned().collect();
        packs.extend(new);
        given.extend(more);
        problems.extend(found);
    }
    let (_, found) = Detector::compile(&packs, settings.timezone.clone());
    problems.extend(found);
    problems.extend(samples::check(&packs, &settings.timezone));
    if problems.is_empty() && !args.json {
        let tested = if args.paths.is_empty() { &packs } else { &given };
        match samples::count(tested) {
            0 => println!("nothing was tested: no pattern has a sample"),
            n => println!("samples with the expected result: {n}"),
        }
    }
    end(&problems, args.json)
}

/// Built-in patterns are not files.
fn is_same_file(one: &Pack, other: &Pack) -> bool {
    let real = |pack: &Pack| pack.file.path()?.canonicalize().ok();
    real(one).is_some_and(|path| real(other) == Some(path))
}

fn packs_at(path: &Path) -> (Vec<Pack>, Vec<Problem>) {
    if path.is_dir() {
        return engine::load_packs(path);
    }
    match read_text(path, limits::TEXT) {
        Ok(text) => (vec![Pack { file: path.display().to_string().into(), text }], Vec::new()),
        Err(error) => (Vec::new(), vec![error.problem(path)]),
    }
}

fn compile(global: &Global, environment: Option<&str>) -> (Detector, Vec<Problem>) {
    let (settings, problems) = global.settings();
    let environment_is_written = environment.is_none() && settings.environment_is_written;
    let environment = environment.map(str::to_owned).or(settings.environment.clone());
    let settings = Settings { environment, environment_is_written, ..settings };
    let (packs, found) = engine::packs(&settings);
    let (detector, broken) = Detector::compile(&packs, settings.timezone.clone());
    (detector, problems.into_iter().chain(found).chain(broken).collect())
}

fn all(detector: &Detector) -> impl Iterator<Item = &Pattern> {
    detector.patterns().iter().chain(detector.switched_off())
}

fn end(problems: &[Problem], json: bool) -> End {
    diagnose::print(problems, json);
    if problems.is_empty() { End::Done } else { End::Problems }
}

fn state(pattern: &Pattern) -> &'static str {
    if pattern.enabled { pattern.severity.name() } else { "off" }
}

/// The location of the pattern, and of its last change.
fn decided_by(pattern: &Pattern) -> String {
    let changes = pattern.decisions.iter().map(|one| {
        let what = &one.what;
        format!(", {what} by {}:{}", one.file, one.line)
    });
    format!("{}:{}{}", pattern.file, pattern.line, changes.collect::<String>())
}

/// All properties of a pattern in the order of the documentation, without empty ones.
fn facts(pattern: &Pattern) -> Vec<(&'static str, String)> {
    let terms = &pattern.terms;
    let time =
        |time: jiff::SignedDuration| time.try_into().map(Period).unwrap_or_default().to_string();
    let threshold = terms.threshold.map(|one| {
        let by = if pattern.by.is_empty() { &pattern.key } else { &pattern.by };
        format!("{} in {} by {}", one.count, time(one.within), by.join(", "))
    });
    let links = pattern.words.links.iter().map(|link| format!("{} ({})", link.title, link.url));
    let conditions = pattern.conditions.iter();
    let conditions = conditions.map(|one| ("when", format!("{}: {}", one.column, one.regex)));
    let mut facts = vec![
        ("id", pattern.id.to_string()),
        ("title", pattern.words.title.clone()),
        ("meaning", pattern.words.meaning.clone()),
        ("advice", pattern.words.advice.as_deref().unwrap_or_default().to_owned()),
        ("links", links.collect::<Vec<_>>().join(", ")),
        ("log", pattern.logs.join(", ")),
        ("kind", pattern.kind.name().to_owned()),
        ("severity", state(pattern).to_owned()),
    ];
    facts.extend(conditions);
    facts.extend([
        ("key", pattern.key.join(", ")),
        ("threshold", threshold.unwrap_or_default()),
        ("overdue", terms.overdue.map(time).unwrap_or_default()),
        ("final-after", terms.final_after.map(time).unwrap_or_default()),
        ("learned", if terms.learned { "yes".to_owned() } else { String::new() }),
        ("max-age", terms.max_age.map(time).unwrap_or_default()),
        ("closes", terms.closes.join(", ")),
        ("suppressed-by", terms.suppressed_by.join(", ")),
        ("same-as", terms.same_as.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("channel", pattern.channel().unwrap_or_default().to_owned()),
        ("verified", format!("{}: {}", pattern.verified.name(), pattern.source)),
        ("decided by", decided_by(pattern)),
    ]);
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn json_of(pattern: &Pattern) -> Value {
    let mut object: BTreeMap<&str, Value> = BTreeMap::new();
    let apart = ["when", "links"];
    for (name, value) in facts(pattern).into_iter().filter(|(name, _)| !apart.contains(name)) {
        object.insert(name, value.into());
    }
    let when = pattern.conditions.iter();
    let when: BTreeMap<&str, &str> =
        when.map(|one| (one.column.as_str(), one.regex.as_str())).collect();
    let decisions = pattern.decisions.iter();
    let decisions: Vec<Value> = decisions
        .map(|one| json!({ "what": one.what, "file": one.file.to_string(), "line": one.line }))
        .collect();
    object.insert("when", json!(when));
    object.insert("links", json!(pattern.words.links));
    object.insert("enabled", pattern.enabled.into());
    object.insert("file", pattern.file.to_string().into());
    object.insert("line", pattern.line.into());
    object.insert("decisions", decisions.into());
    json!(object)
}
