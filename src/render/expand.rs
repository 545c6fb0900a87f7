//! Pure. Expands a JSON template: conditions, repetitions, and expressions inside strings.

use std::cell::Cell;
use std::io;

use minijinja::value::{ValueKind, merge_maps};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Var};
use serde_json::{Map, Value};

use crate::config::ProblemKind;
use crate::render::spans::child;
use crate::render::{clean, code};

/// The most instructions of one string or expression; the longest built-in one takes under 100.
const FUEL: u64 = 20_000;

/// The most values and bytes of one card while it is expanded; Teams accepts 28 KB.
const BUDGET: Budget = Budget { nodes: 5000, bytes: 256 << 10 };

/// A problem in a template, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateFault {
    /// JSON pointer of the string or object.
    pub(crate) pointer: String,
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl TemplateFault {
    pub(crate) fn new(pointer: &str, message: impl Into<String>) -> Self {
        let kind = ProblemKind::Invalid;
        Self { pointer: pointer.to_owned(), kind, message: message.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn of_kind(self, kind: ProblemKind) -> Self {
        Self { kind, ..self }
    }
}

/// The environment of expressions: strict, bounded, without escaping; `none` prints nothing.
pub(crate) fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_fuel(Some(FUEL));
    env.set_formatter(|out, _, value| match value {
        value if value.is_undefined() => Err(Error::from(ErrorKind::UndefinedError)),
        value if value.is_none() => Ok(()),
        value => out.write_str(&value.to_string()).map_err(Error::from),
    });
    env.add_filter("ellipsis", |text: String, limit: usize| clean::ellipsis(&text, limit));
    for name in code::LEFT_OUT {
        env.remove_filter(name);
    }
    env.add_filter("replace", replace);
    env.add_filter("join", join);
    for name in ["namespace", "debug"] {
        env.remove_global(name);
    }
    env
}

/// The built-in filter, bounded.
fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    let longer = text.matches(from).count().saturating_mul(to.len());
    if longer > BUDGET.bytes { Err(too_large()) } else { Ok(text.replace(from, to)) }
}

/// The built-in filter, bounded.
fn join(list: &Var, between: Option<String>) -> Result<String, Error> {
    let between = between.unwrap_or_default();
    let mut text = String::new();
    for (place, part) in list.try_iter()?.enumerate() {
        if place > 0 {
            text.push_str(&between);
        }
        text.push_str(&part.to_string());
        if text.len() > BUDGET.bytes {
            return Err(too_large());
        }
    }
    Ok(text)
}

const TOO_LARGE: &str = "the card becomes too large";

fn too_large() -> Error {
    Error::new(ErrorKind::InvalidOperation, TOO_LARGE)
}

/// A value as templates see it.
pub(crate) fn var(value: impl serde::Serialize) -> Var {
    Var::from(minijinja::value::Serde(value))
}

/// The expanded template.
pub(crate) fn expand(
    env: &Environment<'_>,
    template: &Value,
    vars: &Var,
) -> Result<Value, TemplateFault> {
    let filled = Filler { env, left: Cell::new(BUDGET) }.node(template, "", vars)?;
    filled.ok_or_else(|| TemplateFault::new("/$when", "the whole card is left out"))
}

/// The remaining budget of a card.
#[derive(Clone, Copy, Debug)]
struct Budget {
    nodes: usize,
    bytes: usize,
}

struct Filler<'a> {
    env: &'a Environment<'a>,
    left: Cell<Budget>,
}

