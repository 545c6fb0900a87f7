//! Pure. The buttons of a card, in rows that fit a phone.

use serde::Serialize;

use crate::detection::{Kind, MOST_LINKS};
use crate::incident::{Notice, Reason};
use crate::render::{Site, catalog, clean, links};

/// The width of a card on a phone, and that of a button besides its title, in pixels.
const WIDTH: usize = 288;
const AROUND: usize = 34;
/// The widest letters of the usual font, on average.
const LETTER: usize = 9;
/// Teams shows six.
const MOST: usize = 6;

/// A button, labelled with its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Button {
    pub(crate) title: String,
    pub(crate) url: String,
}

/// Buttons side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ButtonRow {
    buttons: Vec<Button>,
}

/// The links of the pattern, then those of the error's class: each page once, as many as fit.
pub(crate) fn of_packs(notice: &Notice) -> Vec<Button> {
    let of_class = notice.script.iter().flat_map(|script| &script.error_links);
    let mut buttons: Vec<Button> = Vec::new();
    for link in notice.links.iter().chain(of_class).filter(|link| links::is_safe(&link.url)) {
        if buttons.len() < MOST_LINKS && !buttons.iter().any(|one| one.url == link.url) {
            buttons.push(Button { title: clean::line(&link.title, 40), url: link.url.clone() });
        }
    }
    buttons
}

/// The most important buttons come first.
pub(crate) fn rows(notice: &Notice, site: &Site) -> Vec<ButtonRow> {
    let labels = catalog::of(site.language).labels();
    let facts = &notice.facts;
    let is_task = facts.task_name.is_some() || facts.task_id.is_some();
    // A tenant is no part of the site.
    let is_site = facts.tenant.is_none();
    let tasks = links::tasks(site).filter(|_| is_site && is_task);
    let qmc = links::at(site, "/qmc").filter(|_| is_site && !is_task);
    let app = links::app_of(notice, site);
    let is_security = notice.kind == Kind::Security;
    let answer = if is_security { labels.acknowledge_only } else { labels.acknowledge };
    let own = [
        (answer, links::answer(site, notice)),
        (labels.open_app, app),
        (labels.tasks_in_qmc, tasks),
        (labels.open_qmc, qmc),
    ];
    let own = own.into_iter().filter_map(|(title, url)| Some((title.to_owned(), url?)));
    // After a recovery, nobody needs a page that helps.
    let is_over = notice.reason == Reason::Recovered;
    let packs =
        of_packs(notice).into_iter().filter(|_| !is_over).map(|Button { title, url }| (title, url));
    let all = own.chain(packs).filter(|(_, url)| links::is_safe(url));
    in_rows(all.take(MOST).map(|(title, url)| Button { title: cut(&title), url }))
}

/// A title that fits a phone.
fn cut(title: &str) -> String {
    clean::ellipsis(title, (WIDTH - AROUND) / LETTER)
}

pub(crate) fn in_rows(buttons: impl Iterator<Item = Button>) -> Vec<ButtonRow> {
    let width = |button: &Button| button.title.chars().count() * LETTER + AROUND;
    let mut rows: Vec<ButtonRow> = Vec::new();
    let mut left = 0;
    for button in buttons {
        let needs = width(&button);
        match rows.last_mut() {
            Some(row) if needs <= left => row.buttons.push(button),
            _ => {
                rows.push(ButtonRow { buttons: vec![button] });
                left = WIDTH;
            }
        }
        left = left.saturating_sub(needs);
    }
    rows
}
