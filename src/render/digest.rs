//! Pure. Renders a digest: its causes, the worst first, each with what to do and the names of its
//! incidents.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::commit::About;
use crate::detection::Severity;
use crate::render::catalog::Catalog;
use crate::render::catalog::cards::HeadState;
use crate::render::context::head::{icon_of, severity_word, style_of};
use crate::render::{Site, body, catalog, clean, fit, plain, words};

/// Characters of one name, and the number of causes shown in full, from the largest layout to the
/// smallest; what does not fit is counted.
const ROOMS: [(usize, usize); 6] = [(60, 8), (40, 8), (24, 8), (24, 4), (16, 2), (0, 1)];
/// Characters of a cause and of what to do about it.
const CAUSE: usize = 160;
const ADVICE: usize = 200;

/// Several cards of one channel, merged into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    pub environment: Option<String>,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Cards of problems that have not recovered.
    pub problems: u32,
    /// Incidents that have recovered.
    pub over: u32,
    /// Number of merged cards.
    pub cards: u32,
    /// Incidents that are not among the entries.
    pub unnamed: u32,
    /// The causes of the problems, the worst first.
    pub causes: Vec<DigestCause>,
    /// The recovered incidents, as far as they are named.
    pub recovered: Vec<DigestEntry>,
}

/// One cause, with exact counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestCause {
    pub severity: Severity,
    pub incidents: u32,
    pub cards: u32,
    pub last: Timestamp,
    /// As far as they are named, the worst first.
    pub entries: Vec<DigestEntry>,
}

/// One incident of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestEntry {
    /// The summary of the card.
    pub what: String,
    pub about: About,
    /// Number of cards of this incident.
    pub times: u32,
}

/// Summary and card.
pub(crate) fn card(digest: &Digest, site: &Site) -> (String, Value) {
    let (title, banner) =
        (title(digest, site, None), title(digest, site, environment(digest).as_deref()));
    let card = |room| whole(digest, site, &banner, room);
    let fits = |card: &Value| fit::leaves_room(&body::json(card.clone()));
    let fitting = ROOMS.into_iter().map(card).find(fits);
    let card = fitting.unwrap_or_else(|| card((0, 0)));
    (title, card)
}

/// `Error in PROD: Reload failed: Sales · 26 problems in 12 s, shown as one card · 3 recovered`: a
/// phone shows only its beginning.
fn title(digest: &Digest, site: &Site, environment: Option<&str>) -> String {
    let catalog = catalog::of(site.language);
    let shown = heading(digest, site);
    let over = (digest.problems > 0 && digest.over > 0).then(|| catalog.digest_over(digest.over));
    let worst = digest.causes.first().and_then(|cause| Some((cause, cause.entries.first()?)));
    let worst = worst.map(|(cause, entry)| {
        let what = clean::line(&entry.what, 120);
        let what = if what.is_empty() { catalog.no_summary().to_owned() } else { what };
        format!("{}{what}", catalog.banner(&severity_word(cause.severity, site), environment))
    });
    let place = match environment {
        Some(environment) if worst.is_none() => format!("{environment}: "),
        _ => String::new(),
    };
    let parts = [worst, Some(shown), over].into_iter().flatten();
    place + &parts.collect::<Vec<_>>().join(" · ")
}

fn heading(digest: &Digest, site: &Site) -> String {
    let span = words::span(digest.from, digest.to, site.language);
    catalog::of(site.language).digest(digest.problems, digest.over, &span)
}

fn whole(digest: &Digest, site: &Site, banner: &str, (width, in_full): (usize, usize)) -> Value {
    let catalog = catalog::of(site.language);
    let node = clean::line(&site.node, 100);
    let (full, rest) = digest.causes.split_at(in_full.min(digest.causes.len()));
    let mut body = vec![head(digest, site)];
    body.extend(full.iter().map(|cause| in_container(&cause_lines(cause, site, width))));
    body.extend(others(rest, site, width).map(|lines| in_container(&[lines])));
    body.extend(recovered(digest, site, width).map(|line| in_container(&[line])));
    let n_named = |cause: &DigestCause| cause.entries.len();
    let all_named = digest.causes.iter().map(n_named).sum::<usize>() + digest.recovered.len();
    let hidden = if width == 0 { all_named } else { 0 };
    let unnamed = digest.unnamed as usize + hidden;
    if unnamed > 0 {
        body.push(plain::small(&catalog.unnamed(unnamed)));
    }
    body.push(plain::small(&catalog.stands_for(digest.cards, &node)));
    body::card(&clean::ellipsis(banner, 320), site.language, &body, &[])
}

fn environment(digest: &Digest) -> Option<String> {
    digest.environment.as_deref().map(|name| clean::line(name, 40).to_uppercase())
}

fn head(digest: &Digest, site: &Site) -> Value {
    let catalog = catalog::of(site.language);
    let worst = digest.causes.iter().map(|cause| cause.severity).max();
    let (icon, style, word) = match worst {
        Some(worst) => (icon_of(worst), style_of(worst), severity_word(worst, site)),
        None => ("✅", "good", catalog.head_state(HeadState::Recovered).to_owned()),
    };
    let node = clean::line(&site.node, 100);
    let place = [Some(word), environment(digest), Some(node)];
    let place: Vec<String> = place.into_iter().flatten().collect();
    let n = digest.causes.len();
    let span = format!("{} → {}", words::moment(digest.from, site), time(digest.to, site));
    let causes = (n > 1).then(|| catalog.causes(n));
    let when: Vec<String> = [Some(span), causes].into_iter().flatten().collect();
    plain::head(style, icon, &place.join(" · "), &heading(digest, site), &when.join(" · "))
}