impl Filler<'_> {
    /// Takes values and bytes from the budget.
    fn spend(&self, nodes: usize, bytes: usize, at: &str) -> Result<(), TemplateFault> {
        let Budget { nodes: n, bytes: b } = self.left.get();
        match (n.checked_sub(nodes), b.checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                self.left.set(Budget { nodes, bytes });
                Ok(())
            }
            _ => Err(TemplateFault::new(at, TOO_LARGE).hint(
                               "a card may have 5,000 values and 256 KiB while it is filled; repeat over shorter lists",
            )),
        }
    }

    /// Takes a value with all that it contains, before it is copied.
    fn spend_value(&self, value: &Var, at: &str) -> Result<(), TemplateFault> {
        self.spend(1, 8 + value.as_str().map_or(0, str::len), at)?;
        let is_map = value.kind() == ValueKind::Map;
        if !is_map && !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
            return Ok(());
        }
        for inner in value.try_iter().map_err(|error| fault(at, &error))? {
            self.spend_value(&inner, at)?;
            if is_map {
                let member = value.get_item(&inner).map_err(|error| fault(at, &error))?;
                self.spend_value(&member, at)?;
            }
        }
        Ok(())
    }

    /// `None` if its condition leaves it out.
    fn node(&self, node: &Value, at: &str, vars: &Var) -> Result<Option<Value>, TemplateFault> {
        self.spend(1, 0, at)?;
        match node {
            Value::String(text) => self.text(text, at, vars).map(|text| Some(Value::String(text))),
            Value::Array(nodes) => self.list(nodes, at, vars).map(|list| Some(Value::Array(list))),
            Value::Object(members) => self.object(members, at, vars),
            fixed => Ok(Some(fixed.clone())),
        }
    }

    fn list(&self, nodes: &[Value], at: &str, vars: &Var) -> Result<Vec<Value>, TemplateFault> {
        let mut list = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            let at = child(at, &i.to_string());
            match node.get("$data") {
                Some(data) => list.extend(self.repeat(node, data, &at, vars)?),
                None => list.extend(self.node(node, &at, vars)?),
            }
        }
        Ok(list)
    }

    /// The object, once for each element of its `$data`.
    fn repeat(
        &self,
        node: &Value,
        data: &Value,
        at: &str,
        vars: &Var,
    ) -> Result<Vec<Value>, TemplateFault> {
        let mut members = node.as_object().cloned().unwrap_or_default();
        members.shift_remove("$data");
        let mut list = Vec::new();
        for (index, item) in self.data(data, &child(at, "$data"), vars)?.into_iter().enumerate() {
            self.spend(1, 0, at)?;
            list.extend(self.object(&members, at, &scope(vars, item, index))?);
        }
        Ok(list)
    }

    /// The elements to repeat over: of an expression, or of a list written in place.
    fn data(&self, data: &Value, at: &str, vars: &Var) -> Result<Vec<Var>, TemplateFault> {
        let list = match data {
            Value::String(expression) => self.eval(expression, at, vars)?,
            Value::Array(nodes) => var(self.list(nodes, at, vars)?),
            _ => return Err(TemplateFault::new(at, "`$data` is neither an expression nor a list")),
        };
        if list.is_none() {
            return Ok(Vec::new());
        }
        let elements = list.try_iter().map_err(|error| fault(at, &error))?;
        // One more than the budget allows, so that too many are noticed when they are filled.
        Ok(elements.take(self.left.get().nodes + 1).collect())
    }

    fn object(
        &self,
        members: &Map<String, Value>,
        at: &str,
        vars: &Var,
    ) -> Result<Option<Value>, TemplateFault> {
        if let Some(when) = members.get("$when") {
            let at = child(at, "$when");
            let when =
                when.as_str().ok_or_else(|| TemplateFault::new(&at, "`$when` is not a string"))?;
            if !self.eval(when, &at, vars)?.is_true() {
                return Ok(None);
            }
        }
        if let Some(value) = members.get("$value") {
            return self.typed(value, &child(at, "$value"), vars);
        }
        let mut filled = Map::new();
        for (key, node) in members.iter().filter(|(key, _)| *key != "$when") {
            self.spend(0, key.len(), at)?;
            if let Some(value) = self.node(node, &child(at, key), vars)? {
                filled.insert(key.clone(), value);
            }
        }
        Ok(Some(Value::Object(filled)))
    }

    /// The value with its JSON type: a number stays a number, `none` leaves the member out.
    fn typed(&self, value: &Value, at: &str, vars: &Var) -> Result<Option<Value>, TemplateFault> {
        let text =
            value.as_str().ok_or_else(|| TemplateFault::new(at, "`$value` is not a string"))?;
        let value = self.eval(text, at, vars)?;
        self.spend_value(&value, at)?;
        let json = serde_json::to_value(&value);
        let json = json.map_err(|_| TemplateFault::new(at, "the expression has no JSON value"))?;
        Ok((!json.is_null()).then_some(json))
    }

    fn text(&self, text: &str, at: &str, vars: &Var) -> Result<String, TemplateFault> {
        if !text.contains('{') {
            self.spend(0, text.len(), at)?;
            return Ok(text.to_owned());
        }
        let bare = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
        if let Some(value) = bare.and_then(|name| known(name.trim(), vars)) {
            let text = if value.is_none() { String::new() } else { value.to_string() };
            self.spend(0, text.len(), at)?;
            return Ok(text);
        }
        refuse(code::refusal(text), at)?;
        let mut filled = Bounded { bytes: Vec::new(), room: self.left.get().bytes };
        let rendered = self
            .env
            .template_from_str(text)
            .and_then(|template| template.render_captured_to(vars.clone(), &mut filled).map(drop));
        if filled.room == 0 {
            self.spend(0, usize::MAX, at)?;
        }
        rendered.map_err(|error| fault(at, &error))?;
        self.spend(0, filled.bytes.len(), at)?;
        String::from_utf8(filled.bytes).map_err(|_| TemplateFault::new(at, "the text is not UTF-8"))
    }

    fn eval(&self, expression: &str, at: &str, vars: &Var) -> Result<Var, TemplateFault> {
        if let Some(value) = known(expression.trim(), vars) {
            return Ok(value);
        }
        refuse(code::expression_refusal(expression), at)?;
        let compiled = self.env.compile_expression_owned(expression.to_owned());
        let value = compiled.and_then(|compiled| compiled.eval(vars.clone()));
        let value = value.map_err(|error| fault(at, &error))?;
        if value.is_undefined() {
            return Err(TemplateFault::new(at, format!("`{expression}` is not known")));
        }
        Ok(value)
    }
}

