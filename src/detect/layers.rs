//! Pure. Layers the packs: later ones replace, adjust and disable patterns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use crate::config::limits::PROBLEMS;
use crate::config::{FileOrigin, Problem, nearest};
use crate::detect::error_class::ErrorClasses;
use crate::detect::links;
use crate::detect::names::group_names;
use crate::detect::pack::{Adjustment, Content, Limit, Pack, PackFile, PatternTable, read};
use crate::detect::pattern::{Decision, Pattern, Spot};
use crate::detect::terms;
use crate::detection::{Link, ProductPattern, Terms, Words};

/// The most patterns of all packs together.
const MOST_PATTERNS: usize = 5000;

/// The result of layering the packs.
pub(crate) struct LayeredPacks {
    /// All patterns, including disabled ones.
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) broken: Vec<Broken>,
    pub(crate) errors: ErrorClasses,
    pub(crate) problems: Vec<Problem>,
}

/// A pattern that cannot be compiled, as far as other things in it can be checked.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) id: String,
    pub(crate) file: FileOrigin,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) channel: Option<Spot>,
    /// The named groups of its regexes.
    pub(crate) captures: Vec<String>,
    /// The columns, and the words of `key` and `by`.
    pub(crate) used: BTreeSet<String>,
}

impl Broken {
    fn new(entry: &PatternTable, source: &PackFile) -> Self {
        let is_whole = |key: &str| !entry.broken.contains(key);
        let when: Vec<_> = entry.when.get_ref().iter().filter(|_| is_whole("when")).collect();
        let by = entry.threshold.iter().flat_map(|limit| &limit.get_ref().by);
        let words = entry.key.iter().chain(by).map(|word| word.get_ref().clone());
        // A key with a stand-in may use any of them.
        let is_sure = is_whole("key") && is_whole("threshold");
        let regexes = when.iter().filter(|_| is_sure).map(|(_, text)| text.get_ref());
        Self {
            id: entry.id.get_ref().clone(),
            file: source.file.clone(),
            line: source.line(entry.id.span().start),
            channel: entry.channel.as_ref().map(|channel| Spot::new(source, channel)),
            captures: regexes.flat_map(|text| group_names(text)).collect(),
            used: when.iter().map(|(column, _)| (*column).clone()).chain(words).collect(),
        }
    }
}

/// Joins the packs, and collects their problems.
pub(crate) fn join(packs: &[Pack]) -> LayeredPacks {
    let mut layers = Layers::default();
    let mut problems = Vec::new();
    for pack in packs {
        let mut of_pack = layers.add(pack);
        of_pack.sort_by_key(|problem| problem.span.start);
        problems.extend(of_pack.into_iter().take(PROBLEMS));
    }
    problems.extend(layers.broken_references());
    let Layers { patterns, broken_patterns: broken, errors, .. } = layers;
    LayeredPacks { patterns, broken, errors: errors.indexed(), problems }
}

#[derive(Default)]
struct Layers {
    patterns: Vec<Pattern>,
    errors: ErrorClasses,
    /// Index into `patterns` by id.
    places: BTreeMap<String, usize>,
    /// References from patterns to others.
    references: Vec<Spot>,
    /// Ids of broken patterns: a reference to one of them is not a mistake.
    broken: BTreeSet<String>,
    broken_patterns: Vec<Broken>,
}

impl Layers {
    fn add(&mut self, pack: &Pack) -> Vec<Problem> {
        let Content { source, entries, adjustments, errors, mut problems } = read(pack);
        let mut ids = BTreeSet::new();
        for entry in entries {
            if problems.len() >= PROBLEMS {
                return problems;
            }
            if self.patterns.len() >= MOST_PATTERNS {
                let message = format!("there are more than {MOST_PATTERNS} patterns");
                let hint = "one regex with `|` can match several texts".to_owned();
                problems.push(source.problem(entry.id.span(), message, Some(hint)));
                break;
            }
            let id = entry.id.get_ref();
            if !entry.broken.contains("id") && !ids.insert(id.clone()) {
                let message = format!("the pattern `{id}` is already defined above");
                let hint = "give it another id, or remove one of them".to_owned();
                problems.push(source.problem(entry.id.span(), message, Some(hint)));
                continue;
            }
            problems.extend(self.put(&entry, &source));
        }
        for one in adjustments {
            if problems.len() >= PROBLEMS {
                return problems;
            }
            problems.extend(self.adjust(&one, &source));
        }
        for one in errors {
            if problems.len() >= PROBLEMS {
                return problems;
            }
            problems.extend(self.errors.put(&one, &source));
        }
        problems
    }

