//! I/O. Pattern and template files: read at the start, and looked at again while the agent runs.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::load::load_folder;
use crate::config::{Problem, Settings, nearest};
use crate::detect::{Detector, Pack, builtin_packs};
use crate::engine::routes;
use crate::render::{Renderer, TemplateSource, builtin_templates};

/// A saved file takes effect within this time.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(3);

/// The folder of overlays within the folder of patterns: `environments/prod.toml`.
const ENVIRONMENTS: &str = "environments";

/// The files that patterns and templates are read from, for an agent that takes up their changes.
pub struct Library {
    settings: Settings,
    texts: Texts,
    /// The logs that are followed since the start.
    followed: BTreeSet<String>,
    last_look: Option<Timestamp>,
}

/// What stands in the files.
#[derive(PartialEq, Eq)]
struct Texts {
    packs: Vec<Pack>,
    templates: Vec<TemplateSource>,
    /// What could not be read, and a name that no overlay has although there are overlays.
    problems: Vec<Problem>,
}

/// What the files came to.
pub struct Compiled {
    pub detector: Detector,
    pub renderer: Renderer,
}

impl Library {
    /// Reads everything for the first time. What is broken is left out and named.
    pub(in crate::engine) fn open(settings: &Settings) -> (Self, Compiled, Vec<Problem>) {
        let texts = Texts::read(settings);
        let (compiled, problems) = texts.compile(settings);
        let library = Self {
            settings: settings.clone(),
            texts,
            followed: compiled.detector.logs().map(str::to_owned).collect(),
            last_look: None,
        };
        (library, compiled, problems)
    }

    /// When the files are looked at next; `None` if nobody can change them.
    pub fn next_check(&self) -> Option<Timestamp> {
        let has_folder = self.settings.patterns.is_some() || self.settings.templates.is_some();
        has_folder.then(|| self.last_look.map_or(Timestamp::MIN, |last| last + LOOK_EVERY))
    }

    /// Looks at the files if it is time: what they came to if they changed, or in one sentence
    /// what is wrong. The same wrong is told once.
    pub fn changed(&mut self, now: Timestamp) -> Option<Result<Compiled, String>> {
        if self.next_check()? > now {
            return None;
        }
        self.last_look = Some(now);
        let texts = Texts::read(&self.settings);
        if texts == self.texts {
            return None;
        }
        self.texts = texts;
        Some(self.recompile())
    }

    /// Logs that the patterns ask for now, but that are followed only after the next start.
    pub fn not_followed(&self, detector: &Detector) -> Vec<String> {
        let logs = detector.logs().filter(|log| !self.followed.contains(*log));
        logs.map(str::to_owned).collect()
    }

    fn recompile(&self) -> Result<Compiled, String> {
        let (compiled, problems) = self.texts.compile(&self.settings);
        in_one_sentence(&problems).map_or(Ok(compiled), Err)
    }
}

/// The first problem and its place, and how many there are.
pub(in crate::engine) fn in_one_sentence(problems: &[Problem]) -> Option<String> {
    let first = problems.first()?;
    let place = format!("{}:{}:{}", first.file, first.line(), first.column());
    let more = match problems.len() {
        1 => String::new(),
        n => format!(" (and {} more, see `footman check`)", n - 1),
    };
    Some(format!("{place}: {}{more}", first.message))
}

impl Texts {
    fn read(settings: &Settings) -> Self {
        let (packs, mut problems) = packs(settings);
        let (templates, found) = templates(settings);
        problems.extend(found);
        Self { packs, templates, problems }
    }

    fn compile(&self, settings: &Settings) -> (Compiled, Vec<Problem>) {
        let mut problems = self.problems.clone();
        let (detector, found) = Detector::compile(&self.packs, settings.timezone.clone());
        problems.extend(found);
        problems.extend(detector.unknown_channels(|name| settings.channels.contains_key(name)));
        problems.extend(routes::unreported(settings, &detector));
        let (renderer, found) = Renderer::compile(&self.templates);
        problems.extend(found);
        (Compiled { detector, renderer }, problems)
    }
}

/// All packs in the order of their layers: built in, the operator's folder, the environment's
/// overlay in it.
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

/// The packs of a folder, and what cannot be read in it.
pub fn load_packs(folder: &Path) -> (Vec<Pack>, Vec<Problem>) {
    let (own, problems) = load_folder(folder, "toml");
    (own.into_iter().map(|(file, text)| Pack { file, text }).collect(), problems)
}

enum Overlay {
    Found(Pack),
    /// Nobody wrote overlays: the environment is only a name on cards.
    NoFolder,
    /// There are overlays, but not for this name.
    NotAmong(BTreeSet<String>),
}

fn overlay(folder: &Path, name: &str) -> (Overlay, Vec<Problem>) {
    if !folder.is_dir() {
        return (Overlay::NoFolder, Vec::new());
    }
    let (packs, problems) = load_packs(folder);
    let names: BTreeSet<String> = packs.iter().map(|pack| stem(&pack.file)).collect();
    let overlay = match packs.into_iter().find(|pack| stem(&pack.file) == name) {
        Some(pack) => Overlay::Found(pack),
        None if names.is_empty() => Overlay::NoFolder,
        None => Overlay::NotAmong(names),
    };
    (overlay, problems)
}

fn no_overlay(settings: &Settings, name: &str, names: &BTreeSet<String>) -> Problem {
    let message = format!("there is no patterns/{ENVIRONMENTS}/{name}.toml");
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? Else create the file; it may be empty"),
        None => "create the file; it may be empty".to_owned(),
    };
    settings.written.problem_at(&["environment"], &message, &hint)
}

fn templates(settings: &Settings) -> (Vec<TemplateSource>, Vec<Problem>) {
    let mut templates = builtin_templates();
    let Some(folder) = &settings.templates else { return (templates, Vec::new()) };
    let (own, problems) = load_folder(folder, "json");
    let own = own.into_iter();
    templates.extend(own.map(|(file, text)| TemplateSource { name: stem(&file), file, text }));
    (templates, problems)
}

/// A template's name is its file's, without the ending.
fn stem(file: &str) -> String {
    Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
