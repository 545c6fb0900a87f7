//! Pure. Turns a notice into a card within the size limit; falls back to a built-in card, never
//! fails.
//!
//! `render/context.rs` describes the template syntax and every variable.

mod about;
mod body;
pub(crate) mod catalog;
mod check;
mod clean;
mod code;
mod context;
mod digest;
mod emergency;
mod excerpt;
mod expand;
mod fit;
mod instead;
mod links;
mod mention;
mod parts;
mod paths;
mod plain;
mod repeat;
mod sample;
mod shape;
mod spans;
mod template;
mod waiting;
mod words;

use std::collections::BTreeMap;

use minijinja::Environment;

use crate::clock::Timestamp;
use crate::commit::About;
use crate::config::{ChannelKind, Language, Mention, Problem};
use crate::detection::{Amount, Kind, TenantFault};
use crate::incident::Notice;
use crate::redact::redact;
use crate::render::context::Context;
use crate::render::fit::LADDER;
use crate::render::parts::Parts;
use crate::render::template::{Samples, Template};
use crate::tail::FileFault;

pub use crate::render::digest::{Digest, DigestCause, DigestEntry};
pub use crate::render::fit::{ENVELOPE, banner};
pub use crate::render::instead::{mark_continuation, mark_instead_of};
pub use crate::render::repeat::mark_possible_repeat;
pub use crate::render::sample::of_kind as sample_of_kind;
pub(crate) use crate::render::template::known_names;
pub use crate::render::template::{TemplateSource, builtin_templates};
pub use crate::render::waiting::without_button;
pub use crate::render::words::duration;
pub(crate) use crate::render::words::{bytes, moment};

/// A notice, ready for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// One line of plain text for terminals, logs and lists.
    pub summary: String,
    /// The body for the channel, as compact JSON; the envelope is added when it is sent.
    pub payload: String,
    /// The same notice as the smallest built-in card, for a channel that refuses the full one.
    pub plain: String,
    /// The text of a digest that replaces it.
    pub about: About,
    /// Whether somebody must take care of the reported problem.
    pub asks: bool,
    /// Problems of rendering: a template error, a shortening. Counted and logged.
    pub problems: Vec<String>,
}

impl Card {
    /// The same card, mentioning these people. They are not in the summary, because summaries are
    /// logged.
    #[must_use]
    pub fn mentioning(mut self, people: &[Mention]) -> Self {
        if !people.is_empty() {
            self.payload = mention::mentioning(&self.payload, people);
            self.plain = mention::mentioning(&self.plain, people);
        }
        self
    }

    /// The same card, with the button of a channel that waits, if somebody must take care.
    #[must_use]
    pub fn waiting(mut self, site: &Site, now: Timestamp) -> Self {
        if self.asks {
            self.payload = waiting::with_button(&self.payload, site, now);
            self.plain = waiting::with_button(&self.plain, site, now);
        }
        self
    }
}

/// A card that mentions the people of other cards.
pub fn mentioning_people_of(card: &str, others: &[String]) -> String {
    let mut people: Vec<Mention> = Vec::new();
    for person in others.iter().flat_map(|other| mention::mentioned(other)) {
        if !people.iter().any(|known| known.id.eq_ignore_ascii_case(&person.id)) {
            people.push(person);
        }
    }
    mention::mentioning(card, &people)
}

/// How a channel shows its cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelForm {
    pub kind: ChannelKind,
    pub language: Language,
    /// Whether its flow waits until somebody takes a card.
    pub waits: bool,
}

/// The site's values that a card needs besides the notice.
#[derive(Clone, Debug)]
pub struct Site {
    /// `https://qlik.example.com`, without a trailing slash; `None` leaves out all links.
    pub url: Option<String>,
    /// `https://footman.example.com`, the address of the page; `None` leaves out its links.
    pub page: Option<String>,
    /// The name of this node.
    pub node: String,
    /// The folder of the script logs that this node follows.
    pub scripts: Option<String>,
    pub timezone: jiff::tz::TimeZone,
    /// The language of the product's own sentences.
    pub language: Language,
    /// The agent's version, for the footer.
    pub version: &'static str,
}

impl Site {
    /// The same site, for cards in this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Self {
        Self { language, ..self.clone() }
    }
}

/// The head of a notice's card, in one line: `Reload failed: Sales Dashboard`.
pub fn title(notice: &Notice, language: Language) -> String {
    catalog::title(&notice.in_language(language), language)
}

