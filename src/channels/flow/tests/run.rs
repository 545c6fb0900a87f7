//! Runs the definition of the flow with given outcomes of what it asks of Teams.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expression::{self, Scope, filled, holds};

/// What becomes of a step that asks Teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Answered(Value),
    Failed(u16, Value),
    /// No answer, so neither status nor body.
    TimedOut,
}

/// One run.
pub(crate) struct Run<'a> {
    request: &'a Value,
    teams: &'a dyn Fn(&str) -> Asked,
    done: BTreeMap<String, (&'static str, Value)>,
    current: Value,
    /// The status and the body of each answer.
    pub(crate) answers: Vec<(u16, Value)>,
    /// The operations that were asked of Teams, with their parameters.
    pub(crate) asked: Vec<(String, Value)>,
}

impl<'a> Run<'a> {
    /// Runs to the end.
    pub(crate) fn of(
        definition: &Value,
        request: &'a Value,
        teams: &'a dyn Fn(&str) -> Asked,
    ) -> Self {
        let (done, current) = (BTreeMap::new(), Value::Null);
        let mut run = Run { request, teams, done, current, answers: Vec::new(), asked: Vec::new() };
        run.all(&definition["actions"]);
        run
    }

    /// Runs the steps of one level in the order of `runAfter`; the status of all together.
    fn all(&mut self, steps: &Value) -> &'static str {
        let Some(steps) = steps.as_object() else { return "Succeeded" };
        let mut left: Vec<&String> = steps.keys().collect();
        while !left.is_empty() {
            let is_ready =
                |name: &&String| before(&steps[*name]).all(|it| self.done.contains_key(it.0));
            let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
            assert!(!ready.is_empty(), "{waiting:?} wait for each other");
            left = waiting;
            for name in ready {
                let runs = before(&steps[name]).all(|(before, statuses)| {
                    let status = self.done[before].0;
                    statuses.as_array().unwrap().iter().any(|it| it == status)
                });
                if runs { self.step(name, &steps[name]) } else { self.skip(name, &steps[name]) }
            }
        }
        let is_last = |name: &&String| !steps.values().any(|it| before(it).any(|it| it.0 == *name));
        let ends = steps.keys().filter(is_last).map(|name| self.end(steps, name));
        ends.into_iter().find(|end| *end != "Succeeded").unwrap_or("Succeeded")
    }

    /// A last step that is skipped ends as what came before it.
    fn end(&self, steps: &serde_json::Map<String, Value>, name: &str) -> &'static str {
        let status = self.done[name].0;
        if status != "Skipped" {
            return status;
        }
        let ends = before(&steps[name]).map(|(before, _)| self.end(steps, before));
        ends.into_iter().find(|end| *end != "Succeeded").unwrap_or("Succeeded")
    }

    fn step(&mut self, name: &str, step: &Value) {
        let inputs = &step["inputs"];
        let (status, outputs) = match step["type"].as_str().unwrap() {
            "Compose" => match filled(inputs, self) {
                Ok(value) => ("Succeeded", value),
                Err(_) => ("Failed", Value::Null),
            },
            "OpenApiConnection" => match filled(&inputs["parameters"], self) {
                Ok(parameters) => {
                    self.ask(inputs["host"]["operationId"].as_str().unwrap(), parameters)
                }
                Err(_) => ("Failed", Value::Null),
            },
            "Query" => match self.query(inputs) {
                Ok(found) => ("Succeeded", json!({ "body": found })),
                Err(_) => ("Failed", Value::Null),
            },
            "If" => match holds(&step["expression"], self) {
                Ok(is_so) => {
                    let (taken, other) = (&step["actions"], &step["else"]["actions"]);
                    let (taken, other) = if is_so { (taken, other) } else { (other, taken) };
                    self.skip_all(other);
                    (self.all(taken), Value::Null)
                }
                Err(_) => self.fail(name, step),
            },
            "Switch" => match expression::value(step["expression"].as_str().unwrap(), self) {
                Ok(chosen) => (self.switch(step, &chosen), Value::Null),
                Err(_) => self.fail(name, step),
            },
            "Response" => match filled(inputs, self) {
                Ok(answer) => {
                    let status = answer["statusCode"].as_u64().unwrap();
                    self.answers.push((u16::try_from(status).unwrap(), answer["body"].clone()));
                    ("Succeeded", Value::Null)
                }
                Err(_) => ("Failed", Value::Null),
            },
            other => panic!("unknown type {other}"),
        };
        self.done.insert(name.to_owned(), (status, outputs));
    }

    fn ask(&mut self, operation: &str, parameters: Value) -> (&'static str, Value) {
        self.asked.push((operation.to_owned(), parameters));
        match (self.teams)(operation) {
            Asked::Answered(body) => ("Succeeded", json!({ "statusCode": 200, "body": body })),
            Asked::Failed(status, body) => {
                ("Failed", json!({ "statusCode": status, "body": body }))
            }
            Asked::TimedOut => ("TimedOut", Value::Null),
        }
    }

    fn query(&mut self, inputs: &Value) -> Result<Vec<Value>, String> {
        let from = filled(&inputs["from"], self)?;
        let mut found = Vec::new();
        for one in from.as_array().ok_or("not a list")? {
            self.current = one.clone();
            if filled(&inputs["where"], self)? == true {
                found.push(one.clone());
            }
        }
        Ok(found)
    }

    fn switch(&mut self, step: &Value, chosen: &Value) -> &'static str {
        let cases = step["cases"].as_object().unwrap().values();
        let mut taken = &step["default"]["actions"];
        for case in cases {
            if case["case"] == *chosen {
                self.skip_all(taken);
                taken = &case["actions"];
            } else {
                self.skip_all(&case["actions"]);
            }
        }
        self.all(taken)
    }

    fn fail(&mut self, name: &str, step: &Value) -> (&'static str, Value) {
        self.skip(name, step);
        ("Failed", Value::Null)
    }

    fn skip(&mut self, name: &str, step: &Value) {
        self.done.insert(name.to_owned(), ("Skipped", Value::Null));
        for inner in inner(step) {
            self.skip_all(inner);
        }
    }

    fn skip_all(&mut self, steps: &Value) {
        for (name, step) in steps.as_object().into_iter().flatten() {
            self.skip(name, step);
        }
    }
}

/// The steps within a step, for each of its branches.
pub(crate) fn inner(step: &Value) -> Vec<&Value> {
    let cases = step["cases"].as_object().into_iter().flat_map(|it| it.values());
    let branches = [&step["actions"], &step["else"]["actions"], &step["default"]["actions"]];
    branches.into_iter().chain(cases.map(|case| &case["actions"])).collect()
}

fn before(step: &Value) -> impl Iterator<Item = (&String, &Value)> {
    step["runAfter"].as_object().unwrap().iter()
}

impl Scope for Run<'_> {
    fn outputs(&self, name: &str) -> Value {
        self.done[name].1.clone()
    }

    fn status(&self, name: &str) -> &'static str {
        self.done[name].0
    }

    fn request(&self) -> Value {
        self.request.clone()
    }

    fn current(&self) -> Value {
        self.current.clone()
    }
}
