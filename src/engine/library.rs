//! I/O. Pattern and template files: read at the start, and checked for changes while the agent
//! runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::load::{load_folder, saved_as_text};
use crate::config::{Channel, Problem, ProblemKind, Settings, nearest};
use crate::detect::{Detector, Pack, builtin_packs};
use crate::engine::{routes, untranslated, unused};
use crate::render::{Renderer, TemplateSource, builtin_templates};

/// The interval of the checks: a saved file takes effect within this time.
const CHECK_EVERY: SignedDuration = SignedDuration::from_secs(3);

/// The folder of overlays within the folder of patterns: `environments/prod.toml`.
const ENVIRONMENTS: &str = "environments";

/// The pattern and template files, for an agent that applies their changes.
pub struct Library {
    settings: Settings,
    texts: FileTexts,
    /// The logs that have been followed since the start.
    followed: BTreeSet<String>,
    last_check: Option<Timestamp>,
}

/// The contents of the files.
#[derive(PartialEq, Eq)]
struct FileTexts {
    packs: Vec<Pack>,
    templates: Templates,
    /// Unreadable files, and an environment without an overlay if others have one.
    problems: Vec<Problem>,
}

/// The compiled files.
pub struct Compiled {
    pub detector: Detector,
    pub renderer: Renderer,
}

impl Library {
    /// Reads and compiles all files. Broken parts are left out and reported.
    pub(crate) fn open(settings: &Settings) -> (Self, Compiled, Vec<Problem>) {
        let texts = FileTexts::read(settings);
        let (compiled, mut problems) = texts.compile(settings);
        problems.extend(routes::unfillable(settings, &compiled.detector));
        let library = Self {
            settings: settings.clone(),
            texts,
            followed: compiled.detector.logs().map(str::to_owned).collect(),
            last_check: None,
        };
        (library, compiled, problems)
    }

    /// When the files are checked next; `None` if there is no folder to check.
    pub fn next_check(&self) -> Option<Timestamp> {
        let of_channel = |channel: &Channel| channel.templates.is_some();
        let has_folder = self.settings.patterns.is_some()
            || self.settings.templates.is_some()
            || self.settings.channels.values().any(of_channel);
        has_folder.then(|| self.last_check.map_or(Timestamp::MIN, |last| last + CHECK_EVERY))
    }

    /// Checks the files if it is time. Returns the compiled files if they changed, or what is
    /// wrong; `None` without a change.
    pub fn changed(&mut self, now: Timestamp) -> Option<Result<Compiled, Vec<Problem>>> {
        if self.next_check()? > now {
            return None;
        }
        self.last_check = Some(now);
        let texts = FileTexts::read(&self.settings);
        if texts == self.texts {
            return None;
        }
        self.texts = texts;
        Some(self.recompile())
    }

    /// Logs that the patterns use now, but that are followed only after a restart.
    pub fn not_followed(&self, detector: &Detector) -> Vec<String> {
        let logs = detector.logs().filter(|log| !self.followed.contains(*log));
        logs.map(str::to_owned).collect()
    }

    fn recompile(&self) -> Result<Compiled, Vec<Problem>> {
        let (compiled, problems) = self.texts.compile(&self.settings);
        if problems.is_empty() { Ok(compiled) } else { Err(problems) }
    }
}

impl FileTexts {
    fn read(settings: &Settings) -> Self {
        let (packs, mut problems) = packs(settings);
        let (templates, found) = Templates::read(settings);
        problems.extend(found);
        Self { packs, templates, problems }
    }

    fn compile(&self, settings: &Settings) -> (Compiled, Vec<Problem>) {
        let mut problems = self.problems.clone();
        let (mut detector, found) = Detector::compile(&self.packs, settings.timezone.clone());
        // Incidents carry these texts: languages that no card is in would only take space.
        detector.keep_languages(&settings.languages());
        problems.extend(found);
        problems.extend(detector.unknown_channels(|name| settings.channels.contains_key(name)));
        let (renderer, found) = self.templates.compile();
        problems.extend(found);
        (Compiled { detector, renderer }, problems)
    }
}

/// Unusual but possibly correct things in a user's own patterns and templates.
pub fn notes(settings: &Settings, detector: &Detector) -> Vec<String> {
    let mut notes = unused::notes(detector, &Templates::read(settings).0.all());
    notes.extend(untranslated::notes(detector, &settings.languages()));
    notes.extend(unread(settings));
    notes
}

/// Files that are not read because an editor has added `.txt` to their names.
fn unread(settings: &Settings) -> Vec<String> {
    let patterns = settings.patterns.iter();
    let patterns = patterns.flat_map(|folder| [folder.clone(), folder.join(ENVIRONMENTS)]);
    let of_channels = settings.channels.values().filter_map(|channel| channel.templates.as_ref());
    let templates = settings.templates.iter().chain(of_channels);
    let templates = templates.flat_map(|folder| [folder.clone(), folder.join("parts")]);
    let folders = patterns.map(|it| (it, "toml")).chain(templates.map(|it| (it, "json")));
    let files = folders.flat_map(|(folder, extension)| saved_as_text(&folder, extension));
    let note = |(path, meant): (PathBuf, String)| {
        format!("{} is not read: its name ends with .txt; rename it to {meant}", path.display())
    };
    files.map(note).collect()
}