    fn put(&mut self, entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
        let others = entry.closes.iter().chain(&entry.suppressed_by).chain(&entry.same_as);
        self.references.extend(others.map(|other| Spot::new(source, other)));
        let pattern = match Pattern::compile(entry, source) {
            Ok(pattern) => pattern,
            Err(broken) => {
                self.broken.insert(entry.id.get_ref().clone());
                self.broken_patterns.push(Broken::new(entry, source));
                return broken;
            }
        };
        if let Some(place) = self.places.get(pattern.id.as_str()) {
            self.patterns[*place] = pattern;
        } else {
            self.places.insert(pattern.id.to_string(), self.patterns.len());
            self.patterns.push(pattern);
        }
        Vec::new()
    }

    fn adjust(&mut self, adjustment: &Adjustment, source: &PackFile) -> Vec<Problem> {
        let id = adjustment.id.get_ref();
        if adjustment.broken.contains("id") || self.broken.contains(id) {
            return Vec::new();
        }
        let Some(place) = self.places.get(id) else {
            return vec![unknown(id, "to adjust", &self.patterns, source, adjustment.id.span())];
        };
        let pattern = &mut self.patterns[*place];
        let limit = adjustment.threshold.as_ref();
        if let Some(problem) = limit.and_then(|limit| terms::limit_problem(limit, source)) {
            return vec![problem];
        }
        let mut problems = Vec::new();
        let links = adjustment.links.as_ref();
        let compiled =
            links.map(|links| (links, links::compile(links.get_ref(), source, &mut problems)));
        if !problems.is_empty() {
            return problems;
        }
        if let Some((word, links)) = compiled {
            let titles: Vec<&str> = links.iter().map(|link| link.title.as_str()).collect();
            pattern.decide(source, word, &format!("links = {}", titles.join(", ")));
            pattern.set_links(links);
        }
        if !adjustment.broken.is_empty() {
            return Vec::new();
        }
        if let Some(severity) = &adjustment.severity {
            pattern.severity = *severity.get_ref();
            pattern.decide(source, severity, &format!("severity = {}", pattern.severity.name()));
        }
        if let Some(enabled) = &adjustment.enabled {
            pattern.enabled = *enabled.get_ref();
            pattern.decide(source, enabled, &format!("enabled = {}", pattern.enabled));
        }
        if let Some(channel) = &adjustment.channel {
            pattern.set_channel(Spot::new(source, channel));
            pattern.decide(source, channel, &format!("channel = {}", channel.get_ref()));
        }
        if let Some(limit) = limit {
            pattern.set_threshold(limit.get_ref());
            let Limit { count, within, .. } = limit.get_ref();
            pattern.decide(source, limit, &format!("threshold = {count} in {within}"));
        }
        Vec::new()
    }

    fn broken_references(&self) -> Vec<Problem> {
        let of_services = [ProductPattern::ServiceStopped, ProductPattern::RepositoryStopped];
        let known = |id: &str| {
            self.broken.contains(id)
                || of_services.iter().any(|pattern| pattern.name() == id)
                || self.places.contains_key(id)
        };
        let slips = self.references.iter().filter(|spot| !known(&spot.text));
        slips
            .take(PROBLEMS)
            .map(|spot| {
                unknown(&spot.text, "to refer to", &self.patterns, &spot.source, spot.span.clone())
            })
            .collect()
    }
}

impl Pattern {
    fn decide<T>(&mut self, source: &PackFile, word: &Spanned<T>, what: &str) {
        let (file, line) = (source.file.clone(), source.line(word.span().start));
        self.decisions.push(Decision { what: what.to_owned(), file, line });
    }

    fn set_channel(&mut self, channel: Spot) {
        let terms = Terms { channel: Some(channel.text.clone()), ..Terms::clone(&self.terms) };
        self.terms = Arc::new(terms);
        self.channel = Some(channel);
    }

    fn set_links(&mut self, links: Vec<Link>) {
        let mut words = Words { links, ..Words::clone(&self.words) };
        words.translations.values_mut().for_each(|one| one.links = None);
        self.words = Arc::new(words);
    }

    /// Changes the threshold; its grouping stays unless `by` is given.
    fn set_threshold(&mut self, limit: &Limit) {
        if !limit.by.is_empty() {
            self.by = limit.by.iter().map(|word| word.get_ref().clone()).collect();
        }
        let threshold = Some(terms::threshold(limit));
        self.terms = Arc::new(Terms { threshold, ..Terms::clone(&self.terms) });
    }
}

fn unknown(
    id: &str,
    purpose: &str,
    patterns: &[Pattern],
    source: &PackFile,
    span: std::ops::Range<usize>,
) -> Problem {
    let message = format!("there is no pattern `{id}` {purpose}");
    let hint = match nearest(id, patterns.iter().map(|one| one.id.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `footman patterns list` for the ids in force".to_owned(),
    };
    source.problem(span, message, Some(hint))
}