/// The reason as on the notice's card; `None` if it has none.
pub fn reason(notice: &Notice, language: Language) -> Option<String> {
    let notice = notice.in_language(language);
    let reason = catalog::reason(&notice, language).into_owned();
    Some(reason).filter(|reason| !reason.is_empty())
}

/// One line of plain text for lists: head and reason.
pub fn summary(notice: &Notice, language: Language) -> String {
    words::summary(&notice.in_language(language), language)
}

/// The sentence that somebody takes care of an incident again, because a later acknowledgement was
/// undone.
pub fn acknowledged_again(by: &str, language: Language) -> String {
    catalog::of(language).acknowledged_again(by)
}

/// What is wrong with a file or folder, and what to do.
pub fn file_problem(fault: &FileFault, language: Language) -> String {
    catalog::of(language).file_problem(fault)
}

/// A request to a tenant and what is wrong with its answer, without secrets.
pub fn tenant_fault(fault: &TenantFault, language: Language) -> String {
    redact(&catalog::of(language).tenant_fault(fault)).into_owned()
}

/// `41.2 GB of 64.0 GB`, `8 cores`.
pub fn amount(amount: &Amount, language: Language) -> String {
    catalog::of(language).amount(amount)
}

/// A silence by its id.
pub fn silence(id: &str, language: Language) -> String {
    catalog::of(language).silence(id)
}

/// The same with its end and reason.
pub fn silence_until(id: &str, until: Timestamp, reason: &str, site: &Site) -> String {
    catalog::of(site.language).silence_until(id, &moment(until, site), reason)
}

/// The card that reports an unwritable state. It needs neither the state nor a template.
pub fn emergency_card(site: &Site, at: Timestamp, why: &str) -> Card {
    let (summary, card) = emergency::card(site, at, why);
    let payload = body::json(card);
    Card {
        summary,
        plain: payload.clone(),
        payload,
        about: About::default(),
        asks: true,
        problems: Vec::new(),
    }
}

/// The notice of that card, for matching routes.
pub fn emergency_notice(site: &Site, at: Timestamp, environment: Option<&str>) -> Notice {
    emergency::notice(site, at, environment)
}

/// The templates in force.
#[derive(Debug)]
pub struct Renderer {
    env: Environment<'static>,
    common: TemplateSet,
    /// The templates of channels with a folder of their own, which take precedence over the common
    /// ones.
    of_channels: BTreeMap<String, TemplateSet>,
}

/// The templates of one layer.
#[derive(Debug, Default)]
struct TemplateSet {
    parts: Parts,
    templates: BTreeMap<String, Template>,
    /// Why a template of the newest file of its name is not in force.
    broken: BTreeMap<String, Vec<Problem>>,
}

impl TemplateSet {
    fn compile(
        env: &Environment<'static>,
        sources: &[TemplateSource],
        parts: &Parts,
    ) -> (Self, Vec<Problem>) {
        let (parts, mut problems) = parts.with(sources);
        let samples = Samples::new();
        let mut set = Self { parts, ..Self::default() };
        for source in sources.iter().filter(|it| !it.name.starts_with(parts::FOLDER)) {
            match Template::compile(env, source, &set.parts, &samples) {
                Ok(template) => {
                    set.templates.insert(source.name.clone(), template);
                    set.broken.remove(&source.name);
                }
                Err(found) => {
                    let new = found.iter().filter(|one| !problems.contains(one));
                    let new: Vec<Problem> = new.cloned().collect();
                    problems.extend(new);
                    set.broken.insert(source.name.clone(), found);
                }
            }
        }
        (set, problems)
    }

    fn find(&self, names: &[&str], is_cloud: bool) -> Option<&Template> {
        let of_source = |name: &str| is_cloud.then(|| self.templates.get(&format!("{name}-cloud")));
        names
            .iter()
            .find_map(|name| of_source(name).flatten().or_else(|| self.templates.get(*name)))
    }
}

impl Renderer {
    /// A later template replaces an earlier one of the same name; a broken one is left out, so that
    /// the earlier one stays in force.
    pub fn compile(sources: &[TemplateSource]) -> (Self, Vec<Problem>) {
        let env = expand::environment();
        let (common, problems) = TemplateSet::compile(&env, sources, &Parts::default());
        (Self { env, common, of_channels: BTreeMap::new() }, problems)
    }

    /// Adds the templates of one channel. They may use the common parts.
    pub fn add_channel(&mut self, channel: &str, sources: &[TemplateSource]) -> Vec<Problem> {
        let (set, problems) = TemplateSet::compile(&self.env, sources, &self.common.parts);
        self.of_channels.insert(channel.to_owned(), set);
        problems
    }

