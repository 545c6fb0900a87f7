//! Evaluates the expressions of a flow strictly: every argument of `if` is evaluated, a property of a
//! text is an error, and so is a null where a function needs a value.

use serde_json::{Value, json};

/// What an expression may refer to.
pub(crate) trait Scope {
    /// `outputs('name')`: null if it was skipped.
    fn outputs(&self, name: &str) -> Value;
    /// `Succeeded`, `Failed`, `Skipped`, `TimedOut`.
    fn status(&self, name: &str) -> &'static str;
    fn request(&self) -> Value;
    /// The one that a query looks at.
    fn current(&self) -> Value;
}

/// The value of a text of the definition, which is an expression if it begins with `@`.
pub(crate) fn value(text: &str, scope: &dyn Scope) -> Result<Value, String> {
    let Some(expression) = text.strip_prefix('@') else { return Ok(text.into()) };
    let mut parser = Parser { rest: expression, scope };
    let value = parser.expression()?;
    assert_eq!(parser.rest, "", "left over of {expression}");
    Ok(value)
}

/// The same for each text within a value.
pub(crate) fn filled(template: &Value, scope: &dyn Scope) -> Result<Value, String> {
    Ok(match template {
        Value::String(text) => value(text, scope)?,
        Value::Array(all) => all.iter().map(|it| filled(it, scope)).collect::<Result<_, _>>()?,
        Value::Object(all) => {
            let filled = all.iter().map(|(key, it)| Ok((key.clone(), filled(it, scope)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// Whether a condition of an `If` holds.
pub(crate) fn holds(condition: &Value, scope: &dyn Scope) -> Result<bool, String> {
    let (name, given) = condition.as_object().unwrap().iter().next().unwrap();
    let each = || given.as_array().unwrap().iter();
    Ok(match name.as_str() {
        "and" => {
            each().map(|it| holds(it, scope)).collect::<Result<Vec<_>, _>>()?.iter().all(|it| *it)
        }
        "not" => !holds(given, scope)?,
        "equals" => {
            let values = each().map(|it| filled(it, scope)).collect::<Result<Vec<_>, _>>()?;
            is_equal(&values[0], &values[1])
        }
        other => panic!("unknown condition {other}"),
    })
}

/// A comparison takes a null for an empty text.
fn is_equal(one: &Value, other: &Value) -> bool {
    let plain = |it: &Value| if it.is_null() { json!("") } else { it.clone() };
    plain(one) == plain(other)
}

struct Parser<'a> {
    rest: &'a str,
    scope: &'a dyn Scope,
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Value, String> {
        let mut value = self.first()?;
        loop {
            let (is_safe, rest) = match self.rest.strip_prefix("?[") {
                Some(rest) => (true, rest),
                None => match self.rest.strip_prefix('[') {
                    Some(rest) => (false, rest),
                    None => return Ok(value),
                },
            };
            self.rest = rest;
            let key = self.expression()?;
            self.skip("]");
            value = match (&value, key.as_str().unwrap()) {
                (Value::Object(members), key) => members.get(key).cloned().unwrap_or_default(),
                (Value::Null, _) if is_safe => Value::Null,
                (other, key) => return Err(format!("`{key}` of {other}")),
            };
        }
    }

    fn first(&mut self) -> Result<Value, String> {
        if let Some(rest) = self.rest.strip_prefix('\'') {
            let end = rest.find('\'').unwrap();
            self.rest = &rest[end + 1..];
            assert!(!self.rest.starts_with('\''), "quotes within a text are not supported here");
            return Ok(rest[..end].into());
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if !rest.starts_with('(') {
            return Ok(serde_json::from_str(name).unwrap());
        }
        let arguments = self.arguments()?;
        self.call(name, &arguments)
    }

    fn arguments(&mut self) -> Result<Vec<Value>, String> {
        let mut arguments = Vec::new();
        self.skip("(");
        while !self.rest.starts_with(')') {
            arguments.push(self.expression()?);
            self.rest = self.rest.trim_start_matches(',').trim_start();
        }
        self.skip(")");
        Ok(arguments)
    }

    fn skip(&mut self, sign: &str) {
        self.rest =
            self.rest.strip_prefix(sign).unwrap_or_else(|| panic!("no {sign}: {}", self.rest));
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let wrong = || Err(format!("{name} of {}", Value::from(arguments)));
        let text = |n: usize| arguments[n].as_str().unwrap();
        Ok(match (name, arguments) {
            ("outputs", [_]) => self.scope.outputs(text(0)),
            ("body", [_]) => {
                let outputs = self.scope.outputs(text(0));
                outputs.get("body").cloned().unwrap_or_default()
            }
            ("actions", [_]) => json!({ "status": self.scope.status(text(0)) }),
            ("triggerOutputs", []) => json!({ "body": self.scope.request() }),
            ("item", []) => self.scope.current(),
            ("workflow", []) => json!({ "run": { "name": "r1" } }),
            ("parameters", [_]) => json!("a parameter"),
            ("json", [Value::String(text)]) => serde_json::from_str(text).unwrap(),
            ("coalesce", all) => all.iter().find(|it| !it.is_null()).cloned().unwrap_or_default(),
            ("equals", [one, other]) => is_equal(one, other).into(),
            ("not", [Value::Bool(it)]) => (!it).into(),
            ("and", all) if all.iter().all(Value::is_boolean) => {
                all.iter().all(|it| it == true).into()
            }
            ("if", [Value::Bool(is_so), one, other]) => (if *is_so { one } else { other }).clone(),
            ("toLower", [Value::String(text)]) => text.to_lowercase().into(),
            ("string", [Value::Null]) => "".into(),
            ("string", [Value::String(text)]) => text.clone().into(),
            ("string", [other]) => other.to_string().into(),
            ("length", [Value::Array(all)]) => all.len().into(),
            ("first", [Value::Array(all)]) => all.first().cloned().unwrap_or_default(),
            ("concat", [Value::String(one), Value::String(other)]) => {
                format!("{one}{other}").into()
            }
            ("contains", [Value::String(text), Value::String(part)]) => text.contains(part).into(),
            ("toLower" | "length" | "first" | "concat" | "contains" | "not" | "and" | "if", _) => {
                return wrong();
            }
            _ => panic!("unknown function {name} of {arguments:?}"),
        })
    }
}
