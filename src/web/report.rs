//! Pure. The report of a replay: one self-contained page with charts.

mod charts;

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::channels::teams::message;
use crate::clock::Timestamp;
use crate::render::duration;
use crate::replay::files::Walk;
use crate::replay::tally::{Outage, Tally};
use crate::replay::{Replayed, SentCard};
use crate::web::card_html::{self, html::escape};
use crate::web::report::charts::{bars, heat_map, pairs};

/// The most rows of a ranking.
const MOST: usize = 12;
/// The most cards in the list.
const MOST_CARDS: usize = 500;

/// The input of the report.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    pub replayed: &'r Replayed,
    pub walk: &'r Walk,
    pub zone: &'r TimeZone,
    pub environment: Option<&'r str>,
}

/// The whole page.
pub fn page(report: &Report<'_>) -> String {
    let tally = Tally::of(report.replayed, report.zone);
    let mut html = String::new();
    let (style, cards) = (include_str!("report/report.css"), card_style());
    html.push_str("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width\">");
    let _infallible =
        write!(html, "<title>Footman: replay</title><style>{cards}{style}</style></head>");
    html.push_str("<body><main>");
    header(&mut html, report);
    figures(&mut html, report, &tally);
    section(&mut html, "Failures by day and hour", &heat_map(&tally.by_day), true);
    html.push_str("<div class=\"two\">");
    let first = |list: &[(String, u64)]| list.iter().take(MOST).cloned().collect::<Vec<_>>();
    section(&mut html, "Failures by app", &bars(&first(&tally.by_app), "bad"), false);
    section(&mut html, "Failures by error", &bars(&first(&tally.by_error), "bad"), false);
    section(&mut html, "Failures by class of error", &bars(&first(&tally.by_class), "bad"), false);
    section(&mut html, "Longest outages", &outages(&tally.outages, report.zone), false);
    section(&mut html, "Held back, by reason", &bars(&tally.held, "quiet"), false);
    html.push_str("</div>");
    let noise: Vec<_> = tally.by_pattern.iter().take(2 * MOST).cloned().collect();
    section(
        &mut html,
        "Noise by pattern: rows found, and the cards they made",
        &pairs(&noise),
        true,
    );
    section(&mut html, "The cards", &self::cards(&report.replayed.said, report.zone), true);
    html.push_str("</main></body></html>\n");
    html
}

fn header(html: &mut String, report: &Report<'_>) {
    let period = match (report.replayed.first, report.replayed.last) {
        (Some(first), Some(last)) => {
            format!("{} to {}", day_and_time(first, report.zone), day_and_time(last, report.zone))
        }
        _ => "nothing was found".to_owned(),
    };
    let environment = report.environment.map(|name| format!(" · {name}")).unwrap_or_default();
    html.push_str("<header><h1>What Footman would have sent</h1><p>");
    html.push_str(&escape(&format!("{period}{environment}")));
    html.push_str("</p></header>");
}

fn figures(html: &mut String, report: &Report<'_>, tally: &Tally) {
    let n_found: u64 = report.replayed.found.values().sum();
    let failures: u64 = tally.by_day.values().flatten().sum();
    let figures = [
        (report.replayed.said.len().to_string(), "cards"),
        (failures.to_string(), "failures"),
        (report.replayed.held.len().to_string(), "rows held back"),
        (n_found.to_string(), "rows found"),
        (report.walk.n_logs.to_string(), "logs"),
        (megabytes(report.walk.n_bytes), "read"),
    ];
    html.push_str("<div class=\"figures\">");
    for (figure, of) in figures {
        let _infallible = write!(html, "<div><b>{figure}</b><span>{of}</span></div>");
    }
    html.push_str("</div>");
}

fn section(html: &mut String, title: &str, body: &str, wide: bool) {
    let class = if wide { " class=\"wide\"" } else { "" };
    let body = if body.is_empty() { "<p class=\"none\">None.</p>" } else { body };
    let _infallible = write!(html, "<section{class}><h2>{}</h2>{body}</section>", escape(title));
}

fn outages(outages: &[Outage], zone: &TimeZone) -> String {
    if outages.is_empty() {
        return String::new();
    }
    let mut html = "<table><tr><th>App or task</th><th>Since</th><th>For</th></tr>".to_owned();
    for outage in outages.iter().take(MOST) {
        let open = if outage.to.is_none() { "<em>still open</em>" } else { "" };
        let _infallible = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{} {open}</td></tr>",
            escape(&outage.name),
            day_and_time(outage.from, zone),
            duration(outage.lasted),
        );
    }
    html + "</table>"
}

/// Each in the words of its card, which is drawn when it is opened.
fn cards(sent: &[SentCard], zone: &TimeZone) -> String {
    if sent.is_empty() {
        return String::new();
    }
    let mut html = "<ol class=\"cards\">".to_owned();
    for one in sent.iter().take(MOST_CARDS) {
        let reason = one.notice.reason.name();
        let head = format!(
            "<time>{}</time> <i class=\"{reason}\">{reason}</i> <span>{}</span> <small>{}</small> <small>{}</small>",
            day_and_time(one.at, zone),
            escape(&one.summary),
            escape(one.notice.error_class().unwrap_or_default()),
            escape(&one.channels.join(", ")),
        );
        let _infallible = match drawn(one) {
            Some(card) => {
                write!(html, "<li><details><summary>{head}</summary>{card}</details></li>")
            }
            None => write!(html, "<li><p>{head}</p></li>"),
        };
    }
    html.push_str("</ol>");
    if sent.len() > MOST_CARDS {
        let _infallible = write!(html, "<p class=\"none\">{} more.</p>", sent.len() - MOST_CARDS);
    }
    html
}

/// The card as Teams shows it.
fn drawn(said: &SentCard) -> Option<String> {
    let message = message(said.card.as_deref()?, false);
    let envelope = serde_json::from_str(&message).ok()?;
    Some(card_html::draw(&envelope))
}

/// How cards look: the part of the page's style that is about them.
fn card_style() -> String {
    let style: &str = &card_html::stylesheet();
    let colours = style.split("\n* {").next().unwrap_or_default();
    let cards = style.find("\n.card {").map_or("", |at| &style[at..]);
    format!("{colours}{cards}")
}

fn day_and_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%d %b %Y, %H:%M:%S").to_string()
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests;