    /// Whether a channel has templates of its own.
    pub fn has_own(&self, channel: &str) -> bool {
        self.of_channels.contains_key(channel)
    }

    /// Why a template that a card of this kind would use is not in force.
    pub fn problems_of(&self, kind: Kind, channel: &str) -> Vec<&Problem> {
        let names = template::names(kind, sample::reason_of(kind));
        let sets = self.of_channels.get(channel).into_iter().chain([&self.common]);
        let broken = sets.flat_map(|set| names.iter().filter_map(|name| set.broken.get(*name)));
        broken.flatten().collect()
    }

    /// The card of a notice for a channel of this kind. The local channel shows what Teams would.
    pub fn card(&self, notice: &Notice, site: &Site, kind: ChannelKind) -> Card {
        self.card_for("", notice, site, kind)
    }

    /// The same, with the templates of the channel.
    pub fn card_for(&self, channel: &str, notice: &Notice, site: &Site, kind: ChannelKind) -> Card {
        match kind {
            ChannelKind::Teams | ChannelKind::Flow | ChannelKind::Local => {
                self.build(notice, site, channel, false)
            }
        }
    }

    /// The card that tests a channel.
    pub fn test_card(&self, site: &Site, at: Timestamp, channel: &str) -> Card {
        self.build(&sample::test(at), site, channel, true)
    }

    /// A card of any kind with invented content; the kind `test` is the test card.
    pub fn sample_card(&self, kind: Kind, site: &Site, at: Timestamp, channel: &str) -> Card {
        match kind {
            Kind::Test => self.test_card(site, at, channel),
            Kind::Digest => self.digest_card(site, &sample::digest(at, site), ChannelKind::Teams),
            kind => {
                let notice = sample::of_kind(kind, at, site.language);
                self.build(&notice, site, channel, false)
            }
        }
    }

    /// One card for many notices, for a channel that has reached its pace limit.
    pub fn digest_card(&self, site: &Site, digest: &Digest, kind: ChannelKind) -> Card {
        let (summary, card) = match kind {
            ChannelKind::Teams | ChannelKind::Flow | ChannelKind::Local => {
                digest::card(digest, site)
            }
        };
        let payload = body::json(card);
        Card {
            summary,
            plain: payload.clone(),
            payload,
            about: About::default(),
            asks: !digest.causes.is_empty(),
            problems: Vec::new(),
        }
    }

    /// `named`: whether the card shows the channel.
    fn build(&self, notice: &Notice, site: &Site, channel: &str, named: bool) -> Card {
        let notice = &*notice.in_language(site.language);
        let summary = words::summary(notice, site.language);
        let about = about::of(notice, site.language);
        let asks = waiting::asks(notice);
        let plain = body::json(plain::card(notice, site));
        match self.rich(notice, site, channel, named) {
            Ok((payload, problem)) => {
                Card { summary, payload, plain, about, asks, problems: Vec::from_iter(problem) }
            }
            Err(problem) => Card {
                summary,
                payload: plain.clone(),
                plain,
                about,
                asks,
                problems: vec![problem],
            },
        }
    }

    /// The fullest card that fits, and a note on what was cut.
    fn rich(
        &self,
        notice: &Notice,
        site: &Site,
        channel: &str,
        named: bool,
    ) -> Result<(String, Option<String>), String> {
        let template = self.template(notice, channel)?;
        for (room, cut) in LADDER {
            let mut context = Context::new(notice, site, room);
            context.channel = named.then(|| clean::line(channel, 80));
            let card = template.expand(&self.env, &expand::var(&context));
            let payload = body::json(card.map_err(|problem| located(&problem))?);
            if fit::leaves_room(&payload) {
                return Ok((payload, room.shortened.then(|| format!("card shortened: {cut}"))));
            }
        }
        Err("card too large: sent the plain card".to_owned())
    }

    fn template(&self, notice: &Notice, channel: &str) -> Result<&Template, String> {
        let names = template::names(notice.kind, notice.reason);
        let is_cloud = notice.subject.is_in_cloud();
        let mut sets = self.of_channels.get(channel).into_iter().chain([&self.common]);
        let found = sets.find_map(|set| set.find(names, is_cloud));
        found.ok_or_else(|| format!("no template {}: sent the plain card", names.join(" or ")))
    }
}

fn located(problem: &Problem) -> String {
    format!("{}: {}", problem.place(), problem.message)
}

#[cfg(test)]
mod tests;
