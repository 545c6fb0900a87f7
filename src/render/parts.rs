//! Pure. Shared parts of templates: `{ "$part": "footer" }` stands for the object in
//! `parts/footer.json`; members beside `$part` replace those of the part.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::config::{Problem, ProblemKind, nearest};
use crate::render::TemplateSource;
use crate::render::expand::TemplateFault;
use crate::render::spans::{self, child};

/// The prefix of the names of parts, whose files are in the folder `parts`.
pub(crate) const FOLDER: &str = "parts/";
/// The member that names a part.
pub(crate) const MEMBER: &str = "$part";
/// A part that contains itself would never end.
const DEEPEST: usize = 8;
/// The most values of a template with its parts.
const VALUES: usize = 20_000;

/// The parts that templates may use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts(BTreeMap<String, TemplatePart>);

#[derive(Clone, Debug)]
struct TemplatePart {
    file: String,
    text: Arc<str>,
    /// `None` if the file has a problem.
    members: Option<Map<String, Value>>,
}

/// Where a template contains a part.
#[derive(Clone, Debug)]
pub(crate) struct PartPlace {
    /// JSON pointer of the object in the joined template.
    pointer: String,
    /// Members of the object that are not from the part.
    own: Vec<String>,
    file: String,
    text: Arc<str>,
}

impl Parts {
    /// The parts among these sources, over earlier ones.
    pub(crate) fn with(&self, sources: &[TemplateSource]) -> (Self, Vec<Problem>) {
        let (mut parts, mut problems) = (self.clone(), Vec::new());
        for source in sources {
            let Some(name) = source.name.strip_prefix(FOLDER) else { continue };
            let text: Arc<str> = source.text.trim_start_matches('\u{FEFF}').into();
            let members = match serde_json::from_str(&text) {
                Ok(Value::Object(members)) => Some(members),
                Ok(_) => {
                    problems.push(whole(source, &text, "a part is one JSON object"));
                    None
                }
                Err(error) => {
                    problems.push(super::template::not_json(
                        &source.file.to_string(),
                        &text,
                        &error,
                    ));
                    None
                }
            };
            parts.0.insert(
                name.to_owned(),
                TemplatePart { file: source.file.to_string(), text, members },
            );
        }
        (parts, problems)
    }

    /// Replaces each `$part` by its object.
    pub(crate) fn join(&self, template: &mut Value) -> (Vec<PartPlace>, Option<TemplateFault>) {
        let mut join = PartJoin { parts: self, places: Vec::new(), left: VALUES };
        let fault = join.node(template, "", 0).err();
        (join.places, fault)
    }
}

struct PartJoin<'p> {
    parts: &'p Parts,
    places: Vec<PartPlace>,
    left: usize,
}

impl PartJoin<'_> {
    fn node(&mut self, node: &mut Value, at: &str, depth: usize) -> Result<(), TemplateFault> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            TemplateFault::new(
                at,
                format!("the template and its parts have more than {VALUES} values"),
            )
            .hint("use fewer or smaller parts; Teams accepts cards of at most 28 KB")
        })?;
        match node {
            Value::Array(nodes) => {
                for (i, node) in nodes.iter_mut().enumerate() {
                    self.node(node, &child(at, &i.to_string()), depth)?;
                }
            }
            Value::Object(members) => {
                let mut inner = depth;
                while let Some(named) = members.shift_remove(MEMBER) {
                    inner += 1;
                    self.replace(members, &named, &child(at, MEMBER), at, inner)?;
                }
                for (key, node) in members.iter_mut() {
                    self.node(node, &child(at, key), inner)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn replace(
        &mut self,
        members: &mut Map<String, Value>,
        named: &Value,
        at: &str,
        pointer: &str,
        depth: usize,
    ) -> Result<(), TemplateFault> {
        let name = named.as_str().ok_or_else(|| {
            TemplateFault::new(at, "`$part` is not a text")
                .hint("name a file in `parts`, without `.json`")
        })?;
        if depth > DEEPEST {
            return Err(TemplateFault::new(
                at,
                format!("parts are nested more than {DEEPEST} levels deep"),
            )
            .hint("a part cannot contain itself"));
        }
        let Some(part) = self.parts.0.get(name) else { return Err(self.unknown(name, at)) };
        let Some(shared) = &part.members else {
            return Err(TemplateFault::new(at, format!("the part `{name}` has a problem"))
                .hint(format!("correct {}", part.file)));
        };
        let own = std::mem::replace(members, shared.clone());
        self.places.push(PartPlace {
            pointer: pointer.to_owned(),
            own: own.keys().cloned().collect(),
            file: part.file.clone(),
            text: Arc::clone(&part.text),
        });
        members.extend(own);
        Ok(())
    }

    fn unknown(&self, name: &str, at: &str) -> TemplateFault {
        let near = nearest(name, self.parts.0.keys().map(String::as_str));
        TemplateFault::new(at, format!("there is no part `{name}`")).hint(near.map_or_else(
            || format!("create {FOLDER}{name}.json in the folder of the template"),
            |near| format!("did you mean `{near}`?"),
        ))
    }
}

/// The file, the text and the place of the value at a pointer of a joined template, if it is from a
/// part.
pub(crate) fn locate(
    places: &[PartPlace],
    pointer: &str,
) -> Option<(String, Arc<str>, Range<usize>)> {
    let inside = |place: &&PartPlace| {
        let rest = pointer.strip_prefix(&place.pointer);
        let rest = rest.and_then(|rest| rest.strip_prefix('/'));
        let first = rest.map(|rest| rest.split('/').next().unwrap_or_default());
        first.is_some_and(|first| first != MEMBER && !place.own.iter().any(|own| own == first))
    };
    // Inner parts were added later.
    let place = places.iter().rev().find(inside)?;
    let range = spans::span(&place.text, &pointer[place.pointer.len()..]);
    Some((place.file.clone(), Arc::clone(&place.text), range))
}

fn whole(source: &TemplateSource, text: &Arc<str>, message: &str) -> Problem {
    Problem {
        file: source.file.to_string(),
        text: Arc::clone(text),
        span: 0..text.len().min(1),
        kind: ProblemKind::Invalid,
        message: message.to_owned(),
        hint: Some("write { \"type\": \"Container\", \"items\": […] }".to_owned()),
    }
}

#[cfg(test)]
mod tests;
