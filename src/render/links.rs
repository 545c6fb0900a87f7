//! Pure. Links into Qlik Sense, if the site's URL is known and safe for a button.

use crate::detection::url_fault;
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

/// A path of the site.
pub(crate) fn at(site: &Site, path: &str) -> Option<String> {
    let url = site.url.as_deref()?.trim_end_matches('/');
    is_safe(url).then(|| format!("{url}{path}"))
}

/// Whether a button may open the URL: https, without credentials.
pub(crate) fn is_safe(url: &str) -> bool {
    url_fault(url).is_none()
}
