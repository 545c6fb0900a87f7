//! Pure. The report of a replay: one self-contained page with charts.

mod charts;

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::channels::teams::message;
use crate::clock::Timestamp;
use crate::config::Language;
use crate::render::{catalog, duration};
use crate::replay::files::ReadTotals;
use crate::replay::tally::{Outage, Tally};
use crate::replay::{Replayed, SentCard};
use crate::web::card_html::{self, html::escape};
use crate::web::report::charts::{bars, heat_map, pairs};
use crate::web::words::translated;

/// The most rows of a ranking.
const MOST: usize = 12;
/// The most cards in the list.
const MOST_CARDS: usize = 500;

/// The input of the report.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    pub replayed: &'r Replayed,
    pub walk: &'r ReadTotals,
    pub zone: &'r TimeZone,
    pub environment: Option<&'r str>,
    pub language: Language,
}

impl Report<'_> {
    fn t(&self, text: &'static str) -> &'static str {
        translated(self.language, text)
    }
}

/// The whole page.
pub fn page(report: &Report<'_>) -> String {
    let tally = Tally::of(report.replayed, report.zone, report.language);
    let mut html = String::new();
    let (style, cards) = (include_str!("report/report.css"), card_style());
    let _infallible = write!(html, "<!doctype html>\n<html lang=\"{}\">", report.language.name());
    html.push_str("\n<head><meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width\">");
    let _infallible =
        write!(html, "<title>Footman: replay</title><style>{cards}{style}</style></head>");
    html.push_str("<body><main>");
    header(&mut html, report);
    figures(&mut html, report, &tally);
    let by_day = heat_map(&tally.by_day, report.language);
    section(&mut html, report, "Failures by day and hour", &by_day, true);
    html.push_str("<div class=\"two\">");
    let first = |list: &[(String, u64)]| list.iter().take(MOST).cloned().collect::<Vec<_>>();
    section(&mut html, report, "Failures by app", &bars(&first(&tally.by_app), "bad"), false);
    section(&mut html, report, "Failures by error", &bars(&first(&tally.by_error), "bad"), false);
    section(
        &mut html,
        report,
        "Failures by class of error",
        &bars(&first(&tally.by_class), "bad"),
        false,
    );
    section(&mut html, report, "Longest outages", &outages(&tally.outages, report), false);
    section(&mut html, report, "Held back, by reason", &bars(&tally.held, "quiet"), false);
    html.push_str("</div>");
    let noise: Vec<_> = tally.by_pattern.iter().take(2 * MOST).cloned().collect();
    section(
        &mut html,
        report,
        "Noise by pattern: rows found, and the cards they made",
        &pairs(&noise),
        true,
    );
    section(&mut html, report, "The cards", &self::cards(&report.replayed.cards, report), true);
    html.push_str("</main></body></html>\n");
    html
}

fn header(html: &mut String, report: &Report<'_>) {
    let period = match (report.replayed.first, report.replayed.last) {
        (Some(first), Some(last)) => {
            format!("{} – {}", day_and_time(first, report), day_and_time(last, report))
        }
        _ => report.t("nothing was found").to_owned(),
    };
    let environment = report.environment.map(|name| format!(" · {name}")).unwrap_or_default();
    let head = report.t("What Footman would have sent");
    let _infallible = write!(html, "<header><h1>{head}</h1><p>");
    html.push_str(&escape(&format!("{period}{environment}")));
    html.push_str("</p></header>");
}

fn figures(html: &mut String, report: &Report<'_>, tally: &Tally) {
    let n_found: u64 = report.replayed.found.values().sum();
    let failures: u64 = tally.by_day.values().flatten().sum();
    let number = |n: u64| catalog::of(report.language).number(n);
    let figures = [
        (number(report.replayed.cards.len() as u64), "cards"),
        (number(failures), "failures"),
        (number(report.replayed.held.len() as u64), "rows held back"),
        (number(n_found), "rows found"),
        (number(report.walk.n_logs), "logs"),
        (megabytes(report.walk.n_bytes), "read"),
    ];
    html.push_str("<div class=\"figures\">");
    for (figure, of) in figures {
        let _infallible = write!(html, "<div><b>{figure}</b><span>{}</span></div>", report.t(of));
    }
    html.push_str("</div>");
}

fn section(html: &mut String, report: &Report<'_>, title: &'static str, body: &str, wide: bool) {
    let class = if wide { " class=\"wide\"" } else { "" };
    let none = format!("<p class=\"none\">{}</p>", report.t("None."));
    let body = if body.is_empty() { &none } else { body };
    let title = escape(report.t(title));
    let _infallible = write!(html, "<section{class}><h2>{title}</h2>{body}</section>");
}

fn outages(outages: &[Outage], report: &Report<'_>) -> String {
    if outages.is_empty() {
        return String::new();
    }
    let heads = ["App or task", "Since", "For"].map(|head| format!("<th>{}</th>", report.t(head)));
    let mut html = format!("<table><tr>{}</tr>", heads.concat());
    let still_open = format!("<em>{}</em>", report.t("still open"));
    for outage in outages.iter().take(MOST) {
        let open = if outage.to.is_none() { &*still_open } else { "" };
        let _infallible = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{} {open}</td></tr>",
            escape(&outage.name),
            day_and_time(outage.from, report),
            duration(outage.lasted, report.language),
        );
    }
    html + "</table>"
}

/// Each with the texts of its card, which is drawn when it is opened.
fn cards(sent: &[SentCard], report: &Report<'_>) -> String {
    if sent.is_empty() {
        return String::new();
    }
    let mut html = "<ol class=\"cards\">".to_owned();
    for one in sent.iter().take(MOST_CARDS) {
        let reason = one.notice.reason.name();
        let head = format!(
            "<time>{}</time> <i class=\"{reason}\">{reason}</i> <span>{}</span> <small>{}</small> <small>{}</small>",
            day_and_time(one.at, report),
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
        let _infallible =
            write!(html, "<p class=\"none\">{} {}.</p>", sent.len() - MOST_CARDS, report.t("more"));
    }
    html
}

/// The card as Teams shows it.
fn drawn(said: &SentCard) -> Option<String> {
    let message = message(said.card.as_deref()?, false);
    let envelope = serde_json::from_str(&message).ok()?;
    Some(card_html::draw(&envelope))
}

/// The part of the page's style for cards.
fn card_style() -> String {
    let style: &str = &card_html::stylesheet();
    let colours = style.split("\n* {").next().unwrap_or_default();
    let cards = style.find("\n.card {").map_or("", |at| &style[at..]);
    format!("{colours}{cards}")
}

fn day_and_time(at: Timestamp, report: &Report<'_>) -> String {
    catalog::of(report.language).moment(&at.to_zoned_datetime(report.zone.clone()))
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests;
