//! Pure. Turns a notice into a card within the size limit; falls back to a built-in card, never
//! fails.
//!
//! `render/context.rs` describes the template syntax and every variable.

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
mod links;
mod plain;
mod repeat;
mod sample;
mod shape;
mod spans;
mod template;
mod words;

use std::collections::BTreeMap;

use minijinja::Environment;

use crate::clock::Timestamp;
use crate::config::{ChannelKind, Problem};
use crate::detection::Kind;
use crate::incident::Notice;
use crate::render::context::Context;
use crate::render::fit::{BUDGET, LADDER};
use crate::render::template::Template;

pub use crate::render::digest::{Digest, DigestEntry};
pub use crate::render::fit::ENVELOPE;
pub use crate::render::repeat::mark_possible_repeat;
pub use crate::render::template::{TemplateSource, builtin_templates};
pub use crate::render::words::{duration, summary};

/// A notice, ready for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// One line of plain text for terminals, logs and lists.
    pub summary: String,
    /// The body for the channel, as compact JSON; the envelope is added when it is sent.
    pub payload: String,
    /// The same notice as the smallest built-in card, for a channel that refuses the full one.
    pub plain: String,
    /// Problems of rendering: a template error, a shortening. Counted and logged.
    pub problems: Vec<String>,
}

/// The site's values that a card needs besides the notice.
#[derive(Clone, Debug)]
pub struct Site {
    /// `https://qlik.example.com`, without a trailing slash; `None` leaves out all links.
    pub url: Option<String>,
    /// The name of this node.
    pub node: String,
    pub timezone: jiff::tz::TimeZone,
    /// The agent's version, for the footer.
    pub version: &'static str,
}

/// The card that reports an unwritable state. It needs neither the state nor a template.
pub fn emergency_card(site: &Site, at: Timestamp, why: &str) -> Card {
    let (summary, card) = emergency::card(site, at, why);
    let payload = body::json(card);
    Card { summary, plain: payload.clone(), payload, problems: Vec::new() }
}

/// The notice of that card, for matching routes.
pub fn emergency_notice(site: &Site, at: Timestamp, environment: Option<&str>) -> Notice {
    emergency::notice(site, at, environment)
}

/// The templates in force.
#[derive(Debug)]
pub struct Renderer {
    env: Environment<'static>,
    templates: BTreeMap<String, Template>,
}

impl Renderer {
    /// A later template replaces an earlier one of the same name; a broken one is left out, so that
    /// the earlier one stays in force.
    pub fn compile(sources: &[TemplateSource]) -> (Self, Vec<Problem>) {
        let mut renderer = Self { env: expand::environment(), templates: BTreeMap::new() };
        let mut problems = Vec::new();
        for source in sources {
            match Template::compile(&renderer.env, source) {
                Ok(template) => drop(renderer.templates.insert(source.name.clone(), template)),
                Err(found) => problems.extend(found),
            }
        }
        (renderer, problems)
    }

    /// The card of a notice for a channel of this kind. The local channel shows what Teams would.
    pub fn card(&self, notice: &Notice, site: &Site, kind: ChannelKind) -> Card {
        match kind {
            ChannelKind::Teams | ChannelKind::Local => self.build(notice, site, None),
        }
    }

    /// The card that tests a channel.
    pub fn test_card(&self, site: &Site, at: Timestamp, channel: &str) -> Card {
        self.build(&sample::test(at), site, Some(channel))
    }

    /// A card of any kind with invented content; the kind `test` is the test card.
    pub fn sample_card(&self, kind: Kind, site: &Site, at: Timestamp, channel: &str) -> Card {
        match kind {
            Kind::Test => self.test_card(site, at, channel),
            kind => self.build(&sample::of_kind(kind, at), site, None),
        }
    }

    /// One card for many notices, for a channel that has reached its pace limit.
    pub fn digest_card(&self, site: &Site, digest: &Digest, kind: ChannelKind) -> Card {
        let (summary, card) = match kind {
            ChannelKind::Teams | ChannelKind::Local => digest::card(digest, site),
        };
        let payload = body::json(card);
        Card { summary, plain: payload.clone(), payload, problems: Vec::new() }
    }

    fn build(&self, notice: &Notice, site: &Site, channel: Option<&str>) -> Card {
        let summary = words::summary(notice);
        let plain = body::json(plain::card(notice, site));
        match self.rich(notice, site, channel) {
            Ok((payload, problem)) => {
                Card { summary, payload, plain, problems: Vec::from_iter(problem) }
            }
            Err(problem) => {
                Card { summary, payload: plain.clone(), plain, problems: vec![problem] }
            }
        }
    }

    /// The fullest card that fits, and a note on what was cut.
    fn rich(
        &self,
        notice: &Notice,
        site: &Site,
        channel: Option<&str>,
    ) -> Result<(String, Option<String>), String> {
        let template = self.template(notice)?;
        for (room, cut) in LADDER {
            let mut context = Context::new(notice, site, room);
            context.channel = channel.map(|name| clean::line(name, 80));
            let card = template.expand(&self.env, &expand::var(&context));
            let payload = body::json(card.map_err(|problem| located(&problem))?);
            if fit::fits(&payload, BUDGET) {
                return Ok((payload, room.shortened.then(|| format!("card shortened: {cut}"))));
            }
        }
        Err("card too large: sent the plain card".to_owned())
    }

    fn template(&self, notice: &Notice) -> Result<&Template, String> {
        let names = template::names(notice.kind, notice.reason);
        let found = names.iter().find_map(|name| self.templates.get(*name));
        found.ok_or_else(|| format!("no template {}: sent the plain card", names.join(" or ")))
    }
}

fn located(problem: &Problem) -> String {
    format!("{}:{}:{}: {}", problem.file, problem.line(), problem.column(), problem.message)
}

#[cfg(test)]
mod tests;
