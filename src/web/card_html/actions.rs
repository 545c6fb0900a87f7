//! Pure. Draws buttons: https links, and "show more", which the page's script handles.

use serde_json::{Value, json};
use url::Url;

use crate::config::is_loopback_host;
use crate::web::card_html::fields::string;
use crate::web::card_html::html::Html;

/// A row of buttons.
pub(crate) fn draw(out: &mut Html, actions: &[Value], spacing: &str) {
    if actions.is_empty() {
        return;
    }
    out.open("div", &["actions", spacing]).end();
    for action in actions {
        button(out, action);
    }
    out.close("div");
}

fn button(out: &mut Html, action: &Value) {
    let url = string(action, "url");
    match string(action, "type") {
        "Action.OpenUrl" if is_https(url) => link(out, action, url),
        "Action.OpenUrl" => disabled(out, action, "only https links are opened"),
        "Action.ToggleVisibility" => toggle(out, action),
        "Action.Submit" => disabled(out, action, "this button works in Teams only"),
        _ => disabled(out, action, "this kind of button does not work in a channel"),
    }
}

fn link(out: &mut Html, action: &Value, url: &str) {
    out.open("a", &["button"]).link(url).end();
    out.text(string(action, "title"));
    out.close("a");
}

fn toggle(out: &mut Html, action: &Value) {
    let targets: Vec<Value> = action
        .get("targetElements")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(target)
        .collect();
    let tag = out.open("button", &["button"]).attribute("type", "button");
    tag.attribute("data-toggle", &Value::Array(targets).to_string()).end();
    out.text(string(action, "title"));
    out.close("button");
}

/// A pair of the id and whether to show it; `null` toggles it.
fn target(target: &Value) -> Value {
    match target {
        Value::String(id) => json!([id, null]),
        target => json!([target.get("elementId"), target.get("isVisible")]),
    }
}

fn disabled(out: &mut Html, action: &Value, why: &str) {
    out.open("span", &["button", "off"]).attribute("title", why).end();
    out.text(string(action, "title"));
    out.close("span");
}

/// Whether a link may be followed from a card: https, or the page of this machine.
pub(crate) fn is_https(url: &str) -> bool {
    let begins = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let of_this_machine =
        || Url::parse(url).is_ok_and(|url| url.host_str().is_some_and(is_loopback_host));
    begins("https://") || (begins("http://") && of_this_machine())
}