fn time(at: Timestamp, site: &Site) -> String {
    words::clock(at, &site.timezone)
}

fn in_container(items: &[Value]) -> Value {
    json!({ "type": "Container", "separator": true, "spacing": "Medium", "items": items })
}

/// Severity and number, the cause, what to do, and the names.
fn cause_lines(cause: &DigestCause, site: &Site, width: usize) -> Vec<Value> {
    let catalog = catalog::of(site.language);
    let kind = cause.entries.first().and_then(|entry| entry.about.kind);
    let same = |entry: &&DigestEntry| entry.about.kind != kind;
    let kind = kind.filter(|_| !cause.entries.iter().any(|entry| same(&entry)));
    let units = catalog.units(kind, cause.incidents);
    let first = format!("{} · {units}", severity_word(cause.severity, site));
    let mut lines = vec![json!({ "type": "RichTextBlock", "inlines": [
        { "type": "TextRun", "text": format!("{}  ", icon_of(cause.severity)) },
        { "type": "TextRun", "text": first, "weight": "Bolder" },
    ]})];
    let text = cause_text(cause);
    let by = if text.is_some() { NamedBy::Name } else { NamedBy::WhatDiffers };
    if let Some(text) = text {
        lines.push(json!({ "type": "RichTextBlock", "spacing": "None", "inlines": [
            { "type": "TextRun", "text": text, "weight": "Bolder" },
        ]}));
    }
    let advice = cause.entries.iter().find_map(|entry| entry.about.advice.as_deref());
    if let Some(advice) = advice {
        let label = format!("{}: ", catalog.labels().what_to_do);
        lines.push(json!({ "type": "RichTextBlock", "spacing": "Small", "inlines": [
            { "type": "TextRun", "text": label, "weight": "Bolder" },
            { "type": "TextRun", "text": clean::ellipsis(advice, ADVICE) },
        ]}));
    }
    let last = catalog.last_at(&time(cause.last, site));
    let names = names(&cause.entries, by, width, cause.incidents, catalog);
    let names = [names, Some(last)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    lines.push(plain::small(&names));
    lines
}

/// The text of all its cards, or the title of their class if the texts differ.
fn cause_text(cause: &DigestCause) -> Option<String> {
    let first = &cause.entries.first()?.about;
    let differ = cause.entries.iter().any(|entry| entry.about.text != first.text);
    let text = match &first.title {
        Some(title) if differ => format!("{title}: {}", first.text),
        _ if differ => return None,
        _ => first.text.clone(),
    };
    Some(clean::line(&text, CAUSE)).filter(|text| !text.is_empty())
}

/// The name of an incident in the list of its group.
#[derive(Clone, Copy)]
enum NamedBy {
    Name,
    /// By its text if its name is only that of the node.
    WhatDiffers,
}

/// `Sales ×6 · Stock · … and 41 more`.
fn names(
    entries: &[DigestEntry],
    by: NamedBy,
    width: usize,
    incidents: u32,
    catalog: &dyn Catalog,
) -> Option<String> {
    if width == 0 || entries.is_empty() {
        return None;
    }
    let names: Vec<String> = entries.iter().map(|entry| name(entry, by, width, catalog)).collect();
    let more = (incidents as usize).saturating_sub(names.len());
    Some(catalog.list(&names.join(" · "), more))
}

/// The name, cut to `width` characters, with its count if more than one. A card of an earlier version
/// is named by its summary.
fn name(entry: &DigestEntry, by: NamedBy, width: usize, catalog: &dyn Catalog) -> String {
    let about = match by {
        NamedBy::WhatDiffers if entry.about.is_of_node => &entry.about.text,
        NamedBy::WhatDiffers | NamedBy::Name => &entry.about.name,
    };
    let about = clean::line(about, width);
    let summary = || clean::line(&entry.what, width);
    let name = if about.is_empty() { summary() } else { about };
    let name = if name.is_empty() { catalog.no_summary().to_owned() } else { name };
    if entry.times > 1 { format!("{name} ×{}", entry.times) } else { name }
}

/// The causes that are not shown in full, with the affected names.
fn others(causes: &[DigestCause], site: &Site, width: usize) -> Option<Value> {
    let catalog = catalog::of(site.language);
    if causes.is_empty() || width == 0 {
        return None;
    }
    let mut inlines = Vec::new();
    for group in causes.chunk_by(|one, next| one.severity == next.severity) {
        let severity = group.first()?.severity;
        let word = severity_word(severity, site);
        let n = group.iter().map(|cause| cause.incidents as usize).sum();
        let each = group.iter().filter_map(|cause| {
            names(&cause.entries, NamedBy::WhatDiffers, width, cause.incidents, catalog)
        });
        let each: Vec<String> = each.collect();
        let begin = if inlines.is_empty() { "" } else { " " };
        inlines.push(json!({ "type": "TextRun", "size": "Small", "weight": "Bolder",
            "text": format!("{begin}{}", catalog.also(&word, n)) }));
        inlines.push(json!({ "type": "TextRun", "size": "Small", "text": each.join(" · ") }));
    }
    Some(json!({ "type": "RichTextBlock", "inlines": inlines }))
}

fn recovered(digest: &Digest, site: &Site, width: usize) -> Option<Value> {
    let catalog = catalog::of(site.language);
    if digest.over == 0 {
        return None;
    }
    let names = names(&digest.recovered, NamedBy::WhatDiffers, width, digest.over, catalog);
    let names = names.map(|names| format!(" ({names})")).unwrap_or_default();
    Some(json!({ "type": "RichTextBlock", "inlines": [
        { "type": "TextRun", "text": catalog.recovered_meanwhile(digest.over), "weight": "Bolder" },
        { "type": "TextRun", "text": names },
    ]}))
}