/// Words of the expression language, which are not names.
const RESERVED: [&str; 12] =
    ["true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if"];

/// The value of a name, or of a member: `words.app`. Most expressions are just that, and compiling
/// them takes longer than the rest of a card. `None` for anything else, which is compiled and
/// reports its errors.
fn known(name: &str, vars: &Var) -> Option<Var> {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !RESERVED.contains(&part)
    };
    let mut value = vars.clone();
    for part in name.split('.') {
        value = value.get_attr(part).ok().filter(|_| is_name(part))?;
        if value.is_undefined() {
            return None;
        }
    }
    Some(value)
}

pub(crate) fn refuse(refusal: Option<code::CodeRefusal>, at: &str) -> Result<(), TemplateFault> {
    refusal.map_or(Ok(()), |(message, hint)| Err(TemplateFault::new(at, message).hint(hint)))
}

/// A writer that fails when its room is used up.
struct Bounded {
    bytes: Vec<u8>,
    room: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.room = self.room.saturating_sub(text.len());
        if self.room == 0 {
            return Err(io::Error::other(TOO_LARGE));
        }
        self.bytes.extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The variables, with `item`, `index` (from 0) and the element's own fields in front.
fn scope(vars: &Var, item: Var, index: usize) -> Var {
    let own = Var::from_pairs([("item", item.clone()), ("index", Var::from(index))]);
    let fields = if item.as_object().is_some() { item } else { Var::from_pairs([("item", item)]) };
    merge_maps([vars.clone(), fields, own])
}

/// An error of the template engine, reworded.
pub(crate) fn fault(pointer: &str, error: &Error) -> TemplateFault {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => TemplateFault::new(pointer, "the expression runs too long")
            .hint("a loop here has too many iterations; repeat an object with `$data` instead"),
        ErrorKind::UndefinedError => {
            TemplateFault::new(pointer, format!("unknown variable{detail}"))
                .hint("put a `$when` or an `{% if … %}` around a value that is not always known")
        }
        ErrorKind::SyntaxError => {
            let is_open = error.detail().is_some_and(|detail| detail.contains("end of input"));
            let hint = if is_open {
                "end `{{` with `}}`, `{% if … %}` with `{% endif %}`, `{% for … %}` with `{% endfor %}`"
            } else {
                "an expression is in `{{ … }}` and a statement in `{% … %}`; a brace that is text is \
                 `{{ '{' }}`"
            };
            TemplateFault::new(pointer, format!("syntax error{detail}")).hint(hint)
        }
        kind => TemplateFault::new(pointer, format!("{kind}{detail}")),
    }
}

#[cfg(test)]
mod tests;
