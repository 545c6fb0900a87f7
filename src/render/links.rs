//! Pure. Links into Qlik Sense and to the page, if their addresses are known and safe for a button.

use url::Url;

use crate::command::link;
use crate::config::is_loopback_host;
use crate::detection::{Kind, url_fault};
use crate::incident::{Notice, Reason};
use crate::render::Site;

/// The list of tasks in the QMC.
pub(crate) fn tasks(site: &Site) -> Option<String> {
    at(site, "/qmc/tasks")
}

/// The app, by its id.
pub(crate) fn app(site: &Site, id: Option<&str>) -> Option<String> {
    let id = id.filter(|id| !id.is_empty() && id.len() <= 64)?;
    if !id.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return None;
    }
    at(site, &format!("/sense/app/{id}"))
}

/// The app of a notice: at the address that its own system names, else by its id in the site.
pub(crate) fn app_of(notice: &Notice, site: &Site) -> Option<String> {
    let facts = &notice.facts;
    match &facts.tenant {
        // A tenant is no part of the site.
        Some(_) => facts.app_link.clone().filter(|url| is_safe(url)),
        None => app(site, facts.app_id.as_deref()),
    }
}

/// A path of the site.
pub(crate) fn at(site: &Site, path: &str) -> Option<String> {
    let url = site.url.as_deref()?.trim_end_matches('/');
    is_safe(url).then(|| format!("{url}{path}"))
}

/// The address at which people answer the notice. The link is signed when the card is sent. A
/// recovery needs no answer.
pub(crate) fn answer(site: &Site, notice: &Notice) -> Option<String> {
    let page = page_of(site, notice).filter(|_| notice.reason != Reason::Recovered)?;
    Some(format!("{page}{}{}", link::PATH, link::unsigned(notice.fingerprint.as_str())))
}

/// The incident on the page.
pub(crate) fn incident(site: &Site, notice: &Notice) -> Option<String> {
    Some(format!("{}/incidents/{}", page_of(site, notice)?, notice.fingerprint.as_str()))
}

/// The address of the page, for a notice of an incident that it shows.
fn page_of<'s>(site: &'s Site, notice: &Notice) -> Option<&'s str> {
    let is_hex = |print: &str| !print.is_empty() && print.bytes().all(|b| b.is_ascii_hexdigit());
    let is_shown = !matches!(notice.kind, Kind::Test | Kind::Heartbeat);
    site.page.as_deref().filter(|_| is_shown && is_hex(notice.fingerprint.as_str()))
}

/// Whether a button may open the URL: https, or a page of this machine; without credentials.
pub(crate) fn is_safe(url: &str) -> bool {
    url_fault(url).is_none() || is_of_this_machine(url)
}

/// A page that is read on the machine itself needs no TLS.
fn is_of_this_machine(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    url.scheme() == "http"
        && url.host_str().is_some_and(is_loopback_host)
        && url.username().is_empty()
        && url.password().is_none()
}
