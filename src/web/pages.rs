//! Pure. The views of the page as HTML, from templates that escape everything.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment};

use crate::clock::Timestamp;
use crate::config::Language;
use crate::render::catalog;
use crate::web::shown::ShownIn;
use crate::web::words::translated;

/// Every template, by its name.
const TEMPLATES: [(&str, &str); 10] = [
    ("base.html", include_str!("pages/base.html")),
    ("parts.html", include_str!("pages/parts.html")),
    ("incidents.html", include_str!("pages/incidents.html")),
    ("incident.html", include_str!("pages/incident.html")),
    ("history.html", include_str!("pages/history.html")),
    ("silences.html", include_str!("pages/silences.html")),
    ("deliveries.html", include_str!("pages/deliveries.html")),
    ("status.html", include_str!("pages/status.html")),
    ("problem.html", include_str!("pages/problem.html")),
    ("answer.html", include_str!("pages/answer.html")),
];

/// The compiled templates.
#[derive(Debug)]
pub(crate) struct Pages(Environment<'static>);

impl Pages {
    /// Times are shown in this zone and language, as on cards.
    pub(crate) fn new(zone: TimeZone, language: Language) -> Self {
        let mut env = Environment::new();
        env.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, text) in TEMPLATES {
            env.add_template(name, text).expect("the templates are part of the program");
        }
        let catalog = catalog::of(language);
        let (shown, of_clock) = (ShownIn::new(zone.clone(), language), zone.clone());
        env.add_global("language", language.name());
        env.add_filter("t", move |text: String| translated(language, &text).to_owned());
        env.add_filter("when", move |at: String| time(&at, &zone, |at| shown.day(at)));
        env.add_filter("clock", move |at: String| time(&at, &of_clock, ShownIn::clock));
        env.add_filter("number", move |n: Value| match u64::try_from(n.clone()) {
            Ok(n) => Value::from(catalog.number(n)),
            Err(_) => n,
        });
        env.add_filter("ellipsis", |text: String, n: usize| ellipsis(&text, n));
        Self(env)
    }

    /// One view. A template that cannot be rendered is a bug of this program, which the view shows.
    pub(crate) fn render(&self, name: &str, context: impl serde::Serialize) -> String {
        let page =
            self.0.get_template(name).and_then(|page| page.render(Value::from(Serde(context))));
        page.unwrap_or_else(|error| {
            let mut fault =
                "<!doctype html><title>Footman</title><p>this view cannot be drawn: ".to_owned();
            fault.push_str(&crate::web::card_html::html::escape(&error.to_string()));
            fault
        })
    }
}

fn time(at: &str, zone: &TimeZone, form: impl Fn(&ZonedDateTime) -> String) -> Value {
    let Ok(known) = at.parse::<Timestamp>() else { return Value::from(at) };
    let shown = form(&known.to_zoned_datetime(zone.clone()));
    // Both are digits and names of days.
    Value::from_safe_string(format!("<time datetime=\"{known:.3}\">{shown}</time>"))
}

fn ellipsis(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
