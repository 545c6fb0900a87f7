//! Pure. The error of a line or of a failed script log, its class, and what usually helps.

use serde_json::{Value, json};

use crate::detect::Detector;
use crate::detection::{Link, ScriptFacts};
use crate::qlik::script_log::Line;

/// An error, its class, and its context.
pub(crate) struct ExplainedError {
    error: Option<String>,
    /// Name, title and advice.
    class: Option<[String; 3]>,
    links: Vec<Link>,
    connection: Option<String>,
    swallowed: usize,
}

impl ExplainedError {
    /// For a line of a script log or the text of an error; `None` if its class is unknown.
    pub(crate) fn of_line(detector: &Detector, line: &str) -> Option<Self> {
        let text = match Line::new(line) {
            Line::Engine { text, .. } | Line::Other(text) => text.trim(),
            Line::Statement { .. } => return None,
        };
        let is_row = text.contains('\t');
        let class = detector.error_class(text).filter(|_| !is_row)?;
        Some(Self {
            error: None,
            class: Some([&class.name, &class.title, &class.advice].map(ToString::to_string)),
            links: class.links.clone(),
            connection: None,
            swallowed: 0,
        })
    }

    /// For a script log that ended with a failure.
    pub(crate) fn of_script(script: &ScriptFacts) -> Self {
        let ScriptFacts { error_class, error_title, error_advice, .. } = script;
        let class = error_class.clone().map(|name| {
            [
                name,
                error_title.clone().unwrap_or_default(),
                error_advice.clone().unwrap_or_default(),
            ]
        });
        Self {
            error: script.error.clone(),
            class,
            links: script.error_links.clone(),
            connection: script.connection.clone(),
            swallowed: script.n_swallowed,
        }
    }

    /// The text for a terminal: names and lines.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        let mut line = |name: &'static str, text: &str| {
            let names = std::iter::once(name).chain(std::iter::repeat(""));
            lines.extend(names.zip(text.lines().map(str::to_owned)));
        };
        line("error", self.error.as_deref().unwrap_or_default());
        if let Some([name, title, advice]) = &self.class {
            line("class", &format!("{name}: {title}"));
            line("advice", advice);
        }
        for link in &self.links {
            line("link", &format!("{}: {}", link.title, link.url));
        }
        line("opened", self.connection.as_deref().unwrap_or_default());
        if self.swallowed > 0 {
            line("ignored", &format!("{} earlier", self.swallowed));
        }
        lines
    }

    /// The JSON for programs.
    pub(crate) fn json(&self) -> Value {
        let [name, title, advice] = match &self.class {
            Some(class) => class.each_ref().map(Some),
            None => [None; 3],
        };
        json!({
            "error": self.error, "error_class": name, "title": title, "advice": advice,
            "links": self.links, "connection": self.connection, "swallowed": self.swallowed,
        })
    }
}
