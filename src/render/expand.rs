//! Pure. Fills a JSON template: conditions, repetitions and the expressions inside strings.

use minijinja::value::merge_maps;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Var};
use serde_json::{Map, Value};

use crate::render::clean;
use crate::render::spans::child;

/// Instructions that one string or expression may take; the longest built-in one takes under 100.
const FUEL: u64 = 20_000;

/// What is wrong in a template, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// JSON pointer of the string or object.
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), message: message.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Expressions as templates see them: strict, bounded, without escaping; `none` prints nothing.
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
    env
}

/// A value as templates see it.
pub(crate) fn var(value: impl serde::Serialize) -> Var {
    Var::from(minijinja::value::Serde(value))
}

/// The template with everything filled in.
pub(crate) fn expand(env: &Environment<'_>, template: &Value, vars: &Var) -> Result<Value, Fault> {
    let filled = Filler { env }.node(template, "", vars)?;
    filled.ok_or_else(|| Fault::new("/$when", "the whole card is left out"))
}

struct Filler<'a> {
    env: &'a Environment<'a>,
}

impl Filler<'_> {
    /// `None`: left out by its condition.
    fn node(&self, node: &Value, at: &str, vars: &Var) -> Result<Option<Value>, Fault> {
        match node {
            Value::String(text) => self.text(text, at, vars).map(|text| Some(Value::String(text))),
            Value::Array(nodes) => self.list(nodes, at, vars).map(|list| Some(Value::Array(list))),
            Value::Object(members) => self.object(members, at, vars),
            fixed => Ok(Some(fixed.clone())),
        }
    }

    fn list(&self, nodes: &[Value], at: &str, vars: &Var) -> Result<Vec<Value>, Fault> {
        let mut list = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            let at = child(at, &i.to_string());
            match node.get("$data") {
                Some(data) => list.extend(self.repeat(node, data, &at, vars)?),
                None => list.extend(self.node(node, &at, vars)?),
            }
        }
        Ok(list)
    }

    /// The object once for each element of its `$data`.
    fn repeat(
        &self,
        node: &Value,
        data: &Value,
        at: &str,
        vars: &Var,
    ) -> Result<Vec<Value>, Fault> {
        let mut members = node.as_object().cloned().unwrap_or_default();
        members.shift_remove("$data");
        let mut list = Vec::new();
        for (index, item) in self.data(data, &child(at, "$data"), vars)?.into_iter().enumerate() {
            list.extend(self.object(&members, at, &scope(vars, item, index))?);
        }
        Ok(list)
    }

    /// What to repeat over: an expression, or a list written in place.
    fn data(&self, data: &Value, at: &str, vars: &Var) -> Result<Vec<Var>, Fault> {
        let list = match data {
            Value::String(expression) => self.eval(expression, at, vars)?,
            Value::Array(nodes) => var(self.list(nodes, at, vars)?),
            _ => return Err(Fault::new(at, "`$data` is neither an expression nor a list")),
        };
        if list.is_none() {
            return Ok(Vec::new());
        }
        list.try_iter().map(Iterator::collect).map_err(|error| fault(at, &error))
    }

    fn object(
        &self,
        members: &Map<String, Value>,
        at: &str,
        vars: &Var,
    ) -> Result<Option<Value>, Fault> {
        if let Some(when) = members.get("$when") {
            let at = child(at, "$when");
            let when = when.as_str().ok_or_else(|| Fault::new(&at, "`$when` is not a string"))?;
            if !self.eval(when, &at, vars)?.is_true() {
                return Ok(None);
            }
        }
        if let Some(value) = members.get("$value") {
            return self.typed(value, &child(at, "$value"), vars);
        }
        let mut filled = Map::new();
        for (key, node) in members.iter().filter(|(key, _)| *key != "$when") {
            if let Some(value) = self.node(node, &child(at, key), vars)? {
                filled.insert(key.clone(), value);
            }
        }
        Ok(Some(Value::Object(filled)))
    }

    /// The expression's own JSON type: a number stays a number, `none` leaves the member out.
    fn typed(&self, value: &Value, at: &str, vars: &Var) -> Result<Option<Value>, Fault> {
        let text = value.as_str().ok_or_else(|| Fault::new(at, "`$value` is not a string"))?;
        let value = self.eval(text, at, vars)?;
        let json = serde_json::to_value(&value);
        let json = json.map_err(|_| Fault::new(at, "the expression has no JSON value"))?;
        Ok((!json.is_null()).then_some(json))
    }

    fn text(&self, text: &str, at: &str, vars: &Var) -> Result<String, Fault> {
        if !text.contains('{') {
            return Ok(text.to_owned());
        }
        self.env.render_str(text, vars.clone()).map_err(|error| fault(at, &error))
    }

    fn eval(&self, expression: &str, at: &str, vars: &Var) -> Result<Var, Fault> {
        let compiled = self.env.compile_expression_owned(expression.to_owned());
        let value = compiled.and_then(|compiled| compiled.eval(vars.clone()));
        let value = value.map_err(|error| fault(at, &error))?;
        if value.is_undefined() {
            return Err(Fault::new(at, format!("`{expression}` is not known")));
        }
        Ok(value)
    }
}

/// The variables, with `item`, `index` (from 0) and the element's own fields in front.
fn scope(vars: &Var, item: Var, index: usize) -> Var {
    let own = Var::from_pairs([("item", item.clone()), ("index", Var::from(index))]);
    let fields = if item.as_object().is_some() { item } else { Var::from_pairs([("item", item)]) };
    merge_maps([vars.clone(), fields, own])
}

/// What the template engine found, in a person's words.
pub(crate) fn fault(pointer: &str, error: &Error) -> Fault {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => Fault::new(pointer, "the expression runs too long")
            .hint("a loop here has too many rounds; repeat an object with `$data` instead"),
        ErrorKind::UndefinedError => Fault::new(pointer, format!("unknown variable{detail}"))
            .hint("what is not always known needs a `$when` or an `{% if … %}` around it"),
        kind => Fault::new(pointer, format!("{kind}{detail}")),
    }
}

#[cfg(test)]
mod tests;
