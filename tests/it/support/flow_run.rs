//! Runs the definition of a flow as Power Automate does, as far as the flows of Footman need it: the order
//! of actions, their statuses, and the expressions. What it does not know stops the test.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::collections::BTreeMap;

use footman::clock::Timestamp;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Succeeded,
    Failed,
    TimedOut,
    Skipped,
    /// It waits, and nothing after it runs.
    Waiting,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::TimedOut => "TimedOut",
            Self::Skipped => "Skipped",
            Self::Waiting => "Waiting",
        }
    }
}

/// What Teams does with an operation.
pub(crate) type Teams<'t> = dyn FnMut(&str, &Map<String, Value>) -> (Status, Value) + 't;

/// One run.
pub(crate) struct Run<'t> {
    definition: &'t Value,
    /// The body of the request that started it.
    trigger: &'t Value,
    teams: &'t mut Teams<'t>,
    done: BTreeMap<String, (Status, Value)>,
    /// A `Terminate` was reached.
    ended: Option<Status>,
}

/// Runs a flow once, and returns how the run ended.
pub(crate) fn run<'t>(
    definition: &'t Value,
    trigger: &'t Value,
    teams: &'t mut Teams<'t>,
) -> Status {
    let mut run = Run { definition, trigger, teams, done: BTreeMap::new(), ended: None };
    let actions = definition["actions"].as_object().unwrap();
    let status = run.scope(actions);
    run.ended.unwrap_or(status)
}

impl Run<'_> {
    /// Runs actions in their order. They fail together if one of the last of them failed, or was
    /// skipped because of what came before.
    fn scope(&mut self, actions: &Map<String, Value>) -> Status {
        let after = |name: &str| actions[name]["runAfter"].as_object().unwrap().clone();
        let mut left: Vec<&String> = actions.keys().collect();
        while self.ended.is_none() && !left.is_empty() {
            let is_ready = |name: &&String| after(name).keys().all(|it| self.done.contains_key(it));
            let at = left
                .iter()
                .position(is_ready)
                .expect("each action runs after another of its scope");
            let name = left.remove(at);
            let is_met = |(before, wanted): (&String, &Value)| {
                let status = self.done[before].0.name();
                wanted.as_array().unwrap().iter().any(|one| one == status)
            };
            let waits = after(name).keys().any(|before| self.done[before].0 == Status::Waiting);
            let done = if waits {
                (Status::Waiting, Value::Null)
            } else if after(name).iter().all(is_met) {
                self.action(&actions[name])
            } else {
                (Status::Skipped, Value::Null)
            };
            self.done.insert(name.clone(), done);
        }
        let is_last =
            |name: &&String| actions.keys().all(|other| !after(other).contains_key(*name));
        let last: Vec<Status> = actions
            .keys()
            .filter(is_last)
            .filter_map(|name| Some(self.done.get(name)?.0))
            .collect();
        if last.contains(&Status::Waiting) {
            Status::Waiting
        } else if last.iter().all(|status| *status == Status::Succeeded) {
            Status::Succeeded
        } else {
            Status::Failed
        }
    }

    fn action(&mut self, action: &Value) -> (Status, Value) {
        let inputs = &action["inputs"];
        match action["type"].as_str().unwrap() {
            "Compose" => (Status::Succeeded, self.value(inputs)),
            "If" => {
                let branch = if self.holds(&action["expression"]) {
                    &action["actions"]
                } else {
                    &action["else"]["actions"]
                };
                (self.scope(branch.as_object().unwrap()), Value::Null)
            }
            "Terminate" => {
                let is_failed = inputs["runStatus"] == "Failed";
                self.ended = Some(if is_failed { Status::Failed } else { Status::Succeeded });
                (Status::Succeeded, Value::Null)
            }
            "OpenApiConnection" | "OpenApiConnectionWebhook" => {
                let Value::Object(parameters) = self.value(&inputs["parameters"]) else { panic!() };
                let operation = inputs["host"]["operationId"].as_str().unwrap();
                let (status, body) = (self.teams)(operation, &parameters);
                (status, json!({ "body": body }))
            }
            other => panic!("an action of the type {other}"),
        }
    }

    fn holds(&self, expression: &Value) -> bool {
        let sides = expression["equals"].as_array().expect("only `equals` is known");
        self.value(&sides[0]) == self.value(&sides[1])
    }

    /// A value of the definition with its expressions evaluated.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with('@') => {
                let mut rest = Expression { text: &text[1..], run: self };
                let found = rest.value();
                assert_eq!(rest.text.trim(), "", "the end of {text}");
                found
            }
            Value::Array(values) => values.iter().map(|value| self.value(value)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), self.value(value))).collect()
            }
            other => other.clone(),
        }
    }

    fn output(&self, name: &Value) -> &(Status, Value) {
        let name = name.as_str().unwrap();
        self.done.get(name).unwrap_or_else(|| panic!("{name} has not run"))
    }

    fn call(&self, name: &str, given: &[Value]) -> Value {
        let text = |at: usize| given[at].as_str().unwrap_or_else(|| panic!("{name}({given:?})"));
        let number = |at: usize| usize::try_from(given[at].as_i64().unwrap()).unwrap();
        match name {
            "triggerOutputs" => json!({ "body": self.trigger }),
            "parameters" => self.definition["parameters"][text(0)]["defaultValue"].clone(),
            "outputs" => self.output(&given[0]).1.clone(),
            "body" => self.output(&given[0]).1["body"].clone(),
            "actions" => json!({ "status": self.output(&given[0]).0.name() }),
            "coalesce" => given.iter().find(|it| !it.is_null()).cloned().unwrap_or_default(),
            "first" => given[0].as_array().unwrap().first().cloned().unwrap_or_default(),
            "skip" => given[0].as_array().unwrap().iter().skip(number(1)).cloned().collect(),
            "length" => match &given[0] {
                Value::Array(values) => values.len().into(),
                _ => text(0).encode_utf16().count().into(),
            },
            "string" => match &given[0] {
                Value::String(text) => text.clone().into(),
                other => other.to_string().into(),
            },
            "json" => serde_json::from_str(text(0)).unwrap(),
            "concat" => given.iter().map(|it| it.as_str().unwrap()).collect::<String>().into(),
            "substring" => {
                let units: Vec<u16> = text(0).encode_utf16().collect();
                String::from_utf16(&units[number(1)..][..number(2)]).unwrap().into()
            }
            "utcNow" => "1970-01-01T00:00:00.0000000Z".into(),
            "sub" => (given[0].as_i64().unwrap() - given[1].as_i64().unwrap()).into(),
            "int" => given[0].as_i64().unwrap().into(),
            "replace" => text(0).replace(text(1), text(2)).into(),
            "setProperty" => {
                let mut object = given[0].as_object().unwrap().clone();
                object.insert(text(1).to_owned(), given[2].clone());
                object.into()
            }
            "addMinutes" => {
                let at: Timestamp = text(0).parse().unwrap();
                let at = at + SignedDuration::from_mins(given[1].as_i64().unwrap());
                let at = at.to_zoned_datetime(TimeZone::UTC);
                let format = [
                    ("yyyy", "%Y"),
                    ("MMM", "%b"),
                    ("HH", "%H"),
                    ("mm", "%N"),
                    ("d", "%-d"),
                    ("M", "%-m"),
                    ("%N", "%M"),
                ];
                let format =
                    format.iter().fold(text(2).to_owned(), |it, (net, unix)| it.replace(net, unix));
                at.strftime(&format).to_string().into()
            }
            other => panic!("the function {other}"),
        }
    }
}

