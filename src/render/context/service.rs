//! Pure. The variables that name a Windows service and what is known of its outage.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::detect::Kind;
use crate::incident::Notice;
use crate::render::context::known;
use crate::render::words;

#[derive(Clone, Debug, Serialize)]
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
    pub(crate) fn new(notice: &Notice) -> Self {
        let capture =
            |name: &str, limit| notice.facts.captures.get(name).and_then(|text| known(text, limit));
        let up_since = capture("up_since", 40).and_then(|at| at.parse::<Timestamp>().ok());
        Self {
            service_name: capture("service_name", 100),
            service_id: capture("service", 100),
            was_up: up_since.map(|since| words::span(since, notice.since)),
            // Only services that start automatically are expected to run.
            start_type: (notice.kind == Kind::ServiceStopped).then_some("Automatic"),
            also_down: capture("also_down", 300),
            exit_code: capture("exit_code", 20),
        }
    }
}
