//! Pure. The variables of a Windows service and its outage.

use serde::Serialize;

use crate::detection::{Condition, Kind, Subject};
use crate::incident::Notice;
use crate::render::context::known;
use crate::render::{Site, catalog, words};

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceView {
    service_name: Option<String>,
    service_id: Option<String>,
    was_up: Option<String>,
    start_type: Option<&'static str>,
    also_down: Option<String>,
    exit_code: Option<String>,
}

impl ServiceView {
    pub(crate) fn new(notice: &Notice, site: &Site) -> Self {
        let labels = catalog::of(site.language).labels();
        // Only services with automatic start are watched.
        let start_type = (notice.kind == Kind::ServiceStopped).then_some(labels.automatic);
        let (Subject::Service { name, .. }, Condition::ServiceStopped(stop)) =
            (&notice.subject, &notice.condition)
        else {
            return Self { start_type, ..Self::default() };
        };
        Self {
            service_name: known(&stop.display_name, 100),
            service_id: known(name, 100),
            was_up: stop.up_since.map(|since| words::span(since, notice.since, site.language)),
            start_type,
            also_down: catalog::also_down(&stop.also_down).and_then(|names| known(&names, 300)),
            exit_code: Some(stop.exit_code.to_string()),
        }
    }
}
