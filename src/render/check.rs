//! Pure. Checks a template before any card uses it: syntax, names, `$` keys.

use std::collections::{BTreeSet, HashSet};

use minijinja::Environment;
use serde_json::{Map, Value};

use crate::config::limits::PROBLEMS;
use crate::config::{ProblemKind, nearest};
use crate::render::code;
use crate::render::expand::{TemplateFault, fault, refuse};
use crate::render::spans::child;

/// Members with `$` that a template may contain.
const KEYS: [&str; 4] = ["$schema", "$when", "$data", "$value"];
/// Names that the template engine defines.
const FUNCTIONS: [&str; 5] = ["range", "dict", "namespace", "debug", "loop"];

/// The problems of one template, in file order.
pub(crate) fn check<'a>(
    env: &Environment<'a>,
    template: &'a Value,
    names: &BTreeSet<String>,
) -> Vec<TemplateFault> {
    let mut check = Check { env, names, faults: Vec::new() };
    check.node(template, "", VariableNames::Fixed);
    check.faults
}

/// Whether the variables in scope are known before rendering.
#[derive(Clone, Copy, PartialEq, Eq)]
enum VariableNames {
    Fixed,
    /// Inside `$data`: the element's fields are variables too.
    Open,
}

struct Check<'e, 'a> {
    env: &'e Environment<'a>,
    names: &'e BTreeSet<String>,
    faults: Vec<TemplateFault>,
}

impl<'a> Check<'_, 'a> {
    fn node(&mut self, node: &'a Value, at: &str, names: VariableNames) {
        if self.faults.len() >= PROBLEMS {
            return;
        }
        match node {
            Value::String(text) => self.text(text, at, names),
            Value::Array(nodes) => {
                for (i, node) in nodes.iter().enumerate() {
                    self.element(node, &child(at, &i.to_string()), names);
                }
            }
            Value::Object(members) => {
                if members.contains_key("$data") {
                    let fault = TemplateFault::new(&child(at, "$data"), "`$data` outside a list");
                    self.faults.push(fault.hint("repeat an object that is an element of a list"));
                }
                self.object(members, at, names);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn element(&mut self, node: &'a Value, at: &str, names: VariableNames) {
        let Some(members) = node.as_object() else { return self.node(node, at, names) };
        match members.get("$data") {
            None => self.object(members, at, names),
            Some(data) => {
                self.data(data, &child(at, "$data"), names);
                self.object(members, at, VariableNames::Open);
            }
        }
    }

    fn data(&mut self, data: &'a Value, at: &str, names: VariableNames) {
        match data {
            Value::String(expression) => self.expression(expression, at, names),
            list => self.node(list, at, names),
        }
    }

    fn object(&mut self, members: &'a Map<String, Value>, at: &str, names: VariableNames) {
        for (key, node) in members {
            let at = child(at, key);
            match (key.as_str(), node) {
                ("$when" | "$value", Value::String(text)) => self.expression(text, &at, names),
                ("$data", _) => {}
                (key, _) if key.starts_with('$') && !KEYS.contains(&key) => {
                    let fault = TemplateFault::new(&at, format!("unknown key `{key}`"))
                        .of_kind(ProblemKind::UnknownKey);
                    self.faults.push(fault.hint("known are `$when`, `$data` and `$value`"));
                }
                _ => self.node(node, &at, names),
            }
        }
    }

    fn text(&mut self, text: &'a str, at: &str, names: VariableNames) {
        if !text.contains('{') {
            return;
        }
        if let Err(refused) = refuse(code::refusal(text), at) {
            return self.faults.push(refused);
        }
        match self.env.template_from_str(text) {
            Ok(template) => self.names(template.undeclared_variables(true), at, names),
            Err(error) => self.faults.push(fault(at, &error)),
        }
    }

    fn expression(&mut self, text: &'a str, at: &str, names: VariableNames) {
        if let Err(refused) = refuse(code::expression_refusal(text), at) {
            return self.faults.push(refused);
        }
        match self.env.compile_expression(text) {
            Ok(expression) => self.names(expression.undeclared_variables(true), at, names),
            Err(error) => self.faults.push(fault(at, &error)),
        }
    }

    fn names(&mut self, used: HashSet<String>, at: &str, names: VariableNames) {
        let used: BTreeSet<String> = used.into_iter().collect();
        for name in used {
            let name = self.without_open_members(&name);
            let known = self.names.contains(name) || FUNCTIONS.contains(&name);
            if (names == VariableNames::Fixed || name.contains('.')) && !known {
                self.faults.push(self.unknown(name, at));
            }
        }
    }

    /// `words.task` for a member of an object whose members are fixed, else the first name.
    fn without_open_members<'n>(&self, name: &'n str) -> &'n str {
        let mut ends = name.match_indices('.').map(|(at, _)| at);
        let Some(first) = ends.next() else { return name };
        let (root, end) = (&name[..first], ends.next().unwrap_or(name.len()));
        let has_members = self.names.range(format!("{root}.")..format!("{root}/")).next().is_some();
        if has_members { &name[..end] } else { root }
    }

    fn unknown(&self, name: &str, at: &str) -> TemplateFault {
        let fault = TemplateFault::new(at, format!("unknown variable `{name}`"));
        match nearest(name, self.names.iter().map(String::as_str)) {
            Some(known) => fault.hint(format!("did you mean `{known}`?")),
            None => fault,
        }
    }
}