/// All packs in the order of their layers: built-in packs, the operator's folder, the overlay of
/// the environment.
pub fn packs(settings: &Settings) -> (Vec<Pack>, Vec<Problem>) {
    let mut packs = builtin_packs();
    let mut problems = Vec::new();
    if let Some(folder) = &settings.patterns {
        let (own, found) = load_packs(folder);
        packs.extend(own);
        problems.extend(found);
        if let Some(name) = &settings.environment {
            let (overlay, found) = overlay(&folder.join(ENVIRONMENTS), name);
            problems.extend(found);
            match overlay {
                Overlay::Found(pack) => packs.push(pack),
                Overlay::NoFolder => {}
                Overlay::NotAmong(names) => problems.push(no_overlay(settings, name, &names)),
            }
        }
    }
    (packs, problems)
}

/// The packs of a folder, and a problem for each unreadable file.
pub fn load_packs(folder: &Path) -> (Vec<Pack>, Vec<Problem>) {
    let (own, problems) = load_folder(folder, "toml");
    (own.into_iter().map(|(file, text)| Pack { file: file.into(), text }).collect(), problems)
}

enum Overlay {
    Found(Pack),
    /// There are no overlays: the environment is only a name on cards.
    NoFolder,
    /// There are overlays, but none for this environment.
    NotAmong(BTreeSet<String>),
}

fn overlay(folder: &Path, name: &str) -> (Overlay, Vec<Problem>) {
    if !folder.is_dir() {
        return (Overlay::NoFolder, Vec::new());
    }
    let (packs, problems) = load_packs(folder);
    let names: BTreeSet<String> = packs.iter().map(|pack| stem(pack.file.file_name())).collect();
    let overlay = match packs.into_iter().find(|pack| stem(pack.file.file_name()) == name) {
        Some(pack) => Overlay::Found(pack),
        None if names.is_empty() => Overlay::NoFolder,
        None => Overlay::NotAmong(names),
    };
    (overlay, problems)
}

fn no_overlay(settings: &Settings, name: &str, names: &BTreeSet<String>) -> Problem {
    let message = format!("patterns/{ENVIRONMENTS}/{name}.toml does not exist");
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? If not, create the file; it may be empty"),
        None => "create the file; it may be empty".to_owned(),
    };
    // The name may come from a variable or an option, which stand in no file.
    let problem = if settings.environment_is_written {
        settings.written.problem_at(&["environment"], &message, &hint)
    } else {
        Problem::elsewhere(&format!("environment {name}"), &message, &hint)
    };
    problem.of_kind(ProblemKind::UnknownName)
}

/// The template files as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates {
    common: Vec<TemplateSource>,
    of_channels: BTreeMap<String, Vec<TemplateSource>>,
}

impl Templates {
    /// The built-in templates, those of the node, and those of channels.
    pub fn read(settings: &Settings) -> (Self, Vec<Problem>) {
        let (mut common, mut problems) = (builtin_templates(), Vec::new());
        if let Some(folder) = &settings.templates {
            let (own, found) = templates_in(folder);
            common.extend(own);
            problems.extend(found);
        }
        let mut of_channels = BTreeMap::new();
        for (name, channel) in &settings.channels {
            let Some(folder) = &channel.templates else { continue };
            let (own, found) = templates_in(folder);
            of_channels.insert(name.clone(), own);
            problems.extend(found);
        }
        (Self { common, of_channels }, problems)
    }

    /// The templates in force, and the problems of the others.
    pub fn compile(&self) -> (Renderer, Vec<Problem>) {
        let (mut renderer, mut problems) = Renderer::compile(&self.common);
        for (channel, own) in &self.of_channels {
            problems.extend(renderer.add_channel(channel, own));
        }
        (renderer, problems)
    }

    fn all(&self) -> Vec<TemplateSource> {
        self.common.iter().chain(self.of_channels.values().flatten()).cloned().collect()
    }
}

/// The templates of a folder, and the shared parts in its folder `parts`.
fn templates_in(folder: &Path) -> (Vec<TemplateSource>, Vec<Problem>) {
    let (own, mut problems) = load_folder(folder, "json");
    let mut sources: Vec<TemplateSource> = own
        .into_iter()
        .map(|(file, text)| TemplateSource { name: stem(&file), file: file.into(), text })
        .collect();
    let parts = folder.join("parts");
    if parts.is_dir() {
        let (own, found) = load_folder(&parts, "json");
        problems.extend(found);
        sources.extend(own.into_iter().map(|(file, text)| TemplateSource {
            name: format!("parts/{}", stem(&file)),
            file: file.into(),
            text,
        }));
    }
    (sources, problems)
}

/// The name of a template is its file name without the extension.
fn stem(file: &str) -> String {
    Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