/// What is left of an expression.
struct Expression<'e, 'r> {
    text: &'e str,
    run: &'e Run<'r>,
}

impl Expression<'_, '_> {
    fn value(&mut self) -> Value {
        let mut value = self.operand();
        loop {
            let is_safe = self.takes("?[");
            if !is_safe && !self.takes("[") {
                return value;
            }
            let key = self.value();
            assert!(self.takes("]"), "a bracket before {}", self.text);
            assert!(is_safe || !value.is_null(), "nothing has {key}");
            value = value.get(key.as_str().unwrap()).cloned().unwrap_or_default();
        }
    }

    fn operand(&mut self) -> Value {
        self.text = self.text.trim_start();
        if self.takes("'") {
            let (text, rest) = self.text.split_once('\'').expect("a quote ends");
            assert!(!rest.starts_with('\''), "no quotes in quotes");
            self.text = rest;
            return text.into();
        }
        let end = self.text.find(|c: char| !c.is_alphanumeric()).unwrap_or(self.text.len());
        let (word, rest) = self.text.split_at(end);
        self.text = rest;
        if let Ok(number) = word.parse::<i64>() {
            return number.into();
        }
        assert!(self.takes("("), "a function before {}", self.text);
        let mut given = Vec::new();
        while !self.takes(")") {
            given.push(self.value());
            assert!(
                self.takes(",") || self.text.starts_with(')'),
                "an argument before {}",
                self.text
            );
        }
        self.run.call(word, &given)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let rest = self.text.trim_start().strip_prefix(sign);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }
}
